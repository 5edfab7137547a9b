/// What `classmethod` and `staticmethod` share.
enum MethodHolder {
  static func callable(_ v: Value) -> Value { v.as(MethodHolderLayout.self).pointee.callable }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.oneValue)
    let offset = MemoryLayout<MethodHolderLayout>.offset(of: \.callable)
    t.member("__func__", nil, offset: offset)
    t.member("__wrapped__", nil, offset: offset)
    t.getset("__isabstractmethod__", nil, isAbstract)
  }
  private static func isAbstract(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    .bool(try AbstractMethods.isAbstract(vm, callable(v)))
  }

  static func make(_ vm: VM, _ type: TypeRef, _ callable: Value) throws(Raised) -> Value {
    let h = try vm.instance(MethodHolderLayout.self, of: type)
    h.pointee.callable = callable
    return Value(h)
  }
  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(MethodHolderLayout.self, of: type.asType))
  }

  /// Stores the function and copies its name and docstring, as functools.wraps would.
  static func initialize(_ vm: VM, _ v: Value, _ args: Args, _ name: String) throws(Raised) {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "\(name)() takes no keyword arguments") }
    if args.count != 1 { throw vm.raise(.typeError, "\(name) expected 1 argument, got \(args.count)") }
    let f = args[0]
    v.as(MethodHolderLayout.self).pointee.callable = f
    let names = rt.pointee.names
    for name in [names.__module__, names.__name__, names.__qualname__, names.__doc__, names.__annotations__] {
      let value = try vm.getAttributeOrNull(f, name)
      if !value.isNull { try Attributes.set(vm, v, name, value) }
    }
  }
}

enum ClassMethodType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("classmethod(function) -> method\n\nConvert a function to be a class method.")
    MethodHolder.declare(&t)
    t.slots.new = NewCode(MethodHolder.new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.descriptorGet = TwoCode(get)
    t.slots.repr = NoArgsCode(repr)
  }
  static func make(_ vm: VM, _ f: Value) throws(Raised) -> Value {
    try MethodHolder.make(vm, rt.pointee.types.classmethod, f)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try MethodHolder.initialize(vm, v, args, "classmethod")
  }
  private static func get(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    let f = MethodHolder.callable(v)
    if f.isNull { throw vm.raise(.runtimeError, "uninitialized classmethod object") }
    let cls = owner.isNull ? Value(instance.type) : owner
    // A descriptor inside (a property) is asked for the class's sake.
    // A bound method is none for CPython: it is called with the class before its own arguments.
    if !f.isExact(rt.types.boundMethod), let get = f.type.pointee.slots.descriptorGet {
      return try vm.deeper("") { () throws(Raised) in try get(vm, f, cls, cls) }
    }
    return try BoundMethodType.make(vm, f, cls)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.str("<classmethod(\(try vm.repr(MethodHolder.callable(v)).swiftString))>")
  }
}

enum StaticMethodType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("staticmethod(function) -> method\n\nConvert a function to be a static method.")
    MethodHolder.declare(&t)
    t.slots.new = NewCode(MethodHolder.new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.descriptorGet = TwoCode(get)
    t.slots.call = ManyCode(call)
    t.slots.repr = NoArgsCode(repr)
  }
  static func make(_ vm: VM, _ f: Value) throws(Raised) -> Value {
    try MethodHolder.make(vm, rt.pointee.types.staticmethod, f)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try MethodHolder.initialize(vm, v, args, "staticmethod")
  }
  private static func get(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    let f = MethodHolder.callable(v)
    if f.isNull { throw vm.raise(.runtimeError, "uninitialized staticmethod object") }
    return f
  }
  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try vm.call(MethodHolder.callable(v), args)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.str("<staticmethod(\(try vm.repr(MethodHolder.callable(v)).swiftString))>")
  }
}
