/// The raw tokens of a source, for the `_tokenize` module and for comparing tokenizers.
public final class TokenStream {
  public struct Item: Sendable {
    /// Number of the kind in the `token` module; reserved words are NAME.
    public var type: Int
    /// Name of the kind in the `token` module; KEYWORD for reserved words.
    public var kindName: String
    public var text: [UInt8]
    public var lineno: Int
    public var endLineno: Int
    /// In bytes; -1 where the tokenizer has none.
    public var col: Int
    public var endCol: Int
    /// The line, or lines, that hold the token.
    public var line: [UInt8]
  }

  public enum Step: Sendable {
    case token(Item)
    case end
    case failure(SyntaxFailure)
  }

  private let source: SourceBuffer
  private var tokenizer: Tokenizer

  /// - Parameter source: UTF-8 text.
  public init(_ source: UnsafeBufferPointer<UInt8>) {
    self.source = SourceBuffer(translating: source, addingNewline: true, hasEncoding: true)
    tokenizer = Tokenizer(self.source.base, typeComments: false)
  }

  deinit {
    tokenizer.free()
    source.free()
  }

  public func next() -> Step {
    let kind = tokenizer.get()
    if kind == .ENDMARKER { return .end }
    if kind == .ERRORTOKEN {
      if let failure = tokenizer.failure { return .failure(failure) }
      if tokenizer.done == .decode {
        return .failure(SyntaxFailure(.unicodeDecodeError, tokenizer.decodeProblem, text: tokenizer.undecodable))
      }
      return .end
    }
    let lineStart = kind == .STRING ? tokenizer.multiLineStart : tokenizer.lineStart
    var item = Item(
      type: TokenStream.number(kind), kindName: "\(kind)", text: [],
      lineno: Int(kind == .STRING ? tokenizer.firstLineno : tokenizer.lineno),
      endLineno: Int(tokenizer.lineno), col: -1, endCol: -1,
      line: UTF8Text.replacingInvalid(tokenizer.buf, tokenizer.inp - tokenizer.buf))
    if let start = tokenizer.tokenStart, let end = tokenizer.tokenEnd {
      item.text = Array(UnsafeBufferPointer(start: start, count: max(end - start, 0)))
      if start >= lineStart { item.col = start - lineStart }
      if end >= tokenizer.lineStart { item.endCol = end - tokenizer.lineStart }
    }
    if kind == .NAME {
      if let base = tokenizer.tokenStart, TokenStream.isReserved(UnsafeBufferPointer(start: base, count: item.text.count)) {
        item.kindName = "KEYWORD"
      }
      if item.text.elementsEqual("await".utf8) { item.type = 55 }
      if item.text.elementsEqual("async".utf8) { item.type = 56 }
    }
    return .token(item)
  }

  private static let reserved: Set<String> = {
    let arena = Arena()
    let names = NameTable(arena: arena)
    defer {
      names.free()
      arena.free()
    }
    ReservedName.install(in: names)
    return Set((0..<TokenKind.keywordCount).map { names.string(Name(index: Int32($0))) })
  }()

  private static func isReserved(_ word: UnsafeBufferPointer<UInt8>) -> Bool { reserved.contains(String(decoding: word, as: UTF8.self)) }

  /// The `token` module's number of a kind: the kinds here have its order.
  private static func number(_ kind: TokenKind) -> Int {
    switch kind {
    case .OP: return 54
    case .TYPE_IGNORE: return 57
    case .TYPE_COMMENT: return 58
    case .ERRORTOKEN: return 60
    default: return Int(kind.rawValue)
    }
  }
}

extension SyntaxTree {
  /// The error that CPython reports when it runs a *file* with bytes that are not UTF-8 and no declared encoding, and the line that has
  /// them.
  public static func nonUTF8Failure(
    _ source: UnsafeBufferPointer<UInt8>, filename: String
  ) -> (failure: SyntaxFailure, line: Int)? {
    guard let base = source.baseAddress else { return nil }
    if SourceBuffer.cookie(source) != nil { return nil }
    var lineno = 1
    var index = 0
    while index < source.count {
      let (scalar, length, _) = UTF8Text.step(base, index, source.count)
      if scalar == nil {
        var hex = String(source[index], radix: 16)
        if hex.utf8.count < 2 { hex = "0" + hex }
        let failure = SyntaxFailure(
          .syntaxError,
          "Non-UTF-8 code starting with '\\x\(hex)' in file \(filename) on line \(lineno), but no encoding declared; "
            + "see https://peps.python.org/pep-0263/ for details")
        return (failure, lineno)
      }
      if scalar == 0x0A { lineno += 1 }
      index += length
    }
    return nil
  }
}
