/// `match` statements. `match` and `case` are ordinary names elsewhere.
extension Parser {
  /// Parses a match statement if this is one; else leaves `pos` where it was and returns false.
  mutating func matchStatement() throws(ParseFailed) -> Bool {
    let start = pos
    guard startsExpression(kind(ahead: 1)) || kind(ahead: 1) == .STAR else { return false }
    let point = checkpoint()
    pos &+= 1
    var subject: Ref<Expr>?
    do throws(ParseFailed) {
      let value = try subjectExpression()
      if kind == .COLON && kind(ahead: 1) == .NEWLINE { subject = value }
    } catch {
      if depth > maxDepth { throw error }
    }
    guard let subject, kind(ahead: 2) == .INDENT else {
      restore(point)
      return false
    }
    pos &+= 3
    uses(10)
    let mark = matchCases.count
    while isSoftKeyword(pos, ReservedName.case, 4) {
      pos &+= 1
      let pattern = try topPattern()
      let guardExpr: Ref<Expr>? = accept(.kIf) ? try namedExpression() : nil
      try expect(.COLON)
      let body = try block()
      matchCases.push(MatchCase(pattern: pattern, guardExpr: guardExpr, body: body))
    }
    if matchCases.count == mark { throw ParseFailed() }
    try expect(.DEDENT)
    stmts.push(compound(start, .Match(subject: subject, cases: matchCases.take(from: mark, arena))))
    return true
  }

  private mutating func subjectExpression() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    let isStarred = kind == .STAR
    let first = try starNamedExpression()
    guard kind == .COMMA else {
      if isStarred { throw ParseFailed() }
      return first
    }
    let mark = exprs.count
    exprs.push(first)
    while accept(.COMMA) {
      guard startsExpression(kind) || kind == .STAR else { break }
      exprs.push(try starNamedExpression())
    }
    return expr(start, .Tuple(elts: exprs.take(from: mark, arena), ctx: .Load))
  }

  private func make(_ start: Int, _ node: PatternNode) -> Ref<Pattern> { arena.make(Pattern(span(start), node)) }

  /// The pattern after `case`: a sequence needs no brackets here.
  private mutating func topPattern() throws(ParseFailed) -> Ref<Pattern> {
    let start = pos
    let isStarred = kind == .STAR
    let first = try maybeStarPattern()
    guard kind == .COMMA else {
      if isStarred { throw ParseFailed() }
      return first
    }
    let list = try restOfSequence(first, close: .COLON)
    return make(start, .MatchSequence(patterns: list))
  }

  /// After a first element and at its comma: further elements, a trailing comma allowed.
  private mutating func restOfSequence(
    _ first: Ref<Pattern>, close: TokenKind
  ) throws(ParseFailed) -> ArenaList<Ref<Pattern>> {
    let mark = patterns.count
    patterns.push(first)
    while accept(.COMMA) {
      if kind == close || kind == .kIf { break }
      patterns.push(try maybeStarPattern())
    }
    return patterns.take(from: mark, arena)
  }

  private mutating func maybeStarPattern() throws(ParseFailed) -> Ref<Pattern> {
    let start = pos
    guard accept(.STAR) else { return try pattern() }
    if isSoftKeyword(pos, ReservedName.underscore, 1) {
      pos &+= 1
      return make(start, .MatchStar(name: nil))
    }
    let name = try captureTarget()
    return make(start, .MatchStar(name: name))
  }

  private mutating func captureTarget() throws(ParseFailed) -> Name {
    guard kind == .NAME, !isSoftKeyword(pos, ReservedName.underscore, 1) else { throw ParseFailed() }
    switch kind(ahead: 1) {
    case .DOT, .LPAR, .EQUAL: throw ParseFailed()
    default: return try expectName()
    }
  }

  private mutating func pattern() throws(ParseFailed) -> Ref<Pattern> {
    try enter()
    let start = pos
    var result = try closedPattern()
    if kind == .VBAR {
      let mark = patterns.count
      patterns.push(result)
      while accept(.VBAR) { patterns.push(try closedPattern()) }
      result = make(start, .MatchOr(patterns: patterns.take(from: mark, arena)))
    }
    if accept(.kAs) {
      let name = try captureTarget()
      result = make(start, .MatchAs(pattern: result, name: name))
    }
    depth &-= 1
    return result
  }

  private mutating func closedPattern() throws(ParseFailed) -> Ref<Pattern> {
    let start = pos
    switch kind {
    case .NUMBER, .MINUS:
      let value = try numberExpression()
      return make(start, .MatchValue(value: value))
    case .STRING:
      let value = try strings()
      return make(start, .MatchValue(value: value))
    case .kNone:
      pos &+= 1
      return make(start, .MatchSingleton(value: .none))
    case .kTrue:
      pos &+= 1
      return make(start, .MatchSingleton(value: .true))
    case .kFalse:
      pos &+= 1
      return make(start, .MatchSingleton(value: .false))
    case .NAME: return try namePattern()
    case .LPAR: return try parenthesizedPattern()
    case .LSQB:
      pos &+= 1
      let mark = patterns.count
      while kind != .RSQB {
        patterns.push(try maybeStarPattern())
        guard accept(.COMMA) else { break }
      }
      try expect(.RSQB)
      return make(start, .MatchSequence(patterns: patterns.take(from: mark, arena)))
    case .LBRACE: return try mappingPattern()
    default: throw ParseFailed()
    }
  }

  /// A number with an optional minus, or the sum of a real and an imaginary one.
  private mutating func numberExpression() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    let isNegative = accept(.MINUS)
    let numberStart = pos
    guard kind == .NUMBER else { throw ParseFailed() }
    let realValue = try numberConstant(tokens[pos])
    pos &+= 1
    var left = expr(numberStart, .Constant(value: realValue, kind: false))
    if isNegative { left = expr(start, .UnaryOp(op: .USub, operand: left)) }
    guard kind == .PLUS || kind == .MINUS else { return left }
    let op: Operator = kind == .PLUS ? .Add : .Sub
    pos &+= 1
    if case .complex = realValue { throw ParseFailed() }
    let imaginaryStart = pos
    guard kind == .NUMBER else { throw ParseFailed() }
    let imaginary = try numberConstant(tokens[pos])
    guard case .complex = imaginary else { throw ParseFailed() }
    pos &+= 1
    let right = expr(imaginaryStart, .Constant(value: imaginary, kind: false))
    return expr(start, .BinOp(left: left, op: op, right: right))
  }

  /// A name or dotted name: capture, wildcard, value or class.
  private mutating func namePattern() throws(ParseFailed) -> Ref<Pattern> {
    let start = pos
    if isSoftKeyword(pos, ReservedName.underscore, 1) {
      pos &+= 1
      return make(start, .MatchAs(pattern: nil, name: nil))
    }
    let name = tokenName
    pos &+= 1
    switch kind {
    case .DOT, .LPAR: break
    case .EQUAL: throw ParseFailed()
    default: return make(start, .MatchAs(pattern: nil, name: name))
    }
    let value = try attributes(start, name)
    if kind == .LPAR { return try classPattern(start, value) }
    if kind == .EQUAL { throw ParseFailed() }
    return make(start, .MatchValue(value: value))
  }

  private mutating func attributes(_ start: Int, _ name: Name) throws(ParseFailed) -> Ref<Expr> {
    var value = expr(start, .Name(id: name, ctx: .Load))
    while accept(.DOT) {
      let attr = try expectName()
      value = expr(start, .Attribute(value: value, attr: attr, ctx: .Load))
    }
    return value
  }

  private mutating func classPattern(_ start: Int, _ cls: Ref<Expr>) throws(ParseFailed) -> Ref<Pattern> {
    pos &+= 1
    let mark = patterns.count
    let nameMark = identifiers.count
    var positional = ArenaList<Ref<Pattern>>()
    var sawKeyword = false
    while kind != .RPAR {
      if kind == .NAME && kind(ahead: 1) == .EQUAL {
        if !sawKeyword {
          sawKeyword = true
          positional = patterns.take(from: mark, arena)
        }
        identifiers.push(tokenName)
        pos &+= 2
      } else if sawKeyword {
        throw ParseFailed()
      }
      patterns.push(try pattern())
      guard accept(.COMMA) else { break }
    }
    try expect(.RPAR)
    if !sawKeyword { positional = patterns.take(from: mark, arena) }
    let keywordNames = identifiers.take(from: nameMark, arena)
    let keywordPatterns = patterns.take(from: mark, arena)
    return make(
      start,
      .MatchClass(cls: cls, patterns: positional, kwd_attrs: keywordNames, kwd_patterns: keywordPatterns))
  }

  private mutating func parenthesizedPattern() throws(ParseFailed) -> Ref<Pattern> {
    let start = pos
    pos &+= 1
    if accept(.RPAR) { return make(start, .MatchSequence(patterns: ArenaList())) }
    let isStarred = kind == .STAR
    let first = try maybeStarPattern()
    if kind == .COMMA {
      let list = try restOfSequence(first, close: .RPAR)
      try expect(.RPAR)
      return make(start, .MatchSequence(patterns: list))
    }
    if isStarred { throw ParseFailed() }
    try expect(.RPAR)
    return first
  }

  private mutating func mappingPattern() throws(ParseFailed) -> Ref<Pattern> {
    let start = pos
    pos &+= 1
    let mark = patterns.count
    let keyMark = exprs.count
    var rest: Name?
    while kind != .RBRACE {
      if accept(.DOUBLESTAR) {
        rest = try captureTarget()
        _ = accept(.COMMA)
        break
      }
      exprs.push(try mappingKey())
      try expect(.COLON)
      patterns.push(try pattern())
      guard accept(.COMMA) else { break }
    }
    try expect(.RBRACE)
    let keys = exprs.take(from: keyMark, arena)
    return make(start, .MatchMapping(keys: keys, patterns: patterns.take(from: mark, arena), rest: rest))
  }

  private mutating func mappingKey() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    switch kind {
    case .NUMBER, .MINUS: return try numberExpression()
    case .STRING: return try strings()
    case .kNone:
      pos &+= 1
      return expr(start, .Constant(value: .none, kind: false))
    case .kTrue:
      pos &+= 1
      return expr(start, .Constant(value: .true, kind: false))
    case .kFalse:
      pos &+= 1
      return expr(start, .Constant(value: .false, kind: false))
    case .NAME where kind(ahead: 1) == .DOT:
      let name = tokenName
      pos &+= 1
      return try attributes(start, name)
    default: throw ParseFailed()
    }
  }
}
