/// Block offsets and jump distances are computed until they agree: a distance that needs a prefix moves what follows.
extension FlowGraph {
  /// Code units of an instruction: prefixes, itself, caches.
  @inline(__always) func size(_ instruction: UnsafeMutablePointer<Instruction>) -> Int32 {
    let argument = UInt32(bitPattern: instruction.pointee.argument)
    let prefixes: Int32 = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFF_FFFF ? 2 : 3
    return prefixes &+ 1 &+ instruction.pointee.op.cacheEntries
  }

  /// - Returns: the size of the code in code units.
  mutating func computeJumps() -> Int32 {
    while true {
      var total: Int32 = 0
      var block: BlockID = 0
      while block >= 0 {
        blocks[block].offset = total
        let base = first(block)
        for index in 0..<Int(blocks[block].count) { total &+= size(base + index) }
        block = blocks[block].next
      }
      var stable = true
      block = 0
      while block >= 0 {
        defer { block = blocks[block].next }
        if blocks[block].count == 0 { continue }
        let base = first(block)
        let lastIndex = Int(blocks[block].count) - 1
        guard base[lastIndex].op.isJump else { continue }
        var offset = blocks[block].offset
        for index in 0...lastIndex { offset &+= size(base + index) }
        let instruction = base + lastIndex
        let before = size(instruction)
        let target = blocks[instruction.pointee.target].offset
        instruction.pointee.argument = target < offset ? offset &- target : target &- offset
        if size(instruction) != before { stable = false }
      }
      if stable { return total }
    }
  }
}
