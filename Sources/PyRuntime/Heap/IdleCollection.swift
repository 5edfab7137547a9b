import Glibc

/// A collection while a thread waits for another. What it waits for may be the end of an object that nobody refers to any more: a socket
/// that has to be closed before the other side goes on. Reference counting would have closed it before the wait.
enum IdleCollection {
  /// When the next one may be, nanoseconds on the monotonic clock
  nonisolated(unsafe) private static var earliest: UInt64 = 0

  /// Something was allocated since the last collection, and something has a finalizer.
  static var isWanted: Bool { rt.heapPointer.pointee.finalizable.count > 0 && rt.heapPointer.pointee.allocatedSinceCollection > 0 }

  /// The same, and the last idle collection was a while ago: they take at most a twentieth of the time, and are made twice a second at
  /// most.
  static var isDue: Bool { isWanted && nanoseconds() >= earliest }

  /// Collects and finalizes.
  static func run(_ vm: VM) {
    CollectCalls.isBusy = true
    defer { CollectCalls.isBusy = false }
    let start = nanoseconds()
    GCModule.collectIdly(vm)
    let end = nanoseconds()
    earliest = end &+ max(500_000_000, (end &- start) &* 20)
  }

  private static func nanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
  }
}
