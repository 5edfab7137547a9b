import PyBytecode
import PySyntax

/// Functions, lambdas, classes and comprehensions: everything with a code object of its own.
extension Compiler {
  /// Flags of `MAKE_FUNCTION`: what lies on the stack below the code.
  private static let hasDefaults = 1
  private static let hasKeywordDefaults = 2
  private static let hasAnnotations = 4
  private static let hasClosure = 8

  func function(_ f: Ref<FunctionDefinition>, _ s: Ref<Stmt>, isAsync: Bool) throws(Abort) {
    let args = f.pointee.args
    try rejectForbidden(args)
    let decorators = f.pointee.decorator_list
    try expressions(decorators)
    let firstLine = decorators.count > 0 ? decorators[0].span.lineno : s.span.lineno
    var flags = try defaults(args)
    if try annotations(args, f.pointee.returns) { flags |= Compiler.hasAnnotations }

    enter(isAsync ? .asyncFunction : .function, f.pointee.name, scope: try scope(of: UnsafeRawPointer(f.pointer)), line: firstLine)
    let body = f.pointee.body
    let text = options.optimize < 2 ? docstring(of: body) : nil
    _ = unit.constants.add(text ?? .none)
    countArguments(args)
    for index in (text == nil ? 0 : 1)..<max(body.count, text == nil ? 0 : 1) { try statement(body[index]) }
    let code = try assemble(returnsNone: true)
    leave()
    makeFunction(code, flags)
    applyDecorators(decorators)
    try name(f.pointee.name, .Store)
  }

  private func scope(of node: UnsafeRawPointer) throws(Abort) -> Int32 {
    let scope = table.scope(of: node)
    if scope < 0 {
      failure = .systemError("no symbols for a scope")
      throw Abort()
    }
    return scope
  }

  private func countArguments(_ args: Ref<Arguments>) {
    unit.argumentCount = Int32(truncatingIfNeeded: args.pointee.args.count)
    unit.positionalOnlyCount = Int32(truncatingIfNeeded: args.pointee.posonlyargs.count)
    unit.keywordOnlyCount = Int32(truncatingIfNeeded: args.pointee.kwonlyargs.count)
  }

  private func rejectForbidden(_ args: Ref<Arguments>) throws(Abort) {
    func check(_ list: ArenaList<Arg>) throws(Abort) {
      for index in 0..<list.count { try rejectForbidden(list[index].arg, .Store) }
    }
    try check(args.pointee.posonlyargs)
    try check(args.pointee.args)
    if let vararg = args.pointee.vararg { try rejectForbidden(vararg.pointee.arg, .Store) }
    try check(args.pointee.kwonlyargs)
    if let kwarg = args.pointee.kwarg { try rejectForbidden(kwarg.pointee.arg, .Store) }
  }

  private func applyDecorators(_ decorators: ArenaList<Ref<Expr>>) {
    let outer = unit.location
    for index in stride(from: decorators.count - 1, through: 0, by: -1) {
      at(decorators[index].span)
      emit(.precall, 0)
      emit(.call, 0)
    }
    unit.location = outer
  }

  private func defaults(_ args: Ref<Arguments>) throws(Abort) -> Int {
    var flags = 0
    let positional = args.pointee.defaults
    if positional.count > 0 {
      try expressions(positional)
      emit(.buildTuple, positional.count)
      flags |= Compiler.hasDefaults
    }
    var keys: [Constant] = []
    let keyword = args.pointee.kw_defaults
    for index in 0..<min(keyword.count, args.pointee.kwonlyargs.count) {
      guard let value = keyword[index] else { continue }
      keys.append(.str(names[mangle(args.pointee.kwonlyargs[index].arg, in: unit.privateName, names)]))
      try expression(value)
    }
    if !keys.isEmpty {
      load(tuple: keys)
      emit(.buildConstKeyMap, keys.count)
      flags |= Compiler.hasKeywordDefaults
    }
    return flags
  }

  private func annotations(_ args: Ref<Arguments>, _ returns: Ref<Expr>?) throws(Abort) -> Bool {
    var count = 0
    func annotate(_ name: Name, _ annotation: Ref<Expr>?) throws(Abort) {
      guard let annotation else { return }
      load(text: mangle(name, in: unit.privateName, names))
      if futureAnnotations {
        try load(unparsed: annotation)
      } else if case .Starred(let value, _) = annotation.pointee.node {
        // `*args: *Ts` is one value, the only member of `*Ts`.
        try expression(value)
        emit(.unpackSequence, 1)
      } else {
        try expression(annotation)
      }
      count += 2
    }
    func annotate(_ list: ArenaList<Arg>) throws(Abort) {
      for index in 0..<list.count { try annotate(list[index].arg, list[index].annotation) }
    }
    try annotate(args.pointee.args)
    try annotate(args.pointee.posonlyargs)
    if let vararg = args.pointee.vararg { try annotate(vararg.pointee.arg, vararg.pointee.annotation) }
    try annotate(args.pointee.kwonlyargs)
    if let kwarg = args.pointee.kwarg { try annotate(kwarg.pointee.arg, kwarg.pointee.annotation) }
    try annotate(known.returnName, returns)
    if count == 0 { return false }
    emit(.buildTuple, count)
    return true
  }

  /// Makes a function of a finished code object, with the cells that it needs.
  private func makeFunction(_ code: CodeBlueprint, _ flags: Int) {
    var flags = flags
    let frees = lastFrees
    if frees.count > 0 {
      for free in frees {
        let symbol = table.find(unit.scope, free)
        // `__class__` is a cell of the class body although the body itself does not know the name.
        if unit.kind == .classBody && free == known.classCell {
          emit(.loadClosure, 0)
        } else {
          emit(.loadClosure, symbol >= 0 ? table.symbols[symbol].cellSlot : 0)
        }
      }
      flags |= Compiler.hasClosure
      emit(.buildTuple, frees.count)
    }
    finished.append(code)
    emit(.loadConst, unit.constants.add(code: Int32(truncatingIfNeeded: finished.count - 1), among: finished))
    emit(.makeFunction, flags)
  }

  func lambda(_ e: Ref<Expr>, _ args: Ref<Arguments>, _ body: Ref<Expr>) throws(Abort) {
    try rejectForbidden(args)
    let flags = try defaults(args)
    enter(.lambda, known.lambda, scope: try scope(of: UnsafeRawPointer(e.pointer)), line: e.span.lineno)
    // A lambda has no docstring: the first constant must not look like one.
    _ = unit.constants.add(.none)
    countArguments(args)
    try expression(body)
    if !table.scopes[unit.scope].isGenerator { emit(.returnValue) }
    let code = try assemble(returnsNone: !table.scopes[unit.scope].isGenerator)
    leave()
    makeFunction(code, flags)
  }

  func classDefinition(_ c: Ref<ClassDefinition>, _ s: Ref<Stmt>) throws(Abort) {
    let decorators = c.pointee.decorator_list
    try expressions(decorators)
    let firstLine = decorators.count > 0 ? decorators[0].span.lineno : s.span.lineno
    enter(.classBody, c.pointee.name, scope: try scope(of: UnsafeRawPointer(c.pointer)), line: firstLine)
    unit.privateName = c.pointee.name
    try name(known.name, .Load)
    try name(known.module, .Store)
    load(.str(arena.bytes(unit.qualifiedName)))
    try name(known.qualname, .Store)
    try body(c.pointee.body)
    atNoLine()
    if table.scopes[unit.scope].needsClassCell {
      emit(.loadClosure, 0)
      emit(.copy, 1)
      try name(known.classcell, .Store)
    } else {
      load(.none)
    }
    emit(.returnValue)
    let code = try assemble(returnsNone: true)
    leave()
    emit(.pushNull)
    emit(.loadBuildClass)
    makeFunction(code, 0)
    load(text: c.pointee.name)
    try finishCall(2, c.pointee.bases, c.pointee.keywords)
    applyDecorators(decorators)
    try name(c.pointee.name, .Store)
  }

  // MARK: Comprehensions

  func comprehension(
    _ e: Ref<Expr>, _ kind: ComprehensionKind, _ name: Name, _ generators: ArenaList<Comprehension>, _ elt: Ref<Expr>, _ value: Ref<Expr>?
  ) throws(Abort) {
    guard generators.count > 0 else { return }
    let outerKind = unit.kind
    let topLevelAwait = isTopLevelAwait
    enter(.comprehension, name, scope: try scope(of: UnsafeRawPointer(e.pointer)), line: e.span.lineno)
    at(e.span)
    let isAsync = table.scopes[unit.scope].isCoroutine
    if isAsync && kind != .generator && outerKind != .asyncFunction && outerKind != .comprehension && !topLevelAwait {
      throw fail("asynchronous comprehension outside of an asynchronous function")
    }
    switch kind {
    case .list: emit(.buildList, 0)
    case .set: emit(.buildSet, 0)
    case .dict: emit(.buildMap, 0)
    default: break
    }
    try generator(generators, 0, 0, elt, value, kind)
    if kind != .generator { emit(.returnValue) }
    let code = try assemble(returnsNone: true)
    leave()
    if topLevelAwait && isAsync { table.scopes[unit.scope].isCoroutine = true }
    makeFunction(code, 0)
    try expression(generators[0].iter)
    emit(generators[0].is_async ? .getAiter : .getIter)
    emit(.precall, 0)
    emit(.call, 0)
    if isAsync && kind != .generator {
      emit(.getAwaitable, 0)
      load(.none)
      yieldFrom(awaiting: true)
    }
  }

  private func generator(
    _ generators: ArenaList<Comprehension>, _ index: Int, _ depth: Int, _ elt: Ref<Expr>, _ value: Ref<Expr>?, _ kind: ComprehensionKind
  ) throws(Abort) {
    if generators[index].is_async {
      try asyncGenerator(generators, index, depth, elt, value, kind)
    } else {
      try syncGenerator(generators, index, depth, elt, value, kind)
    }
  }

  private func syncGenerator(
    _ generators: ArenaList<Comprehension>, _ index: Int, _ outerDepth: Int, _ elt: Ref<Expr>, _ value: Ref<Expr>?,
    _ kind: ComprehensionKind
  ) throws(Abort) {
    let start = newBlock()
    let ifCleanup = newBlock()
    let anchor = newBlock()
    let current = generators[index]
    var depth = outerDepth
    var loops = true
    if index == 0 {
      unit.argumentCount = 1
      emit(.loadFast, 0)
    } else {
      // `for x in [value]` is an assignment.
      var single: Ref<Expr>?
      switch current.iter.pointee.node {
      case .List(let elts, _), .Tuple(let elts, _):
        if elts.count == 1 {
          if case .Starred = elts[0].pointee.node {} else { single = elts[0] }
        }
      default: break
      }
      if let single {
        try expression(single)
        loops = false
      } else {
        try expression(current.iter)
        emit(.getIter)
      }
    }
    if loops {
      depth += 1
      use(start)
      emit(.forIter, to: anchor)
    }
    try expression(current.target)
    for position in 0..<current.ifs.count { try jump(on: current.ifs[position], to: ifCleanup, when: false) }
    if index + 1 < generators.count {
      try generator(generators, index + 1, depth, elt, value, kind)
    } else {
      try element(depth, elt, value, kind)
    }
    use(ifCleanup)
    if loops {
      emit(.jump, to: start)
      use(anchor)
    }
  }

  private func asyncGenerator(
    _ generators: ArenaList<Comprehension>, _ index: Int, _ outerDepth: Int, _ elt: Ref<Expr>, _ value: Ref<Expr>?,
    _ kind: ComprehensionKind
  ) throws(Abort) {
    let start = newBlock()
    let except = newBlock()
    let ifCleanup = newBlock()
    let current = generators[index]
    if index == 0 {
      unit.argumentCount = 1
      emit(.loadFast, 0)
    } else {
      try expression(current.iter)
      emit(.getAiter)
    }
    use(start)
    try push(.asyncComprehension, start)
    emit(.setupFinally, to: except)
    emit(.getAnext)
    load(.none)
    yieldFrom(awaiting: true)
    emit(.popBlock)
    try expression(current.target)
    for position in 0..<current.ifs.count { try jump(on: current.ifs[position], to: ifCleanup, when: false) }
    let depth = outerDepth + 1
    if index + 1 < generators.count {
      try generator(generators, index + 1, depth, elt, value, kind)
    } else {
      try element(depth, elt, value, kind)
    }
    use(ifCleanup)
    emit(.jump, to: start)
    pop()
    use(except)
    emit(.endAsyncFor)
  }

  private func element(_ depth: Int, _ elt: Ref<Expr>, _ value: Ref<Expr>?, _ kind: ComprehensionKind) throws(Abort) {
    try expression(elt)
    switch kind {
    case .list: emit(.listAppend, depth + 1)
    case .set: emit(.setAdd, depth + 1)
    case .dict:
      if let value { try expression(value) }
      emit(.mapAdd, depth + 1)
    case .generator, .none:
      emitYield()
      emit(.popTop)
    }
  }
}
