/// `atexit`
enum AtexitModule {
  /// list of (function, args, kwargs or None), oldest first
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
      let kept = try vm.list()
      let all = try vm.tuple(from: functions).as(TupleLayout.self)
      for i in 0..<all.pointee.count where !(try vm.equal(all.items[i].as(TupleLayout.self).items[0], f)) {
        try vm.append(kept, all.items[i])
      }
      functions = kept
      return .none
    }
    m.function("_clear", "($module, /)", "Forgets all functions.") { (vm, _) throws(Raised) in
      functions = try vm.list()
      return .none
    }
    m.function("_ncallbacks", "($module, /)", "How many functions are registered.") { (_, _) in
      Value(smallInt: functions.as(ListLayout.self).pointee.count)
    }
    m.function("_run_exitfuncs", "($module, /)", "Runs the functions now.") { (vm, _) in
      run(vm)
      return .none
    }
  }

  private static func run(_ vm: VM) {
    while functions.as(ListLayout.self).pointee.count > 0, let items = functions.as(ListLayout.self).pointee.items {
      let l = functions.as(ListLayout.self)
      l.pointee.count -= 1
      let entry = items[l.pointee.count].as(TupleLayout.self)
      do throws(Raised) {
        _ = try vm.call(entry.items[0], tuple: entry.items[1], dict: entry.items[2].isNone ? .null : entry.items[2])
      } catch { vm.writeUnraisable("Exception ignored in atexit callback", entry.items[0]) }
    }
  }
}
