import Glibc

/// What `tracemalloc` knows of the cells allocated while it is on: their sizes, and where. Lives outside the heap. While tracing is off
/// nothing is here and nothing looks here: the heap then serves allocations from its free lists, which `Heap.isWatched` keeps empty.
///
/// Invariants: each entry of `table` is a cell that is alive or has not been found dead; `frames` holds file names that `mark` keeps.
struct MemoryTraces {
  struct Entry {
    /// Address of the cell; 0: free, 1: an entry was here
    var cell: UInt
    var size: Int
    var traceback: Int32
  }
  struct Frame {
    var file: Value
    var line: Int
  }
  /// Frames [first, first + count), innermost first, of `total` that there were
  struct Traceback {
    var first: Int32, count: Int32
    var total: Int32
    var hash: UInt32
  }

  private(set) var isOn = false
  /// Most frames of a traceback
  private(set) var limit = 1
  private(set) var traced = 0
  private(set) var peak = 0
  private(set) var count = 0

  private var table: UnsafeMutablePointer<Entry>?
  /// Entries that the table has room for, a power of two; entries used, also by removed ones
  private var capacity = 0, used = 0
  private(set) var tracebacks: UnsafeMutablePointer<Traceback>?
  private(set) var tracebackCount = 0
  private var tracebackCapacity = 0
  /// Hash table of numbers of tracebacks, -1: free
  private var index: UnsafeMutablePointer<Int32>?
  private var indexCapacity = 0
  private(set) var frames: UnsafeMutablePointer<Frame>?
  private var frameCount = 0, frameCapacity = 0

  static let largestLimit = 65_535

  mutating func start(limit: Int) {
    self.limit = limit
    isOn = true
  }
  mutating func stop() {
    clear()
    isOn = false
  }
  /// Forgets all traces.
  mutating func clear() {
    free(table)
    free(tracebacks)
    free(index)
    free(frames)
    let wasOn = isOn, limit = limit
    self = MemoryTraces()
    isOn = wasOn
    self.limit = limit
  }
  mutating func resetPeak() { peak = traced }

  /// Bytes of these tables.
  var ownBytes: Int {
    capacity &* MemoryLayout<Entry>.stride &+ tracebackCapacity &* MemoryLayout<Traceback>.stride &+ indexCapacity &* 4
      &+ frameCapacity &* MemoryLayout<Frame>.stride
  }

  // MARK: recording

  /// A cell has been allocated by the running thread.
  mutating func add(_ cell: UnsafeMutableRawPointer, _ bytes: Int) {
    let traceback = currentTraceback()
    insert(Entry(cell: UInt(bitPattern: cell), size: bytes, traceback: traceback))
    traced &+= bytes
    peak = max(peak, traced)
  }

  /// Forgets the cells for which `isAlive` answers false: after marking.
  mutating func removeDead(_ isAlive: (UnsafeMutableRawPointer) -> Bool) {
    guard let table else { return }
    for i in 0..<capacity where table[i].cell > 1 {
      guard let cell = UnsafeMutableRawPointer(bitPattern: table[i].cell), !isAlive(cell) else { continue }
      traced &-= table[i].size
      count &-= 1
      table[i].cell = 1
    }
  }

  /// Keeps the names of files.
  func mark(_ tracer: Tracer) {
    guard let frames else { return }
    for i in 0..<frameCount { tracer.visit(frames[i].file) }
  }

  /// The trace of a cell.
  func entry(of cell: UnsafeMutableRawPointer) -> Entry? {
    guard let table, capacity > 0 else { return nil }
    var i = slot(UInt(bitPattern: cell))
    while table[i].cell != 0 {
      if table[i].cell == UInt(bitPattern: cell) { return table[i] }
      i = (i &+ 1) & (capacity &- 1)
    }
    return nil
  }

  /// Calls `body` with every trace.
  func forEach(_ body: (Entry) throws(Raised) -> Void) throws(Raised) {
    guard let table else { return }
    for i in 0..<capacity where table[i].cell > 1 { try body(table[i]) }
  }

  // MARK: tables

  private func slot(_ address: UInt) -> Int { Int(truncatingIfNeeded: (address >> 4) &* 0x9E37_79B9_7F4A_7C15 >> 20) & (capacity &- 1) }

  private mutating func insert(_ entry: Entry) {
    if used &* 2 >= capacity { rebuild(max(1 << 12, count &* 4)) }
    guard let table else { return }
    var i = slot(entry.cell)
    while table[i].cell > 1 { i = (i &+ 1) & (capacity &- 1) }
    if table[i].cell == 0 { used &+= 1 }
    table[i] = entry
    count &+= 1
  }

  private mutating func rebuild(_ least: Int) {
    var size = 1 << 12
    while size < least { size &*= 2 }
    let old = table, oldCapacity = capacity
    table = MemoryTraces.allocate(size)
    capacity = size
    used = 0
    count = 0
    guard let table else { return }
    memset(table, 0, size &* MemoryLayout<Entry>.stride)
    if let old { for i in 0..<oldCapacity where old[i].cell > 1 { insert(old[i]) } }
    free(old)
  }

  private static func allocate<T>(_ count: Int) -> UnsafeMutablePointer<T> {
    guard let p = malloc(count &* MemoryLayout<T>.stride) else { Heap.die("amphis: out of memory for the tables of tracemalloc\n") }
    return p.assumingMemoryBound(to: T.self)
  }
  private static func grow<T>(_ p: inout UnsafeMutablePointer<T>?, _ capacity: inout Int) {
    let larger = max(256, capacity &* 2)
    guard let q = realloc(p, larger &* MemoryLayout<T>.stride) else { Heap.die("amphis: out of memory for the tables of tracemalloc\n") }
    p = q.assumingMemoryBound(to: T.self)
    capacity = larger
  }

  /// The number of the traceback of where the running thread is.
  private mutating func currentTraceback() -> Int32 {
    let first = frameCount
    var total: Int32 = 0
    var hash: UInt = 5381
    var frame = rt.currentThread?.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    while let fp = frame {
      frame = fp.frameCaller
      total = min(total &+ 1, Int32(MemoryTraces.largestLimit))
      if frameCount &- first < limit {
        let code = fp.frameCode
        append(Frame(file: code.pointee.filename, line: max(0, LineTable.line(code, fp.frameLasti))), &hash)
      }
    }
    if frameCount == first { append(Frame(file: .null, line: 0), &hash) }
    hash = (hash ^ UInt(total)) &* 0x9E37_79B9_7F4A_7C15
    let short = UInt32(truncatingIfNeeded: hash >> 32)
    if tracebackCount &* 2 >= indexCapacity { rebuildIndex() }
    guard let index else { return 0 }
    var i = Int(short) & (indexCapacity &- 1)
    while index[i] >= 0 {
      if isSame(index[i], first, total, short) {
        frameCount = first
        return index[i]
      }
      i = (i &+ 1) & (indexCapacity &- 1)
    }
    if tracebackCount == tracebackCapacity { MemoryTraces.grow(&tracebacks, &tracebackCapacity) }
    let n = Int32(truncatingIfNeeded: tracebackCount)
    tracebacks?[tracebackCount] = Traceback(
      first: Int32(truncatingIfNeeded: first), count: Int32(truncatingIfNeeded: frameCount &- first), total: max(1, total), hash: short)
    tracebackCount &+= 1
    index[i] = n
    return n
  }

  private mutating func append(_ frame: Frame, _ hash: inout UInt) {
    if frameCount == frameCapacity { MemoryTraces.grow(&frames, &frameCapacity) }
    frames?[frameCount] = frame
    frameCount &+= 1
    hash = (hash &* 33) ^ UInt(truncatingIfNeeded: frame.file.bits) ^ UInt(bitPattern: frame.line) &* 0x9E37_79B9_7F4A_7C15
  }

  private func isSame(_ number: Int32, _ first: Int, _ total: Int32, _ hash: UInt32) -> Bool {
    guard let tracebacks, let frames else { return false }
    let t = tracebacks[Int(number)]
    guard t.hash == hash, t.total == max(1, total), Int(t.count) == frameCount &- first else { return false }
    for i in 0..<Int(t.count) {
      let a = frames[Int(t.first) &+ i], b = frames[first &+ i]
      if a.file != b.file || a.line != b.line { return false }
    }
    return true
  }

  private mutating func rebuildIndex() {
    free(index)
    indexCapacity = max(1 << 10, indexCapacity &* 4)
    index = MemoryTraces.allocate(indexCapacity)
    guard let index, let tracebacks = tracebackCount > 0 ? tracebacks : UnsafeMutablePointer<Traceback>(bitPattern: 8) else { return }
    memset(index, 0xFF, indexCapacity &* 4)
    for n in 0..<tracebackCount {
      var i = Int(tracebacks[n].hash) & (indexCapacity &- 1)
      while index[i] >= 0 { i = (i &+ 1) & (indexCapacity &- 1) }
      index[i] = Int32(truncatingIfNeeded: n)
    }
  }
}
