/// `types.GenericAlias`
struct GenericAliasLayout {
  var header: CellHeader
  var origin: Value, args: Value, parameters: Value
  var starred: Bool
}
enum GenericAliasType {
  static let trace: TraceFunction = { cell, tracer in
    let g = cell.assumingMemoryBound(to: GenericAliasLayout.self)
    let t = Tracer(tracer)
    t.visit(g.pointee.origin)
    t.visit(g.pointee.args)
    t.visit(g.pointee.parameters)
  }
  static func declare(_ t: inout TypeBuilder) { t.trace(trace) }
  static func make(_ vm: VM, _ origin: Value, _ item: Value) throws(Raised) -> Value {
    let args = item.isTuple ? item : try vm.tuple(item)
    let g = try vm.make(GenericAliasLayout.self, rt.pointee.types.genericAlias)
    g.pointee.origin = origin
    g.pointee.args = args
    return Value(g)
  }
  static func classGetItem(_ vm: VM, _ cls: Value, _ item: Value) throws(Raised) -> Value { try make(vm, cls, item) }
}
/// `types.UnionType`
struct UnionLayout {
  var header: CellHeader
  var args: Value, parameters: Value
}
enum UnionType {
  static let trace: TraceFunction = { cell, tracer in
    let g = cell.assumingMemoryBound(to: UnionLayout.self)
    let t = Tracer(tracer)
    t.visit(g.pointee.args)
    t.visit(g.pointee.parameters)
  }
  static func declare(_ t: inout TypeBuilder) { t.trace(trace) }
  static func or(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { .notImplemented }
  static func instanceCheck(_ vm: VM, _ u: Value, _ v: Value) throws(Raised) -> Value { .false }
  static func subclassCheck(_ vm: VM, _ u: Value, _ v: Value) throws(Raised) -> Value { .false }
}
