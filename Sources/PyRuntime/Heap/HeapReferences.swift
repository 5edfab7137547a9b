/// Who refers to whom, for `gc.get_referents` and `gc.get_referrers`: a cell is traced as the checker traces it, and what it visits is
/// noted instead of marked. Allocates nothing in the heap.
struct HeapReferences {
  private let heap: UnsafeMutablePointer<Heap>
  private var seen = PointerVector()

  init(_ heap: UnsafeMutablePointer<Heap>) { self.heap = heap }

  /// A cell that is an object of Python's, not memory that belongs to one, nor a tuple that is not filled: the runtime's tables of one-character
  /// strs are such.
  static func isObject(_ cell: UnsafeMutableRawPointer) -> Bool {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if type.pointee.flags.contains(.internal) { return false }
    guard type == rt.types.tuple, case let tuple = cell.assumingMemoryBound(to: TupleLayout.self) else { return true }
    return !(0..<tuple.pointee.count).contains { tuple.items[$0].isNull }
  }
  private static func isValueBuffer(_ cell: UnsafeMutableRawPointer) -> Bool {
    cell.assumingMemoryBound(to: CellHeader.self).pointee.type == rt.types.valueBuffer
  }

  /// Whether a reference names a cell.
  private func isCell(_ cell: UnsafeMutableRawPointer) -> Bool {
    if HeapImage.contains(cell) { return rt.pointee.image.isAttached }
    let address = UInt(bitPattern: cell)
    guard address &- heap.pointee.base < UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift) else { return false }
    return heap.pointee.cell(containing: address) == cell
  }

  /// Calls `body` with each object that the object at `cell` refers to, memory of its own looked through.
  private mutating func forEachReferent(of cell: UnsafeMutableRawPointer, _ body: (UnsafeMutableRawPointer) -> Void) {
    heap.pointee.observation = .noting
    let tracer = Tracer(heap: heap)
    var from = heap.pointee.observed.count
    tracer.retrace(cell)
    while from < heap.pointee.observed.count {
      guard let found = heap.pointee.observed.items?[from] else { break }
      from += 1
      if isCell(found), HeapReferences.isValueBuffer(found) { tracer.retrace(found) }
    }
    heap.pointee.observation = .none
    // What the heap's description names is a root.
    heap.pointee.traced = nil
    for i in 0..<heap.pointee.observed.count {
      if let found = heap.pointee.observed.items?[i], isCell(found), HeapReferences.isObject(found) { body(found) }
    }
    heap.pointee.observed.count = 0
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
