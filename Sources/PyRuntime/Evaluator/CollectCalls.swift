import CRuntimeSupport
import Glibc

/// `gc.collect()`, waiting for a lock, and `del` of an object that is to be missed at once, as instructions do them. The native frame of the loop holds what earlier instructions
/// spilled there, and the scan of native stacks would take that for live: an object that a program has just dropped would stay. So such a
/// call leaves the loop, all frames of Python code as they are, collects where that frame was, and enters the loop again.
enum CollectCalls {
  private enum Request {
    /// `gc.collect(generation)`: its result is the count.
    case explicit(Int)
    /// `gc.get_objects()`: its result is the list.
    case objects
    /// A lock that is not free until `end`: the instruction is executed again.
    case idle(end: timespec)
    /// Another call that is executed again
    case repeated
    /// An instruction has taken the name of an object away, or a frame that had it has returned (`DroppedObjects`).
    case dropped
  }

  /// `gc.collect` and `gc.get_objects` themselves.
  nonisolated(unsafe) static var function = Value.null
  nonisolated(unsafe) static var objectsFunction = Value.null
  /// What a call that is leaving the loop asks for; nothing runs between its `throw` and `collect` below.
  nonisolated(unsafe) private static var asked: Request?
  /// When the wait ends that a thread broke off to collect; taken by the call that it executes again.
  nonisolated(unsafe) private static var resumed: (thread: UnsafeMutablePointer<ThreadState>, end: timespec)?
  /// Finalizers are running: what they call natively is not called by the innermost frame's instruction.
  nonisolated(unsafe) static var isBusy = false

  /// Whether a loop is being left to collect: there is no exception then.
  static var isAsked: Bool { asked != nil }

  /// Leaves the loop if its instruction is a call of `gc.collect`: if native code called it, the collection is made there.
  static func leaveLoop(_ vm: VM, _ generation: Int) throws(Raised) {
    guard callee(vm) == function else { return }
    asked = .explicit(generation)
    throw Raised()
  }

  /// The same for `gc.get_objects`: what earlier calls have left in the loop's frame, the last answer for one, is no object any more.
  static func leaveLoopForObjects(_ vm: VM) throws(Raised) {
    guard callee(vm) == objectsFunction else { return }
    asked = .objects
    throw Raised()
  }

  /// The same for a method of a type of locks, which has waited for a while.
  static func leaveLoop(_ vm: VM, waitingFor type: TypeRef, until end: timespec) throws(Raised) {
    let callee = callee(vm)
    guard callee.isExact(rt.types.methodDescriptor), callee.as(NativeFunctionLayout.self).pointee.owner == Value(type) else { return }
    asked = .idle(end: end)
    throw Raised()
  }

  /// The same for a function that is called again when everything has been collected.
  static func leaveLoop(_ vm: VM, toRepeat function: Value) throws(Raised) {
    guard callee(vm) == function else { return }
    asked = .repeated
    throw Raised()
  }

  /// Leaves the loop because an object was dropped.
  static func leaveLoopForDropped(_ vm: VM) throws(Raised) {
    asked = .dropped
    throw Raised()
  }

  /// When the wait ends that this thread broke off.
  static func takeResumed(_ vm: VM) -> timespec? {
    guard let (thread, end) = resumed, thread == vm.thread else { return nil }
    resumed = nil
    return end
  }

  /// What the innermost frame's instruction calls, if it is a plain call; else null.
  private static func callee(_ vm: VM) -> Value {
    guard !isBusy, !vm.thread.pointee.isTraced, let frame = vm.thread.pointee.frame else { return .null }
    let fp = frame.assumingMemoryBound(to: Value.self)
    guard fp[-1].isExact(rt.types.function) else { return .null }
    let slot = fp + (Int(fp.framePC.pointee.b) &+ FrameLayout.calleeOffset)
    switch fp.framePC.pointee.instruction.generalCall {
    case .call, .call1, .callKw: return slot[0]
    case .callMethod, .callMethod1, .callMethodKw: return slot[0].isNull ? slot[1] : slot[0]
    default: return .null
    }
  }

  /// Collects for the frame that has left the loop, and goes on in it.
  @inline(never)
  static func collect(_ vm: VM) throws(Raised) -> Value {
    while let request = asked, let frame = vm.thread.pointee.frame {
      asked = nil
      let fp = frame.assumingMemoryBound(to: Value.self)
      var isRaising = false
      // The frames of the collector would else take over what the loop's has left here.
      if !vm.nativeStackIsLow { amphis_clear_stack() }
      switch request {
      case .explicit(let generation):
        isRaising = !answers(fp) { () throws(Raised) in try vm.int(try GCModule.collect(vm, generation)) }
      case .objects:
        isRaising = !answers(fp) { () throws(Raised) in try GCModule.objects(vm) }
      case .idle(let end):
        IdleCollection.run(vm)
        resumed = (vm.thread, end)
      case .repeated:
        isBusy = true
        GCModule.collectIdly(vm)
        isBusy = false
      case .dropped:
        DroppedObjects.collect(vm, fp)
      }
      do throws(Raised) { return try Evaluator.loop(vm, fp, raising: isRaising) } catch { if !isAsked { throw error } }
    }
    throw Raised()
  }
}

extension CollectCalls {
  /// Ends the call at which the frame stands by what `body` answers; false: by what it raises.
  private static func answers(_ fp: Registers, _ body: () throws(Raised) -> Value) -> Bool {
    do throws(Raised) {
      let result = try body()
      fp[Int(fp.framePC.pointee.a)] = result
      fp.framePC = fp.framePC + InstructionTable.shared.length(fp.framePC)
      return true
    } catch {
      return false
    }
  }
}

extension Evaluator {
  /// Runs frames from `entry` on until it returns or yields, as `loop` does, which nothing else enters.
  @inline(__always)
  static func execute(_ vm: VM, _ entry: Registers, raising: Bool) throws(Raised) -> Value {
    #if DEBUG
      // The loop's frame has a place of its own for each value of each instruction: what it takes over there would be scanned as long as it runs.
      if !vm.nativeStackIsLow { amphis_clear_stack() }
    #endif
    do throws(Raised) { return try loop(vm, entry, raising: raising) } catch {
      if !CollectCalls.isAsked { throw error }
    }
    // Where the loop's frame was, the collector's come to lie; what they leave unwritten would be scanned.
    if !vm.nativeStackIsLow { amphis_clear_stack() }
    return try CollectCalls.collect(vm)
  }
}
