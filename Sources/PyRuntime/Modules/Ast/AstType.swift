/// `ast.AST`
enum AstType {
  static func make(_ vm: VM) throws(Raised) -> TypeRef {
    let type = try TypeFactory.makeBuiltin(
      vm, "ast.AST", base: nil, layoutSize: MemoryLayout<CellHeader>.size, flags: [.baseType, .hasAttributes, .mutable], module: .null)
    let t = TypeBuilder(vm: vm, type: type)
    t.slots.new = NewCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(CellHeader.self, of: cls.asType)) }
    t.slots.initialize = NativeInitCode(initialize)
    t.method("__reduce__", "($self, /)", nil, reduce)
    t.attribute("_fields", rt.pointee.emptyTuple)
    t.attribute("_attributes", rt.pointee.emptyTuple)
    t.attribute("__match_args__", rt.pointee.emptyTuple)
    try TypeFactory.ready(vm, type)
    return type
  }

  /// Positional arguments are the class's `_fields` in order; keywords may name anything.
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    let type = v.type
    let fields = try vm.getAttributeOrNull(Value(type), "_fields")
    var count = 0
    if !fields.isNull { count = try vm.length(fields) }
    if args.count > count {
      throw vm.raise(
        .typeError, "\(TypeNames.short(type)) constructor takes at most \(count) positional argument\(count == 1 ? "" : "s")")
    }
    for i in 0..<args.count {
      let name = try vm.getItem(fields, try vm.int(i))
      try vm.setAttribute(v, try fieldName(vm, name), args[i])
    }
    for i in 0..<args.keywordCount {
      let name = args.keywordName(i)
      if args.count > 0 {
        // An earlier positional argument of the same name?
        for position in 0..<args.count where try vm.equal(try vm.getItem(fields, try vm.int(position)), name) {
          throw vm.raise(.typeError, "\(type.nameForMessages) got multiple values for argument '\(name.swiftString)'")
        }
      }
      try vm.setAttribute(v, name, args.keywordValue(i))
    }
  }

  private static func fieldName(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "attribute name must be string, not '\(name.typeName)'") }
    return name
  }

  /// The class, no arguments, and the instance's dictionary as state.
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let dict = try vm.getAttributeOrNull(v, rt.pointee.names.__dict__)
    if dict.isNull { return try vm.tuple(Value(v.type), rt.pointee.emptyTuple) }
    return try vm.tuple(Value(v.type), rt.pointee.emptyTuple, dict)
  }
}
