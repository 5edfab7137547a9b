import CPython
import PyRuntime

/// What our evaluator does with a foreign object: every slot that CPython's type has is forwarded, and no other exists.
enum ForeignSlots {
  /// The object that C code may keep, without the registry's knowledge until then: the caller lends it.
  @inline(__always) static func lendable(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if let o = v.as(ForeignLayout.self).pointee.object { return o }
    return try object(vm, v)
  }
  /// The object behind `v`, registered: C code may keep it.
  @inline(__always) static func object(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if let o = Light.escape(v) { return o }
    throw vm.raise(.typeError, "'\(v.typeName)' object was not initialised by its foreign base's __new__")
  }
  /// Runs `body` with the object, which is lent meanwhile.
  @inline(__always)
  static func lent<R>(_ vm: VM, _ v: Value, _ body: (PyRef) throws(Raised) -> R) throws(Raised) -> R {
    let o = try lendable(vm, v)
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.lentCount
    Light.lend(thread, v)
    defer { Light.end(thread, mark) }
    return try body(o)
  }
  private static func take(_ vm: VM, _ o: PyRef?) throws(Raised) -> Value { try FromPython.take(vm, o) }

  static func install(_ t: TypeRef, _ theirs: PyTypeRef) {
    var s = t.pointee.slots
    let p = theirs.pointee
    // (What operation loses something is noted only while that is told.)
    let get = OneCode(Lossy.isOn ? Telling.getAttribute : getAttribute), set = StoreCode(Lossy.isOn ? Telling.setAttribute : setAttribute)
    (TypeFactory.bridgedGet, TypeFactory.bridgedSet) = (get, set)
    s.getAttribute = get
    s.setAttribute = set
    s.repr = NoArgsCode { (vm, v) throws(Raised) in
      try lent(vm, v) { o throws(Raised) in
        if let slot = Twins.ownBase(o)?.pointee.tp_repr { return try take(vm, Calls.run(vm) { slot(o) }) }
        return try take(vm, Parked.run(vm, py.pointee.PyObject_Repr, o))
      }
    }
    s.str = NoArgsCode { (vm, v) throws(Raised) in
      try lent(vm, v) { o throws(Raised) in
        if let slot = Twins.ownBase(o)?.pointee.tp_str { return try take(vm, Calls.run(vm) { slot(o) }) }
        return try take(vm, Parked.run(vm, py.pointee.PyObject_Str, o))
      }
    }
    s.hash = HashCode { (vm, v) throws(Raised) in
      try lent(vm, v) { o throws(Raised) in
        let h = Parked.run(vm, Twins.ownBase(o)?.pointee.tp_hash ?? py.pointee.PyObject_Hash, o)
        if h == -1 { throw Errors.fetch(vm) }
        return h
      }
    }
    s.compare = CompareCode(compare)
    if p.tp_new != nil { s.new = NewCode(new) }
    if p.tp_init != nil { s.initialize = NativeInitCode(initialize) }
    if p.tp_call != nil {
      s.call = ManyCode { (vm, v, args) throws(Raised) in
        let discards = DirectCalls.takeDiscards(vm)
        let o = try object(vm, v)
        let direct = try DirectCalls.method(vm, o, args, discards)
        if !direct.isNull { return direct }
        if let slot = Twins.ownBase(o)?.pointee.tp_call {
          try Calls.begin(vm)
          let result = try withPacked(vm, o, args) { (tuple, dict) throws(Raised) in
            let result = Calls.run(vm) { slot(o, tuple, dict) }
            AsyncExceptions.collect(vm)
            return try take(vm, result)
          }
          try Calls.heed(vm)
          return result
        }
        return try Calls.call(vm, o, args, discards: discards)
      }
    }
    if p.tp_iter != nil {
      s.iter = NoArgsCode { (vm, v) throws(Raised) in
        let o = try object(vm, v)
        if let slot = Twins.ownBase(o)?.pointee.tp_iter { return try take(vm, Calls.run(vm) { slot(o) }) }
        return try take(vm, Calls.run(vm) { py.pointee.PyObject_GetIter(o) })
      }
    }
    if p.tp_iternext != nil { s.next = NoArgsCode(Lossy.isOn ? Telling.next : next) }
    if p.tp_descr_get != nil { s.descriptorGet = TwoCode(Lossy.isOn ? Telling.descriptorGet : descriptorGet) }
    if p.tp_descr_set != nil { s.descriptorSet = StoreCode(Lossy.isOn ? Telling.descriptorSet : descriptorSet) }
    if amphis_type_is_sequence(theirs) != 0 { t.pointee.flags.insert(.sequencePattern) }
    if amphis_type_is_mapping(theirs) != 0 { t.pointee.flags.insert(.mappingPattern) }
    if p.tp_weaklistoffset > 0 { t.pointee.flags.insert(.weakReferenceable) }
    if let buffers = p.tp_as_buffer, buffers.pointee.bf_getbuffer != nil {
      s.buffer = BufferCode(buffer)
      s.releaseBuffer = VisitCode { (_, _) in }
    }
    if let a = p.tp_as_async?.pointee {
      if a.am_await != nil { s.await = NoArgsCode { (vm, v) throws(Raised) in try asynchronous(vm, v) { $0.am_await } } }
      if a.am_aiter != nil { s.asyncIter = NoArgsCode { (vm, v) throws(Raised) in try asynchronous(vm, v) { $0.am_aiter } } }
      if a.am_anext != nil { s.asyncNext = NoArgsCode { (vm, v) throws(Raised) in try asynchronous(vm, v) { $0.am_anext } } }
    }
    containers(&s, p)
    ForeignNumbers.install(&s, p)
    t.pointee.slots = s
  }

  private static func asynchronous(_ vm: VM, _ v: Value, _ slot: (PyAsyncMethods) -> unaryfunc?) throws(Raised) -> Value {
    let o = try object(vm, v)
    guard let f = amphis_type(o).pointee.tp_as_async.flatMap({ slot($0.pointee) }) else { throw vm.raise(.typeError, "not awaitable") }
    return try take(vm, Calls.run(vm) { f(o) })
  }

  private static func containers(_ s: inout TypeSlots, _ p: PyTypeObject) {
    let mapping = p.tp_as_mapping?.pointee
    let sequence = p.tp_as_sequence?.pointee
    if mapping?.mp_length != nil { s.mappingLength = HashCode(length) }
    if sequence?.sq_length != nil { s.sequenceLength = HashCode(length) }
    if mapping?.mp_subscript != nil || sequence?.sq_item != nil { s.subscripted = OneCode(Lossy.isOn ? Telling.item : item) }
    if sequence?.sq_item != nil { s.item = IndexedCode(indexed) }
    if mapping?.mp_ass_subscript != nil || sequence?.sq_ass_item != nil {
      s.storeSubscript = StoreCode(Lossy.isOn ? Telling.storeItem : storeItem)
    }
    if sequence?.sq_contains != nil {
      s.contains = ContainsCode { (vm, v, x) throws(Raised) in
        let item = try ToPython.convert(vm, x)
        defer { release(item) }
        let o = try object(vm, v)
        let own = Twins.ownBase(o)?.pointee.tp_as_sequence?.pointee.sq_contains
        let r = Calls.run(vm) { own.map { $0(o, item) } ?? py.pointee.PySequence_Contains(o, item) }
        if r < 0 { throw Errors.fetch(vm) }
        return r != 0
      }
    }
    if sequence?.sq_concat != nil {
      s.concatenate = OneCode { (vm, a, b) throws(Raised) in
        try ForeignNumbers.binary(vm, a, b) { py.pointee.PySequence_Concat($0, $1) }
      }
    }
    if sequence?.sq_inplace_concat != nil {
      s.inplaceConcatenate = OneCode { (vm, a, b) throws(Raised) in
        let o = try object(vm, a)
        guard let f = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_as_sequence?.pointee.sq_inplace_concat else { return .notImplemented }
        let other = try ToPython.convert(vm, b)
        defer { release(other) }
        return try take(vm, Calls.run(vm) { f(o, other) })
      }
    }
    if sequence?.sq_inplace_repeat != nil {
      s.inplaceRepeat = IndexedCode { (vm, v, n) throws(Raised) in
        let o = try object(vm, v)
        guard let f = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_as_sequence?.pointee.sq_inplace_repeat else {
          return .notImplemented
        }
        return try take(vm, Calls.run(vm) { f(o, n) })
      }
    }
    if sequence?.sq_repeat != nil {
      s.repeated = IndexedCode { (vm, v, n) throws(Raised) in
        let o = try object(vm, v)
        return try take(vm, Calls.run(vm) { py.pointee.PySequence_Repeat(o, n) })
      }
    }
  }

  private static func length(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let n = try lent(vm, v) { o throws(Raised) in
      let base = Twins.ownBase(o)
      let own = base?.pointee.tp_as_sequence?.pointee.sq_length ?? base?.pointee.tp_as_mapping?.pointee.mp_length
      return Parked.run(vm, own ?? py.pointee.PyObject_Size, o)
    }
    if n < 0 { throw Errors.fetch(vm) }
    return n
  }
  private static func item(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    try Calls.begin(vm)
    let o = try lendable(vm, v)
    let k = try ToPython.convert(vm, key)
    defer { release(k) }
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.lentCount
    Light.lend(thread, v)
    defer { Light.end(thread, mark) }
    let own = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_as_mapping?.pointee.mp_subscript
    return try take(vm, Parked.run(vm, own ?? py.pointee.PyObject_GetItem, o, k))
  }
  private static func indexed(_ vm: VM, _ v: Value, _ i: Int) throws(Raised) -> Value {
    try lent(vm, v) { o throws(Raised) in try take(vm, Parked.run(vm, py.pointee.PySequence_GetItem, o, i)) }
  }
  private static func storeItem(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
    try Calls.begin(vm)
    let o = try object(vm, v)
    let k = try ToPython.convert(vm, key)
    defer { release(k) }
    let own = Twins.ownBase(o)?.pointee.tp_as_mapping?.pointee.mp_ass_subscript
    try store(vm, value) { x in
      if let own { return own(o, k, x) }
      if let x { return py.pointee.PyObject_SetItem(o, k, x) }
      return py.pointee.PyObject_DelItem(o, k)
    }
    if !value.isNull { noticeKept(key, k) }
  }

  /// Runs `body`, which stores CPython's object for `value` somewhere over there (nil for null: it deletes) and answers 0 when that is done. What is kept of
  /// an immutable is paired with ours.
  private static func store(_ vm: VM, _ value: Value, _ body: (PyRef?) -> Int32) throws(Raised) {
    let x = value.isNull ? nil : try ToPython.convert(vm, value)
    defer { if let x { release(x) } }
    let thread = BridgeThread.of(vm)
    let taken = thread.pointee.argumentsTaken
    if let x { BridgeThread.hold(thread, value, x) }
    defer { thread.pointee.argumentsTaken = taken }
    try Calls.settling(vm) { () throws(Raised) in if Calls.run(vm, { body(x) }) != 0 { throw Errors.fetch(vm) } }
    if let x { noticeKept(value, x) }
  }
  /// An immutable of ours that crossed as `o` and that the operation may have kept.
  @inline(__always) private static func noticeKept(_ v: Value, _ o: PyRef) {
    if v.isCell, amphis_refcount(o) > 1 { KeptValues.notice(v, o) }
  }

  /// Objects of CPython's own types are asked; in instances of our classes derived from one, attributes are ours, and the
  /// foreign type's descriptors stand in the class's mro.
  private static func getAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    if v.type.pointee.flags.contains(.heapType) { return try BridgeAccess.genericGetAttribute(vm, v, name) }
    guard name.isStr else { throw vm.raise(.typeError, "attribute name must be string, not '\(name.typeName)'") }
    if name == rt.pointee.names.__class__ { return Value(v.type) }
    return try ForeignAttributes.get(vm, v, name)
  }
  private static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    try Calls.begin(vm)
    if v.type.pointee.flags.contains(.heapType) { return try BridgeAccess.genericSetAttribute(vm, v, name, value) }
    let o = try object(vm, v)
    guard name.isStr else { throw vm.raise(.typeError, "attribute name must be string, not '\(name.typeName)'") }
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    try store(vm, value) { x in py.pointee.PyObject_SetAttr(o, n, x) }
  }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    try Calls.begin(vm)
    let x = try object(vm, a)
    guard let slot = (Twins.ownBase(x) ?? amphis_type(x)).pointee.tp_richcompare else {
      // As `object.__ne__`, which the class inherits there: what its `__eq__` does not say.
      guard op == .ne, a.type.pointee.flags.contains(.heapType), let own = a.type.pointee.slots.compare else { return .notImplemented }
      let equal = try own(vm, a, b, .eq)
      return equal == .notImplemented ? equal : .bool(try !vm.isTrue(equal))
    }
    let y = try ToPython.convert(vm, b)
    defer { release(y) }
    return try take(vm, Parked.run(vm, slot, x, y, Int32(op.rawValue)))
  }

  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try lent(vm, v) { o throws(Raised) in
      guard let slot = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_iternext else { throw vm.raise(.typeError, "not an iterator") }
      guard let r = Parked.run(vm, slot, o) else {
        if py.pointee.PyErr_Occurred() == nil { return .exhausted }
        throw Errors.fetch(vm)
      }
      return try take(vm, r)
    }
  }

  private static func descriptorGet(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    let o = try object(vm, v)
    guard let slot = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_descr_get else { return v }
    // On a class, methods and the like answer themselves.
    if instance.isNull || instance.isNone && !owner.isNull { if amphis_type_is_method_descriptor(amphis_type(o)) != 0 { return v } }
    let i = instance.isNull ? nil : try ToPython.convert(vm, instance)
    defer { if let i { release(i) } }
    let t = owner.isNull ? nil : try ToPython.convert(vm, owner)
    defer { if let t { release(t) } }
    return try take(vm, Calls.run(vm) { slot(o, i, t) })
  }
  private static func descriptorSet(_ vm: VM, _ v: Value, _ instance: Value, _ value: Value) throws(Raised) {
    try Calls.begin(vm)
    let o = try object(vm, v)
    guard let slot = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_descr_set else { throw vm.raise(.attributeError, "__set__") }
    let i = try ToPython.convert(vm, instance)
    defer { release(i) }
    try store(vm, value) { x in slot(o, i, x) }
  }

  /// The same operations by name, for reports of losses.
  private enum Telling {
    static func getAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
      try Lossy.within(vm, v, name.isStr ? name.swiftString : "") { () throws(Raised) in try ForeignSlots.getAttribute(vm, v, name) }
    }
    static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
      try Lossy.within(vm, v, name.isStr ? name.swiftString : "") { () throws(Raised) in try ForeignSlots.setAttribute(vm, v, name, value) }
    }
    static func descriptorGet(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
      let name = try vm.getAttributeOrNull(v, rt.pointee.names.__name__)
      return try Lossy.within(vm, instance.isNull ? owner : instance, name.isStr ? name.swiftString : "__get__") { () throws(Raised) in
        try ForeignSlots.descriptorGet(vm, v, instance, owner)
      }
    }
    static func descriptorSet(_ vm: VM, _ v: Value, _ instance: Value, _ value: Value) throws(Raised) {
      let name = try vm.getAttributeOrNull(v, rt.pointee.names.__name__)
      try Lossy.within(vm, instance, name.isStr ? name.swiftString : "__set__") { () throws(Raised) in
        try ForeignSlots.descriptorSet(vm, v, instance, value)
      }
    }
    static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
      try Lossy.within(vm, v, "__next__") { () throws(Raised) in try ForeignSlots.next(vm, v) }
    }
    static func item(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
      try Lossy.within(vm, v, "__getitem__") { () throws(Raised) in try ForeignSlots.item(vm, v, key) }
    }
    static func storeItem(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
      try Lossy.within(vm, v, value.isNull ? "__delitem__" : "__setitem__") { () throws(Raised) in
        try ForeignSlots.storeItem(vm, v, key, value)
      }
    }
  }

  // MARK: construction

  /// Positional arguments as a tuple and keywords as a dict or nil, both new references.
  static func packed(_ vm: VM, _ args: Args) throws(Raised) -> (PyRef, PyRef?) {
    let tuple = try ToPython.check(vm, py.pointee.PyTuple_New(args.count))
    for i in 0..<args.count {
      do throws(Raised) { amphis_tuple_set(tuple, i, try ToPython.convert(vm, args.base[i])) } catch {
        release(tuple)
        throw error
      }
    }
    if args.keywordCount == 0 { return (tuple, nil) }
    do throws(Raised) {
      let dict = try ToPython.check(vm, py.pointee.PyDict_New())
      for i in 0..<args.keywordCount {
        let key = try ToPython.convert(vm, args.keywordName(i))
        defer { release(key) }
        let value = try ToPython.convert(vm, args.keywordValue(i))
        defer { release(value) }
        if py.pointee.PyDict_SetItem(dict, key, value) != 0 { throw Errors.fetch(vm) }
      }
      return (tuple, dict)
    } catch {
      release(tuple)
      throw error
    }
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    try Calls.begin(vm)
    let ours = cls.asType
    let type = try Twins.type(vm, ours)
    guard let slot = type.pointee.tp_new else { throw vm.raise(.typeError, "cannot create '\(ours.nameForMessages)' instances") }
    let made = try withPacked(vm, Twins.object(type), args) { (tuple, dict) throws(Raised) in
      try ToPython.check(vm, Calls.run(vm) { slot(type, tuple, dict) })
    }
    if amphis_type(made) == type, ours.pointee.flags.contains(.heapType) {
      defer { release(made) }
      // The constructor may have shown the object to our code already.
      if let known = Registry.ours(made) { return known }
      return try FromPython.wrap(vm, made, ours)
    }
    return try FromPython.take(vm, made)
  }

  private static func isObjectInit(_ slot: initproc) -> Bool {
    guard let init0 = Names.object.pointee.tp_init else { return false }
    return unsafeBitCast(slot, to: UnsafeRawPointer.self) == unsafeBitCast(init0, to: UnsafeRawPointer.self)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try Calls.begin(vm)
    let o = try object(vm, v)
    // The nearest type of CPython's own: the twin of a class of ours would call us again.
    guard let slot = (Twins.ownBase(o) ?? amphis_type(o)).pointee.tp_init else { return }
    // object's looks at nothing but what kind of type it is: `__new__` has taken the arguments.
    if isObjectInit(slot), amphis_type(o).pointee.tp_new != nil, !v.type.pointee.flags.contains(.heapType) { return }
    try withPacked(vm, Twins.object(amphis_type(o)), args) { (tuple, dict) throws(Raised) in
      if Calls.run(vm, { slot(o, tuple, dict) }) != 0 { throw Errors.fetch(vm) }
    }
  }

  /// Runs `body`, an operation of `callable`'s, with the arguments as `packed` makes them, and ends what they have lent: changes are written back, and
  /// what C code has kept stays paired.
  private static func withPacked<R>(
    _ vm: VM, _ callable: PyRef, _ args: Args, _ body: (PyRef, PyRef?) throws(Raised) -> R
  ) throws(Raised) -> R {
    let mark = Containers.mark(vm)
    let thread = BridgeThread.of(vm)
    let outer = (thread.pointee.callable, thread.pointee.mark)
    thread.pointee.mark = mark
    thread.pointee.callable = callable
    defer { (thread.pointee.callable, thread.pointee.mark) = outer }
    var packing: (PyRef, PyRef?)?
    /// Arguments go before what was lent is looked at.
    func drop() {
      guard let (tuple, dict) = packing else { return }
      packing = nil
      if amphis_refcount(tuple) == 1 {
        for i in 0..<args.count where args.base[i].isCell {
          if let o = amphis_tuple_item(tuple, i), amphis_refcount(o) > 1 || KeptValues.addressIsTaken(args.base[i], callable) {
            KeptValues.notice(args.base[i], o)
          }
        }
      }
      release(tuple)
      if let dict { release(dict) }
    }
    let taken = thread.pointee.argumentsTaken
    defer { thread.pointee.argumentsTaken = taken }
    do throws(Raised) {
      let (tuple, dict) = try packed(vm, args)
      packing = (tuple, dict)
      for i in 0..<args.count { if let o = amphis_tuple_item(tuple, i) { BridgeThread.hold(thread, args.base[i], o) } }
      let result = try body(tuple, dict)
      drop()
      try Containers.settle(vm, mark)
      return result
    } catch {
      let pending = vm.takePending()
      drop()
      try Containers.settle(vm, mark)
      throw vm.reraise(pending)
    }
  }

  // MARK: buffers

  private static func buffer(_ vm: VM, _ v: Value, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    try Buffers.take(vm, try object(vm, v), flags, &view)
  }
}
