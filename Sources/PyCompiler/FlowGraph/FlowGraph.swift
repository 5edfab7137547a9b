import PyBytecode

/// Index of a basic block in its graph; -1 is no block.
typealias BlockID = Int32

/// One instruction of the flow graph. Trivial, 32 bytes.
struct Instruction {
  var op: Op
  var argument: Int32
  /// Where a jump goes, or the handler that a block operation names.
  var target: BlockID
  /// The handler that covers the instruction, known after `labelExceptionTargets`.
  var handler: BlockID
  var location: SourceLocation

  @inline(__always) init(_ op: Op, _ argument: Int32 = 0, target: BlockID = -1, at location: SourceLocation) {
    self.op = op
    self.argument = argument
    self.target = target
    handler = -1
    self.location = location
  }
}

/// A run of instructions, `instructions[start ..< start + count]` of the graph, of which only the last may jump or leave.
/// `next` is the block that follows in the code. Blocks are numbered in order of creation, which some passes depend on.
struct BasicBlock {
  var start: Int32 = 0
  var count: Int32 = 0
  var next: BlockID = -1
  var predecessors: Int32 = 0
  /// Operand stack depth on entry; `Int32.min` while unknown.
  var startDepth: Int32 = .min
  /// Offset in code units, after layout.
  var offset: Int32 = 0
  /// Top of the persistent stack of handlers on entry.
  var handlers: Int32 = -1
  var visited = false
  /// As a handler: the offset of the raising instruction is pushed too.
  var preservesLasti = false
}

/// The code of one code object as a graph of basic blocks, while it is lowered and optimised. Lowering appends to the block `current`,
/// so all instructions stand in `instructions` in order of emission and blocks are slices of it. Block 0 is the entry.
struct FlowGraph {
  var instructions = Vec<Instruction>(capacity: 256)
  var blocks = Vec<BasicBlock>(capacity: 64)
  var current: BlockID = 0

  init() { reset() }

  func free() {
    instructions.free()
    blocks.free()
  }

  mutating func reset() {
    instructions.truncate(to: 0)
    blocks.truncate(to: 0)
    blocks.append(BasicBlock())
    current = 0
  }

  // MARK: Building

  @inline(__always) mutating func newBlock() -> BlockID {
    let id = BlockID(truncatingIfNeeded: blocks.count)
    blocks.append(BasicBlock())
    return id
  }

  /// Continues with `block` after the current one.
  @inline(__always) mutating func use(_ block: BlockID) {
    blocks[current].next = block
    blocks[block].start = Int32(truncatingIfNeeded: instructions.count)
    current = block
  }

  /// Appends to the current block; after a jump or an exit a new block begins by itself.
  @inline(__always) mutating func emit(_ instruction: Instruction) {
    let count = blocks[current].count
    if count > 0 {
      let last = instructions[instructions.count &- 1].op
      if last.isJump || last.isScopeExit { use(newBlock()) }
    }
    instructions.append(instruction)
    blocks[current].count &+= 1
  }

  // MARK: Access

  @inline(__always) func first(_ block: BlockID) -> UnsafeMutablePointer<Instruction> {
    instructions.base + Int(blocks[block].start)
  }

  /// The last instruction of a block that is not empty.
  @inline(__always) func last(_ block: BlockID) -> UnsafeMutablePointer<Instruction> {
    instructions.base + Int(blocks[block].start &+ blocks[block].count &- 1)
  }

  /// Ends with a return or raise.
  @inline(__always) func isExit(_ block: BlockID) -> Bool { blocks[block].count > 0 && last(block).pointee.op.isScopeExit }

  /// Control can run on into the next block.
  @inline(__always) func fallsThrough(_ block: BlockID) -> Bool {
    if blocks[block].count == 0 { return true }
    let op = last(block).pointee.op
    return !(op.isScopeExit || op.isUnconditionalJump)
  }

  /// `block` or the first block after it that is not empty; the last one if all are.
  @inline(__always) func skippingEmpty(_ block: BlockID) -> BlockID {
    var block = block
    while blocks[block].count == 0 && blocks[block].next >= 0 { block = blocks[block].next }
    return block
  }

  // MARK: Changing

  /// Makes room for `extra` more instructions at the end of `block`, moving it to the end of the buffer if others follow it.
  private mutating func makeRoom(_ block: BlockID, _ extra: Int32) {
    let start = blocks[block].start
    let count = blocks[block].count
    if Int(start &+ count) == instructions.count { return }
    instructions.reserve(instructions.count + Int(count &+ extra))
    let moved = Int32(truncatingIfNeeded: instructions.count)
    for index in start..<(start &+ count) { instructions.append(instructions[index]) }
    blocks[block].start = moved
  }

  mutating func append(_ instruction: Instruction, to block: BlockID) {
    makeRoom(block, 1)
    instructions.append(instruction)
    blocks[block].count &+= 1
  }

  mutating func append(copyOf source: BlockID, to block: BlockID) {
    let count = blocks[source].count
    makeRoom(block, count)
    instructions.reserve(instructions.count + Int(count))
    let from = blocks[source].start
    for index in from..<(from &+ count) { instructions.append(instructions[index]) }
    blocks[block].count &+= count
  }

  mutating func insert(_ instruction: Instruction, at position: Int, in block: BlockID) {
    append(instruction, to: block)
    let base = first(block)
    var index = Int(blocks[block].count) - 1
    while index > position {
      base[index] = base[index - 1]
      index -= 1
    }
    base[position] = instruction
  }
}
