#if canImport(Glibc)
  import Glibc
#endif

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
