/// Durations as whole microseconds: they need 67 bits, so sums are made in 128.
enum Deltas {
  static let microsecondsPerDay: Int128 = 86_400_000_000

  static func microseconds(_ v: Value) -> Int128 {
    let d = v.as(DeltaLayout.self)
    return (Int128(d.pointee.days) * 86400 + Int128(d.pointee.seconds)) * 1_000_000 + Int128(d.pointee.microseconds)
  }

  static func int(_ vm: VM, _ n: Int128) throws(Raised) -> Value {
    let m = n.magnitude
    return try Ints.make(
      vm, negative: n < 0, low: UInt(truncatingIfNeeded: m), high: UInt(truncatingIfNeeded: m >> 64))
  }

  /// A timedelta of the exact type.
  static func make(_ vm: VM, _ n: Int128) throws(Raised) -> Value { try make(vm, DatetimeTypes.delta, n) }

  /// `n` is far within the range of Int128.
  static func make(_ vm: VM, _ type: Value, _ n: Int128) throws(Raised) -> Value {
    var days = n / microsecondsPerDay
    var rest = n % microsecondsPerDay
    if rest < 0 {
      rest += microsecondsPerDay
      days -= 1
    }
    guard days >= Int128(Int32.min) && days <= Int128(Int32.max) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    if days < -999_999_999 || days > 999_999_999 {
      throw vm.raise(.overflowError, "days=\(days); must have magnitude <= 999999999")
    }
    let cell = try vm.instance(DeltaLayout.self, of: type.asType)
    cell.pointee.hash = -1
    cell.pointee.days = Int32(days)
    cell.pointee.seconds = Int32(rest / 1_000_000)
    cell.pointee.microseconds = Int32(rest % 1_000_000)
    return Value(cell)
  }

  /// From an int of any size.
  static func make(_ vm: VM, _ type: Value, int n: Value) throws(Raised) -> Value {
    guard let x = int128(n) else { throw vm.raise(.overflowError, "Python int too large to convert to C int") }
    return try make(vm, type, x)
  }

  /// Nil beyond ±2^100, which no duration reaches.
  static func int128(_ v: Value) -> Int128? {
    if v.isSmallInt { return Int128(v.smallInt) }
    let x = Ints.bigView(v)
    guard x.bitLength <= 100 else { return nil }
    var m = UInt128(x.limbs[0])
    if x.count > 1 { m |= UInt128(x.limbs[1]) << 64 }
    return x.isNegative ? -Int128(m) : Int128(m)
  }

  static func seconds(_ vm: VM, _ n: Int) throws(Raised) -> Value { try make(vm, Int128(n) * 1_000_000) }

  // MARK: construction

  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let names: [StaticString] = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"]
    let given = try NamedArgs.bind(vm, args, names, required: 0, function: "__new__")
    // From the finest unit to the coarsest, as the fractions of floats are carried down.
    let order: [(Int, Int)] = [
      (2, 1), (3, 1000), (1, 1_000_000), (4, 60_000_000), (5, 3_600_000_000), (0, 86_400_000_000), (6, 604_800_000_000),
    ]
    var sum = Value(smallInt: 0)
    var leftover = 0.0
    for (index, factor) in order {
      let v = given[index]
      if v.isNull { continue }
      let unit = Value(smallInt: factor)
      if v.isInt {
        sum = try IntArithmetic.add(vm, sum, try IntArithmetic.multiply(vm, Ints.exact(v), unit))
      } else if v.isFloat {
        let d = Floats.double(v)
        let whole = try IntDouble.int(vm, d)
        sum = try IntArithmetic.add(vm, sum, try IntArithmetic.multiply(vm, whole, unit))
        let fraction = d - d.rounded(.towardZero)
        if fraction == 0 { continue }
        let part = Double(factor) * fraction
        sum = try IntArithmetic.add(vm, sum, try IntDouble.int(vm, part))
        leftover += part - part.rounded(.towardZero)
      } else {
        throw vm.raise(.typeError, "unsupported type for timedelta \(names[index]) component: \(v.typeName)")
      }
    }
    if leftover != 0 {
      var whole = leftover.rounded(.toNearestOrAwayFromZero)
      if (whole - leftover).magnitude == 0.5 {
        // A tie is rounded to an even total.
        let odd: Double = Ints.isOdd(sum) ? 1 : 0
        whole = 2 * ((leftover + odd) * 0.5).rounded(.toNearestOrAwayFromZero) - odd
      }
      sum = try IntArithmetic.add(vm, sum, try IntDouble.int(vm, whole))
    }
    return try make(vm, type, int: sum)
  }

  // MARK: operators

  static func add(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a), DatetimeTypes.isDelta(b) else { return .notImplemented }
    return try make(vm, microseconds(a) + microseconds(b))
  }
  static func subtract(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a), DatetimeTypes.isDelta(b) else { return .notImplemented }
    return try make(vm, microseconds(a) - microseconds(b))
  }

  static func multiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let (d, x) = DatetimeTypes.isDelta(a) ? (a, b) : (b, a)
    guard DatetimeTypes.isDelta(d) else { return .notImplemented }
    let us = try int(vm, microseconds(d))
    if x.isInt { return try make(vm, DatetimeTypes.delta, int: try IntArithmetic.multiply(vm, us, Ints.exact(x))) }
    if x.isFloat {
      let (p, q) = try ratio(vm, x)
      return try make(vm, DatetimeTypes.delta, int: try nearest(vm, try IntArithmetic.multiply(vm, us, p), q))
    }
    return .notImplemented
  }

  static func trueDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a) else { return .notImplemented }
    let us = try int(vm, microseconds(a))
    if DatetimeTypes.isDelta(b) { return Value(try IntArithmetic.trueDivide(vm, us, try int(vm, microseconds(b)))) }
    if b.isInt { return try make(vm, DatetimeTypes.delta, int: try nearest(vm, us, Ints.exact(b))) }
    if b.isFloat {
      let (p, q) = try ratio(vm, b)
      return try make(vm, DatetimeTypes.delta, int: try nearest(vm, try IntArithmetic.multiply(vm, us, q), p))
    }
    return .notImplemented
  }

  static func floorDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a) else { return .notImplemented }
    let us = try int(vm, microseconds(a))
    if DatetimeTypes.isDelta(b) { return try IntArithmetic.floorDivide(vm, us, try int(vm, microseconds(b))) }
    if b.isInt { return try make(vm, DatetimeTypes.delta, int: try IntArithmetic.floorDivide(vm, us, Ints.exact(b))) }
    return .notImplemented
  }

  static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a), DatetimeTypes.isDelta(b) else { return .notImplemented }
    return try make(
      vm, DatetimeTypes.delta, int: try IntArithmetic.remainder(vm, try int(vm, microseconds(a)), try int(vm, microseconds(b))))
  }

  static func divmod(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a), DatetimeTypes.isDelta(b) else { return .notImplemented }
    let pair = try IntSlots.divmod(vm, try int(vm, microseconds(a)), try int(vm, microseconds(b)))
    let items = pair.as(TupleLayout.self).items
    return try vm.tuple(items[0], try make(vm, DatetimeTypes.delta, int: items[1]))
  }

  private static func ratio(_ vm: VM, _ v: Value) throws(Raised) -> (Value, Value) {
    let pair = try v.isDouble ? FloatType.ratio(vm, v) : vm.callMethod(v, "as_integer_ratio")
    guard pair.isTuple else {
      throw vm.raise(.typeError, "unexpected return type from as_integer_ratio(): expected tuple, got '\(pair.typeName)'")
    }
    let parts = pair.as(TupleLayout.self)
    guard parts.pointee.count == 2 else { throw vm.raise(.valueError, "as_integer_ratio() must return a 2-tuple") }
    guard parts.items[0].isInt, parts.items[1].isInt else { throw vm.raise(.typeError, "non-integer arguments in division") }
    return (Ints.exact(parts.items[0]), Ints.exact(parts.items[1]))
  }

  /// `a / b` rounded half to even.
  private static func nearest(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if b == Value(smallInt: 0) { throw vm.raise(.zeroDivisionError, "integer division or modulo by zero") }
    let (x, y) = Ints.sign(b) < 0 ? (try IntArithmetic.negate(vm, a), try IntArithmetic.negate(vm, b)) : (a, b)
    let (q, r) = try IntArithmetic.floorDivMod(vm, x, y)
    let order = IntCompare.order(try IntArithmetic.add(vm, r, r), y)
    return order > 0 || (order == 0 && Ints.isOdd(q)) ? try IntArithmetic.add(vm, q, Value(smallInt: 1)) : q
  }
}
