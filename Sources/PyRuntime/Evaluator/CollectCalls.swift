/// `gc.collect()` as an instruction calls it. The native frame of the loop holds what earlier instructions spilled there, and the scan of
/// native stacks would take that for live: an object that a program has just dropped would stay. So such a call leaves the loop, all
/// frames of Python code as they are, collects where that frame was, and enters the loop again.
enum CollectCalls {
  /// `gc.collect` itself.
  nonisolated(unsafe) static var function = Value.null
  /// The generation asked for by a call that is leaving the loop; nothing runs between its `throw` and `collect` below.
  nonisolated(unsafe) private static var asked: Int?

  /// Whether a loop is being left to collect: there is no exception then.
  static var isAsked: Bool { asked != nil }

  /// Leaves the loop if its instruction is a call of `gc.collect`: if native code called it, the collection is made there.
  static func leaveLoop(_ vm: VM, _ generation: Int) throws(Raised) {
    guard !vm.thread.pointee.isTraced, let frame = vm.thread.pointee.frame else { return }
    let fp = frame.assumingMemoryBound(to: Value.self)
    guard fp[-1].isExact(rt.types.function) else { return }
    let slot = fp + (Int(fp.framePC.pointee.b) &+ FrameLayout.calleeOffset)
    switch fp.framePC.pointee.instruction {
    case .call, .call1: guard slot[0] == function else { return }
    case .callMethod, .callMethod1: guard (slot[0].isNull ? slot[1] : slot[0]) == function else { return }
    default: return
    }
    asked = generation
    throw Raised()
  }

  /// Collects for the frame that has left the loop, and goes on in it.
  @inline(never)
  static func collect(_ vm: VM) throws(Raised) -> Value {
    while let generation = asked, let frame = vm.thread.pointee.frame {
      asked = nil
      let fp = frame.assumingMemoryBound(to: Value.self)
      var isRaising = false
      do throws(Raised) {
        let count = try vm.int(try GCModule.collect(vm, generation))
        fp[Int(fp.framePC.pointee.a)] = count
        fp.framePC = fp.framePC + InstructionTable.shared.length(fp.framePC)
      } catch {
        isRaising = true
      }
      do throws(Raised) { return try Evaluator.loop(vm, fp, raising: isRaising) } catch { if !isAsked { throw error } }
    }
    throw Raised()
  }
}

extension Evaluator {
  /// Runs frames from `entry` on until it returns or yields, as `loop` does, which nothing else enters.
  @inline(__always)
  static func execute(_ vm: VM, _ entry: Registers, raising: Bool) throws(Raised) -> Value {
    do throws(Raised) { return try loop(vm, entry, raising: raising) } catch {
      if !CollectCalls.isAsked { throw error }
    }
    return try CollectCalls.collect(vm)
  }
}
