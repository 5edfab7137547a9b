import Testing

@testable import CPythonBridge

@Suite struct PointerTableTests {
  @Test func findsWhatWasSetAfterGrowth() {
    var table = PointerTable()
    for i in 1...5000 { table.set(UInt(i) << 4, UInt(i), .foreign) }
    #expect(table.count == 5000)
    for i in 1...5000 { #expect(table.find(UInt(i) << 4)?.pointee.value == UInt(i)) }
    #expect(table.find(5001 << 4) == nil)
  }

  @Test func removalLeavesNoHoles() {
    var table = PointerTable()
    for i in 1...2000 { table.set(UInt(i) << 4, UInt(i), .twin) }
    for i in stride(from: 1, through: 2000, by: 2) { table.remove(UInt(i) << 4) }
    #expect(table.count == 1000)
    for i in 1...2000 { #expect((table.find(UInt(i) << 4) != nil) == (i % 2 == 0)) }
    table.set(16, 99, .loan)
    #expect(table.find(16)?.pointee.value == 99)
    #expect(table.find(16)?.pointee.kind == .loan)
  }
}
