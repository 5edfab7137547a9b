import CGMP

/// Ints as digits and back.
enum IntText {
  /// Below this many digits the limit of `sys.set_int_max_str_digits` does not apply.
  static let limitThreshold = 640
  static var limit: Int { rt.pointee.flags.intMaxStrDigits }

  private static func tooLong(_ vm: VM) -> Raised {
    vm.raise(
      .valueError,
      "Exceeds the limit (\(limit) digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit")
  }

  // MARK: to text

  /// The texts of ints below 256, which programs write again and again: a value buffer, each made when it is first asked for. Nil before the first
  /// of them.
  nonisolated(unsafe) private static var texts: UnsafeMutablePointer<Value>?
  private static let textCount = 256

  @inline(__always)
  private static func known(_ n: Int) -> Value {
    guard let texts, UInt(bitPattern: n) < UInt(textCount) else { return .null }
    return texts[n]
  }
  @inline(never)
  private static func note(_ vm: VM, _ n: Int, _ text: Value) throws(Raised) {
    if texts == nil { texts = try vm.allocateValues(textCount) }
    texts?[n] = text
  }

  /// `str(a)`
  static func decimal(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    if a.isSmallInt {
      let known = known(a.smallInt)
      if !known.isNull { return known }
      let made = try decimal(vm, small: a.smallInt)
      if UInt(bitPattern: a.smallInt) < UInt(textCount) { try note(vm, a.smallInt, made) }
      return made
    }
    let digits = try self.digits(vm, a, base: 10)
    return try digits.withUnsafeBytesTyped { p throws(Raised) in try vm.str(latin1: p) }
  }
  private static func decimal(_ vm: VM, small n: Int) throws(Raised) -> Value {
    var buffer: (UInt64, UInt64) = (0, 0)  // 16 characters: 15 digits and a sign
    return try withUnsafeMutableBytes(of: &buffer) { b throws(Raised) in
      var m = n.magnitude
      var i = 16
      repeat {
        i &-= 1
        b[i] = UInt8(truncatingIfNeeded: 48 &+ m % 10)
        m /= 10
      } while m != 0
      if n < 0 {
        i &-= 1
        b[i] = 45
      }
      return try vm.str(latin1: UnsafeRawBufferPointer(rebasing: b[i..<16]))
    }
  }

  /// Sign and lower-case digits in ASCII. Obeys the digit limit for bases that are not powers of two.
  static func digits(_ vm: VM, _ a: Value, base: Int) throws(Raised) -> [UInt8] {
    var out: [UInt8] = []
    if a.isSmallInt {
      var m = a.smallInt.magnitude
      repeat {
        let d = UInt8(truncatingIfNeeded: m % UInt(base))
        out.append(d < 10 ? 48 &+ d : 87 &+ d)
        m /= UInt(base)
      } while m != 0
      if a.smallInt < 0 { out.append(45) }
      out.reverse()
      return out
    }
    let x = Ints.bigView(a)
    let binary = base & (base - 1) == 0
    // log10(2) > 0.30102: a number of so many bits certainly exceeds the limit, so it is not even converted.
    if !binary && limit > 0 && x.bitLength > 3 * limit + limit / 3 + 64 && x.bitLength / 4 > limitThreshold { throw tooLong(vm) }
    let room = binary ? x.bitLength / base.trailingZeroBitCount + 2 : x.bitLength / 3 + 2
    let negative = x.isNegative
    let copy = try vm.allocateBytes(x.count &* 8)
    let limbs = copy.assumingMemoryBound(to: UInt.self)
    __gmpn_copyi(limbs, x.limbs, x.count)
    out = [UInt8](unsafeUninitializedCapacity: room &+ 1) { buffer, count in
      guard let p = buffer.baseAddress else { return }
      p[0] = 45
      let n = __gmpn_get_str(p + 1, Int32(base), limbs, x.count)
      // GMP may lead with zeros.
      var skip = 0
      while skip &+ 1 < n && p[1 &+ skip] == 0 { skip &+= 1 }
      let start = negative ? 1 : 0
      for i in 0..<(n &- skip) {
        let d = p[1 &+ skip &+ i]
        p[start &+ i] = d < 10 ? 48 &+ d : 87 &+ d
      }
      count = start &+ n &- skip
    }
    if !binary && limit > 0 {
      let n = out.count &- (negative ? 1 : 0)
      if n > limitThreshold && n > limit { throw tooLong(vm) }
    }
    return out
  }

  // MARK: from text

  /// What can be wrong with a literal besides its digits.
  enum ParseOutcome {
    case value(Value)
    case malformed
    /// Too many digits for `limit`
    case tooManyDigits(Int)
  }

  @inline(__always)
  static func digitValue(_ c: UInt8) -> Int {
    switch c {
    case 48...57: Int(c &- 48)
    case 97...122: Int(c &- 87)
    case 65...90: Int(c &- 55)
    default: 99
    }
  }
  @inline(__always)
  static func isSpace(_ c: UInt8) -> Bool { c == 32 || (c >= 9 && c <= 13) }

  /// Plain digits in `base` (2 ... 36) that fit an inline int, perhaps behind a minus sign; null for everything else, right or wrong.
  @inline(__always)
  static func quick(_ text: UnsafePointer<UInt8>, _ count: Int, base: Int) -> Value {
    var i = count > 0 && text[0] == 45 ? 1 : 0
    let negative = i == 1
    // 36^9 < 2^47 and 10^14 < 2^47
    if count &- i > (base <= 10 ? 14 : 9) || count == i { return .null }
    var n = 0
    while i < count {
      let d = digitValue(text[i])
      if d >= base { return .null }
      n = n &* base &+ d
      i &+= 1
    }
    return Value(smallInt: negative ? -n : n)
  }

  /// Parses ASCII as `int()` does: white space around, sign, prefix, single underscores between digits. `base` 0 or 2…36.
  static func parse(_ vm: VM, _ text: UnsafeBufferPointer<UInt8>, base: Int) throws(Raised) -> ParseOutcome {
    var i = 0, end = text.count
    while i < end && isSpace(text[i]) { i &+= 1 }
    while end > i && isSpace(text[end &- 1]) { end &-= 1 }
    var negative = false
    if i < end && (text[i] == 43 || text[i] == 45) {
      negative = text[i] == 45
      i &+= 1
    }
    var base = base
    var zeroOnly = false
    let prefixed = i &+ 1 < end && text[i] == 48
    let letter = prefixed ? text[i &+ 1] | 32 : 0
    let prefixBase = letter == 120 ? 16 : letter == 111 ? 8 : letter == 98 ? 2 : 0
    if base == 0 {
      if i < end && text[i] != 48 {
        base = 10
      } else if prefixBase != 0 {
        base = prefixBase
      } else {
        // "0", "00", "0_0": only zeros may follow a leading zero.
        zeroOnly = true
        base = 10
      }
    }
    if prefixBase == base && prefixBase != 0 {
      i &+= 2
      if i < end && text[i] == 95 { i &+= 1 }  // one underscore may follow the prefix
    }
    if i >= end || text[i] == 95 { return .malformed }
    var values: [UInt8] = []
    values.reserveCapacity(end &- i)
    var previousUnderscore = false
    while i < end {
      let c = text[i]
      if c == 95 {
        if previousUnderscore { return .malformed }
        previousUnderscore = true
      } else {
        let d = digitValue(c)
        if d >= base { return .malformed }
        values.append(UInt8(truncatingIfNeeded: d))
        previousUnderscore = false
      }
      i &+= 1
    }
    if previousUnderscore { return .malformed }
    if zeroOnly && values.contains(where: { $0 != 0 }) { return .malformed }
    let binary = base & (base &- 1) == 0
    if !binary && values.count > limitThreshold && limit > 0 && values.count > limit { return .tooManyDigits(values.count) }
    return .value(try make(vm, negative: negative, digits: values, base: base))
  }

  /// From digit values, most significant first.
  static func make(_ vm: VM, negative: Bool, digits: [UInt8], base: Int) throws(Raised) -> Value {
    if digits.count <= 12 {
      var m: UInt = 0
      for d in digits { m = m &* UInt(base) &+ UInt(d) }
      return try Ints.make(vm, negative: negative, magnitude: m)
    }
    let skip = digits.firstIndex { $0 != 0 } ?? digits.count
    let n = digits.count &- skip
    if n == 0 { return Value(smallInt: 0) }
    // Six bits hold a digit of any base up to 36.
    let bitsPerDigit = 64 &- (base &- 1).leadingZeroBitCount
    let r = try Ints.allocate(vm, n &* bitsPerDigit / 64 &+ 2)
    let count = digits.withUnsafeBufferPointer { p in
      p.baseAddress.map { __gmpn_set_str(r.limbs, $0 + skip, n, Int32(base)) } ?? 0
    }
    return Ints.finish(r, count: count, negative: negative)
  }
}

extension Array where Element == UInt8 {
  /// `withUnsafeBytes` for bodies that throw `Raised`.
  @inline(__always)
  func withUnsafeBytesTyped<R>(_ body: (UnsafeRawBufferPointer) throws(Raised) -> R) throws(Raised) -> R {
    let result: Result<R, Raised> = withUnsafeBytes { p in
      do throws(Raised) { return .success(try body(p)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
