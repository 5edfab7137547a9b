import Glibc

/// Reads lines from a terminal with editing, history and completion; from anything else plainly.
final class LineEditor {
  enum Input {
    case line(String)
    case interrupted
    case end
  }
  private var history: [String] = []
  private let historyFile: String?
  private let complete: (String) -> [String]
  private var pending: [UInt8] = []
  private let isTerminal = isatty(0) == 1
  private static let limit = 2000

  init(historyFile: String?, complete: @escaping (String) -> [String]) {
    self.historyFile = historyFile
    self.complete = complete
    guard isTerminal, let historyFile else { return }
    let fd = open(historyFile, O_RDONLY)
    guard fd >= 0 else { return }
    defer { close(fd) }
    history = String(decoding: Program.readAll(fd), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Writes the history back; failures do not matter.
  func save() {
    guard isTerminal, let historyFile else { return }
    let fd = open(historyFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard fd >= 0 else { return }
    defer { close(fd) }
    var text = history.suffix(LineEditor.limit).joined(separator: "\n") + "\n"
    text.withUTF8 { _ = write(fd, $0.baseAddress, $0.count) }
  }

  func read(_ prompt: String) -> Input {
    if !isTerminal {
      complain(prompt)
      return readPlainly()
    }
    var old = termios()
    guard tcgetattr(0, &old) == 0 else { return readPlainly() }
    var raw = old
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
    tcsetattr(0, TCSADRAIN, &raw)
    defer { tcsetattr(0, TCSADRAIN, &old) }
    let result = edit(prompt)
    if case .line(let text) = result, !text.isEmpty, history.last != text { history.append(text) }
    return result
  }

  private func readPlainly() -> Input {
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        let line = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeSubrange(...end)
        return .line(line)
      }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let n = Glibc.read(0, &chunk, chunk.count)
      if n < 0 && errno == EINTR { return .interrupted }
      if n <= 0 {
        if pending.isEmpty { return .end }
        let line = String(decoding: pending, as: UTF8.self)
        pending = []
        return .line(line)
      }
      pending += chunk[..<n]
    }
  }

  // MARK: editing

  private func byte() -> UInt8? {
    if !pending.isEmpty { return pending.removeFirst() }
    var b: UInt8 = 0
    while true {
      let n = Glibc.read(0, &b, 1)
      if n == 1 { return b }
      if n < 0 && errno == EINTR { continue }
      return nil
    }
  }

  private func character(_ first: UInt8) -> Character? {
    var bytes = [first]
    let count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    while bytes.count < count, let b = byte() { bytes.append(b) }
    return String(decoding: bytes, as: UTF8.self).first
  }

  private func edit(_ prompt: String) -> Input {
    var text: [Character] = []
    var cursor = 0
    var position = history.count
    var draft: [Character] = []
    func draw() {
      var out = "\r" + prompt + String(text) + "\u{1B}[K\r" + prompt + String(text[..<cursor])
      out.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
    }
    func recall(_ step: Int) {
      let target = position + step
      guard target >= 0, target <= history.count else { return }
      if position == history.count { draft = text }
      position = target
      text = target == history.count ? draft : Array(history[target])
      cursor = text.count
    }
    draw()
    while let c = byte() {
      switch c {
      case 0x0D, 0x0A:
        say("\r\n")
        return .line(String(text))
      case 3: return .interrupted
      case 4:
        if text.isEmpty { return .end }
        if cursor < text.count { text.remove(at: cursor) }
      case 1: cursor = 0
      case 5: cursor = text.count
      case 2: cursor = max(0, cursor - 1)
      case 6: cursor = min(text.count, cursor + 1)
      case 0x10: recall(-1)
      case 0x0E: recall(1)
      case 0x0B: text.removeSubrange(cursor...)
      case 0x15:
        text.removeSubrange(..<cursor)
        cursor = 0
      case 0x17:
        var start = cursor
        while start > 0 && text[start - 1] == " " { start -= 1 }
        while start > 0 && text[start - 1] != " " { start -= 1 }
        text.removeSubrange(start..<cursor)
        cursor = start
      case 0x0C: say("\u{1B}[H\u{1B}[2J")
      case 8, 0x7F:
        if cursor > 0 {
          cursor -= 1
          text.remove(at: cursor)
        }
      case 9: completeWord(&text, &cursor)
      case 0x1B:
        guard byte() == 0x5B, let code = byte() else { break }
        switch code {
        case 0x41: recall(-1)
        case 0x42: recall(1)
        case 0x43: cursor = min(text.count, cursor + 1)
        case 0x44: cursor = max(0, cursor - 1)
        case 0x48: cursor = 0
        case 0x46: cursor = text.count
        case 0x33:
          _ = byte()
          if cursor < text.count { text.remove(at: cursor) }
        case 0x31, 0x37:
          _ = byte()
          cursor = 0
        case 0x34, 0x38:
          _ = byte()
          cursor = text.count
        default: break
        }
      default:
        if c >= 0x20, let ch = character(c) {
          text.insert(ch, at: cursor)
          cursor += 1
        }
      }
      draw()
    }
    return .end
  }

  private func completeWord(_ text: inout [Character], _ cursor: inout Int) {
    var start = cursor
    while start > 0, text[start - 1].isLetter || text[start - 1].isNumber || text[start - 1] == "_" || text[start - 1] == "." { start -= 1 }
    if start == cursor {
      text.insert(contentsOf: "    ", at: cursor)
      cursor += 4
      return
    }
    let prefix = String(text[start..<cursor])
    let found = complete(prefix)
    guard let first = found.first else { return }
    var common = first
    for f in found { while !f.hasPrefix(common) { common.removeLast() } }
    if common.count > prefix.count {
      let addition = Array(common.dropFirst(prefix.count))
      text.insert(contentsOf: addition, at: cursor)
      cursor += addition.count
    } else if found.count > 1 {
      say("\r\n" + found.prefix(100).joined(separator: "  ") + "\r\n")
    }
  }
}
