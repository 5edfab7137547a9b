/// `builtin_function_or_method`
enum BuiltinFunctionType {
  typealias Ref = UnsafeMutablePointer<NativeFunctionLayout>

  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.nativeFunction)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.method("__reduce__", nil, nil, reduce)
    t.getset("__module__", nil, getModule, setModule)
    t.getset("__doc__", nil, NativeFunctionAttributes.doc)
    t.getset("__name__", nil, NativeFunctionAttributes.name)
    t.getset("__qualname__", nil, getQualname)
    t.getset("__self__", nil, getSelf)
    t.getset("__text_signature__", nil, NativeFunctionAttributes.textSignature)
  }

  static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    return try NativeFunctions.call(vm, f, f.pointee.receiver, args)
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    let name = f.pointee.name.swiftString
    let receiver = f.pointee.receiver
    if receiver.isNull || receiver.isInstance(of: rt.pointee.types.module) { return try vm.str("<built-in function \(name)>") }
    return try vm.str("<built-in method \(name) of \(receiver.typeName) object at \(hexAddress(receiver))>")
  }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let f = v.as(NativeFunctionLayout.self)
    let h = Int(bitPattern: f.pointee.code) ^ Int(bitPattern: UInt(f.pointee.receiver.bits >> 4))
    return h == -1 ? -2 : h
  }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne, b.isExact(rt.pointee.types.builtinFunction) else { return .notImplemented }
    let f = a.as(NativeFunctionLayout.self)
    let g = b.as(NativeFunctionLayout.self)
    let same =
      f.pointee.receiver == g.pointee.receiver && f.pointee.code == g.pointee.code && f.pointee.name == g.pointee.name
      && (!f.pointee.flags.contains(.foreign) || !receiverless(f) || f.pointee.parameters == g.pointee.parameters)
    return .bool(same == (op == .eq))
  }

  private static func receiverless(_ f: Ref) -> Bool { f.pointee.receiver.isNull }

  /// A function of a module pickles by name, a method by its receiver.
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    var receiver = f.pointee.receiver
    // A static method of a builtin type.
    if receiver.isNull && f.pointee.owner.isType { receiver = f.pointee.owner }
    if receiver.isNull || receiver.isInstance(of: rt.pointee.types.module) { return f.pointee.name }
    let getattr = Dicts.get(vm, rt.pointee.builtins, "getattr")
    return try vm.tuple(getattr, try vm.tuple(receiver, f.pointee.name))
  }
  private static func getModule(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = v.as(NativeFunctionLayout.self).pointee.module
    return m.isNull ? .none : m
  }
  private static func setModule(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    v.as(NativeFunctionLayout.self).pointee.module = value
    Heap.noteStore(v)
  }
  static func getQualname(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    if let foreign = try NativeFunctionAttributes.foreign(vm, v, "__qualname__") { return foreign }
    let receiver = f.pointee.receiver
    if receiver.isNull || receiver.isInstance(of: rt.pointee.types.module) {
      if f.pointee.owner.isType {
        return try vm.str("\(TypeNames.qualname(f.pointee.owner.asType)).\(f.pointee.name.swiftString)")
      }
      return f.pointee.name
    }
    let type = receiver.isType ? receiver.asType : receiver.type
    return try vm.str("\(TypeNames.qualname(type)).\(f.pointee.name.swiftString)")
  }
  private static func getSelf(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    if f.pointee.receiver.isNull && f.pointee.owner.isType { return f.pointee.owner }
    return f.pointee.receiver.isNull ? .none : f.pointee.receiver
  }
}

/// Attributes that all kinds of native functions share.
enum NativeFunctionAttributes {
  /// What CPython's own function object says, for a function that is one.
  static func foreign(_ vm: VM, _ v: Value, _ name: StaticString) throws(Raised) -> Value? {
    guard v.as(NativeFunctionLayout.self).pointee.flags.contains(.foreign), let ask = rt.pointee.hooks.foreignFunctionAttribute else {
      return nil
    }
    return try ask(vm, v, try vm.intern(name))
  }
  static func doc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if let foreign = try foreign(vm, v, "__doc__") { return foreign }
    let d = try v.as(NativeFunctionLayout.self).pointee.doc.str(vm)
    return d.isNull ? .none : d
  }
  static func name(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.as(NativeFunctionLayout.self).pointee.name }
  static func textSignature(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if let foreign = try foreign(vm, v, "__text_signature__") { return foreign }
    let s = try v.as(NativeFunctionLayout.self).pointee.signature.str(vm)
    return s.isNull ? .none : s
  }
  static func qualname(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    return try vm.str("\(TypeNames.qualname(f.pointee.owner.asType)).\(f.pointee.name.swiftString)")
  }
  static func owner(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.as(NativeFunctionLayout.self).pointee.owner }
  static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    let getattr = Dicts.get(vm, rt.pointee.builtins, "getattr")
    return try vm.tuple(getattr, try vm.tuple(f.pointee.owner, f.pointee.name))
  }
}

/// `method_descriptor`: a method of a builtin type as found in the type's dictionary.
enum MethodDescriptorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.nativeFunction)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.descriptorGet = TwoCode(bind)
    t.method("__reduce__", nil, nil, NativeFunctionAttributes.reduce)
    t.getset("__doc__", nil, NativeFunctionAttributes.doc)
    t.getset("__name__", nil, NativeFunctionAttributes.name)
    t.getset("__qualname__", nil, NativeFunctionAttributes.qualname)
    t.getset("__objclass__", nil, NativeFunctionAttributes.owner)
    t.getset("__text_signature__", nil, NativeFunctionAttributes.textSignature)
  }

  /// The first argument is the receiver.
  static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    guard args.count > 0 else {
      throw vm.raise(.typeError, "unbound method \(NativeFunctions.fullName(f)) needs an argument")
    }
    let receiver = args.base[0]
    let owner = f.pointee.owner.asType
    if receiver.type != owner && !receiver.isInstance(of: owner) { throw mismatch(vm, f, receiver) }
    return try NativeFunctions.call(vm, f, receiver, Args(args.base + 1, count: args.count &- 1, keywords: args.keywords))
  }

  static func mismatch(_ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ receiver: Value) -> Raised {
    vm.raise(
      .typeError,
      "descriptor '\(f.pointee.name.swiftString)' for '\(f.pointee.owner.asType.nameForMessages)' objects doesn't apply to a '\(receiver.typeName)' object"
    )
  }

  private static func bind(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    if instance.isNull { return v }
    let f = v.as(NativeFunctionLayout.self)
    if !instance.isInstance(of: f.pointee.owner.asType) { throw mismatch(vm, f, instance) }
    return try NativeFunctions.bind(vm, f, to: instance)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    return try vm.str("<method '\(f.pointee.name.swiftString)' of '\(f.pointee.owner.asType.nameForMessages)' objects>")
  }
}

/// `classmethod_descriptor`: binds to the class.
enum ClassMethodDescriptorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.nativeFunction)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.descriptorGet = TwoCode(bind)
    t.getset("__doc__", nil, NativeFunctionAttributes.doc)
    t.getset("__name__", nil, NativeFunctionAttributes.name)
    t.getset("__qualname__", nil, NativeFunctionAttributes.qualname)
    t.getset("__objclass__", nil, NativeFunctionAttributes.owner)
    t.getset("__text_signature__", nil, NativeFunctionAttributes.textSignature)
  }

  private static func check(_ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ cls: Value) throws(Raised) {
    let owner = f.pointee.owner.asType
    guard cls.isType else {
      throw vm.raise(
        .typeError,
        "descriptor '\(f.pointee.name.swiftString)' for type '\(owner.nameForMessages)' needs a type, not a '\(cls.typeName)' as arg 2")
    }
    guard cls.asType.isSubtype(of: owner) else {
      throw vm.raise(
        .typeError,
        "descriptor '\(f.pointee.name.swiftString)' requires a subtype of '\(owner.nameForMessages)' but received '\(cls.asType.nameForMessages)'"
      )
    }
  }

  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    guard args.count > 0 else {
      throw vm.raise(
        .typeError,
        "descriptor '\(f.pointee.name.swiftString)' of '\(f.pointee.owner.asType.nameForMessages)' object needs an argument")
    }
    try check(vm, f, args[0])
    return try NativeFunctions.call(vm, f, args[0], args.dropFirst(1))
  }

  private static func bind(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    let cls = owner.isNull ? Value(instance.type) : owner
    try check(vm, f, cls)
    return try NativeFunctions.bind(vm, f, to: cls)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = v.as(NativeFunctionLayout.self)
    return try vm.str("<method '\(f.pointee.name.swiftString)' of '\(f.pointee.owner.asType.nameForMessages)' objects>")
  }
}

/// `method`: a callable bound to its first argument.
enum BoundMethodType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("method(function, instance)\n--\n\nCreate a bound instance method object.")
    t.trace(DescriptorTrace.boundMethod)
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.getAttribute = OneCode(getAttribute)
    t.slots.descriptorGet = TwoCode(rebind)
    t.method("__reduce__", nil, nil, reduce)
    t.member("__func__", "the function", offset: MemoryLayout<BoundMethodLayout>.offset(of: \.function))
    t.member("__self__", "the instance", offset: MemoryLayout<BoundMethodLayout>.offset(of: \.receiver))
    t.getset("__doc__", nil, getDoc)
  }

  static func make(_ vm: VM, _ function: Value, _ receiver: Value) throws(Raised) -> Value {
    let m = try vm.make(BoundMethodLayout.self, rt.pointee.types.boundMethod)
    m.pointee.function = function
    m.pointee.receiver = receiver
    return Value(m)
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "method", "(function, instance, /)") { a throws(Raised) in
      if a[0].type.pointee.slots.call == nil { throw vm.raise(.typeError, "first argument must be callable") }
      if a[1].isNone { throw vm.raise(.typeError, "instance must not be None") }
      return try make(vm, a[0], a[1])
    }
  }

  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let m = v.as(BoundMethodLayout.self)
    let function = m.pointee.function
    return try SlotDispatch.prepending(vm, m.pointee.receiver, args) { all throws(Raised) in try vm.call(function, all) }
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = v.as(BoundMethodLayout.self)
    var name = try vm.getAttributeOrNull(m.pointee.function, rt.pointee.names.__qualname__)
    if !name.isStr { name = try vm.getAttributeOrNull(m.pointee.function, rt.pointee.names.__name__) }
    let shown = name.isStr ? name.swiftString : "?"
    return try vm.str("<bound method \(shown) of \(try vm.repr(m.pointee.receiver).swiftString)>")
  }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let m = v.as(BoundMethodLayout.self)
    let receiver = try ObjectType.hash(vm, m.pointee.receiver)
    let function = try vm.hash(m.pointee.function)
    let h = receiver ^ function
    return h == -1 ? -2 : h
  }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne, b.isExact(rt.pointee.types.boundMethod) else { return .notImplemented }
    let x = a.as(BoundMethodLayout.self)
    let y = b.as(BoundMethodLayout.self)
    let sameFunction = try vm.equal(x.pointee.function, y.pointee.function)
    let same = sameFunction && x.pointee.receiver == y.pointee.receiver
    return .bool(same == (op == .eq))
  }
  /// What a method does not have itself is the function's.
  private static func getAttribute(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> Value {
    let name = try vm.attributeName(rawName)
    let found = Types.lookup(v.type, name)
    if !found.isNull {
      if let get = found.type.pointee.slots.descriptorGet { return try get(vm, found, v, Value(v.type)) }
      return found
    }
    return try vm.getAttribute(v.as(BoundMethodLayout.self).pointee.function, name)
  }
  private static func rebind(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value { v }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = v.as(BoundMethodLayout.self)
    let name = try vm.getAttribute(m.pointee.function, rt.pointee.names.__name__)
    let getattr = Dicts.get(vm, rt.pointee.builtins, "getattr")
    return try vm.tuple(getattr, try vm.tuple(m.pointee.receiver, name))
  }
  private static func getDoc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.getAttribute(v.as(BoundMethodLayout.self).pointee.function, rt.pointee.names.__doc__)
  }
}
