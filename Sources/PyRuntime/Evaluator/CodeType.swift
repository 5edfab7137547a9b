import PyBytecode

/// `code`
enum CodeType {
  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let c = cell.assumingMemoryBound(to: CodeLayout.self)
    tracer.visit(c.pointee.consts)
    tracer.visit(c.pointee.lineTable)
    tracer.visit(c.pointee.extra)
    tracer.visitBuffer(c.pointee.lowered?.assumingMemoryBound(to: UInt8.self))
    tracer.visitBuffer(c.pointee.tracedLowered?.assumingMemoryBound(to: UInt8.self))
    tracer.visit(c.pointee.code)
    tracer.visit(c.pointee.names)
    tracer.visit(c.pointee.localsplusNames)
    tracer.visit(c.pointee.localsplusKinds)
    tracer.visit(c.pointee.filename)
    tracer.visit(c.pointee.name)
    tracer.visit(c.pointee.qualname)
    tracer.visit(c.pointee.exceptionTable)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      code(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, filename, \
      name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)
      --

      Create a code object. Not for the faint of heart.
      """)
    t.trace(trace)
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.compare = CompareCode(compare)
    t.slots.hash = HashCode(hash)
    declareAttributes(&t)
    t.method("co_lines", "($self, /)", "Iterator over (start, end, line) ranges of bytecode offsets.", lines)
    t.method("co_positions", "($self, /)", "Iterator over (line, end line, column, end column) of each code unit.", positions)
    t.method("replace", nil, "Copy with some fields replaced.", CodeReplacement.replace)
    t.method("_varname_from_oparg", "($self, /, oparg)", "Name of a local variable by index.", variableName)
  }

  private static func declareAttributes(_ t: inout TypeBuilder) {
    t.getset("co_argcount", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.argCount)) }
    t.getset("co_posonlyargcount", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.posOnlyArgCount)) }
    t.getset("co_kwonlyargcount", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.kwOnlyArgCount)) }
    t.getset("co_stacksize", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.stackSize)) }
    t.getset("co_flags", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.flags)) }
    t.getset("co_nlocals", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.nlocals)) }
    t.getset("co_firstlineno", nil) { vm, v throws(Raised) in try vm.int(Int(layout(v).pointee.firstLine)) }
    t.member("co_consts", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.consts))
    t.member("co_names", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.names))
    t.member("co_filename", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.filename))
    t.member("co_name", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.name))
    t.member("co_qualname", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.qualname))
    t.member("co_linetable", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.lineTable))
    t.member("co_exceptiontable", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.exceptionTable))
    t.member("co_code", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.code))
    t.member("_co_code_adaptive", nil, offset: MemoryLayout<CodeLayout>.offset(of: \.code))
    t.getset("co_varnames", nil) { vm, v throws(Raised) in try variables(vm, v, 0x20) }
    t.getset("co_cellvars", nil) { vm, v throws(Raised) in try variables(vm, v, 0x40) }
    t.getset("co_freevars", nil) { vm, v throws(Raised) in try variables(vm, v, 0x80) }
    t.getset("co_lnotab", nil, lnotab)
  }

  static func layout(_ v: Value) -> UnsafeMutablePointer<CodeLayout> { v.as(CodeLayout.self) }

  /// Names of the variables of a kind: locals 0x20, cells 0x40, frees 0x80.
  static func variables(_ vm: VM, _ v: Value, _ kind: UInt8) throws(Raised) -> Value {
    let names = layout(v).pointee.localsplusNames.as(TupleLayout.self)
    let kinds = layout(v).pointee.localsplusKinds.as(BytesLayout.self).buffer
    var count = 0
    for k in kinds where k & kind != 0 { count &+= 1 }
    if count == 0 { return rt.pointee.emptyTuple }
    let result = try vm.tuple(count: count)
    var n = 0
    for i in 0..<kinds.count where kinds[i] & kind != 0 {
      result.as(TupleLayout.self).items[n] = names.items[i]
      n &+= 1
    }
    return result
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let c = layout(v)
    let file = c.pointee.filename.swiftString
    return try vm.str(
      "<code object \(c.pointee.name.swiftString) at \(Addresses.hex(v)), file \"\(file)\", line \(c.pointee.firstLine)>")
  }

  // MARK: comparison

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne, a.isExact(rt.types.code), b.isExact(rt.types.code) else { return .notImplemented }
    var same = a == b
    if !same { same = try equal(vm, layout(a), layout(b)) }
    return .bool(same == (op == .eq))
  }

  private static func equal(
    _ vm: VM, _ x: UnsafeMutablePointer<CodeLayout>, _ y: UnsafeMutablePointer<CodeLayout>
  ) throws(Raised) -> Bool {
    let a = x.pointee, b = y.pointee
    guard a.argCount == b.argCount, a.posOnlyArgCount == b.posOnlyArgCount, a.kwOnlyArgCount == b.kwOnlyArgCount,
      a.flags == b.flags, a.firstLine == b.firstLine
    else { return false }
    if try !vm.equal(a.name, b.name) { return false }
    if try !vm.equal(a.code, b.code) { return false }
    if try !sameConstant(vm, a.consts, b.consts) { return false }
    if try !vm.equal(a.names, b.names) { return false }
    if try !vm.equal(a.localsplusNames, b.localsplusNames) { return false }
    if try !vm.equal(a.localsplusKinds, b.localsplusKinds) { return false }
    if try !vm.equal(a.lineTable, b.lineTable) { return false }
    return try vm.equal(a.exceptionTable, b.exceptionTable)
  }

  /// Equal and of the same types all the way down; 0.0 and -0.0 differ, in complex numbers too.
  static func sameConstant(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a == b { return true }
    if a.type != b.type { return false }
    if a.isDouble { return false }
    if a.isExact(rt.types.complex) {
      let x = a.as(ComplexLayout.self).pointee, y = b.as(ComplexLayout.self).pointee
      return x.real == y.real && x.imaginary == y.imaginary && x.real.sign == y.real.sign && x.imaginary.sign == y.imaginary.sign
    }
    if a.isExact(rt.types.tuple) {
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" in comparison") }
      let s = a.as(TupleLayout.self), t = b.as(TupleLayout.self)
      guard s.pointee.count == t.pointee.count else { return false }
      for i in 0..<s.pointee.count {
        if try !sameConstant(vm, s.items[i], t.items[i]) { return false }
      }
      return true
    }
    return try vm.equal(a, b)
  }

  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let c = layout(v)
    var h = try vm.hash(c.pointee.name)
    h ^= try vm.hash(c.pointee.code)
    h ^= try vm.hash(c.pointee.names)
    h ^= try vm.hash(c.pointee.localsplusNames)
    h ^= try vm.hash(c.pointee.lineTable)
    h ^= try vm.hash(c.pointee.exceptionTable)
    h ^= Int(c.pointee.argCount) ^ Int(c.pointee.posOnlyArgCount) ^ Int(c.pointee.kwOnlyArgCount) ^ Int(c.pointee.flags)
    return h == -1 ? -2 : h
  }

  // MARK: positions

  private static func number(_ vm: VM, _ i: Int32) throws(Raised) -> Value { i < 0 ? .none : try vm.int(Int(i)) }

  private static func positions(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let list = try vm.list()
    for entry in LineTable(layout(v)) {
      let at = entry.location
      for _ in 0..<entry.units {
        let row = try vm.tuple(count: 4)
        row.as(TupleLayout.self).items[0] = try number(vm, at.line)
        row.as(TupleLayout.self).items[1] = try number(vm, at.endLine)
        row.as(TupleLayout.self).items[2] = try number(vm, at.column)
        row.as(TupleLayout.self).items[3] = try number(vm, at.endColumn)
        try vm.append(list, row)
      }
    }
    return try vm.iter(list)
  }

  private static func lines(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let list = try vm.list()
    for entry in LineTable(layout(v)) {
      let start = try vm.int(entry.start &* 2), end = try vm.int((entry.start &+ entry.units) &* 2)
      try vm.append(list, try vm.tuple(start, end, try number(vm, entry.location.line)))
    }
    return try vm.iter(list)
  }

  /// The line table in the format of Python before 3.10: pairs of offset and line increments.
  private static func lnotab(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    var out: [UInt8] = []
    var offset = 0
    var line = Int(layout(v).pointee.firstLine)
    for entry in LineTable(layout(v)) where entry.location.line >= 0 && Int(entry.location.line) != line {
      var advance = entry.start &* 2 &- offset
      var delta = Int(entry.location.line) &- line
      while advance > 255 {
        out += [255, 0]
        advance &-= 255
      }
      while delta > 127 {
        out += [UInt8(truncatingIfNeeded: advance), 127]
        advance = 0
        delta &-= 127
      }
      while delta < -128 {
        out += [UInt8(truncatingIfNeeded: advance), 128]
        advance = 0
        delta &+= 128
      }
      out += [UInt8(truncatingIfNeeded: advance), UInt8(truncatingIfNeeded: delta)]
      offset = entry.start &* 2
      line = Int(entry.location.line)
    }
    return try vm.bytes(out)
  }

  private static func variableName(_ vm: VM, _ v: Value, _ index: Value) throws(Raised) -> Value {
    let names = layout(v).pointee.localsplusNames.as(TupleLayout.self)
    let i = try vm.asInt(index)
    guard i >= 0, i < names.pointee.count else { throw vm.raise(.indexError, "tuple index out of range") }
    return names.items[i]
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "code() takes no keyword arguments") }
    if args.count < 16 { throw vm.raise(.typeError, "code() takes at least 16 arguments (\(args.count) given)") }
    if args.count > 18 { throw vm.raise(.typeError, "code() takes at most 18 arguments (\(args.count) given)") }
    var fields = CodeFields()
    fields.argCount = try vm.asInt(args[0])
    fields.posOnlyArgCount = try vm.asInt(args[1])
    fields.kwOnlyArgCount = try vm.asInt(args[2])
    fields.localCount = try vm.asInt(args[3])
    fields.stackSize = try vm.asInt(args[4])
    fields.flags = try vm.asInt(args[5])
    fields.code = args[6]
    fields.consts = args[7]
    fields.names = args[8]
    fields.varnames = args[9]
    fields.filename = args[10]
    fields.name = args[11]
    fields.qualname = args[12]
    fields.firstLine = try vm.asInt(args[13])
    fields.lineTable = args[14]
    fields.exceptionTable = args[15]
    fields.freevars = args[16].isNull ? rt.pointee.emptyTuple : args[16]
    fields.cellvars = args[17].isNull ? rt.pointee.emptyTuple : args[17]
    return try fields.make(vm)
  }
}

/// The fields of a code object as `code()` and `replace` take them: variables by kind. Lives on the native stack only.
struct CodeFields {
  var argCount = 0, posOnlyArgCount = 0, kwOnlyArgCount = 0, localCount = 0, stackSize = 0, flags = 0, firstLine = 0
  var code = Value.null, consts = Value.null, names = Value.null
  var varnames = Value.null, freevars = Value.null, cellvars = Value.null
  var filename = Value.null, name = Value.null, qualname = Value.null
  var lineTable = Value.null, exceptionTable = Value.null

  func make(_ vm: VM) throws(Raised) -> Value {
    guard varnames.isTuple, cellvars.isTuple, freevars.isTuple else {
      throw vm.raise(.typeError, "code() variable names must be tuples")
    }
    let parameters = argCount &+ kwOnlyArgCount &+ (flags & 4 != 0 ? 1 : 0) &+ (flags & 8 != 0 ? 1 : 0)
    if argCount >= 0 && kwOnlyArgCount >= 0 && parameters > varnames.as(TupleLayout.self).pointee.count {
      throw vm.raise(.valueError, "code: co_varnames is too small")
    }
    if code.isBytes && code.as(BytesLayout.self).pointee.count % 2 != 0 {
      throw vm.raise(.valueError, "code: co_code is malformed")
    }
    if localCount != varnames.as(TupleLayout.self).pointee.count {
      throw vm.raise(.valueError, "code: co_nlocals != len(co_varnames)")
    }
    let v = varnames.as(TupleLayout.self), c = cellvars.as(TupleLayout.self), f = freevars.as(TupleLayout.self)
    let list = try vm.list()
    var kinds: [UInt8] = []
    for i in 0..<v.pointee.count {
      var kind: UInt8 = 0x20
      for j in 0..<c.pointee.count {
        if try vm.equal(c.items[j], v.items[i]) { kind |= 0x40 }
      }
      try vm.append(list, v.items[i])
      kinds.append(kind)
    }
    for j in 0..<c.pointee.count {
      var isLocal = false
      for i in 0..<v.pointee.count {
        if try vm.equal(c.items[j], v.items[i]) { isLocal = true }
      }
      if isLocal { continue }
      try vm.append(list, c.items[j])
      kinds.append(0x40)
    }
    for j in 0..<f.pointee.count {
      try vm.append(list, f.items[j])
      kinds.append(0x80)
    }
    return try Codes.make(
      vm, argCount: argCount, posOnlyArgCount: posOnlyArgCount, kwOnlyArgCount: kwOnlyArgCount, stackSize: stackSize, flags: flags,
      code: code, consts: consts, names: names, localsplusNames: try vm.tuple(from: list), localsplusKinds: try vm.bytes(kinds),
      filename: filename, name: name, qualname: qualname, firstLine: firstLine, lineTable: lineTable, exceptionTable: exceptionTable)
  }
}

/// `code.replace(**fields)`
enum CodeReplacement {
  static func replace(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.count > 0 {
      throw vm.raise(.typeError, "replace() takes 0 positional arguments but \(args.count) \(args.count == 1 ? "was" : "were") given")
    }
    let c = v.as(CodeLayout.self).pointee
    var fields = CodeFields()
    fields.argCount = Int(c.argCount)
    fields.posOnlyArgCount = Int(c.posOnlyArgCount)
    fields.kwOnlyArgCount = Int(c.kwOnlyArgCount)
    fields.localCount = Int(c.nlocals)
    fields.stackSize = Int(c.stackSize)
    fields.flags = Int(c.flags)
    fields.firstLine = Int(c.firstLine)
    fields.code = c.code
    fields.consts = c.consts
    fields.names = c.names
    fields.varnames = try CodeType.variables(vm, v, 0x20)
    fields.cellvars = try CodeType.variables(vm, v, 0x40)
    fields.freevars = try CodeType.variables(vm, v, 0x80)
    fields.filename = c.filename
    fields.name = c.name
    fields.qualname = c.qualname
    fields.lineTable = c.lineTable
    fields.exceptionTable = c.exceptionTable
    for i in 0..<args.keywordCount { try set(vm, &fields, args.keywordName(i).swiftString, args.keywordValue(i)) }
    return try fields.make(vm)
  }

  private static func set(_ vm: VM, _ fields: inout CodeFields, _ name: String, _ value: Value) throws(Raised) {
    func check(_ ok: Bool, _ expected: String) throws(Raised) -> Value {
      if !ok { throw vm.raise(.typeError, "replace() argument '\(name)' must be \(expected), not \(value.typeName)") }
      return value
    }
    switch name {
    case "co_argcount": fields.argCount = try vm.asInt(value)
    case "co_posonlyargcount": fields.posOnlyArgCount = try vm.asInt(value)
    case "co_kwonlyargcount": fields.kwOnlyArgCount = try vm.asInt(value)
    case "co_nlocals": fields.localCount = try vm.asInt(value)
    case "co_stacksize": fields.stackSize = try vm.asInt(value)
    case "co_flags": fields.flags = try vm.asInt(value)
    case "co_firstlineno": fields.firstLine = try vm.asInt(value)
    case "co_code": fields.code = try check(value.isBytes, "bytes")
    case "co_consts": fields.consts = try check(value.isTuple, "tuple")
    case "co_names": fields.names = try check(value.isTuple, "tuple")
    case "co_varnames": fields.varnames = try check(value.isTuple, "tuple")
    case "co_freevars": fields.freevars = try check(value.isTuple, "tuple")
    case "co_cellvars": fields.cellvars = try check(value.isTuple, "tuple")
    case "co_filename": fields.filename = try check(value.isStr, "str")
    case "co_name": fields.name = try check(value.isStr, "str")
    case "co_qualname": fields.qualname = try check(value.isStr, "str")
    case "co_linetable": fields.lineTable = try check(value.isBytes, "bytes")
    case "co_exceptiontable": fields.exceptionTable = try check(value.isBytes, "bytes")
    default: throw vm.raise(.typeError, "'\(name)' is an invalid keyword argument for replace()")
    }
  }
}
