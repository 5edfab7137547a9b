/// `_csv.reader`'s objects.
struct CsvReaderLayout {
  var header: CellHeader
  /// an iterator
  var lines: Value
  /// `CsvDialectLayout`
  var dialect: Value
  var lineCount: Int

  static let trace: TraceFunction = { cell, tracer in
    let fields = (cell + 8).assumingMemoryBound(to: Value.self)
    Tracer(tracer).visit(fields, count: 2)
  }
}

enum CsvReaderType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped

  static func declare(_ t: inout TypeBuilder) {
    t.doc("An iterator over the rows of an iterable of lines.")
    t.trace(CsvReaderLayout.trace)
    t.slots.iter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.next = NoArgsCode { vm, v throws(Raised) in
      var parser = CsvParser(vm, v.as(CsvReaderLayout.self))
      return try parser.row()
    }
    t.member("dialect", nil, offset: MemoryLayout<CsvReaderLayout>.offset(of: \.dialect))
    t.field("line_num", nil) { vm, v throws(Raised) in try vm.int(v.as(CsvReaderLayout.self).pointee.lineCount) }
  }

  static let make: NativeMany = { vm, _, args throws(Raised) in
    try CsvModule.checkCount(vm, args)
    let lines = try vm.iter(args[0])
    let dialect = try CsvDialectType.make(vm, args.dropFirst(1))
    let r = try vm.instance(CsvReaderLayout.self, of: type)
    r.pointee.lines = lines
    r.pointee.dialect = dialect
    return Value(r)
  }
}

/// Takes one row from a reader's lines: mostly of one, of several where quotes go on behind an end of line.
private struct CsvParser {
  private enum State {
    case startOfRow, startOfField, escaped, escapedEnd, inField, inQuotes, escapedInQuotes, quoteInQuotes, atEnd
  }
  private let vm: VM
  private let reader: UnsafeMutablePointer<CsvReaderLayout>
  private let dialect: CsvDialectRef
  private var state = State.startOfRow
  private var fields = Value.null
  /// What the field has so far, apart from the run that is being read
  private var text: StrBuilder
  private var hasText = false
  /// Characters of the field
  private var length = 0
  private var isNumber = false
  /// The line, and the part of it that belongs to the field and is not in `text` yet
  private var line = StrView(units: nil, length: 0, unit: 1)
  private var run = 0..<0

  init(_ vm: VM, _ reader: UnsafeMutablePointer<CsvReaderLayout>) {
    self.vm = vm
    self.reader = reader
    dialect = reader.pointee.dialect.as(CsvDialectLayout.self)
    text = StrBuilder(vm)
  }

  mutating func row() throws(Raised) -> Value {
    fields = try vm.list()
    repeat {
      let next = try vm.next(reader.pointee.lines)
      if next == .exhausted {
        if length == 0, state != .inQuotes { return .exhausted }
        if dialect.pointee.isStrict { throw CsvModule.error(vm, "unexpected end of data") }
        try save()
        return fields
      }
      guard next.isStr else {
        throw CsvModule.error(
          vm, "iterator should return strings, not \(next.typeName) (the file should be opened in text mode)")
      }
      reader.pointee.lineCount &+= 1
      try read(next)
    } while state != .startOfRow
    return fields
  }

  private mutating func read(_ next: Value) throws(Raised) {
    line = StrView(next)
    var i = 0
    while i < line.length {
      try take(line[i], i)
      i &+= 1
      // Most of a field is plain.
      if state == .inField {
        i = try skip(from: i, dialect.pointee.delimiter, 10, 13)
      } else if state == .inQuotes {
        i = try skip(from: i, dialect.pointee.quote, dialect.pointee.quote, dialect.pointee.quote)
      }
    }
    try end()
    // The line may go: what the field has of it is kept.
    try keepRun()
    line = StrView(units: nil, length: 0, unit: 1)
  }

  /// Goes on to the next character that is one of these or the escape character; those passed belong to the field.
  private mutating func skip(from start: Int, _ a: UInt32, _ b: UInt32, _ c: UInt32) throws(Raised) -> Int {
    let escape = dialect.pointee.escape
    var i = start
    if line.unit == 1 {
      let units = line.units.assumingMemoryBound(to: UInt8.self)
      while i < line.length {
        let u = UInt32(units[i])
        if u == a || u == b || u == c || u == escape { break }
        i &+= 1
      }
    } else {
      while i < line.length {
        let u = line[i]
        if u == a || u == b || u == c || u == escape { break }
        i &+= 1
      }
    }
    if i > start { try add(start..<i) }
    return i
  }

  private mutating func take(_ c: UInt32, _ i: Int) throws(Raised) {
    let isEnd = c == 10 || c == 13
    switch state {
    case .startOfRow, .startOfField:
      if isEnd {
        if state == .startOfField { try save() }
        state = .atEnd
      } else if c == dialect.pointee.quote, dialect.pointee.quoting != .none {
        state = .inQuotes
      } else if c == dialect.pointee.escape {
        state = .escaped
      } else if c == 32, dialect.pointee.skipsInitialSpace {
        state = .startOfField
      } else if c == dialect.pointee.delimiter {
        try save()
        state = .startOfField
      } else {
        if dialect.pointee.quoting == .nonNumeric { isNumber = true }
        try add(i..<i &+ 1)
        state = .inField
      }
    case .escaped:
      try add(i..<i &+ 1)
      state = isEnd ? .escapedEnd : .inField
    case .escapedEnd, .inField:
      if isEnd {
        try save()
        state = .atEnd
      } else if c == dialect.pointee.escape {
        state = .escaped
      } else if c == dialect.pointee.delimiter {
        try save()
        state = .startOfField
      } else {
        // Behind an escaped end of line the row goes on with the next line, whatever follows on this one: CPython's way.
        try add(i..<i &+ 1)
      }
    case .inQuotes:
      if c == dialect.pointee.escape {
        state = .escapedInQuotes
      } else if c == dialect.pointee.quote, dialect.pointee.quoting != .none {
        state = dialect.pointee.doublesQuotes ? .quoteInQuotes : .inField
      } else {
        try add(i..<i &+ 1)
      }
    case .escapedInQuotes:
      try add(i..<i &+ 1)
      state = .inQuotes
    case .quoteInQuotes:
      if dialect.pointee.quoting != .none, c == dialect.pointee.quote {
        try add(i..<i &+ 1)
        state = .inQuotes
      } else if c == dialect.pointee.delimiter {
        try save()
        state = .startOfField
      } else if isEnd {
        try save()
        state = .atEnd
      } else if !dialect.pointee.isStrict {
        try add(i..<i &+ 1)
        state = .inField
      } else {
        let (delimiter, quote) = (try vm.str(codePoint: dialect.pointee.delimiter), try vm.str(codePoint: dialect.pointee.quote))
        throw CsvModule.error(vm, "'\(delimiter.swiftString)' expected after '\(quote.swiftString)'")
      }
    case .atEnd:
      if !isEnd {
        throw CsvModule.error(
          vm, "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?")
      }
    }
  }

  /// The end of a line, whether or not it has a character for it.
  private mutating func end() throws(Raised) {
    switch state {
    case .startOfRow, .inQuotes, .escapedEnd: break
    case .startOfField, .inField, .quoteInQuotes:
      try save()
      state = .startOfRow
    case .escaped:
      try addEnd()
      state = .inField
    case .escapedInQuotes:
      try addEnd()
      state = .inQuotes
    case .atEnd: state = .startOfRow
    }
  }

  private mutating func count(_ more: Int) throws(Raised) {
    if length &+ more > CsvModule.fieldLimit {
      throw CsvModule.error(vm, "field larger than field limit (\(CsvModule.fieldLimit))")
    }
    length &+= more
  }

  /// Characters of the line that belong to the field.
  private mutating func add(_ part: Range<Int>) throws(Raised) {
    try count(part.count)
    if !run.isEmpty, run.upperBound == part.lowerBound {
      run = run.lowerBound..<part.upperBound
      return
    }
    try keepRun()
    run = part
  }
  private mutating func addEnd() throws(Raised) {
    try count(1)
    try keepRun()
    try text.append(10)
    hasText = true
  }
  private mutating func keepRun() throws(Raised) {
    if run.isEmpty { return }
    try text.append(line.slice(run.lowerBound, run.upperBound))
    hasText = true
    run = 0..<0
  }

  /// The field is complete.
  private mutating func save() throws(Raised) {
    var field: Value
    if hasText {
      try keepRun()
      field = try text.finish()
      text = StrBuilder(vm)
      hasText = false
    } else {
      let whole = line.slice(run.lowerBound, run.upperBound)
      field =
        line.unit == 1
        ? try vm.str(latin1: UnsafeRawBufferPointer(start: whole.units, count: whole.length)) : try vm.str(copying: whole)
    }
    run = 0..<0
    length = 0
    if isNumber {
      isNumber = false
      field = try vm.call(Value(rt.types.float), field)
    }
    try vm.append(fields, field)
  }
}
