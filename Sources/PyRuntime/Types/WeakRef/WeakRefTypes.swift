/// `weakref.ref`
enum WeakRefType {
  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: WeakRefLayout.self).pointee.callback)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<WeakRefLayout> { v.as(WeakRefLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(trace)
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.call = ManyCode(call)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.repr = NoArgsCode(repr)
    t.member("__callback__", nil, offset: MemoryLayout<WeakRefLayout>.offset(of: \.callback))
    t.classMethod("__class_getitem__", "($type, item, /)", "See PEP 585", GenericAliasType.classGetItem)
  }

  private static func check(_ vm: VM, _ args: Args, _ name: String) throws(Raised) {
    if args.count < 1 { throw vm.raise(.typeError, "\(name) expected at least 1 argument, got 0") }
    if args.count > 2 { throw vm.raise(.typeError, "\(name) expected at most 2 arguments, got \(args.count)") }
  }
  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount != 0 && type == Value(rt.pointee.types.weakref) {
      throw vm.raise(.typeError, "ref() takes no keyword arguments")
    }
    try check(vm, args, "__new__")
    return try WeakRefs.make(vm, type.asType, args[0], args[1].isNone ? .null : args[1])
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "ref() takes no keyword arguments") }
    try check(vm, args, "__init__")
  }
  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "weakref.__call__() takes no keyword arguments") }
    if args.count != 0 { throw vm.raise(.typeError, "weakref.__call__() takes 0 positional arguments but \(args.count) were given") }
    let r = layout(v).pointee.referent
    return r.isNull ? .none : r
  }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let known = layout(v).pointee.hash
    if known != -1 { return known }
    let r = layout(v).pointee.referent
    if r.isNull { throw vm.raise(.typeError, "weak object has gone away") }
    let h = try vm.hash(r)
    layout(v).pointee.hash = h
    return h
  }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    let type = rt.pointee.types.weakref
    guard op == .eq || op == .ne, a.isInstance(of: type), b.isInstance(of: type) else { return .notImplemented }
    let x = layout(a).pointee.referent
    let y = layout(b).pointee.referent
    if x.isNull || y.isNull { return .bool((a == b) == (op == .eq)) }
    return try vm.compare(x, y, op)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let r = layout(v).pointee.referent
    if r.isNull { return try vm.str("<weakref at \(hexAddress(v)); dead>") }
    let name = try vm.getAttributeOrNull(r, rt.pointee.names.__name__)
    let suffix = name.isStr ? " (\(name.swiftString))" : ""
    return try vm.str("<weakref at \(hexAddress(v)); to '\(r.typeName)' at \(hexAddress(r))\(suffix)>")
  }
}

/// `weakref.proxy`: every operation goes to the referent.
enum WeakProxyType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(WeakRefType.trace)
    WeakProxies.declareObject(&t)
    WeakProxies.declareNumbers(&t)
    WeakProxies.declareContainers(&t)
  }
}
enum WeakCallableProxyType {
  static func declare(_ t: inout TypeBuilder) {
    WeakProxyType.declare(&t)
    t.slots.call = ManyCode { (vm, v, args) throws(Raised) in try vm.call(try WeakProxies.referent(vm, v), args) }
  }
}

enum WeakProxies {
  static func make(_ vm: VM, _ v: Value, _ callback: Value) throws(Raised) -> Value {
    let types = rt.pointee.types
    let type = v.type.pointee.slots.call == nil ? types.weakProxy : types.weakCallableProxy
    return try WeakRefs.make(vm, type, v, callback.isNone ? .null : callback)
  }

  @inline(__always)
  static func isProxy(_ v: Value) -> Bool { v.isExact(rt.pointee.types.weakProxy) || v.isExact(rt.pointee.types.weakCallableProxy) }

  static func referent(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let r = v.as(WeakRefLayout.self).pointee.referent
    if r.isNull { throw vm.raise(.referenceError, "weakly-referenced object no longer exists") }
    return r
  }
  /// The referent of a proxy, any other value itself.
  static func plain(_ vm: VM, _ v: Value) throws(Raised) -> Value { isProxy(v) ? try referent(vm, v) : v }

  static func declareObject(_ t: inout TypeBuilder) {
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      let r = v.as(WeakRefLayout.self).pointee.referent
      return try vm.str("<weakproxy at \(hexAddress(v)) to \(r.isNull ? "NoneType" : r.typeName) at \(r.isNull ? "0x0" : hexAddress(r))>")
    }
    t.slots.str = NoArgsCode { (vm, v) throws(Raised) in try vm.str(of: try referent(vm, v)) }
    t.slots.getAttribute = OneCode { (vm, v, name) throws(Raised) in try vm.getAttribute(try referent(vm, v), name) }
    t.slots.setAttribute = StoreCode { (vm, v, name, value) throws(Raised) in
      try vm.setAttribute(try referent(vm, v), name, value)
    }
    t.slots.compare = CompareCode { (vm, a, b, op) throws(Raised) in try vm.compare(try plain(vm, a), try plain(vm, b), op) }
    t.slots.bool = TestCode { (vm, v) throws(Raised) in try vm.isTrue(try referent(vm, v)) }
    t.slots.iter = NoArgsCode { (vm, v) throws(Raised) in try vm.iter(try referent(vm, v)) }
    t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
      let r = try referent(vm, v)
      guard let slot = r.type.pointee.slots.next else {
        throw vm.raise(.typeError, "Weakref proxy referenced a non-iterator '\(r.typeName)' object")
      }
      return try slot(vm, r)
    }
    t.method("__bytes__", nil, nil) { (vm, v) throws(Raised) in try vm.callMethod(try referent(vm, v), rt.pointee.names.__bytes__) }
    t.method("__reversed__", nil, nil) { (vm, v) throws(Raised) in
      try vm.call(Value(rt.pointee.types.reversed), try referent(vm, v))
    }
  }

  private static func binary(_ vm: VM, _ op: BinaryOp, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try vm.binary(op, try plain(vm, a), try plain(vm, b))
  }
  private static func inplace(_ vm: VM, _ op: BinaryOp, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try vm.inplace(op, try plain(vm, a), try plain(vm, b))
  }

  static func declareNumbers(_ t: inout TypeBuilder) {
    t.slots.add = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .add, a, b) }
    t.slots.subtract = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .subtract, a, b) }
    t.slots.multiply = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .multiply, a, b) }
    t.slots.remainder = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .remainder, a, b) }
    t.slots.leftShift = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .leftShift, a, b) }
    t.slots.rightShift = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .rightShift, a, b) }
    t.slots.and = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .and, a, b) }
    t.slots.xor = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .xor, a, b) }
    t.slots.or = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .or, a, b) }
    t.slots.floorDivide = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .floorDivide, a, b) }
    t.slots.trueDivide = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .trueDivide, a, b) }
    t.slots.matrixMultiply = OneCode { (vm, a, b) throws(Raised) in try binary(vm, .matrixMultiply, a, b) }
    t.slots.inplaceAdd = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .add, a, b) }
    t.slots.inplaceSubtract = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .subtract, a, b) }
    t.slots.inplaceMultiply = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .multiply, a, b) }
    t.slots.inplaceRemainder = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .remainder, a, b) }
    t.slots.inplaceLeftShift = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .leftShift, a, b) }
    t.slots.inplaceRightShift = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .rightShift, a, b) }
    t.slots.inplaceAnd = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .and, a, b) }
    t.slots.inplaceXor = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .xor, a, b) }
    t.slots.inplaceOr = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .or, a, b) }
    t.slots.inplaceFloorDivide = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .floorDivide, a, b) }
    t.slots.inplaceTrueDivide = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .trueDivide, a, b) }
    t.slots.inplaceMatrixMultiply = OneCode { (vm, a, b) throws(Raised) in try inplace(vm, .matrixMultiply, a, b) }
    t.slots.divmod = OneCode { (vm, a, b) throws(Raised) in
      let (x, y) = (try plain(vm, a), try plain(vm, b))
      return try vm.binarySlots(x, y, x.type.pointee.slots.divmod, y.type.pointee.slots.divmod)
    }
    t.slots.power = TwoCode { (vm, a, b, m) throws(Raised) in try vm.power(try plain(vm, a), try plain(vm, b), try plain(vm, m)) }
    t.slots.negative = NoArgsCode { (vm, v) throws(Raised) in try vm.negative(try referent(vm, v)) }
    t.slots.positive = NoArgsCode { (vm, v) throws(Raised) in try vm.positive(try referent(vm, v)) }
    t.slots.absolute = NoArgsCode { (vm, v) throws(Raised) in try vm.absolute(try referent(vm, v)) }
    t.slots.invert = NoArgsCode { (vm, v) throws(Raised) in try vm.invert(try referent(vm, v)) }
    t.slots.int = NoArgsCode { (vm, v) throws(Raised) in try vm.call(Value(rt.pointee.types.int), try referent(vm, v)) }
    t.slots.float = NoArgsCode { (vm, v) throws(Raised) in try vm.call(Value(rt.pointee.types.float), try referent(vm, v)) }
    t.slots.index = NoArgsCode { (vm, v) throws(Raised) in try vm.index(try referent(vm, v)) }
  }

  static func declareContainers(_ t: inout TypeBuilder) {
    t.slots.mappingLength = HashCode { (vm, v) throws(Raised) in try vm.length(try referent(vm, v)) }
    t.slots.subscripted = OneCode { (vm, v, key) throws(Raised) in try vm.getItem(try referent(vm, v), try plain(vm, key)) }
    t.slots.storeSubscript = StoreCode { (vm, v, key, value) throws(Raised) in
      try vm.setItem(try referent(vm, v), try plain(vm, key), value)
    }
    t.slots.contains = ContainsCode { (vm, v, item) throws(Raised) in try vm.contains(try referent(vm, v), try plain(vm, item)) }
  }
}
