import PyBytecode

// Proof that register code does what the bytecode it came from does, by running both symbolically, block by block. For debug builds and
// tests: it shares only the verifier's entry states with lowering, reads the encoded words as the evaluator would, and knows nothing of how
// lowering chose its registers.
//
// A symbol stands for a value: what a register held at the block's entry, a constant, NULL, or result number z of bytecode instruction i.
// In each block the bytecode side keeps the stack and the locals, the register side the registers. They must agree on every operand,
// in the state at every instruction that can raise (as far as its handler sees it), on every edge, and on jump targets and tables.

/// What was found wrong.
struct LoweringFault: Error {
  var message: String
}

struct LoweringValidator {
  typealias Symbol = UInt64

  let analysis: CodeAnalysis
  let code: LoweredCode
  let table = InstructionTable.shared
  let disassembler: RegisterDisassembler

  var registers: [Symbol] = []
  var stack: [Symbol] = []
  var locals: [Symbol] = []
  /// The stack before the present instruction: what a handler may see.
  var before: [Symbol] = []
  /// Next word to be executed.
  var word = 0
  /// Present bytecode instruction.
  var index = 0
  var wideName = -1
  /// States to be checked where the walk passes them, by word.
  var states: [Int: FrameState] = [:]
  /// How many bytecode instructions the present register instruction stands for.
  var fused = 1

  static let null: Symbol = 3 << 56
  static let unbound: Symbol = 5 << 56
  static let garbage: Symbol = 0

  init(_ analysis: CodeAnalysis, _ code: LoweredCode) {
    self.analysis = analysis
    self.code = code
    disassembler = RegisterDisassembler(code: code)
  }

  /// Lowers `view` and validates the result.
  static func check(_ view: CodeView, options: LoweringOptions = .standard) throws {
    var analysis = CodeAnalysis(view)
    defer { analysis.deallocate() }
    try analysis.verify()
    if options.contains(.traced) { try analysis.markTraceable() }
    let code = try Lowering.lower(analysis, options: options)
    defer { code.deallocate() }
    var validator = LoweringValidator(analysis, code)
    if !options.contains(.traced) { validator.states = try Lowering.frameStates(analysis, options: options) }
    try validator.validate()
  }

  // MARK: Symbols

  static func register(_ r: Int) -> Symbol { 1 << 56 | Symbol(r) }
  static func constant(_ k: Int) -> Symbol { 2 << 56 | Symbol(k) }
  func result(_ z: Int = 0) -> Symbol { 4 << 56 | Symbol(z) << 32 | Symbol(index) }

  func fault(_ text: String) -> LoweringFault {
    let line = word < code.wordCount ? disassembler.line(word) : "end"
    return LoweringFault(
      message: "\(text): bytecode \(Int(analysis.instructions[index].start) * 2) "
        + "\(analysis.instructions[index].opcode.name), word \(word) \(line)")
  }

  func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    if !condition { throw fault(text()) }
  }

  func read(_ field: UInt16) throws -> Symbol {
    if field & Encoding.constantBit != 0 { return Self.constant(Int(field & ~Encoding.constantBit)) }
    try require(Int(field) < code.registerCount, "register out of range")
    return registers[Int(field)]
  }

  mutating func write(_ field: UInt16, _ symbol: Symbol) throws {
    try require(Int(field) < code.registerCount, "register out of range")
    registers[Int(field)] = symbol
  }

  /// Every register from `first` up is dead after a call.
  mutating func clobber(from first: UInt16) {
    for r in Int(first)..<max(Int(first), code.registerCount) { registers[r] = Self.garbage }
  }

  // MARK: Tables

  /// Word of a leader, from the offset table: lowering emits in bytecode order.
  func label(_ leader: Int) -> Int {
    let unit = Int(analysis.instructions[leader].start) * 2
    var low = 0
    var high = code.wordCount
    while low < high {
      let middle = (low + high) / 2
      if code.bytecodeOffset(middle) >= unit { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Canonical registers of the entry state of a leader.
  func canonical(_ leader: Int) -> [Int] {
    let entries = analysis.entryStack(leader)
    var start = analysis.localCount
    var found: [Int] = []
    for position in 0..<Int(analysis.instructions[leader].depth) {
      let shape = SlotShape(entries[position].kind)
      found.append(start + shape.offset)
      start += shape.width
    }
    return found
  }

  // MARK: States

  /// The registers must hold `symbols` as the entry state of `leader` demands, and the locals be the bytecode's.
  func checkState(_ leader: Int, _ symbols: [Symbol], _ count: Int, _ what: String) throws {
    try require(analysis.instructions[leader].entry >= 0, "\(what): target has no state")
    try require(symbols.count >= count, "\(what): stack too shallow")
    let entries = analysis.entryStack(leader)
    let places = canonical(leader)
    for position in 0..<count {
      let symbol = symbols[position]
      let entry = entries[position]
      if entry.kind.isNull {
        try require(symbol == Self.null, "\(what): entry \(position) is not NULL")
      } else if code.isTraced || entry.isTemporary {
        try require(places[position] < code.registerCount, "\(what): register of entry \(position) out of range")
        try require(registers[places[position]] == symbol, "\(what): entry \(position) is not in r\(places[position])")
      } else if entry.origin >= 0 {
        try require(registers[Int(entry.origin)] == symbol, "\(what): entry \(position) is not local \(entry.origin)")
      } else {
        try require(symbol == Self.constant(-2 - Int(entry.origin)), "\(what): entry \(position) is not its constant")
      }
    }
    for variable in 0..<analysis.localCount {
      try require(registers[variable] == locals[variable], "\(what): local \(variable) differs")
    }
  }

  func checkEdge(_ target: Int, _ symbols: [Symbol], _ what: String) throws {
    try require(Int(analysis.instructions[target].depth) == symbols.count, "\(what): depth")
    try checkState(target, symbols, symbols.count, what)
  }

  /// The exception table for the instruction at `word`, which can raise if `canRaise`.
  func checkHandler(_ at: Int, canRaise: Bool) throws {
    let instruction = analysis.instructions[index]
    let covering = code.handler(for: at)
    guard canRaise else { return }
    guard instruction.range >= 0 else {
      try require(covering == nil, "handler where there is none")
      return
    }
    let range = analysis.ranges[Int(instruction.range)]
    guard let covering else { throw fault("handler missing") }
    let places = canonical(range.handler)
    try require(Int(covering.pointee.handler) == label(range.handler), "wrong handler")
    try require(Int(covering.pointee.exceptionRegister) == places[places.count - 1], "wrong exception register")
    let lasti = range.hasLasti ? places[places.count - 2] : Int(Encoding.noRegister)
    try require(Int(covering.pointee.lastiRegister) == lasti, "wrong lasti register")
    try require(places[places.count - 1] < code.registerCount, "exception register out of range")
    try checkState(range.handler, before, range.depth, "handler")
  }

  // MARK: Words

  func isMove(_ instruction: Instruction) -> Bool {
    instruction == .move || instruction == .move2 || instruction == .setNull || instruction == .loadConstantWide
  }

  mutating func executeMove() throws {
    let move = code.words[word]
    switch move.instruction {
    case .move: try write(move.a, try read(move.b))
    case .move2:
      let first = try read(move.b)
      let second = try read(move.c)
      try write(move.a, first)
      try write(move.a + 1, second)
    case .setNull: try write(move.a, Self.null)
    default: try write(move.a, Self.constant(move.wideIndex))
    }
    word += 1
  }

  /// Executes the moves that belong to bytecode up to the present instruction.
  mutating func drain() throws {
    let last = Int(analysis.instructions[index + fused - 1].start) * 2
    while word < code.wordCount, isMove(code.words[word].instruction), code.bytecodeOffset(word) <= last { try executeMove() }
  }

  /// The next instruction that is no move: it must be `expected`. Checks what an exception in it would see, and steps over it.
  mutating func next(_ expected: Instruction) throws -> UnsafeMutablePointer<InstructionWord> {
    try drain()
    try require(word < code.wordCount, "code ends")
    wideName = -1
    if code.words[word].instruction == .wide {
      wideName = code.words[word].wideIndex
      word += 1
    }
    let found = code.words + word
    try require(found.pointee.instruction == expected, "\(table[expected].name) expected")
    let own = Int(analysis.instructions[index].start) * 2
    try require(code.bytecodeOffset(word) == own, "wrong bytecode offset")
    var canRaise = false
    for step in 0..<fused where analysis.mayRaise(analysis.instruction(index + step)) { canRaise = true }
    try checkHandler(word, canRaise: canRaise)
    word += table.length(found)
    return found
  }

  func checkName(_ field: UInt16, _ name: Int) throws {
    try require(field == Encoding.wideName ? wideName == name : Int(field) == name && wideName < 0, "wrong name")
  }

  func checkOperand(_ field: UInt16, _ symbol: Symbol) throws {
    try require(try read(field) == symbol, "wrong operand")
  }

  /// A register operand (no constant).
  func checkRegister(_ field: UInt16, _ symbol: Symbol) throws {
    try require(field & Encoding.constantBit == 0, "constant not allowed")
    try checkOperand(field, symbol)
  }

  /// Target of the conditional jump at `at`, through a far jump if that is where it goes.
  func checkTarget(_ at: UnsafeMutablePointer<InstructionWord>, _ target: Int) throws {
    let position = at - code.words
    var reached = position + at.pointee.target
    try require(reached >= 0 && reached < code.wordCount, "jump out of the code")
    if code.hasFarJumps {
      let length = table.length(at)
      try require(reached == position + length + 1 && code.words[position + length].instruction == .jump, "bad far jump")
      try require(code.words[position + length].farTarget == 2, "bad far jump")
      let far = code.words[reached]
      try require(far.instruction == (target <= index ? .jumpBack : .jump), "bad far jump")
      reached += far.farTarget
    }
    try require(reached == label(target), "jump to the wrong word")
  }

  /// Steps over the far-jump words that follow a conditional jump.
  mutating func skipFar() {
    if code.hasFarJumps { word += 2 }
  }

  // MARK: Blocks

  mutating func validate() throws {
    try checkTables()
    for leader in 0..<analysis.instructions.count {
      let instruction = analysis.instructions[leader]
      if leader == 0 || instruction.isJoin, instruction.entry >= 0 { try validateBlock(leader) }
    }
  }

  private func checkTables() throws {
    var last = 0
    for number in 0..<code.handlerCount {
      let range = code.handlers[number]
      try require(range.start < range.end && Int(range.start) >= last && Int(range.end) <= code.wordCount, "exception table out of order")
      last = Int(range.end)
    }
    try require(code.registerCount <= Encoding.indexLimit && code.registerCount >= analysis.localCount, "register count")
  }

  private mutating func validateBlock(_ leader: Int) throws {
    index = leader
    fused = 1
    word = leader == 0 ? 0 : label(leader)
    locals = (0..<analysis.localCount).map { Self.register($0) }
    registers = locals + Array(repeating: Self.garbage, count: code.registerCount - locals.count)
    stack = []
    let entries = analysis.entryStack(leader)
    for (position, place) in canonical(leader).enumerated() {
      let entry = entries[position]
      if entry.kind.isNull {
        stack.append(Self.null)
      } else if code.isTraced || entry.isTemporary {
        try require(place < code.registerCount, "register of an entry out of range")
        registers[place] = Self.register(place)
        stack.append(Self.register(place))
      } else if entry.origin >= 0 {
        stack.append(locals[Int(entry.origin)])
      } else {
        stack.append(Self.constant(-2 - Int(entry.origin)))
      }
    }
    while true {
      before = stack
      fused = 1
      if code.isTraced { try validateTrace() }
      let continues = try validateInstruction()
      if !continues { return }
      try checkFrameState(index + fused)
      try drain()
      index += fused
      fused = 1
      guard index < analysis.instructions.count else { throw LoweringFault(message: "falls off the end") }
      if analysis.instructions[index].isJoin {
        try require(word == label(index), "label not reached")
        try checkEdge(index, stack, "fall")
        return
      }
    }
  }

  /// If a state is recorded for this point it must find the values of the stack.
  private func checkFrameState(_ next: Int) throws {
    guard next < analysis.instructions.count, !states.isEmpty else { return }
    guard let state = states[word] else { throw fault("frame state: none recorded") }
    guard state.nextUnit == Int(analysis.instructions[next].start) else { return }
    var number = 0
    for symbol in stack where symbol != Self.null {
      try require(number < state.entries.count, "frame state: too few entries")
      let place = state.entries[number].place
      let found = place.isConstant ? Self.constant(place.constantIndex) : place.isNull ? Self.null : registers[place.register]
      try require(found == symbol, "frame state: entry \(number) is not there")
      number += 1
    }
    try require(number == state.entries.count, "frame state: too many entries")
  }

  private mutating func validateTrace() throws {
    try require(word < code.wordCount && code.words[word].instruction == .trace, "TRACE missing")
    try require(code.bytecodeOffset(word) == Int(analysis.instructions[index].start) * 2, "TRACE at the wrong offset")
    if analysis.instructions[index].isTraceHandled {
      try checkHandler(word, canRaise: true)
    } else {
      try require(code.handler(for: word) == nil, "TRACE handled")
    }
    word += 1
  }

  // MARK: Helpers for instructions

  func top(_ depth: Int) -> Symbol { stack[stack.count - depth] }

  /// `d ← op b, c`: pops `pops` operands of which the fields read the lowest ones in order, pushes one result.
  private mutating func simple(_ op: Instruction, pops: Int, kept: Int = 0, c: Int? = nil) throws -> UnsafeMutablePointer<InstructionWord> {
    let found = try next(op)
    if pops > 0 { try checkOperand(found.pointee.b, top(pops)) }
    if pops > 1 { try checkOperand(found.pointee.c, top(pops - 1)) }
    if let c { try require(Int(found.pointee.c) == c, "wrong immediate") }
    stack.removeLast(pops - kept)
    stack.append(result())
    try write(found.pointee.a, result())
    return found
  }

  /// An instruction whose field `a` is read.
  private mutating func first(_ op: Instruction, reads symbol: Symbol, isRegister: Bool = false) throws {
    let found = try next(op)
    try require(!isRegister || found.pointee.a & Encoding.constantBit == 0, "constant not allowed")
    try checkOperand(found.pointee.a, symbol)
  }

  func cache(_ found: UnsafeMutablePointer<InstructionWord>) -> UInt64 { found[1].bits }

  /// Two results: the lower entry in `first`, the upper one in `second`.
  private mutating func pushPair(_ first: UInt16, _ second: UInt16) throws {
    try require(first != second, "same destination twice")
    try write(first, result(0))
    try write(second, result(1))
    stack.append(result(0))
    stack.append(result(1))
  }

  private mutating func conditional(_ op: Instruction, _ operands: [Symbol], _ target: Int) throws {
    let found = try next(op)
    try checkOperand(found.pointee.a, operands[0])
    if operands.count > 1 { try checkOperand(found.pointee.b, operands[1]) }
    try checkTarget(found, target)
    try checkEdge(target, stack, "branch")
    skipFar()
  }

  private func popJump(_ at: Int) -> (isTrue: Bool, target: Int)? {
    guard at < analysis.instructions.count else { return nil }
    let jump = analysis.instructions[at]
    switch jump.opcode {
    case .popJumpForwardIfTrue, .popJumpBackwardIfTrue: return (true, Int(jump.target))
    case .popJumpForwardIfFalse, .popJumpBackwardIfFalse: return (false, Int(jump.target))
    default: return nil
    }
  }

  /// COMPARE_OP and its like, alone or with the jump behind.
  private mutating func validateTest(_ plain: Instruction, _ arg: Int) throws {
    let opcode = analysis.instructions[index].opcode
    let keeps = opcode == .checkExcMatch ? 1 : 0
    try drain()
    if word < code.wordCount, code.words[word].instruction == plain {
      let found = try simple(plain, pops: 2, kept: keeps)
      if opcode == .compareOp { try require(cache(found) & 255 == UInt64(arg), "wrong comparison") }
      return
    }
    guard let jump = popJump(index + 1), !analysis.instructions[index + 1].isJoin else { throw fault("no jump to fuse with") }
    try require(analysis.instructions[index].range == analysis.instructions[index + 1].range, "fused across ranges")
    let operands = [top(2), top(1)]
    stack.removeLast(2 - keeps)
    fused = 2
    let positive = (arg == 0) == jump.isTrue
    switch opcode {
    case .compareOp:
      let start = word
      try conditional(.jumpCompare, operands, jump.target)
      var at = start
      while code.words[at].instruction != .jumpCompare { at += 1 }
      try require(code.words[at + 1].bits & 0x1FF == UInt64(arg) | (jump.isTrue ? 0x100 : 0), "wrong comparison")
    case .isOp: try conditional(positive ? .jumpIs : .jumpIsNot, operands, jump.target)
    case .containsOp: try conditional(positive ? .jumpContains : .jumpNotContains, operands, jump.target)
    default: try conditional(jump.isTrue ? .jumpExcMatch : .jumpExcNoMatch, operands, jump.target)
    }
  }

  private mutating func validateCall(_ arg: Int) throws {
    let base = stack.count - arg - 2
    let kind = index >= 2 && analysis.instructions[index - 2].opcode == .kwNames ? analysis.instructions[index - 2].arg : -1
    try drain()
    let op = code.words[word].instruction
    if op == .withExit {
      let found = try next(.withExit)
      try checkOperand(found.pointee.b, stack[base])
      try require(arg == 2 && kind < 0 && stack[base] != Self.null, "no exit call")
      for position in base + 1..<stack.count {
        guard stack[position] >> 56 == 2 else { throw fault("argument is not None") }
        try require(analysis.view.constants[Int(stack[position] & 0xFFFF_FFFF)].tag == 4, "argument is not None")
      }
      try require(Int(found.pointee.c) + FrameLayout.argumentOffset + 3 <= code.registerCount, "frame too small")
      finishCall(found, found.pointee.c)
      return
    }
    if op == .call1 || op == .callMethod1 {
      let found = try next(op)
      try require(arg == 1 && kind < 0, "wrong argument count")
      try require((op == .call1) == (stack[base] == Self.null), "wrong form of call")
      let offset = op == .call1 ? FrameLayout.argumentOffset : FrameLayout.argumentOffset + 1
      try checkOperand(found.pointee.c, top(1))
      try require(Int(found.pointee.b) + offset < code.registerCount, "frame too small")
      for position in base..<stack.count - 1 where stack[position] != Self.null {
        let register = Int(found.pointee.b) + offset - (stack.count - 1 - position)
        try require(registers[register] == stack[position], "callee not in place")
      }
      finishCall(found, found.pointee.b)
      return
    }
    let isMethod = op == .callMethod || op == .callMethodKw
    let found = try next(isMethod ? (kind < 0 ? .callMethod : .callMethodKw) : (kind < 0 ? .call : .callKw))
    if kind >= 0 { try require(cache(found) & 0xFFFF_FFFF == UInt64(kind), "wrong keyword names") }
    var first = Int(found.pointee.b) + FrameLayout.calleeOffset
    var values = Array(stack[base...])
    if stack[base] == Self.null, !isMethod { values.removeFirst() }
    try require(Int(found.pointee.c) == (isMethod ? arg : values.count - 1), "wrong argument count")
    try require(first + values.count <= code.registerCount, "frame too small")
    // A method's header must be free for either form: NULL in the method's place moves the base up by one.
    for value in values {
      try require(registers[first] == value, "argument not in place")
      first += 1
    }
    finishCall(found, found.pointee.b)
    guard word < code.wordCount, code.words[word].instruction == .dropCall else { return }
    // What is freed must be out of sight. It lies where the call found it: as callee and variable of a frame that is gone.
    try require(values.count == 2 && arg == 0 && kind < 0, "no call of a comprehension")
    for value in values { try require(!stack.contains(value) && !locals.contains(value), "freed while in use") }
    let drop = try next(.dropCall)
    try require(Int(drop.pointee.a) == Int(found.pointee.b) + FrameLayout.calleeOffset, "not the call's operands")
  }

  private mutating func finishCall(_ found: UnsafeMutablePointer<InstructionWord>, _ base: UInt16) {
    let operands =
      analysis.instructions[index].opcode == .call ? analysis.instructions[index].arg + 2 : 3 + (analysis.instructions[index].arg & 1)
    stack.removeLast(operands)
    clobber(from: base)
    stack.append(result())
    if Int(found.pointee.a) < code.registerCount { registers[Int(found.pointee.a)] = result() }
  }

  private mutating func validateBuild(_ arg: Int) throws {
    let opcode = analysis.instructions[index].opcode
    try drain()
    let keys = opcode == .buildConstKeyMap ? 1 : 0
    let count = opcode == .buildMap ? arg * 2 : arg
    let items = Array(stack[(stack.count - count - keys)..<(stack.count - keys)])
    let op = code.words[word].instruction
    if op == .getSlice || op == .setSlice { return try validateSlice(op, items) }
    let forms: [Opcode: (Instruction, Instruction?, Instruction?)] = [
      .buildTuple: (.buildTuple, .tuple1, .tuple2), .buildList: (.buildList, .list1, .list2), .buildSet: (.buildSet, nil, nil),
      .buildMap: (.buildMap, nil, .map1), .buildString: (.buildString, nil, .string2), .buildSlice: (.buildSlice3, nil, .buildSlice2),
      .buildConstKeyMap: (.buildConstKeyMap, nil, nil),
    ]
    guard let form = forms[opcode] else { throw fault("not a builder") }
    let found = try next(op)
    if op == form.0 {
      for (number, item) in items.enumerated() {
        let register = Int(found.pointee.b) + number
        try require(register < code.registerCount && registers[register] == item, "item not in place")
      }
      if opcode == .buildSlice { try require(arg == 3, "wrong count") } else { try require(Int(found.pointee.c) == arg, "wrong count") }
      if keys > 0 { try checkOperand(UInt16(truncatingIfNeeded: cache(found)), top(1)) }
    } else if op == form.1 {
      try require(items.count == 1, "wrong count")
      try checkOperand(found.pointee.b, items[0])
    } else {
      try require(op == form.2 && items.count == 2, "wrong form")
      try checkOperand(found.pointee.b, items[0])
      try checkOperand(found.pointee.c, items[1])
    }
    stack.removeLast(count + keys)
    stack.append(result())
    try write(found.pointee.a, result())
  }

  /// BUILD_SLICE and the subscript behind it in one.
  private mutating func validateSlice(_ op: Instruction, _ bounds: [Symbol]) throws {
    try require(bounds.count == 2, "wrong count")
    let range = analysis.instructions[index].range
    index += 1
    guard index < analysis.instructions.count else { throw LoweringFault(message: "no subscript") }
    let subscripting = analysis.instructions[index]
    try require(subscripting.opcode == (op == .getSlice ? .binarySubscr : .storeSubscr), "no subscript")
    try require(!subscripting.isJoin && subscripting.range == range, "fused across a label")
    stack.removeLast(2)
    let found = try next(op)
    if op == .getSlice {
      try checkOperand(found.pointee.b, top(1))
      try checkOperand(found.pointee.c, bounds[0])
      try checkOperand(UInt16(truncatingIfNeeded: cache(found)), bounds[1])
      stack.removeLast()
      stack.append(result())
      try write(found.pointee.a, result())
    } else {
      try checkOperand(found.pointee.a, top(1))
      try checkOperand(found.pointee.b, bounds[0])
      try checkOperand(found.pointee.c, bounds[1])
      try checkOperand(UInt16(truncatingIfNeeded: cache(found)), top(2))
      stack.removeLast(2)
    }
  }

  private mutating func validateUnpack(_ arg: Int) throws {
    let isExtended = analysis.instructions[index].opcode == .unpackEx
    let count = isExtended ? (arg & 255) + 1 + arg >> 8 : arg
    try drain()
    let source = top(1)
    stack.removeLast()
    // Result z is item z; the first item lands on top.
    for z in 0..<count { stack.append(result(count - 1 - z)) }
    if code.words[word].instruction == .unpack2 {
      let found = try next(.unpack2)
      try require(!isExtended && count == 2, "wrong count")
      try checkOperand(found.pointee.c, source)
      try write(found.pointee.a, result(0))
      try write(found.pointee.b, result(1))
      return
    }
    let found = try next(isExtended ? .unpackEx : .unpackN)
    try checkOperand(found.pointee.a, source)
    try require(Int(found.pointee.b) == (isExtended ? arg & 255 : arg), "wrong count")
    if isExtended { try require(Int(found.pointee.c) == arg >> 8, "wrong count") }
    for z in 0..<count {
      try write(UInt16(truncatingIfNeeded: found[2 + z / 4].bits >> UInt64(z % 4 * 16)), result(z))
    }
  }

  private mutating func validateFunction(_ flags: Int) throws {
    let found = try next(.makeFunction)
    let count = 1 + flags.nonzeroBitCount
    try require(Int(found.pointee.c & ~Encoding.temporaryBit) == flags, "wrong flags")
    try checkOperand(found.pointee.b, top(1))
    var depth = count
    for bit in 0..<4 where flags >> bit & 1 != 0 {
      try checkOperand(UInt16(truncatingIfNeeded: cache(found) >> UInt64(bit * 16)), top(depth))
      depth -= 1
    }
    stack.removeLast(count)
    stack.append(result())
    try write(found.pointee.a, result())
  }

  private mutating func validateAdd(_ op: Instruction, _ arg: Int) throws {
    let found = try next(op)
    let operands = op == .mapAdd ? 2 : 1
    try checkRegister(found.pointee.a, top(operands + arg))
    try checkOperand(found.pointee.b, top(operands))
    if op == .mapAdd { try checkOperand(found.pointee.c, top(1)) }
    if op == .dictMerge { try checkOperand(found.pointee.c, top(arg + 3)) }
    stack.removeLast(operands)
  }

  // MARK: One instruction

  /// False if control does not continue behind it.
  private mutating func validateInstruction() throws -> Bool {
    let instruction = analysis.instructions[index]
    let arg = instruction.arg
    switch instruction.opcode {
    case .nop, .resume, .precall, .kwNames: break
    case .loadFast:
      if instruction.needsCheck || code.isTraced { try first(.checkBound, reads: locals[arg], isRegister: true) }
      stack.append(locals[arg])
    case .loadClosure: stack.append(locals[arg])
    case .loadConst: stack.append(Self.constant(arg))
    case .pushNull: stack.append(Self.null)
    case .storeFast:
      if instruction.endsValue, !code.isTraced {
        try drain()
        // Not where the next instruction deletes the local
        if word < code.wordCount, code.words[word].instruction == .unbind, code.bytecodeOffset(word) == Int(instruction.start) * 2 {
          let found = try next(.unbind)
          try require(Int(found.pointee.a) == arg, "wrong local")
          try write(found.pointee.a, Self.unbound)
        }
      }
      locals[arg] = stack.removeLast()
    case .deleteFast:
      let found = try next(instruction.needsCheck || code.isTraced ? .unbindCheck : .unbind)
      try require(Int(found.pointee.a) == arg, "wrong local")
      locals[arg] = Self.unbound
      try write(found.pointee.a, Self.unbound)
    case .popTop:
      try drain()
      if word < code.wordCount, code.words[word].instruction == .dropIter,
        code.bytecodeOffset(word) == Int(analysis.instructions[index].start) * 2
      {
        try first(.dropIter, reads: top(1), isRegister: true)
      }
      stack.removeLast()
    case .swap: stack.swapAt(stack.count - 1, stack.count - arg)
    case .copy: stack.append(top(arg))
    case .makeCell:
      let found = try next(.makeCell)
      try require(Int(found.pointee.a) == arg, "wrong cell")
      locals[arg] = result()
      try write(found.pointee.a, result())
    case .copyFreeVars:
      let found = try next(.copyFree)
      try require(Int(found.pointee.a) == analysis.localCount - arg && Int(found.pointee.b) == arg, "wrong cells")
      for cell in analysis.localCount - arg..<analysis.localCount {
        locals[cell] = result(cell)
        registers[cell] = result(cell)
      }
    case .loadDeref, .loadClassderef:
      let found = try next(instruction.opcode == .loadDeref ? .loadCell : .loadClassCell)
      try checkRegister(found.pointee.b, locals[arg])
      stack.append(result())
      try write(found.pointee.a, result())
    case .storeDeref:
      let found = try next(.storeCell)
      try checkRegister(found.pointee.a, locals[arg])
      try checkOperand(found.pointee.b, stack.removeLast())
    case .deleteDeref: try first(.deleteCell, reads: locals[arg], isRegister: true)
    case .loadGlobal:
      if arg & 1 != 0 { stack.append(Self.null) }
      let found = try simple(.loadGlobal, pops: 0)
      try checkName(found.pointee.b, arg >> 1)
    case .loadName:
      let found = try simple(.loadName, pops: 0)
      try checkName(found.pointee.b, arg)
    case .storeName, .storeGlobal:
      let found = try next(instruction.opcode == .storeName ? .storeName : .storeGlobal)
      try checkOperand(found.pointee.a, stack.removeLast())
      try checkName(found.pointee.b, arg)
    case .deleteName, .deleteGlobal:
      let found = try next(instruction.opcode == .deleteName ? .deleteName : .deleteGlobal)
      try checkName(found.pointee.b, arg)
    case .loadBuildClass: _ = try simple(.loadBuildClass, pops: 0)
    case .loadAssertionError: _ = try simple(.loadAssertionError, pops: 0)
    case .setupAnnotations: _ = try next(.setupAnnotations)
    case .importName:
      let found = try simple(.importName, pops: 2)
      try require(cache(found) == UInt64(arg), "wrong name")
    case .importFrom:
      let found = try simple(.importFrom, pops: 1, kept: 1)
      try checkName(found.pointee.c, arg)
    case .importStar: try first(.importStar, reads: stack.removeLast())
    case .loadAttr:
      let found = try simple(.loadAttr, pops: 1)
      try checkName(found.pointee.c, arg)
    case .storeAttr:
      let found = try next(.storeAttr)
      try checkOperand(found.pointee.a, top(1))
      try checkOperand(found.pointee.b, top(2))
      try checkName(found.pointee.c, arg)
      stack.removeLast(2)
    case .deleteAttr:
      let found = try next(.deleteAttr)
      try checkOperand(found.pointee.a, stack.removeLast())
      try checkName(found.pointee.c, arg)
    case .loadMethod:
      let found = try next(.loadMethod)
      try checkOperand(found.pointee.b, stack.removeLast())
      try checkName(found.pointee.c, arg)
      try pushPair(found.pointee.a, found.pointee.a + 1)
    case .unaryPositive: _ = try simple(.unaryPositive, pops: 1)
    case .unaryNegative: _ = try simple(.unaryNegative, pops: 1)
    case .unaryNot: _ = try simple(.unaryNot, pops: 1)
    case .unaryInvert: _ = try simple(.unaryInvert, pops: 1)
    case .binaryOp:
      let found = try simple(.binaryOp, pops: 2)
      try require(cache(found) & 255 == UInt64(arg), "wrong operator")
    case .binarySubscr: _ = try simple(.getItem, pops: 2)
    case .storeSubscr:
      let found = try next(.setItem)
      try checkOperand(found.pointee.a, top(2))
      try checkOperand(found.pointee.b, top(1))
      try checkOperand(found.pointee.c, top(3))
      stack.removeLast(3)
    case .deleteSubscr:
      let found = try next(.deleteItem)
      try checkOperand(found.pointee.a, top(2))
      try checkOperand(found.pointee.b, top(1))
      stack.removeLast(2)
    case .compareOp: try validateTest(.compareOp, arg)
    case .isOp: try validateTest(arg == 0 ? .isOp : .isNot, arg)
    case .containsOp: try validateTest(arg == 0 ? .contains : .notContains, arg)
    case .checkExcMatch: try validateTest(.checkExcMatch, 0)
    case .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt:
      try drain()
      if code.words[word].instruction == .forLoop {
        // As JUMP_BACK to a FOR_ITER with the same fields, which must be all there is at the label.
        let found = try next(.forLoop)
        let start = label(Int(instruction.target))
        let loop = code.words[start]
        try require(loop.instruction == .forIter && loop.a == found.pointee.a && loop.b == found.pointee.b, "not the loop's FOR_ITER")
        let body = start + 1 + Int(table[.forIter].words)
        try require(found - code.words + found.pointee.target == body, "jump to the wrong word")
        try require(instruction.opcode == .jumpBackward, "loop without a poll")
        try checkEdge(Int(instruction.target), stack, "jump")
        return false
      }
      let found = try next(instruction.opcode == .jumpBackward ? .jumpBack : .jump)
      try require(found - code.words + found.pointee.farTarget == label(Int(instruction.target)), "jump to the wrong word")
      try checkEdge(Int(instruction.target), stack, "jump")
      return false
    case .jumpIfFalseOrPop, .jumpIfTrueOrPop: try validateKeepingJump(instruction)
    case .getIter: _ = try simple(.getIter, pops: 1)
    case .forIter:
      let found = try next(.forIter)
      try checkRegister(found.pointee.b, top(1))
      try checkTarget(found, Int(instruction.target))
      try checkEdge(Int(instruction.target), Array(stack.dropLast()), "exhausted")
      skipFar()
      stack.append(result())
      try write(found.pointee.a, result())
    case .unpackSequence, .unpackEx: try validateUnpack(arg)
    case .call: try validateCall(arg)
    case .callFunctionEx:
      let found = try next(.callEx)
      let operands = 2 + (arg & 1)
      try require(Int(found.pointee.c) == arg, "wrong flags")
      for position in 0..<operands {
        let register = Int(found.pointee.b) + FrameLayout.calleeOffset + position
        try require(register < code.registerCount && registers[register] == top(operands - position), "argument not in place")
      }
      finishCall(found, found.pointee.b)
    case .makeFunction: try validateFunction(arg)
    case .returnValue:
      try drain()
      try first(code.words[word].instruction == .returnTuple ? .returnTuple : .returnValue, reads: top(1))
      return false
    case .returnGenerator: _ = try simple(.returnGenerator, pops: 0)
    case .buildTuple, .buildList, .buildSet, .buildMap, .buildString, .buildConstKeyMap, .buildSlice: try validateBuild(arg)
    case .formatValue:
      if arg & 4 != 0 {
        let found = try simple(.formatSpec, pops: 2)
        try require(cache(found) & 255 == UInt64(arg & 3), "wrong conversion")
      } else {
        _ = try simple(.format, pops: 1, c: arg & 3)
      }
    case .listAppend: try validateAdd(.listAppend, arg)
    case .listExtend: try validateAdd(.listExtend, arg)
    case .setAdd: try validateAdd(.setAdd, arg)
    case .setUpdate: try validateAdd(.setUpdate, arg)
    case .dictUpdate: try validateAdd(.dictUpdate, arg)
    case .dictMerge: try validateAdd(.dictMerge, arg)
    case .mapAdd: try validateAdd(.mapAdd, arg)
    case .listToTuple: _ = try simple(.listToTuple, pops: 1)
    case .getLen: _ = try simple(.getLen, pops: 1, kept: 1)
    case .matchMapping: _ = try simple(.matchMapping, pops: 1, kept: 1)
    case .matchSequence: _ = try simple(.matchSequence, pops: 1, kept: 1)
    case .matchKeys: _ = try simple(.matchKeys, pops: 2, kept: 2)
    case .matchClass:
      let found = try next(.matchClass)
      try checkOperand(found.pointee.b, top(3))
      try checkOperand(found.pointee.c, top(2))
      try checkOperand(UInt16(truncatingIfNeeded: cache(found)), top(1))
      try require(cache(found) >> 32 == UInt64(arg), "wrong count")
      stack.removeLast(3)
      stack.append(result())
      try write(found.pointee.a, result())
    case .printExpr: try first(.printExpr, reads: stack.removeLast())
    case .yieldValue: _ = try simple(.yieldValue, pops: 1)
    case .asyncGenWrap: _ = try simple(.asyncGenWrap, pops: 1)
    case .send:
      let found = try next(.yieldFrom)
      try checkRegister(found.pointee.b, top(2))
      try checkOperand(found.pointee.c, top(1))
      stack.removeLast(2)
      stack.append(result())
      try write(found.pointee.a, result())
      fused = 4
    case .getAwaitable: _ = try simple(.getAwaitable, pops: 1, c: arg)
    case .getAiter: _ = try simple(.getAiter, pops: 1)
    case .getAnext: _ = try simple(.getAnext, pops: 1, kept: 1)
    case .getYieldFromIter: _ = try simple(.getYieldFromIter, pops: 1)
    case .endAsyncFor:
      try first(.endAsyncFor, reads: top(1), isRegister: true)
      stack.removeLast(2)
    case .pushExcInfo:
      let found = try next(.pushExc)
      let exception = stack.removeLast()
      try checkRegister(found.pointee.c, exception)
      try require(found.pointee.a != found.pointee.b, "same destination twice")
      try write(found.pointee.a, result())
      try write(found.pointee.b, exception)
      stack.append(result())
      stack.append(exception)
    case .popExcept: try first(.popExc, reads: stack.removeLast(), isRegister: true)
    case .reraise:
      let found = try next(arg == 0 ? .reraise : .reraiseLasti)
      try checkOperand(found.pointee.a, top(1))
      if arg > 0 { try checkRegister(found.pointee.b, top(arg + 1)) }
      return false
    case .raiseVarargs:
      let found = try next(arg == 0 ? .raise0 : arg == 1 ? .raise1 : .raise2)
      if arg > 0 { try checkOperand(found.pointee.a, top(arg)) }
      if arg > 1 { try checkOperand(found.pointee.b, top(1)) }
      return false
    case .checkEgMatch:
      let found = try next(.checkEgMatch)
      try checkOperand(found.pointee.b, top(2))
      try checkOperand(found.pointee.c, top(1))
      stack.removeLast(2)
      try pushPair(found.pointee.a, found.pointee.a + 1)
    case .prepReraiseStar: _ = try simple(.prepReraiseStar, pops: 2)
    case .beforeWith, .beforeAsyncWith:
      let found = try next(instruction.opcode == .beforeWith ? .withEnter : .asyncWithEnter)
      try checkOperand(found.pointee.c, stack.removeLast())
      try pushPair(found.pointee.a, found.pointee.b)
    case .withExceptStart:
      let found = try next(.withExcept)
      try checkOperand(found.pointee.b, top(4))
      try checkRegister(found.pointee.c, top(1))
      stack.append(result())
      try write(found.pointee.a, result())
    default:
      let value = stack.removeLast()
      let target = Int(instruction.target)
      switch instruction.opcode {
      case .popJumpForwardIfTrue, .popJumpBackwardIfTrue: try conditional(.jumpIfTrue, [value], target)
      case .popJumpForwardIfFalse, .popJumpBackwardIfFalse: try conditional(.jumpIfFalse, [value], target)
      case .popJumpForwardIfNone, .popJumpBackwardIfNone: try conditional(.jumpIfNone, [value], target)
      case .popJumpForwardIfNotNone, .popJumpBackwardIfNotNone: try conditional(.jumpIfNotNone, [value], target)
      default: throw fault("opcode unknown to the validator")
      }
    }
    return true
  }

  private mutating func validateKeepingJump(_ instruction: DecodedInstruction) throws {
    let target = Int(instruction.target)
    let isTrue = instruction.opcode == .jumpIfTrueOrPop
    try drain()
    if code.words[word].instruction == (isTrue ? .copyJumpIfTrue : .copyJumpIfFalse) {
      let found = try next(code.words[word].instruction)
      try checkOperand(found.pointee.b, top(1))
      try checkTarget(found, target)
      let saved = registers
      try write(found.pointee.a, top(1))
      try checkEdge(target, stack, "branch")
      registers = saved
      skipFar()
    } else {
      try conditional(isTrue ? .jumpIfTrue : .jumpIfFalse, [top(1)], target)
    }
    stack.removeLast()
  }
}
