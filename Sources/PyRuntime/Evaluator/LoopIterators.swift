/// Generators, iterators and functions that only an evaluation slot refers to.
///
/// CPython closes the generator of `for x in f(): ...` when the loop is left, because the stack held the only reference. Here that is known
/// where the call that makes a generator is followed by nothing that could keep it: RETURN_GENERATOR looks at the instructions that come
/// next in the frame it returns to. `GeneratorLayout.owner` then names the register that the loop has it in, or says that the generator
/// is the argument of a builtin that lets it go. Nothing looks at `owner` while a loop runs, only where it is left: DROP_ITER (break,
/// return), unwinding, and the end of such a builtin. A stale `owner` is harmless: it is compared with the register that is being left, and
/// what that one holds nobody else has.
///
/// What has come to its end is *freed*, not left to the collector: half of what some programs allocate are iterators, generators and the
/// functions of comprehensions, and the next one lies in memory that is in the cache. That takes more than `owner`, as the reference has to be
/// the only one whatever the bytecode does:
///
///     iterator     made by a GET_ITER for a FOR_ITER with `Encoding.ownsBit` (lowering has seen no copy of it), in the same frame or as the
///                  argument that a comprehension's frame reads once
///     function     of a MAKE_FUNCTION with `Encoding.temporaryBit`: called once, with such an iterator
///     generator    `isTemporary`: claimed for a GET_ITER whose operand nothing else can see, or for a builtin
///     delegate     `isTemporary`: a coroutine or generator that is awaited or delegated to where it was made
///     zip          `isTemporary`: made by a call whose result goes to such a GET_ITER; with it the iterators that it has made itself
///
/// A frame object shows what its frame holds (`show`), `gc` shows everything (`disown`): what has been shown is left to the collector. Registers
/// of frames on the VM stack are scanned conservatively and may go on naming what was freed; those of generators may not.
enum LoopIterators {
  /// `owner` of the first argument of a builtin with `NativeFlags.dropsIterator`.
  static let argument: UInt = 1
  /// `owner` of an iterator that the frame of a comprehension has read to its end: the call's operand is all that is left of it.
  private static let finished: UInt = 2

  // MARK: whose it is

  /// Notes who alone has `generator`, which the frame `made` at its RETURN_GENERATOR is about to return.
  static func claim(_ generator: Value, _ made: Registers) {
    guard generator.isExact(rt.types.generator) else { return claimCoroutine(generator, made) }
    let g = generator.as(GeneratorLayout.self)
    // What a generator expression iterates over has moved into its frame.
    let first = made[0]
    if g.pointee.registerCount > 0, first.isExact(rt.types.generator), first.as(GeneratorLayout.self).pointee.owner == address(made) {
      first.as(GeneratorLayout.self).pointee.owner = address(g.registers)
    }
    let function = made.frameFunction
    let isUnseen = g.registers.frameState.isNull
    if function.pointee.isTemporary {
      if made.frameLink & FrameLink.entry == 0, let maker = made.frameCaller {
        // An iterator that has no owner is somebody else's: of a variable, say, that the loop goes over.
        var isOwned = first.isExact(rt.types.zip) && first.as(ZipLayout.self).pointee.isTemporary
        if let owner = owner(of: first), owner.pointee != 0 {
          owner.pointee = address(g.registers)
          isOwned = true
        }
        // A call in a generator's frame has copied its arguments.
        if maker.isGeneratorFrame, first.isExact(rt.types.generator), case let inner = first.as(GeneratorLayout.self),
          (address(maker)..<address(maker + Int(maker.frameCode.pointee.registerCount))).contains(inner.pointee.owner)
        {
          inner.pointee.owner = address(g.registers)
          isOwned = true
        }
        forget(isOwned ? first : Value(function), Value(function), maker)
      } else {
        function.pointee.isTemporary = false
      }
    }
    var frame = made
    while let caller = frame.frameCaller {
      let link = frame.frameLink
      let pc = caller.framePC
      if link & FrameLink.entry != 0 || pc.pointee.instruction == .getIter {
        // `__iter__` of a class, called for a GET_ITER.
        guard pc.pointee.instruction == .getIter else { return }
        let source = operand(pc.pointee.b, caller, caller.frameCode.pointee.constItems)
        guard Types.lookup(source.type, rt.names.__iter__) == frame.frameCallee else { return }
        g.pointee.owner = place(of: pc, caller)
        g.pointee.isTemporary = isUnseen
        return
      }
      guard link & (FrameLink.generator | FrameLink.initializer) == 0 else { return }
      let register = pc.pointee.a
      guard let length = callLength(pc), isSlot(register, caller), let next = user(of: register, pc + length) else { return }
      if next.pointee.instruction == .returnValue {
        frame = caller
        continue
      }
      g.pointee.owner = owner(of: register, usedAt: next, caller)
      switch next.pointee.instruction {
      case .getIter: g.pointee.isTemporary = isUnseen && next.pointee.c == 1
      case .getYieldFromIter, .getAwaitable: g.pointee.isTemporary = isUnseen && g.pointee.owner != 0
      default: g.pointee.isTemporary = isUnseen && g.pointee.owner == argument
      }
      return
    }
  }

  /// The same for a coroutine, where it is awaited behind the call that makes it.
  @inline(never)
  static func claimCoroutine(_ coroutine: Value, _ made: Registers) {
    guard coroutine.isExact(rt.types.coroutine), made.frameLink & FrameLink.flags == 0, let caller = made.frameCaller,
      case let g = coroutine.as(GeneratorLayout.self), g.registers.frameState.isNull, case let pc = caller.framePC,
      callLength(pc) != nil
    else { return }
    claimCoroutine(g, pc, caller)
  }
  /// The same where the call at `pc` of the frame `caller` is known to be one.
  @inline(__always)
  static func claimCoroutine(_ g: GeneratorRef, _ pc: CodePointer, _ caller: Registers) {
    let next = pc + 2
    guard next.pointee.instruction == .getAwaitable else { return }
    g.pointee.owner = place(ofDelegate: pc.pointee.a, usedAt: next, caller)
    g.pointee.isTemporary = g.pointee.owner != 0
  }

  /// Address of the register that keeps what is in `register` while the YIELD_FROM behind `pc` delegates to it; 0 if that is not what comes next.
  private static func place(ofDelegate register: UInt16, usedAt pc: CodePointer, _ fp: Registers) -> UInt {
    guard pc.pointee.b == register, isSlot(register, fp), isSlot(pc.pointee.a, fp), case let next = pc + 1,
      next.pointee.instruction == .yieldFrom, next.pointee.b == pc.pointee.a
    else { return 0 }
    return address(fp + Int(pc.pointee.a))
  }

  /// Words of the call at `pc`, nil if it is none.
  static func callLength(_ pc: CodePointer) -> Int? {
    switch pc.pointee.instruction.generalCall {
    case .call, .callMethod, .call1, .callMethod1, .callKw, .callMethodKw, .callEx: return 2
    default: return nil
    }
  }

  /// An evaluation slot of the frame, not a variable.
  static func isSlot(_ register: UInt16, _ fp: Registers) -> Bool {
    register & Encoding.constantBit == 0 && Int(register) >= Int(fp.frameCode.pointee.nlocalsplus)
  }
  private static func address(_ register: Registers) -> UInt { UInt(bitPattern: register) }

  /// The instruction from `start` on that may use `register`: what moves other values is stepped over.
  static func user(of register: UInt16, _ start: CodePointer) -> CodePointer? {
    var pc = start
    for _ in 0..<6 {
      switch pc.pointee.instruction {
      case .trace: break
      case .dropCall: if pc.pointee.a == register || pc.pointee.a &+ 1 == register { return pc }
      case .move: if pc.pointee.b == register || pc.pointee.a == register { return pc }
      case .move2:
        if pc.pointee.b == register || pc.pointee.c == register || pc.pointee.a == register || pc.pointee.a &+ 1 == register { return nil }
      default: return pc
      }
      pc += 1
    }
    return nil
  }

  /// `owner` for what is in `register` when the frame comes to `pc`.
  private static func owner(of register: UInt16, usedAt pc: CodePointer, _ fp: Registers) -> UInt {
    switch pc.pointee.instruction {
    case .getIter: return pc.pointee.b == register ? place(of: pc, fp) : 0
    case .getYieldFromIter, .getAwaitable: return place(ofDelegate: register, usedAt: pc, fp)
    case .contains, .notContains: return pc.pointee.c == register && pc.pointee.b != register ? argument : 0
    case .jumpContains, .jumpNotContains: return pc.pointee.b == register && pc.pointee.a != register ? argument : 0
    case .callMethod, .callMethodGather, .callMethodNative:
      // The last argument of `join` or `extend`
      let slot = Int(pc.pointee.b) &+ FrameLayout.calleeOffset
      guard pc.pointee.c == 1, Int(register) == slot &+ 2 else { return 0 }
      return Gathering.takesAll(fp + slot, 2) ? argument : 0
    case .call, .callLen, .callIsInstance, .callNative, .callGather:
      // The callee, a builtin, has been loaded already.
      let base = Int(pc.pointee.b)
      guard Int(register) == base &+ FrameLayout.argumentOffset, pc.pointee.c > 0 else { return 0 }
      if pc.pointee.c == 1, Gathering.takesAll(fp + base + FrameLayout.calleeOffset, 1) { return argument }
      let callee = fp[base &+ FrameLayout.calleeOffset]
      if callee.isExact(rt.types.builtinFunction) {
        return callee.as(NativeFunctionLayout.self).pointee.flags.contains(.dropsIterator) ? argument : 0
      }
      // enumerate(f()) has the generator, and the loop has that.
      guard callee == Value(rt.types.enumerate), pc.pointee.c <= 2, isSlot(pc.pointee.a, fp), let next = user(of: pc.pointee.a, pc + 2),
        next.pointee.instruction == .getIter, next.pointee.b == pc.pointee.a
      else { return 0 }
      return place(of: next, fp)
    default: return 0
    }
  }

  /// Address of the register where the result of the GET_ITER at `pc` stays: for a loop, or as the argument of a comprehension.
  static func place(of pc: CodePointer, _ fp: Registers) -> UInt {
    var register = pc.pointee.a
    guard isSlot(register, fp) else { return 0 }
    guard let next = user(of: register, pc + 1) else { return 0 }
    if next.pointee.instruction == .move, next.pointee.b == register {
      register = next.pointee.a
      guard isSlot(register, fp) else { return 0 }
    }
    return address(fp + Int(register))
  }

  // MARK: letting go

  /// Whether the slot is one that may own what it refers to. A moment's look: the rest is in `drop`.
  @inline(__always)
  static func isOwner(_ slot: Registers) -> Bool {
    let v = slot.pointee
    guard v.isCell else { return false }
    if v.cellType == rt.types.generator { return v.as(GeneratorLayout.self).pointee.owner == UInt(bitPattern: slot) }
    return v.cellType == rt.types.enumerate || v.cellType.pointee.flags.contains(.finalized)
  }

  /// A loop is left whose iterator is in `slot`.
  @inline(never)
  static func drop(_ vm: VM, _ slot: Registers) {
    var v = slot.pointee
    if v.isExact(rt.types.enumerate) { v = v.as(EnumerateLayout.self).pointee.iterator }
    guard v.isExact(rt.types.generator) else { return Temporaries.leave(vm, slot) }
    guard v.as(GeneratorLayout.self).pointee.owner == UInt(bitPattern: slot) else { return }
    slot.pointee = .null
    close(vm, v)
  }

  /// A builtin ends that was called with `v`.
  @inline(__always)
  static func dropArgument(_ vm: VM, _ v: Value) {
    guard v.isExact(rt.types.generator), v.as(GeneratorLayout.self).pointee.owner == argument else { return }
    close(vm, v)
    let g = v.as(GeneratorLayout.self)
    if g.pointee.isTemporary, g.pointee.state == .finished, let frame = vm.thread.pointee.frame {
      free(g, nil, frame.assumingMemoryBound(to: Value.self))
    }
  }

  /// An exception leaves the loops of the frame whose iterators lie from `register` on: the innermost first.
  @inline(__always)
  static func unwind(_ vm: VM, _ fp: Registers, _ lowered: UnsafeMutablePointer<LoweredCode>, from register: Int) {
    let slots = lowered.pointee.iteratorSlots
    if slots != 0 { unwind(vm, fp, lowered.pointee.localCount, slots, register) }
  }

  @inline(never)
  private static func unwind(_ vm: VM, _ fp: Registers, _ base: Int, _ slots: UInt64, _ register: Int) {
    var left = slots & (register &- base < 64 ? ~0 &<< UInt64(max(register &- base, 0)) : 0)
    while left != 0 {
      let bit = 63 &- left.leadingZeroBitCount
      left &= ~(1 &<< UInt64(bit))
      let slot = fp + base + bit
      // A slot that was not written may hold anything.
      guard slot.pointee.isCell, rt.heapPointer.pointee.isLive(slot.pointee.cell), isOwner(slot) else { continue }
      drop(vm, slot)
    }
  }

  /// What the last reference to a generator does when it goes. One that cannot be closed here, for want of stack, is left to the collector.
  @inline(never)
  private static func close(_ vm: VM, _ v: Value) {
    let thread = vm.thread
    let pending = thread.pointee.pending, reraising = thread.pointee.reraising
    thread.pointee.pending = .null
    thread.pointee.reraising = false
    defer {
      thread.pointee.pending = pending
      thread.pointee.reraising = reraising
    }
    var next = v
    while next.isExact(rt.types.generator) {
      let g = next.as(GeneratorLayout.self)
      g.pointee.owner = 0
      guard Generators.canResume(g), !vm.nativeStackIsLow, vm.thread.pointee.recursionDepth &+ 1 < rt.pointee.recursionLimit else { return }
      let registers = g.registers
      // A generator expression holds what it iterates over, unless its variables outlive it.
      var inner = registers[0]
      if g.pointee.registerCount == 0 || registers.frameState.isExact(rt.types.frame) || !inner.isExact(rt.types.generator)
        || inner.as(GeneratorLayout.self).pointee.owner != address(registers)
      {
        inner = .null
      }
      GeneratorType.finalize(vm, next)
      // One that ignores GeneratorExit goes all the same.
      if Generators.canResume(g) { Generators.discard(vm, g) }
      next = inner
    }
  }

  // MARK: freeing

  /// `owner` of an iterator that has one.
  @inline(__always)
  private static func owner(of v: Value) -> UnsafeMutablePointer<UInt>? {
    guard v.isCell, v.cellType.pointee.flags.contains(.ownable) else { return nil }
    return (v.cell + 8).assumingMemoryBound(to: UInt.self)
  }

  /// A GET_ITER has got `iterator` for `source` and puts it into `place`.
  @inline(never)
  static func claimIterator(_ iterator: Value, of source: Value, _ place: Registers) {
    guard let owner = owner(of: iterator) else { return }
    // An iterator is its own: others may have it.
    owner.pointee = iterator != source && makesIterators(source.type) ? address(place) : 0
  }
  /// Types whose `iter` gives a new iterator each time.
  private static func makesIterators(_ type: TypeRef) -> Bool {
    type == rt.types.list || type == rt.types.tuple || type == rt.types.range || type == rt.types.dict || type == rt.types.set
      || type == rt.types.frozenset || type == rt.types.str || type == rt.types.bytes
      || type == rt.types.dictItems || type == rt.types.dictKeys || type == rt.types.dictValues
  }

  /// The FOR_ITER at `pc` has come to the end of its iterator, which is no generator.
  @inline(never)
  static func end(_ fp: Registers, _ pc: CodePointer) {
    guard pc.w0 & Encoding.ownsBit != 0 else { return }
    let slot = fp + Int(pc.pointee.b)
    let v = slot.pointee
    if v.isExact(rt.types.zip) {
      // The call's operand, of which a call in a generator's frame has made a copy.
      let isFreed = end(v.as(ZipLayout.self), slot, fp)
      if isFreed, pc.pointee.b == 0, let caller = fp.frameCaller { forget(v, caller) }
      return
    }
    guard let owner = owner(of: v), owner.pointee != 0 else { return }
    if owner.pointee == address(slot) {
      free(v, slot, fp)
    } else if pc.pointee.b == 0 {
      owner.pointee = finished
    }
  }
  /// Answers whether `z` has been freed.
  private static func end(_ z: UnsafeMutablePointer<ZipLayout>, _ slot: Registers, _ fp: Registers) -> Bool {
    guard z.pointee.isTemporary, !hasShown else { return false }
    let iterators = z.pointee.iterators.as(TupleLayout.self)
    // Those of `zip()` are the empty tuple.
    if iterators.pointee.count == 0 { return false }
    for i in 0..<iterators.pointee.count {
      guard let owner = owner(of: iterators.items[i]), owner.pointee == argument else { continue }
      let iterator = iterators.items[i]
      iterators.items[i] = .null
      rt.heapPointer.pointee.free(iterator.cell)
    }
    // As for a generator
    z.pointee.iterators = rt.pointee.emptyTuple
    z.pointee.isTemporary = false
    rt.heapPointer.pointee.free(UnsafeMutableRawPointer(iterators))
    free(Value(z), slot, fp)
    return true
  }

  /// Notes of `z`, which `zip` has just made of `args`, whether it is for a loop alone, and which of its iterators nothing else has.
  static func claim(_ vm: VM, _ z: UnsafeMutablePointer<ZipLayout>, _ args: Args) {
    guard let frame = vm.thread.pointee.frame, !vm.thread.pointee.isTraced else { return }
    let fp = frame.assumingMemoryBound(to: Value.self), pc = fp.framePC
    switch pc.pointee.instruction.generalCall {
    case .call, .call1: break
    default: return
    }
    guard fp[Int(pc.pointee.b) &+ FrameLayout.calleeOffset] == Value(rt.types.zip), isSlot(pc.pointee.a, fp),
      let next = user(of: pc.pointee.a, pc + 2), next.pointee.instruction == .getIter, next.pointee.b == pc.pointee.a,
      next.pointee.c == 1
    else { return }
    z.pointee.isTemporary = true
    let iterators = z.pointee.iterators.as(TupleLayout.self)
    for i in 0..<iterators.pointee.count where iterators.items[i] != args[i] && makesIterators(args[i].type) {
      owner(of: iterators.items[i])?.pointee = argument
    }
  }

  /// The same where the iterator says that it has ended; whether it does.
  @inline(never)
  static func endAtOnce(_ fp: Registers, _ pc: CodePointer) -> Bool {
    let v = fp[Int(pc.pointee.b)]
    if v.isExact(rt.types.rangeIterator) {
      if v.as(RangeIteratorLayout.self).pointee.remaining > 0 { return false }
    } else {
      guard v.isExact(rt.types.listIterator) || v.isExact(rt.types.tupleIterator), v.as(IndexIteratorLayout.self).pointee.sequence.isNull
      else { return false }
    }
    end(fp, pc)
    return true
  }

  /// A generator has ended for the FOR_ITER at `pc`.
  @inline(__always)
  static func end(_ g: GeneratorRef, _ fp: Registers, _ pc: CodePointer) {
    let slot = fp + Int(pc.pointee.b)
    guard g.pointee.isTemporary, pc.w0 & Encoding.ownsBit != 0, g.pointee.owner == address(slot) else { return }
    free(g, slot, fp)
  }
  /// The same for a coroutine or generator and the YIELD_FROM at `pc`.
  @inline(__always)
  static func endDelegate(_ g: GeneratorRef, _ fp: Registers, _ pc: CodePointer) {
    let slot = fp + Int(pc.pointee.b)
    guard g.pointee.isTemporary, g.pointee.owner == address(slot), slot.pointee == Value(g), !g.pointee.hasFinalizer else { return }
    // Besides `slot` only the operand of the instruction before can name it, which has put it there (`place(ofDelegate:usedAt:)`).
    let operand = (pc - 1).pointee.b
    slot.pointee = .null
    if operand & Encoding.constantBit == 0, fp[Int(operand)] == Value(g) { fp[Int(operand)] = .null }
    freeUnnamed(g)
  }
  /// The generator in `slot`, the argument of a builtin that took all of its items, has ended.
  @inline(__always)
  static func endArgument(_ slot: Registers, _ fp: Registers) {
    guard slot.pointee.isExact(rt.types.generator), case let g = slot.pointee.as(GeneratorLayout.self), g.pointee.isTemporary,
      g.pointee.owner == argument, g.pointee.state == .finished
    else { return }
    free(g, slot, fp)
  }
  /// - Parameter slot: what names it, to be cleared; nil: a register of `fp` at most, the frame that called a builtin
  @inline(never)
  private static func free(_ g: GeneratorRef, _ slot: Registers?, _ fp: Registers) {
    if g.pointee.hasFinalizer { return }
    slot?.pointee = .null
    forget(Value(g), fp)
    freeUnnamed(g)
  }
  /// The same when no register names it any more.
  @inline(__always)
  private static func freeUnnamed(_ g: GeneratorRef) {
    let function = g.pointee.function.as(FunctionLayout.self)
    g.pointee.isTemporary = false
    // The heap may decline the generator, and a word that is scanned conservatively lead to it.
    g.pointee.function = .null
    rt.heapPointer.pointee.free(UnsafeMutableRawPointer(g))
    if function.pointee.isTemporary { rt.heapPointer.pointee.free(UnsafeMutableRawPointer(function)) }
  }

  /// Frees `value`, a tuple that the frame `fp` of a generator has made for the YIELD at which it stands, and that its taker has done with.
  @inline(__always)
  static func freeYielded(_ value: Value, _ fp: Registers) {
    fp[Int(fp.framePC.pointee.b)] = .null
    rt.heapPointer.pointee.free(value.cell)
  }
  /// The same for native code which has got `value` from `iterator`, has run nothing since and keeps nothing of it; if it is such a tuple.
  static func dropYielded(_ vm: VM, _ value: Value, from iterator: Value) {
    guard value.isExact(rt.types.tuple), iterator.isExact(rt.types.generator), case let g = iterator.as(GeneratorLayout.self),
      g.pointee.state == .suspended, !vm.thread.pointee.isTraced
    else { return }
    let pc = g.registers.framePC
    guard pc.pointee.instruction == .yieldValue, pc.pointee.c != 0, g.registers[Int(pc.pointee.b)] == value else { return }
    freeYielded(value, g.registers)
  }

  /// The call of a comprehension has returned: its function in `slot`, the iterator behind it.
  @inline(never)
  static func endCall(_ fp: Registers, _ slot: Registers) {
    let v = slot.pointee
    guard v.isExact(rt.types.function), case let f = v.as(FunctionLayout.self), f.pointee.isTemporary, !f.pointee.hasGenerators else {
      return
    }
    f.pointee.isTemporary = false
    free(v, slot, fp)
    if let owner = owner(of: slot[1]), owner.pointee == finished { free(slot[1], slot + 1, fp) }
  }

  private static func free(_ v: Value, _ slot: Registers?, _ fp: Registers) {
    slot?.pointee = .null
    forget(v, fp)
    rt.heapPointer.pointee.free(v.cell)
  }

  /// Takes `v`, which no variable names, out of the registers of a generator's frame, all of which are traced.
  @inline(__always)
  private static func forget(_ v: Value, _ fp: Registers) { forget(v, v, fp) }
  /// The same of two at once
  @inline(__always)
  private static func forget(_ v: Value, _ w: Value, _ fp: Registers) {
    guard fp.isGeneratorFrame else { return }
    for i in 0..<Int(fp.frameGenerator.pointee.registerCount) where fp[i] == v || fp[i] == w { fp[i] = .null }
  }

  // MARK: being seen

  /// `gc` has shown objects: what a `zip` keeps its iterators in, or a builtin's call gathers items in, may be among them.
  nonisolated(unsafe) private(set) static var hasShown = false

  /// A frame object is made for `fp`: what the frame refers to is seen.
  static func show(_ fp: Registers) {
    fp.frameFunction.pointee.isTemporary = false
    if fp.isGeneratorFrame { fp.frameGenerator.pointee.isTemporary = false }
    if fp.frameCode.pointee.nlocalsplus > 0, let owner = owner(of: fp[0]) { owner.pointee = 0 }
  }

  /// A coroutine or generator that another delegates to becomes known.
  static func share(_ v: Value) {
    guard Generators.isDelegate(v) else { return }
    v.as(GeneratorLayout.self).pointee.owner = 0
    v.as(GeneratorLayout.self).pointee.isTemporary = false
  }

  /// All that is owned is known to others now.
  static func disown(_ v: Value) {
    hasShown = true
    share(v)
    if v.isExact(rt.types.function) { v.as(FunctionLayout.self).pointee.isTemporary = false }
    owner(of: v)?.pointee = 0
    if let type = IOBase.baseType, v.isInstance(of: type) { IOBase.layout(v).pointee.use = .unknown }
  }
}
