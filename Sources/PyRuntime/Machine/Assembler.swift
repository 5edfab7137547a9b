/// Registers of the processor by their numbers.
struct GP: Equatable {
  let number: UInt8
  static let rax = GP(number: 0), rcx = GP(number: 1), rdx = GP(number: 2), rbx = GP(number: 3)
  static let rsp = GP(number: 4), rbp = GP(number: 5), rsi = GP(number: 6), rdi = GP(number: 7)
  static let r8 = GP(number: 8), r9 = GP(number: 9), r10 = GP(number: 10), r11 = GP(number: 11)
  static let r12 = GP(number: 12), r13 = GP(number: 13), r14 = GP(number: 14), r15 = GP(number: 15)
}
struct XMM: Equatable {
  let number: UInt8
}

/// An address: base, index times 1, 2, 4 or 8, displacement.
struct Address {
  var base: GP
  var index: GP?
  var shift: UInt8 = 0
  var offset: Int32

  init(_ base: GP, _ offset: Int, index: GP? = nil, shift: UInt8 = 0) {
    self.base = base
    self.offset = Int32(truncatingIfNeeded: offset)
    self.index = index
    self.shift = shift
  }
}

/// The two-operand instructions with one encoding, by the number in their opcodes.
enum ALU: UInt8 {
  case add = 0, or = 1, and = 4, sub = 5, xor = 6, cmp = 7
}
enum Shift: UInt8 {
  case left = 4, right = 5, arithmetic = 7
}
/// Scalar double operations, by their opcodes behind F2 0F.
enum SSE: UInt8 {
  case add = 0x58, mul = 0x59, sub = 0x5C, div = 0x5E, sqrt = 0x51
}
enum Condition: UInt8 {
  case overflow = 0, notOverflow = 1, below = 2, aboveEqual = 3, equal = 4, notEqual = 5, belowEqual = 6, above = 7
  case sign = 8, notSign = 9, parity = 10, notParity = 11, less = 12, greaterEqual = 13, lessEqual = 14, greater = 15

  var negated: Condition { Condition(rawValue: rawValue ^ 1).unsafelyUnwrapped }
}

/// A place in the code, known once it is bound.
struct Label: Equatable {
  let number: Int
}

/// Writes x86-64 instructions. Jumps have 32-bit distances, filled in by `finish`. Operations are on 64 bits unless the name says otherwise.
struct Assembler {
  private(set) var bytes: [UInt8] = []
  private var labels: [Int] = []
  private var patches: [(at: Int, label: Label)] = []
  /// 64-bit constants behind the code, with their labels
  private var pool: [(bits: UInt64, label: Label)] = []

  init() { bytes.reserveCapacity(4096) }

  // MARK: labels

  mutating func label() -> Label {
    labels.append(-1)
    return Label(number: labels.count - 1)
  }
  mutating func bind(_ label: Label) { labels[label.number] = bytes.count }
  /// Where a label was bound
  func offset(_ label: Label) -> Int { labels[label.number] }

  mutating func constant(_ bits: UInt64) -> Label {
    if let known = pool.first(where: { $0.bits == bits }) { return known.label }
    let made = label()
    pool.append((bits, made))
    return made
  }

  /// Puts the constants behind the code and fills in the distances; false if a label was never bound.
  mutating func finish() -> Bool {
    while bytes.count % 8 != 0 { byte(0xCC) }
    for (bits, label) in pool {
      bind(label)
      quad(bits)
    }
    for (at, label) in patches {
      let target = labels[label.number]
      if target < 0 { return false }
      let distance = UInt32(bitPattern: Int32(truncatingIfNeeded: target - (at + 4)))
      for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: distance >> (8 * UInt32(i))) }
    }
    patches = []
    return true
  }

  // MARK: bytes

  private mutating func byte(_ b: UInt8) { bytes.append(b) }
  private mutating func long(_ v: Int32) {
    let u = UInt32(bitPattern: v)
    for i in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: u >> (8 * UInt32(i)))) }
  }
  private mutating func quad(_ v: UInt64) {
    for i in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: v >> (8 * UInt64(i)))) }
  }
  private mutating func distance(to label: Label) {
    patches.append((bytes.count, label))
    long(0)
  }

  /// REX: 64 bits, and the fourth bits of the three register numbers; 0x40 where it says nothing
  private func prefixByte(_ wide: Bool, _ reg: UInt8, _ index: UInt8, _ base: UInt8) -> UInt8 {
    var rex: UInt8 = wide ? 0x48 : 0x40
    if reg >= 8 { rex |= 4 }
    if index >= 8 { rex |= 2 }
    if base >= 8 { rex |= 1 }
    return rex
  }

  /// Prefix, opcode and operands of an instruction whose second operand is a register.
  private mutating func registers(_ prefix: UInt8?, _ opcode: [UInt8], _ reg: UInt8, _ rm: UInt8, wide: Bool, force: Bool = false) {
    if let prefix { byte(prefix) }
    let rex = prefixByte(wide, reg, 0, rm)
    if rex != 0x40 || force { byte(rex) }
    bytes.append(contentsOf: opcode)
    byte(0xC0 | ((reg & 7) << 3) | (rm & 7))
  }
  /// The same for memory.
  private mutating func memory(_ prefix: UInt8?, _ opcode: [UInt8], _ reg: UInt8, _ m: Address, wide: Bool, force: Bool = false) {
    if let prefix { byte(prefix) }
    let index = m.index?.number ?? 0
    let rex = prefixByte(wide, reg, index, m.base.number)
    if rex != 0x40 || force { byte(rex) }
    bytes.append(contentsOf: opcode)
    let low = m.base.number & 7
    let small = m.offset >= -128 && m.offset <= 127
    let mode: UInt8 = m.offset == 0 && low != 5 ? 0 : small ? 0x40 : 0x80
    if m.index != nil || low == 4 {
      byte(mode | ((reg & 7) << 3) | 4)
      let middle: UInt8 = m.index == nil ? 4 : index & 7
      byte((m.shift << 6) | (middle << 3) | low)
    } else {
      byte(mode | ((reg & 7) << 3) | low)
    }
    if mode == 0x40 { byte(UInt8(bitPattern: Int8(truncatingIfNeeded: m.offset))) }
    if mode == 0x80 { long(m.offset) }
  }

  // MARK: moves

  mutating func move(_ d: GP, _ s: GP) {
    if d != s { registers(nil, [0x89], s.number, d.number, wide: true) }
  }
  mutating func move(_ d: GP, imm v: UInt64) {
    if v == 0 { return registers(nil, [0x31], d.number, d.number, wide: false) }
    if v <= UInt64(UInt32.max) {
      if d.number >= 8 { byte(0x41) }
      byte(0xB8 | (d.number & 7))
      return long(Int32(bitPattern: UInt32(v)))
    }
    if let small = Int32(exactly: Int64(bitPattern: v)) {
      registers(nil, [0xC7], 0, d.number, wide: true)
      return long(small)
    }
    byte(0x48 | (d.number >> 3))
    byte(0xB8 | (d.number & 7))
    quad(v)
  }
  mutating func load(_ d: GP, _ m: Address) { memory(nil, [0x8B], d.number, m, wide: true) }
  mutating func store(_ m: Address, _ s: GP) { memory(nil, [0x89], s.number, m, wide: true) }
  mutating func load32(_ d: GP, _ m: Address) { memory(nil, [0x8B], d.number, m, wide: false) }
  mutating func store32(_ m: Address, _ s: GP) { memory(nil, [0x89], s.number, m, wide: false) }
  /// Sign- or zero-extended from 1, 2 or 4 bytes.
  mutating func load(_ d: GP, _ m: Address, bytes size: Int, signed: Bool) {
    switch (size, signed) {
    case (1, true): memory(nil, [0x0F, 0xBE], d.number, m, wide: true)
    case (1, false): memory(nil, [0x0F, 0xB6], d.number, m, wide: true)
    case (2, true): memory(nil, [0x0F, 0xBF], d.number, m, wide: true)
    case (2, false): memory(nil, [0x0F, 0xB7], d.number, m, wide: true)
    case (4, true): memory(nil, [0x63], d.number, m, wide: true)
    case (4, false): load32(d, m)
    default: load(d, m)
    }
  }
  mutating func address(_ d: GP, _ m: Address) { memory(nil, [0x8D], d.number, m, wide: true) }

  // MARK: arithmetic

  mutating func alu(_ op: ALU, _ d: GP, _ s: GP) { registers(nil, [(op.rawValue << 3) | 1], s.number, d.number, wide: true) }
  mutating func alu(_ op: ALU, _ d: GP, _ m: Address) { memory(nil, [(op.rawValue << 3) | 3], d.number, m, wide: true) }
  mutating func alu(_ op: ALU, _ m: Address, _ s: GP) { memory(nil, [(op.rawValue << 3) | 1], s.number, m, wide: true) }
  mutating func alu(_ op: ALU, _ d: GP, imm: Int32) {
    if imm >= -128 && imm <= 127 {
      registers(nil, [0x83], op.rawValue, d.number, wide: true)
      byte(UInt8(bitPattern: Int8(truncatingIfNeeded: imm)))
    } else {
      registers(nil, [0x81], op.rawValue, d.number, wide: true)
      long(imm)
    }
  }
  mutating func alu(_ op: ALU, _ m: Address, imm: Int32) {
    memory(nil, [0x81], op.rawValue, m, wide: true)
    long(imm)
  }
  mutating func alu32(_ op: ALU, _ m: Address, imm: Int32) {
    memory(nil, [0x81], op.rawValue, m, wide: false)
    long(imm)
  }
  mutating func compareByte(_ m: Address, imm: UInt8) {
    memory(nil, [0x80], ALU.cmp.rawValue, m, wide: false)
    byte(imm)
  }
  mutating func test(_ a: GP, _ b: GP) { registers(nil, [0x85], b.number, a.number, wide: true) }
  mutating func multiply(_ d: GP, _ s: GP) { registers(nil, [0x0F, 0xAF], d.number, s.number, wide: true) }
  mutating func negate(_ d: GP) { registers(nil, [0xF7], 3, d.number, wide: true) }
  /// rdx:rax by `s`: the quotient to rax, the remainder to rdx
  mutating func divide(_ s: GP) { registers(nil, [0xF7], 7, s.number, wide: true) }
  /// The sign of rax to rdx
  mutating func extendSign() {
    byte(0x48)
    byte(0x99)
  }
  mutating func shift(_ kind: Shift, _ d: GP, _ count: UInt8) {
    registers(nil, [0xC1], kind.rawValue, d.number, wide: true)
    byte(count)
  }
  /// By the low bits of rcx
  mutating func shiftByCount(_ kind: Shift, _ d: GP) { registers(nil, [0xD3], kind.rawValue, d.number, wide: true) }
  /// 0 or 1
  mutating func set(_ condition: Condition, _ d: GP) {
    registers(nil, [0x0F, 0x90 | condition.rawValue], 0, d.number, wide: false, force: true)
    registers(nil, [0x0F, 0xB6], d.number, d.number, wide: false, force: true)
  }

  // MARK: doubles

  mutating func move(_ d: XMM, _ s: XMM) {
    if d != s { registers(0x66, [0x0F, 0x28], d.number, s.number, wide: false) }
  }
  mutating func move(_ d: XMM, _ s: GP) { registers(0x66, [0x0F, 0x6E], d.number, s.number, wide: true) }
  mutating func move(_ d: GP, _ s: XMM) { registers(0x66, [0x0F, 0x7E], s.number, d.number, wide: true) }
  mutating func load(_ d: XMM, _ m: Address) { memory(0xF2, [0x0F, 0x10], d.number, m, wide: false) }
  mutating func store(_ m: Address, _ s: XMM) { memory(0xF2, [0x0F, 0x11], s.number, m, wide: false) }
  mutating func loadSingle(_ d: XMM, _ m: Address) { memory(0xF3, [0x0F, 0x5A], d.number, m, wide: false) }
  mutating func load(_ d: XMM, constant: Label) {
    byte(0xF2)
    if d.number >= 8 { byte(0x44) }
    bytes.append(contentsOf: [0x0F, 0x10, ((d.number & 7) << 3) | 5])
    distance(to: constant)
  }
  mutating func sse(_ op: SSE, _ d: XMM, _ s: XMM) { registers(0xF2, [0x0F, op.rawValue], d.number, s.number, wide: false) }
  mutating func compare(_ a: XMM, _ b: XMM) { registers(0x66, [0x0F, 0x2E], a.number, b.number, wide: false) }
  mutating func exclusiveOr(_ d: XMM, _ s: XMM) { registers(0x66, [0x0F, 0x57], d.number, s.number, wide: false) }
  /// An int to a double
  mutating func convert(_ d: XMM, _ s: GP) { registers(0xF2, [0x0F, 0x2A], d.number, s.number, wide: true) }

  // MARK: control

  mutating func jump(_ label: Label) {
    byte(0xE9)
    distance(to: label)
  }
  mutating func jump(_ condition: Condition, _ label: Label) {
    byte(0x0F)
    byte(0x80 | condition.rawValue)
    distance(to: label)
  }
  mutating func jump(_ r: GP) { registers(nil, [0xFF], 4, r.number, wide: false) }
  mutating func call(_ label: Label) {
    byte(0xE8)
    distance(to: label)
  }
  mutating func call(_ r: GP) { registers(nil, [0xFF], 2, r.number, wide: false) }
  mutating func push(_ r: GP) {
    if r.number >= 8 { byte(0x41) }
    byte(0x50 | (r.number & 7))
  }
  mutating func pop(_ r: GP) {
    if r.number >= 8 { byte(0x41) }
    byte(0x58 | (r.number & 7))
  }
  mutating func ret() { byte(0xC3) }
}
