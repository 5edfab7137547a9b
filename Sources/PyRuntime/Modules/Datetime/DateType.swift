import Glibc

/// `date`
enum DateType {
  static func layout(_ v: Value) -> (Int, Int, Int) {
    let d = v.as(DateLayout.self).pointee
    return (Int(d.year), Int(d.month), Int(d.day))
  }

  static func check(_ vm: VM, _ year: Int, _ month: Int, _ day: Int) throws(Raised) {
    if year < Calendar.minYear || year > Calendar.maxYear { throw vm.raise(.valueError, "year \(year) is out of range") }
    if month < 1 || month > 12 { throw vm.raise(.valueError, "month must be in 1..12") }
    if day < 1 || day > Calendar.days(year, month) { throw vm.raise(.valueError, "day is out of range for month") }
  }

  /// An instance of `type`, whose constructor is not called.
  /// - Parameter isChecked: false for the bytes of a pickle, which may say anything but the month.
  static func allocate(
    _ vm: VM, _ type: Value, _ year: Int, _ month: Int, _ day: Int, isChecked: Bool = true
  ) throws(Raised) -> Value {
    if isChecked { try check(vm, year, month, day) }
    let cell = try vm.instance(DateLayout.self, of: type.asType)
    cell.pointee.hash = -1
    cell.pointee.year = Int32(year)
    cell.pointee.month = Int32(month)
    cell.pointee.day = Int32(day)
    return Value(cell)
  }

  /// `cls(year, month, day)`
  static func make(_ vm: VM, _ cls: Value, _ year: Int, _ month: Int, _ day: Int) throws(Raised) -> Value {
    if cls == DatetimeTypes.date { return try allocate(vm, cls, year, month, day) }
    return try vm.call(cls, try vm.int(year), try vm.int(month), try vm.int(day))
  }

  static func make(_ vm: VM, _ cls: Value, ordinal: Int) throws(Raised) -> Value {
    if ordinal < 1 { throw vm.raise(.valueError, "ordinal must be >= 1") }
    let (y, m, d) = Calendar.date(ordinal)
    return try make(vm, cls, y, m, d)
  }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.doc("date(year, month, day) --> date object")
    var s = t.slots
    s.new = NewCode(new)
    s.repr = NoArgsCode { (vm, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return try vm.str("\(DatetimeText.typeName(d))(\(y), \(m), \(day))")
    }
    s.str = NoArgsCode { (vm, d) throws(Raised) in try vm.callMethod(d, "isoformat") }
    s.hash = HashCode { (_, d) throws(Raised) in
      let cell = d.as(DateLayout.self)
      if cell.pointee.hash == -1 { cell.pointee.hash = state(d).withUnsafeBytes { Str.hash(bytes: $0) } }
      return cell.pointee.hash
    }
    s.compare = CompareCode { (_, a, b, op) throws(Raised) in
      // datetime has its own: it answers for both unless this one is asked by name.
      guard DatetimeTypes.isDate(a), DatetimeTypes.isDate(b) else { return .notImplemented }
      let x = layout(a), y = layout(b)
      return IntCompare.answer(x < y ? -1 : x > y ? 1 : 0, op)
    }
    s.add = OneCode { (vm, a, b) throws(Raised) in
      if DatetimeTypes.isDatetime(a) || DatetimeTypes.isDatetime(b) { return .notImplemented }
      if DatetimeTypes.isDate(a) && DatetimeTypes.isDelta(b) { return try shift(vm, a, Int(b.as(DeltaLayout.self).pointee.days)) }
      if DatetimeTypes.isDelta(a) && DatetimeTypes.isDate(b) { return try shift(vm, b, Int(a.as(DeltaLayout.self).pointee.days)) }
      return .notImplemented
    }
    s.subtract = OneCode { (vm, a, b) throws(Raised) in
      guard DatetimeTypes.isDate(a), !DatetimeTypes.isDatetime(a), !DatetimeTypes.isDatetime(b) else { return .notImplemented }
      if DatetimeTypes.isDelta(b) { return try shift(vm, a, -Int(b.as(DeltaLayout.self).pointee.days)) }
      guard DatetimeTypes.isDate(b) else { return .notImplemented }
      let x = layout(a), y = layout(b)
      let days = Calendar.ordinal(x.0, x.1, x.2) - Calendar.ordinal(y.0, y.1, y.2)
      return try Deltas.make(vm, Int128(days) * Deltas.microsecondsPerDay)
    }
    t.slots = s
    t.getset("year", nil) { (_, d) throws(Raised) in Value(smallInt: layout(d).0) }
    t.getset("month", nil) { (_, d) throws(Raised) in Value(smallInt: layout(d).1) }
    t.getset("day", nil) { (_, d) throws(Raised) in Value(smallInt: layout(d).2) }
    declareClassMethods(&t)
    declareMethods(&t)
  }

  private static func shift(_ vm: VM, _ d: Value, _ days: Int) throws(Raised) -> Value {
    let (y, m, day) = layout(d)
    let ordinal = Calendar.ordinal(y, m, day) + days
    if ordinal < 1 || ordinal > Calendar.maxOrdinal { throw vm.raise(.overflowError, "date value out of range") }
    return try make(vm, Value(d.type), ordinal: ordinal)
  }

  private static func state(_ d: Value) -> [UInt8] {
    let (y, m, day) = layout(d)
    return [UInt8(truncatingIfNeeded: y >> 8), UInt8(truncatingIfNeeded: y), UInt8(m), UInt8(day)]
  }

  /// Bytes of a pickle: from bytes, or from the str that Python 2's pickles become.
  static func pickled(_ v: Value) -> [UInt8]? {
    if v.isBytes { return Array(v.as(BytesLayout.self).buffer) }
    guard v.isStr else { return nil }
    let s = v.as(StrLayout.self)
    return s.pointee.unit == 1 && s.pointee.length <= 10 ? Array(s.latin1) : nil
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.count == 1 && args.keywordCount == 0, let b = pickled(args[0]), b.count == 4, b[2] >= 1, b[2] <= 12 {
      return try allocate(vm, type, Int(b[0]) << 8 | Int(b[1]), Int(b[2]), Int(b[3]), isChecked: false)
    }
    for i in 0..<min(args.count, 3) { _ = try NamedArgs.int(vm, args[i], 0) }
    let v = try NamedArgs.bind(vm, args, ["year", "month", "day"], required: 3)
    let y = try NamedArgs.int(vm, v[0], 0), m = try NamedArgs.int(vm, v[1], 0), d = try NamedArgs.int(vm, v[2], 0)
    return try allocate(vm, type, y, m, d)
  }

  private static func declareClassMethods(_ t: inout TypeBuilder) {
    t.classMethod("fromtimestamp", "($type, timestamp, /)", "Local date of a time since 1970.") { (vm, cls, ts: Value) throws(Raised) in
      let p = try TimeModule.local(vm, try TimeValues.seconds(vm, ts))
      return try make(vm, cls, Int(p.tm_year) + 1900, Int(p.tm_mon) + 1, Int(p.tm_mday))
    }
    t.classMethod("fromordinal", "($type, ordinal, /)", "Date of a proleptic Gregorian ordinal.") { (vm, cls, n: Value) throws(Raised) in
      let ordinal = try NamedArgs.int(vm, n, 0)
      if ordinal > Calendar.maxOrdinal {
        throw vm.raise(.valueError, "year \(Calendar.date(ordinal).0) is out of range")
      }
      return try make(vm, cls, ordinal: ordinal)
    }
    t.classMethod("fromisoformat", "($type, string, /)", "Date from text in ISO 8601 format.") { (vm, cls, v: Value) throws(Raised) in
      guard v.isStr else { throw vm.raise(.typeError, "fromisoformat: argument must be str") }
      let iso = IsoText(v.utf8Bytes)
      guard [7, 8, 10].contains(iso.end), let (y, m, d) = try iso.date(vm, limit: iso.end) else {
        throw vm.raise(.valueError, "Invalid isoformat string: \(try vm.repr(v).swiftString)")
      }
      return try make(vm, cls, y, m, d)
    }
    t.classMethod("fromisocalendar", "($type, /, year, week, day)", "Date of an ISO year, week and weekday.") {
      (vm, cls, args: Args) throws(Raised) in
      var parts = (0, 0, 0)
      do throws(Raised) {
        parts = (try NamedArgs.int(vm, args[0], 0), try NamedArgs.int(vm, args[1], 0), try NamedArgs.int(vm, args[2], 0))
      } catch {
        if !vm.pendingIs(.overflowError) { throw error }
        vm.clearPending()
        throw vm.raise(.valueError, "ISO calendar component out of range")
      }
      let (y, w, d) = parts
      let ordinal = try Calendar.fromISO(vm, y, w, d)
      if ordinal < 1 || ordinal > Calendar.maxOrdinal { throw vm.raise(.valueError, "year \(ordinal < 1 ? 0 : 10000) is out of range") }
      return try make(vm, cls, ordinal: ordinal)
    }
    t.classMethod("today", "($type, /)", "Current date.") { (vm, cls, _: Args) throws(Raised) in
      let now = try vm.callMethod(try vm.importModule("time"), "time")
      return try vm.callMethod(cls, "fromtimestamp", now)
    }
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    t.method("ctime", nil, "Return ctime() style string.") { (vm, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return try vm.str(DatetimeText.ctime(y, m, day, Clock()))
    }
    t.method("strftime", "($self, /, format)", "format -> strftime() style string.") { (vm, d, format) throws(Raised) in
      guard format.isStr else { throw vm.raise(.typeError, "strftime() argument 1 must be str, not \(format.argumentTypeName)") }
      let tuple = try vm.callMethod(d, "timetuple")
      return try DatetimeText.strftime(vm, format, tuple: tuple, microsecond: 0, tzinfo: .none, argument: d)
    }
    t.method("__format__", nil, "Formats self with strftime.", DatetimeText.format)
    t.method("timetuple", nil, "Return time tuple, compatible with time.localtime().") { (vm, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return try DatetimeText.timeTuple(vm, y, m, day, Clock(), isDST: -1)
    }
    t.method("isocalendar", nil, "ISO year, week and weekday.") { (vm, d) throws(Raised) in
      let (y, m, day) = layout(d)
      let (isoYear, week, weekday) = Calendar.iso(y, m, day)
      return try IsoDateType.make(vm, isoYear, week, weekday)
    }
    t.method("isoformat", nil, "Return string in ISO 8601 format, YYYY-MM-DD.") { (vm, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return try vm.str(DatetimeText.date(y, m, day))
    }
    t.method("isoweekday", nil, "Day of the week: Monday == 1 ... Sunday == 7") { (_, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return Value(smallInt: Calendar.weekday(y, m, day) + 1)
    }
    t.method("toordinal", nil, "Proleptic Gregorian ordinal: January 1 of year 1 is day 1.") { (_, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return Value(smallInt: Calendar.ordinal(y, m, day))
    }
    t.method("weekday", nil, "Day of the week: Monday == 0 ... Sunday == 6") { (_, d) throws(Raised) in
      let (y, m, day) = layout(d)
      return Value(smallInt: Calendar.weekday(y, m, day))
    }
    t.method("replace", "($self, /, year=None, month=None, day=None)", "Return date with new specified fields.") {
      (vm, d, args: Args) throws(Raised) in
      let (y, m, day) = layout(d)
      return try allocate(
        vm, Value(d.type), try NamedArgs.int(vm, args[0], y), try NamedArgs.int(vm, args[1], m), try NamedArgs.int(vm, args[2], day))
    }
    t.method("__reduce__", nil, "__reduce__() -> (cls, state)") { (vm, d) throws(Raised) in
      try vm.tuple(Value(d.type), try vm.tuple(try vm.bytes(state(d))))
    }
  }
}
