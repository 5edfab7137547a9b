/// UTF-16. Byte order: -1 little, 1 big, 0 native (little) with a byte order mark.
enum UTF16Codec {
  static func decode(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, _ order: inout Int, object: Value = .null, final: Bool
  ) throws(Raised) -> (Value, Int) {
    var start = 0
    if order == 0 && b.count >= 2 {
      if b[0] == 0xFF && b[1] == 0xFE {
        order = -1
        start = 2
      } else if b[0] == 0xFE && b[1] == 0xFF {
        order = 1
        start = 2
      }
    }
    if order <= 0, let whole = try quickDecode(vm, b, start) { return (whole, b.count) }
    let name: StaticString = order == 1 ? "utf-16-be" : order == -1 ? "utf-16-le" : "utf-16-le"
    var d = Decoding(vm, name, b, errors, object: object)
    let big = order == 1
    try d.out.reserve(b.count / 2)
    func unit(_ d: Decoding, _ i: Int) -> UInt32 {
      let p = d.input + i
      return big ? UInt32(p[0]) << 8 | UInt32(p[1]) : UInt32(p[1]) << 8 | UInt32(p[0])
    }
    var i = start
    while i < d.count {
      if d.count &- i < 2 {
        if !final { break }
        i = try d.fail(i, d.count, "truncated data")
        continue
      }
      let c = unit(d, i)
      if c < 0xD800 || c > 0xDFFF {
        try d.out.append(c)
        i &+= 2
      } else if c >= 0xDC00 {
        i = try d.fail(i, i &+ 2, "illegal encoding")
      } else if d.count &- i < 4 {
        if !final { break }
        i = try d.fail(i, d.count, "unexpected end of data")
      } else {
        let c2 = unit(d, i &+ 2)
        if c2 >= 0xDC00 && c2 <= 0xDFFF {
          try d.out.append(0x10000 &+ ((c & 0x3FF) << 10 | c2 & 0x3FF))
          i &+= 4
        } else {
          i = try d.fail(i, i &+ 2, "illegal UTF-16 surrogate")
        }
      }
    }
    return (try d.out.finish(), i)
  }

  /// Little-endian text from `start` on that is whole and of the basic plane; nil for other text.
  private static func quickDecode(_ vm: VM, _ b: UnsafeRawBufferPointer, _ start: Int) throws(Raised) -> Value? {
    guard let base = b.baseAddress, (b.count &- start) & 1 == 0, UInt(bitPattern: base + start) & 1 == 0 else { return nil }
    let count = (b.count &- start) / 2
    let p = (base + start).assumingMemoryBound(to: UInt16.self)
    var surrogates = false
    for i in 0..<count { surrogates = surrogates || p[i] &- 0xD800 < 0x800 }
    return surrogates ? nil : try vm.str(copying: StrView(units: UnsafeRawPointer(p), length: count, unit: 2))
  }

  /// Little-endian text of the basic plane; null if it has surrogates.
  private static func quickEncode(_ vm: VM, _ view: StrView, mark: Bool) throws(Raised) -> Value {
    if view.unit == 2 {
      let p = view.pointer(UInt16.self)
      var surrogates = false
      for i in 0..<view.length { surrogates = surrogates || p[i] &- 0xD800 < 0x800 }
      if surrogates { return .null }
    }
    let start = mark ? 2 : 0
    if start &+ view.length == 0 { return try vm.emptyBytes() }
    let out = try vm.bytes(count: start &+ view.length &* 2)
    let to = UnsafeMutableRawPointer(out.as(BytesLayout.self).bytes)
    if mark { to.storeBytes(of: 0xFEFF, as: UInt16.self) }
    view.copy(to: to + start, unit: 2)
    return out
  }

  static func encode(_ vm: VM, _ text: Value, _ errors: Value, _ order: Int) throws(Raised) -> Value {
    let name: StaticString = order == 1 ? "utf-16-be" : order == -1 ? "utf-16-le" : "utf-16"
    if order <= 0 && StrView(text).unit < 4 {
      let whole = try quickEncode(vm, StrView(text), mark: order == 0)
      if !whole.isNull { return whole }
    }
    var e = TextEncoding(vm, name, text, errors)
    e.unitSize = 2
    let view = e.view
    let big = order == 1
    try e.out.reserve(view.length &* 2 &+ 2)
    func put(_ out: inout ByteBuilder, _ c: UInt32) throws(Raised) {
      let high = UInt8(truncatingIfNeeded: c >> 8), low = UInt8(truncatingIfNeeded: c)
      try out.append(big ? high : low)
      try out.append(big ? low : high)
    }
    if order == 0 { try put(&e.out, 0xFEFF) }
    var i = 0
    while i < view.length {
      let c = view[i]
      if c >= 0xD800 && c <= 0xDFFF {
        i = try e.fail(i, i &+ 1, "surrogates not allowed") { out, c throws(Raised) in
          if c >= 128 { return false }
          try put(&out, c)
          return true
        }
        continue
      }
      if c < 0x10000 {
        try put(&e.out, c)
      } else {
        try put(&e.out, 0xD7C0 &+ c >> 10)
        try put(&e.out, 0xDC00 | c & 0x3FF)
      }
      i &+= 1
    }
    return try e.out.finish()
  }
}

/// UTF-32, byte orders as for UTF-16.
enum UTF32Codec {
  static func decode(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, _ order: inout Int, object: Value = .null, final: Bool
  ) throws(Raised) -> (Value, Int) {
    var start = 0
    if order == 0 && b.count >= 4 {
      if b[0] == 0xFF && b[1] == 0xFE && b[2] == 0 && b[3] == 0 {
        order = -1
        start = 4
      } else if b[0] == 0 && b[1] == 0 && b[2] == 0xFE && b[3] == 0xFF {
        order = 1
        start = 4
      }
    }
    if order <= 0, let base = b.baseAddress, (b.count &- start) & 3 == 0, UInt(bitPattern: base + start) & 3 == 0 {
      // Whole, little-endian and valid: it is copied.
      let count = (b.count &- start) / 4
      let p = (base + start).assumingMemoryBound(to: UInt32.self)
      var isValid = true
      for i in 0..<count { isValid = isValid && p[i] <= 0x10FFFF && p[i] &- 0xD800 >= 0x800 }
      if isValid { return (try vm.str(copying: StrView(units: UnsafeRawPointer(p), length: count, unit: 4)), b.count) }
    }
    var d = Decoding(vm, order == 1 ? "utf-32-be" : "utf-32-le", b, errors, object: object)
    let big = order == 1
    try d.out.reserve(b.count / 4)
    var i = start
    while i < d.count {
      if d.count &- i < 4 {
        if !final { break }
        i = try d.fail(i, d.count, "truncated data")
        continue
      }
      let p = d.input + i
      let low = UInt32(p[big ? 3 : 0]) | UInt32(p[big ? 2 : 1]) << 8
      let c = low | UInt32(p[big ? 1 : 2]) << 16 | UInt32(p[big ? 0 : 3]) << 24
      if c >= 0xD800 && c <= 0xDFFF {
        i = try d.fail(i, i &+ 4, "code point in surrogate code point range(0xd800, 0xe000)")
      } else if c > 0x10FFFF {
        i = try d.fail(i, i &+ 4, "code point not in range(0x110000)")
      } else {
        try d.out.append(c)
        i &+= 4
      }
    }
    return (try d.out.finish(), i)
  }

  static func encode(_ vm: VM, _ text: Value, _ errors: Value, _ order: Int) throws(Raised) -> Value {
    let name: StaticString = order == 1 ? "utf-32-be" : order == -1 ? "utf-32-le" : "utf-32"
    var e = TextEncoding(vm, name, text, errors)
    e.unitSize = 4
    let view = e.view
    let big = order == 1
    try e.out.reserve(view.length &* 4 &+ 4)
    func put(_ out: inout ByteBuilder, _ c: UInt32) throws(Raised) {
      for k: UInt32 in [0, 8, 16, 24] { try out.append(UInt8(truncatingIfNeeded: c >> (big ? 24 &- k : k))) }
    }
    if order == 0 { try put(&e.out, 0xFEFF) }
    var i = 0
    while i < view.length {
      let c = view[i]
      if c >= 0xD800 && c <= 0xDFFF {
        i = try e.fail(i, i &+ 1, "surrogates not allowed") { out, c throws(Raised) in
          if c >= 128 { return false }
          try put(&out, c)
          return true
        }
        continue
      }
      try put(&e.out, c)
      i &+= 1
    }
    return try e.out.finish()
  }
}
