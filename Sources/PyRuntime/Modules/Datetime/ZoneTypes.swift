/// `tzinfo` and `timezone`.
enum ZoneTypes {
  static func declareTzinfo(_ t: inout TypeBuilder) {
    t.doc("Abstract base class for time zone info objects.")
    var s = t.slots
    s.new = NewCode { (vm, type, _) throws(Raised) in Value(try vm.instance(TzinfoLayout.self, of: type.asType)) }
    t.slots = s
    t.method("tzname", nil, "datetime -> name of the time zone") { (vm: VM, _: Value, _: Value) throws(Raised) -> Value in
      throw missing(vm, "tzname")
    }
    t.method("utcoffset", nil, "datetime -> offset from UTC as a timedelta, positive east of it") {
      (vm: VM, _: Value, _: Value) throws(Raised) -> Value in
      throw missing(vm, "utcoffset")
    }
    t.method("dst", nil, "datetime -> offset of daylight saving time as a timedelta") {
      (vm: VM, _: Value, _: Value) throws(Raised) -> Value in
      throw missing(vm, "dst")
    }
    t.method("fromutc", nil, "datetime in UTC -> datetime in local time", fromUTC)
    t.method("__reduce__", nil, "-> (cls, state)", reduce)
  }

  private static func missing(_ vm: VM, _ name: String) -> Raised {
    vm.raise(.notImplementedError, "a tzinfo subclass must implement \(name)()")
  }

  private static func reduce(_ vm: VM, _ self: Value) throws(Raised) -> Value {
    var args = rt.pointee.emptyTuple
    let getArgs = try vm.getAttributeOrNull(self, "__getinitargs__")
    if !getArgs.isNull { args = try vm.call(getArgs) }
    let state = try vm.callMethod(self, "__getstate__")
    return try vm.tuple(Value(self.type), args, state)
  }

  /// The standard algorithm (tzinfo.fromutc in the library reference): needs a zone whose standard offset does not change.
  private static func fromUTC(_ vm: VM, _ self: Value, _ dt: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDatetime(dt) else { throw vm.raise(.typeError, "fromutc: argument must be a datetime") }
    if dt.as(DateTimeLayout.self).pointee.tzinfo != self { throw vm.raise(.valueError, "fromutc: dt.tzinfo is not self") }
    let offset = try Zones.utcOffset(vm, dt)
    if offset.isNone { throw vm.raise(.valueError, "fromutc: non-None utcoffset() result required") }
    var dst = try Zones.dst(vm, dt)
    if dst.isNone { throw vm.raise(.valueError, "fromutc: non-None dst() result required") }
    let standard = Deltas.microseconds(offset) - Deltas.microseconds(dst)
    var result = dt
    if standard != 0 {
      result = try DatetimeArithmetic.shift(vm, result, standard)
      dst = try Zones.dst(vm, result)
      if dst.isNone {
        throw vm.raise(.valueError, "fromutc: tz.dst() gave inconsistent results; cannot convert")
      }
    }
    let us = Deltas.microseconds(dst)
    return us == 0 ? result : try DatetimeArithmetic.shift(vm, result, us)
  }

  // MARK: timezone

  static func declareTimezone(_ t: inout TypeBuilder) {
    t.doc("Fixed offset from UTC implementation of tzinfo.")
    t.trace { cell, tracer in
      let z = cell.assumingMemoryBound(to: ZoneLayout.self)
      Tracer(tracer).visit(z.pointee.offset)
      Tracer(tracer).visit(z.pointee.name)
    }
    var s = t.slots
    s.new = NewCode(newTimezone)
    s.repr = NoArgsCode { (vm, z) throws(Raised) in
      if z == DatetimeTypes.utc { return try vm.str("datetime.timezone.utc") }
      let zone = z.as(ZoneLayout.self)
      var text = "\(DatetimeText.typeName(z))(\(try vm.repr(zone.pointee.offset).swiftString)"
      if !zone.pointee.name.isNull { text += ", " + (try vm.repr(zone.pointee.name).swiftString) }
      return try vm.str(text + ")")
    }
    s.str = NoArgsCode(name)
    s.hash = HashCode { (vm, z) throws(Raised) in try DeltaType.hash(vm, z.as(ZoneLayout.self).pointee.offset) }
    s.compare = CompareCode { (vm, a, b, op) throws(Raised) in
      guard op == .eq || op == .ne, DatetimeTypes.isTimezone(a), DatetimeTypes.isTimezone(b) else { return .notImplemented }
      return try DeltaType.compare(vm, a.as(ZoneLayout.self).pointee.offset, b.as(ZoneLayout.self).pointee.offset, op)
    }
    t.slots = s
    t.method("tzname", nil, "If name is specified when timezone is created, returns the name; else the offset as 'UTC(+|-)HH:MM'.") {
      (vm, z, dt) throws(Raised) in
      try check(vm, "tzname", dt)
      return try name(vm, z)
    }
    t.method("utcoffset", nil, "Return fixed offset.") { (vm, z, dt) throws(Raised) in
      try check(vm, "utcoffset", dt)
      return z.as(ZoneLayout.self).pointee.offset
    }
    t.method("dst", nil, "Return None.") { (vm, _, dt) throws(Raised) in
      try check(vm, "dst", dt)
      return .none
    }
    t.method("fromutc", nil, "datetime in UTC -> datetime in local time.") { (vm, z, dt) throws(Raised) in
      guard DatetimeTypes.isDatetime(dt) else { throw vm.raise(.typeError, "fromutc: argument must be a datetime") }
      if dt.as(DateTimeLayout.self).pointee.tzinfo != z { throw vm.raise(.valueError, "fromutc: dt.tzinfo is not self") }
      return try DatetimeArithmetic.shift(vm, dt, Deltas.microseconds(z.as(ZoneLayout.self).pointee.offset))
    }
    t.method("__getinitargs__", nil, "pickle support") { (vm, z) throws(Raised) in
      let zone = z.as(ZoneLayout.self)
      return zone.pointee.name.isNull ? try vm.tuple(zone.pointee.offset) : try vm.tuple(zone.pointee.offset, zone.pointee.name)
    }
  }

  private static func check(_ vm: VM, _ function: String, _ dt: Value) throws(Raised) {
    if dt.isNone || DatetimeTypes.isDatetime(dt) { return }
    throw vm.raise(.typeError, "\(function)(dt) argument must be a datetime instance or None, not \(dt.typeName)")
  }

  private static func newTimezone(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let given = try NamedArgs.bind(vm, args, ["offset", "name"], required: 1, function: "timezone")
    guard DatetimeTypes.isDelta(given[0]) else {
      throw vm.raise(.typeError, "timezone() argument 1 must be datetime.timedelta, not \(given[0].typeName)")
    }
    if !given[1].isNull && !given[1].isStr {
      throw vm.raise(.typeError, "timezone() argument 2 must be str, not \(given[1].argumentTypeName)")
    }
    return try makeTimezone(vm, given[0], given[1])
  }

  static func makeTimezone(_ vm: VM, _ offset: Value, _ name: Value = .null) throws(Raised) -> Value {
    let us = Deltas.microseconds(offset)
    if name.isNull && us == 0 && !DatetimeTypes.utc.isNull { return DatetimeTypes.utc }
    if us <= -Deltas.microsecondsPerDay || us >= Deltas.microsecondsPerDay {
      throw vm.raise(
        .valueError,
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not \(try vm.repr(offset).swiftString)."
      )
    }
    let cell = try vm.instance(ZoneLayout.self, of: DatetimeTypes.timezone.asType)
    cell.pointee.offset = offset
    cell.pointee.name = name
    return Value(cell)
  }

  private static func name(_ vm: VM, _ z: Value) throws(Raised) -> Value {
    let zone = z.as(ZoneLayout.self)
    if !zone.pointee.name.isNull { return zone.pointee.name }
    let us = Deltas.microseconds(zone.pointee.offset)
    if z == DatetimeTypes.utc || us == 0 { return try vm.str("UTC") }
    return try vm.str("UTC" + DatetimeText.offset(us, separator: ":"))
  }
}

/// Questions to the tzinfo of a `time` or `datetime`.
enum Zones {
  /// The result of `tzinfo.method(argument)`: None or a timedelta strictly within a day.
  static func offset(_ vm: VM, _ tzinfo: Value, _ method: StaticString, _ argument: Value) throws(Raised) -> Value {
    if tzinfo.isNone { return .none }
    let r = try vm.callMethod(tzinfo, method, argument)
    if r.isNone { return r }
    guard DatetimeTypes.isDelta(r) else {
      throw vm.raise(.typeError, "tzinfo.\(method)() must return None or a timedelta, not '\(r.typeName)'")
    }
    let us = Deltas.microseconds(r)
    if us <= -Deltas.microsecondsPerDay || us >= Deltas.microsecondsPerDay {
      throw vm.raise(
        .valueError, "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).")
    }
    return r
  }
  static func utcOffset(_ vm: VM, _ dt: Value) throws(Raised) -> Value {
    try offset(vm, dt.as(DateTimeLayout.self).pointee.tzinfo, "utcoffset", dt)
  }
  static func dst(_ vm: VM, _ dt: Value) throws(Raised) -> Value {
    try offset(vm, dt.as(DateTimeLayout.self).pointee.tzinfo, "dst", dt)
  }
  static func name(_ vm: VM, _ tzinfo: Value, _ argument: Value) throws(Raised) -> Value {
    if tzinfo.isNone { return .none }
    let r = try vm.callMethod(tzinfo, "tzname", argument)
    if r.isNone || r.isStr { return r }
    throw vm.raise(.typeError, "tzinfo.tzname() must return None or a string, not '\(r.typeName)'")
  }
  /// A tzinfo argument: null and None are None.
  static func argument(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.isNull || v.isNone { return .none }
    if DatetimeTypes.isTzinfo(v) { return v }
    throw vm.raise(.typeError, "tzinfo argument must be None or of a tzinfo subclass, not type '\(v.typeName)'")
  }
}
