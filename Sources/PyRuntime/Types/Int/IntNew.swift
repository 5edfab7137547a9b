/// `int(...)`: construction from numbers and text.
enum IntNew {
  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let total = args.count + args.keywordCount
    if total > 2 { throw vm.raise(.typeError, "int() takes at most 2 arguments (\(total) given)") }
    var base = args[1]
    for i in 0..<args.keywordCount {
      let name = args.keywordName(i)
      guard Str.equal(name, "base") else {
        throw vm.raise(.typeError, "'\(name.swiftString)' is an invalid keyword argument for int()")
      }
      if !base.isNull { throw vm.raise(.typeError, "argument for int() given by name ('base') and position (2)") }
      base = args.keywordValue(i)
    }
    let x = args[0]
    let value: Value
    if x.isNull {
      if !base.isNull { throw vm.raise(.typeError, "int() missing string argument") }
      value = Value(smallInt: 0)
    } else if base.isNull {
      value = try number(vm, x)
    } else {
      value = try text(vm, x, base: base)
    }
    if type == Value(rt.types.int) { return value }
    return try Ints.subclassInstance(vm, type.asType, value)
  }

  /// `int(x)`: an exact int.
  static func number(_ vm: VM, _ x: Value) throws(Raised) -> Value {
    if x.isExactInt { return x }
    if x.isExactStr, x.as(StrLayout.self).isASCII {
      let view = StrView(x)
      let quick = IntText.quick(view.pointer(UInt8.self), view.length, base: 10)
      if !quick.isNull { return quick }
    }
    if x.isDouble {
      let d = x.double
      if d > -140_000_000_000_000 && d < 140_000_000_000_000 { return Value(smallInt: Int(d)) }
    }
    let slots = x.type.pointee.slots
    if let slot = slots.int {
      let r = try slot(vm, x)
      if r.isExactInt { return r }
      if !r.isInt { throw vm.raise(.typeError, "__int__ returned non-int (type \(r.typeName))") }
      try vm.warn(
        .deprecationWarning,
        "__int__ returned non-int (type \(r.typeName)).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python."
      )
      return Ints.exact(r)
    }
    if slots.index != nil { return try vm.index(x) }
    let truncate = try vm.lookupSpecial(x, "__trunc__")
    if !truncate.isNull {
      try vm.warn(.deprecationWarning, "The delegation of int() to __trunc__ is deprecated.")
      let r = try vm.call(truncate)
      if r.isInt { return Ints.exact(r) }
      if r.type.pointee.slots.index != nil { return try vm.index(r) }
      throw vm.raise(.typeError, "__trunc__ returned non-Integral (type \(r.typeName))")
    }
    if x.isStr { return try parse(vm, NumberText.ascii(x), base: 10, shown: x) }
    if let bytes = try NumberText.bytes(vm, x) { return try parse(vm, bytes, base: 10, shown: try shown(vm, x, bytes)) }
    throw vm.raise(.typeError, "int() argument must be a string, a bytes-like object or a real number, not '\(x.typeName)'")
  }

  private static func text(_ vm: VM, _ x: Value, base: Value) throws(Raised) -> Value {
    let i = try vm.index(base)
    guard i.isSmallInt, i.smallInt == 0 || (i.smallInt >= 2 && i.smallInt <= 36) else {
      throw vm.raise(.valueError, "int() base must be >= 2 and <= 36, or 0")
    }
    if x.isExactStr, x.as(StrLayout.self).isASCII, i.smallInt != 0 {
      let view = StrView(x)
      let quick = IntText.quick(view.pointer(UInt8.self), view.length, base: i.smallInt)
      if !quick.isNull { return quick }
    }
    if x.isStr { return try parse(vm, NumberText.ascii(x), base: i.smallInt, shown: x) }
    if x.isBytes || x.isInstance(of: rt.types.bytearray), let bytes = try NumberText.bytes(vm, x) {
      return try parse(vm, bytes, base: i.smallInt, shown: try shown(vm, x, bytes))
    }
    throw vm.raise(.typeError, "int() can't convert non-string with explicit base")
  }

  /// What an error message quotes: text from any buffer is shown as bytes.
  private static func shown(_ vm: VM, _ x: Value, _ bytes: [UInt8]) throws(Raised) -> Value {
    x.isBytes ? x : try vm.bytes(bytes)
  }

  private static func parse(_ vm: VM, _ text: [UInt8], base: Int, shown: Value) throws(Raised) -> Value {
    let result: Result<IntText.ParseOutcome, Raised> = text.withUnsafeBufferPointer { p in
      do throws(Raised) { return .success(try IntText.parse(vm, p, base: base)) } catch { return .failure(error) }
    }
    switch try result.get() {
    case .value(let v): return v
    case .malformed:
      throw vm.raise(.valueError, "invalid literal for int() with base \(base): \(try NumberText.shortRepr(vm, shown))")
    case .tooManyDigits(let n):
      throw vm.raise(
        .valueError,
        "Exceeds the limit (\(IntText.limit) digits) for integer string conversion: value has \(n) digits; use sys.set_int_max_str_digits() to increase the limit"
      )
    }
  }
}
