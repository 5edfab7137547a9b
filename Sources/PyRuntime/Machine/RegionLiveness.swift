#if arch(x86_64)

  /// Which evaluation slots hold something that code will read, at each word of a code object. Variables are not asked about: tracebacks and
  /// `locals()` see them at any time.
  struct RegionLiveness {
    /// By word: bit i is register `localCount + i`. Words that begin no instruction have zero.
    private var live: [UInt64]
    private let localCount: Int
    private let isExact: Bool

    init(_ code: LoweredCode) {
      localCount = code.localCount
      isExact = code.registerCount - code.localCount <= 64
      live = [UInt64](repeating: 0, count: code.wordCount)
      if isExact { solve(code) }
    }

    /// Whether register `r` (of a variable or slot) may be read when the frame goes on at `word`.
    func isLive(_ r: Int, at word: Int) -> Bool {
      if r < localCount || !isExact { return true }
      return word >= 0 && word < live.count && r - localCount < 64 && live[word] >> UInt64(r - localCount) & 1 != 0
    }

    private struct Effect {
      var word = 0, reads: UInt64 = 0, writes: UInt64 = 0
      var next: [Int] = []
    }

    private mutating func solve(_ code: LoweredCode) {
      var effects: [Effect] = []
      let table = InstructionTable.shared
      var word = 0
      while word < code.wordCount {
        let pc = code.words + word
        let length = table.length(pc)
        var effect = Effect(word: word)
        registers(pc, &effect)
        let info = table[pc.pointee.instruction]
        let base = info.base ?? pc.pointee.instruction
        switch base {
        case .jump, .jumpBack: effect.next = [word + pc.pointee.farTarget]
        case .forLoop: effect.next = [word + pc.pointee.target, word + pc.pointee.target - 2]
        case .returnValue, .returnTuple, .raise0, .raise1, .raise2, .reraise, .reraiseLasti: effect.next = []
        default:
          effect.next = [word + length]
          if info.a == .target || info.b == .target || info.c == .target { effect.next.append(word + pc.pointee.target) }
        }
        effects.append(effect)
        word += max(length, 1)
      }
      var caught = [UInt64](repeating: 0, count: code.handlerCount)
      var changed = true
      while changed {
        changed = false
        for i in 0..<code.handlerCount {
          let handler = code.handlers[i]
          var set = live[min(Int(handler.handler), code.wordCount - 1)]
          for r in [handler.exceptionRegister, handler.lastiRegister] where r != Encoding.noRegister { set &= ~bit(Int(r)) }
          caught[i] = set
        }
        var range = code.handlerCount - 1
        for effect in effects.reversed() {
          var out: UInt64 = 0
          for next in effect.next where next >= 0 && next < code.wordCount { out |= live[next] }
          var set = effect.reads | out & ~effect.writes
          while range >= 0, Int(code.handlers[range].start) > effect.word { range -= 1 }
          // What a handler reads is live wherever it may be entered from.
          if range >= 0, effect.word < Int(code.handlers[range].end) { set |= caught[range] }
          if live[effect.word] != set {
            live[effect.word] = set
            changed = true
          }
        }
      }
    }

    private func bit(_ r: Int) -> UInt64 { r < localCount ? 0 : 1 << UInt64(r - localCount) }
    private func bits(_ range: Range<Int>) -> UInt64 { range.reduce(0) { $0 | ($1 - localCount < 64 ? bit($1) : 0) } }
    private func operandBit(_ field: UInt16) -> UInt64 { field & Encoding.constantBit == 0 ? bit(Int(field)) : 0 }

    private func registers(_ pc: CodePointer, _ e: inout Effect) {
      let word = pc.pointee
      let info = InstructionTable.shared[word.instruction]
      for (role, field) in [(info.a, word.a), (info.b, word.b), (info.c, word.c)] {
        switch role {
        case .destination: e.writes |= bit(Int(field))
        case .destinationPair: e.writes |= bit(Int(field)) | bit(Int(field) + 1)
        case .register: e.reads |= bit(Int(field))
        case .update, .operand: e.reads |= operandBit(field)
        case .base: e.reads |= bits(based(pc, info.base ?? word.instruction))
        default: break
        }
      }
      switch info.base ?? word.instruction {
      case .dropCall: e.reads |= bit(Int(word.a) + 1)
      case .getSlice, .setSlice, .buildConstKeyMap, .matchClass: e.reads |= operandBit(UInt16(truncatingIfNeeded: pc.w0))
      case .makeFunction:
        for i in 0..<4 where word.c >> UInt16(i) & 1 != 0 { e.reads |= operandBit(UInt16(truncatingIfNeeded: pc.w0 >> UInt64(16 * i))) }
      case .unpackN: for i in 0..<Int(word.b) { e.writes |= bit(UnpackInstructions.destination(pc, i)) }
      case .unpackEx: for i in 0...Int(word.b) + Int(word.c) { e.writes |= bit(UnpackInstructions.destination(pc, i)) }
      default: break
      }
    }

    /// What an instruction with a base reads from there on.
    private func based(_ pc: CodePointer, _ base: Instruction) -> Range<Int> {
      let b = Int(pc.pointee.b), n = Int(pc.pointee.c), callee = b + FrameLayout.calleeOffset
      switch base.generalCall {
      case .call, .callKw: return callee..<callee + 1 + n
      case .callMethod, .callMethodKw: return callee..<callee + 2 + n
      case .call1: return callee..<callee + 1
      case .callMethod1: return callee..<callee + 2
      case .callEx: return callee..<callee + 3
      case .withExit: return 0..<0
      case .buildTuple, .buildList, .buildSet, .buildString, .buildConstKeyMap: return b..<b + n
      case .buildMap: return b..<b + 2 * n
      case .buildSlice3: return b..<b + 3
      default: return min(b, localCount + 64)..<localCount + 64
      }
    }
  }

#endif
