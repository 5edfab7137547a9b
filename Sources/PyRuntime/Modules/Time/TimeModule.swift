import Glibc

/// `time`
enum TimeModule {
  /// The type `time.struct_time`, or null before the module was imported
  nonisolated(unsafe) private static var structTime = Value.null
  static let visibleFields = 9
  static let allFields = 11

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Clocks, and conversions between the ways to write a time.")
    let s = try StructSequence.makeType(
      m.vm, "time.struct_time", module: m.module,
      doc: "The time value as returned by gmtime(), localtime(), and strptime(): a tuple of nine ints with named fields.",
      names: [
        "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst", "tm_zone", "tm_gmtoff",
      ], visible: visibleFields)
    structTime = Value(s.type)
    m.value("struct_time", structTime)
    try m.int("_STRUCT_TM_ITEMS", allFields)
    try declareClocks(&m)
    declareConversions(&m)
    try setZone(m.vm, m.dict)
  }

  private static func declareConversions(_ m: inout ModuleBuilder) {
    m.function("gmtime", nil, "gmtime([seconds]) -> struct_time\n\nA time since 1970 in UTC; now by default.") {
      (vm, _, args: Args) throws(Raised) in
      var t = try moment(vm, "gmtime", args)
      var parts = tm()
      if gmtime_r(&t, &parts) == nil { throw TimeValues.systemError(vm, errno == 0 ? EINVAL : errno) }
      return try make(vm, parts, zone: parts.tm_zone.map { String(cString: $0) } ?? "UTC", offset: 0)
    }
    m.function("localtime", nil, "localtime([seconds]) -> struct_time\n\nA time since 1970 in the local zone; now by default.") {
      (vm, _, args: Args) throws(Raised) in
      let parts = try local(vm, try moment(vm, "localtime", args))
      return try make(vm, parts, zone: parts.tm_zone.map { String(cString: $0) } ?? "", offset: parts.tm_gmtoff)
    }
    m.function("asctime", nil, "asctime([tuple]) -> string\n\nA time tuple as text like 'Sat Jun 06 16:26:11 1998'.") {
      (vm, _, args: Args) throws(Raised) in
      try count(vm, "asctime", args, 0, 1)
      if args.count == 0 { return try text(vm, try local(vm, time(nil))) }
      var fields = try TimeTuple(vm, args[0], "asctime")
      try fields.check(vm)
      return try text(vm, fields.parts)
    }
    m.function("ctime", nil, "ctime(seconds) -> string\n\nasctime(localtime(seconds))") { (vm, _, args: Args) throws(Raised) in
      try text(vm, try local(vm, try moment(vm, "ctime", args)))
    }
    m.function("mktime", nil, "mktime(tuple) -> floating point number\n\nSeconds since 1970 of a local time.") {
      (vm, _, tuple) throws(Raised) in
      var fields = try TimeTuple(vm, tuple, "mktime")
      fields.parts.tm_wday = -1
      fields.parts.tm_zone = nil
      let t = Glibc.mktime(&fields.parts)
      // mktime() changes tm_wday on success, and -1 is also a moment in 1969.
      if t == -1 && fields.parts.tm_wday == -1 { throw vm.raise(.overflowError, "mktime argument out of range") }
      return Value(Double(t))
    }
    m.function("strftime", nil, "strftime(format[, tuple]) -> string\n\nA time tuple as text by a format.", TimeTuple.format)
    m.function("strptime", nil, "strptime(string, format) -> struct_time\n\nA time tuple from text, by a format.") {
      (vm, _, args: Args) throws(Raised) in
      let module = try vm.importModule("_strptime")
      return try vm.call(try vm.getAttribute(module, "_strptime_time"), args)
    }
    m.function("tzset", nil, "tzset()\n\nTakes over a changed environment variable TZ.") { (vm, module) throws(Raised) in
      Glibc.tzset()
      try setZone(vm, module.as(ModuleLayout.self).pointee.dict)
      return .none
    }
  }

  static func count(_ vm: VM, _ name: String, _ args: Args, _ low: Int, _ high: Int) throws(Raised) {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "time.\(name)() takes no keyword arguments") }
    if args.count < low {
      throw vm.raise(.typeError, "\(name)() takes at least \(low) argument\(low == 1 ? "" : "s") (\(args.count) given)")
    }
    if args.count > high {
      throw vm.raise(.typeError, "\(name)() takes at most \(high) argument\(high == 1 ? "" : "s") (\(args.count) given)")
    }
  }

  /// The optional argument "seconds since 1970".
  private static func moment(_ vm: VM, _ name: String, _ args: Args) throws(Raised) -> time_t {
    try count(vm, name, args, 0, 1)
    if args[0].isNull || args[0].isNone { return time(nil) }
    return try TimeValues.seconds(vm, args[0])
  }

  static func local(_ vm: VM, _ t: time_t) throws(Raised) -> tm {
    var t = t
    var parts = tm()
    if localtime_r(&t, &parts) == nil { throw TimeValues.systemError(vm, errno == 0 ? EINVAL : errno) }
    return parts
  }

  private static func make(_ vm: VM, _ p: tm, zone: String, offset: Int) throws(Raised) -> Value {
    let s = StructSequence(type: structTime.asType, visible: visibleFields, fields: allFields)
    let name = try vm.str(zone)
    let v = try s.make(vm)
    let items = v.as(TupleLayout.self).items
    items[0] = Value(smallInt: Int(p.tm_year) + 1900)
    items[1] = Value(smallInt: Int(p.tm_mon) + 1)
    items[2] = Value(smallInt: Int(p.tm_mday))
    items[3] = Value(smallInt: Int(p.tm_hour))
    items[4] = Value(smallInt: Int(p.tm_min))
    items[5] = Value(smallInt: Int(p.tm_sec))
    items[6] = Value(smallInt: Int(p.tm_wday + 6) % 7)
    items[7] = Value(smallInt: Int(p.tm_yday) + 1)
    items[8] = Value(smallInt: Int(p.tm_isdst))
    items[9] = name
    items[10] = Value(smallInt: offset)
    return v
  }

  static func isStructTime(_ v: Value) -> Bool { !structTime.isNull && v.isInstance(of: structTime.asType) }

  private static func text(_ vm: VM, _ p: tm) throws(Raised) -> Value {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func pad(_ n: Int32, _ width: Int, _ fill: String) -> String {
      let s = String(n)
      return String(repeating: fill, count: max(0, width - s.utf8.count)) + s
    }
    let day = days[Int(p.tm_wday).quotientAndRemainder(dividingBy: 7).remainder.magnitude.asIndex]
    let month = months[Int(p.tm_mon).quotientAndRemainder(dividingBy: 12).remainder.magnitude.asIndex]
    let clock = "\(pad(p.tm_hour, 2, "0")):\(pad(p.tm_min, 2, "0")):\(pad(p.tm_sec, 2, "0"))"
    return try vm.str("\(day) \(month)\(pad(p.tm_mday, 3, " ")) \(clock) \(Int(p.tm_year) + 1900)")
  }

  /// `timezone`, `altzone`, `daylight` and `tzname`: from this winter's and this summer's rules.
  private static func setZone(_ vm: VM, _ dict: Value) throws(Raised) {
    let year = (365 * 24 + 6) * 3600
    let january = time(nil) / year * year
    let winter = try local(vm, january), summer = try local(vm, january + year / 2)
    var first = (-winter.tm_gmtoff, winter.tm_zone.map { String(cString: $0) } ?? "")
    var second = (-summer.tm_gmtoff, summer.tm_zone.map { String(cString: $0) } ?? "")
    // South of the equator January is summer.
    if first.0 < second.0 { (first, second) = (second, first) }
    try Dicts.set(vm, dict, "timezone", Value(smallInt: first.0))
    try Dicts.set(vm, dict, "altzone", Value(smallInt: second.0))
    try Dicts.set(vm, dict, "daylight", Value(smallInt: first.0 != second.0 ? 1 : 0))
    let one = try vm.str(first.1)
    try Dicts.set(vm, dict, "tzname", try vm.tuple(one, try vm.str(second.1)))
  }
}

extension UInt {
  fileprivate var asIndex: Int { Int(self) }
}
