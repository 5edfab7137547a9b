import Glibc

/// A growable array of raw pointers outside the heap, trivial so that it can live in the runtime's own structs.
/// The collector does not look into it unless told to.
struct PointerVector {
  var items: UnsafeMutablePointer<UnsafeMutableRawPointer>?
  var count = 0
  var capacity = 0

  @inline(__always) mutating func append(_ p: UnsafeMutableRawPointer) {
    if count == capacity { grow() }
    items.unsafelyUnwrapped[count] = p
    count &+= 1
  }
  @inline(__always) mutating func popLast() -> UnsafeMutableRawPointer? {
    guard count > 0, let items else { return nil }
    count &-= 1
    return items[count]
  }
  @inline(__always) var last: UnsafeMutableRawPointer? { count > 0 ? items?[count &- 1] : nil }
  /// Whether `p` was the last one, and is gone.
  @inline(__always) @discardableResult mutating func dropLast(if p: UnsafeMutableRawPointer) -> Bool {
    guard count > 0, let items, items[count &- 1] == p else { return false }
    count &-= 1
    return true
  }
  mutating func append(contentsOf other: PointerVector) {
    for i in 0..<other.count { if let p = other.items?[i] { append(p) } }
  }
  @inline(never) private mutating func grow() {
    let larger = max(256, capacity * 2)
    guard let p = realloc(items, larger * MemoryLayout<UnsafeMutableRawPointer>.stride) else {
      Heap.die("amphis: out of memory for the collector's own tables\n")
    }
    items = p.assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    capacity = larger
  }
  /// Forgets the elements and gives the memory back.
  mutating func discard() {
    free(items)
    self = PointerVector()
  }
  /// Keeps the elements for which `keep` answers true, in order.
  mutating func filter(_ keep: (UnsafeMutableRawPointer) -> Bool) {
    guard let items else { return }
    var kept = 0
    for i in 0..<count where keep(items[i]) {
      items[kept] = items[i]
      kept += 1
    }
    count = kept
  }
}
