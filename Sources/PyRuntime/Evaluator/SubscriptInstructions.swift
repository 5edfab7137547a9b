/// Bodies of the subscript instructions in their general form.
enum SubscriptInstructions {
  @inline(never)
  static func get(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let value = try vm.getItem(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
    fp[Int(pc.pointee.a)] = value
  }

  @inline(never)
  static func set(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    try vm.setItem(operand(pc.pointee.a, fp, k), operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
  }

  @inline(never)
  static func delete(_ vm: VM, _ container: Value, _ key: Value) throws(Raised) {
    try vm.setItem(container, key, .null)
  }

  @inline(never)
  static func slice(_ vm: VM, _ start: Value, _ stop: Value, _ step: Value) throws(Raised) -> Value {
    let s = try vm.make(SliceLayout.self, rt.types.slice)
    s.pointee.start = start
    s.pointee.stop = stop
    s.pointee.step = step
    return Value(s)
  }
}
