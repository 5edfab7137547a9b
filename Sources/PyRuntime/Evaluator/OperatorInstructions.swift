/// Bodies of the operator instructions in their general form.
enum OperatorInstructions {
  @inline(never)
  static func binary(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let a = operand(pc.pointee.b, fp, k), b = operand(pc.pointee.c, fp, k)
    let number = Int(pc.w0 & 0xFF)
    if let foreign = rt.pointee.foreignBinary, isForeign(a) || isForeign(b) {
      let value = try foreign(vm, number, a, b)
      if !value.isNull {
        fp[Int(pc.pointee.a)] = value
        return
      }
    }
    Quickening.binary(pc, number, a, b)
    let value = try vm.operation(number, a, b)
    fp[Int(pc.pointee.a)] = value
  }

  /// `a + b`, in place or not, of two bytes or two tuples; null for anything else.
  @inline(__always)
  static func joined(_ vm: VM, _ number: UInt64, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard number == UInt64(BinaryOp.add.rawValue) || number == UInt64(BinaryOp.firstInplace), a.isCell, b.isCell,
      case let type = a.cellType, type == b.cellType, type == rt.types.bytes || type == rt.types.tuple,
      let concatenate = type.pointee.slots.concatenate
    else { return .null }
    return try concatenate(vm, a, b)
  }

  @inline(never)
  static func compare(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let op = CompareOp(code: pc.w0 & 0xFF)
    let a = operand(pc.pointee.b, fp, k), b = operand(pc.pointee.c, fp, k)
    var value = Value.null
    if let foreign = rt.pointee.foreignCompare, isForeign(a) { value = try foreign(vm, op, a, b) }
    if value.isNull {
      Quickening.compare(pc, op, a, b)
      value = try vm.compare(a, b, op)
    }
    fp[Int(pc.pointee.a)] = value
  }

  /// Whether JCMP jumps.
  @inline(never)
  static func jumpCompare(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) -> Bool {
    let word = pc.w0
    let op = CompareOp(code: word & 0xFF)
    let a = operand(pc.pointee.a, fp, k), b = operand(pc.pointee.b, fp, k)
    var value = Value.null
    if let foreign = rt.pointee.foreignCompare, isForeign(a) { value = try foreign(vm, op, a, b) }
    if value.isNull {
      Quickening.jumpCompare(pc, op, a, b)
      value = try vm.compare(a, b, op)
    }
    return try vm.isTrue(value) == (word >> 8 & 1 != 0)
  }

  @inline(__always)
  private static func isForeign(_ v: Value) -> Bool { v.isCell && v.cellType.pointee.flags.contains(.foreign) }

  // MARK: quickened forms that met something else

  @inline(never)
  static func binaryMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let a = operand(pc.pointee.b, fp, k), b = operand(pc.pointee.c, fp, k)
    // An int result that does not fit is no reason to give the form up.
    if !Value.bothSmallInts(a, b) { Quickening.revert(pc, to: .binaryOp) }
    try binary(vm, fp, k, pc)
  }
  @inline(never)
  static func compareMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .compareOp)
    try compare(vm, fp, k, pc)
  }
  @inline(never)
  static func jumpCompareMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) -> Bool {
    Quickening.revert(pc, to: .jumpCompare)
    return try jumpCompare(vm, fp, k, pc)
  }

  // MARK: bodies of quickened forms

  @inline(__always)
  static func sum(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b) else { return .null }
    let (s, overflow) = Int64(bitPattern: a.bits &<< 16).addingReportingOverflow(Int64(bitPattern: b.bits &<< 16))
    return overflow ? .null : Value(bits: UInt64(bitPattern: s) &>> 16 | Value.intTag)
  }
  @inline(__always)
  static func difference(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b) else { return .null }
    let (s, overflow) = Int64(bitPattern: a.bits &<< 16).subtractingReportingOverflow(Int64(bitPattern: b.bits &<< 16))
    return overflow ? .null : Value(bits: UInt64(bitPattern: s) &>> 16 | Value.intTag)
  }
  /// The other operators on two inline ints; null when one is none or the result does not fit.
  @inline(__always)
  static func product(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b) else { return .null }
    let (s, overflow) = Int64(a.smallInt).multipliedReportingOverflow(by: Int64(bitPattern: b.bits &<< 16))
    return overflow ? .null : Value(bits: UInt64(bitPattern: s) &>> 16 | Value.intTag)
  }
  @inline(__always)
  static func floorQuotient(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b) else { return .null }
    let x = a.smallInt, y = b.smallInt
    if y <= 0 { return .null }
    let q = x / y
    return Value(smallInt: x % y < 0 ? q &- 1 : q)
  }
  @inline(__always)
  static func floorRemainder(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b) else { return .null }
    let x = a.smallInt, y = b.smallInt
    if y <= 0 { return .null }
    let r = x % y
    return Value(smallInt: r < 0 ? r &+ y : r)
  }
  @inline(__always)
  static func shiftedLeft(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b) else { return .null }
    let x = a.smallInt, n = b.smallInt
    guard n >= 0, n < 47 else { return .null }
    let r = x &<< n
    return r &>> n == x && Value.fitsSmallInt(r) ? Value(smallInt: r) : .null
  }
  @inline(__always)
  static func shiftedRight(_ a: Value, _ b: Value) -> Value {
    guard Value.bothSmallInts(a, b), b.smallInt >= 0 else { return .null }
    return Value(smallInt: a.smallInt &>> min(b.smallInt, 63))
  }

  /// `a op b` for inline ints.
  @inline(__always)
  static func compareInts(_ op: UInt64, _ a: Value, _ b: Value) -> Bool {
    let x = a.smallInt, y = b.smallInt
    switch op {
    case 0: return x < y
    case 1: return x <= y
    case 2: return x == y
    case 3: return x != y
    case 4: return x > y
    default: return x >= y
    }
  }
  @inline(__always)
  static func compareDoubles(_ op: UInt64, _ x: Double, _ y: Double) -> Bool {
    switch op {
    case 0: return x < y
    case 1: return x <= y
    case 2: return x == y
    case 3: return x != y
    case 4: return x > y
    default: return x >= y
    }
  }
  @inline(never)
  static func compareStrs(_ op: UInt64, _ a: Value, _ b: Value) -> Bool {
    switch op {
    case 0: return Str.order(a, b) < 0
    case 1: return Str.order(a, b) <= 0
    case 2: return a == b || Str.equal(a, b)
    case 3: return a != b && !Str.equal(a, b)
    case 4: return Str.order(a, b) > 0
    default: return Str.order(a, b) >= 0
    }
  }
}
