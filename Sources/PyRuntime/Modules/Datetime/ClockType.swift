/// `time`: a time of day.
enum ClockType {
  static func clock(_ v: Value) -> Clock {
    let c = v.as(ClockLayout.self).pointee
    return Clock(hour: Int(c.hour), minute: Int(c.minute), second: Int(c.second), microsecond: Int(c.microsecond))
  }

  static func check(_ vm: VM, _ c: Clock, _ fold: Int) throws(Raised) {
    if c.hour < 0 || c.hour > 23 { throw vm.raise(.valueError, "hour must be in 0..23") }
    if c.minute < 0 || c.minute > 59 { throw vm.raise(.valueError, "minute must be in 0..59") }
    if c.second < 0 || c.second > 59 { throw vm.raise(.valueError, "second must be in 0..59") }
    if c.microsecond < 0 || c.microsecond > 999_999 { throw vm.raise(.valueError, "microsecond must be in 0..999999") }
    if fold != 0 && fold != 1 { throw vm.raise(.valueError, "fold must be either 0 or 1") }
  }

  static func allocate(
    _ vm: VM, _ type: Value, _ c: Clock, _ tzinfo: Value, _ fold: Int, isChecked: Bool = true
  ) throws(Raised) -> Value {
    if isChecked { try check(vm, c, fold) }
    let cell = try vm.instance(ClockLayout.self, of: type.asType)
    cell.pointee.hash = -1
    cell.pointee.hour = Int32(c.hour)
    cell.pointee.minute = Int32(c.minute)
    cell.pointee.second = Int32(c.second)
    cell.pointee.microsecond = Int32(c.microsecond)
    cell.pointee.fold = Int32(fold)
    cell.pointee.tzinfo = tzinfo
    return Value(cell)
  }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.doc("time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object")
    t.trace { cell, tracer in Tracer(tracer).visit(cell.assumingMemoryBound(to: ClockLayout.self).pointee.tzinfo) }
    var s = t.slots
    s.new = NewCode(new)
    s.repr = NoArgsCode { (vm, v) throws(Raised) in
      let cell = v.as(ClockLayout.self)
      return try vm.str(
        "\(DatetimeText.typeName(v))(\(DatetimeText.clockArguments(clock(v)))"
          + (try DatetimeText.trailer(vm, fold: cell.pointee.fold, tzinfo: cell.pointee.tzinfo, foldLast: true)))
    }
    s.str = NoArgsCode { (vm, v) throws(Raised) in try vm.callMethod(v, "isoformat") }
    s.hash = HashCode(hash)
    s.compare = CompareCode(compare)
    t.slots = s
    t.getset("hour", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).hour) }
    t.getset("minute", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).minute) }
    t.getset("second", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).second) }
    t.getset("microsecond", nil) { (_, v) throws(Raised) in Value(smallInt: clock(v).microsecond) }
    t.getset("tzinfo", nil) { (_, v) throws(Raised) in v.as(ClockLayout.self).pointee.tzinfo }
    t.getset("fold", nil) { (_, v) throws(Raised) in Value(smallInt: Int(v.as(ClockLayout.self).pointee.fold)) }
    declareMethods(&t)
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.count >= 1 && args.count <= 2 && args.keywordCount == 0, let b = DateType.pickled(args[0]), b.count == 6, b[0] & 0x7F < 24 {
      let tz = args[1]
      if !tz.isNull && !tz.isNone && !DatetimeTypes.isTzinfo(tz) { throw vm.raise(.typeError, "bad tzinfo state arg") }
      let c = Clock(
        hour: Int(b[0] & 0x7F), minute: Int(b[1]), second: Int(b[2]), microsecond: Int(b[3]) << 16 | Int(b[4]) << 8 | Int(b[5]))
      return try allocate(vm, type, c, tz.isNull ? .none : tz, b[0] & 0x80 != 0 ? 1 : 0, isChecked: false)
    }
    let v = try NamedArgs.bind(
      vm, args, ["hour", "minute", "second", "microsecond", "tzinfo", "fold"], required: 0, positional: 5)
    let c = Clock(
      hour: try NamedArgs.int(vm, v[0], 0), minute: try NamedArgs.int(vm, v[1], 0), second: try NamedArgs.int(vm, v[2], 0),
      microsecond: try NamedArgs.int(vm, v[3], 0))
    let fold = try NamedArgs.int(vm, v[5], 0)
    return try allocate(vm, type, c, try Zones.argument(vm, v[4]), fold)
  }

  private static func state(_ v: Value, foldBit: Bool) -> [UInt8] {
    let c = clock(v)
    let first = UInt8(c.hour) | (foldBit && v.as(ClockLayout.self).pointee.fold != 0 ? 0x80 : 0)
    let us = c.microsecond
    return [first, UInt8(c.minute), UInt8(c.second), UInt8(us >> 16), UInt8(us >> 8 & 0xFF), UInt8(us & 0xFF)]
  }

  static func offset(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try Zones.offset(vm, v.as(ClockLayout.self).pointee.tzinfo, "utcoffset", .none)
  }

  private static func microseconds(_ v: Value) -> Int {
    let c = clock(v)
    return ((c.hour * 60 + c.minute) * 60 + c.second) * 1_000_000 + c.microsecond
  }

  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let cell = v.as(ClockLayout.self)
    if cell.pointee.hash == -1 {
      let o = try offset(vm, v)
      if o.isNone {
        cell.pointee.hash = state(v, foldBit: false).withUnsafeBytes { Str.hash(bytes: $0) }
      } else {
        cell.pointee.hash = try vm.hash(try Deltas.make(vm, Int128(microseconds(v)) - Deltas.microseconds(o)))
      }
    }
    return cell.pointee.hash
  }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard DatetimeTypes.isTime(a), DatetimeTypes.isTime(b) else { return .notImplemented }
    var x = Int128(microseconds(a)), y = Int128(microseconds(b))
    if a.as(ClockLayout.self).pointee.tzinfo != b.as(ClockLayout.self).pointee.tzinfo {
      let p = try offset(vm, a), q = try offset(vm, b)
      if p.isNone != q.isNone {
        if op == .eq { return .false }
        if op == .ne { return .true }
        throw vm.raise(.typeError, "can't compare offset-naive and offset-aware times")
      }
      if !p.isNone {
        x -= Deltas.microseconds(p)
        y -= Deltas.microseconds(q)
      }
    }
    return IntCompare.answer(x < y ? -1 : x > y ? 1 : 0, op)
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    t.classMethod("fromisoformat", "($type, string, /)", "Time from text in ISO 8601 format.") { (vm, cls, v: Value) throws(Raised) in
      guard v.isStr else { throw vm.raise(.typeError, "fromisoformat: argument must be str") }
      let iso = IsoText(v.utf8Bytes)
      guard let parts = iso.time(iso.text.first == 84 ? 1 : 0) else {
        throw vm.raise(.valueError, "Invalid isoformat string: \(try vm.repr(v).swiftString)")
      }
      let tz = try DatetimeType.zone(vm, parts.offset)
      if cls == DatetimeTypes.time { return try allocate(vm, cls, parts.clock, tz, 0) }
      let args = try vm.tuple(count: 5)
      let items = args.as(TupleLayout.self).items
      items[0] = Value(smallInt: parts.clock.hour)
      items[1] = Value(smallInt: parts.clock.minute)
      items[2] = Value(smallInt: parts.clock.second)
      items[3] = Value(smallInt: parts.clock.microsecond)
      items[4] = tz
      return try vm.call(cls, tuple: args)
    }
    t.method("isoformat", "($self, /, timespec='auto')", "Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].") {
      (vm, v, timespec) throws(Raised) in
      var text = try DatetimeText.clock(vm, clock(v), timespec)
      let o = try offset(vm, v)
      if !o.isNone { text += DatetimeText.offset(Deltas.microseconds(o), separator: ":") }
      return try vm.str(text)
    }
    t.method("strftime", "($self, /, format)", "format -> strftime() style string.") { (vm, v, format) throws(Raised) in
      let c = clock(v)
      let tuple = try DatetimeText.timeTuple(vm, 1900, 1, 1, c, isDST: -1)
      return try DatetimeText.strftime(
        vm, format, tuple: tuple, microsecond: c.microsecond, tzinfo: v.as(ClockLayout.self).pointee.tzinfo, argument: .none)
    }
    t.method("__format__", nil, "Formats self with strftime.", DatetimeText.format)
    t.method("utcoffset", nil, "Return self.tzinfo.utcoffset(self).") { (vm, v) throws(Raised) in try offset(vm, v) }
    t.method("tzname", nil, "Return self.tzinfo.tzname(self).") { (vm, v) throws(Raised) in
      try Zones.name(vm, v.as(ClockLayout.self).pointee.tzinfo, .none)
    }
    t.method("dst", nil, "Return self.tzinfo.dst(self).") { (vm, v) throws(Raised) in
      try Zones.offset(vm, v.as(ClockLayout.self).pointee.tzinfo, "dst", .none)
    }
    t.method(
      "replace", "($self, /, hour=None, minute=None, second=None, microsecond=None, tzinfo=None, *, fold=None)",
      "Return time with new specified fields."
    ) { (vm, v, args: Args) throws(Raised) in
      let c = clock(v)
      let cell = v.as(ClockLayout.self)
      let changed = Clock(
        hour: try NamedArgs.int(vm, args[0], c.hour), minute: try NamedArgs.int(vm, args[1], c.minute),
        second: try NamedArgs.int(vm, args[2], c.second), microsecond: try NamedArgs.int(vm, args[3], c.microsecond))
      let tz = args[4].isNull ? cell.pointee.tzinfo : try Zones.argument(vm, args[4])
      return try allocate(vm, Value(v.type), changed, tz, try NamedArgs.int(vm, args[5], Int(cell.pointee.fold)))
    }
    t.method("__reduce_ex__", nil, "__reduce_ex__(proto) -> (cls, state)") { (vm, v, proto) throws(Raised) in
      try reduce(vm, v, foldBit: try vm.asInt(proto) > 3)
    }
    t.method("__reduce__", nil, "__reduce__() -> (cls, state)") { (vm, v) throws(Raised) in try reduce(vm, v, foldBit: false) }
  }

  private static func reduce(_ vm: VM, _ v: Value, foldBit: Bool) throws(Raised) -> Value {
    let bytes = try vm.bytes(state(v, foldBit: foldBit))
    let tz = v.as(ClockLayout.self).pointee.tzinfo
    return try vm.tuple(Value(v.type), tz.isNone ? try vm.tuple(bytes) : try vm.tuple(bytes, tz))
  }
}
