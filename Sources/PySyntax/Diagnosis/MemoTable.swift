/// What rules have yielded at which token: for each token a list of pages. A pass asks dozens of rules about the same few tokens and then
/// goes on, so what belongs to a token lies together; one table hashed by rule and token missed the cache at every step of a long display.
struct MemoTable {
  /// Keys, results and ends of 16 entries, the first `count` of which are in use; `next` is the token's next page or -1.
  private struct Page {
    var keys: SIMD16<UInt16>
    var nodes: SIMD16<Int32>
    var marks: SIMD16<Int32>
    var count: Int32
    var next: Int32
  }
  private static let lanes = SIMD16<UInt16>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

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

  /// The page and place of an entry.
  @inline(__always) private func place(_ position: Int, _ key: UInt16) -> (page: Int, index: Int)? {
    guard position < headCount else { return nil }
    var page = Int(heads[position])
    let wanted = SIMD16(repeating: key)
    while page >= 0 {
      let none = SIMD16<UInt16>(repeating: 16)
      let found = Int(none.replacing(with: MemoTable.lanes, where: pages[page].keys .== wanted).min())
      if found < Int(pages[page].count) { return (page, found) }
      page = Int(pages[page].next)
    }
    return nil
  }

  @inline(__always) func find(_ position: Int, _ key: UInt16) -> (node: Int32, mark: Int32)? {
    guard let (page, index) = place(position, key) else { return nil }
    return (pages[page].nodes[index], pages[page].marks[index])
  }

  @inline(__always) mutating func set(_ position: Int, _ key: UInt16, _ node: Int32, _ mark: Int32) {
    if let (page, index) = place(position, key) {
      pages[page].nodes[index] = node
      pages[page].marks[index] = mark
      return
    }
    if position >= headCount { addHeads(position) }
    var page = Int(heads[position])
    if page < 0 || pages[page].count == 16 { page = addPage(position) }
    let index = Int(pages[page].count)
    pages[page].keys[index] = key
    pages[page].nodes[index] = node
    pages[page].marks[index] = mark
    pages[page].count &+= 1
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
    (pages + pageCount).initialize(
      to: Page(
        keys: SIMD16(repeating: .max), nodes: SIMD16(repeating: 0), marks: SIMD16(repeating: 0), count: 0, next: heads[position]))
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
