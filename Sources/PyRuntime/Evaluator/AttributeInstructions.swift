/// Bodies of the attribute instructions.
enum AttributeInstructions {
  /// r[a], r[a+1] = method, object when the method can be called with the object as its first argument; else NULL, attribute.
  @inline(never)
  static func loadMethod(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    let value = try vm.getAttribute(object, pc.name(pc.pointee.c, fp))
    let destination = Int(pc.pointee.a)
    if value.isExact(rt.types.boundMethod) {
      let method = value.as(BoundMethodLayout.self)
      fp[destination] = method.pointee.function
      fp[destination &+ 1] = method.pointee.receiver
    } else {
      fp[destination] = .null
      fp[destination &+ 1] = value
    }
  }
}
