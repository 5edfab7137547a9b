import Glibc

/// UTF-8 without errors, in two passes: one that checks and measures, one that writes. Anything malformed, and any surrogate, is left to
/// `UTF8Codec`, which knows about error handlers.
enum UTF8Fast {
  // MARK: encoding

  /// Null if the text has surrogates.
  static func encode(_ vm: VM, _ view: StrView) throws(Raised) -> Value {
    switch view.unit {
    case 1:
      let p = view.pointer(UInt8.self)
      var high = 0
      for i in 0..<view.length { high &+= Int(p[i] >> 7) }
      let out = try vm.bytes(count: view.length &+ high)
      var to = out.as(BytesLayout.self).bytes
      var i = 0
      while i < view.length {
        let c = p[i]
        if c < 0x80 {
          to[0] = c
          to += 1
        } else {
          to[0] = 0xC0 | c >> 6
          to[1] = 0x80 | c & 0x3F
          to += 2
        }
        i &+= 1
      }
      return out
    case 2: return try encode(vm, view.pointer(UInt16.self), view.length)
    default: return try encode(vm, view.pointer(UInt32.self), view.length)
    }
  }

  @inline(__always)
  private static func encode<U: FixedWidthInteger & UnsignedInteger>(
    _ vm: VM, _ p: UnsafePointer<U>, _ length: Int
  ) throws(Raised) -> Value {
    var size = length
    var surrogates = false
    for i in 0..<length {
      let c = UInt32(truncatingIfNeeded: p[i])
      size &+= (c >= 0x80 ? 1 : 0) &+ (c >= 0x800 ? 1 : 0) &+ (c >= 0x10000 ? 1 : 0)
      surrogates = surrogates || c &- 0xD800 < 0x800
    }
    if surrogates { return .null }
    let out = try vm.bytes(count: size)
    var to = out.as(BytesLayout.self).bytes
    for i in 0..<length {
      let c = UInt32(truncatingIfNeeded: p[i])
      if c < 0x80 {
        to[0] = UInt8(truncatingIfNeeded: c)
        to += 1
      } else if c < 0x800 {
        to[0] = UInt8(truncatingIfNeeded: 0xC0 | c >> 6)
        to[1] = UInt8(truncatingIfNeeded: 0x80 | c & 0x3F)
        to += 2
      } else if c < 0x10000 {
        to[0] = UInt8(truncatingIfNeeded: 0xE0 | c >> 12)
        to[1] = UInt8(truncatingIfNeeded: 0x80 | c >> 6 & 0x3F)
        to[2] = UInt8(truncatingIfNeeded: 0x80 | c & 0x3F)
        to += 3
      } else {
        to[0] = UInt8(truncatingIfNeeded: 0xF0 | c >> 18)
        to[1] = UInt8(truncatingIfNeeded: 0x80 | c >> 12 & 0x3F)
        to[2] = UInt8(truncatingIfNeeded: 0x80 | c >> 6 & 0x3F)
        to[3] = UInt8(truncatingIfNeeded: 0x80 | c & 0x3F)
        to += 4
      }
    }
    return out
  }

  // MARK: decoding

  /// Code points and the class of the largest one: 1, 2 or 4 bytes wide; nil for malformed text.
  private static func measure(_ p: UnsafePointer<UInt8>, _ count: Int) -> (length: Int, unit: UInt8)? {
    var i = 0, length = 0
    var unit: UInt8 = 1
    while i < count {
      let c = p[i]
      if c < 0x80 {
        // ASCII comes in runs.
        while i &+ 8 <= count,
          UnsafeRawPointer(p).loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
          i &+= 8
          length &+= 8
        }
        while i < count && p[i] < 0x80 {
          i &+= 1
          length &+= 1
        }
        continue
      }
      if c < 0xE0 {
        guard c >= 0xC2, i &+ 1 < count, p[i &+ 1] & 0xC0 == 0x80 else { return nil }
        if c > 0xC3 { unit |= 2 }
        i &+= 2
      } else if c < 0xF0 {
        guard i &+ 2 < count, p[i &+ 1] & 0xC0 == 0x80, p[i &+ 2] & 0xC0 == 0x80 else { return nil }
        if c == 0xE0 && p[i &+ 1] < 0xA0 || c == 0xED && p[i &+ 1] >= 0xA0 { return nil }
        unit |= 2
        i &+= 3
      } else {
        guard c <= 0xF4, i &+ 3 < count, p[i &+ 1] & 0xC0 == 0x80, p[i &+ 2] & 0xC0 == 0x80, p[i &+ 3] & 0xC0 == 0x80 else { return nil }
        if c == 0xF0 && p[i &+ 1] < 0x90 || c == 0xF4 && p[i &+ 1] >= 0x90 { return nil }
        unit |= 4
        i &+= 4
      }
      length &+= 1
    }
    return (length, unit >= 4 ? 4 : unit >= 2 ? 2 : 1)
  }

  /// Null if the bytes are malformed. At least one byte is not ASCII.
  static func decode(_ vm: VM, _ b: UnsafeRawBufferPointer) throws(Raised) -> Value {
    guard let base = b.baseAddress, let (length, unit) = measure(base.assumingMemoryBound(to: UInt8.self), b.count) else { return .null }
    let p = base.assumingMemoryBound(to: UInt8.self)
    if length == 1 {
      var c: UInt32 = 0
      withUnsafeMutablePointer(to: &c) { write(p, b.count, UnsafeMutablePointer<UInt32>($0)) }
      return try vm.str(codePoint: c)
    }
    let s = try vm.newStr(length: length, unit: unit, ascii: false)
    switch unit {
    case 1: write(p, b.count, s.units.assumingMemoryBound(to: UInt8.self))
    case 2: write(p, b.count, s.units.assumingMemoryBound(to: UInt16.self))
    default: write(p, b.count, s.units.assumingMemoryBound(to: UInt32.self))
    }
    return Value(s)
  }

  @inline(__always)
  private static func write<U: FixedWidthInteger & UnsignedInteger>(_ p: UnsafePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<U>)
  {
    var i = 0
    var to = out
    while i < count {
      let c = UInt32(p[i])
      var v = c
      if c < 0x80 {
        i &+= 1
      } else if c < 0xE0 {
        v = (c & 0x1F) << 6 | UInt32(p[i &+ 1] & 0x3F)
        i &+= 2
      } else if c < 0xF0 {
        v = (c & 0x0F) << 12 | UInt32(p[i &+ 1] & 0x3F) << 6 | UInt32(p[i &+ 2] & 0x3F)
        i &+= 3
      } else {
        v = (c & 0x07) << 18 | UInt32(p[i &+ 1] & 0x3F) << 12 | UInt32(p[i &+ 2] & 0x3F) << 6 | UInt32(p[i &+ 3] & 0x3F)
        i &+= 4
      }
      to.pointee = U(truncatingIfNeeded: v)
      to += 1
    }
  }
}
