/// The grammar as the error pass walks it: rules, choices and elements in three arrays of trivial values, numbered. Built once, never
/// freed; `Grammar` keeps what is looked at rarely.
struct FlatGrammar: @unchecked Sendable {
  enum ElementKind: UInt8 {
    /// `a`: the rule; the kind of token; the name.
    case rule, token, softKeyword, anySoftKeyword
    /// `a`: an element. `b`: whether a loop must match, whether a lookahead wants a match; the separator's element.
    case optional, loop, lookahead, gather
    /// `a`: the first choice, `b`: how many.
    case group
    case cut
    /// `a`: the kind of token, `b`: the number of its text.
    case forced
  }

  struct Element {
    var kind: ElementKind
    var a: Int32 = 0
    var b: Int32 = 0
  }

  /// Kinds of tokens.
  struct TokenSet: Equatable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    @inline(__always) func contains(_ kind: TokenKind) -> Bool {
      let n = UInt64(kind.rawValue)
      return (n < 64 ? low &>> n : high &>> (n &- 64)) & 1 != 0
    }
    mutating func insert(_ number: Int32) {
      if number < 64 { low |= 1 &<< UInt64(number) } else { high |= 1 &<< UInt64(number &- 64) }
    }
    mutating func formUnion(_ other: TokenSet) {
      low |= other.low
      high |= other.high
    }
  }

  /// What is tried only at some tokens: at any that is not in `first` it fails without a look at the next one. Unless it can match nothing.
  struct Start: Equatable {
    var first = TokenSet()
    var matchesNothing = false
  }

  struct Choice {
    var start = Start()
    var firstElement: Int32
    var elementCount: Int32
    var isForErrors: Bool
    /// The element whose result the choice yields; -1 if its action must be performed.
    var result: Int32
    var alternative: Int32
  }

  struct Rule {
    var start = Start()
    var firstChoice: Int32
    var choiceCount: Int32
    var isLeftRecursive: Bool
    var isNeverMemoised: Bool
    /// Results hold in both passes.
    var isShared: Bool
    var disablesErrorRules: Bool
    /// A name or number with a comma or a closing bracket behind it is all that the rule matches there, and its result.
    var passesAtoms: Bool
  }

  var rules = UnsafeMutablePointer<Rule>.allocate(capacity: 1)
  var choices = UnsafeMutablePointer<Choice>.allocate(capacity: 1)
  var elements = UnsafeMutablePointer<Element>.allocate(capacity: 1)

  // MARK: Where things can start

  /// Finds the starts of rules and choices; rules refer to each other, so until nothing changes.
  func findStarts(_ ruleCount: Int, _ choiceCount: Int) {
    var changed = true
    while changed {
      changed = false
      for index in 0..<choiceCount {
        let start = start(of: choices[index])
        if start != choices[index].start {
          choices[index].start = start
          changed = true
        }
      }
      for index in 0..<ruleCount {
        let start = start(from: rules[index].firstChoice, rules[index].choiceCount)
        if start != rules[index].start {
          rules[index].start = start
          changed = true
        }
      }
    }
  }

  private func start(from first: Int32, _ count: Int32) -> Start {
    var start = Start()
    for index in first..<(first &+ count) {
      start.first.formUnion(choices[Int(index)].start.first)
      if choices[Int(index)].start.matchesNothing { start.matchesNothing = true }
    }
    return start
  }

  private func start(of choice: Choice) -> Start {
    var start = Start()
    for index in choice.firstElement..<(choice.firstElement &+ choice.elementCount) {
      let next = self.start(of: elements[Int(index)])
      start.first.formUnion(next.first)
      if !next.matchesNothing { return start }
    }
    start.matchesNothing = true
    return start
  }

  private func start(of element: Element) -> Start {
    switch element.kind {
    case .rule: return rules[Int(element.a)].start
    case .token:
      var start = Start()
      start.first.insert(element.a)
      return start
    case .softKeyword, .anySoftKeyword:
      var start = Start()
      start.first.insert(Int32(TokenKind.NAME.rawValue))
      return start
    // A lookahead may read on where what it looks for begins.
    case .optional, .lookahead: return Start(first: start(of: elements[Int(element.a)]).first, matchesNothing: true)
    case .loop:
      let inner = start(of: elements[Int(element.a)])
      return Start(first: inner.first, matchesNothing: inner.matchesNothing || element.b == 0)
    case .gather: return start(of: elements[Int(element.a)])
    case .group: return start(from: element.a, element.b)
    case .cut: return Start(matchesNothing: true)
    // An error of its own at any other token.
    case .forced: return Start(first: TokenSet(low: .max, high: .max))
    }
  }
}

/// Numbers the parts of a grammar.
struct Flattener {
  private(set) var alternatives: [Grammar.Alternative] = []
  private(set) var forcedTexts: [String] = []
  private var choices: [FlatGrammar.Choice] = []
  private var elements: [FlatGrammar.Element] = []

  mutating func flatten(_ rules: [Grammar.Rule]) -> FlatGrammar {
    var flat = FlatGrammar()
    var list: [FlatGrammar.Rule] = []
    for rule in rules {
      let (first, count) = add(rule.alternatives)
      list.append(
        FlatGrammar.Rule(
          firstChoice: first, choiceCount: count, isLeftRecursive: rule.isLeftRecursive, isNeverMemoised: rule.isNeverMemoised,
          isShared: rule.isMemoised || rule.isLeftRecursive, disablesErrorRules: rule.disablesErrorRules,
          passesAtoms: Grammar.passingAtoms.contains(rule.name)))
    }
    func keep<T>(_ array: [T]) -> UnsafeMutablePointer<T> {
      let memory = UnsafeMutablePointer<T>.allocate(capacity: max(array.count, 1))
      for (index, value) in array.enumerated() { (memory + index).initialize(to: value) }
      return memory
    }
    flat.rules = keep(list)
    flat.choices = keep(choices)
    flat.elements = keep(elements)
    flat.findStarts(list.count, choices.count)
    return flat
  }

  /// Elements and choices of one list are adjacent, so inner ones are numbered first.
  private mutating func add(_ list: [Grammar.Alternative]) -> (first: Int32, count: Int32) {
    var made: [FlatGrammar.Choice] = []
    for alternative in list {
      let parts = alternative.items.map { flat($0) }
      let first = Int32(truncatingIfNeeded: elements.count)
      elements += parts
      var result: Int32 = -1
      // What a later version brought must be performed: that is where older ones refuse it.
      switch alternative.since == nil ? alternative.action : .none {
      case .default: if let only = alternative.onlyItem { result = Int32(truncatingIfNeeded: only) }
      case .value(let letter):
        if let index = alternative.labels.firstIndex(of: letter) { result = Int32(truncatingIfNeeded: index) }
      default: break
      }
      made.append(
        FlatGrammar.Choice(
          firstElement: first, elementCount: Int32(truncatingIfNeeded: parts.count), isForErrors: alternative.isForErrors, result: result,
          alternative: Int32(truncatingIfNeeded: alternatives.count)))
      alternatives.append(alternative)
    }
    let first = Int32(truncatingIfNeeded: choices.count)
    choices += made
    return (first, Int32(truncatingIfNeeded: made.count))
  }

  private mutating func number(_ item: Grammar.Item) -> Int32 {
    let element = flat(item)
    elements.append(element)
    return Int32(truncatingIfNeeded: elements.count - 1)
  }

  private mutating func flat(_ item: Grammar.Item) -> FlatGrammar.Element {
    switch item {
    case .rule(let index): return FlatGrammar.Element(kind: .rule, a: Int32(truncatingIfNeeded: index))
    case .token(let kind): return FlatGrammar.Element(kind: .token, a: Int32(kind.rawValue))
    case .softKeyword(let name): return FlatGrammar.Element(kind: .softKeyword, a: name)
    case .anySoftKeyword: return FlatGrammar.Element(kind: .anySoftKeyword)
    case .optional(let inner): return FlatGrammar.Element(kind: .optional, a: number(inner))
    case .loop(let inner, let atLeastOne): return FlatGrammar.Element(kind: .loop, a: number(inner), b: atLeastOne ? 1 : 0)
    case .gather(let inner, let separator): return FlatGrammar.Element(kind: .gather, a: number(inner), b: number(separator))
    case .lookahead(let inner, let positive): return FlatGrammar.Element(kind: .lookahead, a: number(inner), b: positive ? 1 : 0)
    case .cut: return FlatGrammar.Element(kind: .cut)
    case .forced(let kind, let text):
      forcedTexts.append(text)
      return FlatGrammar.Element(kind: .forced, a: Int32(kind.rawValue), b: Int32(truncatingIfNeeded: forcedTexts.count - 1))
    case .group(let list):
      let (first, count) = add(list)
      return FlatGrammar.Element(kind: .group, a: first, b: count)
    }
  }
}
