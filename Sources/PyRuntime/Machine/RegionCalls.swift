#if arch(x86_64)

  // Calls within a region. A Python function is inlined if its code is straight and what it changes, if anything, it changes last: then no frame of it
  // ever has to exist. Each of its guards leaves the region at the call itself, with what the frame was there, and the interpreter makes
  // the call. So tracebacks, recursion limits and `sys._getframe` have nothing to do with it.

  /// A call that is being inlined, and where its caller stands.
  struct InlinedCall {
    var function: Value
    var callerWords: CodePointer, callerConstants: Registers
    var callerBase: Int, callerWord: Int
    var registers: Range<Int>
  }

  extension RegionEmitter {
    enum Source {
      case register(Int)
      case constant(Value)
      /// A tuple that is only taken apart: the registers of its items
      case pair(Int, Int)
    }
    /// Register words of a function that is inlined, and how deep
    private static let longestInlined = 90, deepestInlined = 3

    func source(_ field: UInt16) -> Source {
      field & Encoding.constantBit == 0 ? .register(register(field)) : .constant(constants[Int(field & ~Encoding.constantBit)])
    }
    /// The word of the region at which a guard leaves it
    private var outerWord: Int { calls.first?.callerWord ?? word }

    /// Something has been changed.
    func noteEffect() { if !calls.isEmpty { hasEffect = true } }

    // MARK: calls

    func callFunction() throws {
      let w = pc.pointee
      var callee = register(w.b) + FrameLayout.calleeOffset
      var arguments: [Source] = []
      var count = Int(w.c)
      switch w.instruction.generalCall {
      case .call: arguments = (0..<count).map { .register(callee + 1 + $0) }
      case .call1: arguments = [source(w.c)]
      default:
        guard let method = slots[callee].constant else { throw LeftToInterpreter() }
        if w.instruction.generalCall == .callMethod1 { count = 1 }
        arguments = w.instruction.generalCall == .callMethod1 ? [source(w.c)] : (0..<count).map { .register(callee + 2 + $0) }
        if method.isNull { callee += 1 } else { arguments.insert(.register(callee + 1), at: 0) }
      }
      let slot = slots[callee]
      guard let target = slot.constant ?? slot.hint, target.isCell, !uninlined.contains(outerWord) else { throw LeftToInterpreter() }
      fusePoint()
      if target == rt.pointee.listAppend, slot.constant != nil, arguments.count == 2, case .register(let list) = arguments[0] {
        let item: Argument
        switch arguments[1] {
        case .register(let r): item = .register(r)
        case .constant(let v): item = .bits(v.bits)
        case .pair: throw LeftToInterpreter()
        }
        append(.register(list), item)
        return set(register(w.a), constant: .none)
      }
      if target.isExact(rt.types.function) {
        if calls.isEmpty { makeCheckpoint() }
        if slot.constant == nil { require(callee, target) }
        return try inline(target, arguments, register(w.a))
      }
      if isForeign(target) {
        let isOne = w.instruction.generalCall == .call1 || w.instruction.generalCall == .callMethod1
        return callForeign(target, callee, arguments.count, isOne ? w.c : nil)
      }
      if target == rt.pointee.isInstanceFunction, isInstance(target, callee, arguments, register(w.a)) { return }
      if try callNative(target, callee, arguments, register(w.a)) { return }
      try callQuietly(target, callee, arguments, register(w.a))
    }

    /// `isinstance` of a value whose type is certain and a builtin type: a constant.
    private func isInstance(_ function: Value, _ callee: Int, _ arguments: [Source], _ result: Int) -> Bool {
      guard arguments.count == 2, case .register(let object) = arguments[0], case .register(let cls) = arguments[1],
        let wanted = slots[cls].constant ?? slots[cls].hint, wanted.isCell, wanted.cellType == rt.types.type, let type = exactType(object)
      else { return false }
      if slots[callee].constant == nil { require(callee, function) }
      if slots[cls].constant == nil { require(cls, wanted) }
      set(result, constant: .bool(type.isSubtype(of: wanted.asType)))
      return true
    }

    /// The type of what is in register `r`, where that is certain.
    func exactType(_ r: Int) -> TypeRef? {
      let known = slots[r].known
      if slots[r].pair != nil { return rt.types.tuple }
      switch known.kind {
      case .int: return rt.types.int
      case .float: return rt.types.float
      case .bool: return rt.types.bool
      default: return known.type != 0 ? TypeRef(bitPattern: known.type) : nil
      }
    }

    /// Leaves the region unless register `r` holds the very object.
    func require(_ r: Int, _ target: Value) {
      let g = boxed(r)
      a.move(.rax, imm: target.bits)
      a.alu(.cmp, g, .rax)
      a.jump(.notEqual, miss())
      kept.append(target)
    }

    /// Where the guards of what is inlined now leave the region. What they need is in the frame, or where nothing inlined changes it.
    private func makeCheckpoint() {
      var stores: [(Int, Exit.Store)] = []
      for r in 0..<ownCount where !slots[r].inMemory {
        guard liveness.isLive(r, at: word) else {
          slots[r].inMemory = pins[r] == nil
          continue
        }
        if let pin = pins[r] {
          let number = Int8(pin.number)
          switch pin.form {
          case .boxed where slots[r].boxed == number: stores.append((r, .boxed(GP(number: pin.number))))
          case .int where slots[r].int == number: stores.append((r, .int(GP(number: pin.number))))
          case .float where slots[r].xmm == number: stores.append((r, .float(XMM(number: pin.number))))
          default: box(r)
          }
        } else {
          box(r)
        }
      }
      checkpoint = a.label()
      exits.append(Exit(label: checkpoint, word: word, stores: stores, isMiss: true))
    }

    // MARK: inlining

    private func inline(_ function: Value, _ arguments: [Source], _ result: Int) throws {
      let f = function.as(FunctionLayout.self)
      guard f.pointee.code.isExact(rt.types.code), case let code = f.pointee.code.as(CodeLayout.self), let lowered = code.lowered,
        code.pointee.entry == lowered.pointee.words, code.pointee.flags & 0x2A0 == 0, case let wanted = Int(code.pointee.simpleArgs),
        wanted >= arguments.count,
        lowered.pointee.wordCount <= RegionEmitter.longestInlined, calls.count < RegionEmitter.deepestInlined, !isGenerator
      else { throw LeftToInterpreter() }
      let first = (calls.last?.registers.upperBound ?? ownCount + 4)
      let registers = first..<first + max(Int(code.pointee.registerCount), Int(code.pointee.nlocalsplus)) + 2
      guard registers.upperBound <= slots.count else { throw LeftToInterpreter() }
      let defaults = f.pointee.defaults
      var arguments = arguments
      if wanted > arguments.count {
        guard defaults.isExact(rt.types.tuple), case let tuple = defaults.as(TupleLayout.self),
          case let first = tuple.pointee.count - (wanted - arguments.count), first >= 0
        else { throw LeftToInterpreter() }
        arguments += (first..<tuple.pointee.count).map { .constant(tuple.items[$0]) }
        kept.append(defaults)
        a.move(.rax, imm: function.bits)
        a.move(.rcx, imm: defaults.bits)
        a.alu(.cmp, .rcx, Address(.rax, Offsets.functionDefaults))
        a.jump(.notEqual, miss())
      }
      // The function may be given other code.
      a.move(.rax, imm: function.bits)
      a.move(.rcx, imm: f.pointee.code.bits)
      a.alu(.cmp, .rcx, Address(.rax, Offsets.functionCode))
      a.jump(.notEqual, miss())
      kept.append(function)
      kept.append(f.pointee.code)
      for (i, argument) in arguments.enumerated() {
        gpLocked = 0
        xmmLocked = 0
        switch argument {
        case .register(let r): copy(first + i, r)
        case .constant(let v): set(first + i, constant: v)
        case .pair(let x, let y):
          forget(first + i)
          slots[first + i].pair = (x, y)
        }
      }
      for i in arguments.count..<max(arguments.count, Int(code.pointee.nlocalsplus)) { set(first + i, constant: .null) }
      calls.append(
        InlinedCall(
          function: function, callerWords: words, callerConstants: constants, callerBase: base, callerWord: word, registers: registers))
      words = lowered.pointee.words
      constants = code.pointee.constItems
      base = first
      word = 0
      while pc.pointee.instruction != .returnValue {
        release()
        let length = max(InstructionTable.shared.length(pc), 1)
        following = word + length
        goesOn = false
        if try instruction(next: word + length), !goesOn { throw LeftToInterpreter() }
        word = following
        guard word < lowered.pointee.wordCount else { throw LeftToInterpreter() }
      }
      release()
      let value = source(pc.pointee.a)
      leaveCall()
      switch value {
      case .register(let r): copy(result, r)
      case .constant(let v): set(result, constant: v)
      case .pair: break
      }
      for r in registers {
        forget(r)
        slots[r].inMemory = true
      }
      if isBroken {
        isBroken = false
        uninlined.insert(outerWord)
        hasChanged = true
      }
      if calls.isEmpty {
        hasEffect = false
        inlined.insert(word)
      }
    }

    /// Back to the caller's code.
    private func leaveCall() {
      guard let call = calls.popLast() else { return }
      words = call.callerWords
      constants = call.callerConstants
      base = call.callerBase
      word = call.callerWord
      following = word + max(InstructionTable.shared.length(pc), 1)
    }

    /// The call at hand cannot be inlined: it will not be tried again.
    func abandonCalls() {
      isBroken = false
      hasEffect = false
      guard let outer = calls.first else { return }
      uninlined.insert(outer.callerWord)
      hasChanged = true
      while !calls.isEmpty { leaveCall() }
      for r in ownCount..<slots.count {
        forget(r)
        slots[r].inMemory = true
      }
    }

    // MARK: operators of classes

    /// `container[key]` where that is a Python method; false if the container is no such object.
    func inlineItem(_ container: UInt16, _ key: Source, _ value: Source?, _ result: Int, isChecked: Bool = false) throws -> Bool {
      guard let object = hint(container), object.isCell, case let type = object.cellType, type.pointee.flags.contains(.heapType),
        type.pointee.flags.isDisjoint(with: .foreign), type.pointee.version != 0, !uninlined.contains(outerWord)
      else { return false }
      let method = Types.lookup(type, value == nil ? rt.pointee.names.__getitem__ : rt.pointee.names.__setitem__)
      guard method.isExact(rt.types.function) else { return false }
      if calls.isEmpty && !isChecked { makeCheckpoint() }
      _ = try instance(container, type.pointee.version)
      var arguments = [source(container), key]
      if let value { arguments.append(value) }
      try inline(method, arguments, result)
      return true
    }

    /// TUPLE2 whose tuple is the key of the subscript behind it and nothing else: it is never made.
    /// - Returns: false if it is another
    func pairAndItem(_ next: Int) throws -> Bool {
      let w = pc.pointee
      let item = (words + next).pointee
      let isLoad = item.instruction == .getItem, isStore = item.instruction == .setItem
      let temporary = Int(w.a)
      guard !isGenerator, isLoad && item.c == w.a || isStore && item.b == w.a, calls.isEmpty, temporary >= shape.code.pointee.localCount,
        shape.block(at: next) == nil, !liveness.isLive(temporary, at: next + 2) || isLoad && item.a == w.a,
        (isLoad ? item.b : item.a) != w.a, !isStore || item.c != w.a,
        let container = hint(isLoad ? item.b : item.a), container.isCell, container.cellType.pointee.flags.contains(.heapType)
      else { return false }
      fusePoint()
      makeCheckpoint()
      // Two registers that nothing inlined has
      let pair = (ownCount, ownCount + 1)
      for (d, field) in [(pair.0, w.b), (pair.1, w.c)] {
        switch source(field) {
        case .register(let r): copy(d, r)
        case .constant(let v): set(d, constant: v)
        case .pair: break
        }
      }
      let begin = word
      let done = try inlineItem(
        isLoad ? item.b : item.a, .pair(pair.0, pair.1), isStore ? source(item.c) : nil,
        isLoad ? Int(item.a) : ownCount + 2, isChecked: true)
      for r in ownCount..<ownCount + 4 {
        forget(r)
        slots[r].inMemory = true
      }
      word = begin
      guard done else { throw LeftToInterpreter() }
      following = next + 2
      return true
    }

    // MARK: native functions

    /// Functions of one number whose results are floats, and `len`. False for others.
    private func callNative(_ function: Value, _ callee: Int, _ arguments: [Source], _ result: Int) throws -> Bool {
      guard arguments.count == 1, function.isExact(rt.types.builtinFunction) else { return false }
      let isLength = function == rt.pointee.lenFunction && !wasMissed
      var which = -1
      if !isLength {
        let f = function.as(NativeFunctionLayout.self)
        guard f.pointee.module.isStr, f.pointee.name.isStr else { return false }
        let module = f.pointee.module.swiftString
        which = MathFunction.number(f.pointee.name.swiftString, module)
        guard which >= 0, case .register(let r) = arguments[0], which != MathFunction.abs.rawValue || slots[r].known.kind == .float else {
          return false
        }
      }
      if slots[callee].constant == nil { require(callee, function) }
      let scratch: Int
      switch arguments[0] {
      case .register(let r): scratch = r
      case .constant(let v):
        scratch = callee + 1
        guard scratch < slots.count else { throw LeftToInterpreter() }
        set(scratch, constant: v)
      case .pair: throw LeftToInterpreter()
      }
      if isLength {
        call(Helpers.length, [.register(scratch)])
        a.test(.rax, .rax)
        a.jump(.sign, miss())
        a.shift(.left, .rax, 16)
        set(result, int: .rax)
        return true
      }
      call(Helpers.math, [.register(scratch), .bits(UInt64(which))])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      setFloat(result)
      return true
    }
  }

#endif
