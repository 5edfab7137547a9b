import CPython
import PyRuntime

/// Cycles through both heaps, found by trial deletion.
///
/// A twin keeps our object alive while CPython holds it, a foreign object keeps CPython's alive while we hold it: a ring of the two
/// would keep itself alive for ever. So twins are no plain roots. Once our own roots have been marked, every object of CPython's that
/// is in doubt (the twin of something unmarked, or owned by something unmarked) is entered in a table with its reference count, and so
/// is what it reaches by `tp_traverse`. References from inside the table and our own are taken off. What has some left is held by
/// somebody else: it is alive, and so is all that it reaches, in both heaps, back and forth until nothing is added. The rest goes.
/// Types and modules are never entered: what they hold counts as held.
enum CrossCycles {
  /// CPython's object → references not accounted for, shifted left by 1; bit 0: found alive
  nonisolated(unsafe) private static var doubt = PointerTable()
  /// Objects of the table still to be looked into
  nonisolated(unsafe) private static var work: [PyRef] = []
  /// Owned objects in doubt whose owner cannot tell when it is marked (containers, exceptions, functions)
  nonisolated(unsafe) private static var silent: [(PyRef, UInt)] = []
  nonisolated(unsafe) private static var isActive = false
  nonisolated(unsafe) private static var failed = false
  /// Above this many objects everything in doubt counts as alive: the next collection tries again.
  private static let limit = 1 << 22

  /// What runs when a foreign object of ours is marked during a trial. `gc.collect()` also looks at the references of what is dead, which
  /// makes nothing alive.
  static let traceForeign: TraceFunction = { cell, _ in
    if !CrossCycles.isActive || BridgeAccess.isObserving { return }
    if let o = cell.assumingMemoryBound(to: ForeignLayout.self).pointee.object { CrossCycles.becomeAlive(o) }
  }

  private static func becomeAlive(_ o: PyRef) {
    guard let e = doubt.find(UInt(bitPattern: o)), e.pointee.value & 1 == 0 else { return }
    e.pointee.value |= 1
    work.append(o)
  }

  /// Marks what CPython alone keeps alive.
  static func mark(_ tracer: Tracer) {
    var hasTwins = false
    let entries = Registry.toOurs.entries
    for i in 0..<Registry.toOurs.capacity where entries[i].key != 0 {
      let e = entries[i]
      if e.kind.keepsOurs && isUnmarked(e.value) {
        hasTwins = true
        break
      }
    }
    if !hasTwins { return }
    doubt = PointerTable()
    failed = false
    for i in 0..<Registry.toOurs.capacity where entries[i].key != 0 {
      let e = entries[i]
      guard e.kind == .twin || e.kind.isOwned, isUnmarked(e.value), let o = PyRef(bitPattern: e.key) else { continue }
      enter(o, owned: e.kind.isOwned ? 1 : 0)
      if e.kind.isOwned, !Value(bits: UInt64(e.value)).type.pointee.flags.contains(.foreign) { silent.append((o, e.value)) }
    }
    Light.forEachInDoubt { enter($0, owned: 1) }
    while let o = work.popLast() {
      traverse(o) { child, _ in
        if let child { CrossCycles.takeOff(child) }
        return 0
      }
      if doubt.count > limit {
        failed = true
        break
      }
    }
    work.removeAll(keepingCapacity: true)
    isActive = true
    for i in 0..<doubt.capacity where doubt.entries[i].key != 0 {
      if failed || Int(bitPattern: doubt.entries[i].value) >> 1 > 0, let o = PyRef(bitPattern: doubt.entries[i].key) { becomeAlive(o) }
    }
    propagate(tracer)
  }

  private static func isUnmarked(_ bits: UInt) -> Bool {
    let v = Value(bits: UInt64(bits))
    return v.isCell && !BridgeAccess.isMarked(v.cell)
  }

  /// Enters an object with its references less `owned`.
  private static func enter(_ o: PyRef, owned: Int) {
    let refs = amphis_refcount(o) &- owned
    doubt.set(UInt(bitPattern: o), UInt(bitPattern: refs << 1), .permanent)
    work.append(o)
  }
  private static func takeOff(_ child: PyRef) {
    let key = UInt(bitPattern: child)
    if doubt.find(key) == nil {
      if amphis_is_type(child) != 0 || !canTraverse(child) && Registry.toOurs.find(key) == nil || ModuleLoader.isModule(child) { return }
      // Owned by something of ours that is alive, or not ours at all: all its references count.
      enter(child, owned: 0)
    }
    if let e = doubt.find(key) { e.pointee.value &-= 2 }
  }

  /// Objects of a complete state that tell what they refer to. A tuple or dict that CPython's collector has dropped may hold twins,
  /// which are no business of that collector.
  @inline(__always) private static func canTraverse(_ o: PyRef) -> Bool {
    let t = amphis_type(o)
    if amphis_type_has(t, 1 << 14) == 0 || t.pointee.tp_traverse == nil || t.pointee.tp_is_gc != nil { return false }
    return t == Names.tuple || t == Names.dict || py.pointee.PyObject_GC_IsTracked(o) != 0
  }
  private static func traverse(_ o: PyRef, _ visit: @convention(c) (PyRef?, UnsafeMutableRawPointer?) -> Int32) {
    if canTraverse(o), let f = amphis_type(o).pointee.tp_traverse { _ = f(o, visit, nil) }
  }

  /// Carries life on from what has been found alive, through both heaps.
  private static func propagate(_ tracer: Tracer) {
    var rounds = 0
    while true {
      while let o = work.popLast() {
        if let e = Registry.toOurs.find(UInt(bitPattern: o)), e.pointee.kind.keepsOurs {
          tracer.visit(Value(bits: UInt64(e.pointee.value)))
          tracer.drain()
        }
        traverse(o) { child, _ in
          if let child { CrossCycles.becomeAlive(child) }
          return 0
        }
      }
      var kept = 0
      for i in silent.indices {
        if failed || rounds > 1000 || !isUnmarked(silent[i].1) {
          becomeAlive(silent[i].0)
        } else {
          silent[kept] = silent[i]
          kept += 1
        }
      }
      silent.removeLast(silent.count - kept)
      if work.isEmpty { return }
      rounds += 1
    }
  }

  /// Finalizers may have brought some of it back. After this, what is unmarked is dead.
  static func finish(_ tracer: Tracer) {
    if isActive { propagate(tracer) }
  }

  /// The values of twins that die stay for this once: CPython drops the twins later.
  static func end(_ tracer: Tracer) {
    if !isActive { return }
    isActive = false
    silent.removeAll(keepingCapacity: true)
    doubt.free()
    let entries = Registry.toOurs.entries
    for i in 0..<Registry.toOurs.capacity where entries[i].key != 0 && entries[i].kind == .twin {
      let v = Value(bits: UInt64(entries[i].value))
      if isUnmarked(entries[i].value) { BridgeCounters.cycles &+= 1 }
      tracer.visit(v)
    }
    tracer.drain()
  }

  /// CPython's own collector; whether anything of ours went with it.
  static func collectGarbage(_ vm: VM) -> Bool {
    let before = Registry.toOurs.count
    let hadDead = Registry.hasDead
    Light.clear(Int.max)
    _ = Calls.run(vm) { py.pointee.PyGC_Collect() }
    return hadDead || Registry.toOurs.count != before
  }
}
