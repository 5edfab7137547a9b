/// What stands below the frames after a fatal signal: the modules in C that are not the standard library's, the usual suspects.
extension FaultReport {
  /// Names in `sys` that are read in the handler: interned when `faulthandler` is imported
  struct Names {
    let standard: Value
    let builtin: Value
  }
  nonisolated(unsafe) static var names: Names?

  static func prepare(_ vm: VM) throws(Raised) {
    names = Names(standard: try vm.intern("stdlib_module_names"), builtin: try vm.intern("builtin_module_names"))
  }

  /// Async-signal-safe: reads the heap's memory as it is.
  func extensionModules() {
    let modules = rt.pointee.modules, sys = rt.pointee.sysDict
    guard let names = FaultReport.names, FaultReport.isOwn(modules), FaultReport.isOwn(sys) else { return }
    let standard = Dicts.get(sys, str: names.standard), builtin = Dicts.get(sys, str: names.builtin)
    var count: UInt = 0
    var position = 0
    while let entry = Dicts.next(modules, &position) {
      guard entry.key.isExactStr, entry.value.isInstance(of: rt.types.module) else { continue }
      let isForeign = entry.value.as(ModuleLayout.self).pointee.foreign != nil
      guard isForeign || FaultReport.holds(builtin, entry.key), !FaultReport.holds(standard, entry.key) else { continue }
      text(count == 0 ? "\nExtension modules: " : ", ")
      string(entry.key)
      count &+= 1
    }
    if count == 0 { return }
    text(" (total: ")
    number(count, radix: 10, width: 1)
    text(")\n")
  }

  private static func isOwn(_ d: Value) -> Bool { d.isDict && d.as(DictLayout.self).pointee.entries != nil }

  /// Whether a tuple or frozenset of strs holds the name, or what stands before its first dot.
  private static func holds(_ names: Value, _ name: Value) -> Bool {
    if names.isTuple {
      let items = names.as(TupleLayout.self)
      for i in 0..<items.pointee.count where matches(items.items[i], name) { return true }
    } else if names.isSetOrFrozenSet, names.as(SetLayout.self).pointee.entries != nil {
      var position = 0
      while let entry = Sets.next(names.as(SetLayout.self), &position) { if matches(entry.key, name) { return true } }
    }
    return false
  }
  private static func matches(_ known: Value, _ name: Value) -> Bool {
    guard known.isExactStr else { return false }
    let k = StrView(known), n = StrView(name)
    guard k.length <= n.length, k.length == n.length || n[k.length] == 0x2E else { return false }
    for i in 0..<k.length where k[i] != n[i] { return false }
    return true
  }
}
