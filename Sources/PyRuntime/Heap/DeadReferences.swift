/// Looks at the dead, between marking and sweeping, as reference counting would: cells that no dead cell refers to are freed, then those that only such ones
/// refer to, and so on. What is left is in cycles, or only they refer to it. Allocates nothing in the heap.
///
/// The references to a dead cell are counted in the upper half of its mark byte, which is of no other use then:
///
///     0 to 13   so many references
///     14        more: `many` has the number
///     15        freed
///
/// Memory that belongs to an object is a cell like any other here. Bit `MarkBits.waits` says that a dead cell has a finalizer. Both are gone from the bytes in the end.
struct DeadReferences {
  private static let one: UInt8 = 0x10, most: UInt8 = 0xD0, overflown: UInt8 = 0xE0, freed: UInt8 = 0xF0
  nonisolated(unsafe) private static var many: [UnsafeMutableRawPointer: Int] = [:]
  /// Cells without references that are not freed yet
  nonisolated(unsafe) private static var free = PointerVector()

  /// A dead cell refers to `cell`: for `Tracer`.
  static func note(_ cell: UnsafeMutableRawPointer, _ heap: UnsafeMutablePointer<Heap>) {
    let address = UInt(bitPattern: cell)
    guard address >= heap.pointee.base, address &- heap.pointee.base < UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift) else {
      return
    }
    let byte = heap.pointee.markByte(cell)
    let count = byte.pointee & freed
    if byte.pointee & MarkBits.marked != 0 || count == freed { return }
    // A free cell whose byte is not zero would live for ever.
    guard heap.pointee.cell(containing: address) == cell else { return heap.pointee.checks ? HeapChecks.reportDangling(cell, heap) : () }
    let isCounting = heap.pointee.observation == .counting
    if count == overflown || count == most && isCounting {
      byte.pointee |= overflown
      let left = many[cell, default: Int(most / one)] + (isCounting ? 1 : -1)
      many[cell] = left
      if left > Int(most / one) { return }
      byte.pointee = byte.pointee & ~freed | most
      many[cell] = nil
    } else if isCounting {
      byte.pointee &+= one
    } else if count != 0 {
      byte.pointee &-= one
      if count == one { free.append(cell) }
    }
  }

  /// Those of the dead that CPython's collector tracks and that are in cycles go to `cycles`. `order` gets the objects that have a finalizer, in the order in which
  /// CPython would call it.
  /// - Parameter keepsCycles: all of what is left goes to `cycles`, and nothing of it to `order`.
  static func sort(
    _ heap: UnsafeMutablePointer<Heap>, keepsCycles: Bool, cycles: inout PointerVector, order: inout PointerVector
  ) {
    let finalizable = heap.pointee.finalizable
    for i in 0..<finalizable.count {
      guard let c = finalizable.items?[i], !heap.pointee.isMarked(c), !Generators.isFinished(c) else { continue }
      heap.pointee.markByte(c).pointee |= MarkBits.waits
    }
    let tracer = Tracer(heap: heap)
    // Where some of the dead lie: most collections that are asked for find few.
    var blocks = PointerVector()
    heap.pointee.observation = .counting
    heap.pointee.forEachBlock { block in
      // Where as many are marked as lived before, nothing has died.
      if block.pointee.markedCells == block.pointee.settledCells || block.pointee.markedCells == block.pointee.carved { return }
      var hasDead = false
      heap.pointee.forEachCell(in: block) { cell in
        if heap.pointee.isMarked(cell) { return }
        hasDead = true
        tracer.retrace(cell)
      }
      if hasDead { blocks.append(UnsafeMutableRawPointer(block)) }
    }
    heap.pointee.observation = .uncounting
    forEachCell(in: blocks, heap) { first in
      guard heap.pointee.markByte(first).pointee & (MarkBits.marked | freed) == 0 else { return }
      free.append(first)
      while let cell = free.popLast() {
        let byte = heap.pointee.markByte(cell)
        byte.pointee |= freed
        if byte.pointee & MarkBits.waits != 0, !tracer.isLeaf(cell) {
          byte.pointee &= ~MarkBits.waits
          order.append(cell)
        }
        tracer.retrace(cell)
      }
    }
    heap.pointee.observation = .none
    heap.pointee.traced = nil
    // The builtin streams come last, a text stream before its buffer and that before its file: what they hold would be lost otherwise.
    // What refers to nothing ends the row: others may refer to it.
    var streams = PointerVector(), leaves = PointerVector()
    for i in 0..<finalizable.count {
      guard let c = finalizable.items?[i], case let byte = heap.pointee.markByte(c), byte.pointee & MarkBits.waits != 0 else { continue }
      byte.pointee &= ~MarkBits.waits
      if keepsCycles, byte.pointee & freed != freed { continue }
      if tracer.isLeaf(c) { leaves.append(c) } else if IOBase.isStream(c) { streams.append(c) } else { order.append(c) }
    }
    while let c = streams.popLast() { order.append(c) }
    order.append(contentsOf: leaves)
    forEachCell(in: blocks, heap) { cell in
      let byte = heap.pointee.markByte(cell)
      if byte.pointee & MarkBits.marked != 0 { return }
      if byte.pointee & freed != freed, HeapReferences.isObject(cell), keepsCycles || isCounted(cell, 0) { cycles.append(cell) }
      byte.pointee &= ~freed
    }
    streams.discard()
    leaves.discard()
    blocks.discard()
    free.discard()
    many = [:]
  }

  private static func forEachCell(
    in blocks: PointerVector, _ heap: UnsafeMutablePointer<Heap>, _ body: (UnsafeMutableRawPointer) -> Void
  ) {
    for i in 0..<blocks.count {
      if let block = blocks.items?[i] { heap.pointee.forEachCell(in: block.assumingMemoryBound(to: BlockHeader.self), body) }
    }
  }

  /// What CPython's collector tracks: no code objects, and tuples only if they hold something that is tracked.
  private static func isCounted(_ cell: UnsafeMutableRawPointer, _ depth: Int) -> Bool {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if type == rt.types.code { return false }
    guard type == rt.types.tuple, depth < 8 else { return type.pointee.traceKind != .leaf || !type.hasPlainInstances }
    let tuple = cell.assumingMemoryBound(to: TupleLayout.self)
    for i in 0..<tuple.pointee.count where tuple.items[i].isCell && isCounted(tuple.items[i].cell, depth + 1) { return true }
    return false
  }
}
