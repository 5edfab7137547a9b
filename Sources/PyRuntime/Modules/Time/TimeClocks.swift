import Glibc

/// Nanoseconds, as all clocks here count.
typealias Nanoseconds = Int

/// Python's ways of saying a time, to machine ones.
enum TimeValues {
  /// Seconds from a float or an int, in nanoseconds rounded away from zero.
  static func timeout(_ vm: VM, _ v: Value) throws(Raised) -> Nanoseconds {
    if v.isFloat {
      let d = Floats.double(v)
      if d.isNaN { throw vm.raise(.valueError, "Invalid value NaN (not a number)") }
      let ns = (d * 1e9).rounded(.awayFromZero)
      guard ns >= -0x1p63 && ns < 0x1p63 else { throw tooLarge(vm) }
      return Int(ns)
    }
    let i = try vm.index(v)
    guard let s = Ints.asInt64(i) else { throw tooLarge(vm) }
    let (ns, overflow) = s.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { throw tooLarge(vm) }
    return ns
  }
  private static func tooLarge(_ vm: VM) -> Raised { vm.raise(.overflowError, "timestamp too large to convert to C _PyTime_t") }

  /// Whole seconds since 1970 from a float (rounded down) or an int.
  static func seconds(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    if v.isFloat {
      let d = Floats.double(v)
      if d.isNaN { throw vm.raise(.valueError, "Invalid value NaN (not a number)") }
      let floor = d.rounded(.down)
      guard floor >= -0x1p63 && floor < 0x1p63 else { throw outOfRange(vm) }
      return Int(floor)
    }
    guard let s = Ints.asInt64(try vm.index(v)) else { throw outOfRange(vm) }
    return s
  }
  static func outOfRange(_ vm: VM) -> Raised { vm.raise(.overflowError, "timestamp out of range for platform time_t") }

  static func double(_ ns: Nanoseconds) -> Double {
    ns % 1_000_000_000 == 0 ? Double(ns / 1_000_000_000) : Double(ns) / 1e9
  }

  static func nanoseconds(_ t: timespec) -> Nanoseconds {
    Int(t.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int(t.tv_nsec)
  }

  /// `OSError(errno, strerror(errno))`
  static func systemError(_ vm: VM, _ number: Int32) -> Raised {
    do throws(Raised) {
      let text = try vm.str(strerror(number).map { String(cString: $0) } ?? "Unknown error")
      return vm.raise(try vm.call(Value(rt.types[.osError]), Value(smallInt: Int(number)), text))
    } catch { return error }
  }
}

/// Clocks and sleeping.
extension TimeModule {
  static func read(_ vm: VM, _ clock: clockid_t) throws(Raised) -> Nanoseconds {
    var t = timespec()
    if clock_gettime(clock, &t) != 0 { throw TimeValues.systemError(vm, errno) }
    return TimeValues.nanoseconds(t)
  }

  private static func clock(_ vm: VM, _ v: Value) throws(Raised) -> clockid_t {
    let i = try vm.index(v)
    guard let n = Ints.asInt64(i), let id = Int32(exactly: n) else {
      throw vm.raise(
        .overflowError,
        Ints.asInt64(i) == nil
          ? "Python int too large to convert to C long"
          : "signed integer is \(Ints.sign(i) < 0 ? "less than minimum" : "greater than maximum")")
    }
    return id
  }

  static func declareClocks(_ m: inout ModuleBuilder) throws(Raised) {
    m.function("time", nil, "time() -> floating point number\n\nSeconds since 1970.") { (vm, _) throws(Raised) in
      Value(TimeValues.double(try read(vm, CLOCK_REALTIME)))
    }
    m.function("time_ns", nil, "time_ns() -> int\n\nNanoseconds since 1970.") { (vm, _) throws(Raised) in
      try vm.int(try read(vm, CLOCK_REALTIME))
    }
    m.function("monotonic", nil, "monotonic() -> float\n\nSeconds on a clock that never goes back.") { (vm, _) throws(Raised) in
      Value(TimeValues.double(try read(vm, CLOCK_MONOTONIC)))
    }
    m.function("monotonic_ns", nil, "monotonic_ns() -> int\n\nNanoseconds on a clock that never goes back.") { (vm, _) throws(Raised) in
      try vm.int(try read(vm, CLOCK_MONOTONIC))
    }
    m.function("perf_counter", nil, "perf_counter() -> float\n\nSeconds on the clock with the finest resolution.") {
      (vm, _) throws(Raised) in Value(TimeValues.double(try read(vm, CLOCK_MONOTONIC)))
    }
    m.function("perf_counter_ns", nil, "perf_counter_ns() -> int\n\nNanoseconds on the clock with the finest resolution.") {
      (vm, _) throws(Raised) in try vm.int(try read(vm, CLOCK_MONOTONIC))
    }
    m.function("process_time", nil, "process_time() -> float\n\nSeconds of processor time used by this process.") {
      (vm, _) throws(Raised) in Value(TimeValues.double(try read(vm, CLOCK_PROCESS_CPUTIME_ID)))
    }
    m.function("process_time_ns", nil, "process_time_ns() -> int\n\nNanoseconds of processor time used by this process.") {
      (vm, _) throws(Raised) in try vm.int(try read(vm, CLOCK_PROCESS_CPUTIME_ID))
    }
    m.function("thread_time", nil, "thread_time() -> float\n\nSeconds of processor time used by this thread.") {
      (vm, _) throws(Raised) in Value(TimeValues.double(try read(vm, CLOCK_THREAD_CPUTIME_ID)))
    }
    m.function("thread_time_ns", nil, "thread_time_ns() -> int\n\nNanoseconds of processor time used by this thread.") {
      (vm, _) throws(Raised) in try vm.int(try read(vm, CLOCK_THREAD_CPUTIME_ID))
    }
    m.function("clock_gettime", nil, "clock_gettime(clk_id) -> float\n\nTime of a clock in seconds.") { (vm, _, id) throws(Raised) in
      Value(TimeValues.double(try read(vm, try clock(vm, id))))
    }
    m.function("clock_gettime_ns", nil, "clock_gettime_ns(clk_id) -> int\n\nTime of a clock in nanoseconds.") {
      (vm, _, id) throws(Raised) in try vm.int(try read(vm, try clock(vm, id)))
    }
    m.function("clock_getres", nil, "clock_getres(clk_id) -> floating point number\n\nResolution of a clock in seconds.") {
      (vm, _, id) throws(Raised) in
      var t = timespec()
      if Glibc.clock_getres(try clock(vm, id), &t) != 0 { throw TimeValues.systemError(vm, errno) }
      return Value(Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9)
    }
    m.function("clock_settime", nil, "clock_settime(clk_id, time)\n\nSets a clock, in seconds.") { (vm, _, id, time) throws(Raised) in
      try set(vm, try clock(vm, id), try TimeValues.timeout(vm, time))
    }
    m.function("clock_settime_ns", nil, "clock_settime_ns(clk_id, time)\n\nSets a clock, in nanoseconds.") {
      (vm, _, id, time) throws(Raised) in try set(vm, try clock(vm, id), try vm.asInt(time))
    }
    m.function("pthread_getcpuclockid", nil, "pthread_getcpuclockid(thread_id) -> int\n\nClock of a thread's processor time.") {
      (vm, _, id) throws(Raised) in
      guard id.isInt else { throw vm.raise(.typeError, "an integer is required") }
      var clock: clockid_t = 0
      let thread = pthread_t(truncatingIfNeeded: Ints.low64(id))
      // A thread that does not exist would be undefined behaviour in the C library: only our own threads are asked.
      var known = rt.threads
      while let t = known, t.pointee.id != UInt(thread) { known = t.pointee.next }
      let result = known == nil ? ESRCH : Glibc.pthread_getcpuclockid(thread, &clock)
      if result != 0 { throw TimeValues.systemError(vm, result) }
      return Value(smallInt: Int(clock))
    }
    m.function("sleep", nil, "sleep(seconds)\n\nWaits; a fraction of a second may be given.", sleep)
    m.function("get_clock_info", nil, "get_clock_info(name: str) -> dict\n\nWhat is known about the clock of this name.", clockInfo)
    for (name, id) in [("CLOCK_REALTIME", 0), ("CLOCK_MONOTONIC", 1)] as [(StaticString, Int)] { try m.int(name, id) }
    try m.int("CLOCK_PROCESS_CPUTIME_ID", 2)
    try m.int("CLOCK_THREAD_CPUTIME_ID", 3)
    try m.int("CLOCK_MONOTONIC_RAW", 4)
    try m.int("CLOCK_BOOTTIME", 7)
    try m.int("CLOCK_TAI", 11)
  }

  private static func set(_ vm: VM, _ clock: clockid_t, _ ns: Nanoseconds) throws(Raised) -> Value {
    var t = timespec(tv_sec: ns / 1_000_000_000, tv_nsec: ns % 1_000_000_000)
    if Glibc.clock_settime(clock, &t) != 0 { throw TimeValues.systemError(vm, errno) }
    return .none
  }

  /// Until a deadline on the monotonic clock; signals that arrive are handled and the rest is slept.
  static func sleep(_ vm: VM, _ module: Value, _ seconds: Value) throws(Raised) -> Value {
    let ns = try TimeValues.timeout(vm, seconds)
    if ns < 0 { throw vm.raise(.valueError, "sleep length must be non-negative") }
    let (deadline, overflow) = (try read(vm, CLOCK_MONOTONIC)).addingReportingOverflow(ns)
    if overflow { throw vm.raise(.overflowError, "timestamp too large to convert to C _PyTime_t") }
    while true {
      let result = vm.unlocked { () -> Int32 in
        var t = timespec(tv_sec: deadline / 1_000_000_000, tv_nsec: deadline % 1_000_000_000)
        return clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &t, nil)
      }
      if result == 0 { return .none }
      if result != EINTR { throw TimeValues.systemError(vm, result) }
      if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
    }
  }

  private static func clockInfo(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "get_clock_info() argument 1 must be str, not \(name.argumentTypeName)") }
    let clock: String
    let id: clockid_t
    if Str.equal(name, "time") {
      (clock, id) = ("CLOCK_REALTIME", CLOCK_REALTIME)
    } else if Str.equal(name, "monotonic") || Str.equal(name, "perf_counter") {
      (clock, id) = ("CLOCK_MONOTONIC", CLOCK_MONOTONIC)
    } else if Str.equal(name, "process_time") {
      (clock, id) = ("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID)
    } else if Str.equal(name, "thread_time") {
      (clock, id) = ("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID)
    } else {
      throw vm.raise(.valueError, "unknown clock")
    }
    var t = timespec()
    if Glibc.clock_getres(id, &t) != 0 { throw TimeValues.systemError(vm, errno) }
    let fields = try vm.dict()
    try Dicts.set(vm, fields, "implementation", try vm.str("clock_gettime(\(clock))"))
    try Dicts.set(vm, fields, "monotonic", .bool(id != CLOCK_REALTIME))
    try Dicts.set(vm, fields, "adjustable", .bool(id == CLOCK_REALTIME))
    try Dicts.set(vm, fields, "resolution", Value(Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9))
    return try vm.call(Value(rt.types.simpleNamespace), tuple: rt.pointee.emptyTuple, dict: fields)
  }
}
