import Glibc
import Testing

@testable import CPythonBridge

@Suite struct LossyTableTests {
  private func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let n = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(n), as: UTF8.self)
  }

  @Test func pageIsCurrent() {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    #expect(read("/" + root + "/docs/lossy-conversions.md") == LossyTable.page, "run make docs")
  }

  @Test func everyCodeHasARow() {
    #expect(LossyTable.rows.map(\.code) == Lossy.Code.allCases)
  }
}
