import PyBytecode

// The second part of verification: abstract interpretation of the stack to a fixpoint. Block leaders wait in a bit set and are taken in
// offset order; the state at each is the join over everything that jumps or falls into it.

extension CodeAnalysis {
  /// Most entry-state words that a code object may need (128 MB): only made-up code comes near.
  static let stateLimit = 16 << 20

  /// Decodes and verifies.
  mutating func verify() throws(VerificationError) {
    try decode()
    var walker = StackWalker(self)
    defer { walker.deallocate() }
    do throws(VerificationError) {
      try walker.run()
    } catch {
      self = walker.analysis
      throw error
    }
    self = walker.analysis
  }
}

extension CodeAnalysis {
  /// After `verify`: what the stack holds before each instruction that is reached, by the code unit where it starts.
  func stacks() throws(VerificationError) -> [Int: [StackKind]] {
    var walker = StackWalker(self)
    defer { walker.deallocate() }
    return try walker.stacks()
  }

  /// For traced code, after `verify`: finds the instructions whose state fits the handler that covers them, raising or not.
  mutating func markTraceable() throws(VerificationError) {
    var walker = StackWalker(self)
    defer { walker.deallocate() }
    try walker.markTraceable()
    self = walker.analysis
  }
}

/// The fixpoint iteration.
private struct StackWalker {
  var analysis: CodeAnalysis
  /// Leaders that wait, one bit an instruction.
  private var waiting: ScratchBuffer<UInt64>
  /// No word below this one has a bit set.
  private var firstWaiting = 0
  private var stack: ScratchBuffer<StackEntry>
  private var bound: ScratchBuffer<UInt64>
  private var index = 0
  // What changed since the last join into a handler in this block: everything at or above `touched`, and bound locals.
  private var joinedRange: Int32 = -1
  private var touched = 0
  private var unboundSinceJoin = false
  private var visits = 0

  init(_ analysis: CodeAnalysis) {
    self.analysis = analysis
    waiting = ScratchBuffer(repeating: 0, count: analysis.instructions.count / 64 &+ 1)
    stack = ScratchBuffer(capacity: min(analysis.view.stackSize, 64) &+ 8)
    bound = ScratchBuffer(repeating: 0, count: max(analysis.boundWords, 1))
  }

  func deallocate() {
    waiting.deallocate()
    stack.deallocate()
    bound.deallocate()
  }

  /// (Mutating, as are the other small ones: one that is not gets a copy of all of this struct.)
  @inline(never) private mutating func fail(_ reason: StaticString) -> VerificationError {
    VerificationError(reason: reason, unit: Int(analysis.instructions[index].unit))
  }

  mutating func run() throws(VerificationError) {
    for parameter in 0..<analysis.parameterCount { bound[parameter / 64] |= 1 &<< UInt64(parameter % 64) }
    try join(into: 0, depth: 0, handler: nil)
    let count = analysis.instructions.count
    let visitLimit = count &* 500 &+ 1_000_000
    while let leader = nextWaiting() {
      index = leader
      load(leader)
      while true {
        visits &+= 1
        guard visits < visitLimit else { throw fail("control flow too complex") }
        let continues = try visit(analysis.instruction(index))
        if !continues { break }
        index &+= 1
        guard index < count else {
          index &-= 1
          throw fail("control falls off the end")
        }
        if analysis.instructions[index].isLeader {
          try join(into: index, depth: stack.count, handler: nil)
          break
        }
      }
    }
  }

  /// Walks every block once more, noting the stack.
  mutating func stacks() throws(VerificationError) -> [Int: [StackKind]] {
    var result: [Int: [StackKind]] = [:]
    let count = analysis.instructions.count
    for leader in 0..<count where analysis.instructions[leader].entry >= 0 {
      index = leader
      load(leader)
      while true {
        let instruction = analysis.instruction(index)
        result[Int(instruction.start)] = (0..<stack.count).map { stack[$0].kind }
        let continues = try visit(instruction)
        index &+= 1
        if !continues || index >= count || analysis.instructions[index].isLeader { break }
      }
    }
    return result
  }

  /// Walks every block once more from its final entry state.
  mutating func markTraceable() throws(VerificationError) {
    let count = analysis.instructions.count
    for leader in 0..<count where analysis.instructions[leader].entry >= 0 {
      index = leader
      load(leader)
      while true {
        let instruction = analysis.instruction(index)
        instruction.place.pointee.isTraceHandled = fitsHandler(instruction)
        let continues = try visit(instruction)
        index &+= 1
        if !continues || index >= count || analysis.instructions[index].isLeader { break }
      }
    }
  }

  private mutating func fitsHandler(_ instruction: DecodedRef) -> Bool {
    guard instruction.range >= 0 else { return false }
    let range = analysis.ranges[Int(instruction.range)]
    guard analysis.instructions[range.handler].entry >= 0, stack.count >= range.depth else { return false }
    // The handler may have been reached by other ways only.
    let entries = analysis.entryStack(range.handler)
    let total = range.depth &+ (range.hasLasti ? 2 : 1)
    guard Int(analysis.instructions[range.handler].depth) == total,
      entries[total &- 1].kind.joined(StackKind(.exception)) == entries[total &- 1].kind,
      !range.hasLasti || entries[range.depth].kind.joined(StackKind(.lasti)) == entries[range.depth].kind
    else { return false }
    for position in 0..<range.depth {
      let kind = entries[position].kind
      if kind.joined(stack[position].kind) != kind || SlotShape(kind) != SlotShape(stack[position].kind) { return false }
    }
    return true
  }

  private mutating func nextWaiting() -> Int? {
    while firstWaiting < waiting.count {
      let word = waiting[firstWaiting]
      if word != 0 {
        let bit = word.trailingZeroBitCount
        waiting[firstWaiting] = word & (word &- 1)
        return firstWaiting &* 64 &+ bit
      }
      firstWaiting &+= 1
    }
    return nil
  }

  private mutating func wait(_ leader: Int) {
    let word = leader / 64
    waiting[word] |= 1 &<< UInt64(leader % 64)
    if word < firstWaiting { firstWaiting = word }
  }

  /// Takes the entry state of a leader as the present state.
  private mutating func load(_ leader: Int) {
    let depth = Int(analysis.instructions[leader].depth)
    let entries = analysis.entryStack(leader)
    stack.removeAll()
    _ = stack.extend(by: depth)
    stack.copy(from: entries, count: depth)
    bound.copy(from: analysis.entryBound(leader), count: analysis.boundWords)
    joinedRange = -1
    touched = 0
    unboundSinceJoin = false
  }

  // MARK: Joins

  /// Joins the present state into the entry state of `target`: its lowest `depth` entries and, for a handler, what is pushed there.
  private mutating func join(into target: Int, depth: Int, handler: ExceptionRange?) throws(VerificationError) {
    var total = depth
    if let handler { total &+= handler.hasLasti ? 2 : 1 }
    if analysis.instructions[target].entry < 0 {
      let start = analysis.states.count
      let words = analysis.boundWords &+ total
      guard start &+ words <= CodeAnalysis.stateLimit else { throw fail("control flow too complex") }
      _ = analysis.states.extend(by: words)
      analysis.instructions[target].entry = Int32(truncatingIfNeeded: start)
      analysis.instructions[target].depth = Int32(truncatingIfNeeded: total)
      let known = analysis.entryBound(target)
      for word in 0..<analysis.boundWords { known[word] = bound[word] }
      let entries = analysis.entryStack(target)
      for position in 0..<depth { entries[position] = stack[position] }
      if let handler {
        if handler.hasLasti { entries[depth] = StackEntry(StackKind(.lasti)) }
        entries[total &- 1] = StackEntry(StackKind(.exception))
      }
      wait(target)
      return
    }
    guard Int(analysis.instructions[target].depth) == total else { throw fail("stack depths differ where paths meet") }
    var changed = false
    let known = analysis.entryBound(target)
    for word in 0..<analysis.boundWords {
      let both = known[word] & bound[word]
      if both != known[word] {
        known[word] = both
        changed = true
      }
    }
    let entries = analysis.entryStack(target)
    for position in 0..<depth where entries[position] != stack[position] {
      if try merge(entries + position, stack[position]) { changed = true }
    }
    if let handler {
      if handler.hasLasti, try merge(entries + depth, StackEntry(StackKind(.lasti))) { changed = true }
      if try merge(entries + (total &- 1), StackEntry(StackKind(.exception))) { changed = true }
    }
    if changed { wait(target) }
  }

  private mutating func merge(_ place: UnsafeMutablePointer<StackEntry>, _ other: StackEntry) throws(VerificationError) -> Bool {
    // The registers of everything above depend on it.
    let entry = place.pointee
    guard SlotShape(entry.kind) == SlotShape(other.kind) else { throw fail("call bases differ where paths meet") }
    let kind = entry.kind.joined(other.kind)
    let origin = entry.origin == other.origin ? entry.origin : StackEntry.temporary
    if kind == entry.kind && origin == entry.origin { return false }
    place.pointee = StackEntry(kind, origin: origin)
    return true
  }

  /// If the present instruction, which lies in an exception range, can raise, joins the state into the handler.
  private mutating func joinHandler(_ instruction: DecodedRef) throws(VerificationError) {
    guard analysis.mayRaise(instruction) else { return }
    let range = analysis.ranges[Int(instruction.range)]
    guard stack.count &- CodeAnalysis.popCount(instruction, analysis.effects) >= range.depth else {
      throw fail("stack too shallow for the exception handler")
    }
    if joinedRange == instruction.range, touched >= range.depth, !unboundSinceJoin { return }
    try join(into: range.handler, depth: range.depth, handler: range)
    joinedRange = instruction.range
    touched = Int.max
    unboundSinceJoin = false
  }

  // MARK: Stack

  @inline(__always) private mutating func push(_ entry: StackEntry) throws(VerificationError) {
    guard stack.count < analysis.view.stackSize else { throw fail("stack overflow") }
    if stack.count < touched { touched = stack.count }
    stack.append(entry)
  }

  @inline(__always) private mutating func push(_ tag: StackKind.Tag = .object) throws(VerificationError) {
    try push(StackEntry(StackKind(tag)))
  }

  /// The kind popped, which must satisfy `need`.
  @discardableResult
  @inline(__always) private mutating func pop(_ need: KindNeed = .object) throws(VerificationError) -> StackKind {
    guard stack.count > 0 else { throw fail("stack underflow") }
    stack.removeLast()
    if stack.count < touched { touched = stack.count }
    let kind = stack[stack.count].kind
    guard need.accepts(kind) else { throw fail("operand of the wrong kind") }
    return kind
  }

  /// Takes `count` objects off the stack, which has that many entries.
  @inline(__always) private mutating func popObjects(_ count: Int) throws(VerificationError) {
    let operands = stack.base + (stack.count &- count)
    for operand in 0..<count where !operands[operand].kind.isObject { throw fail("operand of the wrong kind") }
    drop(count)
  }

  @inline(__always) private mutating func require(_ depth: Int) throws(VerificationError) {
    guard stack.count >= depth else { throw fail("stack underflow") }
  }

  /// Every entry that stood for local `variable` keeps its value but is no longer that local.
  @inline(__always) private mutating func forget(_ variable: Int) {
    let origin = Int32(truncatingIfNeeded: variable)
    for position in 0..<stack.count where stack[position].origin == origin {
      stack[position].origin = StackEntry.temporary
      if position < touched { touched = position }
    }
  }

  @inline(__always) private mutating func isBound(_ variable: Int) -> Bool {
    bound[variable / 64] &>> UInt64(variable % 64) & 1 != 0
  }

  /// The entry is the constant None.
  @inline(__always) private func isNone(_ entry: StackEntry) -> Bool {
    entry.origin <= -2 && analysis.view.constants[-2 &- Int(entry.origin)].tag == 4
  }

  @inline(__always) private mutating func setBound(_ variable: Int) {
    bound[variable / 64] |= 1 &<< UInt64(variable % 64)
  }

  // MARK: One instruction

  /// Interprets one instruction; false if control does not continue to the next one.
  private mutating func visit(_ instruction: DecodedRef) throws(VerificationError) -> Bool {
    let effect = analysis.effects.rows + Int(instruction.byte)
    let arg = instruction.arg
    let opcode = instruction.opcode
    if opcode == .loadFast || opcode == .deleteFast { instruction.place.pointee.needsCheck = !isBound(arg) }
    if instruction.range >= 0 { try joinHandler(instruction) }
    if !effect.pointee.isSpecial {
      let pops = Int(effect.pointee.pops)
      try require(pops)
      let operands = stack.base + (stack.count &- pops)
      if effect.pointee.needsObjects {
        for operand in 0..<pops where !operands[operand].kind.isObject { throw fail("operand of the wrong kind") }
      } else {
        for operand in 0..<pops where !effect.pointee.need(operand).accepts(operands[operand].kind) {
          throw fail("operand of the wrong kind")
        }
      }
      drop(pops &- Int(effect.pointee.kept))
      if effect.pointee.pushes > 0 { try push(effect.pointee.results.0) }
      if effect.pointee.pushes > 1 { try push(effect.pointee.results.1) }
      return opcode != .returnValue
    }
    switch opcode {
    case .loadFast:
      try push(StackEntry(.object, origin: Int32(truncatingIfNeeded: arg)))
      setBound(arg)
    case .loadClosure: try push(StackEntry(StackKind(.cell), origin: Int32(truncatingIfNeeded: arg)))
    case .loadConst:
      let constant = analysis.view.constants[arg]
      var kind = StackKind.object
      if constant.tag == 1 || constant.tag == 2 { kind = StackKind(.tuple) }
      if constant.isCode { kind = StackKind(.code, count: Int(constant.count)) }
      try push(StackEntry(kind, origin: StackEntry.constant(arg)))
    case .storeFast:
      try require(1)
      instruction.place.pointee.endsValue = isBound(arg) && isNone(stack[stack.count &- 1])
      try pop()
      forget(arg)
      setBound(arg)
    case .deleteFast:
      forget(arg)
      bound[arg / 64] &= ~(1 &<< UInt64(arg % 64))
      unboundSinceJoin = true
    case .loadGlobal:
      if arg & 1 != 0 { try push(.null) }
      try push()
    case .swap:
      try require(max(arg, 2))
      let other = stack.count &- arg
      let top = stack[stack.count &- 1]
      stack[stack.count &- 1] = stack[other]
      stack[other] = top
      touched = min(touched, other)
    case .copy:
      try require(arg)
      // What is known of an iterator is that it has one place.
      if stack[stack.count &- arg].kind.isExactly(.iterator) { stack[stack.count &- arg].kind = .object }
      try push(stack[stack.count &- arg])
    case .forIter:
      try require(1)
      guard stack[stack.count &- 1].kind.isObject else { throw fail("operand of the wrong kind") }
      try join(into: Int(instruction.target), depth: stack.count &- 1, handler: nil)
      try push()
    case .jumpIfFalseOrPop, .jumpIfTrueOrPop:
      try require(1)
      guard stack[stack.count &- 1].kind.isObject else { throw fail("operand of the wrong kind") }
      try join(into: Int(instruction.target), depth: stack.count, handler: nil)
      try pop()
    case .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt:
      try join(into: Int(instruction.target), depth: stack.count, handler: nil)
      return false
    case .send:
      try require(2)
      try visitSend(instruction)
    case .reraise:
      try require(arg == 0 ? 1 : arg &+ 1)
      guard stack[stack.count &- 1].kind.isObject, arg == 0 || stack[stack.count &- arg &- 1].kind.isExactly(.lasti) else {
        throw fail("operand of the wrong kind")
      }
      return false
    case .raiseVarargs:
      for _ in 0..<arg { try pop() }
      return false
    default:
      if CodeAnalysis.isPopJump(instruction.opcode) {
        try pop()
        try join(into: Int(instruction.target), depth: stack.count, handler: nil)
      } else if let container = CodeAnalysis.container(instruction.opcode) {
        try visitAdd(instruction, container)
      } else {
        try visitBuilder(instruction)
      }
    }
    return true
  }

  @inline(__always) private mutating func drop(_ count: Int) {
    stack.removeLast(count)
    if stack.count < touched { touched = stack.count }
  }

  /// SEND: the value sent and, on the way out, the iterator are replaced by a result.
  private mutating func visitSend(_ instruction: DecodedRef) throws(VerificationError) {
    try pop()
    let delegate = stack[stack.count &- 1]
    guard delegate.kind.isObject else { throw fail("operand of the wrong kind") }
    stack[stack.count &- 1] = StackEntry(.object)
    touched = min(touched, stack.count &- 1)
    try join(into: Int(instruction.target), depth: stack.count, handler: nil)
    stack[stack.count &- 1] = delegate
    try push()
  }

  private mutating func visitAdd(_ instruction: DecodedRef, _ container: StackKind.Tag) throws(VerificationError) {
    try pop()
    if instruction.opcode == .mapAdd { try pop() }
    let arg = instruction.arg
    try require(arg)
    guard stack[stack.count &- arg].kind.isExactly(container) else { throw fail("operand of the wrong kind") }
    if instruction.opcode == .dictMerge {
      try require(arg &+ 2)
      guard stack[stack.count &- arg &- 2].kind.isObject else { throw fail("operand of the wrong kind") }
    }
  }

  private mutating func visitBuilder(_ instruction: DecodedRef) throws(VerificationError) {
    let arg = instruction.arg
    switch instruction.opcode {
    case .call:
      try require(arg &+ 2)
      try popObjects(arg &+ 1)
      try pop(.callBase)
      try push()
    case .callFunctionEx:
      if arg & 1 != 0 { try pop() }
      try pop()
      try pop()
      try pop(.callBase)
      try push()
    case .buildTuple:
      try require(arg)
      var allCells = arg > 0
      for _ in 0..<arg {
        if !(try pop()).isExactly(.cell) { allCells = false }
      }
      try push(StackEntry(allCells ? StackKind(.cells, count: arg) : StackKind(.tuple)))
    case .buildList, .buildSet, .buildString, .buildSlice:
      try require(arg)
      try popObjects(arg)
      try push(instruction.opcode == .buildList ? .list : instruction.opcode == .buildSet ? .set : .object)
    case .buildMap:
      try require(arg &* 2)
      try popObjects(arg &* 2)
      try push(.dict)
    case .buildConstKeyMap:
      try pop(.tuple)
      try require(arg)
      try popObjects(arg)
      try push(.dict)
    case .unpackSequence:
      try pop()
      guard arg <= analysis.view.stackSize else { throw fail("stack overflow") }
      for _ in 0..<arg { try push() }
    case .unpackEx:
      try pop()
      guard arg &>> 8 <= analysis.view.stackSize else { throw fail("stack overflow") }
      for _ in 0..<arg &>> 8 { try push() }
      try push(.list)
      for _ in 0..<arg & 255 { try push() }
    case .formatValue:
      if arg & 4 != 0 { try pop() }
      try pop()
      try push()
    case .makeFunction:
      let code = try pop()
      guard code.isExactly(.code) else { throw fail("MAKE_FUNCTION needs a code object") }
      if arg & 8 != 0 {
        guard try pop() == StackKind(.cells, count: code.count) else { throw fail("closure does not fit the code object") }
      } else if code.count != 0 {
        throw fail("closure does not fit the code object")
      }
      if arg & 4 != 0 { try pop(.tuple) }
      if arg & 2 != 0 {
        guard try pop().isExactly(.dict) else { throw fail("operand of the wrong kind") }
      }
      if arg & 1 != 0 { try pop(.tuple) }
      try push()
    default: throw fail("opcode without an effect")
    }
  }
}
