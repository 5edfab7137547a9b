import PyBytecode

// Lowering: one linear pass over the verified bytecode that emits register code.
//
// The pass keeps, for each stack entry, the *place* where its value is: a register (of a local, or an evaluation slot), a constant, or
// nowhere (a known NULL). LOAD_FAST and LOAD_CONST only push a place, STORE_FAST redirects the instruction that produced the value, and
// so most stack traffic vanishes. Each stack position has a *canonical* register. Where paths meet, and where a handler may take over,
// entries are brought to the places that the entry state there names ("flush"): its origin if that is a local or a constant, else canonical.
//
// Invariants:
// * `holders[r]` is the number of live entries whose place is register r.
// * An entry's place is never a local that was assigned after the entry was pushed (aliases are moved away before).
// * A redirected producer is separated from its STORE_FAST only by moves that touch neither register.
// * At a call with base B no live entry is at or above B.

/// A place: ≥ 0 a register, < 0 a constant (−1 − index), or `null`.
typealias Place = Int32

extension Place {
  static let null = Int32.min
  static func constant(_ index: Int) -> Place { Int32(truncatingIfNeeded: -1 &- index) }
  @inline(__always) var isRegister: Bool { self >= 0 }
  @inline(__always) var isNull: Bool { self == Place.null }
  @inline(__always) var isConstant: Bool { self < 0 && self != Place.null }
  @inline(__always) var constantIndex: Int { -1 &- Int(self) }
  @inline(__always) var register: Int { Int(self) }
}

/// How wide an entry is on the register stack: a call's header lies below the callee.
enum SlotShape: UInt8 {
  case object
  /// Known NULL under a callee: three free words, no register of its own.
  case null
  /// Method or NULL, from LOAD_METHOD: three free words, then its register.
  case maybeNull

  @inline(__always) init(_ kind: StackKind) {
    self = kind.isNull ? .null : kind.isMaybeNull ? .maybeNull : .object
  }

  @inline(__always) var width: Int {
    switch self {
    case .object: return 1
    case .null: return FrameLayout.calleeOffset
    case .maybeNull: return FrameLayout.argumentOffset
    }
  }

  /// Offset of the entry's own register.
  @inline(__always) var offset: Int { self == .maybeNull ? FrameLayout.calleeOffset : 0 }
}

/// A live stack entry.
struct LiveEntry {
  var place: Place
  /// First register of the entry's share of the register stack.
  var start: Int32
  var shape: SlotShape
  /// From GET_ITER, and on no other place of the stack
  var isIterator = false
  /// Word of the MAKE_FUNCTION that it comes from, while it is on no other place of the stack; else -1
  var functionWord: Int32 = -1

  @inline(__always) var canonical: Int { Int(start) &+ shape.offset }
  @inline(__always) var next: Int { Int(start) &+ shape.width }
}

/// The optional transformations; tests switch them off one by one.
struct LoweringOptions: OptionSet {
  let rawValue: UInt8
  /// One to one with the bytecode, for tracing.
  static let traced = LoweringOptions(rawValue: 1)
  /// Two adjacent moves in one.
  static let pairMoves = LoweringOptions(rawValue: 2)
  /// Jump back to a FOR_ITER and that in one.
  static let loops = LoweringOptions(rawValue: 4)
  /// `LOAD_GLOBAL; LOAD_ATTR` in one.
  static let globalAttributes = LoweringOptions(rawValue: 8)
  /// The move of a call's only argument into the call.
  static let foldArguments = LoweringOptions(rawValue: 32)
  /// A slice of two made only to be used as a subscript: one instruction, no slice.
  static let slices = LoweringOptions(rawValue: 64)
  /// All conditional jumps in their long form, whatever the size of the code.
  static let farJumps = LoweringOptions(rawValue: 16)

  static let standard: LoweringOptions = [.pairMoves, .loops, .foldArguments, .slices]
}

/// A jump whose distance is filled in at the end.
struct JumpFixup {
  var word: UInt32
  /// Instruction index of the target.
  var target: UInt32
  var isFar: Bool
}

/// A run of words whose raising instructions lie in one exception range.
struct HandledWords {
  var start: UInt32
  var end: UInt32
  var range: Int32
}

/// The lowering pass over one code object.
struct Lowerer {
  let analysis: CodeAnalysis
  let options: LoweringOptions
  /// All conditional jumps go through a JUMP with 32 bits.
  let farJumps: Bool
  let localCount: Int
  let table: InstructionTable

  var words: ScratchBuffer<InstructionWord>
  /// Code unit of the bytecode instruction, for each word.
  var units: ScratchBuffer<UInt32>
  var stack: ScratchBuffer<LiveEntry>
  var holders: ScratchBuffer<UInt32>
  var storedNameCount: Int32 = 0
  /// Word index of each leader that was reached, −1 for others.
  var labels: ScratchBuffer<Int32>
  var fixups: ScratchBuffer<JumpFixup>
  var handled: ScratchBuffer<HandledWords>

  /// Where states are recorded, usually nowhere.
  var recorder: UnsafeMutablePointer<FrameStateRecorder>?

  /// The instruction being lowered.
  var index = 0
  /// Word of the last instruction that is not a mere move, −1 after a leader.
  var producer = -1
  /// Words from here on are mere moves, all behind the last label.
  var movesStart = 0
  /// Exception range of the last raising instruction emitted.
  var lastRange: Int32 = -1
  var registerCount: Int
  /// Evaluation slots, counted from the first, in which a loop has its iterator; those from 64 on are not noted.
  var iteratorSlots: UInt64 = 0
  /// More registers were needed than an operand can name.
  var overflowed = false
  /// Places popped by the present instruction but not read yet.
  var busy: (Place, Place, Place, Place) = (.null, .null, .null, .null)

  init(_ analysis: CodeAnalysis, options: LoweringOptions, farJumps: Bool) {
    self.analysis = analysis
    self.options = options
    self.farJumps = farJumps
    localCount = analysis.localCount
    registerCount = localCount
    table = InstructionTable.shared
    let count = analysis.instructions.count
    words = ScratchBuffer(capacity: count &+ 16)
    units = ScratchBuffer(capacity: count &+ 16)
    stack = ScratchBuffer(capacity: analysis.maximumDepth &+ 8)
    let registers = min(localCount &+ 4 &* min(analysis.view.stackSize, Encoding.indexLimit) &+ 64, Encoding.indexLimit)
    holders = ScratchBuffer(repeating: 0, count: registers)
    labels = ScratchBuffer(repeating: -1, count: count)
    fixups = ScratchBuffer(capacity: 16)
    handled = ScratchBuffer(capacity: 8)
  }

  func deallocate() {
    words.deallocate()
    units.deallocate()
    stack.deallocate()
    holders.deallocate()
    labels.deallocate()
    fixups.deallocate()
    handled.deallocate()
  }

  var isTraced: Bool { options.contains(.traced) }

  // MARK: The abstract stack

  @inline(__always) var nextStart: Int { stack.count == 0 ? localCount : stack[stack.count &- 1].next }

  @inline(__always) mutating func push(_ place: Place, _ shape: SlotShape = .object) {
    if place.isRegister { holders[place.register] &+= 1 }
    stack.append(LiveEntry(place: place, start: Int32(truncatingIfNeeded: nextStart), shape: shape))
  }

  @discardableResult
  @inline(__always) mutating func pop() -> Place {
    stack.removeLast()
    let place = stack[stack.count].place
    if place.isRegister { holders[place.register] &-= 1 }
    return place
  }

  @inline(__always) mutating func pop(_ count: Int) {
    for _ in 0..<count { pop() }
  }

  @inline(__always) mutating func setPlace(_ position: Int, _ place: Place) {
    let old = stack[position].place
    if old.isRegister { holders[old.register] &-= 1 }
    if place.isRegister { holders[place.register] &+= 1 }
    stack[position].place = place
  }

  /// Computes the registers of all entries from `position` up anew.
  mutating func layOut(from position: Int) {
    for p in position..<stack.count {
      stack[p].start = Int32(truncatingIfNeeded: p == 0 ? localCount : stack[p &- 1].next)
    }
  }

  /// Notes that `register` is used and clamps it to what exists (lowering fails at the end if it does not).
  @inline(__always) mutating func use(_ register: Int) -> Int {
    guard register < holders.count else {
      overflowed = true
      return holders.count &- 1
    }
    if register >= registerCount { registerCount = register &+ 1 }
    return register
  }

  @inline(__always) private func isBusy(_ register: Int) -> Bool {
    let place = Place(truncatingIfNeeded: register)
    return busy.0 == place || busy.1 == place || busy.2 == place || busy.3 == place
  }

  /// A register for a result that becomes the next entry: the canonical one unless a live entry is in it.
  @inline(__always) mutating func allocate() -> Int {
    let register = use(nextStart)
    if holders[register] == 0 { return register }
    return freeRegister(outside: register..<register &+ 1)
  }

  /// A register above the stack in which nothing lives.
  mutating func freeRegister(outside window: Range<Int>) -> Int {
    var register = max(nextStart, window.upperBound)
    while register < holders.count, holders[register] > 0 || isBusy(register) { register &+= 1 }
    return use(register)
  }

  // MARK: Emission

  @discardableResult
  @inline(__always) mutating func append(_ word: InstructionWord) -> Int {
    words.append(word)
    units.append(analysis.instructions[index].start)
    return words.count &- 1
  }

  /// Emits an instruction with zeroed cache words, as the present producer; raising ones are entered in the exception table.
  @discardableResult
  mutating func emit(_ instruction: Instruction, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, extraWords: Int = 0) -> Int {
    let info = table[instruction]
    let length = 1 &+ Int(info.words) &+ extraWords
    let word = words.count
    let out = words.extend(by: length)
    let places = units.extend(by: length)
    let start = (analysis.instructions.base + index).pointee.start
    out.initialize(
      to: InstructionWord(instruction, UInt16(truncatingIfNeeded: a), UInt16(truncatingIfNeeded: b), UInt16(truncatingIfNeeded: c)))
    places.initialize(to: start)
    var cache = 1
    while cache < length {
      (out + cache).initialize(to: InstructionWord(bits: 0))
      (places + cache).initialize(to: start)
      cache &+= 1
    }
    producer = word
    movesStart = words.count
    if info.raises { noteHandler(from: word) }
    return word
  }

  @inline(__always) mutating func noteHandler(from word: Int) {
    let range = (analysis.instructions.base + index).pointee.range
    guard range >= 0 else {
      lastRange = -1
      return
    }
    guard analysis.instructions[analysis.ranges[Int(range)].handler].entry >= 0,
      !isTraced || analysis.instructions[index].isTraceHandled
    else {
      lastRange = -1
      return
    }
    if range == lastRange {
      handled[handled.count &- 1].end = UInt32(truncatingIfNeeded: words.count)
    } else {
      handled.append(
        HandledWords(start: UInt32(truncatingIfNeeded: word), end: UInt32(truncatingIfNeeded: words.count), range: range))
      lastRange = range
    }
  }

  /// Emits an instruction whose field `c` (or `b`, by its table row) names `name`, behind a WIDE if the index is large.
  func nameField(_ name: Int) -> Int {
    name < Int(Encoding.wideName) ? name : Int(Encoding.wideName)
  }

  mutating func widen(_ name: Int) {
    if name >= Int(Encoding.wideName) { emit(.wide, 0, name & 0xFFFF, name &>> 16) }
  }

  /// Emits register ← place. Not a producer.
  mutating func move(_ register: Int, _ place: Place) {
    let target = use(register)
    if place.isNull {
      append(InstructionWord(.setNull, UInt16(truncatingIfNeeded: target)))
    } else if place.isConstant, place.constantIndex >= Encoding.indexLimit {
      let k = place.constantIndex
      append(
        InstructionWord(
          .loadConstantWide, UInt16(truncatingIfNeeded: target), UInt16(truncatingIfNeeded: k), UInt16(truncatingIfNeeded: k &>> 16)))
    } else {
      emitMove(target, operand(place))
    }
  }

  private mutating func emitMove(_ target: Int, _ source: UInt16) {
    if options.contains(.pairMoves), words.count > movesStart {
      let last = words[words.count &- 1]
      let isSame = units[words.count &- 1] == analysis.instructions[index].start
      if isSame, last.instruction == .move, Int(last.a) &+ 1 == target, Int(source) != Int(last.a) {
        words[words.count &- 1] = InstructionWord(.move2, last.a, last.b, source)
        return
      }
    }
    append(InstructionWord(.move, UInt16(truncatingIfNeeded: target), source))
  }

  /// The operand field for a place that is no NULL and no far constant.
  @inline(__always) func operand(_ place: Place) -> UInt16 {
    if place.isRegister { return UInt16(truncatingIfNeeded: place) }
    return Encoding.constantBit | UInt16(truncatingIfNeeded: place.constantIndex)
  }

  /// The operand field of the entry `depth` below the top (1: the top).
  @inline(__always) func operand(top depth: Int) -> Int { Int(operand(stack[stack.count &- depth].place)) }

  /// Loads constants among the top `count` entries that an operand cannot name into registers.
  @inline(__always) mutating func prepare(_ count: Int) {
    for position in stack.count &- count..<stack.count {
      let place = stack[position].place
      if place.isConstant, place.constantIndex >= Encoding.indexLimit { materialise(position) }
    }
  }

  /// The register of the entry `depth` below the top, which is loaded if it was a constant.
  @inline(__always) mutating func register(top depth: Int) -> Int {
    let position = stack.count &- depth
    if !stack[position].place.isRegister { materialise(position) }
    return stack[position].place.register
  }

  // MARK: Moving entries

  /// Brings an entry to its canonical register.
  @inline(__always) mutating func materialise(_ position: Int) {
    materialise(position, at: stack[position].canonical)
  }

  mutating func materialise(_ position: Int, at wanted: Int) {
    let target = use(wanted)
    if stack[position].place == Place(truncatingIfNeeded: target) { return }
    if holders[target] > 0 { evacuate(target..<target &+ 1) }
    move(target, stack[position].place)
    setPlace(position, Place(truncatingIfNeeded: target))
  }

  /// Moves every value that lives in the window out of it, each once: to the canonical register of one of its holders if that is
  /// free, else to a free one. Registers popped and not yet read are not free.
  mutating func evacuate(_ window: Range<Int>) {
    for register in window where register < holders.count && holders[register] > 0 {
      let place = Place(truncatingIfNeeded: register)
      var target = -1
      for position in 0..<stack.count where stack[position].place == place {
        let own = stack[position].canonical
        if own < holders.count, holders[own] == 0, !window.contains(own), !isBusy(own) {
          target = own
          break
        }
      }
      if target < 0 { target = freeRegister(outside: window) }
      move(target, place)
      for position in 0..<stack.count where stack[position].place == place {
        setPlace(position, Place(truncatingIfNeeded: use(target)))
      }
    }
  }

  /// Moves every entry that is local `variable` to its canonical register, because the local is about to change.
  mutating func freeAliases(_ variable: Int) {
    if holders[variable] == 0 { return }
    for position in 0..<stack.count where stack[position].place == Place(truncatingIfNeeded: variable) { materialise(position) }
  }

  // MARK: Edges

  /// Brings the lowest `limit` entries to where the entry state of leader `target` wants them.
  mutating func flush(to target: Int, limit: Int = Int.max) {
    guard analysis.instructions[target].entry >= 0 else { return }
    let entries = analysis.entryStack(target)
    let count = min(Int(analysis.instructions[target].depth), limit, stack.count)
    for position in 0..<count where isTraced || entries[position].isTemporary {
      if stack[position].shape != .null { materialise(position) }
    }
  }

  /// Takes the entry state of a leader.
  mutating func enter(_ leader: Int) {
    while stack.count > 0 { pop() }
    let entries = analysis.entryStack(leader)
    for position in 0..<Int(analysis.instructions[leader].depth) {
      let entry = entries[position]
      let shape = SlotShape(entry.kind)
      var place = Place.null
      if shape != .null {
        if isTraced || entry.isTemporary {
          place = Place(truncatingIfNeeded: use(nextStart &+ shape.offset))
        } else {
          place = entry.origin >= 0 ? entry.origin : Place.constant(-2 &- Int(entry.origin))
        }
      }
      push(place, shape)
      stack[position].isIterator = entry.kind.isExactly(.iterator) && entry.isTemporary
    }
    labels[leader] = Int32(truncatingIfNeeded: words.count)
    movesStart = words.count
    producer = -1
  }

  /// The registers in which a handler finds lasti and exception.
  func handlerRegisters(_ range: ExceptionRange) -> (exception: Int, lasti: Int) {
    let entries = analysis.entryStack(range.handler)
    var start = localCount
    for position in 0..<range.depth { start &+= SlotShape(entries[position].kind).width }
    return range.hasLasti ? (start &+ 1, start) : (start, Int(Encoding.noRegister))
  }

  // MARK: Assignment

  /// STORE_FAST: pops the top into a local.
  mutating func store(_ variable: Int) {
    let place = stack[stack.count &- 1].place
    pop()
    if place == Place(truncatingIfNeeded: variable) { return }
    let isSlot = place.isRegister && place.register >= localCount
    if isSlot, holders[variable] == 0, !isTraced, redirect(place.register, to: variable) {
      if holders[place.register] > 0 {
        for position in 0..<stack.count where stack[position].place == place {
          setPlace(position, Place(truncatingIfNeeded: variable))
        }
      }
      return
    }
    if isSlot, holders[variable] > 0 {
      // Moving the aliases away may take the register of the value.
      push(place)
      freeAliases(variable)
      move(variable, pop())
    } else {
      freeAliases(variable)
      move(variable, place)
    }
  }

  /// Makes the last instruction write its result to `variable` instead of `register`, if nothing stands between.
  private mutating func redirect(_ register: Int, to variable: Int) -> Bool {
    guard producer >= 0 else { return false }
    for word in movesStart..<words.count {
      let move = words[word]
      if touches(move, register) || touches(move, variable) { return false }
    }
    let from = UInt16(truncatingIfNeeded: register)
    let to = UInt16(truncatingIfNeeded: variable)
    if redirectField(from, to) {
      recorder?.pointee.redirect(producer, register, variable, wordCount: words.count)
      return true
    }
    return false
  }

  private mutating func redirectField(_ from: UInt16, _ to: UInt16) -> Bool {
    let instruction = words[producer].instruction
    if instruction == .unpackN || instruction == .unpackEx { return redirectListed(from, to) }
    let info = table[instruction]
    if info.a == .destination && words[producer].a == to || info.b == .destination && words[producer].b == to { return false }
    if info.a == .destination, words[producer].a == from {
      words[producer].a = to
      return true
    }
    if info.b == .destination, words[producer].b == from {
      words[producer].b = to
      return true
    }
    return false
  }

  private mutating func redirectListed(_ from: UInt16, _ to: UInt16) -> Bool {
    let word = words[producer]
    let count = word.instruction == .unpackN ? Int(word.b) : Int(word.b) &+ 1 &+ Int(word.c)
    let first = producer &+ 2
    var found = -1
    for item in 0..<count {
      let listed = listedRegister(first, item)
      if listed == to { return false }
      if listed == from { found = item }
    }
    if found < 0 { return false }
    setListedRegister(first, found, to)
    return true
  }

  func listedRegister(_ first: Int, _ item: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: words[first &+ item / 4].bits &>> UInt64(item % 4 &* 16))
  }

  mutating func setListedRegister(_ first: Int, _ item: Int, _ register: UInt16) {
    let shift = UInt64(item % 4 &* 16)
    let word = first &+ item / 4
    words[word] = InstructionWord(bits: words[word].bits & ~(0xFFFF &<< shift) | UInt64(register) &<< shift)
  }

  /// True if a move reads or writes `register`.
  private func touches(_ move: InstructionWord, _ register: Int) -> Bool {
    let r = UInt16(truncatingIfNeeded: register)
    switch move.instruction {
    case .move: return move.a == r || move.b == r
    case .move2: return move.a == r || Int(move.a) &+ 1 == register || move.b == r || move.c == r
    default: return move.a == r
    }
  }
}
