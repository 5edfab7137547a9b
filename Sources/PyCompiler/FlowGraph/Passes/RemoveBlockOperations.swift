/// Once instructions know their handlers, block operations have said all they had to say: they become NOPs, which keep their lines.
extension FlowGraph {
  mutating func removeBlockOperations() {
    var block: BlockID = 0
    while block >= 0 {
      let base = first(block)
      for index in 0..<Int(blocks[block].count) where base[index].op.isBlockPush || base[index].op == .popBlock { base[index].op = .nop }
      block = blocks[block].next
    }
  }
}
