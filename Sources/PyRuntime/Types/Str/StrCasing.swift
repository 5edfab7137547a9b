// Case conversions and the is… tests of str.

extension TextMethods where K == StrText {
  static func lower(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try mapASCII(vm, v) { _, w in w | upperBits(w) } }
    return try mapFully(vm, v) { view, i, _ in
      view[i] == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(view[i], .lower)
    }
  }
  static func upper(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try mapASCII(vm, v) { _, w in w ^ lowerBits(w) } }
    return try mapFully(vm, v) { view, i, _ in UnicodeData.full(view[i], .upper) }
  }
  static func casefold(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try lower(vm, v) }
    return try mapFully(vm, v) { view, i, _ in UnicodeData.full(view[i], .folded) }
  }
  static func swapcase(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try mapASCII(vm, v) { _, w in w ^ (upperBits(w) | lowerBits(w)) } }
    return try mapFully(vm, v) { view, i, _ in
      let c = view[i]
      if UnicodeData.isUpper(c) {
        return c == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(c, .lower)
      }
      return UnicodeData.isLower(c) ? UnicodeData.full(c, .upper) : (c, 0, 0, 1)
    }
  }
  static func capitalize(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII {
      return try mapASCII(vm, v) { i, w in i == 0 ? (w | upperBits(w)) ^ (lowerBits(w | upperBits(w)) & 0xFF) : w | upperBits(w) }
    }
    return try mapFully(vm, v) { view, i, _ in
      if i == 0 { return UnicodeData.full(view[i], .title) }
      return view[i] == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(view[i], .lower)
    }
  }
  static func title(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII {
      var before: UInt64 = 0
      return try mapASCII(vm, v) { _, w in
        let small = w | upperBits(w)
        let letters = lowerBits(small)
        // Letters behind a letter stay small.
        let first = letters & ~(letters << 8 | before)
        before = letters >> 56
        return small ^ first
      }
    }
    return try mapFully(vm, v) { view, i, previousIsCased in
      let c = view[i]
      if !previousIsCased { return UnicodeData.full(c, .title) }
      return c == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(c, .lower)
    }
  }

  /// Σ is ς at the end of a word: after a cased letter and not before one, ignorable characters aside.
  private static func finalSigma(_ view: StrView, _ at: Int) -> Bool {
    var i = at &- 1
    while i >= 0 && UnicodeData.has(view[i], .caseIgnorable) { i &-= 1 }
    if i < 0 || !UnicodeData.isCased(view[i]) { return false }
    var j = at &+ 1
    while j < view.length && UnicodeData.has(view[j], .caseIgnorable) { j &+= 1 }
    return j == view.length || !UnicodeData.isCased(view[j])
  }

  /// Bit 5 of each byte that is a capital letter, or a small one, of eight ASCII characters: what tells the two cases apart.
  @inline(__always) private static func upperBits(_ w: UInt64) -> UInt64 { between(w, 0x3F, 0x25) }
  @inline(__always) private static func lowerBits(_ w: UInt64) -> UInt64 { between(w, 0x1F, 0x05) }
  /// Bytes to which `low` can be added without, and `high` cannot be added with an overflow of seven bits.
  @inline(__always) private static func between(_ w: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    return ((w &+ low &* ones) & ~(w &+ high &* ones) & tops) >> 2
  }

  /// - Parameter map: what becomes of eight characters, the first in the lowest byte, by the place of the first; behind the last they are zero
  @inline(__always)
  private static func mapASCII(_ vm: VM, _ v: Value, _ map: (Int, UInt64) -> UInt64) throws(Raised) -> Value {
    let view = StrView(v)
    if view.length == 0 { return try vm.emptyStr() }
    if view.length == 1 { return try vm.str(codePoint: UInt32(truncatingIfNeeded: map(0, UInt64(view[0])))) }
    let r = try vm.newStr(length: view.length, unit: 1, ascii: true)
    let from = UnsafeRawPointer(view.pointer(UInt8.self)), to = UnsafeMutableRawPointer(r.units)
    var i = 0
    while i &+ 8 <= view.length {
      to.storeBytes(of: map(i, from.loadUnaligned(fromByteOffset: i, as: UInt64.self)), toByteOffset: i, as: UInt64.self)
      i &+= 8
    }
    if i < view.length {
      var last: UInt64 = 0, k = view.length
      while k > i {
        k &-= 1
        last = last << 8 | UInt64(from.load(fromByteOffset: k, as: UInt8.self))
      }
      last = map(i, last)
      while k < view.length {
        to.storeBytes(of: UInt8(truncatingIfNeeded: last), toByteOffset: k, as: UInt8.self)
        last >>= 8
        k &+= 1
      }
    }
    return Value(r)
  }

  @inline(__always)
  private static func mapFully(
    _ vm: VM, _ v: Value, _ map: (StrView, Int, Bool) -> (UInt32, UInt32, UInt32, count: Int)
  ) throws(Raised) -> Value {
    let view = StrView(v)
    var out = StrBuilder(vm)
    try out.reserve(view.length, unit: view.unit)
    var previousIsCased = false
    for i in 0..<view.length {
      let m = map(view, i, previousIsCased)
      try out.append(m.0)
      if m.count > 1 { try out.append(m.1) }
      if m.count > 2 { try out.append(m.2) }
      previousIsCased = UnicodeData.isCased(view[i])
    }
    return try out.finish()
  }

  // MARK: tests

  @inline(__always)
  private static func all(_ v: Value, _ test: (UInt32) -> Bool) -> Value {
    let view = StrView(v)
    if view.length == 0 { return .false }
    for i in 0..<view.length where !test(view[i]) { return .false }
    return .true
  }
  static func isalpha(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, UnicodeData.isAlpha) }
  static func isalnum(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, UnicodeData.isAlnum) }
  static func isdecimal(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, UnicodeData.isDecimal) }
  static func isdigit(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, UnicodeData.isDigit) }
  static func isnumeric(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, UnicodeData.isNumeric) }
  static func isspace(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, UnicodeData.isSpace) }
  static func isprintable(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    Str.length(v) == 0 ? .true : all(v, UnicodeData.isPrintable)
  }
  static func isascii(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(v.as(StrLayout.self).isASCII) }
  static func isidentifier(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(Str.isIdentifier(v)) }
  static func islower(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = StrView(v)
    var cased = false
    for i in 0..<view.length {
      let c = view[i]
      if UnicodeData.isUpper(c) || UnicodeData.isTitle(c) { return .false }
      if UnicodeData.isLower(c) { cased = true }
    }
    return .bool(cased)
  }
  static func isupper(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = StrView(v)
    var cased = false
    for i in 0..<view.length {
      let c = view[i]
      if UnicodeData.isLower(c) || UnicodeData.isTitle(c) { return .false }
      if UnicodeData.isUpper(c) { cased = true }
    }
    return .bool(cased)
  }
  static func istitle(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = StrView(v)
    var cased = false, previousIsCased = false
    for i in 0..<view.length {
      let c = view[i]
      if UnicodeData.isUpper(c) || UnicodeData.isTitle(c) {
        if previousIsCased { return .false }
        previousIsCased = true
        cased = true
      } else if UnicodeData.isLower(c) {
        if !previousIsCased { return .false }
        cased = true
      } else {
        previousIsCased = false
      }
    }
    return .bool(cased)
  }
}

extension Str {
  /// A name by Python's grammar, keywords included.
  static func isIdentifier(_ v: Value) -> Bool {
    let view = StrView(v)
    guard view.length > 0, UnicodeData.isIdentifierStart(view[0]) else { return false }
    for i in 1..<max(1, view.length) where !UnicodeData.isIdentifierPart(view[i]) { return false }
    return true
  }
}
