import PyBytecode
import PySyntax

/// What kind of code object is being lowered.
enum UnitKind: UInt8 { case module, classBody, function, asyncFunction, lambda, comprehension }

/// A statement or handler that control may have to leave in an orderly way: what `return`, `break` and `continue` unwind.
struct Frame {
  enum Kind: UInt8 {
    case whileLoop, forLoop, tryExcept, finallyTry, finallyEnd, with, asyncWith, handlerCleanup, popValue, exceptionHandler
    case exceptionGroupHandler, asyncComprehension
  }
  /// What unwinding needs: the statements of a `finally`, the place of a `with`, the name of a handler.
  enum Datum {
    case none
    case body(ArenaList<Ref<Stmt>>)
    case place(Span)
    case name(Name)
  }
  var kind: Kind
  var block: BlockID
  var exit: BlockID
  var datum: Datum
}

/// One code object under construction. Units are nested like the definitions and are reused.
final class Unit {
  var kind = UnitKind.module
  var scope: Int32 = 0
  var scopeKind = ScopeKind.module
  var name = Name(index: 0)
  var qualifiedName: [UInt8] = []
  var privateName: Name?
  var firstLine: Int32 = 0
  /// Location of the instructions being emitted.
  var location = SourceLocation.none
  var argumentCount: Int32 = 0
  var positionalOnlyCount: Int32 = 0
  var keywordOnlyCount: Int32 = 0
  var names = NameIndex()
  var variables = Vec<Name>(capacity: 16)
  var cells = Vec<Name>(capacity: 8)
  var frees = Vec<Name>(capacity: 8)
  var constants = ConstantTable()
  var frames = Vec<Frame>(capacity: 20)
  var graph = FlowGraph()

  deinit {
    names.free()
    variables.free()
    cells.free()
    frees.free()
    constants.free()
    frames.free()
    graph.free()
  }

  func reset() {
    qualifiedName = []
    argumentCount = 0
    positionalOnlyCount = 0
    keywordOnlyCount = 0
    names.reset()
    variables.truncate(to: 0)
    cells.truncate(to: 0)
    frees.truncate(to: 0)
    constants.reset()
    frames.truncate(to: 0)
    graph.reset()
  }
}

/// Lowers a tree with its symbols to code objects. Follows CPython 3.11.2 instruction for instruction, location for location.
final class Compiler {
  let tree: SyntaxTree
  let arena: Arena
  let names: NameTable
  let known: KnownNames
  let table: SymbolTable
  let options: CompileOptions
  /// Line of the last `from __future__` statement at the head of the file; -1 if there is none.
  let futureLine: Int32
  let flags: CodeFlags
  let filename: [UInt8]

  var unit: Unit
  var enclosing: [Unit] = []
  private var spare: [Unit] = []
  var finished: [CodeBlueprint] = []
  /// Free variables of the code object assembled last.
  var lastFrees: [Name] = []
  var warnings: [CompileWarning] = []
  var failure: CompilerFailure?
  /// Set when `failure` is one that CPython has not noticed yet: the unit and how many names and constants it had.
  var overlooked: (unit: ObjectIdentifier, entries: Int)?
  /// `single` mode prints the values of expression statements at the top level.
  var isInteractive = false
  var nestLevel = 0
  private var nameBytes: [[UInt8]?]

  /// Above this many values on the stack, displays and calls are built in steps.
  static let stackUseGuideline = 30
  static let maximumNestedBlocks = 20

  init(
    tree: SyntaxTree, known: KnownNames, table: SymbolTable, options: CompileOptions, flags: CodeFlags, futureLine: Int32,
    filename: [UInt8]
  ) {
    self.tree = tree
    arena = tree.arena
    names = tree.names
    self.known = known
    self.table = table
    self.options = options
    self.flags = flags
    self.futureLine = futureLine
    self.filename = filename
    unit = Unit()
    nameBytes = Array(repeating: nil, count: tree.names.count)
  }

  func bytes(of name: Name) -> [UInt8] {
    let index = Int(name.index)
    if index >= nameBytes.count { nameBytes.append(contentsOf: repeatElement(nil, count: names.count - nameBytes.count)) }
    if let known = nameBytes[index] { return known }
    let bytes = Array(names[name].buffer)
    nameBytes[index] = bytes
    return bytes
  }

  var futureAnnotations: Bool { flags.contains(.futureAnnotations) }

  /// In a module that may await at its top level.
  var isTopLevelAwait: Bool { options.allowsTopLevelAwait && unit.scopeKind == .module }

  // MARK: Units

  func enter(_ kind: UnitKind, _ name: Name, scope: Int32, line: Int32) {
    if nestLevel > 0 {
      enclosing.append(unit)
      unit = spare.popLast() ?? Unit()
    }
    let outer = enclosing.last
    unit.reset()
    unit.kind = kind
    unit.scope = scope
    unit.scopeKind = table.scopes[scope].kind
    unit.name = name
    unit.firstLine = line
    unit.privateName = outer?.privateName
    unit.location = SourceLocation(line: kind == .module ? 0 : line, endLine: line, column: 0, endColumn: 0)
    // A scope may be lowered again, in a copy of a `finally` block or a loop's test: forget the slots of the first time.
    var symbol = table.scopes[scope].firstSymbol
    while symbol >= 0 {
      table.symbols[symbol].localSlot = -1
      symbol = table.symbols[symbol].next
    }
    for index in 0..<table.scopes[scope].parameterCount {
      let parameter = table.parameters[table.scopes[scope].firstParameter + index]
      let symbol = table.find(scope, parameter)
      if symbol >= 0 { table.symbols[symbol].localSlot = Int32(truncatingIfNeeded: unit.variables.count) }
      unit.variables.append(parameter)
    }
    collectCells(scope)
    nestLevel += 1
    setQualifiedName(outer)
    emit(.resume, 0)
    if kind == .module { unit.location.line = line }
  }

  /// Cells and free variables are numbered in the order of their names.
  private func collectCells(_ scope: Int32) {
    var symbol = table.scopes[scope].firstSymbol
    while symbol >= 0 {
      let resolution = table.symbols[symbol].resolution
      if resolution == .cell {
        unit.cells.append(table.symbols[symbol].name)
      } else if resolution == .free || table.symbols[symbol].flags.contains(.freeInClass) {
        unit.frees.append(table.symbols[symbol].name)
      }
      symbol = table.symbols[symbol].next
    }
    if table.scopes[scope].needsClassCell { unit.cells.append(known.classCell) }
    if unit.cells.count > 1 { sortByText(unit.cells) }
    if unit.frees.count > 1 { sortByText(unit.frees) }
    for index in 0..<unit.cells.count {
      let symbol = table.find(scope, unit.cells[index])
      if symbol >= 0 { table.symbols[symbol].cellSlot = Int32(truncatingIfNeeded: index) }
    }
    for index in 0..<unit.frees.count {
      let symbol = table.find(scope, unit.frees[index])
      if symbol >= 0 { table.symbols[symbol].cellSlot = Int32(truncatingIfNeeded: unit.cells.count + index) }
    }
  }

  private func sortByText(_ list: Vec<Name>) {
    var buffer = UnsafeMutableBufferPointer(start: list.base, count: list.count)
    buffer.sort { names[$0].buffer.lexicographicallyPrecedes(names[$1].buffer) }
  }

  private func setQualifiedName(_ outer: Unit?) {
    let own = bytes(of: unit.name)
    guard let outer, enclosing.count > 1 || outer.kind != .module else {
      unit.qualifiedName = own
      return
    }
    var isGlobal = false
    if unit.kind == .function || unit.kind == .asyncFunction || unit.kind == .classBody {
      isGlobal = table.resolution(outer.scope, mangle(unit.name, in: outer.privateName, names)) == .globalExplicit
    }
    if isGlobal {
      unit.qualifiedName = own
      return
    }
    var text = outer.qualifiedName
    if outer.kind == .function || outer.kind == .asyncFunction || outer.kind == .lambda { text += Array(".<locals>".utf8) }
    text.append(UInt8(ascii: "."))
    text += own
    unit.qualifiedName = text
  }

  func leave() {
    if overlooked != nil { overlooked?.entries = -1 }
    nestLevel -= 1
    if let outer = enclosing.popLast() {
      spare.append(unit)
      unit = outer
    }
  }

  // MARK: Emitting

  @inline(__always) func at(_ span: Span) { unit.location = SourceLocation(span) }

  @inline(__always) func atNoLine() { unit.location = .none }

  @inline(__always) func emit(_ op: Op, _ argument: Int = 0) {
    unit.graph.emit(Instruction(op, Int32(truncatingIfNeeded: argument), at: unit.location))
  }

  @inline(__always) func emit(_ op: Op, _ argument: Int32) { unit.graph.emit(Instruction(op, argument, at: unit.location)) }

  @inline(__always) func emit(_ op: Op, to target: BlockID) { unit.graph.emit(Instruction(op, target: target, at: unit.location)) }

  func emitWithoutLine(_ op: Op, _ argument: Int32 = 0) { unit.graph.emit(Instruction(op, argument, at: .none)) }

  func emitWithoutLine(_ op: Op, to target: BlockID) { unit.graph.emit(Instruction(op, target: target, at: .none)) }

  @inline(__always) func newBlock() -> BlockID { unit.graph.newBlock() }

  @inline(__always) func use(_ block: BlockID) { unit.graph.use(block) }

  @inline(__always) func load(_ constant: Constant) { emit(.loadConst, unit.constants.add(constant)) }

  func load(text name: Name) { load(.str(names[name])) }

  /// Emits an instruction with a name, mangled where the class asks for it.
  func emit(_ op: Op, named name: Name) { emit(op, unit.names.add(mangle(name, in: unit.privateName, names))) }

  // MARK: Frames

  func push(_ kind: Frame.Kind, _ block: BlockID = -1, exit: BlockID = -1, _ datum: Frame.Datum = .none) throws(Abort) {
    if unit.frames.count >= Compiler.maximumNestedBlocks { throw fail("too many statically nested blocks") }
    unit.frames.append(Frame(kind: kind, block: block, exit: exit, datum: datum))
  }

  func pop() { unit.frames.removeLast() }

  // MARK: Problems

  func fail(_ message: String) -> Abort {
    failure = .syntax(message, unit.location)
    return Abort()
  }

  func fail(_ message: String, _ span: Span) -> Abort {
    failure = .syntax(message, SourceLocation(span))
    return Abort()
  }

  func warn(_ message: String) {
    warnings.append(CompileWarning(message: message, location: unit.location))
  }

  func text(_ name: Name) -> String { "'" + names.string(name) + "'" }
}
