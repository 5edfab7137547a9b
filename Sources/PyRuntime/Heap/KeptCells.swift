// Cells that stay marked from one collection to the next.
//
// Half of what a program keeps for its whole life are code objects and what they are made of: bytes, names, constants. None of that can
// change, so what is marked once needs neither to be marked nor traced again while its code object lives. When a code object has lived through
// a collection, the next one gives these cells `MarkBits.kept`; the sweeper leaves their marks, and later collections pass over them. What a
// dead code object leaves behind is found by a full collection, which begins by taking all kept marks away (`forgetKept`).
//
// The code object itself is not kept: it gets register code, other line tables and `co_extra` after it was made. Nor is anything that refers
// to a cell that is not kept: constants with code objects among them are traced each time.

extension Tracer {
  /// Marks the cell for all collections up to the next full one if nothing it refers to can change, else for this one.
  /// - Returns: whether it is kept
  @inline(never)
  func keep(_ value: Value) -> Bool {
    guard Tracer.isLasting(value, 4) else {
      visit(value)
      return false
    }
    markKept(value)
    return true
  }

  private static func isLasting(_ value: Value, _ depth: Int) -> Bool {
    guard value.isCell else { return true }
    let type = value.cellType
    if type == rt.types.str { return !value.as(StrLayout.self).pointee.flags.contains(.external) }
    if type == rt.types.bytes { return !value.as(BytesLayout.self).pointee.isExternal }
    if type == rt.types.int || type == rt.types.complex { return type.pointee.traceKind == .leaf && type.hasPlainInstances }
    guard type == rt.types.tuple, depth > 0 else { return false }
    let tuple = value.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count where !isLasting(tuple.items[i], depth &- 1) { return false }
    return true
  }

  private func markKept(_ value: Value) {
    // What lies below the heap has no mark and always lives.
    guard value.isCell, UInt(bitPattern: value.cell) >= heap.pointee.base else { return }
    let byte = heap.pointee.markByte(value.cell)
    if byte.pointee & MarkBits.kept != 0 { return }
    let block = heap.pointee.block(of: value.cell)
    if byte.pointee & MarkBits.marked == 0 { block.pointee.markedCells &+= 1 }
    block.pointee.keptCells &+= 1
    byte.pointee = MarkBits.marked | MarkBits.kept
    guard value.isExact(rt.types.tuple) else { return }
    let tuple = value.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count { markKept(tuple.items[i]) }
  }
}

extension Heap {
  /// Collections between two full ones, at most.
  static let longestRound = 16

  /// Whether the next collection that comes by itself has to be a full one: much has been kept since the last.
  var fullIsDue: Bool { collectionsOfRound >= Heap.longestRound || liveBytesAfterCollection > liveBytesOfRound &+ liveBytesOfRound / 2 }

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
        let marks = markByte(address(i))
        if block.isLarge { marks.pointee = 0 } else { marks.update(repeating: 0, count: HeapGeometry.granulesPerBlock) }
      }
      i &+= Int(block.pointee.blockCount)
    }
    keptRound = keptRound == UInt32.max ? CodeLayout.firstKeptRound : keptRound &+ 1
    collectionsOfRound = 0
  }
}

extension CodeLayout {
  /// `keptRound` of a code object: not seen by a collection; seen by one; else the round in which what it refers to was kept
  static let neverSeen: UInt32 = 0, seenOnce: UInt32 = 1, firstKeptRound: UInt32 = 2
}
