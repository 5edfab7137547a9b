// Cells that stay marked from one collection to the next.
//
// Most of what a program keeps for its whole life are the names, functions, code and namespaces that its imports have made. A full collection
// keeps what it finds alive of the kinds that rarely change (`KeepKind`): such a cell bears `MarkBits.kept`, the sweeper leaves its mark, and the
// collections that follow, up to the next full one, pass it over. What of it dies in between is found by that one, which begins by
// taking all these marks away (`forgetKept`).
//
// A kept cell may refer to cells that are not kept: of another kind, or made since. So each collection traces the kept cells that are not
// `MarkBits.clean`, and notes those of them that turn out to refer to kept ones only. Whoever stores a reference into a dict, function, code
// object, shape or property calls `Heap.noteStore`, which takes that note away; strs, bytes, numbers, tuples and descriptors do not change. Types and the like
// change in many places and are few: they are kept for the sake of what refers to them, and never clean. Tuples and all
// others are filled before they can be kept: what a native stack refers to at a full collection is not kept.
//
// A namespace with one list in it would be gone through by every collection. So the first one after a full collection writes down what is not kept and
// kept cells refer to (`remembered`), and takes these cells for clean: until the next full one it lives, whether or not they still refer to it.

extension Tracer {
  /// Keeps the cell, which has just been marked, if it is of a kind that is kept.
  @inline(__always)
  func keep(_ cell: UnsafeMutableRawPointer, _ byte: UnsafeMutablePointer<UInt8>, _ block: BlockRef) {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    let kind = type.pointee.keeping
    if kind == .never || Tracer.isExempt(cell, type, block) { return }
    block.pointee.keptCells &+= 1
    if kind == .leaf {
      byte.pointee |= MarkBits.kept | MarkBits.clean
    } else {
      byte.pointee |= MarkBits.kept
      block.pointee.hasUnclean = true
    }
  }

  /// Large cells, which would take much memory if they died, but for the tables of large dicts; strs and bytes that refer to a buffer;
  /// dicts whose storage is CPython's; weak references with a callback, which is not called if the reference has died first.
  @inline(__always)
  private static func isExempt(_ cell: UnsafeMutableRawPointer, _ type: TypeRef, _ block: BlockRef) -> Bool {
    if block.isLarge { return type != rt.types.rawBuffer || block.cellBytes > Heap.largestKept }
    if type == rt.types.str { return cell.assumingMemoryBound(to: StrLayout.self).pointee.flags.contains(.external) }
    if type == rt.types.bytes { return cell.assumingMemoryBound(to: BytesLayout.self).pointee.isExternal }
    if type == rt.types.weakref { return !cell.assumingMemoryBound(to: WeakRefLayout.self).pointee.callback.isNull }
    return type == rt.types.dict && cell.assumingMemoryBound(to: DictLayout.self).pointee.foreign != nil
  }
}

extension Tracer {
  /// Visits what a kept cell refers to: what of that is not kept goes to the mark stack.
  @inline(__always)
  fileprivate func visitYoung(of cell: UnsafeMutableRawPointer) {
    if !heap.pointee.checks {
      // Nearly all of them are dicts, tuples and types.
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      if type == rt.types.dict { return visitYoung(of: cell.assumingMemoryBound(to: DictLayout.self)) }
      if type == rt.types.tuple {
        let tuple = cell.assumingMemoryBound(to: TupleLayout.self)
        for i in 0..<tuple.pointee.count { visitYoung(tuple.items[i]) }
        return
      }
      if type == rt.types.type {
        TypeType.forEachReference(of: cell.assumingMemoryBound(to: TypeLayout.self)) { visitYoung($0) }
        return
      }
    }
    heap.pointee.seeksYoung = true
    retrace(cell)
    heap.pointee.seeksYoung = false
  }

  private func visitYoung(of dict: UnsafeMutablePointer<DictLayout>) {
    guard let entries = dict.pointee.entries else { return }
    visitYoung(UnsafeMutableRawPointer(entries) - BufferCell.headerSize)
    for i in 0..<dict.pointee.used {
      visitYoung(entries[i].key)
      visitYoung(entries[i].value)
    }
  }

  @inline(__always) private func visitYoung(_ value: Value) { if value.isCell { visitYoung(value.cell) } }
  @inline(__always) private func visitYoung(_ cell: UnsafeMutableRawPointer) {
    if UInt(bitPattern: cell) < heap.pointee.base || heap.pointee.markByte(cell).pointee & MarkBits.kept != 0 { return }
    heap.pointee.markStack.append(cell)
  }
}

extension Heap {
  /// Collections between two full ones, at most; while what is alive grows by more than an eighth; and under stress, so that both kinds are tested.
  static let longestRound = 64
  static let shortRound = 16
  private static let longestRoundUnderStress = 3
  static let largestKept = 1 << 20
  private static let keptInAnyCase = 4 << 20

  /// Whether the next collection that comes by itself has to be a full one: much has been allocated for good since the last, which marking it again and
  /// again says, too; or much of what is kept may have died.
  var fullIsDue: Bool {
    if fullCollections == 0 { return true }
    if steadyBytes > steadyBytesOfRound &+ steadyBytesOfRound / 2 { return true }
    if stressPeriod != 0 { return collectionsOfRound >= Heap.longestRoundUnderStress }
    if collectionsOfRound >= Heap.shortRound, steadyBytes > steadyBytesOfRound &+ steadyBytesOfRound / 8 { return true }
    return collectionsOfRound >= Heap.longestRound || markedAgain > steadyBytesOfRound &* patience
  }

  /// Whether the last two collections found about as much alive: what a program builds up and drops again would lie about for a whole round. In a small
  /// heap that is not much. Buffers that are not kept may come and go. Under stress everything is tried.
  var isSteady: Bool { stressPeriod != 0 || steadyBytes < Heap.keptInAnyCase || abs(steadyBytes &- steadyBytesBefore) <= steadyBytes / 8 }

  /// A collection has found so many bytes alive, buffers that are not kept apart.
  /// - Parameter young: those that are not kept and have references
  /// - Parameter isRepeated: hardly anything was allocated since the last collection
  mutating func noteLive(_ live: Int, young: Int, isFull: Bool, isRepeated: Bool) {
    if !isRepeated { steadyBytesBefore = steadyBytes }
    steadyBytes = live
    if isFull {
      steadyBytesOfRound = live
      youngBytesOfRound = young
      markedAgain = 0
      return
    }
    if collectionsOfRound == 1 {
      // Where a full collection has not made the others cheaper, the next one may wait.
      patience = young &* 4 > youngBytes &* 3 ? min(patience &* 2, Heap.longestRound) : 1
    }
    youngBytes = young
    markedAgain &+= max(0, young &- youngBytesOfRound)
  }

  /// A reference has been stored into the cell, or is about to be with no allocation in between. For dicts, functions and code objects wherever
  /// others may have seen them; may be called for any address.
  @inline(__always)
  static func noteStore(_ cell: UnsafeMutableRawPointer) {
    let heap = rt.heapPointer
    let offset = UInt(bitPattern: cell) &- heap.pointee.base
    if offset >= UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift) { return }
    let byte = heap.pointee.markByte(cell)
    if byte.pointee & MarkBits.clean == 0 { return }
    byte.pointee &= ~MarkBits.clean
    heap.pointee.headers[Int(offset >> UInt(HeapGeometry.blockShift))].hasUnclean = true
  }
  @inline(__always) static func noteStore(_ object: Value) { noteStore(object.cell) }

  /// Visits what kept cells refer to that may not be kept.
  static func traceUnclean(_ tracer: Tracer) {
    let heap = tracer.heap
    for i in 0..<heap.pointee.remembered.count {
      // One that was freed at once may be anything by now.
      if let cell = heap.pointee.remembered.items?[i], heap.pointee.cell(containing: UInt(bitPattern: cell)) == cell { tracer.mark(cell) }
    }
    let remembers = heap.pointee.collectionsOfRound == 1
    heap.pointee.uncleanBytes = 0
    for i in 0..<heap.pointee.neverClean.count {
      guard let cell = heap.pointee.neverClean.items?[i] else { continue }
      heap.pointee.traced = cell
      heap.pointee.uncleanBytes &+= heap.pointee.capacity(ofCell: cell)
      tracer.visitYoung(of: cell)
      if heap.pointee.markStack.count > 4096 { tracer.drain() }
    }
    var i = 0
    while i < heap.pointee.frontier {
      guard heap.pointee.map[i] == BlockState.first else {
        i &+= 1
        continue
      }
      let block = heap.pointee.headers + i
      if block.pointee.hasUnclean {
        block.pointee.hasUnclean = false
        let start = heap.pointee.address(i), size = Int(block.pointee.cellSize)
        for n in 0..<Int(block.pointee.carved) {
          let cell = start + n &* size
          let byte = heap.pointee.markByte(cell)
          if byte.pointee & (MarkBits.kept | MarkBits.clean) != MarkBits.kept { continue }
          let isNoted = cell.assumingMemoryBound(to: CellHeader.self).pointee.type.pointee.keeping == .noted
          if !isNoted {
            // The first collection of the round lists these.
            if !remembers { continue }
            heap.pointee.neverClean.append(cell)
          }
          heap.pointee.traced = cell
          heap.pointee.uncleanBytes &+= size
          let waiting = heap.pointee.markStack.count
          tracer.visitYoung(of: cell)
          if !isNoted { continue }
          if remembers || heap.pointee.markStack.count == waiting {
            byte.pointee |= MarkBits.clean
            for k in waiting..<heap.pointee.markStack.count {
              if let young = heap.pointee.markStack.items?[k] { heap.pointee.remembered.append(young) }
            }
          } else {
            block.pointee.hasUnclean = true
          }
        }
        if heap.pointee.markStack.count > 4096 { tracer.drain() }
      }
      i &+= Int(block.pointee.blockCount)
    }
    heap.pointee.traced = nil
  }

  /// Notes a cell that a native stack (or what else is scanned conservatively) refers to, if it may be one that is being filled. Dicts are
  /// filled by functions that note.
  static func hold(_ cell: UnsafeMutableRawPointer) {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if type.pointee.keeping != .noted || type == rt.types.dict { return }
    if type == rt.types.tuple, cell.assumingMemoryBound(to: TupleLayout.self).pointee.count == 0 { return }
    rt.heapPointer.pointee.held.append(cell)
  }

  /// Takes `kept` from what is held.
  static func releaseHeld(_ heap: UnsafeMutablePointer<Heap>) {
    while let cell = heap.pointee.held.popLast() {
      let byte = heap.pointee.markByte(cell)
      if byte.pointee & MarkBits.kept == 0 { continue }
      byte.pointee &= ~(MarkBits.kept | MarkBits.clean)
      heap.pointee.block(of: cell).pointee.keptCells &-= 1
    }
  }

  /// Takes all kept marks away. Everything is swept.
  mutating func forgetKept() {
    var i = 0
    while i < frontier {
      guard map[i] == BlockState.first else {
        i &+= 1
        continue
      }
      let block = headers + i
      if block.pointee.keptCells != 0 {
        block.pointee.keptCells = 0
        block.pointee.markedCells = 0
        block.pointee.hasUnclean = false
        let marks = markByte(address(i))
        if block.isLarge { marks.pointee = 0 } else { marks.update(repeating: 0, count: HeapGeometry.granulesPerBlock) }
      }
      i &+= Int(block.pointee.blockCount)
    }
    remembered.count = 0
    neverClean.count = 0
    collectionsOfRound = 0
    fullCollections &+= 1
    leafBytes = 0
    keptLeafBytes = 0
  }
}
