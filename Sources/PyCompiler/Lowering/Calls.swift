import PyBytecode
import PySyntax

extension Compiler {
  func call(
    _ e: Ref<Expr>, _ function: Ref<Expr>, _ arguments: ArenaList<Ref<Expr>>, _ keywords: ArenaList<Keyword>
  ) throws(Abort) {
    try validate(keywords)
    if try methodCall(e, function, arguments, keywords) { return }
    warnUnlessCallable(function)
    at(function.span)
    emit(.pushNull)
    at(e.span)
    try expression(function)
    try finishCall(0, arguments, keywords)
  }

  private func validate(_ keywords: ArenaList<Keyword>) throws(Abort) {
    for index in 0..<keywords.count {
      guard let name = keywords[index].arg else { continue }
      if name == known.debug { throw fail("cannot assign to __debug__") }
      for other in (index + 1)..<max(index + 1, keywords.count) where keywords[other].arg == name {
        throw fail("keyword argument repeated: \(names.string(name))", keywords[other].span)
      }
    }
  }

  /// `object.method(...)` with plain arguments avoids the bound method. Functions of imported modules are not methods.
  private func methodCall(
    _ e: Ref<Expr>, _ function: Ref<Expr>, _ arguments: ArenaList<Ref<Expr>>, _ keywords: ArenaList<Keyword>
  ) throws(Abort) -> Bool {
    guard case .Attribute(let object, let attribute, .Load) = function.pointee.node else { return false }
    if case .Name(let id, _) = object.pointee.node, table.flags(0, id).contains(.imported) { return false }
    let count = arguments.count + keywords.count
    if count + (keywords.count > 0 ? 1 : 0) >= Compiler.stackUseGuideline { return false }
    for index in 0..<arguments.count {
      if case .Starred = arguments[index].pointee.node { return false }
    }
    for index in 0..<keywords.count where keywords[index].arg == nil { return false }
    try expression(object)
    at(function.span)
    moveToAttribute(function, attribute)
    emit(.loadMethod, named: attribute)
    try expressions(arguments)
    if keywords.count > 0 { try simpleKeywords(keywords) }
    at(e.span)
    moveToAttribute(function, attribute)
    emit(.precall, count)
    emit(.call, count)
    return true
  }

  private func simpleKeywords(_ keywords: ArenaList<Keyword>) throws(Abort) {
    for index in 0..<keywords.count { try keywordValue(keywords[index]) }
    emit(.kwNames, unit.constants.add(.tuple(arena.list(keywords.map { .str(names[$0.arg ?? known.empty]) }))))
  }

  private func keywordValue(_ keyword: Keyword) throws(Abort) { try expression(keyword.value) }

  /// The arguments and the call itself, with `pushed` arguments already on the stack.
  func finishCall(_ pushed: Int, _ arguments: ArenaList<Ref<Expr>>, _ keywords: ArenaList<Keyword>) throws(Abort) {
    try validate(keywords)
    var simple = arguments.count + keywords.count * 2 <= Compiler.stackUseGuideline
    for index in 0..<arguments.count where simple {
      if case .Starred = arguments[index].pointee.node { simple = false }
    }
    for index in 0..<keywords.count where keywords[index].arg == nil { simple = false }
    if simple {
      try expressions(arguments)
      if keywords.count > 0 { try simpleKeywords(keywords) }
      emit(.precall, pushed + arguments.count + keywords.count)
      emit(.call, pushed + arguments.count + keywords.count)
      return
    }
    if pushed == 0, arguments.count == 1, case .Starred(let value, _) = arguments[0].pointee.node {
      try expression(value)
    } else {
      try unpackDisplay(arguments, pushed: pushed, .tuple)
    }
    if keywords.count > 0 { try unpackKeywords(keywords) }
    emit(.callFunctionEx, keywords.count > 0 ? 1 : 0)
  }

  private func unpackKeywords(_ keywords: ArenaList<Keyword>) throws(Abort) {
    var hasDict = false
    var pending = 0
    for index in 0..<keywords.count {
      if keywords[index].arg != nil {
        pending += 1
        continue
      }
      if pending > 0 {
        try keywordPart(keywords, index - pending, index)
        if hasDict { emit(.dictMerge, 1) }
        hasDict = true
        pending = 0
      }
      if !hasDict {
        emit(.buildMap, 0)
        hasDict = true
      }
      try expression(keywords[index].value)
      emit(.dictMerge, 1)
    }
    if pending > 0 {
      try keywordPart(keywords, keywords.count - pending, keywords.count)
      if hasDict { emit(.dictMerge, 1) }
    }
  }

  private func keywordPart(_ keywords: ArenaList<Keyword>, _ begin: Int, _ end: Int) throws(Abort) {
    let count = end - begin
    let big = count * 2 > Compiler.stackUseGuideline
    func key(_ index: Int) -> Constant { .str(names[keywords[index].arg ?? known.empty]) }
    if count > 1 && !big {
      for index in begin..<end { try expression(keywords[index].value) }
      load(tuple: (begin..<end).map(key))
      emit(.buildConstKeyMap, count)
      return
    }
    if big { emitWithoutLine(.buildMap, 0) }
    for index in begin..<end {
      load(key(index))
      try expression(keywords[index].value)
      if big { emitWithoutLine(.mapAdd, 1) }
    }
    if !big { emit(.buildMap, count) }
  }
}
