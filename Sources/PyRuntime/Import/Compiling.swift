import CRuntimeSupport
import Glibc

/// Source to code objects and trees through the compiler that the program brings along.
enum Compiling {
  static func compile(
    _ vm: VM, source: [UInt8], filename: [UInt8], mode: CompileMode, flags: Int32, optimize: Int32
  ) throws(Raised) -> Value {
    try compile(vm, source: source, CompileRequest(filename: filename, mode: mode, flags: flags, optimize: optimize))
  }

  static func compile(_ vm: VM, source: [UInt8], _ request: CompileRequest) throws(Raised) -> Value {
    let compiler = try compiler(vm, request.filename)
    let outcome = detached(vm, source, limited(vm, request)) { compiler.compile(source: $0, $1) }
    return try code(vm, outcome, filename: request.filename)
  }

  /// The syntax tree as Python objects.
  static func parse(_ vm: VM, source: [UInt8], _ request: CompileRequest) throws(Raised) -> Value {
    let compiler = try compiler(vm, request.filename)
    let outcome = detached(vm, source, limited(vm, request)) { compiler.parse(source: $0, $1) }
    defer { outcome.nodes?.free() }
    try settle(vm, outcome.warnings, outcome.error, request.filename)
    guard let nodes = outcome.nodes else { return .none }
    return try NodeObjects.make(vm, nodes)
  }

  /// Code of a tree of Python objects.
  static func compile(_ vm: VM, tree: Value, _ request: CompileRequest) throws(Raised) -> Value {
    let compiler = try compiler(vm, request.filename)
    let table = try AstModule.nodes(vm)
    let wanted: NodeKind
    switch request.mode {
    case .exec: wanted = .Module
    case .eval: wanted = .Expression
    case .single: wanted = .Interactive
    case .functionType: wanted = .FunctionType
    }
    let type = table.type(Int(wanted.rawValue))
    guard tree.type.isSubtype(of: type) else {
      throw vm.raise(.typeError, "expected \(type.nameForMessages) node, got \(TypeNames.short(tree.type))")
    }
    let constants = try vm.list()
    let nodes = try ObjectNodes.make(vm, tree, constants: constants)
    defer { nodes.free() }
    let outcome = compiler.compile(nodes: nodes, limited(vm, request))
    let made = try code(vm, outcome, filename: request.filename)
    try SameConstants(vm, constants).restore(in: made)
    return made
  }

  static func compiler(_ vm: VM, _ filename: [UInt8]) throws(Raised) -> any SourceCompiler {
    guard let compiler = rt.pointee.hooks.compiler else {
      throw vm.raise(.importError, "this program has no compiler: \(String(decoding: filename, as: UTF8.self)) must be compiled beforehand")
    }
    return compiler
  }

  /// The request with the recursion limit that holds now.
  static func limited(_ vm: VM, _ request: CompileRequest) -> CompileRequest {
    var request = request
    request.recursionLimit = rt.pointee.recursionLimit
    request.recursionDepth = vm.thread.pointee.recursionDepth
    request.maxDigits = rt.pointee.flags.intMaxStrDigits
    request.stackRoom = vm.nativeStackRoom
    return request
  }

  /// Calls the compiler, for large sources without the interpreter lock: it works on bytes and has no state but its own. A source with a
  /// coding cookie may need Python's codecs, and keeps it.
  private static func detached<R>(
    _ vm: VM, _ source: [UInt8], _ request: CompileRequest, _ body: (UnsafeRawBufferPointer, CompileRequest) -> R
  ) -> R {
    source.withUnsafeBytes { p in
      guard p.count >= 16384, !namesEncoding(p) else { return body(p, request) }
      var request = request
      request.mayDecode = false
      return vm.unlocked { body(p, request) }
    }
  }

  /// "coding" stands in the first two lines.
  private static func namesEncoding(_ source: UnsafeRawBufferPointer) -> Bool {
    guard let start = source.baseAddress else { return false }
    var end = start
    for _ in 0..<2 {
      let rest = source.count - (end - start)
      guard rest > 0, let newline = memchr(end, 0x0A, rest) else { break }
      end = UnsafeRawPointer(newline) + 1
    }
    let word: StaticString = "coding"
    return memmem(start, end - start, word.utf8Start, word.utf8CodeUnitCount) != nil
  }

  /// The code object of an outcome, its warnings issued, or its error raised.
  static func code(_ vm: VM, _ outcome: CompileOutcome, filename: [UInt8]) throws(Raised) -> Value {
    try settle(vm, outcome.warnings, outcome.error, filename)
    let start = rt.heapPointer.pointee.allocatedSinceCollection
    defer { rt.heapPointer.pointee.chargeDearly(since: start) }
    return try (outcome.marshalled ?? []).withRawBytes { p throws(Raised) in try Marshal.load(vm, p, depthLimit: .max) }
  }

  /// Issues warnings, then raises the error if there is one.
  static func settle(_ vm: VM, _ warnings: [CompileWarning], _ failure: CompileFailure?, _ filename: [UInt8]) throws(Raised) {
    if let failure, warnings.isEmpty { throw try error(vm, failure, filename: filename) }
    if warnings.isEmpty { return }
    let name = try filename.withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
    for (index, w) in warnings.enumerated() where w.origin != .unreadToken {
      if try issue(vm, w, name) { continue }
      if w.origin == .literal {
        for later in warnings[(index + 1)...] where later.origin == .token || later.origin == .unreadToken {
          if try !issue(vm, later, name) { throw try error(vm, later.error, filename: filename) }
        }
      }
      throw try error(vm, w.error, filename: filename)
    }
    if let failure { throw try error(vm, failure, filename: filename) }
  }

  private static func kind(_ name: String) -> ExceptionKind? { ExceptionKind.allCases.first { String(describing: $0.name) == name } }

  /// False if a filter makes the warning an error.
  private static func issue(_ vm: VM, _ w: CompileWarning, _ name: Value) throws(Raised) -> Bool {
    let kind = w.category == "SyntaxWarning" ? ExceptionKind.syntaxWarning : .deprecationWarning
    do throws(Raised) {
      var values = (try vm.str(w.message), Value(rt.types[kind]), name, try vm.int(w.line), Value.null, Value.null, Value.null, Value.null)
      _ = try withValues(&values) { p throws(Raised) in try WarningsModule.warnExplicit(vm, .null, Args(p, count: 8)) }
    } catch {
      guard vm.pendingIs(kind) else { throw error }
      vm.clearPending()
      return false
    }
    return true
  }

  static func error(_ vm: VM, _ e: CompileFailure, filename: [UInt8]) throws(Raised) -> Raised {
    let kind = kind(e.type) ?? .syntaxError
    switch kind {
    case .syntaxError, .indentationError, .tabError:
      let detail = try vm.tuple(count: 6)
      let name = try filename.withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
      let text = try (e.text ?? []).withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
      let items = detail.as(TupleLayout.self).items
      items[0] = name
      items[1] = try number(vm, e.line)
      items[2] = try number(vm, e.column)
      items[3] = e.text == nil ? .none : text
      items[4] = try number(vm, e.endLine)
      items[5] = try number(vm, e.endColumn)
      return vm.raise(try vm.call(Value(rt.types[kind]), try vm.str(e.message), detail))
    case .unicodeDecodeError:
      // The codec knows best how to say it.
      _ = try vm.callMethod(try vm.bytes(e.text ?? []), "decode")
      return vm.raise(.systemError, e.message)
    default:
      return e.message.isEmpty ? vm.raise(kind) : vm.raise(kind, e.message)
    }
  }

  private static func number(_ vm: VM, _ n: Int?) throws(Raised) -> Value { n == nil ? .none : try vm.int(n ?? 0) }
}

extension VM {
  /// Source text in an encoding that only Python's codecs know, as UTF-8; or what the codec says is wrong.
  package func decodeSource(_ source: UnsafeRawBufferPointer, _ encoding: String) -> (text: [UInt8], problem: String) {
    do throws(Raised) {
      let text = try callMethod(try bytes(source), "decode", try str(encoding))
      return (text.utf8Bytes, "")
    } catch {
      let raised = takePending()
      do throws(Raised) {
        let message = String(decoding: try str(of: raised).utf8Bytes, as: UTF8.self)
        return ([], message.isEmpty ? "unknown encoding: \(encoding)" : message)
      } catch {
        clearPending()
        return ([], "unknown encoding: \(encoding)")
      }
    }
  }
}

/// Puts the constants of a tree into the code made of it, in place of the equal ones that the compiler has handed over.
private struct SameConstants {
  private let vm: VM
  /// dict from constants to lists of those that are equal to it
  private let known: Value

  /// - Parameter constants: list of the tree's constants
  init(_ vm: VM, _ constants: Value) throws(Raised) {
    self.vm = vm
    let known = try vm.dict()
    try vm.forEach(constants) { (constant) throws(Raised) in
      if constant.isExactStr && constant.as(StrLayout.self).pointee.flags.contains(.interned) { return }
      if !(constant.isExactStr || Codes.isPlainConstant(constant)) { return }
      var equals = try Dicts.get(vm, known, constant)
      if equals.isNull {
        equals = try vm.list()
        try Dicts.set(vm, known, constant, equals)
      }
      try vm.append(equals, constant)
    }
    self.known = known
  }

  func restore(in code: Value) throws(Raised) {
    guard known.as(DictLayout.self).pointee.count > 0 else { return }
    if vm.nativeStackIsLow { return }
    let consts = code.as(CodeLayout.self).pointee.consts
    for i in 0..<consts.as(TupleLayout.self).pointee.count {
      let constant = consts.as(TupleLayout.self).items[i]
      guard constant.isCell else { continue }
      if constant.isExact(rt.pointee.types.code) {
        try restore(in: constant)
        continue
      }
      if constant.isExactStr && constant.as(StrLayout.self).pointee.flags.contains(.interned) { continue }
      // CPython puts a copy of its own in the place of a frozenset with items.
      if constant.isExact(rt.types.frozenset) && constant.as(SetLayout.self).pointee.count > 0 { continue }
      let equals = try Dicts.get(vm, known, constant)
      if equals.isNull { continue }
      let list = equals.as(ListLayout.self)
      var n = 0
      while n < list.pointee.count, let items = list.pointee.items {
        if try CodeType.sameConstant(vm, items[n], constant) {
          consts.as(TupleLayout.self).items[i] = items[n]
          break
        }
        n += 1
      }
    }
  }
}
