import Glibc

/// `Pickler`: where pickles go, its options, and the memo of what it has written.
struct PicklerLayout {
  var header: CellHeader
  /// The file's `write`; null before `__init__`
  var write: Value
  var dispatchTable: Value
  var persistentID: Value
  var reducerOverride: Value
  var bufferCallback: Value
  /// list of what is in the memo: it stays alive
  var objects: Value
  /// dict of the containers being written in fast mode, or null
  var nesting: Value
  /// Open addressing from an object's bits to its number: `capacity` pairs of words, the second `tag` in its upper 16 bits and 1 + the number
  /// below. A pair with another tag is free, so that no table is cleared. In a raw-buffer cell unless it is the pool's
  var table: UnsafeMutablePointer<UInt64>?
  var isPooled: Bool
  var capacity: Int
  /// Not 0
  var tag: UInt64
  var count: Int
  var protocolNumber: Int
  var fastDepth: Int
  var isBinary: Int
  var isFast: Int
  var fixesImports: Bool

  static let trace: TraceFunction = { cell, tracer in
    let p = cell.assumingMemoryBound(to: PicklerLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(p.pointee.write)
    tracer.visit(p.pointee.dispatchTable)
    tracer.visit(p.pointee.persistentID)
    tracer.visit(p.pointee.reducerOverride)
    tracer.visit(p.pointee.bufferCallback)
    tracer.visit(p.pointee.objects)
    tracer.visit(p.pointee.nesting)
    if let table = p.pointee.table, !p.pointee.isPooled { tracer.mark(UnsafeMutableRawPointer(table) - BufferCell.headerSize) }
  }
}
typealias PicklerRef = UnsafeMutablePointer<PicklerLayout>

extension UnsafeMutablePointer where Pointee == PicklerLayout {
  // MARK: the memo

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: ((key >> 4) &* 0x9E37_79B9_7F4A_7C15) >> 24) & (pointee.capacity &- 1)
  }
  @inline(__always)
  private func isTaken(_ word: UInt64) -> Bool { (word ^ pointee.tag) >> 48 == 0 }
  /// The number under which an object is in the memo.
  @inline(__always)
  func number(of v: Value) -> Int? {
    guard let table = pointee.table else { return nil }
    var i = slot(v.bits)
    while isTaken(table[2 &* i &+ 1]) {
      if table[2 &* i] == v.bits { return Int(truncatingIfNeeded: table[2 &* i &+ 1] ^ pointee.tag) &- 1 }
      i = (i &+ 1) & (pointee.capacity &- 1)
    }
    return nil
  }
  /// `number` is not negative. Those beyond 2^40 become that: nothing can be written for either.
  @inline(__always)
  func remember(_ vm: VM, _ v: Value, as number: Int) throws(Raised) {
    if (pointee.count &+ 1) &* 3 > pointee.capacity &* 2 { try grow(vm) }
    try vm.append(pointee.objects, v)
    guard let table = pointee.table else { return }
    var i = slot(v.bits)
    while isTaken(table[2 &* i &+ 1]) && table[2 &* i] != v.bits { i = (i &+ 1) & (pointee.capacity &- 1) }
    if !isTaken(table[2 &* i &+ 1]) { pointee.count &+= 1 }
    table[2 &* i] = v.bits
    table[2 &* i &+ 1] = pointee.tag | UInt64(truncatingIfNeeded: min(number, 1 << 40) &+ 1)
  }
  @inline(never)
  private func grow(_ vm: VM) throws(Raised) {
    let capacity = max(16, pointee.capacity &* 2)
    let old = pointee.table, oldCapacity = pointee.capacity, wasPooled = pointee.isPooled
    let new: UnsafeMutablePointer<UInt64>
    if wasPooled && capacity <= PicklePool.largestTable {
      guard let memory = calloc(capacity, 16) else { throw vm.raiseMemoryError() }
      new = memory.assumingMemoryBound(to: UInt64.self)
    } else {
      new = try vm.allocateBytes(capacity &* 16).assumingMemoryBound(to: UInt64.self)
      pointee.isPooled = false
    }
    pointee.table = new
    pointee.capacity = capacity
    guard let old else { return }
    for k in 0..<oldCapacity where isTaken(old[2 &* k &+ 1]) {
      var i = slot(old[2 &* k])
      while isTaken(new[2 &* i &+ 1]) { i = (i &+ 1) & (capacity &- 1) }
      new[2 &* i] = old[2 &* k]
      new[2 &* i &+ 1] = old[2 &* k &+ 1]
    }
    if wasPooled { free(old) }
  }
  func forget(_ vm: VM) throws(Raised) {
    returnTable()
    pointee.objects = try vm.list()
    pointee.table = nil
    pointee.capacity = 0
    pointee.count = 0
  }

  /// For a pickler that lives no longer than one call: the table may be the pool's until `returnTable`.
  func borrowTable() {
    if let table = PicklePool.table {
      PicklePool.table = nil
      pointee.table = table
      pointee.capacity = PicklePool.tableCapacity
      pointee.tag = PicklePool.tableTag &+ (1 << 48)
      if pointee.tag == 0 {
        memset(table, 0, pointee.capacity &* 16)
        pointee.tag = 1 << 48
      }
    } else {
      guard let fresh = calloc(PicklePool.leastTable, 16) else { return }
      pointee.table = fresh.assumingMemoryBound(to: UInt64.self)
      pointee.capacity = PicklePool.leastTable
      pointee.tag = 1 << 48
    }
    pointee.isPooled = true
  }
  func returnTable() {
    guard pointee.isPooled, let table = pointee.table else { return }
    if PicklePool.table == nil {
      PicklePool.table = table
      PicklePool.tableCapacity = pointee.capacity
      PicklePool.tableTag = pointee.tag
    } else {
      free(table)
    }
    pointee.isPooled = false
    pointee.table = nil
    pointee.capacity = 0
  }
}

enum PicklerType {
  static func layout(_ v: Value) -> PicklerRef { v.as(PicklerLayout.self) }

  static func make(_ vm: VM, _ type: TypeRef? = nil) throws(Raised) -> PicklerRef {
    let p = try vm.instance(PicklerLayout.self, of: type ?? PickleModule.pickler.asType)
    p.pointee.write = .null
    p.pointee.dispatchTable = .null
    p.pointee.persistentID = .null
    p.pointee.reducerOverride = .null
    p.pointee.bufferCallback = .null
    p.pointee.objects = .null
    p.pointee.nesting = .null
    p.pointee.protocolNumber = PickleModule.standard
    p.pointee.isBinary = 1
    p.pointee.tag = 1 << 48
    try vm.withKept(Value(p)) { () throws(Raised) in p.pointee.objects = try vm.list(capacity: 14) }
    return p
  }

  /// A pickler for one call, which ends with `giveBack`.
  static func borrow(_ vm: VM) throws(Raised) -> PicklerRef {
    let pooled = PicklePool.pickler
    PicklePool.pickler = .null
    let p = pooled.isNull ? try make(vm) : layout(pooled)
    p.borrowTable()
    return p
  }
  static func giveBack(_ p: PicklerRef) {
    p.returnTable()
    if !PicklePool.pickler.isNull { return }
    p.pointee.write = .null
    p.pointee.dispatchTable = .null
    p.pointee.persistentID = .null
    p.pointee.reducerOverride = .null
    p.pointee.bufferCallback = .null
    p.pointee.nesting = .null
    p.pointee.table = nil
    p.pointee.capacity = 0
    p.pointee.count = 0
    p.pointee.isFast = 0
    p.pointee.fastDepth = 0
    PicklePool.empty(p.pointee.objects)
    PicklePool.pickler = Value(p)
  }

  static func setProtocol(_ vm: VM, _ p: PicklerRef, _ given: Value, fixImports: Value, callback: Value) throws(Raised) {
    var number = PickleModule.standard
    if !given.isNull && !given.isNone {
      number = try vm.asIndex(given, overflow: .overflowError)
      if number < 0 { number = PickleModule.highest }
      if number > PickleModule.highest { throw vm.raise(.valueError, "pickle protocol must be <= \(PickleModule.highest)") }
    }
    let fixes = fixImports.isNull ? true : try vm.isTrue(fixImports)
    p.pointee.protocolNumber = number
    p.pointee.isBinary = number > 0 ? 1 : 0
    p.pointee.fixesImports = fixes && number < 3
    p.pointee.bufferCallback = .null
    if !callback.isNull && !callback.isNone {
      if number < 5 { throw vm.raise(.valueError, "buffer_callback needs protocol >= 5") }
      p.pointee.bufferCallback = callback
    }
  }
  static func setOutput(_ vm: VM, _ p: PicklerRef, _ file: Value) throws(Raised) {
    let write = try vm.getAttributeOrNull(file, "write")
    if write.isNull { throw vm.raise(.typeError, "file must have a 'write' attribute") }
    p.pointee.write = write
  }

  static func dump(_ vm: VM, _ v: Value, _ object: Value) throws(Raised) {
    var writer = PickleWriter(vm: vm, pickler: v)
    defer { writer.out.free() }
    try writer.dump(object)
    try writer.out.flush()
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\nThis takes a binary file for writing a pickle data stream."
    )
    t.trace(PicklerLayout.trace)
    t.slots.new = NewCode { (vm, cls, _) throws(Raised) in Value(try make(vm, cls.asType)) }
    t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
      try vm.bind(args, "Pickler", "(file, protocol=None, fix_imports=True, buffer_callback=None)") { a throws(Raised) in
        let p = layout(v)
        try p.forget(vm)
        try setProtocol(vm, p, a[1], fixImports: a[2], callback: a[3])
        try setOutput(vm, p, a[0])
        p.pointee.isFast = 0
        p.pointee.fastDepth = 0
        p.pointee.nesting = .null
        p.pointee.persistentID = try vm.getAttributeOrNull(v, "persistent_id")
        p.pointee.dispatchTable = try vm.getAttributeOrNull(v, "dispatch_table")
      }
    }
    t.method("dump", "($self, obj, /)", "Write a pickled representation of the given object to the open file.") { vm, v, o throws(Raised) in
      if layout(v).pointee.write.isNull {
        throw PickleModule.pickling(vm, "Pickler.__init__() was not called by \(v.typeName).__init__()")
      }
      try dump(vm, v, o)
      return .none
    }
    t.method("clear_memo", "($self, /)", "Clears the pickler's \"memo\".") { vm, v throws(Raised) in
      try layout(v).forget(vm)
      return .none
    }
    t.method("__sizeof__", "($self, /)", "Returns size in memory, in bytes.") { vm, v throws(Raised) in
      try vm.int(v.type.pointee.totalInstanceSize &+ 16 &* layout(v).pointee.capacity)
    }
    t.getset("bin", nil, { vm, v throws(Raised) in try vm.int(layout(v).pointee.isBinary) }) { vm, v, x, _ throws(Raised) in
      layout(v).pointee.isBinary = try number(vm, x)
    }
    t.getset("fast", nil, { vm, v throws(Raised) in try vm.int(layout(v).pointee.isFast) }) { vm, v, x, _ throws(Raised) in
      layout(v).pointee.isFast = try number(vm, x)
    }
    t.member("dispatch_table", nil, offset: MemoryLayout<PicklerLayout>.offset(of: \.dispatchTable), readOnly: false, whenNull: .null)
    t.getset(
      "persistent_id", nil,
      { vm, v throws(Raised) in
        let f = layout(v).pointee.persistentID
        if f.isNull { throw vm.raise(.attributeError, "persistent_id") }
        return f
      }
    ) { vm, v, x, _ throws(Raised) in
      if x.isNull { throw vm.raise(.typeError, "attribute deletion is not supported") }
      if x.type.pointee.slots.call == nil {
        throw vm.raise(.typeError, "persistent_id must be a callable taking one argument")
      }
      layout(v).pointee.persistentID = x
    }
    t.getset("memo", nil, { vm, v throws(Raised) in try PickleMemoProxies.make(vm, PickleModule.picklerMemo.asType, v) }, setMemo)
  }
  private static func number(_ vm: VM, _ x: Value) throws(Raised) -> Int {
    if x.isNull { throw vm.raise(.typeError, "can't delete numeric/char attribute") }
    return try vm.asInt(x)
  }

  private static let setMemo: NativeStore = { vm, v, x, _ throws(Raised) in
    if x.isNull { throw vm.raise(.typeError, "attribute deletion is not supported") }
    var table = x
    if x.isExact(PickleModule.picklerMemo.asType) {
      table = try PickleMemoProxies.picklerCopy(vm, PickleMemoProxies.owner(x))
    } else if !x.isDict {
      throw vm.raise(.typeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not \(x.typeName)")
    }
    let p = layout(v)
    try p.forget(vm)
    var position = 0
    while let entry = Dicts.next(table, &position) {
      guard entry.value.isTuple, entry.value.as(TupleLayout.self).pointee.count == 2 else {
        throw vm.raise(.typeError, "'memo' values must be 2-item tuples")
      }
      let pair = entry.value.as(TupleLayout.self).items
      let number = try vm.asInt(pair[0])
      try p.remember(vm, pair[1], as: max(0, number))
    }
  }
}

/// `p.memo` and `u.memo`: what stands for the memo inside.
struct PickleMemoProxyLayout {
  var header: CellHeader
  var owner: Value

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: PickleMemoProxyLayout.self).pointee.owner)
  }
}

enum PickleMemoProxies {
  static func owner(_ v: Value) -> Value { v.as(PickleMemoProxyLayout.self).pointee.owner }
  static func make(_ vm: VM, _ type: TypeRef, _ owner: Value) throws(Raised) -> Value {
    let proxy = try vm.instance(PickleMemoProxyLayout.self, of: type)
    proxy.pointee.owner = owner
    return Value(proxy)
  }

  static func picklerCopy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let p = PicklerType.layout(v)
    let copy = try vm.dict()
    let objects = try vm.list(from: p.pointee.objects)
    var i = 0
    while i < objects.as(ListLayout.self).pointee.count, let items = objects.as(ListLayout.self).pointee.items {
      let o = items[i]
      i += 1
      guard let number = p.number(of: o) else { continue }
      try Dicts.set(vm, copy, try vm.identity(of: o), try vm.tuple(try vm.int(number), o))
    }
    return copy
  }

  static func declarePickler(_ t: inout TypeBuilder) {
    t.trace(PickleMemoProxyLayout.trace)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.method("clear", "($self, /)", "Remove all items from memo.") { vm, v throws(Raised) in
      try PicklerType.layout(owner(v)).forget(vm)
      return .none
    }
    t.method("copy", "($self, /)", "Copy the memo to a new object.") { vm, v throws(Raised) in try picklerCopy(vm, owner(v)) }
    t.method("__reduce__", "($self, /)", "Implement pickle support.") { vm, v throws(Raised) in
      try vm.tuple(Value(rt.types.dict), try vm.tuple(try picklerCopy(vm, owner(v))))
    }
  }
  static func declareUnpickler(_ t: inout TypeBuilder) {
    t.trace(PickleMemoProxyLayout.trace)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.method("clear", "($self, /)", "Remove all items from memo.") { vm, v throws(Raised) in
      UnpicklerType.layout(owner(v)).pointee.memo = try vm.list()
      return .none
    }
    t.method("copy", "($self, /)", "Copy the memo to a new object.") { vm, v throws(Raised) in
      try UnpicklerType.memoCopy(vm, owner(v))
    }
    t.method("__reduce__", "($self, /)", "Implement pickling support.") { vm, v throws(Raised) in
      try vm.tuple(Value(rt.types.dict), try vm.tuple(try UnpicklerType.memoCopy(vm, owner(v))))
    }
  }
}
