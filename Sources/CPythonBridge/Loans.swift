import CPython

/// The items of a container as they were lent, a reference each.
struct LentItems {
  private var row = Row<PyRef>()

  /// Memory of a short row that has ended, for the next one
  nonisolated(unsafe) private static var spare = Row<PyRef>()
  private static let short = 32

  init() {}
  init(capacity: Int) {
    if capacity <= LentItems.short, LentItems.spare.capacity != 0 {
      row = LentItems.spare
      LentItems.spare = Row()
    } else {
      row.reserve(max(capacity, LentItems.short))
    }
  }

  @inline(__always) var count: Int { row.count }
  @inline(__always) subscript(i: Int) -> PyRef { row.items[i] }

  /// Takes the reference over.
  @inline(__always) mutating func append(_ item: PyRef) { row.append(item) }

  /// Drops the references and gives the memory back; the items must not be used again.
  func drop() {
    var i = 0
    while i < row.count {
      release(row.items[i])
      i &+= 1
    }
    if row.capacity == LentItems.short, LentItems.spare.capacity == 0 {
      LentItems.spare = row
      LentItems.spare.count = 0
    } else {
      row.free()
    }
  }
}

/// The loans of all threads' calls now running. Says in `Crossing` whether there are any.
struct LoanStack {
  private var row = Row<Containers.Loan>()

  @inline(__always) var count: Int { row.count }
  @inline(__always) var last: Containers.Loan? { row.count == 0 ? nil : row.items[row.count &- 1] }
  @inline(__always) subscript(i: Int) -> Containers.Loan {
    get { row.items[i] }
    nonmutating set { row.items[i] = newValue }
  }

  mutating func append(_ loan: Containers.Loan) {
    row.append(loan)
    Crossing.flags |= Crossing.loans
  }
  @inline(__always) mutating func removeLast() { truncate(row.count &- 1) }
  @inline(__always) mutating func truncate(_ n: Int) {
    row.count = n
    if n == 0 { Crossing.flags &= ~Crossing.loans }
  }

  /// The innermost loan of that container of CPython's.
  func lastIndex(of theirs: PyRef) -> Int? {
    var i = row.count
    while i > 0 {
      i &-= 1
      if row.items[i].theirs == theirs { return i }
    }
    return nil
  }
}
