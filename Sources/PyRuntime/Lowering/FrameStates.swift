import PyBytecode

// Switching a running frame to traced code. Lowering is deterministic, so instead of keeping maps it is run again, and this time it
// records where the stack's values are between any two instructions.

/// The stack of a frame between two instructions of its register code.
struct FrameState {
  /// Code unit of the bytecode instruction that comes next.
  var nextUnit: Int
  /// For each stack entry that has a register in traced code: that register, and where the value is now.
  var entries: [Entry]

  struct Entry {
    var target: Int
    var place: Place
  }
}

/// Collects the states of one lowering run, by word index.
struct FrameStateRecorder {
  var states: [Int: FrameState] = [:]

  /// A producer at word `producer` now writes `to` instead of `from`.
  mutating func redirect(_ producer: Int, _ from: Int, _ to: Int, wordCount: Int) {
    for word in producer + 1...max(producer + 1, wordCount) {
      guard let state = states[word] else { continue }
      var changed = state
      for number in changed.entries.indices where changed.entries[number].place == Place(from) {
        changed.entries[number].place = Place(to)
      }
      states[word] = changed
    }
  }
}

extension Lowerer {
  /// Notes the state before the bytecode instruction `next`, if somebody asked for it. Later notes for the same word win: words that emit
  /// nothing are then done with.
  @inline(__always) mutating func note(_ next: Int) {
    if recorder != nil { record(next) }
  }

  @inline(never) private mutating func record(_ next: Int) {
    var entries: [FrameState.Entry] = []
    for position in 0..<stack.count where stack[position].shape != .null {
      entries.append(FrameState.Entry(target: stack[position].canonical, place: stack[position].place))
    }
    recorder?.pointee.states[words.count] = FrameState(nextUnit: Int(analysis.instructions[next].start), entries: entries)
  }
}

extension Lowering {
  /// The states of a frame of `view`, lowered with `options`, by the index of the word that it is about to execute. To go on in traced code:
  /// read all places (with the constants of the code object), write the targets, continue at `LoweredCode.word(of: nextUnit)`.
  /// A frame in the middle of an instruction (a call, a yield) must first have completed it, its destination included.
  static func frameStates(_ view: CodeView, options: LoweringOptions = .standard) throws(VerificationError) -> [Int: FrameState] {
    var analysis = CodeAnalysis(view)
    defer { analysis.deallocate() }
    try analysis.verify()
    return try frameStates(analysis, options: options)
  }

  static func frameStates(_ analysis: CodeAnalysis, options: LoweringOptions) throws(VerificationError) -> [Int: FrameState] {
    let recorder = UnsafeMutablePointer<FrameStateRecorder>.allocate(capacity: 1)
    recorder.initialize(to: FrameStateRecorder())
    defer {
      recorder.deinitialize(count: 1)
      recorder.deallocate()
    }
    let code = try lower(analysis, options: options, recorder: recorder)
    code.deallocate()
    return recorder.pointee.states
  }
}

extension LoweredCode {
  /// The first word of the bytecode instruction at code unit `unit` (in traced code: its TRACE), nil if there is none.
  func word(of unit: Int) -> Int? {
    var low = 0
    var high = wordCount
    while low < high {
      let middle = (low &+ high) &>> 1
      if bytecodeOffset(middle) >= unit &* 2 { high = middle } else { low = middle &+ 1 }
    }
    return low < wordCount && bytecodeOffset(low) == unit &* 2 ? low : nil
  }
}
