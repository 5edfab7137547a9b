/// Builtin functions about numbers and characters.
enum NumberBuiltins {
  static func declare(_ b: ModuleBuilder) {
    b.function("abs", "($module, x, /)", "Return the absolute value of the argument.", abs)
    b.function("divmod", "($module, x, y, /)", "Return the tuple (x//y, x%y).", divmod)
    b.function("pow", "($module, /, base, exp, mod=None)", "base**exp, or base**exp % mod.", pow)
    b.function("round", "($module, /, number, ndigits=None)", "Round a number to a given precision in decimal digits.", round)
    b.function("ord", "($module, c, /)", "Return the Unicode code point for a one-character string.", ord)
    b.function("chr", "($module, i, /)", "Return a one-character string with the given code point.", chr)
    b.function("hex", "($module, number, /)", "Return the hexadecimal representation of an integer.\n\n>>> hex(255)\n'0xff'", hex)
    b.function("oct", "($module, number, /)", "Return the octal representation of an integer.\n\n>>> oct(8)\n'0o10'", oct)
    b.function("bin", "($module, number, /)", "Return the binary representation of an integer.\n\n>>> bin(10)\n'0b1010'", bin)
    b.function("sum", "($module, iterable, /, start=0)", "Return the sum of a 'start' value plus an iterable of numbers.", sum)
  }

  private static func abs(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try vm.absolute(v) }

  private static func divmod(_ vm: VM, _ m: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let r = try vm.binarySlots(a, b, a.type.pointee.slots.divmod, b.type.pointee.slots.divmod)
    if r == .notImplemented { throw vm.unsupported("divmod()", a, b) }
    return r
  }
  private static func pow(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    try vm.power(args[0], args[1], args[2].isNull ? .none : args[2])
  }
  private static func round(_ vm: VM, _ m: Value, _ v: Value, _ digits: Value) throws(Raised) -> Value {
    let method = Types.lookup(v.type, rt.pointee.names.__round__)
    if method.isNull { throw vm.raise(.typeError, "type \(v.typeName) doesn't define __round__ method") }
    if digits.isNull || digits.isNone { return try SlotDispatch.call(vm, method, v) }
    return try SlotDispatch.call(vm, method, v, digits)
  }

  private static func ord(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    let count: Int
    if v.isStr {
      let s = v.as(StrLayout.self)
      if s.pointee.length == 1 { return Value(smallInt: Int(s[codePoint: 0])) }
      count = s.pointee.length
    } else if v.isBytes {
      let b = v.as(BytesLayout.self)
      if b.pointee.count == 1 { return Value(smallInt: Int(b.bytes[0])) }
      count = b.pointee.count
    } else if v.isInstance(of: rt.pointee.types.bytearray) {
      count = try vm.length(v)
      if count == 1 { return try vm.getItem(v, Value(smallInt: 0)) }
    } else {
      throw vm.raise(.typeError, "ord() expected string of length 1, but \(v.typeName) found")
    }
    throw vm.raise(.typeError, "ord() expected a character, but string of length \(count) found")
  }
  private static func chr(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    let i = try vm.index(v)
    guard let n = i.isSmallInt ? i.smallInt : Ints.asInt64(i), Int32(exactly: n) != nil else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    guard n >= 0 && n < 0x110000 else { throw vm.raise(.valueError, "chr() arg not in range(0x110000)") }
    return try vm.str(codePoint: UInt32(n))
  }
  private static func based(_ vm: VM, _ v: Value, _ letter: UInt8) throws(Raised) -> Value {
    let n = try vm.index(v)
    var spec = FormatSpec(align: 62, type: UInt32(letter))
    spec.alternate = true
    if n.isSmallInt { return try FastNumbers.int(vm, n.smallInt, spec) }
    return try NumberFormat.integer(vm, n, spec)
  }
  private static func hex(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try based(vm, v, 120) }
  private static func oct(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try based(vm, v, 111) }
  private static func bin(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try based(vm, v, 98) }

  /// Machine integers first, then doubles, then whatever `+` means: as CPython, so that results agree bit for bit.
  private static func sum(_ vm: VM, _ m: Value, _ iterable: Value, _ start: Value) throws(Raised) -> Value {
    var total = start.isNull ? Value(smallInt: 0) : start
    if total.isStr { throw vm.raise(.typeError, "sum() can't sum strings [use ''.join(seq) instead]") }
    if total.isBytes { throw vm.raise(.typeError, "sum() can't sum bytes [use b''.join(seq) instead]") }
    if total.isInstance(of: rt.pointee.types.bytearray) {
      throw vm.raise(.typeError, "sum() can't sum bytearray [use b''.join(seq) instead]")
    }
    // Items of exact lists and tuples are read where they lie as long as nothing but machine arithmetic happens.
    var skip = 0
    if let run = Lists.plainItems(iterable) {
      if total.isSmallInt {
        var n = total.smallInt
        while skip < run.count, run.items[skip].isSmallInt {
          let (r, overflow) = n.addingReportingOverflow(run.items[skip].smallInt)
          if overflow { break }
          n = r
          skip &+= 1
        }
        if skip == run.count { return try vm.int(n) }
        if run.items[skip].isDouble {
          // CPython adds the first double to the sum of ints as a double.
          total = Value(try IntDouble.double(vm, try vm.int(n)) + run.items[skip].double)
          skip &+= 1
        } else {
          total = try vm.int(n)
        }
      }
      if total.isDouble {
        var x = total.double
        while skip < run.count {
          let item = run.items[skip]
          if item.isDouble { x += item.double } else if item.isSmallInt { x += Double(item.smallInt) } else { break }
          skip &+= 1
        }
        if skip == run.count { return Value(x) }
        total = Value(x)
      }
    }
    let it = try vm.iter(iterable)
    while skip > 0 {
      _ = try vm.next(it)
      skip &-= 1
    }
    if total.isSmallInt {
      var n = total.smallInt
      while true {
        let item = try vm.next(it)
        if item == .exhausted { return try vm.int(n) }
        if item.isSmallInt || item.isBool {
          let (r, overflow) = n.addingReportingOverflow(item.isBool ? (item == .true ? 1 : 0) : item.smallInt)
          if !overflow {
            n = r
            continue
          }
        }
        total = try vm.binary(.add, try vm.int(n), item)
        break
      }
    }
    if total.isDouble {
      var x = total.double
      while true {
        let item = try vm.next(it)
        if item == .exhausted { return Value(x) }
        if item.isDouble {
          x += item.double
        } else if item.isSmallInt {
          x += Double(item.smallInt)
        } else {
          total = try vm.binary(.add, Value(x), item)
          break
        }
      }
    }
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return total }
      total = try vm.binary(.add, total, item)
      // CPython goes back to doubles only at the start; later sums stay general.
    }
  }
}
