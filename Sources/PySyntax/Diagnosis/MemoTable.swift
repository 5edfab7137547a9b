/// What rules have yielded at which token: for each token a list of pages. A pass asks dozens of rules about the same few tokens and then
/// goes on, so what belongs to a token lies together; one table hashed by rule and token missed the cache at every step of a long display.
struct MemoTable {
  /// A small hash table: the slot of a key is the first from `slot(key)` on, wrapping around, that has it or is empty. At most `most`
  /// of the slots are in use; further entries lie in the page `next`, older than this one, or -1.
  private struct Page {
    var keys: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    var values: (Values8, Values8, Values8, Values8)
    var count: Int32
    var next: Int32
  }
  private typealias Values8 = (Value, Value, Value, Value, Value, Value, Value, Value)
  private struct Value {
    var node: Int32 = 0
    var mark: Int32 = 0
  }
  private static let slots = 32
  private static let most = 24
  private static let unused = UInt16.max

  @inline(__always) private static func slot(_ key: UInt16) -> Int { Int(truncatingIfNeeded: (UInt32(key) &* 0x9E37) >> 11) & (slots - 1) }

  /// The newest page of each token; -1: none.
  private var heads: UnsafeMutablePointer<Int32>
  private var headCount = 0
  private var headCapacity = 256
  private var pages: UnsafeMutablePointer<Page>
  private var pageCount = 0
  private var pageCapacity = 256

  init() {
    heads = .allocate(capacity: headCapacity)
    pages = .allocate(capacity: pageCapacity)
  }

  func free() {
    heads.deallocate()
    pages.deallocate()
  }

  mutating func removeAll() {
    headCount = 0
    pageCount = 0
  }

  @inline(__always) private func keys(_ page: UnsafeMutablePointer<Page>) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(page).assumingMemoryBound(to: UInt16.self)
  }

  @inline(__always) private func values(_ page: UnsafeMutablePointer<Page>) -> UnsafeMutablePointer<Value> {
    (UnsafeMutableRawPointer(page) + MemoTable.slots * 2).assumingMemoryBound(to: Value.self)
  }

  /// Where the result of a rule is kept.
  @inline(__always) private func entry(_ position: Int, _ key: UInt16) -> UnsafeMutablePointer<Value>? {
    guard position < headCount else { return nil }
    var index = heads[position]
    while index >= 0 {
      let page = pages + Int(index)
      let keys = keys(page)
      var slot = MemoTable.slot(key)
      while keys[slot] != MemoTable.unused {
        if keys[slot] == key { return values(page) + slot }
        slot = (slot &+ 1) & (MemoTable.slots - 1)
      }
      index = page.pointee.next
    }
    return nil
  }

  @inline(__always) func find(_ position: Int, _ key: UInt16) -> (node: Int32, mark: Int32)? {
    guard let entry = entry(position, key) else { return nil }
    return (entry.pointee.node, entry.pointee.mark)
  }

  @inline(__always) mutating func set(_ position: Int, _ key: UInt16, _ node: Int32, _ mark: Int32) {
    if let entry = entry(position, key) {
      entry.pointee = Value(node: node, mark: mark)
      return
    }
    if position >= headCount { addHeads(position) }
    var index = Int(heads[position])
    if index < 0 || Int(pages[index].count) == MemoTable.most { index = addPage(position) }
    let page = pages + index
    let keys = keys(page)
    var slot = MemoTable.slot(key)
    while keys[slot] != MemoTable.unused { slot = (slot &+ 1) & (MemoTable.slots - 1) }
    keys[slot] = key
    values(page)[slot] = Value(node: node, mark: mark)
    page.pointee.count &+= 1
  }

  private mutating func addHeads(_ position: Int) {
    if position >= headCapacity {
      let capacity = max(headCapacity * 2, position + 1)
      heads = MemoTable.larger(heads, headCount, capacity)
      headCapacity = capacity
    }
    (heads + headCount).initialize(repeating: -1, count: position + 1 - headCount)
    headCount = position + 1
  }

  private mutating func addPage(_ position: Int) -> Int {
    if pageCount == pageCapacity {
      pages = MemoTable.larger(pages, pageCount, pageCapacity * 2)
      pageCapacity *= 2
    }
    // Values are read only where there is a key.
    let page = pages + pageCount
    keys(page).initialize(repeating: MemoTable.unused, count: MemoTable.slots)
    page.pointee.count = 0
    page.pointee.next = heads[position]
    heads[position] = Int32(truncatingIfNeeded: pageCount)
    pageCount += 1
    return pageCount - 1
  }

  private static func larger<T>(_ old: UnsafeMutablePointer<T>, _ count: Int, _ capacity: Int) -> UnsafeMutablePointer<T> {
    let new = UnsafeMutablePointer<T>.allocate(capacity: capacity)
    new.moveInitialize(from: old, count: count)
    old.deallocate()
    return new
  }
}
