#if arch(x86_64)

  // Which instructions have machine code. Each brings its operands into registers, asks what it has to (a guard stands before the first
  // effect) and then gives its destination a new value. What is not here is left to the interpreter.

  extension RegionEmitter {
    /// Emits the instruction at `word`. `next` is the word behind it.
    /// - Returns: whether the block has ended with it
    /// - Throws: when the interpreter has to execute it; nothing of it has been done then
    func instruction(next: Int) throws -> Bool {
      let w = pc.pointee
      let d = register(w.a)
      if calls.isEmpty, general.contains(word) || needsFrame { throw LeftToInterpreter() }
      // Inlined functions have no loops.
      if !calls.isEmpty {
        if InstructionTable.shared[w.instruction].c == .target, w.target < 0 { throw LeftToInterpreter() }
        switch RegionShape.baseForm(w) {
        case .jumpBack, .forIter, .forLoop: throw LeftToInterpreter()
        case .jump:
          guard w.farTarget > 0 else { throw LeftToInterpreter() }
          following = word + w.farTarget
          return false
        default: break
        }
      }
      switch w.instruction {
      case .nop, .wide: break
      case .move: try move(d, w.b)
      case .move2:
        // Both are read before either is written.
        if w.c & Encoding.constantBit == 0, register(w.c) == d {
          let second = boxed(register(w.c))
          let spare = takeGP()
          hold(spare)
          a.move(spare, second)
          try move(d, w.b)
          set(d + 1, boxed: spare)
        } else {
          try move(d, w.b)
          try move(d + 1, w.c)
        }
      case .setNull: set(d, constant: .null)
      case .loadConstantWide: set(d, constant: constants[w.wideIndex])
      case .checkBound:
        if slots[d].known.kind == .any, slots[d].constant == nil {
          let g = boxed(d)
          a.test(g, g)
          a.jump(.equal, miss())
        } else if slots[d].constant?.isNull ?? false {
          throw LeftToInterpreter()
        }
      case .unbind:
        // An object may be one whose end somebody waits for (`DroppedObjects`).
        if slots[d].known.kind == .any || slots[d].known.kind == .cell {
          fusePoint()
          truthOf(Helpers.unwatched, [.operand(w.a)])
        }
        set(d, constant: .null)
      case .unaryNegative: try negate(d, w.b)
      case .unaryNot: try not(d, w.b)
      case .unaryInvert:
        a.move(.rax, try int(operand: w.b))
        a.alu(.xor, .rax, imm: -65536)
        set(d, int: .rax)
      case .listAppend:
        fusePoint()
        append(.operand(w.a), .operand(w.b))
      case .contains, .notContains:
        fusePoint()
        let isIn = w.instruction == .contains
        truthOf(Helpers.contains, [.operand(w.c), .operand(w.b)])
        a.move(.rcx, imm: isIn ? Value.false.bits : Value.true.bits)
        a.alu(isIn ? .add : .sub, .rcx, .rax)
        set(d, boxed: .rcx, .bool)
      case .jumpContains, .jumpNotContains:
        fusePoint()
        truthOf(Helpers.contains, [.operand(w.b), .operand(w.a)])
        branch(w.target, next, onTrue: w.instruction == .jumpContains)
        return true
      case .compareStr:
        fusePoint()
        truthOf(Helpers.compare, [.operand(w.b), .operand(w.c), .bits(UInt64(UInt(bitPattern: pc)))])
        a.move(.rcx, imm: Value.false.bits)
        a.alu(.add, .rcx, .rax)
        set(d, boxed: .rcx, .bool)
      case .jumpCompareStr:
        fusePoint()
        truthOf(Helpers.compare, [.operand(w.a), .operand(w.b), .bits(UInt64(UInt(bitPattern: pc)))])
        branch(w.target, next, onTrue: pc.w0 >> 8 & 1 != 0)
        return true
      case .setAdd, .mapAdd, .deleteItem: step(MachineSteps.add, hasEffect: true)
      case .buildTuple, .tuple1, .listToTuple: step(MachineSteps.build, .cell(rt.types.tuple))
      case .buildList, .list1, .list2: step(MachineSteps.build, .cell(rt.types.list))
      case .string2, .buildString, .format, .formatSpec: step(MachineSteps.build, .cell(rt.types.str))
      case .buildSet: step(MachineSteps.build, .cell(rt.types.set))
      case .buildMap, .map1: step(MachineSteps.build, .cell(rt.types.dict))
      case .buildSlice2, .buildSlice3:
        if !sliceAndItem(next) { step(MachineSteps.build, .cell(rt.types.slice)) }
      case .listExtend: step(MachineSteps.build, hasEffect: true)
      case .getSlice: step(MachineSteps.slice, known(w.b).kind == .cell ? Known(kind: .cell, type: known(w.b).type) : .any)
      case .setSlice: step(MachineSteps.setSlice, hasEffect: true)
      case .yieldValue:
        guard calls.isEmpty, fp.isGeneratorFrame, fp.frameLink & FrameLink.gathering != 0 else { throw LeftToInterpreter() }
        step(MachineSteps.yield, .none)
      case .dropIter: step(MachineSteps.dropIterator)
      case .loadAttrBound: step(MachineSteps.attribute)
      case .loadAttrDictionary:
        guard calls.isEmpty else { throw LeftToInterpreter() }
        step(MachineSteps.attribute)
      case .storeAttrDictionary:
        guard calls.isEmpty else { throw LeftToInterpreter() }
        step(MachineSteps.attribute, hasEffect: true)
        // The object has another shape now, and it may be in any register.
        for r in slots.indices { slots[r].known.shape = 0 }
      case .setItemDict:
        fusePoint()
        call(Helpers.setDictItem, [.operand(w.a), .operand(w.b), .operand(w.c)])
        a.test(.rax, .rax)
        a.jump(.equal, miss())
        noteEffect()
      case .isOp, .isNot:
        let x = boxed(operand: w.b), y = boxed(operand: w.c)
        a.alu(.cmp, x, y)
        setBool(d, w.instruction == .isOp ? .equal : .notEqual)
      case .binaryOp, .addIntRR, .addIntRK, .addInt, .subIntRR, .subIntRK, .subInt, .mulInt, .floorDivInt, .modInt, .andInt, .orInt,
        .xorInt,
        .lshInt, .rshInt, .addFloat, .subFloat, .mulFloat, .divFloat, .addStr:
        try binary()
      case .compareOp, .compareInt, .compareFloat: try compareValue()
      case .jump:
        flow(to: word + w.farTarget)
        return true
      case .jumpBack:
        back(to: word + w.farTarget)
        return true
      case .jumpIfTrue: return try truthJump(w.a, true, next)
      case .jumpIfFalse: return try truthJump(w.a, false, next)
      case .jumpIfNone, .jumpIfNotNone:
        let g = boxed(operand: w.a)
        split(w.target, next) {
          self.a.move(.rcx, imm: Value.none.bits)
          self.a.alu(.cmp, g, .rcx)
          return w.instruction == .jumpIfNone ? .equal : .notEqual
        }
        return true
      case .jumpIs, .jumpIsNot:
        let x = boxed(operand: w.a), y = boxed(operand: w.b)
        split(w.target, next) {
          self.a.alu(.cmp, x, y)
          return w.instruction == .jumpIs ? .equal : .notEqual
        }
        return true
      case .jumpCompare, .jumpCompareFloat, .jumpLtIntRR, .jumpLeIntRR, .jumpEqIntRR, .jumpNeIntRR, .jumpGtIntRR,
        .jumpGeIntRR, .jumpLtIntRK, .jumpLeIntRK, .jumpEqIntRK, .jumpNeIntRK, .jumpGtIntRK, .jumpGeIntRK, .jumpLtIntKR, .jumpLeIntKR,
        .jumpGtIntKR, .jumpGeIntKR:
        try compareJump(next)
        return true
      case .forLoopRange, .forLoopList, .forLoopTuple, .forLoop:
        try loop(iteration: word + w.target - 2, body: word + w.target, isBack: true)
        return true
      case .forIterEnumerate2, .forIterZip2, .forIterItems2:
        pairs(iteration: word, isBack: false)
        return true
      case .forIter, .forIterDict, .forIterRange, .forIterList, .forIterTuple:
        try loop(iteration: word, body: next, isBack: false)
        return true
      case .getIter: getIter(w.b)
      case .getItemListInt: try listItem(d, w.b, w.c)
      case .getItemTupleInt: try tupleItem(d, w.b, w.c)
      case .getItemArrayInt: try arrayItem(d, w.b, w.c)
      case .getItem, .getItemDict: try anyItem(d, w.b, w.c)
      case .setItemListInt: try storeListItem()
      case .setItemArrayInt: try storeArrayItem()
      case .unpack2: try unpack(w.c, [d, register(w.b)])
      case .unpackN: try unpack(w.a, (0..<Int(w.b)).map { base + UnpackInstructions.destination(pc, $0) })
      case .loadCell: loadCell(d, register(w.b))
      case .storeCell:
        let cell = boxed(d), value = boxed(operand: w.b)
        a.store(Address(cell, Offsets.cellContent), value)
        noteEffect()
      case .loadGlobalModule: loadGlobal(d)
      case .loadGlobalBuiltin: loadBuiltin(d)
      case .loadAttrInstance, .loadAttrOverflow, .loadAttrSlot, .loadAttrClass, .loadAttrShapeClass, .loadAttrModule:
        try loadAttribute(d)
      case .storeAttrInstance, .storeAttrOverflow, .storeAttrSlot: try storeAttribute()
      case .loadAttrMany: loadMany(d)
      case .storeAttrMany: storeMany()
      case .storeAttrAdd: try addAttribute()
      case .loadMethodMany: loadMethodMany(d)
      case .loadMethodType, .loadMethodShape: try loadMethod(d)
      case .loadMethodModule: try loadFunction(d)
      case .loadMethodInstance, .loadMethodSlot: try loadHeldFunction(d)
      case .loadMethodClass, .loadMethodOfType, .loadAttrOfType: try loadFromClass(d)
      case .setItem:
        if try !inlineItem(w.a, source(w.b), source(w.c), ownCount + 2) { try storeItemStep() }
      case .call, .call1, .callMethod, .callMethod1, .callNative, .call1Native, .callMethodNative, .callMethod1Native, .callMethodAppend,
        .callMethod1Append, .callIsInstance, .callLen, .call1Len, .call1Foreign:
        try callFunction()
      case .tuple2:
        if try !pairAndItem(next) { step(MachineSteps.build, .cell(rt.types.tuple)) }
      case .returnValue:
        try giveBack()
        return true
      default: throw LeftToInterpreter()
      }
      return false
    }

    private func move(_ d: Int, _ field: UInt16) throws {
      if field & Encoding.constantBit == 0 {
        copy(d, register(field))
      } else {
        set(d, constant: constants[Int(field & ~Encoding.constantBit)])
      }
    }

    // MARK: jumps

    /// Leaves the region at a jump back if the evaluator is wanted elsewhere, as the interpreter would.
    func poll() {
      a.move(.rax, imm: UInt64(UInt(bitPattern: rt)) + UInt64(Offsets.evalBreaker))
      a.alu32(.cmp, Address(.rax, 0), imm: 0)
      a.jump(.notEqual, exit(at: word, isMiss: false))
      // Not where the region is entered itself: it might come back to where it stands.
      if loops.contains(word), !(shape.block(at: word).map(shape.isEntered) ?? false) {
        a.jump(exit(at: word, isMiss: false, goesOn: true))
      } else if shape.isWhole {
        // Loops that are hot by themselves are compiled by themselves.
        if Machine.isTest { return }
        a.alu32(.sub, Address(.rax, Offsets.loopCountdown - Offsets.evalBreaker), imm: 1)
        a.jump(.sign, exit(at: word, isMiss: false))
        countRound()
      } else if word == shape.entry {
        countRound()
      }
    }

    private func back(to target: Int) {
      settle([target])
      poll()
      a.jump(place(target))
    }

    /// A jump under a condition. What `test` emits must not need any register but scratch ones and those held.
    /// - Parameter distance: to the word where it goes if the condition holds
    func split(_ distance: Int, _ next: Int, _ test: () -> Condition) {
      let target = word + distance
      if !calls.isEmpty {
        let wantsTaken = prefersTaken(target, next)
        let condition = test()
        a.jump(wantsTaken ? condition.negated : condition, miss())
        return goOn(wantsTaken ? target : next)
      }
      settle([target, next])
      if distance < 0 { poll() }
      let taken = place(target)
      let condition = test()
      a.jump(condition, taken)
      fall(to: next)
    }
    /// Goes on at the next word, everything being settled.
    func fall(to next: Int) {
      let label = place(next)
      if let b = shape.block(at: next), b > 0, isEmitted[b - 1], !isEmitted[b] { return }
      a.jump(label)
    }

    /// Calls a function that answers 1 or 0, to rax; the region is left when it cannot say.
    func truthOf(_ function: UnsafeRawPointer, _ arguments: [Argument]) {
      call(function, arguments)
      a.test(.rax, .rax)
      a.jump(.sign, miss())
    }
    /// Jumps if the truth in rax is the wanted one.
    func branch(_ distance: Int, _ next: Int, onTrue: Bool) {
      let truth = takeGP()
      hold(truth)
      a.move(truth, .rax)
      split(distance, next) {
        self.a.test(truth, truth)
        return onTrue ? .notEqual : .equal
      }
    }
    /// Appends to a list.
    func append(_ list: Argument, _ item: Argument) {
      call(MachineSteps.appendItem, [list, item])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      noteEffect()
    }

    // MARK: jumps of inlined functions

    /// Of a branch in an inlined function one way is followed; the other leaves the region. Whether it is that of the jump: not if it leads
    /// to an error, and otherwise by turns.
    func prefersTaken(_ target: Int, _ next: Int) -> Bool {
      let other = leadsToError(next)
      return leadsToError(target) ? false : other || attempt % 2 == 0
    }
    private func leadsToError(_ start: Int) -> Bool {
      var at = start
      for _ in 0..<12 {
        switch (words + at).pointee.instruction {
        case .raise0, .raise1, .raise2, .loadAssertionError: return true
        case .returnValue, .returnTuple, .jump, .jumpBack: return false
        default: at += max(InstructionTable.shared.length(words + at), 1)
        }
      }
      return false
    }
    /// An inlined function goes on at the word.
    func goOn(_ target: Int) {
      following = target
      goesOn = true
    }

    private func truthJump(_ field: UInt16, _ sense: Bool, _ next: Int) throws -> Bool {
      let distance = pc.pointee.target
      if !calls.isEmpty, let v = constant(field), v.isBool {
        goOn(v == .bool(sense) ? word + distance : next)
        return true
      }
      switch known(field).kind {
      case .bool:
        let g = boxed(operand: field)
        split(distance, next) {
          self.a.move(.rcx, imm: Value.true.bits)
          self.a.alu(.cmp, g, .rcx)
          return sense ? .equal : .notEqual
        }
      case .int:
        let g = try int(operand: field)
        split(distance, next) {
          self.a.test(g, g)
          return sense ? .notEqual : .equal
        }
      case .float:
        guard calls.isEmpty else { throw LeftToInterpreter() }
        let x = try float(operand: field)
        // A NaN is true.
        let yes = a.label()
        let target = word + distance
        settle([target, next])
        if distance < 0 { poll() }
        let label = place(target)
        let rest = place(next)
        a.exclusiveOr(XMM(number: 0), XMM(number: 0))
        a.compare(x, XMM(number: 0))
        a.jump(.parity, yes)
        a.jump(.equal, sense ? rest : label)
        a.bind(yes)
        a.jump(sense ? label : rest)
      case .none:
        guard calls.isEmpty else { throw LeftToInterpreter() }
        if sense { flow(to: next) } else { return try alwaysJump(distance) }
      case .any, .cell:
        fusePoint()
        let g = boxed(operand: field)
        let isBool = a.label()
        a.move(.rcx, imm: Value.false.bits)
        a.move(.rax, g)
        a.alu(.sub, .rax, .rcx)
        a.alu(.cmp, .rax, imm: 1)
        a.jump(.belowEqual, isBool)
        truthOf(Helpers.truth, [.operand(field)])
        a.bind(isBool)
        branch(distance, next, onTrue: sense)
      }
      return true
    }
    private func alwaysJump(_ distance: Int) throws -> Bool {
      if distance < 0 { back(to: word + distance) } else { flow(to: word + distance) }
      return true
    }

    // MARK: loops

    /// FOR_ITER, or the jump back to it.
    private func loop(iteration: Int, body: Int, isBack: Bool) throws {
      let iter = shape.code.pointee.words + iteration
      if RegionShape.givesPairs(iter.pointee.instruction) { return pairs(iteration: iteration, isBack: isBack) }
      let exhausted = iteration + iter.pointee.target
      let d = Int(iter.pointee.a), r = Int(iter.pointee.b)
      let types = rt.pointee.types
      let type: TypeRef
      // Iterators of several kinds: a function takes the step.
      let isMixed = missed.map { $0.contains(word) || $0.contains(iteration) } ?? false
      switch iter.pointee.instruction {
      case _ where isMixed: return nextStep(MachineSteps.next, iteration: iteration, body: body, isBack: isBack, [d])
      case .forIterRange: type = types.rangeIterator
      case .forIterList: type = types.listIterator
      case .forIterTuple: type = types.tupleIterator
      default:
        // One that has not been met: the interpreter sees what it is.
        let isMet = iter.pointee.instruction == .forIterDict || shape.isExposedAtEntry(r) && MachineSteps.isIterator(fp[r])
        guard isMet || !isUnmet(iter) else { throw LeftToInterpreter() }
        return nextStep(MachineSteps.next, iteration: iteration, body: body, isBack: isBack, [d])
      }
      if !isBack { fusePoint() }
      let it = try object(r, of: type)
      settle([body, exhausted])
      if isBack { poll() }
      let end = a.label()
      if type == types.rangeIterator {
        a.alu(.cmp, Address(it, Offsets.rangeRemaining), imm: 0)
        a.jump(.lessEqual, end)
        a.load(.rax, Address(it, Offsets.rangeNext))
        a.move(.rcx, .rax)
        a.shift(.left, .rcx, 16)
        a.move(.rdx, .rcx)
        a.shift(.arithmetic, .rdx, 16)
        a.alu(.cmp, .rdx, .rax)
        a.jump(.notEqual, exit(at: word))
        a.load(.rdx, Address(it, Offsets.rangeStep))
        a.alu(.add, Address(it, Offsets.rangeNext), .rdx)
        a.alu(.sub, Address(it, Offsets.rangeRemaining), imm: 1)
        finish(exhausted, iteration, end, r)
        set(d, int: .rcx)
      } else {
        a.load(.rax, Address(it, Offsets.iteratorSequence))
        a.test(.rax, .rax)
        a.jump(.equal, end)
        a.load(.rcx, Address(it, Offsets.iteratorIndex))
        let isList = type == types.listIterator
        a.alu(.cmp, .rcx, Address(.rax, isList ? Offsets.listCount : Offsets.tupleCount))
        a.jump(.greaterEqual, end)
        if isList {
          a.load(.rax, Address(.rax, Offsets.listItems))
          a.load(.rax, Address(.rax, 0, index: .rcx, shift: 3))
        } else {
          a.load(.rax, Address(.rax, TupleLayout.itemsOffset, index: .rcx, shift: 3))
        }
        a.alu(.add, .rcx, imm: 1)
        a.store(Address(it, Offsets.iteratorIndex), .rcx)
        finish(exhausted, iteration, end, r)
        set(d, boxed: .rax)
      }
      settle([body])
      if isBack { a.jump(place(body)) } else { fall(to: body) }
    }

    /// What happens at the end of the iterator, behind the other code: the region's own loop is left; another one inside goes on behind it.
    private func finish(_ exhausted: Int, _ iteration: Int, _ end: Label, _ r: Int) {
      let leaving = exit(at: iteration, isMiss: false)
      guard shape.block(at: exhausted) != nil else {
        asides.append(Aside(label: end) { self.a.jump(leaving) })
        return
      }
      let atEnd = slots
      let label = place(exhausted)
      let iter = shape.code.pointee.words + iteration
      let owners = (gpOwner, xmmOwner)
      asides.append(
        Aside(label: end) {
          self.slots = atEnd
          (self.gpOwner, self.xmmOwner) = owners
          self.call(Helpers.loopEnd, [.frame, .bits(UInt64(UInt(bitPattern: iter)))])
          self.a.test(.rax, .rax)
          self.a.jump(.equal, leaving)
          self.a.jump(label)
        })
    }

    /// The same over what gives pairs to an UNPACK2: a function takes the step and stores both into the frame.
    private func pairs(iteration: Int, isBack: Bool) {
      let unpack = shape.code.pointee.words[iteration + 2]
      nextStep(MachineSteps.nextPair, iteration: iteration, body: iteration + 4, isBack: isBack, [Int(unpack.a), Int(unpack.b)])
    }

    private func getIter(_ field: UInt16) {
      let source = known(field)
      let types = rt.pointee.types
      var made = Known(kind: .cell)
      if source.type == UInt(bitPattern: types.list) { made = .cell(types.listIterator) }
      if source.type == UInt(bitPattern: types.tuple) { made = .cell(types.tupleIterator) }
      // Whoever ends the loop looks for it in the frame, where the step puts it.
      step(MachineSteps.iterate, made)
    }
  }

#endif
