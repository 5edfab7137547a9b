import PyBytecode
import PySyntax

extension Compiler {
  func module(_ root: Module) throws(Abort) -> CodeBlueprint {
    enter(.module, known.moduleScope, scope: 0, line: 1)
    var returnsNone = true
    switch root {
    case .Module(let statements, _): try body(statements)
    case .Interactive(let statements):
      if hasAnnotations(statements) { emit(.setupAnnotations) }
      isInteractive = true
      try self.statements(statements)
    case .Expression(let value):
      try expression(value)
      returnsNone = false
    case .FunctionType: throw fail("this compiler does not handle FunctionTypes")
    }
    let code = try assemble(returnsNone: returnsNone)
    if overlooked != nil { throw Abort() }
    return code
  }

  /// The statements of a module or class, with `__annotations__` and `__doc__` first.
  func body(_ statements: ArenaList<Ref<Stmt>>) throws(Abort) {
    if unit.kind == .module && statements.count > 0 { at(statements[0].span) }
    if hasAnnotations(statements) { emit(.setupAnnotations) }
    var start = 0
    if options.optimize < 2, docstring(of: statements) != nil, case .Expr(let value) = statements[0].pointee.node {
      start = 1
      try expression(value)
      atNoLine()
      try name(known.doc, .Store)
    }
    for index in start..<max(start, statements.count) { try statement(statements[index]) }
  }

  /// An annotated assignment anywhere in the block, inner blocks of statements included but not definitions. CPython 3.11 does not look
  /// into `match`.
  private func hasAnnotations(_ statements: ArenaList<Ref<Stmt>>) -> Bool {
    for index in 0..<statements.count {
      switch statements[index].pointee.node {
      case .AnnAssign: return true
      case .For(let loop), .AsyncFor(let loop):
        if hasAnnotations(loop.pointee.body) || hasAnnotations(loop.pointee.orelse) { return true }
      case .While(_, let body, let orelse), .If(_, let body, let orelse):
        if hasAnnotations(body) || hasAnnotations(orelse) { return true }
      case .With(_, let body, _), .AsyncWith(_, let body, _): if hasAnnotations(body) { return true }
      case .Try(let block), .TryStar(let block):
        if hasAnnotations(block.pointee.body) || hasAnnotations(block.pointee.finalbody) || hasAnnotations(block.pointee.orelse) {
          return true
        }
        let handlers = block.pointee.handlers
        for position in 0..<handlers.count where hasAnnotations(handlers[position].body) { return true }
      default: break
      }
    }
    return false
  }
}
