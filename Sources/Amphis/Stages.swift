import PyBytecode
import PyCompiler
import PyRuntime
import PySyntax

/// What a source becomes on its way to running, as text for people: `amphis --show`.
public enum Stage: String, CaseIterable {
  case tokens, ast, symbols, bytecode, registers

  public struct Rendering {
    public var text: String
    public var failure: CompileFailure?
  }

  /// - Parameter optimize: as for `compile()`.
  public func render(_ source: [UInt8], filename: String, optimize: Int) -> Rendering {
    let name = Array(filename.utf8)
    return source.withUnsafeBufferPointer { buffer in
      switch self {
      case .tokens: return Stage.tokens(buffer, name)
      case .ast:
        return Stage.parsed(buffer, name) { tree in
          Rendering(text: DumpLayout.indented(String(decoding: dumpAST(tree), as: UTF8.self)) + "\n", failure: nil)
        }
      case .symbols:
        return Stage.parsed(buffer, name) { tree in
          switch symbolListing(tree, filename: name) {
          case .success(let text): return Rendering(text: text, failure: nil)
          case .failure(let e): return Rendering(text: "", failure: CompileFailure(e))
          }
        }
      case .bytecode, .registers:
        let outcome = compileSource(buffer, SourceRequest(mode: .exec, optimize: optimize, filename: name))
        switch outcome.result {
        case .failure(let e): return Rendering(text: "", failure: CompileFailure(e))
        case .success(let code):
          return Rendering(text: self == .bytecode ? Disassembler.text(code) : registerListing(code), failure: nil)
        }
      }
    }
  }

  private static func parsed(_ source: UnsafeBufferPointer<UInt8>, _ name: [UInt8], _ then: (SyntaxTree) -> Rendering) -> Rendering {
    switch SyntaxTree.parse(source, mode: .exec, flags: []) {
    case .success(let tree, _): return then(tree)
    case .failure:
      // The compiler says it with all that an error needs.
      if case .failure(let e) = compileSource(source, SourceRequest(mode: .exec, filename: name)).result {
        return Rendering(text: "", failure: CompileFailure(e))
      }
      return Rendering(text: "", failure: nil)
    }
  }

  /// `line:column-line:column  KIND  text`, up to the end or the first error.
  private static func tokens(_ source: UnsafeBufferPointer<UInt8>, _ name: [UInt8]) -> Rendering {
    let stream = TokenStream(source)
    var text = ""
    func pad(_ s: String, _ width: Int) -> String { s + String(repeating: " ", count: max(0, width - s.utf8.count)) }
    while true {
      switch stream.next() {
      case .end:
        // All tokens may be well and the source no program, or its last bracket open.
        if case .success = SyntaxTree.parse(source, mode: .exec, flags: []) { return Rendering(text: text, failure: nil) }
        if case .failure(let e) = compileSource(source, SourceRequest(mode: .exec, filename: name)).result {
          return Rendering(text: text, failure: CompileFailure(e))
        }
        return Rendering(text: text, failure: nil)
      case .failure(let e): return Rendering(text: text, failure: CompileFailure(SourceError(e)))
      case .token(let item):
        let place = item.col < 0 ? "\(item.lineno):" : "\(item.lineno):\(item.col)-\(item.endLineno):\(item.endCol)"
        var out: [UInt8] = []
        if !item.text.isEmpty { ConstantRepr.append(.string(item.text), to: &out) }
        let kind = pad(place, 16) + item.kindName
        text += out.isEmpty ? kind + "\n" : pad(kind, 30) + String(decoding: out, as: UTF8.self) + "\n"
      }
    }
  }
}

/// Lays out the one-line text of `ast.dump` as `ast.dump(indent=2)` would, but keeps on one line what fits there.
enum DumpLayout {
  private indirect enum Item {
    case atom(String)
    /// What stands before the bracket, the bracket pair, the items inside with their field names.
    case group(String, String, String, [Item])
    case field(String, Item)
  }

  static func indented(_ text: String, width: Int = 100) -> String {
    let bytes = Array(text.utf8)
    var position = 0
    let item = read(bytes, &position, 0)
    var out = ""
    write(item, to: &out, indent: 0, width: width)
    return out
  }

  /// A value: `Name(...)`, `[...]` or anything else up to the next comma or closing bracket.
  private static func read(_ bytes: [UInt8], _ position: inout Int, _ depth: Int) -> Item {
    var start = position
    while position < bytes.count {
      switch bytes[position] {
      case 0x27, 0x22:
        let quote = bytes[position]
        position += 1
        while position < bytes.count && bytes[position] != quote { position += bytes[position] == 0x5C ? 2 : 1 }
        position += 1
      case 0x3D where position > start:
        let name = string(bytes, start, position)
        position += 1
        return .field(name, read(bytes, &position, depth))
      case 0x28, 0x5B:
        // A complex number or a deep tree stays one piece of text.
        let opener = bytes[position]
        if depth > 300 {
          skipGroup(bytes, &position)
          continue
        }
        let head = string(bytes, start, position)
        position += 1
        var items: [Item] = []
        let closer: UInt8 = opener == 0x28 ? 0x29 : 0x5D
        while position < bytes.count && bytes[position] != closer {
          items.append(read(bytes, &position, depth + 1))
          while position < bytes.count && (bytes[position] == 0x2C || bytes[position] == 0x20) { position += 1 }
        }
        position += 1
        return .group(head, opener == 0x28 ? "(" : "[", opener == 0x28 ? ")" : "]", items)
      case 0x2C, 0x29, 0x5D: return .atom(string(bytes, start, position))
      case 0x20 where position == start:
        position += 1
        start = position
      default: position += 1
      }
    }
    position = min(position, bytes.count)
    return .atom(string(bytes, start, position))
  }

  private static func skipGroup(_ bytes: [UInt8], _ position: inout Int) {
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case 0x28, 0x5B: depth += 1
      case 0x29, 0x5D: depth -= 1
      case 0x27, 0x22:
        let quote = bytes[position]
        position += 1
        while position < bytes.count && bytes[position] != quote { position += bytes[position] == 0x5C ? 2 : 1 }
      default: break
      }
      position += 1
      if depth == 0 { return }
    }
  }

  private static func string(_ bytes: [UInt8], _ start: Int, _ end: Int) -> String {
    String(decoding: bytes[start..<max(start, min(end, bytes.count))], as: UTF8.self)
  }

  /// Its length on one line; stops counting beyond `limit`.
  private static func length(_ item: Item, _ limit: Int) -> Int {
    switch item {
    case .atom(let text): return text.utf8.count
    case .field(let name, let value): return name.utf8.count + 1 + length(value, limit)
    case .group(let head, _, _, let items):
      var total = head.utf8.count + 2
      for inner in items {
        total += length(inner, limit) + 2
        if total > limit { break }
      }
      return total
    }
  }

  private static func writeFlat(_ item: Item, to out: inout String) {
    switch item {
    case .atom(let text): out += text
    case .field(let name, let value):
      out += name + "="
      writeFlat(value, to: &out)
    case .group(let head, let opener, let closer, let items):
      out += head + opener
      for (index, inner) in items.enumerated() {
        if index > 0 { out += ", " }
        writeFlat(inner, to: &out)
      }
      out += closer
    }
  }

  private static func write(_ item: Item, to out: inout String, indent: Int, width: Int) {
    if length(item, width) + indent <= width { return writeFlat(item, to: &out) }
    switch item {
    case .atom(let text): out += text
    case .field(let name, let value):
      out += name + "="
      write(value, to: &out, indent: indent, width: width)
    case .group(let head, let opener, let closer, let items):
      out += head + opener
      for (index, inner) in items.enumerated() {
        out += "\n" + String(repeating: " ", count: indent + 2)
        write(inner, to: &out, indent: indent + 2, width: width)
        if index + 1 < items.count { out += "," }
      }
      out += closer
    }
  }
}
