/// Calls of dunder wrappers: from Python arguments to the slot's native signature.
enum SlotWrapper {
  static func call(
    _ vm: VM, _ entry: Int, _ code: UnsafeRawPointer, _ v: Value, _ args: Args, _ owner: TypeRef
  ) throws(Raised) -> Value {
    let kind = SlotTable.entries[entry].kind
    if args.keywordCount != 0 && kind != .call && kind != .initialize {
      throw vm.raise(.typeError, "wrapper \(SlotTable.entries[entry].name.swiftString)() takes no keyword arguments")
    }
    switch kind {
    case .unary:
      try check(vm, args, 0)
      return try NoArgsCode(code: code)(vm, v)
    case .next:
      try check(vm, args, 0)
      let r = try NoArgsCode(code: code)(vm, v)
      if r == .exhausted { throw vm.raise(.stopIteration) }
      return r
    case .hash:
      try check(vm, args, 0)
      return try vm.int(try HashCode(code: code)(vm, v))
    case .length:
      try check(vm, args, 0)
      return try vm.int(try HashCode(code: code)(vm, v))
    case .test:
      try check(vm, args, 0)
      return .bool(try TestCode(code: code)(vm, v))
    case .finalize:
      try check(vm, args, 0)
      VisitCode(code: code)(vm, v)
      return .none
    case .call: return try ManyCode(code: code)(vm, v, args)
    case .initialize:
      try NativeInitCode(code: code)(vm, v, args)
      return .none
    case .new: return .notImplemented
    case .binary, .binaryLeft:
      try check(vm, args, 1)
      return try OneCode(code: code)(vm, v, args[0])
    case .binaryRight:
      try check(vm, args, 1)
      return try OneCode(code: code)(vm, args[0], v)
    case .powerLeft:
      try unpack(vm, args, 1, 2)
      return try TwoCode(code: code)(vm, v, args[0], args.count > 1 ? args[1] : .none)
    case .powerRight:
      try unpack(vm, args, 1, 2)
      return try TwoCode(code: code)(vm, args[0], v, args.count > 1 ? args[1] : .none)
    case .inplacePower:
      try check(vm, args, 1)
      return try TwoCode(code: code)(vm, v, args[0], .none)
    case .contains:
      try check(vm, args, 1)
      return .bool(try ContainsCode(code: code)(vm, v, args[0]))
    case .lt, .le, .eq, .ne, .gt, .ge:
      try check(vm, args, 1)
      return try CompareCode(code: code)(vm, v, args[0], compareOp(kind))
    default: return try store(vm, kind, code, v, args, owner)
    }
  }

  private static func store(
    _ vm: VM, _ kind: SlotKind, _ code: UnsafeRawPointer, _ v: Value, _ args: Args, _ owner: TypeRef
  ) throws(Raised) -> Value {
    switch kind {
    case .setAttribute:
      try unpack(vm, args, 2, 2)
      try checkLayering(vm, v, StoreCode(code: code), "__setattr__")
      try StoreCode(code: code)(vm, v, args[0], args[1])
    case .deleteAttribute:
      try check(vm, args, 1)
      try checkLayering(vm, v, StoreCode(code: code), "__delattr__")
      try StoreCode(code: code)(vm, v, args[0], .null)
    case .descriptorGet:
      try unpack(vm, args, 1, 2)
      let instance = args[0].isNone ? Value.null : args[0]
      let type = args.count < 2 || args[1].isNone ? Value.null : args[1]
      if instance.isNull && type.isNull { throw vm.raise(.typeError, "__get__(None, None) is invalid") }
      return try TwoCode(code: code)(vm, v, instance, type)
    case .descriptorSet:
      try unpack(vm, args, 2, 2)
      try StoreCode(code: code)(vm, v, args[0], args[1])
    case .descriptorDelete:
      try check(vm, args, 1)
      try StoreCode(code: code)(vm, v, args[0], .null)
    case .sequenceItem:
      try check(vm, args, 1)
      return try IndexedCode(code: code)(vm, v, try position(vm, v, args[0]))
    case .indexed:
      try unpack(vm, args, 1, 1)
      return try IndexedCode(code: code)(vm, v, try vm.asIndex(args[0], overflow: .overflowError))
    case .sequenceStore:
      try unpack(vm, args, 2, 2)
      try StoreIndexedCode(code: code)(vm, v, try position(vm, v, args[0]), args[1])
    case .sequenceDelete:
      try check(vm, args, 1)
      try StoreIndexedCode(code: code)(vm, v, try position(vm, v, args[0]), .null)
    case .mappingStore:
      try unpack(vm, args, 2, 2)
      try StoreCode(code: code)(vm, v, args[0], args[1])
    case .mappingDelete:
      try check(vm, args, 1)
      try StoreCode(code: code)(vm, v, args[0], .null)
    default: return .notImplemented
    }
    return .none
  }

  private static func position(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Int {
    var i = try vm.asIndex(key, overflow: .overflowError)
    if i < 0, let length = v.type.pointee.slots.sequenceLength { i &+= try length(vm, v) }
    return i
  }

  static func compareOp(_ kind: SlotKind) -> CompareOp {
    switch kind {
    case .lt: return .lt
    case .le: return .le
    case .eq: return .eq
    case .ne: return .ne
    case .gt: return .gt
    default: return .ge
    }
  }

  private static func check(_ vm: VM, _ args: Args, _ n: Int) throws(Raised) {
    if args.count != n { throw vm.raise(.typeError, "expected \(n) argument\(n == 1 ? "" : "s"), got \(args.count)") }
  }
  /// The same by PyArg_UnpackTuple without a name, which is why the messages begin with a space.
  private static func unpack(_ vm: VM, _ args: Args, _ low: Int, _ high: Int) throws(Raised) {
    if args.count >= low && args.count <= high { return }
    let n = args.count < low ? low : high
    let bound = low == high ? "" : args.count < low ? "at least " : "at most "
    throw vm.raise(.typeError, " expected \(bound)\(n) argument\(n == 1 ? "" : "s"), got \(args.count)")
  }

  /// `object.__setattr__(SomeType, …)` must not get round the checks of the most derived builtin's own `__setattr__`.
  private static func checkLayering(_ vm: VM, _ v: Value, _ code: StoreCode, _ name: String) throws(Raised) {
    var type: TypeRef? = v.type
    while let t = type, t.pointee.flags.contains(.heapType) { type = t.pointee.base }
    guard let builtin = type, let own = builtin.pointee.slots.setAttribute, own != code else { return }
    if own == SlotTable.generic.setAttribute { return }
    // An instance of our class derived from one of CPython's has its attributes here.
    if builtin.pointee.flags.contains(.foreign), v.type.pointee.flags.contains(.heapType) { return }
    throw vm.raise(.typeError, "can't apply this \(name) to \(v.typeName) object")
  }
}
