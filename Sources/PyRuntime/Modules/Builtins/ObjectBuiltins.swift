/// Builtin functions about any object: attributes, identity, text.
enum ObjectBuiltins {
  static func declare(_ b: ModuleBuilder) {
    b.function("len", "($module, obj, /)", "Return the number of items in a container.", len)
    b.function("repr", "($module, obj, /)", "Return the canonical string representation of the object.", repr)
    b.function("ascii", "($module, obj, /)", "Return an ASCII-only representation of an object.", ascii)
    b.function("format", "($module, value, format_spec='', /)", "Return type(value).__format__(value, format_spec).", format)
    b.function(
      "isinstance", "($module, obj, class_or_tuple, /)", "Whether an object is an instance of a class or of a subclass thereof.",
      isInstance)
    b.function(
      "issubclass", "($module, cls, class_or_tuple, /)", "Whether 'cls' is derived from another class or is the same class.",
      isSubclass)
    b.function(
      "getattr", nil,
      "getattr(object, name[, default]) -> value\n\nGet a named attribute; with a default, that is returned when there is none.", getAttr)
    b.function("setattr", "($module, obj, name, value, /)", "Sets the named attribute to the specified value.", setAttr)
    b.function("hasattr", "($module, obj, name, /)", "Whether the object has an attribute with the given name.", hasAttr)
    b.function("delattr", "($module, obj, name, /)", "Deletes the named attribute from the given object.", delAttr)
    b.function("hash", "($module, obj, /)", "Return the hash value for the given object.", hash)
    b.function("id", "($module, obj, /)", "Return the identity of an object.", id)
    b.function("callable", "($module, obj, /)", "Return whether the object is callable.", isCallable)
    b.function("dir", nil, "dir([object]) -> list of strings\n\nNames of the object's attributes, or those in the current scope.", dir)
    b.function("vars", nil, "vars([object]) -> dictionary\n\nlocals() without argument, else object.__dict__.", vars)
  }

  private static func len(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try vm.int(try vm.length(v)) }
  private static func repr(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try vm.repr(v) }

  static func ascii(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    let r = try vm.repr(v)
    let s = r.as(StrLayout.self)
    if s.isASCII { return r }
    var out: [UInt8] = []
    for i in 0..<s.pointee.length {
      let c = s[codePoint: i]
      if c < 0x80 { out.append(UInt8(c)) } else { out.append(contentsOf: UnicodeErrors.escape(c).utf8) }
    }
    return try out.withRawBytes { p throws(Raised) in try vm.str(latin1: p) }
  }

  private static func format(_ vm: VM, _ m: Value, _ v: Value, _ spec: Value) throws(Raised) -> Value {
    if !spec.isNull && !spec.isStr { throw vm.raise(.typeError, "format() argument 2 must be str, not \(spec.argumentTypeName)") }
    return try vm.format(v, spec)
  }
  private static func isInstance(_ vm: VM, _ m: Value, _ v: Value, _ cls: Value) throws(Raised) -> Value {
    .bool(try vm.isInstance(v, cls))
  }
  private static func isSubclass(_ vm: VM, _ m: Value, _ v: Value, _ cls: Value) throws(Raised) -> Value {
    if v.isType, cls.isExact(rt.types.type), v.asType.pointee.flags.isDisjoint(with: .foreign) {
      return .bool(v.asType.isSubtype(of: cls.asType))
    }
    return .bool(try vm.isSubclass(v, cls))
  }

  private static func getAttr(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "getattr() takes no keyword arguments") }
    guard args.count >= 2 else {
      throw vm.raise(.typeError, "getattr expected at least 2 arguments, got \(args.count)")
    }
    guard args.count <= 3 else {
      throw vm.raise(.typeError, "getattr expected at most 3 arguments, got \(args.count)")
    }
    try checkName(vm, args[1])
    if args.count == 2 { return try vm.getAttribute(args[0], args[1]) }
    let found = try vm.getAttributeOrNull(args[0], args[1])
    return found.isNull ? args[2] : found
  }
  private static func checkName(_ vm: VM, _ name: Value) throws(Raised) {
    if !name.isStr { throw vm.raise(.typeError, "attribute name must be string, not '\(name.typeName)'") }
  }
  private static func setAttr(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    try checkName(vm, args[1])
    try vm.setAttribute(args[0], args[1], args[2])
    return .none
  }
  private static func hasAttr(_ vm: VM, _ m: Value, _ v: Value, _ name: Value) throws(Raised) -> Value {
    try checkName(vm, name)
    return .bool(try !vm.getAttributeOrNull(v, name).isNull)
  }
  private static func delAttr(_ vm: VM, _ m: Value, _ v: Value, _ name: Value) throws(Raised) -> Value {
    try checkName(vm, name)
    try vm.setAttribute(v, name, .null)
    return .none
  }
  private static func hash(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try vm.int(try vm.hash(v)) }
  private static func id(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try vm.identity(of: v) }
  private static func isCallable(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    .bool(v.type.pointee.slots.call != nil)
  }

  private static func dir(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "dir() takes no keyword arguments") }
    if args.count > 1 { throw vm.raise(.typeError, "dir expected at most 1 argument, got \(args.count)") }
    let names: Value
    if args.count == 0 {
      let locals = try vm.currentLocals()
      if locals.isNull { throw vm.raise(.systemError, "frame does not exist") }
      let keys = locals.isExact(rt.types.dict) ? locals : try vm.callMethod(locals, rt.pointee.names.keys)
      names = try vm.list(from: keys)
    } else {
      let method = Types.lookup(args[0].type, rt.pointee.names.__dir__)
      if method.isNull { throw vm.raise(.typeError, "object does not provide __dir__") }
      names = try vm.list(from: try SlotDispatch.call(vm, method, args[0]))
    }
    try Sorting.sort(vm, list: names.as(ListLayout.self), key: .null, reverse: false)
    return names
  }

  private static func vars(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "vars() takes no keyword arguments") }
    if args.count > 1 { throw vm.raise(.typeError, "vars expected at most 1 argument, got \(args.count)") }
    if args.count == 0 {
      let locals = try vm.currentLocals()
      if locals.isNull { throw vm.raise(.systemError, "frame does not exist") }
      return locals
    }
    let d = try vm.getAttributeOrNull(args[0], rt.pointee.names.__dict__)
    if d.isNull { throw vm.raise(.typeError, "vars() argument must have __dict__ attribute") }
    return d
  }
}

extension VM {
  /// What `id()` answers. Cells are aligned to 16 bytes and lie below 2⁴⁶, where what is no cell has a place of its own: most ints and
  /// constants have identities that fit inline, as programs keep tables of the objects they have seen by them.
  package func identity(of v: Value) throws(Raised) -> Value {
    let quick = VM.identityAtOnce(v)
    return quick.isNull ? try Ints.make(self, unsigned: v.isCell ? v.identity : v.bits) : quick
  }
  /// An identity that fits an inline int; else null.
  static func identityAtOnce(_ v: Value) -> Value {
    if v.isCell {
      let i = v.identity
      return i >> 47 == 0 ? Value(smallInt: Int(i)) : .null
    }
    if v.isSmallInt, case let i = v.smallInt &+ 1 << 41, i >= 0, i < 1 << 42 { return Value(smallInt: 1 << 46 | i << 4 | 1) }
    if v.bits >> 32 == Value.constantTag >> 32 { return Value(smallInt: 1 << 46 | Int(v.bits & 0xFFFF_FFFF) << 4 | 3) }
    return .null
  }
}
