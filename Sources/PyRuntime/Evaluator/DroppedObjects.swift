/// Objects whose end somebody waits for: with `__del__`, a stream with unwritten output, a generator within `try`, or one with weak references. CPython's counts
/// end them when their last name goes. Here a collection does, which frees what counts would free and leaves dead cycles alone, at
///
/// - `del name`, a bound local that is set to None, and a name of a module or class body that is bound anew;
/// - the return of a function in which an object with a finalizer was made or to which one was returned (`FrameLink.watching`), for what its locals had.
/// - the end of an `except` or `with` that has handled an exception which left such a function: its traceback had the locals.
///
/// Values that no name had are not looked at (docs/differences.md).
///
/// Such collections are like those that come by themselves: most pass over what the last full one has kept, and where the object is not found dead the first time that an
/// instruction asks, a full one follows. They are rationed by what is allocated, not by time, so that a program does the same in each run: each costs the bytes that it looks at,
/// and a quarter of what the program allocates is credit. What other names lead to is not looked for (`NamedObjects`). An instruction after which the object was found alive
/// twice by collections, or sixteen times in that way (somebody else refers to it), asks no more. While a program has paused the collector, as those do that look at what
/// counts free, each instruction is heard once more, whatever that costs.
enum DroppedObjects {
  nonisolated(unsafe) private static var credit = largestCredit
  /// Bytes allocated when `credit` was reckoned
  nonisolated(unsafe) private static var reckoned = 0
  /// What a program that drops many objects may spend ahead: a twentieth of a second or so
  private static let largestCredit = 128 << 20
  private static let leastCost = 1 << 20
  /// How often an instruction may ask in vain, where a collection counts for `collectedInVain`; counted in its field `c`, which none of these has another use for.
  private static let mostInVain: UInt16 = 16
  private static let collectedInVain: UInt16 = 8
  /// In the same field: it was heard while the collector was paused; and how often it has been heard.
  private static let wasHeardPaused: UInt16 = 0x8000
  private static let vainBits: UInt16 = 0xff
  private static let heardBits: UInt16 = 0x7f00, heardOnce: UInt16 = 0x100
  /// What one that is heard again and again leaves of the credit to those that are not: the `del` of a loop would spend all of it.
  private static let reserve = 64 << 20
  private static let fewTimes: UInt16 = 10
  /// What starting a process and waiting for its end is worth: it has taken longer than a collection.
  private static let creditOfProcess = 8 << 20

  /// Why a loop is being left; nothing runs before `collect`.
  private struct Request {
    /// The complement of the object's address: no root
    var object: UInt
    /// The instruction that dropped it, and where the innermost frame goes on
    var instruction: CodePointer
    var resume: CodePointer
    var collects = true
  }
  nonisolated(unsafe) private static var request: Request?

  /// Objects of this type may have a finalizer or weak references.
  @inline(__always)
  static func mayBeWatched(_ v: Value) -> Bool {
    v.isCell && !v.cellType.pointee.flags.isDisjoint(with: [.finalized, .weakReferenceable])
  }

  /// Somebody may notice when this object ends.
  @inline(never)
  static func isWatched(_ v: Value) -> Bool {
    // Classes are in cycles with their own mro and descriptors: no count ends them.
    guard mayBeWatched(v), !v.isType else { return false }
    if WeakTable.chain(v) != nil { return true }
    if hasVisibleFinalizer(v.cellType) { return !IOBase.isClean(v) && !SocketType.isClean(v) }
    return isWatchedGenerator(v)
  }

  /// It has handlers, or delegates to one that has or to something that it closes.
  private static func isWatchedGenerator(_ v: Value) -> Bool {
    var v = v
    // Delegations lie deeper than anybody waits for.
    for _ in 0..<32 where v.isExact(rt.types.generator) {
      let g = v.as(GeneratorLayout.self)
      if g.pointee.hasFinalizer { return true }
      v = Generators.delegate(g)
    }
    return false
  }

  /// The end of its instances shows: they are of a class, or write what they have left. Of other builtin types (memoryviews) nobody hears.
  @inline(__always)
  private static func hasVisibleFinalizer(_ type: TypeRef) -> Bool {
    type.pointee.flags.contains(.finalized) && (type.pointee.flags.contains(.heapType) || IOBase.isWriter(type))
  }

  /// An object with a finalizer, of type `type`, comes into being in `frame`, or comes back to it.
  static func watch(_ frame: Registers, _ type: TypeRef) {
    if hasVisibleFinalizer(type), frame.frameLink & FrameLink.unwatchable == 0 { frame.frameLink |= FrameLink.watching }
  }

  /// The innermost frame's instruction, which is otherwise done, has taken a name of `object` away (null: of none). Collects if it is watched.
  @inline(__always)
  static func drop(_ vm: VM, _ object: Value, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    if mayBeWatched(object) { try dropCell(vm, object, fp, pc) }
  }
  @inline(never)
  private static func dropCell(_ vm: VM, _ object: Value, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    guard isWatched(object) else { return }
    fp.framePC = pc
    if try isStandIn(vm, object, fp) { return }
    var why = Request(object: ~UInt(object.bits), instruction: pc, resume: pc + InstructionTable.shared.length(pc))
    if !isAllowed(vm, pc) || isHeld(object, pc, from: fp) {
      // This thread may wait next, in C code, on top of what calls have left of the object on the native stack: another thread's collection would find it
      // there for as long as this one waits.
      guard BridgeAccess.hasManyThreads, !CollectCalls.isBusy, !vm.thread.pointee.isTraced else { return }
      why.collects = false
    }
    try leaveLoop(vm, why)
  }

  /// What the body of a module has made and replaces while it is imported, if only weak references would show its end: those are its own.
  private static func isStandIn(_ vm: VM, _ object: Value, _ fp: Registers) throws(Raised) -> Bool {
    if fp.frameCode.pointee.flags & 3 != 0 || hasVisibleFinalizer(object.cellType) || object.isExact(rt.types.generator) { return false }
    return try Imports.isInitializing(vm, namespace: fp.frameFunction.pointee.globals)
  }

  /// A watched frame, `fp`, has returned `value` to `caller`, which stands behind its call.
  static func dropLocals(_ vm: VM, _ fp: Registers, _ value: Value, _ caller: Registers) throws(Raised) {
    if value.isCell { watch(caller, value.cellType) }
    for i in 0..<Int(fp.frameCode.pointee.nlocalsplus) {
      if fp[i] == value || !isWatched(fp[i]) { continue }
      guard isAllowed(vm, fp.framePC) else { return }
      if isHeld(fp[i], fp.framePC, from: caller, value) { continue }
      try leaveLoop(vm, Request(object: ~UInt(fp[i].bits), instruction: fp.framePC, resume: caller.framePC))
      return
    }
  }

  /// What a frame had that an exception has left, and the exception: complements of their addresses, 0 for none.
  nonisolated(unsafe) private static var left: (object: UInt, exception: UInt) = (0, 0)
  @inline(__always) static var hasLeft: Bool { left.object != 0 }

  /// The pending exception leaves a watched frame.
  static func leave(_ vm: VM, _ fp: Registers) {
    for i in 0..<Int(fp.frameCode.pointee.nlocalsplus) where isWatched(fp[i]) {
      left = (~UInt(fp[i].bits), ~UInt(vm.thread.pointee.pending.bits))
      return
    }
  }

  /// The innermost frame's instruction, which is otherwise done, has ended the handling of `exception`.
  static func dropHandled(_ vm: VM, _ exception: Value, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let next = pc + InstructionTable.shared.length(pc)
    if next.pointee.instruction == .reraise || next.pointee.instruction == .reraiseLasti { return }
    guard isOfLeft(exception) else {
      // Nothing is being handled: native code has swallowed what had left that frame.
      if vm.thread.pointee.handled.isNull { left = (0, 0) }
      return
    }
    let object = left.object
    left = (0, 0)
    fp.framePC = pc
    guard isAllowed(vm, pc) else { return }
    // A generator that has yielded within its handler still has what it was handling then.
    if fp.isGeneratorFrame { fp.frameGenerator.pointee.handled = .null }
    // `except E as e` unbinds its name next.
    if next.pointee.instruction == .unbind, fp[Int(next.pointee.a)] == exception { fp[Int(next.pointee.a)] = .null }
    try leaveLoop(vm, Request(object: object, instruction: pc, resume: next))
  }

  /// The exception that left a frame is this one, or one that was being handled when this one was raised.
  private static func isOfLeft(_ exception: Value) -> Bool {
    var exception = exception
    for _ in 0..<8 where exception.isExceptionInstance {
      if ~UInt(exception.bits) == left.exception { return true }
      exception = exception.as(ExceptionLayout.self).pointee.context
    }
    return false
  }

  /// Whether a name still leads to the object: then the instruction has asked in vain.
  private static func isHeld(_ object: Value, _ pc: CodePointer, from frame: Registers, _ result: Value = .null) -> Bool {
    guard NamedObjects.lead(to: object, from: frame, result) else { return false }
    pc.pointee.c &+= 1
    return true
  }

  private static func isAllowed(_ vm: VM, _ pc: CodePointer) -> Bool {
    guard pc.pointee.c & vainBits < mostInVain, !CollectCalls.isBusy, !vm.thread.pointee.isTraced else { return false }
    if isAffordable(leaving: pc.pointee.c & heardBits < fewTimes &* heardOnce ? 0 : reserve) { return true }
    guard rt.heapPointer.pointee.isPaused, pc.pointee.c & wasHeardPaused == 0 else { return false }
    pc.pointee.c |= wasHeardPaused
    return true
  }
  private static func leaveLoop(_ vm: VM, _ why: Request) throws(Raised) {
    request = why
    try CollectCalls.leaveLoopForDropped(vm)
  }

  /// For the loop that was left.
  /// - Parameter fp: the innermost frame, which gets where it goes on. Its `framePC` is what was raised with: the instruction itself.
  static func collect(_ vm: VM, _ fp: Registers) {
    guard let why = request else { return }
    request = nil
    fp.framePC = why.resume
    if !why.collects { return }
    CollectCalls.isBusy = true
    defer { CollectCalls.isBusy = false }
    let heap = rt.heapPointer
    let (collections, lookedAt) = (heap.pointee.collections, heap.pointee.lookedAt)
    let looksAgain = why.instruction.pointee.c & vainBits < collectedInVain
    if why.instruction.pointee.c & heardBits < heardBits { why.instruction.pointee.c &+= heardOnce }
    if !GCModule.collectDropped(vm, why.object, looksAgain: looksAgain) { why.instruction.pointee.c &+= collectedInVain }
    credit &-= max(heap.pointee.lookedAt &- lookedAt, leastCost &* (heap.pointee.collections &- collections))
  }

  /// A program that collects by itself counts on finding what it has dropped, and what that costs it was worth to it: as much again is credit.
  static func noteCollection(lookedAt bytes: Int) { credit = min(largestCredit, credit &+ bytes) }
  /// A process that this one has started has ended.
  static func noteEndOfProcess() { credit = min(largestCredit, credit &+ creditOfProcess) }

  private static func isAffordable(leaving reserve: Int) -> Bool {
    let heap = rt.heapPointer
    let total = heap.pointee.allocatedBefore &+ heap.pointee.allocatedSinceCollection
    credit = min(largestCredit, credit &+ max(0, total &- reckoned) / 4)
    reckoned = total
    let cost = heap.pointee.fullIsDue ? heap.pointee.steadyBytes : heap.pointee.youngBytes &+ heap.pointee.uncleanBytes
    return credit &- reserve >= max(leastCost, cost &+ heap.pointee.allocatedSinceCollection)
  }
}
