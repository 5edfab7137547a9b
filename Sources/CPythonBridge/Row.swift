/// A growable row of trivial values, in memory outside of both heaps. It is copied as it is; who owns it frees it, once.
struct Row<Element> {
  var items = UnsafeMutablePointer<Element>(bitPattern: 64).unsafelyUnwrapped
  var count = 0
  private(set) var capacity = 0

  @inline(__always) mutating func append(_ element: Element) {
    if count == capacity { reserve(max(8, capacity &* 2)) }
    (items + count).initialize(to: element)
    count &+= 1
  }
  /// Makes room for `larger` elements, more than there are.
  @inline(never) mutating func reserve(_ larger: Int) {
    let p = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    p.moveInitialize(from: items, count: count)
    free()
    (items, capacity) = (p, larger)
  }
  func free() { if capacity > 0 { items.deallocate() } }
}
