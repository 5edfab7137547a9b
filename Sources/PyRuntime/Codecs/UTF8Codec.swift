import Glibc

enum UTF8Codec {
  /// Decodes; `final` false leaves an incomplete sequence at the end alone.
  /// - Returns: the text and the number of bytes used.
  static func decode(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, object: Value = .null, final: Bool = true
  ) throws(Raised) -> (Value, Int) {
    guard let base = b.baseAddress, b.count > 0 else { return (try vm.emptyStr(), 0) }
    let ascii = UTF8Scan.firstNonASCII(base, b.count)
    if ascii == b.count { return (try vm.str(ascii: b), b.count) }
    let whole = try UTF8Fast.decode(vm, b)
    if !whole.isNull { return (whole, b.count) }
    var d = Decoding(vm, "utf-8", b, errors, object: object)
    try d.out.reserve(b.count)
    var i = 0
    while i < d.count {
      let p = d.input
      let c = p[i]
      if c < 0x80 {
        let n = UTF8Scan.firstNonASCII(UnsafeRawPointer(p + i), d.count &- i)
        try d.out.append(StrView(units: UnsafeRawPointer(p + i), length: n, unit: 1))
        i &+= n
        continue
      }
      let left = d.count &- i
      // How many bytes of a sequence are good, or why it is not.
      if c < 0xC2 || c > 0xF4 {
        i = try d.fail(i, i &+ 1, "invalid start byte")
        continue
      }
      let need = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4
      var good = 1
      if left > 1 && isContinuation(p[i &+ 1]) && !excluded(c, p[i &+ 1]) {
        good = 2
        if need > 2 && left > 2 && isContinuation(p[i &+ 2]) {
          good = 3
          if need > 3 && left > 3 && isContinuation(p[i &+ 3]) { good = 4 }
        }
      }
      good = min(good, need)
      if good == need {
        var v = UInt32(c) & (need == 2 ? 0x1F : need == 3 ? 0x0F : 0x07)
        for k in 1..<need { v = v << 6 | UInt32(p[i &+ k] & 0x3F) }
        try d.out.append(v)
        i &+= need
      } else if good == left {
        if !final { break }
        i = try d.fail(i, d.count, "unexpected end of data")
      } else {
        // A truncated surrogate may still be completed.
        if !final && c == 0xED && left == 2 && p[i &+ 1] >= 0xA0 && p[i &+ 1] <= 0xBF { break }
        i = try d.fail(i, i &+ good, "invalid continuation byte")
      }
    }
    return (try d.out.finish(), i)
  }
  @inline(__always) private static func isContinuation(_ c: UInt8) -> Bool { c & 0xC0 == 0x80 }
  /// Second bytes that would make an overlong form, a surrogate or something beyond U+10FFFF.
  @inline(__always) private static func excluded(_ first: UInt8, _ second: UInt8) -> Bool {
    switch first {
    case 0xE0: second < 0xA0
    case 0xED: second >= 0xA0
    case 0xF0: second < 0x90
    case 0xF4: second >= 0x90
    default: false
    }
  }

  static func encode(_ vm: VM, _ text: Value, _ errors: Value) throws(Raised) -> Value {
    let s = text.as(StrLayout.self)
    if s.isASCII { return try vm.bytes(UnsafeRawBufferPointer(start: s.units, count: s.pointee.length)) }
    let whole = try UTF8Fast.encode(vm, StrView(text))
    if !whole.isNull { return whole }
    var e = TextEncoding(vm, "utf-8", text, errors)
    let view = e.view
    try e.out.reserve(view.length &* (view.unit == 1 ? 2 : 3))
    var i = 0
    while i < view.length {
      let c = view[i]
      if c < 0x80 {
        try e.out.append(UInt8(truncatingIfNeeded: c))
      } else if c < 0x800 {
        try e.out.append(UInt8(truncatingIfNeeded: 0xC0 | c >> 6))
        try e.out.append(UInt8(truncatingIfNeeded: 0x80 | c & 0x3F))
      } else if c < 0x10000 {
        if c >= 0xD800 && c <= 0xDFFF {
          var end = i &+ 1
          while end < view.length, view[end] >= 0xD800, view[end] <= 0xDFFF { end &+= 1 }
          i = try e.fail(i, end, "surrogates not allowed") { out, c throws(Raised) in
            if c >= 128 { return false }
            try out.append(UInt8(truncatingIfNeeded: c))
            return true
          }
          continue
        }
        try e.out.append(UInt8(truncatingIfNeeded: 0xE0 | c >> 12))
        try e.out.append(UInt8(truncatingIfNeeded: 0x80 | c >> 6 & 0x3F))
        try e.out.append(UInt8(truncatingIfNeeded: 0x80 | c & 0x3F))
      } else {
        try e.out.append(UInt8(truncatingIfNeeded: 0xF0 | c >> 18))
        try e.out.append(UInt8(truncatingIfNeeded: 0x80 | c >> 12 & 0x3F))
        try e.out.append(UInt8(truncatingIfNeeded: 0x80 | c >> 6 & 0x3F))
        try e.out.append(UInt8(truncatingIfNeeded: 0x80 | c & 0x3F))
      }
      i &+= 1
    }
    return try e.out.finish()
  }
}
