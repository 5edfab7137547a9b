import PyBytecode
import PySyntax

/// A scope of a symbol table as Python's `symtable` module sees it.
public struct ScopeRecord {
  /// Address of the node that opened the scope
  public var id: Int
  public var name: [UInt8]
  /// 0 function, 1 class, 2 module, 3 annotation
  public var kind: Int
  public var isNested: Bool
  public var line: Int
  /// Names in order of first appearance; DEF_* bits with the scope above them
  public var symbols: [(name: [UInt8], flags: Int)]
  public var parameters: [[UInt8]]
  public var children: [Int]
}

/// Scopes and symbols of a tree, the module's first.
public func scopeRecords(_ tree: SyntaxTree, _ request: SourceRequest) -> Result<[ScopeRecord], SourceError> {
  // Any depth: the collector counts it, and only a large stack holds all that it allows.
  BigStack.run { recordScopes(tree, request) }
}

private func recordScopes(_ tree: SyntaxTree, _ request: SourceRequest) -> Result<[ScopeRecord], SourceError> {
  let known = KnownNames(tree.names)
  let future: FutureFeatures
  switch findFutureFeatures(tree, known) {
  case .failure(let failure): return .failure(SourceError(failure, request.filename))
  case .success(let found): future = found
  }
  let options = request.options
  let flags = future.flags.union(options.inheritedFlags)
  let table = SymbolTable(
    names: tree.names, known: known, futureAnnotations: flags.contains(.futureAnnotations), depth: options.startDepth,
    depthLimit: options.depthLimit)
  do throws(Abort) {
    try table.collect(tree.root)
    var analysis = SymbolAnalysis(table)
    defer { analysis.free() }
    try analysis.run()
  } catch {
    return .failure(SourceError(table.failure ?? .systemError("symbol table failed"), request.filename))
  }
  let addresses = table.nodeAddresses()
  return .success((0..<table.scopes.count).map { table.record(Int32(truncatingIfNeeded: $0), addresses) })
}

extension SymbolTable {
  fileprivate func record(_ index: Int32, _ addresses: [Int]) -> ScopeRecord {
    let scope = scopes[index]
    var record = ScopeRecord(
      id: addresses[Int(index)], name: text(scope.name), kind: 0, isNested: scope.isNested, line: Int(scope.span.lineno), symbols: [],
      parameters: [], children: [])
    switch scope.kind {
    case .function: record.kind = 0
    case .classBody: record.kind = 1
    case .module: record.kind = 2
    case .annotation: record.kind = 3
    }
    // Scopes without a name of their own are called `lambda`, `listcomp`, ... here.
    if record.name.first == UInt8(ascii: "<"), record.name.last == UInt8(ascii: ">") {
      record.name = Array(record.name.dropFirst().dropLast())
    }
    var symbol = scope.firstSymbol
    while symbol >= 0 {
      let s = symbols[symbol]
      record.symbols.append((text(s.name), Int(s.flags.rawValue) | Int(s.resolution.rawValue) << 11))
      symbol = s.next
    }
    for i in 0..<scope.parameterCount { record.parameters.append(text(parameters[scope.firstParameter + i])) }
    var child = scope.firstChild
    while child >= 0 {
      record.children.append(Int(child))
      child = scopes[child].nextSibling
    }
    return record
  }

  private func text(_ name: Name) -> [UInt8] { Array(names[name].buffer) }
}
