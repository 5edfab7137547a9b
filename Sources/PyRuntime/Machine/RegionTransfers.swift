#if arch(x86_64)

  // How machine code hands over: instructions that the interpreter's handlers execute, calls that push frames, returns. Whenever other code than the
  // region's runs, everything is in the frame.

  extension RegionEmitter {
    // MARK: instructions without machine code

    /// Lets the interpreter's handler execute the instruction at `word`, or calls a Python function.
    /// - Returns: whether the block has ended with it
    /// - Throws: where the region has to be left for it
    func elsewhere(next: Int) throws -> Bool {
      if mayPushFrame() {
        if shape.isWhole {
          continuations.insert(next)
          // What returns a tuple may do the work of the UNPACK behind the call.
          let unpack = (words + next).pointee.instruction
          if unpack == .unpack2 || unpack == .unpackN { continuations.insert(next + InstructionTable.shared.length(words + next)) }
          if try directCall(next) {
            // The place behind it is none yet: this pass only looks for more.
            return shape.continuations.contains(next)
          }
        } else {
          // What the interpreter has not met may be of numbers: another attempt takes it as it is, and only when that fails the function is wanted.
          if !isOperator || !isCold || isOftenMissed { needsWhole = true }
          throw LeftToInterpreter()
        }
      }
      guard Threaded.isUsed else { throw LeftToInterpreter() }
      storeAll()
      execute()
      return goOn(next)
    }

    /// The interpreter has learnt nothing where it could: the instruction is hardly ever executed.
    var isCold: Bool {
      InstructionTable.shared.length(pc) > 1 && InstructionTable.shared[pc.pointee.instruction].base == nil && Quickening.mayQuicken(pc)
    }

    /// An operator for which the interpreter has learnt no form
    private var isOperator: Bool {
      switch pc.pointee.instruction {
      case .binaryOp, .compareOp, .getItem, .setItem, .getIter: return true
      default: return false
      }
    }
    private var isOftenMissed: Bool { missed?.contains(word) ?? false }
    /// In a loop by itself: an operator that was left to the interpreter again and again when the loop was compiled before
    var needsFrame: Bool { !shape.isWhole && isOftenMissed && isOperator }

    /// A call by a site that has met no builtin function
    var isCallOfFunction: Bool {
      switch pc.pointee.instruction {
      case .call, .call1, .callMethod, .callMethod1: return shape.isWhole
      default: return false
      }
    }

    /// Whether the instruction may push a frame to whose return the interpreter would go on behind it.
    private func mayPushFrame() -> Bool {
      let form = pc.pointee.instruction
      switch form {
      case .call, .call1, .callMethod, .callMethod1, .callKw, .callMethodKw, .callEx, .withExit, .loadAttrProperty, .loadAttrHook,
        .loadAttrGet, .loadAttrMany, .binaryOp, .compareOp,
        .getItem, .setItem, .getIter, .forIter, .forIterGenerator, .yieldValue, .yieldFrom, .callGather, .call1Gather, .callMethodGather,
        .callMethod1Gather:
        return true
      default: return false
      }
    }

    /// Stores what will be read into the frame.
    func storeAll() {
      for r in 0..<ownCount where !slots[r].inMemory && liveness.isLive(r, at: word) { box(r) }
    }

    /// Has the instruction executed; rax says where it goes on in this frame.
    private func execute() {
      a.move(.rdi, imm: UInt64(UInt(bitPattern: pc)))
      a.move(.rdx, imm: UInt64(UInt(bitPattern: constants)))
      a.move(.rax, imm: stubs.step)
      a.call(.rax)
    }

    private func goOn(_ next: Int) -> Bool {
      var places = shape.successors(word)
      guard let last = places.popLast() else {
        jump(to: stubs.arrive)
        return true
      }
      let iteration = RegionShape.baseForm(pc.pointee) == .forLoop ? word + pc.pointee.target - 2 : word
      if RegionShape.givesPairs(words[iteration].instruction) { places.append(iteration + 4) }
      let ends = !places.isEmpty || last != next
      reset()
      let before = slots
      for place in places where shape.block(at: place) != nil {
        let other = a.label()
        a.move(.rcx, imm: UInt64(UInt(bitPattern: words + place)))
        a.alu(.cmp, .rax, .rcx)
        a.jump(.notEqual, other)
        reload()
        settle([place])
        a.jump(self.place(place))
        a.bind(other)
        slots = before
      }
      let elsewhere = a.label()
      asides.append(Aside(label: elsewhere) { self.jump(to: self.stubs.arrive) })
      a.move(.rcx, imm: UInt64(UInt(bitPattern: words + last)))
      a.alu(.cmp, .rax, .rcx)
      a.jump(.notEqual, elsewhere)
      reload()
      if ends {
        settle([last])
        fall(to: last)
      }
      return ends
    }

    /// What is known behind the instruction at hand after other code has run: everything is in the frame, and numbers of types and shapes may be others.
    func reset() {
      let written = writtenLocals()
      let localCount = shape.code.pointee.localCount
      for r in slots.indices {
        var slot = Slot()
        if r < ownCount, r < localCount, !written.contains(r) {
          slot.known = Known(kind: slots[r].known.kind, type: slots[r].known.type)
          slot.hint = slots[r].hint
        }
        slots[r] = slot
      }
      for i in 0..<16 {
        gpOwner[i] = -1
        xmmOwner[i] = -1
      }
      gpLocked = 0
      xmmLocked = 0
    }

    /// Brings pinned registers back.
    func reload() {
      for r in 0..<ownCount {
        guard let pin = pins[r] else { continue }
        switch pin.form {
        case .int: if slots[r].known.kind != .int { continue }
        case .float: if slots[r].known.kind != .float { continue }
        case .boxed: break
        }
        a.load(.rax, Address(RegionEmitter.frame, 8 * r))
        load(pin)
        switch pin.form {
        case .boxed: slots[r].boxed = Int8(pin.number)
        case .int: slots[r].int = Int8(pin.number)
        case .float: slots[r].xmm = Int8(pin.number)
        }
      }
    }

    /// Variables that the instruction at hand gives new values.
    private func writtenLocals() -> Set<Int> {
      let w = pc.pointee
      let info = InstructionTable.shared[w.instruction]
      var written: Set<Int> = []
      for (role, field) in [(info.a, w.a), (info.b, w.b), (info.c, w.c)] {
        switch role {
        case .destination, .update: written.insert(Int(field))
        case .destinationPair: written.formUnion([Int(field), Int(field) + 1])
        default: break
        }
      }
      switch info.base ?? w.instruction {
      case .unpackN: for i in 0..<Int(w.b) { written.insert(UnpackInstructions.destination(pc, i)) }
      case .unpackEx: for i in 0...Int(w.b) + Int(w.c) { written.insert(UnpackInstructions.destination(pc, i)) }
      case .copyFree: for i in 0..<Int(w.b) { written.insert(Int(w.a) + i) }
      case .forIter, .forLoop, .forUnpack2:
        let iteration = pc + (info.base ?? w.instruction == .forLoop ? w.target - 2 : 0)
        written.insert(Int(iteration.pointee.a))
        let unpack = (iteration + 2).pointee
        if unpack.instruction == .unpack2 { written.formUnion([Int(unpack.a), Int(unpack.b)]) }
        written.formUnion([Int(iteration.pointee.b), Int(iteration.pointee.c)])
      default: break
      }
      return written
    }

    // MARK: calls

    /// Pushes the frame of a Python function and goes on in its machine code, or in the interpreter.
    /// - Returns: false for other calls
    private func directCall(_ next: Int) throws -> Bool {
      let w = pc.pointee
      var callee = Int(w.b) + FrameLayout.calleeOffset
      var count = Int(w.c)
      var last: Int?
      var isMethod: Bool? = false
      switch w.instruction {
      case .call: break
      case .call1:
        count = 1
        last = callee + 1
      case .callMethod, .callMethod1:
        if w.instruction == .callMethod1 {
          count = 1
          last = callee + 2
        }
        isMethod = slots[callee].constant.map { !$0.isNull } ?? (slots[callee].known.kind == .cell ? true : nil)
        if isMethod == false { callee += 1 } else { count += 1 }
      default: return false
      }
      guard calls.isEmpty, callee + 1 + count <= ownCount else { return false }
      fusePoint()
      let certain = slots[callee].constant, guess = certain ?? slots[callee].hint
      if let last {
        let g = boxed(operand: w.c)
        a.store(Address(RegionEmitter.frame, 8 * last), g)
        forget(last)
        slots[last].inMemory = true
      }
      storeAll()
      let slowly = a.label()
      let instruction = UInt64(UInt(bitPattern: pc))
      asides.append(
        Aside(label: slowly) {
          guard Threaded.isUsed else {
            self.a.move(.rax, imm: instruction)
            return self.a.jump(self.epilogue)
          }
          self.a.move(.rdi, imm: instruction)
          self.a.move(.rdx, imm: UInt64(UInt(bitPattern: self.constants)))
          self.jump(to: self.stubs.call)
        })
      if isMethod == nil {
        a.load(.rdi, Address(RegionEmitter.frame, 8 * callee))
        a.test(.rdi, .rdi)
        a.jump(.equal, slowly)
      }
      if isGenerator {
        // The arguments have to be copied.
        a.jump(slowly)
      } else if let guess, let target = CallTarget(guess, count) {
        let other = certain == nil ? a.label() : slowly
        push(callee, target, certain != nil, other, slowly)
        if certain == nil {
          asides.append(Aside(label: other) { self.push(callee, count, slowly, instruction) })
        }
      } else if !(guess.map { instantiate(callee, count, $0, certain != nil, slowly) } ?? false) {
        if certain == nil { push(callee, count, slowly, instruction) } else { a.jump(slowly) }
      }
      arrive(next)
      return true
    }

    /// A Python function that a call enters at once.
    private struct CallTarget {
      var function: Value
      var code: UnsafeMutablePointer<CodeLayout>
      /// The callee is a bound method of it.
      var isBound = false
      /// Arguments that it gets, the receiver of a bound method included, and those that it takes
      var given: Int, wanted: Int
      /// Its tuple of defaults, if some of them stand for arguments left out, else null
      var defaults = Value.null

      /// - Parameter count: arguments of the call
      /// - Returns: nil for what is no such function, or has not been called before
      init?(_ callee: Value, _ count: Int) {
        isBound = callee.isExact(rt.types.boundMethod)
        function = isBound ? callee.as(BoundMethodLayout.self).pointee.function : callee
        given = isBound ? count + 1 : count
        guard function.isExact(rt.types.function), case let f = function.as(FunctionLayout.self), f.pointee.code.isExact(rt.types.code)
        else { return nil }
        code = f.pointee.code.as(CodeLayout.self)
        wanted = Int(code.pointee.simpleArgs)
        guard let lowered = code.lowered, code.pointee.entry == lowered.pointee.words, wanted >= given, wanted - given <= 9,
          Int(code.pointee.nlocalsplus) - given <= 16
        else { return nil }
        if wanted > given {
          defaults = f.pointee.defaults
          guard defaults.isExact(rt.types.tuple), defaults.as(TupleLayout.self).pointee.count >= wanted - given else { return nil }
        }
      }

      /// The value of a parameter left out
      func value(_ parameter: Int) -> Value {
        let tuple = defaults.as(TupleLayout.self)
        return tuple.items[tuple.pointee.count - wanted + parameter]
      }
    }

    /// A function that is known. What lies in `callee` may be something else unless it is certain.
    private func push(_ callee: Int, _ target: CallTarget, _ isCertain: Bool, _ other: Label, _ slowly: Label) {
      let function = target.function, code = target.code
      guard let lowered = code.lowered else { return }
      kept.append(function)
      kept.append(function.as(FunctionLayout.self).pointee.code)
      let isCallee = !target.isBound
      if !isCallee {
        a.load(.rdi, Address(RegionEmitter.frame, 8 * callee))
        if !isCertain {
          a.address(.rax, Address(.rdi, -1))
          a.shift(.right, .rax, 47)
          a.jump(.notEqual, other)
        }
        a.move(.rax, imm: UInt64(UInt(bitPattern: rt.pointee.types.boundMethod)))
        a.alu(.cmp, .rax, Address(.rdi, 0))
        a.jump(.notEqual, other)
      }
      a.move(.rax, imm: function.bits)
      if !isCallee || !isCertain {
        a.alu(.cmp, .rax, isCallee ? Address(RegionEmitter.frame, 8 * callee) : Address(.rdi, Offsets.boundFunction))
        a.jump(.notEqual, other)
      }
      a.move(.rcx, imm: function.as(FunctionLayout.self).pointee.code.bits)
      a.alu(.cmp, .rcx, Address(.rax, Offsets.functionCode))
      a.jump(.notEqual, slowly)
      if !target.defaults.isNull {
        kept.append(target.defaults)
        a.move(.rcx, imm: target.defaults.bits)
        a.alu(.cmp, .rcx, Address(.rax, Offsets.functionDefaults))
        a.jump(.notEqual, slowly)
      }
      let frame = callee + 1, top = frame + Int(code.pointee.registerCount)
      if !isCallee { a.move(.r8, .rax) }
      a.address(.rdx, Address(RegionEmitter.frame, 8 * top))
      askForFrame(slowly)
      beginFrame()
      if !isCallee {
        for i in (1..<target.given).reversed() {
          a.load(.rax, Address(RegionEmitter.frame, 8 * (frame + i - 1)))
          a.store(Address(RegionEmitter.frame, 8 * (frame + i)), .rax)
        }
        a.load(.rax, Address(.rdi, Offsets.boundReceiver))
        a.store(Address(RegionEmitter.frame, 8 * frame), .rax)
        a.store(Address(RegionEmitter.frame, 8 * callee), .r8)
      }
      for r in target.given..<target.wanted {
        a.move(.rax, imm: target.value(r).bits)
        a.store(Address(RegionEmitter.frame, 8 * (frame + r)), .rax)
      }
      a.alu(.xor, .rax, .rax)
      for r in target.wanted..<max(target.wanted, Int(code.pointee.nlocalsplus)) {
        a.store(Address(RegionEmitter.frame, 8 * (frame + r)), .rax)
      }
      a.move(.rax, imm: UInt64(UInt(bitPattern: pc)))
      endFrame(frame)
      enterFunction(lowered)
    }

    /// A function that is not known, if it has machine code.
    private func push(_ callee: Int, _ count: Int, _ slowly: Label, _ instruction: UInt64) {
      let frame = callee + 1
      a.load(.rdi, Address(RegionEmitter.frame, 8 * callee))
      a.address(.rax, Address(.rdi, -1))
      a.shift(.right, .rax, 47)
      a.jump(.notEqual, slowly)
      a.move(.rax, imm: UInt64(UInt(bitPattern: rt.pointee.types.function)))
      a.alu(.cmp, .rax, Address(.rdi, 0))
      a.jump(.notEqual, slowly)
      a.load(.rdi, Address(.rdi, Offsets.functionCode))
      a.alu32(.cmp, Address(.rdi, Offsets.codeSimpleArgs), imm: Int32(count))
      a.jump(.notEqual, slowly)
      a.load(.r8, Address(.rdi, Offsets.codeLowered))
      a.load(.r8, Address(.r8, Offsets.machineEntry))
      a.test(.r8, .r8)
      a.jump(.equal, slowly)
      a.load(.rcx, Address(.rdi, Offsets.codeRegisterCount), bytes: 4, signed: true)
      a.address(.rdx, Address(RegionEmitter.frame, 8 * frame, index: .rcx, shift: 3))
      askForFrame(slowly)
      beginFrame()
      a.load(.rcx, Address(.rdi, Offsets.codeLocals), bytes: 4, signed: true)
      a.move(.rdx, imm: UInt64(count))
      a.alu(.xor, .rax, .rax)
      let next = a.label(), end = a.label()
      a.bind(next)
      a.alu(.cmp, .rdx, .rcx)
      a.jump(.greaterEqual, end)
      a.store(Address(RegionEmitter.frame, 8 * frame, index: .rdx, shift: 3), .rax)
      a.alu(.add, .rdx, imm: 1)
      a.jump(next)
      a.bind(end)
      a.move(.rax, imm: instruction)
      endFrame(frame)
      a.jump(.r8)
    }

    /// Makes an instance of a class that is known, from a free list, and pushes the frame of its `__init__`, as `Calls.frameAtOnce` does.
    /// - Returns: false for what is no such class
    private func instantiate(_ callee: Int, _ count: Int, _ cls: Value, _ isCertain: Bool, _ slowly: Label) -> Bool {
      guard cls.isExact(rt.types.type), case let type = cls.asType, type.pointee.version != 0, let plan = Calls.Instantiation(type, count),
        CallTarget(plan.initializer, plan.wanted)?.code == plan.code, let lowered = plan.code.lowered, plan.wanted - count <= 9,
        case let size = type.pointee.totalInstanceSize, size >= 16, size <= 256
      else { return false }
      for object in [cls, plan.initializer, plan.initializer.as(FunctionLayout.self).pointee.code, plan.defaults] where !object.isNull {
        kept.append(object)
      }
      a.move(.rdi, imm: cls.bits)
      if !isCertain {
        a.alu(.cmp, .rdi, Address(RegionEmitter.frame, 8 * callee))
        a.jump(.notEqual, slowly)
      }
      a.alu32(.cmp, Address(.rdi, Offsets.typeVersion), imm: Int32(bitPattern: type.pointee.version))
      a.jump(.notEqual, slowly)
      a.move(.r8, imm: plan.initializer.bits)
      a.move(.rax, imm: plan.initializer.as(FunctionLayout.self).pointee.code.bits)
      a.alu(.cmp, .rax, Address(.r8, Offsets.functionCode))
      a.jump(.notEqual, slowly)
      if plan.wanted > count + 1 {
        a.move(.rax, imm: plan.defaults.bits)
        a.alu(.cmp, .rax, Address(.r8, Offsets.functionDefaults))
        a.jump(.notEqual, slowly)
      }
      let frame = callee + 2
      a.address(.rdx, Address(RegionEmitter.frame, 8 * (frame + Int(plan.code.pointee.registerCount))))
      askForFrame(slowly)
      // The object
      let list = rt.heapPointer.pointee.freeLists + (size - 1) >> HeapGeometry.granuleShift
      a.move(.r9, imm: UInt64(UInt(bitPattern: list)))
      a.load(.rax, Address(.r9, 0))
      a.test(.rax, .rax)
      a.jump(.equal, slowly)
      a.load(.r10, Address(.rax, Offsets.freeCellNext))
      a.store(Address(.r9, 0), .r10)
      a.alu(.xor, .r10, .r10)
      for offset in stride(from: 8, to: (size + 15) & ~15, by: 8) { a.store(Address(.rax, offset), .r10) }
      a.store(Address(.rax, 0), .rdi)
      let attributes = Int(type.pointee.attributesOffset)
      if attributes > 0 {
        a.move(.r9, imm: UInt64(UInt(bitPattern: type.pointee.rootShape)))
        a.store(Address(.rax, attributes + Offsets.storageShape), .r9)
      }
      beginFrame()
      for i in (0..<count).reversed() {
        a.load(.rcx, Address(RegionEmitter.frame, 8 * (callee + 1 + i)))
        a.store(Address(RegionEmitter.frame, 8 * (frame + 1 + i)), .rcx)
      }
      a.store(Address(RegionEmitter.frame, 8 * (callee + 1)), .r8)
      a.store(Address(RegionEmitter.frame, 8 * frame), .rax)
      a.store(Address(RegionEmitter.frame, 8 * Int(pc.pointee.b)), .rax)
      for i in 0..<max(0, plan.wanted - count - 1) {
        a.move(.rax, imm: plan.defaults.as(TupleLayout.self).items[plan.given + i].bits)
        a.store(Address(RegionEmitter.frame, 8 * (frame + 1 + count + i)), .rax)
      }
      for r in plan.wanted..<max(plan.wanted, Int(plan.code.pointee.nlocalsplus)) {
        a.store(Address(RegionEmitter.frame, 8 * (frame + r)), .r10)
      }
      a.move(.rax, imm: UInt64(UInt(bitPattern: pc)))
      endFrame(frame, FrameLink.initializer)
      enterFunction(lowered)
      return true
    }

    /// Goes on at the first word of the function whose frame has been pushed.
    private func enterFunction(_ lowered: UnsafeMutablePointer<LoweredCode>) {
      a.move(.rax, imm: UInt64(UInt(bitPattern: lowered)) + UInt64(Offsets.machineEntry))
      a.load(.rcx, Address(.rax, 0))
      a.test(.rcx, .rcx)
      let isCold = a.label()
      a.jump(.equal, isCold)
      a.jump(.rcx)
      asides.append(Aside(label: isCold) { self.jump(to: self.stubs.enterCold) })
    }

    /// Asks for what `Calls.pushPlain` does, for a frame that ends at rdx. The thread is in rsi and its depth in rcx afterwards; takes rax, r9.
    private func askForFrame(_ slowly: Label) {
      a.move(.rax, imm: address(of: 0))
      a.alu32(.cmp, Address(.rax, Offsets.evalBreaker), imm: 0)
      a.jump(.notEqual, slowly)
      a.load(.rsi, Address(.rsp, RegionEmitter.threadOffset))
      a.load(.rcx, Address(.rsi, Offsets.threadDepth))
      a.address(.r9, Address(.rcx, 4))
      a.alu(.cmp, .r9, Address(.rax, Offsets.recursionLimit))
      a.jump(.greaterEqual, slowly)
      a.address(.r9, Address(.rdx, 8 * ThreadState.reserve))
      a.alu(.cmp, .r9, Address(.rsi, Offsets.threadStackLimit))
      a.jump(.aboveEqual, slowly)
    }
    /// Counts the frame.
    private func beginFrame() {
      a.alu(.add, .rcx, imm: 1)
      a.store(Address(.rsi, Offsets.threadDepth), .rcx)
      a.store(Address(.rsi, Offsets.threadStackTop), .rdx)
    }
    /// Makes the frame at a register the innermost one, of a call at the instruction whose address is in rax.
    private func endFrame(_ frame: Int, _ flags: UInt64 = 0) {
      a.store(Address(RegionEmitter.frame, -16), .rax)
      a.alu(.xor, .rax, .rax)
      a.store(Address(RegionEmitter.frame, 8 * frame - 32), .rax)
      if flags == 0 {
        a.store(Address(RegionEmitter.frame, 8 * frame - 24), RegionEmitter.frame)
      } else {
        a.address(.rax, Address(RegionEmitter.frame, Int(flags)))
        a.store(Address(RegionEmitter.frame, 8 * frame - 24), .rax)
      }
      a.address(RegionEmitter.frame, Address(RegionEmitter.frame, 8 * frame))
      a.store(Address(.rsi, Offsets.threadFrame), RegionEmitter.frame)
    }

    /// The block behind the call at hand is entered when it has returned.
    private func arrive(_ next: Int) {
      reset()
      if let b = shape.block(at: next) { meet(b) }
    }

    // MARK: returns

    /// RETURN: back to the caller, in machine code if there is any.
    func giveBack() throws {
      guard calls.isEmpty else { throw LeftToInterpreter() }
      fusePoint()
      a.move(.rax, boxed(operand: pc.pointee.a))
      a.load(.rcx, Address(RegionEmitter.frame, -24))
      a.move(.rdx, imm: FrameLink.flags)
      a.alu(.and, .rdx, .rcx)
      let slowly = a.label(), flagged = a.label(), plain = a.label()
      a.jump(.notEqual, flagged)
      a.load(.rdx, Address(RegionEmitter.frame, -32))
      a.test(.rdx, .rdx)
      a.jump(.notEqual, slowly)
      // An `__init__` that was called for a new object: that is the result.
      asides.append(
        Aside(label: flagged) {
          self.a.alu(.cmp, .rdx, imm: Int32(FrameLink.initializer))
          self.a.jump(.notEqual, slowly)
          self.a.move(.rdx, imm: Value.none.bits)
          self.a.alu(.cmp, .rax, .rdx)
          self.a.jump(.notEqual, slowly)
          self.a.load(.rdx, Address(RegionEmitter.frame, -32))
          self.a.test(.rdx, .rdx)
          self.a.jump(.notEqual, slowly)
          // Calls of other lengths have no number.
          self.a.load(.rdx, Address(.rcx, -16 - Int(FrameLink.initializer)))
          let isCall = self.a.label()
          for form in [Instruction.call, .call1, .callMethod, .callMethod1] {
            self.a.compareByte(Address(.rdx, 0), imm: form.rawValue)
            self.a.jump(.equal, isCall)
          }
          self.a.jump(slowly)
          self.a.bind(isCall)
          self.a.alu(.and, .rcx, imm: -8)
          self.a.load(.rdx, Address(.rdx, 4), bytes: 2, signed: false)
          self.a.load(.rax, Address(.rcx, 0, index: .rdx, shift: 3))
          self.a.jump(plain)
        })
      let values = slots, owners = (gpOwner, xmmOwner), at = word
      asides.append(
        Aside(label: slowly) {
          self.slots = values
          (self.gpOwner, self.xmmOwner) = owners
          let here = self.word
          self.word = at
          self.storeAll()
          if Threaded.isUsed {
            self.execute()
            self.jump(to: self.stubs.arrive)
          } else {
            self.a.move(.rax, imm: UInt64(UInt(bitPattern: self.pc)))
            self.a.jump(self.epilogue)
          }
          self.word = here
        })
      a.bind(plain)
      a.load(.rdx, Address(.rsp, RegionEmitter.threadOffset))
      a.store(Address(.rdx, Offsets.threadFrame), .rcx)
      a.alu(.sub, Address(.rdx, Offsets.threadDepth), imm: 1)
      // The number of the place behind the call is in the upper half of its cache word.
      a.load(.rsi, Address(.rcx, -16))
      a.load32(.rsi, Address(.rsi, 12))
      a.move(.rdi, imm: UInt64(UInt(bitPattern: MachineSites.returns)))
      a.move(.rdx, RegionEmitter.frame)
      a.move(RegionEmitter.frame, .rcx)
      a.load(.rcx, Address(.rdi, 0, index: .rsi, shift: 3))
      a.jump(.rcx)
    }
  }

#endif
