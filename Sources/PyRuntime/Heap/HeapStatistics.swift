import Glibc

/// `-X heapstats`: what the heap holds at the end of a program, by type, before and after a last collection, and how long collections took.
enum HeapStatistics {
  nonisolated(unsafe) static var isWanted = false

  /// Monotonic, nanoseconds
  static func clock() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec &* 1_000_000_000 &+ now.tv_nsec
  }

  static func report() {
    print("held at the end")
    rt.heapPointer.pointee.collect()
    print("after a collection")
  }

  private static func print(_ title: String) {
    var types: [TypeRef: (cells: Int, bytes: Int)] = [:]
    var kept = 0, clean = 0
    var cells = 0, bytes = 0, carved = 0
    rt.heapPointer.pointee.forEachCell { cell in
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      let size = rt.heapPointer.pointee.capacity(ofCell: cell)
      types[type, default: (0, 0)].cells += 1
      types[type, default: (0, 0)].bytes += size
      cells += 1
      let mark = rt.heapPointer.pointee.markByte(cell).pointee
      if mark & MarkBits.kept != 0 { kept += 1 }
      if mark & MarkBits.clean != 0 { clean += 1 }
      bytes += size
    }
    let heap = rt.heapPointer.pointee
    var i = 0
    while i < heap.frontier {
      if heap.map[i] == BlockState.first {
        let b = heap.headers[i]
        carved += b.sizeClass == 255 ? Int(b.blockCount) << HeapGeometry.blockShift : Int(b.carved) * Int(b.cellSize)
      }
      i += 1
    }
    var text = "heap, \(title): \(cells) cells, \(bytes) bytes of \(carved) carved; \(heap.blockBytes) in blocks, "
    text += "\(heap.dirtyBlockCount) free blocks with memory, \(heap.collections) collections, \(heap.fullCollections) of them full: "
    text += "\(kept) kept, \(clean) clean, "
    text += "\(heap.pauses / 1000) µs, \(heap.longestPause / 1000) the longest\n"
    for (type, sum) in types.sorted(by: { $0.value.bytes > $1.value.bytes }).prefix(20) {
      text += "  \(sum.bytes) bytes in \(sum.cells) \(type.nameForMessages)\n"
    }
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }
}
