import CPython
import PyRuntime

/// Containers of ours whose storage lies in CPython's come home when CPython holds no reference but ours: the items are copied into
/// a storage of our own and CPython's container goes. That is seen in two places: when a call has ended (of what appeared or was kept
/// during it), and at the next operation that would be forwarded.
enum StorageReturn {
  /// CPython's containers that got one of ours since the outermost call began. Borrowed, and looked up before use.
  nonisolated(unsafe) private static var watched: [PyRef] = [] {
    didSet {
      hasWatched = !watched.isEmpty
      Crossing.set(Crossing.watched, hasWatched)
    }
  }
  nonisolated(unsafe) private static var hasWatched = false
  /// Above this many, later operations find out.
  private static let limit = 1 << 14

  static func watch(_ o: PyRef) {
    rt.pointee.adoptionActive = true
    if watched.count < limit { watched.append(o) }
  }

  /// A call from our side has ended.
  @inline(__always) static func afterCall(_ vm: VM) {
    if hasWatched && BridgeThread.of(vm).pointee.depth == 0 { takeBackWatched(vm) }
  }

  private static func takeBackWatched(_ vm: VM) {
    while !watched.isEmpty {
      var list: [PyRef] = []
      list = watched
      watched = []
      for o in list {
        guard let e = Registry.toOurs.find(UInt(bitPattern: o)), e.pointee.kind == .foreign else { continue }
        let v = Value(bits: UInt64(e.pointee.value))
        guard Containers.isExact(v), Containers.foreign(v) == o, amphis_refcount(o) == 1 else { continue }
        _ = takeBack(vm, v, o)
      }
    }
  }

  /// Gives `v` a storage of its own with the items of `o`, to which only the registry has a reference. False when it stays as it is.
  static func takeBack(_ vm: VM, _ v: Value, _ o: PyRef) -> Bool {
    guard let e = Registry.toOurs.find(UInt(bitPattern: o)), e.pointee.kind == .foreign, Containers.isExact(v) else { return false }
    // With a second reference, code that runs while items cross only forwards.
    _ = retain(o)
    defer { release(o) }
    let version = state(v, o)
    let copy: Value
    do throws(Raised) { copy = try Containers.receive(vm, o, amphis_type(o), fresh: true) } catch {
      vm.clearPending()
      return false
    }
    guard Containers.foreign(v) == o, state(v, o) == version else { return false }
    BridgeAccess.swapStorage(v, copy)
    Containers.setForeign(v, nil)
    Registry.unpair(v, o)
    release(o)
    BridgeCounters.returns &+= 1
    watchItems(v)
    return true
  }
  private static func state(_ v: Value, _ o: PyRef) -> UInt64 {
    v.isDict ? amphis_dict_version(o) : v.isList ? UInt64(truncatingIfNeeded: amphis_size(o)) : UInt64(py.pointee.PySet_Size(o))
  }

  /// What `v` contains may have lost its last reference over there with `v`'s.
  private static func watchItems(_ v: Value) {
    func look(_ item: Value) {
      if item.isCell, Containers.isExact(item), let o = Containers.foreign(item) { watch(o) }
    }
    if v.isList {
      let l = v.as(ListLayout.self)
      guard let items = l.pointee.items else { return }
      for i in 0..<l.pointee.count { look(items[i]) }
    } else if v.isDict {
      var position = 0
      while let entry = Dicts.next(v, &position) { look(entry.value) }
    }
  }
}
