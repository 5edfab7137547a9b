/// Operators of Python classes: `a + b` pushes the frame of `__add__`, as a call would, where that is what the operator asks first. The frame
/// returns to the operator's instruction; an answer of NotImplemented goes on from there with what is left to ask. So do comparisons, `in`,
/// subscripts and the beginning of a loop; some of them have a use of their own for the result (`hasOutcome`).
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

  // MARK: comparisons, containers, loops

  /// The frame of `a`'s method for the comparison at `pc`; nil when something else comes first, and then nothing has happened.
  @inline(never)
  static func pushComparison(_ vm: VM, _ caller: Registers, _ pc: CodePointer, _ a: Value, _ b: Value) -> Registers? {
    guard isPythonic(a), case let type = a.cellType, case let other = b.type, other.pointee.flags.isDisjoint(with: .foreign),
      other == type || !other.pointee.flags.contains(.heapType) || !other.isSubtype(of: type),
      vm.thread.pointee.recursionDepth &+ 1 < rt.pointee.recursionLimit,
      let frame = Calls.pushAbove(vm, caller, Types.lookup(type, SlotDispatch.comparisonName(CompareOp(code: pc.w0 & 0xFF))), a, b)
    else { return nil }
    frame.frameLink |= FrameLink.comparison
    vm.thread.pointee.recursionDepth &+= 1
    return frame
  }

  /// The same for `item in container`, `container[key]`, `container[key] = value` and `iter(v)`.
  @inline(never)
  static func pushContains(_ vm: VM, _ caller: Registers, _ container: Value, _ item: Value) -> Registers? {
    guard isPythonic(container) else { return nil }
    return Calls.pushAbove(vm, caller, Types.lookup(container.cellType, rt.pointee.names.__contains__), container, item)
  }
  @inline(never)
  static func pushGetItem(_ vm: VM, _ caller: Registers, _ container: Value, _ key: Value) -> Registers? {
    guard isPythonic(container) else { return nil }
    return Calls.pushAbove(vm, caller, Types.lookup(container.cellType, rt.pointee.names.__getitem__), container, key)
  }
  @inline(never)
  static func pushSetItem(_ vm: VM, _ caller: Registers, _ container: Value, _ key: Value, _ value: Value) -> Registers? {
    guard isPythonic(container) else { return nil }
    return Calls.pushAbove(vm, caller, Types.lookup(container.cellType, rt.pointee.names.__setitem__), container, key, value)
  }
  @inline(never)
  static func pushIter(_ vm: VM, _ caller: Registers, _ v: Value) -> Registers? {
    guard isPythonic(v) else { return nil }
    return Calls.pushAbove(vm, caller, Types.lookup(v.cellType, rt.pointee.names.__iter__), v, .null)
  }

  /// Whether the special methods of `v`'s type may be Python functions that nothing stands in front of.
  @inline(__always)
  private static func isPythonic(_ v: Value) -> Bool {
    v.isCell && v.cellType.pointee.flags.contains(.heapType) && v.cellType.pointee.flags.isDisjoint(with: .foreign)
  }

  /// Whether the instruction, in its general form or quickened, does something else with the result of its method than to put it into its
  /// destination as it is.
  @inline(__always)
  static func hasOutcome(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .compareOp, .compareInt, .compareFloat, .compareStr, .contains, .notContains, .jumpContains, .jumpNotContains, .jumpCompare,
      .jumpLtIntRR, .jumpLeIntRR, .jumpEqIntRR, .jumpNeIntRR, .jumpGtIntRR, .jumpGeIntRR, .jumpLtIntRK, .jumpLeIntRK, .jumpEqIntRK,
      .jumpNeIntRK, .jumpGtIntRK, .jumpGeIntRK, .jumpLtIntKR, .jumpLeIntKR, .jumpGtIntKR, .jumpGeIntKR, .jumpCompareFloat, .jumpCompareStr,
      .setItem, .setItemListInt, .setItemDict,
      .setItemArrayInt, .getIter:
      return true
    default: return false
    }
  }

  /// Does with the result of the method what the instruction at which `caller` stands does with it, if nothing can be raised or run by that.
  /// - Returns: where `caller` goes on; nil if nothing has happened
  @inline(never)
  static func deliverAtOnce(_ caller: Registers, _ value: Value) -> CodePointer? {
    let pc = caller.framePC
    switch pc.pointee.instruction {
    case .setItem, .setItemListInt, .setItemDict, .setItemArrayInt: return pc + 2
    case .getIter:
      guard value.type.pointee.slots.next != nil else { return nil }
      caller[Int(pc.pointee.a)] = value
      return pc + 1
    case .compareOp, .compareInt, .compareFloat, .compareStr:
      if value == .notImplemented { return nil }
      caller[Int(pc.pointee.a)] = value
      return pc + 2
    case .contains, .notContains:
      let truth = truthAtOnce(value)
      if truth < 0 { return nil }
      caller[Int(pc.pointee.a)] = .bool((truth != 0) == (pc.pointee.instruction == .contains))
      return pc + 2
    default:
      let truth = truthAtOnce(value)
      if truth < 0 { return nil }
      if (truth != 0) != jumpsIfTrue(pc) { return pc + 2 }
      return pc.pointee.target < 0 && rt.pointee.evalBreaker != 0 ? nil : pc + pc.pointee.target
    }
  }

  /// Whether the jump at `pc`, a comparison or a test of membership, is taken if that is true.
  @inline(__always)
  private static func jumpsIfTrue(_ pc: CodePointer) -> Bool {
    switch pc.pointee.instruction {
    case .jumpContains: true
    case .jumpNotContains: false
    default: pc.w0 >> 8 & 1 != 0
    }
  }

  /// `deliverAtOnce` without its condition.
  @inline(never)
  static func deliver(_ vm: VM, _ caller: Registers, _ result: Value) throws(Raised) -> CodePointer {
    let pc = caller.framePC
    let instruction = pc.pointee.instruction
    switch instruction {
    case .setItem, .setItemListInt, .setItemDict, .setItemArrayInt: break
    case .getIter:
      if result.type.pointee.slots.next == nil {
        throw vm.raise(.typeError, "iter() returned non-iterator of type '\(result.typeName)'")
      }
      caller[Int(pc.pointee.a)] = result
      return pc + 1
    case .compareOp, .compareInt, .compareFloat, .compareStr:
      let value = try comparison(vm, caller, result, pc.pointee.b, pc.pointee.c)
      caller[Int(pc.pointee.a)] = value
    case .contains, .notContains:
      let isTrue = try vm.isTrue(result)
      caller[Int(pc.pointee.a)] = .bool(isTrue == (instruction == .contains))
    default:
      let isMembership = instruction == .jumpContains || instruction == .jumpNotContains
      let value = isMembership ? result : try comparison(vm, caller, result, pc.pointee.a, pc.pointee.b)
      if try vm.isTrue(value) == jumpsIfTrue(pc) {
        if pc.pointee.target < 0 { try Evaluator.poll(vm, caller, pc) }
        return pc + pc.pointee.target
      }
    }
    return pc + 2
  }

  /// What the comparison of two operands at which `caller` stands comes to when the left one's method has answered `result`.
  private static func comparison(
    _ vm: VM, _ caller: Registers, _ result: Value, _ left: UInt16, _ right: UInt16
  ) throws(Raised) -> Value {
    if result != .notImplemented { return result }
    let k = caller.frameCode.pointee.constItems, op = CompareOp(code: caller.framePC.w0 & 0xFF)
    let a = operand(left, caller, k), b = operand(right, caller, k)
    return try vm.deeper(" in comparison") { () throws(Raised) in try vm.compareWithoutLeft(a, b, op, asksRight: true) }
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
