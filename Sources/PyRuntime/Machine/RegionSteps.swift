#if arch(x86_64)

  // What a region leaves to a function, an instruction or call at a time (`MachineSteps`). Operands are brought into the frame, where the function finds
  // them and puts its result. It does all or nothing, so its failure is a guard like others.

  extension RegionEmitter {
    /// Brings the value of a register of the frame there.
    func bringToFrame(_ r: Int) {
      if slots[r].pair != nil { isBroken = true }
      if !slots[r].inMemory { box(r) }
    }
    /// The value of a register lies in the frame alone.
    func takeFromFrame(_ r: Int, _ known: Known = .any) {
      forget(r)
      slots[r].inMemory = true
      slots[r].known = known
    }

    /// Where natives put what they need: above registers of inlined functions.
    private var top: Argument { calls.isEmpty ? .bits(0) : .place(slots.count) }

    /// Whoever looks at the frame finds it at the instruction; within an inlined function at the call.
    private func markPlace() {
      a.move(.rax, imm: UInt64(UInt(bitPattern: shape.code.pointee.words + (calls.first?.callerWord ?? word))))
      a.store(Address(RegionEmitter.frame, -16), .rax)
    }

    /// Calls a step for the instruction at hand; its answer is in rax, and the region is left when that is 0.
    func callStep(_ function: UnsafeRawPointer) {
      for r in operands() { bringToFrame(r) }
      markPlace()
      call(
        function,
        [
          .place(base), .bits(UInt64(UInt(bitPattern: constants))), .bits(UInt64(UInt(bitPattern: pc))), top,
        ])
      a.test(.rax, .rax)
    }

    /// Leaves the instruction at hand to a function.
    /// - Parameter written: what is certain of its result
    func step(_ function: UnsafeRawPointer, _ written: Known = .any, hasEffect: Bool = false) {
      fusePoint()
      callStep(function)
      a.jump(.equal, miss())
      if hasEffect { noteEffect() }
      let info = InstructionTable.shared[pc.pointee.instruction]
      if info.a == .destination || info.a == .destinationPair { takeFromFrame(register(pc.pointee.a), written) }
      if info.a == .destinationPair { takeFromFrame(register(pc.pointee.a) + 1) }
    }

    /// Registers that the instruction at hand reads
    func operands() -> [Int] {
      let w = pc.pointee
      let info = InstructionTable.shared[w.instruction]
      var fields: [UInt16] = []
      for (role, field) in [(info.a, w.a), (info.b, w.b), (info.c, w.c)] where role == .register || role == .operand || role == .update {
        fields.append(field)
      }
      var registers: [Int] = []
      switch info.base ?? w.instruction {
      case .getSlice, .setSlice: fields.append(UInt16(truncatingIfNeeded: pc.w0))
      case .buildTuple, .buildList, .buildSet, .buildString: registers = (0..<Int(w.c)).map { register(w.b) + $0 }
      case .buildMap: registers = (0..<2 * Int(w.c)).map { register(w.b) + $0 }
      case .buildSlice3: registers = (0..<3).map { register(w.b) + $0 }
      default: break
      }
      for field in fields where field & Encoding.constantBit == 0 { registers.append(register(field)) }
      return registers
    }

    // MARK: subscripts

    /// BUILD_SLICE whose slice is only the key of the GETITEM behind it: it is never made.
    /// - Returns: false if it is another
    func sliceAndItem(_ next: Int) -> Bool {
      let w = pc.pointee, item = words[next], d = Int(w.a)
      guard calls.isEmpty, next == word + 1, next < shape.end, RegionShape.baseForm(item) == .getItem, item.c == w.a, item.b != w.a,
        shape.block(at: next) == nil, d >= shape.code.pointee.localCount, item.a == w.a || !liveness.isLive(d, at: next + 2)
      else { return false }
      fusePoint()
      if item.b & Encoding.constantBit == 0 { bringToFrame(register(item.b)) }
      let container = known(item.b)
      callStep(MachineSteps.sliceItem)
      a.jump(.equal, miss())
      takeFromFrame(register(item.a), container.type == 0 ? .any : Known(kind: .cell, type: container.type))
      following = next + InstructionTable.shared.length(words + next)
      return true
    }

    // MARK: operators

    /// BINARY_OP of what are not two numbers.
    func binaryStep() throws {
      let w = pc.pointee
      let x = known(w.b), y = known(w.c), number = Int(pc.w0 & 0xFF)
      // A site that has not been met, or one of ints: the interpreter learns more.
      let isCertain = x.type != 0 || y.type != 0 || w.instruction == .addStr
      guard isCertain || !isUnmet(pc) else { throw LeftToInterpreter() }
      if calls.isEmpty { stepped.insert(word) }
      var made = Known.any
      if x.type != 0, x.type == y.type, number == BinaryOp.add.rawValue { made = x }
      if w.instruction == .addStr { made = .cell(rt.types.str) }
      step(MachineSteps.binary, made, hasEffect: number >= BinaryOp.firstInplace && w.instruction != .addStr)
    }

    /// SETITEM of lists and dicts at sites that have no quickened form, and of slices of lists
    func storeItemStep() throws {
      let w = pc.pointee
      let isSlice = known(w.b).type == UInt(bitPattern: rt.types.slice)
      guard isSlice || !isUnmet(pc) else { throw LeftToInterpreter() }
      step(MachineSteps.setItem, hasEffect: true)
    }

    // MARK: loops

    /// A step of an iterator by a function, which puts the items into the registers `written`.
    func nextStep(_ function: UnsafeRawPointer, iteration: Int, body: Int, isBack: Bool, _ written: [Int]) {
      let iter = shape.code.pointee.words + iteration
      let exhausted = iteration + iter.pointee.target
      if !isBack { fusePoint() }
      settle([body, iteration, exhausted])
      if isBack { poll() }
      bringToFrame(Int(iter.pointee.b))
      markPlace()
      call(
        function, [.frame, .bits(UInt64(UInt(bitPattern: constants))), .bits(UInt64(UInt(bitPattern: iter))), .bits(0)])
      a.test(.rax, .rax)
      a.jump(.equal, exit(at: iteration, isMiss: false))
      a.alu(.cmp, .rax, imm: 2)
      a.jump(.equal, place(exhausted))
      for r in written { takeFromFrame(r) }
      settle([body])
      if isBack { a.jump(place(body)) } else { fall(to: body) }
    }

    // MARK: calls

    /// What helper functions get for the arguments of a call; nil if there is a tuple among them that was not made.
    private func operands(_ arguments: [Source]) -> [Argument]? {
      var operands: [Argument] = []
      for argument in arguments {
        switch argument {
        case .register(let r): operands.append(.register(r))
        case .constant(let v): operands.append(.bits(v.bits))
        case .pair: return nil
        }
      }
      return operands
    }

    /// A call for which there is a function that takes the arguments as they are; false for others.
    private func callHelper(_ entry: QuietCalls.Entry, _ arguments: [Source], _ result: Int) -> Bool {
      let count = arguments.count
      let helper: UnsafeRawPointer, wanted: ClosedRange<Int>
      switch entry.manner {
      case .dictGet: (helper, wanted) = (Helpers.dictGet, 2...3)
      case .setAdd: (helper, wanted) = (Helpers.setAdd, 2...2)
      case .identity: (helper, wanted) = (Helpers.identity, 1...1)
      case .typeOf: (helper, wanted) = (Helpers.typeOf, 1...1)
      case .subclass: (helper, wanted) = (Helpers.subclass, 2...2)
      case .classes: (helper, wanted) = (Helpers.isInstance, 2...2)
      case .attribute: (helper, wanted) = (Helpers.getAttribute, 2...3)
      case .hasAttribute: (helper, wanted) = (Helpers.hasAttribute, 2...2)
      default: return false
      }
      guard wanted.contains(count) else { return false }
      if entry.manner == .typeOf, case .register(let r) = arguments[0], let type = exactType(r) {
        set(result, constant: Value(type))
        return true
      }
      guard var operands = operands(arguments) else { return false }
      if entry.manner == .dictGet, count == 2 { operands.append(.bits(Value.none.bits)) }
      if entry.manner == .attribute, count == 2 { operands.append(.bits(0)) }
      if entry.manner == .setAdd || entry.manner == .attribute || entry.manner == .hasAttribute { operands.append(top) }
      markPlace()
      call(helper, operands)
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      if entry.hasEffect { noteEffect() }
      set(result, boxed: .rax, entry.result)
      return true
    }

    /// A call of a builtin function, method or type that runs no Python code with such arguments.
    func callQuietly(_ function: Value, _ callee: Int, _ arguments: [Source], _ result: Int) throws {
      // What zip makes may be freed by the loop that its call stands in front of.
      guard let entry = QuietCalls.entry(for: function, arguments.count), arguments.count < 256,
        calls.isEmpty || function != Value(rt.types.zip)
      else { throw LeftToInterpreter() }
      let isKnown = slots[callee].constant != nil
      let isBound = function.isExact(rt.types.builtinFunction) && !function.as(NativeFunctionLayout.self).pointee.module.isStr
      if !isKnown {
        if isBound {
          // One of many of the same method, each of its own receiver.
          let g = boxed(callee)
          if slots[callee].known.type != UInt(bitPattern: rt.types.builtinFunction) {
            if slots[callee].known.kind != .cell { requireCell(g) }
            a.move(.rax, imm: UInt64(UInt(bitPattern: rt.types.builtinFunction)))
            a.alu(.cmp, .rax, Address(g, 0))
            a.jump(.notEqual, miss())
          }
          a.move(.rax, imm: UInt64(UInt(bitPattern: function.as(NativeFunctionLayout.self).pointee.code)))
          a.alu(.cmp, .rax, Address(g, Offsets.nativeCode))
          a.jump(.notEqual, miss())
        } else {
          require(callee, function)
        }
      }
      if try callInline(function, arguments, result) || rangeLoop(function, arguments, result) { return }
      if !isBound, callHelper(entry, arguments, result) { return }
      if function == Value(rt.types.str), arguments.count == 1, let operands = operands(arguments) {
        markPlace()
        call(Helpers.text, operands + [top])
        a.test(.rax, .rax)
        a.jump(.equal, miss())
        set(result, boxed: .rax, entry.result)
        return
      }
      if entry.manner == .classes { bringToFrame(callee) }
      // The arguments behind the callee, where the interpreter has them
      for (i, argument) in arguments.enumerated() {
        let place = Address(RegionEmitter.frame, 8 * (callee + 1 + i))
        switch argument {
        case .register(let r) where r == callee + 1 + i: bringToFrame(r)
        case .register(let r): a.store(place, boxed(r))
        case .constant(let v):
          a.move(.rax, imm: v.bits)
          a.store(place, .rax)
        case .pair: throw LeftToInterpreter()
        }
        gpLocked = 0
        xmmLocked = 0
      }
      markPlace()
      var helper = MachineSteps.call, how = arguments.count | entry.manner.rawValue << 8
      if let looked = QuietCalls.looked(function, arguments.count, entry.manner) {
        let isMethod = function.isExact(rt.types.methodDescriptor)
        helper = isMethod ? MachineSteps.method : MachineSteps.function
        how = arguments.count - (isMethod ? 1 : 0) | looked << 8
      }
      call(
        helper, [isKnown || !isBound ? .bits(function.bits) : .register(callee), .place(callee), .bits(UInt64(how)), top])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      if entry.hasEffect { noteEffect() }
      set(result, boxed: .rax, entry.result)
    }

    /// `range(…)` that is only iterated over by the GET_ITER behind it: makes the iterator at once.
    private func rangeLoop(_ function: Value, _ arguments: [Source], _ result: Int) -> Bool {
      let next = following, iteration = words[next]
      guard function == Value(rt.types.range), (1...3).contains(arguments.count), calls.isEmpty, iteration.instruction == .getIter,
        Int(iteration.b) == result, iteration.a == iteration.b, shape.block(at: next) == nil, next < shape.end
      else { return false }
      guard var bounds = operands(arguments) else { return false }
      if bounds.count == 1 { bounds.insert(.bits(Value(smallInt: 0).bits), at: 0) }
      if bounds.count == 2 { bounds.append(.bits(Value(smallInt: 1).bits)) }
      call(MachineSteps.range, bounds + [.place(result)])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      set(result, boxed: .rax, .cell(rt.types.rangeIterator))
      // Whoever ends the loop looks for it in the frame.
      box(result)
      following = next + InstructionTable.shared.length(words + next)
      return true
    }

    /// The few that are worth code of their own.
    private func callInline(_ function: Value, _ arguments: [Source], _ result: Int) throws -> Bool {
      guard arguments.count == 1, case .register(let r) = arguments[0] else { return false }
      if function == Value(rt.types.float) {
        guard slots[r].known.kind == .int || slots[r].known.kind == .float else { return false }
        let x = try float(r)
        let t = target(result)
        a.move(t, x)
        set(result, float: t)
        return true
      }
      if function == Value(rt.types.int), slots[r].known.kind == .int {
        copy(result, r)
        return true
      }
      return false
    }
  }

#endif
