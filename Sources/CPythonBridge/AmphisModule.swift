import CPython
import PyRuntime

/// The module `amphis`: what a program may ask about the two heads. It exists without libpython and does not load it.
enum AmphisModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc(
      """
      What a program may ask about the two heads of Amphis: where an object lives, what crossed, what a crossing lost.

      None of these functions loads libpython; before a C module is imported everything is 'native'.
      """)
    // A package, so that `amphis._bridge` can be imported.
    try Dicts.set(m.vm, m.dict, "__path__", try m.vm.list())
    m.value("LossyConversionWarning", try Lossy.warningClass(m.vm))
    m.function(
      "origin", "($module, x, /)",
      """
      Where x lives.

      'native': in Amphis alone. 'cpython': in CPython, and x stands for it. 'shared': a list, dict or set with one storage that
      both sides use, or a module with a counterpart there. 'derived': an instance or class of yours that derives from a C type.
      """
    ) { (vm, _, x: Value) throws(Raised) in try vm.str(origin(x)) }
    m.function("is_foreign", "($module, x, /)", "Whether x is CPython's: origin(x) is neither 'native' nor 'derived'.") {
      (_, _, x: Value) in
      let o = origin(x)
      return .bool(o == "cpython" || o == "shared")
    }
    m.function(
      "copy", "($module, /, x, depth=None)",
      """
      A copy of x made of exact builtin types, for C code: passing it means that nothing else is wanted, so nothing is reported.

      Containers are copied depth levels deep (None: all the way), what is shared or circular stays so. An instance of a subclass of
      int, float, str, bytes, bytearray, tuple, list, dict, set or frozenset becomes one of the builtin; any other object is itself.
      """
    ) { (vm, _, args: Args) throws(Raised) in
      let depth = args[1].isNull || args[1].isNone ? Int.max : try vm.asInt(args[1])
      if depth < 0 { throw vm.raise(.valueError, "depth must not be negative") }
      let memo = try vm.dict()
      return try copy(vm, args[0], depth, memo)
    }
    m.function(
      "raw", "($module, x, /)",
      "The address of the CPython object that x stands for, or that stands for x, as an int; None without one. Good while x lives."
    ) { (vm, _, x: Value) throws(Raised) in
      guard let o = counterpart(x) else { return .none }
      return try vm.int(Int(bitPattern: o))
    }
    m.function(
      "counters", "($module, /)",
      """
      What has crossed since start, as a dict: loaded (is libpython?), calls, operations, callbacks, loans, adoptions, returns, cycles;
      the registry's size by kind under 'registry', losses by code under 'lossy' (only counted with --warn-lossy).
      """
    ) { (vm, _) throws(Raised) in try counters(vm) }
    // importlib asks no finder of builtin modules for what is inside a package, so it is there from the start.
    let bridge = try m.vm.makeNativeModule(NativeModule(name: "amphis._bridge", declare: declareBridge))
    for name: StaticString in ["LossyConversionWarning", "origin", "is_foreign", "copy", "raw", "counters"] {
      let key = try m.vm.intern(name)
      try Dicts.set(m.vm, BridgeAccess.moduleDict(bridge), key, try Dicts.get(m.vm, m.dict, key))
    }
    m.value("_bridge", bridge)
    try Dicts.set(m.vm, rt.pointee.modules, try m.vm.intern("amphis._bridge"), bridge)
  }

  static func declareBridge(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("The bridge itself, for its tests and its documentation.")
    m.function("lossy_page", "($module, /)", "The text of docs/lossy-conversions.md.") { (vm, _) throws(Raised) in
      try vm.str(LossyTable.page)
    }
    m.function(
      "references", "($module, x, /)", "CPython's count of references to the counterpart of x, less the bridge's own; None without one."
    ) {
      (vm, _, x: Value) throws(Raised) in
      guard let o = counterpart(x) else { return .none }
      let owned = Registry.toOurs.find(UInt(bitPattern: o)).map { $0.pointee.kind != .twin } ?? false
      return try vm.int(amphis_refcount(o) &- (owned ? 1 : 0))
    }
    m.function("falsify", "($module, /)", "With --warn-lossy, the next value that crosses counts as changed (L1).") { (_, _) in
      Lossy.falsifiesNext = true
      return .none
    }
    m.function("load", "($module, /)", "Loads libpython now.") { (vm, _) throws(Raised) in
      try Library.load(vm, for: try vm.intern("amphis"))
      return .none
    }
    m.function("set_threshold", "($module, threshold, /)", "Sets the threshold of CPython's own collector (its gc.set_threshold).") {
      (vm, _, x: Value) throws(Raised) in
      try Library.load(vm, for: try vm.intern("amphis"))
      // Not ours, which an import by C code would get.
      let gc = try CrossImports.own(vm, try vm.intern("gc"))
      defer { release(gc) }
      let set = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(gc, "set_threshold"))
      defer { release(set) }
      var argument = x
      return try withUnsafeMutablePointer(to: &argument) { p throws(Raised) in try Calls.call(vm, set, Args(p, count: 1)) }
    }
  }

  /// CPython's side of a value; borrowed.
  private static func counterpart(_ x: Value) -> PyRef? {
    if !Library.isLoaded || !x.isCell { return nil }
    if x.type.pointee.flags.contains(.foreign), let o = Light.escape(x) { return o }
    if let o = Containers.foreign(x) { return o }
    if x.isType, let t = x.asType.pointee.twin { return t.assumingMemoryBound(to: PyObject.self) }
    return Registry.theirs(x)
  }

  private static func origin(_ x: Value) -> String {
    if !Library.isLoaded || !x.isCell { return "native" }
    if x.isType {
      let t = x.asType
      if !t.pointee.flags.contains(.heapType) {
        // Types that CPython's were paired with at start are ours.
        guard t.pointee.flags.contains(.foreign) || isMadeForCPython(t) else { return "native" }
        return "cpython"
      }
      return t.pointee.flags.contains(.foreign) ? "derived" : "native"
    }
    if x.type.pointee.flags.contains(.foreign) { return x.type.pointee.flags.contains(.heapType) ? "derived" : "cpython" }
    if Containers.foreign(x) != nil { return "shared" }
    if x.isInstance(of: rt.pointee.types.module) { return BridgeAccess.foreignModule(x) != nil ? "shared" : "native" }
    if isMadeForCPython(x.type) { return "cpython" }
    if x.isExact(rt.pointee.types.builtinFunction), let o = Registry.theirs(x),
      Registry.toOurs.find(UInt(bitPattern: o))?.pointee.kind == .foreign
    {
      return "cpython"
    }
    return "native"
  }
  /// A type that exists for one of CPython's value types or metaclasses.
  private static func isMadeForCPython(_ t: TypeRef) -> Bool {
    guard let twin = t.pointee.twin?.assumingMemoryBound(to: PyTypeObject.self) else { return false }
    return ForeignTypes.isFromCPython(twin)
  }

  // MARK: copies

  private static func copy(_ vm: VM, _ x: Value, _ depth: Int, _ memo: Value) throws(Raised) -> Value {
    if !x.isCell { return x }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" in amphis.copy") }
    if x.isInt { return Ints.exact(x) }
    if x.isFloat { return Value(x.as(FloatLayout.self).pointee.value) }
    if x.isStr { return x.isExact(rt.pointee.types.str) ? x : try BridgeAccess.exactStr(vm, x) }
    if x.isBytes {
      if x.isExact(rt.pointee.types.bytes) { return x }
      let b = x.as(BytesLayout.self)
      return try vm.bytes(UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count))
    }
    if x.isInstance(of: rt.pointee.types.bytearray) { return try vm.call(Value(rt.pointee.types.bytearray), x) }
    guard x.isTuple || x.isList || x.isDict || x.isSetOrFrozenSet else { return x }
    if depth == 0 { return x }
    let key = try vm.int(Int(truncatingIfNeeded: x.bits))
    let known = try Dicts.get(vm, memo, key)
    if !known.isNull { return known }
    if x.isDict {
      let made = try vm.dict()
      try Dicts.set(vm, memo, key, made)
      let items = try vm.list(from: try vm.call(try vm.getAttribute(Value(rt.pointee.types.dict), "items"), x))
      try forEach(vm, items) { pair throws(Raised) in
        let p = pair.as(TupleLayout.self).items
        try Dicts.set(vm, made, try copy(vm, p[0], depth - 1, memo), try copy(vm, p[1], depth - 1, memo))
      }
      return made
    }
    let made = try vm.list()
    if x.isList { try Dicts.set(vm, memo, key, made) }
    let items = x.isTuple ? try vm.tuple(copying: x.as(TupleLayout.self).items, count: x.as(TupleLayout.self).pointee.count) : x
    try forEach(vm, try vm.list(from: items)) { item throws(Raised) in try vm.append(made, try copy(vm, item, depth - 1, memo)) }
    if x.isList { return made }
    let result: Value
    if x.isTuple {
      result = try vm.tuple(from: made)
    } else if x.isInstance(of: rt.pointee.types.frozenset) {
      result = try vm.frozenSet(from: made)
    } else {
      result = try vm.set(from: made)
    }
    try Dicts.set(vm, memo, key, result)
    return result
  }
  private static func forEach(_ vm: VM, _ list: Value, _ body: (Value) throws(Raised) -> Void) throws(Raised) {
    let l = list.as(ListLayout.self)
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      try body(items[i])
      i += 1
    }
  }

  // MARK: counters

  private static func counters(_ vm: VM) throws(Raised) -> Value {
    let d = try vm.dict()
    func set(_ name: StaticString, _ n: Int) throws(Raised) { try Dicts.set(vm, d, name, try vm.int(n)) }
    try Dicts.set(vm, d, "loaded", .bool(Library.isLoaded))
    try set("calls", BridgeCounters.calls)
    try set("operations", Registry.crossings &+ BridgeCounters.calls)
    try set("callbacks", BridgeCounters.callbacks)
    try set("loans", BridgeCounters.loans)
    try set("adoptions", BridgeCounters.adoptions)
    try set("returns", BridgeCounters.returns)
    try set("cycles", BridgeCounters.cycles)
    let registry = try vm.dict()
    for (kind, n) in Registry.sizes() { try Dicts.set(vm, registry, try vm.str("\(kind)"), try vm.int(n)) }
    try Dicts.set(vm, d, "registry", registry)
    let lossy = try vm.dict()
    for code in Lossy.Code.allCases { try Dicts.set(vm, lossy, try vm.str("L\(code.rawValue)"), try vm.int(Lossy.counters[code.rawValue])) }
    try Dicts.set(vm, d, "lossy", lossy)
    return d
  }
}
