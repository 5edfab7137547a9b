/// `complex`: always a `ComplexLayout` cell.
enum ComplexType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("complex(real=0, imag=0)\n\nThe complex number real + imag*1j, or the one that a text stands for.")
    t.flags.insert(.baseType)
    ComplexSlots.install(&t)
    var s = t.slots
    s.new = NewCode(new)
    t.slots = s
    t.method("conjugate", "($self, /)", "The number with the sign of its imaginary part changed.", conjugate)
    t.method("__complex__", "($self, /)", "The number as an exact complex.", exact)
    t.method("__getnewargs__", "($self, /)", nil, newArguments)
    t.method("__format__", "($self, format_spec, /)", "Text of the number as the specification says.", format)
    t.field("real", "the real part of a complex number", { (_, a) throws(Raised) in Value(ComplexSlots.number(a).0) })
    t.field("imag", "the imaginary part of a complex number", { (_, a) throws(Raised) in Value(ComplexSlots.number(a).1) })
  }

  static func conjugate(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let c = ComplexSlots.number(a)
    return try ComplexSlots.make(vm, (c.0, -c.1))
  }
  static func exact(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    a.cellType == rt.types.complex ? a : try ComplexSlots.make(vm, ComplexSlots.number(a))
  }
  static func newArguments(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    let c = ComplexSlots.number(a)
    return try vm.tuple(Value(c.0), Value(c.1))
  }
  static func format(_ vm: VM, _ a: Value, _ spec: Value) throws(Raised) -> Value {
    try NumberFormat.complex(vm, a, try NumberText.formatSpec(vm, spec))
  }

  // MARK: construction

  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let total = args.count + args.keywordCount
    if total > 2 { throw vm.raise(.typeError, "complex() takes at most 2 arguments (\(total) given)") }
    var real = args[0], imaginary = args[1]
    for i in 0..<args.keywordCount {
      let name = args.keywordName(i)
      if Str.equal(name, "real") {
        if !real.isNull { throw vm.raise(.typeError, "argument for complex() given by name ('real') and position (1)") }
        real = args.keywordValue(i)
      } else if Str.equal(name, "imag") {
        if !imaginary.isNull { throw vm.raise(.typeError, "argument for complex() given by name ('imag') and position (2)") }
        imaginary = args.keywordValue(i)
      } else {
        throw vm.raise(.typeError, "'\(name.swiftString)' is an invalid keyword argument for complex()")
      }
    }
    if real.isNull { real = Value(smallInt: 0) }
    if imaginary.isNull && type == Value(rt.types.complex) && real.isExact(rt.types.complex) { return real }
    let c = try number(vm, real, imaginary)
    return try ComplexSlots.make(vm, type.asType, c)
  }

  private static func number(_ vm: VM, _ first: Value, _ second: Value) throws(Raised) -> ComplexNumber {
    if first.isStr {
      if !second.isNull { throw vm.raise(.typeError, "complex() can't take second arg if first is a string") }
      return try parse(vm, first)
    }
    if !second.isNull && second.isStr { throw vm.raise(.typeError, "complex() second arg can't be a string") }
    var r = first, second = second
    if !second.isNull, let number = try foreign(vm, second) { second = number }
    if let special = try specialMethod(vm, first) { r = special }
    func isNumber(_ v: Value) -> Bool {
      v.type.pointee.slots.float != nil || v.type.pointee.slots.index != nil || ComplexSlots.isComplex(v)
    }
    if !isNumber(r) {
      throw vm.raise(.typeError, "complex() first argument must be a string or a number, not '\(r.typeName)'")
    }
    if !second.isNull && !isNumber(second) {
      throw vm.raise(.typeError, "complex() second argument must be a number, not '\(second.typeName)'")
    }
    let a: ComplexNumber = ComplexSlots.isComplex(r) ? ComplexSlots.number(r) : (try FloatNew.number(vm, r), 0)
    if second.isNull { return a }
    // Parts that are complex themselves: real + imag·1j by plain arithmetic.
    if ComplexSlots.isComplex(second) {
      let b = ComplexSlots.number(second)
      return (a.0 - b.1, ComplexSlots.isComplex(r) ? b.0 + a.1 : b.0)
    }
    let b = try FloatNew.number(vm, second)
    return (a.0, ComplexSlots.isComplex(r) ? b + a.1 : b)
  }

  /// What `__complex__` gives, or nil without one. Exact numbers are not asked.
  static func specialMethod(_ vm: VM, _ v: Value) throws(Raised) -> Value? {
    if v.isSmallInt || v.isDouble || v.isExact(rt.types.complex) { return nil }
    let method = try vm.lookupSpecial(v, rt.names.__complex__)
    if method.isNull { return try foreign(vm, v) }
    let r = try vm.call(method)
    if !ComplexSlots.isComplex(r) { throw vm.raise(.typeError, "__complex__ returned non-complex (type \(r.typeName))") }
    if r.cellType != rt.types.complex {
      try vm.warn(
        .deprecationWarning,
        "__complex__ returned non-complex (type \(r.typeName)).  The ability to return an instance of a strict subclass of complex is deprecated, and may not be supported in a future version of Python."
      )
    }
    return r
  }

  /// The number that an object of CPython's is whose type derives from complex there (numpy's `complex128`); nil for any other object.
  private static func foreign(_ vm: VM, _ v: Value) throws(Raised) -> Value? {
    guard v.isCell, v.type.pointee.flags.contains(.foreign), let derives = rt.pointee.bridgeHooks.derivesThere,
      derives(v.type, rt.types.complex)
    else { return nil }
    let real = try vm.asDouble(try vm.getAttribute(v, "real"))
    return try ComplexSlots.make(vm, rt.types.complex, (real, try vm.asDouble(try vm.getAttribute(v, "imag"))))
  }

  private static func parse(_ vm: VM, _ v: Value) throws(Raised) -> ComplexNumber {
    var text = NumberText.ascii(v)
    if text.contains(95) {
      guard let plain = text.withUnsafeBufferPointer({ FloatText.withoutUnderscores($0) }) else {
        throw vm.raise(.valueError, "could not convert string to complex: \(try vm.repr(v).swiftString)")
      }
      text = plain
    }
    guard let c = text.withUnsafeBufferPointer({ scan($0) }) else {
      throw vm.raise(.valueError, "complex() arg is a malformed string")
    }
    return c
  }

  private static func scan(_ text: UnsafeBufferPointer<UInt8>) -> ComplexNumber? {
    let n = text.count
    func at(_ i: Int) -> UInt8 { i < n ? text[i] : 0 }
    var i = 0
    while IntText.isSpace(at(i)) { i += 1 }
    let bracket = at(i) == 40
    if bracket {
      i += 1
      while IntText.isSpace(at(i)) { i += 1 }
    }
    var x = 0.0, y = 0.0
    if let (z, stop) = FloatText.scan(text, i) {
      i = stop
      if at(i) == 43 || at(i) == 45 {
        x = z
        if let (w, stop) = FloatText.scan(text, i) {
          y = w
          i = stop
        } else {
          y = at(i) == 43 ? 1 : -1
          i += 1
        }
        if at(i) | 32 != 106 { return nil }
        i += 1
      } else if at(i) | 32 == 106 {
        i += 1
        y = z
      } else {
        x = z
      }
    } else {
      y = 1
      if at(i) == 43 || at(i) == 45 {
        y = at(i) == 43 ? 1 : -1
        i += 1
      }
      if at(i) | 32 != 106 { return nil }
      i += 1
    }
    while IntText.isSpace(at(i)) { i += 1 }
    if bracket {
      if at(i) != 41 { return nil }
      i += 1
      while IntText.isSpace(at(i)) { i += 1 }
    }
    return i == n ? (x, y) : nil
  }
}
