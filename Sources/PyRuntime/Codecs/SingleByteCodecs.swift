import Glibc

/// latin-1 and ascii.
enum SingleByteCodecs {
  static func decodeASCII(_ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, object: Value = .null) throws(Raised) -> Value {
    if UTF8Scan.isASCII(b) { return try vm.str(ascii: b) }
    var d = Decoding(vm, "ascii", b, errors, object: object)
    try d.out.reserve(b.count)
    var i = 0
    while i < d.count {
      let n = UTF8Scan.firstNonASCII(UnsafeRawPointer(d.input + i), d.count &- i)
      try d.out.append(StrView(units: UnsafeRawPointer(d.input + i), length: n, unit: 1))
      i &+= n
      if i < d.count { i = try d.fail(i, i &+ 1, "ordinal not in range(128)") }
    }
    return try d.out.finish()
  }

  /// - Parameter limit: 128 or 256
  static func encode(_ vm: VM, _ text: Value, _ errors: Value, limit: UInt32) throws(Raised) -> Value {
    let s = text.as(StrLayout.self)
    if s.isASCII || limit == 256 && s.pointee.unit == 1 {
      return try vm.bytes(UnsafeRawBufferPointer(start: s.units, count: s.pointee.length))
    }
    var e = TextEncoding(vm, limit == 128 ? "ascii" : "latin-1", text, errors)
    let view = e.view
    try e.out.reserve(view.length)
    var i = 0
    while i < view.length {
      let c = view[i]
      if c < limit {
        try e.out.append(UInt8(truncatingIfNeeded: c))
        i &+= 1
        continue
      }
      var end = i &+ 1
      while end < view.length && view[end] >= limit { end &+= 1 }
      i = try e.fail(i, end, limit == 128 ? "ordinal not in range(128)" : "ordinal not in range(256)") { out, c throws(Raised) in
        if c >= limit { return false }
        try out.append(UInt8(truncatingIfNeeded: c))
        return true
      }
    }
    return try e.out.finish()
  }
}
