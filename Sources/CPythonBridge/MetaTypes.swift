import CPython
import PyRuntime

/// Metaclasses of CPython's (those of ctypes): types of ours that derive from `type`. A class that our program makes by one is made
/// over there at once, with its whole namespace, for the metaclass works on what it finds there; what it adds is taken over.
enum MetaTypes {
  /// Our type for a metaclass of CPython's.
  static func make(_ vm: VM, _ theirs: PyTypeRef, _ object: PyRef, _ base: TypeRef) throws(Raised) -> TypeRef {
    var name = try ForeignTypes.text(vm, object, "__name__")
    if name.isNull { name = try vm.intern("type") }
    var module = try ForeignTypes.text(vm, object, "__module__")
    if module.isNull { module = try vm.intern("builtins") }
    let made = try BridgeAccess.makeValueType(
      vm, name: try ForeignTypes.fullName(vm, theirs, name), qualname: name, module: module, base: base,
      isBase: amphis_type_is_base(theirs) != 0)
    amphis_incref(object)
    ForeignTypes.pair(made, theirs)
    ForeignTypes.noteMade(theirs)
    if let doc = theirs.pointee.tp_doc { made.pointee.doc = try vm.str(String(cString: doc)) }
    made.pointee.slots.new = NewCode(new)
    made.pointee.slots.setAttribute = StoreCode(setAttribute)
    if theirs.pointee.tp_as_sequence?.pointee.sq_repeat != nil {
      made.pointee.slots.repeated = IndexedCode { (vm, v, n) throws(Raised) in
        let o = try ToPython.convert(vm, v)
        defer { release(o) }
        return try FromPython.take(vm, Calls.run(vm) { py.pointee.PySequence_Repeat(o, n) })
      }
    }
    try ForeignTypes.fillDict(vm, made, theirs)
    try BridgeAccess.ready(vm, made)
    return made
  }

  private static func new(_ vm: VM, _ meta: Value, _ args: Args) throws(Raised) -> Value {
    guard let plain = rt.pointee.types.type.pointee.slots.new else { throw vm.raise(.systemError, "type has no constructor") }
    let made = try plain(vm, meta, args)
    guard made.isType else { return made }
    if !made.asType.pointee.flags.contains(.foreign) {
      try check(vm, meta.asType, made.asType)
      return made
    }
    let theirs = try Twins.type(vm, made.asType)
    try takeOver(vm, made.asType, theirs)
    return made
  }

  /// A class without a base of CPython's: its metaclass there says what is wrong with it.
  private static func check(_ vm: VM, _ meta: TypeRef, _ ours: TypeRef) throws(Raised) {
    let theirs = try Twins.type(vm, meta)
    let namespace = try DerivedSlots.namespace(vm, ours, whole: true)
    defer { release(namespace) }
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(3))
    defer { release(args) }
    amphis_tuple_set(args, 0, try ToPython.str(vm, ours.pointee.name))
    amphis_tuple_set(args, 1, try ToPython.check(vm, py.pointee.PyTuple_New(0)))
    amphis_tuple_set(args, 2, retain(namespace))
    release(try ToPython.check(vm, Calls.run(vm) { py.pointee.PyObject_Call(Twins.object(theirs), args, nil) }))
  }

  /// Whether a metaclass of CPython's is among a type's bases, or the type is one.
  static func isForeign(_ t: TypeRef) -> Bool {
    guard t.pointee.flags.contains(.typeSubclass) else { return false }
    let mro = t.pointee.mro.as(TupleLayout.self)
    for i in 0..<mro.pointee.count {
      let u = mro.items[i].asType
      if u != rt.pointee.types.type, u != rt.pointee.types.object, !u.pointee.flags.contains(.heapType), u.pointee.twin != nil {
        return true
      }
    }
    return false
  }

  /// A metaclass of ours that derives from one of CPython's: setting a class's attribute over there goes through ours.
  static func derivedMetaclass(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    var foreign: PyTypeRef?
    let mro = ours.pointee.mro.as(TupleLayout.self)
    for i in 1..<max(1, mro.pointee.count) {
      let t = mro.items[i].asType
      if !t.pointee.flags.contains(.heapType), t != rt.pointee.types.type, t != rt.pointee.types.object, let word = t.pointee.twin {
        foreign = word.assumingMemoryBound(to: PyTypeObject.self)
        break
      }
    }
    guard let foreign else { throw vm.raise(.systemError, "metaclass without a foreign base") }
    let bases = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    defer { release(bases) }
    amphis_tuple_set(bases, 0, retain(Twins.object(foreign)))
    var slots = [
      PyType_Slot(slot: Py_tp_setattro, pfunc: unsafeBitCast(setClassAttribute, to: UnsafeMutableRawPointer.self)),
      PyType_Slot(slot: 0, pfunc: nil),
    ]
    let made = try Twins.fromSpec(vm, ours, &slots, size: 0, bases: bases)
    metaclasses.set(UInt(bitPattern: made), 1, .permanent)
    return made
  }
  nonisolated(unsafe) private static var metaclasses = PointerTable()

  private static let setClassAttribute: TwinSlots.Store = { o, name, item in
    guard let o, let name else { return -1 }
    return TwinSlots.enter(-1) { (vm) throws(Raised) in
      if Registry.ours(o) == nil, let ours = DerivedSlots.making.last {
        ForeignTypes.pair(ours, UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self))
      }
      let x = item == nil ? Value.null : try FromPython.convert(vm, item.unsafelyUnwrapped)
      try vm.setAttribute(try FromPython.convert(vm, o), try vm.intern(try FromPython.str(vm, name)), x)
      return 0
    }
  }
  /// The attribute setter of CPython's own metaclass.
  private static func ownSetter(_ o: PyRef) -> setattrofunc? {
    var meta = amphis_type(o)
    while metaclasses.find(UInt(bitPattern: meta)) != nil, let base = meta.pointee.tp_base { meta = base }
    return meta.pointee.tp_setattro
  }

  /// Brings what the metaclass put into the type's dict into ours.
  static func takeOver(_ vm: VM, _ ours: TypeRef, _ theirs: PyTypeRef) throws(Raised) {
    guard let dict = theirs.pointee.tp_dict else { return }
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(dict, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode else { continue }
      let name = try vm.intern(try FromPython.str(vm, key))
      let text = name.swiftString
      let known = try Dicts.get(vm, ours.pointee.dict, name)
      let isSpecial = text.hasPrefix("__") && text.hasSuffix("__")
      if isSpecial && (!known.isNull || BridgeAccess.isSlotName(name) || DerivedSlots.staysHere(text)) { continue }
      if !known.isNull, known.isExact(rt.pointee.types.function) { continue }
      let v = try FromPython.convert(vm, value)
      if v != known { try BridgeAccess.setTypeAttribute(vm, ours, name, v) }
    }
  }

  /// An attribute of such a class is set over there first: the metaclass may refuse it, or make more of it.
  private static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    let cls = v.asType
    guard cls.pointee.flags.contains(.foreign), let word = cls.pointee.twin, name.isStr else {
      return try rt.pointee.types.type.pointee.slots.setAttribute?(vm, v, name, value) ?? ()
    }
    let theirs = word.assumingMemoryBound(to: PyTypeObject.self)
    try Calls.begin(vm)
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    let x: PyRef? = value.isNull ? nil : try ToPython.convert(vm, value)
    defer { if let x { release(x) } }
    guard let set = ownSetter(Twins.object(theirs)) else { throw vm.raise(.typeError, "class without settable attributes") }
    if Calls.run(vm, { set(Twins.object(theirs), n, x) }) != 0 { throw Errors.fetch(vm) }
    py.pointee.PyType_Modified(theirs)
    if value.isNull {
      try BridgeAccess.removeTypeAttribute(vm, cls, name)
    } else {
      try BridgeAccess.setTypeAttribute(vm, cls, name, value)
    }
    try takeOver(vm, cls, theirs)
  }
}
