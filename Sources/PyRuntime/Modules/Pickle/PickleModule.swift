/// `_pickle`: what the standard library's `pickle` takes from C. Native because pickling is nothing but going through our objects: by
/// the C form every one of them crosses the bridge several times, which takes four times as long as pickle's Python form on our VM.
enum PickleModule {
  nonisolated(unsafe) static var pickler = Value.null
  nonisolated(unsafe) static var unpickler = Value.null
  nonisolated(unsafe) static var buffer = Value.null
  nonisolated(unsafe) static var picklerMemo = Value.null
  nonisolated(unsafe) static var unpicklerMemo = Value.null
  nonisolated(unsafe) static var pickleError = Value.null
  nonisolated(unsafe) static var picklingError = Value.null
  nonisolated(unsafe) static var unpicklingError = Value.null

  static let highest = 5, standard = 4

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Optimized C implementation for the Python pickle module.")
    pickleError = try exception(m, "PickleError", Value(rt.types[.exception]))
    picklingError = try exception(m, "PicklingError", pickleError)
    unpicklingError = try exception(m, "UnpicklingError", pickleError)
    try PickleNames.setUp(m.vm)
    pickler = Value(try m.type("Pickler", layoutSize: MemoryLayout<PicklerLayout>.size, PicklerType.declare))
    unpickler = Value(try m.type("Unpickler", layoutSize: MemoryLayout<UnpicklerLayout>.size, UnpicklerType.declare))
    buffer = Value(
      try m.type(
        "PickleBuffer", layoutSize: MemoryLayout<PickleBufferLayout>.size, flags: [.baseType, .weakReferenceable, .finalized],
        PickleBufferType.declare))
    picklerMemo = Value(
      try m.type("PicklerMemoProxy", layoutSize: MemoryLayout<PickleMemoProxyLayout>.size, flags: [], PickleMemoProxies.declarePickler))
    unpicklerMemo = Value(
      try m.type("UnpicklerMemoProxy", layoutSize: MemoryLayout<PickleMemoProxyLayout>.size, flags: [], PickleMemoProxies.declareUnpickler))
    m.function(
      "dump", "($module, /, obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)",
      "Write a pickled representation of obj to the open file object file.", dump)
    m.function(
      "dumps", "($module, /, obj, protocol=None, *, fix_imports=True, buffer_callback=None)",
      "Return the pickled representation of the object as a bytes object.", dumps)
    m.function(
      "load", "($module, /, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
      "Read and return an object from the pickle data stored in a file.", load)
    m.function(
      "loads", "($module, data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
      "Read and return an object from the given pickle data.", loads)
  }

  private static func exception(_ m: ModuleBuilder, _ name: StaticString, _ base: Value) throws(Raised) -> Value {
    let made = try m.exceptionClass(name, of: "_pickle", base: base)
    m.value(name, made)
    return made
  }

  static func error(_ vm: VM, _ kind: Value, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(kind, try vm.str(message))) } catch { return error }
  }
  static func pickling(_ vm: VM, _ message: String) -> Raised { error(vm, picklingError, message) }
  static func unpickling(_ vm: VM, _ message: String) -> Raised { error(vm, unpicklingError, message) }

  // MARK: functions

  private static func dump(_ vm: VM, _ module: Value, _ a: Args) throws(Raised) -> Value {
    let p = try PicklerType.borrow(vm)
    defer { PicklerType.giveBack(p) }
    try PicklerType.setProtocol(vm, p, a[2], fixImports: a[3], callback: a[4])
    try PicklerType.setOutput(vm, p, a[1])
    try PicklerType.dump(vm, Value(p), a[0])
    return .none
  }
  private static func dumps(_ vm: VM, _ module: Value, _ a: Args) throws(Raised) -> Value {
    let p = try PicklerType.borrow(vm)
    defer { PicklerType.giveBack(p) }
    try PicklerType.setProtocol(vm, p, a[1], fixImports: a[2], callback: a[3])
    var writer = PickleWriter(vm: vm, pickler: Value(p))
    defer { writer.out.free() }
    try writer.dump(a[0])
    return try writer.out.finish()
  }
  private static func load(_ vm: VM, _ module: Value, _ a: Args) throws(Raised) -> Value {
    let u = try UnpicklerType.make(vm)
    try UnpicklerType.setInput(vm, u, a[0])
    try UnpicklerType.setOptions(vm, u, fixImports: a[1], encoding: a[2], errors: a[3], buffers: a[4])
    return try UnpicklerType.load(vm, Value(u))
  }
  private static func loads(_ vm: VM, _ module: Value, _ a: Args) throws(Raised) -> Value {
    let u = try UnpicklerType.borrow(vm)
    defer { UnpicklerType.giveBack(u) }
    try UnpicklerType.setOptions(vm, u, fixImports: a[1], encoding: a[2], errors: a[3], buffers: a[4])
    if a[0].isExact(rt.types.bytes) {
      let data = a[0].as(BytesLayout.self)
      var reader = try PickleReader(vm, Value(u))
      defer { reader.free() }
      reader.setInput(UnsafeRawBufferPointer(start: data.bytes, count: data.pointee.count), holder: a[0])
      return try reader.load()
    }
    var view = try vm.buffer(of: a[0], .simple)
    defer { vm.release(&view) }
    var reader = try PickleReader(vm, Value(u))
    defer { reader.free() }
    if let memory = view.memory { reader.setInput(UnsafeRawBufferPointer(start: memory, count: view.byteCount), holder: a[0]) }
    return try reader.load()
  }
}

/// Opcodes of the pickle machine, by the letters of its documentation (`pickletools`).
enum PickleOp {
  static let mark = UInt8(ascii: "("), stop = UInt8(ascii: "."), pop = UInt8(ascii: "0"), popMark = UInt8(ascii: "1")
  static let dup = UInt8(ascii: "2"), float = UInt8(ascii: "F"), int = UInt8(ascii: "I"), binInt = UInt8(ascii: "J")
  static let binInt1 = UInt8(ascii: "K"), long = UInt8(ascii: "L"), binInt2 = UInt8(ascii: "M"), none = UInt8(ascii: "N")
  static let persID = UInt8(ascii: "P"), binPersID = UInt8(ascii: "Q"), reduce = UInt8(ascii: "R"), string = UInt8(ascii: "S")
  static let binString = UInt8(ascii: "T"), shortBinString = UInt8(ascii: "U"), unicode = UInt8(ascii: "V")
  static let binUnicode = UInt8(ascii: "X"), append = UInt8(ascii: "a"), build = UInt8(ascii: "b"), global = UInt8(ascii: "c")
  static let dict = UInt8(ascii: "d"), emptyDict = UInt8(ascii: "}"), appends = UInt8(ascii: "e"), get = UInt8(ascii: "g")
  static let binGet = UInt8(ascii: "h"), inst = UInt8(ascii: "i"), longBinGet = UInt8(ascii: "j"), list = UInt8(ascii: "l")
  static let emptyList = UInt8(ascii: "]"), obj = UInt8(ascii: "o"), put = UInt8(ascii: "p"), binPut = UInt8(ascii: "q")
  static let longBinPut = UInt8(ascii: "r"), setItem = UInt8(ascii: "s"), tuple = UInt8(ascii: "t"), emptyTuple = UInt8(ascii: ")")
  static let setItems = UInt8(ascii: "u"), binFloat = UInt8(ascii: "G"), binBytes = UInt8(ascii: "B"), shortBinBytes = UInt8(ascii: "C")
  // Protocol 2
  static let proto: UInt8 = 0x80, newObj: UInt8 = 0x81, ext1: UInt8 = 0x82, ext2: UInt8 = 0x83, ext4: UInt8 = 0x84
  static let tuple1: UInt8 = 0x85, tuple2: UInt8 = 0x86, tuple3: UInt8 = 0x87, newTrue: UInt8 = 0x88, newFalse: UInt8 = 0x89
  static let long1: UInt8 = 0x8A, long4: UInt8 = 0x8B
  // Protocol 4
  static let shortBinUnicode: UInt8 = 0x8C, binUnicode8: UInt8 = 0x8D, binBytes8: UInt8 = 0x8E, emptySet: UInt8 = 0x8F
  static let addItems: UInt8 = 0x90, frozenSet: UInt8 = 0x91, newObjEx: UInt8 = 0x92, stackGlobal: UInt8 = 0x93
  static let memoize: UInt8 = 0x94, frame: UInt8 = 0x95
  // Protocol 5
  static let byteArray8: UInt8 = 0x96, nextBuffer: UInt8 = 0x97, readOnlyBuffer: UInt8 = 0x98
}
