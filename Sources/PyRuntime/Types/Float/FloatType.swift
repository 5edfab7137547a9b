import Glibc

/// `float`: exact floats are inline values; instances of Python subclasses are `FloatLayout` cells.
enum FloatType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("float(x=0, /)\n\nThe floating-point number that a number or a text stands for.")
    t.flags.formUnion([.baseType, .floatSubclass, .matchSelf])
    FloatSlots.install(&t)
    var s = t.slots
    s.new = NewCode(FloatNew.new)
    t.slots = s
    t.method("conjugate", "($self, /)", "The number itself: it has no imaginary part.", same)
    t.method("__trunc__", "($self, /)", "The integral part as an int.", truncate)
    t.method("__floor__", "($self, /)", "The largest int that is not greater.", floor)
    t.method("__ceil__", "($self, /)", "The smallest int that is not less.", ceil)
    t.method("__round__", "($self, ndigits=None, /)", "Rounded half to even: an int, or a float when ndigits is given.", round)
    t.method(
      "as_integer_ratio", "($self, /)",
      "The pair of ints, in lowest terms, whose quotient is exactly this number.\n\n>>> (2.5).as_integer_ratio()\n(5, 2)\n>>> (-0.75).as_integer_ratio()\n(-3, 4)",
      ratio)
    t.classMethod(
      "fromhex", "($type, string, /)", "The number that a hexadecimal text stands for.\n\n>>> float.fromhex('0x1.8p+2')\n6.0", fromHex)
    t.method("hex", "($self, /)", "Exact hexadecimal text of the number.\n\n>>> (6.0).hex()\n'0x1.8000000000000p+2'", hex)
    t.method("is_integer", "($self, /)", "Whether the number is whole.", isInteger)
    t.method("__getnewargs__", "($self, /)", nil, newArguments)
    t.classMethod("__getformat__", "($type, typestr, /)", "How the C type double or float is represented here.", getFormat)
    t.method("__format__", "($self, format_spec, /)", "Text of the number as the specification says.", format)
    t.getset("real", "the number itself", same)
    t.getset("imag", "always zero", { (_, _) throws(Raised) in Value(0.0) })
  }

  static func same(_ vm: VM, _ a: Value) throws(Raised) -> Value { Value(Floats.double(a)) }
  static func truncate(_ vm: VM, _ a: Value) throws(Raised) -> Value { try IntDouble.int(vm, Floats.double(a)) }
  static func floor(_ vm: VM, _ a: Value) throws(Raised) -> Value { try IntDouble.int(vm, Floats.double(a).rounded(.down)) }
  static func ceil(_ vm: VM, _ a: Value) throws(Raised) -> Value { try IntDouble.int(vm, Floats.double(a).rounded(.up)) }
  static func isInteger(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let d = Floats.double(a)
    return .bool(d.isFinite && d == d.rounded(.down))
  }
  static func hex(_ vm: VM, _ a: Value) throws(Raised) -> Value { try vm.str(FloatHex.text(Floats.double(a))) }
  static func newArguments(_ vm: VM, _ a: Value) throws(Raised) -> Value { try vm.tuple(Value(Floats.double(a))) }
  static func format(_ vm: VM, _ a: Value, _ spec: Value) throws(Raised) -> Value {
    try NumberFormat.float(vm, a, try NumberText.formatSpec(vm, spec))
  }

  static func ratio(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let d = Floats.double(a)
    if d.isInfinite { throw vm.raise(.overflowError, "cannot convert Infinity to integer ratio") }
    if d.isNaN { throw vm.raise(.valueError, "cannot convert NaN to integer ratio") }
    if d == 0 { return try vm.tuple(Value(smallInt: 0), Value(smallInt: 1)) }
    let (fraction, exponent) = FloatArithmetic.split(d)
    // fraction · 2^53 is a whole number.
    var mantissa = Int(fraction * 0x1p53)
    let zeros = mantissa.trailingZeroBitCount
    mantissa >>= zeros
    let shift = Int(exponent) - 53 + zeros
    let m = try vm.int(mantissa)
    if shift >= 0 { return try vm.tuple(try IntBits.shiftLeft(vm, m, shift), Value(smallInt: 1)) }
    return try vm.tuple(m, try IntBits.shiftLeft(vm, Value(smallInt: 1), -shift))
  }

  static func round(_ vm: VM, _ a: Value, _ digits: Value) throws(Raised) -> Value {
    let d = Floats.double(a)
    if digits.isNull || digits.isNone { return try IntDouble.int(vm, d.rounded(.toNearestOrEven)) }
    let index = try vm.index(digits)
    if !d.isFinite || d == 0 { return Value(d) }
    let n = index.isSmallInt ? index.smallInt : Ints.sign(index) < 0 ? Int.min : Int.max
    if n > 323 { return Value(d) }
    if n < -308 { return Value(0 * d) }
    let r = FloatRounding.rounded(d, places: n)
    if r.isInfinite { throw vm.raise(.overflowError, "rounded value too large to represent") }
    return Value(r)
  }

  static func fromHex(_ vm: VM, _ type: Value, _ args: Value) throws(Raised) -> Value {
    guard args.isStr else { throw vm.raise(.typeError, "bad argument type for built-in operation") }
    switch FloatHex.parse(args.utf8Bytes) {
    case .value(let d): return try NumberText.wrap(vm, type, rt.types.float, Value(d))
    case .malformed: throw vm.raise(.valueError, "invalid hexadecimal floating-point string")
    case .overflow: throw vm.raise(.overflowError, "hexadecimal value too large to represent as a float")
    }
  }

  static func getFormat(_ vm: VM, _ type: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "__getformat__() argument must be str, not \(name.argumentTypeName)") }
    guard Str.equal(name, "double") || Str.equal(name, "float") else {
      throw vm.raise(.valueError, "__getformat__() argument 1 must be 'double' or 'float'")
    }
    return try vm.str("IEEE, little-endian")
  }
}

/// Rounding to decimal places, exactly on the binary value.
enum FloatRounding {
  /// `d`, finite and not zero, to `places` after the point (negative: before it), half to even.
  static func rounded(_ d: Double, places: Int) -> Double {
    if let quick = FastNumbers.rounded(d, places) { return quick }
    let decimal: DecimalDigits
    if places >= 0 {
      decimal = DoubleFormat.fixed(d, places)
    } else {
      // All digits before the point and one sticky digit for what follows it, rounded by hand.
      var whole = DoubleFormat.fixed(d.magnitude.rounded(.down), 0)
      let hasFraction = d.magnitude != d.magnitude.rounded(.down)
      let keep = whole.pointPosition + places
      if keep < 0 { return d < 0 ? -0.0 : 0.0 }
      while whole.digits.count < whole.pointPosition { whole.digits.append(48) }
      let tail = whole.digits[keep...]
      let first = tail.first ?? 48
      let restIsZero = !hasFraction && !tail.dropFirst().contains { $0 != 48 }
      var kept = Array(whole.digits[..<keep])
      var point = whole.pointPosition
      let lastIsOdd = (kept.last ?? 48) & 1 == 1
      if first > 53 || (first == 53 && (!restIsZero || lastIsOdd)) {
        var i = kept.count - 1
        while i >= 0 && kept[i] == 57 {
          kept[i] = 48
          i -= 1
        }
        if i >= 0 {
          kept[i] += 1
        } else {
          kept.insert(49, at: 0)
          point += 1
        }
      }
      if kept.isEmpty { kept = [48] }
      decimal = DecimalDigits(digits: kept, pointPosition: point)
    }
    var text: [CChar] = [48, 46]
    for c in decimal.digits { text.append(CChar(bitPattern: c)) }
    text.append(101)
    for c in String(decimal.pointPosition).utf8 { text.append(CChar(bitPattern: c)) }
    text.append(0)
    let bytes = text.dropLast().map { UInt8(bitPattern: $0) }
    let m = bytes.withUnsafeBufferPointer { FloatText.scan($0, 0)?.0 ?? 0 }
    return d < 0 ? -m : m
  }
}
