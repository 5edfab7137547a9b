/// A compiled region, as its machine code and the instruction that enters it see it. Never freed: the instruction names it by its number.
struct MachineEntry {
  var function: UnsafeRawPointer?
  /// Rounds that all entries together have made in machine code, counted by that when it is left
  var rounds = 0
  var entries = 0
  /// Of register code
  var words = 0
  /// How often the region was left before its end
  var misses: Int32 = 0
  /// How often it could not be entered, or was left where it had been entered
  var refusals: Int32 = 0
  var number = 0
  /// The instruction that the entering one stands for
  var original = Instruction.nop
  var isDropped = false
}

/// A jump back of some code object that has been looked at.
final class MachineSite {
  var looks = 0
  var attempts = 0
  /// It could not be compiled, but might be without asking what the interpreter has met.
  var hasUnmet = false
  /// By word: how often the region that was compiled last was left there
  var missCounts: [Int: UnsafeMutablePointer<Int>] = [:]
  var entry: UnsafeMutablePointer<MachineEntry>?
  /// Will not be compiled (again).
  var isGivenUp = false
}

/// What is known of jumps back, and the instructions that enter machine code.
///
/// A site belongs to register code, not to an address: `LoweredCode.machine` is the number of a table of its own. Tables of code that has died stay.
enum MachineSites {
  private final class Table {
    var sites: [Int: MachineSite] = [:]
  }
  /// The number of a region goes into 16 bits of some instructions.
  static let largest = 65_535

  nonisolated(unsafe) private static var tables: [Table] = []
  nonisolated(unsafe) private static var entries: [UnsafeMutablePointer<MachineEntry>] = []

  /// The site of a jump back, nil if it is of a form that enters nothing.
  static func site(_ lowered: UnsafeMutablePointer<LoweredCode>, _ pc: CodePointer) -> MachineSite? {
    guard form(of: pc.pointee.instruction) != nil else { return nil }
    if lowered.pointee.machine == 0 {
      guard tables.count < Int(Int32.max) else { return nil }
      tables.append(Table())
      lowered.pointee.machine = Int32(truncatingIfNeeded: tables.count)
    }
    let table = tables[Int(lowered.pointee.machine) - 1]
    let word = pc - lowered.pointee.words
    if let known = table.sites[word] { return known }
    let made = MachineSite()
    table.sites[word] = made
    return made
  }

  /// A new region for the jump at `pc`; nil when there are too many.
  static func makeEntry(_ pc: CodePointer) -> UnsafeMutablePointer<MachineEntry>? {
    guard entries.count < largest else { return nil }
    let made = UnsafeMutablePointer<MachineEntry>.allocate(capacity: 1)
    made.initialize(to: MachineEntry(number: entries.count))
    entries.append(made)
    return made
  }

  // MARK: instructions

  /// The form of a jump back that enters a region.
  private static func form(of instruction: Instruction) -> Instruction? {
    switch InstructionTable.shared[instruction].base ?? instruction {
    case .jumpBack: .jumpBackMachine
    case .forLoop: .forLoopMachine
    case .jumpCompare: .jumpCompareMachine
    case .jumpIfTrue: .jumpIfTrueMachine
    case .jumpIfFalse: .jumpIfFalseMachine
    default: nil
    }
  }

  private static func isMachine(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .jumpBackMachine, .forLoopMachine, .jumpCompareMachine, .jumpIfTrueMachine, .jumpIfFalseMachine: true
    default: false
    }
  }

  /// The region that the instruction at `pc` enters, nil if it is none that does.
  static func entry(_ pc: CodePointer) -> UnsafeMutablePointer<MachineEntry>? {
    let number: Int
    switch pc.pointee.instruction {
    case .jumpBackMachine: number = Int(pc.pointee.a)
    case .jumpIfTrueMachine, .jumpIfFalseMachine: number = Int(pc.pointee.b)
    case .forLoopMachine, .jumpCompareMachine: number = Int(pc.w0 >> 32)
    default: return nil
    }
    return number < entries.count ? entries[number] : nil
  }

  /// The instruction that stood where one enters a region now.
  static func original(_ pc: CodePointer) -> Instruction { entry(pc)?.pointee.original ?? pc.pointee.instruction }

  static func install(_ pc: CodePointer, _ entry: UnsafeMutablePointer<MachineEntry>) {
    let old = pc.pointee.instruction
    guard !isMachine(old), let form = form(of: old) else { return }
    entry.pointee.original = old
    let number = entry.pointee.number
    switch form {
    case .jumpBackMachine: pc.pointee.a = UInt16(truncatingIfNeeded: number)
    case .jumpIfTrueMachine, .jumpIfFalseMachine: pc.pointee.b = UInt16(truncatingIfNeeded: number)
    default: Quickening.setUpper(pc, UInt32(truncatingIfNeeded: number))
    }
    pc.pointee.instruction = form
  }

  /// Puts the old instruction back.
  static func remove(_ pc: CodePointer, _ entry: UnsafeMutablePointer<MachineEntry>) {
    guard isMachine(pc.pointee.instruction) else { return }
    pc.pointee.instruction = entry.pointee.original
  }
}
