import Glibc

/// A collection while a thread waits for another. What it waits for may be the end of an object that nobody refers to any more: a socket
/// that has to be closed before the other side goes on. Reference counting would have closed it before the wait.
///
/// Another thread may drop the last reference when the wait has long begun, and allocate nothing: so a few more collections follow, each after twice the time.
enum IdleCollection {
  /// When the last one ended, on the monotonic clock, and how long it took; nanoseconds
  nonisolated(unsafe) private static var last: (end: Int, cost: Int) = (0, 0)
  /// How many have been made since a wait began before which something had been allocated, less that first one
  nonisolated(unsafe) private static var repeated = 0
  private static let mostRepeated = 6
  /// The first one waits so long, nanoseconds.
  static let patience = 50_000_000

  private static func isFresh(_ isFirst: Bool) -> Bool { isFirst && rt.heapPointer.pointee.allocatedSinceCollection > 0 }

  /// Something has a finalizer; and something was allocated since the last collection, or it has not been looked for often.
  /// - Parameter isFirst: of the asking thread's wait
  static func isWanted(isFirst: Bool) -> Bool {
    rt.heapPointer.pointee.finalizable.count > 0 && (repeated < mostRepeated || isFresh(isFirst))
  }

  /// How long to wait before asking whether one is due, nanoseconds: they take at most a twentieth of the time, and are made twice a second at most.
  static func wait(isFirst: Bool) -> Int { max(patience, remaining(isFirst)) }
  private static func remaining(_ isFirst: Bool) -> Int {
    last.end &+ max(isFresh(isFirst) ? 500_000_000 : 500_000_000 << repeated, last.cost &* 20) &- nanoseconds()
  }

  /// It is wanted, and the last idle collection was a while ago. Counts the one that the caller is to make then.
  static func isDue(isFirst: Bool) -> Bool {
    guard isWanted(isFirst: isFirst), remaining(isFirst) <= 0 else { return false }
    repeated = isFresh(isFirst) ? 0 : repeated &+ 1
    return true
  }

  /// Collects and finalizes.
  static func run(_ vm: VM) {
    CollectCalls.isBusy = true
    defer { CollectCalls.isBusy = false }
    let start = nanoseconds()
    GCModule.collectIdly(vm)
    let end = nanoseconds()
    last = (end, end &- start)
  }

  private static func nanoseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec &* 1_000_000_000 &+ now.tv_nsec
  }
}
