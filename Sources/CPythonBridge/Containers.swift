import CPython
import PyRuntime

/// list, dict, set, frozenset across the boundary.
///
/// Ours going there: C code insists on real containers, so a real one is *lent* for the call: filled with the items, and when the
/// call returns and nobody has kept it, what the call changed is written back. Whenever our code may run meanwhile (a callback, another
/// thread), the loan is made *current* first: our container's storage is set aside and the container forwards (`foreign`), so that both
/// sides see one state. When CPython has kept a reference at the end, that stays so for good. Theirs coming here: a fresh one is
/// copied, any other appears as ours with its storage there.
enum Containers {
  struct Loan {
    var ours: UInt
    var theirs: PyRef
    /// The items as lent, each with a reference: pairs for a dict
    var items: LentItems
    /// The `ThreadState` of the call
    var owner: UnsafeMutableRawPointer
    /// `items` is complete
    var isFilled = false
    /// Our storage, set aside in a container of its own while ours forwards; 0 before. A root.
    var aside: UInt = 0
  }
  /// Loans of all threads' calls now running; those of one thread innermost last. The containers are roots by their registry entries.
  nonisolated(unsafe) static var loans = LoanStack()
  @inline(__always) static var hasLoans: Bool { loans.count != 0 }
  /// Loans that are being ended: what they have set aside stays a root until that is done.
  nonisolated(unsafe) private static var ending: [Loan] = []
  /// Loans before this one are current, as far as they can be
  nonisolated(unsafe) private static var current = 0

  /// How many loans the thread has: what `settle` takes to end those made since.
  @inline(__always) static func mark(_ vm: VM) -> Int { BridgeThread.of(vm).pointee.loans }

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
      if amphis_dict_count(o) != 0 { try fill(vm, d, from: o, fresh: true) }
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
    StorageReturn.watch(o)
    return v
  }

  static func setForeign(_ v: Value, _ storage: UnsafeMutableRawPointer?) {
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
    if !Lossy.isOn { return try forwarded(vm, v, name, args) }
    return try Lossy.within(vm, v, name.isStr ? name.swiftString : "") { () throws(Raised) in try forwarded(vm, v, name, args) }
  }
  private static func forwarded(_ vm: VM, _ v: Value, _ name: Value, _ args: Args) throws(Raised) -> Value {
    // An operation of several steps may find the storage come back after the first.
    guard let o = foreign(v) else { return try vm.call(try vm.getAttribute(v, name), args) }
    if amphis_refcount(o) == 1, StorageReturn.takeBack(vm, v, o) { return try vm.call(try vm.getAttribute(v, name), args) }
    if args.count == 1, args.keywords.isNull, args.base[0].isSmallInt, amphis_type(o) == Names.list, name == rt.pointee.names.__getitem__ {
      var i = args.base[0].smallInt
      if i < 0 { i &+= amphis_size(o) }
      if i >= 0, i < amphis_size(o), let item = amphis_list_item(o, i) {
        _ = retain(item)
        defer { release(item) }
        return try FromPython.convert(vm, item)
      }
    }
    let attribute = try ToPython.str(vm, name)
    defer { release(attribute) }
    let method = try ToPython.check(vm, py.pointee.PyObject_GetAttr(o, attribute))
    defer { release(method) }
    return try Calls.call(vm, method, args)
  }

  /// The entry of one whose storage is CPython's: key and value, or null for a set's.
  static func next(_ vm: VM, _ v: Value, _ position: inout Int) throws(Raised) -> (Value, Value)? {
    guard let o = foreign(v) else { return nil }
    var key: PyRef?
    if v.isDict {
      var value: PyRef?
      guard py.pointee.PyDict_Next(o, &position, &key, &value) != 0, let key, let value else { return nil }
      _ = (retain(key), retain(value))
      defer {
        release(key)
        release(value)
      }
      return (try FromPython.convert(vm, key), try FromPython.convert(vm, value))
    }
    var hash = 0
    guard py.pointee._PySet_NextEntry(o, &position, &key, &hash) != 0, let key else { return nil }
    _ = retain(key)
    defer { release(key) }
    return (try FromPython.convert(vm, key), .null)
  }

  // MARK: ours there

  /// A real container with the items of ours, for the call that is being prepared. A new reference.
  static func lend(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let isPlainList = v.as(CellHeader.self).pointee.type == Names.listOurs
    if isPlainList {
      if let o = v.as(ListLayout.self).pointee.foreign { return retain(o.assumingMemoryBound(to: PyObject.self)) }
    } else if let o = foreign(v) {
      return retain(o)
    }
    if isPlainList, let (o, items) = try plainList(vm, v) {
      Registry.pair(v, o, .loan)
      loans.append(
        Loan(ours: UInt(v.bits), theirs: retain(o), items: items, owner: UnsafeMutableRawPointer(vm.thread), isFilled: true))
      BridgeThread.of(vm).pointee.loans &+= 1
      BridgeCounters.loans &+= 1
      if BridgeAccess.hasManyThreads { try makeCurrent(vm) }
      return o
    }
    let made: PyRef?
    let exact = isExact(v) || v.type == rt.pointee.types.frozenset
    if !exact && !v.isInstance(of: rt.pointee.types.frozenset) {
      made = try Twins.makeContainer(vm, v)
    } else if v.isList {
      made = py.pointee.PyList_New(0)
    } else if v.isDict {
      made = py.pointee.PyDict_New()
    } else if v.isInstance(of: rt.pointee.types.frozenset) {
      return try frozen(vm, v)
    } else {
      made = py.pointee.PySet_New(nil)
    }
    let o = try ToPython.check(vm, made)
    // Entered before the items cross: a container may contain itself.
    Registry.pair(v, o, .loan)
    loans.append(Loan(ours: UInt(v.bits), theirs: retain(o), items: LentItems(), owner: UnsafeMutableRawPointer(vm.thread)))
    BridgeThread.of(vm).pointee.loans &+= 1
    BridgeCounters.loans &+= 1
    var items = LentItems()
    do throws(Raised) { try fill(vm, o, from: v, &items) } catch {
      items.drop()
      throw error
    }
    // Crossing an item may have run code that made and ended loans.
    guard let place = loans.lastIndex(of: o) else {
      items.drop()
      return o
    }
    loans[place].items = items
    loans[place].isFilled = true
    if !v.isList, v.type == rt.pointee.types.dict || v.type == rt.pointee.types.set { try checkCount(vm, v, o) }
    if BridgeAccess.hasManyThreads { try makeCurrent(vm) }
    return o
  }

  /// A short list of numbers, exact strs and constants: no code runs while they cross, and it does not contain itself. Its items with a
  /// reference each, as in `Loan`.
  private static func plainList(_ vm: VM, _ v: Value) throws(Raised) -> (PyRef, LentItems)? {
    let list = v.as(ListLayout.self)
    let count = list.pointee.count
    guard count > 0, count <= 32, isPlain(list) else { return nil }
    let o = try ToPython.check(vm, py.pointee.PyList_New(count))
    // CPython's collector may have run code.
    guard list.pointee.count == count, isPlain(list), let storage = list.pointee.items else {
      release(o)
      return nil
    }
    var items = LentItems(capacity: count)
    var i = 0
    while i < count {
      do throws(Raised) { items.append(try ToPython.convert(vm, storage[i])) } catch {
        items.drop()
        release(o)
        throw error
      }
      amphis_list_set(o, i, retain(items[i]))
      i &+= 1
    }
    return (o, items)
  }

  private static func isPlain(_ list: UnsafeMutablePointer<ListLayout>) -> Bool {
    guard let storage = list.pointee.items else { return false }
    var i = 0
    while i < list.pointee.count {
      if storage[i].isCell && storage[i].as(CellHeader.self).pointee.type != Names.str { return false }
      i &+= 1
    }
    return true
  }

  /// Keys that are equal over there have become one.
  private static func checkCount(_ vm: VM, _ v: Value, _ o: PyRef) throws(Raised) {
    if !Lossy.isOn { return }
    let ours = v.isDict ? Dicts.count(v) : v.as(SetLayout.self).pointee.count
    let theirs = v.isDict ? py.pointee.PyDict_Size(o) : py.pointee.PySet_Size(o)
    if theirs >= ours { return }
    try Lossy.report(
      vm, .duplicateKeys, .toCPython, v.typeName, v.typeName, "\(ours &- theirs) of \(ours) keys are equal to another one by now",
      advice: "do not change keys that are in use, or rebuild the container first")
  }

  /// Sets our storage of every container that is lent aside: code of ours is about to run while C code has the containers.
  static func makeCurrent(_ vm: VM) throws(Raised) {
    try endReleased(vm)
    var i = current
    while i < loans.count {
      let loan = loans[i]
      // What is being filled comes again; all before it is done with.
      if loan.isFilled && i == current { current += 1 }
      i += 1
      let v = Value(bits: UInt64(loan.ours))
      guard loan.isFilled, loan.aside == 0, foreign(v) == nil, isExact(v) else { continue }
      let aside = v.isList ? try vm.list() : v.isDict ? try vm.dict() : try vm.set()
      // The allocation may have ended or begun loans.
      guard let place = loans.lastIndex(of: loan.theirs), loans[place].aside == 0 else { continue }
      loans[place].aside = UInt(aside.bits)
      BridgeAccess.swapStorage(v, aside)
      setForeign(v, UnsafeMutableRawPointer(loan.theirs))
      rt.pointee.adoptionActive = true
    }
  }

  /// Ends loans made since the thread's innermost call began that C code has let go of meanwhile: `__dict__` of one instance after the
  /// other must not pile up until the call ends.
  private static func endReleased(_ vm: VM) throws(Raised) {
    let thread = BridgeThread.of(vm)
    let owner = UnsafeMutableRawPointer(vm.thread)
    while thread.pointee.loans > thread.pointee.mark, let loan = loans.last, loan.owner == owner, loan.isFilled,
      amphis_refcount(loan.theirs) == 1
    {
      loans.removeLast()
      current = min(current, loans.count)
      thread.pointee.loans &-= 1
      if loan.aside != 0 { ending.append(loan) }
      defer { forgetEnding(loan) }
      try finish(vm, loan, free: true)
    }
  }

  static func isExact(_ v: Value) -> Bool {
    v.type == rt.pointee.types.list || v.type == rt.pointee.types.dict || v.type == rt.pointee.types.set
  }

  static func traceRoots(_ tracer: Tracer) {
    for i in 0..<loans.count where loans[i].aside != 0 { tracer.visit(Value(bits: UInt64(loans[i].aside))) }
    for loan in ending { tracer.visit(Value(bits: UInt64(loan.aside))) }
  }

  /// Other threads may have begun to end loans meanwhile.
  private static func forgetEnding(_ loan: Loan) {
    if loan.aside == 0 { return }
    if let place = ending.lastIndex(where: { $0.theirs == loan.theirs && $0.aside == loan.aside }) { ending.remove(at: place) }
  }

  private static func frozen(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if Lossy.isOn, v.type != rt.pointee.types.frozenset {
      try Lossy.report(
        vm, .typeErased, .toCPython, v.typeName, "frozenset", "an instance of a subclass arrives as its builtin base",
        advice: "pass amphis.copy(x) to say you mean it")
    }
    let list = try ToPython.check(vm, py.pointee.PyList_New(0))
    defer { release(list) }
    let copy = try vm.list(from: v)
    var items = LentItems()
    defer { items.drop() }
    try fill(vm, list, from: copy, &items)
    return try ToPython.check(vm, py.pointee.PyFrozenSet_New(list))
  }

  /// Fills `o`. `items` gets what it is filled with, a reference each.
  private static func fill(_ vm: VM, _ o: PyRef, from v: Value, _ items: inout LentItems) throws(Raised) {
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
  }

  /// Ends the thread's loans made since it had `mark`: writes changes back, or lets the storage go where it was kept.
  /// - Parameter held: references that the caller still has to the container lent last but its own
  static func settle(_ vm: VM, _ mark: Int, held: Int = 0) throws(Raised) {
    let thread = BridgeThread.of(vm)
    if thread.pointee.loans <= mark { return }
    let owner = UnsafeMutableRawPointer(vm.thread)
    if thread.pointee.loans == mark &+ 1, let loan = loans.last, loan.owner == owner {
      loans.removeLast()
      current = min(current, loans.count)
      thread.pointee.loans = mark
      if loan.aside != 0 { ending.append(loan) }
      defer { forgetEnding(loan) }
      return try finish(vm, loan, free: amphis_refcount(loan.theirs) <= 1 + held)
    }
    // Outer containers first: they hold references to the inner ones.
    var ours: [Loan] = []
    var seen = 0
    var kept = 0
    for i in 0..<loans.count {
      if loans[i].owner == owner {
        seen += 1
        if seen > mark {
          ours.append(loans[i])
          current = min(current, kept)
          continue
        }
      }
      if kept != i { loans[kept] = loans[i] }
      kept += 1
    }
    loans.truncate(kept)
    thread.pointee.loans = mark
    for loan in ours where loan.aside != 0 { ending.append(loan) }
    defer { for loan in ours { forgetEnding(loan) } }
    var failure = Value.null
    for loan in ours {
      do throws(Raised) {
        try finish(
          vm, loan,
          free: amphis_refcount(loan.theirs) <= 1 + held
            && (held == 0 || loan.theirs == ours[0].theirs || amphis_refcount(loan.theirs) == 1))
      } catch {
        // The other loans end all the same; the first error is the one that is told.
        let pending = vm.takePending()
        if failure.isNull { failure = pending }
      }
    }
    if !failure.isNull { throw vm.reraise(failure) }
  }

  private static func finish(_ vm: VM, _ loan: Loan, free: Bool) throws(Raised) {
    defer { loan.items.drop() }
    noticeKept(vm, loan, free: free)
    try end(vm, loan, free: free)
  }
  /// Pairs immutable items that C code has kept, with the container or without, with ours.
  private static func noticeKept(_ vm: VM, _ loan: Loan, free: Bool) {
    let source = Value(bits: UInt64(loan.aside == 0 ? loan.ours : loan.aside))
    guard loan.isFilled, foreign(source) == nil else { return }
    // The container's own reference, and the loan's
    let own = free ? 2 : 1
    func look(_ v: Value, _ i: Int) {
      if v.isCell, i < loan.items.count, amphis_refcount(loan.items[i]) > own { KeptValues.notice(v, loan.items[i]) }
    }
    if source.isList {
      let l = source.as(ListLayout.self)
      guard let storage = l.pointee.items, l.pointee.count == loan.items.count else { return }
      for i in 0..<loan.items.count { look(storage[i], i) }
    } else if source.isDict {
      var position = 0
      var i = 0
      while let entry = Dicts.next(source, &position) {
        look(entry.key, i)
        look(entry.value, i &+ 1)
        i &+= 2
      }
    }
  }
  private static func end(_ vm: VM, _ loan: Loan, free: Bool) throws(Raised) {
    let v = Value(bits: UInt64(loan.ours))
    let o = loan.theirs
    if !free {
      BridgeCounters.adoptions &+= 1
      return try adopt(vm, v, o, loan)
    }
    let unchanged = isUnchanged(loan, v)
    let source = loan.aside == 0 ? v : Value(bits: UInt64(loan.aside))
    if loan.aside != 0 {
      setForeign(v, nil)
      BridgeAccess.swapStorage(v, source)
    }
    // Out of the table first: what is written back may refer to the container itself.
    defer {
      Registry.unpair(v, o)
      release(o)
    }
    if !unchanged { try writeBack(vm, v, loan, fresh: amphis_refcount(o) == 1) }
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
    for i in 0..<loan.items.count where py.pointee.PySequence_Contains(o, loan.items[i]) != 1 { return false }
    return true
  }

  /// The values that were lent, in the order of `Loan.items`.
  private static func originals(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.isList { return try vm.list(from: v) }
    if !v.isDict { return try vm.list(from: v) }
    let list = try vm.list()
    var position = 0
    while let entry = Dicts.next(v, &position) {
      try vm.append(list, entry.key)
      try vm.append(list, entry.value)
    }
    return list
  }

  /// Brings what the call changed into our storage. Items that were lent come back as the objects they were.
  /// `fresh`: nobody else has CPython's container, so what it alone refers to may be copied.
  private static func writeBack(_ vm: VM, _ v: Value, _ loan: Loan, fresh: Bool) throws(Raised) {
    let o = loan.theirs
    let lent = try originals(vm, v)
    var places = PointerTable()
    defer { places.free() }
    for i in 0..<loan.items.count where places.find(UInt(bitPattern: loan.items[i])) == nil {
      places.set(UInt(bitPattern: loan.items[i]), UInt(i), .permanent)
    }
    func ours(_ item: PyRef) throws(Raised) -> Value {
      if let e = places.find(UInt(bitPattern: item)) {
        let i = Int(e.pointee.value)
        let l = lent.as(ListLayout.self)
        if i < l.pointee.count, let items = l.pointee.items { return items[i] }
      }
      return try FromPython.convert(vm, item, fresh: fresh)
    }
    if v.isList {
      let copy = try vm.list()
      var i = 0
      while i < amphis_size(o), let item = amphis_list_item(o, i) {
        try vm.append(copy, try ours(item))
        i += 1
      }
      let l = v.as(ListLayout.self)
      Lists.truncate(l, 0)
      try Lists.extend(vm, l, copy)
    } else if v.isDict {
      let copy = try vm.dict()
      var position = 0
      var key: PyRef?
      var value: PyRef?
      while py.pointee.PyDict_Next(o, &position, &key, &value) != 0 {
        guard let key, let value else { continue }
        try Dicts.set(vm, copy, try ours(key), try ours(value))
      }
      Dicts.clear(vm, v)
      try Dicts.merge(vm, v, copy)
    } else {
      let copy = try vm.list()
      try forEachKey(vm, o) { k throws(Raised) in try vm.append(copy, try ours(k)) }
      let set = try vm.set(from: copy)
      // The builtin's own methods: a subclass may have others.
      _ = try vm.call(try vm.getAttribute(Value(rt.pointee.types.set), "clear"), v)
      _ = try vm.call(try vm.getAttribute(Value(rt.pointee.types.set), "update"), v, set)
    }
  }

  /// CPython has kept the container: an exact one of ours gives its storage up; of a subclass CPython keeps a copy.
  private static func adopt(_ vm: VM, _ v: Value, _ o: PyRef, _ loan: Loan) throws(Raised) {
    let type = v.type
    if isExact(v) {
      if loan.aside == 0 {
        if v.isList {
          Lists.truncate(v.as(ListLayout.self), 0)
          v.as(ListLayout.self).pointee.items = nil
          v.as(ListLayout.self).pointee.capacity = 0
        } else if v.isDict {
          Dicts.clear(vm, v)
        } else {
          _ = try vm.callMethod(v, "clear")
        }
        setForeign(v, UnsafeMutableRawPointer(o))
      }
      Registry.pair(v, o, .foreign)
      StorageReturn.watch(o)
      return
    }
    if !isUnchanged(loan, v) { try writeBack(vm, v, loan, fresh: false) }
    if v.type.pointee.flags.contains(.heapType) || type.pointee.twin != nil {
      // Its own class over there: it stays what stands for ours as long as CPython holds it.
      Registry.pair(v, o, .twin)
    } else {
      Registry.unpair(v, o)
    }
    release(o)
    if Lossy.isOn {
      try Lossy.report(
        vm, .snapshot, .toCPython, v.typeName, v.typeName,
        "CPython keeps a copy of the items: later changes are not seen on the other side",
        advice: "pass an exact \(v.isList ? "list" : v.isDict ? "dict" : "set"), which is shared, or amphis.copy(x) to say you mean it")
    }
  }
}
