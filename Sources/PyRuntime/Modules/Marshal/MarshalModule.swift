/// `marshal`
enum MarshalModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Reading and writing of values in the format of compiled modules.")
    try m.int("version", 4)
    m.function("dumps", "($module, value, version=version, /)", "The value as bytes.", dumps)
    m.function("loads", "($module, bytes, /)", "The value that a bytes-like object holds.", loads)
    m.function("dump", "($module, value, file, version=version, /)", "Writes the value to a binary file.", dump)
    m.function("load", "($module, file, /)", "Reads one value from a binary file.", load)
  }

  private static func version(_ vm: VM, _ v: Value) throws(Raised) -> Int { v.isNull ? 4 : try vm.asInt(v) }

  private static func dumps(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    try Marshal.dump(vm, args[0], version: try version(vm, args[1]))
  }
  private static func dump(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    let bytes = try Marshal.dump(vm, args[0], version: try version(vm, args[2]))
    return try vm.callMethod(args[1], "write", bytes)
  }
  private static func loads(_ vm: VM, _ module: Value, _ bytes: Value) throws(Raised) -> Value {
    var view = try vm.buffer(of: bytes, .simple)
    defer { vm.release(&view) }
    return try Marshal.load(vm, UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
  }

  /// A value in a file may be followed by others, so the file is put back to where the value ended.
  private static func load(_ vm: VM, _ module: Value, _ file: Value) throws(Raised) -> Value {
    let start = try vm.callMethod(file, "tell")
    let data = try vm.callMethod(file, "read")
    guard data.isBytes else { throw vm.raise(.typeError, "file.read() returned not bytes but \(data.typeName)") }
    var loader = try MarshalLoader(vm, UnsafeRawBufferPointer(data.as(BytesLayout.self).buffer))
    defer { loader.finish() }
    let begin = loader.cursor
    let v = try loader.object()
    _ = try vm.callMethod(file, "seek", try vm.binary(.add, start, try vm.int(loader.cursor - begin)))
    return try vm.withKept(data) { () throws(Raised) in v }
  }
}
