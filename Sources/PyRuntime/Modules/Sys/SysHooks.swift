import Glibc

/// Hooks that programs may replace: displayhook, excepthook, unraisablehook, breakpointhook; tracing; asynchronous generators.
enum SysHooks {
  static func declare(_ m: ModuleBuilder) {
    m.function("displayhook", "($module, object, /)", "Prints a value and keeps it in builtins._.", displayHook)
    m.function("excepthook", "($module, exctype, value, traceback, /)", "Prints an exception and its traceback.", exceptHook)
    m.function("unraisablehook", "($module, unraisable, /)", "Prints an exception that nobody can catch.", unraisableHook)
    m.function("breakpointhook", nil, "breakpointhook(*args, **kws)\n\nWhat breakpoint() calls.", breakpointHook)
    for (original, name): (StaticString, StaticString) in [
      ("__displayhook__", "displayhook"), ("__excepthook__", "excepthook"), ("__unraisablehook__", "unraisablehook"),
      ("__breakpointhook__", "breakpointhook"),
    ] { m.value(original, Dicts.get(m.vm, m.dict, name)) }
    m.function("settrace", "($module, function, /)", "Sets the function that is told of each line, call and return.") { (vm, _, f) in
      Tracing.setTrace(vm, f.isNone ? .null : f)
      return .none
    }
    m.function("gettrace", "($module, /)", "The function that settrace set.") { (vm, _) in
      vm.thread.pointee.traceFunction.isNull ? .none : vm.thread.pointee.traceFunction
    }
    m.function("setprofile", "($module, function, /)", "Sets the function that is told of each call and return.") { (vm, _, f) in
      Tracing.setProfile(vm, f.isNone ? .null : f)
      return .none
    }
    m.function("getprofile", "($module, /)", "The function that setprofile set.") { (vm, _) in
      vm.thread.pointee.profileFunction.isNull ? .none : vm.thread.pointee.profileFunction
    }
    m.function("get_asyncgen_hooks", "($module, /)", "(firstiter, finalizer) of asynchronous generators.", getAsyncGenHooks)
    m.function(
      "set_asyncgen_hooks", "($module, firstiter=<unrepresentable>, finalizer=<unrepresentable>)",
      "Sets the hooks of asynchronous generators.", setAsyncGenHooks)
    m.function("get_coroutine_origin_tracking_depth", "($module, /)", "Frames kept of where coroutines are made.") { (vm, _) in
      Value(smallInt: vm.thread.pointee.coroutineOriginDepth)
    }
    m.function("set_coroutine_origin_tracking_depth", "($module, depth)", "Sets how many frames are kept.") {
      (vm, _, args: Args) throws(Raised) in
      let n = try vm.asInt(args[0])
      if n < 0 { throw vm.raise(.valueError, "depth must be >= 0") }
      vm.thread.pointee.coroutineOriginDepth = n
      return .none
    }
  }

  private static func displayHook(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    if v.isNone { return .none }
    let builtins = rt.pointee.builtins
    try Dicts.set(vm, builtins, "_", .none)
    let out = Dicts.get(vm, rt.pointee.sysDict, "stdout")
    if out.isNull || out.isNone { throw vm.raise(.runtimeError, "lost sys.stdout") }
    let text = try vm.repr(v)
    do throws(Raised) { _ = try vm.callMethod(out, "write", text) } catch {
      if !vm.pendingIs(.unicodeEncodeError) { throw error }
      vm.clearPending()
      let encoding = try vm.getAttribute(out, "encoding")
      let bytes = try vm.callMethod(text, "encode", encoding, try vm.intern("backslashreplace"))
      _ = try vm.callMethod(out, "write", try vm.callMethod(bytes, "decode", encoding))
    }
    _ = try vm.callMethod(out, "write", try vm.intern("\n"))
    try Dicts.set(vm, builtins, "_", v)
    return .none
  }

  private static func exceptHook(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    var e = args[1]
    if !e.isExceptionInstance {
      guard args[0].isExceptionClass else {
        try TracebackPrinter.write(vm, "TypeError: print_exception(): Exception expected for value, \(e.typeName) found\n")
        return .none
      }
      e = try vm.call(args[0], e)
    }
    if args[2].isExact(rt.types.traceback) { e.as(ExceptionLayout.self).pointee.traceback = args[2] }
    try TracebackPrinter.printToStderr(vm, e)
    return .none
  }

  private static func unraisableHook(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    guard let known = SysInfo.unraisable, v.isInstance(of: known.type) else {
      throw vm.raise(.typeError, "sys.unraisablehook argument type must be UnraisableHookArgs")
    }
    let kind = try vm.getAttribute(v, "exc_type")
    let e = try vm.getAttribute(v, "exc_value")
    let message = try vm.getAttribute(v, "err_msg")
    let object = try vm.getAttribute(v, "object")
    var heading = ""
    if !object.isNone {
      heading = "\(message.isNone ? "Exception ignored in" : message.swiftString): \(vm.reprText(object))\n"
    } else if !message.isNone {
      heading = message.swiftString + ":\n"
    }
    try TracebackPrinter.write(vm, heading)
    if e.isExceptionInstance {
      try TracebackPrinter.printToStderr(vm, e)
    } else if kind.isType {
      try TracebackPrinter.write(vm, kind.asType.nameForMessages + "\n")
    }
    return .none
  }

  private static func breakpointHook(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let setting = rt.pointee.flags.ignoreEnvironment ? nil : getenv("PYTHONBREAKPOINT").map { String(cString: $0) }
    if setting == "0" { return .none }
    let target = setting.flatMap { $0.isEmpty ? nil : $0 } ?? "pdb.set_trace"
    let module: String, name: String
    if let dot = target.lastIndex(of: ".") {
      module = String(target[..<dot])
      name = String(target[target.index(after: dot)...])
    } else {
      module = "builtins"
      name = target
    }
    let hook: Value
    do throws(Raised) {
      hook = try vm.getAttribute(try Imports.findOrLoad(vm, try vm.intern(try vm.str(module))), try vm.intern(try vm.str(name)))
    } catch {
      if !vm.pendingIs(.importError) && !vm.pendingIs(.attributeError) { throw error }
      vm.clearPending()
      try vm.warn(.runtimeWarning, "Ignoring unimportable $PYTHONBREAKPOINT: \"\(target)\"")
      return .none
    }
    return try vm.call(hook, args)
  }

  private static func getAsyncGenHooks(_ vm: VM, _ m: Value) throws(Raised) -> Value {
    let t = vm.thread.pointee
    let s = try hooksType(vm)
    let v = try s.make(vm)
    if !t.asyncGenFirstIter.isNull { v.as(TupleLayout.self).items[0] = t.asyncGenFirstIter }
    if !t.asyncGenFinalizer.isNull { v.as(TupleLayout.self).items[1] = t.asyncGenFinalizer }
    return v
  }
  nonisolated(unsafe) private static var asyncGenHooks: StructSequence?
  private static func hooksType(_ vm: VM) throws(Raised) -> StructSequence {
    if let t = asyncGenHooks { return t }
    let t = try StructSequence.makeType(
      vm, "asyncgen_hooks", module: try vm.importModule("sys"), doc: "Hooks of asynchronous generators.",
      names: ["firstiter", "finalizer"], visible: 2, instantiable: false)
    asyncGenHooks = t
    return t
  }

  private static func setAsyncGenHooks(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    for (i, name) in ["firstiter", "finalizer"].enumerated() where !args[i].isNull && !args[i].isNone {
      if args[i].type.pointee.slots.call == nil {
        throw vm.raise(.typeError, "callable \(name) expected, got \(args[i].typeName)")
      }
    }
    if !args[1].isNull { vm.thread.pointee.asyncGenFinalizer = args[1].isNone ? .null : args[1] }
    if !args[0].isNull { vm.thread.pointee.asyncGenFirstIter = args[0].isNone ? .null : args[0] }
    return .none
  }
}
