import Glibc

/// A growing malloc'ed array of trivial elements for the passes of lowering: no reference counts, no bounds checks in the loop. Whoever
/// makes one frees it.
struct ScratchBuffer<Element> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private(set) var capacity: Int

  init(capacity: Int) {
    let capacity = max(capacity, 8)
    base = ScratchBuffer.memory(capacity)
    self.capacity = capacity
  }

  /// An array of `count` times `value`.
  init(repeating value: Element, count: Int) {
    self.init(capacity: count)
    base.initialize(repeating: value, count: count)
    self.count = count
  }

  /// Copies `n` elements, few as a rule: a call of memmove would cost more.
  @inline(__always) func copy(from source: UnsafePointer<Element>, count n: Int) {
    var i = 0
    while i < n {
      (base + i).initialize(to: source[i])
      i &+= 1
    }
  }

  func deallocate() {
    free(base)
  }

  /// (`UnsafeMutablePointer.allocate` goes through posix_memalign, which costs several times as much.)
  private static func memory(_ capacity: Int) -> UnsafeMutablePointer<Element> {
    guard let p = malloc(capacity &* MemoryLayout<Element>.stride) else { Heap.die("amphis: out of memory while lowering code\n") }
    return p.assumingMemoryBound(to: Element.self)
  }

  @inline(__always) subscript(_ index: Int) -> Element {
    unsafeAddress { UnsafePointer(base + index) }
    nonmutating unsafeMutableAddress { base + index }
  }

  @inline(__always) mutating func append(_ element: Element) {
    if count == capacity { grow(to: count &+ 1) }
    (base + count).initialize(to: element)
    count &+= 1
  }

  @inline(__always) mutating func removeLast() {
    count &-= 1
  }

  @inline(__always) mutating func removeLast(_ n: Int) {
    count &-= n
  }

  mutating func removeAll() {
    count = 0
  }

  /// Makes room for `extra` elements and returns where they begin; their content is undefined.
  @inline(__always) mutating func extend(by extra: Int) -> UnsafeMutablePointer<Element> {
    if count &+ extra > capacity { grow(to: count &+ extra) }
    let start = base + count
    count &+= extra
    return start
  }

  @inline(never) private mutating func grow(to least: Int) {
    let larger = max(least, capacity &* 2)
    let fresh = ScratchBuffer.memory(larger)
    fresh.moveInitialize(from: base, count: count)
    free(base)
    base = fresh
    capacity = larger
  }
}
