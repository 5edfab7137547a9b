/// `_csv.writer`'s objects.
struct CsvWriterLayout {
  var header: CellHeader
  var write: Value
  /// `CsvDialectLayout`
  var dialect: Value

  static let trace: TraceFunction = { cell, tracer in
    let fields = (cell + 8).assumingMemoryBound(to: Value.self)
    Tracer(tracer).visit(fields, count: 2)
  }
}

enum CsvWriterType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  private static func layout(_ v: Value) -> UnsafeMutablePointer<CsvWriterLayout> { v.as(CsvWriterLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("An object that formats rows.")
    t.trace(CsvWriterLayout.trace)
    t.method("writerow", nil, "writerow(iterable)\n\nFormats a row and writes it. What is no str and not None goes through str().") {
      (vm, v, args: Args) throws(Raised) in try writeRow(vm, layout(v), try one(vm, args, "writerow"))
    }
    t.method("writerows", nil, "writerows(iterable of iterables)\n\nFormats rows and writes them.") {
      (vm, v, args: Args) throws(Raised) in
      let rows = try vm.iter(try one(vm, args, "writerows"))
      while case let row = try vm.next(rows), row != .exhausted { _ = try writeRow(vm, layout(v), row) }
      return .none
    }
    t.member("dialect", nil, offset: MemoryLayout<CsvWriterLayout>.offset(of: \.dialect))
  }

  private static func one(_ vm: VM, _ args: Args, _ name: StaticString) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "writer.\(name)() takes no keyword arguments") }
    if args.count != 1 { throw vm.raise(.typeError, "writer.\(name)() takes exactly one argument (\(args.count) given)") }
    return args[0]
  }

  static let make: NativeMany = { vm, _, args throws(Raised) in
    try CsvModule.checkCount(vm, args)
    let dialect = try CsvDialectType.make(vm, args.dropFirst(1))
    let write = try vm.getAttributeOrNull(args[0], "write")
    if write.isNull || write.type.pointee.slots.call == nil { throw vm.raise(.typeError, "argument 1 must have a \"write\" method") }
    let w = try vm.instance(CsvWriterLayout.self, of: type)
    w.pointee.write = write
    w.pointee.dialect = dialect
    return Value(w)
  }

  private static func writeRow(_ vm: VM, _ w: UnsafeMutablePointer<CsvWriterLayout>, _ row: Value) throws(Raised) -> Value {
    var line = CsvLine(vm, w.pointee.dialect.as(CsvDialectLayout.self))
    if let run = row.isExact(rt.types.list) || row.isExact(rt.types.tuple) ? Lists.items(of: row) : nil {
      // str() of an item may change the list.
      var i = 0
      var count = run.count
      while i < count, let now = Lists.items(of: row), i < now.count {
        try line.append(now.items[i])
        i &+= 1
        count = now.count
      }
    } else {
      let fields: Value
      do throws(Raised) { fields = try vm.iter(row) } catch {
        guard vm.pendingIs(.typeError) else { throw error }
        vm.clearPending()
        throw CsvModule.error(vm, "iterable expected, not \(row.typeName)")
      }
      while case let field = try vm.next(fields), field != .exhausted { try line.append(field) }
    }
    return try vm.call(w.pointee.write, try line.finish())
  }
}

/// A row that is being formatted.
private struct CsvLine {
  private let vm: VM
  private let dialect: CsvDialectRef
  private let end: StrView
  private var text: StrBuilder
  private var fieldCount = 0
  /// Nothing has been written for the fields so far.
  private var isEmpty = true

  init(_ vm: VM, _ dialect: CsvDialectRef) {
    self.vm = vm
    self.dialect = dialect
    end = StrView(dialect.pointee.lineTerminator)
    text = StrBuilder(vm)
  }

  mutating func append(_ field: Value) throws(Raised) {
    let quoted =
      switch dialect.pointee.quoting {
      case .all: true
      case .nonNumeric: !field.isNumber
      case .minimal, .none: false
      }
    if field.isNone { return try append(StrView(units: nil, length: 0, unit: 1), quoted) }
    let shown = field.isStr ? field : try vm.str(of: field)
    try append(StrView(shown), quoted)
  }

  private mutating func append(_ field: StrView, _ isQuoted: Bool) throws(Raised) {
    if fieldCount > 0 {
      try text.append(dialect.pointee.delimiter)
      isEmpty = false
    }
    fieldCount &+= 1
    var isQuoted = isQuoted
    // How far it is plain
    var plain = 0
    while plain < field.length, !isSpecial(field[plain]) { plain &+= 1 }
    if plain < field.length, !isQuoted, dialect.pointee.quoting != .none {
      // Quotes go around it if one of its special characters is not marked by another way.
      isQuoted = (plain..<field.length).contains { isSpecial(field[$0]) && !needsEscape(field[$0]) }
    }
    if isQuoted { try text.append(dialect.pointee.quote) }
    if plain > 0 { try text.append(field.slice(0, plain)) }
    for i in plain..<max(plain, field.length) {
      let c = field[i]
      if isSpecial(c) {
        if needsEscape(c) {
          if dialect.pointee.escape == CsvDialectLayout.notSet { throw CsvModule.error(vm, "need to escape, but no escapechar set") }
          try text.append(dialect.pointee.escape)
        } else if c == dialect.pointee.quote {
          try text.append(c)
        }
      }
      try text.append(c)
    }
    if isQuoted { try text.append(dialect.pointee.quote) }
    if isQuoted || field.length > 0 { isEmpty = false }
  }

  @inline(__always)
  private func isSpecial(_ c: UInt32) -> Bool {
    if c == dialect.pointee.delimiter || c == dialect.pointee.quote || c == dialect.pointee.escape { return true }
    for i in 0..<end.length where end[i] == c { return true }
    return false
  }

  /// Of a special character: whether an escape character marks it. Others are doubled (the quote) or stand within quotes.
  private func needsEscape(_ c: UInt32) -> Bool {
    if dialect.pointee.quoting == .none { return true }
    if c == dialect.pointee.quote { return !dialect.pointee.doublesQuotes }
    return c == dialect.pointee.escape
  }

  mutating func finish() throws(Raised) -> Value {
    // One empty field would be taken for no field.
    if fieldCount > 0, isEmpty {
      if dialect.pointee.quoting == .none { throw CsvModule.error(vm, "single empty field record must be quoted") }
      fieldCount &-= 1
      try append(StrView(units: nil, length: 0, unit: 1), true)
    }
    try text.append(end)
    return try text.finish()
  }
}
