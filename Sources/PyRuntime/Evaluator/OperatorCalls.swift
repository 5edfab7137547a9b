/// Operators of Python classes: `a + b` pushes the frame of `__add__`, as a call would, where that is what the operator asks first. The frame
/// returns to the operator's instruction; an answer of NotImplemented goes on from there with what is left to ask.
extension OperatorInstructions {
  /// The frame of the left operand's method; nil when something else comes first, and then nothing has happened.
  @inline(never)
  static func pushOperator(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) -> Registers? {
    let a = operand(pc.pointee.b, fp, k), b = operand(pc.pointee.c, fp, k)
    guard a.isCell, case let type = a.cellType, type.pointee.flags.contains(.heapType), !type.pointee.flags.contains(.foreign),
      !b.type.pointee.flags.contains(.foreign), case let number = Int(pc.w0 & 0xFF), let op = BinaryOp(number: number), op != .power
    else { return nil }
    if number >= BinaryOp.firstInplace {
      let method = Types.lookup(type, inplaceName(op))
      if !method.isNull { return Calls.pushAbove(vm, fp, method, a, b) }
    }
    // A subclass on the right may go first.
    guard b.type == type || !b.type.isSubtype(of: type) else { return nil }
    return Calls.pushAbove(vm, fp, Types.lookup(type, name(op)), a, b)
  }

  /// Whether a frame that answers NotImplemented to `caller` was pushed by `pushOperator`. The instruction may have been quickened meanwhile.
  static func isOperator(_ pc: CodePointer) -> Bool {
    let raw = pc.pointee.instruction.rawValue
    return raw == Instruction.binaryOp.rawValue || raw >= Instruction.addIntRR.rawValue && raw <= Instruction.addStr.rawValue
  }

  /// What the operator at which `caller` stands answers when the method that `pushOperator` called has answered NotImplemented.
  static func afterNotImplemented(_ vm: VM, _ caller: Registers) throws(Raised) -> Value {
    let pc = caller.framePC, k = caller.frameCode.pointee.constItems
    let a = operand(pc.pointee.b, caller, k), b = operand(pc.pointee.c, caller, k)
    rt.pointee.passesLeftOperand = true
    defer { rt.pointee.passesLeftOperand = false }
    return try vm.operation(Int(pc.w0 & 0xFF), a, b)
  }

  private static func name(_ op: BinaryOp) -> Value {
    switch op {
    case .add: rt.pointee.names.__add__
    case .and: rt.pointee.names.__and__
    case .floorDivide: rt.pointee.names.__floordiv__
    case .leftShift: rt.pointee.names.__lshift__
    case .matrixMultiply: rt.pointee.names.__matmul__
    case .multiply: rt.pointee.names.__mul__
    case .remainder: rt.pointee.names.__mod__
    case .or: rt.pointee.names.__or__
    case .power: rt.pointee.names.__pow__
    case .rightShift: rt.pointee.names.__rshift__
    case .subtract: rt.pointee.names.__sub__
    case .trueDivide: rt.pointee.names.__truediv__
    case .xor: rt.pointee.names.__xor__
    }
  }

  private static func inplaceName(_ op: BinaryOp) -> Value {
    switch op {
    case .add: rt.pointee.names.__iadd__
    case .and: rt.pointee.names.__iand__
    case .floorDivide: rt.pointee.names.__ifloordiv__
    case .leftShift: rt.pointee.names.__ilshift__
    case .matrixMultiply: rt.pointee.names.__imatmul__
    case .multiply: rt.pointee.names.__imul__
    case .remainder: rt.pointee.names.__imod__
    case .or: rt.pointee.names.__ior__
    case .power: rt.pointee.names.__ipow__
    case .rightShift: rt.pointee.names.__irshift__
    case .subtract: rt.pointee.names.__isub__
    case .trueDivide: rt.pointee.names.__itruediv__
    case .xor: rt.pointee.names.__ixor__
    }
  }

  // MARK: sites that meet many types

  /// `a op b` of two inline ints or floats, whose result is one; null for everything else. For sites that have met ints and floats in turn.
  /// - Parameter number: the argument of BINARY_OP
  @inline(never)
  static func numbersAtOnce(_ number: UInt64, _ a: Value, _ b: Value) -> Value {
    guard let op = BinaryOp(number: Int(number)) else { return .null }
    if Value.bothSmallInts(a, b) {
      let x = a.smallInt, y = b.smallInt
      let result: Int
      switch op {
      case .add: result = x &+ y
      case .subtract: result = x &- y
      case .multiply:
        let (product, overflow) = x.multipliedReportingOverflow(by: y)
        if overflow { return .null }
        result = product
      case .and: result = x & y
      case .or: result = x | y
      case .xor: result = x ^ y
      case .trueDivide: return y == 0 ? .null : Value(Double(x) / Double(y))
      default: return .null
      }
      return Value.fitsSmallInt(result) ? Value(smallInt: result) : .null
    }
    guard Quickening.isNumber(a) && Quickening.isNumber(b) else { return .null }
    let x = Quickening.number(a), y = Quickening.number(b)
    switch op {
    case .add: return Value(x + y)
    case .subtract: return Value(x - y)
    case .multiply: return Value(x * y)
    case .trueDivide: return y == 0 ? .null : Value(x / y)
    default: return .null
    }
  }
}
