/// The source is not a valid program (or nests too deeply for this pass). Says nothing more: `Diagnosis` finds out why.
struct ParseFailed: Error {}

/// A statement of a module that the fast parser has read.
struct KnownStatement {
  /// Index after its last token.
  var end: Int
  /// Of its literals.
  var warnings: [SyntaxWarning]
}

/// Growable stack that collects the elements of lists before they are copied into the arena. Nested lists share it: each
/// remembers where it began.
struct ScratchStack<T> {
  private(set) var base: UnsafeMutablePointer<T>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  func free() { base.deallocate() }

  @inline(__always)
  mutating func push(_ element: T) {
    if count == capacity { grow() }
    (base + count).initialize(to: element)
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<T>.allocate(capacity: capacity &* 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity &*= 2
  }

  /// Removes the elements from `start` on and returns them as an arena list.
  @inline(__always)
  mutating func take(from start: Int, _ arena: Arena) -> ArenaList<T> {
    let list = arena.list(copying: base + start, count: count &- start)
    count = start
    return list
  }

  @inline(__always)
  mutating func truncate(to start: Int) { count = start }
}

/// Recursive descent over a flat token buffer, for valid programs. Every routine leaves `pos` after what it parsed or throws.
/// Node positions run from the first token of the construct to the last one consumed, as in CPython.
struct Parser {
  var source: UnsafePointer<UInt8>
  var tokens: UnsafeMutablePointer<Token>
  var pos = 0
  let arena: Arena
  let names: NameTable
  var flags: ParseFlags
  var warnings: [SyntaxWarning] = []

  /// Nesting of expressions and statements; bounded because each level costs native stack.
  var depth = 0
  let maxDepth: Int

  /// For the error pass, whose own limits hold.
  static let unboundedDepth = 100_000
  /// Statements read to their end, by the index of the first token. For the error pass.
  var knownStatements: [Int: KnownStatement]?

  var exprs = ScratchStack<Ref<Expr>>()
  var optionalExprs = ScratchStack<Ref<Expr>?>()
  var stmts = ScratchStack<Ref<Stmt>>()
  var keywords = ScratchStack<Keyword>()
  var comprehensions = ScratchStack<Comprehension>()
  var compareOps = ScratchStack<CompareOperator>()
  var aliases = ScratchStack<Alias>()
  var withItems = ScratchStack<WithItem>()
  var handlers = ScratchStack<ExceptHandler>()
  var args = ScratchStack<Arg>()
  var patterns = ScratchStack<Ref<Pattern>>()
  var matchCases = ScratchStack<MatchCase>()
  var identifiers = ScratchStack<Name>()

  /// Minor version of the language that has all constructs met so far, counting from 3.8.
  var newestFeature: Int32 = 0
  @inline(__always) mutating func uses(_ version: Int32) { if version > newestFeature { newestFeature = version } }

  /// The error of a string or number literal, when it is one that only the literal's value reveals.
  var literalFailure: LiteralFailure?
  /// What the literals of this parser may need to report an error inside an f-string expression.
  var context: LiteralContext

  init(
    source: UnsafePointer<UInt8>, tokens: UnsafeMutablePointer<Token>, arena: Arena, names: NameTable, flags: ParseFlags,
    maxDepth: Int, context: LiteralContext
  ) {
    self.source = source
    self.tokens = tokens
    self.arena = arena
    self.names = names
    self.flags = flags
    self.maxDepth = maxDepth
    self.context = context
  }

  func free() {
    exprs.free()
    optionalExprs.free()
    stmts.free()
    keywords.free()
    comprehensions.free()
    compareOps.free()
    aliases.free()
    withItems.free()
    handlers.free()
    args.free()
    patterns.free()
    matchCases.free()
    identifiers.free()
  }

  // MARK: Tokens

  @inline(__always) var kind: TokenKind { (tokens + pos).pointee.kind }
  @inline(__always) func kind(ahead: Int) -> TokenKind { (tokens + (pos &+ ahead)).pointee.kind }
  /// Is the token this soft keyword, spelt in ASCII? Other spellings that normalise to it are longer, and names.
  @inline(__always)
  func isSoftKeyword(_ index: Int, _ word: Name, _ length: Int32) -> Bool {
    let token = tokens + index
    return token.pointee.kind == .NAME && token.pointee.name == word.index && token.pointee.end &- token.pointee.start == length
  }

  @inline(__always) var tokenName: Name { Name(index: (tokens + pos).pointee.name) }

  @inline(__always)
  mutating func accept(_ expected: TokenKind) -> Bool {
    if kind == expected {
      pos &+= 1
      return true
    }
    return false
  }

  @inline(__always)
  mutating func expect(_ expected: TokenKind) throws(ParseFailed) {
    if kind != expected { throw ParseFailed() }
    pos &+= 1
  }

  @inline(__always)
  mutating func expectName() throws(ParseFailed) -> Name {
    if kind != .NAME { throw ParseFailed() }
    let name = tokenName
    pos &+= 1
    return name
  }

  // MARK: Positions

  /// From the token at `start` to the last one consumed, which must not be a whitespace token.
  @inline(__always)
  func span(_ start: Int) -> Span {
    let first = tokens + start
    let last = tokens + (pos &- 1)
    return Span(
      lineno: first.pointee.lineno, col_offset: first.pointee.col, end_lineno: last.pointee.endLineno,
      end_col_offset: last.pointee.endCol)
  }

  /// As `span`, skipping NEWLINE and DEDENT back to the last real token: for compound statements.
  @inline(__always)
  func blockSpan(_ start: Int) -> Span {
    let first = tokens + start
    var index = pos &- 1
    while index > 0 && (tokens + index).pointee.kind.isWhitespace { index &-= 1 }
    let last = tokens + index
    return Span(
      lineno: first.pointee.lineno, col_offset: first.pointee.col, end_lineno: last.pointee.endLineno,
      end_col_offset: last.pointee.endCol)
  }

  @inline(__always)
  func expr(_ start: Int, _ node: ExprNode) -> Ref<Expr> { arena.make(Expr(span(start), node)) }

  @inline(__always)
  func stmt(_ start: Int, _ node: StmtNode) -> Ref<Stmt> { arena.make(Stmt(span(start), node)) }

  @inline(__always)
  func compound(_ start: Int, _ node: StmtNode) -> Ref<Stmt> { arena.make(Stmt(blockSpan(start), node)) }

  @inline(__always)
  mutating func enter() throws(ParseFailed) {
    depth &+= 1
    if depth > maxDepth { throw ParseFailed() }
  }

  // MARK: Backtracking

  /// Where to go back to when an attempt fails: the token and the height of every scratch stack.
  struct Checkpoint {
    var pos, depth, exprs, optionalExprs, stmts, keywords, comprehensions, compareOps, withItems, args, patterns: Int
  }

  func checkpoint() -> Checkpoint {
    Checkpoint(
      pos: pos, depth: depth, exprs: exprs.count, optionalExprs: optionalExprs.count, stmts: stmts.count,
      keywords: keywords.count, comprehensions: comprehensions.count, compareOps: compareOps.count,
      withItems: withItems.count, args: args.count, patterns: patterns.count)
  }

  mutating func restore(_ point: Checkpoint) {
    pos = point.pos
    depth = point.depth
    exprs.truncate(to: point.exprs)
    optionalExprs.truncate(to: point.optionalExprs)
    stmts.truncate(to: point.stmts)
    keywords.truncate(to: point.keywords)
    comprehensions.truncate(to: point.comprehensions)
    compareOps.truncate(to: point.compareOps)
    withItems.truncate(to: point.withItems)
    args.truncate(to: point.args)
    patterns.truncate(to: point.patterns)
  }

  // MARK: Entry points

  mutating func parseModule(typeIgnores: ArenaList<TypeIgnore>) throws(ParseFailed) -> Module {
    let start = stmts.count
    while kind != .ENDMARKER {
      try rememberedStatement()
    }
    return .Module(body: stmts.take(from: start, arena), type_ignores: typeIgnores)
  }

  /// A statement of a module or block, noted for the error pass if there is to be one.
  mutating func rememberedStatement() throws(ParseFailed) {
    let first = pos
    let warned = warnings.count
    try statement()
    if knownStatements != nil { knownStatements?[first] = KnownStatement(end: pos, warnings: Array(warnings[warned...])) }
  }

  mutating func parseInteractive() throws(ParseFailed) -> Module {
    let start = stmts.count
    if kind == .NEWLINE {
      pos &+= 1
      let token = tokens[pos - 1]
      // The end of a node without real tokens is the last real token before it, and there is none: its own start.
      let span = Span(
        lineno: token.lineno, col_offset: token.col, end_lineno: token.endLineno, end_col_offset: token.endCol)
      stmts.push(arena.make(Stmt(span, .Pass)))
    } else if startsCompound {
      try statement()
      try expect(.NEWLINE)
    } else {
      let first = pos
      try statement()
      if isSoftKeyword(first, ReservedName.match, 5),
        let last = stmts.count > start ? stmts.base[stmts.count - 1] : nil, case .Match = last.node
      {
        try expect(.NEWLINE)
      }
    }
    return .Interactive(body: stmts.take(from: start, arena))
  }

  private var startsCompound: Bool {
    switch kind {
    case .kDef, .AT, .kAsync, .kIf, .kClass, .kWith, .kFor, .kTry, .kWhile: return true
    default: return false
    }
  }

  mutating func parseEval() throws(ParseFailed) -> Module {
    let body = try expressions()
    while accept(.NEWLINE) {}
    try expect(.ENDMARKER)
    return .Expression(body: body)
  }

  mutating func parseFunctionType() throws(ParseFailed) -> Module {
    try expect(.LPAR)
    let start = exprs.count
    var sawStar = false
    var sawDoubleStar = false
    while kind != .RPAR {
      if exprs.count > start { try expect(.COMMA) }
      if accept(.STAR) {
        if sawStar || sawDoubleStar { throw ParseFailed() }
        sawStar = true
      } else if accept(.DOUBLESTAR) {
        if sawDoubleStar { throw ParseFailed() }
        sawDoubleStar = true
      } else if sawStar || sawDoubleStar {
        throw ParseFailed()
      }
      exprs.push(try expression())
    }
    pos &+= 1
    let argtypes = exprs.take(from: start, arena)
    try expect(.RARROW)
    let returns = try expression()
    while accept(.NEWLINE) {}
    try expect(.ENDMARKER)
    return .FunctionType(argtypes: argtypes, returns: returns)
  }
}
