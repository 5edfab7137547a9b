/// Weak references: making them and the table that the collector clears.
enum WeakRefs {
  /// A reference without callback for the runtime's own lists; it is not found by `weakref.ref`.
  static func internalReference(_ vm: VM, _ referent: Value) throws(Raised) -> Value {
    let r = try vm.make(WeakRefLayout.self, rt.pointee.types.weakref)
    r.pointee.referent = referent
    r.pointee.hash = -1
    rt.pointee.heap.weakReferences.append(UnsafeMutableRawPointer(r))
    return Value(r)
  }

  /// The newest weak reference to `v`, or None: what `__weakref__` shows.
  static func getWeakref(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let first = WeakTable.first(v)
    return first.isNull ? .none : first
  }
}
