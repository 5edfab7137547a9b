import Glibc

/// Functions of `sys` that ask or tell the VM something.
enum SysFunctions {
  static func declare(_ m: ModuleBuilder) throws(Raised) {
    m.function("intern", "($module, string, /)", "The one shared copy of a str.", intern)
    m.function("exit", "($module, status=None, /)", "Leaves the interpreter by raising SystemExit(status).", exit)
    m.function("exc_info", "($module, /)", "(type, value, traceback) of the exception being handled.", excInfo)
    m.function("exception", "($module, /)", "The exception being handled, or None.") { (vm, _) in
      let e = vm.handledException()
      return e.isNull ? .none : e
    }
    m.function("getrecursionlimit", "($module, /)", "How deep calls may nest.") { (_, _) in Value(smallInt: rt.pointee.recursionLimit) }
    m.function("setrecursionlimit", "($module, limit, /)", "Sets how deep calls may nest.", setRecursionLimit)
    m.function("getdefaultencoding", "($module, /)", "The encoding of str.encode() without one.") { (vm, _) throws(Raised) in
      try vm.intern("utf-8")
    }
    m.function("getfilesystemencoding", "($module, /)", "The encoding of file names.") { (vm, _) throws(Raised) in try vm.intern("utf-8") }
    m.function("getfilesystemencodeerrors", "($module, /)", "The error handler for file names.") { (vm, _) throws(Raised) in
      try vm.intern("surrogateescape")
    }
    m.function("getsizeof", "($module, object, default=<unrepresentable>)", "Size of an object in bytes.", getSizeOf)
    m.function("getrefcount", "($module, object, /)", "A plausible number: this VM does not count references.") { (_, _, _: Value) in
      Value(smallInt: 3)
    }
    m.function("_getframe", "($module, depth=0, /)", "A frame of the call stack.", getFrame)
    m.function("_current_frames", "($module, /)", "The innermost frame of each thread.", currentFrames)
    m.function("_current_exceptions", "($module, /)", "What each thread is handling: (type, value, traceback).", currentExceptions)
    m.function("get_int_max_str_digits", "($module, /)", "Digits allowed between int and str.") { (_, _) in
      Value(smallInt: rt.pointee.flags.intMaxStrDigits)
    }
    m.function("set_int_max_str_digits", "($module, maxdigits)", "Sets how many digits are allowed between int and str.", setMaxDigits)
    m.function("getswitchinterval", "($module, /)", "Seconds between thread switches.") { (_, _) in Value(rt.pointee.switchInterval) }
    m.function("setswitchinterval", "($module, interval, /)", "Sets the seconds between thread switches.", setSwitchInterval)
    m.function("is_finalizing", "($module, /)", "Whether the interpreter is going down.") { (_, _) in .bool(rt.pointee.isFinalizing) }
    m.function("_clear_type_cache", "($module, /)", "Has nothing to clear that would grow stale.") { (_, _) in .none }
    m.function("_debugmallocstats", "($module, /)", "Prints nothing.") { (_, _) in .none }
    m.function("_getquickenedcount", "($module, /)", "Always 0.") { (_, _) in Value(smallInt: 0) }
    m.function("getallocatedblocks", "($module, /)", "Heap blocks in use.") { (_, _) in
      Value(smallInt: rt.heapPointer.pointee.blockBytes >> HeapGeometry.blockShift)
    }
    m.function("getdlopenflags", "($module, /)", "Flags for loading extension modules.") { (_, _) in Value(smallInt: dlopenFlags) }
    m.function("setdlopenflags", "($module, flags, /)", "Remembered, and not used: libpython opens its modules itself.") {
      (vm, _, v) throws(Raised) in
      dlopenFlags = try vm.asInt(v)
      return .none
    }
    m.function("call_tracing", "($module, func, args, /)", "Calls func(*args).") { (vm, _, args: Args) throws(Raised) in
      guard args[1].isTuple else { throw vm.raise(.typeError, "call_tracing() argument 2 must be tuple, not \(args[1].argumentTypeName)") }
      return try Tracing.callTracing(vm, args[0], args[1])
    }
    m.function("addaudithook", "($module, hook)", "Adds a function that audited events are told to.", addAuditHook)
    m.function("audit", nil, "audit(event, *args)\n\nTells the audit hooks of an event.", audit)
  }

  nonisolated(unsafe) private static var dlopenFlags = Int(RTLD_NOW)

  private static func intern(_ vm: VM, _ m: Value, _ s: Value) throws(Raised) -> Value {
    guard s.isStr else { throw vm.raise(.typeError, "intern() argument must be str, not \(s.argumentTypeName)") }
    guard s.isExactStr else { throw vm.raise(.typeError, "can't intern \(s.typeName)") }
    return try vm.internName(s)
  }

  private static func exit(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let status = args[0]
    if status.isNull || status.isNone { throw vm.raise(try vm.call(Value(rt.types[.systemExit]))) }
    if status.isExact(rt.types.tuple) { throw vm.raise(try vm.call(Value(rt.types[.systemExit]), tuple: status)) }
    throw vm.raise(.systemExit, value: status)
  }

  private static func excInfo(_ vm: VM, _ m: Value) throws(Raised) -> Value {
    let e = vm.handledException()
    if e.isNull { return try vm.tuple(.none, .none, .none) }
    let tb = e.as(ExceptionLayout.self).pointee.traceback
    return try vm.tuple(Value(e.type), e, tb.isNull ? .none : tb)
  }

  private static func setRecursionLimit(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    let i = try vm.index(v)
    guard i.isSmallInt, let limit = Int32(exactly: i.smallInt) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    let n = Int(limit)
    if n < 1 { throw vm.raise(.valueError, "recursion limit must be greater or equal than 1") }
    if vm.thread.pointee.recursionDepth >= n {
      throw vm.raise(
        .recursionError,
        "cannot set the recursion limit to \(n) at the recursion depth \(vm.thread.pointee.recursionDepth): the limit is too low")
    }
    rt.pointee.recursionLimit = n
    return .none
  }

  private static func getSizeOf(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let method = try vm.lookupSpecial(args[0], rt.names.__sizeof__)
    if method.isNull {
      if !args[1].isNull { return args[1] }
      throw vm.raise(.typeError, "Type \(args[0].typeName) doesn't define __sizeof__")
    }
    return try vm.call(method)
  }

  private static func getFrame(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    var depth = args[0].isNull ? 0 : try vm.asInt(args[0])
    var frame = vm.thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    while depth > 0, let f = frame {
      frame = f.frameCaller
      depth -= 1
    }
    guard let frame else { throw vm.raise(.valueError, "call stack is not deep enough") }
    return try FrameObjects.object(vm, frame)
  }

  private static func currentFrames(_ vm: VM, _ m: Value) throws(Raised) -> Value {
    let result = try vm.dict()
    var thread = rt.threads
    while let t = thread {
      if let frame = t.pointee.frame {
        try Dicts.set(
          vm, result, try Ints.make(vm, unsigned: UInt64(t.pointee.id)),
          try FrameObjects.object(vm, frame.assumingMemoryBound(to: Value.self)))
      }
      thread = t.pointee.next
    }
    return result
  }

  private static func currentExceptions(_ vm: VM, _ m: Value) throws(Raised) -> Value {
    let result = try vm.dict()
    var thread = rt.threads
    while let t = thread {
      let e = t == vm.thread ? vm.handledException() : t.pointee.handled
      var facts = try vm.tuple(.none, .none, .none)
      if e.isExceptionInstance {
        let traceback = e.as(ExceptionLayout.self).pointee.traceback
        facts = try vm.tuple(Value(e.type), e, traceback.isNull ? .none : traceback)
      }
      try Dicts.set(vm, result, try Ints.make(vm, unsigned: UInt64(t.pointee.id)), facts)
      thread = t.pointee.next
    }
    return result
  }

  private static func setMaxDigits(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let n = Int(try PosixArgs.int32(vm, args[0]))
    if n != 0 && n < 640 { throw vm.raise(.valueError, "maxdigits must be 0 or larger than 640") }
    rt.pointee.flags.intMaxStrDigits = n
    return .none
  }

  private static func setSwitchInterval(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    let seconds = try vm.asDouble(v)
    if !(seconds > 0) { throw vm.raise(.valueError, "switch interval must be strictly positive") }
    rt.pointee.switchInterval = seconds
    return .none
  }

  private static func addAuditHook(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if rt.pointee.auditHooks.isNull { rt.pointee.auditHooks = try vm.list() }
    try vm.append(rt.pointee.auditHooks, args[0])
    return .none
  }

  private static func audit(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    guard args.count > 0 else { throw vm.raise(.typeError, "audit() missing 1 required positional argument: 'event'") }
    guard args[0].isStr else {
      throw vm.raise(.typeError, "expected str for argument 'event', not \(args[0].typeName)")
    }
    let hooks = rt.pointee.auditHooks
    if hooks.isNull { return .none }
    let rest = try vm.tuple(copying: args.base + 1, count: args.count - 1)
    let event = args[0]
    try vm.forEach(hooks) { (hook) throws(Raised) in _ = try vm.call(hook, event, rest) }
    return .none
  }
}
