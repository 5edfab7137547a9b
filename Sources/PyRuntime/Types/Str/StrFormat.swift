// `str.format`, `str.format_map` and `str.__format__`. Grammar: Python library reference, "Format String Syntax".

/// Walks a format string: literal text, then a field if one follows. Positions are into the format string's view.
struct FieldParser {
  let text: StrView
  var at: Int
  let end: Int

  /// One step: literal [start, end), and the field behind it if there is one.
  struct Step {
    var literalStart: Int, literalEnd: Int
    var hasField = false
    var name: (start: Int, end: Int) = (0, 0)
    var spec: (start: Int, end: Int) = (0, 0)
    var specHasFields = false
    /// 0: none
    var conversion: UInt32 = 0
  }

  init(_ text: StrView, _ start: Int, _ end: Int) {
    self.text = text
    at = start
    self.end = end
  }

  /// Nil at the end.
  mutating func next(_ vm: VM) throws(Raised) -> Step? {
    if at >= end { return nil }
    let start = at
    var c: UInt32 = 0
    var markup = false
    while at < end {
      c = text[at]
      at &+= 1
      if c == 123 || c == 125 {
        markup = true
        break
      }
    }
    let atEnd = at >= end
    var literalEnd = at
    if c == 125 && (atEnd || text[at] != c) { throw vm.raise(.valueError, "Single '}' encountered in format string") }
    if atEnd && c == 123 { throw vm.raise(.valueError, "Single '{' encountered in format string") }
    if !atEnd {
      if c == text[at] {
        // A doubled brace stands for itself; the first of them is the last character of the literal.
        at &+= 1
        markup = false
      } else {
        literalEnd &-= 1
      }
    }
    var step = Step(literalStart: start, literalEnd: literalEnd)
    if markup {
      step.hasField = true
      try field(vm, &step)
    }
    return step
  }

  private mutating func field(_ vm: VM, _ step: inout Step) throws(Raised) {
    var c: UInt32 = 0
    let start = at
    scan: while at < end {
      c = text[at]
      at &+= 1
      switch c {
      case 123: throw vm.raise(.valueError, "unexpected '{' in field name")
      case 91: while at < end && text[at] != 93 { at &+= 1 }
      case 125, 58, 33: break scan
      default: break
      }
    }
    step.name = (start, at &- 1)
    if c == 33 || c == 58 {
      if c == 33 {
        if at >= end { throw vm.raise(.valueError, "end of string while looking for conversion specifier") }
        step.conversion = text[at]
        at &+= 1
        if at < end {
          c = text[at]
          at &+= 1
          if c == 125 { return }
          if c != 58 { throw vm.raise(.valueError, "expected ':' after conversion specifier") }
        }
      }
      let specStart = at
      var depth = 1
      while at < end {
        c = text[at]
        at &+= 1
        if c == 123 {
          step.specHasFields = true
          depth &+= 1
        } else if c == 125 {
          depth &-= 1
          if depth == 0 {
            step.spec = (specStart, at &- 1)
            return
          }
        }
      }
      throw vm.raise(.valueError, "unmatched '{' in format spec")
    }
    if c != 125 { throw vm.raise(.valueError, "expected '}' before end of string") }
  }
}

/// A field name taken apart: `0.name[key]`. Positions are into the format string's view.
struct FieldName {
  let text: StrView
  let end: Int
  var at: Int
  let first: (start: Int, end: Int)
  /// The first part as a number, or -1
  let firstIndex: Int

  init(_ vm: VM, _ text: StrView, _ start: Int, _ end: Int) throws(Raised) {
    self.text = text
    self.end = end
    var i = start
    while i < end && text[i] != 91 && text[i] != 46 { i &+= 1 }
    first = (start, i)
    at = i
    firstIndex = try FieldName.integer(vm, text, start, i)
  }

  /// The parts behind the first one, from `at` on.
  init(rest text: StrView, at: Int) {
    self.text = text
    self.at = at
    end = text.length
    first = (at, at)
    firstIndex = -1
  }

  enum Part { case attribute(Int, Int), item(Int, Int, index: Int) }

  mutating func next(_ vm: VM) throws(Raised) -> Part? {
    if at >= end { return nil }
    let c = text[at]
    at &+= 1
    let start = at
    let part: Part
    switch c {
    case 46:
      while at < end && text[at] != 91 && text[at] != 46 { at &+= 1 }
      part = .attribute(start, at)
      if start == at { throw vm.raise(.valueError, "Empty attribute in format string") }
    case 91:
      while at < end && text[at] != 93 { at &+= 1 }
      if at >= end { throw vm.raise(.valueError, "Missing ']' in format string") }
      let stop = at
      at &+= 1
      part = .item(start, stop, index: try FieldName.integer(vm, text, start, stop))
      if start == stop { throw vm.raise(.valueError, "Empty attribute in format string") }
    default: throw vm.raise(.valueError, "Only '.' or '[' may follow ']' in format field specifier")
    }
    return part
  }

  private static func integer(_ vm: VM, _ text: StrView, _ start: Int, _ end: Int) throws(Raised) -> Int {
    if start >= end { return -1 }
    var n = 0
    for i in start..<end {
      let d = UnicodeData.decimal(text[i])
      if d < 0 { return -1 }
      let (m, o1) = n.multipliedReportingOverflow(by: 10)
      let (a, o2) = m.addingReportingOverflow(d)
      if o1 || o2 { throw vm.raise(.valueError, "Too many decimal digits in format string") }
      n = a
    }
    return n
  }
}

enum StrFormat {
  /// Where values of fields come from, and how fields without a number are counted.
  private struct Source {
    /// Positional and keyword arguments of `format`; unused with a mapping
    let args: Args
    /// `format_map`'s mapping or null
    let mapping: Value
    enum Numbering { case undecided, automatic, manual }
    var numbering = Numbering.undecided
    var nextNumber = 0
  }

  static func format(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    var source = Source(args: args, mapping: .null)
    let text = StrView(v)
    var out = StrBuilder(vm)
    try out.reserve(text.length &+ args.count &* 8)
    try build(vm, FieldParser(text, 0, text.length), &source, 2, &out)
    return try out.finish()
  }

  static func formatMap(_ vm: VM, _ v: Value, _ mapping: Value) throws(Raised) -> Value {
    var source = Source(args: Args(vm.thread.pointee.stackTop, count: 0), mapping: mapping)
    let text = StrView(v)
    var out = StrBuilder(vm)
    try build(vm, FieldParser(text, 0, text.length), &source, 2, &out)
    return try out.finish()
  }

  private static func build(
    _ vm: VM, _ fields: FieldParser, _ source: inout Source, _ depth: Int, _ out: inout StrBuilder
  ) throws(Raised) {
    if depth <= 0 { throw vm.raise(.valueError, "Max string recursion exceeded") }
    var fields = fields
    while let step = try fields.next(vm) {
      try out.append(fields.text.slice(step.literalStart, step.literalEnd))
      if !step.hasField { continue }
      var value = try fetch(vm, fields.text, step, &source)
      if step.conversion != 0 { value = try convert(vm, value, step.conversion) }
      if step.specHasFields {
        var inner = StrBuilder(vm)
        try build(vm, FieldParser(fields.text, step.spec.start, step.spec.end), &source, depth &- 1, &inner)
        try render(vm, value, try inner.finish(), &out)
      } else if step.spec.start == step.spec.end {
        try render(vm, value, .null, &out)
      } else {
        try render(vm, value, try vm.str(copying: fields.text.slice(step.spec.start, step.spec.end)), &out)
      }
    }
  }

  private static func render(_ vm: VM, _ value: Value, _ spec: Value, _ out: inout StrBuilder) throws(Raised) {
    if spec.isNull && value.isExactStr { return try out.append(value) }
    try out.append(try vm.format(value, spec.isNull ? try vm.emptyStr() : spec))
  }

  static func convert(_ vm: VM, _ value: Value, _ conversion: UInt32) throws(Raised) -> Value {
    switch conversion {
    case 0x72: return try vm.repr(value)
    case 0x73: return try vm.str(of: value)
    case 0x61: return try ascii(vm, value)
    default:
      let shown = conversion > 32 && conversion < 127 ? String(UnicodeScalar(UInt8(conversion))) : "\\x" + String(conversion, radix: 16)
      throw vm.raise(.valueError, "Unknown conversion specifier \(shown)")
    }
  }

  /// `ascii(v)`: repr with everything beyond ASCII escaped.
  static func ascii(_ vm: VM, _ value: Value) throws(Raised) -> Value {
    let text = try vm.repr(value)
    if text.as(StrLayout.self).isASCII { return text }
    let view = StrView(text)
    var out = StrBuilder(vm)
    for i in 0..<view.length {
      if view[i] < 128 { try out.append(view[i]) } else { try StrType.appendEscape(view[i], &out) }
    }
    return try out.finish()
  }

  private static func fetch(_ vm: VM, _ text: StrView, _ step: FieldParser.Step, _ source: inout Source) throws(Raised) -> Value {
    var name = try FieldName(vm, text, step.name.start, step.name.end)
    var index = name.firstIndex
    let isEmpty = name.first.start >= name.first.end
    if isEmpty || index >= 0 {
      switch source.numbering {
      case .undecided: source.numbering = isEmpty ? .automatic : .manual
      case .manual where isEmpty:
        throw vm.raise(.valueError, "cannot switch from manual field specification to automatic field numbering")
      case .automatic where !isEmpty:
        throw vm.raise(.valueError, "cannot switch from automatic field numbering to manual field specification")
      default: break
      }
      if isEmpty {
        index = source.nextNumber
        source.nextNumber &+= 1
      }
    }
    var value: Value
    if index < 0 {
      let key = try vm.str(copying: text.slice(name.first.start, name.first.end))
      value = try named(vm, key, source)
    } else {
      if !source.mapping.isNull { throw vm.raise(.valueError, "Format string contains positional fields") }
      guard index < source.args.count else {
        throw vm.raise(.indexError, "Replacement index \(index) out of range for positional args tuple")
      }
      value = source.args[index]
    }
    while let part = try name.next(vm) {
      switch part {
      case .attribute(let start, let end):
        value = try vm.getAttribute(value, try vm.intern(try vm.str(copying: text.slice(start, end))))
      case .item(let start, let end, index: let i):
        value = try vm.getItem(value, i < 0 ? try vm.str(copying: text.slice(start, end)) : try vm.int(i))
      }
    }
    return value
  }

  private static func named(_ vm: VM, _ key: Value, _ source: Source) throws(Raised) -> Value {
    if !source.mapping.isNull { return try vm.getItem(source.mapping, key) }
    for k in 0..<source.args.keywordCount where Str.equal(source.args.keywordName(k), key) { return source.args.keywordValue(k) }
    throw vm.raise(.keyError, value: key)
  }

  // MARK: __format__

  /// `format(v, spec)` for a str; `spec` a str.
  static func formatted(_ vm: VM, _ v: Value, spec: Value) throws(Raised) -> Value {
    if Str.length(spec) == 0 { return v.isExactStr ? v : try vm.str(of: v) }
    let f = try FormatSpec.parse(vm, spec, defaultType: 115, defaultAlign: 60, typeName: v.typeName)
    if f.type != 115 { throw f.unknownType(vm, v.typeName) }
    if f.sign != 0 {
      throw vm.raise(.valueError, "\(f.sign == 32 ? "Space" : "Sign") not allowed in string format specifier")
    }
    if f.noNegativeZero { throw vm.raise(.valueError, "Negative zero coercion (z) not allowed in string format specifier") }
    if f.alternate { throw vm.raise(.valueError, "Alternate form (#) not allowed in string format specifier") }
    if f.align == 61 { throw vm.raise(.valueError, "'=' alignment not allowed in string format specifier") }
    var view = StrView(v)
    if f.precision >= 0 && f.precision < view.length { view = view.slice(0, f.precision) }
    if f.width <= view.length { return try StrText.make(vm, view, v) }
    let padding = f.width &- view.length
    let left = f.align == 62 ? padding : f.align == 94 ? padding / 2 : 0
    if f.width > Int.max >> 4 { throw vm.raiseMemoryError() }
    var out = StrBuilder(vm)
    try out.reserve(f.width, unit: max(view.unit, Str.unit(for: f.fill)))
    try out.append(f.fill, count: left)
    try out.append(view)
    try out.append(f.fill, count: padding &- left)
    return try out.finish()
  }
}
