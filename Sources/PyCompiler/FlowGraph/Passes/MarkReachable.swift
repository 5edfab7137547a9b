/// Counts the predecessors of every block that control can reach from the entry, handlers included; the others keep 0.
extension FlowGraph {
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
}
