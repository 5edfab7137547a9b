import CPython
import Glibc
import PyRuntime

/// What an entry of the registry says about its two objects.
enum PairKind: UInt8 {
  /// Ours stands for CPython's and owns a reference to it; the entry goes when ours dies.
  case foreign
  /// As `foreign`, but ours has attributes of its own (an instance of a class of ours derived from CPython's): while CPython holds
  /// more than our reference, ours is a root.
  case derived
  /// CPython's lies in the memory of ours (large bytes): while CPython holds a reference beyond the first, ours is a root. Nothing is
  /// owned, and the entry goes when ours dies.
  case embedded
  /// CPython's stands for ours; the entry goes when CPython's dies. Ours is a root meanwhile.
  case twin
  /// A container of ours lent to CPython for one call; both are roots.
  case loan
  /// Types and other pairs that last as long as the process.
  case permanent
}

extension PairKind {
  /// Ours owns a reference to CPython's.
  var isOwned: Bool { self == .foreign || self == .derived || self == .embedded }
  /// CPython's keeps ours alive while somebody there has it.
  var keepsOurs: Bool { self == .twin || self == .derived || self == .embedded }
}

/// Open addressing from one word to another, linear probing, no tombstones. Keys are addresses, never 0. Memory is malloc'd, so
/// values in it are weak as far as our collector is concerned.
struct PointerTable {
  struct Entry {
    var key: UInt
    var value: UInt
    var kind: PairKind
  }
  private(set) var entries: UnsafeMutablePointer<Entry>
  private(set) var capacity: Int
  private(set) var count = 0

  /// Without memory until something is entered: a table in a global variable needs no code that makes it.
  init() {
    capacity = 0
    entries = UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped
  }
  private static func makeEntries(_ capacity: Int) -> UnsafeMutablePointer<Entry> {
    let e = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    e.initialize(repeating: Entry(key: 0, value: 0, kind: .foreign), count: capacity)
    return e
  }
  @inline(__always) private func slot(_ key: UInt) -> Int {
    Int(truncatingIfNeeded: ((key >> 4) &* 0x9E37_79B9_7F4A_7C15) >> 20) & (capacity &- 1)
  }

  @inline(__always) func find(_ key: UInt) -> UnsafeMutablePointer<Entry>? {
    if count == 0 { return nil }
    var i = slot(key)
    while entries[i].key != 0 {
      if entries[i].key == key { return entries + i }
      i = (i &+ 1) & (capacity &- 1)
    }
    return nil
  }

  mutating func set(_ key: UInt, _ value: UInt, _ kind: PairKind) {
    if (count &+ 1) &* 2 > capacity { grow() }
    var i = slot(key)
    while entries[i].key != 0 {
      if entries[i].key == key {
        entries[i].value = value
        entries[i].kind = kind
        return
      }
      i = (i &+ 1) & (capacity &- 1)
    }
    entries[i] = Entry(key: key, value: value, kind: kind)
    count &+= 1
  }
  private mutating func insert(_ entry: Entry) {
    var i = slot(entry.key)
    while entries[i].key != 0 { i = (i &+ 1) & (capacity &- 1) }
    entries[i] = entry
    count &+= 1
  }
  private mutating func grow() {
    let old = entries
    let oldCapacity = capacity
    capacity = max(256, oldCapacity &* 2)
    entries = PointerTable.makeEntries(capacity)
    count = 0
    for i in 0..<oldCapacity where old[i].key != 0 { insert(old[i]) }
    if oldCapacity > 0 { old.deallocate() }
  }

  /// Removes an entry and closes the gap, so that look-ups never meet a hole in a run.
  mutating func remove(_ key: UInt) {
    guard let e = find(key) else { return }
    var hole = e - entries
    count &-= 1
    var i = hole
    while true {
      i = (i &+ 1) & (capacity &- 1)
      if entries[i].key == 0 { break }
      let home = slot(entries[i].key)
      // Move the entry into the hole unless its home lies cyclically in (hole, i].
      let stays = hole <= i ? (home > hole && home <= i) : (home > hole || home <= i)
      if stays { continue }
      entries[hole] = entries[i]
      hole = i
    }
    entries[hole].key = 0
  }

  /// Gives the memory back; the table must not be used again.
  func free() { if capacity > 0 { entries.deallocate() } }
}

/// Which object of the one world stands for which of the other. Both directions are exact: unwrapping wins over wrapping.
enum Registry {
  /// Address of CPython's object → bits of ours
  nonisolated(unsafe) static var toOurs = PointerTable()
  /// Address of our cell → address of CPython's. Foreign objects are not here: they carry the address themselves.
  nonisolated(unsafe) static var toTheirs = PointerTable()
  /// References to drop once no collection is running
  nonisolated(unsafe) private static var dead = Row<UnsafeMutableRawPointer>()
  nonisolated(unsafe) static var crossings = 0

  @inline(__always) static func ours(_ o: PyRef) -> Value? {
    guard let e = toOurs.find(UInt(bitPattern: o)) else { return nil }
    return Value(bits: UInt64(e.pointee.value))
  }
  /// Borrowed.
  @inline(__always) static func theirs(_ v: Value) -> PyRef? {
    guard let e = toTheirs.find(UInt(v.bits)) else { return nil }
    return PyRef(bitPattern: e.pointee.value)
  }

  static func pair(_ v: Value, _ o: PyRef, _ kind: PairKind, bothWays: Bool = true) {
    toOurs.set(UInt(bitPattern: o), UInt(v.bits), kind)
    if bothWays { toTheirs.set(UInt(v.bits), UInt(bitPattern: o), kind) }
  }
  static func unpair(_ v: Value, _ o: PyRef) {
    toOurs.remove(UInt(bitPattern: o))
    toTheirs.remove(UInt(v.bits))
  }

  /// Marks what lasts as long as the process, and what is lent. Twins' values are left to `CrossCycles`.
  static func traceRoots(_ tracer: Tracer) {
    MethodTwin.drop()
    AttributeNames.traceRoots(tracer)
    for i in 0..<toOurs.capacity where toOurs.entries[i].key != 0 {
      let kind = toOurs.entries[i].kind
      if kind == .permanent || kind == .loan { tracer.visit(Value(bits: UInt64(toOurs.entries[i].value))) }
    }
    Containers.traceRoots(tracer)
    Light.traceRoots(tracer)
  }

  /// Marking is complete: entries whose object of ours is dead go. No Python code may run here, so the references are dropped
  /// later.
  static func afterMark(_ tracer: Tracer) {
    CrossCycles.finish(tracer)
    BridgeThread.afterMark()
    Lossy.afterMark()
    Light.afterMark { dead.append(UnsafeMutableRawPointer($0)) }
    var gone: [(UInt, UInt, PairKind)] = []
    for i in 0..<toOurs.capacity where toOurs.entries[i].key != 0 && toOurs.entries[i].kind.isOwned {
      let v = Value(bits: UInt64(toOurs.entries[i].value))
      if v.isCell && !BridgeAccess.isMarked(v.cell) {
        gone.append((toOurs.entries[i].key, toOurs.entries[i].value, toOurs.entries[i].kind))
      }
    }
    for (key, value, kind) in gone {
      toOurs.remove(key)
      toTheirs.remove(value)
      // A cell in a ring through both heaps lasts a little longer than its reference.
      disown(Value(bits: UInt64(value)))
      if let o = UnsafeMutableRawPointer(bitPattern: key), kind != .embedded { dead.append(o) }
    }
    TwinStrs.count = 0
    Crossing.set(Crossing.dead, hasDead)
    CrossCycles.end(tracer)
  }
  private static func disown(_ v: Value) {
    if v.isExactStr { return TwinStrs.forget(v) }
    if v.type.pointee.flags.contains(.foreign) {
      v.as(ForeignLayout.self).pointee.object = nil
    } else if v.isList || v.isDict || v.isSetOrFrozenSet {
      Containers.setForeign(v, nil)
    } else if v.isExact(rt.pointee.types.bytearray) {
      CrossByteArrays.disown(v)
    } else if v.isExact(rt.pointee.types.builtinFunction) {
      // Nobody may call it any more; who does learns that None cannot be called.
      BridgeAccess.setFunctionWord(v, UnsafeMutableRawPointer(Library.none))
    }
  }

  /// Drops what died; called where CPython's code may run.
  @inline(__always) static func drain() {
    if Crossing.flags & Crossing.dead != 0 { drainSlowly() }
  }
  @inline(never)
  private static func drainSlowly() {
    while dead.count != 0 {
      dead.count &-= 1
      release(dead.items[dead.count].assumingMemoryBound(to: PyObject.self))
    }
    Light.clearSome()
    Crossing.set(Crossing.dead, hasDead)
  }
  /// All of it at once.
  static func drainAll() {
    if !hasDead { return }
    drainings &+= 1
    drainSlowly()
    Light.clear(Int.max)
    Crossing.set(Crossing.dead, hasDead)
  }
  /// How often there was something
  nonisolated(unsafe) private(set) static var drainings = 0
  static var hasDead: Bool { dead.count != 0 || Light.hasRemains }

  /// Entries by kind.
  static func sizes() -> [(PairKind, Int)] {
    var counts = [Int](repeating: 0, count: 6)
    for i in 0..<toOurs.capacity where toOurs.entries[i].key != 0 { counts[Int(toOurs.entries[i].kind.rawValue)] += 1 }
    counts[Int(PairKind.foreign.rawValue)] += Light.count
    return [PairKind.foreign, .derived, .embedded, .twin, .loan, .permanent].map { ($0, counts[Int($0.rawValue)]) }
  }
}

/// What has crossed since start, for `amphis.counters()`.
enum BridgeCounters {
  nonisolated(unsafe) static var calls = 0
  nonisolated(unsafe) static var callbacks = 0
  nonisolated(unsafe) static var loans = 0
  nonisolated(unsafe) static var adoptions = 0
  /// Containers whose storage has come back
  nonisolated(unsafe) static var returns = 0
  /// Twins found dead in rings through both heaps
  nonisolated(unsafe) static var cycles = 0
}

/// Immutables that cross by value and that C code has kept: they are paired, so that the same object comes back.
enum KeptValues {
  /// Whether there has ever been one: before, no str or int need be looked up.
  nonisolated(unsafe) static var any = false

  static func notice(_ v: Value, _ o: PyRef) {
    let type = v.cellType
    if type == rt.pointee.types.str {
      let s = v.as(StrLayout.self)
      // CPython shares short ones, and both sides share interned ones.
      if s.pointee.length < 2 || s.pointee.flags.contains(.interned) {
        s.pointee.flags.remove(.mortal)
        return
      }
    } else if type == rt.pointee.types.bytes {
      if v.as(BytesLayout.self).pointee.count < 2 { return }
    } else if type == rt.pointee.types.tuple {
      if v.as(TupleLayout.self).pointee.count == 0 { return }
    } else if type != rt.pointee.types.int && type != rt.pointee.types.complex && type != rt.pointee.types.frozenset
      && type != rt.pointee.types.slice
    {
      return
    }
    if Registry.toOurs.find(UInt(bitPattern: o)) != nil || Registry.toTheirs.find(UInt(v.bits)) != nil { return }
    pair(v, o)
  }
  /// A function of ctypes' has been given bytes: C code may keep their address (`ctypes.cast`), which is good as long as our bytes are.
  @inline(__always)
  static func addressIsTaken(_ v: Value, _ callable: PyRef) -> Bool {
    AsyncExceptions.isPossible && v.cellType == rt.pointee.types.bytes && isFunctionPointer(callable)
  }
  @inline(never)
  private static func isFunctionPointer(_ callable: PyRef) -> Bool {
    var type: PyTypeRef? = amphis_type(callable)
    while let t = type {
      if let name = t.pointee.tp_name, strcmp(name, "_ctypes.CFuncPtr") == 0 { return true }
      type = t.pointee.tp_base
    }
    return false
  }
  static func pair(_ v: Value, _ o: PyRef) {
    Registry.pair(v, retain(o), .foreign)
    if v.isExactStr { TwinStrs.note(v, o) }
    any = true
  }
}
