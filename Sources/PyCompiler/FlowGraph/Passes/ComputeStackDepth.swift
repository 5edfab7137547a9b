/// The deepest that the operand stack gets on any path. Also notes each block's depth on entry, which the exception table needs.
extension FlowGraph {
  mutating func computeStackDepth(start: Int32) -> Int32 {
    var work = Vec<BlockID>(capacity: blocks.count + 1)
    defer { work.free() }
    for index in 0..<blocks.count { blocks[index].startDepth = .min }
    func visit(_ block: BlockID, _ depth: Int32) {
      if blocks[block].startDepth < depth && blocks[block].startDepth < 100 {
        blocks[block].startDepth = depth
        work.append(block)
      }
    }
    visit(0, start)
    var deepest: Int32 = 0
    while !work.isEmpty {
      let block = work[work.count - 1]
      work.removeLast()
      var depth = blocks[block].startDepth
      var next = blocks[block].next
      let base = first(block)
      for index in 0..<Int(blocks[block].count) {
        let op = base[index].op
        let argument = base[index].argument
        let after = depth &+ op.stackEffect(argument, jump: false)
        if after > deepest { deepest = after }
        if op.isJump || op.isBlockPush {
          let there = depth &+ op.stackEffect(argument, jump: true)
          if there > deepest { deepest = there }
          visit(base[index].target, there)
        }
        depth = after
        if op.isUnconditionalJump || op.isScopeExit {
          next = -1
          break
        }
      }
      if next >= 0 { visit(next, depth) }
    }
    return deepest
  }
}
