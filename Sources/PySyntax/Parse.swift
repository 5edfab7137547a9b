extension SyntaxTree {
  /// Parses a Python source.
  /// - Parameters:
  ///   - source: the bytes of a file, or UTF-8 text with the flag `ignoreCookie`.
  ///   - decoder: for encodings other than UTF-8, Latin-1 and ASCII.
  public static func parse(
    _ source: UnsafeBufferPointer<UInt8>, mode: ParseMode, flags: ParseFlags = [], decoder: SourceDecoder? = nil
  ) -> ParseResult {
    let buffer: SourceBuffer
    switch SourceBuffer.prepare(
      source, addingNewline: mode == .exec, ignoreCookie: flags.contains(.ignoreCookie), decoder: decoder)
    {
    case .failed(let failure): return .failure(failure, warnings: [])
    case .ready(let prepared): buffer = prepared
    }
    let tree = SyntaxTree()
    tree.source = buffer
    var input = TokenSource(
      Tokenizer(buffer.base, typeComments: flags.contains(.typeComments)), names: tree.names, mode: mode.sourceMode,
      impliesDedent: !flags.contains(.dontImplyDedent), capacity: buffer.count / 4 + 16)
    defer { input.free() }
    input.fetchAll()
    var parser = Parser(
      source: buffer.base, tokens: input.tokens.base, arena: tree.arena, names: tree.names, flags: flags, maxDepth: 300,
      context: LiteralContext())
    defer { parser.free() }
    do throws(ParseFailed) {
      switch mode {
      case .exec:
        let ignores = input.typeIgnores.map {
          TypeIgnore(
            lineno: $0.lineno, tag: tree.arena.bytes(copying: buffer.base + Int($0.start), count: Int($0.end - $0.start)))
        }
        tree.root = try parser.parseModule(typeIgnores: tree.arena.list(ignores))
      case .eval: tree.root = try parser.parseEval()
      case .single: tree.root = try parser.parseInteractive()
      case .funcType: tree.root = try parser.parseFunctionType()
      }
    } catch {
      return .failure(SyntaxFailure(.syntaxError, "invalid syntax"), warnings: [])
    }
    return .success(tree, warnings: input.tokenizer.warnings + parser.warnings)
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
