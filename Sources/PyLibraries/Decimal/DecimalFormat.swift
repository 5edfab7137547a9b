import Glibc
import PyRuntime

/// `Decimal.__format__`: the mini-language as libmpdec reads it, which is stricter than that of floats.
struct DecimalFormat {
  var fill: UInt32 = 32
  /// '<', '>', '=', '^', or 'z': zeros after the sign
  var align: UInt32 = 62
  var sign: UInt32 = 45
  var noNegativeZero = false
  var width = 0
  var precision = -1
  /// Letter of the type, lower case; `upper` for its exponent or names
  var type: UInt32 = 103
  var upper: Bool
  /// Empty: '.'
  var point: [UInt32] = []
  var separator: [UInt32] = []
  var groups: [UInt8] = []
  var isLocal = false

  /// Nil when the specification is malformed.
  static func parse(_ spec: Value, capitals: Bool) -> DecimalFormat? {
    let s = spec.as(StrLayout.self)
    let end = s.pointee.length
    var f = DecimalFormat(upper: capitals)
    var i = 0
    func at(_ k: Int) -> UInt32 { k < end ? s[codePoint: k] : 0 }
    func isAlignment(_ c: UInt32) -> Bool { c == 60 || c == 62 || c == 61 || c == 94 }
    var aligned = false
    if end >= 2 && isAlignment(at(1)) {
      (f.fill, f.align) = (at(0), at(1))
      aligned = true
      i = 2
    } else if end >= 1 && isAlignment(at(0)) {
      f.align = at(0)
      aligned = true
      i = 1
    }
    if at(i) == 43 || at(i) == 45 || at(i) == 32 {
      f.sign = at(i)
      i += 1
    }
    if at(i) == 122 {
      f.noNegativeZero = true
      i += 1
    }
    if at(i) == 48 {
      if aligned { return nil }
      f.align = 122
      f.fill = 48
      i += 1
    }
    func number() -> Int? {
      var v = 0
      let start = i
      while i < end, at(i) &- 48 <= 9 {
        let (m, o) = v.multipliedReportingOverflow(by: 10)
        let (a, p) = m.addingReportingOverflow(Int(at(i) &- 48))
        if o || p { return nil }
        v = a
        i += 1
      }
      return i == start ? nil : v
    }
    if at(i) &- 48 <= 9 {
      if at(i) == 48 && f.align == 122 { return nil }
      guard let w = number() else { return nil }
      f.width = w
    }
    if at(i) == 44 {
      f.separator = [44]
      f.groups = [3]
      i += 1
    }
    if at(i) == 46 {
      i += 1
      guard at(i) &- 48 <= 9, let p = number() else { return nil }
      f.precision = p
    }
    if i < end {
      let c = at(i)
      switch c {
      case 69, 70, 71: f.type = c | 32; f.upper = true  // E F G
      case 101, 102, 103: f.type = c; f.upper = false
      case 37: f.type = 37
      case 110, 78:  // n N
        if !f.groups.isEmpty { return nil }
        f.type = 103
        f.upper = c == 78
        f.isLocal = true
      default: return nil
      }
      i += 1
    }
    return i == end ? f : nil
  }

  /// Separators of the current locale.
  mutating func takeLocale() {
    guard let conventions = localeconv() else { return }
    func text(_ p: UnsafeMutablePointer<CChar>?) -> [UInt32] {
      guard let p else { return [] }
      return String(cString: p).unicodeScalars.map { $0.value }
    }
    point = text(conventions.pointee.decimal_point)
    separator = text(conventions.pointee.thousands_sep)
    groups = []
    if var p = conventions.pointee.grouping {
      while p.pointee != 0 {
        groups.append(UInt8(bitPattern: p.pointee))
        p += 1
      }
    }
  }

  /// The formatted number; nil when it would be too large.
  func format(_ vm: VM, _ number: Number, _ rounding: Rounding) throws(Raised) -> Value? {
    if width > 1 << 30 || precision > 1 << 30 { return nil }
    var n = number
    let wasZero = n.isZero
    var body: UnsafeMutableBufferPointer<UInt8>
    var format = self
    if n.isSpecial {
      body = try DecimalText.special(vm, n.with(negative: false))
      if align == 122 {
        format.align = 62
        format.fill = 32
      }
    } else {
      var rules = Rules.widest
      rules.rounding = rounding
      var place = 1
      var kind = type
      if kind == 37 {
        n.exponent &+= 2
        kind = 102
      }
      func round(_ digits: Int) throws(Raised) {
        if n.count == 0 { return }
        let drop = n.digits &- digits
        if drop > 0 {
          _ = try rules.cut(vm, &n, drop)
          if n.digits > digits { _ = try rules.cut(vm, &n, 1) }
        } else if drop < 0 {
          (n.limbs, n.count) = try Coefficient.scaledUp(vm, n.limbs, n.count, 0 &- drop)
          n.digits &-= drop
          n.exponent &+= drop
        }
      }
      if precision >= 0 {
        switch kind {
        case 103: if n.digits > max(1, precision) { try round(max(1, precision)) }
        case 101: if n.count == 0 { place = 1 &- precision } else { try round(precision &+ 1) }
        default:
          if n.count == 0 {
            n.exponent = 0 &- precision
          } else if n.exponent > 0 &- precision {
            let more = n.exponent &+ precision
            if more > 1 << 32 { return nil }
            (n.limbs, n.count) = try Coefficient.scaledUp(vm, n.limbs, n.count, more)
            n.digits &+= more
            n.exponent = 0 &- precision
          } else {
            _ = try rules.cut(vm, &n, 0 &- precision &- n.exponent)
            n.exponent = 0 &- precision
          }
        }
      }
      if kind == 102 && n.count == 0 && n.exponent > 0 { n.exponent = 0 }
      // (With 'F', C looks before it rounds.)
      if noNegativeZero && (type == 102 && upper ? wasZero : n.count == 0) { n.setNegative(false) }
      let left = n.exponent &+ n.digits
      let letter: UInt8 = upper ? 69 : 101
      let positive = n.with(negative: false)
      if kind == 102 || kind == 103 && n.exponent <= 0 && left > -6 {
        body = try DecimalText.laid(vm, positive, left, exponent: 0, letter: letter, always: false)
      } else {
        body = try DecimalText.laid(vm, positive, place, exponent: left &- place, letter: letter, always: kind == 101)
      }
    }
    if groups.isEmpty && point.isEmpty && fill < 128 { return try format.plain(vm, body, negative: n.isNegative) }
    let points = format.compose(body, negative: n.isNegative, special: n.isSpecial)
    let result: Result<Value, Raised> = points.withUnsafeBufferPointer { p in
      do throws(Raised) { return .success(try vm.str(codePoints: p)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// What is all ASCII, without groups.
  private func plain(_ vm: VM, _ body: UnsafeMutableBufferPointer<UInt8>, negative: Bool) throws(Raised) -> Value {
    let shown: UInt32 = negative ? 45 : sign == 43 || sign == 32 ? sign : 0
    let used = body.count &+ (shown == 0 ? 0 : 1) &+ (type == 37 ? 1 : 0)
    let padding = max(0, width &- used)
    let out = UnsafeMutableRawPointer(try Scratch.limbs(vm, (used &+ padding) / 8 &+ 1)).assumingMemoryBound(to: UInt8.self)
    var n = 0
    func put(_ c: UInt32, _ count: Int) {
      for _ in 0..<count {
        out[n] = UInt8(truncatingIfNeeded: c)
        n &+= 1
      }
    }
    let left = align == 62 ? padding : align == 94 ? padding / 2 : 0
    let middle = align == 61 || align == 122 ? padding : 0
    put(fill, left)
    if shown != 0 { put(shown, 1) }
    put(fill, middle)
    if let source = body.baseAddress {
      (out + n).update(from: source, count: body.count)
      n &+= body.count
    }
    if type == 37 { put(37, 1) }
    put(fill, padding &- left &- middle)
    return try vm.str(ascii: UnsafeRawBufferPointer(start: out, count: n))
  }

  private func compose(_ body: UnsafeMutableBufferPointer<UInt8>, negative: Bool, special: Bool) -> [UInt32] {
    var out: [UInt32] = []
    if negative { out.append(45) } else if sign == 43 || sign == 32 { out.append(sign) }
    let signed = out.count
    // Digits before the point, and the rest.
    var whole = 0
    if !special { while whole < body.count && body[whole] &- 48 <= 9 { whole += 1 } }
    var tail: [UInt32] = []
    var k = whole
    if k < body.count && body[k] == 46 {
      tail = point.isEmpty ? [46] : point
      k += 1
    }
    while k < body.count {
      tail.append(UInt32(body[k]))
      k += 1
    }
    if type == 37 { tail.append(37) }
    if whole > 0 {
      let minimum = align == 122 ? width &- signed &- tail.count : 0
      out.append(contentsOf: grouped(UnsafeMutableBufferPointer(rebasing: body[..<whole]), minimum))
    }
    out.append(contentsOf: tail)
    let padding = width &- out.count
    if padding <= 0 { return out }
    let filling = [UInt32](repeating: fill, count: padding)
    switch align {
    case 60: out.append(contentsOf: filling)
    case 61, 122: out.insert(contentsOf: filling, at: signed)
    case 94:
      out.insert(contentsOf: filling[..<(padding / 2)], at: 0)
      out.append(contentsOf: filling[(padding / 2)...])
    default: out.insert(contentsOf: filling, at: 0)
    }
    return out
  }

  /// Digits with separators, and zeros in front up to `minimum` characters, or one more where a separator would come first.
  private func grouped(_ digits: UnsafeMutableBufferPointer<UInt8>, _ minimum: Int) -> [UInt32] {
    var reversed: [UInt32] = []
    var left = digits.count
    var missing = minimum
    var index = 0
    while true {
      var size = Int.max
      if !groups.isEmpty {
        let g = groups[min(index, groups.count - 1)]
        index += 1
        if g != 127 && g != 0 { size = Int(g) }
      }
      let length = min(size, max(left, missing, 1))
      let real = max(0, min(left, length))
      for i in 0..<real { reversed.append(UInt32(digits[left - 1 - i])) }
      for _ in 0..<(length - real) { reversed.append(48) }
      left -= real
      missing -= length
      if left <= 0 && missing <= 0 { break }
      reversed.append(contentsOf: separator.reversed())
      missing -= separator.count
    }
    return reversed.reversed()
  }
}
