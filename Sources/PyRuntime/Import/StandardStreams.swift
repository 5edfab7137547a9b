import Glibc

/// `sys.stdin`, `stdout`, `stderr` and their dunder originals.
enum StandardStreams {
  static func install(_ vm: VM) throws(Raised) {
    try Dicts.set(vm, rt.pointee.builtins, "open", try vm.getAttribute(try vm.importModule("_io"), "open"))
    try install(vm, 0, "stdin", "__stdin__", "r")
    try install(vm, 1, "stdout", "__stdout__", "w")
    try install(vm, 2, "stderr", "__stderr__", "w")
  }

  private static func install(_ vm: VM, _ fd: Int32, _ name: StaticString, _ original: StaticString, _ mode: StaticString) throws(Raised) {
    let stream = fcntl(fd, F_GETFD) < 0 ? Value.none : try make(vm, fd, name, mode)
    try Dicts.set(vm, rt.pointee.sysDict, name, stream)
    try Dicts.set(vm, rt.pointee.sysDict, original, stream)
  }

  private static func make(_ vm: VM, _ fd: Int32, _ name: StaticString, _ mode: StaticString) throws(Raised) -> Value {
    let io = try vm.importModule("_io")
    let unbuffered = rt.pointee.flags.unbufferedStdio
    let raw = try vm.call(
      try vm.getAttribute(io, "FileIO"), Value(smallInt: Int(fd)), try vm.str(fd == 0 ? "rb" : "wb"), .false)
    try vm.setAttribute(raw, "name", try vm.str("<\(name)>"))
    var buffer = raw
    if !unbuffered || fd == 0 {
      buffer = try vm.call(try vm.getAttribute(io, fd == 0 ? "BufferedReader" : "BufferedWriter"), raw)
    }
    let terminal = isatty(fd) == 1
    let keywords = try vm.dict()
    var encoding = "utf-8", errors = fd == 2 ? "backslashreplace" : isLenient() ? "surrogateescape" : "strict"
    if !rt.pointee.flags.ignoreEnvironment, let setting = getenv("PYTHONIOENCODING").map({ String(cString: $0) }), !setting.isEmpty {
      let parts = setting.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if !parts[0].isEmpty {
        encoding = parts[0]
        if fd != 2 { errors = "strict" }
      }
      if parts.count > 1 && !parts[1].isEmpty && fd != 2 { errors = parts[1] }
    }
    var name = try vm.str(encoding)
    if encoding != "utf-8" {
      // The codec's own name for it.
      do throws(Raised) {
        let own = try vm.getAttribute(try CodecRegistry.lookup(vm, name), "name")
        if own.isStr { name = own }
      } catch { vm.clearPending() }
    }
    try Dicts.set(vm, keywords, "encoding", name)
    try Dicts.set(vm, keywords, "errors", try vm.str(errors))
    try Dicts.set(vm, keywords, "newline", fd == 0 ? .none : try vm.str("\n"))
    try Dicts.set(vm, keywords, "line_buffering", .bool((terminal || fd == 2) && !unbuffered))
    try Dicts.set(vm, keywords, "write_through", .bool(unbuffered))
    let text = try vm.call(try vm.getAttribute(io, "TextIOWrapper"), tuple: try vm.tuple(buffer), dict: keywords)
    try vm.setAttribute(text, "mode", try vm.str(fd == 0 ? "r" : "w"))
    return text
  }

  /// CPython's error handler for standard streams is lenient in UTF-8 mode, in the C and POSIX locales and in what those are coerced to.
  private static func isLenient() -> Bool {
    if rt.pointee.flags.utf8Mode { return true }
    func variable(_ name: String) -> String? {
      guard let p = getenv(name), p.pointee != 0 else { return nil }
      return String(cString: p)
    }
    let name = variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "C"
    return ["C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"].contains(name)
  }

  /// A `sys.stderr` that can only write, for what `-v` reports before there are modules for a real one.
  static func installPreliminary(_ vm: VM) throws(Raised) {
    let stream = try SimpleNamespaceType.make(vm)
    let code = ManyCode { (vm, _, args) throws(Raised) in
      if args.count == 1, args[0].isStr { try TracebackPrinter.writeToDescriptor(vm, args[0]) }
      return .none
    }
    try vm.setAttribute(stream, "write", try BridgeAccess.function(vm, "write", code))
    try vm.setAttribute(stream, "flush", try BridgeAccess.function(vm, "flush", code))
    try Dicts.set(vm, rt.pointee.sysDict, "stderr", stream)
  }

  /// Flushes stdout and stderr, those of `sys` or the two of a tuple; false when that failed (a closed pipe).
  static func flush(_ vm: VM, _ streams: Value = .null) -> Bool {
    var good = true
    for i in 0..<2 {
      let stream =
        streams.isNull
        ? Dicts.get(vm, rt.pointee.sysDict, i == 0 ? "stdout" : "stderr") : streams.as(TupleLayout.self).items[i]
      if stream.isNull || stream.isNone { continue }
      do throws(Raised) {
        let closed = try vm.getAttributeOrNull(stream, "closed")
        if !closed.isNull, try vm.isTrue(closed) { continue }
        _ = try vm.callMethod(stream, "flush")
      } catch {
        if i == 0 {
          vm.writeUnraisable("", stream)
          good = false
        } else {
          vm.clearPending()
        }
      }
    }
    return good
  }
}

/// Hands the -W options to the warnings filters, by way of the `warnings` module itself when there are any.
enum WarningsSetup {
  static func install(_ vm: VM) throws(Raised) {
    let options = Dicts.get(vm, rt.pointee.sysDict, "warnoptions")
    if options.isList && options.as(ListLayout.self).pointee.count > 0 { _ = try vm.importModule("warnings") }
  }
}
