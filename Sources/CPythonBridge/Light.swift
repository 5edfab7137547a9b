import CPython
import CRuntimeSupport
import Glibc
import PyRuntime

/// Objects of CPython's that nobody over there has: results of operators and methods, which mostly die young.
///
/// Such an object's only reference is ours, so nothing over there can hand it to us, and it needs no entry in the registry. It is *alone* until C
/// code may have kept it. Operations that look after an operand lend it for their own time (`lend`, `end`): meanwhile callbacks
/// and other threads find it among those that are lent, and if it has more than our reference afterwards, or weak ones, it is registered.
/// All other ways to CPython register it first (`escape`). Foreign objects made here stand in one row in the order in which they
/// were made, until they die; the row owns the references of those that are alone.
enum Light {
  /// States of a foreign object: owned by the registry; by the row, and known to nobody over there
  static let owned: UInt = 0, alone: UInt = 1

  /// The row
  nonisolated(unsafe) private static var cells = Row<UnsafeMutableRawPointer>()
  /// How many operands are lent, by all threads
  nonisolated(unsafe) private(set) static var lentCount = 0
  /// Dead objects whose end nobody can notice: numbers and the like. One goes with each operation, so that its memory is used again while it
  /// is in the cache.
  nonisolated(unsafe) private static var remains = Row<UnsafeMutableRawPointer>()
  /// How many go with an operation: more than one if the last collection found some that had not gone yet.
  nonisolated(unsafe) private static var pace = 1

  /// How many are alone, dead ones included.
  static var count: Int {
    var n = 0
    for i in 0..<cells.count where cells.items[i].assumingMemoryBound(to: ForeignLayout.self).pointee.state == alone { n += 1 }
    return n
  }

  @inline(__always) static func layout(_ v: Value) -> UnsafeMutablePointer<ForeignLayout> { v.as(ForeignLayout.self) }

  /// A foreign object of ours for `o`, whose only reference it takes over.
  @inline(__always)
  static func make(_ vm: VM, _ o: PyRef, _ type: TypeRef) throws(Raised) -> Value {
    let bytes = amphis_type(o).pointee.tp_basicsize
    let cell: UnsafeMutableRawPointer
    do throws(Raised) { cell = try BridgeAccess.makeForeign(vm, type, UnsafeMutableRawPointer(o), alone, bytes: bytes) } catch {
      release(o)
      throw error
    }
    cells.append(cell)
    return Value(cell.assumingMemoryBound(to: ForeignLayout.self))
  }

  /// The object behind `v`, about to be handed to C code that may do with it what it likes; nil without one. Borrowed.
  @inline(__always)
  static func escape(_ v: Value) -> PyRef? {
    let l = layout(v)
    if l.pointee.state == alone { register(v) }
    return l.pointee.object
  }

  @inline(never)
  static func register(_ v: Value) {
    let l = layout(v)
    guard let o = l.pointee.object else { return }
    l.pointee.state = owned
    Registry.pair(v, o, .foreign, bothWays: false)
  }

  // MARK: operands

  /// Notes that C code has `v`'s object until `end`.
  @inline(__always)
  static func lend(_ thread: UnsafeMutablePointer<BridgeThread>, _ v: Value) {
    if layout(v).pointee.state != alone { return }
    if thread.pointee.lentCount == BridgeThread.lentRoom { return register(v) }
    thread.pointee.lent[thread.pointee.lentCount] = v
    thread.pointee.lentCount &+= 1
    lentCount &+= 1
  }
  /// Ends what has been lent since there were `mark` of them.
  @inline(__always)
  static func end(_ thread: UnsafeMutablePointer<BridgeThread>, _ mark: Int) {
    while thread.pointee.lentCount > mark {
      thread.pointee.lentCount &-= 1
      lentCount &-= 1
      let v = thread.pointee.lent[thread.pointee.lentCount]
      guard let o = layout(v).pointee.object, amphis_refcount(o) > 1 || amphis_has_weak_references(o) != 0 else { continue }
      if layout(v).pointee.state == alone { register(v) }
    }
  }
  /// Our object for one of CPython's that is lent just now, and registered from then on; null for any other.
  @inline(never)
  static func find(_ o: PyRef) -> Value {
    var state = Parked.runtime.pointee.threads
    while let t = state {
      state = t.pointee.next
      guard let thread = t.pointee.foreign?.assumingMemoryBound(to: BridgeThread.self) else { continue }
      for i in 0..<thread.pointee.lentCount where layout(thread.pointee.lent[i]).pointee.object == o {
        let v = thread.pointee.lent[i]
        if layout(v).pointee.state == alone { register(v) }
        return v
      }
    }
    return .null
  }

  // MARK: the collector

  static func traceRoots(_ tracer: Tracer) {
    if lentCount == 0 { return }
    var state = Parked.runtime.pointee.threads
    while let t = state {
      state = t.pointee.next
      guard let thread = t.pointee.foreign?.assumingMemoryBound(to: BridgeThread.self) else { continue }
      for i in 0..<thread.pointee.lentCount { tracer.visit(thread.pointee.lent[i]) }
    }
  }

  /// Calls `body` with the objects of unmarked cells that may be part of a ring.
  static func forEachInDoubt(_ body: (PyRef) -> Void) {
    for i in 0..<cells.count where !BridgeAccess.isMarked(cells.items[i]) {
      let l = cells.items[i].assumingMemoryBound(to: ForeignLayout.self)
      if l.pointee.state == alone, let o = l.pointee.object, amphis_type_has(amphis_type(o), 1 << 14) != 0 { body(o) }
    }
  }

  /// Marking is complete: what is dead leaves the row. `drop` gets the objects whose end may run code.
  static func afterMark(_ drop: (PyRef) -> Void) {
    pace = remains.count > 1024 ? min(pace &+ 1, 16) : 1
    var kept = 0
    for i in 0..<cells.count {
      let cell = cells.items[i]
      if i &+ 16 < cells.count { amphis_prefetch(cells.items[i &+ 16]) }
      if BridgeAccess.isMarked(cell) {
        cells.items[kept] = cell
        kept &+= 1
        continue
      }
      let l = cell.assumingMemoryBound(to: ForeignLayout.self)
      guard l.pointee.state == alone, let o = l.pointee.object else { continue }
      // A cell in a ring through both heaps lasts a little longer than its reference.
      l.pointee.object = nil
      if amphis_refcount(o) == 1, amphis_ends_unnoticed(o) != 0 { remains.append(UnsafeMutableRawPointer(o)) } else { drop(o) }
    }
    cells.count = kept
  }

  static var hasRemains: Bool { remains.count != 0 }

  /// Lets a few of the dead go.
  @inline(__always)
  static func clearSome() {
    if remains.count == 0 { return }
    clear(pace)
  }
  @inline(never)
  static func clear(_ most: Int) {
    var left = most
    while left > 0, remains.count > 0 {
      left &-= 1
      remains.count &-= 1
      if remains.count >= 8 {
        let later = remains.items[remains.count &- 8]
        amphis_prefetch(later)
        amphis_prefetch(later + 64)
      }
      release(remains.items[remains.count].assumingMemoryBound(to: PyObject.self))
    }
  }
}
