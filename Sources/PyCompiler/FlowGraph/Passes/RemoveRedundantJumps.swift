/// A jump to the block that follows anyway becomes a NOP.
extension FlowGraph {
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
