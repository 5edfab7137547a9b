import CRuntimeSupport
import Glibc

/// The object heap: size-class blocks in one reserved range, non-moving mark–sweep with lazy sweeping. docs/heap.md tells why.
///
/// Invariants: every carved cell's first word is a type (live) or zero (free); a cell is fully initialised before the next
/// allocation; only the thread that holds the interpreter lock touches the heap; between collections no cell outside an unswept
/// block is marked, those that are kept excepted; at most one block of a class, the last one taken, has cells that are not carved.
struct Heap {
  /// Address of block 0; blocks [0, frontier) have been handed out at some time.
  let base: UInt
  var frontier = 0
  let reservedBlocks: Int
  /// For each block a `BlockState` word and a header; for each granule a `MarkBits` byte. The byte of the cell at address a is
  /// `marks[a >> granuleShift]`: the pointer is biased.
  let map: UnsafeMutablePointer<UInt32>
  let headers: BlockRef
  let marks: UnsafeMutablePointer<UInt8>
  let freeLists: UnsafeMutablePointer<UnsafeMutablePointer<FreeCell>?>
  /// While the heap is watched the free lists stay empty, so that every allocation is slow; the cells wait here.
  let parkedLists: UnsafeMutablePointer<UnsafeMutablePointer<FreeCell>?>
  /// All blocks of a class, the next one to sweep, and the one that has cells not carved yet.
  let classBlocks: UnsafeMutablePointer<BlockRef?>
  let sweepCursor: UnsafeMutablePointer<BlockRef?>
  let carving: UnsafeMutablePointer<BlockRef?>
  let classSize: UnsafeMutablePointer<Int32>
  /// (bytes + 15) >> 4 → size class, for sizes up to `largestSmallCell`
  let classOfGranules: UnsafeMutablePointer<UInt8>
  let classCount: Int
  /// Free blocks below the frontier, and those of them that still have their memory
  var freeBlockCount = 0
  var dirtyBlockCount = 0
  /// No block below this index is free
  var freeHint = 0
  /// The blocks of the last large run taken were all zero
  var tookCleanRun = false
  /// No free run of this many blocks lies below the frontier
  var noFreeRun = Int.max
  /// Whether the system has been asked for large pages (docs/heap.md)
  private var hasLargePages = false
  /// The same for the mark bytes: a page has those of 32 MiB
  private var hasLargeMarkPages = false

  // Pacing
  var allocatedSinceCollection = 0
  var collectAt = Heap.firstBudget
  /// So much of what large cells take does not count until the next collection, three quarters of each
  var uncounted = 0
  var nursery = Heap.smallestNursery
  /// Bytes in blocks in use
  var blockBytes = 0
  /// The most of that in recent collections; falls with each that has less, by as much of the difference as has been allocated of
  /// `peakDecay` times this
  var mostInUse = 0
  var liveBytesAfterCollection = 0
  /// Without what is not kept of `leafBytes`; and the same after the collection before that
  var steadyBytes = 0
  var steadyBytesBefore = 0
  /// Live bytes in cells of `leastLeaf` bytes and more without references, which cost a collection next to nothing; counted while marking
  var leafBytes = 0
  var leafBytesAfterCollection = 0
  /// Those of them that the last full collection has kept
  var keptLeafBytes = 0
  static let leastLeaf = 1024
  fileprivate(set) var maximumBytes: Int
  /// By how much `VM.beyondLimit` raises it
  static let allowance = 4 << 20
  var collectionDisabled = 0
  /// `gc.disable`: CPython frees most objects all the same, by their counts. So does this heap, but later: when it has grown by as much as
  /// it had, and by `pausedBudget` at least.
  var isPaused = false
  /// `-X gcstress=N`: every Nth allocation collects; 0: off
  private(set) var stressPeriod = 0
  private var untilStress = 0
  /// `-X gccheck`
  var checks = false { didSet { setLooking() } }
  /// A kept cell is being traced: visiting passes over what is kept.
  var seeksYoung = false { didSet { setLooking() } }
  /// What kept cells referred to that was not kept, at the first collection of this round; those that follow mark from it.
  var remembered = PointerVector()
  /// Kept cells of kinds whose stores nobody notes: each collection of this round traces them.
  var neverClean = PointerVector()
  /// Interned strs that are not kept: all that were interned since the last full collection.
  var newNames = PointerVector()
  /// In this collection the others need not be looked at.
  var hasKeptNames = false
  /// Bytes of kept cells that the last collection that was not full has traced
  var uncleanBytes = 0
  /// Visiting a reference does more than to put it on the mark stack.
  private(set) var isLooking = false
  private mutating func setLooking() { isLooking = checks || seeksYoung || observation != .none }
  /// This collection keeps what it marks, but for these cells, which native code may be filling.
  var keeps = false
  var held = PointerVector()
  /// Every allocation comes through `allocateSlowly`: under stress, and while `traces` are kept
  private(set) var isWatched = false
  var traces = MemoryTraces()
  /// The checker goes over the marked cells: visiting a reference marks nothing.
  var verifying = false
  /// What becomes of references that are visited: nothing is marked meanwhile
  var observation = Observation.none { didSet { setLooking() } }
  enum Observation: UInt8 {
    case none
    /// They are noted in `observed` (HeapReferences).
    case noting
    /// They are counted, taken off the counts (DeadReferences).
    case counting, uncounting
  }
  var observed = PointerVector()
  var isCollecting = false
  /// At the end of the process, where no native code of the collecting thread holds a value
  var ignoresNativeStack = false
  /// Dead objects in cycles that the last collection of `gc.collect` found; those kept for `gc.garbage`, until it has them
  var cyclesFound = 0
  var savesCycles = false
  var savedCycles = PointerVector()
  /// The cell whose references are being visited: for the checker's reports
  var traced: UnsafeMutableRawPointer?
  /// The complement of the address of an object that is asked about; zero once a collection has found it dead
  var dropped: UInt = 0
  /// What had been allocated before the last collection
  var allocatedBefore = 0
  /// Bytes that collections have looked at: what a full one has found alive, and what the others have traced
  var lookedAt = 0
  var collections = 0
  /// What all of them took, and the longest: nanoseconds
  var pauses = 0
  var longestPause = 0
  /// Collections since the last full one, which counts; what was alive after that, without such leaves; and what of it was not kept
  var collectionsOfRound = 0
  var fullCollections = 0
  var steadyBytesOfRound = 0
  var youngBytesOfRound = 0
  /// Bytes that the collections of this round have marked beyond `youngBytesOfRound`: another full one would keep some of that.
  var markedAgain = 0
  /// How many times the cost of a full one that may be, and what the last collection that was not full has marked
  var patience = 1
  var youngBytes = 0

  var markStack = PointerVector()
  /// Where `Tracer.drain` lets cells wait; all nil between its calls
  let markQueue: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  static let markQueueLength = 16
  /// Cells with a finalizer that has not run; those found dead wait in `pendingFinalization` (roots) for a safepoint, at which a thread takes
  /// them (`ThreadState.finalizing`).
  var finalizable = PointerVector()
  var pendingFinalization = PointerVector()
  /// All live weak references (`WeakRefLayout`); those cleared with a callback wait in `pendingCallbacks` (roots).
  var weakReferences = PointerVector()
  var pendingCallbacks = PointerVector()
  /// Further roots: start, end of word ranges.
  var rootRanges = PointerVector()

  /// Bytes that may be allocated before the first collection, which clears up after the start-up (docs/heap.md), and between two of a
  /// small heap.
  static let firstBudget = 3 << 18
  /// A start from an image allocates less, and little of it is garbage: it ends before its first collection.
  static let firstBudgetWithImage = 7 << 18
  static let smallestBudget = 3 << 18
  static let pausedBudget = 32 << 20
  /// Bytes that are allocated for each byte that a collection looks at, in a heap that is smaller than its nursery.
  static let allocatedForWork = 2
  static let peakDecay = 16
  static let leastUncounted = 4 << 20
  static let mostUncounted = 8 << 20
  /// While nothing is kept the budget begins with this much.
  static let smallestNursery = 3 << 18
  /// How far the budget of a small heap grows while collections find nearly everything dead (docs/heap.md).
  static let largestNursery = 8 << 20
  /// Up to here the budget may be as large as what is alive; beyond, a share of it: of what is not kept, and of what is.
  static let generousBudget = 2 << 20
  static let youngShare = 2
  static let keptShare = 6
  /// Free blocks beyond the budget keep at most this much memory.
  static let mostKept = 64 << 20
  /// A heap of more bytes in blocks gets large pages. Texts and buffers do not count: they fill their pages and are gone through in order, and
  /// what rounding up their sizes leaves empty takes no memory as long as pages are small.
  static let smallPagesUpTo = 16 << 20
  /// The mark bytes get them from so many blocks on, a large page's worth and a half: before, one would be half empty.
  static let smallMarkPagesUpTo = 768
  /// How much of the executable's text the kernel maps at a time once a program has run for so long that a full collection gives text back
  static let pieceOfText = 8 << 10
  /// MADV_COLLAPSE, for headers that do not know it yet
  private static let joinPages: Int32 = 25

  /// - Parameter maximumBytes: blocks in use may not exceed this; allocation then answers null (MemoryError).
  init(maximumBytes: Int) {
    let perBlock = HeapGeometry.blockSize + HeapGeometry.granulesPerBlock + MemoryLayout<BlockHeader>.stride + 4
    var blocks = 1 << 22  // 256 GiB of address space
    // Under a limit on address space the rest of the program needs its part too: libraries, thread stacks, buffers of C modules.
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 {
      while blocks >= 1 << 10 && UInt64(blocks) * UInt64(perBlock) > UInt64(limit.rlim_cur) / 2 { blocks >>= 1 }
    }
    var range: UnsafeMutableRawPointer?
    while blocks >= 1 << 10 {
      // Where an image expects the heap, if that is free.
      for place in [UnsafeMutableRawPointer(bitPattern: HeapImage.heapAddress), nil] {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (place == nil ? 0 : amphis_map_fixed_noreplace())
        let p = mmap(place, blocks * perBlock + HeapGeometry.blockSize, PROT_READ | PROT_WRITE, flags, -1, 0)
        if let p, p != MAP_FAILED {
          range = p
          break
        }
      }
      if range != nil { break }
      blocks >>= 1
    }
    guard let range else {
      Heap.die("amphis: cannot reserve address space for the heap; raise the limit on virtual memory (ulimit -v)\n")
    }
    let mask = UInt(HeapGeometry.blockSize - 1)
    base = (UInt(bitPattern: range) + mask) & ~mask
    reservedBlocks = blocks
    var table = range + Int(base - UInt(bitPattern: range)) + blocks << HeapGeometry.blockShift
    marks = table.assumingMemoryBound(to: UInt8.self) - Int(base >> UInt(HeapGeometry.granuleShift))
    table += blocks * HeapGeometry.granulesPerBlock
    headers = table.assumingMemoryBound(to: BlockHeader.self)
    table += blocks * MemoryLayout<BlockHeader>.stride
    map = table.assumingMemoryBound(to: UInt32.self)
    let sizes = HeapGeometry.sizes()
    classCount = sizes.count
    markQueue = Heap.table(Heap.markQueueLength, of: nil)
    freeLists = Heap.table(classCount, of: nil)
    parkedLists = Heap.table(classCount, of: nil)
    classBlocks = Heap.table(classCount, of: nil)
    sweepCursor = Heap.table(classCount, of: nil)
    carving = Heap.table(classCount, of: nil)
    classSize = Heap.table(classCount, of: 0)
    let granules = HeapGeometry.largestSmallCell >> HeapGeometry.granuleShift
    classOfGranules = Heap.table(granules + 1, of: 0)
    var g = 0
    for (c, s) in sizes.enumerated() {
      classSize[c] = Int32(s)
      let last = s >> HeapGeometry.granuleShift
      memset(classOfGranules + g, Int32(c), last &- g &+ 1)
      g = last &+ 1
    }
    self.maximumBytes = min(maximumBytes, blocks << HeapGeometry.blockShift)
  }

  private static func table<T>(_ count: Int, of value: T) -> UnsafeMutablePointer<T> {
    let p = UnsafeMutablePointer<T>.allocate(capacity: count)
    p.initialize(repeating: value, count: count)
    return p
  }

  /// Memory outside the heap that is zero and takes none until it is written. (`calloc` clears what it has had before, page after page.)
  static func zeroPages(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let p = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return p == MAP_FAILED ? nil : p
  }

  /// For states in which the runtime cannot go on at all: no memory for its own tables.
  static func die(_ message: StaticString) -> Never {
    message.withUTF8Buffer { _ = write(2, $0.baseAddress, $0.count) }
    abort()
  }
}

// MARK: addresses

extension Heap {
  /// Address of block i.
  @inline(__always) func address(_ i: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: base &+ UInt(i) &<< UInt(HeapGeometry.blockShift)).unsafelyUnwrapped
  }
  @inline(__always) func index(of block: BlockRef) -> Int { block - headers }
  /// The header of the block in which a cell starts.
  @inline(__always) func block(of cell: UnsafeMutableRawPointer) -> BlockRef {
    headers + Int((UInt(bitPattern: cell) &- base) >> UInt(HeapGeometry.blockShift))
  }
  /// The state byte of a cell, from the address of the cell's start.
  @inline(__always) func markByte(_ cell: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt8> {
    marks + Int(UInt(bitPattern: cell) >> UInt(HeapGeometry.granuleShift))
  }

  /// Bytes that a cell really has: a small one its size class's, which may exceed what was asked for. What follows a large one in its last
  /// block may be given back (`trimEnd`).
  func capacity(ofCell cell: UnsafeMutableRawPointer) -> Int {
    let b = block(of: cell)
    return b.pointee.cellSize == Int32.max ? Int(b.pointee.blockCount) << HeapGeometry.blockShift : Int(b.pointee.cellSize)
  }

  /// The live cell that `address` points into, if it does. `address` must lie below the frontier. In line: a call would copy the heap's description.
  @inline(__always)
  func cell(containing address: UInt) -> UnsafeMutableRawPointer? {
    var i = Int((address &- base) >> UInt(HeapGeometry.blockShift))
    let state = map[i]
    if state == BlockState.clean || state == BlockState.dirty { return nil }
    i &-= Int(state) &- 1
    let block = headers + i
    var cell = self.address(i)
    if !block.isLarge {
      let offset = address & UInt(HeapGeometry.blockSize - 1)
      let n = Int((UInt64(offset) &* block.pointee.reciprocal) >> 32)
      if n >= Int(block.pointee.carved) { return nil }
      cell += n &* Int(block.pointee.cellSize)
    }
    return cell.load(as: UInt.self) == 0 ? nil : cell
  }

  /// The cell in use that the address lies in; nil for one outside of the heap.
  func cell(ofAddress address: UnsafeRawPointer) -> UnsafeMutableRawPointer? {
    let address = UInt(bitPattern: address)
    return address &- base < UInt(frontier) << UInt(HeapGeometry.blockShift) ? cell(containing: address) : nil
  }

  /// Whether `cell`, which may be any address, is that of a cell in use.
  func isLive(_ cell: UnsafeMutableRawPointer) -> Bool {
    let address = UInt(bitPattern: cell)
    guard address &- base < UInt(frontier) << UInt(HeapGeometry.blockShift), self.cell(containing: address) == cell else { return false }
    return !block(of: cell).hasUnsweptCells || isMarked(cell)
  }

  /// Calls `body` with every cell of at least `bytes` bytes that is allocated and was not found dead. `body` must not allocate.
  mutating func forEachCell(atLeast bytes: Int = 0, _ body: (UnsafeMutableRawPointer) -> Void) {
    let heap = rt.heapPointer
    forEachBlock { block in
      if Int(block.pointee.cellSize) >= bytes { heap.pointee.forEachCell(in: block, body) }
    }
  }

  /// Calls `body` with each block in use, and with the first of each large run. `body` must not allocate.
  @inline(__always)
  mutating func forEachBlock(_ body: (BlockRef) -> Void) {
    var i = 0
    while i < frontier {
      guard map[i] == BlockState.first else {
        i &+= 1
        continue
      }
      let block = headers + i
      body(block)
      i &+= Int(block.pointee.blockCount)
    }
  }

  /// The same for the cells of a block or run. Where it waits to be swept those with a mark live.
  @inline(__always)
  mutating func forEachCell(in block: BlockRef, _ body: (UnsafeMutableRawPointer) -> Void) {
    let start = address(index(of: block))
    for n in 0..<Int(block.pointee.carved) {
      let cell = start + n &* Int(block.pointee.cellSize)
      if cell.load(as: UInt.self) == 0 || block.hasUnsweptCells && markByte(cell).pointee == 0 { continue }
      body(cell)
    }
  }
}

extension VM {
  /// Runs what needs little memory and would be left half done without it: it may take 4 MiB beyond the heap's limit.
  package func beyondLimit<R>(_ body: () throws(Raised) -> R) throws(Raised) -> R {
    let heap = rt.heapPointer
    heap.pointee.maximumBytes &+= Heap.allowance
    defer { heap.pointee.maximumBytes &-= Heap.allowance }
    return try body()
  }

  /// Makes what a native module or type is made of (functions, descriptors, names) where nothing can be raised: within the limit first, then
  /// beyond it. Without memory there either the process ends: a heap has to be filled anew in between, which no program can do.
  func must<R>(_ body: () throws(Raised) -> R) -> R {
    do throws(Raised) { return try body() } catch { clearPending() }
    do throws(Raised) { return try beyondLimit(body) } catch { Heap.die("amphis: out of memory while making a native module\n") }
  }
}

// MARK: allocation

extension Heap {
  /// A cell of at least `bytes` bytes. Its type word is zero, the rest is unspecified: the caller initialises all of it before
  /// anything else can allocate. Null when the heap's limit is reached.
  @inline(__always)
  mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes <= HeapGeometry.largestSmallCell else { return allocateLarge(bytes) }
    let c = sizeClass(bytes)
    guard let cell = freeLists[c] else { return allocateSlowly(c, bytes) }
    freeLists[c] = cell.pointee.next
    return UnsafeMutableRawPointer(cell)
  }

  /// The size class of a cell of `bytes` bytes, which are a small cell's. The first classes are all multiples of a granule.
  @inline(__always)
  func sizeClass(_ bytes: Int) -> Int {
    if bytes <= HeapGeometry.largestExactClass { return (bytes &- 1) >> HeapGeometry.granuleShift }
    return Int(classOfGranules[(bytes &+ 15) >> HeapGeometry.granuleShift])
  }

  /// A cell as `allocate` answers it if one lies on the free list: what the evaluator's handlers do without a call. Null otherwise,
  /// and always under stress.
  @inline(__always)
  mutating func allocateAtOnce(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let c = (bytes &- 1) >> HeapGeometry.granuleShift
    guard bytes <= HeapGeometry.largestExactClass, let cell = freeLists[c] else { return nil }
    freeLists[c] = cell.pointee.next
    return UnsafeMutableRawPointer(cell)
  }

  /// Takes back what `allocateAtOnce` has just answered, untouched.
  @inline(__always)
  mutating func putBack(_ cell: UnsafeMutableRawPointer, _ bytes: Int) {
    freeLists[(bytes &- 1) >> HeapGeometry.granuleShift] = cell.assumingMemoryBound(to: FreeCell.self)
  }

  /// Takes back a small cell that nothing refers to but words that are scanned conservatively: the next cell of its class has its memory, which
  /// is in the cache. One that the collector has yet to sweep, or keeps, is left to it.
  @inline(__always)
  mutating func free(_ cell: UnsafeMutableRawPointer) {
    let block = block(of: cell)
    if block.isLarge || block.pointee.needsSweep || markByte(cell).pointee != 0 { return }
    if isWatched { return freeWatched(cell, Int(block.pointee.sizeClass)) }
    put(cell, freeLists + Int(block.pointee.sizeClass))
  }
  @inline(never)
  private mutating func freeWatched(_ cell: UnsafeMutableRawPointer, _ c: Int) {
    // A trace goes when a collection has found its cell dead.
    if !traces.isOn { put(cell, parkedLists + c) }
  }
  @inline(__always)
  private func put(_ cell: UnsafeMutableRawPointer, _ list: UnsafeMutablePointer<UnsafeMutablePointer<FreeCell>?>) {
    let free = cell.assumingMemoryBound(to: FreeCell.self)
    free.pointee = FreeCell(type: nil, next: list.pointee)
    list.pointee = free
  }

  @inline(never)
  mutating func allocateSlowly(_ c: Int, _ bytes: Int) -> UnsafeMutableRawPointer? {
    if allocatedSinceCollection >= collectAt || isStressed() { collectIfAllowed() }
    var cell = takeCell(c)
    if cell == nil {
      collectIfAllowed(isUrgent: true)
      cell = takeCell(c)
    }
    if traces.isOn, let cell { traces.add(cell, bytes) }
    return cell
  }

  /// A few small cells can be had, each from a new block if need be.
  var hasRoom: Bool { blockBytes &+ HeapGeometry.blockSize &* 4 <= maximumBytes }

  /// Whether this allocation is one that collects for stress.
  private mutating func isStressed() -> Bool {
    if stressPeriod == 0 { return false }
    untilStress &-= 1
    if untilStress > 0 { return false }
    untilStress = stressPeriod
    return true
  }

  /// Collects at every `period`th allocation from now on; 0: no more.
  mutating func setStress(_ period: Int) {
    stressPeriod = period
    untilStress = period
    updateWatch()
  }

  /// `tracemalloc.start`
  /// - Parameter limit: most frames of a traceback
  mutating func startTracing(limit: Int) {
    if !traces.isOn { traces.start(limit: limit) }
    updateWatch()
  }
  mutating func stopTracing() {
    traces.stop()
    updateWatch()
  }

  private mutating func updateWatch() {
    isWatched = stressPeriod > 0 || traces.isOn
    if isWatched { return parkFreeCells() }
    for c in 0..<classCount where freeLists[c] == nil {
      freeLists[c] = parkedLists[c]
      parkedLists[c] = nil
    }
  }

  /// Empties the free lists of a watched heap.
  mutating func parkFreeCells() {
    for c in 0..<classCount {
      guard let first = freeLists[c] else { continue }
      freeLists[c] = nil
      guard let parked = parkedLists[c] else {
        parkedLists[c] = first
        continue
      }
      var last = first
      while let next = last.pointee.next { last = next }
      last.pointee.next = parked
      parkedLists[c] = first
    }
  }

  private mutating func takeCell(_ c: Int) -> UnsafeMutableRawPointer? {
    if let cell = parkedLists[c] {
      parkedLists[c] = cell.pointee.next
      return UnsafeMutableRawPointer(cell)
    }
    if freeLists[c] == nil { refill(c) }
    guard let cell = freeLists[c] else { return nil }
    freeLists[c] = cell.pointee.next
    if isWatched {
      parkedLists[c] = freeLists[c]
      freeLists[c] = nil
    }
    return UnsafeMutableRawPointer(cell)
  }

  /// Sweeps blocks of class `c` until one has a free cell, else carves cells off a block, a new one if need be.
  private mutating func refill(_ c: Int) {
    while let block = sweepCursor[c] {
      sweepCursor[c] = block.pointee.next
      if block.pointee.needsSweep {
        sweep(block)
        if freeLists[c] != nil { return }
      }
    }
    if let block = carving[c] ?? takeSmallBlock(c) { carve(block, c) }
  }

  private mutating func takeSmallBlock(_ c: Int) -> BlockRef? {
    let i = takeBlocks(1)
    if i < 0 { return nil }
    let size = Int(classSize[c])
    let block = headers + i
    block.pointee = BlockHeader(
      cellSize: Int32(size), cellCount: Int32(HeapGeometry.blockSize / size), carved: 0, markedCells: 0, blockCount: 1,
      sizeClass: UInt8(c), needsSweep: false, reciprocal: (UInt64(1) << 32 + UInt64(size) - 1) / UInt64(size), next: classBlocks[c])
    classBlocks[c] = block
    carving[c] = block
    return block
  }

  /// Puts the next cells of a block on its class's free list, in address order, so that objects made together lie together.
  private mutating func carve(_ block: BlockRef, _ c: Int) {
    let size = Int(classSize[c])
    let first = Int(block.pointee.carved)
    let end = min(first &+ HeapGeometry.carveCount(size), Int(block.pointee.cellCount))
    let start = address(index(of: block))
    var list = freeLists[c]
    var i = end
    while i > first {
      i &-= 1
      let cell = (start + i &* size).assumingMemoryBound(to: FreeCell.self)
      cell.pointee = FreeCell(type: nil, next: list)
      list = cell
    }
    freeLists[c] = list
    block.pointee.carved = Int32(truncatingIfNeeded: end)
    block.pointee.settledCells = -1
    if end == Int(block.pointee.cellCount) { carving[c] = nil }
    allocatedSinceCollection &+= (end &- first) &* size
  }

  @inline(never)
  mutating func allocateLarge(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes < maximumBytes else { return nil }
    // Right after a collection another finds nothing, however large the cell.
    var free = min(bytes / 4 &* 3, uncounted)
    let isDue = allocatedSinceCollection &+ bytes &- free >= collectAt && allocatedSinceCollection >= min(bytes, collectAt) / 4
    if isDue || isStressed() {
      collectIfAllowed()
      free = min(bytes / 4 &* 3, uncounted)
    }
    let blocks = (bytes &+ HeapGeometry.blockSize &- 1) >> HeapGeometry.blockShift
    var first = takeBlocks(blocks)
    if first < 0 {
      collectIfAllowed(isUrgent: true)
      first = takeBlocks(blocks)
      if first < 0 { return nil }
    }
    headers[first] = BlockHeader(
      cellSize: Int32(clamping: bytes), cellCount: 1, carved: 1, markedCells: 0, blockCount: UInt32(truncatingIfNeeded: blocks),
      sizeClass: 255, needsSweep: !tookCleanRun, reciprocal: 0, next: nil)
    uncounted &-= free
    allocatedSinceCollection &+= bytes &- free
    let cell = address(first)
    cell.assumingMemoryBound(to: FreeCell.self).pointee = FreeCell(type: nil, next: nil)
    if traces.isOn { traces.add(cell, bytes) }
    return cell
  }

  /// Takes back a large cell that nothing refers to but words that are scanned conservatively. One that the collector keeps is left to it.
  mutating func freeLarge(_ cell: UnsafeMutableRawPointer) {
    guard UInt(bitPattern: cell) &- base < UInt(frontier) << UInt(HeapGeometry.blockShift) else { return }
    let block = block(of: cell)
    guard map[index(of: block)] == BlockState.first, block.isLarge, !isWatched, !isCollecting, markByte(cell).pointee == 0 else { return }
    allocatedSinceCollection = max(0, allocatedSinceCollection &- Int(block.pointee.cellSize))
    release(block)
  }

  /// Makes the cell of a large run `bytes` long where it is, everything from its byte `used` on zero, or left as it is without one; false when what
  /// follows the run is in use, or when a collection is due.
  mutating func extendLarge(_ cell: UnsafeMutableRawPointer, used: Int? = nil, to bytes: Int) -> Bool {
    let block = block(of: cell)
    guard block.isLarge, !isWatched, bytes < maximumBytes else { return false }
    let first = index(of: block), old = Int(block.pointee.blockCount)
    let count = (bytes &+ HeapGeometry.blockSize &- 1) >> HeapGeometry.blockShift
    let extra = max(0, count &- old)
    let end = first &+ old &+ extra
    guard end <= reservedBlocks, allocatedSinceCollection &+ extra << HeapGeometry.blockShift < collectAt,
      blockBytes &+ extra << HeapGeometry.blockShift <= maximumBytes
    else { return false }
    for i in (first &+ old)..<end where i < frontier && map[i] != BlockState.clean && map[i] != BlockState.dirty { return false }
    if let used { memset(cell + used, 0, old << HeapGeometry.blockShift &- used) }
    for i in (first &+ old)..<end {
      if i < frontier {
        freeBlockCount &-= 1
        if map[i] == BlockState.dirty {
          dirtyBlockCount &-= 1
          if used != nil { memset(address(i), 0, HeapGeometry.blockSize) }
        }
      }
      map[i] = UInt32(truncatingIfNeeded: i &- first &+ 1)
    }
    frontier = max(frontier, end)
    block.pointee.blockCount = UInt32(truncatingIfNeeded: old &+ extra)
    block.pointee.cellSize = Int32(clamping: bytes)
    blockBytes &+= extra << HeapGeometry.blockShift
    allocatedSinceCollection &+= extra << HeapGeometry.blockShift
    return true
  }

  /// The bytes that an allocation of `bytes` really gets.
  func roundedSize(_ bytes: Int) -> Int {
    if bytes <= HeapGeometry.largestSmallCell { return Int(classSize[Int(classOfGranules[(bytes &+ 15) >> HeapGeometry.granuleShift])]) }
    return (bytes &+ HeapGeometry.blockSize &- 1) & ~(HeapGeometry.blockSize &- 1)
  }

  /// Index of the first of `count` consecutive free blocks, now taken in the map; -1 at the heap's limit.
  private mutating func takeBlocks(_ count: Int) -> Int {
    guard blockBytes &+ count << HeapGeometry.blockShift <= maximumBytes else { return -1 }
    var first = count <= freeBlockCount && count < noFreeRun ? findFreeRun(count) : -1
    if first < 0 {
      guard frontier &+ count <= reservedBlocks else { return -1 }
      first = frontier
      frontier &+= count
      tookCleanRun = true
    } else {
      freeBlockCount &-= count
      let dirty = dirtyBlockCount
      for i in first..<(first &+ count) where map[i] == BlockState.dirty { dirtyBlockCount &-= 1 }
      tookCleanRun = dirty == dirtyBlockCount
      if first == freeHint { freeHint &+= count }
    }
    for i in 0..<count { map[first &+ i] = UInt32(truncatingIfNeeded: i &+ 1) }
    blockBytes &+= count << HeapGeometry.blockShift
    if !hasLargeMarkPages, blockBytes &- leafBytesAfterCollection > Heap.smallPagesUpTo,
      !hasLargePages || frontier > Heap.smallMarkPagesUpTo
    {
      askForLargePages()
    }
    return first
  }

  /// Asks for pages of 2 MiB for the cells and their mark bytes: those that are touched from now on, and at once for the blocks in use. A
  /// system that has none, or a kernel before 6.1 that does not join small ones, refuses; nothing depends on it.
  @inline(never)
  private mutating func askForLargePages() {
    if frontier > Heap.smallMarkPagesUpTo {
      hasLargeMarkPages = true
      let firstMark = UnsafeMutableRawPointer(marks + Int(base >> UInt(HeapGeometry.granuleShift)))
      madvise(firstMark, reservedBlocks &* HeapGeometry.granulesPerBlock, MADV_HUGEPAGE)
      madvise(firstMark, frontier &* HeapGeometry.granulesPerBlock, Heap.joinPages)
    }
    if hasLargePages { return }
    hasLargePages = true
    madvise(address(0), reservedBlocks << HeapGeometry.blockShift, MADV_HUGEPAGE)
    madvise(address(0), frontier << HeapGeometry.blockShift, Heap.joinPages)
  }

  /// First fit over the free blocks below the frontier; -1 if there is no such run.
  private mutating func findFreeRun(_ count: Int) -> Int {
    var i = freeHint
    while i < frontier, map[i] != BlockState.clean, map[i] != BlockState.dirty { i &+= 1 }
    freeHint = i
    var length = 0
    while i < frontier {
      let state = map[i]
      length = state == BlockState.clean || state == BlockState.dirty ? length &+ 1 : 0
      i &+= 1
      if length == count { return i &- count }
    }
    noFreeRun = count
    return -1
  }

  /// Makes the blocks of `block` (a small block or a run, in which nothing is marked) free. Their memory stays until `trim`.
  mutating func release(_ block: BlockRef) {
    let first = index(of: block)
    let count = Int(block.pointee.blockCount)
    for i in first..<(first &+ count) { map[i] = BlockState.dirty }
    freeBlockCount &+= count
    dirtyBlockCount &+= count
    freeHint = min(freeHint, first)
    noFreeRun = Int.max
    blockBytes &-= count << HeapGeometry.blockShift
  }

  /// Gives back what a large run that has lived for a while does not use of its last block: pages that earlier cells have left there.
  mutating func trimEnd(of block: BlockRef) {
    block.pointee.needsSweep = false
    // The header cannot say how large a cell of 2 GiB and more is.
    if block.pointee.cellSize == Int32.max { return }
    let start = address(index(of: block))
    let used = (Int(block.pointee.cellSize) &+ 4095) & ~4095
    let size = Int(block.pointee.blockCount) << HeapGeometry.blockShift
    if used < size { madvise(start + used, size &- used, MADV_DONTNEED) }
  }

  /// A collection is due after so much work as allocating takes. What has been allocated since `start` (`allocatedSinceCollection` then)
  /// took several times as much to make as other cells: a sixteenth of it may lie dead.
  mutating func chargeDearly(since start: Int) {
    if allocatedSinceCollection > start { allocatedSinceCollection &+= 15 &* (allocatedSinceCollection &- start) }
  }

  /// Gives the memory of free blocks back to the system, from the top down, until at most `kept` still have theirs.
  mutating func trim(keeping kept: Int) {
    var i = frontier
    while i > 0, dirtyBlockCount > kept {
      let end = i
      while i > 0, map[i &- 1] == BlockState.dirty, dirtyBlockCount > kept {
        i &-= 1
        map[i] = BlockState.clean
        dirtyBlockCount &-= 1
      }
      if i < end {
        madvise(address(i), (end &- i) << HeapGeometry.blockShift, MADV_DONTNEED)
      } else {
        i &-= 1
      }
    }
    while frontier > 0, map[frontier &- 1] == BlockState.clean {
      frontier &-= 1
      freeBlockCount &-= 1
    }
    freeHint = min(freeHint, frontier)
  }
}
