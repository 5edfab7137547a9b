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
  /// Looks at one jump until its loop is hot
  private static let hotLooks = 2
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

  private static var isTest: Bool { mode == .always || mode == .exits }

  // MARK: hotness

  /// Called before the jump back at `pc` is taken, once in a while. The jump is executed afterwards, in whichever form it has then.
  @inline(never)
  static func tick(_ vm: VM, _ fp: Registers, _ pc: CodePointer) {
    rt.pointee.loopCountdown = period
    #if arch(x86_64)
      guard mode != .off, rt.pointee.evalBreaker == 0, !vm.thread.pointee.isTraced, let lowered = fp.frameCode.lowered,
        lowered.pointee.contains(pc), let site = MachineSites.site(lowered, pc), !site.isGivenUp
      else { return }
      site.looks += 1
      if let entry = site.entry { return MachineSites.install(pc, entry) }
      guard site.looks >= (isTest ? 1 : hotLooks) else { return }
      site.looks = 0
      site.attempts += 1
      if site.attempts >= attempts && !isTest { site.isGivenUp = true }
      fp.framePC = pc
      var entry = compile(vm, fp, lowered, pc, site)
      if entry == nil, site.hasUnmet, site.attempts == 1 {
        site.attempts = 2
        entry = compile(vm, fp, lowered, pc, site)
      }
      guard let entry else {
        if !isTest || site.attempts > 8 { site.isGivenUp = true }
        return
      }
      site.entry = entry
      site.isGivenUp = false
      MachineSites.install(pc, entry)
    #endif
  }

  #if arch(x86_64)
    private static func compile(
      _ vm: VM, _ fp: Registers, _ lowered: UnsafeMutablePointer<LoweredCode>, _ pc: CodePointer, _ site: MachineSite
    ) -> UnsafeMutablePointer<MachineEntry>? {
      guard let shape = RegionShape(lowered, entry: pc - lowered.pointee.words),
        let entry = MachineSites.makeEntry(pc)
      else { return nil }
      // In tests every other region is compiled as if it had been left everywhere.
      let isWary = isTest && entry.pointee.number % 2 == 1
      let emitter = RegionEmitter(
        shape, fp, fp.frameCode.pointee.constItems, entry, hasFuse: mode == .exits, attempt: isWary ? site.attempts + 1 : site.attempts,
        missed: isWary ? nil : Set(site.missCounts.filter { $0.value.pointee > oftenMissed }.keys))
      guard let code = emitter.compile(), keep(emitter.kept, vm), let function = memory.install(code) else {
        entry.pointee.isDropped = true
        site.hasUnmet = emitter.hasUnmet
        if wantsStatistics { MachineStatistics.looked(fp, shape, emitter, nil, 0) }
        return nil
      }
      site.missCounts = emitter.missCounts
      entry.pointee.function = UnsafeRawPointer(function)
      entry.pointee.words = shape.end - shape.head
      if wantsStatistics { MachineStatistics.looked(fp, shape, emitter, entry, code.count) }
      return entry
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

  typealias Region = @convention(c) (UnsafeMutableRawPointer, UInt64) -> UnsafeMutableRawPointer

  /// For the instruction that enters the machine code of its loop.
  /// - Returns: where the interpreter goes on; at `pc` itself, then in its old form, when the region cannot be entered or is left there
  @inline(never)
  static func enter(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> CodePointer {
    guard let entry = MachineSites.entry(pc) else { return pc }
    // What is inlined counts neither against the recursion limit nor for the stack; there must be room for it all the same.
    guard !vm.thread.pointee.isTraced, rt.pointee.evalBreaker == 0, let function = entry.pointee.function,
      vm.thread.pointee.recursionDepth &+ 4 < rt.pointee.recursionLimit, fp.isGeneratorFrame || vm.hasStack(for: fp + 600)
    else {
      MachineSites.remove(pc, entry)
      return pc
    }
    entry.pointee.entries &+= 1
    let next = Threaded.pc(unsafeBitCast(function, to: Region.self)(UnsafeMutableRawPointer(fp), mode == .exits ? fuse() : 0))
    if next == pc {
      // The evaluator is wanted elsewhere: it comes back here afterwards.
      if rt.pointee.evalBreaker != 0 { return pc }
      entry.pointee.refusals &+= 1
      MachineSites.remove(pc, entry)
      if entry.pointee.refusals > 8, Int(entry.pointee.refusals) > entry.pointee.entries / 32 { drop(fp, pc, entry) }
    } else if entry.pointee.entries & 63 == 0 {
      judge(fp, pc, entry)
    }
    return next
  }

  /// How many instructions the region gets to execute.
  private static func fuse() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return 1 + random % 64
  }

  /// Gives a region up that is left after a few rounds each time it is entered.
  private static func judge(_ fp: Registers, _ pc: CodePointer, _ entry: UnsafeMutablePointer<MachineEntry>) {
    let e = entry.pointee
    // Entering costs as much as about twenty words in the interpreter.
    let work = e.rounds &* e.words
    if work < e.entries &* 24 || work < Int(e.misses) &* 64 { return drop(fp, pc, entry) }
    // Good, but perhaps better with what the interpreter has learnt where it went on.
    if Int(e.misses) > e.entries / 2, let lowered = fp.frameCode.lowered, let site = MachineSites.site(lowered, pc),
      site.attempts < attempts
    {
      drop(fp, pc, entry)
    }
    // What is long past does not count.
    if e.entries > 1 << 16 {
      entry.pointee.rounds /= 2
      entry.pointee.entries /= 2
      entry.pointee.misses /= 2
    }
  }

  private static func drop(_ fp: Registers, _ pc: CodePointer, _ entry: UnsafeMutablePointer<MachineEntry>) {
    if isTest { return }
    MachineSites.remove(pc, entry)
    entry.pointee.isDropped = true
    guard let lowered = fp.frameCode.lowered, let site = MachineSites.site(lowered, pc) else { return }
    site.entry = nil
    site.looks = 0
    // A loop of few rounds stays one.
    if site.attempts >= attempts || entry.pointee.misses == 0 && entry.pointee.refusals == 0 { site.isGivenUp = true }
  }
}
