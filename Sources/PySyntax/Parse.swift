extension SyntaxTree {
  /// Parses a Python source.
  /// - Parameters:
  ///   - source: the bytes of a file, or UTF-8 text with the flag `ignoreCookie`.
  ///   - decoder: for encodings other than UTF-8, Latin-1 and ASCII.
  public static func parse(
    _ source: UnsafeBufferPointer<UInt8>, mode: ParseMode, flags: ParseFlags = [], limits: ParseLimits = ParseLimits(),
    decoder: SourceDecoder? = nil
  ) -> ParseResult {
    let buffer: SourceBuffer
    switch SourceBuffer.prepare(
      source, addingNewline: mode == .exec, ignoreCookie: flags.contains(.ignoreCookie), decoder: decoder)
    {
    case .failed(let failure): return .failure(failure, warnings: [])
    case .ready(let prepared): buffer = prepared
    }
    let run = ParseRun(buffer, mode, flags, limits)
    let shallow = NativeStack.levels(ParseRun.shallow, bytesEach: ParseRun.bytesPerLevel, room: limits.stackRoom)
    if let result = run.attempt(maxDepth: shallow) { return result }
    // Deep nesting or an error: both are rare, and both want more stack than a thread may have.
    return BigStack.run { run.insist() }
  }
}

/// One call of `parse`: the source and what is asked of it.
private final class ParseRun {
  /// Nesting that nearly all sources keep to, and what a level of it takes of the stack at most.
  static let shallow = 200
  #if DEBUG
    static let bytesPerLevel = 56 << 10
  #else
    static let bytesPerLevel = 8 << 10
  #endif
  /// Nesting beyond CPython's own limit; for the big stack.
  static let deep = 7000

  let buffer: SourceBuffer
  let mode: ParseMode
  let flags: ParseFlags
  let limits: ParseLimits
  let tree = SyntaxTree()
  private var knownStatements: [Int: KnownStatement] = [:]
  private var warnings: [SyntaxWarning] = []

  init(_ buffer: SourceBuffer, _ mode: ParseMode, _ flags: ParseFlags, _ limits: ParseLimits) {
    self.limits = limits
    self.buffer = buffer
    self.mode = mode
    self.flags = flags
    tree.source = buffer
  }

  private var isOld: Bool { limits.featureVersion < ParseLimits.currentVersion }

  /// Parses with the fast parser; nil if it gives up.
  func attempt(maxDepth: Int, remembersStatements: Bool = false) -> ParseResult? {
    var input = TokenSource(
      Tokenizer(buffer.base, typeComments: flags.contains(.typeComments)), names: tree.names, mode: mode.sourceMode,
      impliesDedent: !flags.contains(.dontImplyDedent), capacity: buffer.count / 4 + 16)
    input.hasAsyncNames = limits.featureVersion < 7
    defer { input.free() }
    input.fetchAll()
    var parser = Parser(
      source: buffer.base, tokens: input.tokens.base, arena: tree.arena, names: tree.names, flags: flags, maxDepth: maxDepth,
      context: LiteralContext(limits: limits))
    if remembersStatements { parser.knownStatements = [:] }
    defer { parser.free() }
    do throws(ParseFailed) {
      switch mode {
      case .exec: tree.root = try parser.parseModule(typeIgnores: typeIgnores(input))
      case .eval: tree.root = try parser.parseEval()
      case .single:
        tree.root = try parser.parseInteractive()
        if hasMore(after: Int(input.tokens.base[parser.pos - 1].end)) { throw ParseFailed() }
      case .funcType: tree.root = try parser.parseFunctionType()
      }
    } catch {
      knownStatements = withoutDubious(parser.knownStatements ?? [:], input.tokens)
      warnings = parser.warnings
      return nil
    }
    // The fast parser knows only the present language. Whether an older one has all that it met is for the error pass to say.
    if isOld && !remembersStatements && (parser.newestFeature > limits.featureVersion || limits.featureVersion < 7) { return nil }
    return .success(tree, warnings: placed(ordered(input.tokenizer.warnings, parser.warnings), isValid: true))
  }

  /// On the big stack: finds the error, or parses what nests too deeply for the ordinary one.
  func insist() -> ParseResult {
    if let result = attempt(maxDepth: ParseRun.deep, remembersStatements: true) {
      // Deep: CPython's limit on nesting decides.
      if let found = Diagnosis.failure(buffer, tree, mode: mode, flags: flags, limits: limits, knownStatements: [:]) {
        return .failure(found.failure, warnings: placed(found.warnings, isValid: false))
      }
      return result
    }
    if let found = Diagnosis.failure(buffer, tree, mode: mode, flags: flags, limits: limits, knownStatements: isOld ? [:] : knownStatements)
    {
      return .failure(found.failure, warnings: placed(found.warnings, isValid: false))
    }
    return .failure(SyntaxFailure(.syntaxError, "invalid syntax"), warnings: placed(warnings, isValid: false))
  }

  /// Warnings with what CPython raises in the place of each when a filter says so.
  private func placed(_ warnings: [SyntaxWarning], isValid: Bool) -> [SyntaxWarning] {
    if warnings.isEmpty { return warnings }
    let surroundings = surroundings(of: warnings)
    var line = UnsafePointer(buffer.base)
    var lineno = 1
    let read = warnings.reduce(0) { $0 + ($1.origin == .token ? 1 : 0) }
    let unread = surroundings.warnings.dropFirst(read).map { warning in
      var warning = warning
      warning.origin = .unreadToken
      return warning
    }
    return (warnings + unread).map { warning in
      if warning.lineno < lineno { (line, lineno) = (UnsafePointer(buffer.base), 1) }
      while lineno < warning.lineno {
        let length = UTF8Text.lineLength(line)
        if line[length] == 0 { break }
        line += length + 1
        lineno += 1
      }
      let length = UTF8Text.lineLength(line)
      var failure = SyntaxFailure(
        .syntaxError, warning.message, lineno: warning.lineno, offset: warning.offset, endLineno: warning.endLineno,
        endOffset: warning.endOffset, text: warning.text ?? UTF8Text.replacingInvalid(line, length))
      // The tokenizer has counted characters already.
      let isOfLiteral = warning.origin == .literal
      if isOfLiteral, warning.text == nil, let text = surroundings.texts[PlaceKey(warning)] { failure.text = text }
      if isOfLiteral, warning.text == nil, buffer.hasEncoding, let text = failure.text {
        // Columns count the characters of that text, even where the literal's own line is another one of it.
        failure.offset = UTF8Text.characterCount(text, before: warning.offset)
        failure.endOffset = UTF8Text.characterCount(text, before: warning.endOffset)
      }
      var result = warning
      // Like any error of the parser, such a one gives way to an error of the tokenizer further on.
      result.failure = isOfLiteral && !isValid ? surroundings.failure(insteadOf: warning) ?? failure : failure
      return result
    }
  }

  private struct PlaceKey: Hashable {
    var lineno: Int
    var offset: Int
    init(lineno: Int, offset: Int) {
      self.lineno = lineno
      self.offset = offset
    }
    init(_ warning: SyntaxWarning) { self.init(lineno: warning.lineno, offset: warning.offset) }
  }

  private struct Surroundings {
    /// What ends the tokens, if that is an error of its own.
    var failure: SyntaxFailure?
    /// The tokens end inside this bracket.
    var unclosed: SyntaxFailure?
    var warnings: [SyntaxWarning]
    var texts: [PlaceKey: [UInt8]]

    /// The error that takes the place of one at a literal. A bracket that is never closed does so for literals beyond its line.
    func failure(insteadOf warning: SyntaxWarning) -> SyntaxFailure? {
      if failure != nil { return failure }
      guard let unclosed, let line = unclosed.lineno else { return nil }
      return warning.lineno > line ? unclosed : nil
    }
  }

  private func unclosed(_ tokenizer: Tokenizer) -> SyntaxFailure? {
    guard tokenizer.level > 0 else { return nil }
    let open = tokenizer.innermostParen
    var line = tokenizer.base
    for _ in 1..<max(Int(open.lineno), 1) {
      let length = UTF8Text.lineLength(line)
      if line[length] == 0 { break }
      line += length + 1
    }
    let text = UTF8Text.replacingInvalid(line, UTF8Text.lineLength(line))
    let column = Int(open.col) + 1
    return SyntaxFailure(
      .syntaxError, "'\(UnicodeScalar(open.character))' was never closed", lineno: Int(open.lineno),
      offset: buffer.hasEncoding ? UTF8Text.characterCount(text, before: column) : column, endLineno: Int(open.lineno), endOffset: 0,
      text: text)
  }

  /// Reads the tokens again: the first error among them, their warnings, and the lines that CPython's tokenizer holds when the literals
  /// with warnings have been read, unless it holds only later ones.
  private func surroundings(of warnings: [SyntaxWarning]) -> Surroundings {
    var tokenizer = Tokenizer(buffer.base, typeComments: flags.contains(.typeComments))
    defer { tokenizer.free() }
    let places = Set(warnings.map { PlaceKey($0) })
    var texts: [PlaceKey: [UInt8]] = [:]
    var pending: [PlaceKey] = []
    while true {
      let kind = tokenizer.get()
      if kind == .STRING, let start = tokenizer.tokenStart {
        let place = PlaceKey(lineno: Int(tokenizer.firstLineno), offset: start - tokenizer.multiLineStart + 1)
        if places.contains(place) { pending.append(place) }
        continue
      }
      for place in pending where tokenizer.lineno <= place.lineno && tokenizer.inp > tokenizer.buf {
        texts[place] = UTF8Text.replacingInvalid(tokenizer.buf, tokenizer.inp - tokenizer.buf)
      }
      pending.removeAll(keepingCapacity: true)
      if kind == .ENDMARKER || kind == .ERRORTOKEN {
        var found = Surroundings(failure: nil, unclosed: nil, warnings: tokenizer.warnings, texts: texts)
        if kind == .ERRORTOKEN {
          found.failure = tokenizer.failure
          if found.failure == nil && tokenizer.done == .decode {
            found.failure = SyntaxFailure(.unicodeDecodeError, tokenizer.decodeProblem, text: tokenizer.undecodable)
          }
          found.unclosed = unclosed(tokenizer)
        }
        return found
      }
    }
  }

  /// CPython meets tokens and literals in the order of the source.
  private func ordered(_ first: [SyntaxWarning], _ second: [SyntaxWarning]) -> [SyntaxWarning] {
    if first.isEmpty { return second }
    return (first + second).enumerated().sorted {
      ($0.element.lineno, $0.element.offset, $0.offset) < ($1.element.lineno, $1.element.offset, $1.offset)
    }.map(\.element)
  }

  /// The rules for wrong programs also strike at some valid statements: `match (x)` without a colon, `print -1`, a function with its
  /// type comment on a line of its own. CPython reports those when anything after them is wrong, so the error pass must see them.
  private func withoutDubious(_ statements: [Int: KnownStatement], _ tokens: TokenBuffer) -> [Int: KnownStatement] {
    var dubious: [Int] = []
    for index in 0..<tokens.count {
      if tokens.base[index].kind == .TYPE_COMMENT, index > 0, tokens.base[index - 1].kind == .NEWLINE { dubious.append(index) }
      if tokens.base[index].kind != .NAME { continue }
      let name = Name(index: tokens.base[index].name)
      if name == ReservedName.match {
        if index == 0 || tokens.base[index - 1].kind.isWhitespace { dubious.append(index) }
      } else if name == ReservedName.print || name == ReservedName.exec, index + 1 < tokens.count {
        switch tokens.base[index + 1].kind {
        case .MINUS, .PLUS, .LSQB, .STAR, .kNot: dubious.append(index)
        default: break
        }
      }
    }
    if dubious.isEmpty { return statements }
    return statements.filter { start, statement in
      var low = 0
      var high = dubious.count
      while low < high {
        let middle = (low + high) / 2
        if dubious[middle] < start { low = middle + 1 } else { high = middle }
      }
      return low == dubious.count || dubious[low] >= statement.end
    }
  }

  private func typeIgnores(_ input: TokenSource) -> ArenaList<TypeIgnore> {
    guard !input.typeIgnores.isEmpty else { return ArenaList() }
    return tree.arena.list(
      input.typeIgnores.map {
        TypeIgnore(
          lineno: $0.lineno, tag: tree.arena.bytes(copying: buffer.base + Int($0.start), count: Int($0.end - $0.start)))
      })
  }

  /// Is there anything but blank space and comments from here on?
  private func hasMore(after start: Int) -> Bool {
    var position = start
    while true {
      switch buffer.base[position] {
      case 0x20, 0x09, 0x0A, 0x0C: position += 1
      case 0: return false
      case 0x23: while buffer.base[position] != 0x0A && buffer.base[position] != 0 { position += 1 }
      default: return true
      }
    }
  }
}

extension ParseMode {
  var sourceMode: TokenSource.SourceMode {
    switch self {
    case .exec: return .exec
    case .eval: return .eval
    case .single: return .single
    case .funcType: return .funcType
    }
  }
}
