import Glibc
import PyRuntime

/// Conversions after which a program could tell the difference. Each kind has a stable code; docs/lossy-conversions.md explains them.
enum Lossy {
  enum Code: Int {
    case valueChanged = 1, typeErased, identityLost, snapshot, duplicateKeys, protocolMissing, tracebackFlattened
  }
  private struct Row {
    var code: Code
    var types: String
    var place: String
    var count: Int
  }
  nonisolated(unsafe) private static var rows: [Row] = []
  /// How many conversions of each code there were since start.
  nonisolated(unsafe) static var counters = [Int](repeating: 0, count: 8)
  /// The LossyConversionWarning class, or null before its first use.
  nonisolated(unsafe) private static var category = Value.null

  static func report(_ vm: VM, _ code: Code, _ v: Value, _ what: String) throws(Raised) {
    counters[code.rawValue] &+= 1
    let mode = LossyReports.mode
    if mode == .off { return }
    let types = v.typeName
    let place = "crossing"
    for i in rows.indices where rows[i].code == code && rows[i].types == types && rows[i].place == place {
      rows[i].count += 1
      if mode != .error { return }
    }
    rows.append(Row(code: code, types: types, place: place, count: 1))
    let message = "[L\(code.rawValue)] \(types) to CPython: \(what); pass amphis.copy(x) to say you mean it"
    switch mode {
    case .off, .summary: return
    case .json:
      var line = "{\"code\": \"L\(code.rawValue)\", \"type\": \"\(types)\", \"direction\": \"to CPython\", \"what\": \"\(what)\"}\n"
      line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    case .warn:
      _ = try vm.call(try vm.getAttribute(try vm.importModule("warnings"), "warn"), try vm.str(message), try warningClass(vm))
    case .error:
      throw vm.raise(try vm.call(try warningClass(vm), try vm.str(message)))
    }
  }

  static func warningClass(_ vm: VM) throws(Raised) -> Value {
    if category.isNull {
      let namespace = try vm.dict()
      try Dicts.set(vm, namespace, "__module__", try vm.intern("amphis"))
      category = try vm.call(
        Value(rt.types.type), try vm.intern("LossyConversionWarning"), try vm.tuple(Value(rt.types[.warning])), namespace)
    }
    return category
  }

  /// The table of `--warn-lossy=summary` on standard error; nothing when nothing was lost.
  static func printSummary() {
    if LossyReports.mode != .summary || rows.isEmpty { return }
    var text = "code  count  type\n"
    for row in rows { text += "L\(row.code.rawValue)    \(row.count)  \(row.types)\n" }
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }
}
