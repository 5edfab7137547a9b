/// unicode_escape, raw_unicode_escape and the escapes of bytes literals.
enum EscapeCodecs {
  // MARK: unicode_escape

  static func decodeUnicode(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, object: Value, final: Bool
  ) throws(Raised) -> (Value, Int) {
    var d = Decoding(vm, "unicodeescape", b, errors, object: object)
    try d.out.reserve(b.count)
    var i = 0
    var warned: Int?
    while i < d.count {
      let c = d.input[i]
      if c != 92 {
        try d.out.append(UInt32(c))
        i &+= 1
        continue
      }
      let start = i
      i &+= 1
      if i >= d.count {
        if !final {
          i = start
          break
        }
        i = try d.fail(start, d.count, "\\ at end of string")
        continue
      }
      let e = d.input[i]
      i &+= 1
      switch e {
      case 10: break
      case 92, 39, 34: try d.out.append(UInt32(e))
      case 0x62: try d.out.append(8)
      case 0x66: try d.out.append(12)
      case 0x74: try d.out.append(9)
      case 0x6E: try d.out.append(10)
      case 0x72: try d.out.append(13)
      case 0x76: try d.out.append(11)
      case 0x61: try d.out.append(7)
      case 48...55:
        var n = UInt32(e &- 48)
        var digits = 1
        while digits < 3 && i < d.count && d.input[i] >= 48 && d.input[i] <= 55 {
          n = n << 3 | UInt32(d.input[i] &- 48)
          i &+= 1
          digits &+= 1
        }
        // An escape that could go on is left for the next call.
        if !final && digits < 3 && i == d.count {
          i = start
          return (try d.out.finish(), i)
        }
        if n > 255 && warned == nil { warned = start }
        try d.out.append(n)
      case 0x78, 0x75, 0x55:
        let digits = e == 0x78 ? 2 : e == 0x75 ? 4 : 8
        let reason: StaticString =
          e == 0x78 ? "truncated \\xXX escape" : e == 0x75 ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape"
        var n: UInt32 = 0
        var k = 0
        while k < digits, i < d.count, let h = hex(d.input[i]) {
          n = n &<< 4 | h
          i &+= 1
          k &+= 1
        }
        if k < digits {
          if !final && i == d.count {
            i = start
            return (try d.out.finish(), i)
          }
          i = try d.fail(start, i, reason)
        } else if n > 0x10FFFF {
          i = try d.fail(start, i, "illegal Unicode character")
        } else {
          try d.out.append(n)
        }
      case 0x4E:
        guard let done = try named(vm, &d, start, &i, final) else { return (try d.out.finish(), start) }
        if !done { continue }
      default:
        if warned == nil { warned = start }
        try d.out.append(92)
        try d.out.append(UInt32(e))
      }
    }
    // A handler may have replaced the input.
    if let warned, warned &+ 1 < d.count { try warnInvalid(vm, UnsafeRawBufferPointer(start: d.input, count: d.count), warned) }
    return (try d.out.finish(), i)
  }

  /// `\N{name}` at `i`, which stands behind the N. Nil: incomplete, more input is to come.
  private static func named(
    _ vm: VM, _ d: inout Decoding, _ start: Int, _ i: inout Int, _ final: Bool
  ) throws(Raised) -> Bool? {
    if i >= d.count {
      if !final { return nil }
    } else if d.input[i] == 123 {
      var end = i &+ 1
      while end < d.count && d.input[end] != 125 { end &+= 1 }
      if end >= d.count {
        if !final { return nil }
        i = d.count
      } else if end > i &+ 1 {
        let name = try vm.str(latin1: UnsafeRawBufferPointer(start: d.input + (i &+ 1), count: end &- i &- 1))
        let lookup = try vm.getAttribute(try vm.importModule("unicodedata"), "lookup")
        var found = Value.null
        do throws(Raised) { found = try vm.call(lookup, name) } catch {
          guard vm.pendingIs(.keyError) else { throw error }
          vm.clearPending()
        }
        i = end &+ 1
        if found.isStr {
          try d.out.append(found)
          return true
        }
        i = try d.fail(start, i, "unknown Unicode character name")
        return false
      } else {
        i = end &+ 1
      }
    }
    i = try d.fail(start, min(i, d.count), "malformed \\N character escape")
    return false
  }

  private static func warnInvalid(_ vm: VM, _ b: UnsafeRawBufferPointer, _ at: Int) throws(Raised) {
    let c = b[at &+ 1]
    if c >= 52 && c <= 55 {
      var text = "\\"
      for k in 1...3 where at &+ k < b.count { text.unicodeScalars.append(Unicode.Scalar(b[at &+ k])) }
      try vm.warn(.deprecationWarning, "invalid octal escape sequence '\(text)'")
    } else {
      try vm.warn(.deprecationWarning, "invalid escape sequence '\\\(String(UnicodeScalar(c)))'")
    }
  }

  static func hex(_ c: UInt8) -> UInt32? {
    if c &- 48 < 10 { return UInt32(c &- 48) }
    return (c | 32) &- 97 < 6 ? UInt32((c | 32) &- 87) : nil
  }

  static func encodeUnicode(_ vm: VM, _ text: Value) throws(Raised) -> Value {
    let view = StrView(text)
    var out = ByteBuilder(vm)
    try out.reserve(view.length)
    for i in 0..<view.length {
      let c = view[i]
      if c >= 32 && c < 127 && c != 92 {
        try out.append(UInt8(truncatingIfNeeded: c))
        continue
      }
      try out.append(92)
      switch c {
      case 92: try out.append(92)
      case 9: try out.append(0x74)
      case 10: try out.append(0x6E)
      case 13: try out.append(0x72)
      default:
        try out.append(c < 0x100 ? 0x78 : c < 0x10000 ? 0x75 : 0x55)
        try out.append(hex: c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8)
      }
    }
    return try out.finish()
  }

  // MARK: raw_unicode_escape

  static func decodeRaw(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, object: Value, final: Bool
  ) throws(Raised) -> (Value, Int) {
    var d = Decoding(vm, "rawunicodeescape", b, errors, object: object)
    try d.out.reserve(b.count)
    var i = 0
    while i < d.count {
      let c = d.input[i]
      if c != 92 || (i &+ 1 >= d.count && final) {
        try d.out.append(UInt32(c))
        i &+= 1
        continue
      }
      if i &+ 1 >= d.count { break }
      let e = d.input[i &+ 1]
      guard e == 0x75 || e == 0x55 else {
        try d.out.append(92)
        try d.out.append(UInt32(e))
        i &+= 2
        continue
      }
      let start = i
      let digits = e == 0x75 ? 4 : 8
      i &+= 2
      var n: UInt32 = 0
      var k = 0
      while k < digits, i < d.count, let h = hex(d.input[i]) {
        n = n &<< 4 | h
        i &+= 1
        k &+= 1
      }
      if k < digits {
        if !final && i == d.count { return (try d.out.finish(), start) }
        i = try d.fail(start, i, e == 0x75 ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape")
      } else if n > 0x10FFFF {
        i = try d.fail(start, i, "\\Uxxxxxxxx out of range")
      } else {
        try d.out.append(n)
      }
    }
    return (try d.out.finish(), i)
  }

  static func encodeRaw(_ vm: VM, _ text: Value) throws(Raised) -> Value {
    let view = StrView(text)
    var out = ByteBuilder(vm)
    try out.reserve(view.length)
    for i in 0..<view.length {
      let c = view[i]
      if c < 0x100 {
        try out.append(UInt8(truncatingIfNeeded: c))
      } else {
        try out.append(92)
        try out.append(c < 0x10000 ? 0x75 : 0x55)
        try out.append(hex: c, c < 0x10000 ? 4 : 8)
      }
    }
    return try out.finish()
  }

  // MARK: escapes of bytes literals

  static func decodeBytes(_ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value) throws(Raised) -> Value {
    var out = ByteBuilder(vm)
    try out.reserve(b.count)
    let mode = CodecErrors(errors)
    var i = 0
    var warned: Int?
    while i < b.count {
      let c = b[i]
      if c != 92 {
        try out.append(c)
        i &+= 1
        continue
      }
      let start = i
      i &+= 1
      if i >= b.count { throw vm.raise(.valueError, "Trailing \\ in string") }
      let e = b[i]
      i &+= 1
      switch e {
      case 10: break
      case 92, 39, 34: try out.append(e)
      case 0x62: try out.append(8)
      case 0x66: try out.append(12)
      case 0x74: try out.append(9)
      case 0x6E: try out.append(10)
      case 0x72: try out.append(13)
      case 0x76: try out.append(11)
      case 0x61: try out.append(7)
      case 48...55:
        var n = UInt32(e &- 48)
        var digits = 1
        while digits < 3 && i < b.count && b[i] >= 48 && b[i] <= 55 {
          n = n << 3 | UInt32(b[i] &- 48)
          i &+= 1
          digits &+= 1
        }
        if n > 255 && warned == nil { warned = start }
        try out.append(UInt8(truncatingIfNeeded: n))
      case 0x78:
        if i &+ 1 < b.count, let h = hex(b[i]), let l = hex(b[i &+ 1]) {
          try out.append(UInt8(truncatingIfNeeded: h << 4 | l))
          i &+= 2
          continue
        }
        // Skip the one good digit that there may be.
        if i < b.count, hex(b[i]) != nil { i &+= 1 }
        switch mode.mode {
        case .strict: throw vm.raise(.valueError, "invalid \\x escape at position \(start)")
        case .replace: try out.append(63)
        case .ignore: break
        default:
          throw vm.raise(.valueError, "decoding error; unknown error handling code: \(mode.name.swiftString)")
        }
      default:
        if warned == nil { warned = start }
        try out.append(92)
        i &-= 1
      }
    }
    if let warned { try warnInvalid(vm, b, warned) }
    return try out.finish()
  }

  static func encodeBytes(_ vm: VM, _ b: UnsafeRawBufferPointer) throws(Raised) -> Value {
    var out = ByteBuilder(vm)
    try out.reserve(b.count)
    for c in b {
      switch c {
      case 39, 92:
        try out.append(92)
        try out.append(c)
      case 9: try out.append("\\t")
      case 10: try out.append("\\n")
      case 13: try out.append("\\r")
      case 32..<127: try out.append(c)
      default:
        try out.append("\\x")
        try out.append(hex: UInt32(c), 2)
      }
    }
    return try out.finish()
  }
}
