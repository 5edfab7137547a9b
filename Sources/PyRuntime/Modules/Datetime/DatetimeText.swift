/// Pieces of text that dates and times share.
enum DatetimeText {
  static func pad(_ n: Int, _ width: Int) -> String {
    let s = String(n)
    return s.utf8.count >= width ? s : String(repeating: "0", count: width - s.utf8.count) + s
  }

  /// "datetime.date", or the short name of a subclass: what `repr` starts with.
  static func typeName(_ v: Value) -> String {
    let name = v.type.pointee.name.swiftString
    return v.type.pointee.flags.contains(.heapType) || name.contains(".") ? name : "datetime." + name
  }

  /// "+HH:MM[:SS[.ffffff]]"
  static func offset(_ microseconds: Int128, separator: String) -> String {
    let sign = microseconds < 0 ? "-" : "+"
    let m = Int(microseconds.magnitude)
    let s = m / 1_000_000, us = m % 1_000_000
    var text = "\(sign)\(pad(s / 3600, 2))\(separator)\(pad(s / 60 % 60, 2))"
    if s % 60 != 0 || us != 0 { text += separator + pad(s % 60, 2) }
    if us != 0 { text += "." + pad(us, 6) }
    return text
  }

  static func date(_ year: Int, _ month: Int, _ day: Int) -> String { "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))" }

  /// The time of day as `timespec` (a str or null) asks, isoformat()'s argument at `place`.
  static func clock(_ vm: VM, _ c: Clock, _ timespec: Value, place: Int = 1) throws(Raised) -> String {
    var kind = "auto"
    if !timespec.isNull {
      guard timespec.isStr else {
        throw vm.raise(.typeError, "isoformat() argument \(place) must be str, not \(timespec.argumentTypeName)")
      }
      kind = timespec.swiftString
    }
    if kind == "auto" { kind = c.microsecond == 0 ? "seconds" : "microseconds" }
    let hour = pad(c.hour, 2)
    switch kind {
    case "hours": return hour
    case "minutes": return "\(hour):\(pad(c.minute, 2))"
    case "seconds": return "\(hour):\(pad(c.minute, 2)):\(pad(c.second, 2))"
    case "milliseconds": return "\(hour):\(pad(c.minute, 2)):\(pad(c.second, 2)).\(pad(c.microsecond / 1000, 3))"
    case "microseconds": return "\(hour):\(pad(c.minute, 2)):\(pad(c.second, 2)).\(pad(c.microsecond, 6))"
    default: throw vm.raise(.valueError, "Unknown timespec value")
    }
  }

  /// Arguments of the repr of a time of day: at least hour and minute.
  static func clockArguments(_ c: Clock) -> String {
    if c.microsecond != 0 { return "\(c.hour), \(c.minute), \(c.second), \(c.microsecond)" }
    if c.second != 0 { return "\(c.hour), \(c.minute), \(c.second)" }
    return "\(c.hour), \(c.minute)"
  }

  /// The end of a repr; `datetime` names the fold before the zone, `time` after it.
  static func trailer(_ vm: VM, fold: Int32, tzinfo: Value, foldLast: Bool) throws(Raised) -> String {
    let folded = fold != 0 ? ", fold=\(fold)" : ""
    let zone = tzinfo.isNone ? "" : ", tzinfo=" + (try vm.repr(tzinfo).swiftString)
    return (foldLast ? zone + folded : folded + zone) + ")"
  }

  /// `strftime` for all three types: `%z`, `%Z` and `%f` are put in here, the C library does the rest.
  static func strftime(
    _ vm: VM, _ format: Value, tuple: Value, microsecond: Int, tzinfo: Value, argument: Value
  ) throws(Raised) -> Value {
    guard format.isStr else { throw vm.raise(.typeError, "strftime() argument 1 must be str, not \(format.argumentTypeName)") }
    let source = format.utf8Bytes
    var out: [UInt8] = []
    var i = 0
    while i < source.count {
      let c = source[i]
      i += 1
      if c != 37 || i >= source.count {
        out.append(c)
        continue
      }
      let directive = source[i]
      i += 1
      switch directive {
      case UInt8(ascii: "z"):
        let o = try Zones.offset(vm, tzinfo, "utcoffset", argument)
        if !o.isNone { out.append(contentsOf: Array(offset(Deltas.microseconds(o), separator: "").utf8)) }
      case UInt8(ascii: "Z"):
        let name = try Zones.name(vm, tzinfo, argument)
        if name.isStr { out.append(contentsOf: try escaped(vm, name)) }
      case UInt8(ascii: "f"): out.append(contentsOf: Array(pad(microsecond, 6).utf8))
      default:
        out.append(37)
        out.append(directive)
      }
    }
    let text = try out.withUnsafeBytesTyped { p throws(Raised) in try vm.str(utf8: p) }
    return try vm.callMethod(try vm.importModule("time"), "strftime", text, tuple)
  }

  /// The name of a zone for strftime, by the method `replace` that it may have of its own.
  private static func escaped(_ vm: VM, _ name: Value) throws(Raised) -> [UInt8] {
    let text = try vm.callMethod(name, try vm.intern("replace"), try vm.str("%"), try vm.str("%%"))
    guard text.isStr else { throw vm.raise(.typeError, "tzname.replace() did not return a string") }
    let bytes = try vm.callMethod(text, "encode")
    return bytes.isBytes ? Array(bytes.as(BytesLayout.self).buffer) : text.utf8Bytes
  }

  /// `format(d, spec)`
  static func format(_ vm: VM, _ self: Value, _ spec: Value) throws(Raised) -> Value {
    guard spec.isStr else { throw vm.raise(.typeError, "__format__() argument 1 must be str, not \(spec.argumentTypeName)") }
    if spec.as(StrLayout.self).pointee.length == 0 { return try vm.str(of: self) }
    return try vm.callMethod(self, "strftime", spec)
  }

  /// A `time.struct_time`.
  static func timeTuple(
    _ vm: VM, _ year: Int, _ month: Int, _ day: Int, _ c: Clock, isDST: Int
  ) throws(Raised) -> Value {
    let parts = [
      year, month, day, c.hour, c.minute, c.second, Calendar.weekday(year, month, day), Calendar.daysBefore(year, month) + day, isDST,
    ]
    let tuple = try vm.tuple(count: parts.count)
    for (i, n) in parts.enumerated() { tuple.as(TupleLayout.self).items[i] = Value(smallInt: n) }
    return try vm.call(try vm.getAttribute(try vm.importModule("time"), "struct_time"), tuple)
  }

  static func ctime(_ year: Int, _ month: Int, _ day: Int, _ c: Clock) -> String {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let d = String(day)
    return
      "\(days[Calendar.weekday(year, month, day)]) \(months[month - 1]) \(d.utf8.count < 2 ? " " + d : d) \(pad(c.hour, 2)):\(pad(c.minute, 2)):\(pad(c.second, 2)) \(pad(year, 4))"
  }
}
