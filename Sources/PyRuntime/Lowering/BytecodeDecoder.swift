import PyBytecode

// The first part of verification: everything that can be said without following control flow.

extension CodeAnalysis {
  /// Decodes `co_code` and `co_exceptiontable` and checks all that does not depend on the stack.
  mutating func decode() throws(VerificationError) {
    try decodeInstructions()
    try resolveJumps()
    try decodeExceptionTable()
    try checkVariables()
    try checkPrologue()
    try checkArguments()
  }

  private mutating func decodeInstructions() throws(VerificationError) {
    let bytes = view.bytecode
    guard !bytes.isEmpty, bytes.count % 2 == 0, let code = bytes.baseAddress, bytes.count <= Int(Int32.max) else {
      throw VerificationError(reason: "co_code must have an even, nonzero length", unit: -1)
    }
    let count = bytes.count / 2
    let extendedArg = Opcode.extendedArg.rawValue
    var unit = 0
    while unit < count {
      let start = unit
      var argument: UInt32 = 0
      var byte = code[unit &* 2]
      while byte == extendedArg {
        argument = (argument | UInt32(code[unit &* 2 &+ 1])) &<< 8
        unit &+= 1
        guard unit < count, unit &- start <= 3 else { throw VerificationError(reason: "bad EXTENDED_ARG", unit: start) }
        byte = code[unit &* 2]
      }
      let effect = effects.rows + Int(byte)
      guard effect.pointee.isBase else { throw VerificationError(reason: "unknown opcode", unit: unit) }
      if effect.pointee.hasArgument { argument |= UInt32(code[unit &* 2 &+ 1]) } else { argument = 0 }
      let next = unit &+ 1 &+ Int(effect.pointee.caches)
      guard next <= count else { throw VerificationError(reason: "truncated cache", unit: unit) }
      guard isInRange(Int(argument), effect.pointee.index) else { throw VerificationError(reason: "bad argument", unit: unit) }
      indexOfUnit[start] = Int32(truncatingIfNeeded: instructions.count)
      instructions.append(
        DecodedInstruction(
          start: UInt32(truncatingIfNeeded: start), unit: UInt32(truncatingIfNeeded: unit), next: UInt32(truncatingIfNeeded: next),
          argument: argument, opcode: effect.pointee.opcode, byte: byte))
      unit = next
    }
  }

  @inline(__always) private func isInRange(_ argument: Int, _ index: ArgumentIndex) -> Bool {
    switch index {
    case .none: return true
    case .local: return isPureLocal(argument)
    case .cellOrFree: return isCellOrFree(argument)
    case .name: return argument < view.nameCount
    case .globalName: return argument &>> 1 < view.nameCount
    case .constant: return argument < view.constants.count
    }
  }

  private mutating func resolveJumps() throws(VerificationError) {
    let units = view.bytecode.count / 2
    let rows = effects.rows
    let first = instructions.base
    for index in 0..<instructions.count {
      let direction = rows[Int(first[index].byte)].direction
      if direction == 0 { continue }
      let instruction = self.instruction(index)
      let distance = direction < 0 ? 0 &- instruction.arg : instruction.arg
      let target = Int(instruction.next) &+ distance
      guard target >= 0, target < units, indexOfUnit[target] >= 0 else {
        throw VerificationError(reason: "bad jump target", unit: Int(instruction.unit))
      }
      instructions[index].target = indexOfUnit[target]
      let leader = Int(indexOfUnit[target])
      instructions[leader].isLeader = true
      let isInsideDelegation =
        instruction.opcode == .send && leader == index &+ 4
        || instruction.opcode == .jumpBackwardNoInterrupt && leader == index &- 3 && opcode(leader) == .send
      if !isInsideDelegation { instructions[leader].isJoin = true }
    }
  }

  /// A number of the exception table: 6 bits a byte, most significant first, bit 6 set on all but the last.
  private func number(_ position: inout Int) -> Int? {
    let table = view.exceptionTable
    guard position < table.count else { return nil }
    var byte = table[position]
    position &+= 1
    var value = Int(byte & 63)
    var length = 1
    while byte & 64 != 0 {
      guard position < table.count, length < 6, table[position] & 128 == 0 else { return nil }
      byte = table[position]
      position &+= 1
      length &+= 1
      value = value &<< 6 | Int(byte & 63)
    }
    return value
  }

  private mutating func decodeExceptionTable() throws(VerificationError) {
    let table = view.exceptionTable
    let units = view.bytecode.count / 2
    var position = 0
    var last = 0
    while position < table.count {
      guard table[position] & 128 != 0 else { throw VerificationError(reason: "bad exception table", unit: -1) }
      guard let start = number(&position), position < table.count, table[position] & 128 == 0, let length = number(&position),
        position < table.count, table[position] & 128 == 0, let target = number(&position),
        position < table.count, table[position] & 128 == 0, let depthAndLasti = number(&position)
      else { throw VerificationError(reason: "bad exception table", unit: -1) }
      let end = start &+ length
      guard length > 0, start >= last, end <= units, target < units, indexOfUnit[target] >= 0 else {
        throw VerificationError(reason: "bad exception range", unit: start)
      }
      let depth = depthAndLasti &>> 1
      let hasLasti = depthAndLasti & 1 != 0
      guard depth &+ (hasLasti ? 2 : 1) <= view.stackSize else { throw VerificationError(reason: "exception depth too large", unit: start) }
      last = end
      let handler = Int(indexOfUnit[target])
      instructions[handler].isLeader = true
      instructions[handler].isJoin = true
      ranges.append(ExceptionRange(start: start, end: end, handler: handler, depth: depth, hasLasti: hasLasti))
    }
    var current = 0
    for index in 0..<instructions.count {
      let unit = Int(instructions[index].unit)
      while current < ranges.count, ranges[current].end <= unit { current &+= 1 }
      if current == ranges.count { break }
      if ranges[current].start <= unit { instructions[index].range = Int32(truncatingIfNeeded: current) }
    }
  }

  private mutating func checkVariables() throws(VerificationError) {
    guard localCount < Encoding.indexLimit else { throw VerificationError(reason: VerificationError.frameTooLarge, unit: -1) }
    guard view.stackSize >= 0, view.argumentCount >= 0, view.keywordOnlyCount >= 0, view.nameCount >= 0 else {
      throw VerificationError(reason: "negative count", unit: -1)
    }
    for kind in view.localKinds {
      switch kind {
      case 0x80: freeCount &+= 1
      case 0x20, 0x40, 0x60:
        if freeCount > 0 { throw VerificationError(reason: "free variables must come last", unit: -1) }
      default: throw VerificationError(reason: "unknown kind of variable", unit: -1)
      }
    }
    guard parameterCount <= localCount &- freeCount else { throw VerificationError(reason: "more parameters than variables", unit: -1) }
  }

  /// Registers that hold arguments at entry.
  var parameterCount: Int {
    let (sum, overflow) = view.argumentCount.addingReportingOverflow(view.keywordOnlyCount)
    if overflow { return Int.max }
    let (all, overflow2) = sum.addingReportingOverflow((view.flags & 4 != 0 ? 1 : 0) &+ (view.flags & 8 != 0 ? 1 : 0))
    return overflow2 ? Int.max : all
  }

  @inline(__always) private func isPureLocal(_ variable: Int) -> Bool {
    variable < localCount && view.localKinds[variable] == 0x20
  }

  @inline(__always) private func isCellOrFree(_ variable: Int) -> Bool {
    variable < localCount && view.localKinds[variable] != 0x20
  }

  private mutating func checkPrologue() throws(VerificationError) {
    let made = ScratchBuffer<Bool>(repeating: false, count: localCount)
    defer { made.deallocate() }
    var cells = 0
    for kind in view.localKinds where kind & 0x40 != 0 { cells &+= 1 }
    var copied = false
    var index = 0
    prologue: while index < instructions.count {
      let instruction = instructions[index]
      switch instruction.opcode {
      case .makeCell:
        guard instruction.arg < localCount, view.localKinds[instruction.arg] & 0x40 != 0, !made[instruction.arg] else {
          throw VerificationError(reason: "bad MAKE_CELL", unit: Int(instruction.unit))
        }
        made[instruction.arg] = true
        cells &-= 1
      case .copyFreeVars:
        guard !copied, instruction.arg == freeCount else {
          throw VerificationError(reason: "bad COPY_FREE_VARS", unit: Int(instruction.unit))
        }
        copied = true
      default: break prologue
      }
      index &+= 1
    }
    guard cells == 0 else { throw VerificationError(reason: "a cell is not made", unit: -1) }
    guard copied || freeCount == 0 else { throw VerificationError(reason: "free variables are not copied", unit: -1) }
    if index < instructions.count, instructions[index].opcode == .returnGenerator {
      isGenerator = true
      index &+= 1
    }
    let kinds = view.flags & (CodeAnalysis.generatorFlag | CodeAnalysis.coroutineFlag | CodeAnalysis.asyncGeneratorFlag)
    guard kinds.nonzeroBitCount == (isGenerator ? 1 : 0) else {
      throw VerificationError(reason: "flags and RETURN_GENERATOR contradict each other", unit: -1)
    }
    prologueCount = index
    for inside in 0..<index where instructions[inside].isLeader || instructions[inside].range >= 0 {
      throw VerificationError(reason: "jump or exception range in the prologue", unit: Int(instructions[inside].unit))
    }
  }

  @inline(__always) private func opcode(_ index: Int) -> Opcode {
    index >= 0 && index < instructions.count ? instructions[index].opcode : .cache
  }

  private mutating func checkArguments() throws(VerificationError) {
    let constantCount = view.constants.count
    let rows = effects.rows
    let first = instructions.base
    for index in 0..<instructions.count where rows[Int(first[index].byte)].restrictsArgument {
      let instruction = self.instruction(index)
      let arg = instruction.arg
      var good = true
      switch instruction.opcode {
      case .kwNames:
        good =
          arg < constantCount && view.constants[arg].tag == 2 && opcode(index &+ 1) == .precall && !instructions[index &+ 1].isLeader
          && Int(view.constants[arg].count) <= instructions[index &+ 1].arg
      case .precall:
        good = opcode(index &+ 1) == .call && instructions[index &+ 1].arg == arg && !instructions[index &+ 1].isLeader
      case .call: good = opcode(index &- 1) == .precall
      case .compareOp: good = arg <= 5
      case .binaryOp: good = arg <= 25
      case .isOp, .containsOp, .callFunctionEx: good = arg <= 1
      case .makeFunction: good = arg <= 15
      case .formatValue: good = arg <= 7
      case .buildSlice: good = arg == 2 || arg == 3
      case .raiseVarargs, .getAwaitable: good = arg <= 2
      case .makeCell, .copyFreeVars, .returnGenerator: good = index < prologueCount
      case .yieldValue: good = isGenerator && opcode(index &+ 1) == .resume && !instructions[index &+ 1].isLeader
      case .asyncGenWrap: good = view.flags & CodeAnalysis.asyncGeneratorFlag != 0
      case .resume:
        good =
          arg & 3 < 2
          || opcode(index &- 1) == .yieldValue && opcode(index &- 2) == .send && !instruction.isLeader && !instructions[index &- 1].isLeader
      case .send: good = isDelegation(index)
      case .swap, .copy, .listAppend, .setAdd, .mapAdd, .listExtend, .setUpdate, .dictMerge, .dictUpdate: good = arg >= 1
      default: break
      }
      guard good else { throw VerificationError(reason: "bad argument", unit: Int(instruction.unit)) }
    }
  }

  /// `SEND; YIELD_VALUE; RESUME 2|3; JUMP_BACKWARD_NO_INTERRUPT → SEND` with the exit right behind: one delegation loop.
  private func isDelegation(_ index: Int) -> Bool {
    guard isGenerator, opcode(index &+ 1) == .yieldValue, opcode(index &+ 2) == .resume, opcode(index &+ 3) == .jumpBackwardNoInterrupt
    else { return false }
    let send = instructions[index]
    let resume = instructions[index &+ 2]
    let jump = instructions[index &+ 3]
    return send.start == send.unit && resume.arg & 3 >= 2 && Int(jump.target) == index && Int(send.target) == index &+ 4 && !jump.isLeader
  }
}
