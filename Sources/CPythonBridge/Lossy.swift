import CPython
import Glibc
import PyRuntime

/// What crossings lose, and how that is told. A conversion is lossy when a program could tell the difference afterwards; what the
/// codes mean is in `LossyTable`.
enum Lossy {
  enum Code: Int, CaseIterable {
    case valueChanged = 1, typeErased, identityLost, snapshot, duplicateKeys, protocolMissing, tracebackFlattened
  }
  enum Direction: String {
    case toCPython = "to CPython"
    case fromCPython = "from CPython"
  }
  /// One kind of loss at one line of Python.
  private struct Row {
    var code: Code
    var direction: Direction
    var from: String
    var to: String
    var api: String
    var place: String
    var count: Int
  }
  nonisolated(unsafe) private static var rows: [Row] = []
  /// How many losses of each code have been reported, `=off` excluded.
  nonisolated(unsafe) static var counters = [Int](repeating: 0, count: 8)

  /// Whether anybody wants to know. Everything that only serves reports is behind it.
  @inline(__always) static var isOn: Bool { LossyReports.mode != .off }

  /// Reports a loss, at the line of Python that is running. Call it only with `isOn`.
  /// - Parameter from: the type that crosses, `to`: what arrives
  static func report(
    _ vm: VM, _ code: Code, _ direction: Direction, _ from: String, _ to: String, _ what: String, advice: String
  ) throws(Raised) {
    if !isOn || BridgeThread.of(vm).pointee.isReporting { return }
    // What the report itself does may cross too.
    BridgeThread.of(vm).pointee.isReporting = true
    defer { BridgeThread.of(vm).pointee.isReporting = false }
    counters[code.rawValue] &+= 1
    let (file, line, globals) = BridgeAccess.currentPlace(vm)
    let fileName = file.isStr ? file.swiftString : "<amphis>"
    let place = "\(fileName):\(line)"
    let api = apiName(vm)
    var isNew = true
    for i in rows.indices
    where rows[i].code == code && rows[i].place == place && rows[i].from == from && rows[i].to == to && rows[i].direction == direction {
      rows[i].count &+= 1
      isNew = false
    }
    if isNew { rows.append(Row(code: code, direction: direction, from: from, to: to, api: api, place: place, count: 1)) }
    let name = "L\(code.rawValue)"
    switch LossyReports.mode {
    case .off, .summary: return
    case .json:
      if !isNew { return }
      let fields = [
        ("code", quoted(name)), ("direction", quoted(direction.rawValue)), ("from", quoted(from)), ("to", quoted(to)),
        ("api", quoted(api)), ("file", quoted(fileName)), ("line", "\(line)"), ("what", quoted(what)), ("advice", quoted(advice)),
      ]
      writeError("{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}\n")
    case .warn:
      let message = text(name, direction, from, to, api, what, advice)
      let globalsAreKnown = globals.isDict
      let registry = globalsAreKnown ? try setDefault(vm, globals) : Value.none
      let module = globalsAreKnown ? try Dicts.get(vm, globals, try vm.intern("__name__")) : .none
      let warn = try vm.getAttribute(try vm.importModule("_warnings"), "warn_explicit")
      var arguments = (
        try vm.str(message), try warningClass(vm), try vm.str(fileName), try vm.int(line), module.isStr ? module : .none, registry
      )
      _ = try withValues(&arguments) { p throws(Raised) in try vm.call(warn, Args(p, count: 6)) }
    case .error:
      throw vm.raise(try vm.call(try warningClass(vm), try vm.str(text(name, direction, from, to, api, what, advice))))
    }
  }

  /// For tests of what is told then: the next value that is verified counts as changed.
  nonisolated(unsafe) static var falsifiesNext = false

  /// A value has crossed: both sides hash numbers, text and bytes alike, so hashes that differ tell of a changed one.
  @inline(never)
  static func verify(_ vm: VM, _ v: Value, _ o: PyRef) throws(Raised) {
    let type = amphis_type(o)
    guard type == Names.long || type == Names.float || type == Names.unicode || type == Names.bytes,
      v.isInt || v.isFloat || v.isStr || v.isBytes, !BridgeThread.of(vm).pointee.isReporting
    else { return }
    // Hashes of what is no number are its identity.
    if type == Names.float, amphis_float(o).isNaN { return }
    let theirs = py.pointee.PyObject_Hash(o), ours = try vm.hash(v)
    if theirs == ours && !falsifiesNext { return }
    falsifiesNext = false
    try report(
      vm, .valueChanged, .toCPython, v.typeName, v.typeName, "the value over there is another one", advice: "report a defect of Amphis")
  }

  private static func text(
    _ name: String, _ direction: Direction, _ from: String, _ to: String, _ api: String, _ what: String, _ advice: String
  ) -> String {
    let types = direction == .toCPython ? "\(from) → CPython \(to)" : "CPython \(from) → \(to)"
    return "[\(name)] \(types)\(api.isEmpty ? "" : " in \(api)"): \(what); \(advice)"
  }

  private static func setDefault(_ vm: VM, _ globals: Value) throws(Raised) -> Value {
    let key = try vm.intern("__warningregistry__")
    let known = try Dicts.get(vm, globals, key)
    if known.isDict { return known }
    let made = try vm.dict()
    try Dicts.set(vm, globals, key, made)
    return made
  }

  /// Runs `body`, an operation on `v` that is no call, so that reports can name it.
  static func within<R>(_ vm: VM, _ v: Value, _ operation: String, _ body: () throws(Raised) -> R) throws(Raised) -> R {
    let thread = BridgeThread.of(vm)
    let outer = (thread.pointee.callable, thread.pointee.operation)
    (thread.pointee.callable, thread.pointee.operation) = (nil, "\(v.type.nameForMessages).\(operation)")
    defer { (thread.pointee.callable, thread.pointee.operation) = outer }
    return try body()
  }

  /// The function or type of CPython's that was called, or the operation: "_csv.writer", "zlib.Decompress.eof".
  private static func apiName(_ vm: VM) -> String {
    guard let o = BridgeThread.of(vm).pointee.callable else { return BridgeThread.of(vm).pointee.operation }
    if amphis_type(o) == Names.function {
      let name = String(cString: amphis_function_name(o))
      if let m = amphis_function_module(o), amphis_type(m) == Names.unicode { return "\(utf8(m)).\(name)" }
      if let owner = amphis_function_self(o), !ModuleLoader.isModule(owner), let type = amphis_type(owner).pointee.tp_name {
        return "\(String(cString: type)).\(name)"
      }
      return name
    }
    if let owner = amphis_descriptor_owner(o, Names.methodDescriptor, Names.wrapperDescriptor, Names.classMethodDescriptor),
      let name = amphis_descriptor_name(o), let type = owner.pointee.tp_name
    {
      return "\(String(cString: type)).\(utf8(name))"
    }
    let type = amphis_is_type(o) != 0 ? UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self) : amphis_type(o)
    guard let text = type.pointee.tp_name else { return "" }
    return String(cString: text)
  }
  private static func utf8(_ o: PyRef) -> String {
    var size = 0
    guard let p = py.pointee.PyUnicode_AsUTF8AndSize(o, &size) else {
      py.pointee.PyErr_Clear()
      return "?"
    }
    return String(cString: p)
  }

  /// `LossyConversionWarning`, made once; the module `amphis` holds it.
  nonisolated(unsafe) private static var category = Value.null
  static func warningClass(_ vm: VM) throws(Raised) -> Value {
    if category.isNull {
      let namespace = try vm.dict()
      try Dicts.set(vm, namespace, "__module__", try vm.intern("amphis"))
      try Dicts.set(
        vm, namespace, "__doc__", try vm.str("A conversion between the two heads lost something: see docs/lossy-conversions.md."))
      category = try vm.call(
        Value(rt.pointee.types.type), try vm.intern("LossyConversionWarning"), try vm.tuple(Value(rt.pointee.types[.warning])), namespace)
    }
    return category
  }

  // MARK: output

  private static func quoted(_ s: String) -> String {
    var out = "\""
    for u in s.unicodeScalars {
      switch u {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if u.value < 0x20 || u.value == 0x7F {
          let digits = String(u.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        } else {
          out.unicodeScalars.append(u)
        }
      }
    }
    return out + "\""
  }

  private static func writeError(_ text: String) {
    var text = text
    text.withUTF8 { p in
      var done = 0
      while done < p.count, let base = p.baseAddress {
        let n = write(2, base + done, p.count - done)
        if n <= 0 { return }
        done += n
      }
    }
  }

  /// The table of `--warn-lossy=summary` on standard error, most frequent first; says so when nothing was lost.
  static func printSummary() {
    if LossyReports.mode != .summary { return }
    if rows.isEmpty { return writeError("lossy conversions: none\n") }
    let sorted = rows.sorted { $0.count != $1.count ? $0.count > $1.count : $0.place < $1.place }
    let types = sorted.map { $0.direction == .toCPython ? "\($0.from) → CPython \($0.to)" : "CPython \($0.from) → \($0.to)" }
    let width = max(5, types.map { $0.unicodeScalars.count }.max() ?? 0)
    func padded(_ s: String, _ n: Int) -> String { s + String(repeating: " ", count: max(0, n - s.unicodeScalars.count)) }
    var text =
      "lossy conversions\n\(padded("code", 5)) \(padded("direction", 12)) \(padded("types", width)) \(padded("count", 8)) first place\n"
    var total = 0
    for (row, pair) in zip(sorted, types) {
      total &+= row.count
      let api = row.api.isEmpty ? "" : " (\(row.api))"
      text += "\(padded("L\(row.code.rawValue)", 5)) \(padded(row.direction.rawValue, 12)) \(padded(pair, width)) "
      text += "\(padded("\(row.count)", 8)) \(row.place)\(api)\n"
    }
    text += "\(padded("all", 5)) \(padded("", 12)) \(padded("", width)) \(total)\n"
    writeError(text)
  }

  // MARK: immutables that came back

  /// The last immutables that went to CPython by value, to notice one that comes back as a copy. Only filled when reports are wanted.
  private static let remembered = 1024
  nonisolated(unsafe) private static var sent = PointerTable()
  nonisolated(unsafe) private static var ring: [PyRef] = []
  nonisolated(unsafe) private static var ringPosition = 0

  /// `o` is the copy of `v`, a str of ours.
  static func remember(_ o: PyRef, _ v: Value) {
    if sent.find(UInt(bitPattern: o)) != nil { return }
    // Kept alive, so that the address cannot become another object's.
    if ring.count < remembered {
      ring.append(retain(o))
    } else {
      let old = ring[ringPosition]
      sent.remove(UInt(bitPattern: old))
      ring[ringPosition] = retain(o)
      ringPosition = (ringPosition + 1) % remembered
      release(old)
    }
    sent.set(UInt(bitPattern: o), UInt(v.bits), .permanent)
  }
  /// Marking is complete: nobody can tell a copy from what is dead.
  static func afterMark() {
    if sent.count == 0 { return }
    for o in ring {
      guard let e = sent.find(UInt(bitPattern: o)), !BridgeAccess.isMarked(Value(bits: UInt64(e.pointee.value)).cell) else { continue }
      sent.remove(UInt(bitPattern: o))
    }
  }
  /// A copy of ours has come back, and another copy of it is about to be made.
  static func noticeReturn(_ vm: VM, _ o: PyRef, _ type: String) throws(Raised) {
    if sent.count == 0 || sent.find(UInt(bitPattern: o)) == nil { return }
    try report(
      vm, .identityLost, .fromCPython, type, type, "what comes back is equal to what was passed, and another object",
      advice: "compare with ==, or pass an object of a class of yours")
  }
}
