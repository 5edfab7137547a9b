import Glibc

/// Checks of the heap's consistency while marking (`-X gccheck`): a reference must lead to the start of a live cell.
enum HeapChecks {
  static func checkReference(_ cell: UnsafeMutableRawPointer, _ heap: UnsafeMutablePointer<Heap>) {
    let address = UInt(bitPattern: cell)
    let inside = address &- heap.pointee.base < UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift)
    if inside, heap.pointee.cell(containing: address) == cell { return }
    var owner = "a root"
    if let traced = heap.pointee.traced {
      let type = traced.assumingMemoryBound(to: CellHeader.self).pointee.type
      owner = "a cell of type \(type.nameForMessages) at \(traced)"
    }
    var text = "amphis: heap check: \(owner) refers to \(cell), which is not the start of a live cell\n"
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    abort()
  }
}
