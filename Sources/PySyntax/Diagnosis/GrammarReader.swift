/// A grammar read from its text. The notation: `name = alternatives`, continued on indented lines; `'x'` a keyword or operator,
/// `"x"` a soft keyword, capitals a kind of token; `x?`, `x*`, `x+`, `sep.x+`, `&x`, `!x`, `~` (commit), `&&'x'` (required, or
/// an error at once), parentheses; `^8 "Xs are"` for what came with Python 3.8; `a:x` names a result. `=> Action ...` says what an alternative yields; without one it yields
/// its only element, or a node that spans it. After a rule's name: `#` memoised, `@` left-recursive, `!` neither ever. A line that begins
/// with `--` is a comment.
struct Grammar {
  indirect enum Item {
    case rule(Int)
    case token(TokenKind)
    case softKeyword(Int32)
    case anySoftKeyword
    case optional(Item)
    case loop(Item, atLeastOne: Bool)
    case gather(Item, separator: Item)
    case group([Alternative])
    case lookahead(Item, positive: Bool)
    case cut
    case forced(TokenKind, String)
  }

  struct Alternative {
    var items: [Item] = []
    /// For each item the letter its result is known by, or 0.
    var labels: [UInt8] = []
    var action = Action.default
    /// Is the alternative nothing but a rule for wrong programs? Then the first pass skips it.
    var isForErrors = false
    /// The minor version of the language that has this, and what it is, for an error.
    var since: (version: Int32, feature: String)?
    /// The one item that consumes tokens, if there is only one.
    var onlyItem: Int?
  }

  enum Action {
    case `default`
    case none
    /// The result known by a letter.
    case value(UInt8)
    /// A node of a kind over the elements of some results.
    case node(DiagnosisNode.Kind, [UInt8])
    case sequence([UInt8])
    case single(UInt8)
    case args([UInt8])
    case call(String, [UInt8])
    case raise(String)
    case indent(UInt8?, String)
    case at(UInt8, String)
    case range(UInt8, UInt8, String)
    case rangeLast(UInt8, UInt8, String)
    case rangeSequence(UInt8, String)
    case from(UInt8, String)
  }

  struct Rule {
    var name: String
    var alternatives: [Alternative] = []
    var isMemoised = false
    var isLeftRecursive = false
    var isNeverMemoised = false
    var isForErrors = false
    var disablesErrorRules = false
  }

  /// From a display's item down to the atom, each a level of precedence that hands on what the next one yields.
  static let passingAtoms: Set<String> = [
    "item", "condition", "value_or_star", "expression", "trusted_expression", "either", "both", "negation", "comparisons", "bit_or",
    "bit_xor",
    "bit_and", "shift", "sum", "term", "factor", "power", "awaited", "primary", "atom",
  ]

  private(set) var rules: [Rule] = []
  /// Alternatives and required tokens by the numbers that `flat` has for them.
  private(set) var alternatives: [Alternative] = []
  private(set) var forcedTexts: [String] = []
  private(set) var flat: FlatGrammar
  private var indexes: [String: Int] = [:]

  /// Read once, when the first error is met.
  static let shared = Grammar()

  func rule(_ name: String) -> Int { indexes[name] ?? 0 }

  private init() {
    flat = FlatGrammar()
    var bodies: [(Int, [UInt8])] = []
    for text in [GrammarText.statements, GrammarText.expressions, GrammarText.errors] {
      let bytes = Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
      for line in bytes.split(separator: 0x0A) {
        if line.first == 0x20 {
          if !bodies.isEmpty { bodies[bodies.count - 1].1 += line }
          continue
        }
        if line.first == 0x2D { continue }
        guard let equals = line.firstIndex(of: 0x3D) else { continue }
        let head = line[..<equals].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        guard let name = head.first else { continue }
        var rule = Rule(name: name)
        rule.isMemoised = head.contains("#")
        rule.isLeftRecursive = head.contains("@")
        rule.isNeverMemoised = head.contains("!")
        rule.isForErrors = name.hasPrefix("bad_")
        rule.disablesErrorRules = name == "trusted_expression"
        indexes[name] = rules.count
        bodies.append((rules.count, Array(line[(equals + 1)...])))
        rules.append(rule)
      }
    }
    for (index, body) in bodies {
      var reader = Reader(text: body, indexes: indexes)
      rules[index].alternatives = reader.alternatives()
    }
    for index in rules.indices where !rules[index].isForErrors {
      for position in rules[index].alternatives.indices {
        let items = rules[index].alternatives[position].items
        if items.count == 1, case .rule(let target)? = items.first, rules[target].isForErrors {
          rules[index].alternatives[position].isForErrors = true
        }
      }
    }
    var flattener = Flattener()
    flat = flattener.flatten(rules)
    alternatives = flattener.alternatives
    forcedTexts = flattener.forcedTexts
  }

  private struct Reader {
    let text: [UInt8]
    let indexes: [String: Int]
    var position = 0

    mutating func skipSpaces() { while position < text.count && text[position] == 0x20 { position += 1 } }

    mutating func peek() -> UInt8 {
      skipSpaces()
      return position < text.count ? text[position] : 0
    }

    func isWordCharacter(_ byte: UInt8) -> Bool {
      (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x5F || (byte >= 0x30 && byte <= 0x39)
    }

    mutating func word() -> String {
      skipSpaces()
      let start = position
      while position < text.count && isWordCharacter(text[position]) { position += 1 }
      return String(decoding: text[start..<position], as: UTF8.self)
    }

    /// The text up to the closing quote at hand; a backslash protects the next character.
    mutating func quoted() -> String {
      let quote = text[position]
      position += 1
      var bytes: [UInt8] = []
      while position < text.count && text[position] != quote {
        if text[position] == 0x5C { position += 1 }
        if position < text.count { bytes.append(text[position]) }
        position += 1
      }
      position += 1
      return String(decoding: bytes, as: UTF8.self)
    }

    mutating func alternatives() -> [Alternative] {
      var result = [alternative()]
      while peek() == 0x7C {
        position += 1
        result.append(alternative())
      }
      return result
    }

    mutating func alternative() -> Alternative {
      var result = Alternative()
      while true {
        let next = peek()
        if next == 0 || next == 0x7C || next == 0x29 || next == 0x3D {
          let consuming = result.items.indices.filter { index in
            switch result.items[index] {
            case .lookahead, .cut: return false
            default: return true
            }
          }
          if consuming.count == 1 { result.onlyItem = consuming[0] }
          if next != 0x3D { return result }
          position += 2
          result.action = action()
          return result
        }
        if next == 0x5E {
          position += 1
          let version = Int32(word()) ?? 0
          result.since = (version, message())
          continue
        }
        var label: UInt8 = 0
        if position + 1 < text.count && text[position + 1] == 0x3A && isWordCharacter(next) {
          label = next
          position += 2
        }
        result.items.append(item())
        result.labels.append(label)
      }
    }

    mutating func item() -> Item {
      switch peek() {
      case 0x7E:
        position += 1
        return .cut
      case 0x21:
        position += 1
        return .lookahead(suffixed(), positive: false)
      case 0x26:
        position += 1
        if position < text.count && text[position] == 0x26 {
          position += 1
          let token = quoted()
          return .forced(Reader.kinds[token] ?? .OP, token)
        }
        return .lookahead(suffixed(), positive: true)
      default: return suffixed()
      }
    }

    mutating func suffixed() -> Item {
      let first = primary()
      guard position < text.count else { return first }
      switch text[position] {
      case 0x3F:
        position += 1
        return .optional(first)
      case 0x2A:
        position += 1
        return .loop(first, atLeastOne: false)
      case 0x2B:
        position += 1
        return .loop(first, atLeastOne: true)
      case 0x2E:
        position += 1
        let element = primary()
        position += 1
        return .gather(element, separator: first)
      default: return first
      }
    }

    mutating func primary() -> Item {
      switch peek() {
      case 0x28:
        position += 1
        let inner = alternatives()
        skipSpaces()
        position += 1
        if inner.count == 1, inner[0].items.count == 1, case .default = inner[0].action, let only = inner[0].items.first {
          return only
        }
        return .group(inner)
      case 0x27:
        return .token(Reader.kinds[quoted()] ?? .OP)
      case 0x22:
        switch quoted() {
        case "match": return .softKeyword(ReservedName.match.index)
        case "case": return .softKeyword(ReservedName.case.index)
        default: return .softKeyword(ReservedName.underscore.index)
        }
      default:
        let name = word()
        if name == "SOFT_KEYWORD" { return .anySoftKeyword }
        // Rules have small letters, kinds of tokens capitals; `None` and its like come quoted.
        if let letter = name.utf8.first, letter < 0x60, let kind = Reader.kinds[name] { return .token(kind) }
        if name.isEmpty { position += 1 }
        return .rule(indexes[name] ?? 0)
      }
    }

    mutating func letters() -> [UInt8] {
      var result: [UInt8] = []
      while position + 1 < text.count && text[position] == 0x20 && isWordCharacter(text[position + 1])
        && (position + 2 >= text.count || !isWordCharacter(text[position + 2]))
      {
        result.append(text[position + 1])
        position += 2
      }
      return result
    }

    mutating func action() -> Action {
      let name = word()
      if name.utf8.count == 1, let letter = name.utf8.first { return .value(letter) }
      if name == "call" {
        let function = word()
        return .call(function, letters())
      }
      let operands = letters()
      let first = operands.first ?? 0
      let second = operands.count > 1 ? operands[1] : 0
      let kinds = DiagnosisNode.Kind.self
      switch name {
      case "none": return .none
      case "seq": return .sequence(operands)
      case "single": return .single(first)
      case "args": return .args(operands)
      case "raise": return .raise(message())
      case "indent": return .indent(operands.first, message())
      case "at": return .at(first, message())
      case "range": return .range(first, second, message())
      case "rangeLast": return .rangeLast(first, second, message())
      case "rangeSeq": return .rangeSequence(first, message())
      case "from": return .from(first, message())
      default: return .node(kinds.named(name), operands)
      }
    }

    mutating func message() -> String {
      skipSpaces()
      return quoted()
    }

    static let kinds: [String: TokenKind] = {
      var kinds: [String: TokenKind] = [
        "ENDMARKER": .ENDMARKER, "NAME": .NAME, "NUMBER": .NUMBER, "STRING": .STRING, "NEWLINE": .NEWLINE, "INDENT": .INDENT,
        "DEDENT": .DEDENT, "TYPE_COMMENT": .TYPE_COMMENT,
      ]
      let operators =
        "( ) [ ] : , ; + - * / | & < > = . % { } == != <= >= ~ ^ << >> ** += -= *= /= %= &= |= ^= <<= >>= **= // //= @ @= -> ... :="
      for (index, text) in operators.split(separator: " ").enumerated() {
        kinds[String(text)] = TokenKind(rawValue: TokenKind.LPAR.rawValue + UInt8(index))
      }
      let words =
        "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield"
      for (index, text) in words.split(separator: " ").enumerated() {
        kinds[String(text)] = TokenKind(rawValue: TokenKind.firstKeyword.rawValue + UInt8(index))
      }
      return kinds
    }()
  }
}
