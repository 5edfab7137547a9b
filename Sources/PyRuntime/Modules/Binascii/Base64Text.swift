/// Base64 (RFC 4648), with what CPython forgives and what its strict mode does not.
enum Base64Text {
  enum Outcome {
    case bytes(Int)
    /// Data characters one more than a multiple of 4; how many
    case oneMore(Int)
    case fault(String)
  }

  nonisolated(unsafe) private static let alphabet: UnsafePointer<UInt8> = {
    let t = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
    for i: UInt8 in 0..<64 {
      t[Int(i)] = i < 26 ? 65 &+ i : i < 52 ? 71 &+ i : i < 62 ? i &- 4 : i == 62 ? 43 : 47
    }
    return UnsafePointer(t)
  }()
  /// The six bits of a character; 255 for those that are not of the alphabet
  nonisolated(unsafe) private static let values: UnsafePointer<UInt8> = {
    let t = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    t.initialize(repeating: 255, count: 256)
    for i: UInt8 in 0..<64 { t[Int(alphabet[Int(i)])] = i }
    return UnsafePointer(t)
  }()

  /// Writes four characters for each three bytes begun.
  static func encode(_ data: UnsafeBufferPointer<UInt8>, into to: UnsafeMutablePointer<UInt8>) {
    guard let from = data.baseAddress else { return }
    let alphabet = alphabet
    var i = 0, o = 0
    while i &+ 3 <= data.count {
      let n = Int(from[i]) << 16 | Int(from[i &+ 1]) << 8 | Int(from[i &+ 2])
      to[o] = alphabet[n >> 18]
      to[o &+ 1] = alphabet[n >> 12 & 63]
      to[o &+ 2] = alphabet[n >> 6 & 63]
      to[o &+ 3] = alphabet[n & 63]
      i &+= 3
      o &+= 4
    }
    if i == data.count { return }
    let two = i &+ 2 == data.count
    let n = Int(from[i]) << 16 | (two ? Int(from[i &+ 1]) << 8 : 0)
    to[o] = alphabet[n >> 18]
    to[o &+ 1] = alphabet[n >> 12 & 63]
    to[o &+ 2] = two ? alphabet[n >> 6 & 63] : 61
    to[o &+ 3] = 61
  }

  /// `to` has room for three bytes for each four characters begun.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, strict: Bool, into to: UnsafeMutablePointer<UInt8>) -> Outcome {
    guard let from = text.baseAddress, text.count > 0 else { return .bytes(0) }
    if strict && from[0] == 61 { return .fault("Leading padding not allowed") }
    let values = values
    var i = 0, o = 0
    // Groups of four without anything between.
    while i &+ 4 <= text.count {
      let a = values[Int(from[i])], b = values[Int(from[i &+ 1])], c = values[Int(from[i &+ 2])], d = values[Int(from[i &+ 3])]
      if (a | b | c | d) & 0x80 != 0 { break }
      to[o] = a << 2 | b >> 4
      to[o &+ 1] = b << 4 | c >> 2
      to[o &+ 2] = c << 6 | d
      i &+= 4
      o &+= 3
    }
    // The rest character by character.
    var place = 0, pads = 0
    var isPadded = false
    var left: UInt8 = 0
    while i < text.count {
      let c = from[i]
      i &+= 1
      if c == 61 {
        isPadded = true
        if place >= 2 {
          pads &+= 1
          if place &+ pads >= 4 {
            if strict && i < text.count { return .fault("Excess data after padding") }
            return .bytes(o)
          }
        }
        continue
      }
      let value = values[Int(c)]
      if value >= 64 {
        if strict { return .fault("Only base64 data is allowed") }
        continue
      }
      if strict && isPadded { return .fault("Discontinuous padding not allowed") }
      pads = 0
      switch place {
      case 0: left = value
      case 1:
        to[o] = left << 2 | value >> 4
        left = value & 15
        o &+= 1
      case 2:
        to[o] = left << 4 | value >> 2
        left = value & 3
        o &+= 1
      default:
        to[o] = left << 6 | value
        left = 0
        o &+= 1
      }
      place = (place &+ 1) & 3
    }
    switch place {
    case 0: return .bytes(o)
    case 1: return .oneMore(o / 3 &* 4 &+ 1)
    default: return .fault("Incorrect padding")
    }
  }
}

/// Lines of uuencoded text: a character for the length, then four for each three bytes.
enum UUText {
  /// Bytes that the line says it has.
  static func length(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    // An empty line reads as if a zero byte stood there.
    Int(((text.count > 0 ? text[0] : 0) &- 32) & 63)
  }

  /// - Returns: what is wrong, or nil.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, into to: UnsafeMutablePointer<UInt8>) -> String? {
    let count = length(text)
    var i = 1, o = 0, bits = 0
    var left: UInt32 = 0
    while o < count {
      var c: UInt32 = 0
      if i < text.count, text[i] != 10, text[i] != 13 {
        if text[i] < 32 || text[i] > 96 { return "Illegal char" }
        c = UInt32((text[i] &- 32) & 63)
      }
      i &+= 1
      left = left << 6 | c
      bits &+= 6
      if bits >= 8 {
        bits &-= 8
        to[o] = UInt8(truncatingIfNeeded: left >> UInt32(bits))
        left &= 1 << UInt32(bits) &- 1
        o &+= 1
      }
    }
    while i < text.count {
      let c = text[i]
      if c != 32 && c != 96 && c != 10 && c != 13 { return "Trailing garbage" }
      i &+= 1
    }
    return nil
  }

  /// At most 45 bytes; writes at most 62 characters and answers how many.
  static func encode(_ data: UnsafeBufferPointer<UInt8>, backtick: Bool, into to: UnsafeMutablePointer<UInt8>) -> Int {
    let zero: UInt8 = backtick ? 96 : 32
    to[0] = data.count == 0 ? zero : 32 &+ UInt8(truncatingIfNeeded: data.count)
    var i = 0, o = 1, bits = 0
    var left: UInt32 = 0
    while i < data.count || bits != 0 {
      left = left << 8 | (i < data.count ? UInt32(data[i]) : 0)
      bits &+= 8
      i &+= 1
      while bits >= 6 {
        bits &-= 6
        let c = UInt8(truncatingIfNeeded: left >> UInt32(bits) & 63)
        to[o] = c == 0 ? zero : 32 &+ c
        o &+= 1
      }
    }
    to[o] = 10
    return o &+ 1
  }
}
