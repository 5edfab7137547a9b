import Glibc

/// `print`, `input`, `breakpoint`.
enum PrintBuiltins {
  static func declare(_ b: ModuleBuilder) {
    b.function(
      "print", "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
      "Prints the values to a stream, or to sys.stdout by default.",
      print)
    b.function("input", "($module, prompt='', /)", "Read a string from standard input; the trailing newline is stripped.", input)
    b.function("breakpoint", nil, "breakpoint(*args, **kws)\n\nCall sys.breakpointhook(*args, **kws).", breakpoint)
  }

  private static func stream(_ vm: VM, _ name: Value) -> Value {
    rt.pointee.sysDict.isNull ? .null : Dicts.get(rt.pointee.sysDict, str: name)
  }

  private static func print(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    var file = args[3]
    if file.isNull || file.isNone {
      file = stream(vm, rt.pointee.names.stdout)
      if file.isNull { throw vm.raise(.runtimeError, "lost sys.stdout") }
      if file.isNone { return .none }
    }
    let sep = args[1]
    let end = args[2]
    if !sep.isNull && !sep.isNone && !sep.isStr { throw vm.raise(.typeError, "sep must be None or a string, not \(sep.typeName)") }
    if !end.isNull && !end.isNone && !end.isStr { throw vm.raise(.typeError, "end must be None or a string, not \(end.typeName)") }
    let write = try vm.getAttribute(file, rt.pointee.names.write)
    let values = args[0].as(TupleLayout.self)
    for i in 0..<values.pointee.count {
      if i > 0 { _ = try vm.call(write, sep.isStr ? sep : try vm.intern(" ")) }
      _ = try vm.call(write, try vm.str(of: values.items[i]))
    }
    _ = try vm.call(write, end.isStr ? end : try vm.intern("\n"))
    if !args[4].isNull, try vm.isTrue(args[4]) { _ = try vm.callMethod(file, rt.pointee.names.flush) }
    return .none
  }

  /// Goes through the stream objects, so that replaced streams work.
  private static func input(_ vm: VM, _ m: Value, _ prompt: Value) throws(Raised) -> Value {
    let stdin = stream(vm, rt.pointee.names.stdin)
    let stdout = stream(vm, rt.pointee.names.stdout)
    let stderr = stream(vm, rt.pointee.names.stderr)
    if stdin.isNull || stdin.isNone { throw vm.raise(.runtimeError, "input(): lost sys.stdin") }
    if stdout.isNull || stdout.isNone { throw vm.raise(.runtimeError, "input(): lost sys.stdout") }
    if stderr.isNull || stderr.isNone { throw vm.raise(.runtimeError, "input(): lost sys.stderr") }
    do throws(Raised) { _ = try vm.callMethod(stderr, rt.pointee.names.flush) } catch { vm.clearPending() }
    if let read = rt.pointee.bridgeHooks.readLine, isTerminal(vm, stdin, 0), isTerminal(vm, stdout, 1) {
      return try line(vm, stdin, stdout, prompt, read)
    }
    if !prompt.isNull {
      _ = try vm.callMethod(stdout, rt.pointee.names.write, try vm.str(of: prompt))
    }
    do throws(Raised) { _ = try vm.callMethod(stdout, rt.pointee.names.flush) } catch { vm.clearPending() }
    let line = try vm.callMethod(stdin, "readline")
    guard line.isStr else { throw vm.raise(.typeError, "object.readline() returned non-string") }
    let s = line.as(StrLayout.self)
    let n = s.pointee.length
    if n == 0 { throw vm.raise(.eofError, "EOF when reading a line") }
    guard s[codePoint: n - 1] == 0x0A else { return line }
    return try vm.getItem(line, try sliceTo(vm, n - 1))
  }
  /// Whether a stream is the terminal at that file descriptor.
  private static func isTerminal(_ vm: VM, _ stream: Value, _ descriptor: Int32) -> Bool {
    do throws(Raised) {
      return try vm.callMethod(stream, "fileno") == Value(smallInt: Int(descriptor)) && isatty(descriptor) != 0
    } catch {
      vm.clearPending()
      return false
    }
  }
  /// A line that `readline` reads.
  private static func line(
    _ vm: VM, _ stdin: Value, _ stdout: Value, _ prompt: Value, _ read: (VM, Value) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    do throws(Raised) { _ = try vm.callMethod(stdout, rt.pointee.names.flush) } catch { vm.clearPending() }
    let text = prompt.isNull ? try vm.emptyStr() : try vm.str(of: prompt)
    let bytes = try vm.callMethod(
      text, try vm.intern("encode"), try vm.getAttribute(stdout, "encoding"), try vm.getAttribute(stdout, "errors"))
    guard bytes.isBytes else { throw vm.raise(.typeError, "encoder did not return a bytes object") }
    let given = try read(vm, bytes)
    var n = given.as(BytesLayout.self).pointee.count
    if n == 0 { throw vm.raise(.eofError, "EOF when reading a line") }
    if given.as(BytesLayout.self).bytes[n - 1] == 0x0A { n -= 1 }
    let whole = try vm.bytes(UnsafeRawBufferPointer(start: given.as(BytesLayout.self).bytes, count: n))
    return try vm.callMethod(whole, try vm.intern("decode"), try vm.getAttribute(stdin, "encoding"), try vm.getAttribute(stdin, "errors"))
  }
  private static func sliceTo(_ vm: VM, _ n: Int) throws(Raised) -> Value {
    try vm.call(Value(rt.pointee.types.slice), .none, try vm.int(n))
  }

  private static func breakpoint(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let hook = rt.pointee.sysDict.isNull ? .null : Dicts.get(vm, rt.pointee.sysDict, "breakpointhook")
    if hook.isNull { throw vm.raise(.runtimeError, "lost sys.breakpointhook") }
    return try vm.call(hook, args)
  }
}
