import Glibc

/// A place at which machine code is entered, as that and the instruction there see it. Never freed: machine code names it by its address.
struct MachineEntry {
  var function: UnsafeRawPointer?
  /// Rounds that all entries together have made in machine code; of a function: also its calls
  var rounds = 0
  var entries = 0
  /// Of register code, in its region
  var words = 0
  /// How often the region was left at a guard; counted where it was compiled for, whichever way it had been entered
  var misses: Int32 = 0
  /// How often it could not be entered, or was left where it had been entered
  var refusals: Int32 = 0
  var number = 0
  /// Its word in its code
  var word = 0
  /// Of a short function without loops and calls: entered from machine code only
  var isSmall = false
  /// The region is a loop by itself.
  var isLoop = false
  var isDropped = false

  static let missesOffset = MemoryLayout<MachineEntry>.offset(of: \.misses) ?? Int.max
  static let roundsOffset = MemoryLayout<MachineEntry>.offset(of: \.rounds) ?? Int.max
  static let functionOffset = MemoryLayout<MachineEntry>.offset(of: \.function) ?? Int.max
  static let entriesOffset = MemoryLayout<MachineEntry>.offset(of: \.entries) ?? Int.max
  static let isLoopOffset = MemoryLayout<MachineEntry>.offset(of: \.isLoop) ?? Int.max
}

/// How much of what a program does now is here. Each look is worth half as much when `halfLife` looks have gone elsewhere since: in a program of many
/// functions none of which does much, machine code, of which each piece is used once and then out of the caches, is slower than the interpreter.
struct MachineHeat {
  private(set) var value = 0.0
  private var last = 0
  private static let halfLife = 64.0
  /// Two looks in a row would be a matter of chance: of a hundred functions with a hundredth of the work each, all have had them after some thousand looks.
  private static let hot = 4.0

  /// - Parameter now: the number of this look
  mutating func look(_ now: Int) {
    value = value * exp2(Double(last - now) / MachineHeat.halfLife) + 1
    last = now
  }
  var isHot: Bool { value >= MachineHeat.hot }
}

/// A jump back of some code object that has been looked at.
final class MachineSite {
  var heat = MachineHeat()
  var attempts = 0
  /// It could not be compiled, but might be without asking what the interpreter has met.
  var hasUnmet = false
  /// By word: how often the region that was compiled last was left there
  var missCounts: [Int: UnsafeMutablePointer<Int>] = [:]
  /// Words of calls and operators that were inlined in it
  var inlined: Set<Int> = []
  var entry: UnsafeMutablePointer<MachineEntry>?
  /// Will not be compiled (again).
  var isGivenUp = false
  /// It makes calls: it is compiled with the whole function.
  var isWhole = false
}

/// What is known of a code object.
final class MachineTable {
  var sites: [Int: MachineSite] = [:]
  /// Of the whole function: looks at its beginning
  var heat = MachineHeat()
  /// How often it was compiled with something learnt, how often in all
  var attempts = 0, compilations = 0
  /// It is to be compiled otherwise than it was.
  var hasLearnt = false
  /// Where it is entered
  var entries: [UnsafeMutablePointer<MachineEntry>] = []
  var isGivenUp = false
  /// Some instruction that entered it has been put back.
  var isIncomplete = false
  /// Words of jumps back at which it is entered, and those of loops with machine code of their own to which it hands over
  var loops: Set<Int> = [], handed: Set<Int> = []
  /// By word: how often guards have failed there, in the machine code that was made last; by −1 − word: how often that could not be entered there
  var missCounts: [Int: UnsafeMutablePointer<Int>] = [:]
  /// Words whose guards have failed often once, and those that have twice: these are left to the interpreter's handlers
  var missed: Set<Int> = [], general: Set<Int> = []
  /// Words at which it is entered and takes no kinds of values for granted
  var untyped: Set<Int> = []
  /// What the passes have found
  var uninlined: Set<Int> = [], continuations: Set<Int> = [], inlined: Set<Int> = [], stepped: Set<Int> = []
}

/// What is known of code objects, and the instructions that enter machine code.
///
/// A table belongs to register code, not to an address: `LoweredCode.machine` is its number. Tables of code that has died stay.
enum MachineSites {
  static let largest = 65_535

  nonisolated(unsafe) private static var tables: [MachineTable] = []
  nonisolated(unsafe) private static var entries: [UnsafeMutablePointer<MachineEntry>] = []
  /// By number of a place behind a call: the machine code that a callee returns to. Number 0 stands for all others.
  nonisolated(unsafe) static let returns: UnsafeMutablePointer<UInt64> = .allocate(capacity: largest + 1)

  static func table(_ lowered: UnsafeMutablePointer<LoweredCode>) -> MachineTable? {
    if lowered.pointee.machine == 0 {
      guard tables.count < Int(Int32.max) else { return nil }
      tables.append(MachineTable())
      lowered.pointee.machine = Int32(truncatingIfNeeded: tables.count)
    }
    return tables[Int(lowered.pointee.machine) - 1]
  }

  /// The site of a jump back, nil if it is something else.
  static func site(_ lowered: UnsafeMutablePointer<LoweredCode>, _ pc: CodePointer) -> MachineSite? {
    guard isJumpBack(pc), let table = table(lowered) else { return nil }
    let word = pc - lowered.pointee.words
    if let known = table.sites[word] { return known }
    let made = MachineSite()
    table.sites[word] = made
    return made
  }

  private static func isJumpBack(_ pc: CodePointer) -> Bool {
    let info = InstructionTable.shared[pc.pointee.instruction]
    return info.base ?? pc.pointee.instruction == .jumpBack || info.c == .target && pc.pointee.target < 0
  }

  /// A new place to enter; nil when there are too many.
  static func makeEntry(_ word: Int) -> UnsafeMutablePointer<MachineEntry>? {
    guard entries.count < largest else { return nil }
    let made = UnsafeMutablePointer<MachineEntry>.allocate(capacity: 1)
    made.initialize(to: MachineEntry(number: entries.count + 1, word: word))
    entries.append(made)
    returns[made.pointee.number] = returns[0]
    return made
  }

  // MARK: instructions

  /// The place that is entered at `pc` in the frame, nil if there is none.
  static func entry(_ fp: Registers, _ pc: CodePointer) -> UnsafeMutablePointer<MachineEntry>? {
    guard pc.pointee.isEntry, let lowered = fp.frameCode.lowered, lowered.pointee.contains(pc), let entries = lowered.pointee.machineEntries
    else { return nil }
    return entries[pc - lowered.pointee.words]
  }

  static func install(_ lowered: UnsafeMutablePointer<LoweredCode>, _ entry: UnsafeMutablePointer<MachineEntry>) {
    if entry.pointee.isDropped { return }
    let word = entry.pointee.word, pc = lowered.pointee.words + word, number = entry.pointee.number
    let entries = lowered.pointee.machineEntries ?? makeEntries(lowered)
    entries[word] = entry
    if word == 0 {
      lowered.pointee.machineEntry = entry.pointee.function
      // The interpreter would spend more on entering it than it gains.
      if entry.pointee.isSmall { return }
    }
    pc.pointee.isEntry = true
    if returns[number] != returns[0] { Quickening.setUpper(pc - 2, UInt32(truncatingIfNeeded: number)) }
  }

  private static func makeEntries(
    _ lowered: UnsafeMutablePointer<LoweredCode>
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<MachineEntry>?> {
    let made = UnsafeMutablePointer<UnsafeMutablePointer<MachineEntry>?>.allocate(capacity: lowered.pointee.wordCount)
    made.initialize(repeating: nil, count: lowered.pointee.wordCount)
    lowered.pointee.machineEntries = made
    return made
  }

  /// Puts the old instruction back.
  static func remove(_ lowered: UnsafeMutablePointer<LoweredCode>, _ entry: UnsafeMutablePointer<MachineEntry>) {
    let word = entry.pointee.word, pc = lowered.pointee.words + word, number = entry.pointee.number
    guard let table = table(lowered), let entries = lowered.pointee.machineEntries, entries[word] == entry else { return }
    entries[word] = nil
    pc.pointee.isEntry = false
    if word == 0 { lowered.pointee.machineEntry = nil }
    if returns[number] != returns[0] { Quickening.setUpper(pc - 2, 0) }
    table.isIncomplete = true
  }
}
