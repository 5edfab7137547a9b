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

  /// Reads no more than the value: others may follow in the file.
  private static func load(_ vm: VM, _ module: Value, _ file: Value) throws(Raised) -> Value {
    let probe = try vm.callMethod(file, "read", Value(smallInt: 0))
    guard probe.isBytes else { throw vm.raise(.typeError, "file.read() returned not bytes but \(probe.typeName)") }
    var loader = try MarshalLoader(vm, file: file)
    defer { loader.finish() }
    // The bytes at hand are found through the loader, which lies on the native stack.
    return try withUnsafeMutablePointer(to: &loader) { p throws(Raised) in try p.pointee.object() }
  }
}
