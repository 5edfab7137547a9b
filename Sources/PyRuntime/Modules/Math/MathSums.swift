import Glibc

/// Sums, products, norms.
extension MathModule {
  static func declareSums(_ m: inout ModuleBuilder) {
    m.function("fsum", "($module, seq, /)", "Sum of floats, rounded once at the end.", fsum)
    m.function("prod", "($module, iterable, /, *, start=1)", "Product of start and all items.", prod)
    m.function("hypot", nil, "hypot(*coordinates) -> value\n\nDistance of a point from the origin.", hypot)
    m.function("dist", "($module, p, q, /)", "Distance between two points, each a sequence of coordinates.", dist)
  }

  /// Exact sum of the doubles in `iterable` as non-overlapping partial sums (Shewchuk), then rounded half to even.
  static func fsum(_ vm: VM, _ module: Value, _ iterable: Value) throws(Raised) -> Value {
    var partials: [Double] = []
    var special = 0.0, infinities = 0.0
    let it = try vm.iter(iterable)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { break }
      var x = try vm.asDouble(item)
      let original = x
      var kept = 0
      for j in 0..<partials.count {
        var y = partials[j]
        if x.magnitude < y.magnitude { (x, y) = (y, x) }
        let high = x + y
        let low = y - (high - x)
        if low != 0 {
          partials[kept] = low
          kept += 1
        }
        x = high
      }
      partials.removeSubrange(kept...)
      if x != 0 {
        if !x.isFinite {
          if original.isFinite { throw vm.raise(.overflowError, "intermediate overflow in fsum") }
          if original.isInfinite { infinities += original }
          special += original
          partials.removeAll(keepingCapacity: true)
        } else {
          partials.append(x)
        }
      }
    }
    if special != 0 {
      if infinities.isNaN { throw vm.raise(.valueError, "-inf + inf in fsum") }
      return Value(special)
    }
    var high = 0.0
    var n = partials.count
    if n > 0 {
      n -= 1
      high = partials[n]
      var low = 0.0
      while n > 0 {
        let x = high
        n -= 1
        let y = partials[n]
        high = x + y
        low = y - (high - x)
        if low != 0 { break }
      }
      // Half way between two doubles, the next partial sum decides.
      if n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0)) {
        let y = low * 2
        let x = high + y
        if y == x - high { high = x }
      }
    }
    return Value(high)
  }

  static func prod(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    var result = args[1].isNull ? Value(smallInt: 1) : args[1]
    let it = try vm.iter(args[0])
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return result }
      if result.isDouble && item.isDouble {
        result = Value(result.double * item.double)
      } else {
        result = try vm.binary(.multiply, result, item)
      }
    }
  }

  static func hypot(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "math.hypot() takes no keyword arguments") }
    var values: [Double] = []
    values.reserveCapacity(args.count)
    for i in 0..<args.count { values.append(try vm.asDouble(args[i]).magnitude) }
    return Value(norm(values))
  }

  static func dist(_ vm: VM, _ module: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let p = try a.isTuple ? a : vm.tuple(from: a)
    let q = try b.isTuple ? b : vm.tuple(from: b)
    let x = p.as(TupleLayout.self), y = q.as(TupleLayout.self)
    if x.pointee.count != y.pointee.count {
      throw vm.raise(.valueError, "both points must have the same number of dimensions")
    }
    var values: [Double] = []
    for i in 0..<x.pointee.count {
      let d = try vm.asDouble(x.items[i])
      values.append((d - (try vm.asDouble(y.items[i]))).magnitude)
    }
    return Value(norm(values))
  }

  /// Euclidean norm of nonnegative numbers: scaled by a power of two, squares split exactly in high and low parts, summed with
  /// their rounding errors, and the root corrected by one Newton step on the exact residue.
  private static func norm(_ values: [Double]) -> Double {
    var largest = 0.0
    var hasNaN = false
    for v in values {
      if v.isNaN { hasNaN = true }
      if v > largest { largest = v }
    }
    if largest.isInfinite { return largest }
    if hasNaN { return .nan }
    if largest == 0 || values.count <= 1 { return largest }
    let exponent = FloatArithmetic.split(largest).1
    var sum = 1.0, first = 0.0, second = 0.0, third = 0.0
    if exponent < -1023 {
      // The scale would overflow: subnormal numbers are divided instead.
      for v in values {
        let x = v / largest
        let square = x * x
        let old = sum
        sum += square
        first += (old - sum) + square
      }
      return largest * (sum - 1 + first).squareRoot()
    }
    let scale = scalbn(1.0, -Int32(exponent))
    func split(_ x: Double) -> (Double, Double) {
      let t = x * 134_217_729
      let high = t - (t - x)
      return (high, x - high)
    }
    for v in values {
      let (high, low) = split(v * scale)
      let square = high * high
      var old = sum
      sum += square
      first += (old - sum) + square
      let cross = 2 * high * low
      old = sum
      sum += cross
      second += (old - sum) + cross
      third += low * low
    }
    let h = (sum - 1 + (first + second + third)).squareRoot()
    let (high, low) = split(h)
    func subtract(_ term: Double, _ error: inout Double) {
      let x = -term
      let old = sum
      sum += x
      error += (old - sum) + x
    }
    subtract(high * high, &first)
    subtract(2 * high * low, &second)
    subtract(low * low, &third)
    let residue = sum - 1 + (first + second + third)
    return (h + residue / (2 * h)) / scale
  }
}
