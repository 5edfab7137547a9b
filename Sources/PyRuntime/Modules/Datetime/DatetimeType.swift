import Glibc

/// `datetime`: construction and attributes.
enum DatetimeType {
  static func layout(_ v: Value) -> UnsafeMutablePointer<DateTimeLayout> { v.as(DateTimeLayout.self) }
  static func clock(_ v: Value) -> Clock {
    let d = layout(v).pointee
    return Clock(hour: Int(d.hour), minute: Int(d.minute), second: Int(d.second), microsecond: Int(d.microsecond))
  }

  static func allocate(
    _ vm: VM, _ type: Value, _ year: Int, _ month: Int, _ day: Int, _ c: Clock, _ tzinfo: Value, _ fold: Int,
    isChecked: Bool = true
  ) throws(Raised) -> Value {
    if isChecked {
      try DateType.check(vm, year, month, day)
      try ClockType.check(vm, c, fold)
    }
    let cell = try vm.instance(DateTimeLayout.self, of: type.asType)
    cell.pointee.hash = -1
    cell.pointee.year = Int32(year)
    cell.pointee.month = Int32(month)
    cell.pointee.day = Int32(day)
    cell.pointee.hour = Int32(c.hour)
    cell.pointee.minute = Int32(c.minute)
    cell.pointee.second = Int32(c.second)
    cell.pointee.microsecond = Int32(c.microsecond)
    cell.pointee.fold = Int32(fold)
    cell.pointee.tzinfo = tzinfo
    return Value(cell)
  }

  /// `cls(year, month, …, tzinfo)`, a subclass's constructor called.
  static func make(
    _ vm: VM, _ cls: Value, _ year: Int, _ month: Int, _ day: Int, _ c: Clock, _ tzinfo: Value, _ fold: Int
  ) throws(Raised) -> Value {
    if cls == DatetimeTypes.datetime { return try allocate(vm, cls, year, month, day, c, tzinfo, fold) }
    let args = try vm.tuple(count: 8)
    let items = args.as(TupleLayout.self).items
    for (i, n) in [year, month, day, c.hour, c.minute, c.second, c.microsecond].enumerated() { items[i] = Value(smallInt: n) }
    items[7] = tzinfo
    let v = try vm.call(cls, tuple: args)
    if fold != 0 && DatetimeTypes.isDatetime(v) { layout(v).pointee.fold = Int32(fold) }
    return v
  }

  /// The same moment with another zone and fold; of the exact type.
  static func copy(_ vm: VM, _ v: Value, tzinfo: Value, fold: Int32) throws(Raised) -> Value {
    let d = layout(v).pointee
    return try allocate(
      vm, DatetimeTypes.datetime, Int(d.year), Int(d.month), Int(d.day), clock(v), tzinfo, Int(fold))
  }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.doc("datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])")
    t.trace { cell, tracer in Tracer(tracer).visit(cell.assumingMemoryBound(to: DateTimeLayout.self).pointee.tzinfo) }
    var s = t.slots
    s.new = NewCode(new)
    s.repr = NoArgsCode { (vm, v) throws(Raised) in
      let d = layout(v)
      let head = "\(DatetimeText.typeName(v))(\(d.pointee.year), \(d.pointee.month), \(d.pointee.day), "
      return try vm.str(
        head + DatetimeText.clockArguments(clock(v))
          + (try DatetimeText.trailer(vm, fold: d.pointee.fold, tzinfo: d.pointee.tzinfo, foldLast: false)))
    }
    s.str = NoArgsCode { (vm, v) throws(Raised) in try vm.callMethod(v, "isoformat", try vm.str(" ")) }
    s.hash = HashCode(DatetimeArithmetic.hash)
    s.compare = CompareCode(DatetimeArithmetic.compare)
    s.add = OneCode(DatetimeArithmetic.add)
    s.subtract = OneCode(DatetimeArithmetic.subtract)
    t.slots = s
    t.getset("hour", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).hour) }
    t.getset("minute", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).minute) }
    t.getset("second", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).second) }
    t.getset("microsecond", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).microsecond) }
    t.getset("tzinfo", nil) { (_, v) throws(Raised) in layout(v).pointee.tzinfo }
    t.getset("fold", nil) { (_, v) throws(Raised) in Value(smallInt: Int(layout(v).pointee.fold)) }
    DatetimeConstructors.declare(&t)
    DatetimeMethods.declare(&t)
  }

  static let names: [StaticString] = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"]

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.count >= 1 && args.count <= 2 && args.keywordCount == 0, let b = DateType.pickled(args[0]), b.count == 10 {
      let month = b[2] & 0x7F
      if month >= 1 && month <= 12 {
        let tz = args[1]
        if !tz.isNull && !tz.isNone && !DatetimeTypes.isTzinfo(tz) { throw vm.raise(.typeError, "bad tzinfo state arg") }
        let c = Clock(
          hour: Int(b[4]), minute: Int(b[5]), second: Int(b[6]), microsecond: Int(b[7]) << 16 | Int(b[8]) << 8 | Int(b[9]))
        return try allocate(
          vm, type, Int(b[0]) << 8 | Int(b[1]), Int(month), Int(b[3]), c, tz.isNull ? .none : tz, b[2] & 0x80 != 0 ? 1 : 0,
          isChecked: false)
      }
    }
    // Arguments are converted in order, so a bad one is complained of before a missing one.
    for i in 0..<min(args.count, 3) { _ = try NamedArgs.int(vm, args[i], 0) }
    let v = try NamedArgs.bind(vm, args, names, required: 3, positional: 8)
    let y = try NamedArgs.int(vm, v[0], 0), m = try NamedArgs.int(vm, v[1], 0), d = try NamedArgs.int(vm, v[2], 0)
    let c = Clock(
      hour: try NamedArgs.int(vm, v[3], 0), minute: try NamedArgs.int(vm, v[4], 0), second: try NamedArgs.int(vm, v[5], 0),
      microsecond: try NamedArgs.int(vm, v[6], 0))
    let fold = try NamedArgs.int(vm, v[8], 0)
    return try allocate(vm, type, y, m, d, c, try Zones.argument(vm, v[7]), fold)
  }

  static func state(_ v: Value, foldBit: Bool) -> [UInt8] {
    let d = layout(v).pointee
    let month = UInt8(d.month) | (foldBit && d.fold != 0 ? 0x80 : 0)
    let us = Int(d.microsecond)
    return [
      UInt8(d.year >> 8), UInt8(d.year & 0xFF), month, UInt8(d.day), UInt8(d.hour), UInt8(d.minute), UInt8(d.second), UInt8(us >> 16),
      UInt8(us >> 8 & 0xFF), UInt8(us & 0xFF),
    ]
  }

  /// A fixed zone from an offset in microseconds; None for nil.
  static func zone(_ vm: VM, _ offset: Int?) throws(Raised) -> Value {
    guard let offset else { return .none }
    if offset == 0 { return DatetimeTypes.utc }
    return try ZoneTypes.makeTimezone(vm, try Deltas.make(vm, Int128(offset)))
  }
}
