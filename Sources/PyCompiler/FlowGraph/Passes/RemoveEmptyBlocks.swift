/// Edges lead past blocks without instructions: fall-through, jumps and handlers.
extension FlowGraph {
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
}
