import CPython

/// The items of a container as they were lent, a reference each. Plain memory outside of both heaps: loans are copied as they are.
struct LentItems {
  private var base = UnsafeMutablePointer<PyRef>(bitPattern: 64).unsafelyUnwrapped
  private(set) var count = 0
  private var capacity = 0

  init() {}
  init(capacity: Int) {
    base = UnsafeMutablePointer<PyRef>.allocate(capacity: capacity)
    self.capacity = capacity
  }

  @inline(__always) subscript(i: Int) -> PyRef { base[i] }

  /// Takes the reference over.
  @inline(__always) mutating func append(_ item: PyRef) {
    if count == capacity { grow() }
    base[count] = item
    count &+= 1
  }
  @inline(never) private mutating func grow() {
    let larger = max(8, capacity &* 2)
    let p = UnsafeMutablePointer<PyRef>.allocate(capacity: larger)
    p.update(from: base, count: count)
    if capacity > 0 { base.deallocate() }
    (base, capacity) = (p, larger)
  }

  /// Drops the references and gives the memory back; the items must not be used again.
  func drop() {
    var i = 0
    while i < count {
      release(base[i])
      i &+= 1
    }
    if capacity > 0 { base.deallocate() }
  }
}

/// The loans of all threads' calls now running. Says in `Crossing` whether there are any.
struct LoanStack {
  private var base = UnsafeMutablePointer<Containers.Loan>(bitPattern: 64).unsafelyUnwrapped
  private(set) var count = 0
  private var capacity = 0

  @inline(__always) var last: Containers.Loan? { count == 0 ? nil : base[count &- 1] }
  @inline(__always) subscript(i: Int) -> Containers.Loan {
    get { base[i] }
    nonmutating set { base[i] = newValue }
  }

  mutating func append(_ loan: Containers.Loan) {
    if count == capacity {
      let larger = max(16, capacity &* 2)
      let p = UnsafeMutablePointer<Containers.Loan>.allocate(capacity: larger)
      p.update(from: base, count: count)
      if capacity > 0 { base.deallocate() }
      (base, capacity) = (p, larger)
    }
    base[count] = loan
    count &+= 1
    Crossing.flags |= Crossing.loans
  }
  @inline(__always) mutating func removeLast() { truncate(count &- 1) }
  @inline(__always) mutating func truncate(_ n: Int) {
    count = n
    if n == 0 { Crossing.flags &= ~Crossing.loans }
  }

  /// The innermost loan of that container of CPython's.
  func lastIndex(of theirs: PyRef) -> Int? {
    var i = count
    while i > 0 {
      i &-= 1
      if base[i].theirs == theirs { return i }
    }
    return nil
  }
}
