import PyBytecode

// Register code as text, one instruction a line, for `dis`-like tools, tests and debugging.

struct RegisterDisassembler {
  let code: LoweredCode
  /// Text for a constant, for names; indexes are those of the code object.
  var constantText: (Int) -> String = { "k\($0)" }
  var nameText: (Int) -> String = { "n\($0)" }
  var localText: (Int) -> String = { "r\($0)" }

  func listing() -> String {
    var targets = Set<Int>()
    let table = InstructionTable.shared
    var word = 0
    while word < code.wordCount {
      if let target = target(word) { targets.insert(target) }
      word += table.length(code.words + word)
    }
    for number in 0..<code.handlerCount { targets.insert(Int(code.handlers[number].handler)) }
    var text = ""
    word = 0
    while word < code.wordCount {
      let mark = targets.contains(word) ? ">>" : "  "
      text += "\(mark) \(pad(word)) [\(pad(code.bytecodeOffset(word)))] \(line(word))\n"
      word += table.length(code.words + word)
    }
    for number in 0..<code.handlerCount {
      let range = code.handlers[number]
      let lasti = range.lastiRegister == Encoding.noRegister ? "" : ", lasti r\(range.lastiRegister)"
      text += "   \(range.start)..<\(range.end) -> \(range.handler) exception r\(range.exceptionRegister)\(lasti)\n"
    }
    return text
  }

  private func pad(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: " ", count: max(0, 4 - text.utf8.count)) + text
  }

  /// Word index that the instruction at `word` jumps to, nil if it does not jump.
  func target(_ word: Int) -> Int? {
    let instruction = code.words[word]
    switch instruction.instruction {
    case .jump, .jumpBack: return word + instruction.farTarget
    default: return InstructionTable.shared[instruction.instruction].c == .target ? word + instruction.target : nil
    }
  }

  /// The instruction at `word` without its position.
  func line(_ word: Int) -> String {
    let instruction = code.words[word]
    let info = InstructionTable.shared[instruction.instruction]
    var parts: [String] = []
    switch instruction.instruction {
    case .jump, .jumpBack: parts.append("-> \(word + instruction.farTarget)")
    case .loadConstantWide: parts = [register(instruction.a), constantText(instruction.wideIndex)]
    case .wide: parts = [nameText(instruction.wideIndex)]
    default:
      for (role, value) in [(info.a, instruction.a), (info.b, instruction.b), (info.c, instruction.c)] {
        switch role {
        case .none, .farHalf: break
        case .destination, .register, .update, .base: parts.append(register(value))
        case .destinationPair: parts.append("\(register(value))+1")
        case .operand: parts.append(operand(value))
        case .name: parts.append(value == Encoding.wideName ? "(wide)" : nameText(Int(value)))
        case .immediate: parts.append("#\(value)")
        case .target: parts.append("-> \(word + Int(Int16(bitPattern: value)))")
        }
      }
    }
    if let extra = extra(word) { parts.append(extra) }
    return "\(info.name)" + (parts.isEmpty ? "" : " " + parts.joined(separator: ", "))
  }

  private func register(_ index: UInt16) -> String { Int(index) < code.localCount ? localText(Int(index)) : "r\(index)" }

  private func operand(_ field: UInt16) -> String {
    field & Encoding.constantBit != 0 ? constantText(Int(field & ~Encoding.constantBit)) : register(field)
  }

  private func comparison(_ word: UInt64) -> String {
    ComparisonOperator(rawValue: UInt8(truncatingIfNeeded: word)).map { "\($0.symbol)" } ?? "?"
  }

  /// What lowering wrote to the words behind the instruction.
  private func extra(_ word: Int) -> String? {
    guard word + 1 < code.wordCount else { return nil }
    let first = code.words[word + 1].bits
    switch code.words[word].instruction {
    case .binaryOp: return BinaryOperator(rawValue: UInt8(truncatingIfNeeded: first)).map { "\($0.symbol)" }
    case .formatSpec:
      let conversions = ["", "!s", "!r", "!a"]
      return first & 255 < 4 && first & 255 > 0 ? conversions[Int(first & 255)] : nil
    case .compareOp: return comparison(first)
    case .jumpCompare: return "if \(comparison(first)) is \(first & 256 != 0 ? "true" : "false")"
    case .importName: return nameText(Int(first & 0xFFFF_FFFF))
    case .callKw, .callMethodKw: return constantText(Int(first & 0xFFFF_FFFF))
    case .buildConstKeyMap: return operand(UInt16(truncatingIfNeeded: first))
    case .matchClass: return "\(operand(UInt16(truncatingIfNeeded: first))), #\(first >> 32)"
    case .makeFunction:
      let flags = code.words[word].c
      return (0..<4).filter { flags >> UInt16($0) & 1 != 0 }
        .map { operand(UInt16(truncatingIfNeeded: first >> UInt64($0 * 16))) }.joined(separator: ", ")
    case .unpackN, .unpackEx:
      let count = InstructionTable.shared.length(code.words + word) - 2
      let all = code.words[word]
      let items = all.instruction == .unpackN ? Int(all.b) : Int(all.b) + 1 + Int(all.c)
      var names: [String] = []
      for item in 0..<min(items, count * 4) {
        names.append(register(UInt16(truncatingIfNeeded: code.words[word + 2 + item / 4].bits >> UInt64(item % 4 * 16))))
      }
      return "(" + names.joined(separator: ", ") + ")"
    default: return nil
    }
  }
}
