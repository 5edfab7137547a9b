/// Decoding of UTF-8 as CPython's codec does it, for positions and error messages.
enum UTF8Text {
  enum Strict {
    case valid([UInt32])
    /// The message of the UnicodeDecodeError.
    case invalid(String)
  }

  /// Bytes up to the next newline or NUL.
  static func lineLength(_ text: UnsafePointer<UInt8>) -> Int {
    var length = 0
    while text[length] != 0x0A && text[length] != 0 { length += 1 }
    return length
  }

  /// Line `number` (from 0) of a text that ends with NUL, without its newline; the last one if there are fewer.
  static func line(_ number: Int, of text: UnsafePointer<UInt8>) -> [UInt8] {
    var line = text
    for _ in 0..<max(0, number) {
      let length = lineLength(line)
      if line[length] == 0 || line[length + 1] == 0 { break }
      line += length + 1
    }
    return replacingInvalid(line, lineLength(line))
  }

  static func encodedLength(_ scalar: UInt32) -> Int {
    scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
  }

  /// One step: the scalar at `index` and its length, or the length of the ill-formed part and why.
  static func step(
    _ text: UnsafePointer<UInt8>, _ index: Int, _ count: Int
  ) -> (scalar: UInt32?, length: Int, reason: StaticString) {
    let byte = text[index]
    if byte < 0x80 { return (UInt32(byte), 1, "") }
    let needed: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    var value: UInt32
    switch byte {
    case 0xC2...0xDF:
      needed = 1
      value = UInt32(byte & 0x1F)
    case 0xE0...0xEF:
      needed = 2
      value = UInt32(byte & 0x0F)
      if byte == 0xE0 { low = 0xA0 }
      if byte == 0xED { high = 0x9F }
    case 0xF0...0xF4:
      needed = 3
      value = UInt32(byte & 0x07)
      if byte == 0xF0 { low = 0x90 }
      if byte == 0xF4 { high = 0x8F }
    default:
      return (nil, 1, "invalid start byte")
    }
    for position in 1...needed {
      if index + position >= count { return (nil, position, "unexpected end of data") }
      let next = text[index + position]
      if next < low || next > high { return (nil, position, "invalid continuation byte") }
      low = 0x80
      high = 0xBF
      value = value << 6 | UInt32(next & 0x3F)
    }
    return (value, needed + 1, "")
  }

  /// Characters in `count` bytes, each ill-formed part counting as one.
  static func characterCount(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var index = 0
    var characters = 0
    while index < count {
      index += step(text, index, count).length
      characters += 1
    }
    return characters
  }

  /// Characters in the first `count` bytes of a text, as a place in it or just behind it.
  static func characterCount(_ text: [UInt8], before count: Int) -> Int {
    let count = min(max(count, 0), text.count &+ 1)
    return text.withUnsafeBufferPointer { p in
      guard let base = p.baseAddress else { return count }
      return count > text.count ? characterCount(base, text.count) &+ 1 : characterCount(base, count)
    }
  }

  /// The text with each ill-formed part replaced by U+FFFD.
  static func replacingInvalid(_ text: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var index = 0
    while index < count {
      let (scalar, length, _) = step(text, index, count)
      if scalar == nil {
        result += [0xEF, 0xBF, 0xBD]
      } else {
        for offset in 0..<length { result.append(text[index + offset]) }
      }
      index += length
    }
    return result
  }

  static func decodeStrict(_ text: UnsafePointer<UInt8>, _ count: Int) -> Strict {
    var scalars: [UInt32] = []
    scalars.reserveCapacity(count)
    var index = 0
    while index < count {
      let (scalar, length, reason) = step(text, index, count)
      guard let scalar else { return .invalid(decodeMessage(text, index, length, reason)) }
      scalars.append(scalar)
      index += length
    }
    return .valid(scalars)
  }

  /// Message of a strict UTF-8 decoding of the whole text; nil if it is well-formed.
  static func problem(_ text: UnsafePointer<UInt8>, _ count: Int) -> String? {
    var index = 0
    while index < count {
      let (scalar, length, reason) = step(text, index, count)
      if scalar == nil { return decodeMessage(text, index, length, reason) }
      index += length
    }
    return nil
  }

  private static func decodeMessage(
    _ text: UnsafePointer<UInt8>, _ index: Int, _ length: Int, _ reason: StaticString
  ) -> String {
    if length == 1 {
      var hex = String(text[index], radix: 16)
      if hex.utf8.count < 2 { hex = "0" + hex }
      return "'utf-8' codec can't decode byte 0x\(hex) in position \(index): \(reason)"
    }
    return "'utf-8' codec can't decode bytes in position \(index)-\(index + length - 1): \(reason)"
  }

  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    if scalar < 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    } else if scalar < 0x10000 {
      bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    } else {
      bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
  }
}

extension UTF8Text {
  static func isASCII(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var index = 0
    let raw = UnsafeRawPointer(text)
    while index + 8 <= count {
      if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
      index += 8
    }
    while index < count {
      if text[index] >= 0x80 { return false }
      index += 1
    }
    return true
  }
}
