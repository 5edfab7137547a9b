import Glibc

/// `_lsprof`, the profiler behind `cProfile`. While one is on it is its thread's profile function, which `Tracing` hands events without
/// making frame objects or calling Python.
enum LsprofModule {
  private typealias Ref = UnsafeMutablePointer<ProfilerLayout>
  nonisolated(unsafe) private static var profilerType: TypeRef?
  nonisolated(unsafe) private static var entryType: StructSequence?
  nonisolated(unsafe) private static var pairType: StructSequence?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Fast profiler")
    profilerType = try m.type(full: "_lsprof.Profiler", "Profiler", layoutSize: MemoryLayout<ProfilerLayout>.size) {
      (t: inout TypeBuilder) throws(Raised) in
      t.doc(
        """
        Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)

        Builds a profiler. The timer is a function that answers seconds, or, with timeunit, ints of that many seconds; without one the
        system's clock serves.
        """)
      t.trace(ProfilerLayout.trace)
      t.slots.new = ManyCode(new)
      t.slots.initialize = NativeInitCode(initialize)
      t.method("enable", "($self, /, subcalls=True, builtins=True)", "Starts to count, callers and native functions as asked.", enable)
      t.method("disable", "($self, /)", "Stops counting.", disable)
      t.method("clear", "($self, /)", "Forgets what was counted.", clear)
      t.method("getstats", "($self, /)", "A list with a profiler_entry of each function.", stats)
    }
    let names: [StaticString] = ["code", "callcount", "reccallcount", "totaltime", "inlinetime"]
    let entry = try StructSequence.makeType(
      m.vm, "_lsprof.profiler_entry", module: m.module, doc: "Counts of a function.", names: names + ["calls"], visible: 6)
    entryType = entry
    m.value("profiler_entry", Value(entry.type))
    let pair = try StructSequence.makeType(
      m.vm, "_lsprof.profiler_subentry", module: m.module, doc: "Counts of a function's calls by another.", names: names, visible: 5)
    pairType = pair
    m.value("profiler_subentry", Value(pair.type))
  }

  static func isProfiler(_ v: Value) -> Bool {
    guard let profilerType, v.isCell else { return false }
    return v.isInstance(of: profilerType)
  }
  private static func layout(_ v: Value) -> Ref { v.as(ProfilerLayout.self) }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(ProfilerLayout.self, of: cls.asType))
  }

  private static func initialize(_ vm: VM, _ self: Value, _ args: Args) throws(Raised) {
    let places = try ArgChecks.bind(vm, "Profiler", args, names: ["timer", "timeunit", "subcalls", "builtins"], required: 0)
    let unit = places[1].isNull || places[1].isNone ? 0 : try vm.asDouble(places[1])
    let countsCallees = places[2].isNull ? true : try vm.isTrue(places[2])
    let countsNative = places[3].isNull ? true : try vm.isTrue(places[3])
    let p = layout(self)
    p.pointee.timer = places[0].isNone ? .null : places[0]
    p.pointee.unit = unit
    p.pointee.countsCallees = countsCallees
    p.pointee.countsNative = countsNative
  }

  // MARK: on and off

  private static let enable: NativeMany = { vm, v, args throws(Raised) in
    let p = layout(v)
    // What is not said stays as the constructor, or an earlier call, has set it.
    let callees = args[0].isNull ? p.pointee.countsCallees : try vm.isTrue(args[0])
    let native = args[1].isNull ? p.pointee.countsNative : try vm.isTrue(args[1])
    p.pointee.countsCallees = callees
    p.pointee.countsNative = native
    Tracing.setProfile(vm, v)
    p.pointee.isOn = true
    return .none
  }

  private static let disable: NativeNoArgs = { vm, v throws(Raised) in
    Tracing.setProfile(vm, .null)
    let p = layout(v)
    p.pointee.isOn = false
    while p.pointee.depth > 0 { leaveInnermost(p, now(vm, v)) }
    return .none
  }

  private static let clear: NativeNoArgs = { vm, v throws(Raised) in
    let p = layout(v)
    p.pointee.count = 0
    p.pointee.depth = 0
    p.pointee.names = .null
    p.pointee.tableSize = 0
    p.pointee.table = nil
    return .none
  }

  // MARK: events

  /// The running thread's profiler is told of an event: `subject` is the native function that is called or left, null for the frame's code.
  static func event(_ vm: VM, _ v: Value, _ fp: Registers, _ event: Tracing.Event, _ subject: Value) {
    let p = layout(v)
    vm.thread.pointee.tracing &+= 1
    defer { vm.thread.pointee.tracing &-= 1 }
    switch event {
    case .call: enter(vm, v, codeEntry(vm, p, fp))
    case .nativeCall: if p.pointee.countsNative { enter(vm, v, nativeEntry(vm, p, subject)) }
    case .return: if p.pointee.depth > 0 { leave(vm, v, codeEntry(vm, p, fp)) }
    case .nativeReturn, .nativeException:
      if p.pointee.countsNative, p.pointee.depth > 0 { leave(vm, v, nativeEntry(vm, p, subject)) }
    default: break
    }
  }

  private static func codeEntry(_ vm: VM, _ p: Ref, _ fp: Registers) -> Int32 {
    let code = Value(fp.frameCode)
    return entry(vm, p, UInt(bitPattern: code.cell), 0) { code }
  }

  private static func nativeEntry(_ vm: VM, _ p: Ref, _ subject: Value) -> Int32 {
    let f = subject.as(NativeFunctionLayout.self)
    return entry(vm, p, UInt(bitPattern: f.pointee.code), UInt(truncatingIfNeeded: f.pointee.name.bits)) { () throws(Raised) in
      try label(vm, f)
    }
  }

  /// CPython's text for a native function.
  private static func label(_ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>) throws(Raised) -> Value {
    let name = f.pointee.name.swiftString
    let receiver = f.pointee.receiver
    if receiver.isNull || receiver.isInstance(of: rt.types.module) {
      let module = f.pointee.module
      return try vm.str(module.isStr ? "<built-in method \(module.swiftString).\(name)>" : "<built-in method \(name)>")
    }
    let descriptor = Types.lookup(receiver.type, try vm.intern(f.pointee.name))
    if !descriptor.isNull { return try vm.repr(descriptor) }
    return try vm.str("<built-in method \(name)>")
  }

  private static func enter(_ vm: VM, _ v: Value, _ number: Int32) {
    let p = layout(v)
    guard number >= 0, growCalls(vm, p), let entries = p.pointee.entries, let calls = p.pointee.calls else { return }
    entries[Int(number)].running &+= 1
    if p.pointee.countsCallees, p.pointee.depth > 0 {
      let pair = pairEntry(vm, p, calls[p.pointee.depth &- 1].entry, number)
      if pair >= 0 { p.pointee.entries?[Int(pair)].running &+= 1 }
    }
    p.pointee.calls?[p.pointee.depth] = ProfilerCall(entry: number, start: 0, callees: 0)
    p.pointee.depth &+= 1
    // A timer that raises or clears must find the call in place.
    let start = now(vm, v)
    if p.pointee.depth > 0 { p.pointee.calls?[p.pointee.depth &- 1].start = start }
  }

  private static func leave(_ vm: VM, _ v: Value, _ number: Int32) {
    let p = layout(v)
    let time = now(vm, v)
    guard p.pointee.depth > 0, number >= 0 else { return }
    leaveInnermost(p, time)
  }

  private static func leaveInnermost(_ p: Ref, _ time: Int64) {
    guard let calls = p.pointee.calls, let entries = p.pointee.entries, p.pointee.depth > 0 else { return }
    p.pointee.depth &-= 1
    let depth = p.pointee.depth
    let call = calls[depth]
    guard Int(call.entry) < p.pointee.count else { return }
    let total = time &- call.start
    let inline = total &- call.callees
    if depth > 0 { calls[depth &- 1].callees &+= total }
    count(entries + Int(call.entry), total, inline)
    guard p.pointee.countsCallees, depth > 0 else { return }
    let pair = find(p, ProfilerEntry.pairKey | UInt(UInt32(bitPattern: calls[depth &- 1].entry)), UInt(UInt32(bitPattern: call.entry)))
    if pair >= 0 { count(entries + Int(pair), total, inline) }
  }

  private static func count(_ e: UnsafeMutablePointer<ProfilerEntry>, _ total: Int64, _ inline: Int64) {
    e.pointee.running &-= 1
    if e.pointee.running == 0 { e.pointee.total &+= total } else { e.pointee.recursiveCalls &+= 1 }
    e.pointee.inline &+= inline
    e.pointee.calls &+= 1
  }

  // MARK: time

  /// The time in nanoseconds, or in units of the timer. What a timer raises is reported and counts as 0.
  private static func now(_ vm: VM, _ v: Value) -> Int64 {
    let p = layout(v)
    if p.pointee.timer.isNull {
      var t = timespec()
      clock_gettime(CLOCK_MONOTONIC, &t)
      return Int64(t.tv_sec) &* 1_000_000_000 &+ Int64(t.tv_nsec)
    }
    let timer = p.pointee.timer
    let pending = vm.takePending()
    let reraising = vm.thread.pointee.reraising
    var time: Int64 = 0
    vm.thread.pointee.tracing &+= 1
    do throws(Raised) {
      time = try vm.withKept(pending) { () throws(Raised) -> Int64 in try read(vm, try vm.call(timer), hasUnit: p.pointee.unit > 0) }
    } catch {
      vm.writeUnraisable("", timer)
    }
    vm.thread.pointee.tracing &-= 1
    vm.thread.pointee.pending = pending
    vm.thread.pointee.reraising = reraising
    return time
  }

  private static func read(_ vm: VM, _ v: Value, hasUnit: Bool) throws(Raised) -> Int64 {
    if v.isDouble, !hasUnit {
      let d = (v.double * 1e9).rounded(.down)
      if d.isNaN { throw vm.raise(.valueError, "Invalid value NaN (not a number)") }
      guard let n = Int64(exactly: d) else { throw vm.raise(.overflowError, "timestamp too large to convert to C _PyTime_t") }
      return n
    }
    let n = try vm.index(v)
    guard let whole = Ints.asInt64(n) else {
      throw vm.raise(
        .overflowError, hasUnit ? "Python int too large to convert to C long" : "timestamp too large to convert to C _PyTime_t")
    }
    if hasUnit { return Int64(whole) }
    let (ns, overflow) = Int64(whole).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { throw vm.raise(.overflowError, "timestamp too large to convert to C _PyTime_t") }
    return ns
  }

  // MARK: entries

  private static func slot(_ p: Ref, _ key: UInt, _ second: UInt) -> Int {
    let hash = (key ^ second &* 0x9E37_79B9_7F4A_7C15) &* 0xFF51_AFD7_ED55_8CCD
    return Int(truncatingIfNeeded: hash >> 32) & (p.pointee.tableSize &- 1)
  }

  /// The number of the entry of a key; -1 without one.
  private static func find(_ p: Ref, _ key: UInt, _ second: UInt) -> Int32 {
    guard let table = p.pointee.table, let entries = p.pointee.entries, p.pointee.tableSize > 0 else { return -1 }
    var i = slot(p, key, second)
    while table[i] >= 0 {
      let e = entries + Int(table[i])
      if e.pointee.key == key, e.pointee.secondKey == second { return table[i] }
      i = (i &+ 1) & (p.pointee.tableSize &- 1)
    }
    return -1
  }

  /// The same, made if need be; -1 when there is no memory for it. A pending exception stays.
  private static func entry(_ vm: VM, _ p: Ref, _ key: UInt, _ second: UInt, _ name: () throws(Raised) -> Value) -> Int32 {
    let known = find(p, key, second)
    if known >= 0 { return known }
    let pending = vm.takePending()
    let reraising = vm.thread.pointee.reraising
    defer {
      vm.thread.pointee.pending = pending
      vm.thread.pointee.reraising = reraising
    }
    do throws(Raised) {
      return try vm.withKept(pending) { () throws(Raised) -> Int32 in
        if p.pointee.names.isNull { p.pointee.names = try vm.list() }
        let place = p.pointee.names.as(ListLayout.self).pointee.count
        try vm.append(p.pointee.names, try name())
        return try add(vm, p, key, second, name: Int32(truncatingIfNeeded: place), callee: -1)
      }
    } catch {
      vm.clearPending()
      return -1
    }
  }

  private static func pairEntry(_ vm: VM, _ p: Ref, _ caller: Int32, _ callee: Int32) -> Int32 {
    let key = ProfilerEntry.pairKey | UInt(UInt32(bitPattern: caller))
    let known = find(p, key, UInt(UInt32(bitPattern: callee)))
    if known >= 0 { return known }
    do throws(Raised) {
      let n = try add(vm, p, key, UInt(UInt32(bitPattern: callee)), name: -1, callee: callee)
      guard let entries = p.pointee.entries else { return -1 }
      entries[Int(n)].pair = entries[Int(caller)].pair
      entries[Int(caller)].pair = n
      return n
    } catch {
      vm.clearPending()
      return -1
    }
  }

  private static func add(
    _ vm: VM, _ p: Ref, _ key: UInt, _ second: UInt, name: Int32, callee: Int32
  ) throws(Raised) -> Int32 {
    if p.pointee.count == p.pointee.capacity {
      let larger = max(64, p.pointee.capacity * 2)
      let fresh = try vm.allocateBytes(larger * MemoryLayout<ProfilerEntry>.stride).assumingMemoryBound(to: ProfilerEntry.self)
      if let old = p.pointee.entries { fresh.update(from: old, count: p.pointee.count) }
      p.pointee.entries = fresh
      p.pointee.capacity = larger
    }
    if (p.pointee.count + 1) * 2 > p.pointee.tableSize {
      let size = max(128, p.pointee.tableSize * 2)
      let fresh = try vm.allocateBytes(size * 4).assumingMemoryBound(to: Int32.self)
      memset(fresh, 0xFF, size * 4)
      p.pointee.table = fresh
      p.pointee.tableSize = size
      for n in 0..<p.pointee.count { enterInTable(p, Int32(truncatingIfNeeded: n)) }
    }
    let n = Int32(truncatingIfNeeded: p.pointee.count)
    p.pointee.entries?[p.pointee.count] = ProfilerEntry(
      key: key, secondKey: second, name: name, running: 0, callee: callee, pair: -1, calls: 0, recursiveCalls: 0, total: 0, inline: 0)
    p.pointee.count &+= 1
    enterInTable(p, n)
    return n
  }

  private static func enterInTable(_ p: Ref, _ n: Int32) {
    guard let table = p.pointee.table, let entries = p.pointee.entries else { return }
    var i = slot(p, entries[Int(n)].key, entries[Int(n)].secondKey)
    while table[i] >= 0 { i = (i &+ 1) & (p.pointee.tableSize &- 1) }
    table[i] = n
  }

  private static func growCalls(_ vm: VM, _ p: Ref) -> Bool {
    if p.pointee.depth < p.pointee.callCapacity { return true }
    let larger = max(64, p.pointee.callCapacity * 2)
    do throws(Raised) {
      let fresh = try vm.allocateBytes(larger * MemoryLayout<ProfilerCall>.stride).assumingMemoryBound(to: ProfilerCall.self)
      if let old = p.pointee.calls { fresh.update(from: old, count: p.pointee.depth) }
      p.pointee.calls = fresh
      p.pointee.callCapacity = larger
      return true
    } catch {
      vm.clearPending()
      return false
    }
  }

  // MARK: results

  private static let stats: NativeNoArgs = { vm, v throws(Raised) in
    let p = layout(v)
    let result = try vm.list()
    guard let entryType, let pairType else { return result }
    let factor = p.pointee.timer.isNull || p.pointee.unit == 0 ? 1e-9 : p.pointee.unit
    for n in 0..<p.pointee.count {
      guard let e = p.pointee.entries?[n], e.name >= 0, e.calls > 0 else { continue }
      let record = try entryType.make(vm)
      try fill(vm, p, record, e, e.name, factor)
      var pair = e.pair
      if pair >= 0 {
        let calls = try vm.list()
        record.as(TupleLayout.self).items[5] = calls
        while pair >= 0, let s = p.pointee.entries?[Int(pair)] {
          let callee = p.pointee.entries?[Int(s.callee)].name ?? -1
          let sub = try pairType.make(vm)
          try fill(vm, p, sub, s, callee, factor)
          try vm.append(calls, sub)
          pair = s.pair
        }
      }
      try vm.append(result, record)
    }
    return result
  }

  private static func fill(_ vm: VM, _ p: Ref, _ record: Value, _ e: ProfilerEntry, _ name: Int32, _ factor: Double) throws(Raised) {
    let items = record.as(TupleLayout.self).items
    if p.pointee.names.isList, let names = p.pointee.names.as(ListLayout.self).pointee.items, name >= 0 { items[0] = names[Int(name)] }
    items[1] = try vm.int(e.calls)
    items[2] = try vm.int(e.recursiveCalls)
    items[3] = Value(Double(e.total) * factor)
    items[4] = Value(Double(e.inline) * factor)
  }
}
