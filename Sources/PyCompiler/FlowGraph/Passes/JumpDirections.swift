/// Pseudo jumps become forward or backward ones, by the order of the blocks.
extension FlowGraph {
  /// - Returns: false for a backward jump that has no instruction.
  mutating func chooseJumpDirections() -> Bool {
    for index in 0..<blocks.count { blocks[index].visited = false }
    var block: BlockID = 0
    while block >= 0 {
      defer { block = blocks[block].next }
      blocks[block].visited = true
      if blocks[block].count == 0 { continue }
      let last = self.last(block)
      guard last.pointee.op.isJump else { continue }
      let forward = !blocks[last.pointee.target].visited
      switch last.pointee.op {
      case .jump: last.pointee.op = forward ? .jumpForward : .jumpBackward
      case .jumpNoInterrupt: last.pointee.op = forward ? .jumpForward : .jumpBackwardNoInterrupt
      case .popJumpIfFalse: last.pointee.op = forward ? .popJumpForwardIfFalse : .popJumpBackwardIfFalse
      case .popJumpIfTrue: last.pointee.op = forward ? .popJumpForwardIfTrue : .popJumpBackwardIfTrue
      case .popJumpIfNone: last.pointee.op = forward ? .popJumpForwardIfNone : .popJumpBackwardIfNone
      case .popJumpIfNotNone: last.pointee.op = forward ? .popJumpForwardIfNotNone : .popJumpBackwardIfNotNone
      case .jumpIfFalseOrPop, .jumpIfTrueOrPop: if !forward { return false }
      default: break
      }
    }
    return true
  }
}
