import PyBytecode

extension ConstantKind {
  /// The kind of a constant of a blueprint.
  init(_ constant: Constant) {
    switch constant {
    case .none: self = .none
    case .code(let code):
      let freeCount = code.localsplusKinds.reduce(0) { $0 &+ ($1.contains(.free) ? 1 : 0) }
      self = .code(freeCount: freeCount, flags: UInt32(truncatingIfNeeded: code.flags.rawValue))
    case .tuple(let items):
      let isNames = !items.isEmpty && items.allSatisfy { if case .string = $0 { true } else { false } }
      self = isNames ? .names(count: items.count) : .tuple(count: items.count)
    default: self = .plain
    }
  }
}

extension CodeBlueprint {
  /// Calls `body` with a view of this blueprint that is valid only inside of it.
  func withCodeView<Result>(_ body: (CodeView) throws -> Result) rethrows -> Result {
    let kinds = localsplusKinds.map(\.rawValue)
    let constantKinds = constants.map { ConstantKind($0) }
    return try code.withUnsafeBufferPointer { bytecode in
      try exceptionTable.withUnsafeBufferPointer { exceptions in
        try kinds.withUnsafeBufferPointer { kinds in
          try constantKinds.withUnsafeBufferPointer { constants in
            try body(
              CodeView(
                bytecode: bytecode, exceptionTable: exceptions, localKinds: kinds, constants: constants, nameCount: names.count,
                stackSize: Int(stackSize), flags: flags.rawValue, argumentCount: Int(argumentCount),
                keywordOnlyCount: Int(keywordOnlyCount)))
          }
        }
      }
    }
  }
}
