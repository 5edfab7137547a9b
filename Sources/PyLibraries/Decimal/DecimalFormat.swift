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
  /// Nil: '.' and no groups
  var marks: NumberLayout.Marks?
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
      f.marks = NumberLayout.Marks(separator: [44], groups: [3])
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
        if f.marks != nil { return nil }
        f.type = 103
        f.upper = c == 78
        f.isLocal = true
      default: return nil
      }
      i += 1
    }
    return i == end ? f : nil
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
    if marks == nil && fill < 128 { return try format.plain(vm, body, negative: n.isNegative) }
    return try NumberLayout.str(vm, format.compose(body, negative: n.isNegative, special: n.isSpecial))
  }

  /// What is all ASCII, without groups.
  private func plain(_ vm: VM, _ body: UnsafeMutableBufferPointer<UInt8>, negative: Bool) throws(Raised) -> Value {
    let shown: UInt32 = negative ? 45 : sign == 43 || sign == 32 ? sign : 0
    let used = body.count &+ (shown == 0 ? 0 : 1) &+ (type == 37 ? 1 : 0)
    let padding = max(0, width &- used)
    let out = try DecimalText.bytes(vm, used &+ padding)
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
    let marks = marks ?? NumberLayout.Marks()
    // Digits before the point, and the rest.
    var whole = 0
    if !special { while whole < body.count && body[whole] &- 48 <= 9 { whole += 1 } }
    var tail: [UInt32] = []
    var k = whole
    if k < body.count && body[k] == 46 {
      tail = marks.point
      k += 1
    }
    while k < body.count {
      tail.append(UInt32(body[k]))
      k += 1
    }
    if type == 37 { tail.append(37) }
    if whole > 0 {
      let minimum = align == 122 ? width &- signed &- tail.count : 0
      NumberLayout.appendGrouped(ArraySlice(body[..<whole]), minimum, marks, &out)
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
}
