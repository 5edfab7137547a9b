import PyBytecode

/// Removal of what has no effect: NOPs, empty blocks, unreachable blocks, jumps to the next instruction.
extension FlowGraph {
  /// Removes NOPs that no line needs. A NOP stays only when it is the one instruction of its line.
  mutating func removeNops(_ block: BlockID) {
    let base = first(block)
    let count = Int(blocks[block].count)
    var kept = 0
    var previous: Int32 = -1
    for source in 0..<count {
      let line = base[source].location.line
      if base[source].op == .nop {
        if line < 0 || previous == line { continue }
        if source + 1 < count {
          let following = base[source + 1].location.line
          if following == line { continue }
          if following < 0 {
            base[source + 1].location = base[source].location
            continue
          }
        } else {
          var next = blocks[block].next
          while next >= 0 && blocks[next].count == 0 { next = blocks[next].next }
          if next >= 0 && first(next).pointee.location.line == line { continue }
        }
      }
      if kept != source { base[kept] = base[source] }
      kept += 1
      previous = line
    }
    blocks[block].count = Int32(kept)
  }

  /// Copies short blocks that return or raise (at most four instructions, none with a line: an implicit `return None`) over
  /// unconditional jumps to them.
  mutating func inlineSmallExits() {
    // Newest block first: an exit that grows in this round is seen only by older blocks that jump to it.
    for index in stride(from: blocks.count - 1, through: 0, by: -1) where blocks[index].count > 0 {
      let block = BlockID(index)
      let last = self.last(block)
      guard last.pointee.op == .jump else { continue }
      let target = skippingEmpty(last.pointee.target)
      guard isExit(target), blocks[target].count <= 4, !hasLine(target) else { continue }
      last.pointee.op = .nop
      append(copyOf: target, to: block)
    }
  }

  private func hasLine(_ block: BlockID) -> Bool {
    let base = first(block)
    for index in 0..<Int(blocks[block].count) where base[index].location.line > 0 { return true }
    return false
  }

  /// Counts predecessors of every block that control can reach from the entry; the others keep 0.
  mutating func markReachable() {
    var work = Vec<BlockID>(capacity: blocks.count + 1)
    defer { work.free() }
    for index in 0..<blocks.count {
      blocks[index].predecessors = 0
      blocks[index].visited = false
    }
    blocks[0].predecessors = 1
    blocks[0].visited = true
    work.append(0)
    while !work.isEmpty {
      let block = work[work.count - 1]
      work.removeLast()
      let next = blocks[block].next
      if next >= 0 && fallsThrough(block) {
        blocks[next].predecessors &+= 1
        if !blocks[next].visited {
          blocks[next].visited = true
          work.append(next)
        }
      }
      let base = first(block)
      for index in 0..<Int(blocks[block].count) where base[index].op.isJump || base[index].op.isBlockPush {
        let target = base[index].target
        blocks[target].predecessors &+= 1
        if !blocks[target].visited {
          blocks[target].visited = true
          work.append(target)
        }
      }
    }
  }

  mutating func removeUnreachable() {
    var block: BlockID = 0
    while block >= 0 {
      if blocks[block].predecessors == 0 { blocks[block].count = 0 }
      block = blocks[block].next
    }
  }

  mutating func removeEmptyBlocks() {
    var block: BlockID = 0
    while block >= 0 {
      let next = blocks[block].next
      if next >= 0 { blocks[block].next = skippingEmpty(next) }
      block = blocks[block].next
    }
    block = 0
    while block >= 0 {
      let base = first(block)
      for index in 0..<Int(blocks[block].count) where base[index].op.isJump || base[index].op.isBlockPush {
        base[index].target = skippingEmpty(base[index].target)
      }
      block = blocks[block].next
    }
  }

  /// A jump to the block that follows anyway becomes a NOP.
  /// - Returns: whether there was one, so that blocks may have become empty of meaning.
  mutating func removeRedundantJumps() -> Bool {
    var changed = false
    var block: BlockID = 0
    while block >= 0 {
      if blocks[block].count > 0 {
        let last = self.last(block)
        if (last.pointee.op == .jump || last.pointee.op == .jumpNoInterrupt) && last.pointee.target == blocks[block].next {
          last.pointee.op = .nop
          changed = true
        }
      }
      block = blocks[block].next
    }
    return changed
  }
}
