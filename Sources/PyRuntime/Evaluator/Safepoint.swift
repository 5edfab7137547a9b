// What happens when the evaluator leaves its fast path because `evalBreaker` is set.

extension VM {
  /// Handles requested safepoint work: thread switches, signals, finalizers, exceptions sent by other threads.
  package func safepoint() throws(Raised) {
    let reasons = SafepointReason(rawValue: rt.pointee.evalBreaker)
    // Nothing runs in a traced frame before its call event, or the events that follow do not nest: the next call or jump will do.
    if reasons.contains(.tracing), Tracing.awaitsCall(self) { return }
    // Before another thread runs: who makes garbage finalizes it, so that finalizers that take long hold back the thread they are due to and
    // not another, while the first goes on to make more.
    if reasons.contains(.finalizers) {
      rt.clearSafepoint(.finalizers)
      runFinalizers()
    }
    if reasons.contains(.switchThread) {
      rt.clearSafepoint(.switchThread)
      rt.pointee.hooks.switchThread?(self)
    }
    if reasons.contains(.signals), thread == rt.pointee.mainThread {
      rt.clearSafepoint(.signals)
      try rt.pointee.hooks.handleSignals?(self)
    }
    if reasons.contains(.pendingCalls), thread == rt.pointee.mainThread {
      rt.clearSafepoint(.pendingCalls)
      try rt.pointee.hooks.runPendingCalls?(self)
    }
    if reasons.contains(.asyncException), thread.pointee.asyncException.isCell {
      rt.clearSafepoint(.asyncException)
      let exception = thread.pointee.asyncException
      thread.pointee.asyncException = .null
      if exception.isExceptionClass {
        throw raise(try Exceptions.make(self, exception.asType, Args(thread.pointee.stackTop, count: 0)))
      }
      throw raise(exception)
    }
  }

  /// Runs Python's handlers of signals that have come, in the main thread.
  package func handlePendingSignals() throws(Raised) {
    guard SafepointReason(rawValue: rt.pointee.evalBreaker).contains(.signals), thread == rt.pointee.mainThread else { return }
    rt.clearSafepoint(.signals)
    try rt.pointee.hooks.handleSignals?(self)
  }

  /// Runs the finalizers and weak reference callbacks of objects that the collector found dead. An exception in one is reported and
  /// does not come out; a pending one is kept.
  func runFinalizers() {
    let pending = takePending()
    let heap = rt.heapPointer
    FaultReport.finalizing += 1
    defer { FaultReport.finalizing -= 1 }
    while let cell = heap.pointee.pendingCallbacks.popLast() {
      var reference = Value(cell: cell)
      withUnsafeMutablePointer(to: &reference) { kept in
        let callback = kept.pointee.as(WeakRefLayout.self).pointee.callback
        kept.pointee.as(WeakRefLayout.self).pointee.callback = .null
        if !callback.isNull {
          do throws(Raised) { _ = try call(callback, kept.pointee) } catch {
            writeUnraisable("", callback)
          }
        }
      }
    }
    // Inside a finalizer only what has been found dead since then is finalized: what was taken with its object may be the object's own parts.
    let floor = thread.pointee.finalizationFloor
    takeFoundDead()
    while thread.pointee.finalizing.count > floor, let cell = thread.pointee.finalizing.popLast() {
      var object = Value(cell: cell)
      thread.pointee.finalizationFloor = thread.pointee.finalizing.count
      withUnsafeMutablePointer(to: &object) { kept in
        kept.pointee.type.pointee.slots.finalize?(self, kept.pointee)
      }
      thread.pointee.finalizationFloor = floor
      takeFoundDead()
    }
    thread.pointee.pending = pending
  }

  /// What waits for any thread becomes this one's to finalize. No other thread gets at what lies in between: it could be part of an object whose
  /// finalizer is running.
  private func takeFoundDead() {
    let heap = rt.heapPointer
    guard heap.pointee.pendingFinalization.count > 0 else { return }
    thread.pointee.finalizing.append(contentsOf: heap.pointee.pendingFinalization)
    heap.pointee.pendingFinalization.count = 0
  }
}
