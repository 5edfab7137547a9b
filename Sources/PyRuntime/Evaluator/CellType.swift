/// `cell`: a variable shared between a function and the functions inside it.
enum CellType {
  static let trace: TraceFunction = { cell, raw in
    Tracer(raw).visit(cell.assumingMemoryBound(to: ClosureCellLayout.self).pointee.content)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("A variable shared between nested functions. cell(contents) makes one; without contents it is empty.")
    t.trace(trace)
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.compare = CompareCode(compare)
    t.slots.hash = nil
    t.getset("cell_contents", nil, getContents, setContents)
  }

  static func make(_ vm: VM, _ content: Value) throws(Raised) -> Value {
    let c = try vm.make(ClosureCellLayout.self, rt.types.cell)
    c.pointee.content = content
    return Value(c)
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "cell() takes no keyword arguments") }
    if args.count > 1 { throw vm.raise(.typeError, "cell expected at most 1 argument, got \(args.count)") }
    return try make(vm, args[0])
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let content = v.as(ClosureCellLayout.self).pointee.content
    let address = Addresses.hex(v)
    if content.isNull { return try vm.str("<cell at \(address): empty>") }
    return try vm.str("<cell at \(address): \(content.typeName) object at \(Addresses.hex(content))>")
  }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard a.isExact(rt.types.cell), b.isExact(rt.types.cell) else { return .notImplemented }
    let x = a.as(ClosureCellLayout.self).pointee.content
    let y = b.as(ClosureCellLayout.self).pointee.content
    if !x.isNull && !y.isNull { return try vm.compare(x, y, op) }
    let left = x.isNull ? 0 : 1
    let right = y.isNull ? 0 : 1
    switch op {
    case .lt: return .bool(left < right)
    case .le: return .bool(left <= right)
    case .eq: return .bool(left == right)
    case .ne: return .bool(left != right)
    case .gt: return .bool(left > right)
    case .ge: return .bool(left >= right)
    }
  }

  private static func getContents(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let content = v.as(ClosureCellLayout.self).pointee.content
    if content.isNull { throw vm.raise(.valueError, "Cell is empty") }
    return content
  }

  private static func setContents(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    v.as(ClosureCellLayout.self).pointee.content = value
  }
}

/// Addresses as `repr` shows them.
enum Addresses {
  static func hex(_ v: Value) -> String { "0x" + String(v.bits & 0xFFFF_FFFF_FFFF, radix: 16) }
}
