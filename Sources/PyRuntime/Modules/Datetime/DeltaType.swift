/// `timedelta`: the type.
enum DeltaType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Difference between two datetime values.\n\nAll arguments are optional, default to 0 and may be floats.")
    var s = t.slots
    s.new = NewCode(Deltas.new)
    s.repr = NoArgsCode(repr)
    s.str = NoArgsCode(str)
    s.hash = HashCode(hash)
    s.compare = CompareCode(compare)
    s.add = OneCode(Deltas.add)
    s.subtract = OneCode(Deltas.subtract)
    s.multiply = OneCode(Deltas.multiply)
    s.trueDivide = OneCode(Deltas.trueDivide)
    s.floorDivide = OneCode(Deltas.floorDivide)
    s.remainder = OneCode(Deltas.remainder)
    s.divmod = OneCode(Deltas.divmod)
    s.negative = NoArgsCode { (vm, a) throws(Raised) in try Deltas.make(vm, -Deltas.microseconds(a)) }
    s.positive = NoArgsCode { (vm, a) throws(Raised) in try Deltas.make(vm, Deltas.microseconds(a)) }
    s.absolute = NoArgsCode { (vm, a) throws(Raised) in
      let n = Deltas.microseconds(a)
      return try Deltas.make(vm, n < 0 ? -n : n)
    }
    s.bool = TestCode { (_, a) throws(Raised) in Deltas.microseconds(a) != 0 }
    t.slots = s
    t.field("days", "Number of days.") { (_, a) throws(Raised) in
      Value(smallInt: Int(a.as(DeltaLayout.self).pointee.days))
    }
    t.field("seconds", "Number of seconds (>= 0 and less than 1 day).") { (_, a) throws(Raised) in
      Value(smallInt: Int(a.as(DeltaLayout.self).pointee.seconds))
    }
    t.field("microseconds", "Number of microseconds (>= 0 and less than 1 second).") { (_, a) throws(Raised) in
      Value(smallInt: Int(a.as(DeltaLayout.self).pointee.microseconds))
    }
    t.method("total_seconds", nil, "The whole duration in seconds.") { (vm, a) throws(Raised) in
      Value(try IntArithmetic.trueDivide(vm, try Deltas.int(vm, Deltas.microseconds(a)), Value(smallInt: 1_000_000)))
    }
    t.method("__reduce__", nil, "__reduce__() -> (cls, state)", reduce)
  }

  private static func state(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let d = a.as(DeltaLayout.self).pointee
    return try vm.tuple(Value(smallInt: Int(d.days)), Value(smallInt: Int(d.seconds)), Value(smallInt: Int(d.microseconds)))
  }
  private static func reduce(_ vm: VM, _ a: Value) throws(Raised) -> Value { try vm.tuple(Value(a.type), try state(vm, a)) }

  static func hash(_ vm: VM, _ a: Value) throws(Raised) -> Int {
    let d = a.as(DeltaLayout.self)
    if d.pointee.hash == -1 { d.pointee.hash = try vm.hash(try state(vm, a)) }
    return d.pointee.hash
  }

  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard DatetimeTypes.isDelta(a), DatetimeTypes.isDelta(b) else { return .notImplemented }
    let x = Deltas.microseconds(a), y = Deltas.microseconds(b)
    return IntCompare.answer(x < y ? -1 : x > y ? 1 : 0, op)
  }

  private static func repr(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let d = a.as(DeltaLayout.self).pointee
    var parts: [String] = []
    if d.days != 0 { parts.append("days=\(d.days)") }
    if d.seconds != 0 { parts.append("seconds=\(d.seconds)") }
    if d.microseconds != 0 { parts.append("microseconds=\(d.microseconds)") }
    return try vm.str("\(DatetimeText.typeName(a))(\(parts.isEmpty ? "0" : parts.joined(separator: ", ")))")
  }

  private static func str(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let d = a.as(DeltaLayout.self).pointee
    let s = Int(d.seconds)
    var text = ""
    if d.days != 0 { text = "\(d.days) day\(d.days == 1 || d.days == -1 ? "" : "s"), " }
    text += "\(s / 3600):\(DatetimeText.pad(s / 60 % 60, 2)):\(DatetimeText.pad(s % 60, 2))"
    if d.microseconds != 0 { text += "." + DatetimeText.pad(Int(d.microseconds), 6) }
    return try vm.str(text)
  }
}
