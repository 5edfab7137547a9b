/// `_datetime`
enum DatetimeModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    m.doc("Fast implementation of the datetime type.")
    try m.int("MINYEAR", Calendar.minYear)
    try m.int("MAXYEAR", Calendar.maxYear)
    let delta = try type(m, "datetime.timedelta", "timedelta", nil, MemoryLayout<DeltaLayout>.size) {
      (t: inout TypeBuilder) throws(Raised) in
      DeltaType.declare(&t)
    }
    DatetimeTypes.delta = Value(delta)
    let tzinfo = try type(m, "datetime.tzinfo", "tzinfo", nil, MemoryLayout<TzinfoLayout>.size) { (t: inout TypeBuilder) throws(Raised) in
      ZoneTypes.declareTzinfo(&t)
    }
    DatetimeTypes.tzinfo = Value(tzinfo)
    let zone = try type(m, "datetime.timezone", "timezone", tzinfo, MemoryLayout<ZoneLayout>.size, isBase: false) {
      (t: inout TypeBuilder) throws(Raised) in
      ZoneTypes.declareTimezone(&t)
    }
    DatetimeTypes.timezone = Value(zone)
    let date = try type(m, "datetime.date", "date", nil, MemoryLayout<DateLayout>.size) { (t: inout TypeBuilder) throws(Raised) in
      try DateType.declare(&t)
    }
    DatetimeTypes.date = Value(date)
    let time = try type(m, "datetime.time", "time", nil, MemoryLayout<ClockLayout>.size) { (t: inout TypeBuilder) throws(Raised) in
      try ClockType.declare(&t)
    }
    DatetimeTypes.time = Value(time)
    let datetime = try type(m, "datetime.datetime", "datetime", date, MemoryLayout<DateTimeLayout>.size) {
      (t: inout TypeBuilder) throws(Raised) in
      try DatetimeType.declare(&t)
    }
    DatetimeTypes.datetime = Value(datetime)
    try IsoDateType.create(vm, m.module)
    try constants(vm)
    m.value("UTC", DatetimeTypes.utc)
  }

  /// `name` is "datetime.xyz", as messages show it.
  private static func type(
    _ m: ModuleBuilder, _ name: StaticString, _ short: StaticString, _ base: TypeRef?, _ size: Int, isBase: Bool = true,
    _ declare: (inout TypeBuilder) throws(Raised) -> Void
  ) throws(Raised) -> TypeRef {
    let t = try TypeFactory.makeBuiltin(
      m.vm, name, base: base, layoutSize: size, flags: isBase ? [.baseType] : [], module: m.vm.staticStr("datetime"))
    var builder = TypeBuilder(vm: m.vm, type: t)
    try declare(&builder)
    try TypeFactory.ready(m.vm, t)
    m.value(short, Value(t))
    return t
  }

  /// `min`, `max`, `resolution`, `utc`.
  private static func constants(_ vm: VM) throws(Raised) {
    func set(_ type: Value, _ name: StaticString, _ value: Value) {
      vm.bootstrapStore(type.asType.pointee.dict, name, value)
      Types.modified(type.asType)
    }
    let day = Deltas.microsecondsPerDay
    set(DatetimeTypes.delta, "min", try Deltas.make(vm, -999_999_999 * day))
    set(DatetimeTypes.delta, "max", try Deltas.make(vm, 1_000_000_000 * day - 1))
    set(DatetimeTypes.delta, "resolution", try Deltas.make(vm, 1))
    DatetimeTypes.utc = .null
    let zero = try Deltas.make(vm, 0)
    DatetimeTypes.utc = try ZoneTypes.makeTimezone(vm, zero)
    set(DatetimeTypes.timezone, "utc", DatetimeTypes.utc)
    set(DatetimeTypes.timezone, "min", try ZoneTypes.makeTimezone(vm, try Deltas.seconds(vm, -86340)))
    set(DatetimeTypes.timezone, "max", try ZoneTypes.makeTimezone(vm, try Deltas.seconds(vm, 86340)))
    let last = Clock(hour: 23, minute: 59, second: 59, microsecond: 999_999)
    set(DatetimeTypes.date, "min", try DateType.allocate(vm, DatetimeTypes.date, 1, 1, 1))
    set(DatetimeTypes.date, "max", try DateType.allocate(vm, DatetimeTypes.date, 9999, 12, 31))
    set(DatetimeTypes.date, "resolution", try Deltas.make(vm, day))
    set(DatetimeTypes.time, "min", try ClockType.allocate(vm, DatetimeTypes.time, Clock(), .none, 0))
    set(DatetimeTypes.time, "max", try ClockType.allocate(vm, DatetimeTypes.time, last, .none, 0))
    set(DatetimeTypes.time, "resolution", try Deltas.make(vm, 1))
    set(DatetimeTypes.datetime, "min", try DatetimeType.allocate(vm, DatetimeTypes.datetime, 1, 1, 1, Clock(), .none, 0))
    set(DatetimeTypes.datetime, "max", try DatetimeType.allocate(vm, DatetimeTypes.datetime, 9999, 12, 31, last, .none, 0))
    set(DatetimeTypes.datetime, "resolution", try Deltas.make(vm, 1))
  }
}
