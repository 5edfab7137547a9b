import PySyntax

/// `'... %s ...' % (x, ...)` becomes an f-string when every conversion is a plain `%s`, `%r` or `%a` (with flags that mean nothing for
/// text, a width and a precision of at most two digits each) and their number fits the tuple.
extension Folder {
  func foldFormat(_ e: Ref<Expr>, _ format: ArenaBytes, _ elts: ArenaList<Ref<Expr>>) {
    let text = format.buffer
    var parts: [Ref<Expr>] = []
    var position = 0
    var used = 0
    while true {
      if let literal = formatLiteral(text, &position) { parts.append(literal) }
      if position >= text.count { break }
      if used >= elts.count { return }
      position += 1
      guard let part = formatUnit(text, &position, elts[used]) else { return }
      used += 1
      parts.append(part)
    }
    if used < elts.count { return }
    e.pointee.node = .JoinedStr(values: arena.list(parts))
  }

  /// The text up to the next conversion, `%%` read as `%`; nil when empty.
  private func formatLiteral(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Ref<Expr>? {
    let percent = UInt8(ascii: "%")
    var bytes: [UInt8] = []
    while position < text.count {
      if text[position] != percent {
        bytes.append(text[position])
        position += 1
      } else if position + 1 < text.count && text[position + 1] == percent {
        bytes.append(percent)
        position += 2
      } else {
        break
      }
    }
    return bytes.isEmpty ? nil : placeless(bytes)
  }

  /// A piece of text that takes the place of the instruction before it.
  private func placeless(_ bytes: [UInt8]) -> Ref<Expr> {
    let nowhere = Span(lineno: -1, col_offset: -1, end_lineno: -1, end_col_offset: -1)
    return arena.make(Expr(nowhere, .Constant(value: .str(arena.bytes(bytes)), kind: false)))
  }

  private func formatUnit(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ argument: Ref<Expr>) -> Ref<Expr>? {
    func next() -> UInt8? {
      guard position < text.count else { return nil }
      position += 1
      return text[position - 1]
    }
    func digit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    guard var byte = next() else { return nil }
    var left = false
    flags: while true {
      switch byte {
      case UInt8(ascii: "-"): left = true
      case UInt8(ascii: "+"), UInt8(ascii: " "), UInt8(ascii: "#"), UInt8(ascii: "0"): break
      default: break flags
      }
      guard let following = next() else { return nil }
      byte = following
    }
    /// At most two digits; nil for more or when the text ends.
    func number() -> Int? {
      var value = 0
      var digits = 0
      while digit(byte) {
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        guard let following = next() else { return nil }
        byte = following
        digits += 1
        if digits >= 3 { return nil }
      }
      return value
    }
    var spec: [UInt8] = []
    if digit(byte) {
      guard let width = number() else { return nil }
      if !left && width > 0 { spec.append(UInt8(ascii: ">")) }
      spec.append(contentsOf: Array(String(width).utf8))
    }
    if byte == UInt8(ascii: ".") {
      guard let following = next() else { return nil }
      byte = following
      guard let precision = number() else { return nil }
      spec.append(UInt8(ascii: "."))
      spec.append(contentsOf: Array(String(precision).utf8))
    }
    guard byte == UInt8(ascii: "s") || byte == UInt8(ascii: "r") || byte == UInt8(ascii: "a") else { return nil }
    let format = spec.isEmpty ? nil : placeless(spec)
    return arena.make(Expr(argument.span, .FormattedValue(value: argument, conversion: Int32(byte), format_spec: format)))
  }
}
