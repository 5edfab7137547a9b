#if arch(x86_64)

  /// An instruction of the region that its machine code leaves to the interpreter.
  struct LeftToInterpreter: Error {}

  /// Turns a region into machine code. One pass over its blocks knows for each register what is certain of its value and where that is: in the
  /// frame (boxed), in a register of the processor (boxed, as an int or as a double), or nowhere but in the instruction (a constant). At
  /// the borders of blocks every value is in the frame, but for those of the registers that are *pinned*: the most used ones have a register of
  /// the processor for the whole region, in one representation.
  ///
  /// What is certain at the beginning of a block is what is certain at the ends of all that lead to it: the pass is repeated until that
  /// stays as it is. It begins with the values that the frame has when the region is compiled.
  ///
  /// Registers: rbx the frame's registers, r13 to r15 constants of the boxing; rax, rcx and rdx, xmm0 and xmm1 within an instruction, of which boxing
  /// takes rdx; all others hold values. Ints are kept shifted by 16 bits, so that the processor's overflow is theirs.
  final class RegionEmitter {
    struct Slot {
      var known = Known.any
      /// Registers of the processor that hold the value, or −1
      var boxed: Int8 = -1, int: Int8 = -1, xmm: Int8 = -1
      var constant: Value?
      /// What the value was when the region was compiled: a guess that no code relies on unasked
      var hint: Value?
      /// A tuple that is never made: the registers of its items
      var pair: (Int, Int)?
      var inMemory = true
    }
    struct Pin: Equatable {
      enum Form { case boxed, int, float }
      var form: Form
      var number: UInt8
    }
    /// A place where the machine code is left, and what has to be stored before.
    struct Exit {
      enum Store: Equatable {
        case boxed(GP), int(GP), float(XMM), constant(Value)
      }
      var label: Label
      var word: Int
      var stores: [(register: Int, Store)]
      /// The loop has not come to its end: what counts against the region
      var isMiss: Bool
      /// Machine code of another region is entered at the word.
      var goesOn = false
    }
    /// Code that stands behind the rest.
    struct Aside {
      var label: Label
      var body: () -> Void
    }

    static let pinnable: [GP] = [.rsi, .rdi, .r8, .r9, .r10, .r11, .r12, .rbp]
    static let frame = GP.rbx, doubleLimit = GP.r13, doubleOffset = GP.r14, intTag = GP.r15
    /// Offsets from rsp
    static let fuseOffset = 0, threadOffset = 8, savedOffset = 16
    /// Of a region that a handler has entered: the place, the handlers (else null) and the frame
    static let enteredOffset = savedOffset + 6 * 8 + 14 * 8, handlersOffset = enteredOffset + 8, enteredFrameOffset = enteredOffset + 16
    /// Registers of inlined functions lie above those of the region's frame.
    static let inlinedRegisters = 64 + FrameLayout.headerWords
    static let frameBytes = enteredOffset + 4 * 8 + 8

    let shape: RegionShape
    let liveness: RegionLiveness
    /// The frame when the region is compiled
    let fp: Registers
    /// Of the code that is being emitted, the region's or that of an inlined function
    var constants: Registers
    var words: CodePointer
    /// Number of the first register of that code's frame
    var base = 0
    let entry: UnsafeMutablePointer<MachineEntry>
    let hasFuse: Bool
    /// Its frame lies on the heap, or will.
    let isGenerator: Bool
    /// How often the loop is compiled, this time included: what was wrong to take for granted before is taken otherwise.
    let attempt: Int

    var a = Assembler()
    var slots: [Slot]
    var pins: [Pin?]
    /// By block: what is certain at its beginning; empty while nothing leads there
    var states: [[Known]]
    /// By block: guesses at its beginning, from the first way that leads there
    var hints: [[Value?]]
    var isEmitted: [Bool]
    var hasChanged = false
    /// A way through the region leads from its head to its jump back: not each round is left to the interpreter.
    var cameRound = false
    var labels: [Label] = []
    var epilogue = Label(number: 0)
    var exits: [Exit] = []
    var asides: [Aside] = []

    /// By register of the processor: whose value it holds, −1: nobody's, −2: held for the instruction
    var gpOwner = [Int](repeating: -1, count: 16)
    var xmmOwner = [Int](repeating: -1, count: 16)
    var gpPinned: UInt16 = 0, xmmPinned: UInt16 = 0
    var gpLocked: UInt16 = 0, xmmLocked: UInt16 = 0
    var lastUse = [Int](repeating: 0, count: 32)
    var clock = 0
    /// Word index of the instruction
    var word = 0
    /// Where the emission goes on
    var following = 0
    /// Calls that are being inlined, the outermost first
    var calls: [InlinedCall] = []
    /// Where every guard of an inlined function leaves the region: at the call, with what the frame was then
    var checkpoint = Label(number: 0)
    /// The inlined function has changed something: it cannot be begun again.
    var hasEffect = false
    /// The inlined function goes on behind a jump.
    var goesOn = false
    /// Words of calls that cannot be inlined
    var uninlined: Set<Int> = []
    /// Words of instructions for which a function has been inlined
    var inlined: Set<Int> = []
    /// Words of operators that are left to a function
    var stepped: Set<Int> = []
    /// Words of instructions that are executed by the interpreter's handlers: guards for them have failed too often
    var general: Set<Int> = []
    /// Words at which a whole function is entered and takes no kinds of values for granted: it could often not be entered
    var untyped: Set<Int> = []
    /// Words at which a whole function is entered anew, behind calls; found by the passes
    var continuations: Set<Int> = []
    /// A loop that makes calls is compiled with its whole function.
    var needsWhole = false
    /// Words of jumps back at which loops are entered that are compiled by themselves
    var loops: Set<Int> = []
    /// Labels of the places where the region is entered: from the interpreter, and by a callee that returns
    var entries: [(word: Int, entry: Label, returned: Label?)] = []
    let stubs: MachineStubs
    /// What inlined calls rely on being alive
    var kept: [Value] = []
    /// Words at which the region was left often when it was compiled before; nil: all, for tests
    let missed: Set<Int>?
    /// An instruction was left out only because the interpreter has not met it: the next attempt takes it as it is.
    private(set) var hasUnmet = false
    /// By word: how often the region is left there; by −1 − word: how often a function could not be entered there
    var missCounts: [Int: UnsafeMutablePointer<Int>] = [:]
    /// For `-X jitstats`, by word: instructions without machine code
    var lacking: [Int: String] = [:]
    /// Instructions that have been emitted, and those of them that are left to handlers, inner loops counting eight times each
    private var weight = 0, handled = 0
    /// An instruction needed more registers than there are.
    var isStuck = false
    /// An inlined function would have to be left after an effect.
    var isBroken = false

    init(
      _ shape: RegionShape, _ fp: Registers, _ constants: Registers, _ entry: UnsafeMutablePointer<MachineEntry>, _ stubs: MachineStubs,
      hasFuse: Bool, attempt: Int, missed: Set<Int>?
    ) {
      self.stubs = stubs
      self.shape = shape
      liveness = RegionLiveness(shape.code.pointee)
      self.fp = fp
      self.constants = constants
      words = shape.code.pointee.words
      self.entry = entry
      self.hasFuse = hasFuse
      isGenerator = fp.isGeneratorFrame || fp.frameCode.pointee.flags & 0x2A0 != 0
      self.attempt = attempt
      self.missed = missed
      let count = shape.uses.count + RegionEmitter.inlinedRegisters
      slots = [Slot](repeating: Slot(), count: count)
      pins = [Pin?](repeating: nil, count: count)
      states = [[Known]](repeating: [], count: shape.blocks.count)
      hints = [[Value?]](repeating: [Value?](repeating: nil, count: shape.uses.count), count: shape.blocks.count)
      isEmitted = [Bool](repeating: false, count: shape.blocks.count)
    }

    var pc: CodePointer { words + word }
    /// Registers of the region's own frame
    var ownCount: Int { shape.uses.count }
    /// The register that a field of the instruction names
    func register(_ field: UInt16) -> Int { base + Int(field) }

    /// The machine code; nil if the region is none that gains by it.
    func compile() -> [UInt8]? {
      for word in shape.entries {
        guard let b = shape.block(at: word) else { return nil }
        let isObserved = word == shape.entry && !untyped.contains(word)
        states[b] = slots.indices.map {
          isObserved && $0 < ownCount && shape.isExposed($0, b) ? RegionEmitter.observed(fp[$0]) : .any
        }
      }
      choosePins()
      for _ in 0..<24 {
        hasChanged = false
        emit()
        let before = pins
        choosePins()
        // With other places to enter there are other blocks.
        if !continuations.isSubset(of: shape.continuations) || needsWhole && !hasChanged { return nil }
        if !hasChanged && before == pins {
          // What is mostly done by handlers gains less than coming and going costs.
          guard cameRound || shape.isWhole, !isStuck, !needsWhole, Machine.isTest || 4 * handled <= weight, a.finish() else { return nil }
          return a.bytes
        }
      }
      return nil
    }

    /// What a region may take for granted of a value it finds, and asks when it is entered.
    static func observed(_ v: Value) -> Known {
      if v.isNull { return .any }
      var known = Known(constant: v)
      if known.kind == .cell {
        let types = rt.pointee.types
        let type = v.cellType
        guard
          type == types.list || type == types.tuple || type == Arrays.type || type == types.rangeIterator || type == types.listIterator
            || type == types.tupleIterator
        else { return .any }
        known.type = UInt(bitPattern: type)
      }
      return known
    }

    // MARK: pins

    private func choosePins() {
      var wanted: [(weight: Int, register: Int, form: Pin.Form)] = []
      for r in 0..<ownCount where shape.uses[r] > 8 && (r < shape.code.pointee.localCount || !shape.writes[r]) {
        var known: Known?
        for b in states.indices where !states[b].isEmpty { known = known.map { $0.joined(states[b][r]) } ?? states[b][r] }
        guard let known else { continue }
        switch known.kind {
        case .int: wanted.append((shape.uses[r], r, .int))
        case .float: wanted.append((shape.uses[r], r, .float))
        case .cell: wanted.append((shape.uses[r], r, .boxed))
        // One that is written as often as it is read gains nothing.
        default: if !shape.writes[r] { wanted.append((shape.uses[r], r, .boxed)) }
        }
      }
      wanted.sort { ($0.weight, $1.register) > ($1.weight, $0.register) }
      pins = [Pin?](repeating: nil, count: slots.count)
      gpPinned = 0
      xmmPinned = 0
      var gps = RegionEmitter.pinnable.suffix(4), xmms = Array(UInt8(7)..<16)
      for (_, r, form) in wanted {
        if form == .float {
          guard let x = xmms.popLast() else { continue }
          pins[r] = Pin(form: form, number: x)
          xmmPinned |= 1 << UInt16(x)
        } else {
          guard let g = gps.popLast() else { continue }
          pins[r] = Pin(form: form, number: g.number)
          gpPinned |= 1 << UInt16(g.number)
        }
      }
    }

    // MARK: the pass

    private func emit() {
      a = Assembler()
      exits = []
      asides = []
      cameRound = false
      weight = 0
      handled = 0
      kept = []
      inlined = []
      stepped = []
      lacking = [:]
      isEmitted = [Bool](repeating: false, count: shape.blocks.count)
      labels = shape.blocks.map { _ in a.label() }
      epilogue = a.label()
      entries = []
      for b in shape.blocks.indices where !states[b].isEmpty {
        isEmitted[b] = true
        block(b)
      }
      // A way that leads back to a block that nothing had led to.
      for b in shape.blocks.indices where !isEmitted[b] && !states[b].isEmpty { hasChanged = true }
      if hasChanged { return }
      while let aside = asides.popLast() {
        a.bind(aside.label)
        aside.body()
      }
      for b in shape.blocks.indices where isEmitted[b] && shape.isEntered(b) { entrance(b) }
      for exit in exits { leave(exit) }
      a.bind(epilogue)
      jump(to: stubs.leave)
    }

    private func block(_ b: Int) {
      a.bind(labels[b])
      for r in slots.indices {
        guard r < ownCount else {
          slots[r] = Slot()
          continue
        }
        var slot = Slot(known: states[b][r])
        slot.hint = hints[b][r]
        if r < shape.code.pointee.localCount, !shape.writes[r] || slot.hint == nil && states[b][r].kind == .cell { slot.hint = fp[r] }
        if let pin = pins[r] {
          slot.inMemory = !shape.writes[r]
          switch pin.form {
          case .boxed: slot.boxed = Int8(pin.number)
          case .int: slot.int = Int8(pin.number)
          case .float: slot.xmm = Int8(pin.number)
          }
        }
        slots[r] = slot
      }
      for i in 0..<16 {
        gpOwner[i] = -1
        xmmOwner[i] = -1
      }
      let block = shape.blocks[b]
      word = block.start
      while word < block.end {
        release()
        following = word + max(InstructionTable.shared.length(pc), 1)
        hasEffect = false
        let share = 1 << (3 * min(block.depth, 4))
        weight += share
        do {
          // True when the block has ended with it
          if try instruction(next: following) { return }
        } catch {
          if Machine.wantsStatistics { noteLacking() }
          abandonCalls()
          do {
            if !isCallOfFunction && !isCold { handled += share }
            if try elsewhere(next: following) { return }
          } catch {
            a.jump(exit(at: word, isMiss: !shape.isWhole))
            return
          }
        }
        word = following
      }
      release()
      word = block.end
      flow(to: block.end)
    }

    /// For an instruction that has no quickened form yet: whether it is left to the interpreter, which may learn more.
    func isUnmet(_ pc: CodePointer) -> Bool {
      guard attempt == 1, Quickening.mayQuicken(pc) else { return false }
      hasUnmet = true
      return true
    }

    private func noteLacking() {
      let callees = calls.map { "\($0.function.as(FunctionLayout.self).pointee.qualname.swiftString): " }
      lacking[calls.first?.callerWord ?? word] = callees.joined() + "\(InstructionTable.shared[pc.pointee.instruction].name)"
    }

    /// Registers held for the last instruction are free.
    func release() {
      gpLocked = 0
      xmmLocked = 0
      for i in 0..<16 {
        if gpOwner[i] == -2 { gpOwner[i] = -1 }
        if xmmOwner[i] == -2 { xmmOwner[i] = -1 }
      }
    }

    // MARK: ways between blocks

    /// Ends the block: brings everything to where the next one expects it.
    /// - Parameter words: where it may go on
    func settle(_ words: [Int]) {
      for r in 0..<ownCount {
        if let pin = pins[r] {
          bring(r, to: pin)
        } else if !slots[r].inMemory, words.contains(where: { liveness.isLive(r, at: $0) }) {
          box(r)
        }
      }
    }

    private func bring(_ r: Int, to pin: Pin) {
      let (gps, xmms) = (gpLocked, xmmLocked)
      defer { (gpLocked, xmmLocked) = (gps, xmms) }
      switch pin.form {
      case .float:
        guard slots[r].xmm != Int8(pin.number), slots[r].known.kind == .float, let x = try? float(r) else { return }
        a.move(XMM(number: pin.number), x)
        slots[r].xmm = Int8(pin.number)
      case .int:
        guard slots[r].int != Int8(pin.number), slots[r].known.kind == .int, let g = try? int(r) else { return }
        a.move(GP(number: pin.number), g)
        slots[r].int = Int8(pin.number)
      case .boxed:
        guard slots[r].boxed != Int8(pin.number) else { return }
        a.move(GP(number: pin.number), boxed(r))
        slots[r].boxed = Int8(pin.number)
      }
    }

    /// What is certain here is all that is certain at the beginning of the block.
    func meet(_ b: Int) {
      if shape.blocks[b].start == shape.entry { cameRound = true }
      if !isEmitted[b] {
        for r in 0..<ownCount where hints[b][r] == nil {
          if let guess = slots[r].constant ?? slots[r].hint, guess.isCell { hints[b][r] = guess }
        }
      }
      if states[b].isEmpty {
        states[b] = slots.indices.map { certain($0, b) }
        return
      }
      for r in 0..<ownCount {
        let joined = states[b][r].joined(certain(r, b))
        if joined != states[b][r] {
          states[b][r] = joined
          if isEmitted[b] { hasChanged = true }
        }
      }
    }

    /// What may be certain of a register at the beginning of a block: where the region is entered, what can be asked at once.
    private func certain(_ r: Int, _ b: Int) -> Known {
      let known = slots[r].known
      guard shape.isEntered(b) else { return known }
      guard r < ownCount, shape.uses[r] > 8 || !shape.isWhole, shape.isExposed(r, b), !untyped.contains(shape.blocks[b].start) else {
        return .any
      }
      if known.kind == .cell && known.type == 0 { return .any }
      return Known(kind: known.kind, type: known.type)
    }

    /// Where to jump for the word: a block, or out of the region. Everything is settled.
    func place(_ target: Int) -> Label {
      if let b = shape.block(at: target) {
        meet(b)
        return labels[b]
      }
      return exit(at: target, isMiss: false)
    }

    /// Falls through, or jumps, to the word.
    func flow(to target: Int) {
      settle([target])
      let label = place(target)
      // The next block stands right behind, if anything leads to it.
      if let b = shape.block(at: target), b > 0, target == word, isEmitted[b - 1], !isEmitted[b] { return }
      a.jump(label)
    }

    // MARK: exits

    /// A label to jump to when the instruction at `target` is to be executed by the interpreter, with everything as it is here.
    func exit(at target: Int, isMiss: Bool = true, goesOn: Bool = false) -> Label {
      var stores: [(Int, Exit.Store)] = []
      for r in 0..<ownCount where !slots[r].inMemory && liveness.isLive(r, at: target) {
        let slot = slots[r]
        if slot.boxed >= 0 {
          stores.append((r, .boxed(GP(number: UInt8(slot.boxed)))))
        } else if slot.xmm >= 0 {
          stores.append((r, .float(XMM(number: UInt8(slot.xmm)))))
        } else if slot.int >= 0 {
          stores.append((r, .int(GP(number: UInt8(slot.int)))))
        } else if let constant = slot.constant {
          stores.append((r, .constant(constant)))
        }
      }
      if let last = exits.last, last.word == target, last.isMiss == isMiss, last.goesOn == goesOn, last.stores.count == stores.count,
        zip(last.stores, stores).allSatisfy({ $0.register == $1.0 && $0.1 == $1.1 })
      {
        return last.label
      }
      let label = a.label()
      exits.append(Exit(label: label, word: target, stores: stores, isMiss: isMiss, goesOn: goesOn))
      return label
    }
    /// The same for the instruction at hand, when it finds what it cannot do.
    func miss() -> Label {
      if calls.isEmpty { return exit(at: word) }
      if hasEffect { isBroken = true }
      return checkpoint
    }

    private func leave(_ exit: Exit) {
      a.bind(exit.label)
      for (r, store) in exit.stores {
        let place = Address(RegionEmitter.frame, 8 * r)
        switch store {
        case .boxed(let g): a.store(place, g)
        case .int(let g):
          box(.rdx, int: g)
          a.store(place, .rdx)
        case .float(let x):
          box(.rdx, float: x)
          a.store(place, .rdx)
        case .constant(let v):
          a.move(.rdx, imm: v.bits)
          a.store(place, .rdx)
        }
      }
      if exit.isMiss { countMiss(exit.word) }
      a.move(.rax, imm: UInt64(UInt(bitPattern: shape.code.pointee.words + exit.word)))
      if exit.goesOn { jump(to: stubs.arrive) } else { a.jump(epilogue) }
    }

    private func countMiss(_ key: Int) {
      a.move(.rdx, imm: UInt64(UInt(bitPattern: entry)))
      a.alu32(.add, Address(.rdx, MachineEntry.missesOffset), imm: 1)
      a.move(.rax, imm: address(of: Offsets.machineMissed))
      a.store(Address(.rax, 0), .rdx)
      a.move(.rdx, imm: UInt64(UInt(bitPattern: missCount(key))))
      a.alu(.add, Address(.rdx, 0), imm: 1)
    }
    private func missCount(_ word: Int) -> UnsafeMutablePointer<Int> {
      if let known = missCounts[word] { return known }
      let made = UnsafeMutablePointer<Int>.allocate(capacity: 1)
      made.initialize(to: 0)
      missCounts[word] = made
      return made
    }
    /// Whether the region was often left at the instruction at hand when it was compiled before.
    var wasMissed: Bool { calls.isEmpty && missed?.contains(word) ?? true }

    /// With `-X jit=exits` the region may be left at any instruction that can.
    func fusePoint() {
      guard hasFuse, !hasEffect else { return }
      a.alu(.sub, Address(.rsp, RegionEmitter.fuseOffset), imm: 1)
      a.jump(.equal, miss())
    }

    /// Of a field of the runtime
    func address(of offset: Int) -> UInt64 { UInt64(UInt(bitPattern: rt)) + UInt64(offset) }
    func jump(to stub: UInt64) {
      a.move(.rcx, imm: stub)
      a.jump(.rcx)
    }

    // MARK: entry

    /// The code that enters a block from outside. What is certain at its beginning is asked, what is pinned is loaded.
    private func entrance(_ b: Int) {
      let start = shape.blocks[b].start, isBehindCall = shape.isBehindCall(start)
      let refused = a.label(), entrance = a.label(), returned = isBehindCall ? a.label() : nil
      if let returned {
        // rax: what the callee has returned; rdx: its frame
        a.bind(returned)
        a.load(.rcx, Address(.rsp, RegionEmitter.threadOffset))
        if isGenerator {
          a.address(.rsi, Address(.rdx, -8 * FrameLayout.headerWords))
        } else {
          a.address(.rsi, Address(RegionEmitter.frame, 8 * Int(fp.frameCode.pointee.registerCount)))
        }
        a.store(Address(.rcx, Offsets.threadStackTop), .rsi)
        a.store(Address(RegionEmitter.frame, 8 * Int((shape.code.pointee.words + start - 2).pointee.a)), .rax)
      }
      a.bind(entrance)
      entries.append((start, entrance, returned))
      if start == 0 && shape.isWhole {
        countRound()
        // Of a frame that has just been pushed nobody has said where it stands.
        a.move(.rax, imm: UInt64(UInt(bitPattern: shape.code.pointee.words)))
        a.store(Address(RegionEmitter.frame, -16), .rax)
      }
      for r in 0..<ownCount {
        let known = states[b][r]
        if known == .any && pins[r] == nil { continue }
        a.load(.rax, Address(RegionEmitter.frame, 8 * r))
        check(known, refused)
        guard let pin = pins[r] else { continue }
        load(pin)
      }
      a.jump(labels[b])
      a.bind(refused)
      if shape.isWhole { countMiss(-1 - start) }
      a.move(.rax, imm: UInt64(UInt(bitPattern: shape.code.pointee.words + start)))
      a.jump(epilogue)
    }

    func countRound() {
      a.move(.rax, imm: UInt64(UInt(bitPattern: entry)))
      a.alu(.add, Address(.rax, MachineEntry.roundsOffset), imm: 1)
    }

    /// The value in rax to a pinned register.
    func load(_ pin: Pin) {
      let g = GP(number: pin.number)
      switch pin.form {
      case .boxed: a.move(g, .rax)
      case .int:
        a.move(g, .rax)
        a.shift(.left, g, 16)
      case .float:
        a.alu(.sub, .rax, RegionEmitter.doubleOffset)
        a.move(XMM(number: pin.number), .rax)
      }
    }

    /// Jumps if the value in rax is not what is taken for granted. Leaves rax as it is.
    private func check(_ known: Known, _ refused: Label) {
      switch known.kind {
      case .any: break
      case .int:
        a.alu(.cmp, .rax, RegionEmitter.intTag)
        a.jump(.below, refused)
      case .float:
        a.move(.rcx, .rax)
        a.alu(.sub, .rcx, RegionEmitter.doubleOffset)
        a.alu(.cmp, .rcx, RegionEmitter.doubleLimit)
        a.jump(.aboveEqual, refused)
      case .bool, .none:
        a.move(.rcx, .rax)
        if known.kind == .bool { a.alu(.or, .rcx, imm: 1) }
        a.move(.rdx, imm: known.kind == .bool ? Value.true.bits : Value.none.bits)
        a.alu(.cmp, .rcx, .rdx)
        a.jump(.notEqual, refused)
      case .cell:
        a.address(.rcx, Address(.rax, -1))
        a.shift(.right, .rcx, 47)
        a.jump(.notEqual, refused)
        if known.type != 0 {
          a.move(.rcx, imm: UInt64(known.type))
          a.alu(.cmp, .rcx, Address(.rax, 0))
          a.jump(.notEqual, refused)
        }
        // Nothing that is observed has a version: where one is certain it has been asked for within the region.
        if known.version != 0 || known.shape != 0 { a.jump(refused) }
      }
    }

  }

#endif
