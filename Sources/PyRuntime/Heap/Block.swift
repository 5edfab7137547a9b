/// Geometry of the heap. One contiguous range of address space is reserved at start and handed out in blocks of 64 KiB:
///
///     small block   cells of one size class, from the block's first byte on
///     large run     one or more consecutive blocks that hold a single cell
///
/// so that any word can be tested for "points into a live cell" by arithmetic alone: the conservative scan depends on it. What is
/// known about blocks and cells lies in tables behind the range (`BlockHeader` a block, one mark byte a granule of 16 bytes, one map
/// word a block), not in the blocks: pages of a block that hold no cell yet, and those of a free block, are never touched.
enum HeapGeometry {
  static let blockShift = 16
  static let blockSize = 1 << blockShift
  static let granuleShift = 4
  static let granulesPerBlock = blockSize >> granuleShift
  static let largestSmallCell = blockSize / 2
  /// Up to here there is a size class for each number of granules: class n holds cells of n + 1 granules.
  static let largestExactClass = 256

  /// Cell sizes, ascending, all multiples of 16. The upper ones divide a block evenly.
  static func sizes() -> [Int] {
    var s: [Int] = [
      16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640,
    ]
    s += [704, 768, 832, 896, 960, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2560, 3072, 3584, 4096, 5040]
    s += [5952, 7280, 8192, 9360, 10_912, 13_104, 16_384, 21_840, 32_768]
    return s
  }

  /// Cells that are put on a free list at a time: a page's worth, so that a class with few cells touches little memory and the links are
  /// still in the cache when the cells are taken.
  static func carveCount(_ size: Int) -> Int { max(1, 4096 / size) }
}

/// Per-granule byte: state of the cell that starts there.
enum MarkBits {
  static let marked: UInt8 = 1
  /// Dead, with a finalizer that has not been queued yet
  static let waits: UInt8 = 2
  /// Stays marked until the next full collection (KeptCells.swift)
  static let kept: UInt8 = 4
  /// Kept, and refers to kept cells only
  static let clean: UInt8 = 8
}

/// What is known about a small block or, at its first block, a large run. Entry i of a table describes block i.
struct BlockHeader {
  /// Cell size in bytes; for a large run the bytes available to its cell (clamped).
  var cellSize: Int32
  /// Cells that fit; 1 for a large run
  var cellCount: Int32
  /// Cells [0, carved) have been on a free list; the others are untouched memory.
  var carved: Int32
  /// Cells that the current collection has marked; `keptCells` outside of collections
  var markedCells: Int32
  /// Those of them that stay marked
  var keptCells: Int32 = 0
  /// Some of these may not be clean.
  var hasUnclean = false
  /// Live cells when the last collection began, if since then nothing was allocated in the block and all its other cells are known to be free; −1 otherwise.
  /// As many marked cells as that are the same.
  var settledCells: Int32 = -1
  /// Blocks in the run; 1 for a small block
  var blockCount: UInt32
  var sizeClass: UInt8  // 255: large
  /// The cells have not been swept since the last marking. For a large run: it got blocks that had been in use.
  var needsSweep: Bool
  /// ⌈2³² / cellSize⌉: turns an offset into a cell number without dividing
  var reciprocal: UInt64
  /// Next block of the same size class
  var next: UnsafeMutablePointer<BlockHeader>?
}

typealias BlockRef = UnsafeMutablePointer<BlockHeader>

extension UnsafeMutablePointer where Pointee == BlockHeader {
  @inline(__always) var isLarge: Bool { pointee.sizeClass == 255 }
  /// A cell without a mark is dead, though it still has its type. (Of a large run `needsSweep` tells something else: a dead one is gone at once.)
  @inline(__always) var hasUnsweptCells: Bool { pointee.needsSweep && !isLarge }
  /// What a cell takes: its size, for a large one that of its run
  @inline(__always) var cellBytes: Int { isLarge ? Int(pointee.blockCount) &<< HeapGeometry.blockShift : Int(pointee.cellSize) }
}

/// The map's word for a block.
enum BlockState {
  /// Free, and all zero: never touched, or given back to the system
  static let clean: UInt32 = 0
  /// First block of something; n > 1: n - 1 blocks after the first of a large run
  static let first: UInt32 = 1
  /// Free, its memory still there with whatever it held
  static let dirty = UInt32.max
}

/// A cell on a free list: a null type word, then the link.
struct FreeCell {
  var type: UnsafeMutableRawPointer?
  var next: UnsafeMutablePointer<FreeCell>?
}
