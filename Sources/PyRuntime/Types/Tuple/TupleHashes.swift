/// Hashes of tuples that lie in tuples: states of a search, records of records, whose parts are hashed again with every whole.
///
/// A tuple of plain items (`Tuples.hashAtOnce`) has the same hash as long as it lives and no class learns to hash differently. So each
/// collection begins a new epoch, after which other cells may have the addresses, and so does each change of a class: entries of earlier
/// ones match nothing.
///
/// An entry is a cell's address, of 48 bits, with the epoch above it, and its hash, or -1 for a tuple that has other items. Each address has
/// one place.
enum TupleHashes {
  private struct Entry {
    var tag: UInt64
    var hash: Int
  }
  private static let count = 1024
  private static let epochUnit: UInt64 = 1 << 48
  nonisolated(unsafe) private static var table: UnsafeMutablePointer<Entry>?
  /// Never zero: an entry of zeroes is none.
  nonisolated(unsafe) private static var epoch = epochUnit

  @inline(__always) private static func place(_ cell: UInt64) -> Int { Int(truncatingIfNeeded: cell >> 5 ^ cell >> 15) & (count &- 1) }

  /// The hash of a tuple in a tuple, at `depth`; -1 when it takes a call.
  static func hash(_ v: Value, _ depth: Int) -> Int {
    guard let table else { return prepare() ? hash(v, depth) : Tuples.hashAtOnce(v, depth) }
    let cell = UInt64(UInt(bitPattern: v.cell))
    let entry = table + place(cell)
    if entry.pointee.tag == cell | epoch { return entry.pointee.hash }
    // One too deep to be looked at from here is not known to be anything.
    guard Tuples.isShallow(depth) else { return -1 }
    let hash = Tuples.hashAtOnce(v, depth)
    entry.pointee = Entry(tag: cell | epoch, hash: hash)
    return hash
  }

  @inline(never)
  private static func prepare() -> Bool {
    guard let memory = Heap.zeroPages(count &* MemoryLayout<Entry>.stride) else { return false }
    table = memory.assumingMemoryBound(to: Entry.self)
    return true
  }

  static func forget() {
    epoch &+= epochUnit
    if epoch == 0 { restart() }
  }
  /// All epochs have been used.
  @inline(never)
  private static func restart() {
    epoch = epochUnit
    table?.update(repeating: Entry(tag: 0, hash: 0), count: count)
  }
}
