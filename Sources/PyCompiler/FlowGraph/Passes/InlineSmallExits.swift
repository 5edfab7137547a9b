/// Short blocks that return or raise (at most four instructions, none with a line: an implicit `return None`) are copied over unconditional
/// jumps to them. Runs twice, before and after the local optimisations.
extension FlowGraph {
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
}
