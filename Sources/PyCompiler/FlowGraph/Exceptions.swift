/// Exception regions: block operations say where a region begins and ends in the flow of control; the machine wants to know for each
/// instruction which handler covers it.
extension FlowGraph {
  /// Follows control flow with a stack of open regions and notes each instruction's handler.
  ///
  /// The stacks are persistent: a node is a handler and the node below it, so branching costs nothing.
  mutating func labelExceptionTargets() {
    var nodes = Vec<(handler: BlockID, below: Int32)>(capacity: 16)
    var work = Vec<BlockID>(capacity: blocks.count + 1)
    defer {
      nodes.free()
      work.free()
    }
    for index in 0..<blocks.count { blocks[index].visited = false }
    func visit(_ block: BlockID, _ handlers: Int32) {
      if blocks[block].visited { return }
      blocks[block].visited = true
      blocks[block].handlers = handlers
      work.append(block)
    }
    visit(0, -1)
    while !work.isEmpty {
      let block = work[work.count - 1]
      work.removeLast()
      var top = blocks[block].handlers
      let base = first(block)
      for index in 0..<Int(blocks[block].count) {
        let instruction = base + index
        let op = instruction.pointee.op
        if op.isBlockPush {
          let handler = instruction.pointee.target
          visit(handler, top)
          if op != .setupFinally { blocks[handler].preservesLasti = true }
          nodes.append((handler, top))
          top = Int32(truncatingIfNeeded: nodes.count - 1)
        } else if op == .popBlock {
          if top >= 0 { top = nodes[top].below }
        } else {
          instruction.pointee.handler = top < 0 ? -1 : nodes[top].handler
          if op.isJump { visit(instruction.pointee.target, top) }
        }
      }
      let next = blocks[block].next
      if next >= 0 && fallsThrough(block) { visit(next, top) }
    }
  }

  mutating func removeBlockOperations() {
    var block: BlockID = 0
    while block >= 0 {
      let base = first(block)
      for index in 0..<Int(blocks[block].count) where base[index].op.isBlockPush || base[index].op == .popBlock { base[index].op = .nop }
      block = blocks[block].next
    }
  }

  /// The deepest that the operand stack gets. Also notes each block's depth on entry, which the exception table needs.
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
