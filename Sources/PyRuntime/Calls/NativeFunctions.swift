/// Making and calling native functions: `builtin_function_or_method`, `method_descriptor`, `classmethod_descriptor`.
///
/// `minArgs`/`maxArgs` are an impossible pair (1, 0) until the first call parses the signature.
enum NativeFunctions {
  static func addMethod(
    _ vm: VM, to type: TypeRef, _ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ code: UnsafeRawPointer,
    _ shape: NativeShape, _ flags: NativeFlags
  ) {
    let f = vm.must { () throws(Raised) in
      try make(vm, descriptorType(flags), name, signature, doc, code, shape, flags)
    }
    let v = Value(f)
    f.pointee.owner = Value(type)
    if type.pointee.flags.contains(.adoptable) { f.pointee.flags.insert(.adoptable) }
    if flags.contains(.isStatic) {
      let wrapper = vm.must { () throws(Raised) in try StaticMethodType.make(vm, v) }
      vm.bootstrapStore(type.pointee.dict, name, wrapper)
      return
    }
    vm.bootstrapStore(type.pointee.dict, name, v)
  }

  private static func descriptorType(_ flags: NativeFlags) -> TypeRef {
    if flags.contains(.isStatic) { return rt.pointee.types.builtinFunction }
    if flags.contains(.isClassMethod) { return rt.pointee.types.classMethodDescriptor }
    return rt.pointee.types.methodDescriptor
  }

  static func addFunction(
    _ vm: VM, to module: Value, _ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ code: UnsafeRawPointer,
    _ shape: NativeShape
  ) {
    let f = vm.must { () throws(Raised) in
      try make(vm, rt.pointee.types.builtinFunction, name, signature, doc, code, shape, [])
    }
    let v = Value(f)
    f.pointee.receiver = module
    let dict = module.as(ModuleLayout.self).pointee.dict
    f.pointee.module = Dicts.get(dict, str: rt.pointee.names.__name__)
    vm.bootstrapStore(dict, name, v)
  }

  /// A function that a native module leaves to libpython: loaded at its first call.
  static func addDeferred(_ vm: VM, to module: Value, _ name: StaticString) {
    addFunction(vm, to: module, name, nil, nil, NoArgsCode { (_, _) throws(Raised) in .none }.code, .noArgs)
    let f = Dicts.get(vm, module.as(ModuleLayout.self).pointee.dict, name).as(NativeFunctionLayout.self)
    makeForeign(f, nil)
  }

  /// Lets every call of `f` go to `function` of CPython's.
  static func makeForeign(_ f: UnsafeMutablePointer<NativeFunctionLayout>, _ function: UnsafeMutableRawPointer?) {
    f.pointee.flags = [.raw, .foreign]
    f.pointee.shape = .many
    // No number of arguments takes the quick path.
    f.pointee.minArgs = 1
    f.pointee.maxArgs = 0
    f.pointee.parameters = function
    f.pointee.code =
      ManyCode { (vm, f, args) throws(Raised) in
        guard let call = rt.pointee.hooks.callForeign else {
          throw vm.raise(
            .notImplementedError, "\(fullName(f.as(NativeFunctionLayout.self))) needs libpython, which this program does not include")
        }
        return try call(vm, f, args)
      }.code
  }

  /// A function object of `type`; owner, receiver and module are still null.
  static func make(
    _ vm: VM, _ type: TypeRef, _ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ code: UnsafeRawPointer,
    _ shape: NativeShape, _ flags: NativeFlags
  ) throws(Raised) -> UnsafeMutablePointer<NativeFunctionLayout> {
    let interned = try vm.intern(name)
    let f = try vm.make(NativeFunctionLayout.self, type)
    f.pointee.code = code
    f.pointee.shape = shape
    f.pointee.flags = signature == nil ? flags.union(.raw) : flags
    f.pointee.minArgs = 1
    f.pointee.maxArgs = 0
    f.pointee.name = interned
    f.pointee.signature = StaticText(signature)
    f.pointee.doc = StaticText(doc)
    if signature == nil {
      switch shape {
      case .noArgs: (f.pointee.minArgs, f.pointee.maxArgs) = (0, 0)
      case .one: (f.pointee.minArgs, f.pointee.maxArgs) = (1, 1)
      case .two: (f.pointee.minArgs, f.pointee.maxArgs) = (2, 2)
      case .many: (f.pointee.minArgs, f.pointee.maxArgs) = (0, 255)
      }
    }
    return f
  }

  /// The same function bound to `receiver`: what looking up a method descriptor on an instance gives.
  static func bind(_ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, to receiver: Value) throws(Raised) -> Value {
    // Parsed here once, or every bound copy would parse for itself.
    if f.pointee.parameters == nil && !f.pointee.flags.contains(.raw) { _ = try parameters(vm, f) }
    let b = try vm.make(NativeFunctionLayout.self, rt.pointee.types.builtinFunction)
    let header = b.pointee.header
    b.pointee = f.pointee
    b.pointee.header = header
    b.pointee.receiver = receiver
    b.pointee.module = .null
    return Value(b)
  }

  // MARK: calling

  /// Calls the native code of `f` with `receiver` as its first parameter.
  @inline(__always)
  static func call(
    _ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ receiver: Value, _ args: Args
  ) throws(Raised) -> Value {
    if args.keywords.isNull && args.count >= Int(f.pointee.minArgs) && args.count <= Int(f.pointee.maxArgs)
      && !(f.pointee.flags.contains(.adoptable) && rt.pointee.adoptionActive && Adoption.isForeign(receiver))
    {
      switch f.pointee.shape {
      case .noArgs: return try NoArgsCode(code: f.pointee.code)(vm, receiver)
      case .one: return try OneCode(code: f.pointee.code)(vm, receiver, args[0])
      case .two: return try TwoCode(code: f.pointee.code)(vm, receiver, args[0], args[1])
      case .many:
        if !f.pointee.flags.isDisjoint(with: [.raw, .takesFewer]) || args.count == f.pointee.parameterCount {
          return try ManyCode(code: f.pointee.code)(vm, receiver, args)
        }
        return try callWithFewer(vm, f, receiver, args)
      }
    }
    return try callSlowly(vm, f, receiver, args)
  }

  /// A call by position that leaves out optional parameters of a function with a parsed signature: these are null.
  @inline(never)
  static func callWithFewer(
    _ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ receiver: Value, _ args: Args
  ) throws(Raised) -> Value {
    let base = vm.thread.pointee.stackTop
    let count = f.pointee.parameterCount
    guard vm.thread.pointee.stackLimit - base > count &+ 256 else { throw vm.raiseRecursionError(" while calling a Python object") }
    // All at once, up to eight: few are left out, and clearing them one by one would become a call of memset.
    var i = 8
    UnsafeMutableRawPointer(base).storeBytes(of: .zero, as: SIMD8<UInt64>.self)
    while i < count {
      base[i] = .null
      i &+= 1
    }
    i = 0
    while i < args.count {
      base[i] = args.base[i]
      i &+= 1
    }
    vm.thread.pointee.stackTop = base + count
    defer { vm.thread.pointee.stackTop = base }
    return try ManyCode(code: f.pointee.code)(vm, receiver, Args(base, count: count))
  }

  @inline(never)
  static func callSlowly(
    _ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ receiver: Value, _ args: Args
  ) throws(Raised) -> Value {
    if f.pointee.flags.contains(.adoptable), Adoption.isForeign(receiver), let forward = rt.pointee.bridgeHooks.forward {
      return try forward(vm, receiver, f.pointee.name, args)
    }
    if f.pointee.flags.contains(.raw) { return try callRaw(vm, f, receiver, args) }
    let spec = try parameters(vm, f)
    let title = FunctionTitle(f)
    return try vm.withStack(max(spec.pointee.count, 2)) { out throws(Raised) in
      try NativeArgumentBinder.bind(vm, spec, args, out, title)
      switch f.pointee.shape {
      case .noArgs: return try NoArgsCode(code: f.pointee.code)(vm, receiver)
      case .one: return try OneCode(code: f.pointee.code)(vm, receiver, out[0])
      case .two: return try TwoCode(code: f.pointee.code)(vm, receiver, out[0], out[1])
      case .many: return try ManyCode(code: f.pointee.code)(vm, receiver, Args(out, count: spec.pointee.count))
      }
    }
  }

  /// The parsed signature of a function that has one.
  private static func parameters(
    _ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>
  ) throws(Raised) -> UnsafeMutablePointer<ParameterSpec> {
    if let known = f.pointee.parameters { return known.assumingMemoryBound(to: ParameterSpec.self) }
    let spec = try ParameterSpec.parse(vm, f.pointee.signature.buffer)
    f.pointee.parameters = UnsafeMutableRawPointer(spec)
    f.pointee.parameterCount = spec.pointee.count
    let hasVariable = spec.pointee.varArgs >= 0 || spec.pointee.varKeywords >= 0
    if !hasVariable && spec.pointee.requiredKeywordOnly == 0 {
      f.pointee.minArgs = UInt8(clamping: spec.pointee.required)
      f.pointee.maxArgs = UInt8(clamping: spec.pointee.positional)
    }
    return spec
  }

  /// A function without a signature: its shape alone says what it takes.
  private static func callRaw(
    _ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ receiver: Value, _ args: Args
  ) throws(Raised) -> Value {
    if f.pointee.flags.contains(.foreign) { return try ManyCode(code: f.pointee.code)(vm, Value(f), args) }
    if f.pointee.shape == .many { return try ManyCode(code: f.pointee.code)(vm, receiver, args) }
    if args.keywordCount != 0 { throw vm.raise(.typeError, "\(fullName(f)) takes no keyword arguments") }
    switch f.pointee.shape {
    case .noArgs:
      if args.count != 0 { throw vm.raise(.typeError, "\(fullName(f)) takes no arguments (\(args.count) given)") }
      return try NoArgsCode(code: f.pointee.code)(vm, receiver)
    case .one:
      if args.count != 1 { throw vm.raise(.typeError, "\(fullName(f)) takes exactly one argument (\(args.count) given)") }
      return try OneCode(code: f.pointee.code)(vm, receiver, args[0])
    default:
      if args.count != 2 {
        throw vm.raise(.typeError, "\(f.pointee.name.swiftString) expected 2 arguments, got \(args.count)")
      }
      return try TwoCode(code: f.pointee.code)(vm, receiver, args[0], args[1])
    }
  }

  /// "list.append()", "time.sleep()", "len()": how CPython names a function in messages.
  static func fullName(_ f: UnsafeMutablePointer<NativeFunctionLayout>) -> String {
    let name = f.pointee.name.swiftString
    let owner = f.pointee.owner
    if !owner.isNull { return "\(TypeNames.qualname(owner.asType)).\(name)()" }
    let module = f.pointee.module
    if module.isStr, !Str.equal(module, "builtins") { return "\(module.swiftString).\(name)()" }
    return "\(name)()"
  }
}

/// Containers whose storage has moved into a CPython object.
enum Adoption {
  /// Whether the receiver's `foreign` word is set; false for types that are never adopted.
  static func isForeign(_ v: Value) -> Bool {
    guard v.hasTypeFlag(.adoptable) else { return false }
    if v.isList { return v.as(ListLayout.self).pointee.foreign != nil }
    if v.isDict { return v.as(DictLayout.self).pointee.foreign != nil }
    if v.isSetOrFrozenSet { return v.as(SetLayout.self).pointee.foreign != nil }
    return false
  }
}
