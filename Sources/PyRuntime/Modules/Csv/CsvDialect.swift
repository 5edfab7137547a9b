/// `_csv.Dialect`: what separates and surrounds fields. A character that is not set is `notSet`.
struct CsvDialectLayout {
  enum Quoting: Int { case minimal, all, nonNumeric, none }
  static let notSet = UInt32.max

  var header: CellHeader
  /// str
  var lineTerminator: Value
  var delimiter: UInt32
  var quote: UInt32
  var escape: UInt32
  var quoting: Quoting
  var doublesQuotes: Bool
  var skipsInitialSpace: Bool
  var isStrict: Bool

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: CsvDialectLayout.self).pointee.lineTerminator)
  }
}
typealias CsvDialectRef = UnsafeMutablePointer<CsvDialectLayout>

enum CsvDialectType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  private static func layout(_ v: Value) -> CsvDialectRef { v.as(CsvDialectLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("What separates and surrounds the fields of rows.")
    t.trace(CsvDialectLayout.trace)
    t.slots.new = NewCode { (vm, cls, args) throws(Raised) in try make(vm, args, cls.asType) }
    t.method("__reduce__", nil, "Dialects cannot be pickled.", refuse)
    t.method("__reduce_ex__", nil, "Dialects cannot be pickled.", refuse)
    t.field("skipinitialspace", nil) { _, v in .bool(layout(v).pointee.skipsInitialSpace) }
    t.field("doublequote", nil) { _, v in .bool(layout(v).pointee.doublesQuotes) }
    t.field("strict", nil) { _, v in .bool(layout(v).pointee.isStrict) }
    t.getset("delimiter", nil) { vm, v throws(Raised) in try character(vm, layout(v).pointee.delimiter) }
    t.getset("escapechar", nil) { vm, v throws(Raised) in try character(vm, layout(v).pointee.escape) }
    t.getset("lineterminator", nil) { _, v in layout(v).pointee.lineTerminator }
    t.getset("quotechar", nil) { vm, v throws(Raised) in try character(vm, layout(v).pointee.quote) }
    t.getset("quoting", nil) { _, v in Value(smallInt: layout(v).pointee.quoting.rawValue) }
  }

  private static let refuse: NativeMany = { vm, v, _ throws(Raised) in throw vm.raise(.typeError, "cannot pickle 'Dialect' instances") }

  private static func character(_ vm: VM, _ c: UInt32) throws(Raised) -> Value {
    c == CsvDialectLayout.notSet ? .none : try vm.str(codePoint: c)
  }

  // MARK: making

  /// In the order in which they may be given by position
  private enum Part: Int, CaseIterable {
    case dialect, delimiter, doubleQuote, escapeChar, lineTerminator, quoteChar, quoting, skipInitialSpace, strict
    var name: StaticString {
      switch self {
      case .dialect: "dialect"
      case .delimiter: "delimiter"
      case .doubleQuote: "doublequote"
      case .escapeChar: "escapechar"
      case .lineTerminator: "lineterminator"
      case .quoteChar: "quotechar"
      case .quoting: "quoting"
      case .skipInitialSpace: "skipinitialspace"
      case .strict: "strict"
      }
    }
  }

  /// A dialect of the arguments of `Dialect(...)`: a dialect that is given and not changed is taken itself.
  static func make(_ vm: VM, _ args: Args, _ cls: TypeRef? = nil) throws(Raised) -> Value {
    let count = Part.allCases.count
    if args.count &+ args.keywordCount > count {
      throw vm.raise(.typeError, "function takes at most \(count) arguments (\(args.count &+ args.keywordCount) given)")
    }
    // Values that only a Swift array has are not seen by the collector: a tuple has them.
    let held = try vm.tuple(count: count)
    let parts = held.as(TupleLayout.self).items
    for i in 0..<count { parts[i] = args[i] }
    for k in 0..<args.keywordCount {
      let name = args.keywordName(k)
      guard let part = Part.allCases.first(where: { Str.equal(name, $0.name) }) else {
        throw vm.raise(.typeError, "'\(name.swiftString)' is an invalid keyword argument for this function")
      }
      guard parts[part.rawValue].isNull else {
        throw vm.raise(
          .typeError, "argument for function given by name ('\(name.swiftString)') and position (\(part.rawValue &+ 1))")
      }
      parts[part.rawValue] = args.keywordValue(k)
    }
    var given = parts[0]
    if !given.isNull {
      if given.isStr { given = try CsvModule.dialect(vm, given) }
      if given.isInstance(of: type), (1..<count).allSatisfy({ parts[$0].isNull }) { return given }
      for part in Part.allCases.dropFirst() where parts[part.rawValue].isNull {
        parts[part.rawValue] = try attribute(vm, given, part.name)
      }
    }
    return try make(vm, parts, cls ?? type)
  }

  /// An attribute of any object; null where asking for it raises something.
  private static func attribute(_ vm: VM, _ v: Value, _ name: StaticString) throws(Raised) -> Value {
    do throws(Raised) { return try vm.getAttribute(v, name) } catch {
      vm.clearPending()
      return .null
    }
  }

  private static func make(_ vm: VM, _ parts: UnsafeMutablePointer<Value>, _ cls: TypeRef) throws(Raised) -> Value {
    func part(_ p: Part) -> Value { parts[p.rawValue] }
    let d = try vm.instance(CsvDialectLayout.self, of: cls)
    d.pointee.delimiter = try character(vm, part(.delimiter), "delimiter", orNone: false, 0x2C)
    d.pointee.doublesQuotes = part(.doubleQuote).isNull ? true : try vm.isTrue(part(.doubleQuote))
    d.pointee.escape = try character(vm, part(.escapeChar), "escapechar", orNone: true, CsvDialectLayout.notSet)
    let end = part(.lineTerminator)
    if !end.isNull, !end.isNone, !end.isStr { throw vm.raise(.typeError, "\"lineterminator\" must be a string") }
    d.pointee.lineTerminator = end.isNull ? try vm.intern("\r\n" as StaticString) : end
    d.pointee.quote = try character(vm, part(.quoteChar), "quotechar", orNone: true, 0x22)
    var quoting = CsvDialectLayout.Quoting.minimal.rawValue
    if !part(.quoting).isNull {
      guard part(.quoting).isExactInt else { throw vm.raise(.typeError, "\"quoting\" must be an integer") }
      quoting = Int(try PosixArgs.int32(vm, part(.quoting)))
    }
    d.pointee.skipsInitialSpace = part(.skipInitialSpace).isNull ? false : try vm.isTrue(part(.skipInitialSpace))
    d.pointee.isStrict = part(.strict).isNull ? false : try vm.isTrue(part(.strict))
    guard let kind = CsvDialectLayout.Quoting(rawValue: quoting) else { throw vm.raise(.typeError, "bad \"quoting\" value") }
    d.pointee.quoting = part(.quoteChar).isNone && part(.quoting).isNull ? .none : kind
    if d.pointee.quoting != .none, d.pointee.quote == CsvDialectLayout.notSet {
      throw vm.raise(.typeError, "quotechar must be set if quoting enabled")
    }
    if end.isNone { throw vm.raise(.typeError, "lineterminator must be set") }
    return Value(d)
  }

  private static func character(
    _ vm: VM, _ v: Value, _ name: StaticString, orNone: Bool, _ fallback: UInt32
  ) throws(Raised) -> UInt32 {
    if v.isNull { return fallback }
    if orNone, v.isNone { return CsvDialectLayout.notSet }
    guard v.isStr else { throw vm.raise(.typeError, "\"\(name)\" must be string\(orNone ? " or None" : ""), not \(v.typeName)") }
    let text = StrView(v)
    guard text.length == 1 else { throw vm.raise(.typeError, "\"\(name)\" must be a 1-character string") }
    return text[0]
  }
}
