/// Bodies of the instructions that build containers and strings.
enum Builders {
  @inline(never)
  static func buildSet(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let base = fp + Int(pc.pointee.b)
    let set = try vm.set()
    for i in 0..<Int(pc.pointee.c) { _ = try Sets.add(vm, set, base[i]) }
    fp[Int(pc.pointee.a)] = set
  }

  @inline(never)
  static func buildMap(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let base = fp + Int(pc.pointee.b)
    let dict = try vm.dict()
    for i in 0..<Int(pc.pointee.c) { try Dicts.set(vm, dict, base[2 &* i], base[2 &* i &+ 1]) }
    fp[Int(pc.pointee.a)] = dict
  }

  @inline(never)
  static func buildConstKeyMap(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let keys = operand(UInt16(truncatingIfNeeded: pc.w0), fp, k)
    let base = fp + Int(pc.pointee.b)
    let count = Int(pc.pointee.c)
    guard keys.isTuple, keys.as(TupleLayout.self).pointee.count == count else {
      throw vm.raise(.systemError, "bad BUILD_CONST_KEY_MAP keys argument")
    }
    let dict = try vm.dict(reserving: count), names = keys.as(TupleLayout.self).items
    for i in 0..<count where !Dicts.setAtOnce(dict, names[i], base[i]) { try Dicts.set(vm, dict, names[i], base[i]) }
    fp[Int(pc.pointee.a)] = dict
  }

  @inline(never)
  static func buildString(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let base = fp + Int(pc.pointee.b)
    let count = Int(pc.pointee.c)
    for i in 0..<count where !base[i].isStr { throw vm.raise(.systemError, "bad BUILD_STRING argument") }
    fp[Int(pc.pointee.a)] = try joined(vm, base, count)
  }

  /// Concatenation of strs in one step: units are copied into a result of the widest unit.
  static func joined(_ vm: VM, _ parts: UnsafeMutablePointer<Value>, _ count: Int) throws(Raised) -> Value {
    if count == 0 { return rt.pointee.emptyStr }
    if count == 1 { return parts[0] }
    // What grows by appending has a buffer that makes it cheap.
    if parts[0].as(StrLayout.self).pointee.flags.contains(.concatenated) {
      return try vm.concatenate(parts[0], try joined(vm, parts + 1, count - 1))
    }
    var length = 0
    var unit: UInt8 = 1
    var ascii = true
    for i in 0..<count {
      let s = parts[i].as(StrLayout.self)
      length &+= s.pointee.length
      unit = max(unit, s.pointee.unit)
      ascii = ascii && s.isASCII
    }
    if length <= 1 {
      for i in 0..<count where parts[i].as(StrLayout.self).pointee.length > 0 { return try vm.exactCopy(parts[i]) }
      return rt.pointee.emptyStr
    }
    let r = try vm.newStr(length: length, unit: unit, ascii: ascii)
    if length >= 256 { r.pointee.flags.insert(.concatenated) }
    var to = r.units
    for i in 0..<count {
      let view = StrView(parts[i])
      if view.unit == 1 && unit == 1 && view.length < 16 {
        for k in 0..<view.length {
          to.storeBytes(of: view.units.load(fromByteOffset: k, as: UInt8.self), toByteOffset: k, as: UInt8.self)
        }
      } else {
        view.copy(to: to, unit: unit)
      }
      to += view.length &* Int(unit)
    }
    return Value(r)
  }

  @inline(never)
  static func string2(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let a = operand(pc.pointee.b, fp, k), b = operand(pc.pointee.c, fp, k)
    guard a.isStr, b.isStr else { throw vm.raise(.systemError, "bad BUILD_STRING argument") }
    fp[Int(pc.pointee.a)] = try vm.concatenate(a, b)
  }

  @inline(never)
  static func list2(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    var items = (operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
    fp[Int(pc.pointee.a)] = try withValues(&items) { p throws(Raised) in try vm.list(copying: p, count: 2) }
  }
  @inline(never)
  static func list1(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    var item = operand(pc.pointee.b, fp, k)
    fp[Int(pc.pointee.a)] = try withUnsafePointer(to: &item) { p throws(Raised) in try vm.list(copying: p, count: 1) }
  }
  @inline(never)
  static func map1(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let dict = try vm.dict()
    try Dicts.set(vm, dict, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
    fp[Int(pc.pointee.a)] = dict
  }

  // MARK: formatting

  @inline(never)
  static func format(_ vm: VM, _ value: Value, _ spec: Value, _ conversion: Int) throws(Raised) -> Value {
    var v = value
    switch conversion & 3 {
    case 1: v = try vm.str(of: v)
    case 2: v = try vm.repr(v)
    case 3: v = try ascii(vm, v)
    default: break
    }
    if spec.isNull {
      if v.isExactStr { return v }
      if v.isSmallInt || v.isDouble { return try vm.str(of: v) }
    }
    return try vm.format(v, spec.isNull ? rt.pointee.emptyStr : spec)
  }

  /// `ascii(v)`
  static func ascii(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let text = try vm.repr(v)
    let s = text.as(StrLayout.self)
    if s.isASCII { return text }
    var out: [UInt8] = []
    func hex(_ c: UInt32, _ digits: Int) {
      var shift = UInt32(digits &* 4)
      while shift > 0 {
        shift &-= 4
        let d = UInt8(c >> shift & 15)
        out.append(d < 10 ? 48 &+ d : 87 &+ d)
      }
    }
    for i in 0..<s.pointee.length {
      let c = s[codePoint: i]
      if c < 0x80 {
        out.append(UInt8(c))
      } else if c < 0x100 {
        out += [0x5C, 0x78]
        hex(c, 2)
      } else if c < 0x10000 {
        out += [0x5C, 0x75]
        hex(c, 4)
      } else {
        out += [0x5C, 0x55]
        hex(c, 8)
      }
    }
    return try vm.str(String(decoding: out, as: UTF8.self))
  }

  // MARK: comprehensions and displays with unpacking

  @inline(never)
  static func listExtend(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let list = fp[Int(pc.pointee.a)]
    let source = operand(pc.pointee.b, fp, k)
    if source.type.pointee.slots.iter == nil && source.type.pointee.slots.item == nil {
      throw vm.raise(.typeError, "Value after * must be an iterable, not \(source.typeName)")
    }
    try Lists.extend(vm, list.as(ListLayout.self), source)
  }

  @inline(never)
  static func dictUpdate(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let source = operand(pc.pointee.b, fp, k)
    if !source.isDict, try vm.getAttributeOrNull(source, rt.names.keys).isNull {
      throw vm.raise(.typeError, "'\(source.typeName)' object is not a mapping")
    }
    try Dicts.merge(vm, fp[Int(pc.pointee.a)], source)
  }

  @inline(never)
  static func dictMerge(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    try mergeKeywords(vm, fp[Int(pc.pointee.a)], operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
  }

  /// Adds the items of `**source` to the keywords collected so far; a key that is there already is an error about `callee`.
  static func mergeKeywords(_ vm: VM, _ dict: Value, _ source: Value, _ callee: Value) throws(Raised) {
    if !source.isDict, try vm.getAttributeOrNull(source, rt.names.keys).isNull {
      let name = try Messages.functionName(vm, callee)
      throw vm.raise(.typeError, "\(name) argument after ** must be a mapping, not \(source.typeName)")
    }
    if source.isExact(rt.types.dict), source.as(DictLayout.self).pointee.stringKeysOnly, Dicts.count(dict) == 0 {
      return try Dicts.merge(vm, dict, source)
    }
    if source.isDict {
      var position = 0
      while let entry = Dicts.next(source, &position) { try addKeyword(vm, dict, entry.key, entry.value, callee) }
      return
    }
    let keys = try vm.callMethod(source, rt.names.keys)
    try vm.forEach(keys) { key throws(Raised) in try addKeyword(vm, dict, key, try vm.getItem(source, key), callee) }
  }

  private static func addKeyword(_ vm: VM, _ dict: Value, _ key: Value, _ value: Value, _ callee: Value) throws(Raised) {
    if try Dicts.contains(vm, dict, key) {
      let name = try Messages.functionName(vm, callee)
      throw vm.raise(.typeError, "\(name) got multiple values for keyword argument '\(try vm.str(of: key).swiftString)'")
    }
    try Dicts.set(vm, dict, key, value)
  }

  @inline(never)
  static func printExpr(_ vm: VM, _ value: Value) throws(Raised) {
    let hook = Dicts.get(rt.pointee.sysDict, str: rt.names.displayhook)
    if hook.isNull { throw vm.raise(.runtimeError, "lost sys.displayhook") }
    _ = try vm.call(hook, value)
  }

  /// `MAKE_FUNCTION`: flags 1 defaults, 2 keyword defaults, 4 annotations, 8 closure.
  @inline(never)
  static func makeFunction(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let flags = pc.pointee.c
    let operands = pc.w0
    let made = try FunctionType.make(vm, code: operand(pc.pointee.b, fp, k), sibling: fp.frameFunction)
    let f = made.as(FunctionLayout.self)
    f.pointee.isTemporary = flags & Encoding.temporaryBit != 0
    if flags & 1 != 0 { f.pointee.defaults = operand(UInt16(truncatingIfNeeded: operands), fp, k) }
    if flags & 2 != 0 { f.pointee.kwDefaults = operand(UInt16(truncatingIfNeeded: operands >> 16), fp, k) }
    if flags & 4 != 0 { f.pointee.annotations = operand(UInt16(truncatingIfNeeded: operands >> 32), fp, k) }
    if flags & 8 != 0 { f.pointee.closure = operand(UInt16(truncatingIfNeeded: operands >> 48), fp, k) }
    fp[Int(pc.pointee.a)] = made
  }
}
