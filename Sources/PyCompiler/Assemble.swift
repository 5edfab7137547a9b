import PyBytecode
import PySyntax

/// From lowered code to a code object: prologue, flow-graph passes in CPython's order, layout, tables.
extension Compiler {
  /// Finishes the current unit. `lastFrees` then has its free variables.
  func assemble(returnsNone: Bool) throws(Abort) -> CodeBlueprint {
    let unit = self.unit
    let isReturned = unit.graph.blocks[unit.graph.current].count > 0 && unit.graph.last(unit.graph.current).pointee.op == .returnValue
    if !isReturned {
      atNoLine()
      if returnsNone { load(.none) }
      emit(.returnValue)
    }
    let flags = codeFlags()
    let slots = cellSlots()
    insertPrologue(flags, slots)
    let depth = optimize(&unit.graph, flags)
    let constantCount = usedConstants(unit.graph)
    guard unit.graph.chooseJumpDirections() else {
      failure = .systemError("unexpected conditional jump backwards")
      throw Abort()
    }
    let size = unit.graph.computeJumps()
    let tables = encode(unit.graph, size)

    var localNames: [[UInt8]] = []
    var kinds: [LocalKind] = []
    for index in 0..<unit.variables.count {
      let name = unit.variables[index]
      localNames.append(bytes(of: name))
      kinds.append(isCell(name) ? [.local, .cell] : .local)
    }
    for index in 0..<unit.cells.count where slots.isOwn(index) {
      localNames.append(bytes(of: unit.cells[index]))
      kinds.append(.cell)
    }
    lastFrees = unit.frees.array()
    for name in lastFrees {
      localNames.append(bytes(of: name))
      kinds.append(.free)
    }
    var constants: [StoredConstant] = []
    constants.reserveCapacity(constantCount)
    for index in 0..<constantCount {
      switch unit.constants.item(index) {
      case .value(let value): constants.append(stored(value))
      case .code(let code): constants.append(.code(finished[Int(code)]))
      }
    }
    var nameList: [[UInt8]] = []
    nameList.reserveCapacity(unit.names.entries.count)
    for index in 0..<unit.names.entries.count { nameList.append(bytes(of: unit.names.entries[index])) }
    return CodeBlueprint(
      argumentCount: unit.argumentCount &+ unit.positionalOnlyCount, positionalOnlyCount: unit.positionalOnlyCount,
      keywordOnlyCount: unit.keywordOnlyCount, stackSize: depth, flags: flags, code: tables.code, constants: constants, names: nameList,
      localsplusNames: localNames, localsplusKinds: kinds, filename: filename, name: bytes(of: unit.name),
      qualifiedName: unit.qualifiedName, firstLine: unit.firstLine, lineTable: tables.lines, exceptionTable: tables.exceptions)
  }

  private func codeFlags() -> CodeFlags {
    let scope = table.scopes[unit.scope]
    var result = CodeFlags()
    if scope.kind == .function {
      result = [.newLocals, .optimized]
      if scope.isNested { result.insert(.nested) }
      if scope.isGenerator {
        result.insert(scope.isCoroutine ? .asyncGenerator : .generator)
      } else if scope.isCoroutine {
        result.insert(.coroutine)
      }
      if scope.hasVarArgs { result.insert(.varArgs) }
      if scope.hasVarKeywords { result.insert(.varKeywords) }
    }
    result.formUnion(flags)
    if isTopLevelAwait && scope.isCoroutine && !scope.isGenerator { result.insert(.coroutine) }
    return result
  }

  // MARK: Cells

  /// Where cells and free variables lie in the frame. A cell that is also a parameter shares its slot.
  private struct CellSlots {
    /// Slot of each cell followed by each free variable.
    var slot: [Int32]
    /// Slot that a cell would have if none were shared: the order of `MAKE_CELL`.
    var order: [Int32]
    var firstOwn: Int32

    func isOwn(_ cell: Int) -> Bool { order[cell] >= firstOwn }
  }

  private func isCell(_ name: Name) -> Bool {
    let symbol = table.find(unit.scope, name)
    return symbol >= 0 && table.symbols[symbol].resolution == .cell
  }

  private func cellSlots() -> CellSlots {
    let locals = Int32(truncatingIfNeeded: unit.variables.count)
    var slots = CellSlots(slot: [], order: [], firstOwn: locals)
    var dropped: Int32 = 0
    for index in 0..<unit.cells.count {
      let symbol = table.find(unit.scope, unit.cells[index])
      let shared = symbol >= 0 ? table.symbols[symbol].localSlot : -1
      if shared >= 0 {
        slots.slot.append(shared)
        slots.order.append(shared)
        dropped += 1
      } else {
        let plain = locals &+ Int32(truncatingIfNeeded: index)
        slots.slot.append(plain &- dropped)
        slots.order.append(plain)
      }
    }
    for index in 0..<unit.frees.count {
      slots.slot.append(locals &+ Int32(truncatingIfNeeded: unit.cells.count + index) &- dropped)
    }
    return slots
  }

  /// `COPY_FREE_VARS`, `MAKE_CELL` for each cell in the order of slots, and what starts a generator; then cell arguments are slots.
  private func insertPrologue(_ flags: CodeFlags, _ slots: CellSlots) {
    if !flags.isDisjoint(with: [.generator, .coroutine, .asyncGenerator]) {
      let place = SourceLocation(line: unit.firstLine, endLine: unit.firstLine, column: -1, endColumn: -1)
      unit.graph.insert(Instruction(.returnGenerator, at: place), at: 0, in: 0)
      unit.graph.insert(Instruction(.popTop, at: .none), at: 1, in: 0)
    }
    let cells = unit.cells.count
    if cells > 0 {
      let ordered = (0..<cells).sorted { slots.order[$0] < slots.order[$1] }
      for (position, cell) in ordered.enumerated() {
        unit.graph.insert(Instruction(.makeCell, Int32(truncatingIfNeeded: cell), at: .none), at: position, in: 0)
      }
    }
    if unit.frees.count > 0 {
      unit.graph.insert(Instruction(.copyFreeVars, Int32(truncatingIfNeeded: unit.frees.count), at: .none), at: 0, in: 0)
    }
    guard cells + unit.frees.count > 0 else { return }
    var block: BlockID = 0
    while block >= 0 {
      let base = unit.graph.first(block)
      for index in 0..<Int(unit.graph.blocks[block].count) {
        switch base[index].op {
        case .makeCell, .loadClosure, .loadDeref, .storeDeref, .deleteDeref, .loadClassderef:
          let cell = Int(base[index].argument)
          if cell >= 0 && cell < slots.slot.count { base[index].argument = slots.slot[cell] }
        default: break
        }
      }
      block = unit.graph.blocks[block].next
    }
  }

  // MARK: Passes

  /// All passes in order. Returns the stack size.
  private func optimize(_ graph: inout FlowGraph, _ flags: CodeFlags) -> Int32 {
    // Twice: what the first round lengthened is shortened in between and may be short enough to be copied in turn.
    graph.inlineSmallExits()
    var block: BlockID = 0
    while block >= 0 {
      graph.optimizeBlock(block, &unit.constants, arena)
      graph.removeNops(block)
      block = graph.blocks[block].next
    }
    graph.inlineSmallExits()
    graph.markReachable()
    graph.removeUnreachable()
    block = 0
    while block >= 0 {
      graph.removeNops(block)
      block = graph.blocks[block].next
    }
    graph.removeEmptyBlocks()
    if graph.removeRedundantJumps() { graph.removeEmptyBlocks() }
    graph.duplicateExitsWithoutLine()
    graph.propagateLines()
    graph.guaranteeLinesOfExits(firstLine: unit.firstLine)

    let scope = table.scopes[unit.scope]
    let depth = graph.computeStackDepth(start: scope.isGenerator || scope.isCoroutine ? 1 : 0)
    graph.labelExceptionTargets()
    graph.removeBlockOperations()
    block = 0
    while block >= 0 {
      graph.removeNops(block)
      block = graph.blocks[block].next
    }
    return depth
  }

  /// How many constants to keep: up to the last that is used, and always the first, which may be the docstring.
  private func usedConstants(_ graph: FlowGraph) -> Int {
    var highest: Int32 = 0
    var block: BlockID = 0
    while block >= 0 {
      let base = graph.first(block)
      for index in 0..<Int(graph.blocks[block].count) where base[index].op == .loadConst || base[index].op == .kwNames {
        if base[index].argument > highest { highest = base[index].argument }
      }
      block = graph.blocks[block].next
    }
    return min(Int(highest) + 1, unit.constants.count)
  }

  // MARK: Bytes

  private func encode(_ graph: FlowGraph, _ size: Int32) -> (code: [UInt8], lines: [UInt8], exceptions: [UInt8]) {
    var lines = LocationTableEncoder(firstLine: unit.firstLine)
    lines.reserve(Int(size) + 8)
    var exceptions: [UInt8] = []
    var handler: BlockID = -1
    var start = 0
    func closeRange(_ end: Int) {
      guard handler >= 0 else { return }
      let lasti = graph.blocks[handler].preservesLasti
      ExceptionTable.append(
        ExceptionTableEntry(
          start: start, end: end, target: Int(graph.blocks[handler].offset),
          depth: Int(graph.blocks[handler].startDepth) - 1 - (lasti ? 1 : 0), pushesLastInstruction: lasti), to: &exceptions)
    }
    let code = [UInt8](unsafeUninitializedCapacity: Int(size) * 2) { buffer, count in
      func put(_ op: UInt8, _ argument: UInt32) {
        guard count + 2 <= buffer.count else { return }
        buffer[count] = op
        buffer[count + 1] = UInt8(truncatingIfNeeded: argument)
        count += 2
      }
      var block: BlockID = 0
      while block >= 0 {
        let base = graph.first(block)
        for index in 0..<Int(graph.blocks[block].count) {
          let instruction = base + index
          if instruction.pointee.handler != handler {
            closeRange(count / 2)
            start = count / 2
            handler = instruction.pointee.handler
          }
          if instruction.pointee.op == .nop { instruction.pointee.argument = 0 }
          let argument = UInt32(bitPattern: instruction.pointee.argument)
          if argument > 0xFF {
            if argument > 0xFFFF {
              if argument > 0xFF_FFFF { put(Op.extendedArg.rawValue, argument >> 24) }
              put(Op.extendedArg.rawValue, argument >> 16)
            }
            put(Op.extendedArg.rawValue, argument >> 8)
          }
          put(instruction.pointee.op.rawValue, argument)
          for _ in 0..<instruction.pointee.op.cacheEntries { put(0, 0) }
          lines.append(instruction.pointee.location, units: Int(graph.size(instruction)))
        }
        block = graph.blocks[block].next
      }
      closeRange(count / 2)
    }
    return (code, lines.bytes, exceptions)
  }
}
