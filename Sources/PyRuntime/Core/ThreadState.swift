import CRuntimeSupport
import Glibc

/// What a thread that runs Python has: VM stack, pending and handled exceptions, current frame. Allocated outside the heap and
/// scanned word by word. Only the thread itself, holding the interpreter lock, touches it.
package struct ThreadState {
  package var next: UnsafeMutablePointer<ThreadState>?
  /// Exception being raised, or null. Set exactly while a `Raised` is in flight.
  package var pending = Value.null
  /// Exceptions being handled (`sys.exc_info`): the innermost, or null/None
  package var handled = Value.null
  /// Innermost generator that is running, or null: what it handles is in `handled`, what its resumer handled in its cell.
  package var runningGenerator = Value.null
  /// What a generator returned, from its end until its resumer takes it; what is sent to one, until its YIELD_FROM takes it
  package var generatorReturn = Value.null, sent = Value.null
  /// The exception in flight is raised again: the innermost frame is in its traceback already
  package var reraising = false
  /// Innermost frame (`FrameHeader`), or nil outside any
  package var frame: UnsafeMutableRawPointer?
  /// VM stack [stackBase, stackLimit); frames are pushed at `stackTop`
  package var stackBase: UnsafeMutablePointer<Value>?
  package var stackTop = UnsafeMutablePointer<Value>(bitPattern: 8).unsafelyUnwrapped
  package var stackLimit = UnsafeMutablePointer<Value>(bitPattern: 8).unsafelyUnwrapped
  /// Native stack bounds; below `nativeStackSafe` native recursion raises RecursionError
  package var nativeStackLow: UnsafeRawPointer?
  package var nativeStackHigh: UnsafeRawPointer?
  package var nativeStackSafe: UInt = 0
  /// Where the native stack ended when this thread gave up the lock
  package var parkedStackPointer: UnsafeRawPointer?
  /// A part of the native stack that collections do not scan (`BridgeAccess.passing`), or nil
  var passed: (low: UnsafeRawPointer, high: UnsafeRawPointer)?
  /// Python-level call depth, native-entered evaluator depth
  package var recursionDepth = 0
  package var nativeDepth = 0
  package var id: UInt = 0
  /// contextvars: the current context, or null
  package var context = Value.null
  /// `threading.local` storage and the like: a dict or null
  package var dict = Value.null
  /// sys.settrace / sys.setprofile functions or null
  package var traceFunction = Value.null, profileFunction = Value.null
  /// One of the two is set
  package var isTraced = false
  /// Above 0 inside a trace or profile function of this thread: it is told nothing then
  package var tracing: Int32 = 0
  /// The event that the innermost trace function is being told of (`LineJump`), 0 outside
  package var traceEvent: UInt8 = 0
  /// sys.set_asyncgen_hooks, coroutine origin tracking
  package var asyncGenFirstIter = Value.null, asyncGenFinalizer = Value.null
  package var coroutineOriginDepth = 0
  /// Exception set from another thread, or null
  package var asyncException = Value.null
  /// Objects whose repr is being made (list of values) or null
  package var reprStack = Value.null
  /// Scratch of native modules (`_thread._local`, ...): dict or null
  package var moduleState = Value.null
  /// Lock to release when the thread ends (`_thread._set_sentinel`), or null
  package var endLock = Value.null
  /// The event loop of asyncio that this thread is running, None or null
  package var runningLoop = Value.null
  /// Weak references to the `_thread._local` objects that have attributes in this thread: a list or null
  package var locals = Value.null
  /// Dead objects that this thread has taken to finalize (roots), the last first, and how many of them wait for the end of the finalizer
  /// that is running
  var finalizing = PointerVector()
  var finalizationFloor = 0
  /// With what the evaluator's handlers came to their end (`Threaded.finish`), and their table
  var loopResult = Value.null
  var handlers = Threaded.table
  /// Nothing reads the result of the call of CPython's that is about to begin: it takes this back at once, whatever it does then
  package var discardsResult = false
  /// The frame that an exception was caught in which nobody can see, and where it stood (`Unwinding.staysUnseen`)
  var unseenFrame: UnsafeMutableRawPointer?
  var unseenPC: UnsafeMutablePointer<InstructionWord>?
  /// The bridge's own record of this thread once it has crossed, from `allocate`
  package var foreign: UnsafeMutableRawPointer?

  /// Values above `stackTop` that the collector scans all the same: a callee's arguments under construction.
  package static let scanSlack = 1024
  package static let stackValues = 1 << 20  // 8 MiB of address space, touched as used

  /// Makes a state for the calling thread and links it. Values in it are null.
  package static func create() -> UnsafeMutablePointer<ThreadState> {
    let t = createDetached()
    link(t)
    return t
  }

  /// Enters a state in the runtime's list; with the interpreter lock held.
  package static func link(_ t: UnsafeMutablePointer<ThreadState>) {
    t.pointee.next = rt.pointee.threads
    rt.pointee.threads = t
  }

  /// Makes a state for the calling thread, which need not hold the interpreter lock.
  package static func createDetached() -> UnsafeMutablePointer<ThreadState> {
    guard let t = make() else { Heap.die("amphis: cannot allocate a VM stack\n") }
    becomeCaller(t)
    return t
  }

  /// VM stacks of threads that have ended, for others: a server that starts a thread for each connection would have the kernel make room, fault
  /// pages in and take them back each time. All of it is zero. With the interpreter lock held.
  nonisolated(unsafe) private static var spareStacks = PointerVector()
  private static let mostSpareStacks = 8
  /// Bytes at a stack's beginning whose pages it keeps as a spare one
  private static let keptOfStack = 2 * scanSlack * 8

  /// Makes a state for a thread yet to be started; nil when there is no room for its VM stack.
  /// - Parameter isLocked: the caller holds the interpreter lock
  static func make(isLocked: Bool = false) -> UnsafeMutablePointer<ThreadState>? {
    var p = isLocked ? spareStacks.popLast() : nil
    if p == nil { p = mmap(nil, stackValues * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) }
    guard let p, p != MAP_FAILED else { return nil }
    let t = UnsafeMutablePointer<ThreadState>.allocate(capacity: 1)
    t.initialize(to: ThreadState())
    let stack = p.assumingMemoryBound(to: Value.self)
    t.pointee.stackBase = stack
    t.pointee.stackTop = stack
    t.pointee.stackLimit = stack + stackValues
    return t
  }

  /// Keeps a stack for the next thread, or gives it back.
  private static func recycle(_ stack: UnsafeMutablePointer<Value>) {
    let bytes = stackValues * 8
    guard spareStacks.count < mostSpareStacks,
      madvise(UnsafeMutableRawPointer(stack) + keptOfStack, bytes - keptOfStack, MADV_DONTNEED) == 0
    else {
      munmap(stack, bytes)
      return
    }
    memset(stack, 0, keptOfStack)
    spareStacks.append(UnsafeMutableRawPointer(stack))
  }

  /// Takes back a state whose thread could not be started.
  static func discard(_ t: UnsafeMutablePointer<ThreadState>) {
    if let stack = t.pointee.stackBase { munmap(stack, stackValues * 8) }
    t.deinitialize(count: 1)
    t.deallocate()
  }

  /// Makes the state that of the calling thread: its stack is the one that the collector scans.
  package static func becomeCaller(_ t: UnsafeMutablePointer<ThreadState>) {
    _ = withUnsafeMutablePointer(to: &t.pointee.nativeStackLow) { low in
      withUnsafeMutablePointer(to: &t.pointee.nativeStackHigh) { high in amphis_stack_bounds(low, high) }
    }
    // Room for the collector, signal handlers and libpython below the point where we refuse to go deeper.
    let low = UInt(bitPattern: t.pointee.nativeStackLow)
    let size = UInt(bitPattern: t.pointee.nativeStackHigh) &- low
    t.pointee.nativeStackSafe = low &+ min(256 << 10, size / 4)
    t.pointee.id = UInt(pthread_self())
  }

  /// What a thread that will run no more was about to finalize is left to others.
  package static func giveBackUnfinalized(_ t: UnsafeMutablePointer<ThreadState>) {
    guard t.pointee.finalizing.count > 0 else { return }
    rt.heapPointer.pointee.pendingFinalization.append(contentsOf: t.pointee.finalizing)
    t.pointee.finalizing.count = 0
    t.pointee.finalizationFloor = 0
    rt.requestSafepoint(.finalizers)
  }

  /// Unlinks and frees a state whose thread runs no more Python.
  package static func destroy(_ t: UnsafeMutablePointer<ThreadState>) {
    var link = rt.pointee.threads
    if link == t {
      rt.pointee.threads = t.pointee.next
    } else {
      while let l = link, l.pointee.next != t { link = l.pointee.next }
      link?.pointee.next = t.pointee.next
    }
    if t.pointee.isTraced { Tracing.refresh() }
    giveBackUnfinalized(t)
    t.pointee.finalizing.discard()
    if let stack = t.pointee.stackBase { recycle(stack) }
    t.pointee.foreign?.deallocate()
    t.deinitialize(count: 1)
    t.deallocate()
  }
}

/// The running thread, passed to everything that may allocate, call or raise. One pointer; copying it is free.
public struct VM {
  package let thread: UnsafeMutablePointer<ThreadState>
  @inline(__always) package init(_ thread: UnsafeMutablePointer<ThreadState>) { self.thread = thread }
}

extension VM {
  /// Runs `body` one level deeper, counted together with Python's own calls: what recurses in native code ends in a RecursionError at
  /// the recursion limit, too.
  @inline(__always)
  package func deeper<R>(_ suffix: StaticString, _ body: () throws(Raised) -> R) throws(Raised) -> R {
    if nativeStackIsLow || thread.pointee.recursionDepth >= rt.pointee.recursionLimit { throw raiseRecursionError("\(suffix)") }
    thread.pointee.recursionDepth &+= 1
    defer { thread.pointee.recursionDepth &-= 1 }
    return try body()
  }

  /// True when the native stack is nearly used up: callers raise RecursionError.
  @inline(__always) package var nativeStackIsLow: Bool {
    amphis_stack_pointer() < thread.pointee.nativeStackSafe
  }

  /// Bytes left on the native stack.
  package var nativeStackRoom: Int {
    max(0, Int(bitPattern: amphis_stack_pointer()) - Int(bitPattern: thread.pointee.nativeStackLow))
  }
}
