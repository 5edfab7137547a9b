/// A growable buffer of trivial elements without reference counting or uniqueness checks. The owner calls `free()`.
/// Invariant: `base[0 ..< count]` are initialised; indexes are checked only in debug builds.
struct Vec<Element> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count: Int
  private var capacity: Int

  init(capacity: Int = 16) {
    self.capacity = max(capacity, 4)
    base = .allocate(capacity: self.capacity)
    count = 0
  }

  func free() { base.deallocate() }

  @inline(__always) var isEmpty: Bool { count == 0 }

  @inline(__always) subscript(index: Int) -> Element {
    unsafeAddress {
      assert(index >= 0 && index < count)
      return UnsafePointer(base + index)
    }
    nonmutating unsafeMutableAddress {
      assert(index >= 0 && index < count)
      return base + index
    }
  }

  @inline(__always) subscript(index: Int32) -> Element {
    unsafeAddress {
      assert(index >= 0 && Int(index) < count)
      return UnsafePointer(base + Int(index))
    }
    nonmutating unsafeMutableAddress {
      assert(index >= 0 && Int(index) < count)
      return base + Int(index)
    }
  }

  @inline(__always) mutating func append(_ element: Element) {
    if count == capacity { grow(to: capacity &* 2) }
    (base + count).initialize(to: element)
    count &+= 1
  }

  @inline(never) private mutating func grow(to wanted: Int) {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = wanted
  }

  mutating func reserve(_ wanted: Int) {
    if wanted > capacity { grow(to: max(wanted, capacity &* 2)) }
  }

  mutating func removeLast(_ number: Int = 1) {
    assert(number <= count)
    count &-= number
  }

  mutating func truncate(to size: Int) {
    assert(size <= count)
    count = size
  }

  mutating func extend(by number: Int, repeating value: Element) {
    reserve(count &+ number)
    (base + count).initialize(repeating: value, count: number)
    count &+= number
  }

  func array() -> [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
