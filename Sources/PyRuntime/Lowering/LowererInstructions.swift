import PyBytecode

// One case for each opcode: which instruction it becomes, from which places to which registers.

extension Lowerer {
  /// Lowers all reachable instructions.
  mutating func run() {
    let count = analysis.instructions.count
    var isLive = false
    index = 0
    while index < count {
      let instruction = analysis.instruction(index)
      if index == 0 || instruction.isJoin {
        isLive = instruction.entry >= 0
        if isLive { enter(index) }
      }
      guard isLive else {
        index &+= 1
        continue
      }
      if overflowed { return }
      busy = (.null, .null, .null, .null)
      note(index)
      // Traced code of the same function needs every canonical register: frames can then be switched where they are.
      if nextStart > registerCount { _ = use(nextStart &- 1) }
      if isTraced { emitTrace() }
      if instruction.range >= 0, analysis.mayRaise(instruction) { flushToHandler(instruction) }
      let taken = lower(instruction)
      isLive = taken > 0
      index &+= max(taken, 1)
      guard isLive, index < count else { continue }
      let next = index
      index = next &- 1
      note(next)
      if isTraced { canonicalise() }
      if analysis.instructions[next].isJoin { flush(to: next) }
      index = next
    }
  }

  private mutating func flushToHandler(_ instruction: DecodedRef) {
    let range = analysis.ranges[Int(instruction.range)]
    flush(to: range.handler, limit: range.depth)
  }

  /// Traced code: everything to its canonical register.
  private mutating func canonicalise() {
    for position in 0..<stack.count where stack[position].shape != .null { materialise(position) }
  }

  /// Traced code: TRACE, under the handler only if the state fits what the handler expects.
  private mutating func emitTrace() {
    emit(.trace)
    producer = -1
  }

  // MARK: Shapes of instructions

  /// Pops `count` operands, pushes one result in a fresh register.
  @inline(__always) private mutating func result(_ instruction: Instruction, popping count: Int, _ b: Int, _ c: Int = 0) -> Int {
    pop(count)
    let target = allocate()
    let word = emit(instruction, target, b, c)
    push(Place(truncatingIfNeeded: target))
    return word
  }

  private mutating func unary(_ instruction: Instruction, _ c: Int = 0) {
    prepare(1)
    _ = result(instruction, popping: 1, operand(top: 1), c)
  }

  private mutating func binary(_ instruction: Instruction) -> Int {
    prepare(2)
    return result(instruction, popping: 2, operand(top: 2), operand(top: 1))
  }

  /// A result from nothing on the stack.
  private mutating func load(_ instruction: Instruction, _ b: Int = 0) {
    _ = result(instruction, popping: 0, b)
  }

  /// A result above the top, which stays.
  private mutating func peek(_ instruction: Instruction, _ c: Int = 0) {
    prepare(1)
    _ = result(instruction, popping: 0, operand(top: 1), c)
  }

  /// Pops `count` operands, pushes two results in the next two registers.
  private mutating func twoResults(_ instruction: Instruction, popping count: Int, _ fields: (Int, Int) -> (Int, Int, Int)) {
    for depth in 1...count { hold(stack[stack.count &- depth].place, depth) }
    pop(count)
    let first = use(nextStart)
    let second = use(nextStart &+ 1)
    evacuate(nextStart..<nextStart &+ 2)
    let (a, b, c) = fields(first, second)
    emit(instruction, a, b, c)
    push(Place(truncatingIfNeeded: first))
    push(Place(truncatingIfNeeded: second))
  }

  /// Remembers a place that is about to be popped and is read by the present instruction.
  private mutating func hold(_ place: Place, _ number: Int) {
    switch number {
    case 1: busy.0 = place
    case 2: busy.1 = place
    case 3: busy.2 = place
    default: busy.3 = place
    }
  }

  /// Emits a jump with a 16-bit distance in `c`.
  mutating func branch(_ instruction: Instruction, _ a: Int, _ b: Int, to target: Int) -> Int {
    let word = emit(instruction, a, b, 0)
    if farJumps {
      // Taken: over the next word to a far jump. Not taken: past both.
      let length = words.count &- word
      words[word].c = UInt16(truncatingIfNeeded: length &+ 1)
      append(InstructionWord(.jump, 0, 2, 0))
      let isBack = target <= index
      let far = append(InstructionWord(isBack ? .jumpBack : .jump))
      if isBack { noteHandler(from: far) }
      fixups.append(JumpFixup(word: UInt32(truncatingIfNeeded: far), target: UInt32(truncatingIfNeeded: target), isFar: true))
      movesStart = words.count
    } else {
      fixups.append(JumpFixup(word: UInt32(truncatingIfNeeded: word), target: UInt32(truncatingIfNeeded: target), isFar: false))
    }
    return word
  }

  private mutating func jump(_ instruction: Instruction, to target: Int) {
    let word = emit(instruction)
    fixups.append(JumpFixup(word: UInt32(truncatingIfNeeded: word), target: UInt32(truncatingIfNeeded: target), isFar: true))
  }

  /// The conditional jump behind the present instruction that tests its result and can be fused with it.
  private mutating func fusableJump() -> DecodedRef? {
    guard !isTraced, index &+ 1 < analysis.instructions.count else { return nil }
    let next = analysis.instruction(index &+ 1)
    guard !next.isLeader, next.range == analysis.instructions[index].range else { return nil }
    switch next.opcode {
    case .popJumpForwardIfFalse, .popJumpForwardIfTrue, .popJumpBackwardIfFalse, .popJumpBackwardIfTrue: return next
    default: return nil
    }
  }

  private func jumpsIfTrue(_ opcode: Opcode) -> Bool { opcode == .popJumpForwardIfTrue || opcode == .popJumpBackwardIfTrue }

  private mutating func setOperator(_ word: Int, _ bits: UInt64) {
    words[word &+ 1] = InstructionWord(bits: bits)
  }

  // MARK: The opcodes

  /// Lowers the present instruction. Returns how many bytecode instructions that took, 0 if control does not continue.
  private mutating func lower(_ instruction: DecodedRef) -> Int {
    let arg = instruction.arg
    switch instruction.opcode {
    case .nop, .resume, .precall, .kwNames: break
    // Locals and constants
    case .loadFast:
      if instruction.needsCheck || isTraced { emit(.checkBound, arg) }
      push(Place(truncatingIfNeeded: arg))
    case .loadClosure: push(Place(truncatingIfNeeded: arg))
    case .loadConst: push(Place.constant(arg))
    case .pushNull: push(.null, .null)
    case .storeFast:
      if instruction.endsValue && !isTraced {
        freeAliases(arg)
        emit(.unbind, arg)
        // What is finalized here may switch the frame to traced code: that stores None once more.
        note(index)
      }
      store(arg)
    case .deleteFast: lowerDelete(instruction)
    case .popTop:
      let top = stack[stack.count &- 1]
      if top.isIterator, top.place.isRegister, top.place.register >= localCount { emit(.dropIter, top.place.register) }
      pop()
    case .swap: lowerSwap(arg)
    case .copy:
      let entry = stack[stack.count &- arg]
      stack[stack.count &- arg].isIterator = false
      stack[stack.count &- arg].functionWord = -1
      push(entry.place, entry.shape)
    // Cells
    case .makeCell: emit(.makeCell, arg)
    case .copyFreeVars: emit(.copyFree, localCount &- arg, arg)
    case .loadDeref: load(.loadCell, arg)
    case .loadClassderef: load(.loadClassCell, arg)
    case .storeDeref:
      prepare(1)
      emit(.storeCell, arg, operand(top: 1))
      pop()
    case .deleteDeref: emit(.deleteCell, arg)
    // Names
    case .loadGlobal:
      if arg & 1 != 0 { push(.null, .null) }
      widen(arg &>> 1)
      load(.loadGlobal, nameField(arg &>> 1))
    case .loadName:
      widen(arg)
      load(.loadName, nameField(arg))
    case .storeName, .storeGlobal:
      prepare(1)
      widen(arg)
      if instruction.opcode == .storeName { storedNameCount &+= 1 }
      emit(instruction.opcode == .storeName ? .storeName : .storeGlobal, operand(top: 1), nameField(arg))
      pop()
    case .deleteName, .deleteGlobal:
      widen(arg)
      emit(instruction.opcode == .deleteName ? .deleteName : .deleteGlobal, 0, nameField(arg))
    case .loadBuildClass: load(.loadBuildClass)
    case .loadAssertionError: load(.loadAssertionError)
    case .setupAnnotations: emit(.setupAnnotations)
    case .importName: setOperator(binary(.importName), UInt64(truncatingIfNeeded: arg))
    case .importFrom:
      prepare(1)
      widen(arg)
      peek(.importFrom, nameField(arg))
    case .importStar: consume(.importStar)
    // Attributes
    case .loadAttr:
      prepare(1)
      widen(arg)
      unary(.loadAttr, nameField(arg))
    case .storeAttr:
      prepare(2)
      widen(arg)
      emit(.storeAttr, operand(top: 1), operand(top: 2), nameField(arg))
      pop(2)
    case .deleteAttr:
      prepare(1)
      widen(arg)
      emit(.deleteAttr, operand(top: 1), 0, nameField(arg))
      pop()
    case .loadMethod: lowerLoadMethod(arg)
    // Operators
    case .unaryPositive: unary(.unaryPositive)
    case .unaryNegative: unary(.unaryNegative)
    case .unaryNot: unary(.unaryNot)
    case .unaryInvert: unary(.unaryInvert)
    case .binaryOp: setOperator(binary(.binaryOp), UInt64(truncatingIfNeeded: arg))
    case .binarySubscr:
      if let slice = takeSlice() {
        prepare(1)
        setOperator(result(.getSlice, popping: 1, operand(top: 1), Int(slice.b)), UInt64(slice.c))
      } else {
        _ = binary(.getItem)
      }
    case .storeSubscr:
      if let slice = takeSlice() {
        prepare(2)
        let value = UInt64(operand(top: 2))
        setOperator(emit(.setSlice, operand(top: 1), Int(slice.b), Int(slice.c)), value)
        pop(2)
        break
      }
      prepare(3)
      emit(.setItem, operand(top: 2), operand(top: 1), operand(top: 3))
      pop(3)
    case .deleteSubscr:
      prepare(2)
      emit(.deleteItem, operand(top: 2), operand(top: 1))
      pop(2)
    case .compareOp, .isOp, .containsOp, .checkExcMatch: return lowerTest(instruction)
    // Jumps and loops
    case .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt:
      flush(to: Int(instruction.target))
      if options.contains(.loops), closeLoop(instruction) { return 0 }
      jump(instruction.opcode == .jumpBackward ? .jumpBack : .jump, to: Int(instruction.target))
      return 0
    case .jumpIfFalseOrPop, .jumpIfTrueOrPop: lowerKeepingJump(instruction)
    case .getIter:
      // Whether nothing else can see what is iterated over: then a generator is the loop's own.
      let place = stack[stack.count &- 1].place
      unary(.getIter, place.isRegister && place.register >= localCount && holders[place.register] == 1 ? 1 : 0)
      stack[stack.count &- 1].isIterator = true
    case .forIter:
      flush(to: Int(instruction.target))
      let iterator = register(top: 1)
      if iterator >= localCount, iterator &- localCount < 64 { iteratorSlots |= 1 &<< UInt64(iterator &- localCount) }
      let isOwn = !isTraced && (stack[stack.count &- 1].isIterator || iterator == 0 && isArgumentReadOnce())
      let target = allocate()
      let word = branch(.forIter, target, iterator, to: Int(instruction.target))
      if isOwn { words[word &+ 1] = InstructionWord(bits: Encoding.ownsBit) }
      push(Place(truncatingIfNeeded: target))
    case .unpackSequence, .unpackEx: lowerUnpack(instruction)
    // Calls and functions
    case .call: lowerCall(instruction)
    case .callFunctionEx: lowerCallEx(arg)
    case .makeFunction: lowerMakeFunction(arg)
    case .returnValue:
      prepare(1)
      emit(isFreshTuple() ? .returnTuple : .returnValue, operand(top: 1))
      return 0
    case .returnGenerator: load(.returnGenerator)
    // Builders
    case .buildTuple, .buildList, .buildSet, .buildMap, .buildString, .buildConstKeyMap, .buildSlice: lowerBuild(instruction)
    case .formatValue:
      prepare(arg & 4 != 0 ? 2 : 1)
      if arg & 4 != 0 {
        setOperator(binary(.formatSpec), UInt64(truncatingIfNeeded: arg & 3))
      } else {
        unary(.format, arg & 3)
      }
    case .listAppend, .listExtend, .setAdd, .setUpdate, .dictUpdate, .dictMerge, .mapAdd: lowerAdd(instruction)
    case .listToTuple:
      let list = register(top: 1)
      _ = result(.listToTuple, popping: 1, list)
    case .getLen: peek(.getLen)
    case .matchMapping: peek(.matchMapping)
    case .matchSequence: peek(.matchSequence)
    case .matchKeys:
      prepare(2)
      _ = result(.matchKeys, popping: 0, operand(top: 2), operand(top: 1))
    case .matchClass:
      prepare(3)
      let names = UInt64(truncatingIfNeeded: operand(top: 1))
      let word = result(.matchClass, popping: 3, operand(top: 3), operand(top: 2))
      setOperator(word, names | UInt64(truncatingIfNeeded: arg) &<< 32)
    case .printExpr: consume(.printExpr)
    // Generators
    case .yieldValue: unary(.yieldValue, isFreshTuple() ? 1 : 0)
    case .asyncGenWrap: unary(.asyncGenWrap)
    case .send: return lowerDelegation(instruction)
    case .getAwaitable: unary(.getAwaitable, arg)
    case .getAiter: unary(.getAiter)
    case .getAnext: peek(.getAnext)
    case .getYieldFromIter: unary(.getYieldFromIter)
    case .endAsyncFor:
      emit(.endAsyncFor, register(top: 1))
      pop(2)
    // Exceptions
    case .pushExcInfo:
      let exception = register(top: 1)
      twoResults(.pushExc, popping: 1) { ($0, $1, exception) }
    case .popExcept:
      emit(.popExc, register(top: 1))
      pop()
    case .reraise:
      prepare(1)
      if arg == 0 {
        emit(.reraise, operand(top: 1))
      } else {
        emit(.reraiseLasti, operand(top: 1), register(top: arg &+ 1))
      }
      return 0
    case .raiseVarargs:
      prepare(arg)
      if arg == 0 { emit(.raise0) }
      if arg == 1 { emit(.raise1, operand(top: 1)) }
      if arg == 2 { emit(.raise2, operand(top: 2), operand(top: 1)) }
      return 0
    case .checkEgMatch:
      prepare(2)
      let group = operand(top: 2)
      let type = operand(top: 1)
      twoResults(.checkEgMatch, popping: 2) { first, _ in (first, group, type) }
      producer = -1
    case .prepReraiseStar:
      prepare(2)
      let list = register(top: 1)
      _ = result(.prepReraiseStar, popping: 2, operand(top: 2), list)
    case .beforeWith, .beforeAsyncWith:
      prepare(1)
      let manager = operand(top: 1)
      twoResults(instruction.opcode == .beforeWith ? .withEnter : .asyncWithEnter, popping: 1) { ($0, $1, manager) }
    case .withExceptStart:
      prepare(4)
      _ = result(.withExcept, popping: 0, operand(top: 4), register(top: 1))
    default:
      lowerPopJump(instruction)
    }
    return 1
  }

  /// JUMP_BACKWARD to a FOR_ITER that is nothing but its instruction: FOR_LOOP.
  private mutating func closeLoop(_ instruction: DecodedRef) -> Bool {
    let target = Int(instruction.target)
    let loop = analysis.instruction(target)
    guard instruction.opcode == .jumpBackward, loop.opcode == .forIter, loop.range == instruction.range, !farJumps, !isTraced else {
      return false
    }
    let start = Int(labels[target])
    guard start >= 0, start < words.count, words[start].instruction == .forIter else { return false }
    let body = start &+ 1 &+ Int(table[.forIter].words)
    let distance = body &- words.count
    guard distance > Int(Int16.min) else { return false }
    emit(.forLoop, Int(words[start].a), Int(words[start].b), distance)
    return true
  }

  /// If the top is a slice of two that the last instruction has just made: takes both away.
  private mutating func takeSlice() -> InstructionWord? {
    guard options.contains(.slices), !isTraced, producer >= 0, words.count == producer &+ 1, words[producer].instruction == .buildSlice2,
      analysis.instructions[index &- 1].range == analysis.instructions[index].range
    else { return nil }
    let slice = words[producer]
    let place = stack[stack.count &- 1].place
    guard place == Place(slice.a), holders[place.register] == 1 else { return nil }
    // Preparing the other operands must not move anything: it could disturb the slice's.
    for position in max(0, stack.count &- 3)..<stack.count &- 1 {
      let other = stack[position].place
      if other.isConstant, other.constantIndex >= Encoding.indexLimit { return nil }
    }
    words.removeLast()
    units.removeLast()
    pop()
    return slice
  }

  private mutating func consume(_ instruction: Instruction) {
    prepare(1)
    emit(instruction, operand(top: 1))
    pop()
  }

  private mutating func lowerDelete(_ instruction: DecodedRef) {
    let variable = instruction.arg
    freeAliases(variable)
    let needsCheck = instruction.needsCheck || isTraced
    // `x = None; del x`, at the end of every except clause: the assignment is never seen.
    let last = words.count &- 1
    if !needsCheck, last >= movesStart, index > 0, words[last].instruction == .move, Int(words[last].a) == variable,
      words[last].b & Encoding.constantBit != 0, units[last] == analysis.instructions[index &- 1].start
    {
      words.removeLast()
      units.removeLast()
      let before = words.count &- 1
      if before >= 0, words[before].instruction == .unbind, Int(words[before].a) == variable,
        units[before] == analysis.instructions[index &- 1].start
      {
        words.removeLast()
        units.removeLast()
      }
    }
    emit(needsCheck ? .unbindCheck : .unbind, variable)
  }

  /// Whether the top is a tuple that the last instruction has made and nothing else can see.
  private func isFreshTuple() -> Bool {
    let place = stack[stack.count &- 1].place
    guard !isTraced, producer >= 0, words.count == movesStart, place.isRegister, place.register >= localCount, holders[place.register] == 1,
      Int(words[producer].a) == place.register
    else { return false }
    switch words[producer].instruction {
    case .tuple1, .tuple2, .buildTuple: return true
    default: return false
    }
  }

  /// Whether the only argument of a comprehension or generator expression, what it iterates over, is read by its loop and nothing else.
  private func isArgumentReadOnce() -> Bool {
    guard analysis.view.argumentCount == 1, analysis.view.keywordOnlyCount == 0 else { return false }
    var reads = 0
    for i in 0..<analysis.instructions.count where analysis.instructions[i].arg == 0 {
      switch analysis.instructions[i].opcode {
      case .loadFast: reads &+= 1
      case .storeFast, .deleteFast, .makeCell, .loadClosure, .loadDeref, .loadClassderef, .storeDeref, .deleteDeref: return false
      default: break
      }
    }
    return reads == 1
  }

  private mutating func lowerSwap(_ arg: Int) {
    let top = stack.count &- 1
    let other = stack.count &- arg
    let moved = stack[top]
    let shapesDiffer = stack[other].shape != moved.shape
    stack[top].place = stack[other].place
    stack[top].shape = stack[other].shape
    stack[other].place = moved.place
    stack[other].shape = moved.shape
    stack[top].isIterator = stack[other].isIterator
    stack[top].functionWord = stack[other].functionWord
    stack[other].isIterator = moved.isIterator
    stack[other].functionWord = moved.functionWord
    if shapesDiffer { layOut(from: other) }
    // In traced code the exchange takes one register more.
    _ = use(nextStart)
  }

  private mutating func lowerLoadMethod(_ name: Int) {
    prepare(1)
    let object = operand(top: 1)
    hold(stack[stack.count &- 1].place, 1)
    pop()
    let first = use(nextStart &+ FrameLayout.calleeOffset)
    let second = use(nextStart &+ FrameLayout.argumentOffset)
    evacuate(first..<second &+ 1)
    widen(name)
    emit(.loadMethod, first, object, nameField(name))
    producer = -1
    push(Place(truncatingIfNeeded: first), .maybeNull)
    push(Place(truncatingIfNeeded: second))
  }

  /// Comparisons and the like: with the conditional jump behind them if there is one.
  private mutating func lowerTest(_ instruction: DecodedRef) -> Int {
    let arg = instruction.arg
    let keeps = instruction.opcode == .checkExcMatch ? 1 : 0
    guard let next = fusableJump() else {
      switch instruction.opcode {
      case .compareOp: setOperator(binary(.compareOp), UInt64(truncatingIfNeeded: arg))
      case .isOp: _ = binary(arg == 0 ? .isOp : .isNot)
      case .containsOp: _ = binary(arg == 0 ? .contains : .notContains)
      default:
        prepare(2)
        _ = result(.checkExcMatch, popping: 1, operand(top: 2), operand(top: 1))
      }
      return 1
    }
    if next.range >= 0, analysis.mayRaise(next) { flushToHandler(next) }
    flush(to: Int(next.target), limit: stack.count &- 2 &+ keeps)
    prepare(2)
    let left = operand(top: 2)
    let right = operand(top: 1)
    pop(2 &- keeps)
    let sense = jumpsIfTrue(next.opcode)
    switch instruction.opcode {
    case .compareOp:
      let word = branch(.jumpCompare, left, right, to: Int(next.target))
      setOperator(word, UInt64(truncatingIfNeeded: arg) | (sense ? 0x100 : 0))
    case .isOp: _ = branch((arg == 0) == sense ? .jumpIs : .jumpIsNot, left, right, to: Int(next.target))
    case .containsOp: _ = branch((arg == 0) == sense ? .jumpContains : .jumpNotContains, left, right, to: Int(next.target))
    default: _ = branch(sense ? .jumpExcMatch : .jumpExcNoMatch, left, right, to: Int(next.target))
    }
    return 2
  }

  private mutating func lowerPopJump(_ instruction: DecodedRef) {
    flush(to: Int(instruction.target), limit: stack.count &- 1)
    prepare(1)
    let value = operand(top: 1)
    pop()
    let test: Instruction
    switch instruction.opcode {
    case .popJumpForwardIfTrue, .popJumpBackwardIfTrue: test = .jumpIfTrue
    case .popJumpForwardIfFalse, .popJumpBackwardIfFalse: test = .jumpIfFalse
    case .popJumpForwardIfNone, .popJumpBackwardIfNone: test = .jumpIfNone
    default: test = .jumpIfNotNone
    }
    _ = branch(test, value, 0, to: Int(instruction.target))
  }

  /// JUMP_IF_X_OR_POP: the value stays on the stack where the jump goes.
  private mutating func lowerKeepingJump(_ instruction: DecodedRef) {
    let target = Int(instruction.target)
    let top = stack.count &- 1
    flush(to: target, limit: top)
    prepare(1)
    let isTrue = instruction.opcode == .jumpIfTrueOrPop
    let canonical = use(stack[top].canonical)
    let wantsCanonical = isTraced || analysis.entryStack(target)[top].isTemporary
    if wantsCanonical, stack[top].place != Place(truncatingIfNeeded: canonical) {
      evacuate(canonical..<canonical &+ 1)
      _ = branch(isTrue ? .copyJumpIfTrue : .copyJumpIfFalse, canonical, operand(top: 1), to: target)
      producer = -1
    } else {
      _ = branch(isTrue ? .jumpIfTrue : .jumpIfFalse, operand(top: 1), 0, to: target)
    }
    pop()
  }

  private mutating func lowerUnpack(_ instruction: DecodedRef) {
    prepare(1)
    let isExtended = instruction.opcode == .unpackEx
    let before = isExtended ? instruction.arg & 255 : instruction.arg
    let after = isExtended ? instruction.arg &>> 8 : 0
    let count = isExtended ? before &+ 1 &+ after : before
    let source = operand(top: 1)
    hold(stack[stack.count &- 1].place, 1)
    pop()
    let first = nextStart
    evacuate(first..<first &+ count)
    // The first item lands on top.
    if !isExtended, count == 2 {
      emit(.unpack2, use(first &+ 1), use(first), source)
    } else {
      let word = emit(isExtended ? .unpackEx : .unpackN, source, before, after, extraWords: (count &+ 3) / 4)
      for item in 0..<count {
        setListedRegister(word &+ 2, item, UInt16(truncatingIfNeeded: use(first &+ count &- 1 &- item)))
      }
    }
    for item in 0..<count { push(Place(truncatingIfNeeded: use(first &+ item))) }
  }

  /// SEND and the loop around it.
  private mutating func lowerDelegation(_ instruction: DecodedRef) -> Int {
    prepare(1)
    let delegate = register(top: 2)
    let value = operand(top: 1)
    hold(stack[stack.count &- 1].place, 1)
    hold(stack[stack.count &- 2].place, 2)
    pop(2)
    let target = use(nextStart)
    evacuate(target..<target &+ 1)
    emit(.yieldFrom, target, delegate, value)
    push(Place(truncatingIfNeeded: target))
    return 4
  }
}
