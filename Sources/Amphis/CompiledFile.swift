import PyBytecode
import PyRuntime

/// Compilation without an interpreter: `amphis --emit`.
public enum CompiledFile {
  public static func compile(_ source: [UInt8], filename: String, optimize: Int) -> CompileOutcome {
    source.withUnsafeBytes {
      SourceToCode().compile(source: $0, CompileRequest(filename: Array(filename.utf8), mode: .exec, optimize: Int32(optimize)))
    }
  }

  /// The contents of a `.pyc` file for code of a source with this modification time (seconds) and size.
  public static func pyc(_ code: [UInt8], modified: Int, size: Int) -> [UInt8] {
    func word(_ n: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: n >> ($0 * 8)) } }
    return PycHeader.magicBytes + word(0) + word(modified) + word(size) + code
  }

  /// A syntax error as CPython prints it.
  public static func report(_ e: CompileFailure, _ file: String) -> String {
    var text = ""
    if let line = e.line, line > 0 { text += "  File \"\(file)\", line \(line)\n" }
    if let line = e.text {
      let source = String(decoding: line, as: UTF8.self).trimmed()
      text += "    \(source.text)\n"
      if let column = e.column, column > 0 {
        let start = max(0, column - 1 - source.indent)
        let end = e.endColumn ?? 0
        let width = e.endLine == e.line && end > column ? end - column : 1
        text += "    " + String(repeating: " ", count: start) + String(repeating: "^", count: width) + "\n"
      }
    }
    return text + "\(e.type): \(e.message)\n"
  }
}

extension String {
  fileprivate func trimmed() -> (text: String, indent: Int) {
    let body = drop { $0 == " " || $0 == "\t" }
    var text = String(body)
    while let c = text.last, c.isWhitespace { text.removeLast() }
    return (text, count - body.count)
  }
}
