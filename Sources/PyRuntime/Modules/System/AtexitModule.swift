/// `atexit`
enum AtexitModule {
  /// list of (function, args, kwargs or None), oldest first; None in the place of one that was unregistered
  nonisolated(unsafe) private static var functions = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Functions to run when the interpreter goes down.")
    functions = try m.vm.list()
    Shutdown.functions.append { vm in run(vm) }
    m.function("register", nil, "register(func, *args, **kwargs)\n\nRegisters a function; answers it.") {
      (vm, _, args: Args) throws(Raised) in
      guard args.count > 0 else { throw vm.raise(.typeError, "register() takes at least 1 argument (0 given)") }
      if args[0].type.pointee.slots.call == nil { throw vm.raise(.typeError, "the first argument must be callable") }
      var keywords = Value.none
      if args.keywordCount > 0 {
        keywords = try vm.dict()
        for i in 0..<args.keywordCount { try Dicts.set(vm, keywords, args.keywordName(i), args.keywordValue(i)) }
      }
      try vm.append(functions, try vm.tuple(args[0], try vm.tuple(copying: args.base + 1, count: args.count - 1), keywords))
      return args[0]
    }
    m.function("unregister", "($module, func, /)", "Forgets a function.") { (vm, _, f) throws(Raised) in
      var i = 0
      while let entry = AtexitModule.entry(i) {
        // Comparing may run Python code, which may register and unregister.
        if entry.isTuple, try vm.equal(entry.as(TupleLayout.self).items[0], f), AtexitModule.entry(i) == entry {
          functions.as(ListLayout.self).pointee.items?[i] = .none
        }
        i += 1
      }
      return .none
    }
    m.function("_clear", "($module, /)", "Forgets all functions.") { (vm, _) throws(Raised) in
      functions = try vm.list()
      return .none
    }
    m.function("_ncallbacks", "($module, /)", "How many functions were registered, those unregistered since among them.") { (_, _) in
      Value(smallInt: functions.as(ListLayout.self).pointee.count)
    }
    m.function("_run_exitfuncs", "($module, /)", "Runs the functions now.") { (vm, _) in
      run(vm)
      return .none
    }
  }

  private static func entry(_ i: Int) -> Value? {
    let list = functions.as(ListLayout.self)
    return i < list.pointee.count ? list.pointee.items?[i] : nil
  }

  /// Runs those registered so far, the last first. What they register comes too late.
  private static func run(_ vm: VM) {
    var i = functions.as(ListLayout.self).pointee.count
    while i > 0 {
      i -= 1
      guard let value = entry(i), value.isTuple else { continue }
      let entry = value.as(TupleLayout.self)
      do throws(Raised) {
        _ = try vm.call(entry.items[0], tuple: entry.items[1], dict: entry.items[2].isNone ? .null : entry.items[2])
      } catch { vm.writeUnraisable("Exception ignored in atexit callback", entry.items[0]) }
    }
    functions.as(ListLayout.self).pointee.count = 0
  }
}
