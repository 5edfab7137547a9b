import Glibc

/// The object heap: size-class blocks in one reserved range, non-moving mark–sweep with lazy sweeping.
///
/// Invariants: every cell's first word is a type (live) or zero (free); a cell is fully initialised before the next allocation;
/// only the thread that holds the interpreter lock touches the heap; between collections no cell outside an unswept block is marked.
struct Heap {
  /// Address of block 0; blocks [0, frontier) have been handed out at some time and are readable and writable.
  let base: UInt
  var frontier = 0
  let reservedBlocks: Int
  /// For block i: 0 free, 1 first block of something, n > 1: n - 1 blocks after the first of a large run.
  let map: UnsafeMutablePointer<UInt32>
  let freeLists: UnsafeMutablePointer<UnsafeMutablePointer<FreeCell>?>
  /// Under stress the free lists stay empty, so that every allocation is slow and collects; the cells wait here.
  let parkedLists: UnsafeMutablePointer<UnsafeMutablePointer<FreeCell>?>
  /// All blocks of a class, and the next one to sweep.
  let classBlocks: UnsafeMutablePointer<BlockRef?>
  let sweepCursor: UnsafeMutablePointer<BlockRef?>
  let classSize: UnsafeMutablePointer<Int32>
  /// (bytes + 15) >> 4 → size class, for sizes up to `largestSmallCell`
  let classOfGranules: UnsafeMutablePointer<UInt8>
  let classCount: Int
  /// Single free blocks below the frontier, chained through their headers
  var freeBlocks: BlockRef?
  /// Lowest block index where a free run may start
  var freeRunHint = 0

  // Pacing
  var allocatedSinceCollection = 0
  var collectAt = 8 << 20
  /// Bytes in blocks in use
  var blockBytes = 0
  var liveBytesAfterCollection = 0
  let maximumBytes: Int
  var collectionDisabled = 0
  var stress = false
  var checks = false
  var isCollecting = false
  /// The cell whose references are being visited: for the checker's reports
  var traced: UnsafeMutableRawPointer?
  var collections = 0

  var markStack = PointerVector()
  /// Cells with a finalizer that has not run; those found dead wait in `pendingFinalization` (roots) for a safepoint.
  var finalizable = PointerVector()
  var pendingFinalization = PointerVector()
  /// All live weak references (`WeakRefLayout`); those cleared with a callback wait in `pendingCallbacks` (roots).
  var weakReferences = PointerVector()
  var pendingCallbacks = PointerVector()
  /// Further roots: start, end of word ranges.
  var rootRanges = PointerVector()

  /// - Parameter maximumBytes: blocks in use may not exceed this; allocation then answers null (MemoryError).
  init(maximumBytes: Int) {
    var blocks = 1 << 22  // 256 GiB of address space
    var range: UnsafeMutableRawPointer?
    while blocks >= 1 << 10 {
      let size = (blocks + 1) << HeapGeometry.blockShift
      let p = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let p, p != MAP_FAILED {
        range = p
        break
      }
      blocks >>= 1
    }
    guard let range else {
      Heap.die("amphis: cannot reserve address space for the heap; raise the limit on virtual memory (ulimit -v)\n")
    }
    let mask = UInt(HeapGeometry.blockSize - 1)
    base = (UInt(bitPattern: range) + mask) & ~mask
    reservedBlocks = blocks
    let m = mmap(nil, blocks * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let m, m != MAP_FAILED else { Heap.die("amphis: cannot reserve the heap's block map\n") }
    map = m.assumingMemoryBound(to: UInt32.self)
    let sizes = HeapGeometry.sizes()
    classCount = sizes.count
    freeLists = Heap.table(classCount, of: nil)
    parkedLists = Heap.table(classCount, of: nil)
    classBlocks = Heap.table(classCount, of: nil)
    sweepCursor = Heap.table(classCount, of: nil)
    classSize = Heap.table(classCount, of: 0)
    let granules = HeapGeometry.largestSmallCell >> HeapGeometry.granuleShift
    classOfGranules = Heap.table(granules + 1, of: 0)
    var c = 0
    for (i, s) in sizes.enumerated() { classSize[i] = Int32(s) }
    for g in 0...granules {
      while sizes[c] < g << HeapGeometry.granuleShift { c += 1 }
      classOfGranules[g] = UInt8(c)
    }
    self.maximumBytes = maximumBytes
  }

  private static func table<T>(_ count: Int, of value: T) -> UnsafeMutablePointer<T> {
    let p = UnsafeMutablePointer<T>.allocate(capacity: count)
    p.initialize(repeating: value, count: count)
    return p
  }

  /// For states in which the runtime cannot go on at all: no memory for its own tables.
  static func die(_ message: StaticString) -> Never {
    message.withUTF8Buffer { _ = write(2, $0.baseAddress, $0.count) }
    abort()
  }
}

// MARK: allocation

extension Heap {
  /// A cell of at least `bytes` bytes. Its type word is zero, the rest is unspecified: the caller initialises all of it before
  /// anything else can allocate. Null when the heap's limit is reached.
  @inline(__always)
  mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes <= HeapGeometry.largestSmallCell else { return allocateLarge(bytes) }
    let c = Int(classOfGranules[(bytes &+ 15) >> HeapGeometry.granuleShift])
    guard let cell = freeLists[c] else { return allocateSlowly(c) }
    freeLists[c] = cell.pointee.next
    return UnsafeMutableRawPointer(cell)
  }

  @inline(never)
  mutating func allocateSlowly(_ c: Int) -> UnsafeMutableRawPointer? {
    if stress || allocatedSinceCollection >= collectAt { collectIfAllowed() }
    if let cell = takeCell(c) { return cell }
    collectIfAllowed()
    return takeCell(c)
  }

  private mutating func takeCell(_ c: Int) -> UnsafeMutableRawPointer? {
    if let cell = parkedLists[c] {
      parkedLists[c] = cell.pointee.next
      return UnsafeMutableRawPointer(cell)
    }
    if freeLists[c] == nil { refill(c) }
    guard let cell = freeLists[c] else { return nil }
    freeLists[c] = cell.pointee.next
    if stress {
      parkedLists[c] = freeLists[c]
      freeLists[c] = nil
    }
    return UnsafeMutableRawPointer(cell)
  }

  /// Sweeps blocks of class `c` until one has a free cell, else takes a new block.
  private mutating func refill(_ c: Int) {
    while let block = sweepCursor[c] {
      sweepCursor[c] = block.pointee.next
      if block.pointee.needsSweep {
        sweep(block)
        if freeLists[c] != nil { return }
      }
    }
    guard let block = takeBlocks(1) else { return }
    let size = Int(classSize[c])
    let count = (HeapGeometry.blockSize - HeapGeometry.cellsOffset) / size
    block.pointee = BlockHeader(
      cellSize: Int32(size), cellCount: Int32(count), sizeClass: UInt8(c), needsSweep: false, blockCount: 1,
      reciprocal: (UInt64(1) << 32 + UInt64(size) - 1) / UInt64(size), next: classBlocks[c], largeMark: 0, liveBytes: 0)
    memset(block.base + HeapGeometry.marksOffset, 0, HeapGeometry.marksCount)
    classBlocks[c] = block
    // Cells are linked in address order, so that objects made together lie together.
    var list: UnsafeMutablePointer<FreeCell>?
    var i = count
    while i > 0 {
      i &-= 1
      let cell = (block.firstCell + i &* size).assumingMemoryBound(to: FreeCell.self)
      cell.pointee = FreeCell(type: nil, next: list)
      list = cell
    }
    freeLists[c] = list
    allocatedSinceCollection &+= HeapGeometry.blockSize
  }

  @inline(never)
  mutating func allocateLarge(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes < maximumBytes else { return nil }
    if stress || allocatedSinceCollection &+ bytes >= collectAt { collectIfAllowed() }
    let blocks = (bytes &+ HeapGeometry.largeCellOffset &+ HeapGeometry.blockSize &- 1) >> HeapGeometry.blockShift
    var run = takeBlocks(blocks)
    if run == nil {
      collectIfAllowed()
      run = takeBlocks(blocks)
    }
    guard let run else { return nil }
    run.pointee = BlockHeader(
      cellSize: Int32(clamping: bytes), cellCount: 1, sizeClass: 255, needsSweep: false, blockCount: UInt32(blocks),
      reciprocal: 0, next: nil, largeMark: 0, liveBytes: 0)
    allocatedSinceCollection &+= bytes
    let cell = run.firstCell
    cell.assumingMemoryBound(to: FreeCell.self).pointee = FreeCell(type: nil, next: nil)
    return cell
  }

  /// `count` consecutive free blocks, marked as taken in the map; null at the heap's limit.
  private mutating func takeBlocks(_ count: Int) -> BlockRef? {
    guard blockBytes &+ count << HeapGeometry.blockShift <= maximumBytes else { return nil }
    var first = -1
    if count == 1, let block = freeBlocks {
      freeBlocks = block.pointee.next
      first = index(of: block)
    } else if count > 1 {
      first = findFreeRun(count)
    }
    if first < 0 {
      guard frontier &+ count <= reservedBlocks else { return nil }
      first = frontier
      frontier &+= count
    }
    for i in 0..<count { map[first + i] = UInt32(truncatingIfNeeded: i &+ 1) }
    blockBytes &+= count << HeapGeometry.blockShift
    return block(first)
  }

  /// First fit over runs given back earlier. Single free blocks are chained, so a run that takes them unlinks them.
  private mutating func findFreeRun(_ count: Int) -> Int {
    var i = freeRunHint
    var start = -1
    while i < frontier {
      if map[i] == 0 {
        if start < 0 { start = i }
        if i &- start &+ 1 == count {
          rebuildFreeBlocks(excluding: start..<(start &+ count))
          return start
        }
      } else {
        start = -1
      }
      i &+= 1
    }
    return -1
  }

  private mutating func rebuildFreeBlocks(excluding taken: Range<Int>) {
    freeBlocks = nil
    var i = frontier
    while i > 0 {
      i &-= 1
      if map[i] == 0 && !taken.contains(i) {
        let b = block(i)
        b.pointee.next = freeBlocks
        freeBlocks = b
      }
    }
  }

  /// Gives the blocks of `run` back to the system and to later allocations.
  mutating func releaseBlocks(_ run: BlockRef) {
    let first = index(of: run)
    let count = Int(run.pointee.blockCount)
    madvise(run.base, count << HeapGeometry.blockShift, MADV_DONTNEED)
    for i in 0..<count {
      map[first + i] = 0
      let b = block(first + i)
      b.pointee.next = freeBlocks
      freeBlocks = b
    }
    if first < freeRunHint { freeRunHint = first }
    blockBytes &-= count << HeapGeometry.blockShift
  }

  @inline(__always) func block(_ i: Int) -> BlockRef {
    UnsafeMutablePointer(bitPattern: base &+ UInt(i) &<< UInt(HeapGeometry.blockShift)).unsafelyUnwrapped
  }
  @inline(__always) func index(of block: BlockRef) -> Int { Int((UInt(bitPattern: block) &- base) >> UInt(HeapGeometry.blockShift)) }

  /// Bytes that a cell really has: the size class's, which may exceed what was asked for.
  func capacity(ofCell cell: UnsafeMutableRawPointer) -> Int {
    let b = HeapGeometry.blockOf(cell)
    if b.isLarge { return Int(b.pointee.blockCount) << HeapGeometry.blockShift - HeapGeometry.largeCellOffset }
    return Int(b.pointee.cellSize)
  }
}

extension HeapGeometry {
  /// The block of a cell, from the address of the cell's start.
  @inline(__always) static func blockOf(_ cell: UnsafeMutableRawPointer) -> BlockRef {
    UnsafeMutablePointer(bitPattern: UInt(bitPattern: cell) & ~UInt(blockSize - 1)).unsafelyUnwrapped
  }
  /// The state byte of a cell, from the address of the cell's start.
  @inline(__always) static func markByte(_ cell: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt8> {
    let block = blockOf(cell)
    if block.isLarge {
      return (block.base + (MemoryLayout<BlockHeader>.offset(of: \.largeMark) ?? 0)).assumingMemoryBound(to: UInt8.self)
    }
    let granule = (UInt(bitPattern: cell) & UInt(blockSize - 1)) >> UInt(granuleShift)
    return (block.base + marksOffset + Int(granule)).assumingMemoryBound(to: UInt8.self)
  }
}

extension Heap {
  /// Calls `body` with every cell that is allocated, dead ones not yet swept included. `body` must not allocate.
  func forEachCell(_ body: (UnsafeMutableRawPointer) -> Void) {
    var i = 0
    while i < frontier {
      guard map[i] == 1 else {
        i &+= 1
        continue
      }
      let b = block(i)
      let count = b.isLarge ? 1 : Int(b.pointee.cellCount)
      for n in 0..<count {
        let cell = b.firstCell + n &* Int(b.pointee.cellSize)
        if cell.load(as: UInt.self) != 0 { body(cell) }
      }
      i &+= Int(b.pointee.blockCount)
    }
  }
}
