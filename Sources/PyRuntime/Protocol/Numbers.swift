/// Binary operators in the order of CPython's NB_* numbers (BINARY_OP's argument; in-place forms are 13 higher).
public enum BinaryOp: Int {
  case add = 0, and, floorDivide, leftShift, matrixMultiply, multiply, remainder, or, power, rightShift, subtract, trueDivide, xor

  /// The first number of an in-place form
  @inline(__always) static var firstInplace: Int { 13 }
  /// The operator of BINARY_OP's argument, in place or not.
  @inline(__always) init?(number: Int) { self.init(rawValue: number < BinaryOp.firstInplace ? number : number &- BinaryOp.firstInplace) }

  package var symbol: String {
    switch self {
    case .add: "+";
    case .and: "&";
    case .floorDivide: "//";
    case .leftShift: "<<";
    case .matrixMultiply: "@";
    case .multiply: "*"
    case .remainder: "%";
    case .or: "|";
    case .power: "** or pow()";
    case .rightShift: ">>";
    case .subtract: "-";
    case .trueDivide: "/"
    case .xor: "^"
    }
  }
  @inline(__always) package func slot(_ type: TypeRef) -> OneCode? {
    let s = type.pointee.slots
    switch self {
    case .add: return s.add;
    case .and: return s.and;
    case .floorDivide: return s.floorDivide;
    case .leftShift: return s.leftShift
    case .matrixMultiply: return s.matrixMultiply;
    case .multiply: return s.multiply;
    case .remainder: return s.remainder
    case .or: return s.or;
    case .power: return nil;
    case .rightShift: return s.rightShift;
    case .subtract: return s.subtract
    case .trueDivide: return s.trueDivide;
    case .xor: return s.xor
    }
  }
  package func inplaceSlot(_ type: TypeRef) -> OneCode? {
    let s = type.pointee.slots
    switch self {
    case .add: return s.inplaceAdd;
    case .and: return s.inplaceAnd;
    case .floorDivide: return s.inplaceFloorDivide
    case .leftShift: return s.inplaceLeftShift;
    case .matrixMultiply: return s.inplaceMatrixMultiply
    case .multiply: return s.inplaceMultiply;
    case .remainder: return s.inplaceRemainder;
    case .or: return s.inplaceOr
    case .power: return nil;
    case .rightShift: return s.inplaceRightShift;
    case .subtract: return s.inplaceSubtract
    case .trueDivide: return s.inplaceTrueDivide;
    case .xor: return s.inplaceXor
    }
  }
}

extension VM {
  /// `a op b` or `a op= b`, by BINARY_OP's argument.
  func operation(_ number: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let op = BinaryOp(number: number) ?? .add
    return number < BinaryOp.firstInplace ? try binary(op, a, b) : try inplace(op, a, b)
  }

  /// Asks both operands' slots, a right-hand subclass first; answers NotImplemented if both decline.
  package func binarySlots(_ a: Value, _ b: Value, _ left: OneCode?, _ right: OneCode?) throws(Raised) -> Value {
    let reflected = right == left ? nil : right
    var right = reflected
    if let left {
      if let r = right, b.type.isSubtype(of: a.type) {
        let x = try r(self, a, b)
        if x != .notImplemented { return x }
        right = nil
      }
      let x = try left(self, a, b)
      if x != .notImplemented { return x }
    }
    if let right { return try right(self, a, b) }
    return .notImplemented
  }

  /// `a op b`
  package func binary(_ op: BinaryOp, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if op == .power { return try power(a, b, .none) }
    let x = try binarySlots(a, b, op.slot(a.type), op.slot(b.type))
    if x != .notImplemented { return x }
    if op == .add, let slot = a.type.pointee.slots.concatenate { return try slot(self, a, b) }
    if op == .multiply {
      if let slot = a.type.pointee.slots.repeated { return try repeated(slot, a, b) }
      if let slot = b.type.pointee.slots.repeated { return try repeated(slot, b, a) }
    }
    throw unsupported(op.symbol, a, b)
  }

  /// `a op= b`
  package func inplace(_ op: BinaryOp, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if op == .power {
      if let slot = a.type.pointee.slots.inplacePower {
        let x = try slot(self, a, b, .none)
        if x != .notImplemented { return x }
      }
      return try power(a, b, .none, symbol: "**=")
    }
    if let slot = op.inplaceSlot(a.type) {
      let x = try slot(self, a, b)
      if x != .notImplemented { return x }
    }
    let x = try binarySlots(a, b, op.slot(a.type), op.slot(b.type))
    if x != .notImplemented { return x }
    if op == .add {
      if let slot = a.type.pointee.slots.inplaceConcatenate ?? a.type.pointee.slots.concatenate { return try slot(self, a, b) }
    }
    if op == .multiply {
      if let slot = a.type.pointee.slots.inplaceRepeat ?? a.type.pointee.slots.repeated { return try repeated(slot, a, b) }
      if let slot = b.type.pointee.slots.repeated { return try repeated(slot, b, a) }
    }
    throw unsupported(op.symbol + "=", a, b)
  }

  private func repeated(_ slot: IndexedCode, _ sequence: Value, _ n: Value) throws(Raised) -> Value {
    guard n.isInt || n.type.pointee.slots.index != nil else {
      throw raise(.typeError, "can't multiply sequence by non-int of type '\(n.typeName)'")
    }
    return try slot(self, sequence, try asIndex(n, overflow: .overflowError))
  }

  package func unsupported(_ symbol: String, _ a: Value, _ b: Value) -> Raised {
    var message = "unsupported operand type(s) for \(symbol): '\(a.typeName)' and '\(b.typeName)'"
    // Python 2's `print >> stream, text`.
    if symbol == ">>", a.isExact(rt.types.builtinFunction), a == Dicts.get(self, rt.pointee.builtins, "print") {
      message += ". Did you mean \"print(<message>, file=<output_stream>)\"?"
    }
    return raise(.typeError, message)
  }

  /// `pow(a, b, modulus)`; modulus None for `a ** b`.
  package func power(_ a: Value, _ b: Value, _ modulus: Value, symbol: String = "** or pow()") throws(Raised) -> Value {
    let left = a.type.pointee.slots.power
    var right = b.type.pointee.slots.power
    if right == left { right = nil }
    if let l = left {
      if let r = right, b.type.isSubtype(of: a.type) {
        let x = try r(self, a, b, modulus)
        if x != .notImplemented { return x }
        right = nil
      }
      let x = try l(self, a, b, modulus)
      if x != .notImplemented { return x }
    }
    if let r = right {
      let x = try r(self, a, b, modulus)
      if x != .notImplemented { return x }
    }
    if !modulus.isNone, let m = modulus.type.pointee.slots.power, m != left, m != b.type.pointee.slots.power {
      let x = try m(self, a, b, modulus)
      if x != .notImplemented { return x }
    }
    if modulus.isNone { throw unsupported(symbol, a, b) }
    throw raise(.typeError, "unsupported operand type(s) for ** or pow(): '\(a.typeName)', '\(b.typeName)', '\(modulus.typeName)'")
  }

  package func negative(_ v: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.negative else { throw badUnary("-", v) }
    return try slot(self, v)
  }
  package func positive(_ v: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.positive else { throw badUnary("+", v) }
    return try slot(self, v)
  }
  package func invert(_ v: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.invert else { throw badUnary("~", v) }
    return try slot(self, v)
  }
  package func absolute(_ v: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.absolute else { throw raise(.typeError, "bad operand type for abs(): '\(v.typeName)'") }
    return try slot(self, v)
  }
  private func badUnary(_ symbol: String, _ v: Value) -> Raised {
    raise(.typeError, "bad operand type for unary \(symbol): '\(v.typeName)'")
  }

  /// `operator.index(v)` as an exact int.
  package func index(_ v: Value) throws(Raised) -> Value {
    if v.isSmallInt { return v }
    if v.isInt { return Ints.exact(v) }
    guard let slot = v.type.pointee.slots.index else {
      throw raise(.typeError, "'\(v.typeName)' object cannot be interpreted as an integer")
    }
    let r = try slot(self, v)
    if !r.isInt { throw raise(.typeError, "__index__ returned non-int (type \(r.typeName))") }
    if !r.isExactInt {
      try warn(
        .deprecationWarning,
        "__index__ returned non-int (type \(r.typeName)).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python."
      )
    }
    return Ints.exact(r)
  }

  /// A machine integer from anything with `__index__`; OverflowError "Python int too large to convert to C ssize_t" beyond.
  package func asInt(_ v: Value) throws(Raised) -> Int {
    if v.isSmallInt { return v.smallInt }
    let i = try index(v)
    if i.isSmallInt { return i.smallInt }
    guard let n = Ints.asInt64(i) else { throw raise(.overflowError, "Python int too large to convert to C ssize_t") }
    return n
  }

  /// Like `asInt`, with CPython's message for indexes on overflow.
  package func asIndex(_ v: Value, overflow: ExceptionKind) throws(Raised) -> Int {
    if v.isSmallInt { return v.smallInt }
    let i = try index(v)
    if i.isSmallInt { return i.smallInt }
    guard let n = Ints.asInt64(i) else { throw raise(overflow, "cannot fit '\(v.typeName)' into an index-sized integer") }
    return n
  }

  /// `float(v)` for arguments declared as floats: floats, ints, `__float__`, `__index__`.
  package func asDouble(_ v: Value) throws(Raised) -> Double {
    if v.isDouble { return v.double }
    if v.isSmallInt { return Double(v.smallInt) }
    return try Floats.asDouble(self, v)
  }

  @inline(__always) package func int(_ i: Int) throws(Raised) -> Value {
    if Value.fitsSmallInt(i) { return Value(smallInt: i) }
    return try Ints.make(self, i)
  }
}
