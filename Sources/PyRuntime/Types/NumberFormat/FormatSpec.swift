/// A parsed format specification of the standard mini-language (Python library reference, "Format Specification Mini-Language"),
/// as str, int, float and complex understand it.
struct FormatSpec {
  enum Grouping { case none, comma, underscore, underscoreFour, locale }

  var fill: UInt32 = 32
  /// '<', '>', '=' or '^'
  var align: UInt8
  /// '+', '-', ' ' or 0
  var sign: UInt8 = 0
  var noNegativeZero = false
  var alternate = false
  /// -1: not given
  var width = -1
  /// -1: not given
  var precision = -1
  var grouping = Grouping.none
  /// 0: not given
  var type: UInt32

  private static func isAlignment(_ c: UInt32) -> Bool { c == 60 || c == 62 || c == 61 || c == 94 }

  /// Parses `spec` (a str).
  /// - Throws: `ValueError` with CPython's messages.
  static func parse(
    _ vm: VM, _ spec: Value, defaultType: UInt8, defaultAlign: UInt8, typeName: @autoclosure () -> String
  ) throws(Raised) -> FormatSpec {
    let text = spec.as(StrLayout.self)
    let end = text.pointee.length
    var f = FormatSpec(align: defaultAlign, type: UInt32(defaultType))
    var i = 0
    func at(_ i: Int) -> UInt32 { i < end ? text[codePoint: i] : 0 }
    var fillGiven = false, alignGiven = false
    if end >= 2 && isAlignment(at(1)) {
      f.fill = at(0)
      f.align = UInt8(truncatingIfNeeded: at(1))
      fillGiven = true
      alignGiven = true
      i = 2
    } else if end >= 1 && isAlignment(at(0)) {
      f.align = UInt8(truncatingIfNeeded: at(0))
      alignGiven = true
      i = 1
    }
    let s = at(i)
    if i < end && (s == 43 || s == 45 || s == 32) {
      f.sign = UInt8(truncatingIfNeeded: s)
      i += 1
    }
    if i < end && at(i) == 122 {
      f.noNegativeZero = true
      i += 1
    }
    if i < end && at(i) == 35 {
      f.alternate = true
      i += 1
    }
    if !fillGiven && i < end && at(i) == 48 {
      f.fill = 48
      if !alignGiven && defaultAlign == 62 { f.align = 61 }
      i += 1
    }
    if let w = try integer(vm, text, &i) { f.width = w }
    if i < end && at(i) == 44 {
      f.grouping = .comma
      i += 1
    }
    if i < end && at(i) == 95 {
      if f.grouping != .none { throw vm.raise(.valueError, "Cannot specify both ',' and '_'.") }
      f.grouping = .underscore
      i += 1
    }
    if i < end && at(i) == 44 && f.grouping == .underscore { throw vm.raise(.valueError, "Cannot specify both ',' and '_'.") }
    if i < end && at(i) == 46 {
      i += 1
      guard let p = try integer(vm, text, &i) else { throw vm.raise(.valueError, "Format specifier missing precision") }
      f.precision = p
    }
    if end - i > 1 {
      throw vm.raise(.valueError, "Invalid format specifier '\(spec.swiftString)' for object of type '\(typeName())'")
    }
    if i < end { f.type = at(i) }
    if f.grouping != .none {
      switch f.type {
      case 0, 100, 101, 102, 103, 69, 71, 37, 70: break  // d e f g E G % F
      case _ where f.grouping == .underscore && [98, 111, 120, 88].contains(f.type): f.grouping = .underscoreFour  // b o x X
      default:
        let separator = f.grouping == .comma ? "," : "_"
        throw vm.raise(.valueError, "Cannot specify '\(separator)' with '\(printable(f.type))'.")
      }
    }
    return f
  }

  static func printable(_ c: UInt32) -> String {
    if c > 32 && c < 128, let u = Unicode.Scalar(c) { return String(Character(u)) }
    return "\\x" + String(c, radix: 16)
  }

  func unknownType(_ vm: VM, _ typeName: String) -> Raised {
    vm.raise(.valueError, "Unknown format code '\(FormatSpec.printable(type))' for object of type '\(typeName)'")
  }

  /// Decimal digits at `i`, which moves past them; nil if there are none.
  private static func integer(_ vm: VM, _ text: UnsafeMutablePointer<StrLayout>, _ i: inout Int) throws(Raised) -> Int? {
    var value = 0
    let start = i
    while i < text.pointee.length {
      let c = text[codePoint: i]
      if c < 128 && c &- 48 > 9 { break }
      guard let d = c < 128 ? Int(c &- 48) : UnicodeDigits.decimal(c) else { break }
      let (m, o1) = value.multipliedReportingOverflow(by: 10)
      let (a, o2) = m.addingReportingOverflow(d)
      if o1 || o2 { throw vm.raise(.valueError, "Too many decimal digits in format string") }
      value = a
      i += 1
    }
    return i == start ? nil : value
  }
}
