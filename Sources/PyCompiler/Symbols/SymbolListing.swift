import PyBytecode
import PySyntax

/// The scopes of a source and the names in each, as `amphis --show=symbols` prints them: how a name is used, then where it lives.
public func symbolListing(_ tree: SyntaxTree, flags: UInt32 = 0, filename: [UInt8]) -> Result<String, SourceError> {
  let known = KnownNames(tree.names)
  let future: FutureFeatures
  switch findFutureFeatures(tree, known) {
  case .failure(let failure): return .failure(SourceError(failure, filename))
  case .success(let found): future = found
  }
  let options = CompileOptions()
  return BigStack.run {
    let table = SymbolTable(
      names: tree.names, known: known,
      futureAnnotations: future.flags.union(CodeFlags(rawValue: flags)).contains(.futureAnnotations), depth: 0,
      depthLimit: options.depthLimit)
    do throws(Abort) {
      try table.collect(tree.root)
      var analysis = SymbolAnalysis(table)
      defer { analysis.free() }
      try analysis.run()
    } catch {
      return .failure(SourceError(table.failure ?? .systemError("symbol table failed"), filename))
    }
    var text = ""
    table.list(0, indent: "", to: &text)
    return .success(text)
  }
}

extension SymbolTable {
  fileprivate func list(_ index: Int32, indent: String, to text: inout String) {
    let scope = scopes[index]
    text += indent + title(scope) + "\n"
    var rows: [(name: String, uses: String, place: String)] = []
    var symbol = scope.firstSymbol
    while symbol >= 0 {
      let entry = symbols[symbol]
      rows.append((names.string(entry.name), uses(entry.flags), place(entry.resolution, scope.kind)))
      symbol = entry.next
    }
    let nameWidth = rows.map { $0.name.count }.max() ?? 0
    let useWidth = rows.map { $0.uses.count }.max() ?? 0
    func pad(_ string: String, _ width: Int) -> String { string + String(repeating: " ", count: max(0, width - string.count)) }
    for row in rows { text += "\(indent)  \(pad(row.name, nameWidth))  \(pad(row.uses, useWidth))  \(row.place)\n" }
    var child = scope.firstChild
    while child >= 0 {
      list(child, indent: indent + "  ", to: &text)
      child = scopes[child].nextSibling
    }
  }

  private func title(_ scope: Scope) -> String {
    var words: String
    switch scope.kind {
    case .module: return "module"
    case .classBody: words = "class \(names.string(scope.name))"
    case .annotation: words = "annotation"
    case .function:
      switch scope.comprehension {
      case .none: words = "function \(names.string(scope.name))"
      case .list: words = "list comprehension"
      case .set: words = "set comprehension"
      case .dict: words = "dict comprehension"
      case .generator: words = "generator expression"
      }
    }
    words += ", line \(scope.span.lineno)"
    if scope.isGenerator && scope.comprehension == .none { words += ", generator" }
    if scope.isCoroutine { words += ", coroutine" }
    if scope.needsClassCell { words += ", has a cell __class__ for its methods" }
    return words
  }

  private func uses(_ flags: SymbolFlags) -> String {
    var words: [String] = []
    if flags.contains(.parameter) { words.append("parameter") }
    if flags.contains(.imported) { words.append("imported") }
    if flags.contains(.local) { words.append("bound") }
    if flags.contains(.annotated) { words.append("annotated") }
    if flags.contains(.iterationTarget) { words.append("iterated") }
    if flags.contains(.used) { words.append("used") }
    if flags.contains(.global) { words.append("declared global") }
    if flags.contains(.nonlocal) { words.append("declared nonlocal") }
    return words.joined(separator: ", ")
  }

  private func place(_ resolution: Resolution, _ kind: ScopeKind) -> String {
    switch resolution {
    case .unknown: return "-"
    case .local: return kind == .function ? "local" : "in the namespace"
    case .globalExplicit: return "global"
    case .globalImplicit: return "global or builtin"
    case .free: return "free: a cell of a function around it"
    case .cell: return "cell: shared with functions inside"
    }
  }
}
