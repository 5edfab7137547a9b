/// `Unpickler`: where pickles come from, its options, and the memo of what has been read.
struct UnpicklerLayout {
  var header: CellHeader
  /// The file's `read` and `readline`; null for bytes at hand and before `__init__`
  var read: Value
  var readline: Value
  var persistentLoad: Value
  /// Iterator of out-of-band buffers, or null
  var buffers: Value
  /// list by number; null where nothing was put
  var memo: Value
  /// dict of what has numbers far beyond the others, or null
  var farMemo: Value
  /// Null: ASCII and strict
  var encoding: Value
  var errors: Value
  var protocolNumber: Int
  var fixesImports: Bool

  static let trace: TraceFunction = { cell, tracer in
    let u = cell.assumingMemoryBound(to: UnpicklerLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(u.pointee.read)
    tracer.visit(u.pointee.readline)
    tracer.visit(u.pointee.persistentLoad)
    tracer.visit(u.pointee.buffers)
    tracer.visit(u.pointee.memo)
    tracer.visit(u.pointee.farMemo)
    tracer.visit(u.pointee.encoding)
    tracer.visit(u.pointee.errors)
  }
}
typealias UnpicklerRef = UnsafeMutablePointer<UnpicklerLayout>

enum UnpicklerType {
  static func layout(_ v: Value) -> UnpicklerRef { v.as(UnpicklerLayout.self) }

  static func make(_ vm: VM, _ type: TypeRef? = nil) throws(Raised) -> UnpicklerRef {
    let u = try vm.instance(UnpicklerLayout.self, of: type ?? PickleModule.unpickler.asType)
    u.pointee.read = .null
    u.pointee.readline = .null
    u.pointee.persistentLoad = .null
    u.pointee.buffers = .null
    u.pointee.memo = .null
    u.pointee.farMemo = .null
    u.pointee.encoding = .null
    u.pointee.errors = .null
    try vm.withKept(Value(u)) { () throws(Raised) in u.pointee.memo = try vm.list(capacity: 14) }
    return u
  }

  /// An unpickler for one call, which ends with `giveBack`.
  static func borrow(_ vm: VM) throws(Raised) -> UnpicklerRef {
    let pooled = PicklePool.unpickler
    PicklePool.unpickler = .null
    return pooled.isNull ? try make(vm) : layout(pooled)
  }
  static func giveBack(_ u: UnpicklerRef) {
    if !PicklePool.unpickler.isNull { return }
    u.pointee.read = .null
    u.pointee.readline = .null
    u.pointee.persistentLoad = .null
    u.pointee.buffers = .null
    u.pointee.farMemo = .null
    u.pointee.encoding = .null
    u.pointee.errors = .null
    PicklePool.empty(u.pointee.memo)
    PicklePool.unpickler = Value(u)
  }

  static func setInput(_ vm: VM, _ u: UnpicklerRef, _ file: Value) throws(Raised) {
    let read = try vm.getAttributeOrNull(file, "read"), readline = try vm.getAttributeOrNull(file, "readline")
    if read.isNull || readline.isNull { throw vm.raise(.typeError, "file must have 'read' and 'readline' attributes") }
    u.pointee.read = read
    u.pointee.readline = readline
  }
  static func setOptions(
    _ vm: VM, _ u: UnpicklerRef, fixImports: Value, encoding: Value, errors: Value, buffers: Value
  ) throws(Raised) {
    try checkText(vm, encoding, "encoding")
    try checkText(vm, errors, "errors")
    u.pointee.fixesImports = fixImports.isNull ? true : try vm.isTrue(fixImports)
    u.pointee.encoding = encoding
    u.pointee.errors = errors
    u.pointee.buffers = buffers.isNull || buffers.isNone || buffers == rt.pointee.emptyTuple ? .null : try vm.iter(buffers)
    u.pointee.protocolNumber = 0
  }

  private static func checkText(_ vm: VM, _ x: Value, _ name: StaticString) throws(Raised) {
    if x.isNull || x.isStr { return }
    throw vm.raise(.typeError, "Unpickler() argument '\(name)' must be str, not \(x.typeName)")
  }

  static func load(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    var reader = try PickleReader(vm, v)
    defer { reader.free() }
    return try reader.load()
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          buffers=())\n--\n\nThis takes a binary file for reading a pickle data stream."
    )
    t.trace(UnpicklerLayout.trace)
    t.slots.new = NewCode { (vm, cls, _) throws(Raised) in Value(try make(vm, cls.asType)) }
    t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
      try vm.bind(args, "Unpickler", "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())") { a throws(Raised) in
        let u = layout(v)
        u.pointee.memo = try vm.list()
        u.pointee.farMemo = .null
        try setInput(vm, u, a[0])
        try setOptions(vm, u, fixImports: a[1], encoding: a[2], errors: a[3], buffers: a[4])
        u.pointee.persistentLoad = try vm.getAttributeOrNull(v, "persistent_load")
      }
    }
    t.method("load", "($self, /)", "Load a pickle.") { vm, v throws(Raised) in
      if layout(v).pointee.read.isNull {
        throw PickleModule.unpickling(vm, "Unpickler.__init__() was not called by \(v.typeName).__init__()")
      }
      return try load(vm, v)
    }
    t.method("find_class", "($self, module_name, global_name, /)", "Return an object from a specified module.") {
      vm, v, module, name throws(Raised) in try find(vm, layout(v), module, name)
    }
    t.method("__sizeof__", "($self, /)", "Returns size in memory, in bytes.") { vm, v throws(Raised) in
      try vm.int(v.type.pointee.totalInstanceSize &+ 8 &* layout(v).pointee.memo.as(ListLayout.self).pointee.capacity)
    }
    t.getset(
      "persistent_load", nil,
      { vm, v throws(Raised) in
        let f = layout(v).pointee.persistentLoad
        if f.isNull { throw vm.raise(.attributeError, "persistent_load") }
        return f
      }
    ) { vm, v, x, _ throws(Raised) in
      if x.isNull { throw vm.raise(.typeError, "attribute deletion is not supported") }
      if x.type.pointee.slots.call == nil {
        throw vm.raise(.typeError, "persistent_load must be a callable taking one argument")
      }
      layout(v).pointee.persistentLoad = x
    }
    t.getset("memo", nil, { vm, v throws(Raised) in try PickleMemoProxies.make(vm, PickleModule.unpicklerMemo.asType, v) }, setMemo)
  }

  // MARK: the memo

  /// Under the next number.
  @inline(__always)
  static func put(_ vm: VM, _ u: UnpicklerRef, _ v: Value) throws(Raised) {
    if u.pointee.farMemo.isNull { return try vm.append(u.pointee.memo, v) }
    try put(vm, u, memoCount(u), v)
  }
  @inline(never)
  static func put(_ vm: VM, _ u: UnpicklerRef, _ number: Int, _ v: Value) throws(Raised) {
    let memo = u.pointee.memo
    let l = memo.as(ListLayout.self)
    if number < l.pointee.count, let items = l.pointee.items {
      items[number] = v
      return
    }
    if number == l.pointee.count { return try vm.append(memo, v) }
    if number < 1 << 16 {
      while l.pointee.count < number { try vm.append(memo, .null) }
      return try vm.append(memo, v)
    }
    if u.pointee.farMemo.isNull { u.pointee.farMemo = try vm.dict() }
    try Dicts.set(vm, u.pointee.farMemo, try vm.int(number), v)
  }
  /// Null when nothing was put there.
  static func get(_ vm: VM, _ u: UnpicklerRef, _ number: Int) throws(Raised) -> Value {
    let l = u.pointee.memo.as(ListLayout.self)
    if number >= 0 && number < l.pointee.count, let items = l.pointee.items, !items[number].isNull { return items[number] }
    return u.pointee.farMemo.isNull ? .null : try Dicts.get(vm, u.pointee.farMemo, try vm.int(number))
  }
  static func memoCount(_ u: UnpicklerRef) -> Int {
    u.pointee.memo.as(ListLayout.self).pointee.count &+ (u.pointee.farMemo.isNull ? 0 : Dicts.count(u.pointee.farMemo))
  }
  static func memoCopy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let u = layout(v)
    let copy = try vm.dict()
    let memo = u.pointee.memo
    var i = 0
    while i < memo.as(ListLayout.self).pointee.count, let items = memo.as(ListLayout.self).pointee.items {
      if !items[i].isNull { try Dicts.set(vm, copy, try vm.int(i), items[i]) }
      i += 1
    }
    if !u.pointee.farMemo.isNull { try Dicts.merge(vm, copy, u.pointee.farMemo) }
    return copy
  }
  private static let setMemo: NativeStore = { vm, v, x, _ throws(Raised) in
    if x.isNull { throw vm.raise(.typeError, "attribute deletion is not supported") }
    var table = x
    if x.isExact(PickleModule.unpicklerMemo.asType) {
      table = try memoCopy(vm, PickleMemoProxies.owner(x))
    } else if !x.isDict {
      throw vm.raise(.typeError, "'memo' attribute must be an UnpicklerMemoProxy object or dict, not \(x.typeName)")
    }
    let u = layout(v)
    u.pointee.memo = try vm.list()
    u.pointee.farMemo = .null
    var position = 0
    while let entry = Dicts.next(table, &position) {
      guard entry.key.isInt else { throw vm.raise(.typeError, "memo key must be integers") }
      let number = try vm.asInt(entry.key)
      if number < 0 { throw vm.raise(.valueError, "memo key must be positive integers.") }
      try put(vm, u, number, entry.value)
    }
  }

  // MARK: globals

  /// What `find_class` answers when no subclass has its own.
  static func find(_ vm: VM, _ u: UnpicklerRef, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard module.isStr, name.isStr else { throw vm.raise(.typeError, "find_class() arguments must be str") }
    let hooks = rt.pointee.auditHooks
    if !hooks.isNull {
      let event = try vm.intern("pickle.find_class"), arguments = try vm.tuple(module, name)
      try vm.forEach(hooks) { (hook) throws(Raised) in _ = try vm.call(hook, event, arguments) }
    }
    var (module, name) = (module, name)
    if u.pointee.protocolNumber < 3 && u.pointee.fixesImports { (module, name) = try newNames(vm, module, name) }
    let container = try PickleNames.load(vm, module)
    if u.pointee.protocolNumber >= 4 { return try PickleNames.find(vm, container, name).object }
    return try vm.getAttribute(container, try vm.intern(name))
  }

  /// The names of today for those of Python 2.
  private static func newNames(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> (Value, Value) {
    let pair = try Dicts.get(vm, try PickleNames.compatible(vm, "NAME_MAPPING"), try vm.tuple(module, name))
    if !pair.isNull {
      guard pair.isTuple, pair.as(TupleLayout.self).pointee.count == 2, pair.as(TupleLayout.self).items[0].isStr,
        pair.as(TupleLayout.self).items[1].isStr
      else { throw vm.raise(.runtimeError, "_compat_pickle.NAME_MAPPING values should be 2-tuples, not \(pair.typeName)") }
      return (pair.as(TupleLayout.self).items[0], pair.as(TupleLayout.self).items[1])
    }
    let other = try Dicts.get(vm, try PickleNames.compatible(vm, "IMPORT_MAPPING"), module)
    if other.isNull { return (module, name) }
    guard other.isStr else {
      throw vm.raise(.runtimeError, "_compat_pickle.IMPORT_MAPPING values should be strings, not \(other.typeName)")
    }
    return (other, name)
  }
}
