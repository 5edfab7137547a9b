import PySyntax

/// Second pass: decides for every symbol whether it is local, global, free or a cell.
///
/// Walks the scopes from the outside in. Two sets say what an inner scope sees: `bound`, the names bound by functions around it, and
/// `global`, the names declared global around it. They are bit arrays indexed by name, changed on the way in and restored from a log
/// on the way out. On the way back a scope learns which names its inner scopes need: its locals among them become cells, the rest it
/// needs itself.
struct SymbolAnalysis {
  let table: SymbolTable
  private var bound: Vec<Bool>
  private var global: Vec<Bool>
  /// Changes to undo: name index * 4 + which set * 2 + old value.
  private var log = Vec<Int64>(capacity: 256)
  /// Names that scopes still being left need from outside, innermost last.
  private var needed = Vec<Name>(capacity: 128)
  private var seen: Vec<Int32>
  private var serial: Int32 = 0

  init(_ table: SymbolTable) {
    self.table = table
    let count = table.names.count
    bound = Vec(capacity: count)
    bound.extend(by: count, repeating: false)
    global = Vec(capacity: count)
    global.extend(by: count, repeating: false)
    seen = Vec(capacity: count)
    seen.extend(by: count, repeating: 0)
  }

  func free() {
    bound.free()
    global.free()
    log.free()
    needed.free()
    seen.free()
  }

  mutating func run() throws(Abort) { try analyse(0, hasBound: false) }

  private mutating func set(bound name: Name, _ value: Bool) {
    let old = bound[name.index]
    if old == value { return }
    log.append(Int64(name.index) << 2 | (old ? 1 : 0))
    bound[name.index] = value
  }

  private mutating func set(global name: Name, _ value: Bool) {
    let old = global[name.index]
    if old == value { return }
    log.append(Int64(name.index) << 2 | 2 | (old ? 1 : 0))
    global[name.index] = value
  }

  private mutating func undo(to mark: Int) {
    while log.count > mark {
      let entry = log[log.count - 1]
      log.removeLast()
      let name = Int(entry >> 2)
      if entry & 2 != 0 { global[name] = entry & 1 != 0 } else { bound[name] = entry & 1 != 0 }
    }
  }

  /// Leaves the names that the scope needs from outside on top of `needed`, above what was there.
  private mutating func analyse(_ scope: Int32, hasBound: Bool) throws(Abort) {
    let kind = table.scopes[scope].kind
    let mark = log.count
    let base = needed.count
    // A class body's own bindings are invisible to the functions in it.
    let passesDown = kind != .classBody
    var index = table.scopes[scope].firstSymbol
    while index >= 0 {
      try resolve(index, scope, hasBound, passesDown)
      index = table.symbols[index].next
    }
    let own = needed.count
    if kind == .function {
      index = table.scopes[scope].firstSymbol
      while index >= 0 {
        if table.symbols[index].resolution == .local { set(bound: table.symbols[index].name, true) }
        index = table.symbols[index].next
      }
    } else if kind == .classBody {
      set(bound: table.known.classCell, true)
    }
    var child = table.scopes[scope].firstChild
    while child >= 0 {
      try analyse(child, hasBound: true)
      child = table.scopes[child].nextSibling
    }
    undo(to: mark)
    settle(scope, kind, hasBound, from: own)
    _ = base
  }

  private mutating func resolve(_ index: Int32, _ scope: Int32, _ hasBound: Bool, _ passesDown: Bool) throws(Abort) {
    let name = table.symbols[index].name
    let flags = table.symbols[index].flags
    if flags.contains(.global) {
      if flags.contains(.nonlocal) { throw failure(scope, name, "name \(table.quoted(name)) is nonlocal and global") }
      table.symbols[index].resolution = .globalExplicit
      if passesDown {
        set(global: name, true)
        set(bound: name, false)
      }
    } else if flags.contains(.nonlocal) {
      if !hasBound { throw failure(scope, name, "nonlocal declaration not allowed at module level") }
      if !bound[name.index] { throw failure(scope, name, "no binding for nonlocal \(table.quoted(name)) found") }
      table.symbols[index].resolution = .free
      needed.append(name)
    } else if !flags.isDisjoint(with: .bound) {
      table.symbols[index].resolution = .local
      if passesDown { set(global: name, false) }
    } else if hasBound && bound[name.index] {
      table.symbols[index].resolution = .free
      needed.append(name)
    } else {
      table.symbols[index].resolution = .globalImplicit
    }
  }

  private func failure(_ scope: Int32, _ name: Name, _ message: String) -> Abort {
    for index in 0..<table.directives.count {
      let directive = table.directives[index]
      if directive.scope == scope && directive.name == name { return table.fail(message, directive.span) }
    }
    return table.fail(message, table.scopes[scope].span)
  }

  /// `needed[own...]` is what the inner scopes need: turns locals into cells, enters the rest as free, and drops what is satisfied here.
  private mutating func settle(_ scope: Int32, _ kind: ScopeKind, _ hasBound: Bool, from own: Int) {
    serial &+= 1
    var kept = own
    for position in own..<needed.count {
      let name = needed[position]
      if seen[name.index] == serial { continue }
      seen[name.index] = serial
      let index = table.find(scope, name)
      if kind == .function {
        if index >= 0 && table.symbols[index].resolution == .local {
          table.symbols[index].resolution = .cell
          continue
        }
      } else if kind == .classBody && name == table.known.classCell {
        table.scopes[scope].needsClassCell = true
        continue
      }
      if index >= 0 {
        if kind == .classBody && !table.symbols[index].flags.isDisjoint(with: [.local, .parameter, .imported, .global]) {
          table.symbols[index].flags.insert(.freeInClass)
        }
      } else if !hasBound || bound[name.index] {
        table.insert(scope, name, [], .free)
      }
      needed[kept] = name
      kept += 1
    }
    needed.truncate(to: kept)
  }
}
