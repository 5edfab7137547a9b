/// Geometry of the heap. One contiguous range of address space is reserved at start and handed out in blocks of 64 KiB:
///
///     small block   header, one mark byte per 16-byte granule, then cells of one size class
///     large run     one or more consecutive blocks that hold a single cell
///
/// so that any word can be tested for "points into a live cell" by arithmetic alone: the conservative scan depends on it.
enum HeapGeometry {
  static let blockShift = 16
  static let blockSize = 1 << blockShift
  static let granuleShift = 4
  static let marksOffset = 64
  static let marksCount = blockSize >> granuleShift
  /// First cell of a small block.
  static let cellsOffset = marksOffset + marksCount
  /// First (and only) cell of a large run.
  static let largeCellOffset = 64
  static let largestSmallCell = 30_592

  /// Cell sizes, ascending, all multiples of 16. The upper ones divide a block's payload evenly.
  static func sizes() -> [Int] {
    var s: [Int] = [
      16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640,
    ]
    s += [704, 768, 832, 896, 960, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2560, 3072, 3584, 4096, 5120]
    s += [6128, 7648, 8736, 10_192, 12_224, 15_280, 20_384, 30_592]
    return s
  }
}

/// Per-granule byte: state of the cell that starts there.
enum MarkBits {
  static let marked: UInt8 = 1
  /// Listed in the heap's finalization table.
  static let finalizable: UInt8 = 2
  /// Listed in the weak-reference table.
  static let weaklyReferenced: UInt8 = 4
  /// Known to the bridge's registry.
  static let bridged: UInt8 = 8
}

/// At the start of each small block and large run.
struct BlockHeader {
  /// Cell size in bytes; for a large run the bytes available to its cell.
  var cellSize: Int32
  /// Number of cells; 1 for a large run.
  var cellCount: Int32
  var sizeClass: UInt8  // 255: large
  /// The cells have not been swept since the last marking.
  var needsSweep: Bool
  /// Blocks in the run; 1 for a small block
  var blockCount: UInt32
  /// ⌈2³² / cellSize⌉: turns an offset into a cell number without dividing
  var reciprocal: UInt64
  /// Next block of the same size class
  var next: UnsafeMutablePointer<BlockHeader>?
  /// Mark byte of a large run's cell
  var largeMark: UInt8
  /// Bytes in live cells found by the last sweep
  var liveBytes: Int32
}

typealias BlockRef = UnsafeMutablePointer<BlockHeader>

extension UnsafeMutablePointer where Pointee == BlockHeader {
  @inline(__always) var base: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }
  @inline(__always) var isLarge: Bool { pointee.sizeClass == 255 }
  var firstCell: UnsafeMutableRawPointer {
    base + (isLarge ? HeapGeometry.largeCellOffset : HeapGeometry.cellsOffset)
  }
}

/// A cell on a free list: a null type word, then the link.
struct FreeCell {
  var type: UnsafeMutableRawPointer?
  var next: UnsafeMutablePointer<FreeCell>?
}
