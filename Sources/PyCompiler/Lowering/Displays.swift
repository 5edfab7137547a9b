import PyBytecode
import PySyntax

/// Tuples, lists, sets and dicts, and assignment to tuples and lists.
extension Compiler {
  enum Display {
    case tuple, list, set

    var build: Op { self == .set ? .buildSet : .buildList }
    var add: Op { self == .set ? .setAdd : .listAppend }
    var extend: Op { self == .set ? .setUpdate : .listExtend }
  }

  func display(_ elts: ArenaList<Ref<Expr>>, _ context: ExprContext, _ kind: Display) throws(Abort) {
    switch context {
    case .Store: try assign(to: elts)
    case .Load: try unpackDisplay(elts, pushed: 0, kind)
    case .Del: try expressions(elts)
    }
  }

  private func assign(to elts: ArenaList<Ref<Expr>>) throws(Abort) {
    var hasStar = false
    for index in 0..<elts.count {
      guard case .Starred = elts[index].pointee.node else { continue }
      if hasStar { throw fail("multiple starred expressions in assignment") }
      if index >= 1 << 8 || elts.count - index - 1 >= Int(Int32.max >> 8) {
        throw fail("too many expressions in star-unpacking assignment")
      }
      emit(.unpackEx, index + (elts.count - index - 1) << 8)
      hasStar = true
    }
    if !hasStar { emit(.unpackSequence, elts.count) }
    for index in 0..<elts.count {
      if case .Starred(let value, _) = elts[index].pointee.node { try expression(value) } else { try expression(elts[index]) }
    }
  }

  private func allConstants(_ elts: ArenaList<Ref<Expr>>) -> Bool {
    for index in 0..<elts.count {
      guard case .Constant = elts[index].pointee.node else { return false }
    }
    return true
  }

  func constants(_ elts: ArenaList<Ref<Expr>>) -> [Constant] {
    var values: [Constant] = []
    values.reserveCapacity(elts.count)
    for index in 0..<elts.count {
      if case .Constant(let value, _) = elts[index].pointee.node { values.append(value) }
    }
    return values
  }

  /// A display in which elements may be starred, on top of `pushed` values that become its first elements.
  func unpackDisplay(_ elts: ArenaList<Ref<Expr>>, pushed: Int, _ kind: Display) throws(Abort) {
    let count = elts.count
    if count > 2 && allConstants(elts) {
      let values = constants(elts)
      if kind == .tuple && pushed == 0 {
        load(tuple: values)
        return
      }
      emit(kind.build, pushed)
      if kind == .set { load(.frozenset(arena.list(distinctConstants(values)))) } else { load(tuple: values) }
      emit(kind.extend, 1)
      if kind == .tuple { emit(.listToTuple) }
      return
    }
    let big = count + pushed > Compiler.stackUseGuideline
    var hasStar = false
    for index in 0..<count {
      if case .Starred = elts[index].pointee.node {
        hasStar = true
        break
      }
    }
    if !hasStar && !big {
      try expressions(elts)
      emit(kind == .tuple ? .buildTuple : kind.build, count + pushed)
      return
    }
    var built = false
    if big {
      emit(kind.build, pushed)
      built = true
    }
    for index in 0..<count {
      if case .Starred(let value, _) = elts[index].pointee.node {
        if !built {
          emit(kind.build, index + pushed)
          built = true
        }
        try expression(value)
        emit(kind.extend, 1)
      } else {
        try expression(elts[index])
        if built { emit(kind.add, 1) }
      }
    }
    if kind == .tuple { emit(.listToTuple) }
  }

  private func distinctConstants(_ values: [Constant]) -> [Constant] {
    var seen = Set<EqualityKey>()
    return values.filter { seen.insert(EqualityKey($0)).inserted }
  }

  // MARK: Dicts

  func dict(_ keys: ArenaList<Ref<Expr>?>, _ values: ArenaList<Ref<Expr>>) throws(Abort) {
    var hasDict = false
    var pending = 0
    func merge() {
      if hasDict { emit(.dictUpdate, 1) }
      hasDict = true
      pending = 0
    }
    for index in 0..<values.count {
      if keys[index] == nil {
        if pending > 0 {
          try dictPart(keys, values, index - pending, index)
          merge()
        }
        if !hasDict {
          emit(.buildMap, 0)
          hasDict = true
        }
        try expression(values[index])
        emit(.dictUpdate, 1)
      } else if pending * 2 > Compiler.stackUseGuideline {
        try dictPart(keys, values, index - pending, index + 1)
        merge()
      } else {
        pending += 1
      }
    }
    if pending > 0 {
      try dictPart(keys, values, values.count - pending, values.count)
      merge()
    }
    if !hasDict { emit(.buildMap, 0) }
  }

  private func dictPart(_ keys: ArenaList<Ref<Expr>?>, _ values: ArenaList<Ref<Expr>>, _ begin: Int, _ end: Int) throws(Abort) {
    let count = end - begin
    let big = count * 2 > Compiler.stackUseGuideline
    if count > 1 && !big {
      var constantKeys: [Constant] = []
      for index in begin..<end {
        if let key = keys[index], case .Constant(let value, _) = key.pointee.node { constantKeys.append(value) }
      }
      if constantKeys.count == count {
        for index in begin..<end { try expression(values[index]) }
        load(tuple: constantKeys)
        emit(.buildConstKeyMap, count)
        return
      }
    }
    if big { emit(.buildMap, 0) }
    for index in begin..<end {
      if let key = keys[index] { try expression(key) }
      try expression(values[index])
      if big { emit(.mapAdd, 1) }
    }
    if !big { emit(.buildMap, count) }
  }
}
