/// `function`: creation and attributes. Calls are in `Calls` and `ArgumentBinder`.
enum FunctionType {
  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let f = cell.assumingMemoryBound(to: FunctionLayout.self)
    tracer.visitShared(f.pointee.code)
    tracer.visitShared(f.pointee.globals)
    tracer.visitShared(f.pointee.builtins)
    tracer.visitShared(f.pointee.name)
    tracer.visitShared(f.pointee.qualname)
    tracer.visit(f.pointee.defaults)
    tracer.visit(f.pointee.kwDefaults)
    tracer.visit(f.pointee.closure)
    tracer.visit(f.pointee.doc)
    tracer.visitShared(f.pointee.module)
    tracer.visit(f.pointee.annotations)
    tracer.visit(f.pointee.dict)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("function(code, globals, name=None, argdefs=None, closure=None)\n--\n\nCreate a function object.")
    t.trace(trace)
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.descriptorGet = TwoCode(bind)
    let closure = MemoryLayout<FunctionLayout>.offset(of: \.closure)
    t.member("__closure__", nil, offset: closure)
    t.member("__globals__", nil, offset: MemoryLayout<FunctionLayout>.offset(of: \.globals))
    t.member("__builtins__", nil, offset: MemoryLayout<FunctionLayout>.offset(of: \.builtins))
    t.getset("__doc__", nil, getDoc, setDoc)
    t.getset("__module__", nil, getModule, setModule)
    t.getset("__code__", nil, getCode, setCode)
    t.getset("__defaults__", nil, getDefaults, setDefaults)
    t.getset("__kwdefaults__", nil, getKwDefaults, setKwDefaults)
    t.getset("__annotations__", nil, getAnnotations, setAnnotations)
    t.getset("__name__", nil, getName, setName)
    t.getset("__qualname__", nil, getQualname, setQualname)
  }

  /// A function whose docstring, module and builtins follow from code and globals.
  static func make(_ vm: VM, code: Value, globals: Value, qualname: Value = .null) throws(Raised) -> Value {
    let c = code.as(CodeLayout.self)
    let builtins = try builtinsOf(vm, globals)
    let module = Dicts.get(globals, str: rt.names.__name__)
    let f = try vm.instance(FunctionLayout.self, of: rt.types.function)
    f.pointee.code = code
    f.pointee.globals = globals
    f.pointee.builtins = builtins
    f.pointee.name = c.pointee.name
    f.pointee.qualname = qualname.isNull ? c.pointee.qualname : qualname
    f.pointee.doc = c.pointee.hasDocstring ? c.pointee.constItems[0] : .none
    f.pointee.module = module.isNull ? .none : module
    f.pointee.version = nextVersion()
    return Value(f)
  }

  /// The same with the globals and builtins of a function in whose body it is made.
  static func make(_ vm: VM, code: Value, sibling: UnsafeMutablePointer<FunctionLayout>) throws(Raised) -> Value {
    guard code.isExact(rt.types.code) else { throw vm.raise(.systemError, "MAKE_FUNCTION without a code object") }
    let c = code.as(CodeLayout.self)
    let globals = sibling.pointee.globals
    let module = globals.isExact(rt.types.dict) ? Dicts.get(globals, str: rt.names.__name__) : .null
    let f = try vm.instance(FunctionLayout.self, of: rt.types.function)
    f.pointee.code = code
    f.pointee.globals = globals
    f.pointee.builtins = sibling.pointee.builtins
    f.pointee.name = c.pointee.name
    f.pointee.qualname = c.pointee.qualname
    f.pointee.doc = c.pointee.hasDocstring ? c.pointee.constItems[0] : .none
    f.pointee.module = module.isNull ? .none : module
    f.pointee.version = nextVersion()
    return Value(f)
  }

  static func nextVersion() -> UInt32 {
    let version = rt.pointee.nextFunctionVersion
    rt.pointee.nextFunctionVersion = version &+ 1
    return version
  }

  /// The dict that names not found in `globals` are looked up in: `__builtins__` of the globals (a module or a dict), else the
  /// builtins module's.
  static func builtinsOf(_ vm: VM, _ globals: Value) throws(Raised) -> Value {
    let found = Dicts.get(globals, str: rt.names.__builtins__)
    if found.isNull {
      // Those of the code that makes the function.
      guard let caller = vm.thread.pointee.frame?.assumingMemoryBound(to: Value.self) else { return rt.pointee.builtins }
      let own = caller.frameFunction.pointee.builtins
      return own.isDict ? own : rt.pointee.builtins
    }
    if found.hasTypeFlag(.dictSubclass) { return found }
    if found.isInstance(of: rt.types.module) { return found.as(ModuleLayout.self).pointee.dict }
    return found
  }

  // MARK: slots

  /// `FunctionType(code, globals, name=None, argdefs=None, closure=None)`
  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    var values = (Value.null, Value.null, Value.null, Value.null, Value.null)
    return try withValues(&values) { given throws(Raised) -> Value in
      let names: [StaticString] = ["code", "globals", "name", "argdefs", "closure"]
      try SlotArguments.bind(vm, args, "function", names, required: 2, into: given)
      let code = given[0], globals = given[1]
      guard code.isExact(rt.types.code) else {
        throw vm.raise(.typeError, "function() argument 'code' must be code, not \(code.argumentTypeName)")
      }
      guard globals.isDict else {
        throw vm.raise(.typeError, "function() argument 'globals' must be dict, not \(globals.argumentTypeName)")
      }
      let name = given[2], defaults = given[3], closure = given[4]
      if !name.isNull && !name.isNone && !name.isStr { throw vm.raise(.typeError, "arg 3 (name) must be None or string") }
      if !defaults.isNull && !defaults.isNone && !defaults.isTuple {
        throw vm.raise(.typeError, "arg 4 (defaults) must be None or tuple")
      }
      let c = code.as(CodeLayout.self)
      let frees = Int(c.pointee.nfrees)
      let hasClosure = !closure.isNull && !closure.isNone
      if hasClosure && !closure.isTuple || !hasClosure && frees > 0 {
        throw vm.raise(.typeError, frees > 0 ? "arg 5 (closure) must be tuple" : "arg 5 (closure) must be None or tuple")
      }
      let count = hasClosure ? closure.as(TupleLayout.self).pointee.count : 0
      if count != frees {
        throw vm.raise(.valueError, "\(c.pointee.name.swiftString) requires closure of length \(frees), not \(count)")
      }
      for i in 0..<count where !closure.as(TupleLayout.self).items[i].isExact(rt.types.cell) {
        let item = closure.as(TupleLayout.self).items[i]
        throw vm.raise(.typeError, "arg 5 (closure) expected cell, found \(item.typeName)")
      }
      let f = try make(vm, code: code, globals: globals)
      if !name.isNull && !name.isNone { f.as(FunctionLayout.self).pointee.name = name }
      if !defaults.isNull && !defaults.isNone { f.as(FunctionLayout.self).pointee.defaults = defaults }
      if count > 0 { f.as(FunctionLayout.self).pointee.closure = closure }
      return f
    }
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.str("<function \(v.as(FunctionLayout.self).pointee.qualname.swiftString) at \(Addresses.hex(v))>")
  }

  /// The general entry from native code: a nested evaluator.
  static func call(_ vm: VM, _ callee: Value, _ args: Args) throws(Raised) -> Value {
    try Evaluator.call(vm, callee, args)
  }

  private static func bind(_ vm: VM, _ function: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    if instance.isNull || instance.isNone && owner != Value(rt.types.noneType) { return function }
    let m = try vm.instance(BoundMethodLayout.self, of: rt.types.boundMethod)
    m.pointee.function = function
    m.pointee.receiver = instance
    return Value(m)
  }

  // MARK: attributes

  private static func layout(_ v: Value) -> UnsafeMutablePointer<FunctionLayout> { v.as(FunctionLayout.self) }
  private static func orNone(_ v: Value) -> Value { v.isNull ? .none : v }

  private static func getDoc(_ vm: VM, _ v: Value) throws(Raised) -> Value { orNone(layout(v).pointee.doc) }
  private static func setDoc(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    layout(v).pointee.doc = orNone(x)
    Heap.noteStore(v)
  }
  private static func getModule(_ vm: VM, _ v: Value) throws(Raised) -> Value { orNone(layout(v).pointee.module) }
  private static func setModule(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    layout(v).pointee.module = orNone(x)
    Heap.noteStore(v)
  }
  private static func getCode(_ vm: VM, _ v: Value) throws(Raised) -> Value { layout(v).pointee.code }
  private static func setCode(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    guard x.isExact(rt.types.code) else { throw vm.raise(.typeError, "__code__ must be set to a code object") }
    let closure = layout(v).pointee.closure
    let has = closure.isNull ? 0 : closure.as(TupleLayout.self).pointee.count
    let needs = Int(x.as(CodeLayout.self).pointee.nfrees)
    if has != needs {
      let name = layout(v).pointee.name.swiftString
      throw vm.raise(.valueError, "\(name)() requires a code object with \(has) free vars, not \(needs)")
    }
    if x == layout(v).pointee.code { return }
    try RunningCode.detach(vm, layout(v))
    layout(v).pointee.code = x
    Heap.noteStore(v)
    layout(v).pointee.version = nextVersion()
  }
  private static func getDefaults(_ vm: VM, _ v: Value) throws(Raised) -> Value { orNone(layout(v).pointee.defaults) }
  private static func setDefaults(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    if !x.isNull && !x.isNone && !x.isTuple { throw vm.raise(.typeError, "__defaults__ must be set to a tuple object") }
    layout(v).pointee.defaults = x.isNone ? .null : x
    Heap.noteStore(v)
    layout(v).pointee.version = nextVersion()
  }
  private static func getKwDefaults(_ vm: VM, _ v: Value) throws(Raised) -> Value { orNone(layout(v).pointee.kwDefaults) }
  private static func setKwDefaults(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    if !x.isNull && !x.isNone && !x.isDict { throw vm.raise(.typeError, "__kwdefaults__ must be set to a dict object") }
    layout(v).pointee.kwDefaults = x.isNone ? .null : x
    Heap.noteStore(v)
    layout(v).pointee.version = nextVersion()
  }
  /// The compiler stores annotations as a flat tuple of names and values; the first look makes it a dict.
  private static func getAnnotations(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let annotations = layout(v).pointee.annotations
    if annotations.isExact(rt.types.tuple) {
      let d = try vm.dict()
      let t = annotations.as(TupleLayout.self)
      var i = 0
      while i &+ 1 < t.pointee.count {
        try Dicts.set(vm, d, t.items[i], t.items[i &+ 1])
        i &+= 2
      }
      layout(v).pointee.annotations = d
      Heap.noteStore(v)
      return d
    }
    if !annotations.isNull { return annotations }
    let d = try vm.dict()
    layout(v).pointee.annotations = d
    Heap.noteStore(v)
    return d
  }
  private static func setAnnotations(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    if !x.isNull && !x.isNone && !x.isDict { throw vm.raise(.typeError, "__annotations__ must be set to a dict object") }
    layout(v).pointee.annotations = x.isNone ? .null : x
    Heap.noteStore(v)
  }
  private static func getName(_ vm: VM, _ v: Value) throws(Raised) -> Value { layout(v).pointee.name }
  private static func setName(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    if !x.isStr { throw vm.raise(.typeError, "__name__ must be set to a string object") }
    layout(v).pointee.name = x
    Heap.noteStore(v)
  }
  private static func getQualname(_ vm: VM, _ v: Value) throws(Raised) -> Value { layout(v).pointee.qualname }
  private static func setQualname(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    if !x.isStr { throw vm.raise(.typeError, "__qualname__ must be set to a string object") }
    layout(v).pointee.qualname = x
    Heap.noteStore(v)
  }
}

/// Arguments of the few slots (`__new__`) that bind keywords here.
enum SlotArguments {
  /// Puts the arguments into `values[0 ..< names.count]`, null for those omitted.
  static func bind(
    _ vm: VM, _ args: Args, _ function: String, _ names: [StaticString], required: Int, into values: UnsafeMutablePointer<Value>
  ) throws(Raised) {
    if args.count > names.count {
      let counted = args.count + args.keywordCount
      throw vm.raise(.typeError, "\(function)() takes at most \(names.count) arguments (\(counted) given)")
    }
    for i in 0..<args.count { values[i] = args[i] }
    for k in 0..<args.keywordCount {
      var found = false
      for i in 0..<names.count where !found && Str.equal(args.keywordName(k), names[i]) {
        if !values[i].isNull {
          throw vm.raise(
            .typeError, "argument for \(function)() given by name ('\(names[i])') and position (\(i + 1))")
        }
        values[i] = args.keywordValue(k)
        found = true
      }
      if !found {
        throw vm.raise(.typeError, "'\(args.keywordName(k).swiftString)' is an invalid keyword argument for \(function)()")
      }
    }
    for i in 0..<required where values[i].isNull {
      throw vm.raise(.typeError, "\(function)() missing required argument '\(names[i])' (pos \(i + 1))")
    }
  }
}
