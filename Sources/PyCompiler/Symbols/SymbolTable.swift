import PyBytecode
import PySyntax

/// What is known of a name in one scope.
struct SymbolFlags: OptionSet {
  var rawValue: UInt16
  @inline(__always) init(rawValue: UInt16) { self.rawValue = rawValue }

  static let global = SymbolFlags(rawValue: 1)
  static let local = SymbolFlags(rawValue: 2)
  static let parameter = SymbolFlags(rawValue: 4)
  static let nonlocal = SymbolFlags(rawValue: 8)
  static let used = SymbolFlags(rawValue: 16)
  /// Local or global in a class and free in one of its methods: both at once.
  static let freeInClass = SymbolFlags(rawValue: 64)
  static let imported = SymbolFlags(rawValue: 128)
  static let annotated = SymbolFlags(rawValue: 256)
  /// Target of a comprehension's `for`.
  static let iterationTarget = SymbolFlags(rawValue: 512)

  static let bound: SymbolFlags = [.local, .parameter, .imported]
}

/// Where a name lives, decided by the analysis. `unknown`: the scope does not mention the name.
enum Resolution: UInt8 {
  case unknown, local, globalExplicit, globalImplicit, free, cell
}

/// A name in a scope. `next` links the scope's symbols in order of first appearance.
struct Symbol {
  var name: Name
  var flags: SymbolFlags
  var resolution: Resolution
  var next: Int32
  /// Index in the unit's variable names, and among its cells followed by its free variables; -1 when it has none (yet).
  var localSlot: Int32
  var cellSlot: Int32
}

enum ScopeKind: UInt8 { case module, function, classBody, annotation }

enum ComprehensionKind: UInt8 { case none, list, set, dict, generator }

/// A block with names of its own. Symbols and children are linked lists through the table's arrays; parameters are a run in `parameters`.
struct Scope {
  var kind: ScopeKind
  var comprehension: ComprehensionKind
  /// Inside a function, however deep.
  var isNested: Bool
  var isGenerator = false
  var isCoroutine = false
  var hasVarArgs = false
  var hasVarKeywords = false
  /// A method uses `__class__` or `super`.
  var needsClassCell = false
  /// While the targets of a comprehension are visited.
  var inIterationTarget = false
  /// Depth of comprehension iterables being visited, inherited by inner scopes.
  var iterableDepth: Int32 = 0
  var name: Name
  var firstSymbol: Int32 = -1
  var lastSymbol: Int32 = -1
  var firstChild: Int32 = -1
  var lastChild: Int32 = -1
  var nextSibling: Int32 = -1
  var firstParameter: Int32 = 0
  var parameterCount: Int32 = 0
  var span: Span
}

/// All scopes of a module. `table[scope, name]` finds a symbol through one open-addressing hash table for the whole module.
final class SymbolTable {
  let names: NameTable
  var scopes = Vec<Scope>(capacity: 64)
  var symbols = Vec<Symbol>(capacity: 512)
  var parameters = Vec<Name>(capacity: 64)
  /// `global` and `nonlocal` statements: where to point when one is wrong.
  var directives = Vec<Directive>(capacity: 8)

  /// Keys: a scope and a name, whose value is a symbol; or a definition, lambda or comprehension by the address of its node, whose value
  /// is its scope.
  private var slots: UnsafeMutablePointer<Int64>
  private var slotValues: UnsafeMutablePointer<Int32>
  private var slotMask: Int

  var current: Int32 = -1
  /// Enclosing scopes, innermost last.
  var stack = Vec<Int32>(capacity: 32)
  /// The class whose name mangles private names.
  var privateName: Name?
  var depth: Int
  let depthLimit: Int
  let futureAnnotations: Bool
  var failure: CompilerFailure?
  let known: KnownNames

  struct Directive {
    var scope: Int32
    var name: Name
    var span: Span
  }

  init(names: NameTable, known: KnownNames, futureAnnotations: Bool, depth: Int, depthLimit: Int) {
    self.names = names
    self.known = known
    self.futureAnnotations = futureAnnotations
    self.depth = depth
    self.depthLimit = depthLimit
    slotMask = 1023
    slots = .allocate(capacity: 1024)
    slots.initialize(repeating: -1, count: 1024)
    slotValues = .allocate(capacity: 1024)
  }

  deinit {
    scopes.free()
    symbols.free()
    parameters.free()
    directives.free()
    stack.free()
    slots.deallocate()
    slotValues.deallocate()
  }

  // MARK: Lookup

  @inline(__always) private func key(_ scope: Int32, _ name: Name) -> Int64 { Int64(scope) << 32 | Int64(name.index) }
  /// Below -1, where no key of a name is.
  @inline(__always) private func key(_ node: UnsafeRawPointer) -> Int64 { ~Int64(Int(bitPattern: node)) }

  @inline(__always) private func start(_ key: Int64) -> Int {
    let mixed = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32) & slotMask
  }

  /// Index of the symbol, or -1.
  @inline(__always) func find(_ scope: Int32, _ name: Name) -> Int32 {
    value(key(scope, name))
  }

  @inline(__always) private func value(_ wanted: Int64) -> Int32 {
    var slot = start(wanted)
    while slots[slot] != -1 {
      if slots[slot] == wanted { return slotValues[slot] }
      slot = (slot &+ 1) & slotMask
    }
    return -1
  }

  /// Adds a symbol that is not there yet.
  func insert(_ scope: Int32, _ name: Name, _ flags: SymbolFlags, _ resolution: Resolution = .unknown) {
    makeRoom()
    let index = Int32(truncatingIfNeeded: symbols.count)
    symbols.append(Symbol(name: name, flags: flags, resolution: resolution, next: -1, localSlot: -1, cellSlot: -1))
    let last = scopes[scope].lastSymbol
    if last >= 0 { symbols[last].next = index } else { scopes[scope].firstSymbol = index }
    scopes[scope].lastSymbol = index
    place(key(scope, name), index)
  }

  @inline(__always) private func makeRoom() { if (symbols.count &+ scopes.count &+ 1) &* 2 > slotMask { rehash() } }

  /// A node may come twice, in a tree that a program has made: the last one counts.
  private func place(_ key: Int64, _ value: Int32) {
    var slot = start(key)
    while slots[slot] != -1 && slots[slot] != key { slot = (slot &+ 1) & slotMask }
    slots[slot] = key
    slotValues[slot] = value
  }

  private func rehash() {
    let oldSlots = slots
    let oldValues = slotValues
    let oldCount = slotMask + 1
    slotMask = oldCount * 2 - 1
    slots = .allocate(capacity: oldCount * 2)
    slots.initialize(repeating: -1, count: oldCount * 2)
    slotValues = .allocate(capacity: oldCount * 2)
    for slot in 0..<oldCount where oldSlots[slot] != -1 { place(oldSlots[slot], oldValues[slot]) }
    oldSlots.deallocate()
    oldValues.deallocate()
  }

  func flags(_ scope: Int32, _ name: Name) -> SymbolFlags {
    let index = find(scope, name)
    return index < 0 ? [] : symbols[index].flags
  }

  func resolution(_ scope: Int32, _ name: Name) -> Resolution {
    let index = find(scope, name)
    return index < 0 ? .unknown : symbols[index].resolution
  }

  /// The scope that was made for a node; -1 for a node that was never visited.
  func scope(of node: UnsafeRawPointer) -> Int32 { value(key(node)) }

  /// For each scope the address of the node that it was made for, 0 for annotations.
  func nodeAddresses() -> [Int] {
    var addresses = [Int](repeating: 0, count: scopes.count)
    for slot in 0...slotMask where slots[slot] < -1 { addresses[Int(slotValues[slot])] = Int(~slots[slot]) }
    return addresses
  }

  // MARK: Building

  func enter(_ kind: ScopeKind, _ name: Name, _ node: UnsafeRawPointer, _ span: Span, _ comprehension: ComprehensionKind = .none) {
    let index = Int32(truncatingIfNeeded: scopes.count)
    let outer = current
    var nested = false
    var iterableDepth: Int32 = 0
    if outer >= 0 {
      nested = scopes[outer].isNested || scopes[outer].kind == .function
      iterableDepth = scopes[outer].iterableDepth
    }
    var scope = Scope(kind: kind, comprehension: comprehension, isNested: nested, name: name, span: span)
    scope.iterableDepth = iterableDepth
    scope.firstParameter = Int32(truncatingIfNeeded: parameters.count)
    scopes.append(scope)
    stack.append(index)
    current = index
    // Annotations that will only ever be text leave no trace in the table.
    if kind == .annotation { return }
    makeRoom()
    place(key(node), index)
    if outer >= 0 {
      let last = scopes[outer].lastChild
      if last >= 0 { scopes[last].nextSibling = index } else { scopes[outer].firstChild = index }
      scopes[outer].lastChild = index
    }
  }

  func leave() {
    stack.removeLast()
    current = stack.isEmpty ? -1 : stack[stack.count - 1]
  }

  func fail(_ message: String, _ span: Span) -> Abort {
    failure = .syntax(message, SourceLocation(span))
    return Abort()
  }

  func quoted(_ name: Name) -> String { "'" + names.string(name) + "'" }

  /// Records a definition or use of `name` in `scope` (the current one unless given).
  func define(_ name: Name, _ flag: SymbolFlags, _ span: Span, in given: Int32 = -1) throws(Abort) {
    let scope = given >= 0 ? given : current
    let mangled = mangle(name, in: privateName, names)
    let index = find(scope, mangled)
    var value = flag
    if index >= 0 {
      let old = symbols[index].flags
      if flag.contains(.parameter) && old.contains(.parameter) {
        throw fail("duplicate argument \(quoted(name)) in function definition", span)
      }
      value.formUnion(old)
    }
    if scopes[scope].inIterationTarget {
      if !value.isDisjoint(with: [.global, .nonlocal]) {
        throw fail("comprehension inner loop cannot rebind assignment expression target \(quoted(name))", span)
      }
      value.insert(.iterationTarget)
    }
    if index >= 0 {
      symbols[index].flags = value
    } else {
      insert(scope, mangled, value)
    }
    if flag.contains(.parameter) {
      parameters.append(mangled)
      scopes[scope].parameterCount &+= 1
    } else if flag.contains(.global) {
      let top = find(0, mangled)
      if top >= 0 { symbols[top].flags.formUnion(flag) } else { insert(0, mangled, flag) }
    }
  }
}

/// `__name` in class `Cls` is `_Cls__name`, unless it ends in two underscores or is dotted (in an import), or the class name has only
/// underscores.
@inline(__always) func mangle(_ name: Name, in privateName: Name?, _ names: NameTable) -> Name {
  guard let privateName else { return name }
  let text = names[name]
  guard text.count > 2, let base = text.base, base[0] == UInt8(ascii: "_"), base[1] == UInt8(ascii: "_") else { return name }
  return mangleSlow(name, privateName, names)
}

@inline(never) private func mangleSlow(_ name: Name, _ privateName: Name, _ names: NameTable) -> Name {
  let underscore = UInt8(ascii: "_")
  let text = names[name].buffer
  if text[text.count - 1] == underscore && text[text.count - 2] == underscore { return name }
  if text.contains(UInt8(ascii: ".")) { return name }
  let stripped = names[privateName].buffer.drop(while: { $0 == underscore })
  if stripped.isEmpty { return name }
  let mangled = [underscore] + Array(stripped) + Array(text)
  return mangled.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return name }
    return names.intern(base, count: buffer.count)
  }
}

/// Names that the compiler itself speaks of.
struct KnownNames {
  let module, qualname, name, doc, classCell, classcell, annotations, debug, superName, lambda, top: Name
  let listcomp, setcomp, dictcomp, genexpr, implicitArgument, moduleScope, returnName, annotation, future, empty, join, star: Name

  init(_ names: NameTable) {
    module = names.intern("__module__")
    qualname = names.intern("__qualname__")
    name = names.intern("__name__")
    doc = names.intern("__doc__")
    classCell = names.intern("__class__")
    classcell = names.intern("__classcell__")
    annotations = names.intern("__annotations__")
    debug = names.intern("__debug__")
    superName = names.intern("super")
    lambda = names.intern("<lambda>")
    top = names.intern("top")
    listcomp = names.intern("<listcomp>")
    setcomp = names.intern("<setcomp>")
    dictcomp = names.intern("<dictcomp>")
    genexpr = names.intern("<genexpr>")
    implicitArgument = names.intern(".0")
    moduleScope = names.intern("<module>")
    returnName = names.intern("return")
    annotation = names.intern("_annotation")
    future = names.intern("__future__")
    empty = names.intern("")
    join = names.intern("join")
    star = names.intern("*")
  }
}
