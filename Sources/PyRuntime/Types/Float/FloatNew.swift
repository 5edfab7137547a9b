/// `float(...)`.
enum FloatNew {
  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0, type.asType.pointee.slots.initialize == rt.types.float.pointee.slots.initialize {
      throw vm.raise(.typeError, "float() takes no keyword arguments")
    }
    if args.count > 1 { throw vm.raise(.typeError, "float expected at most 1 argument, got \(args.count)") }
    let d = args.count == 0 ? 0 : try number(vm, args[0])
    if type == Value(rt.types.float) { return Value(d) }
    let cell = try vm.instance(FloatLayout.self, of: type.asType)
    cell.pointee.value = d
    return Value(cell)
  }

  /// `float(x)`
  static func number(_ vm: VM, _ x: Value) throws(Raised) -> Double {
    if x.isDouble { return x.double }
    if x.isSmallInt { return Double(x.smallInt) }
    if x.isExactStr, x.as(StrLayout.self).isASCII {
      let view = StrView(x)
      if let d = FloatText.quick(view.pointer(UInt8.self), view.length) { return d }
    }
    if x.isStr, x.isExactStr || x.type.pointee.slots.float == nil { return try parse(vm, NumberText.ascii(x), x) }
    let slots = x.type.pointee.slots
    if slots.float != nil || slots.index != nil {
      if x.isFloat, let slot = slots.float {
        let r = try slot(vm, x)
        return r.isDouble ? r.double : try Floats.checked(vm, x, r)
      }
      if x.isInt, let slot = slots.float {
        let r = try slot(vm, x)
        if !r.isFloat { throw vm.raise(.typeError, "\(x.typeName).__float__ returned non-float (type \(r.typeName))") }
        return Floats.double(r)
      }
      return try Floats.asDouble(vm, x)
    }
    if let bytes = try NumberText.bytes(vm, x) { return try parse(vm, bytes, x) }
    throw vm.raise(.typeError, "float() argument must be a string or a real number, not '\(x.typeName)'")
  }

  private static func parse(_ vm: VM, _ text: [UInt8], _ shown: Value) throws(Raised) -> Double {
    if let d = text.withUnsafeBufferPointer({ FloatText.parse($0) }) { return d }
    throw vm.raise(.valueError, "could not convert string to float: \(try vm.repr(shown).swiftString)")
  }
}
