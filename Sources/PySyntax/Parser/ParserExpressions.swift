/// Expressions, by precedence climbing. A level that has nothing to do returns its operand unchanged.
extension Parser {
  /// `expression (',' expression)* [',']`
  mutating func expressions() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    let first = try expression()
    guard kind == .COMMA else { return first }
    let mark = exprs.count
    exprs.push(first)
    while accept(.COMMA) {
      guard startsExpression(kind) else { break }
      exprs.push(try expression())
    }
    return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Load))
  }

  /// `star_expression (',' star_expression)* [',']`
  mutating func starExpressions() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    let first = try starExpression()
    guard kind == .COMMA else { return first }
    let mark = exprs.count
    exprs.push(first)
    while accept(.COMMA) {
      guard startsExpression(kind) || kind == .STAR else { break }
      exprs.push(try starExpression())
    }
    return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Load))
  }

  @inline(__always)
  mutating func starExpression() throws(ParseFailed) -> Ref<Expr> {
    if kind == .STAR {
      let start = pos
      pos &+= 1
      let value = try binary(1)
      return expr(start, .Starred(value: value, ctx: .Load))
    }
    return try expression()
  }

  /// Can a token begin an expression? Used after a comma that may be the last.
  @inline(__always)
  func startsExpression(_ kind: TokenKind) -> Bool {
    switch kind {
    case .NAME, .NUMBER, .STRING, .LPAR, .LSQB, .LBRACE, .PLUS, .MINUS, .TILDE, .ELLIPSIS, .kFalse, .kNone, .kTrue, .kAwait,
      .kLambda, .kNot:
      return true
    default: return false
    }
  }

  @inline(__always)
  mutating func starNamedExpression() throws(ParseFailed) -> Ref<Expr> {
    if kind == .STAR {
      let start = pos
      pos &+= 1
      let value = try binary(1)
      return expr(start, .Starred(value: value, ctx: .Load))
    }
    return try namedExpression()
  }

  mutating func namedExpression() throws(ParseFailed) -> Ref<Expr> {
    if kind == .NAME && kind(ahead: 1) == .COLONEQUAL {
      let start = pos
      let name = tokenName
      pos &+= 1
      let target = expr(start, .Name(id: name, ctx: .Store))
      pos &+= 1
      uses(8)
      let value = try expression()
      return expr(start, .NamedExpr(target: target, value: value))
    }
    let value = try expression()
    if kind == .COLONEQUAL { throw ParseFailed() }
    return value
  }

  mutating func yieldExpression() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    try expect(.kYield)
    if accept(.kFrom) {
      let value = try expression()
      return expr(start, .YieldFrom(value: value))
    }
    if startsExpression(kind) || kind == .STAR {
      let value = try starExpressions()
      return expr(start, .Yield(value: value))
    }
    return expr(start, .Yield(value: nil))
  }

  /// `yield_expr | star_expressions`
  @inline(__always)
  mutating func assignedValue() throws(ParseFailed) -> Ref<Expr> {
    kind == .kYield ? try yieldExpression() : try starExpressions()
  }

  mutating func expression() throws(ParseFailed) -> Ref<Expr> {
    try enter()
    if kind == .kLambda {
      let result = try lambda()
      depth &-= 1
      return result
    }
    let start = pos
    let body = try disjunction()
    if kind == .kIf {
      pos &+= 1
      let test = try disjunction()
      try expect(.kElse)
      let orelse = try expression()
      depth &-= 1
      return expr(start, .IfExp(test: test, body: body, orelse: orelse))
    }
    depth &-= 1
    return body
  }

  mutating func disjunction() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    var left = try inversion()
    if kind == .kAnd { left = try conjunctionRest(start, left) }
    if kind == .kOr {
      let mark = exprs.count
      exprs.push(left)
      while accept(.kOr) {
        let operandStart = pos
        var operand = try inversion()
        if kind == .kAnd { operand = try conjunctionRest(operandStart, operand) }
        exprs.push(operand)
      }
      return expr(start, .BoolOp(op: .Or, values: exprs.take(from: mark, arena)))
    }
    return left
  }

  @inline(never)
  private mutating func conjunctionRest(_ start: Int, _ left: Ref<Expr>) throws(ParseFailed) -> Ref<Expr> {
    let mark = exprs.count
    exprs.push(left)
    while accept(.kAnd) { exprs.push(try inversion()) }
    return expr(start, .BoolOp(op: .And, values: exprs.take(from: mark, arena)))
  }

  @inline(__always)
  private mutating func inversion() throws(ParseFailed) -> Ref<Expr> {
    if kind == .kNot { return try not() }
    let start = pos
    let left = try binary(1)
    switch kind {
    case .EQEQUAL, .NOTEQUAL, .LESS, .LESSEQUAL, .GREATER, .GREATEREQUAL, .kIn, .kIs, .kNot:
      return try comparisonRest(start, left)
    default:
      return left
    }
  }

  private mutating func not() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    pos &+= 1
    try enter()
    let operand = try inversion()
    depth &-= 1
    return expr(start, .UnaryOp(op: .Not, operand: operand))
  }

  @inline(never)
  private mutating func comparisonRest(_ start: Int, _ left: Ref<Expr>) throws(ParseFailed) -> Ref<Expr> {
    let mark = exprs.count
    let opMark = compareOps.count
    while let op = try compareOperator() {
      exprs.push(try binary(1))
      compareOps.push(op)
    }
    if exprs.count == mark { return left }
    let comparators = exprs.take(from: mark, arena)
    return expr(start, .Compare(left: left, ops: compareOps.take(from: opMark, arena), comparators: comparators))
  }

  private mutating func compareOperator() throws(ParseFailed) -> CompareOperator? {
    switch kind {
    case .EQEQUAL:
      pos &+= 1
      return .Eq
    case .NOTEQUAL:
      // `<>` and `!=` are one token kind; which is allowed depends on a joke.
      let isLessGreater = source[Int(tokens[pos].start)] == 0x3C
      if isLessGreater != flags.contains(.barryAsBDFL) { throw ParseFailed() }
      pos &+= 1
      return .NotEq
    case .LESS:
      pos &+= 1
      return .Lt
    case .LESSEQUAL:
      pos &+= 1
      return .LtE
    case .GREATER:
      pos &+= 1
      return .Gt
    case .GREATEREQUAL:
      pos &+= 1
      return .GtE
    case .kIn:
      pos &+= 1
      return .In
    case .kNot:
      guard kind(ahead: 1) == .kIn else { return nil }
      pos &+= 2
      return .NotIn
    case .kIs:
      pos &+= 1
      if accept(.kNot) { return .IsNot }
      return .Is
    default:
      return nil
    }
  }

  /// Precedence of a left-associative binary operator; 0 for any other token.
  @inline(__always)
  private func precedence(_ kind: TokenKind) -> Int {
    switch kind {
    case .VBAR: return 1
    case .CIRCUMFLEX: return 2
    case .AMPER: return 3
    case .LEFTSHIFT, .RIGHTSHIFT: return 4
    case .PLUS, .MINUS: return 5
    case .STAR, .SLASH, .DOUBLESLASH, .PERCENT, .AT: return 6
    default: return 0
    }
  }

  private func binaryOperator(_ kind: TokenKind) -> Operator {
    switch kind {
    case .VBAR: return .BitOr
    case .CIRCUMFLEX: return .BitXor
    case .AMPER: return .BitAnd
    case .LEFTSHIFT: return .LShift
    case .RIGHTSHIFT: return .RShift
    case .PLUS: return .Add
    case .MINUS: return .Sub
    case .STAR: return .Mult
    case .SLASH: return .Div
    case .DOUBLESLASH: return .FloorDiv
    case .PERCENT: return .Mod
    default: return .MatMult
    }
  }

  /// Operators of at least the given precedence; 1 is the grammar's `bitwise_or`.
  mutating func binary(_ minimum: Int) throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    var left = try unary()
    while true {
      let op = kind
      let level = precedence(op)
      if level == 0 || level < minimum { return left }
      pos &+= 1
      let right = level == 6 ? try unary() : try binary(level &+ 1)
      left = expr(start, .BinOp(left: left, op: binaryOperator(op), right: right))
    }
  }

  private mutating func unary() throws(ParseFailed) -> Ref<Expr> {
    let op: UnaryOperator
    switch kind {
    case .PLUS: op = .UAdd
    case .MINUS: op = .USub
    case .TILDE: op = .Invert
    default:
      let start = pos
      let base = kind == .kAwait ? try awaitExpression() : try primary()
      guard kind == .DOUBLESTAR else { return base }
      pos &+= 1
      try enter()
      let exponent = try unary()
      depth &-= 1
      return expr(start, .BinOp(left: base, op: .Pow, right: exponent))
    }
    let start = pos
    pos &+= 1
    try enter()
    let operand = try unary()
    depth &-= 1
    return expr(start, .UnaryOp(op: op, operand: operand))
  }

  private mutating func awaitExpression() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    pos &+= 1
    let value = try primary()
    return expr(start, .Await(value: value))
  }

  mutating func primary() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    var value = try atom()
    while true {
      switch kind {
      case .DOT:
        pos &+= 1
        let attr = try expectName()
        value = expr(start, .Attribute(value: value, attr: attr, ctx: .Load))
      case .LPAR:
        value = try call(start, value)
      case .LSQB:
        pos &+= 1
        let slice = try slices()
        try expect(.RSQB)
        value = expr(start, .Subscript(value: value, slice: slice, ctx: .Load))
      default:
        return value
      }
    }
  }

  private mutating func call(_ start: Int, _ function: Ref<Expr>) throws(ParseFailed) -> Ref<Expr> {
    let open = pos
    pos &+= 1
    if accept(.RPAR) { return expr(start, .Call(func: function, args: ArenaList(), keywords: ArenaList())) }
    let (positional, named) = try arguments(genexpStart: open)
    return expr(start, .Call(func: function, args: positional, keywords: named))
  }

  /// Arguments and the closing parenthesis. `genexpStart` is the opening one where a lone generator expression may stand.
  mutating func arguments(
    genexpStart: Int?
  ) throws(ParseFailed) -> (ArenaList<Ref<Expr>>, ArenaList<Keyword>) {
    let mark = exprs.count
    let keywordMark = keywords.count
    var sawDoubleStar = false
    while true {
      let start = pos
      switch kind {
      case .STAR:
        if sawDoubleStar { throw ParseFailed() }
        pos &+= 1
        let value = try expression()
        exprs.push(expr(start, .Starred(value: value, ctx: .Load)))
      case .DOUBLESTAR:
        sawDoubleStar = true
        pos &+= 1
        let value = try expression()
        keywords.push(Keyword(span(start), arg: nil, value: value))
      case .NAME where kind(ahead: 1) == .EQUAL:
        let name = tokenName
        pos &+= 2
        let value = try expression()
        keywords.push(Keyword(span(start), arg: name, value: value))
      default:
        if keywords.count > keywordMark { throw ParseFailed() }
        let value = try namedExpression()
        if kind == .EQUAL { throw ParseFailed() }
        if kind == .kFor || kind == .kAsync {
          guard let genexpStart, exprs.count == mark else { throw ParseFailed() }
          let generators = try forIfClauses()
          try expect(.RPAR)
          exprs.push(expr(genexpStart, .GeneratorExp(elt: value, generators: generators)))
          return (exprs.take(from: mark, arena), ArenaList())
        }
        exprs.push(value)
      }
      if accept(.COMMA) {
        if accept(.RPAR) { break }
        continue
      }
      try expect(.RPAR)
      break
    }
    return (exprs.take(from: mark, arena), keywords.take(from: keywordMark, arena))
  }

  private mutating func slices() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    let mark = exprs.count
    if kind != .STAR {
      let first = try slice()
      if kind != .COMMA { return first }
      exprs.push(first)
    } else {
      exprs.push(try starredExpression())
    }
    while accept(.COMMA) {
      if kind == .RSQB { break }
      exprs.push(kind == .STAR ? try starredExpression() : try slice())
    }
    return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Load))
  }

  /// `'*' expression`
  private mutating func starredExpression() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    try expect(.STAR)
    let value = try expression()
    return expr(start, .Starred(value: value, ctx: .Load))
  }

  private mutating func slice() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    var lower: Ref<Expr>?
    if kind != .COLON {
      let value = try namedExpression()
      if kind != .COLON { return value }
      if case .NamedExpr = value.node, tokens[start + 1].kind == .COLONEQUAL { throw ParseFailed() }
      lower = value
    }
    pos &+= 1
    var upper: Ref<Expr>?
    var step: Ref<Expr>?
    if startsExpression(kind) { upper = try expression() }
    if accept(.COLON) {
      if startsExpression(kind) { step = try expression() }
    }
    return expr(start, .Slice(lower: lower, upper: upper, step: step))
  }

  // MARK: Atoms

  mutating func atom() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    switch kind {
    case .NAME:
      let name = tokenName
      pos &+= 1
      return expr(start, .Name(id: name, ctx: .Load))
    case .NUMBER:
      let value = try numberConstant(tokens[pos])
      pos &+= 1
      return expr(start, .Constant(value: value, kind: false))
    case .STRING:
      return try strings()
    case .LPAR, .LSQB, .LBRACE:
      return try bracketed()
    case .kNone:
      pos &+= 1
      return expr(start, .Constant(value: .none, kind: false))
    case .kTrue:
      pos &+= 1
      return expr(start, .Constant(value: .true, kind: false))
    case .kFalse:
      pos &+= 1
      return expr(start, .Constant(value: .false, kind: false))
    case .ELLIPSIS:
      pos &+= 1
      return expr(start, .Constant(value: .ellipsis, kind: false))
    default:
      throw ParseFailed()
    }
  }

  /// Displays and groups. A level of their own: not all of what they hold comes through `expression`.
  private mutating func bracketed() throws(ParseFailed) -> Ref<Expr> {
    try enter()
    let value: Ref<Expr>
    switch kind {
    case .LPAR: value = try parenthesized()
    case .LSQB: value = try listDisplay()
    default: value = try braceDisplay()
    }
    depth &-= 1
    return value
  }

  private mutating func parenthesized() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    pos &+= 1
    if accept(.RPAR) { return expr(start, .Tuple(elts: ArenaList(), ctx: .Load)) }
    if kind == .kYield {
      let value = try yieldExpression()
      try expect(.RPAR)
      return value
    }
    let isStarred = kind == .STAR
    let first = try starNamedExpression()
    switch kind {
    case .RPAR:
      if isStarred { throw ParseFailed() }
      pos &+= 1
      return first
    case .kFor, .kAsync:
      if isStarred { throw ParseFailed() }
      let generators = try forIfClauses()
      try expect(.RPAR)
      return expr(start, .GeneratorExp(elt: first, generators: generators))
    case .COMMA:
      let mark = exprs.count
      exprs.push(first)
      while accept(.COMMA) {
        if kind == .RPAR { break }
        exprs.push(try starNamedExpression())
      }
      try expect(.RPAR)
      return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Load))
    default:
      throw ParseFailed()
    }
  }

  private mutating func listDisplay() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    pos &+= 1
    if accept(.RSQB) { return expr(start, .List(elts: ArenaList(), ctx: .Load)) }
    let isStarred = kind == .STAR
    let first = try starNamedExpression()
    if kind == .kFor || kind == .kAsync {
      if isStarred { throw ParseFailed() }
      let generators = try forIfClauses()
      try expect(.RSQB)
      return expr(start, .ListComp(elt: first, generators: generators))
    }
    let mark = exprs.count
    exprs.push(first)
    while accept(.COMMA) {
      if kind == .RSQB { break }
      exprs.push(try starNamedExpression())
    }
    try expect(.RSQB)
    return expr(start, .List(elts: exprs.take(from: mark, arena), ctx: .Load))
  }

  /// A dictionary, a set, or a comprehension of either.
  private mutating func braceDisplay() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    pos &+= 1
    if accept(.RBRACE) { return expr(start, .Dict(keys: ArenaList(), values: ArenaList())) }
    if kind == .DOUBLESTAR { return try dictDisplay(start, firstKey: nil) }
    let isStarred = kind == .STAR
    let isNamed = kind == .NAME && kind(ahead: 1) == .COLONEQUAL
    let first = try starNamedExpression()
    if kind == .COLON {
      if isStarred || isNamed { throw ParseFailed() }
      return try dictDisplay(start, firstKey: first)
    }
    if kind == .kFor || kind == .kAsync {
      if isStarred { throw ParseFailed() }
      let generators = try forIfClauses()
      try expect(.RBRACE)
      return expr(start, .SetComp(elt: first, generators: generators))
    }
    let mark = exprs.count
    exprs.push(first)
    while accept(.COMMA) {
      if kind == .RBRACE { break }
      exprs.push(try starNamedExpression())
    }
    try expect(.RBRACE)
    return expr(start, .Set(elts: exprs.take(from: mark, arena)))
  }

  /// A dictionary from its first key (at the colon) or, with none, from its first `**`.
  private mutating func dictDisplay(_ start: Int, firstKey: Ref<Expr>?) throws(ParseFailed) -> Ref<Expr> {
    let keyMark = optionalExprs.count
    let mark = exprs.count
    var key = firstKey
    while true {
      if key == nil && accept(.DOUBLESTAR) {
        let value = try binary(1)
        optionalExprs.push(nil)
        exprs.push(value)
      } else {
        let thisKey: Ref<Expr>
        if let key { thisKey = key } else { thisKey = try expression() }
        try expect(.COLON)
        let value = try expression()
        if firstKey != nil, exprs.count == mark, kind == .kFor || kind == .kAsync {
          let generators = try forIfClauses()
          try expect(.RBRACE)
          return expr(start, .DictComp(key: thisKey, value: value, generators: generators))
        }
        optionalExprs.push(thisKey)
        exprs.push(value)
      }
      key = nil
      if accept(.COMMA) {
        if accept(.RBRACE) { break }
        continue
      }
      try expect(.RBRACE)
      break
    }
    let values = exprs.take(from: mark, arena)
    return expr(start, .Dict(keys: optionalExprs.take(from: keyMark, arena), values: values))
  }

  // MARK: Comprehensions, targets

  mutating func forIfClauses() throws(ParseFailed) -> ArenaList<Comprehension> {
    try enter()
    let mark = comprehensions.count
    while kind == .kFor || kind == .kAsync {
      let isAsync = accept(.kAsync)
      try expect(.kFor)
      let target = try starTargets()
      try expect(.kIn)
      let iter = try disjunction()
      let ifMark = exprs.count
      while accept(.kIf) { exprs.push(try disjunction()) }
      let ifs = exprs.take(from: ifMark, arena)
      comprehensions.push(Comprehension(target: target, iter: iter, ifs: ifs, is_async: isAsync))
    }
    depth &-= 1
    return comprehensions.take(from: mark, arena)
  }

  /// Targets of `for`, with or without commas.
  mutating func starTargets() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    let first = try starTarget()
    guard kind == .COMMA else { return first }
    let mark = exprs.count
    exprs.push(first)
    while accept(.COMMA) {
      switch kind {
      case .NAME, .STAR, .LPAR, .LSQB, .LBRACE, .STRING, .NUMBER, .ELLIPSIS, .kTrue, .kFalse, .kNone: break
      default: return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Store))
      }
      exprs.push(try starTarget())
    }
    return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Store))
  }

  mutating func starTarget() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    if accept(.STAR) {
      if kind == .STAR { throw ParseFailed() }
      let value = try starTarget()
      return expr(start, .Starred(value: value, ctx: .Store))
    }
    let target = try primary()
    try setContext(target, .Store, allowStar: true)
    return target
  }

  /// Turns an expression just parsed into a target, or fails if it cannot be one.
  mutating func setContext(_ target: Ref<Expr>, _ ctx: ExprContext, allowStar: Bool) throws(ParseFailed) {
    switch target.node {
    case .Name(let id, _): target.pointee.node = .Name(id: id, ctx: ctx)
    case .Attribute(let value, let attr, _): target.pointee.node = .Attribute(value: value, attr: attr, ctx: ctx)
    case .Subscript(let value, let slice, _): target.pointee.node = .Subscript(value: value, slice: slice, ctx: ctx)
    case .Tuple(let elts, _):
      for element in elts { try setContext(element, ctx, allowStar: allowStar) }
      target.pointee.node = .Tuple(elts: elts, ctx: ctx)
    case .List(let elts, _):
      for element in elts { try setContext(element, ctx, allowStar: allowStar) }
      target.pointee.node = .List(elts: elts, ctx: ctx)
    case .Starred(let value, _):
      guard allowStar else { throw ParseFailed() }
      try setContext(value, ctx, allowStar: allowStar)
      target.pointee.node = .Starred(value: value, ctx: ctx)
    default:
      throw ParseFailed()
    }
  }
}
