import CRuntimeSupport
import Glibc

/// The one lock under which Python runs: our own mutex, or CPython's GIL once libpython is loaded (`bridgeHooks`).
///
/// A thread that waits for the lock asks the holder, after the switch interval, to give it up at its next safepoint; the holder
/// then waits until somebody else has had it. While a thread is without the lock, `parkedStackPointer` says where its native stack
/// ended, registers spilled above it, so that a collection by another thread sees its references.
package enum InterpreterLock {
  nonisolated(unsafe) private static var mutex = pthread_mutex_t()
  nonisolated(unsafe) private static var released = pthread_cond_t()
  nonisolated(unsafe) private static var switched = pthread_cond_t()
  nonisolated(unsafe) private static var held = false
  /// Counts changes of holder.
  nonisolated(unsafe) private static var generation: UInt64 = 0
  nonisolated(unsafe) private static var waiting = 0
  nonisolated(unsafe) private(set) static var isSetUp = false

  /// Threads that were started and have not ended, counted from before they run: one that waits for its first lock is not in the
  /// runtime's list yet. Changed with the lock held.
  nonisolated(unsafe) static var started = 0
  /// Nobody else can want the lock. With libpython loaded, threads of CPython's may.
  static var isAlone: Bool { started == 0 && rt.threads?.pointee.next == nil && rt.pointee.bridgeHooks.releaseLock == nil }

  /// Called once, by the main thread, which holds the lock from then on.
  package static func setUp() {
    pthread_mutex_init(&mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(&released, &attributes)
    pthread_cond_init(&switched, &attributes)
    held = true
    isSetUp = true
  }

  package static func afterForkInChild() {
    setUp()
    waiting = 0
    rt.pointee.currentThread = rt.pointee.mainThread
  }

  /// Takes the lock for `thread`.
  package static func acquire(_ thread: UnsafeMutablePointer<ThreadState>) {
    if let take = rt.pointee.bridgeHooks.acquireLock {
      take()
    } else {
      pthread_mutex_lock(&mutex)
      waiting += 1
      while held {
        // libpython was loaded while we waited: its lock counts from now on.
        if let take = rt.pointee.bridgeHooks.acquireLock {
          waiting -= 1
          pthread_mutex_unlock(&mutex)
          take()
          rt.pointee.currentThread = thread
          thread.pointee.parkedStackPointer = nil
          return
        }
        let before = generation
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let nanoseconds = Int(min(max(rt.pointee.switchInterval, 1e-6), 1000) * 1e9)
        deadline.tv_sec += (deadline.tv_nsec + nanoseconds) / 1_000_000_000
        deadline.tv_nsec = (deadline.tv_nsec + nanoseconds) % 1_000_000_000
        let timedOut = pthread_cond_timedwait(&released, &mutex, &deadline) == ETIMEDOUT
        if timedOut && held && generation == before { rt.requestSafepoint(.switchThread) }
      }
      waiting -= 1
      held = true
      generation &+= 1
      pthread_cond_broadcast(&switched)
      pthread_mutex_unlock(&mutex)
    }
    rt.pointee.currentThread = thread
    thread.pointee.parkedStackPointer = nil
  }

  /// Gives the lock up. The caller has set `parkedStackPointer`.
  package static func release() {
    if let give = rt.pointee.bridgeHooks.releaseLock {
      give()
      return
    }
    pthread_mutex_lock(&mutex)
    held = false
    pthread_cond_signal(&released)
    pthread_mutex_unlock(&mutex)
  }

  /// Gives the lock up at the end of a thread.
  static func releaseForGood() {
    if let give = rt.pointee.bridgeHooks.releaseLockForGood { give() } else { release() }
  }

  /// At a safepoint: lets a waiting thread run.
  package static func yield(_ vm: VM) {
    rt.clearSafepoint(.switchThread)
    if isAlone { return }
    vm.unlocked {
      if rt.pointee.bridgeHooks.releaseLock != nil { return }
      // Wait until another thread has taken the lock, lest we take it again at once.
      pthread_mutex_lock(&mutex)
      let before = generation
      if waiting > 0 && !held {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += 1
        while generation == before && waiting > 0 {
          if pthread_cond_timedwait(&switched, &mutex, &deadline) == ETIMEDOUT { break }
        }
      }
      pthread_mutex_unlock(&mutex)
    }
  }
}

extension VM {
  /// Runs `body` without the interpreter lock: around blocking system calls. `body` touches no Python object and allocates
  /// nothing in the heap. `errno` is kept.
  package func unlocked<R>(_ body: () -> R) -> R {
    if !InterpreterLock.isSetUp { return body() }
    // Alone, nobody can want the lock: giving it up would only cost. A bridge may hold other threads of CPython's.
    if InterpreterLock.isAlone { return body() }
    var result: R?
    withoutActuallyEscaping(body) { body in
      var work: (UnsafeRawPointer) -> Void = { sp in
        thread.pointee.parkedStackPointer = sp
        InterpreterLock.release()
        result = body()
        let error = errno
        InterpreterLock.acquire(thread)
        errno = error
      }
      withUnsafeMutablePointer(to: &work) { p in
        amphis_with_spilled_registers(
          { context, sp in
            guard let context, let sp else { return }
            context.assumingMemoryBound(to: ((UnsafeRawPointer) -> Void).self).pointee(sp)
          }, p)
      }
    }
    return result.unsafelyUnwrapped
  }
}
