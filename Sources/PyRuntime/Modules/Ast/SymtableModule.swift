/// `_symtable`: the compiler's symbol tables as Python objects.
enum SymtableModule {
  /// A scope. All fields are set when it is made.
  private struct Entry {
    var header: CellHeader
    var id: Value, name: Value, symbols: Value, varnames: Value, children: Value, nested: Value, type: Value, lineno: Value

    static let trace: TraceFunction = { cell, tracer in
      let first = (cell + 8).assumingMemoryBound(to: Value.self)
      Tracer(tracer).visit(first, count: 8)
    }
  }

  nonisolated(unsafe) private static var entryType = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let type = try TypeFactory.makeBuiltin(
      m.vm, "symtable entry", base: nil, layoutSize: MemoryLayout<Entry>.size, flags: [.disallowInstantiation],
      module: rt.pointee.names.builtins)
    var builder = TypeBuilder(vm: m.vm, type: type)
    declareEntry(&builder)
    try TypeFactory.ready(m.vm, type)
    entryType = Value(type)
    m.function(
      "symtable", "($module, source, filename, startstr, /)", "Return symbol and scope dictionaries used internally by compiler.", symtable)
    let constants: [(StaticString, Int)] = [
      ("USE", 16), ("DEF_GLOBAL", 1), ("DEF_NONLOCAL", 8), ("DEF_LOCAL", 2), ("DEF_PARAM", 4), ("DEF_FREE", 32), ("DEF_FREE_CLASS", 64),
      ("DEF_IMPORT", 128), ("DEF_BOUND", 134), ("DEF_ANNOT", 256), ("TYPE_FUNCTION", 0), ("TYPE_CLASS", 1), ("TYPE_MODULE", 2),
      ("LOCAL", 1), ("GLOBAL_EXPLICIT", 2), ("GLOBAL_IMPLICIT", 3), ("FREE", 4), ("CELL", 5), ("SCOPE_OFF", 11), ("SCOPE_MASK", 15),
    ]
    for (name, value) in constants { try m.int(name, value) }
  }

  private static func declareEntry(_ t: inout TypeBuilder) {
    t.trace(Entry.trace)
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      let e = v.as(Entry.self)
      let id = try vm.str(of: e.pointee.id).swiftString
      return try vm.str("<symtable entry \(e.pointee.name.swiftString)(\(id)), line \(e.pointee.lineno.smallInt)>")
    }
    t.member("id", nil, offset: MemoryLayout<Entry>.offset(of: \.id))
    t.member("name", nil, offset: MemoryLayout<Entry>.offset(of: \.name))
    t.member("symbols", nil, offset: MemoryLayout<Entry>.offset(of: \.symbols))
    t.member("varnames", nil, offset: MemoryLayout<Entry>.offset(of: \.varnames))
    t.member("children", nil, offset: MemoryLayout<Entry>.offset(of: \.children))
    t.member("nested", nil, offset: MemoryLayout<Entry>.offset(of: \.nested))
    t.member("type", nil, offset: MemoryLayout<Entry>.offset(of: \.type))
    t.member("lineno", nil, offset: MemoryLayout<Entry>.offset(of: \.lineno))
  }

  private static func symtable(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let filename = try CodeBuiltins.fileName(vm, args[1])
    guard args[2].isStr else { throw vm.raise(.typeError, "symtable() argument 3 must be str, not \(args[2].argumentTypeName)") }
    var flags: Int32 = 0
    let source = try CodeBuiltins.sourceBytes(vm, args[0], "symtable", "string or bytes", &flags)
    let mode: CompileMode
    if Str.equal(args[2], "exec") {
      mode = .exec
    } else if Str.equal(args[2], "eval") {
      mode = .eval
    } else if Str.equal(args[2], "single") {
      mode = .single
    } else {
      throw vm.raise(.valueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'")
    }
    let compiler = try Compiling.compiler(vm, filename)
    let request = Compiling.limited(vm, CompileRequest(filename: filename, mode: mode, flags: flags, optimize: 0))
    let outcome = source.withUnsafeBytes { compiler.symbols(source: $0, request) }
    try Compiling.settle(vm, outcome.warnings, outcome.error, filename)
    return try entries(vm, outcome.scopes)
  }

  /// Objects for all scopes, linked; the result is the first.
  private static func entries(_ vm: VM, _ scopes: [SymbolScope]) throws(Raised) -> Value {
    let made = try vm.tuple(count: scopes.count)
    for (i, scope) in scopes.enumerated() {
      let e = try vm.make(Entry.self, entryType.asType)
      made.as(TupleLayout.self).items[i] = Value(e)
      e.pointee.id = try vm.int(scope.id)
      e.pointee.name = try name(vm, scope.name)
      e.pointee.nested = Value(smallInt: scope.isNested ? 1 : 0)
      e.pointee.type = Value(smallInt: scope.kind)
      e.pointee.lineno = try vm.int(scope.line)
      e.pointee.symbols = try vm.dict()
      for symbol in scope.symbols { try Dicts.set(vm, e.pointee.symbols, try name(vm, symbol.name), try vm.int(symbol.flags)) }
      e.pointee.varnames = try vm.list()
      for parameter in scope.parameters { try vm.append(e.pointee.varnames, try name(vm, parameter)) }
      e.pointee.children = try vm.list()
    }
    let items = made.as(TupleLayout.self).items
    for (i, scope) in scopes.enumerated() {
      for child in scope.children where child >= 0 && child < scopes.count {
        try vm.append(items[i].as(Entry.self).pointee.children, items[child])
      }
    }
    return try vm.withKept(made) { () throws(Raised) in scopes.isEmpty ? .none : made.as(TupleLayout.self).items[0] }
  }

  private static func name(_ vm: VM, _ bytes: [UInt8]) throws(Raised) -> Value {
    try vm.intern(try bytes.withRawBytes { p throws(Raised) in try vm.str(utf8: p) })
  }
}
