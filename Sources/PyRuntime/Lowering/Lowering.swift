import Glibc
import PyBytecode

// Entry points: verify a code object, lower it, put the pieces together.

enum Lowering {
  /// Verifies only.
  static func verify(_ view: CodeView) throws(VerificationError) {
    var analysis = CodeAnalysis(view)
    defer { analysis.deallocate() }
    try analysis.verify()
  }

  /// Verifies `view` and lowers it to register code. Linear in the size of the code.
  static func lower(_ view: CodeView, options: LoweringOptions = .standard) throws(VerificationError) -> LoweredCode {
    var analysis = CodeAnalysis(view)
    defer { analysis.deallocate() }
    try analysis.verify()
    if options.contains(.traced) { try analysis.markTraceable() }
    return try lower(analysis, options: options)
  }

  /// Lowers verified code.
  static func lower(
    _ analysis: CodeAnalysis, options: LoweringOptions, recorder: UnsafeMutablePointer<FrameStateRecorder>? = nil
  ) throws(VerificationError) -> LoweredCode {
    var lowerer = Lowerer(analysis, options: options, farJumps: options.contains(.farJumps))
    lowerer.recorder = recorder
    lowerer.run()
    if lowerer.overflowed || lowerer.farJumps || lowerer.words.count < Int(Int16.max) {
      defer { lowerer.deallocate() }
      return try lowerer.finish()
    }
    // A distance may exceed 16 bits: once more, with all conditional jumps in their long form.
    lowerer.deallocate()
    var long = Lowerer(analysis, options: options, farJumps: true)
    defer { long.deallocate() }
    recorder?.pointee.states = [:]
    long.recorder = recorder
    long.run()
    return try long.finish()
  }
}

extension Lowerer {
  /// Fills in distances and copies the results to memory of their own.
  mutating func finish() throws(VerificationError) -> LoweredCode {
    if overflowed { throw VerificationError(reason: VerificationError.frameTooLarge, unit: -1) }
    for number in 0..<fixups.count {
      let fixup = fixups[number]
      let word = Int(fixup.word)
      let distance = Int(labels[Int(fixup.target)]) &- word
      words[word].c = UInt16(truncatingIfNeeded: fixup.isFar ? distance &>> 16 : distance)
      if fixup.isFar { words[word].b = UInt16(truncatingIfNeeded: distance) }
    }
    let count = words.count
    let isWide = analysis.view.bytecode.count / 2 > Int(UInt16.max)
    // One piece of memory: words, handlers, offsets.
    let wordBytes = max(count, 1) &* MemoryLayout<InstructionWord>.stride
    let handlerBytes = handled.count &* MemoryLayout<HandlerRange>.stride
    guard let memory = malloc(wordBytes &+ handlerBytes &+ count &* (isWide ? 4 : 2)) else {
      Heap.die("amphis: out of memory while lowering code\n")
    }
    let code = memory.assumingMemoryBound(to: InstructionWord.self)
    code.initialize(from: words.base, count: count)
    let handlers = (memory + wordBytes).assumingMemoryBound(to: HandlerRange.self)
    let offsets = memory + wordBytes + handlerBytes
    if isWide {
      offsets.copyMemory(from: units.base, byteCount: count &* 4)
    } else {
      let short = offsets.assumingMemoryBound(to: UInt16.self)
      for word in 0..<count { short[word] = UInt16(truncatingIfNeeded: units[word]) }
    }
    for number in 0..<handled.count {
      let run = handled[number]
      let range = analysis.ranges[Int(run.range)]
      let registers = handlerRegisters(range)
      (handlers + number).initialize(
        to: HandlerRange(
          start: run.start, end: run.end, handler: UInt32(truncatingIfNeeded: labels[range.handler]),
          exceptionRegister: UInt16(truncatingIfNeeded: registers.exception), lastiRegister: UInt16(truncatingIfNeeded: registers.lasti)))
    }
    return LoweredCode(
      words: code, wordCount: count, offsets: offsets, hasWideOffsets: isWide, handlers: handlers, handlerCount: handled.count,
      registerCount: registerCount, localCount: localCount, iteratorSlots: iteratorSlots, isTraced: isTraced, hasFarJumps: farJumps,
      storedNameCount: storedNameCount)
  }
}
