import PyBytecode

/// Code objects: creation. Attributes and methods are in `CodeType`.
enum Codes {
  /// A code object from its marshalled fields. Names are interned in place, as are strs among the constants that look like names.
  /// - Parameters:
  ///   - code: bytes, as are `localsplusKinds`, `lineTable` and `exceptionTable`
  ///   - consts: a tuple, as are `names` and `localsplusNames`; filename, name and qualname are strs
  /// - Throws: `ValueError`, `TypeError` on fields that cannot belong together. Bytecode is verified by the first call.
  static func make(
    _ vm: VM, argCount: Int, posOnlyArgCount: Int, kwOnlyArgCount: Int, stackSize: Int, flags: Int, code: Value, consts: Value,
    names: Value, localsplusNames: Value, localsplusKinds: Value, filename: Value, name: Value, qualname: Value, firstLine: Int,
    lineTable: Value, exceptionTable: Value
  ) throws(Raised) -> Value {
    guard code.isBytes, localsplusKinds.isBytes, lineTable.isBytes, exceptionTable.isBytes, consts.isTuple, names.isTuple,
      localsplusNames.isTuple, filename.isStr, name.isStr, qualname.isStr
    else { throw vm.raise(.systemError, "bad argument to internal function") }
    let limit = Int(Int32.max)
    guard argCount >= 0, posOnlyArgCount >= 0, posOnlyArgCount <= argCount, kwOnlyArgCount >= 0, stackSize >= 0,
      argCount < limit, kwOnlyArgCount < limit, stackSize < limit, firstLine >= Int(Int32.min), firstLine <= limit
    else { throw vm.raise(.systemError, "bad argument to internal function") }
    let kinds = localsplusKinds.as(BytesLayout.self).buffer
    guard kinds.count == localsplusNames.as(TupleLayout.self).pointee.count, kinds.count < limit else {
      throw vm.raise(.systemError, "bad argument to internal function")
    }
    if code.as(BytesLayout.self).pointee.count % 2 != 0 {
      throw vm.raise(.valueError, "code: co_code is malformed")
    }
    try internNames(vm, names, "names")
    try internNames(vm, localsplusNames, "localsplusnames")
    try internConstants(vm, consts, depth: 0)
    var nlocals = 0, ncells = 0, nfrees = 0
    for kind in kinds {
      if kind & 0x20 != 0 { nlocals &+= 1 }
      if kind & 0x40 != 0 { ncells &+= 1 }
      if kind & 0x80 != 0 { nfrees &+= 1 }
    }
    let bits = UInt32(truncatingIfNeeded: flags)
    let parameters = argCount &+ kwOnlyArgCount &+ (bits & 4 != 0 ? 1 : 0) &+ (bits & 8 != 0 ? 1 : 0)
    if parameters > nlocals { throw vm.raise(.valueError, "code: varnames is too small") }
    let shortName = try vm.internName(name)
    let fullName = try vm.internName(qualname)
    let c = try vm.make(CodeLayout.self, rt.types.code)
    c.pointee.argCount = Int32(truncatingIfNeeded: argCount)
    c.pointee.posOnlyArgCount = Int32(truncatingIfNeeded: posOnlyArgCount)
    c.pointee.kwOnlyArgCount = Int32(truncatingIfNeeded: kwOnlyArgCount)
    c.pointee.stackSize = Int32(truncatingIfNeeded: stackSize)
    c.pointee.flags = Int32(bitPattern: bits)
    c.pointee.firstLine = Int32(truncatingIfNeeded: firstLine)
    c.pointee.nlocalsplus = Int32(truncatingIfNeeded: kinds.count)
    c.pointee.nlocals = Int32(truncatingIfNeeded: nlocals)
    c.pointee.ncells = Int32(truncatingIfNeeded: ncells)
    c.pointee.nfrees = Int32(truncatingIfNeeded: nfrees)
    c.pointee.code = code
    c.pointee.consts = consts
    c.pointee.constItems = consts.as(TupleLayout.self).items
    c.pointee.names = names
    c.pointee.localsplusNames = localsplusNames
    c.pointee.localsplusKinds = localsplusKinds
    c.pointee.filename = filename
    c.pointee.name = shortName
    c.pointee.qualname = fullName
    c.pointee.lineTable = lineTable
    c.pointee.exceptionTable = exceptionTable
    c.pointee.simpleArgs = -1
    let constants = consts.as(TupleLayout.self)
    c.pointee.hasDocstring = constants.pointee.count > 0 && constants.items[0].isStr
    c.pointee.extra = .null
    let made = Value(c)
    try dropColumns(vm, c)
    return made
  }

  /// A code object that stands for native code in a traceback: `return None`.
  static func empty(_ vm: VM, name: Value, file: Value, line: Int) throws(Raised) -> Value {
    let nothing = try vm.bytes(count: 0), none = try vm.tuple(count: 0)
    let code = try vm.bytes([Opcode.resume.rawValue, 0, Opcode.loadConst.rawValue, 0, Opcode.returnValue.rawValue, 0])
    return try make(
      vm, argCount: 0, posOnlyArgCount: 0, kwOnlyArgCount: 0, stackSize: 1, flags: 0, code: code, consts: try vm.tuple(.none), names: none,
      localsplusNames: none, localsplusKinds: nothing, filename: file, name: name, qualname: name, firstLine: line, lineTable: nothing,
      exceptionTable: nothing)
  }

  /// `-X no_debug_ranges` takes the columns out of line tables.
  static func dropColumns(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) {
    guard rt.pointee.flags.noDebugRanges else { return }
    var encoder = LocationTableEncoder(firstLine: code.pointee.firstLine)
    for entry in LineTable(code) {
      var at = entry.location
      at.endLine = at.line
      at.column = -1
      at.endColumn = -1
      encoder.append(at, units: entry.units)
    }
    code.pointee.lineTable = try vm.bytes(encoder.bytes)
    Heap.noteStore(Value(code))
  }

  private static func internNames(_ vm: VM, _ names: Value, _ what: String) throws(Raised) {
    let tuple = names.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count {
      guard tuple.items[i].isStr else {
        throw vm.raise(.typeError, "name tuples must contain only strings, not '\(tuple.items[i].typeName)'")
      }
      tuple.items[i] = try vm.internName(tuple.items[i])
      Heap.noteStore(names)
    }
  }

  /// Strs made of identifier characters only are interned, in nested tuples too.
  private static func internConstants(_ vm: VM, _ consts: Value, depth: Int) throws(Raised) {
    let tuple = consts.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count {
      let v = tuple.items[i]
      if v.isExactStr {
        if isNameLike(v) {
          tuple.items[i] = try vm.internName(v)
          Heap.noteStore(consts)
        }
      } else if v.isExact(rt.types.tuple), depth < 100 {
        try internConstants(vm, v, depth: depth + 1)
      }
    }
  }

  /// Of a type that marshal knows and whose objects do not change.
  static func isPlainConstant(_ v: Value) -> Bool {
    let types = rt.pointee.types
    return v.isExact(types.tuple) || v.isExact(types.frozenset) || v.isExact(types.bytes) || v.isExact(types.complex) || v.isExactInt
  }

  private static func isNameLike(_ s: Value) -> Bool {
    let p = s.as(StrLayout.self)
    guard p.isASCII else { return false }
    for c in p.latin1 {
      let letter = (c | 0x20) &- 0x61 < 26
      if !letter && c &- 0x30 >= 10 && c != 0x5F { return false }
    }
    return true
  }
}
