enum Diagnosis {
  static func fstringFailure(
    _ text: UnsafePointer<UInt8>, _ tokenizer: Tokenizer, _ input: TokenSource, _ outer: Parser
  ) -> SyntaxFailure? { nil }
}
