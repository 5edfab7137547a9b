import Glibc

/// Starting threads that run Python.
enum ThreadStart {
  /// What a new thread is to do; kept as a root until it has begun.
  private struct Work {
    var function: Value
    var arguments: Value
    var keywords: Value
  }
  nonisolated(unsafe) static var count = 0
  /// A thread has ended since `_thread._count` was called last.
  nonisolated(unsafe) static var hasEnded = false
  nonisolated(unsafe) static var stackSize = 0
  private static let smallestStack = 1 << 20
  /// list: (function, args, kwargs, address of the state) of threads that have not begun
  nonisolated(unsafe) private static var pending = Value.null

  static func start(_ vm: VM, _ function: Value, _ arguments: Value, _ keywords: Value) throws(Raised) -> UInt {
    if !InterpreterLock.isSetUp { InterpreterLock.setUp() }
    if pending.isNull { pending = try vm.list() }
    let work = try vm.tuple(count: 4)
    guard let state = ThreadState.make(isLocked: true) else { throw vm.raise(.runtimeError, "can't start new thread") }
    let fields = work.as(TupleLayout.self).items
    (fields[0], fields[1], fields[2]) = (function, arguments, keywords.isNull ? .none : keywords)
    do throws(Raised) {
      fields[3] = try vm.int(Int(bitPattern: state))
      try vm.append(pending, work)
    } catch {
      ThreadState.discard(state)
      throw error
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // The margin that turns running out of stack into RecursionError needs some room, whatever was asked for.
    pthread_attr_setstacksize(&attributes, stackSize > 0 ? max(stackSize, smallestStack) : 8 << 20)
    var id = pthread_t()
    InterpreterLock.started += 1
    let error = pthread_create(
      &id, &attributes,
      { argument in
        ThreadStart.main(Value(bits: UInt64(UInt(bitPattern: argument))))
        return nil
      }, UnsafeMutableRawPointer(bitPattern: UInt(work.bits)))
    if error != 0 {
      InterpreterLock.started -= 1
      remove(work)
      ThreadState.discard(state)
      throw vm.raise(.runtimeError, "can't start new thread")
    }
    return UInt(id)
  }

  private static func remove(_ work: Value) {
    let l = pending.as(ListLayout.self)
    guard let items = l.pointee.items else { return }
    for i in 0..<l.pointee.count where items[i] == work {
      items[i] = items[l.pointee.count - 1]
      l.pointee.count -= 1
      // The collector looks at the whole of a list's storage.
      items[l.pointee.count] = .null
      return
    }
  }

  private static func main(_ work: Value) {
    let items = work.as(TupleLayout.self).items
    // Made by who started this thread; an address of user space is a small int.
    guard let thread = UnsafeMutablePointer<ThreadState>(bitPattern: items[3].smallInt) else { return }
    ThreadState.becomeCaller(thread)
    InterpreterLock.acquire(thread)
    ThreadState.link(thread)
    count += 1
    let vm = VM(thread)
    remove(work)
    do throws(Raised) {
      _ = try vm.call(items[0], tuple: items[1], dict: items[2].isNone ? .null : items[2])
    } catch {
      if vm.pendingIs(.systemExit) {
        vm.clearPending()
      } else {
        vm.writeUnraisable("Exception ignored in thread started by", items[0])
      }
    }
    rt.pointee.bridgeHooks.threadEnds?()
    ThreadModule.threadEnds(vm)
    count -= 1
    hasEnded = true
    thread.pointee.parkedStackPointer = nil
    ThreadState.destroy(thread)
    InterpreterLock.started -= 1
    rt.pointee.currentThread = nil
    InterpreterLock.releaseForGood()
  }
}
