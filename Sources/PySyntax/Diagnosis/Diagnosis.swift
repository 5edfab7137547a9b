/// The second opinion: called when the fast parser gives up, it finds the error that CPython reports.
enum Diagnosis {
  /// - Returns: the error and the warnings up to it; nil if the source is valid, which means that the fast parser only ran out of depth.
  static func failure(
    _ buffer: SourceBuffer, _ tree: SyntaxTree, mode: ParseMode, flags: ParseFlags, limits: ParseLimits,
    knownStatements: [Int: KnownStatement]
  ) -> (failure: SyntaxFailure, warnings: [SyntaxWarning])? {
    let tokenizer = Tokenizer(buffer.base, typeComments: flags.contains(.typeComments))
    var input = TokenSource(
      tokenizer, names: tree.names, mode: mode.sourceMode, impliesDedent: !flags.contains(.dontImplyDedent), capacity: 256)
    input.hasAsyncNames = limits.featureVersion < 7
    var context = LiteralContext(limits: limits)
    context.diagnoses = true
    let literals = Parser(
      source: buffer.base, tokens: input.tokens.base, arena: tree.arena, names: tree.names, flags: flags,
      maxDepth: Parser.unboundedDepth, context: context)
    var parser = DiagnosisParser(
      input: input, names: tree.names, startRule: mode.startRule, isFString: false, literals: literals,
      knownStatements: knownStatements, hasEncoding: buffer.hasEncoding, fileSize: flags.contains(.sourceIsFile) ? buffer.ownCount : nil)
    defer {
      parser.input.free()
      parser.literals.free()
      parser.free()
    }
    guard let failure = parser.diagnose(allowsIncomplete: flags.contains(.allowIncompleteInput)) else { return nil }
    return (failure, parser.warnings)
  }

  /// The error in an expression of an f-string and the warnings up to it; nil if there is none.
  static func fstringFailure(
    _ text: UnsafePointer<UInt8>, _ source: TokenSource, _ outer: Parser
  ) -> (failure: SyntaxFailure, warnings: [SyntaxWarning])? {
    let literals = Parser(
      source: text, tokens: source.tokens.base, arena: outer.arena, names: outer.names, flags: outer.flags,
      maxDepth: outer.maxDepth, context: outer.context)
    var parser = DiagnosisParser(
      input: source, names: outer.names, startRule: "fstring", isFString: true, literals: literals, knownStatements: [:],
      hasEncoding: false, fileSize: nil)
    defer {
      parser.input.free()
      parser.literals.free()
      parser.free()
    }
    guard let failure = parser.diagnose(allowsIncomplete: outer.flags.contains(.allowIncompleteInput)) else { return nil }
    return (failure, parser.warnings)
  }
}

extension ParseMode {
  var startRule: String {
    switch self {
    case .exec: return "file"
    case .eval: return "eval"
    case .single: return "interactive"
    case .funcType: return "func_type"
    }
  }
}
