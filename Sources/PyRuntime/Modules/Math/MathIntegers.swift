import CGMP
import Glibc

/// Functions of integers.
extension MathModule {
  static func declareIntegers(_ m: inout ModuleBuilder) {
    m.function("gcd", "($module, *integers)", "Greatest common divisor of all arguments.") { (vm, _, args: Args) throws(Raised) in
      let items = args[0].as(TupleLayout.self)
      var result = Value(smallInt: 0)
      for i in 0..<items.pointee.count {
        let x = try vm.index(items.items[i])
        result = try IntPower.gcd(vm, result, x)
      }
      return result
    }
    m.function("lcm", "($module, *integers)", "Least common multiple of all arguments.") { (vm, _, args: Args) throws(Raised) in
      let items = args[0].as(TupleLayout.self)
      var result = Value(smallInt: 1)
      for i in 0..<items.pointee.count {
        let x = try vm.index(items.items[i])
        if Ints.sign(result) == 0 { continue }
        if Ints.sign(x) == 0 {
          result = Value(smallInt: 0)
          continue
        }
        let q = try IntArithmetic.floorDivMod(vm, result, try IntPower.gcd(vm, result, x)).0
        result = try IntArithmetic.absolute(vm, try IntArithmetic.multiply(vm, q, x))
      }
      return result
    }
    m.function("isqrt", "($module, n, /)", "Largest int whose square is not greater than n.") { (vm, _, a) throws(Raised) in
      let n = try vm.index(a)
      if Ints.sign(n) < 0 { throw vm.raise(.valueError, "isqrt() argument must be nonnegative") }
      return try IntPower.squareRoot(vm, n)
    }
    m.function("factorial", "($module, x, /)", "Product of the ints from 1 to x.", factorial)
    m.function("comb", "($module, n, k, /)", "Number of ways to choose k of n things without regard to order.", comb)
    m.function("perm", "($module, n, k=None, /)", "Number of ways to choose k of n things and order them.", perm)
  }

  static func factorial(_ vm: VM, _ module: Value, _ a: Value) throws(Raised) -> Value {
    let n = try vm.index(a)
    if Ints.sign(n) < 0 { throw vm.raise(.valueError, "factorial() not defined for negative values") }
    guard let k = Ints.asInt64(n) else {
      throw vm.raise(.overflowError, "factorial() argument should not exceed 9223372036854775807")
    }
    if k <= 20 {
      var product = 1
      var i = 2
      while i <= k {
        product &*= i
        i &+= 1
      }
      return try vm.int(product)
    }
    // Stirling's bound in bits.
    guard Double(k) * Glibc.log2(Double(k)) < Double(Ints.maximumLimbs) * 64 else { throw vm.raiseMemoryError() }
    return try IntPower.collect(vm) { __gmpz_fac_ui($0, UInt(k)) }
  }

  static func comb(_ vm: VM, _ module: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let n = try vm.index(a)
    var k = try vm.index(b)
    if Ints.sign(n) < 0 { throw vm.raise(.valueError, "n must be a non-negative integer") }
    if Ints.sign(k) < 0 { throw vm.raise(.valueError, "k must be a non-negative integer") }
    let other = try IntArithmetic.subtract(vm, n, k)
    if Ints.sign(other) < 0 { return Value(smallInt: 0) }
    if IntCompare.order(other, k) < 0 { k = other }
    guard let count = Ints.asInt64(k) else {
      throw vm.raise(.overflowError, "min(n - k, k) must not exceed 9223372036854775807")
    }
    if count == 0 { return Value(smallInt: 1) }
    if count == 1 { return n }
    let bits = Double(count) * Double(max(2, IntBits.bitLength(n) - (63 - count.leadingZeroBitCount) + 2))
    guard bits < Double(Ints.maximumLimbs) * 64 else { throw vm.raiseMemoryError() }
    return try Ints.withView(n) { (x: IntView) throws(Raised) -> Value in
      var z = IntPower.readOnly(x)
      return try IntPower.collect(vm) { __gmpz_bin_ui($0, &z, UInt(count)) }
    }
  }

  static func perm(_ vm: VM, _ module: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if b.isNull || b.isNone { return try factorial(vm, module, a) }
    let n = try vm.index(a), k = try vm.index(b)
    if Ints.sign(n) < 0 { throw vm.raise(.valueError, "n must be a non-negative integer") }
    if Ints.sign(k) < 0 { throw vm.raise(.valueError, "k must be a non-negative integer") }
    if IntCompare.order(n, k) < 0 { return Value(smallInt: 0) }
    guard let count = Ints.asInt64(k) else { throw vm.raise(.overflowError, "k must not exceed 9223372036854775807") }
    guard Double(count) * Double(IntBits.bitLength(n)) < Double(Ints.maximumLimbs) * 128 else { throw vm.raiseMemoryError() }
    return try falling(vm, n, 0, count)
  }

  /// (n - from)(n - from - 1)…(n - to + 1), split in halves so that the factors stay of like size.
  private static func falling(_ vm: VM, _ n: Value, _ from: Int, _ to: Int) throws(Raised) -> Value {
    if to - from <= 8 {
      var product = Value(smallInt: 1)
      for i in from..<to {
        product = try IntArithmetic.multiply(vm, product, try IntArithmetic.subtract(vm, n, try vm.int(i)))
      }
      return product
    }
    let middle = from + (to - from) / 2
    return try IntArithmetic.multiply(vm, try falling(vm, n, from, middle), try falling(vm, n, middle, to))
  }
}
