import Glibc

/// Instance methods of `datetime`.
enum DatetimeMethods {
  private static func layout(_ v: Value) -> UnsafeMutablePointer<DateTimeLayout> { v.as(DateTimeLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.method("date", nil, "Return date object with same year, month and day.") { (vm, v) throws(Raised) in
      let (y, m, d) = DateType.layout(v)
      return try DateType.allocate(vm, DatetimeTypes.date, y, m, d)
    }
    t.method("time", nil, "Return time object with same time but with tzinfo=None.") { (vm, v) throws(Raised) in
      try ClockType.allocate(vm, DatetimeTypes.time, DatetimeType.clock(v), .none, Int(layout(v).pointee.fold))
    }
    t.method("timetz", nil, "Return time object with same time and tzinfo.") { (vm, v) throws(Raised) in
      try ClockType.allocate(
        vm, DatetimeTypes.time, DatetimeType.clock(v), layout(v).pointee.tzinfo, Int(layout(v).pointee.fold))
    }
    t.method("ctime", nil, "Return ctime() style string.") { (vm, v) throws(Raised) in
      let (y, m, d) = DateType.layout(v)
      return try vm.str(DatetimeText.ctime(y, m, d, DatetimeType.clock(v)))
    }
    t.method("timetuple", nil, "Return time tuple, compatible with time.localtime().") { (vm, v) throws(Raised) in
      let dst = try Zones.dst(vm, v)
      let (y, m, d) = DateType.layout(v)
      return try DatetimeText.timeTuple(
        vm, y, m, d, DatetimeType.clock(v), isDST: dst.isNone ? -1 : Deltas.microseconds(dst) != 0 ? 1 : 0)
    }
    t.method("utctimetuple", nil, "Return UTC time tuple, compatible with time.localtime().") { (vm, v) throws(Raised) in
      let offset = try Zones.utcOffset(vm, v)
      var us = Int128(DatetimeArithmetic.microseconds(v))
      if !offset.isNone { us -= Deltas.microseconds(offset) }
      // One day beyond the calendar's ends can be written as a tuple only within years 1 to 9999.
      guard us >= Deltas.microsecondsPerDay, us < Int128(Calendar.maxOrdinal + 1) * Deltas.microsecondsPerDay else {
        throw vm.raise(.overflowError, "date value out of range")
      }
      let (y, m, d, c) = DatetimeArithmetic.parts(Int(us))
      return try DatetimeText.timeTuple(vm, y, m, d, c, isDST: 0)
    }
    t.method("timestamp", nil, "Return POSIX timestamp as float.", timestamp)
    t.method(
      "isoformat", "($self, /, sep='T', timespec='auto')",
      "[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].", isoFormat)
    t.method("strftime", "($self, /, format)", "format -> strftime() style string.") { (vm, v, format) throws(Raised) in
      guard format.isStr else { throw vm.raise(.typeError, "strftime() argument 1 must be str, not \(format.argumentTypeName)") }
      let tuple = try vm.callMethod(v, "timetuple")
      return try DatetimeText.strftime(
        vm, format, tuple: tuple, microsecond: Int(layout(v).pointee.microsecond), tzinfo: layout(v).pointee.tzinfo, argument: v)
    }
    t.method("utcoffset", nil, "Return self.tzinfo.utcoffset(self).") { (vm, v) throws(Raised) in try Zones.utcOffset(vm, v) }
    t.method("tzname", nil, "Return self.tzinfo.tzname(self).") { (vm, v) throws(Raised) in
      try Zones.name(vm, layout(v).pointee.tzinfo, v)
    }
    t.method("dst", nil, "Return self.tzinfo.dst(self).") { (vm, v) throws(Raised) in try Zones.dst(vm, v) }
    t.method(
      "replace",
      "($self, /, year=None, month=None, day=None, hour=None, minute=None, second=None, microsecond=None, tzinfo=None, *, fold=None)",
      "Return datetime with new specified fields.", replace)
    t.method("astimezone", "($self, /, tz=None)", "tz -> convert to local time in new timezone tz", asTimeZone)
    t.method("__reduce_ex__", nil, "__reduce_ex__(proto) -> (cls, state)") { (vm, v, proto) throws(Raised) in
      try reduce(vm, v, foldBit: try vm.asInt(proto) > 3)
    }
    t.method("__reduce__", nil, "__reduce__() -> (cls, state)") { (vm, v) throws(Raised) in try reduce(vm, v, foldBit: false) }
  }

  private static func reduce(_ vm: VM, _ v: Value, foldBit: Bool) throws(Raised) -> Value {
    let bytes = try vm.bytes(DatetimeType.state(v, foldBit: foldBit))
    let tz = layout(v).pointee.tzinfo
    return try vm.tuple(Value(v.type), tz.isNone ? try vm.tuple(bytes) : try vm.tuple(bytes, tz))
  }

  private static func localSeconds(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let (y, m, d) = DateType.layout(v)
    let t = DatetimeArithmetic.seconds(y, m, d, DatetimeType.clock(v))
    return try DatetimeArithmetic.utc(vm, local: t, fold: Int(layout(v).pointee.fold)) - DatetimeArithmetic.epoch
  }

  private static func timestamp(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let offset = try Zones.utcOffset(vm, v)
    if layout(v).pointee.tzinfo.isNone || offset.isNone {
      return Value(Double(try localSeconds(vm, v)) + Double(layout(v).pointee.microsecond) / 1e6)
    }
    let us =
      Int128(DatetimeArithmetic.microseconds(v)) - Deltas.microseconds(offset)
      - Int128(DatetimeArithmetic.epoch) * 1_000_000
    return Value(try IntArithmetic.trueDivide(vm, try Deltas.int(vm, us), Value(smallInt: 1_000_000)))
  }

  private static func isoFormat(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let (y, m, d) = DateType.layout(v)
    var separator: UInt32 = 84
    if !args[0].isNull {
      guard args[0].isStr, args[0].as(StrLayout.self).pointee.length == 1 else {
        throw vm.raise(.typeError, "isoformat() argument 1 must be a unicode character, not \(args[0].typeName)")
      }
      separator = args[0].as(StrLayout.self)[codePoint: 0]
    }
    var text = try DatetimeText.clock(vm, DatetimeType.clock(v), args[1], place: 2)
    let offset = try Zones.utcOffset(vm, v)
    if !offset.isNone { text += DatetimeText.offset(Deltas.microseconds(offset), separator: ":") }
    var codePoints = DatetimeText.date(y, m, d).unicodeScalars.map { $0.value }
    codePoints.append(separator)
    codePoints.append(contentsOf: text.unicodeScalars.map { $0.value })
    return try NumberLayout.str(vm, codePoints)
  }

  private static func replace(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let (y, m, d) = DateType.layout(v)
    let c = DatetimeType.clock(v)
    let changed = Clock(
      hour: try NamedArgs.int(vm, args[3], c.hour), minute: try NamedArgs.int(vm, args[4], c.minute),
      second: try NamedArgs.int(vm, args[5], c.second), microsecond: try NamedArgs.int(vm, args[6], c.microsecond))
    let tz = args[7].isNull ? layout(v).pointee.tzinfo : try Zones.argument(vm, args[7])
    return try DatetimeType.allocate(
      vm, Value(v.type), try NamedArgs.int(vm, args[0], y), try NamedArgs.int(vm, args[1], m), try NamedArgs.int(vm, args[2], d), changed,
      tz, try NamedArgs.int(vm, args[8], Int(layout(v).pointee.fold)))
  }

  private static func asTimeZone(_ vm: VM, _ v: Value, _ tz: Value) throws(Raised) -> Value {
    let target = try Zones.argument(vm, tz)
    var own = layout(v).pointee.tzinfo
    if own.isNone { own = try DatetimeArithmetic.localZone(vm, try localSeconds(vm, v)) } else if own == target { return v }
    var offset = try Zones.offset(vm, own, "utcoffset", v)
    if offset.isNone {
      // A zone that does not know is as none.
      own = try DatetimeArithmetic.localZone(vm, try localSeconds(vm, v))
      offset = try Zones.offset(vm, own, "utcoffset", v)
    }
    let us = Int128(DatetimeArithmetic.microseconds(v)) - (offset.isNone ? 0 : Deltas.microseconds(offset))
    guard us >= Deltas.microsecondsPerDay, us < Int128(Calendar.maxOrdinal + 1) * Deltas.microsecondsPerDay else {
      throw vm.raise(.overflowError, "date value out of range")
    }
    var zone = target
    if zone.isNone {
      let seconds = Int(us / 1_000_000) - DatetimeArithmetic.epoch
      zone = try DatetimeArithmetic.localZone(vm, seconds)
    }
    let (y, m, d, c) = DatetimeArithmetic.parts(Int(us))
    let utc = try DatetimeType.make(vm, Value(v.type), y, m, d, c, zone, 0)
    return try vm.callMethod(zone, "fromutc", utc)
  }
}
