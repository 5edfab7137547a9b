/// `timedelta`: -999,999,999 ≤ days ≤ 999,999,999, 0 ≤ seconds < 86,400, 0 ≤ microseconds < 1,000,000.
struct DeltaLayout {
  var header: CellHeader
  var hash: Int  // -1 until computed
  var days: Int32, seconds: Int32, microseconds: Int32
}

/// `timezone`: `offset` a timedelta strictly within a day, `name` a str or null.
struct ZoneLayout {
  var header: CellHeader
  var offset: Value
  var name: Value
}

/// `tzinfo`: nothing of its own.
struct TzinfoLayout {
  var header: CellHeader
  var spare: Int
}

/// `date`, and the beginning of `datetime`. A valid day.
struct DateLayout {
  var header: CellHeader
  var hash: Int
  var year: Int32, month: Int32, day: Int32
}

/// `datetime`: a valid moment; `tzinfo` a tzinfo or None.
struct DateTimeLayout {
  var header: CellHeader
  var hash: Int
  var year: Int32, month: Int32, day: Int32
  var hour: Int32, minute: Int32, second: Int32, microsecond: Int32, fold: Int32
  var tzinfo: Value
}

/// `time`: a valid time of day.
struct ClockLayout {
  var header: CellHeader
  var hash: Int
  var hour: Int32, minute: Int32, second: Int32, microsecond: Int32, fold: Int32
  var reserved: Int32
  var tzinfo: Value
}

/// Hours and below, as numbers.
struct Clock {
  var hour = 0, minute = 0, second = 0, microsecond = 0
}

/// The types, set when the module is first imported.
enum DatetimeTypes {
  nonisolated(unsafe) static var delta = Value.null
  nonisolated(unsafe) static var tzinfo = Value.null
  nonisolated(unsafe) static var timezone = Value.null
  nonisolated(unsafe) static var date = Value.null
  nonisolated(unsafe) static var time = Value.null
  nonisolated(unsafe) static var datetime = Value.null
  nonisolated(unsafe) static var isoDate = StructTypeBox()
  nonisolated(unsafe) static var utc = Value.null

  struct StructTypeBox { var type = Value.null }

  static func isDelta(_ v: Value) -> Bool { v.isCell && v.isInstance(of: delta.asType) }
  static func isTzinfo(_ v: Value) -> Bool { v.isCell && v.isInstance(of: tzinfo.asType) }
  static func isTimezone(_ v: Value) -> Bool { v.isCell && v.isInstance(of: timezone.asType) }
  static func isDate(_ v: Value) -> Bool { v.isCell && v.isInstance(of: date.asType) }
  static func isTime(_ v: Value) -> Bool { v.isCell && v.isInstance(of: time.asType) }
  static func isDatetime(_ v: Value) -> Bool { v.isCell && v.isInstance(of: datetime.asType) }
}

/// Arguments of constructors and methods that take them raw, by position or name.
struct NamedArgs {
  /// Finds each parameter's argument (null when omitted). `function` is nil where CPython's messages say "function".
  static func bind(
    _ vm: VM, _ args: Args, _ names: [StaticString], required: Int, positional: Int? = nil, function: String? = nil
  ) throws(Raised) -> [Value] {
    let limit = positional ?? names.count
    if args.count > limit {
      let total = args.count + args.keywordCount
      if limit < names.count {
        throw vm.raise(
          .typeError,
          "\(function.map { $0 + "()" } ?? "function") takes at most \(limit) positional argument\(limit == 1 ? "" : "s") (\(args.count) given)"
        )
      }
      throw vm.raise(
        .typeError, "\(function.map { $0 + "()" } ?? "function") takes at most \(limit) argument\(limit == 1 ? "" : "s") (\(total) given)")
    }
    // Every element also lies in the caller's argument array.
    var values = [Value](repeating: .null, count: names.count)
    for i in 0..<args.count { values[i] = args[i] }
    var unknown = -1
    for i in 0..<args.keywordCount {
      let name = args.keywordName(i)
      guard let k = names.firstIndex(where: { Str.equal(name, $0) }) else {
        if unknown < 0 { unknown = i }
        continue
      }
      if !values[k].isNull {
        throw vm.raise(
          .typeError, "argument for \(function.map { $0 + "()" } ?? "function") given by name ('\(names[k])') and position (\(k + 1))")
      }
      values[k] = args.keywordValue(i)
    }
    for k in 0..<required where values[k].isNull {
      throw vm.raise(
        .typeError, "\(function.map { $0 + "()" } ?? "function") missing required argument '\(names[k])' (pos \(k + 1))")
    }
    if unknown >= 0 {
      throw vm.raise(
        .typeError,
        "'\(args.keywordName(unknown).swiftString)' is an invalid keyword argument for \(function.map { $0 + "()" } ?? "this function")")
    }
    return values
  }

  /// A C int, as the format unit "i" takes it.
  static func int(_ vm: VM, _ v: Value, _ fallback: Int) throws(Raised) -> Int {
    if v.isNull { return fallback }
    let i = try vm.index(v)
    guard let n = Ints.asInt64(i) else { throw vm.raise(.overflowError, "Python int too large to convert to C long") }
    if n > Int(Int32.max) { throw vm.raise(.overflowError, "signed integer is greater than maximum") }
    if n < Int(Int32.min) { throw vm.raise(.overflowError, "signed integer is less than minimum") }
    return n
  }
}
