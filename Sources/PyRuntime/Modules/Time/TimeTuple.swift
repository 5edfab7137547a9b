import Glibc

/// A Python time tuple as C's `struct tm`.
struct TimeTuple {
  var parts = tm()
  /// `tm_zone` of a struct_time, to which `parts.tm_zone` points while a conversion runs
  var zone: [CChar]?

  init(_ vm: VM, _ v: Value, _ function: String) throws(Raised) {
    guard v.isTuple else { throw vm.raise(.typeError, "Tuple or struct_time argument required") }
    let t = v.as(TupleLayout.self)
    if t.pointee.count != TimeModule.visibleFields { throw vm.raise(.typeError, "\(function)(): illegal time tuple argument") }
    var n: [Int] = []
    for i in 0..<TimeModule.visibleFields {
      let x = try vm.index(t.items[i])
      guard let k = Ints.asInt64(x) else { throw vm.raise(.overflowError, "Python int too large to convert to C long") }
      if k > Int(Int32.max) { throw vm.raise(.overflowError, "signed integer is greater than maximum") }
      if k < Int(Int32.min) { throw vm.raise(.overflowError, "signed integer is less than minimum") }
      n.append(k)
    }
    if n[0] < Int(Int32.min) + 1900 { throw vm.raise(.overflowError, "year out of range") }
    parts.tm_year = Int32(n[0] - 1900)
    parts.tm_mon = Int32(truncatingIfNeeded: n[1] - 1)
    parts.tm_mday = Int32(n[2])
    parts.tm_hour = Int32(n[3])
    parts.tm_min = Int32(n[4])
    parts.tm_sec = Int32(n[5])
    parts.tm_wday = Int32((n[6] + 1) % 7)
    parts.tm_yday = Int32(truncatingIfNeeded: n[7] - 1)
    parts.tm_isdst = Int32(n[8])
    if TimeModule.isStructTime(v) {
      let offset = t.items[10], name = t.items[9]
      if name.isStr { zone = String(cString: Array(name.swiftString.utf8) + [0]).utf8CString.map { $0 } }
      if offset.isInt, let seconds = Ints.asInt64(offset) { parts.tm_gmtoff = seconds }
    }
  }

  /// Zeros that stand for "unknown" become the least value; anything that C's functions must not see is refused.
  mutating func check(_ vm: VM) throws(Raised) {
    if parts.tm_mon == -1 { parts.tm_mon = 0 }
    if parts.tm_mon < 0 || parts.tm_mon > 11 { throw vm.raise(.valueError, "month out of range") }
    if parts.tm_mday == 0 { parts.tm_mday = 1 }
    if parts.tm_mday < 0 || parts.tm_mday > 31 { throw vm.raise(.valueError, "day of month out of range") }
    if parts.tm_hour < 0 || parts.tm_hour > 23 { throw vm.raise(.valueError, "hour out of range") }
    if parts.tm_min < 0 || parts.tm_min > 59 { throw vm.raise(.valueError, "minute out of range") }
    if parts.tm_sec < 0 || parts.tm_sec > 61 { throw vm.raise(.valueError, "seconds out of range") }
    if parts.tm_wday < 0 { throw vm.raise(.valueError, "day of week out of range") }
    if parts.tm_yday == -1 { parts.tm_yday = 0 }
    if parts.tm_yday < 0 || parts.tm_yday > 365 { throw vm.raise(.valueError, "day of year out of range") }
  }

  /// `time.strftime(format[, tuple])`
  static func format(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    try TimeModule.count(vm, "strftime", args, 1, 2)
    guard args[0].isStr else { throw vm.raise(.typeError, "strftime() argument 1 must be str, not \(args[0].argumentTypeName)") }
    var fields: TimeTuple
    if args.count == 1 {
      fields = TimeTuple(parts: try TimeModule.local(vm, time(nil)), zone: nil)
    } else {
      fields = try TimeTuple(vm, args[1], "strftime")
      try fields.check(vm)
    }
    fields.parts.tm_isdst = max(-1, min(1, fields.parts.tm_isdst))
    let text = args[0].utf8Bytes
    if text.contains(0) { throw vm.raise(.valueError, "embedded null character") }
    let out = fields.formatted(text)
    return try out.withUnsafeBytesTyped { p throws(Raised) in try vm.str(utf8: p) }
  }

  private init(parts: tm, zone: [CChar]?) {
    self.parts = parts
    self.zone = zone
  }

  /// C's strftime with a buffer that grows until the text fits; an empty answer for 256 times the format is taken as empty.
  private func formatted(_ format: [UInt8]) -> [UInt8] {
    if format.isEmpty { return [] }
    let pattern = format.map { CChar(bitPattern: $0) } + [0]
    var size = 1024
    while true {
      var parts = parts
      let out = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = buffer.withMemoryRebound(to: CChar.self) { b -> Int in
          guard let base = b.baseAddress else { return 0 }
          guard let zone else { return strftime(base, size, pattern, &parts) }
          return zone.withUnsafeBufferPointer { z in
            parts.tm_zone = z.baseAddress
            return strftime(base, size, pattern, &parts)
          }
        }
      }
      if !out.isEmpty || size >= 256 * format.count { return out }
      size *= 2
    }
  }
}
