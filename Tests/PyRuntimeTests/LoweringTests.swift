import PyBytecode
import Testing

@testable import PyRuntime

/// Lowering of real and of damaged code. `AMPHIS_LOWERING_ALL=1` takes the whole standard library and a
/// million corruptions instead of a share.
@Suite struct LoweringTests {
  static let isThorough = LoweringCorpus.environment("AMPHIS_LOWERING_ALL") == "1"
  static let codes = LoweringCorpus.standardLibrary(limit: isThorough ? Int.max : 60)
  static let optionSets: [LoweringOptions] = [
    .standard, [], .pairMoves, [.pairMoves, .slices], .farJumps, .traced, [.traced, .farJumps],
  ]

  @Test func everyInstructionIsDeclaredOnce() {
    let table = InstructionTable.shared
    var names = Set<String>()
    for instruction in Instruction.allCases {
      let info = table[instruction]
      let isUnused = "\(instruction)".hasPrefix("unused")
      #expect(info.declared != isUnused, "\(instruction)")
      if info.declared { #expect(names.insert("\(info.name)").inserted, "\(info.name) twice") }
    }
    #expect(Instruction.allCases.count == 256)
    #expect(MemoryLayout<Instruction>.size == 1)
    #expect(MemoryLayout<InstructionWord>.size == 8)
  }

  @Test func wordsRoundTrip() {
    let word = InstructionWord(.loadAttr, 1, 0x8002, 0xFFFE)
    #expect(InstructionWord(bits: word.bits).bits == word.bits)
    #expect(word.instruction == .loadAttr)
    #expect(word.target == -2)
    #expect(InstructionWord(.jump, 0, 0xFFFF, 0xFFFF).farTarget == -1)
  }

  @Test func standardLibraryLowersCorrectly() {
    #expect(!LoweringTests.codes.isEmpty)
    for (done, code) in LoweringTests.codes.enumerated() {
      if LoweringTests.isThorough { LoweringCorpus.report("validated", done, LoweringTests.codes.count) }
      code.withCodeView { view in
        for options in LoweringTests.optionSets {
          do {
            try LoweringValidator.check(view, options: options)
          } catch let error as LoweringFault {
            Issue.record("\(String(decoding: code.qualifiedName, as: UTF8.self)) options \(options.rawValue): \(error.message)")
          } catch let error as VerificationError {
            Issue.record("\(String(decoding: code.qualifiedName, as: UTF8.self)) refused: \(error.description)")
          } catch {}
        }
      }
    }
  }

  @Test func tracedCodeFitsTheFrame() throws {
    for code in LoweringTests.codes {
      try code.withCodeView { view in
        let plain = try Lowering.lower(view)
        let traced = try Lowering.lower(view, options: .traced)
        #expect(traced.registerCount <= plain.registerCount, "\(String(decoding: code.qualifiedName, as: UTF8.self))")
        plain.deallocate()
        traced.deallocate()
      }
    }
  }

  @Test func damagedCodeIsRefusedOrLowersCorrectly() {
    var dice = Dice(state: 311)
    let pool = LoweringTests.codes.filter { $0.code.count < 1500 }
    let handled = pool.filter { !$0.exceptionTable.isEmpty }
    let generators = pool.filter { $0.flags.rawValue & 0x2A0 != 0 }
    var accepted = 0
    let rounds = LoweringTests.isThorough ? 1_000_000 : 10_000
    for round in 0..<rounds {
      if LoweringTests.isThorough { LoweringCorpus.report("damaged", round, rounds) }
      let source = [pool, handled, generators][dice.below(3)]
      var raw = RawCode(source[dice.below(source.count)])
      for _ in 0...dice.below(2) { raw.corrupt(&dice) }
      let name = raw.name
      raw.withView { view in
        do { try Lowering.verify(view) } catch { return }
        accepted += 1
        for options in LoweringTests.optionSets {
          do {
            try LoweringValidator.check(view, options: options)
          } catch {
            Issue.record("round \(round), \(name), options \(options.rawValue): \(error)")
          }
        }
      }
    }
    #expect(accepted > 1000)
  }

  @Test func handMadeHorrorsAreRefused() {
    func refusal(_ bytes: [UInt8], stack: Int = 4, locals: Int = 0, exceptions: [UInt8] = []) -> String? {
      guard let some = LoweringTests.codes.first else { return nil }
      var raw = RawCode(some)
      raw.bytecode = bytes
      raw.exceptionTable = exceptions
      raw.kinds = Array(repeating: 0x20, count: locals)
      raw.constants = [.none]
      raw.stackSize = stack
      raw.flags = 0
      raw.argumentCount = 0
      raw.keywordOnlyCount = 0
      return raw.withView { view in
        do throws(VerificationError) { try Lowering.verify(view) } catch { return "\(error.reason)" }
        return nil
      }
    }
    let ret = Opcode.returnValue.rawValue
    let const = Opcode.loadConst.rawValue
    #expect(refusal([const, 0, ret, 0]) == nil)
    #expect(refusal([]) != nil)
    #expect(refusal([ret]) != nil)
    #expect(refusal([ret, 0]) == "stack underflow")
    #expect(refusal([const, 1, ret, 0]) == "bad argument")
    #expect(refusal([const, 0]) == "control falls off the end")
    #expect(refusal([0, 0]) == "unknown opcode")
    #expect(refusal([255, 0]) == "unknown opcode")
    #expect(refusal([144, 0]) == "bad EXTENDED_ARG")
    #expect(refusal([const, 0, const, 0, ret, 0], stack: 1) == "stack overflow")
    #expect(refusal([Opcode.jumpForward.rawValue, 7, const, 0, ret, 0]) == "bad jump target")
    #expect(refusal([Opcode.loadFast.rawValue, 1, ret, 0], locals: 1) == "bad argument")
    #expect(refusal([Opcode.pushNull.rawValue, 0, ret, 0]) == "operand of the wrong kind")
    #expect(refusal([const, 0, Opcode.popExcept.rawValue, 0, const, 0, ret, 0]) == "operand of the wrong kind")
    #expect(refusal([const, 0, ret, 0], exceptions: [0x80]) == "bad exception table")
    #expect(refusal([const, 0, ret, 0], exceptions: [0xFF, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F]) == "bad exception table")
  }
}
