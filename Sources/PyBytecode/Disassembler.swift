/// Prints code objects as `dis.dis` of Python 3.11 does. Reads any blueprint, also one that no verifier would accept.
public struct Disassembler {
  /// One instruction with its prefixes applied to the argument. Prefixes are instructions of their own, as in `dis`.
  public struct Line: Hashable, Sendable {
    /// Byte offset.
    public var offset: Int
    /// Nil for a byte that is no base opcode; `rawOpcode` has it.
    public var opcode: Opcode?
    public var rawOpcode: UInt8
    public var argument: Int
    public var location: SourceLocation
    /// The line that begins here, if one does.
    public var startsLine: Int32?
    public var isJumpTarget: Bool
  }

  public let code: CodeBlueprint

  public init(_ code: CodeBlueprint) { self.code = code }

  /// The disassembly of a code object and of all code objects inside it.
  public static func text(_ code: CodeBlueprint) -> String {
    var out: [UInt8] = []
    Disassembler(code).append(to: &out, depth: 0)
    return String(decoding: out, as: UTF8.self)
  }

  /// The byte offset where a jump leads; nil for other instructions.
  public func jumpTarget(of line: Line) -> Int? {
    guard let opcode = line.opcode, opcode.isJump else { return nil }
    let next = line.offset &+ 2 &+ 2 &* opcode.cacheEntries
    return opcode.isBackwardJump ? next &- 2 &* line.argument : next &+ 2 &* line.argument
  }

  /// All instructions, caches left out.
  public func lines() -> [Line] {
    let bytes = code.code
    var locations: [SourceLocation] = []
    for entry in LocationTableDecoder(code.lineTable, firstLine: code.firstLine) {
      for _ in 0..<entry.units { locations.append(entry.location) }
    }
    var result: [Line] = []
    var offset = 0
    var extended = 0
    var lastLine: Int32?
    while offset + 1 < bytes.count {
      let raw = bytes[offset]
      let opcode = Opcode(rawValue: raw)
      let argument = Int(bytes[offset + 1]) | extended
      extended = opcode == .extendedArg ? (argument << 8) & 0xFFFF_FFFF : 0
      let location = offset / 2 < locations.count ? locations[offset / 2] : .none
      var starts: Int32?
      if location.line >= 0 && location.line != lastLine {
        lastLine = location.line
        starts = location.line
      }
      result.append(
        Line(
          offset: offset, opcode: opcode, rawOpcode: raw, argument: argument, location: location, startsLine: starts, isJumpTarget: false))
      offset += 2 + 2 * (opcode?.cacheEntries ?? 0)
    }
    var targets = Set(result.compactMap { jumpTarget(of: $0) })
    for entry in ExceptionTable.decode(code.exceptionTable) ?? [] { targets.insert(entry.target * 2) }
    for index in result.indices where targets.contains(result[index].offset) { result[index].isJumpTarget = true }
    return result
  }

  private func append(to out: inout [UInt8], depth: Int) {
    let lines = lines()
    let highestLine = lines.compactMap { $0.startsLine }.max()
    let lineWidth = highestLine.map { $0 >= 1000 ? String($0).utf8.count : 3 } ?? 0
    let highestOffset = code.code.count - 2
    let offsetWidth = highestOffset >= 10000 ? String(highestOffset).utf8.count : 4
    func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.utf8.count)) + text }
    for line in lines {
      if line.startsLine != nil && line.offset > 0 { out.append(10) }
      var text = ""
      if lineWidth > 0 { text += pad(line.startsLine.map { String($0) } ?? "", lineWidth) + " " }
      text += "    "
      text += line.isJumpTarget ? ">> " : "   "
      text += pad(String(line.offset), offsetWidth) + " "
      let name = line.opcode.map { String(describing: $0.name) } ?? "<\(line.rawOpcode)>"
      var fields = [UInt8](text.utf8) + [UInt8](name.utf8)
      if line.rawOpcode >= Opcode.haveArgument {
        fields += [UInt8](repeating: 32, count: max(0, 20 - name.utf8.count) + 1)
        fields += [UInt8](pad(String(line.argument), 5).utf8)
        let meaning = meaning(of: line)
        if !meaning.isEmpty {
          fields += [UInt8](" (".utf8)
          fields += meaning
          fields.append(UInt8(ascii: ")"))
        }
      }
      out += fields
      out.append(10)
    }
    if let entries = ExceptionTable.decode(code.exceptionTable), !entries.isEmpty {
      out += [UInt8]("ExceptionTable:\n".utf8)
      for entry in entries {
        let lasti = entry.pushesLastInstruction ? " lasti" : ""
        out += [UInt8]("  \(entry.start * 2) to \(entry.end * 2 - 2) -> \(entry.target * 2) [\(entry.depth)]\(lasti)\n".utf8)
      }
    }
    // Blueprints from a file nest at most as deep as the reader allows.
    for case .code(let inner) in code.constants where depth < 2000 {
      out += [UInt8]("\nDisassembly of ".utf8)
      ConstantRepr.append(.code(inner), to: &out)
      out += [UInt8](":\n".utf8)
      Disassembler(inner).append(to: &out, depth: depth + 1)
    }
  }

  /// What `dis` shows in parentheses.
  private func meaning(of line: Line) -> [UInt8] {
    guard let opcode = line.opcode else { return [] }
    let argument = line.argument
    if let target = jumpTarget(of: line) { return [UInt8]("to \(target)".utf8) }
    if opcode == .loadConst {
      guard argument < code.constants.count else { return [] }
      var out: [UInt8] = []
      ConstantRepr.append(code.constants[argument], to: &out)
      return out
    }
    if opcode == .loadGlobal {
      guard argument >> 1 < code.names.count else { return [] }
      return (argument & 1 != 0 ? [UInt8]("NULL + ".utf8) : []) + code.names[argument >> 1]
    }
    if opcode.indexesNames { return argument < code.names.count ? code.names[argument] : [] }
    if opcode.indexesLocals || opcode.indexesCells { return argument < code.localsplusNames.count ? code.localsplusNames[argument] : [] }
    switch opcode {
    case .compareOp: return ComparisonOperator(rawValue: UInt8(truncatingIfNeeded: argument)).map { text($0.symbol) } ?? []
    case .binaryOp: return BinaryOperator(rawValue: UInt8(truncatingIfNeeded: argument)).map { text($0.symbol) } ?? []
    case .formatValue:
      var parts: [String] = []
      switch argument & 3 {
      case 1: parts.append("str")
      case 2: parts.append("repr")
      case 3: parts.append("ascii")
      default: break
      }
      if argument & 4 != 0 { parts.append("with format") }
      return [UInt8](parts.joined(separator: ", ").utf8)
    case .makeFunction:
      let names = ["defaults", "kwdefaults", "annotations", "closure"]
      return [UInt8](names.indices.filter { argument & 1 << $0 != 0 }.map { names[$0] }.joined(separator: ", ").utf8)
    default: return []
    }
  }

  private func text(_ string: StaticString) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: string.utf8Start, count: string.utf8CodeUnitCount))
  }
}
