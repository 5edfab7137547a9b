/// Block operations say where an exception region begins and ends in the flow of control; the machine wants to know for each instruction
/// which handler covers it. Follows control flow with a stack of open regions and notes each instruction's handler.
///
/// The stacks are persistent: a node is a handler and the node below it, so branching costs nothing.
extension FlowGraph {
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
}
