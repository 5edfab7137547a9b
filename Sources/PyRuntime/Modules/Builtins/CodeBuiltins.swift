/// `compile`, `exec`, `eval`, `globals`, `locals`, `__import__`.
enum CodeBuiltins {
  static func declare(_ b: ModuleBuilder) {
    b.function(
      "compile",
      "($module, /, source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
      "Compile source into a code object that can be executed by exec() or eval().", compile)
    b.function(
      "exec", "($module, source, globals=None, locals=None, /, *, closure=None)",
      "Execute the given source in the context of globals and locals.", exec)
    b.function(
      "eval", "($module, source, globals=None, locals=None, /)",
      "Evaluate the given source in the context of globals and locals.", eval)
    b.function("globals", "($module, /)", "The dictionary containing the current scope's global variables.", globals)
    b.function("locals", "($module, /)", "A dictionary containing the current scope's local variables.", locals)
    b.function(
      "__import__", "($module, /, name, globals=None, locals=None, fromlist=(), level=0)", "Import a module.", importName)
  }

  /// CO_FUTURE_* bits, which nested compilations inherit.
  static let futureMask: Int32 = 0x1FE_0000
  private static let onlyAST: Int32 = 0x400
  private static let ignoreCookie: Int32 = 0x800
  /// PyCF_* bits that `compile` takes besides.
  private static let acceptedMask: Int32 = 0x1FE_0000 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000 | 0x10

  /// Future features of the calling code.
  private static func inheritedFlags(_ vm: VM) -> Int32 {
    guard let frame = vm.thread.pointee.frame else { return 0 }
    return frame.assumingMemoryBound(to: Value.self).frameCode.pointee.flags & futureMask
  }

  /// Bytes of source text and the flags that say how they are encoded.
  static func sourceBytes(
    _ vm: VM, _ source: Value, _ function: String, _ what: String, _ flags: inout Int32
  ) throws(Raised) -> [UInt8] {
    var bytes: [UInt8]
    if source.isStr {
      flags |= ignoreCookie
      let encoded = try vm.callMethod(source, "encode")
      bytes = Array(encoded.as(BytesLayout.self).buffer)
    } else {
      do throws(Raised) {
        var view = try vm.buffer(of: source, .simple)
        bytes = Array(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
        vm.release(&view)
      } catch {
        if !vm.pendingIs(.typeError) { throw error }
        vm.clearPending()
        throw vm.raise(.typeError, "\(function)() arg 1 must be a \(what) object")
      }
    }
    if bytes.contains(0) { throw vm.raise(.valueError, "source code string cannot contain null bytes") }
    return bytes
  }

  static func fileName(_ vm: VM, _ v: Value) throws(Raised) -> [UInt8] {
    let name = try fileNameBytes(vm, v)
    if name.contains(0) { throw vm.raise(.valueError, "embedded null character") }
    return name
  }

  private static func fileNameBytes(_ vm: VM, _ v: Value) throws(Raised) -> [UInt8] {
    if v.isStr { return v.utf8Bytes }
    if v.isBytes { return Array(v.as(BytesLayout.self).buffer) }
    let path = try PathArg.fspath(vm, v)
    if !path.isNull { return path.isStr ? path.utf8Bytes : Array(path.as(BytesLayout.self).buffer) }
    var view: BufferView
    do throws(Raised) { view = try vm.buffer(of: v, .simple) } catch {
      if !vm.pendingIs(.typeError) { throw error }
      vm.clearPending()
      throw vm.raise(.typeError, "expected str, bytes or os.PathLike object, not \(TypeNames.short(v.type))")
    }
    let bytes = Array(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
    vm.release(&view)
    try vm.warn(.deprecationWarning, "path should be string, bytes, or os.PathLike, not \(v.typeName)")
    return bytes
  }

  private static func compile(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let filename = try fileName(vm, args[1])
    guard args[2].isStr else { throw vm.raise(.typeError, "compile() argument 'mode' must be str, not \(args[2].argumentTypeName)") }
    var flags = args[3].isNull ? 0 : try cInt(vm, args[3])
    if flags & ~acceptedMask != 0 { throw vm.raise(.valueError, "compile(): unrecognised flags") }
    let optimize = args[5].isNull ? -1 : try cInt(vm, args[5])
    if optimize < -1 || optimize > 2 { throw vm.raise(.valueError, "compile(): invalid optimize value") }
    if args[4].isNull ? true : try !vm.isTrue(args[4]) { flags |= inheritedFlags(vm) }
    let mode: CompileMode
    if Str.equal(args[2], "exec") {
      mode = .exec
    } else if Str.equal(args[2], "eval") {
      mode = .eval
    } else if Str.equal(args[2], "single") {
      mode = .single
    } else if Str.equal(args[2], "func_type") {
      if flags & onlyAST == 0 { throw vm.raise(.valueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST") }
      mode = .functionType
    } else {
      let extra = flags & onlyAST != 0 ? ", 'single' or 'func_type'" : " or 'single'"
      throw vm.raise(.valueError, "compile() mode must be 'exec', 'eval'\(extra)")
    }
    var request = CompileRequest(
      filename: filename, mode: mode, flags: flags, optimize: optimize < 0 ? rt.pointee.flags.optimize : optimize)
    // Only an AST may be asked for in an older language.
    if flags & onlyAST != 0, !args[6].isNull {
      let version = try cInt(vm, args[6])
      if version >= 0 { request.featureVersion = version }
    }
    if AstModule.isNode(args[0]) {
      return flags & onlyAST != 0 ? args[0] : try Compiling.compile(vm, tree: args[0], request)
    }
    let source = try sourceBytes(vm, args[0], "compile", "string, bytes or AST", &request.flags)
    if flags & onlyAST != 0 { return try Compiling.parse(vm, source: source, request) }
    return try Compiling.compile(vm, source: source, request)
  }

  private static func cInt(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    guard let wide = Ints.asInt64(try vm.index(v)), let narrow = Int32(exactly: wide) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    return narrow
  }

  /// Globals and locals of a call of `exec` or `eval`, with `__builtins__` in place.
  private static func scopes(
    _ vm: VM, _ function: String, _ givenGlobals: Value, _ givenLocals: Value
  ) throws(Raised) -> (Value, Value) {
    var globals = givenGlobals
    var locals = givenLocals
    if globals.isNull || globals.isNone {
      globals = vm.currentGlobals()
      if locals.isNull || locals.isNone { locals = try vm.currentLocals() }
      if globals.isNull || locals.isNull { throw vm.raise(.systemError, "globals and locals cannot be NULL") }
    } else if locals.isNull || locals.isNone {
      locals = globals
    }
    if function == "eval" {
      if !givenLocals.isNull && !givenLocals.isNone && locals.type.pointee.slots.subscripted == nil {
        throw vm.raise(.typeError, "locals must be a mapping")
      }
      guard globals.isDict else {
        throw vm.raise(
          .typeError,
          globals.type.pointee.slots.subscripted != nil && !globals.isList && !globals.isTuple
            ? "globals must be a real dict; try eval(expr, {}, mapping)" : "globals must be a dict")
      }
    } else {
      guard globals.isDict else {
        throw vm.raise(.typeError, "exec() globals must be a dict, not \(globals.typeName)")
      }
      if locals.type.pointee.slots.subscripted == nil {
        throw vm.raise(.typeError, "locals must be a mapping or None, not \(locals.typeName)")
      }
    }
    if Dicts.get(globals, str: rt.pointee.names.__builtins__).isNull {
      try Dicts.set(vm, globals, rt.pointee.names.__builtins__, vm.currentBuiltins())
    }
    return (globals, locals)
  }

  private static func exec(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let (globals, locals) = try scopes(vm, "exec", args[1], args[2])
    let closure = args[3].isNone ? Value.null : args[3]
    var code = args[0]
    if code.isExact(rt.pointee.types.code) {
      let frees = Int(code.as(CodeLayout.self).pointee.nfrees)
      if frees == 0 {
        if !closure.isNull { throw vm.raise(.typeError, "cannot use a closure with this code object") }
      } else {
        var fits = closure.isExact(rt.pointee.types.tuple) && closure.as(TupleLayout.self).pointee.count == frees
        if fits {
          let t = closure.as(TupleLayout.self)
          for i in 0..<frees where !t.items[i].isExact(rt.pointee.types.cell) { fits = false }
        }
        if !fits { throw vm.raise(.typeError, "code object requires a closure of exactly length \(frees)") }
      }
    } else {
      if !closure.isNull { throw vm.raise(.typeError, "closure argument requires a code object") }
      var flags = inheritedFlags(vm)
      let source = try sourceBytes(vm, code, "exec", "string, bytes or code", &flags)
      code = try StartSources.code(vm, source, flags)
      if code.isNull {
        code = try Compiling.compile(
          vm, source: source, filename: Array("<string>".utf8), mode: .exec, flags: flags, optimize: rt.pointee.flags.optimize)
      }
    }
    let function = try vm.function(code: code, globals: globals)
    if !closure.isNull { function.as(FunctionLayout.self).pointee.closure = closure }
    _ = try Evaluator.run(vm, function, namespace: locals)
    return .none
  }

  private static func eval(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let (globals, locals) = try scopes(vm, "eval", args[1], args[2])
    var code = args[0]
    if code.isExact(rt.pointee.types.code) {
      if code.as(CodeLayout.self).pointee.nfrees > 0 {
        throw vm.raise(.typeError, "code object passed to eval() may not contain free variables")
      }
    } else {
      var flags = inheritedFlags(vm)
      var source = try sourceBytes(vm, code, "eval", "string, bytes or code", &flags)
      let blanks = source.prefix { $0 == 0x20 || $0 == 0x09 }.count
      source.removeFirst(blanks)
      code = try Compiling.compile(
        vm, source: source, filename: Array("<string>".utf8), mode: .eval, flags: flags, optimize: rt.pointee.flags.optimize)
    }
    return try vm.run(code: code, globals: globals, locals: locals)
  }

  private static func globals(_ vm: VM, _ m: Value) throws(Raised) -> Value {
    let g = vm.currentGlobals()
    return g.isNull ? .none : g
  }
  private static func locals(_ vm: VM, _ m: Value) throws(Raised) -> Value {
    let l = try vm.currentLocals()
    if l.isNull { throw vm.raise(.systemError, "frame does not exist") }
    return l
  }

  private static func importName(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let level = args[4].isNull ? 0 : try vm.asInt(args[4])
    return try Imports.importName(
      vm, args[0], globals: args[1].isNone ? .null : args[1], fromList: args[3], level: level)
  }
}
