/// Who refers to whom, for `gc.get_referents` and `gc.get_referrers`: a cell is traced as the checker traces it, and what it visits is
/// noted instead of marked. Allocates nothing in the heap.
struct HeapReferences {
  private let heap: UnsafeMutablePointer<Heap>
  private var seen = PointerVector()

  init(_ heap: UnsafeMutablePointer<Heap>) { self.heap = heap }

  /// A cell that is an object of Python's, not memory that belongs to one.
  private static func isObject(_ cell: UnsafeMutableRawPointer) -> Bool {
    !cell.assumingMemoryBound(to: CellHeader.self).pointee.type.pointee.flags.contains(.internal)
  }
  private static func isValueBuffer(_ cell: UnsafeMutableRawPointer) -> Bool {
    cell.assumingMemoryBound(to: CellHeader.self).pointee.type == rt.types.valueBuffer
  }

  /// Whether a reference names a cell. One of a dead object that does not is a defect, which `-X gccheck` reports.
  private func isCell(_ cell: UnsafeMutableRawPointer) -> Bool {
    if HeapImage.contains(cell) { return rt.pointee.image.isAttached }
    let address = UInt(bitPattern: cell)
    guard address &- heap.pointee.base < UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift) else { return false }
    return heap.pointee.cell(containing: address) == cell
  }

  /// Calls `body` with each object that the object at `cell` refers to, memory of its own looked through.
  private mutating func forEachReferent(of cell: UnsafeMutableRawPointer, _ body: (UnsafeMutableRawPointer) -> Void) {
    let checks = heap.pointee.checks, verifying = heap.pointee.verifying
    heap.pointee.checks = true
    heap.pointee.verifying = true
    heap.pointee.isObserving = true
    let tracer = Tracer(heap: heap)
    var from = heap.pointee.observed.count
    tracer.retrace(cell)
    while from < heap.pointee.observed.count {
      guard let found = heap.pointee.observed.items?[from] else { break }
      from += 1
      if !isCell(found) {
        if checks { HeapChecks.reportDangling(cell, found, heap) }
      } else if HeapReferences.isValueBuffer(found) {
        tracer.retrace(found)
      }
    }
    heap.pointee.isObserving = false
    heap.pointee.checks = checks
    heap.pointee.verifying = verifying
    for i in 0..<heap.pointee.observed.count {
      if let found = heap.pointee.observed.items?[i], isCell(found), HeapReferences.isObject(found) { body(found) }
    }
    heap.pointee.observed.count = 0
  }

  /// Looks at the dead, between marking and sweeping, as reference counting would: objects that no dead object refers to are freed, then
  /// those that only such ones refer to, and so on. What is left is in cycles, or only they refer to it: those of them that CPython's
  /// collector tracks go to `cycles`. `order` gets the objects that have a finalizer, in the order in which CPython would call it.
  /// - Parameter keepsCycles: all of what is left goes to `cycles`, and nothing of it to `order`, but for objects that refer to nothing, of
  ///   which this does not tell whether something in a cycle refers to them.
  static func sortDead(
    _ heap: UnsafeMutablePointer<Heap>, keepsCycles: Bool, cycles: inout PointerVector, order: inout PointerVector
  ) {
    var cells = PointerVector()
    heap.pointee.forEachCell { cell in
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      if !heap.pointee.isMarked(cell), isObject(cell), type.pointee.traceKind != .leaf || !type.hasPlainInstances { cells.append(cell) }
    }
    defer { cells.discard() }
    // Addresses to indexes: open addressing, at most half full.
    var size = 16
    while size < cells.count * 2 { size *= 2 }
    let slots = UnsafeMutablePointer<Int32>.allocate(capacity: size)
    slots.initialize(repeating: -1, count: size)
    let references = UnsafeMutablePointer<Int32>.allocate(capacity: cells.count + 1)
    references.initialize(repeating: 0, count: cells.count + 1)
    let hasFinalizer = UnsafeMutablePointer<Bool>.allocate(capacity: cells.count + 1)
    hasFinalizer.initialize(repeating: false, count: cells.count + 1)
    defer {
      slots.deallocate()
      references.deallocate()
      hasFinalizer.deallocate()
    }
    func slot(_ cell: UnsafeMutableRawPointer) -> Int {
      var i = Int(truncatingIfNeeded: (UInt(bitPattern: cell) >> 4) &* 0x9E37_79B9_7F4A_7C15 >> 32) & (size - 1)
      while slots[i] >= 0, cells.items?[Int(slots[i])] != cell { i = (i + 1) & (size - 1) }
      return i
    }
    for n in 0..<cells.count { if let c = cells.items?[n] { slots[slot(c)] = Int32(truncatingIfNeeded: n) } }
    var walker = HeapReferences(heap)
    for n in 0..<cells.count {
      guard let c = cells.items?[n] else { continue }
      walker.forEachReferent(of: c) { found in
        let target = slots[slot(found)]
        if target >= 0 { references[Int(target)] &+= 1 }
      }
    }
    let finalizable = heap.pointee.finalizable
    var leaves = PointerVector()
    defer { leaves.discard() }
    for i in 0..<finalizable.count {
      guard let c = finalizable.items?[i], !heap.pointee.isMarked(c), !Generators.isFinished(c) else { continue }
      let n = slots[slot(c)]
      // What refers to nothing is not among the cells.
      if n < 0 { leaves.append(c) } else { hasFinalizer[Int(n)] = true }
    }
    var free = PointerVector()
    var n = cells.count
    while n > 0 {
      n &-= 1
      if references[n] == 0, let c = cells.items?[n] { free.append(c) }
    }
    while let c = free.popLast() {
      let index = Int(slots[slot(c)])
      references[index] = -1
      if hasFinalizer[index] { order.append(c) }
      walker.forEachReferent(of: c) { found in
        let target = slots[slot(found)]
        guard target >= 0, references[Int(target)] > 0 else { return }
        references[Int(target)] &-= 1
        if references[Int(target)] == 0 { free.append(found) }
      }
    }
    free.discard()
    // The builtin streams come last, a text stream before its buffer and that before its file: what they hold would be lost otherwise.
    var streams = PointerVector()
    for i in 0..<(keepsCycles ? 0 : finalizable.count) {
      guard let c = finalizable.items?[i], !heap.pointee.isMarked(c), !Generators.isFinished(c) else { continue }
      let n = slots[slot(c)]
      guard n >= 0, references[Int(n)] > 0 else { continue }
      if IOBase.isStream(c) { streams.append(c) } else { order.append(c) }
    }
    while let c = streams.popLast() { order.append(c) }
    streams.discard()
    // Others may refer to these.
    for i in 0..<leaves.count { if let c = leaves.items?[i] { order.append(c) } }
    for n in 0..<cells.count where references[n] > 0 {
      if let c = cells.items?[n], keepsCycles || isCounted(c, 0) { cycles.append(c) }
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

  /// What the object at `cell` refers to directly.
  static func referents(of cell: UnsafeMutableRawPointer, _ heap: UnsafeMutablePointer<Heap>, _ result: inout PointerVector) {
    var references = HeapReferences(heap)
    var found = PointerVector()
    references.forEachReferent(of: cell) { found.append($0) }
    for i in 0..<found.count { if let p = found.items?[i] { result.append(p) } }
    found.discard()
  }

  /// The objects that refer directly to one of `targets`.
  static func referrers(of targets: PointerVector, _ heap: UnsafeMutablePointer<Heap>) -> PointerVector {
    var references = HeapReferences(heap)
    var cells = PointerVector(), result = PointerVector()
    heap.pointee.forEachCell { cell in
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      if isObject(cell), type.pointee.traceKind != .leaf || !type.hasPlainInstances { cells.append(cell) }
    }
    for i in 0..<cells.count {
      guard let cell = cells.items?[i] else { continue }
      var refers = false
      references.forEachReferent(of: cell) { found in
        if refers { return }
        for n in 0..<targets.count where targets.items?[n] == found { refers = true }
      }
      if refers { result.append(cell) }
    }
    cells.discard()
    return result
  }
}
