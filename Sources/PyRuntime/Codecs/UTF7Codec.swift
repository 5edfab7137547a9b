/// UTF-7 (RFC 2152), as CPython writes and reads it.
enum UTF7Codec {
  private static func isBase64(_ c: UInt32) -> Bool {
    c < 128 && ((c | 32) &- 97 < 26 || c &- 48 < 10 || c == 43 || c == 47)
  }
  private static func value(_ c: UInt32) -> UInt32 {
    if c &- 65 < 26 { return c &- 65 }
    if c &- 97 < 26 { return c &- 71 }
    if c &- 48 < 10 { return c &+ 4 }
    return c == 43 ? 62 : 63
  }
  private static func digit(_ n: UInt32) -> UInt8 {
    let n = UInt8(truncatingIfNeeded: n & 63)
    return n < 26 ? 65 &+ n : n < 52 ? 71 &+ n : n < 62 ? n &- 4 : n == 62 ? 43 : 47
  }
  /// Characters that stand for themselves: RFC 2152's direct ones and white space, with the optional ones for the decoder.
  private static func isDirect(_ c: UInt32) -> Bool {
    if c >= 128 { return false }
    if (c | 32) &- 97 < 26 || c &- 48 < 10 { return true }
    switch c {
    case 39, 40, 41, 44, 45, 46, 47, 58, 63, 32, 9, 10, 13: return true
    // ! " # $ % & * ; < = > @ [ ] ^ _ ` { | }
    case 33, 34, 35, 36, 37, 38, 42, 59, 60, 61, 62, 64, 91, 93, 94, 95, 96, 123, 124, 125: return true
    default: return false
    }
  }
  private static func decodesDirectly(_ c: UInt32) -> Bool { c <= 127 && c != 43 }

  static func decode(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, object: Value, final: Bool
  ) throws(Raised) -> (Value, Int) {
    var d = Decoding(vm, "utf7", b, errors, object: object)
    var i = 0
    var inShift = false
    var shiftStart = 0
    var lengthAtShift = 0
    var bits: UInt32 = 0
    var bitCount = 0
    var surrogate: UInt32 = 0
    while i < d.count {
      let c = UInt32(d.input[i])
      if inShift {
        if isBase64(c) {
          bits = bits << 6 | value(c)
          bitCount &+= 6
          i &+= 1
          if bitCount >= 16 {
            let unit = bits >> UInt32(bitCount &- 16) & 0xFFFF
            bitCount &-= 16
            bits &= (1 << UInt32(bitCount)) &- 1
            if surrogate != 0 {
              if unit >= 0xDC00 && unit <= 0xDFFF {
                try d.out.append(0x10000 &+ ((surrogate & 0x3FF) << 10 | unit & 0x3FF))
                surrogate = 0
                continue
              }
              try d.out.append(surrogate)
              surrogate = 0
            }
            if unit >= 0xD800 && unit <= 0xDBFF { surrogate = unit } else { try d.out.append(unit) }
          }
          continue
        }
        inShift = false
        if bitCount >= 6 {
          i &+= 1
          i = try d.fail(shiftStart, i, "partial character in base64 sequence")
          bits = 0
          bitCount = 0
          surrogate = 0
          continue
        }
        if bitCount > 0 && bits != 0 {
          i &+= 1
          i = try d.fail(shiftStart, i, "non-zero padding bits in base64 sequence")
          bits = 0
          bitCount = 0
          surrogate = 0
          continue
        }
        if surrogate != 0 && decodesDirectly(c) {
          try d.out.append(surrogate)
        }
        surrogate = 0
        if c == 45 { i &+= 1 }
        continue
      }
      if c == 43 {
        shiftStart = i
        i &+= 1
        if i < d.count && d.input[i] == 45 {
          i &+= 1
          try d.out.append(43)
        } else if i < d.count && !isBase64(UInt32(d.input[i])) {
          i &+= 1
          i = try d.fail(shiftStart, i, "ill-formed sequence")
        } else {
          inShift = true
          surrogate = 0
          lengthAtShift = d.out.length
          bits = 0
          bitCount = 0
        }
      } else if decodesDirectly(c) {
        try d.out.append(c)
        i &+= 1
      } else {
        i = try d.fail(i, i &+ 1, "unexpected special character")
      }
    }
    if inShift {
      if !final {
        // Back to the start of the sequence: its state is not kept.
        return (try vm.str(copying: d.out.view.slice(0, min(lengthAtShift, d.out.length))), shiftStart)
      }
      if surrogate != 0 || bitCount >= 6 || (bitCount > 0 && bits != 0) {
        i = try d.fail(shiftStart, d.count, "unterminated shift sequence")
      }
    }
    return (try d.out.finish(), i)
  }

  static func encode(_ vm: VM, _ text: Value) throws(Raised) -> Value {
    let view = StrView(text)
    var out = ByteBuilder(vm)
    var inShift = false
    var bits: UInt32 = 0
    var bitCount = 0
    func put(_ out: inout ByteBuilder, _ unit: UInt32) throws(Raised) {
      bits = bits << 16 | unit
      bitCount &+= 16
      while bitCount >= 6 {
        try out.append(digit(bits >> UInt32(bitCount &- 6)))
        bitCount &-= 6
      }
      bits &= (1 << UInt32(bitCount)) &- 1
    }
    func flush(_ out: inout ByteBuilder) throws(Raised) {
      if bitCount > 0 { try out.append(digit(bits << UInt32(6 &- bitCount))) }
      bits = 0
      bitCount = 0
    }
    for i in 0..<view.length {
      let c = view[i]
      if inShift {
        if isDirect(c) {
          try flush(&out)
          inShift = false
          // A '-' is needed where the next character could be taken for a digit.
          if isBase64(c) || c == 45 { try out.append(45) }
          try out.append(UInt8(truncatingIfNeeded: c))
          continue
        }
      } else {
        if c == 43 {
          try out.append(43)
          try out.append(45)
          continue
        }
        if isDirect(c) {
          try out.append(UInt8(truncatingIfNeeded: c))
          continue
        }
        try out.append(43)
        inShift = true
      }
      if c >= 0x10000 {
        try put(&out, 0xD7C0 &+ c >> 10)
        try put(&out, 0xDC00 | c & 0x3FF)
      } else {
        try put(&out, c)
      }
    }
    try flush(&out)
    if inShift { try out.append(45) }
    return try out.finish()
  }
}
