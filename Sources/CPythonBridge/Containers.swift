import CPython
import PyRuntime

/// list, dict, set, frozenset across the boundary.
///
/// Ours going there: C code insists on real containers, so a real one is *lent* for the call: filled with the items, and when the
/// call returns and nobody has kept it, what the call changed is written back. When CPython has kept a reference, the storage
/// moves there for good (`foreign`): both sides then see every change. Theirs coming here: a fresh one is copied, any other
/// appears as ours with its storage there.
enum Containers {
  struct Loan {
    var ours: UInt
    var theirs: PyRef
    /// The items as lent, each with a reference: pairs for a dict
    var items: [PyRef]
  }
  /// Loans of the calls now running, innermost last. The containers are roots by their registry entries.
  nonisolated(unsafe) static var loans: [Loan] = []

  // MARK: theirs here

  static func receive(_ vm: VM, _ o: PyRef, _ type: PyTypeRef, fresh: Bool) throws(Raised) -> Value {
    if type == Names.frozenset {
      let s = try vm.list()
      try forEachKey(vm, o) { k throws(Raised) in try vm.append(s, try FromPython.convert(vm, k, fresh: fresh)) }
      return try vm.frozenSet(from: s)
    }
    if !fresh { return try appear(vm, o, type) }
    if type == Names.list {
      let count = amphis_size(o)
      let list = try vm.list(capacity: count)
      var i = 0
      while i < amphis_size(o), let item = amphis_list_item(o, i) {
        try vm.append(list, try FromPython.convert(vm, item, fresh: true))
        i += 1
      }
      return list
    }
    if type == Names.dict {
      let d = try vm.dict()
      try fill(vm, d, from: o, fresh: true)
      return d
    }
    let s = try vm.list()
    try forEachKey(vm, o) { k throws(Raised) in try vm.append(s, try FromPython.convert(vm, k, fresh: true)) }
    return try vm.set(from: s)
  }

  private static func fill(_ vm: VM, _ d: Value, from o: PyRef, fresh: Bool) throws(Raised) {
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(o, &position, &key, &value) != 0 {
      guard let key, let value else { continue }
      let k = amphis_type(key) == Names.unicode ? try vm.intern(try FromPython.str(vm, key)) : try FromPython.convert(vm, key)
      try Dicts.set(vm, d, k, try FromPython.convert(vm, value, fresh: fresh))
    }
  }

  private static func forEachKey(_ vm: VM, _ o: PyRef, _ body: (PyRef) throws(Raised) -> Void) throws(Raised) {
    var position = 0
    var key: PyRef?
    var hash = 0
    while py.pointee._PySet_NextEntry(o, &position, &key, &hash) != 0 {
      if let key { try body(key) }
    }
  }

  /// One of ours whose storage is `o`.
  private static func appear(_ vm: VM, _ o: PyRef, _ type: PyTypeRef) throws(Raised) -> Value {
    let v = type == Names.list ? try vm.list() : type == Names.dict ? try vm.dict() : try vm.set()
    setForeign(v, UnsafeMutableRawPointer(retain(o)))
    Registry.pair(v, o, .foreign)
    rt.pointee.adoptionActive = true
    return v
  }

  private static func setForeign(_ v: Value, _ storage: UnsafeMutableRawPointer?) {
    if v.isList {
      v.as(ListLayout.self).pointee.foreign = storage
    } else if v.isDict {
      v.as(DictLayout.self).pointee.foreign = storage
    } else {
      v.as(SetLayout.self).pointee.foreign = storage
    }
  }
  static func foreign(_ v: Value) -> PyRef? {
    let p: UnsafeMutableRawPointer? =
      v.isList
      ? v.as(ListLayout.self).pointee.foreign
      : v.isDict ? v.as(DictLayout.self).pointee.foreign : v.isSetOrFrozenSet ? v.as(SetLayout.self).pointee.foreign : nil
    return p?.assumingMemoryBound(to: PyObject.self)
  }

  /// An operation on a container whose storage is CPython's: `v.name(*args)` there.
  static func forward(_ vm: VM, _ v: Value, _ name: Value, _ args: Args) throws(Raised) -> Value {
    guard let o = foreign(v) else { throw vm.raise(.systemError, "container without storage") }
    let attribute = try ToPython.str(vm, name)
    defer { release(attribute) }
    let method = try ToPython.check(vm, py.pointee.PyObject_GetAttr(o, attribute))
    defer { release(method) }
    return try Calls.call(vm, method, args)
  }

  // MARK: ours there

  /// A real container with the items of ours, for the call that is being prepared. A new reference.
  static func lend(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if let o = foreign(v) { return retain(o) }
    let made: PyRef?
    let exact = [rt.types.list, rt.types.dict, rt.types.set, rt.types.frozenset].contains(v.type)
    if !exact && !v.isInstance(of: rt.types.frozenset) {
      made = try Twins.makeContainer(vm, v)
    } else if v.isList {
      made = py.pointee.PyList_New(0)
    } else if v.isDict {
      made = py.pointee.PyDict_New()
    } else if v.isInstance(of: rt.types.frozenset) {
      return try frozen(vm, v)
    } else {
      made = py.pointee.PySet_New(nil)
    }
    let o = try ToPython.check(vm, made)
    // Entered before the items cross: a container may contain itself.
    Registry.pair(v, o, .loan)
    let place = loans.count
    loans.append(Loan(ours: UInt(v.bits), theirs: retain(o), items: []))
    let items = try fill(vm, o, from: v)
    loans[place].items = items
    return o
  }

  private static func frozen(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let list = try ToPython.check(vm, py.pointee.PyList_New(0))
    defer { release(list) }
    let copy = try vm.list(from: v)
    for item in try fill(vm, list, from: copy) { release(item) }
    return try ToPython.check(vm, py.pointee.PyFrozenSet_New(list))
  }

  private static func fill(_ vm: VM, _ o: PyRef, from v: Value) throws(Raised) -> [PyRef] {
    var items: [PyRef] = []
    if v.isList {
      var i = 0
      let l = v.as(ListLayout.self)
      while i < l.pointee.count, let storage = l.pointee.items {
        let item = try ToPython.convert(vm, storage[i])
        items.append(item)
        if py.pointee.PyList_Append(o, item) != 0 { throw Errors.fetch(vm) }
        i += 1
      }
    } else if v.isDict {
      var position = 0
      while let entry = Dicts.next(v, &position) {
        let key = try ToPython.convert(vm, entry.key)
        items.append(key)
        let value = try ToPython.convert(vm, entry.value)
        items.append(value)
        if py.pointee.PyDict_SetItem(o, key, value) != 0 { throw Errors.fetch(vm) }
      }
    } else {
      let keys = try vm.list(from: v)
      var i = 0
      let l = keys.as(ListLayout.self)
      while i < l.pointee.count, let storage = l.pointee.items {
        let item = try ToPython.convert(vm, storage[i])
        items.append(item)
        if py.pointee.PySet_Add(o, item) != 0 { throw Errors.fetch(vm) }
        i += 1
      }
    }
    return items
  }

  /// Ends the loans made since there were `mark`: writes changes back, or lets the storage go where it was kept.
  /// - Parameter held: references that the caller still has to the container lent last but its own
  static func settle(_ vm: VM, _ mark: Int, held: Int = 0) throws(Raised) {
    if loans.count <= mark { return }
    // Outer containers first: they hold references to the inner ones.
    let ending = Array(loans[mark...])
    loans.removeLast(loans.count - mark)
    for loan in ending {
      let v = Value(bits: UInt64(loan.ours))
      let o = loan.theirs
      if amphis_refcount(o) <= 1 + held && (held == 0 || loan.theirs == ending[0].theirs || amphis_refcount(o) == 1) {
        // Out of the table first: what is written back may refer to the container itself.
        let changed = !isUnchanged(loan, v)
        if changed { try writeBack(vm, v, o) }
        Registry.unpair(v, o)
        release(o)
      } else {
        try adopt(vm, v, o, loan.items)
      }
      for item in loan.items { release(item) }
    }
  }

  private static func isUnchanged(_ loan: Loan, _ v: Value) -> Bool {
    let o = loan.theirs
    if v.isList {
      guard amphis_size(o) == loan.items.count else { return false }
      for i in 0..<loan.items.count where amphis_list_item(o, i) != loan.items[i] { return false }
      return true
    }
    if v.isDict {
      guard py.pointee.PyDict_Size(o) == loan.items.count / 2 else { return false }
      var position = 0
      var key: PyRef?
      var value: PyRef?
      var n = 0
      while py.pointee.PyDict_Next(o, &position, &key, &value) != 0 {
        if n + 1 >= loan.items.count || key != loan.items[n] || value != loan.items[n + 1] { return false }
        n += 2
      }
      return true
    }
    guard py.pointee.PySet_Size(o) == loan.items.count else { return false }
    for item in loan.items where py.pointee.PySequence_Contains(o, item) != 1 { return false }
    return true
  }

  private static func writeBack(_ vm: VM, _ v: Value, _ o: PyRef) throws(Raised) {
    if v.isList {
      let copy = try vm.list()
      var i = 0
      while i < amphis_size(o), let item = amphis_list_item(o, i) {
        try vm.append(copy, try FromPython.convert(vm, item))
        i += 1
      }
      let l = v.as(ListLayout.self)
      Lists.truncate(l, 0)
      try Lists.extend(vm, l, copy)
    } else if v.isDict {
      let copy = try vm.dict()
      try fill(vm, copy, from: o, fresh: false)
      Dicts.clear(vm, v)
      try Dicts.merge(vm, v, copy)
    } else {
      let copy = try vm.list()
      try forEachKey(vm, o) { k throws(Raised) in try vm.append(copy, try FromPython.convert(vm, k)) }
      _ = try vm.callMethod(v, "clear")
      _ = try vm.callMethod(v, "update", copy)
    }
  }

  /// CPython has kept the container: an exact one of ours gives its storage up; of a subclass CPython keeps a copy.
  private static func adopt(_ vm: VM, _ v: Value, _ o: PyRef, _ items: [PyRef]) throws(Raised) {
    let type = v.type
    if type == rt.types.list || type == rt.types.dict || type == rt.types.set {
      if type == rt.types.list {
        Lists.truncate(v.as(ListLayout.self), 0)
        v.as(ListLayout.self).pointee.items = nil
        v.as(ListLayout.self).pointee.capacity = 0
      } else if type == rt.types.dict {
        Dicts.clear(vm, v)
      } else {
        _ = try vm.callMethod(v, "clear")
      }
      setForeign(v, UnsafeMutableRawPointer(o))
      Registry.pair(v, o, .foreign)
      rt.pointee.adoptionActive = true
      return
    }
    if !isUnchanged(Loan(ours: UInt(v.bits), theirs: o, items: items), v) { try writeBack(vm, v, o) }
    if v.type.pointee.flags.contains(.heapType) || type.pointee.twin != nil {
      // Its own class over there: it stays what stands for ours as long as CPython holds it.
      Registry.pair(v, o, .twin)
    } else {
      Registry.unpair(v, o)
    }
    release(o)
    try Lossy.report(vm, .snapshot, v, "CPython keeps a copy: later changes are not seen on the other side")
  }
}
