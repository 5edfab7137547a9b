import Glibc

/// `-X jitstats`: what was compiled and what not, which instructions regions have no code for, how often and where they were left.
enum MachineStatistics {
  private struct Row {
    var name: String
    /// Nil: not compiled
    var entry: UnsafeMutablePointer<MachineEntry>?
    var words: Int, bytes: Int
    /// Instructions without machine code
    var lacking: [String]
    /// By word, its instruction and how often the region was left there
    var misses: [(name: String, count: UnsafeMutablePointer<Int>)]
  }
  nonisolated(unsafe) private static var rows: [Row] = []

  #if arch(x86_64)
    static func looked(
      _ fp: Registers, _ shape: RegionShape, _ emitter: RegionEmitter, _ entry: UnsafeMutablePointer<MachineEntry>?, _ bytes: Int
    ) {
      let code = fp.frameCode
      let name = "\(code.pointee.qualname.swiftString) words \(shape.head)–\(shape.isWhole ? shape.end : shape.entry)"
      rows.append(
        Row(
          name: name, entry: entry, words: shape.end - shape.head, bytes: bytes,
          lacking: emitter.lacking.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" },
          misses: emitter.missCounts.sorted { $0.key < $1.key }.map {
            let name = $0.key < 0 ? "entry" : InstructionTable.shared[shape.code.pointee.words[$0.key].instruction].name
            return ("\($0.key < 0 ? -1 - $0.key : $0.key) \(name)", $0.value)
          }))
    }
  #endif

  static func report() {
    let made = rows.filter { $0.entry != nil }
    var text = "machine code: \(made.count) regions, \(made.reduce(0) { $0 + $1.bytes }) bytes\n"
    for row in rows {
      text += "  \(row.name): \(row.words) words, "
      if let e = row.entry?.pointee {
        text += "\(row.bytes) bytes, entered \(e.entries), rounds \(e.rounds), left early \(e.misses), refused \(e.refusals)"
        text += e.isDropped ? ", dropped\n" : "\n"
      } else {
        text += "not compiled\n"
      }
      if !row.lacking.isEmpty { text += "    no code for \(row.lacking.joined(separator: ", "))\n" }
      let misses = row.misses.filter { $0.count.pointee > 0 }.map { "\($0.name) \($0.count.pointee)" }
      if !misses.isEmpty { text += "    left at \(misses.joined(separator: ", "))\n" }
    }
    fputs(text, stderr)
  }
}
