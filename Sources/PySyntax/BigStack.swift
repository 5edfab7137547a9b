import CRuntimeSupport

#if canImport(Glibc)
  import Glibc
#endif

/// How deep recursion may go on the stack of the calling thread.
public enum NativeStack {
  /// What callers leave free: for the work at the deepest level, and signal handlers.
  #if DEBUG
    private static let reserve = 192 << 10
  #else
    private static let reserve = 96 << 10
  #endif

  /// Bytes left on the calling thread's stack. Asks the system, which takes its time for the main thread: who knows it passes it on.
  public static func measureRoom() -> Int {
    var low: UnsafeRawPointer?
    var high: UnsafeRawPointer?
    guard amphis_stack_bounds(&low, &high) == 0 else { return 0 }
    return max(0, Int(bitPattern: amphis_stack_pointer()) - Int(bitPattern: low))
  }

  /// How many levels of `bytesEach` fit into `room` bytes of stack, `most` at most.
  public static func levels(_ most: Int, bytesEach: Int, room: Int?) -> Int {
    max(0, min(most, ((room ?? measureRoom()) - reserve) / bytesEach))
  }
}

/// Runs deeply recursive work on a thread of its own whose stack is large but costs only what is touched.
public enum BigStack {
  private static let size = 512 << 20

  private final class Box<T> {
    let work: () -> T
    var result: T?
    init(_ work: @escaping () -> T) { self.work = work }
  }

  private final class Job {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  /// Waits for the work and returns its result. If no thread can be made, runs it here.
  public static func run<T>(_ work: @escaping () -> T) -> T {
    let box = Box(work)
    let job = Job { box.result = box.work() }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, size)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(job)
    let status = pthread_create(
      &thread, &attributes,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    if status == 0 {
      pthread_join(thread, nil)
    } else {
      argument.release()
    }
    if let result = box.result { return result }
    return work()
  }
}
