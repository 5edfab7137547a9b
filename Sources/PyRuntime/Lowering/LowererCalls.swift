import PyBytecode

// Calls and builders: operands that must lie in consecutive registers.

extension Lowerer {
  /// CALL. The base below the callee decides the form: a known NULL (plain call), the result of LOAD_METHOD, or an object that then is
  /// the callee and the entry above it its first argument (decorators, comprehensions, `__exit__`).
  mutating func lowerCall(_ instruction: DecodedRef) {
    let arg = instruction.arg
    let base = stack.count &- arg &- 2
    var first = Int(stack[base].start)
    let shape = stack[base].shape
    let names = index >= 2 && analysis.instructions[index &- 2].opcode == .kwNames ? analysis.instructions[index &- 2].arg : -1
    if shape == .object, names < 0, arg == 2, isExitCall(base), !isTraced {
      if stack[base].place.isConstant { materialise(base) }
      let exit = Int(operand(stack[base].place))
      let free = clearBase(base, first)
      _ = use(free &+ FrameLayout.argumentOffset &+ 2)
      pop(4)
      let target = allocate()
      emit(.withExit, target, exit, free)
      push(Place(truncatingIfNeeded: target))
      return
    }
    let isMethod = shape == .maybeNull
    // A comprehension or generator expression: a function made for this call, of an iterator.
    var comprehension = -1
    if shape == .object, names < 0, arg == 0, !isTraced, stack[base &+ 1].isIterator { comprehension = Int(stack[base].functionWord) }
    if shape == .object { first = clearBase(base, first) } else { clearAbove(base, first) }
    // A single argument that lies elsewhere can be moved by the call itself.
    let foldsLast = options.contains(.foldArguments) && arg == 1 && names < 0 && shape != .object && canFold(stack[stack.count &- 1])
    var count = arg
    switch shape {
    case .null:
      for position in base &+ 1..<stack.count &- (foldsLast ? 1 : 0) { materialise(position) }
    case .maybeNull:
      for position in base..<stack.count &- (foldsLast ? 1 : 0) { materialise(position) }
    case .object:
      count = arg &+ 1
      var position = stack.count &- 1
      while position >= base {
        materialise(position, at: first &+ FrameLayout.calleeOffset &+ position &- base)
        position &-= 1
      }
    }
    _ = use(first &+ FrameLayout.argumentOffset &+ arg)
    let last = foldsLast ? operand(top: 1) : 0
    pop(arg &+ 2)
    let target = allocate()
    if foldsLast {
      noteUse(emit(isMethod ? .callMethod1 : .call1, target, first, last))
    } else if names < 0 {
      let word = emit(isMethod ? .callMethod : .call, target, first, count)
      noteUse(word)
      if comprehension >= 0 {
        words[comprehension].c |= Encoding.temporaryBit
        // A generator expression's function is the generator's until that ends.
        let code = words[comprehension].b
        if code & Encoding.constantBit != 0, analysis.view.constants[Int(code & ~Encoding.constantBit)].tag == 3 {
          emit(.dropCall, first &+ FrameLayout.calleeOffset)
          // In a handler's range a variable must not change before its STORE_FAST.
          if analysis.instructions[index].range < 0 { producer = word }
        }
      }
    } else {
      let word = emit(isMethod ? .callMethodKw : .callKw, target, first, count)
      words[word &+ 1] = InstructionWord(bits: UInt64(truncatingIfNeeded: names))
    }
    push(Place(truncatingIfNeeded: target))
  }

  /// Notes at a call whose result is popped at once that nothing will read it.
  private mutating func noteUse(_ word: Int) {
    let next = index &+ 1
    guard next < analysis.instructions.count, !isTraced else { return }
    let following = analysis.instructions[next]
    guard following.opcode == .popTop, !following.isLeader else { return }
    words[word &+ 1] = InstructionWord(bits: Encoding.discardBit)
  }

  /// True for the call of `__exit__` at the normal end of a with statement: three constant Nones.
  private mutating func isExitCall(_ base: Int) -> Bool {
    for position in base &+ 1..<stack.count {
      let place = stack[position].place
      guard place.isConstant, analysis.view.constants[place.constantIndex].tag == 4 else { return false }
    }
    return true
  }

  /// True if the argument may stay where it is until the call: a local below the call base or a constant.
  private func canFold(_ entry: LiveEntry) -> Bool {
    if entry.place.isConstant { return entry.place.constantIndex < Encoding.indexLimit }
    return entry.place.isRegister && entry.place.register < localCount
  }

  /// The lowest possible call base from `first` up that is above all live entries below position `base`.
  private mutating func clearBase(_ base: Int, _ first: Int) -> Int {
    var free = first
    for position in 0..<base where stack[position].place.isRegister && stack[position].place.register >= free {
      free = stack[position].place.register &+ 1
    }
    return free
  }

  /// Brings every entry below position `base` below register `first`: the callee's frame will overwrite the rest.
  private mutating func clearAbove(_ base: Int, _ first: Int) {
    var isClear = true
    for position in 0..<base where stack[position].place.isRegister && stack[position].place.register >= first { isClear = false }
    if isClear { return }
    for position in 0..<base {
      let place = stack[position].place
      if place.isRegister, place.register >= localCount { materialise(position) }
    }
  }

  /// Whether the dict of keywords was made for the call at hand, by the instruction before it: nothing else refers to it.
  private var makesKeywords: Bool {
    guard index > 0, !isTraced, !analysis.instructions[index].isLeader else { return false }
    switch analysis.instructions[index &- 1].opcode {
    case .dictMerge, .buildMap, .buildConstKeyMap: return true
    default: return false
    }
  }

  mutating func lowerCallEx(_ arg: Int) {
    let operands = 2 &+ (arg & 1)
    let base = stack.count &- operands &- 1
    let first = Int(stack[base].start)
    clearAbove(base, first)
    var position = stack.count &- 1
    while position > base {
      materialise(position, at: first &+ FrameLayout.calleeOffset &+ position &- base &- 1)
      position &-= 1
    }
    pop(operands &+ 1)
    let target = allocate()
    let word = emit(.callEx, target, first, arg)
    if arg & 1 != 0, makesKeywords { words[word &+ 1] = InstructionWord(bits: Encoding.ownsBit) }
    push(Place(truncatingIfNeeded: target))
  }

  mutating func lowerMakeFunction(_ flags: Int) {
    let count = 1 &+ flags.nonzeroBitCount
    prepare(count)
    var parts: UInt64 = 0
    var depth = count
    for bit in 0..<4 where flags &>> bit & 1 != 0 {
      parts |= UInt64(truncatingIfNeeded: operand(top: depth)) &<< UInt64(bit &* 16)
      depth &-= 1
    }
    let code = operand(top: 1)
    pop(count)
    let target = allocate()
    let word = emit(.makeFunction, target, code, flags)
    words[word &+ 1] = InstructionWord(bits: parts)
    push(Place(truncatingIfNeeded: target))
    stack[stack.count &- 1].functionWord = Int32(truncatingIfNeeded: word)
  }

  mutating func lowerBuild(_ instruction: DecodedRef) {
    let arg = instruction.arg
    var count = arg
    let keyCount = instruction.opcode == .buildConstKeyMap ? 1 : 0
    if instruction.opcode == .buildMap { count = arg &* 2 }
    if keyCount > 0 { prepare(1) }
    if let direct = directForm(instruction.opcode, count) {
      prepare(count)
      let left = operand(top: count)
      let right = count == 2 ? operand(top: 1) : 0
      pop(count)
      let target = allocate()
      emit(direct, target, left, right)
      push(Place(truncatingIfNeeded: target))
      return
    }
    let bottom = stack.count &- count &- keyCount
    for position in bottom..<bottom &+ count { materialise(position) }
    let first = count == 0 ? 0 : Int(stack[bottom].start)
    let keys = keyCount > 0 ? operand(top: 1) : 0
    pop(count &+ keyCount)
    let target = allocate()
    let form: Instruction
    switch instruction.opcode {
    case .buildTuple: form = .buildTuple
    case .buildList: form = .buildList
    case .buildSet: form = .buildSet
    case .buildMap: form = .buildMap
    case .buildString: form = .buildString
    case .buildSlice: form = .buildSlice3
    default: form = .buildConstKeyMap
    }
    let word = emit(form, target, first, form == .buildSlice3 ? 0 : arg)
    if form == .buildConstKeyMap { words[word &+ 1] = InstructionWord(bits: UInt64(truncatingIfNeeded: keys)) }
    push(Place(truncatingIfNeeded: target))
  }

  /// The form with operands in the fields for one or two items.
  private func directForm(_ opcode: Opcode, _ count: Int) -> Instruction? {
    switch (opcode, count) {
    case (.buildTuple, 1): return .tuple1
    case (.buildTuple, 2): return .tuple2
    case (.buildList, 1): return .list1
    case (.buildList, 2): return .list2
    case (.buildMap, 2): return .map1
    case (.buildString, 2): return .string2
    case (.buildSlice, 2): return .buildSlice2
    default: return nil
    }
  }

  /// LIST_APPEND and the like: the container lies `arg` below the operands.
  mutating func lowerAdd(_ instruction: DecodedRef) {
    let operands = instruction.opcode == .mapAdd ? 2 : 1
    prepare(operands)
    let arg = instruction.arg
    let callee = stack.count &- operands &- arg &- 2
    if instruction.opcode == .dictMerge, stack[callee].place.isConstant { materialise(callee) }
    let container = register(top: operands &+ arg)
    let last = operand(top: 1)
    switch instruction.opcode {
    case .listAppend: emit(.listAppend, container, last)
    case .listExtend: emit(.listExtend, container, last)
    case .setAdd: emit(.setAdd, container, last)
    case .setUpdate: emit(.setUpdate, container, last)
    case .dictUpdate: emit(.dictUpdate, container, last)
    case .mapAdd: emit(.mapAdd, container, operand(top: 2), last)
    default:
      emit(.dictMerge, container, last, Int(operand(stack[callee].place)))
    }
    pop(operands)
  }
}
