/// Every instruction that leaves the code object must have a line, because a frame's line is computed from where it stopped (PEP 626). So
/// each jump to a shared exit without a line gets an exit of its own, which takes the line of the jump; then lines are copied into exits
/// that are reached by falling into them.
extension FlowGraph {
  private func isExitWithoutLine(_ block: BlockID) -> Bool {
    guard isExit(block) else { return false }
    let base = first(block)
    for index in 0..<Int(blocks[block].count) where base[index].location.line >= 0 { return false }
    return true
  }

  mutating func duplicateExitsWithoutLine() {
    for index in stride(from: blocks.count - 1, through: 0, by: -1) {
      let block = BlockID(index)
      guard blocks[block].count > 0, last(block).pointee.op.isJump else { continue }
      let target = last(block).pointee.target
      guard blocks[target].predecessors > 1, isExitWithoutLine(target) else { continue }
      let copy = newBlock()
      blocks[copy].start = Int32(truncatingIfNeeded: instructions.count)
      append(copyOf: target, to: copy)
      first(copy).pointee.location = last(block).pointee.location
      last(block).pointee.target = copy
      blocks[target].predecessors &-= 1
      blocks[copy].predecessors = 1
      blocks[copy].next = blocks[target].next
      blocks[target].next = copy
    }
    for index in stride(from: blocks.count - 1, through: 0, by: -1) {
      while blocks[index].next >= 0 && blocks[blocks[index].next].count == 0 { blocks[index].next = blocks[blocks[index].next].next }
    }
    for index in stride(from: blocks.count - 1, through: 0, by: -1) {
      let block = BlockID(index)
      let next = blocks[block].next
      if next >= 0, blocks[block].count > 0, fallsThrough(block), isExitWithoutLine(next) {
        first(next).pointee.location = last(block).pointee.location
      }
    }
  }
}
