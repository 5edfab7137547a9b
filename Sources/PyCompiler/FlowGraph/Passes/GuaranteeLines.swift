/// Returns that still have no line take the last one seen before them in the layout.
extension FlowGraph {
  /// Returns that still have no line take the last one seen before them.
  mutating func guaranteeLinesOfExits(firstLine: Int32) {
    var line = firstLine
    var block: BlockID = 0
    while block >= 0 {
      defer { block = blocks[block].next }
      let count = Int(blocks[block].count)
      if count == 0 { continue }
      let base = first(block)
      let last = base[count - 1]
      if last.location.line >= 0 {
        line = last.location.line
      } else if last.op == .returnValue {
        for index in 0..<count { base[index].location.line = line }
      }
    }
  }
}
