/// Walks the grammar as CPython's generated parser does, to find out where a source stops being a program and which of the
/// rules for wrong programs applies. Slow and exact; runs only over the statements that the fast parser could not read.
struct DiagnosisParser {
  static let failed: Int32 = -1
  static let empty: Int32 = 0
  /// CPython's limit on nested rule calls.
  static let maxLevel = 6000

  let grammar = Grammar.shared.flat
  var input: TokenSource
  let names: NameTable
  let startRule: Int
  let isFString: Bool
  /// Reads the literals; its `tokens` follow `input`'s buffer.
  var literals: Parser
  /// Statements that the fast parser accepted, by the index of the first token.
  let knownStatements: [Int: KnownStatement]
  let statementRule: Int
  /// The buffer the tokenizer reads, for the lines of error messages.
  let hasEncoding: Bool
  /// Bytes of the file that the source is, or nil if there is none: lines shown in errors then come from the file.
  let fileSize: Int?

  var mark = 0
  var level = 0
  var callsErrorRules = false
  var failure: SyntaxFailure?
  var hasStopped = false
  /// In the order in which CPython issues them; those of literals in each pass again.
  var warnings: [SyntaxWarning] = []
  private var tokenizerWarningsSeen = 0
  /// Start of the last statement skipped in this pass.
  private var lastSkipped = -1

  var nodes: [DiagnosisNode] = []
  var children: [Int32] = []
  /// Results of the alternative being matched and of those around it.
  private var results = ScratchStack<Int32>()
  private var memo = MemoTable()

  init(
    input: TokenSource, names: NameTable, startRule: String, isFString: Bool, literals: Parser, knownStatements: [Int: KnownStatement],
    hasEncoding: Bool, fileSize: Int?
  ) {
    self.input = input
    self.names = names
    self.startRule = Grammar.shared.rule(startRule)
    self.isFString = isFString
    self.literals = literals
    self.knownStatements = knownStatements
    self.hasEncoding = hasEncoding
    self.fileSize = fileSize
    statementRule = Grammar.shared.rule("statement")
    nodes.append(DiagnosisNode(kind: .empty, span: Span(lineno: 1, col_offset: 0, end_lineno: 1, end_col_offset: 0)))
  }

  func free() {
    results.free()
    memo.free()
  }

  // MARK: Passes

  /// One pass from the start. True if the source is valid.
  mutating func run(errorRules: Bool) -> Bool {
    mark = 0
    level = 0
    lastSkipped = -1
    callsErrorRules = errorRules
    hasStopped = false
    memo.removeAll()
    results.truncate(to: 0)
    return parseRule(startRule) != DiagnosisParser.failed
  }

  // MARK: Tokens

  var fill: Int { input.tokens.count }
  func token(_ index: Int) -> Token { input.tokens.base[index] }
  var lastToken: Token { token(fill - 1) }

  /// Makes sure the token at `mark` has been read.
  @inline(__always)
  private mutating func ensureToken() -> Bool {
    if mark < fill { return true }
    return readToken()
  }

  private mutating func readToken() -> Bool {
    let kind = input.fetch()
    takeTokenizerWarnings()
    if kind == .ERRORTOKEN {
      tokenizerError()
      hasStopped = true
      return false
    }
    return true
  }

  /// Tokens are read once in all passes, so the tokenizer warns once.
  mutating func takeTokenizerWarnings() {
    while tokenizerWarningsSeen < input.tokenizer.warnings.count {
      warnings.append(input.tokenizer.warnings[tokenizerWarningsSeen])
      tokenizerWarningsSeen += 1
    }
  }

  private mutating func expect(_ kind: TokenKind) -> Int32 {
    guard ensureToken() else { return DiagnosisParser.failed }
    let token = token(mark)
    guard token.kind == kind else { return DiagnosisParser.failed }
    mark += 1
    let span = Span(
      lineno: token.lineno, col_offset: token.col, end_lineno: token.endLineno, end_col_offset: token.endCol)
    switch kind {
    case .NAME: return make(DiagnosisNode(kind: .Name, span: span, payload: token.name))
    case .NUMBER: return number(mark - 1, span)
    default: return make(DiagnosisNode(kind: .token, span: span, payload: Int32(mark - 1)))
    }
  }

  private mutating func number(_ index: Int, _ span: Span) -> Int32 {
    literals.tokens = input.tokens.base
    if literals.context.limits.featureVersion < 6 {
      let token = token(index)
      let text = UnsafeBufferPointer(start: input.tokenizer.base + Int(token.start), count: max(Int(token.end - token.start), 0))
      if text.contains(0x5F) {
        raiseAtLastToken(.syntaxError, "Underscores in numeric literals are only supported in Python 3.6 and greater")
        return DiagnosisParser.failed
      }
    }
    do throws(ParseFailed) {
      let value = try literals.numberConstant(token(index))
      var isComplex: Int32 = 0
      if case .complex = value { isComplex = 1 }
      return make(DiagnosisNode(kind: .Constant, span: span, payload: isComplex))
    } catch {
      if case .tooManyDigits(let count)? = literals.literalFailure {
        literals.literalFailure = nil
        let token = token(index)
        raise(
          .syntaxError,
          "Exceeds the limit (\(literals.context.limits.maxDigits) digits) for integer string conversion: value has \(count) digits; "
            + "use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals "
            + "to avoid decimal conversion limits.",
          lineno: token.lineno, col: 0, endLineno: token.endLineno, endCol: 0)
      }
      hasStopped = true
      return DiagnosisParser.failed
    }
  }

  // MARK: Nodes

  @inline(__always)
  mutating func make(_ node: DiagnosisNode) -> Int32 {
    nodes.append(node)
    return Int32(truncatingIfNeeded: nodes.count - 1)
  }

  mutating func sequence(_ elements: [Int32]) -> Int32 {
    var node = DiagnosisNode(kind: .sequence, span: nodes[0].span)
    if let first = elements.first, let last = elements.last {
      node.span = Span(
        lineno: nodes[Int(first)].span.lineno, col_offset: nodes[Int(first)].span.col_offset,
        end_lineno: nodes[Int(last)].span.end_lineno, end_col_offset: nodes[Int(last)].span.end_col_offset)
    }
    setChildren(&node, elements)
    return make(node)
  }

  mutating func setChildren(_ node: inout DiagnosisNode, _ elements: [Int32]) {
    node.firstChild = Int32(truncatingIfNeeded: children.count)
    node.childCount = Int32(truncatingIfNeeded: elements.count)
    children += elements
  }

  func elements(_ index: Int32) -> [Int32] {
    let node = nodes[Int(index)]
    let start = Int(node.firstChild)
    return Array(children[start..<start + Int(node.childCount)])
  }

  /// The elements of sequences, and nodes themselves; nothing for what is absent.
  func flattened(_ results: [Int32]) -> [Int32] {
    var list: [Int32] = []
    for result in results {
      switch nodes[Int(result)].kind {
      case .empty: break
      case .sequence: list += elements(result)
      default: list.append(result)
      }
    }
    return list
  }

  /// From the token at `start` to the last real token before `mark`.
  func span(from start: Int) -> Span {
    guard start < fill else { return nodes[0].span }
    let first = token(start)
    var index = mark - 1
    while index > 0 && token(index).kind.isWhitespace { index -= 1 }
    let last = token(max(index, 0))
    return Span(lineno: first.lineno, col_offset: first.col, end_lineno: last.endLineno, end_col_offset: last.endCol)
  }

  // MARK: Rules

  @inline(__always)
  private func key(_ rule: Int) -> UInt16 {
    // CPython shares the results of its own memoised rules between modes; the others are remembered here for speed alone.
    let modeBit: UInt16 = !grammar.rules[rule].isShared && callsErrorRules ? 1 : 0
    return UInt16(truncatingIfNeeded: rule) << 1 | modeBit
  }

  private mutating func enter() -> Bool {
    level += 1
    if level > DiagnosisParser.maxLevel {
      if !hasStopped { failure = SyntaxFailure(.memoryError, "") }
      hasStopped = true
    }
    return !hasStopped
  }

  mutating func parseRule(_ index: Int) -> Int32 {
    defer { level -= 1 }
    guard enter() else { return DiagnosisParser.failed }
    if index == statementRule, ensureToken(), let known = knownStatements[mark] {
      // Known to be valid: skip it, reading its tokens as CPython would have.
      let before = warnings.count
      while fill < known.end { if !readToken() { return DiagnosisParser.failed } }
      if mark > lastSkipped {
        if warnings.count > before {
          let all = warnings[before...] + known.warnings
          warnings.replaceSubrange(before..., with: all.sorted { ($0.lineno, $0.offset) < ($1.lineno, $1.offset) })
        } else {
          warnings += known.warnings
        }
        lastSkipped = mark
      }
      mark = known.end
      return DiagnosisParser.empty
    }
    let start = mark
    let memoKey = key(index)
    let rule = grammar.rules[index]
    if !rule.isNeverMemoised, let known = memo.find(start, memoKey) {
      mark = Int(known.mark)
      return known.node
    }
    if rule.passesAtoms && level <= DiagnosisParser.maxLevel - 200 {
      let atom = loneAtom()
      if atom != DiagnosisParser.failed || hasStopped {
        if !hasStopped { memo.set(start, memoKey, atom, Int32(truncatingIfNeeded: mark)) }
        return atom
      }
    }
    if rule.isLeftRecursive { return grow(rule, start, memoKey) }
    let savedMode = callsErrorRules
    if rule.disablesErrorRules { callsErrorRules = false }
    let result = parseChoices(rule.firstChoice, rule.choiceCount)
    callsErrorRules = savedMode
    if !rule.isNeverMemoised && !hasStopped { memo.set(start, memoKey, result, Int32(truncatingIfNeeded: mark)) }
    return result
  }

  /// A name or number that a comma or a closing bracket follows: no rule for errors of expressions matches there, so twenty levels of
  /// precedence need not be tried, each with its operators. Long displays consist of such items.
  private mutating func loneAtom() -> Int32 {
    guard ensureToken() else { return DiagnosisParser.failed }
    let start = mark
    let kind = token(start).kind
    guard kind == .NAME || kind == .NUMBER else { return DiagnosisParser.failed }
    // In this order: what is wrong with a number comes before what is wrong with the next token, which every level reads after an atom.
    let atom = expect(kind)
    if atom == DiagnosisParser.failed || ensureToken() && token(mark).kind.endsItem { return atom }
    mark = start
    return DiagnosisParser.failed
  }

  /// Left recursion: each round may use the result of the round before, as long as that gets further.
  private mutating func grow(_ rule: FlatGrammar.Rule, _ start: Int, _ memoKey: UInt16) -> Int32 {
    var result = DiagnosisParser.failed
    var end = start
    while true {
      memo.set(start, memoKey, result, Int32(truncatingIfNeeded: end))
      mark = start
      level += 1
      let round = parseChoices(rule.firstChoice, rule.choiceCount)
      level -= 1
      if hasStopped { return DiagnosisParser.failed }
      if round == DiagnosisParser.failed || mark <= end { break }
      end = mark
      result = round
    }
    mark = end
    return result
  }

  private mutating func parseChoices(_ first: Int32, _ count: Int32) -> Int32 {
    let start = mark
    let depth = results.count
    for index in first..<(first &+ count) {
      if hasStopped { return DiagnosisParser.failed }
      let choice = grammar.choices[Int(index)]
      if choice.isForErrors && !callsErrorRules { continue }
      if cannotStart(choice.start) { continue }
      var wasCut = false
      if matches(choice, &wasCut) {
        let result = yield(choice, depth, start)
        results.truncate(to: depth)
        if result == DiagnosisParser.failed && failure != nil { hasStopped = true }
        // An action that yields nothing ends the rule.
        return result
      }
      results.truncate(to: depth)
      mark = start
      if wasCut || hasStopped { return DiagnosisParser.failed }
    }
    return DiagnosisParser.failed
  }

  private mutating func matches(_ choice: FlatGrammar.Choice, _ wasCut: inout Bool) -> Bool {
    for index in choice.firstElement..<(choice.firstElement &+ choice.elementCount) {
      let element = grammar.elements[Int(index)]
      if element.kind == .cut {
        wasCut = true
        results.push(DiagnosisParser.empty)
        continue
      }
      let result = parse(element)
      if result == DiagnosisParser.failed { return false }
      results.push(result)
    }
    return true
  }

  /// What a choice yields whose results begin at `depth`.
  @inline(__always)
  private mutating func yield(_ choice: FlatGrammar.Choice, _ depth: Int, _ start: Int) -> Int32 {
    if choice.result >= 0 { return results.base[depth &+ Int(choice.result)] }
    let all = Array(UnsafeBufferPointer(start: results.base + depth, count: results.count &- depth))
    return perform(Grammar.shared.alternatives[Int(choice.alternative)], all, start)
  }

  /// What begins otherwise need not be tried. Near the limit on levels it is: there CPython may reach the limit on its way to failing.
  @inline(__always)
  private mutating func cannotStart(_ start: FlatGrammar.Start) -> Bool {
    if start.matchesNothing || level > DiagnosisParser.maxLevel - 200 { return false }
    guard ensureToken() else { return true }
    return !start.first.contains(token(mark).kind)
  }

  private mutating func parse(_ index: Int32) -> Int32 { parse(grammar.elements[Int(index)]) }

  private mutating func parse(_ element: FlatGrammar.Element) -> Int32 {
    if hasStopped { return DiagnosisParser.failed }
    switch element.kind {
    case .rule:
      if cannotStart(grammar.rules[Int(element.a)].start) { return DiagnosisParser.failed }
      return parseRule(Int(element.a))
    case .token: return expect(TokenKind(rawValue: UInt8(truncatingIfNeeded: element.a)) ?? .ERRORTOKEN)
    case .softKeyword:
      guard ensureToken() else { return DiagnosisParser.failed }
      guard isSoftKeyword(token(mark), element.a) else { return DiagnosisParser.failed }
      return expect(.NAME)
    case .anySoftKeyword:
      guard ensureToken() else { return DiagnosisParser.failed }
      guard token(mark).kind == .NAME, isSoftKeywordPrefix(token(mark)) else { return DiagnosisParser.failed }
      return expect(.NAME)
    case .optional:
      let result = parse(element.a)
      if result != DiagnosisParser.failed { return result }
      return hasStopped ? DiagnosisParser.failed : DiagnosisParser.empty
    case .loop: return loop(element.a, element.b != 0)
    case .gather: return gather(element.a, element.b)
    case .group:
      defer { level -= 1 }
      guard enter() else { return DiagnosisParser.failed }
      return parseChoices(element.a, element.b)
    case .lookahead:
      let start = mark
      let result = parse(element.a)
      mark = start
      return (result != DiagnosisParser.failed) == (element.b != 0) ? DiagnosisParser.empty : DiagnosisParser.failed
    case .cut: return DiagnosisParser.empty
    case .forced:
      guard ensureToken() else { return DiagnosisParser.failed }
      let kind = TokenKind(rawValue: UInt8(truncatingIfNeeded: element.a)) ?? .ERRORTOKEN
      if token(mark).kind == kind { return expect(kind) }
      raise(.syntaxError, "expected '\(Grammar.shared.forcedTexts[Int(element.b)])'", token: token(mark))
      return DiagnosisParser.failed
    }
  }

  private func isSoftKeyword(_ token: Token, _ name: Int32) -> Bool {
    // Only the ASCII spelling has the length of the name.
    token.kind == .NAME && token.name == name && Int(token.end - token.start) == names[Name(index: name)].count
  }

  /// CPython compares no more than the token's length, so that `c` and `mat` pass for soft keywords too.
  private func isSoftKeywordPrefix(_ token: Token) -> Bool {
    let text = names[Name(index: token.name)]
    guard text.count == Int(token.end - token.start) else { return false }
    for keyword in [ReservedName.underscore, ReservedName.case, ReservedName.match] {
      let word = names[keyword]
      if text.count <= word.count && text.elementsEqual(word.prefix(text.count)) { return true }
    }
    return false
  }

  private mutating func loop(_ item: Int32, _ atLeastOne: Bool) -> Int32 {
    defer { level -= 1 }
    guard enter() else { return DiagnosisParser.failed }
    let depth = results.count
    defer { results.truncate(to: depth) }
    while true {
      let start = mark
      let result = parse(item)
      if result == DiagnosisParser.failed {
        mark = start
        break
      }
      results.push(result)
      if mark == start { break }
    }
    if hasStopped || (atLeastOne && results.count == depth) { return DiagnosisParser.failed }
    return sequence(from: depth)
  }

  private mutating func gather(_ element: Int32, _ separator: Int32) -> Int32 {
    defer { level -= 1 }
    guard enter() else { return DiagnosisParser.failed }
    let first = parse(element)
    if first == DiagnosisParser.failed { return DiagnosisParser.failed }
    let depth = results.count
    defer { results.truncate(to: depth) }
    results.push(first)
    level += 1
    defer { level -= 1 }
    while true {
      let start = mark
      if parse(separator) == DiagnosisParser.failed {
        mark = start
        break
      }
      let next = parse(element)
      if next == DiagnosisParser.failed {
        mark = start
        break
      }
      results.push(next)
    }
    if hasStopped { return DiagnosisParser.failed }
    return sequence(from: depth)
  }

  private mutating func sequence(from depth: Int) -> Int32 {
    sequence(Array(UnsafeBufferPointer(start: results.base + depth, count: results.count &- depth)))
  }
}
