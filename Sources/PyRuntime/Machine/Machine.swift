import Glibc

/// `-X jit=`
package enum MachineMode: String {
  case off, on
  /// Each loop is compiled at its second jump back.
  case always
  /// The same, and regions are left at random: a test of all exits.
  case exits
}

/// Machine code for hot loops: when a loop is compiled, how its code is entered, and when it is given up. docs/jit.md describes the whole.
///
/// The interpreter counts down at each jump back, whichever it is; at zero it comes here (`tick`) with the jump at hand. One that has been met so a few times
/// is hot. Its instruction is replaced by a form that enters the machine code (`enter`), which answers where the interpreter goes on.
enum Machine {
  nonisolated(unsafe) private(set) static var mode = MachineMode.off
  nonisolated(unsafe) static var wantsStatistics = false
  /// Jumps back between two looks
  nonisolated(unsafe) private static var period: Int32 = 1 << 30
  /// Looks at anything since the start
  nonisolated(unsafe) private static var now = 0
  /// How often the loop of one jump is compiled
  private static let attempts = 3
  /// Exits at one instruction after which it is compiled for more kinds of values
  private static let oftenMissed = 16
  nonisolated(unsafe) private static var memory = CodeMemory()
  nonisolated(unsafe) private static var random: UInt64 = 0x9E37_79B9_7F4A_7C15

  static func start(_ wanted: MachineMode, statistics: Bool) {
    #if arch(x86_64)
      mode = wanted
      wantsStatistics = statistics
      switch wanted {
      case .off: period = 1 << 30
      case .on: period = 2048
      case .always, .exits: period = 1
      }
    #endif
    rt.pointee.loopCountdown = period
  }

  static var isTest: Bool { mode == .always || mode == .exits }

  // MARK: hotness

  /// Called before the jump back at `pc` is taken, or at the first word of a function, once in a while. The instruction is executed afterwards.
  @inline(never)
  static func tick(_ vm: VM, _ fp: Registers, _ pc: CodePointer) {
    now &+= 1
    // Never the same number in a row: two events a round, and every look would fall on the same one of them.
    rt.pointee.loopCountdown = mode == .on ? period - Int32(truncatingIfNeeded: now &* 25 & 63) : period
    #if arch(x86_64)
      guard mode != .off, rt.pointee.evalBreaker == 0, !vm.thread.pointee.isTraced, let lowered = fp.frameCode.lowered,
        lowered.pointee.contains(pc)
      else { return }
      fp.framePC = pc
      guard let site = MachineSites.site(lowered, pc) else {
        if pc == lowered.pointee.words { tickFunction(vm, fp, lowered) }
        return
      }
      if site.isGivenUp && !site.isWhole { return }
      site.heat.look(now)
      if let entry = site.entry { return MachineSites.install(lowered, entry) }
      if site.isWhole {
        guard let table = MachineSites.table(lowered), !table.isGivenUp else { return }
        if table.entries.isEmpty { compileWhole(vm, fp, lowered, table, at: pc - lowered.pointee.words) } else { complete(lowered, table) }
        return
      }
      guard isTest || site.heat.isHot else { return }
      site.heat = MachineHeat()
      site.attempts += 1
      var entry = compile(vm, fp, lowered, pc, site)
      if entry == nil, site.hasUnmet, !site.isWhole, site.attempts == 1 {
        site.attempts = 2
        entry = compile(vm, fp, lowered, pc, site)
      }
      guard let entry else {
        if !site.isWhole, !isTest || site.attempts > 8 { site.isGivenUp = true }
        return
      }
      site.entry = entry
      site.isGivenUp = false
      MachineSites.install(lowered, entry)
      // The function goes over to the loop's own code.
      if let table = MachineSites.table(lowered), !table.entries.isEmpty, table.compilations * lowered.pointee.wordCount < 800 {
        compileWhole(vm, fp, lowered, table, at: -1)
      }
    #endif
  }

  #if arch(x86_64)
    nonisolated(unsafe) private static var stubs: MachineStubs?

    private static func makeStubs() -> MachineStubs? {
      if let stubs { return stubs }
      guard let made = MachineStubs(&memory) else { return nil }
      MachineSites.returns[0] = made.returnCold
      stubs = made
      // Whoever leaves at random sets the number of instructions.
      if mode != .exits { Threaded.setEnter(made.handler) }
      return made
    }

    /// A loop by itself; nil if it is none that gains by it. One that makes calls is compiled with its function.
    private static func compile(
      _ vm: VM, _ fp: Registers, _ lowered: UnsafeMutablePointer<LoweredCode>, _ pc: CodePointer, _ site: MachineSite
    ) -> UnsafeMutablePointer<MachineEntry>? {
      let word = pc - lowered.pointee.words
      guard let stubs = makeStubs(), let shape = RegionShape(lowered, entry: word), let entry = MachineSites.makeEntry(word) else {
        return nil
      }
      // In tests every other region is compiled as if it had been left everywhere.
      let isWary = isTest && entry.pointee.number % 2 == 1
      let emitter = RegionEmitter(
        shape, fp, fp.frameCode.pointee.constItems, entry, stubs, hasFuse: mode == .exits,
        attempt: isWary ? site.attempts + 1 : site.attempts,
        missed: isWary ? nil : Set(site.missCounts.filter { $0.value.pointee > oftenMissed }.keys))
      // What was inlined and has failed whichever way was followed is a call after all.
      if site.attempts >= attempts, !isTest {
        emitter.uninlined = Set(site.missCounts.keys.filter { site.inlined.contains($0) && (emitter.missed?.contains($0) ?? false) })
      }
      guard let code = emitter.compile(), keep(emitter.kept, vm), let function = memory.install(code),
        let place = emitter.entries.first(where: { $0.word == word })
      else {
        entry.pointee.isDropped = true
        site.hasUnmet = emitter.hasUnmet
        if wantsStatistics { MachineStatistics.looked(fp, shape, emitter, nil, 0) }
        if emitter.needsWhole, isCompiled(fp), let table = MachineSites.table(lowered) {
          site.isWhole = true
          table.loops.insert(word)
          compileWhole(vm, fp, lowered, table, at: word)
        }
        return nil
      }
      site.missCounts = emitter.missCounts
      site.inlined = emitter.inlined
      entry.pointee.function = UnsafeRawPointer(function + emitter.a.offset(place.entry))
      entry.pointee.words = shape.end - shape.head
      entry.pointee.isLoop = true
      if wantsStatistics { MachineStatistics.looked(fp, shape, emitter, entry, code.count) }
      return entry
    }

    // MARK: whole functions

    /// Whether the whole code of the frame may be compiled: not that of generators and coroutines, nor what loops over generators. Each step would leave
    /// machine code, and enter it again.
    private static func isCompiled(_ fp: Registers) -> Bool {
      guard fp.frameCode.pointee.flags & 0x2A0 == 0, let lowered = fp.frameCode.lowered else { return false }
      var word = 0
      while word < lowered.pointee.wordCount {
        let pc = lowered.pointee.words + word
        if pc.pointee.instruction == .forIterGenerator { return false }
        word += max(InstructionTable.shared.length(pc), 1)
      }
      return true
    }
    /// How often a function is compiled with something learnt
    private static var functionAttempts: Int { isTest ? 16 : 4 }
    /// Whether it may be compiled once more, whatever for: so many words in all, twice at least
    private static func mayCompile(_ lowered: UnsafeMutablePointer<LoweredCode>, _ table: MachineTable) -> Bool {
      table.compilations < (isTest ? 64 : 2) || !isTest && table.compilations * lowered.pointee.wordCount < 3000
    }

    private static func tickFunction(_ vm: VM, _ fp: Registers, _ lowered: UnsafeMutablePointer<LoweredCode>) {
      guard isCompiled(fp), let table = MachineSites.table(lowered), !table.isGivenUp else { return }
      if !table.entries.isEmpty { return complete(lowered, table) }
      table.heat.look(now)
      guard table.attempts > 0 || (isTest ? table.heat.value > 1 : table.heat.isHot) else { return }
      compileWhole(vm, fp, lowered, table, at: 0)
    }

    /// Puts instructions that enter machine code back to where they were.
    private static func complete(_ lowered: UnsafeMutablePointer<LoweredCode>, _ table: MachineTable) {
      guard table.isIncomplete else { return }
      table.isIncomplete = false
      // Loops that are compiled by themselves keep their places.
      for entry in table.entries where table.sites[entry.pointee.word]?.entry == nil { MachineSites.install(lowered, entry) }
    }

    /// Compiles a whole function, whose frame stands at a word at which it is entered (or anywhere, −1). The machine code that it has stays if there is no better.
    private static func compileWhole(
      _ vm: VM, _ fp: Registers, _ lowered: UnsafeMutablePointer<LoweredCode>, _ table: MachineTable, at word: Int
    ) {
      // Compiling anew begins the counts of failed guards anew: what they say is learnt before.
      if let main = table.entries.first, !isTest { learn(lowered, table, max(oftenMissed, main.pointee.rounds / 8)) }
      if table.attempts == 0 || table.hasLearnt { table.attempts += 1 }
      table.hasLearnt = false
      guard table.attempts <= functionAttempts, mayCompile(lowered, table), let stubs = makeStubs(), let main = MachineSites.makeEntry(0)
      else {
        table.isGivenUp = table.entries.isEmpty
        return
      }
      table.compilations += 1
      let loops = table.sites.filter { $0.value.entry != nil }
      for word in loops.keys { table.continuations.formUnion(exits(lowered, word)) }
      for _ in 0..<16 {
        guard
          let shape = RegionShape(
            whole: lowered, entries: [0] + table.loops.sorted(), entry: word, continuations: table.continuations)
        else { break }
        let emitter = RegionEmitter(
          shape, fp, fp.frameCode.pointee.constItems, main, stubs, hasFuse: mode == .exits, attempt: table.attempts, missed: table.missed)
        emitter.uninlined = table.uninlined
        emitter.general = table.general
        emitter.untyped = table.untyped
        emitter.continuations = table.continuations
        emitter.loops = Set(loops.keys)
        let code = emitter.compile()
        table.uninlined = emitter.uninlined
        if code == nil, !emitter.continuations.isSubset(of: table.continuations) {
          table.continuations = emitter.continuations
          continue
        }
        guard let code, keep(emitter.kept, vm), let function = memory.install(code) else { break }
        discard(lowered, table)
        table.missCounts = emitter.missCounts
        table.handed = Set(loops.keys)
        table.inlined = emitter.inlined
        table.stepped = emitter.stepped
        main.pointee.words = shape.end
        main.pointee.isSmall = shape.end < 40 && table.continuations.isEmpty && !shape.hasLoops && !isTest
        for place in emitter.entries {
          guard let entry = place.word == 0 ? main : MachineSites.makeEntry(place.word) else { continue }
          entry.pointee.function = UnsafeRawPointer(function + emitter.a.offset(place.entry))
          if let returned = place.returned {
            MachineSites.returns[entry.pointee.number] = UInt64(UInt(bitPattern: function + emitter.a.offset(returned)))
          }
          table.entries.append(entry)
          // Loops that are compiled by themselves keep their places.
          if table.sites[place.word]?.entry == nil { MachineSites.install(lowered, entry) }
        }
        table.isIncomplete = false
        if wantsStatistics { MachineStatistics.looked(fp, shape, emitter, main, code.count) }
        return
      }
      main.pointee.isDropped = true
      table.isGivenUp = table.entries.isEmpty
    }

    /// Where a loop that is compiled by itself is left at its end.
    private static func exits(_ lowered: UnsafeMutablePointer<LoweredCode>, _ word: Int) -> [Int] {
      let pc = lowered.pointee.words + word
      let next = word + InstructionTable.shared.length(pc)
      guard RegionShape.baseForm(pc.pointee) == .forLoop, case let iteration = word + pc.pointee.target - 2, iteration >= 0 else {
        return [next]
      }
      return [next, iteration + (lowered.pointee.words + iteration).pointee.target]
    }

    /// A guard has failed in a whole function. When that one does so often (of the rounds and calls that the function has made one in 16), the function is
    /// compiled anew, once it is looked at again; what has failed half as often is then done otherwise. A function that has been compiled as often as it may be is given up
    /// when every other round of it fails.
    private static func missed(_ vm: VM, _ main: UnsafeMutablePointer<MachineEntry>, _ fp: Registers, _ pc: CodePointer) {
      guard !main.pointee.isLoop, main.pointee.misses & 7 == 0, mode != .exits, let lowered = fp.frameCode.lowered,
        lowered.pointee.contains(pc), let table = MachineSites.table(lowered), table.entries.contains(main)
      else { return }
      let rounds = main.pointee.rounds
      let isLast = table.attempts >= functionAttempts || !mayCompile(lowered, table)
      if isLast {
        guard !isTest, Int(main.pointee.misses) > max(rounds / 2, 1 << 10) else { return }
        table.isGivenUp = true
        return discard(lowered, table)
      }
      let word = pc - lowered.pointee.words
      let count = max(table.missCounts[word]?.pointee ?? 0, table.missCounts[-1 - word]?.pointee ?? 0)
      guard count >= (isTest ? oftenMissed : 8 * oftenMissed), isTest || count > rounds / 16 else { return }
      learn(lowered, table, max(oftenMissed / 4, isTest ? 0 : rounds / 32))
      discard(lowered, table)
      table.hasLearnt = true
    }

    /// What to do otherwise where guards have failed so often
    private static func learn(_ lowered: UnsafeMutablePointer<LoweredCode>, _ table: MachineTable, _ least: Int) {
      for (key, count) in table.missCounts where count.pointee >= least {
        if key < 0 { table.untyped.insert(-1 - key) } else { learn(table, lowered.pointee.words + key, key) }
      }
    }

    /// What to do otherwise at an instruction whose guards fail.
    private static func learn(_ table: MachineTable, _ pc: CodePointer, _ word: Int) {
      let base = RegionShape.baseForm(pc.pointee)
      switch base {
      case .loadAttr, .storeAttr, .loadMethod:
        // The type that machine code knew never came to the interpreter, which has learnt another one.
        switch pc.pointee.instruction {
        case .loadAttrInstance, .loadAttrSlot, .loadAttrOverflow, .loadAttrClass, .loadAttrShapeClass, .storeAttrInstance, .storeAttrSlot,
          .storeAttrOverflow, .storeAttrAdd, .loadMethodShape, .loadMethodType:
          Quickening.revert(pc, to: base)
          Quickening.giveUp(pc)
        default: if !table.missed.insert(word).inserted || table.attempts > 2 { table.general.insert(word) }
        }
      case .call, .call1, .callMethod, .callMethod1: if !table.uninlined.insert(word).inserted { table.general.insert(word) }
      case .forIter: table.missed.insert(word)
      case .binaryOp: if table.stepped.contains(word) || !table.missed.insert(word).inserted { table.general.insert(word) }
      case .forLoop: table.missed.formUnion([word, word + pc.pointee.target - 2])
      case _ where hasOneWay(pc.pointee.instruction): table.general.insert(word)
      case .getItem where pc.pointee.instruction == .getItem && !table.inlined.contains(word): table.general.insert(word)
      case .getItem where pc.pointee.instruction != .getItem:
        if !table.missed.insert(word).inserted || table.attempts > 2 {
          Quickening.revert(pc, to: base)
          Quickening.giveUp(pc)
        }
      default: if !table.missed.insert(word).inserted || table.attempts > 2 { table.general.insert(word) }
      }
    }

    /// What is left to a function that says no, and would say so again.
    private static func hasOneWay(_ instruction: Instruction) -> Bool {
      switch instruction {
      case .getItemDict, .setItemDict, .contains, .notContains, .jumpContains, .jumpNotContains, .compareStr, .jumpCompareStr, .deleteItem,
        .setAdd, .mapAdd, .getSlice, .setSlice:
        return true
      default: return false
      }
    }

    private static func discard(_ lowered: UnsafeMutablePointer<LoweredCode>, _ table: MachineTable) {
      for entry in table.entries {
        MachineSites.remove(lowered, entry)
        entry.pointee.isDropped = true
      }
      table.entries = []
    }
  #endif

  #if arch(x86_64)
    /// Keeps objects alive that machine code names; whether there was memory for that.
    private static func keep(_ objects: [Value], _ vm: VM) -> Bool {
      do throws(Raised) {
        for object in objects where object.isCell {
          if rt.pointee.machineKept.isNull { rt.pointee.machineKept = try vm.list() }
          try vm.append(rt.pointee.machineKept, object)
        }
        return true
      } catch {
        vm.clearPending()
        return false
      }
    }
  #endif

  // MARK: entering

  typealias Enter = @convention(c) (UnsafeMutableRawPointer, UInt64, UnsafeMutableRawPointer, UnsafeRawPointer) -> UnsafeMutableRawPointer?

  /// For ENTER_MACHINE.
  /// - Returns: where the interpreter goes on, in the frame `machineFrame`; nil when its loop has come to its end
  @inline(never)
  static func enter(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> CodePointer? {
    #if arch(x86_64)
      guard let entry = MachineSites.entry(fp, pc), let function = entry.pointee.function, mayEnter(vm, fp), let stubs else {
        return step(vm, fp, pc)
      }
      entry.pointee.entries &+= 1
      rt.pointee.machineMissed = nil
      let raw = unsafeBitCast(UInt(stubs.enter), to: Enter.self)(
        UnsafeMutableRawPointer(fp), mode == .exits ? fuse() : 0, UnsafeMutableRawPointer(vm.thread), function)
      guard let raw else { return nil }
      return goOn(vm, entry, fp, rt.pointee.machineFrame, Threaded.pc(raw))
    #else
      return step(vm, fp, pc)
    #endif
  }

  /// The place that a handler has entered, and the frame: set where that has been left and is not all
  struct Left {
    var entry: UnsafeMutablePointer<MachineEntry>?
    var frame: Registers
  }
  static let left: UnsafeMutablePointer<Left> = {
    let left = UnsafeMutablePointer<Left>.allocate(capacity: 1)
    left.initialize(to: Left(entry: nil, frame: rt.pointee.machineFrame))
    return left
  }()

  /// After `left`, at `pc` in the frame `fp`.
  /// - Returns: as `enter`
  @inline(never)
  static func goOn(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> CodePointer? {
    #if arch(x86_64)
      if let entry = left.pointee.entry { return goOn(vm, entry, left.pointee.frame, fp, pc) }
    #endif
    return step(vm, fp, pc)
  }

  #if arch(x86_64)
    /// The region entered at `entry` in the frame `fp` has been left; the evaluator is to go on at `next` in `frame`.
    private static func goOn(
      _ vm: VM, _ entry: UnsafeMutablePointer<MachineEntry>, _ fp: Registers, _ frame: Registers, _ next: CodePointer
    ) -> CodePointer? {
      let region = rt.pointee.machineMissed
      let isBack = frame == fp && fp.frameCode.lowered.map { $0.pointee.words + entry.pointee.word == next } ?? false
      if isBack {
        // The evaluator is wanted elsewhere: it comes back here afterwards.
        if rt.pointee.evalBreaker == 0, rt.pointee.loopCountdown >= 0, entry.pointee.isLoop || region == nil { refused(fp, entry) }
      } else if entry.pointee.isLoop, entry.pointee.entries & 63 == 0 {
        judge(fp, entry)
      }
      if let region { missed(vm, region, frame, next) }
      if next.pointee.isEntry { return step(vm, frame, next) }
      if let first = frame.frameCode.pointee.entry, first == next {
        // Counted already, if it is due.
        if rt.pointee.loopCountdown >= 0 { rt.pointee.loopCountdown &-= 1 }
        if rt.pointee.loopCountdown < 0 { tick(vm, frame, next) }
      }
      rt.pointee.machineFrame = frame
      return next
    }
  #endif

  /// Executes the instruction proper at `pc`.
  private static func step(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> CodePointer? {
    if Threaded.isUsed { return Threaded.step(vm, fp, pc) }
    if let lowered = fp.frameCode.lowered, let entry = MachineSites.entry(fp, pc) {
      MachineSites.remove(lowered, entry)
    } else {
      pc.pointee.isEntry = false
    }
    rt.pointee.machineFrame = fp
    return pc
  }

  /// Registers that there has to be room for above a frame on the stack where it is entered
  static let room = 600
  /// What is inlined counts neither against the recursion limit nor for the stack; there must be room for it all the same.
  @inline(__always)
  static func mayEnter(_ vm: VM, _ fp: Registers) -> Bool {
    rt.pointee.evalBreaker == 0 && !vm.thread.pointee.isTraced && vm.thread.pointee.recursionDepth &+ 4 < rt.pointee.recursionLimit
      && (fp.isGeneratorFrame || vm.hasStack(for: fp + room))
  }

  /// How many instructions the region gets to execute.
  private static func fuse() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return 1 + random % 64
  }

  private static func refused(_ fp: Registers, _ entry: UnsafeMutablePointer<MachineEntry>) {
    entry.pointee.refusals &+= 1
    if entry.pointee.refusals > 8, Int(entry.pointee.refusals) > entry.pointee.entries / 32 { drop(fp, entry) }
  }

  /// Gives a loop up that is left after a few rounds each time it is entered.
  private static func judge(_ fp: Registers, _ entry: UnsafeMutablePointer<MachineEntry>) {
    let e = entry.pointee
    // Entering costs as much as about twenty words in the interpreter.
    let work = e.rounds &* e.words
    if work < e.entries &* 24 || work < Int(e.misses) &* 64 { return drop(fp, entry) }
    // Good, but perhaps better with what the interpreter has learnt where it went on.
    if e.isLoop, Int(e.misses) > e.entries / 2, let lowered = fp.frameCode.lowered,
      let site = MachineSites.site(lowered, lowered.pointee.words + e.word), site.attempts < attempts
    {
      drop(fp, entry)
    }
    // What is long past does not count.
    if e.entries > 1 << 16 {
      entry.pointee.rounds /= 2
      entry.pointee.entries /= 2
      entry.pointee.misses /= 2
    }
  }

  private static func drop(_ fp: Registers, _ entry: UnsafeMutablePointer<MachineEntry>) {
    guard !isTest, let lowered = fp.frameCode.lowered else { return }
    MachineSites.remove(lowered, entry)
    entry.pointee.isDropped = true
    guard entry.pointee.isLoop, let site = MachineSites.site(lowered, lowered.pointee.words + entry.pointee.word) else { return }
    site.entry = nil
    site.heat = MachineHeat()
    // The function is compiled anew when it is looked at again.
    #if arch(x86_64)
      if let table = MachineSites.table(lowered), table.handed.contains(entry.pointee.word), mayCompile(lowered, table) {
        discard(lowered, table)
      }
    #endif
    // A loop of few rounds stays one.
    if site.attempts >= attempts || entry.pointee.misses == 0 && entry.pointee.refusals == 0 { site.isGivenUp = true }
  }
}
