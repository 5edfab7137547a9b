import PyBytecode
import PySyntax

/// Local rewriting of one block at a time, in layout order.
///
/// - A conditional jump on a constant becomes a jump or nothing.
/// - `is None` before a conditional jump becomes a jump on None.
/// - A tuple of constants becomes one constant; building a tuple only to unpack it becomes swaps.
/// - A jump to a jump goes where that leads, if both stand on one line; `x:JUMP_IF_FALSE_OR_POP y, y:JUMP_IF_TRUE_OR_POP z` becomes
///   `x:POP_JUMP_IF_FALSE y+1`.
/// - Runs of swaps are reordered to the fewest, and swaps of values that are only stored or dropped become a different order of stores.
/// - `PUSH_NULL; LOAD_GLOBAL` is one instruction.
extension FlowGraph {
  mutating func optimizeBlock(_ block: BlockID, _ constants: inout ConstantTable, _ arena: Arena) {
    let base = first(block)
    let count = Int(blocks[block].count)
    var i = 0
    while i < count {
      let instruction = base + i
      let next = i + 1 < count ? instruction[1].op : .nop
      var target: UnsafeMutablePointer<Instruction>?
      if instruction.pointee.op.isJump || instruction.pointee.op.isBlockPush {
        instruction.pointee.target = skippingEmpty(instruction.pointee.target)
        if blocks[instruction.pointee.target].count > 0 { target = first(instruction.pointee.target) }
      }
      switch instruction.pointee.op {
      case .loadConst: foldConstantJump(instruction, next, left: count - i, constants)
      case .buildTuple:
        let size = Int(instruction.pointee.argument)
        if next == .unpackSequence && instruction[1].argument == instruction.pointee.argument {
          if size == 1 {
            instruction.pointee.op = .nop
            instruction[1].op = .nop
            i += 1
            continue
          } else if size == 2 || size == 3 {
            instruction.pointee.op = .nop
            instruction[1].op = .swap
            i += 1
            continue
          }
        }
        if i >= size { foldTuple(instruction - size, size, &constants, arena) }
      case .jumpIfFalseOrPop:
        if let target, threadConditional(instruction, target, .jumpIfFalseOrPop, .popJumpIfFalse, .jumpIfTrueOrPop, .popJumpIfTrue) {
          continue
        }
      case .jumpIfTrueOrPop:
        if let target, threadConditional(instruction, target, .jumpIfTrueOrPop, .popJumpIfTrue, .jumpIfFalseOrPop, .popJumpIfFalse) {
          continue
        }
      case .popJumpIfNone, .popJumpIfNotNone, .popJumpIfFalse, .popJumpIfTrue, .jump:
        if let target, target.pointee.op == .jump, thread(instruction, target, instruction.pointee.op) { continue }
      case .swap:
        if instruction.pointee.argument == 1 {
          instruction.pointee.op = .nop
        } else {
          i += shortenSwaps(instruction, left: count - i)
          applySwapsToStores(base, i, count)
        }
      case .pushNull:
        if next == .loadGlobal && instruction[1].argument & 1 == 0 {
          instruction.pointee.op = .nop
          instruction.pointee.argument = 0
          instruction[1].argument |= 1
        }
      default: break
      }
      i += 1
    }
  }

  private func foldConstantJump(
    _ instruction: UnsafeMutablePointer<Instruction>, _ next: Op, left: Int, _ constants: ConstantTable
  ) {
    switch next {
    case .popJumpIfFalse, .popJumpIfTrue:
      let truth = constants.isTrue(instruction.pointee.argument)
      instruction.pointee.op = .nop
      instruction[1].op = truth == (next == .popJumpIfTrue) ? .jump : .nop
    case .jumpIfFalseOrPop, .jumpIfTrueOrPop:
      let truth = constants.isTrue(instruction.pointee.argument)
      if truth == (next == .jumpIfTrueOrPop) {
        instruction[1].op = .jump
      } else {
        instruction.pointee.op = .nop
        instruction[1].op = .nop
      }
    case .isOp:
      guard left > 2, constants.isNone(instruction.pointee.argument) else { return }
      let jump = instruction[2].op
      guard jump == .popJumpIfFalse || jump == .popJumpIfTrue else { return }
      let inverted = instruction[1].argument == 1
      instruction.pointee.op = .nop
      instruction[1].op = .nop
      instruction[2].op = inverted != (jump == .popJumpIfFalse) ? .popJumpIfNotNone : .popJumpIfNone
    default: break
    }
  }

  private func foldTuple(_ first: UnsafeMutablePointer<Instruction>, _ size: Int, _ constants: inout ConstantTable, _ arena: Arena) {
    for index in 0..<size where first[index].op != .loadConst { return }
    guard let index = constants.addTuple(size, arena, { first[$0].argument }) else { return }
    for index in 0..<size { first[index].op = .nop }
    first[size].op = .loadConst
    first[size].argument = index
  }

  /// Jump threading for jumps that do not keep a value, or that go to a jump that treats it alike.
  private func thread(_ jump: UnsafeMutablePointer<Instruction>, _ target: UnsafeMutablePointer<Instruction>, _ op: Op) -> Bool {
    // A jump that leads to where this one goes already would thread for ever.
    guard jump.pointee.location.line == target.pointee.location.line, jump.pointee.target != target.pointee.target else { return false }
    jump.pointee.target = target.pointee.target
    jump.pointee.op = op
    return true
  }

  private func threadConditional(
    _ jump: UnsafeMutablePointer<Instruction>, _ target: UnsafeMutablePointer<Instruction>, _ keep: Op, _ pop: Op, _ otherKeep: Op,
    _ otherPop: Op
  ) -> Bool {
    let there = target.pointee.op
    if there == pop { return thread(jump, target, pop) }
    if there == .jump || there == keep { return thread(jump, target, keep) }
    if (there == otherKeep || there == otherPop) && jump.pointee.location.line == target.pointee.location.line {
      // The second test cannot succeed: go on behind it.
      let after = blocks[jump.pointee.target].next
      guard after >= 0 else { return false }
      jump.pointee.op = pop
      jump.pointee.target = after
      return true
    }
    return false
  }

  /// Replaces a run of swaps (and NOPs among them) by the fewest swaps with the same effect, at its end.
  /// - Returns: by how many instructions to advance to the last one of the run.
  private func shortenSwaps(_ run: UnsafeMutablePointer<Instruction>, left: Int) -> Int {
    var depth = Int(run.pointee.argument)
    var length = 1
    var more = false
    while length < left {
      if run[length].op == .swap {
        depth = max(depth, Int(run[length].argument))
        more = true
      } else if run[length].op != .nop {
        break
      }
      length += 1
    }
    if !more { return 0 }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: depth) { stack in
      for index in 0..<depth { stack[index] = index }
      for index in 0..<length where run[index].op == .swap {
        let other = Int(run[index].argument) - 1
        let top = stack[0]
        stack[0] = stack[other]
        stack[other] = top
      }
      // Undo the permutation cycle by cycle, writing the swaps from the end; each cycle passes through the top of the stack.
      let done = -1
      var current = length - 1
      for start in 0..<depth {
        if stack[start] == done || stack[start] == start { continue }
        var at = start
        while true {
          if at != 0 {
            run[current].op = .swap
            run[current].argument = Int32(at + 1)
            current -= 1
          }
          if stack[at] == done { break }
          let following = stack[at]
          stack[at] = done
          at = following
        }
      }
      while current >= 0 {
        run[current].op = .nop
        current -= 1
      }
      return length - 1
    }
  }

  /// The next instruction that only consumes the top of the stack, NOPs skipped; -1 if another comes first or the line changes.
  private func nextSwappable(_ base: UnsafeMutablePointer<Instruction>, _ from: Int, _ count: Int, line: Int32) -> Int {
    var index = from + 1
    while index < count {
      if line >= 0 && base[index].location.line != line { return -1 }
      if base[index].op == .storeFast || base[index].op == .popTop { return index }
      if base[index].op != .nop { return -1 }
      index += 1
    }
    return -1
  }

  /// Swaps to the left of stores are applied to the order of the stores.
  private func applySwapsToStores(_ base: UnsafeMutablePointer<Instruction>, _ from: Int, _ count: Int) {
    var i = from
    while i >= 0 {
      let op = base[i].op
      if op != .swap {
        if op == .nop || op == .storeFast || op == .popTop {
          i -= 1
          continue
        }
        return
      }
      let first = nextSwappable(base, i, count, line: -1)
      if first < 0 { return }
      var second = first
      let line = base[first].location.line
      var left = base[i].argument - 1
      while left > 0 {
        second = nextSwappable(base, second, count, line: line)
        if second < 0 { return }
        left -= 1
      }
      base[i].op = .nop
      let moved = base[first]
      base[first] = base[second]
      base[second] = moved
      i -= 1
    }
  }
}
