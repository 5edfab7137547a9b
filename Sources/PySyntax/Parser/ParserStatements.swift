/// Statements. Each routine pushes what it parsed on `stmts`.
extension Parser {
  mutating func statement() throws(ParseFailed) {
    switch kind {
    case .kIf: try ifStatement()
    case .kDef: try functionDefinition(pos, decorators: ArenaList(), isAsync: false)
    case .kClass: try classDefinition(decorators: ArenaList())
    case .kFor: try forStatement(pos, isAsync: false)
    case .kWith: try withStatement(pos, isAsync: false)
    case .kTry: try tryStatement()
    case .kWhile: try whileStatement()
    case .AT: try decorated()
    case .kAsync: try asyncStatement()
    case .NAME where isSoftKeyword(pos, ReservedName.match, 5):
      if try !matchStatement() { try simpleStatements() }
    default: try simpleStatements()
    }
  }

  mutating func simpleStatements() throws(ParseFailed) {
    while true {
      try simpleStatement()
      if accept(.NEWLINE) { return }
      try expect(.SEMI)
      if accept(.NEWLINE) { return }
    }
  }

  private mutating func simpleStatement() throws(ParseFailed) {
    let start = pos
    switch kind {
    case .kReturn:
      pos &+= 1
      let value: Ref<Expr>? = startsExpression(kind) || kind == .STAR ? try starExpressions() : nil
      stmts.push(stmt(start, .Return(value: value)))
    case .kImport: try importStatement()
    case .kFrom: try importFrom()
    case .kRaise:
      pos &+= 1
      var exc: Ref<Expr>?
      var cause: Ref<Expr>?
      if startsExpression(kind) {
        exc = try expression()
        if accept(.kFrom) { cause = try expression() }
      }
      stmts.push(stmt(start, .Raise(exc: exc, cause: cause)))
    case .kPass:
      pos &+= 1
      stmts.push(stmt(start, .Pass))
    case .kBreak:
      pos &+= 1
      stmts.push(stmt(start, .Break))
    case .kContinue:
      pos &+= 1
      stmts.push(stmt(start, .Continue))
    case .kDel: try deleteStatement()
    case .kYield:
      let value = try yieldExpression()
      stmts.push(stmt(start, .Expr(value: value)))
    case .kAssert:
      pos &+= 1
      let test = try expression()
      let msg: Ref<Expr>? = accept(.COMMA) ? try expression() : nil
      stmts.push(stmt(start, .Assert(test: test, msg: msg)))
    case .kGlobal:
      pos &+= 1
      let names = try nameList()
      stmts.push(stmt(start, .Global(names: names)))
    case .kNonlocal:
      pos &+= 1
      let names = try nameList()
      stmts.push(stmt(start, .Nonlocal(names: names)))
    default: try expressionStatement()
    }
  }

  private mutating func nameList() throws(ParseFailed) -> ArenaList<Name> {
    let mark = identifiers.count
    repeat { identifiers.push(try expectName()) } while accept(.COMMA)
    return identifiers.take(from: mark, arena)
  }

  /// Does the target of an annotation go on after a target in parentheses, as in `(a).b: int`? CPython's grammar has chosen `(a)` by
  /// then and finds no colon.
  private func beginsWithTarget(_ target: Ref<Expr>, _ start: Int) -> Bool {
    var (node, place) = (target, span(start))
    while node.span.lineno == place.lineno, node.span.col_offset == place.col_offset {
      place = node.span
      switch node.node {
      case .Attribute(let value, _, _), .Subscript(let value, _, _): node = value
      case .Call(let function, _, _): node = function
      default: return false
      }
    }
    if node == target { return false }
    switch node.node {
    case .Name, .Attribute, .Subscript: return true
    default: return false
    }
  }

  /// An expression, or any of the assignments that begin with one.
  private mutating func expressionStatement() throws(ParseFailed) {
    let start = pos
    let first = try starExpressions()
    switch kind {
    case .NEWLINE, .SEMI:
      stmts.push(stmt(start, .Expr(value: first)))
    case .EQUAL:
      let mark = exprs.count
      var value = first
      while accept(.EQUAL) {
        try setContext(value, .Store, allowStar: true)
        exprs.push(value)
        if kind == .kYield {
          value = try yieldExpression()
          if kind == .EQUAL { throw ParseFailed() }
        } else {
          value = try starExpressions()
        }
      }
      let targets = exprs.take(from: mark, arena)
      let comment = try typeComment()
      stmts.push(stmt(start, .Assign(targets: targets, value: value, type_comment: comment)))
    case .COLON:
      var simple = false
      switch first.node {
      case .Name: simple = tokens[start].kind == .NAME
      case .Attribute, .Subscript: break
      default: throw ParseFailed()
      }
      if tokens[start].kind == .LPAR, beginsWithTarget(first, start) { throw ParseFailed() }
      pos &+= 1
      try setContext(first, .Store, allowStar: false)
      let annotation = try expression()
      let value: Ref<Expr>? = accept(.EQUAL) ? try assignedValue() : nil
      stmts.push(stmt(start, .AnnAssign(target: first, annotation: annotation, value: value, simple: simple)))
    default:
      guard let op = augmentedOperator(kind) else {
        stmts.push(stmt(start, .Expr(value: first)))
        return
      }
      switch first.node {
      case .Name, .Attribute, .Subscript: break
      default: throw ParseFailed()
      }
      if tokens[start].kind == .LPAR, beginsWithTarget(first, start) { throw ParseFailed() }
      pos &+= 1
      try setContext(first, .Store, allowStar: false)
      let value = try assignedValue()
      stmts.push(stmt(start, .AugAssign(target: first, op: op, value: value)))
    }
  }

  private func augmentedOperator(_ kind: TokenKind) -> Operator? {
    switch kind {
    case .PLUSEQUAL: return .Add
    case .MINEQUAL: return .Sub
    case .STAREQUAL: return .Mult
    case .ATEQUAL: return .MatMult
    case .SLASHEQUAL: return .Div
    case .PERCENTEQUAL: return .Mod
    case .AMPEREQUAL: return .BitAnd
    case .VBAREQUAL: return .BitOr
    case .CIRCUMFLEXEQUAL: return .BitXor
    case .LEFTSHIFTEQUAL: return .LShift
    case .RIGHTSHIFTEQUAL: return .RShift
    case .DOUBLESTAREQUAL: return .Pow
    case .DOUBLESLASHEQUAL: return .FloorDiv
    default: return nil
    }
  }

  /// The text of a `# type:` comment, if one stands here.
  mutating func typeComment() throws(ParseFailed) -> ArenaBytes? {
    guard kind == .TYPE_COMMENT else { return nil }
    let token = tokens[pos]
    pos &+= 1
    let length = Int(token.end - token.start)
    if UTF8Text.problem(source + Int(token.start), length) != nil { throw ParseFailed() }
    return arena.bytes(copying: source + Int(token.start), count: length)
  }

  private mutating func deleteStatement() throws(ParseFailed) {
    let start = pos
    pos &+= 1
    let mark = exprs.count
    repeat {
      if exprs.count > mark && (kind == .SEMI || kind == .NEWLINE) { break }
      let target = try primary()
      try setContext(target, .Del, allowStar: false)
      exprs.push(target)
    } while accept(.COMMA)
    guard kind == .SEMI || kind == .NEWLINE else { throw ParseFailed() }
    stmts.push(stmt(start, .Delete(targets: exprs.take(from: mark, arena))))
  }

  // MARK: Imports

  private mutating func dottedName() throws(ParseFailed) -> Name {
    let first = pos
    let name = try expectName()
    guard kind == .DOT else { return name }
    var bytes = Array(names[name])
    while accept(.DOT) {
      bytes.append(0x2E)
      bytes.append(contentsOf: names[try expectName()])
    }
    _ = first
    return bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return name }
      return names.intern(base, count: buffer.count)
    }
  }

  private mutating func importStatement() throws(ParseFailed) {
    let start = pos
    pos &+= 1
    let mark = aliases.count
    repeat {
      let first = pos
      let name = try dottedName()
      let asname: Name? = accept(.kAs) ? try expectName() : nil
      aliases.push(Alias(span(first), name: name, asname: asname))
    } while accept(.COMMA)
    stmts.push(stmt(start, .Import(names: aliases.take(from: mark, arena))))
  }

  private mutating func importFrom() throws(ParseFailed) {
    let start = pos
    pos &+= 1
    var level: Int32 = 0
    while true {
      if accept(.DOT) { level &+= 1 } else if accept(.ELLIPSIS) { level &+= 3 } else { break }
    }
    var module: Name?
    if kind != .kImport || level == 0 { module = try dottedName() }
    try expect(.kImport)
    let mark = aliases.count
    if kind == .STAR {
      let first = pos
      pos &+= 1
      aliases.push(Alias(span(first), name: names.intern("*"), asname: nil))
    } else {
      let isParenthesized = accept(.LPAR)
      while true {
        let first = pos
        let name = try expectName()
        let asname: Name? = accept(.kAs) ? try expectName() : nil
        aliases.push(Alias(span(first), name: name, asname: asname))
        guard accept(.COMMA) else { break }
        if isParenthesized && kind == .RPAR { break }
      }
      if isParenthesized { try expect(.RPAR) }
    }
    let list = aliases.take(from: mark, arena)
    stmts.push(stmt(start, .ImportFrom(module: module, names: list, level: level)))
  }

  // MARK: Blocks

  mutating func block() throws(ParseFailed) -> ArenaList<Ref<Stmt>> {
    let mark = stmts.count
    if accept(.NEWLINE) {
      try expect(.INDENT)
      try enter()
      try blockStatements()
      depth &-= 1
      pos &+= 1
    } else {
      try simpleStatements()
    }
    return stmts.take(from: mark, arena)
  }

  private mutating func blockStatements() throws(ParseFailed) {
    repeat {
      try rememberedStatement()
    } while kind != .DEDENT
  }

  /// `else: ...`, empty if there is none.
  private mutating func elseBlock() throws(ParseFailed) -> ArenaList<Ref<Stmt>> {
    guard accept(.kElse) else { return ArenaList() }
    try expect(.COLON)
    return try block()
  }

  private mutating func ifStatement() throws(ParseFailed) {
    // Collected first and nested afterwards, so that a long chain costs no native stack.
    var branches: [(start: Int, test: Ref<Expr>, body: ArenaList<Ref<Stmt>>)] = []
    let start = pos
    pos &+= 1
    let test = try namedExpression()
    try expect(.COLON)
    let body = try block()
    while kind == .kElif {
      let branchStart = pos
      // CPython recurses here; whether its limit is hit is for the error pass to say.
      if branches.count > maxDepth &* 10 { throw ParseFailed() }
      pos &+= 1
      let branchTest = try namedExpression()
      try expect(.COLON)
      branches.append((branchStart, branchTest, try block()))
    }
    var orelse = try elseBlock()
    while let branch = branches.popLast() {
      var nested = compound(branch.start, .If(test: branch.test, body: branch.body, orelse: orelse))
      orelse = arena.list(copying: &nested, count: 1)
    }
    stmts.push(compound(start, .If(test: test, body: body, orelse: orelse)))
  }

  private mutating func whileStatement() throws(ParseFailed) {
    let start = pos
    pos &+= 1
    let test = try namedExpression()
    try expect(.COLON)
    let body = try block()
    let orelse = try elseBlock()
    stmts.push(compound(start, .While(test: test, body: body, orelse: orelse)))
  }

  private mutating func forStatement(_ start: Int, isAsync: Bool) throws(ParseFailed) {
    pos &+= 1
    let target = try starTargets()
    try expect(.kIn)
    let iter = try starExpressions()
    try expect(.COLON)
    let comment = try typeComment()
    let body = try block()
    let orelse = try elseBlock()
    let loop = arena.make(ForLoop(target: target, iter: iter, body: body, orelse: orelse, type_comment: comment))
    stmts.push(compound(start, isAsync ? .AsyncFor(loop) : .For(loop)))
  }

  private mutating func asyncStatement() throws(ParseFailed) {
    let start = pos
    pos &+= 1
    switch kind {
    case .kDef: try functionDefinition(start, decorators: ArenaList(), isAsync: true)
    case .kFor: try forStatement(start, isAsync: true)
    case .kWith: try withStatement(start, isAsync: true)
    default: throw ParseFailed()
    }
  }

  private mutating func withStatement(_ start: Int, isAsync: Bool) throws(ParseFailed) {
    pos &+= 1
    var items: ArenaList<WithItem>?
    if kind == .LPAR {
      // `with (a, b):` groups items, `with (a).b:` does not: only what follows the closing parenthesis tells.
      let point = checkpoint()
      uses(9)
      do throws(ParseFailed) {
        items = try parenthesizedWithItems()
      } catch {
        if depth > maxDepth { throw error }
        restore(point)
      }
    }
    var comment: ArenaBytes?
    if items == nil {
      let mark = withItems.count
      repeat { withItems.push(try withItem()) } while accept(.COMMA)
      try expect(.COLON)
      items = withItems.take(from: mark, arena)
      comment = try typeComment()
    }
    let body = try block()
    let list = items ?? ArenaList()
    stmts.push(
      compound(
        start,
        isAsync
          ? .AsyncWith(items: list, body: body, type_comment: comment) : .With(items: list, body: body, type_comment: comment)))
  }

  private mutating func parenthesizedWithItems() throws(ParseFailed) -> ArenaList<WithItem> {
    pos &+= 1
    let mark = withItems.count
    while true {
      withItems.push(try withItem())
      guard accept(.COMMA) else { break }
      if kind == .RPAR { break }
    }
    try expect(.RPAR)
    try expect(.COLON)
    return withItems.take(from: mark, arena)
  }

  private mutating func withItem() throws(ParseFailed) -> WithItem {
    let context = try expression()
    guard accept(.kAs) else { return WithItem(context_expr: context, optional_vars: nil) }
    let target = try starTarget()
    guard kind == .COMMA || kind == .RPAR || kind == .COLON else { throw ParseFailed() }
    return WithItem(context_expr: context, optional_vars: target)
  }

  private mutating func tryStatement() throws(ParseFailed) {
    let start = pos
    pos &+= 1
    try expect(.COLON)
    let body = try block()
    let mark = handlers.count
    var isStar = false
    while kind == .kExcept {
      let first = pos
      pos &+= 1
      let hasStar = accept(.STAR)
      if handlers.count == mark { isStar = hasStar } else if hasStar != isStar { throw ParseFailed() }
      var type: Ref<Expr>?
      var name: Name?
      if hasStar || kind != .COLON {
        type = try expression()
        if accept(.kAs) { name = try expectName() }
      }
      try expect(.COLON)
      let handlerBody = try block()
      handlers.push(ExceptHandler(blockSpan(first), type: type, name: name, body: handlerBody))
    }
    let hasHandlers = handlers.count > mark
    let list = handlers.take(from: mark, arena)
    let orelse = hasHandlers ? try elseBlock() : ArenaList()
    var finalbody = ArenaList<Ref<Stmt>>()
    if accept(.kFinally) {
      try expect(.COLON)
      finalbody = try block()
    } else if !hasHandlers {
      throw ParseFailed()
    }
    let node = arena.make(TryBlock(body: body, handlers: list, orelse: orelse, finalbody: finalbody))
    if isStar { uses(11) }
    stmts.push(compound(start, isStar ? .TryStar(node) : .Try(node)))
  }

  // MARK: Definitions

  private mutating func decorated() throws(ParseFailed) {
    let mark = exprs.count
    while accept(.AT) {
      exprs.push(try namedExpression())
      try expect(.NEWLINE)
    }
    let decorators = exprs.take(from: mark, arena)
    switch kind {
    case .kDef: try functionDefinition(pos, decorators: decorators, isAsync: false)
    case .kClass: try classDefinition(decorators: decorators)
    case .kAsync:
      let start = pos
      pos &+= 1
      guard kind == .kDef else { throw ParseFailed() }
      try functionDefinition(start, decorators: decorators, isAsync: true)
    default: throw ParseFailed()
    }
  }

  private mutating func classDefinition(decorators: ArenaList<Ref<Expr>>) throws(ParseFailed) {
    let start = pos
    pos &+= 1
    let name = try expectName()
    var bases = ArenaList<Ref<Expr>>()
    var named = ArenaList<Keyword>()
    if accept(.LPAR) {
      if !accept(.RPAR) { (bases, named) = try arguments(genexpStart: nil) }
    }
    try expect(.COLON)
    let body = try block()
    let node = arena.make(
      ClassDefinition(name: name, bases: bases, keywords: named, body: body, decorator_list: decorators))
    stmts.push(compound(start, .ClassDef(node)))
  }

  private mutating func functionDefinition(
    _ start: Int, decorators: ArenaList<Ref<Expr>>, isAsync: Bool
  ) throws(ParseFailed) {
    pos &+= 1
    let name = try expectName()
    try expect(.LPAR)
    let parameters = try parameters(isLambda: false)
    try expect(.RPAR)
    let returns: Ref<Expr>? = accept(.RARROW) ? try expression() : nil
    try expect(.COLON)
    var comment: ArenaBytes?
    if kind == .NEWLINE && kind(ahead: 1) == .TYPE_COMMENT {
      guard kind(ahead: 2) == .NEWLINE && kind(ahead: 3) == .INDENT else { throw ParseFailed() }
      pos &+= 1
      comment = try typeComment()
    } else if kind == .TYPE_COMMENT {
      comment = try typeComment()
      if kind == .NEWLINE && kind(ahead: 1) == .TYPE_COMMENT { throw ParseFailed() }
    }
    let body = try block()
    let node = arena.make(
      FunctionDefinition(
        name: name, args: parameters, body: body, decorator_list: decorators, returns: returns, type_comment: comment))
    stmts.push(compound(start, isAsync ? .AsyncFunctionDef(node) : .FunctionDef(node)))
  }

  mutating func lambda() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    pos &+= 1
    let parameters = try parameters(isLambda: true)
    try expect(.COLON)
    let body = try expression()
    return expr(start, .Lambda(args: parameters, body: body))
  }

  /// Parameters up to, not including, the closing `)` or the `:` of a lambda.
  private mutating func parameters(isLambda: Bool) throws(ParseFailed) -> Ref<Arguments> {
    let close: TokenKind = isLambda ? .COLON : .RPAR
    let mark = args.count
    let defaultMark = exprs.count
    var result = Arguments(
      posonlyargs: ArenaList(), args: ArenaList(), vararg: nil, kwonlyargs: ArenaList(), kw_defaults: ArenaList(),
      kwarg: nil, defaults: ArenaList())
    var sawSlash = false
    // Positional parameters.
    while kind == .NAME || kind == .SLASH {
      if accept(.SLASH) {
        if sawSlash || args.count == mark { throw ParseFailed() }
        sawSlash = true
        uses(8)
        result.posonlyargs = args.take(from: mark, arena)
        if kind != close { try expect(.COMMA) }
        continue
      }
      var parameter = try parameter(isLambda: isLambda, allowsStar: false)
      if accept(.EQUAL) {
        exprs.push(try expression())
      } else if exprs.count > defaultMark {
        throw ParseFailed()
      }
      try endParameter(&parameter, close, isLambda)
      args.push(parameter)
    }
    result.args = args.take(from: mark, arena)
    result.defaults = exprs.take(from: defaultMark, arena)
    if accept(.STAR) {
      if accept(.COMMA) {
        if kind != .NAME { throw ParseFailed() }
      } else {
        var parameter = try parameter(isLambda: isLambda, allowsStar: true)
        try endParameter(&parameter, close, isLambda)
        result.vararg = arena.make(parameter)
      }
      let optionalMark = optionalExprs.count
      while kind == .NAME {
        var parameter = try parameter(isLambda: isLambda, allowsStar: false)
        optionalExprs.push(accept(.EQUAL) ? try expression() : nil)
        try endParameter(&parameter, close, isLambda)
        args.push(parameter)
      }
      result.kwonlyargs = args.take(from: mark, arena)
      result.kw_defaults = optionalExprs.take(from: optionalMark, arena)
    }
    if accept(.DOUBLESTAR) {
      var parameter = try parameter(isLambda: isLambda, allowsStar: false)
      try endParameter(&parameter, close, isLambda)
      result.kwarg = arena.make(parameter)
    }
    if kind != close { throw ParseFailed() }
    return arena.make(result)
  }

  private mutating func parameter(isLambda: Bool, allowsStar: Bool) throws(ParseFailed) -> Arg {
    let start = pos
    let name = try expectName()
    var annotation: Ref<Expr>?
    if !isLambda && accept(.COLON) {
      annotation = allowsStar ? try starExpression() : try expression()
    }
    return Arg(span(start), arg: name, annotation: annotation, type_comment: nil)
  }

  /// The comma after a parameter, or none before the end of the list; a type comment may stand beside it.
  private mutating func endParameter(_ parameter: inout Arg, _ close: TokenKind, _ isLambda: Bool) throws(ParseFailed) {
    if accept(.COMMA) {
      if !isLambda { parameter.type_comment = try typeComment() }
      return
    }
    if !isLambda { parameter.type_comment = try typeComment() }
    if kind != close { throw ParseFailed() }
  }
}
