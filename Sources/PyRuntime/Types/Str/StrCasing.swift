// Case conversions and the is… tests of str.

extension TextMethods where K == StrText {
  static func lower(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try mapASCII(vm, v) { $0 &- 65 < 26 ? $0 | 32 : $0 } }
    return try mapFully(vm, v) { view, i, _ in
      view[i] == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(view[i], .lower)
    }
  }
  static func upper(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try mapASCII(vm, v) { $0 &- 97 < 26 ? $0 & ~32 : $0 } }
    return try mapFully(vm, v) { view, i, _ in UnicodeData.full(view[i], .upper) }
  }
  static func casefold(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.as(StrLayout.self).isASCII { return try lower(vm, v) }
    return try mapFully(vm, v) { view, i, _ in UnicodeData.full(view[i], .folded) }
  }
  static func swapcase(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try mapFully(vm, v) { view, i, _ in
      let c = view[i]
      if UnicodeData.isUpper(c) {
        return c == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(c, .lower)
      }
      return UnicodeData.isLower(c) ? UnicodeData.full(c, .upper) : (c, 0, 0, 1)
    }
  }
  static func capitalize(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try mapFully(vm, v) { view, i, _ in
      if i == 0 { return UnicodeData.full(view[i], .title) }
      return view[i] == 0x3A3 ? (finalSigma(view, i) ? 0x3C2 : 0x3C3, 0, 0, 1) : UnicodeData.full(view[i], .lower)
    }
  }
  static func title(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try mapFully(vm, v) { view, i, previousIsCased in
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

  @inline(__always)
  private static func mapASCII(_ vm: VM, _ v: Value, _ map: (UInt8) -> UInt8) throws(Raised) -> Value {
    let view = StrView(v)
    if view.length == 0 { return try vm.emptyStr() }
    if view.length == 1 { return try vm.str(codePoint: UInt32(map(UInt8(truncatingIfNeeded: view[0])))) }
    let r = try vm.newStr(length: view.length, unit: 1, ascii: true)
    let from = view.pointer(UInt8.self), to = r.units.assumingMemoryBound(to: UInt8.self)
    for i in 0..<view.length { to[i] = map(from[i]) }
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
