/// NOPs that no line needs go. One stays only where it is the one instruction of its line, so that tracing and debuggers stop there; one in
/// front of an instruction without a line leaves it its own.
extension FlowGraph {
  mutating func removeNops(_ block: BlockID) {
    let base = first(block)
    let count = Int(blocks[block].count)
    var kept = 0
    var previous: Int32 = -1
    for source in 0..<count {
      let line = base[source].location.line
      if base[source].op == .nop {
        if line < 0 || previous == line { continue }
        if source + 1 < count {
          let following = base[source + 1].location.line
          if following == line { continue }
          if following < 0 {
            base[source + 1].location = base[source].location
            continue
          }
        } else {
          var next = blocks[block].next
          while next >= 0 && blocks[next].count == 0 { next = blocks[next].next }
          if next >= 0 && first(next).pointee.location.line == line { continue }
        }
      }
      if kept != source { base[kept] = base[source] }
      kept += 1
      previous = line
    }
    blocks[block].count = Int32(kept)
  }
}
