import CPython
import PyRuntime

/// Arithmetic of foreign objects. CPython's own dispatch decides between the operands: a slot that declines answers
/// NotImplemented, and then our side goes on.
enum ForeignNumbers {
  typealias Operation = (PyRef, PyRef) -> PyRef?

  static func binary(_ vm: VM, _ a: Value, _ b: Value, _ operation: Operation) throws(Raised) -> Value {
    let x = try ToPython.convert(vm, a)
    defer { release(x) }
    let y = try ToPython.convert(vm, b)
    defer { release(y) }
    return try FromPython.take(vm, Calls.run(vm) { operation(x, y) })
  }

  /// Calls the slots themselves, left operand's first, so that a refusal is NotImplemented and no TypeError.
  @inline(__always)
  private static func slots(_ vm: VM, _ a: Value, _ b: Value, _ slot: (PyTypeRef) -> binaryfunc?) throws(Raised) -> Value {
    let x = try ToPython.convert(vm, a)
    defer { release(x) }
    let y = try ToPython.convert(vm, b)
    defer { release(y) }
    // An instance of a Python class of ours, unless it is derived from a C type, has only slots that lead back here: our side asks it itself.
    func own(_ v: Value, _ o: PyRef) -> binaryfunc? {
      let base = Twins.ownBase(o)
      let flags = v.type.pointee.flags
      if base == nil, flags.contains(.heapType), !flags.contains(.foreign) { return nil }
      return slot(base ?? amphis_type(o))
    }
    return try either(vm, x, y, own(a, x), own(b, y))
  }
  private static func either(_ vm: VM, _ x: PyRef, _ y: PyRef, _ left: binaryfunc?, _ right: binaryfunc?) throws(Raised) -> Value {
    if let left {
      guard let r = Parked.run(vm, left, x, y) else { throw Errors.fetch(vm) }
      if r != Library.notImplemented { return try FromPython.take(vm, r) }
      release(r)
    }
    if let right, amphis_type(x) != amphis_type(y) {
      guard let r = Parked.run(vm, right, x, y) else { throw Errors.fetch(vm) }
      if r != Library.notImplemented { return try FromPython.take(vm, r) }
      release(r)
    }
    return .notImplemented
  }
  // MARK: operators of the evaluator

  /// The object of a foreign object whose type is CPython's own.
  @inline(__always)
  private static func plain(_ v: Value) -> PyRef? {
    guard v.isCell else { return nil }
    if !Flags.isPlainForeign(v) { return nil }
    return v.as(ForeignLayout.self).pointee.object
  }
  /// A new reference to a number that goes by value.
  @inline(__always)
  private static func number(_ v: Value) -> PyRef? {
    if v.isSmallInt { return py.pointee.PyLong_FromLongLong(Int64(v.smallInt)) }
    return v.isDouble ? py.pointee.PyFloat_FromDouble(v.double) : nil
  }
  @inline(__always)
  private static var isBusy: Bool { Crossing.flags & Crossing.busy != 0 }

  /// `a op b` of two objects of one type of CPython's own, or of such an object and a number: its slot is called as CPython would.
  static func plainBinary(_ vm: VM, _ operation: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if isBusy { return .null }
    if let x = plain(a) {
      guard let slot = amphis_operator(amphis_type(x), operation) ?? amphis_operator(amphis_type(x), operation &- 13) else { return .null }
      if let y = plain(b) {
        if amphis_type(x) != amphis_type(y) { return .null }
        return try operate(vm, slot, a, x, b, y)
      }
      guard let y = number(b) else { return .null }
      defer { release(y) }
      return try operate(vm, slot, a, x, .null, y)
    }
    guard let y = plain(b), let slot = amphis_operator(amphis_type(y), operation < 13 ? operation : operation &- 13) else { return .null }
    guard let x = number(a) else { return .null }
    defer { release(x) }
    return try operate(vm, slot, .null, x, b, y)
  }

  /// `slot(x, y)` for the objects behind `a` and `b` (null: a number); null when it declines.
  @inline(__always)
  private static func operate(
    _ vm: VM, _ slot: binaryfunc, _ a: Value, _ x: PyRef, _ b: Value, _ y: PyRef
  ) throws(Raised) -> Value {
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.lentCount
    if !a.isNull { Light.lend(thread, a) }
    if !b.isNull { Light.lend(thread, b) }
    defer { Light.end(thread, mark) }
    let r = Parked.run(vm, slot, x, y)
    if r == x, !a.isNull {
      release(x)
      return a
    }
    if r == y, !b.isNull {
      release(y)
      return b
    }
    if r == Library.notImplemented {
      release(Library.notImplemented)
      return .null
    }
    return try FromPython.take(vm, r)
  }

  /// `a op b` of objects of one type of CPython's own, or of one and a number on its right.
  static func plainCompare(_ vm: VM, _ op: CompareOp, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard let x = plain(a), let slot = amphis_type(x).pointee.tp_richcompare, !isBusy else { return .null }
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.lentCount
    let r: PyRef?
    if let y = plain(b) {
      if amphis_type(x) != amphis_type(y) { return .null }
      Light.lend(thread, a)
      Light.lend(thread, b)
      r = Parked.run(vm, slot, x, y, Int32(op.rawValue))
    } else {
      guard let y = number(b) else { return .null }
      Light.lend(thread, a)
      r = Parked.run(vm, slot, x, y, Int32(op.rawValue))
      release(y)
    }
    defer { Light.end(thread, mark) }
    if r == Library.pyTrue || r == Library.pyFalse || r == Library.notImplemented, let r {
      release(r)
      return r == Library.pyTrue ? .true : r == Library.pyFalse ? .false : .null
    }
    return try FromPython.take(vm, r)
  }

  private static func unary(
    _ vm: VM, _ a: Value, _ slot: (PyNumberMethods) -> unaryfunc?, _ operation: (PyRef) -> PyRef?
  ) throws(Raised) -> Value {
    try ForeignSlots.lent(vm, a) { x throws(Raised) in
      if let own = Twins.ownBase(x)?.pointee.tp_as_number.flatMap({ slot($0.pointee) }) {
        return try FromPython.take(vm, Calls.run(vm) { own(x) })
      }
      return try FromPython.take(vm, Calls.run(vm) { operation(x) })
    }
  }

  static func install(_ s: inout TypeSlots, _ p: PyTypeObject) {
    guard let n = p.tp_as_number?.pointee else { return }
    if n.nb_add != nil { s.add = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_add($0) } } }
    if n.nb_subtract != nil { s.subtract = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_subtract($0) } } }
    if n.nb_multiply != nil { s.multiply = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_multiply($0) } } }
    if n.nb_remainder != nil { s.remainder = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_remainder($0) } } }
    if n.nb_divmod != nil { s.divmod = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_divmod($0) } } }
    if n.nb_lshift != nil { s.leftShift = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_lshift($0) } } }
    if n.nb_rshift != nil { s.rightShift = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_rshift($0) } } }
    if n.nb_and != nil { s.and = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_and($0) } } }
    if n.nb_or != nil { s.or = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_or($0) } } }
    if n.nb_xor != nil { s.xor = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_xor($0) } } }
    if n.nb_floor_divide != nil {
      s.floorDivide = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_floor_divide($0) } }
    }
    if n.nb_true_divide != nil {
      s.trueDivide = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_true_divide($0) } }
    }
    if n.nb_matrix_multiply != nil {
      s.matrixMultiply = OneCode { (vm, a, b) throws(Raised) in try slots(vm, a, b) { amphis_nb_matrix_multiply($0) } }
    }
    if n.nb_power != nil { s.power = TwoCode(power) }
    if n.nb_negative != nil {
      s.negative = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_negative }) { py.pointee.PyNumber_Negative($0) } }
    }
    if n.nb_positive != nil {
      s.positive = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_positive }) { py.pointee.PyNumber_Positive($0) } }
    }
    if n.nb_absolute != nil {
      s.absolute = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_absolute }) { py.pointee.PyNumber_Absolute($0) } }
    }
    if n.nb_invert != nil {
      s.invert = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_invert }) { py.pointee.PyNumber_Invert($0) } }
    }
    if n.nb_int != nil { s.int = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_int }) { py.pointee.PyNumber_Long($0) } } }
    if n.nb_float != nil {
      s.float = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_float }) { py.pointee.PyNumber_Float($0) } }
    }
    if n.nb_index != nil {
      s.index = NoArgsCode { (vm, a) throws(Raised) in try unary(vm, a, { $0.nb_index }) { py.pointee.PyNumber_Index($0) } }
    }
    installInPlace(&s, n)
    if n.nb_bool != nil {
      s.bool = TestCode { (vm, a) throws(Raised) in
        let r = try ForeignSlots.lent(vm, a) { x throws(Raised) in
          let own = Twins.ownBase(x)?.pointee.tp_as_number?.pointee.nb_bool
          return Calls.run(vm) { own.map { $0(x) } ?? py.pointee.PyObject_IsTrue(x) }
        }
        if r < 0 { throw Errors.fetch(vm) }
        return r != 0
      }
    }
  }

  /// `a += b` and the like change `a` over there: the left operand's slot alone.
  private static func installInPlace(_ s: inout TypeSlots, _ n: PyNumberMethods) {
    if n.nb_inplace_add != nil {
      s.inplaceAdd = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_add($0) } }
    }
    if n.nb_inplace_subtract != nil {
      s.inplaceSubtract = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_subtract($0) } }
    }
    if n.nb_inplace_multiply != nil {
      s.inplaceMultiply = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_multiply($0) } }
    }
    if n.nb_inplace_remainder != nil {
      s.inplaceRemainder = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_remainder($0) } }
    }
    if n.nb_inplace_lshift != nil {
      s.inplaceLeftShift = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_lshift($0) } }
    }
    if n.nb_inplace_rshift != nil {
      s.inplaceRightShift = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_rshift($0) } }
    }
    if n.nb_inplace_and != nil {
      s.inplaceAnd = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_and($0) } }
    }
    if n.nb_inplace_xor != nil {
      s.inplaceXor = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_xor($0) } }
    }
    if n.nb_inplace_or != nil { s.inplaceOr = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_or($0) } } }
    if n.nb_inplace_floor_divide != nil {
      s.inplaceFloorDivide = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_floor_divide($0) } }
    }
    if n.nb_inplace_true_divide != nil {
      s.inplaceTrueDivide = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_true_divide($0) } }
    }
    if n.nb_inplace_matrix_multiply != nil {
      s.inplaceMatrixMultiply = OneCode { (vm, a, b) throws(Raised) in try inPlace(vm, a, b) { amphis_nb_inplace_matrix_multiply($0) } }
    }
  }
  @inline(__always)
  private static func inPlace(_ vm: VM, _ a: Value, _ b: Value, _ slot: (PyTypeRef) -> binaryfunc?) throws(Raised) -> Value {
    let x = try ForeignSlots.object(vm, a)
    guard let f = slot(Twins.ownBase(x) ?? amphis_type(x)) else { return .notImplemented }
    let y = try ToPython.convert(vm, b)
    defer { release(y) }
    return try FromPython.take(vm, Parked.run(vm, f, x, y))
  }

  private static func power(_ vm: VM, _ a: Value, _ b: Value, _ modulus: Value) throws(Raised) -> Value {
    let x = try ToPython.convert(vm, a)
    defer { release(x) }
    let y = try ToPython.convert(vm, b)
    defer { release(y) }
    let m = try ToPython.convert(vm, modulus.isNull ? .none : modulus)
    defer { release(m) }
    for o in [x, y] {
      guard let f = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_as_number?.pointee.nb_power else { continue }
      guard let r = Calls.run(vm, { f(x, y, m) }) else { throw Errors.fetch(vm) }
      if r != Library.notImplemented { return try FromPython.take(vm, r) }
      release(r)
    }
    return .notImplemented
  }
}
