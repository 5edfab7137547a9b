/// Bodies of the operator instructions in their general form.
enum OperatorInstructions {
  @inline(never)
  static func binary(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let a = operand(pc.pointee.b, fp, k), b = operand(pc.pointee.c, fp, k)
    let number = Int(pc.w0 & 0xFF)
    let value: Value
    if number < 13 {
      value = try vm.binary(BinaryOp(rawValue: number) ?? .add, a, b)
    } else {
      value = try vm.inplace(BinaryOp(rawValue: number &- 13) ?? .add, a, b)
    }
    fp[Int(pc.pointee.a)] = value
  }

  @inline(never)
  static func compare(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let op = CompareOp(rawValue: Int(pc.w0 & 0xFF)) ?? .eq
    let value = try vm.compare(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k), op)
    fp[Int(pc.pointee.a)] = value
  }

  /// Whether JCMP jumps.
  @inline(never)
  static func jumpCompare(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) -> Bool {
    let word = pc.w0
    let op = CompareOp(rawValue: Int(word & 0xFF)) ?? .eq
    let value = try vm.compare(operand(pc.pointee.a, fp, k), operand(pc.pointee.b, fp, k), op)
    return try vm.isTrue(value) == (word >> 8 & 1 != 0)
  }
}
