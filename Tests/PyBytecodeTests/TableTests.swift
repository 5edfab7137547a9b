import Testing

@testable import PyBytecode

private typealias SourceLocation = PyBytecode.SourceLocation

@Suite struct TableTests {
  @Test func locationsSurviveTheTable() {
    var units: [(SourceLocation, Int)] = []
    for line in [5, 5, 6, 7, 20, 3, 4000] as [Int32] {
      for (column, endColumn) in [(0, 3), (79, 94), (79, 96), (80, 90), (127, 127), (128, 140), (1000, 2)] as [(Int32, Int32)] {
        units.append((SourceLocation(line: line, endLine: line, column: column, endColumn: endColumn), 1))
        units.append((SourceLocation(line: line, endLine: line + 9, column: column, endColumn: endColumn), 8))
      }
      units.append((SourceLocation(line: line, endLine: line, column: -1, endColumn: -1), 3))
      units.append((.none, 2))
    }
    var encoder = LocationTableEncoder(firstLine: 5)
    for (location, count) in units { encoder.append(location, units: count) }
    var position = 0
    var decoded: [(SourceLocation, Int)] = []
    for entry in LocationTableDecoder(encoder.bytes, firstLine: 5) {
      #expect(entry.start == position)
      position += entry.units
      decoded.append((entry.location, entry.units))
    }
    #expect(decoded.count == units.count)
    for (a, b) in zip(decoded, units) { #expect(a.0 == b.0 && a.1 == b.1) }
  }

  @Test func longInstructionsTakeSeveralEntries() {
    var encoder = LocationTableEncoder(firstLine: 1)
    encoder.append(SourceLocation(line: 1, endLine: 1, column: 2, endColumn: 5), units: 11)
    #expect(encoder.bytes == [0x87, 0x23, 0x82, 0x23])
  }

  @Test func exceptionTable() {
    let entries = [
      ExceptionTableEntry(start: 1, end: 70, target: 5000, depth: 3, pushesLastInstruction: true),
      ExceptionTableEntry(start: 70, end: 300_000, target: 9, depth: 0, pushesLastInstruction: false),
    ]
    var bytes: [UInt8] = []
    for entry in entries { ExceptionTable.append(entry, to: &bytes) }
    #expect(ExceptionTable.decode(bytes) == entries)
    for length in 1..<bytes.count where length != 6 {
      if let part = ExceptionTable.decode(Array(bytes.prefix(length))) { #expect(part.count < 2) }
    }
    #expect(ExceptionTable.decode([0x01]) == nil)
    #expect(ExceptionTable.decode([0xC0, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40]) == nil)
  }

  @Test func opcodes() {
    #expect(Opcode.loadFast.rawValue == 124 && Opcode.call.rawValue == 171 && Opcode.kwNames.rawValue == 172)
    #expect(Opcode.loadGlobal.cacheEntries == 5 && Opcode.loadMethod.cacheEntries == 10 && Opcode.storeSubscr.cacheEntries == 1)
    #expect(Opcode.buildMap.stackEffect(3, jump: false) == -5 && Opcode.forIter.stackEffect(0, jump: true) == -1)
    #expect(Opcode.allCases.count == 110)
    #expect(BinaryOperator.inplaceXor.rawValue == 25)
  }

  @Test func reprs() {
    func repr(_ value: Double) -> String { ConstantRepr.float(value) }
    #expect(repr(1e16) == "1e+16" && repr(123456789012345680) == "1.2345678901234568e+17" && repr(1e15) == "1000000000000000.0")
    #expect(repr(0.0001) == "0.0001" && repr(0.00001) == "1e-05" && repr(-0.0) == "-0.0" && repr(5e-324) == "5e-324")
    #expect(ConstantRepr.string(.complex(real: -0.0, imaginary: 1)) == "(-0+1j)")
    #expect(ConstantRepr.string(.string(Array("it's \"\u{7F}é\n".utf8))) == "'it\\'s \"\\x7fé\\n'")
    #expect(ConstantRepr.string(.string([0xED, 0xA0, 0x80])) == "'\\ud800'")
    #expect(ConstantRepr.string(.bigInt(negative: true, magnitude: [0, 64])) == "-1180591620717411303424")
    #expect(ConstantRepr.string(.tuple([.bytes([39, 0, 255])])) == "(b\"'\\x00\\xff\",)")
  }
}
