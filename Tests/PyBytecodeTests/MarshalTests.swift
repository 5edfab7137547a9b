import Testing

@testable import PyBytecode

@Suite struct MarshalTests {
  private let sample: Constant = .tuple([
    .int(1), .int(-2), .int(1 << 40), .bigInt(negative: true, magnitude: [0, 64]), .float(1.5), .string(Array("ab".utf8)),
    .string([0xE2, 0x82, 0xAC]), .string([0xED, 0xA0, 0x80]), .bytes([120]), .none, .true, .ellipsis, .complex(real: 0, imaginary: 2),
  ])

  /// What `marshal.dumps(..., 2)` of CPython gives for the sample.
  private let version2: [UInt8] = [
    40, 13, 0, 0, 0, 105, 1, 0, 0, 0, 105, 254, 255, 255, 255, 108, 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 108, 251, 255, 255, 255, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 4, 103, 0, 0, 0, 0, 0, 0, 248, 63, 117, 2, 0, 0, 0, 97, 98, 117, 3, 0, 0, 0, 226, 130, 172, 117, 3, 0, 0, 0, 237, 160,
    128, 115, 1, 0, 0, 0, 120, 78, 84, 46, 121, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64,
  ]

  @Test func readsWhatPythonWrites() throws { #expect(try MarshalReader.load(version2) == sample) }

  @Test func readsWhatItWrites() throws { #expect(try MarshalReader.load(MarshalWriter.dump(sample)) == sample) }

  @Test func integersAtTheEdges() throws {
    for value in [0, 1, -1, 1 << 15, 1 << 30, 1 << 31, -(1 << 31), 1 << 45, Int64.max, Int64.min] as [Int64] {
      #expect(try MarshalReader.load(MarshalWriter.dump(.int(value))) == .int(value))
    }
    #expect(Constant.integer(negative: true, magnitude: [1 << 63]) == .int(.min))
    #expect(Constant.integer(negative: false, magnitude: [1 << 63, 0]) == .bigInt(negative: false, magnitude: [1 << 63]))
  }

  @Test func truncatedDataEndsInAnError() {
    for length in 0..<version2.count {
      #expect(throws: MarshalError.self) { try MarshalReader.load(Array(version2.prefix(length))) }
    }
  }

  @Test func corruptDataNeverTraps() {
    var seed: UInt64 = 1
    for _ in 0..<20_000 {
      var bytes = version2
      for _ in 0..<3 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(seed >> 33) % bytes.count] = UInt8(truncatingIfNeeded: seed >> 24)
      }
      _ = try? MarshalReader.load(bytes)
    }
  }

  @Test func nestingIsBounded() {
    let deep = [UInt8](repeating: 0, count: 5000).flatMap { _ in [UInt8(ascii: ")"), 1] } + [UInt8(ascii: "N")]
    #expect(throws: MarshalError.valueError("recursion limit exceeded")) { try MarshalReader.load(deep) }
    // The same depth, but built by back-references: each tuple holds the one before it.
    var chain: [UInt8] = [UInt8(ascii: "("), 0x88, 0x13, 0, 0, UInt8(ascii: ")") | 0x80, 0]
    for index in 0..<4999 as Range<Int32> {
      chain += [UInt8(ascii: ")") | 0x80, 1, UInt8(ascii: "r")]
      chain += (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
    }
    #expect(throws: MarshalError.valueError("recursion limit exceeded")) { try MarshalReader.load(chain) }
  }

  @Test func pycHeader() {
    let header = PycHeader.timestamp(modified: 0x0102_0304, sourceSize: 7)
    #expect(header.bytes == [0xA7, 0x0D, 0x0D, 0x0A, 0, 0, 0, 0, 4, 3, 2, 1, 7, 0, 0, 0])
    #expect(PycHeader.read(header.bytes) == .success(header))
    let hashed = PycHeader.hash(0x1122_3344_5566_7788, checkSource: true)
    #expect(PycHeader.read(hashed.bytes) == .success(hashed))
    #expect(PycHeader.read([0x6F, 0x0D, 0x0D, 0x0A]) == .failure(.badMagic([0x6F, 0x0D, 0x0D, 0x0A])))
  }
}
