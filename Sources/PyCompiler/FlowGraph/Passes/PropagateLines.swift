import PyBytecode

/// Instructions without a line take that of their predecessor, also across an edge into a block with one predecessor.
extension FlowGraph {
  mutating func propagateLines() {
    var block: BlockID = 0
    while block >= 0 {
      defer { block = blocks[block].next }
      let count = Int(blocks[block].count)
      if count == 0 { continue }
      let base = first(block)
      var previous = SourceLocation.none
      for index in 0..<count {
        if base[index].location.line < 0 { base[index].location = previous } else { previous = base[index].location }
      }
      let next = blocks[block].next
      if next >= 0, fallsThrough(block), blocks[next].predecessors == 1, blocks[next].count > 0, first(next).pointee.location.line < 0 {
        first(next).pointee.location = previous
      }
      if base[count - 1].op.isJump {
        let target = base[count - 1].target
        if blocks[target].predecessors == 1, blocks[target].count > 0, first(target).pointee.location.line < 0 {
          first(target).pointee.location = previous
        }
      }
    }
  }
}
