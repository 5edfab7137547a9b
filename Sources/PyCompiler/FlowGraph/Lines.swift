import PyBytecode

/// Every instruction that leaves the code object must have a line, because a frame's line is computed from where it stopped (PEP 626).
extension FlowGraph {
  private func isExitWithoutLine(_ block: BlockID) -> Bool {
    guard isExit(block) else { return false }
    let base = first(block)
    for index in 0..<Int(blocks[block].count) where base[index].location.line >= 0 { return false }
    return true
  }

  /// Gives each jump to a shared exit without a line an exit of its own, then copies lines into exits that are reached in one way only.
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

  /// Instructions without a line take that of their predecessor, also across an edge into a block with one predecessor.
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
