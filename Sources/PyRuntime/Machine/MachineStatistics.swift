import Glibc

/// `-X jitstats`: what was compiled, how often it was entered and left.
enum MachineStatistics {
  private struct Row {
    var name: String
    var entry: UnsafeMutablePointer<MachineEntry>
    var words: Int, bytes: Int
  }
  nonisolated(unsafe) private static var rows: [Row] = []

  #if arch(x86_64)
    static func compiled(_ fp: Registers, _ shape: RegionShape, _ entry: UnsafeMutablePointer<MachineEntry>, _ bytes: Int) {
      let code = fp.frameCode
      let name = "\(code.pointee.qualname.swiftString) words \(shape.head)–\(shape.isWhole ? shape.end : shape.entry)"
      rows.append(Row(name: name, entry: entry, words: shape.end - shape.head, bytes: bytes))
    }
  #endif

  static func report() {
    var text = "machine code: \(rows.count) regions, \(rows.reduce(0) { $0 + $1.bytes }) bytes\n"
    for row in rows {
      let e = row.entry.pointee
      text += "  \(row.name): \(row.words) words, \(row.bytes) bytes, entered \(e.entries), rounds \(e.rounds), "
      text += "left early \(e.misses), refused \(e.refusals)\(e.isDropped ? ", dropped" : "")\n"
    }
    fputs(text, stderr)
  }
}
