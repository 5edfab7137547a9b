import CGMP
import PyRuntime

/// Decimals as text and back.
enum DecimalText {
  typealias Bytes = UnsafeMutablePointer<UInt8>

  static func bytes(_ vm: VM, _ n: Int) throws(Raised) -> Bytes {
    guard n >= 0, n < 1 << 50 else { throw vm.raiseMemoryError() }
    return UnsafeMutableRawPointer(try Scratch.limbs(vm, n / 8 &+ 1)).assumingMemoryBound(to: UInt8.self)
  }

  // MARK: digits

  /// Writes the digits of `x` so that they end before `end`, at least `minimum`; answers where they begin.
  @inline(__always)
  private static func write(_ x: UInt, _ end: Bytes, _ minimum: Int = 1) -> Bytes {
    var x = x
    var p = end
    let stop = end - minimum
    while x >= 100 {
      let q = x / 100
      let two = x &- q &* 100
      let tens = (two &* 103) &>> 10
      p -= 2
      p[0] = UInt8(truncatingIfNeeded: 48 &+ tens)
      p[1] = UInt8(truncatingIfNeeded: 48 &+ two &- tens &* 10)
      x = q
    }
    while x != 0 {
      let q = x / 10
      p -= 1
      p.pointee = UInt8(truncatingIfNeeded: 48 &+ x &- q &* 10)
      x = q
    }
    while p > stop {
      p -= 1
      p.pointee = 48
    }
    return p
  }

  /// The coefficient in ASCII, "0" for zero.
  static func digits(_ vm: VM, _ n: Number) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
    if n.count <= 1 {
      let room = try bytes(vm, 24)
      let start = write(n.count == 0 ? 0 : n.limbs[0], room + 20)
      return UnsafeMutableBufferPointer(start: start, count: room + 20 - start)
    }
    if n.count == 2 {
      let room = try bytes(vm, 48)
      let work = try Scratch.limbs(vm, 2)
      let low = __gmpn_divrem_1(work, 0, n.limbs, 2, Coefficient.ten(19))
      var p = write(low, room + 40, 19)
      let middle = __gmpn_divrem_1(work, 0, work, 2, Coefficient.ten(19))
      if work[0] != 0 {
        p = write(middle, p, 19)
        p = write(work[0], p)
      } else {
        p = write(middle, p)
      }
      return UnsafeMutableBufferPointer(start: p, count: room + 40 - p)
    }
    let work = try Scratch.limbs(vm, n.count &+ 1)
    __gmpn_copyi(work, n.limbs, n.count)
    let out = try bytes(vm, n.digits &+ 24)
    let count = __gmpn_get_str(out, 10, work, n.count)
    var skip = 0
    while skip &+ 1 < count && out[skip] == 0 { skip &+= 1 }
    for i in skip..<count { out[i] |= 48 }
    return UnsafeMutableBufferPointer(start: out + skip, count: count &- skip)
  }

  /// The number whose digits these are, ASCII or values, at least one.
  static func coefficient(_ vm: VM, _ text: Bytes, _ length: Int) throws(Raised) -> Number {
    var p = text
    var n = length
    while n > 0 && p[0] & 15 == 0 {
      p += 1
      n &-= 1
    }
    if n == 0 { return .zero(0) }
    if n <= 19 {
      var x: UInt = 0
      for i in 0..<n { x = x &* 10 &+ UInt(p[i] & 15) }
      return try Number.small(vm, x)
    }
    guard n < 1 << 40 else { throw vm.raiseMemoryError() }
    if n <= 38 {
      var high: UInt = 0
      var low: UInt = 0
      for i in 0..<(n &- 19) { high = high &* 10 &+ UInt(p[i] & 15) }
      for i in (n &- 19)..<n { low = low &* 10 &+ UInt(p[i] & 15) }
      let x = UInt128(high) &* UInt128(Coefficient.ten(19)) &+ UInt128(low)
      let out = try Scratch.limbs(vm, 2)
      out[0] = UInt(truncatingIfNeeded: x)
      out[1] = UInt(truncatingIfNeeded: x >> 64)
      return Number(limbs: out, count: out[1] == 0 ? 1 : 2, exponent: 0, digits: n, flags: [])
    }
    // log₂ 10 / 64 = 0.0519…
    let out = try Scratch.limbs(vm, n / 19 &+ 3)
    let values = try bytes(vm, n)
    for i in 0..<n { values[i] = p[i] & 15 }
    let count = __gmpn_set_str(out, values, n, 10)
    return Number(limbs: out, count: Coefficient.normalized(out, count), exponent: 0, digits: n, flags: [])
  }

  // MARK: to text

  /// `str()`, or the engineering form.
  static func text(_ vm: VM, _ n: Number, engineering: Bool, capitals: Bool) throws(Raised) -> Value {
    let b = try plain(vm, n, engineering: engineering, capitals: capitals)
    return try vm.str(ascii: UnsafeRawBufferPointer(b))
  }

  static func plain(_ vm: VM, _ n: Number, engineering: Bool, capitals: Bool) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
    if n.isSpecial { return try special(vm, n) }
    let left = n.exponent &+ n.digits
    var place = 1
    if n.exponent <= 0 && left > -6 {
      place = left
    } else if engineering {
      place = n.count == 0 ? modulo(left &+ 1, 3) &- 1 : modulo(left &- 1, 3) &+ 1
    }
    return try laid(vm, n, place, exponent: left &- place, letter: capitals ? 69 : 101, always: false)
  }
  private static func modulo(_ a: Int, _ b: Int) -> Int { (a % b &+ b) % b }

  static func special(_ vm: VM, _ n: Number) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
    let payload: UnsafeMutableBufferPointer<UInt8>? = n.isNaN && n.count > 0 ? try digits(vm, n) : nil
    let name: StaticString = n.isInfinite ? "Infinity" : n.isSignaling ? "sNaN" : "NaN"
    let out = try bytes(vm, 16 &+ (payload?.count ?? 0))
    var p = out
    if n.isNegative {
      p.pointee = 45
      p += 1
    }
    p.update(from: name.utf8Start, count: name.utf8CodeUnitCount)
    p += name.utf8CodeUnitCount
    if let payload, let source = payload.baseAddress {
      p.update(from: source, count: payload.count)
      p += payload.count
    }
    return UnsafeMutableBufferPointer(start: out, count: p - out)
  }

  /// Sign, digits with the point behind the `place`-th of them (with zeros where there are no digits), and the exponent, if it is not zero.
  static func laid(
    _ vm: VM, _ n: Number, _ place: Int, exponent: Int, letter: UInt8, always: Bool
  ) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
    let d = try digits(vm, n)
    guard let source = d.baseAddress else { throw vm.raiseMemoryError() }
    let (more, overflow) = place.magnitude.addingReportingOverflow(UInt(d.count &+ 40))
    guard !overflow, more < 1 << 50 else { throw vm.raiseMemoryError() }
    let out = try bytes(vm, Int(more))
    var p = out
    func put(_ c: UInt8) {
      p.pointee = c
      p += 1
    }
    if n.isNegative { put(45) }
    if place <= 0 {
      put(48)
      put(46)
      for _ in 0..<(0 &- place) { put(48) }
      p.update(from: source, count: d.count)
      p += d.count
    } else if place >= d.count {
      p.update(from: source, count: d.count)
      p += d.count
      for _ in 0..<(place &- d.count) { put(48) }
    } else {
      p.update(from: source, count: place)
      p += place
      put(46)
      p.update(from: source + place, count: d.count &- place)
      p += d.count &- place
    }
    if exponent != 0 || always { p = self.put(exponent: exponent, letter: letter, p) }
    return UnsafeMutableBufferPointer(start: out, count: p - out)
  }

  /// Writes letter, sign and digits of an exponent to `p`, where there is room for 26 bytes; answers where they end.
  static func put(exponent: Int, letter: UInt8, _ p: Bytes) -> Bytes {
    p[0] = letter
    p[1] = exponent < 0 ? 45 : 43
    let end = p + 26
    let start = write(exponent.magnitude, end)
    let count = end - start
    for i in 0..<count { p[2 &+ i] = start[i] }
    return p + (2 &+ count)
  }

  // MARK: from text

  /// The number that ASCII text shows; nil if it is none. Payloads have at most `payload` digits.
  static func parse(_ vm: VM, _ text: UnsafePointer<UInt8>, _ length: Int, payload: Int) throws(Raised) -> Number? {
    var i = 0
    var negative = false
    if i < length && (text[i] == 43 || text[i] == 45) {
      negative = text[i] == 45
      i &+= 1
    }
    if i == length { return nil }
    let sign: NumberFlags = negative ? .negative : []
    if text[i] | 32 >= 97 { return try named(vm, text, i, length, sign, payload) }
    let room = try bytes(vm, length &- i)
    var count = 0
    var fraction = 0
    var pointSeen = false
    var any = false
    while i < length {
      let c = text[i]
      if c &- 48 <= 9 {
        any = true
        // Zeros in front are not kept.
        if c != 48 || count > 0 {
          room[count] = c
          count &+= 1
        }
        if pointSeen { fraction &+= 1 }
      } else if c == 46 && !pointSeen {
        pointSeen = true
      } else {
        break
      }
      i &+= 1
    }
    if !any { return nil }
    var exponent = 0
    if i < length {
      guard text[i] | 32 == 101 else { return nil }
      i &+= 1
      var minus = false
      if i < length && (text[i] == 43 || text[i] == 45) {
        minus = text[i] == 45
        i &+= 1
      }
      if i == length { return nil }
      // Beyond any exponent, but far from the end of a word.
      let limit = 3_000_000_000_000_000_000
      while i < length {
        let c = text[i] &- 48
        if c > 9 { return nil }
        exponent = exponent > limit / 10 ? limit : exponent &* 10 &+ Int(c)
        i &+= 1
      }
      exponent = min(exponent, limit)
      if minus { exponent = 0 &- exponent }
    }
    var n = try count == 0 ? Number.zero(0) : coefficient(vm, room, count)
    n.exponent = exponent &- fraction
    n.flags = sign
    return n
  }

  private static func named(
    _ vm: VM, _ text: UnsafePointer<UInt8>, _ start: Int, _ length: Int, _ sign: NumberFlags, _ limit: Int
  ) throws(Raised) -> Number? {
    var i = start
    func take(_ word: StaticString) -> Bool {
      let n = word.utf8CodeUnitCount
      if length &- i < n { return false }
      for k in 0..<n where text[i &+ k] | 32 != word.utf8Start[k] { return false }
      i &+= n
      return true
    }
    if take("inf") {
      if i < length && !(take("inity") && i == length) { return nil }
      return .infinity(negative: sign == .negative)
    }
    let signaling = take("s")
    guard take("nan") else { return nil }
    for k in i..<length where text[k] &- 48 > 9 { return nil }
    while i < length && text[i] == 48 { i &+= 1 }
    var n = Number.nan
    if i < length {
      if length &- i > limit { return nil }
      let room = try bytes(vm, length &- i)
      room.update(from: text + i, count: length &- i)
      n = try coefficient(vm, room, length &- i)
    }
    n.flags = sign.union(signaling ? .signalingNaN : .quietNaN)
    return n
  }

  /// ASCII of a str, in scratch memory: digits of any script become ASCII digits; with `lenient`, white space around it and underscores are
  /// left out. Null characters and anything else become what no number has.
  static func ascii(_ vm: VM, _ v: Value, lenient: Bool) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
    let s = v.as(StrLayout.self)
    var start = 0
    var end = s.pointee.length
    if lenient {
      while start < end && UnicodeDigits.isSpace(s[codePoint: start]) { start &+= 1 }
      while end > start && UnicodeDigits.isSpace(s[codePoint: end &- 1]) { end &-= 1 }
    }
    let out = try bytes(vm, end &- start &+ 1)
    var n = 0
    for i in start..<end {
      let c = s[codePoint: i]
      if c < 128 {
        if c == 95 && lenient { continue }
        out[n] = UInt8(truncatingIfNeeded: c)
      } else if let d = UnicodeDigits.decimal(c) {
        out[n] = UInt8(truncatingIfNeeded: 48 &+ d)
      } else {
        out[n] = 63
      }
      n &+= 1
    }
    return UnsafeMutableBufferPointer(start: out, count: n)
  }
}
