#if canImport(Glibc)
  import Glibc
#endif

/// A source made ready for the tokenizer: UTF-8, `\n` line ends, a final newline where the mode wants one, then NULs.
/// Owned by the tree, because string constants without escapes point into it.
struct SourceBuffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<UInt8>
  /// Bytes before the terminating NULs.
  let count: Int
  /// Of these, the bytes that the source itself had: all but a newline added at the end.
  let ownCount: Int
  /// The source names its encoding (cookie, byte order mark, or it was text). CPython counts error columns in characters only
  /// then, and in bytes otherwise.
  let hasEncoding: Bool

  func free() { base.deallocate() }

  /// Copies `source`, translating line ends.
  init(translating source: UnsafeBufferPointer<UInt8>, addingNewline: Bool, hasEncoding: Bool) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: source.count + 8)
    var written = 0
    if let bytes = source.baseAddress, source.count > 0 {
      if memchr(bytes, 0x0D, source.count) == nil {
        memcpy(memory, bytes, source.count)
        written = source.count
      } else {
        var index = 0
        while index < source.count {
          var byte = bytes[index]
          index += 1
          if byte == 0x0D {
            if index < source.count && bytes[index] == 0x0A { index += 1 }
            byte = 0x0A
          }
          memory[written] = byte
          written += 1
        }
      }
    }
    ownCount = written
    // CPython overlooks the newline that a final CR LF became, and adds another.
    let endsInCRLF = source.count >= 2 && source[source.count - 1] == 0x0A && source[source.count - 2] == 0x0D
    if addingNewline && (written == 0 || memory[written - 1] != 0x0A || endsInCRLF) {
      memory[written] = 0x0A
      written += 1
    }
    for offset in 0..<4 { memory[written + offset] = 0 }
    base = memory
    count = written
    self.hasEncoding = hasEncoding
  }

  private init(_ other: SourceBuffer, hasEncoding: Bool) {
    base = other.base
    count = other.count
    ownCount = other.ownCount
    self.hasEncoding = hasEncoding
  }

  // MARK: Encoding declarations (PEP 263)

  enum Preparation {
    case ready(SourceBuffer)
    case failed(SyntaxFailure)
  }

  static func prepare(
    _ source: UnsafeBufferPointer<UInt8>, addingNewline: Bool, ignoreCookie: Bool, decoder: SourceDecoder?
  ) -> Preparation {
    if let bytes = source.baseAddress, memchr(bytes, 0, source.count) != nil {
      return .failed(SyntaxFailure(.valueError, "source code string cannot contain null bytes"))
    }
    if ignoreCookie {
      return .ready(SourceBuffer(translating: source, addingNewline: addingNewline, hasEncoding: true))
    }
    var rest = source
    var encoding: String?
    if source.count >= 3 && source[0] == 0xEF && source[1] == 0xBB && source[2] == 0xBF {
      rest = UnsafeBufferPointer(rebasing: source[3...])
      encoding = "utf-8"
    }
    let buffer = SourceBuffer(translating: rest, addingNewline: addingNewline, hasEncoding: encoding != nil)
    let translated = UnsafeBufferPointer(start: UnsafePointer(buffer.base), count: buffer.count)
    guard let cookie = cookie(translated) else { return .ready(buffer) }
    if cookie == "utf-8" {
      // Taken at its word: ill-formed text is found where it stands, if at all.
      return .ready(SourceBuffer(buffer, hasEncoding: true))
    }
    defer { buffer.free() }
    if encoding != nil { return .failed(initializationFailure("encoding problem: \(cookie) with BOM")) }
    return decode(translated, cookie, decoder: decoder)
  }

  static func initializationFailure(_ message: String) -> SyntaxFailure {
    SyntaxFailure(.syntaxError, message, lineno: 0, offset: -1)
  }

  /// - Parameter source: with its line ends translated and a final newline, as CPython hands it to the codec.
  private static func decode(_ source: UnsafeBufferPointer<UInt8>, _ encoding: String, decoder: SourceDecoder?) -> Preparation {
    let lowered = String(encoding.map { $0 == "_" ? "-" : Character($0.lowercased()) })
    if ["iso-8859-1", "latin1", "latin-1", "iso8859-1", "iso8859", "8859", "cp819", "l1", "latin"].contains(lowered) {
      var text: [UInt8] = []
      text.reserveCapacity(source.count + source.count / 8)
      for byte in source { UTF8Text.append(UInt32(byte), to: &text) }
      return text.withUnsafeBufferPointer {
        .ready(SourceBuffer(translating: $0, addingNewline: false, hasEncoding: true))
      }
    }
    if ["ascii", "us-ascii", "646"].contains(lowered) {
      for (index, byte) in source.enumerated() where byte >= 128 {
        return .failed(
          initializationFailure(
            "'ascii' codec can't decode byte 0x\(String(byte, radix: 16)) in position \(index): ordinal not in range(128)"))
      }
      return .ready(SourceBuffer(translating: source, addingNewline: false, hasEncoding: true))
    }
    if ["utf8", "u8", "utf"].contains(lowered) {
      if let base = source.baseAddress, let message = UTF8Text.problem(base, source.count) {
        return .failed(initializationFailure(message))
      }
      return .ready(SourceBuffer(translating: source, addingNewline: false, hasEncoding: true))
    }
    switch decoder?(encoding, source) ?? .unknownEncoding {
    case .text(let text):
      return text.withUnsafeBufferPointer {
        .ready(SourceBuffer(translating: $0, addingNewline: false, hasEncoding: true))
      }
    case .unknownEncoding: return .failed(initializationFailure("unknown encoding: \(encoding)"))
    case .undecodable(let message): return .failed(initializationFailure(message))
    }
  }

  /// The encoding that a comment in the first two lines declares, in CPython's normal form.
  static func cookie(_ source: UnsafeBufferPointer<UInt8>) -> String? {
    var start = 0
    for _ in 0..<2 {
      var end = start
      while end < source.count && source[end] != 0x0A && source[end] != 0x0D { end += 1 }
      // A line that nothing ends is not looked at: with `addingNewline` there is none.
      let line = UnsafeBufferPointer(rebasing: source[start..<end])
      if let spec = cookie(inLine: line) { return spec }
      for byte in line {
        if byte == 0x23 { break }
        if byte != 0x20 && byte != 0x09 && byte != 0x0C { return nil }
      }
      if end >= source.count { return nil }
      start = end + 1
      if source[end] == 0x0D && start < source.count && source[start] == 0x0A { start += 1 }
    }
    return nil
  }

  private static func cookie(inLine line: UnsafeBufferPointer<UInt8>) -> String? {
    var index = 0
    while index < line.count && line[index] != 0x23 {
      if line[index] != 0x20 && line[index] != 0x09 && line[index] != 0x0C { return nil }
      index += 1
    }
    let word: [UInt8] = Array("coding".utf8)
    while index + 6 < line.count {
      var matches = true
      for offset in 0..<6 where line[index + offset] != word[offset] { matches = false }
      var position = index + 6
      index += 1
      guard matches, line[position] == 0x3A || line[position] == 0x3D else { continue }
      repeat { position += 1 } while position < line.count && (line[position] == 0x20 || line[position] == 0x09)
      let begin = position
      while position < line.count, isEncodingCharacter(line[position]) { position += 1 }
      if begin < position {
        return normalName(String(decoding: line[begin..<position], as: UTF8.self))
      }
    }
    return nil
  }

  private static func isEncodingCharacter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= 0x61 && lower <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x5F || byte == 0x2E
  }

  private static func normalName(_ name: String) -> String {
    var lowered = ""
    for character in name.utf8.prefix(12) {
      let isUpper = character >= 0x41 && character <= 0x5A
      lowered.unicodeScalars.append(UnicodeScalar(character == 0x5F ? 0x2D : isUpper ? character | 0x20 : character))
    }
    if lowered == "utf-8" || lowered.hasPrefix("utf-8-") { return "utf-8" }
    for latin in ["latin-1", "iso-8859-1", "iso-latin-1"] where lowered == latin || lowered.hasPrefix(latin + "-") {
      return "iso-8859-1"
    }
    return name
  }
}
