import CRuntimeSupport
import Glibc

/// `_thread`
enum ThreadModule {
  /// A lock is held or free; waiters sleep on the condition. Cells do not move, so the pthread objects lie in this one, and nothing has to
  /// be done when it dies: an object that its finalizer brings back to life still has its lock.
  struct LockLayout {
    var header: CellHeader
    /// RLock only: the owning thread's id and how often it holds the lock
    var owner: UInt
    var depth: Int
    var state: LockState
  }
  struct LockState {
    var mutex = pthread_mutex_t()
    var condition = pthread_cond_t()
    /// Under `mutex`: whether a thread has it. One that has waited has it before it has the interpreter lock.
    var held = false
    /// Under the interpreter lock: what `locked()` answers. Who has released it finds it free, whoever has been waiting (`Thread._stop` asserts that).
    var isShown = false
  }
  struct LocalLayout {
    var header: CellHeader
    var arguments: Value
    var keywords: Value
    /// dict: number of a thread → the attributes there. The threads know of it by a weak reference (`ThreadState.locals`) and take
    /// theirs away when they end.
    var values: Value
  }
  nonisolated(unsafe) private static var lockType: TypeRef?
  nonisolated(unsafe) private static var countFunction = Value.null
  nonisolated(unsafe) private static var rlockType: TypeRef?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Threads and locks; see the threading module.")
    m.value("error", Value(rt.types[.runtimeError]))
    m.value("TIMEOUT_MAX", Value(9_223_372_036.0))
    let lock = try m.type(
      "lock", layoutSize: MemoryLayout<LockLayout>.size, flags: [.disallowInstantiation, .weakReferenceable]
    ) { (t) throws(Raised) in
      declareLock(&t)
    }
    lockType = lock
    m.value("LockType", Value(lock))
    rlockType = try m.type("RLock", layoutSize: MemoryLayout<LockLayout>.size, flags: [.baseType, .weakReferenceable]) {
      (t) throws(Raised) in declareRLock(&t)
    }
    for name: StaticString in ["allocate_lock", "allocate"] {
      m.function(name, "($module, /)", "A new lock, free.") { (vm, _) throws(Raised) in try newLock(vm) }
    }
    for name: StaticString in ["start_new_thread", "start_new"] {
      m.function(name, "($module, function, args, kwargs=<unrepresentable>, /)", "Starts a thread; answers its identifier.", start)
    }
    for name: StaticString in ["exit", "exit_thread"] {
      m.function(name, "($module, /)", "Ends this thread by raising SystemExit.") { (vm, _) throws(Raised) in throw vm.raise(.systemExit) }
    }
    m.function("get_ident", "($module, /)", "This thread's identifier.") { (vm, _) throws(Raised) in
      try Ints.make(vm, unsigned: UInt64(vm.thread.pointee.id))
    }
    m.function("get_native_id", "($module, /)", "This thread's number in the kernel.") { (_, _) in Value(smallInt: Int(amphis_gettid())) }
    m.function("_count", "($module, /)", "Threads that start_new_thread began and that still run.") { (vm, _) throws(Raised) in
      // Whoever counts threads looks for the objects of those that have ended, too: what nobody refers to any more goes first.
      if ThreadStart.hasEnded {
        ThreadStart.hasEnded = false
        try CollectCalls.leaveLoop(vm, toRepeat: countFunction)
        GCModule.collectIdly(vm)
      }
      return Value(smallInt: ThreadStart.count)
    }
    countFunction = Dicts.get(m.vm, m.dict, "_count")
    m.function("stack_size", "($module, size=0, /)", "Sets the stack size of new threads; answers the old one.") {
      (vm, _, args: Args) throws(Raised) in
      let old = ThreadStart.stackSize
      let n = args[0].isNull ? 0 : try vm.asInt(args[0])
      if n < 0 { throw vm.raise(.valueError, "size must be 0 or a positive value") }
      if n != 0 && n < 32768 { throw vm.raise(.valueError, "size not valid: \(n) bytes") }
      // Our frames are larger than CPython's in places: a generous floor keeps small settings working.
      ThreadStart.stackSize = n == 0 ? 0 : max(n, 256 << 10)
      return Value(smallInt: old)
    }
    m.function("_set_sentinel", "($module, /)", "A lock that is released when this thread ends.") { (vm, _) throws(Raised) in
      let lock = try newLock(vm)
      vm.thread.pointee.endLock = lock
      return lock
    }
    m.function("interrupt_main", "($module, signum=2, /)", "As if a signal had come to the main thread.") {
      (vm, _, args: Args) throws(Raised) in
      let n = args[0].isNull ? Int(SIGINT) : try vm.asInt(args[0])
      if n < 1 || n > 64 { throw vm.raise(.valueError, "signal number out of range") }
      SignalState.trip(Int32(n))
      // In the main thread its handler runs before this function returns.
      if vm.thread == rt.pointee.mainThread {
        rt.clearSafepoint(.signals)
        try rt.pointee.hooks.handleSignals?(vm)
      }
      return .none
    }
    let hookArgs = try StructSequence.makeType(
      m.vm, "_thread._ExceptHookArgs", module: m.module, doc: "What threading.excepthook is told.",
      names: ["exc_type", "exc_value", "exc_traceback", "thread"], visible: 4)
    m.value("_ExceptHookArgs", Value(hookArgs.type))
    m.function("_excepthook", "($module, exc, /)", "Reports an exception that ended a thread.", exceptHook)
    try m.type("_local", layoutSize: MemoryLayout<LocalLayout>.size, flags: [.baseType, .weakReferenceable]) { (t) throws(Raised) in
      ThreadLocal.declare(&t)
    }
  }

  // MARK: locks

  private static func state(_ v: Value) -> UnsafeMutablePointer<LockState> {
    withUnsafeMutablePointer(to: &v.as(LockLayout.self).pointee.state) { $0 }
  }

  private static func initialize(_ v: Value) {
    let state = state(v)
    state.initialize(to: LockState())
    pthread_mutex_init(&state.pointee.mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(&state.pointee.condition, &attributes)
  }

  static func newLock(_ vm: VM) throws(Raised) -> Value {
    guard let type = lockType else { throw vm.raise(.systemError, "_thread is not initialised") }
    let cell = try vm.make(LockLayout.self, type)
    initialize(Value(cell))
    return Value(cell)
  }

  /// Waits up to `nanoseconds` (-1: for ever, 0: not at all); true when the lock was taken. Signal handlers run while waiting.
  static func acquire(_ vm: VM, _ v: Value, _ nanoseconds: Int) throws(Raised) -> Bool {
    let state = state(v)
    let resumed = CollectCalls.takeResumed(vm)
    pthread_mutex_lock(&state.pointee.mutex)
    if !state.pointee.held {
      state.pointee.held = true
      state.pointee.isShown = true
      pthread_mutex_unlock(&state.pointee.mutex)
      return true
    }
    pthread_mutex_unlock(&state.pointee.mutex)
    if nanoseconds == 0 { return false }
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    if nanoseconds > 0 {
      let total = end.tv_nsec + nanoseconds % 1_000_000_000
      end.tv_sec += nanoseconds / 1_000_000_000 + total / 1_000_000_000
      end.tv_nsec = total % 1_000_000_000
    }
    if let resumed { end = resumed }
    let isMain = vm.thread == rt.pointee.mainThread
    var isFirst = resumed == nil
    var mayCollect = isFirst || IdleCollection.isWanted(isFirst: false)
    while true {
      // The main thread looks up at least every 50 ms: a signal does not wake a condition variable.
      let outcome = vm.unlocked { () -> Int32 in
        pthread_mutex_lock(&state.pointee.mutex)
        defer { pthread_mutex_unlock(&state.pointee.mutex) }
        var error: Int32 = 0
        while state.pointee.held && error == 0 {
          var deadline = end
          if nanoseconds < 0 || isMain || mayCollect {
            var slice = timespec()
            clock_gettime(CLOCK_MONOTONIC, &slice)
            let patience = isMain ? IdleCollection.patience : mayCollect ? IdleCollection.wait(isFirst: isFirst) : 3600 * 1_000_000_000
            slice.tv_nsec += patience % 1_000_000_000
            slice.tv_sec += patience / 1_000_000_000 + slice.tv_nsec / 1_000_000_000
            slice.tv_nsec %= 1_000_000_000
            let earlier = slice.tv_sec < end.tv_sec || (slice.tv_sec == end.tv_sec && slice.tv_nsec < end.tv_nsec)
            if nanoseconds < 0 || earlier { deadline = slice }
          }
          error = pthread_cond_timedwait(&state.pointee.condition, &state.pointee.mutex, &deadline)
        }
        if !state.pointee.held {
          state.pointee.held = true
          return 0
        }
        return error
      }
      if outcome == 0 {
        state.pointee.isShown = true
        // A signal that came while we waited is handled where the call ends, not somewhere behind it.
        if isMain { try vm.handlePendingSignals() }
        return true
      }
      if mayCollect {
        if IdleCollection.isDue(isFirst: isFirst) {
          try CollectCalls.leaveLoop(vm, waitingFor: v.type, until: end)
          IdleCollection.run(vm)
          isFirst = false
        }
        mayCollect = IdleCollection.isWanted(isFirst: isFirst)
      }
      if isMain && rt.pointee.evalBreaker != 0 {
        let wasBusy = CollectCalls.isBusy
        CollectCalls.isBusy = true
        defer { CollectCalls.isBusy = wasBusy }
        try vm.safepoint()
      }
      if nanoseconds >= 0 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        if now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec) { return false }
      }
    }
  }

  private static func isHeld(_ v: Value) -> Bool { v.as(LockLayout.self).pointee.state.held }
  private static func isShown(_ v: Value) -> Bool { v.as(LockLayout.self).pointee.state.isShown }

  /// False when the lock was not held.
  @discardableResult
  static func release(_ v: Value) -> Bool {
    let state = state(v)
    pthread_mutex_lock(&state.pointee.mutex)
    let held = state.pointee.held
    state.pointee.held = false
    state.pointee.isShown = false
    pthread_cond_signal(&state.pointee.condition)
    pthread_mutex_unlock(&state.pointee.mutex)
    return held
  }

  /// Nanoseconds from the (blocking, timeout) arguments of acquire.
  private static func timeout(_ vm: VM, _ args: Args) throws(Raised) -> Int {
    let blocking = args[0].isNull ? true : try vm.isTrue(args[0])
    let seconds = args[1].isNull ? -1 : try vm.asDouble(args[1])
    if seconds != seconds { throw vm.raise(.valueError, "Invalid value NaN (not a number)") }
    if abs(seconds) > 9_223_372_036.0 { throw vm.raise(.overflowError, "timestamp too large to convert to C _PyTime_t") }
    if !blocking && seconds != -1 { throw vm.raise(.valueError, "can't specify a timeout for a non-blocking call") }
    if seconds < 0 && seconds != -1 { throw vm.raise(.valueError, "timeout value must be positive") }
    if !blocking { return 0 }
    return seconds == -1 ? -1 : Int((seconds * 1e9).rounded(.up))
  }

  private static func declareLock(_ t: inout TypeBuilder) {
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      try vm.str("<\(isShown(v) ? "locked" : "unlocked") _thread.lock object at 0x\(String(v.bits, radix: 16))>")
    }
    for name: StaticString in ["acquire", "acquire_lock"] {
      t.method(name, "($self, /, blocking=True, timeout=-1)", "Takes the lock; answers whether it was had.") {
        (vm, v, args: Args) throws(Raised) in .bool(try acquire(vm, v, try timeout(vm, args)))
      }
    }
    for name: StaticString in ["release", "release_lock"] {
      t.method(name, "($self, /)", "Gives the lock back.") { (vm, v) throws(Raised) in
        if !release(v) { throw vm.raise(.runtimeError, "release unlocked lock") }
        return .none
      }
    }
    for name: StaticString in ["locked", "locked_lock"] {
      t.method(name, "($self, /)", "Whether the lock is held.") { (_, v) in .bool(isShown(v)) }
    }
    t.method("__enter__", "($self, /)", "Takes the lock.") { (vm, v) throws(Raised) in .bool(try acquire(vm, v, -1)) }
    t.method("__exit__", "($self, *args)", "Gives the lock back.") { (vm, v, _: Args) throws(Raised) in
      if !release(v) { throw vm.raise(.runtimeError, "release unlocked lock") }
      return .none
    }
    t.method("_at_fork_reinit", "($self, /)", "A fresh state after fork.") { (_, v) in
      initialize(v)
      return .none
    }
  }

  private static func declareRLock(_ t: inout TypeBuilder) {
    t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in
      let cell = try vm.instance(LockLayout.self, of: cls.asType)
      initialize(Value(cell))
      return Value(cell)
    }
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      let c = v.as(LockLayout.self).pointee
      return try vm.str(
        "<\(isShown(v) ? "locked" : "unlocked") \(v.typeName == "RLock" ? "_thread.RLock" : v.typeName) object owner=\(c.owner) count=\(c.depth) at 0x\(String(v.bits, radix: 16))>"
      )
    }
    t.method("acquire", "($self, /, blocking=True, timeout=-1)", "Takes the lock, again if this thread has it.") {
      (vm, v, args: Args) throws(Raised) in .bool(try enter(vm, v, try timeout(vm, args)))
    }
    t.method("release", "($self, /)", "Gives the lock back once.") { (vm, v) throws(Raised) in
      try leave(vm, v)
      return .none
    }
    t.method("__enter__", "($self, /)", "Takes the lock.") { (vm, v) throws(Raised) in .bool(try enter(vm, v, -1)) }
    t.method("__exit__", "($self, *args)", "Gives the lock back once.") { (vm, v, _: Args) throws(Raised) in
      try leave(vm, v)
      return .none
    }
    t.method("_is_owned", "($self, /)", "Whether this thread has the lock.") { (vm, v) in
      .bool(v.as(LockLayout.self).pointee.depth > 0 && v.as(LockLayout.self).pointee.owner == vm.thread.pointee.id)
    }
    t.method("_release_save", "($self, /)", "Gives the lock back wholly; answers what _acquire_restore needs.") { (vm, v) throws(Raised) in
      let c = v.as(LockLayout.self)
      if c.pointee.depth == 0 { throw vm.raise(.runtimeError, "cannot release un-acquired lock") }
      let saved = try vm.tuple(Value(smallInt: c.pointee.depth), try Ints.make(vm, unsigned: UInt64(c.pointee.owner)))
      c.pointee.depth = 0
      c.pointee.owner = 0
      release(v)
      return saved
    }
    t.method("_acquire_restore", "($self, state, /)", "Takes the lock as it was held.") { (vm, v, state) throws(Raised) in
      guard state.isTuple, state.as(TupleLayout.self).pointee.count == 2 else { throw vm.raise(.typeError, "expected a 2-tuple") }
      _ = try acquire(vm, v, -1)
      v.as(LockLayout.self).pointee.depth = try vm.asInt(state.as(TupleLayout.self).items[0])
      v.as(LockLayout.self).pointee.owner = vm.thread.pointee.id
      return .none
    }
    t.method("_at_fork_reinit", "($self, /)", "A fresh state after fork.") { (_, v) in
      initialize(v)
      v.as(LockLayout.self).pointee.depth = 0
      v.as(LockLayout.self).pointee.owner = 0
      return .none
    }
  }

  private static func enter(_ vm: VM, _ v: Value, _ nanoseconds: Int) throws(Raised) -> Bool {
    let c = v.as(LockLayout.self)
    if c.pointee.depth > 0 && c.pointee.owner == vm.thread.pointee.id {
      if c.pointee.depth == Int.max { throw vm.raise(.overflowError, "Internal lock count overflowed") }
      c.pointee.depth += 1
      return true
    }
    guard try acquire(vm, v, nanoseconds) else { return false }
    c.pointee.owner = vm.thread.pointee.id
    c.pointee.depth = 1
    return true
  }
  private static func leave(_ vm: VM, _ v: Value) throws(Raised) {
    let c = v.as(LockLayout.self)
    if c.pointee.depth == 0 || c.pointee.owner != vm.thread.pointee.id {
      throw vm.raise(.runtimeError, "cannot release un-acquired lock")
    }
    c.pointee.depth -= 1
    if c.pointee.depth == 0 {
      c.pointee.owner = 0
      release(v)
    }
  }

  // MARK: threads

  private static func start(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if args[0].type.pointee.slots.call == nil { throw vm.raise(.typeError, "first arg must be callable") }
    if !args[1].isTuple { throw vm.raise(.typeError, "2nd arg must be a tuple") }
    if !args[2].isNull && !args[2].isDict { throw vm.raise(.typeError, "optional 3rd arg must be a dictionary") }
    return try Ints.make(vm, unsigned: UInt64(try ThreadStart.start(vm, args[0], args[1], args[2])))
  }

  static func threadEnds(_ vm: VM) {
    let lock = vm.thread.pointee.endLock
    if !lock.isNull && isHeld(lock) { release(lock) }
    vm.thread.pointee.endLock = .null
    ThreadLocal.threadEnds(vm)
  }

  private static func exceptHook(_ vm: VM, _ m: Value, _ args: Value) throws(Raised) -> Value {
    guard args.isTuple, args.as(TupleLayout.self).pointee.count == 4 else {
      throw vm.raise(.typeError, "_thread.excepthook argument type must be ExceptHookArgs")
    }
    let items = args.as(TupleLayout.self).items
    if items[0] == Value(rt.types[.systemExit]) { return .none }
    var name = String(vm.thread.pointee.id)
    if !items[3].isNone {
      let n = try vm.getAttributeOrNull(items[3], rt.names.name)
      if !n.isNull { name = try vm.str(of: n).swiftString }
    }
    try TracebackPrinter.write(vm, "Exception in thread \(name):\n")
    if items[1].isExceptionInstance { try TracebackPrinter.printToStderr(vm, items[1]) }
    return .none
  }
}

/// `_thread._local`: attributes that each thread has its own of.
enum ThreadLocal {
  static func declare(_ t: inout TypeBuilder) {
    t.trace { cell, tracer in
      let c = cell.assumingMemoryBound(to: ThreadModule.LocalLayout.self)
      Tracer(tracer).visit(c.pointee.arguments)
      Tracer(tracer).visit(c.pointee.keywords)
      Tracer(tracer).visit(c.pointee.values)
    }
    t.slots.new = ManyCode(new)
    t.slots.getAttribute = OneCode(getAttribute)
    t.slots.setAttribute = StoreCode(setAttribute)
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    let initializer = Types.lookup(cls.asType, rt.names.__init__)
    if args.count + args.keywordCount > 0 && initializer == Types.lookup(rt.types.object, rt.names.__init__) {
      throw vm.raise(.typeError, "Initialization arguments are not supported")
    }
    let cell = try vm.instance(ThreadModule.LocalLayout.self, of: cls.asType)
    var kept = Value(cell)
    return try withUnsafeMutablePointer(to: &kept) { p throws(Raised) in
      cell.pointee.arguments = try vm.tuple(copying: args.base, count: args.count)
      if args.keywordCount > 0 {
        cell.pointee.keywords = try vm.dict()
        for i in 0..<args.keywordCount { try Dicts.set(vm, cell.pointee.keywords, args.keywordName(i), args.keywordValue(i)) }
      }
      _ = try enter(vm, p.pointee)
      return p.pointee
    }
  }

  private static func number(_ thread: UnsafeMutablePointer<ThreadState>) -> Value {
    Value(smallInt: Int(bitPattern: thread) >> 4)
  }

  /// Makes the attributes of `v` in this thread.
  private static func enter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let made = try vm.dict()
    let c = v.as(ThreadModule.LocalLayout.self)
    if c.pointee.values.isNull { c.pointee.values = try vm.dict() }
    if vm.thread.pointee.locals.isNull { vm.thread.pointee.locals = try vm.list() }
    let list = vm.thread.pointee.locals.as(ListLayout.self)
    // References to local objects that are gone make room, so the list stays as long as those that are alive.
    if let items = list.pointee.items, list.pointee.count >= 16, list.pointee.count & (list.pointee.count - 1) == 0 {
      var kept = 0
      for i in 0..<list.pointee.count where !items[i].as(WeakRefLayout.self).pointee.referent.isNull {
        items[kept] = items[i]
        kept += 1
      }
      for i in kept..<list.pointee.count { items[i] = .null }
      list.pointee.count = kept
    }
    try vm.append(vm.thread.pointee.locals, try WeakRefs.internalReference(vm, v))
    try Dicts.set(vm, c.pointee.values, number(vm.thread), made)
    return made
  }

  /// The attributes that objects have in a thread that ends go with it.
  static func threadEnds(_ vm: VM) {
    guard vm.thread.pointee.locals.isList else { return }
    let list = vm.thread.pointee.locals.as(ListLayout.self)
    for i in 0..<list.pointee.count {
      guard let items = list.pointee.items else { break }
      let v = items[i].as(WeakRefLayout.self).pointee.referent
      if v.isNull { continue }
      do throws(Raised) { _ = try Dicts.remove(vm, v.as(ThreadModule.LocalLayout.self).pointee.values, number(vm.thread)) } catch {
        vm.clearPending()
      }
    }
    vm.thread.pointee.locals = .null
  }

  /// The attributes of `v` in this thread; in a thread that sees `v` for the first time `__init__` runs again.
  private static func attributes(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let values = v.as(ThreadModule.LocalLayout.self).pointee.values
    let known = values.isNull ? .null : try Dicts.get(vm, values, number(vm.thread))
    if !known.isNull { return known }
    let made = try enter(vm, v)
    if let initialize = v.type.pointee.slots.initialize {
      let c = v.as(ThreadModule.LocalLayout.self)
      let method = try vm.lookupSpecial(v, rt.names.__init__)
      if Types.lookup(v.type, rt.names.__init__) != Types.lookup(rt.types.object, rt.names.__init__) {
        _ = initialize
        _ = try vm.call(method, tuple: c.pointee.arguments, dict: c.pointee.keywords)
      }
    }
    return made
  }

  private static func getAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let dict = try attributes(vm, v)
    if Str.equal(name, "__dict__") { return dict }
    let found = Types.lookup(v.type, name)
    if !found.isNull, found.type.pointee.slots.descriptorSet != nil, let get = found.type.pointee.slots.descriptorGet {
      return try get(vm, found, v, Value(v.type))
    }
    let own = try Dicts.get(vm, dict, name)
    if !own.isNull { return own }
    if !found.isNull {
      if let get = found.type.pointee.slots.descriptorGet { return try get(vm, found, v, Value(v.type)) }
      return found
    }
    throw vm.raise(.attributeError, "'\(v.typeName)' object has no attribute '\(name.swiftString)'")
  }

  private static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    let dict = try attributes(vm, v)
    if Str.equal(name, "__dict__") {
      throw vm.raise(.attributeError, "'\(v.typeName)' object attribute '__dict__' is read-only")
    }
    let found = Types.lookup(v.type, name)
    if !found.isNull, let set = found.type.pointee.slots.descriptorSet { return try set(vm, found, v, value) }
    if value.isNull {
      if !(try Dicts.remove(vm, dict, name)) {
        throw vm.raise(.attributeError, "'\(v.typeName)' object has no attribute '\(name.swiftString)'")
      }
      return
    }
    try Dicts.set(vm, dict, name, value)
  }
}
