import Glibc

/// Class methods of `datetime`.
enum DatetimeConstructors {
  static func declare(_ t: inout TypeBuilder) {
    t.classMethod("now", "($type, /, tz=None)", "Current time, in the given zone or as local clocks show it.") {
      (vm, cls, tz: Value) throws(Raised) in
      let zone = try Zones.argument(vm, tz)
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      return try make(vm, cls, now.tv_sec, now.tv_nsec / 1000, utc: !zone.isNone, zone)
    }
    t.classMethod("utcnow", "($type, /)", "Current time in UTC, without a zone.") { (vm, cls, _: Args) throws(Raised) in
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      return try make(vm, cls, now.tv_sec, now.tv_nsec / 1000, utc: true, .none)
    }
    t.classMethod("fromtimestamp", "($type, /, timestamp, tz=None)", "Time from seconds since 1970, local or in a zone.") {
      (vm, cls, args: Args) throws(Raised) in
      let zone = try Zones.argument(vm, args[1])
      let (s, us) = try timestamp(vm, args[0])
      return try make(vm, cls, s, us, utc: !zone.isNone, zone)
    }
    t.classMethod("utcfromtimestamp", "($type, timestamp, /)", "Time in UTC from seconds since 1970, without a zone.") {
      (vm, cls, v: Value) throws(Raised) in
      let (s, us) = try timestamp(vm, v)
      return try make(vm, cls, s, us, utc: true, .none)
    }
    t.classMethod("strptime", "($type, date_string, format, /)", "Time from text, by a format like that of time.strptime().") {
      (vm, cls, args: Args) throws(Raised) in
      for i in 0..<2 where !args[i].isStr {
        throw vm.raise(.typeError, "strptime() argument \(i + 1) must be str, not \(args[i].argumentTypeName)")
      }
      return try vm.call(try vm.getAttribute(try vm.importModule("_strptime"), "_strptime_datetime"), cls, args[0], args[1])
    }
    t.classMethod("combine", "($type, /, date, time, tzinfo=None)", "date, time -> datetime with same date and time fields") {
      (vm, cls, args: Args) throws(Raised) in
      guard DatetimeTypes.isDate(args[0]) else {
        throw vm.raise(.typeError, "combine() argument 1 must be datetime.date, not \(args[0].typeName)")
      }
      guard DatetimeTypes.isTime(args[1]) else {
        throw vm.raise(.typeError, "combine() argument 2 must be datetime.time, not \(args[1].typeName)")
      }
      let time = args[1].as(ClockLayout.self)
      let tz = args[2].isNull ? time.pointee.tzinfo : try Zones.argument(vm, args[2])
      let (y, m, d) = DateType.layout(args[0])
      return try DatetimeType.make(vm, cls, y, m, d, ClockType.clock(args[1]), tz, Int(time.pointee.fold))
    }
    t.classMethod("fromisoformat", "($type, string, /)", "Time from text in ISO 8601 format.", fromISO)
  }

  private static func fromISO(_ vm: VM, _ cls: Value, _ v: Value) throws(Raised) -> Value {
    guard v.isStr else { throw vm.raise(.typeError, "fromisoformat: argument must be str") }
    // The separator may be any character: made one byte, so that positions are those of the text.
    let s = v.as(StrLayout.self)
    let n = s.pointee.length
    let iso = IsoText((0..<n).map { s[codePoint: $0] < 128 ? UInt8(s[codePoint: $0]) : 63 })
    func invalid() throws(Raised) -> Raised {
      vm.raise(.valueError, "Invalid isoformat string: \(try vm.repr(v).swiftString)")
    }
    guard let end = iso.dateEnd(), end <= n, let (y, m, d) = try iso.date(vm, limit: end) else { throw try invalid() }
    var parts = IsoText.TimeParts()
    if n > end {
      guard let time = iso.time(end + 1) else { throw try invalid() }
      parts = time
    }
    return try DatetimeType.make(vm, cls, y, m, d, parts.clock, try DatetimeType.zone(vm, parts.offset), 0)
  }

  /// Seconds and microseconds, rounded half to even.
  private static func timestamp(_ vm: VM, _ v: Value) throws(Raised) -> (Int, Int) {
    guard v.isFloat else { return (try TimeValues.seconds(vm, v), 0) }
    let d = Floats.double(v)
    if d.isNaN { throw vm.raise(.valueError, "Invalid value NaN (not a number)") }
    var whole = d.rounded(.towardZero)
    var us = ((d - whole) * 1e6).rounded(.toNearestOrEven)
    if us >= 1e6 {
      us -= 1e6
      whole += 1
    } else if us < 0 {
      us += 1e6
      whole -= 1
    }
    guard whole >= -0x1p63 && whole < 0x1p63 else { throw TimeValues.outOfRange(vm) }
    if us == 1e6 {  // a tiny negative fraction
      us = 0
      whole += 1
    }
    return (Int(whole), Int(us))
  }

  /// From seconds since 1970: shown by local clocks or in UTC, then handed to the zone if there is one.
  private static func make(
    _ vm: VM, _ cls: Value, _ seconds: Int, _ microsecond: Int, utc: Bool, _ zone: Value
  ) throws(Raised) -> Value {
    var t = seconds
    var p = tm()
    if utc {
      if gmtime_r(&t, &p) == nil { throw TimeValues.systemError(vm, errno == 0 ? EINVAL : errno) }
    } else {
      p = try TimeModule.local(vm, seconds)
    }
    let year = Int(p.tm_year) + 1900
    // A leap second is shown as the second before.
    let c = Clock(hour: Int(p.tm_hour), minute: Int(p.tm_min), second: min(59, Int(p.tm_sec)), microsecond: microsecond)
    if year < Calendar.minYear || year > Calendar.maxYear { throw vm.raise(.valueError, "year \(year) is out of range") }
    var fold = 0
    if !utc && zone.isNone {
      let shown = DatetimeArithmetic.seconds(year, Int(p.tm_mon) + 1, Int(p.tm_mday), c)
      fold = try DatetimeArithmetic.isFold(vm, seconds, shown) ? 1 : 0
    }
    let v = try DatetimeType.make(vm, cls, year, Int(p.tm_mon) + 1, Int(p.tm_mday), c, zone, fold)
    return zone.isNone ? v : try vm.callMethod(zone, "fromutc", v)
  }
}
