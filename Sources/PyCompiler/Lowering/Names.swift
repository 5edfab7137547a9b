import PyBytecode
import PySyntax

/// Loads, stores and deletions of names: which instruction depends on where the symbol table says the name lives.
extension Compiler {
  func rejectForbidden(_ name: Name, _ context: ExprContext) throws(Abort) {
    guard name == known.debug else { return }
    if context == .Store { throw fail("cannot assign to __debug__") }
    if context == .Del { throw fail("cannot delete __debug__") }
  }

  func name(_ name: Name, _ context: ExprContext) throws(Abort) {
    try rejectForbidden(name, context)
    let mangled = mangle(name, in: unit.privateName, names)
    let symbol = table.find(unit.scope, mangled)
    let resolution = symbol < 0 ? Resolution.unknown : table.symbols[symbol].resolution
    let inFunction = unit.scopeKind == .function
    switch resolution {
    case .free, .cell:
      let slot = table.symbols[symbol].cellSlot
      switch context {
      case .Load: emit(unit.scopeKind == .classBody ? .loadClassderef : .loadDeref, slot)
      case .Store: emit(.storeDeref, slot)
      case .Del: emit(.deleteDeref, slot)
      }
      return
    case .local where inFunction:
      var slot = table.symbols[symbol].localSlot
      if slot < 0 {
        slot = Int32(truncatingIfNeeded: unit.variables.count)
        unit.variables.append(mangled)
        table.symbols[symbol].localSlot = slot
      }
      switch context {
      case .Load: emit(.loadFast, slot)
      case .Store: emit(.storeFast, slot)
      case .Del: emit(.deleteFast, slot)
      }
      return
    case .globalExplicit: break
    case .globalImplicit where inFunction: break
    default:
      let index = unit.names.add(mangled)
      switch context {
      case .Load: emit(.loadName, index)
      case .Store: emit(.storeName, index)
      case .Del: emit(.deleteName, index)
      }
      return
    }
    let index = unit.names.add(mangled)
    switch context {
    // The low bit asks for a NULL below the function, see `optimizeBlock`.
    case .Load: emit(.loadGlobal, index << 1)
    case .Store: emit(.storeGlobal, index)
    case .Del: emit(.deleteGlobal, index)
    }
  }
}
