import Amphis
import Glibc

/// `--show=STAGE[,STAGE...]`: prints what a source becomes, stage by stage, without running it.
enum Show {
  static func run(_ stages: [Stage], _ input: Arguments.ShownSource, optimize: Int) -> Int32 {
    let source: [UInt8]
    let name: String
    switch input {
    case .text(let text): (source, name) = (text, "<string>")
    case .file("-"): (source, name) = (Program.readAll(0), "<stdin>")
    case .file(let path):
      let fd = open(path, O_RDONLY)
      guard fd >= 0 else {
        complain("amphis: can't open file '\(path)': \(String(cString: strerror(errno)))\n")
        return 2
      }
      defer { close(fd) }
      (source, name) = (Program.readAll(fd), path)
    }
    let colour =
      isatty(1) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true && getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? false
    for (index, stage) in stages.enumerated() {
      let result = stage.render(source, filename: name, optimize: optimize)
      if stages.count > 1 { put((index > 0 ? "\n" : "") + "# \(stage.rawValue)\n", colour) }
      put(result.text, colour)
      if let failure = result.failure {
        complain(CompiledFile.report(failure, name))
        return 1
      }
    }
    return 0
  }

  private static func put(_ text: String, _ colour: Bool) {
    var painted = Array(colour ? Highlighter.paint(Array(text.utf8)) : Array(text.utf8))
    var done = 0
    while done < painted.count {
      let n = painted.withUnsafeMutableBytes { write(1, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return }
      done += n
    }
  }

  private static func complain(_ text: String) {
    var t = text
    t.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }
}

/// Colours for the listings of all stages: strings, headings, names of instructions and nodes, numbers.
enum Highlighter {
  static func paint(_ text: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count * 2)
    var i = 0
    func end(from start: Int, while holds: (UInt8) -> Bool) -> Int {
      var j = start
      while j < text.count && holds(text[j]) { j += 1 }
      return j
    }
    func isWord(_ c: UInt8) -> Bool { (c | 0x20 >= 0x61 && c | 0x20 <= 0x7A) || c == 0x5F || (c >= 0x30 && c <= 0x39) || c >= 0x80 }
    func put(_ range: Range<Int>, _ code: StaticString) {
      out += Array("\u{1B}[".utf8) + UnsafeBufferPointer(start: code.utf8Start, count: code.utf8CodeUnitCount) + Array("m".utf8)
      out += text[range] + Array("\u{1B}[0m".utf8)
    }
    while i < text.count {
      let c = text[i]
      let atLineStart = i == 0 || text[i - 1] == 0x0A
      if atLineStart && c == 0x23 {
        let j = end(from: i) { $0 != 0x0A }
        put(i..<j, "1")
        i = j
      } else if c == 0x27 || c == 0x22 {
        var j = i + 1
        while j < text.count && text[j] != c && text[j] != 0x0A { j += text[j] == 0x5C ? 2 : 1 }
        j = min(j + 1, text.count)
        put(i..<j, "32")
        i = j
      } else if isWord(c) {
        let j = end(from: i, while: isWord)
        let word = text[i..<j]
        if c >= 0x30 && c <= 0x39 {
          put(i..<j, "2")
        } else if word.count > 1 && word.allSatisfy({ !($0 >= 0x61 && $0 <= 0x7A) && $0 < 0x80 }) {
          put(i..<j, "36")
        } else if j < text.count && text[j] == 0x28 && c >= 0x41 && c <= 0x5A {
          put(i..<j, "36")
        } else {
          out += word
        }
        i = j
      } else if c == 0x3E && i + 1 < text.count && text[i + 1] == 0x3E {
        put(i..<i + 2, "33")
        i += 2
      } else {
        out.append(c)
        i += 1
      }
    }
    return out
  }
}
