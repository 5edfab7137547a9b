import Testing

@testable import PyRuntime

/// Numbers as text and calendars: code that needs no running interpreter.
@Suite struct NumberTextTests {
  private func repr(_ d: Double) -> String {
    var out: [UInt8] = []
    FloatText.appendRepr(d, &out)
    return String(decoding: out, as: UTF8.self)
  }
  private func text(_ d: Double, _ code: Character, _ precision: Int, _ options: DoubleFormat.Options = []) -> String {
    String(decoding: DoubleFormat.text(d, code.asciiValue ?? 0, precision, options), as: UTF8.self)
  }

  @Test func reprIsShortest() {
    #expect(repr(0.1) == "0.1")
    #expect(repr(1e16) == "1e+16")
    #expect(repr(9_999_999_999_999_998) == "9999999999999998.0")
    #expect(repr(0.0001) == "0.0001")
    #expect(repr(0.00001) == "1e-05")
    #expect(repr(5e-324) == "5e-324")
    #expect(repr(0x1p-44) == "5.684341886080802e-14")
    #expect(repr(-0.0) == "-0.0")
  }

  @Test func conversionsRoundExactly() {
    #expect(text(2.675, "f", 2) == "2.67")
    #expect(text(0.5, "f", 0) == "0")
    #expect(text(1.5, "f", 0) == "2")
    #expect(text(123_456_789, "g", 6) == "1.23457e+08")
    #expect(text(100, "g", 6, .alternate) == "100.000")
    #expect(text(-0.04, "f", 1, .noNegativeZero) == "0.0")
    #expect(text(1, "e", 0, .alternate) == "1.e+00")
  }

  @Test func hexadecimalRoundsHalfToEven() {
    func value(_ s: String) -> Double? {
      if case .value(let d) = FloatHex.parse(Array(s.utf8)) { return d }
      return nil
    }
    #expect(value("0x1.00000000000008p0") == 1)
    #expect(value("0x1.00000000000018p0") == 1 + 2 * Double.ulpOfOne)
    #expect(value("0x1p-1075") == 0)
    #expect(value("0x1.8p-1075") == 5e-324)
    #expect(value("0x1.fffffffffffff8p1023") == nil)
    #expect(FloatHex.text(0.1) == "0x1.999999999999ap-4")
  }

  @Test func halfFloatsSurvive() {
    for bits in UInt16(0)..<0x7C00 { #expect(HalfFloat.pack(HalfFloat.unpack(bits)) == bits) }
    #expect(HalfFloat.pack(65519.9) == 0x7BFF)
    #expect(HalfFloat.pack(65520) == nil)
  }

  @Test func twisterHasTheKnownSequence() {
    let words = UnsafeMutablePointer<UInt32>.allocate(capacity: MersenneTwister.size)
    defer { words.deallocate() }
    var g = MersenneTwister(index: MersenneTwister.size, words: words)
    // The first outputs in the authors' mt19937ar.out for this key.
    g.seed(key: [0x123, 0x234, 0x345, 0x456])
    #expect([g.next(), g.next(), g.next()] == [1_067_595_299, 955_945_823, 477_289_528])
  }

  @Test func calendarIsItsOwnInverse() {
    for ordinal in stride(from: 1, through: Calendar.maxOrdinal, by: 97) {
      let (y, m, d) = Calendar.date(ordinal)
      #expect(Calendar.ordinal(y, m, d) == ordinal)
    }
    #expect(Calendar.date(Calendar.maxOrdinal) == (9999, 12, 31))
    #expect(Calendar.iso(2020, 12, 31) == (2020, 53, 4))
  }
}
