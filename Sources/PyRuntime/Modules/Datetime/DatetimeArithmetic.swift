import Glibc

/// Sums, differences, comparisons and hashes of `datetime`, and local time.
enum DatetimeArithmetic {
  private static func layout(_ v: Value) -> UnsafeMutablePointer<DateTimeLayout> { v.as(DateTimeLayout.self) }

  /// Microseconds since the day before January 1 of year 1, zone ignored.
  static func microseconds(_ v: Value) -> Int {
    let d = layout(v).pointee
    let days = Calendar.ordinal(Int(d.year), Int(d.month), Int(d.day))
    return ((days * 24 + Int(d.hour)) * 60 + Int(d.minute)) * 60 * 1_000_000 + Int(d.second) * 1_000_000 + Int(d.microsecond)
  }

  static func seconds(_ year: Int, _ month: Int, _ day: Int, _ c: Clock) -> Int {
    ((Calendar.ordinal(year, month, day) * 24 + c.hour) * 60 + c.minute) * 60 + c.second
  }
  /// `seconds` of January 1, 1970
  static let epoch = 719_163 * 86400

  static func parts(_ us: Int) -> (Int, Int, Int, Clock) {
    let day = us / 86_400_000_000, rest = us % 86_400_000_000
    let (y, m, d) = Calendar.date(day)
    let s = rest / 1_000_000
    return (y, m, d, Clock(hour: s / 3600, minute: s / 60 % 60, second: s % 60, microsecond: rest % 1_000_000))
  }

  /// `v + delta` with the zone kept and nothing known about it.
  static func shift(_ vm: VM, _ v: Value, _ delta: Int128) throws(Raised) -> Value {
    let us = Int128(microseconds(v)) + delta
    guard us >= Deltas.microsecondsPerDay, us < Int128(Calendar.maxOrdinal + 1) * Deltas.microsecondsPerDay else {
      throw vm.raise(.overflowError, "date value out of range")
    }
    let (y, m, d, c) = parts(Int(us))
    return try DatetimeType.make(vm, Value(v.type), y, m, d, c, layout(v).pointee.tzinfo, 0)
  }

  static func add(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if DatetimeTypes.isDatetime(a) && DatetimeTypes.isDelta(b) { return try shift(vm, a, Deltas.microseconds(b)) }
    if DatetimeTypes.isDelta(a) && DatetimeTypes.isDatetime(b) { return try shift(vm, b, Deltas.microseconds(a)) }
    return .notImplemented
  }

  static func subtract(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard DatetimeTypes.isDatetime(a) else { return .notImplemented }
    if DatetimeTypes.isDelta(b) { return try shift(vm, a, -Deltas.microseconds(b)) }
    guard DatetimeTypes.isDatetime(b) else { return .notImplemented }
    var difference = Int128(microseconds(a)) - Int128(microseconds(b))
    if layout(a).pointee.tzinfo != layout(b).pointee.tzinfo {
      let p = try Zones.utcOffset(vm, a), q = try Zones.utcOffset(vm, b)
      if p.isNone != q.isNone { throw vm.raise(.typeError, "can't subtract offset-naive and offset-aware datetimes") }
      if !p.isNone { difference += Deltas.microseconds(q) - Deltas.microseconds(p) }
    }
    return try Deltas.make(vm, difference)
  }

  /// Whether the offset of `v` depends on its fold: then it equals nothing in another zone (PEP 495).
  private static func isProblematic(_ vm: VM, _ v: Value, _ offset: Value) throws(Raised) -> Bool {
    let flipped = try DatetimeType.copy(vm, v, tzinfo: layout(v).pointee.tzinfo, fold: 1 - layout(v).pointee.fold)
    let other = try Zones.utcOffset(vm, flipped)
    if other.isNone || offset.isNone { return other.isNone != offset.isNone }
    return Deltas.microseconds(other) != Deltas.microseconds(offset)
  }

  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard DatetimeTypes.isDatetime(a) else { return .notImplemented }
    guard DatetimeTypes.isDatetime(b) else {
      if !DatetimeTypes.isDate(b) { return .notImplemented }
      if op == .eq { return .false }
      if op == .ne { return .true }
      throw vm.raise(.typeError, "can't compare \(qualified(a)) to \(qualified(b))")
    }
    var x = Int128(microseconds(a)), y = Int128(microseconds(b))
    if layout(a).pointee.tzinfo != layout(b).pointee.tzinfo {
      let p = try Zones.utcOffset(vm, a), q = try Zones.utcOffset(vm, b)
      if p.isNone != q.isNone {
        if op == .eq { return .false }
        if op == .ne { return .true }
        throw vm.raise(.typeError, "can't compare offset-naive and offset-aware datetimes")
      }
      if !p.isNone {
        x -= Deltas.microseconds(p)
        y -= Deltas.microseconds(q)
      }
      if x == y && (op == .eq || op == .ne) {
        let odd: Bool
        if try isProblematic(vm, a, p) { odd = true } else { odd = try isProblematic(vm, b, q) }
        if odd { return .bool(op == .ne) }
      }
    }
    return IntCompare.answer(x < y ? -1 : x > y ? 1 : 0, op)
  }

  private static func qualified(_ v: Value) -> String { DatetimeText.typeName(v) }

  static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let cell = layout(v)
    if cell.pointee.hash == -1 {
      let plain = cell.pointee.fold == 0 ? v : try DatetimeType.copy(vm, v, tzinfo: cell.pointee.tzinfo, fold: 0)
      let o = try Zones.utcOffset(vm, plain)
      if o.isNone {
        cell.pointee.hash = DatetimeType.state(v, foldBit: false).withUnsafeBytes { Str.hash(bytes: $0) }
      } else {
        cell.pointee.hash = try vm.hash(try Deltas.make(vm, Int128(microseconds(v)) - Deltas.microseconds(o)))
      }
    }
    return cell.pointee.hash
  }

  // MARK: local time

  /// Seconds (as `seconds` counts) that local clocks show at `u` seconds of UTC.
  private static func local(_ vm: VM, _ u: Int) throws(Raised) -> Int {
    let p = try TimeModule.local(vm, u - epoch)
    let c = Clock(hour: Int(p.tm_hour), minute: Int(p.tm_min), second: min(59, Int(p.tm_sec)))
    return seconds(Int(p.tm_year) + 1900, Int(p.tm_mon) + 1, Int(p.tm_mday), c)
  }
  /// No zone changes its clocks by more than this.
  private static let longestFold = 86400

  /// UTC of a local time; in a fold the earlier or the later one, in a gap as PEP 495 extrapolates.
  static func utc(_ vm: VM, local t: Int, fold: Int) throws(Raised) -> Int {
    let a = try local(vm, t) - t
    let u1 = t - a
    let t1 = try local(vm, u1)
    var b: Int
    if t1 == t {
      let probe = fold != 0 ? u1 + longestFold : u1 - longestFold
      b = try local(vm, probe) - probe
      if a == b { return u1 }
    } else {
      b = t1 - u1
    }
    let u2 = t - b
    if try local(vm, u2) == t { return u2 }
    if t1 == t { return u1 }
    return fold != 0 ? min(u1, u2) : max(u1, u2)
  }

  /// Whether the local time of `moment` (seconds since 1970) is the second one of a fold.
  static func isFold(_ vm: VM, _ moment: Int, _ shown: Int) throws(Raised) -> Bool {
    // Before the first days of year 1 nothing can be probed.
    if shown - longestFold < 86400 * 2 { return false }
    let before = try local(vm, epoch + moment - longestFold)
    let transition = shown - before - longestFold
    if transition >= 0 { return false }
    return try local(vm, epoch + moment + transition) == shown
  }

  /// The zone that local clocks keep at a moment, as a fixed offset with a name.
  static func localZone(_ vm: VM, _ moment: Int) throws(Raised) -> Value {
    let p = try TimeModule.local(vm, moment)
    let name = try vm.str(p.tm_zone.map { String(cString: $0) } ?? "")
    return try ZoneTypes.makeTimezone(vm, try Deltas.seconds(vm, p.tm_gmtoff), name)
  }
}
