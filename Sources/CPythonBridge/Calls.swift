import CPython
import CRuntimeSupport
import PyRuntime

/// Calls of CPython's callables.
enum Calls {
  /// Before arguments cross: loans left over from operations that are no calls end.
  @inline(__always)
  static func begin(_ vm: VM) throws(Raised) {
    if !Containers.hasLoans { return }
    if BridgeThread.of(vm).pointee.depth == 0 { try Containers.settle(vm, 0) }
  }

  /// Runs `body` as code of CPython's: whatever it returns, the lock may have been given up meanwhile.
  @inline(__always)
  static func run<R>(_ vm: VM, _ body: () -> R) -> R {
    Registry.drain()
    Registry.crossings &+= 1
    let thread = BridgeThread.of(vm)
    thread.pointee.depth &+= 1
    defer { thread.pointee.depth &-= 1 }
    // Generic here and not there: calls between modules are not specialised.
    var result: R?
    BridgeAccess.parkedRun(vm) { result = body() }
    return result.unsafelyUnwrapped
  }

  /// Runs an operation that may keep what has just been lent, and ends those loans: containers that C code has kept move there now,
  /// before our side changes them. `held`: references of ours to them that last longer.
  static func settling(_ vm: VM, _ body: () throws(Raised) -> Void) throws(Raised) {
    do throws(Raised) { try body() } catch {
      let pending = vm.takePending()
      if BridgeThread.of(vm).pointee.depth == 0 { try Containers.settle(vm, 0, held: 1) }
      throw vm.reraise(pending)
    }
    if BridgeThread.of(vm).pointee.depth == 0 { try Containers.settle(vm, 0, held: 1) }
  }

  /// `callable(*args)`, keywords included, as a value of ours.
  /// - Parameter discards: nothing reads the result, which is None then
  static func call(_ vm: VM, _ callable: PyRef, _ args: Args, discards: Bool = false) throws(Raised) -> Value {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
    let result = try raw(vm, callable, args)
    if !Lossy.isOn {
      var v = Value.none
      if discards { release(result) } else { v = try FromPython.take(vm, result) }
      StorageReturn.afterCall(vm)
      try heed(vm)
      return v
    }
    let thread = BridgeThread.of(vm)
    let outer = thread.pointee.callable
    thread.pointee.callable = callable
    defer { thread.pointee.callable = outer }
    return try FromPython.take(vm, result)
  }

  /// A signal that ended a C call early (`sleep` by way of ctypes) is handled where the call stands.
  @inline(__always)
  static func heed(_ vm: VM) throws(Raised) {
    if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
  }

  private struct Vectorcall {
    let vm: VM
    let callable: PyRef
    let arguments: UnsafeMutablePointer<PyRef?>
    let count: Int
    let names: PyRef?
    var result: PyRef?
  }
  /// What `run` does, for the operation that is by far the most frequent: without a closure.
  private static func vectorcall(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ callable: PyRef, _ arguments: UnsafeMutablePointer<PyRef?>, _ count: Int,
    _ names: PyRef?
  ) -> PyRef? {
    Registry.drain()
    thread.pointee.depth &+= 1
    defer { thread.pointee.depth &-= 1 }
    var call = Vectorcall(vm: vm, callable: callable, arguments: arguments, count: count, names: names, result: nil)
    withUnsafeMutablePointer(to: &call) { p in
      amphis_with_spilled_registers(
        { context, sp in
          guard let p = context?.assumingMemoryBound(to: Vectorcall.self), let sp else { return }
          let thread = p.pointee.vm.thread
          thread.pointee.parkedStackPointer = UnsafeRawPointer(sp)
          p.pointee.result = py.pointee.PyObject_Vectorcall(p.pointee.callable, p.pointee.arguments, p.pointee.count, p.pointee.names)
          rt.pointee.currentThread = thread
          thread.pointee.parkedStackPointer = nil
        }, p)
    }
    return call.result
  }

  /// The same with CPython's own result: a new reference.
  static func raw(_ vm: VM, _ callable: PyRef, _ args: Args) throws(Raised) -> PyRef {
    try begin(vm)
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.loans
    let outer = (thread.pointee.callable, thread.pointee.mark)
    thread.pointee.callable = callable
    thread.pointee.mark = mark
    defer { (thread.pointee.callable, thread.pointee.mark) = outer }
    BridgeCounters.calls &+= 1
    let total = args.count + args.keywordCount
    let taken = thread.pointee.argumentsTaken
    let isRoomy = taken &+ total < BridgeThread.argumentRoom
    let buffer = isRoomy ? thread.pointee.arguments + taken : UnsafeMutablePointer<PyRef?>.allocate(capacity: total + 1)
    if isRoomy { thread.pointee.argumentsTaken = taken &+ total &+ 1 }
    var filled = 0
    var names: PyRef?
    defer {
      for i in 0..<filled { if let o = buffer[i + 1] { release(o) } }
      if let names { release(names) }
      if isRoomy { thread.pointee.argumentsTaken = taken } else { buffer.deallocate() }
    }
    buffer[0] = nil
    if isRoomy {
      thread.pointee.values[taken] = .null
      for i in 0..<total {
        buffer[i + 1] = nil
        thread.pointee.values[taken &+ 1 &+ i] = args.base[i]
      }
    }
    var result: PyRef?
    do throws(Raised) {
      for i in 0..<total {
        buffer[i + 1] = try ToPython.convert(vm, args.base[i])
        filled += 1
      }
      if args.keywordCount > 0 { names = try ToPython.convert(vm, args.keywords) }
    } catch {
      for i in 0..<filled { if let o = buffer[i + 1] { release(o) } }
      filled = 0
      let pending = vm.takePending()
      try Containers.settle(vm, mark)
      throw vm.reraise(pending)
    }
    result = vectorcall(vm, thread, callable, buffer + 1, args.count | Int.min, names)
    if result == nil, Buffers.mayTryAgain(vm) { result = vectorcall(vm, thread, callable, buffer + 1, args.count | Int.min, names) }
    AsyncExceptions.collect(vm)
    for i in 0..<total where args.base[i].isCell {
      if let o = buffer[i + 1], amphis_refcount(o) > 1 || KeptValues.addressIsTaken(args.base[i], callable) {
        KeptValues.notice(args.base[i], o)
      }
    }
    if thread.pointee.loans > mark {
      for i in 0..<filled { if let o = buffer[i + 1] { release(o) } }
      filled = 0
      guard let r = result else {
        let error = Errors.fetch(vm)
        let pending = vm.takePending()
        try Containers.settle(vm, mark)
        vm.thread.pointee.pending = pending
        throw error
      }
      do throws(Raised) { try Containers.settle(vm, mark) } catch {
        release(r)
        throw error
      }
      return r
    }
    guard let r = result else { throw Errors.fetch(vm) }
    return r
  }
}
