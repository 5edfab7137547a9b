/// `_csv`: native because writing rows by way of libpython took eighty times as long as CPython: a list of lists crosses as a whole for each row.
enum CsvModule {
  nonisolated(unsafe) private static var errorClass = Value.null
  /// dict: name → dialect
  nonisolated(unsafe) private static var dialects = Value.null
  /// No field may have more characters.
  nonisolated(unsafe) static var fieldLimit = 131_072

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Reading and writing of rows whose fields are separated by a character. The module csv says how.")
    CsvDialectType.type = try m.type(
      full: "_csv.Dialect", "Dialect", layoutSize: MemoryLayout<CsvDialectLayout>.size, CsvDialectType.declare)
    CsvReaderType.type = try m.type(
      full: "_csv.reader", "Reader", layoutSize: MemoryLayout<CsvReaderLayout>.size, flags: [.baseType, .disallowInstantiation],
      CsvReaderType.declare)
    CsvWriterType.type = try m.type(
      full: "_csv.writer", "Writer", layoutSize: MemoryLayout<CsvWriterLayout>.size, flags: [.baseType, .disallowInstantiation],
      CsvWriterType.declare)
    // One class and one table, however often the module is made anew.
    if errorClass.isNull { errorClass = try m.exceptionClass("Error", of: "_csv", base: Value(rt.types[.exception])) }
    m.value("Error", errorClass)
    if dialects.isNull { dialects = try m.vm.dict() }
    m.value("_dialects", dialects)
    for (name, value) in [("QUOTE_MINIMAL", 0), ("QUOTE_ALL", 1), ("QUOTE_NONNUMERIC", 2), ("QUOTE_NONE", 3)] as [(StaticString, Int)] {
      try m.int(name, value)
    }
    m.str("__version__", "1.0")
    m.function(
      "reader", nil, "reader(iterable, dialect='excel', **fmtparams)\n\nAn iterator over the rows of an iterable of lines: lists of strs.",
      CsvReaderType.make)
    m.function(
      "writer", nil,
      "writer(fileobj, dialect='excel', **fmtparams)\n\nAn object that formats rows and gives them to fileobj.write, a line each.",
      CsvWriterType.make)
    declareDialects(m)
    m.function(
      "field_size_limit", "($module, /, new_limit=<unrepresentable>)",
      "The largest number of characters that a field may have. With an argument that is the limit from now on; the old one is returned."
    ) { (vm, _, limit: Value) throws(Raised) in
      let old = try vm.int(fieldLimit)
      if limit.isNull { return old }
      guard limit.isExactInt else { throw vm.raise(.typeError, "limit must be an integer") }
      fieldLimit = try PosixArgs.long(vm, limit)
      return old
    }
  }

  private static func declareDialects(_ m: ModuleBuilder) {
    m.function("register_dialect", nil, "register_dialect(name[, dialect[, **fmtparams]])\n\nLets a name stand for a dialect.") {
      (vm, _, args: Args) throws(Raised) in
      try checkCount(vm, args)
      guard args[0].isStr else { throw vm.raise(.typeError, "dialect name must be a string") }
      let dialect = try CsvDialectType.make(vm, args.dropFirst(1))
      try Dicts.set(vm, dialects, args[0], dialect)
      return .none
    }
    m.function("unregister_dialect", "($module, /, name)", "Forgets a name.") { (vm, _, name: Value) throws(Raised) in
      if try Dicts.pop(vm, dialects, name).isNull { throw error(vm, "unknown dialect") }
      return .none
    }
    m.function("get_dialect", "($module, /, name)", "The dialect that a name stands for.") { (vm, _, name: Value) throws(Raised) in
      try dialect(vm, name)
    }
    m.function("list_dialects", "($module, /)", "The names that stand for dialects.") { (vm, _) throws(Raised) in
      try vm.list(from: dialects)
    }
  }

  static func dialect(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let found = try Dicts.get(vm, dialects, name)
    if found.isNull { throw error(vm, "unknown dialect") }
    return found
  }

  /// One positional argument and perhaps a dialect, in the words that CPython has for functions it has no name for.
  static func checkCount(_ vm: VM, _ args: Args) throws(Raised) {
    if args.count < 1 { throw vm.raise(.typeError, " expected at least 1 argument, got 0") }
    if args.count > 2 { throw vm.raise(.typeError, " expected at most 2 arguments, got \(args.count)") }
  }

  static func error(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(errorClass, try vm.str(message))) } catch { return error }
  }
}
