/// What alternatives yield, and the errors they raise.
extension DiagnosisParser {
  private func operand(_ letter: UInt8, _ alternative: Grammar.Alternative, _ results: [Int32]) -> Int32 {
    for (index, label) in alternative.labels.enumerated() where label == letter { return results[index] }
    return DiagnosisParser.empty
  }

  mutating func perform(_ alternative: Grammar.Alternative, _ results: [Int32], _ start: Int) -> Int32 {
    func get(_ letter: UInt8) -> Int32 { operand(letter, alternative, results) }
    if let (version, feature) = alternative.since, literals.context.limits.featureVersion < version {
      raiseAtLastToken(.syntaxError, "\(feature) only supported in Python 3.\(version) and greater")
      return DiagnosisParser.failed
    }
    switch alternative.action {
    case .default:
      if let only = alternative.onlyItem { return results[only] }
      return make(DiagnosisNode(kind: .other, span: span(from: start)))
    case .none: return DiagnosisParser.failed
    case .value(let letter): return get(letter)
    case .node(let kind, let letters): return construct(kind, letters.map(get), start)
    case .sequence(let letters): return sequence(flattened(letters.map(get)))
    case .single(let letter):
      let list = flattened([get(letter)])
      if list.count == 1 { return list[0] }
      return make(DiagnosisNode(kind: .other, span: span(from: start)))
    case .args(let letters): return argumentList(letters.map(get), start)
    case .call(let function, let letters): return call(function, letters.map(get))
    case .raise(let message): raiseAtLastToken(.syntaxError, message)
    case .indent(let letter, let message):
      let node = nodes[Int(letter.map(get) ?? DiagnosisParser.empty)]
      raiseAtLastToken(.indentationError, expand(message, node))
    case .at(let letter, let message):
      let node = nodes[Int(get(letter))]
      raise(.syntaxError, expand(message, node), from: node.span, to: node.span)
    case .range(let first, let last, let message):
      let node = nodes[Int(get(first))]
      raise(.syntaxError, expand(message, node), from: node.span, to: nodes[Int(get(last))].span)
    case .rangeLast(let first, let last, let message):
      guard let end = elements(get(last)).last else { return DiagnosisParser.failed }
      raise(.syntaxError, message, from: nodes[Int(get(first))].span, to: nodes[Int(end)].span)
    case .rangeSequence(let letter, let message):
      let list = elements(get(letter))
      guard let first = list.first, let last = list.last else { return DiagnosisParser.failed }
      raise(.syntaxError, message, from: nodes[Int(first)].span, to: nodes[Int(last)].span)
    case .from(let letter, let message):
      let span = nodes[Int(get(letter))].span
      let tokenizer = input.tokenizer
      raise(
        .syntaxError, message, lineno: span.lineno, col: Int(span.col_offset) + 1, endLineno: tokenizer.lineno,
        endCol: tokenizer.cur - tokenizer.lineStart)
    }
    return DiagnosisParser.failed
  }

  private mutating func construct(_ kind: DiagnosisNode.Kind, _ operands: [Int32], _ start: Int) -> Int32 {
    var node = DiagnosisNode(kind: kind, span: span(from: start))
    let list = flattened(operands)
    setChildren(&node, list)
    if kind == .Compare, list.count > 1, nodes[Int(list[1])].kind == .InPair { node.payload = 1 }
    return make(node)
  }

  /// The arguments of a call: positional and starred ones are the elements; `payload` tells of a `**`.
  private mutating func argumentList(_ operands: [Int32], _ start: Int) -> Int32 {
    var node = DiagnosisNode(kind: .Call, span: span(from: start))
    let list = flattened(operands)
    setChildren(
      &node,
      list.filter {
        let kind = nodes[Int($0)].kind
        return kind != .Keyword && kind != .DoubleStarred
      })
    if list.contains(where: { nodes[Int($0)].kind == .DoubleStarred }) { node.payload = 1 }
    return make(node)
  }

  /// `%n` the name of the expression's kind, `%t` the token's text, `%l` its line.
  private func expand(_ message: String, _ node: DiagnosisNode) -> String {
    guard let percent = message.firstIndex(of: "%") else { return message }
    let letter = message.index(after: percent)
    guard letter < message.endIndex else { return message }
    var value = ""
    switch message[letter] {
    case "n": value = node.kind.expressionName
    case "l": value = String(node.span.lineno)
    default: value = tokenText(Int(node.payload))
    }
    return message[..<percent] + value + message[message.index(after: letter)...]
  }

  private func tokenText(_ index: Int) -> String {
    guard index >= 0 && index < fill else { return "" }
    let start = input.tokenizer.base + Int(token(index).start)
    let count = Int(token(index).end - token(index).start)
    return String(decoding: UnsafeBufferPointer(start: start, count: max(count, 0)), as: UTF8.self)
  }

  // MARK: Special actions

  private mutating func call(_ function: String, _ operands: [Int32]) -> Int32 {
    let first = operands.first ?? DiagnosisParser.empty
    let second = operands.count > 1 ? operands[1] : DiagnosisParser.empty
    let node = nodes[Int(first)]
    switch function {
    case "strings": return strings(first)
    case "ensureReal":
      if node.payload == 0 { return first }
      raise(.syntaxError, "real number required in complex literal", from: node.span, to: node.span)
    case "ensureImaginary":
      if node.payload == 1 { return first }
      raise(.syntaxError, "imaginary number required in complex literal", from: node.span, to: node.span)
    case "inequality":
      let text = tokenText(Int(node.payload))
      if literals.flags.contains(.barryAsBDFL) {
        if text == "<>" { return first }
        raiseAtLastToken(.syntaxError, "with Barry as BDFL, use '<>' instead of '!='")
      } else if text == "!=" {
        return first
      }
    case "legacy":
      guard isLegacy(first) else { break }
      let name = names.string(Name(index: node.payload))
      raise(
        .syntaxError, "Missing parentheses in call to '\(name)'. Did you mean \(name)(...)?", from: node.span,
        to: nodes[Int(second)].span)
    case "forgottenComma":
      if isLegacy(first) || mark == 0 || token(mark - 1).level == 0 { break }
      raise(.syntaxError, "invalid syntax. Perhaps you forgot a comma?", from: node.span, to: nodes[Int(second)].span)
    case "genexpMustBeParenthesized":
      guard let last = lastComprehensionItem(second) else { break }
      raise(.syntaxError, "Generator expression must be parenthesized", from: node.span, to: last)
    case "genexpInCall":
      let list = elements(first)
      guard list.count > 1, let argument = list.last, let last = lastComprehensionItem(second) else { break }
      raise(.syntaxError, "Generator expression must be parenthesized", from: nodes[Int(argument)].span, to: last)
    case "argumentOrder":
      raiseAtLastToken(
        .syntaxError,
        node.payload == 1
          ? "positional argument follows keyword argument unpacking" : "positional argument follows keyword argument")
    case "invalidAssignTarget": raiseInvalidTarget(first, .assignment)
    case "invalidForTarget": raiseInvalidTarget(first, .loop)
    case "invalidDelTarget": raiseInvalidTarget(first, .deletion)
    case "missingColonInDict":
      raise(
        .syntaxError, "':' expected after dictionary key", lineno: node.span.lineno, col: Int(node.span.end_col_offset),
        endLineno: node.span.end_lineno, endCol: 0)
    default: break
    }
    return DiagnosisParser.failed
  }

  private func isLegacy(_ index: Int32) -> Bool {
    let node = nodes[Int(index)]
    guard node.kind == .Name else { return false }
    return node.payload == ReservedName.print.index || node.payload == ReservedName.exec.index
  }

  /// Where the last `for` clause of a comprehension ends: its last condition, or what it iterates over.
  private func lastComprehensionItem(_ clauses: Int32) -> Span? {
    guard let clause = elements(clauses).last, let item = elements(clause).last else { return nil }
    return nodes[Int(item)].span
  }

  private enum TargetUse { case assignment, loop, deletion }

  private func invalidTarget(_ index: Int32, _ use: TargetUse, _ depth: Int = 0) -> Int32? {
    let node = nodes[Int(index)]
    switch node.kind {
    case .Name, .Subscript, .Attribute: return nil
    case .List, .Tuple:
      for element in elements(index) {
        if let found = invalidTarget(element, use) { return found }
      }
      return nil
    case .Starred:
      if use == .deletion { return index }
      guard let value = elements(index).first else { return index }
      return invalidTarget(value, use)
    case .Compare:
      // `for a in b` has been read as a comparison.
      if use == .loop {
        guard node.payload == 1, let left = elements(index).first else { return nil }
        return invalidTarget(left, use)
      }
      return index
    default: return index
    }
  }

  private mutating func raiseInvalidTarget(_ index: Int32, _ use: TargetUse) {
    guard let found = invalidTarget(index, use) else { return }
    let node = nodes[Int(found)]
    let verb = use == .deletion ? "delete" : "assign to"
    raise(.syntaxError, "cannot \(verb) \(node.kind.expressionName)", from: node.span, to: node.span)
  }

  /// Reads the value of adjacent string literals, for the errors that only the value shows.
  private mutating func strings(_ sequence: Int32) -> Int32 {
    let list = elements(sequence)
    guard let first = list.first, let last = list.last else { return DiagnosisParser.failed }
    let firstToken = Int(nodes[Int(first)].payload)
    let lastToken = Int(nodes[Int(last)].payload)
    literals.tokens = input.tokens.base
    literals.depth = 0
    literals.warnings.removeAll(keepingCapacity: true)
    defer { warnings += literals.warnings }
    do throws(ParseFailed) {
      let value = try literals.concatenatedStrings(firstToken, lastToken + 1)
      var kind = DiagnosisNode.Kind.Constant
      if case .JoinedStr = value.node { kind = .JoinedStr }
      return make(DiagnosisNode(kind: kind, span: value.span))
    } catch {
      switch literals.literalFailure {
      case .message(let message)?: raiseAtLastToken(.syntaxError, message)
      case .final(let found)? where found.kind == .unicodeDecodeError:
        raiseAtLastToken(.syntaxError, "(unicode error) \(found.message)")
      case .final(let found)?: if !(hasStopped && failure != nil) { failure = found }
      default: if failure == nil { failure = SyntaxFailure(.memoryError, "") }
      }
      literals.literalFailure = nil
      hasStopped = true
      return DiagnosisParser.failed
    }
  }
}
