import PySyntax

/// Warnings for code that cannot be meant: identity with a literal, calling or indexing what never can be.
extension Compiler {
  /// Name of the type that an expression certainly has.
  private func typeName(_ e: Ref<Expr>) -> String? {
    switch e.pointee.node {
    case .Tuple: return "tuple"
    case .List, .ListComp: return "list"
    case .Dict, .DictComp: return "dict"
    case .Set, .SetComp: return "set"
    case .GeneratorExp: return "generator"
    case .Lambda: return "function"
    case .JoinedStr, .FormattedValue: return "str"
    case .Constant(let value, _):
      switch value {
      case .none: return "NoneType"
      case .true, .false: return "bool"
      case .ellipsis: return "ellipsis"
      case .int, .bigInt: return "int"
      case .float: return "float"
      case .complex: return "complex"
      case .str: return "str"
      case .bytes: return "bytes"
      case .tuple: return "tuple"
      case .frozenset: return "frozenset"
      }
    default: return nil
    }
  }

  private func isLiteral(_ e: Ref<Expr>) -> Bool {
    guard case .Constant(let value, _) = e.pointee.node else { return false }
    switch value {
    case .none, .true, .false, .ellipsis: return false
    default: return true
    }
  }

  func warnOfLiteralIdentity(_ left: Ref<Expr>, _ ops: ArenaList<CompareOperator>, _ comparators: ArenaList<Ref<Expr>>) {
    var isLeftLiteral = isLiteral(left)
    for index in 0..<ops.count {
      let isRightLiteral = isLiteral(comparators[index])
      if (ops[index] == .Is || ops[index] == .IsNot) && (isLeftLiteral || isRightLiteral) {
        warn(ops[index] == .Is ? "\"is\" with a literal. Did you mean \"==\"?" : "\"is not\" with a literal. Did you mean \"!=\"?")
        return
      }
      isLeftLiteral = isRightLiteral
    }
  }

  func warnUnlessCallable(_ e: Ref<Expr>) {
    switch e.pointee.node {
    case .Constant, .Tuple, .List, .ListComp, .Dict, .DictComp, .Set, .SetComp, .GeneratorExp, .JoinedStr, .FormattedValue:
      if let type = typeName(e) { warn("'\(type)' object is not callable; perhaps you missed a comma?") }
    default: break
    }
  }

  func warnUnlessSubscriptable(_ e: Ref<Expr>) {
    switch e.pointee.node {
    case .Constant(let value, _):
      switch value {
      case .none, .ellipsis, .true, .false, .int, .bigInt, .float, .complex, .frozenset: break
      case .str, .bytes, .tuple: return
      }
    case .Set, .SetComp, .GeneratorExp, .Lambda: break
    default: return
    }
    if let type = typeName(e) { warn("'\(type)' object is not subscriptable; perhaps you missed a comma?") }
  }

  func warnUnlessIndex(_ e: Ref<Expr>, _ index: Ref<Expr>) {
    guard let indexType = typeName(index), indexType != "int", indexType != "bool" else { return }
    switch e.pointee.node {
    case .Constant(let value, _):
      switch value {
      case .str, .bytes, .tuple: break
      default: return
      }
    case .Tuple, .List, .ListComp, .JoinedStr, .FormattedValue: break
    default: return
    }
    if let type = typeName(e) {
      warn("\(type) indices must be integers or slices, not \(indexType); perhaps you missed a comma?")
    }
  }
}
