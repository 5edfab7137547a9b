import PyBytecode
import PySyntax
import Testing

@testable import PyCompiler

/// Each pass over the flow graph alone, on graphs written by hand. Blocks are numbered as they are listed; block i falls into i + 1.
@Suite struct FlowGraphPassTests {
  /// `[op, argument]`, the block a jump goes to, the line (0: none).
  private struct I {
    var op: Op
    var argument: Int32
    var target: BlockID
    var line: Int32
    init(_ op: Op, _ argument: Int32 = 0, to target: BlockID = -1, line: Int32 = 1) {
      self.op = op
      self.argument = argument
      self.target = target
      self.line = line
    }
  }

  private func graph(_ blocks: [[I]]) -> FlowGraph {
    var graph = FlowGraph()
    for _ in 1..<max(1, blocks.count) { _ = graph.newBlock() }
    for (index, block) in blocks.enumerated() {
      let id = BlockID(index)
      graph.blocks[id].start = Int32(graph.instructions.count)
      graph.blocks[id].count = Int32(block.count)
      graph.blocks[id].next = index + 1 < blocks.count ? id + 1 : -1
      for i in block {
        let place = i.line > 0 ? SourceLocation(line: i.line, endLine: i.line, column: 0, endColumn: 1) : SourceLocation.none
        graph.instructions.append(Instruction(i.op, i.argument, target: i.target, at: place))
      }
    }
    return graph
  }

  /// The instructions in layout order: operation, argument and, for jumps, the block.
  private func text(_ graph: FlowGraph) -> [String] {
    var lines: [String] = []
    var block: BlockID = 0
    while block >= 0 {
      let base = graph.first(block)
      for index in 0..<Int(graph.blocks[block].count) {
        let i = base[index]
        lines.append("\(block): \(i.op) \(i.target >= 0 ? "->\(i.target)" : String(i.argument))")
      }
      block = graph.blocks[block].next
    }
    return lines
  }

  private func lines(_ graph: FlowGraph) -> [Int32] {
    var lines: [Int32] = []
    var block: BlockID = 0
    while block >= 0 {
      for index in 0..<Int(graph.blocks[block].count) { lines.append(graph.first(block)[index].location.line) }
      block = graph.blocks[block].next
    }
    return lines
  }

  @Test func nopsStayOnlyForTheirLine() {
    var g = graph([[I(.nop, line: 1), I(.loadConst, 0, line: 1), I(.nop, line: 2), I(.returnValue, line: 3)]])
    defer { g.free() }
    g.removeNops(0)
    #expect(text(g) == ["0: loadConst 0", "0: nop 0", "0: returnValue 0"])
  }

  @Test func nopGivesItsLineToWhatHasNone() {
    var g = graph([[I(.nop, line: 4), I(.loadConst, 0, line: 0), I(.returnValue, line: 4)]])
    defer { g.free() }
    g.removeNops(0)
    #expect(text(g) == ["0: loadConst 0", "0: returnValue 0"])
    #expect(lines(g) == [4, 4])
  }

  @Test func shortExitsWithoutLineAreCopiedOverJumps() {
    var g = graph([
      [I(.loadFast, 0), I(.jump, to: 2)], [I(.popTop), I(.returnValue)], [I(.loadConst, 0, line: 0), I(.returnValue, line: 0)],
    ])
    defer { g.free() }
    g.inlineSmallExits()
    #expect(Array(text(g).prefix(4)) == ["0: loadFast 0", "0: nop ->2", "0: loadConst 0", "0: returnValue 0"])
  }

  @Test func exitsWithALineAreNotCopied() {
    var g = graph([[I(.jump, to: 2)], [I(.returnValue)], [I(.loadConst, 0, line: 5), I(.returnValue, line: 5)]])
    defer { g.free() }
    let before = text(g)
    g.inlineSmallExits()
    #expect(text(g) == before)
  }

  @Test func predecessorsAreCountedFromTheEntryOn() {
    // Block 2 is a handler, block 3 is fallen into and jumped to, block 4 only jumps to itself.
    var g = graph([
      [I(.setupFinally, to: 2), I(.popJumpIfTrue, to: 3)], [I(.popBlock), I(.jump, to: 3)], [I(.popTop)], [I(.returnValue)],
      [I(.jump, to: 4)],
    ])
    defer { g.free() }
    g.markReachable()
    #expect((0..<5).map { g.blocks[$0].predecessors } == [1, 1, 1, 3, 0])
  }

  @Test func blocksWithoutPredecessorsLoseTheirInstructions() {
    var g = graph([[I(.jump, to: 2)], [I(.popTop), I(.popTop)], [I(.returnValue)]])
    defer { g.free() }
    g.blocks[0].predecessors = 1
    g.blocks[1].predecessors = 0
    g.blocks[2].predecessors = 1
    g.removeUnreachable()
    #expect(text(g) == ["0: jump ->2", "2: returnValue 0"])
    #expect(g.blocks[0].next == 1 && g.blocks[1].next == 2)
  }

  @Test func unreachableBlocksVanish() {
    var g = graph([[I(.jump, to: 2)], [I(.popTop)], [I(.loadConst), I(.returnValue)]])
    defer { g.free() }
    g.markReachable()
    #expect((0..<3).map { g.blocks[$0].predecessors } == [1, 0, 1])
    g.removeUnreachable()
    #expect(text(g) == ["0: jump ->2", "2: loadConst 0", "2: returnValue 0"])
  }

  @Test func emptyBlocksAreSkippedByEdges() {
    var g = graph([[I(.popJumpIfTrue, to: 1)], [], [I(.loadConst), I(.returnValue)]])
    defer { g.free() }
    g.removeEmptyBlocks()
    #expect(text(g).first == "0: popJumpIfTrue ->2")
    #expect(g.blocks[0].next == 2)
  }

  @Test func jumpsToTheNextBlockBecomeNops() {
    var g = graph([[I(.loadConst), I(.jump, to: 1)], [I(.returnValue)]])
    defer { g.free() }
    let changed = g.removeRedundantJumps()
    #expect(changed)
    #expect(g.last(0).pointee.op == .nop)
    let changedAgain = g.removeRedundantJumps()
    #expect(!changedAgain)
  }

  @Test func sharedExitsGetALineForEachJump() {
    var g = graph([
      [I(.popJumpIfTrue, to: 3, line: 1)], [I(.popJumpIfTrue, to: 3, line: 2)], [I(.loadConst, 1, line: 3), I(.returnValue, line: 3)],
      [I(.loadConst, 0, line: 0), I(.returnValue, line: 0)],
    ])
    defer { g.free() }
    g.markReachable()
    g.duplicateExitsWithoutLine()
    let first = g.last(0).pointee.target, second = g.last(1).pointee.target
    #expect(first != second)
    #expect(Set([g.first(first).pointee.location.line, g.first(second).pointee.location.line]).isSubset(of: [1, 2, -1]))
    g.propagateLines()
    #expect(g.first(first).pointee.location.line == 1)
    #expect(g.first(second).pointee.location.line == 2)
  }

  @Test func linesRunOnWithinABlock() {
    var g = graph([[I(.loadConst, line: 7), I(.popTop, line: 0), I(.nop, line: 8)], [I(.loadConst, line: 0), I(.returnValue, line: 0)]])
    defer { g.free() }
    g.markReachable()
    g.propagateLines()
    #expect(lines(g) == [7, 7, 8, 8, 8])
  }

  @Test func returnsWithoutLineTakeTheLastOne() {
    var g = graph([[I(.popJumpIfTrue, to: 2, line: 9)], [I(.raiseVarargs, line: 9)], [I(.loadConst, line: 0), I(.returnValue, line: 0)]])
    defer { g.free() }
    g.guaranteeLinesOfExits(firstLine: 1)
    #expect(lines(g) == [9, 9, 9, 9])
  }

  @Test func instructionsKnowTheirHandler() {
    var g = graph([
      [I(.setupFinally, to: 2), I(.call), I(.popBlock), I(.loadConst)], [I(.returnValue)], [I(.pushExcInfo), I(.reraise)],
    ])
    defer { g.free() }
    let depth = g.computeStackDepth(start: 0)
    #expect(depth >= 1)
    g.labelExceptionTargets()
    #expect((0..<4).map { g.first(0)[$0].handler } == [-1, 2, -1, -1])
    #expect(!g.blocks[2].preservesLasti)
    g.removeBlockOperations()
    #expect(text(g).filter { $0.contains("nop") }.count == 2)
  }

  @Test func regionsNestAndFollowJumps() {
    // The region of block 1 lies in that of block 0; the jump out of both keeps the outer one only after its end.
    var g = graph([
      [I(.setupFinally, to: 4)], [I(.setupWith, to: 3), I(.call), I(.popBlock), I(.popJumpIfTrue, to: 2)], [I(.popBlock), I(.returnValue)],
      [I(.pushExcInfo), I(.reraise)], [I(.pushExcInfo), I(.reraise)],
    ])
    defer { g.free() }
    g.labelExceptionTargets()
    #expect(g.first(1)[1].handler == 3 && g.first(1)[3].handler == 4)
    #expect(g.first(2)[1].handler == -1)
    // The inner handler is itself in the outer region. A handler of `with` is told where the exception came from.
    #expect(g.first(3)[0].handler == 4 && g.first(4)[0].handler == -1)
    #expect(g.blocks[3].preservesLasti && !g.blocks[4].preservesLasti)
  }

  @Test func blockOperationsBecomeNopsWithTheirLines() {
    var g = graph([[I(.setupCleanup, to: 1, line: 3), I(.popTop, line: 4), I(.popBlock, line: 5)], [I(.returnValue, line: 6)]])
    defer { g.free() }
    g.removeBlockOperations()
    #expect((0..<3).map { g.first(0)[$0].op } == [.nop, .popTop, .nop])
    #expect(lines(g) == [3, 4, 5, 6])
  }

  @Test func stackDepthIsTheDeepestPath() {
    var g = graph([
      [I(.loadConst), I(.popJumpIfTrue, to: 2)], [I(.loadConst), I(.returnValue)],
      [I(.loadConst), I(.loadConst), I(.loadConst), I(.buildTuple, 3), I(.returnValue)],
    ])
    defer { g.free() }
    let depth = g.computeStackDepth(start: 0)
    #expect(depth == 3)
    #expect(g.blocks[2].startDepth == 0)
  }

  @Test func jumpsGetTheirDirection() {
    var g = graph([[I(.nop)], [I(.forIter, to: 3)], [I(.jump, to: 1)], [I(.popJumpIfFalse, to: 4)], [I(.returnValue)]])
    defer { g.free() }
    let isForward = g.chooseJumpDirections()
    #expect(isForward)
    #expect(text(g).map { $0.split(separator: " ")[1] } == ["nop", "forIter", "jumpBackward", "popJumpForwardIfFalse", "returnValue"])
    var backwards = graph([[I(.nop)], [I(.jumpIfTrueOrPop, to: 0)], [I(.returnValue)]])
    defer { backwards.free() }
    let isPossible = backwards.chooseJumpDirections()
    #expect(!isPossible)
  }

  @Test func longJumpsGetPrefixes() {
    var g = graph([[I(.jumpForward, to: 2)], Array(repeating: I(.nop), count: 300), [I(.returnValue)]])
    defer { g.free() }
    // 300 NOPs, the jump with one prefix, the return.
    let size = g.computeJumps()
    #expect(size == 303)
    #expect(g.last(0).pointee.argument == 300)
  }

  // MARK: Local optimisation of a block

  private func optimized(_ blocks: [[I]], constants: [PySyntax.Constant] = [.none]) -> [String] {
    var g = graph(blocks)
    var table = ConstantTable()
    let arena = Arena()
    defer {
      g.free()
      table.free()
      arena.free()
    }
    for constant in constants { _ = table.add(constant) }
    g.optimizeBlock(0, &table, arena)
    g.removeNops(0)
    return text(g)
  }

  @Test func jumpsOnConstantsAreDecided() {
    let always = [[I(.loadConst, 0), I(.popJumpIfFalse, to: 1)], [I(.returnValue)]]
    #expect(optimized(always, constants: [.true])[0] == "1: returnValue 0")
    #expect(optimized(always, constants: [.false])[0] == "0: jump ->1")
  }

  @Test func comparingWithNoneBecomesAJump() {
    let code = [[I(.loadFast), I(.loadConst, 0), I(.isOp, 0), I(.popJumpIfFalse, to: 1)], [I(.returnValue)]]
    #expect(optimized(code)[1] == "0: popJumpIfNotNone ->1")
  }

  @Test func tuplesOfConstantsAreConstants() {
    let code = [[I(.loadConst, 0), I(.loadConst, 1), I(.buildTuple, 2), I(.returnValue)]]
    #expect(optimized(code, constants: [.int(1), .int(2)])[0] == "0: loadConst 2")
  }

  @Test func buildingToUnpackIsSwapping() {
    let code = [[I(.loadFast, 0), I(.loadFast, 1), I(.buildTuple, 2), I(.unpackSequence, 2), I(.storeFast, 0), I(.storeFast, 1)]]
    #expect(optimized(code) == ["0: loadFast 0", "0: loadFast 1", "0: storeFast 1", "0: storeFast 0"])
  }

  @Test func jumpsAreThreadedOnOneLine() {
    let oneLine = [[I(.popJumpIfTrue, to: 1)], [I(.jump, to: 2)], [I(.returnValue)]]
    #expect(optimized(oneLine)[0] == "0: popJumpIfTrue ->2")
    let twoLines = [[I(.popJumpIfTrue, to: 1)], [I(.jump, to: 2, line: 2)], [I(.returnValue)]]
    #expect(optimized(twoLines)[0] == "0: popJumpIfTrue ->1")
  }

  @Test func oppositeTestsGoBehindEachOther() {
    let code = [[I(.jumpIfFalseOrPop, to: 1)], [I(.jumpIfTrueOrPop, to: 3)], [I(.popTop)], [I(.returnValue)]]
    #expect(optimized(code)[0] == "0: popJumpIfFalse ->2")
  }

  @Test func runsOfSwapsAreShortened() {
    #expect(optimized([[I(.swap, 2), I(.swap, 2), I(.returnValue)]]) == ["0: returnValue 0"])
    #expect(optimized([[I(.swap, 1), I(.returnValue)]]) == ["0: returnValue 0"])
  }

  @Test func nullBelowAGlobalIsPartOfItsLoad() {
    #expect(optimized([[I(.pushNull), I(.loadGlobal, 4), I(.returnValue)]])[0] == "0: loadGlobal 5")
  }
}

/// NaNs that Python's constants keep apart or together.
@Suite struct NaNTests {
  @Test func onlyCodeLoweredTwiceSharesItsNaN() throws {
    func constants(_ source: String) throws -> [PyBytecode.Constant] {
      let outcome = Array(source.utf8).withUnsafeBufferPointer { compileSource($0, SourceRequest(mode: .exec, filename: Array("t".utf8))) }
      return try outcome.result.get().constants
    }
    func nans(_ source: String) throws -> Int {
      try constants(source).filter { if case .float(let x) = $0 { x.isNaN } else { false } }.count
    }
    #expect(try nans("try: f()\nfinally: x = 1e309 - 1e309\n") == 1)
    #expect(try nans("x = 1e309 - 1e309\ny = 1e309 - 1e309\n") == 2)
    guard case .float(let value) = try constants("x = 1e309 - 1e309\n")[0] else {
      Issue.record("not a float")
      return
    }
    #expect(value.bitPattern & 0xFFFF_FFFF_FFFF == 0)
  }
}
