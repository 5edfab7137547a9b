import Glibc

/// Quoted-printable text (RFC 1521), as CPython reads and writes it.
enum QuotedPrintable {
  private static let lineLength = 76

  /// - Returns: how many bytes were written; never more than `text` has.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, header: Bool, into to: UnsafeMutablePointer<UInt8>) -> Int {
    var i = 0, o = 0
    while i < text.count {
      let c = text[i]
      i &+= 1
      if c == 61 {
        if i >= text.count { break }
        let next = text[i]
        if next == 10 || next == 13 {
          // A soft line break, and what stands before the end of its line.
          while i < text.count && text[i] != 10 { i &+= 1 }
          if i < text.count { i &+= 1 }
          continue
        }
        if next == 61 {
          i &+= 1
        } else if i &+ 1 < text.count, let high = HexText.digit(next), let low = HexText.digit(text[i &+ 1]) {
          to[o] = high << 4 | low
          o &+= 1
          i &+= 2
          continue
        }
        to[o] = 61
      } else {
        to[o] = header && c == 95 ? 32 : c
      }
      o &+= 1
    }
    return o
  }

  /// - Returns: how many bytes were written, fewer than 4 for each one read.
  static func encode(
    _ data: UnsafeBufferPointer<UInt8>, quotesTabs: Bool, isText: Bool, header: Bool, into to: UnsafeMutablePointer<UInt8>
  ) -> Int {
    guard let from = data.baseAddress, data.count > 0 else { return 0 }
    let n = data.count
    // Ends of lines all become as the first one is.
    var crlf = false
    if let newline = memchr(from, 10, n) {
      let at = UnsafeRawPointer(newline) - UnsafeRawPointer(from)
      crlf = at > 0 && from[at &- 1] == 13
    }
    var i = 0, o = 0, line = 0
    func hex(_ c: UInt8) {
      to[o] = HexText.upper(c >> 4)
      to[o &+ 1] = HexText.upper(c & 15)
      o &+= 2
    }
    func endLine() {
      if crlf {
        to[o] = 13
        o &+= 1
      }
      to[o] = 10
      o &+= 1
      line = 0
    }
    func softBreak() {
      to[o] = 61
      o &+= 1
      endLine()
    }
    while i < n {
      let c = from[i]
      let isLast = i &+ 1 == n
      let next = isLast ? 0 : from[i &+ 1]
      let isLoneDot = c == 46 && line == 0 && (isLast || next == 10 || next == 13 || next == 0)
      let isQuoted =
        c > 126 || c == 61 || header && c == 95 || isLoneDot || !isText && (c == 13 || c == 10) || isLast && (c == 9 || c == 32)
        || c < 33 && c != 13 && c != 10 && (quotesTabs || c != 9 && c != 32)
      if isQuoted {
        if line &+ 3 >= lineLength { softBreak() }
        to[o] = 61
        o &+= 1
        hex(c)
        i &+= 1
        line &+= 3
      } else if isText && (c == 10 || c == 13 && next == 10 && !isLast) {
        // No line may end in white space.
        if o > 0 && (to[o &- 1] == 32 || to[o &- 1] == 9) {
          let space = to[o &- 1]
          to[o &- 1] = 61
          hex(space)
        }
        endLine()
        i &+= c == 13 ? 2 : 1
      } else {
        if !isLast && next != 10 && line &+ 1 >= lineLength { softBreak() }
        line &+= 1
        to[o] = header && c == 32 ? 95 : c
        o &+= 1
        i &+= 1
      }
    }
    return o
  }
}
