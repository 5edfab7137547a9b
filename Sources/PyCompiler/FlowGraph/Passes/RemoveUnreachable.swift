/// Blocks without predecessors (see `markReachable`) lose their instructions, and keep their place in the layout.
extension FlowGraph {
  mutating func removeUnreachable() {
    var block: BlockID = 0
    while block >= 0 {
      if blocks[block].predecessors == 0 { blocks[block].count = 0 }
      block = blocks[block].next
    }
  }
}
