import CPython
import Glibc
import PyRuntime

/// Objects and classes of CPython's that stand for ours. Each of our classes has one real heap type there, with only the slots
/// that the class really has, so that C code which asks "can this be called, iterated, indexed?" gets the true answer.
enum Twins {
  /// Classes made there for ours that derive from CPython's types
  nonisolated(unsafe) private static var derived = PointerTable()

  static func isTwinClass(_ t: PyTypeRef) -> Bool { derived.find(UInt(bitPattern: t)) != nil }

  /// A new twin of `v`, which stays alive as long as CPython holds the twin. A new reference.
  static func make(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let type = try instanceType(vm, v.type)
    let o = try ToPython.check(vm, py.pointee.PyType_GenericAlloc(type, 0))
    UnsafeMutableRawPointer(o).assumingMemoryBound(to: amphis_twin.self).pointee.value = v.bits
    Registry.pair(v, o, .twin)
    return o
  }

  /// Twins' types for builtin types of ours whose own counterpart has other memory: bytearray, range, module, object, …
  nonisolated(unsafe) private static var stand = PointerTable()

  private static func instanceType(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    let counterpart = try type(vm, ours)
    if isPlain(counterpart) { return counterpart }
    let key = UInt(bitPattern: ours)
    if let e = stand.find(key), let t = PyTypeRef(bitPattern: e.pointee.value) { return t }
    let made = try plainClass(vm, ours)
    stand.set(key, UInt(bitPattern: made), .permanent)
    return made
  }

  /// CPython's type for one of ours; borrowed, it lives as long as the process.
  static func type(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    if let known = ours.pointee.twin { return known.assumingMemoryBound(to: PyTypeObject.self) }
    let made: PyTypeRef
    if ours.pointee.flags.contains(.exceptionSubclass) {
      made = try exceptionClass(vm, ours)
    } else if ours.pointee.flags.contains(.foreign) {
      made = try derivedClass(vm, ours)
    } else {
      made = try plainClass(vm, ours)
    }
    ForeignTypes.pair(ours, made)
    return made
  }

  /// A type whose instances are `amphis_twin`s.
  private static func isPlain(_ t: PyTypeRef) -> Bool {
    guard let dealloc = t.pointee.tp_dealloc else { return false }
    return unsafeBitCast(dealloc, to: UnsafeRawPointer.self) == unsafeBitCast(TwinSlots.dealloc, to: UnsafeRawPointer.self)
  }

  private static func fullName(_ vm: VM, _ ours: TypeRef) throws(Raised) -> String {
    let module = try vm.getAttributeOrNull(Value(ours), "__module__")
    let name = ours.pointee.name.swiftString
    return module.isStr ? "\(module.swiftString).\(name)" : name
  }

  private static func typeObject(_ o: PyRef) -> PyTypeRef { UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self) }
  private static func object(_ t: PyTypeRef) -> PyRef { UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyObject.self) }

  private static func exceptionClass(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    let bases = ours.pointee.bases.as(TupleLayout.self)
    let tuple = try vm.list()
    for i in 0..<bases.pointee.count where bases.items[i].isExceptionClass { try vm.append(tuple, bases.items[i]) }
    let b = try ToPython.convert(vm, try vm.tuple(from: tuple))
    defer { release(b) }
    let name = try fullName(vm, ours)
    let dotted = name.contains(".") ? name : "builtins.\(name)"
    return typeObject(try ToPython.check(vm, py.pointee.PyErr_NewException(dotted, b, nil)))
  }

  /// A class of ours derived from CPython's types: a real subclass there, made by the metaclass, with our methods.
  private static func derivedClass(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    let bases = ours.pointee.bases.as(TupleLayout.self)
    let foreign = try vm.list()
    var meta = Names.type
    for i in 0..<bases.pointee.count {
      guard bases.items[i].isType, bases.items[i].asType.pointee.flags.contains(.foreign) else { continue }
      try vm.append(foreign, bases.items[i])
      let m = amphis_type(object(try type(vm, bases.items[i].asType)))
      if py.pointee.PyType_IsSubtype(m, meta) != 0 { meta = m }
    }
    let tuple = try ToPython.convert(vm, try vm.tuple(from: foreign))
    defer { release(tuple) }
    let namespace = try ToPython.check(vm, py.pointee.PyDict_New())
    defer { release(namespace) }
    var position = 0
    while let entry = Dicts.next(ours.pointee.dict, &position) {
      guard entry.key.isStr, entry.value.isExact(rt.types.function), !entry.key.swiftString.hasPrefix("__") else { continue }
      let key = try ToPython.str(vm, entry.key)
      defer { release(key) }
      let function = try ToPython.convert(vm, entry.value)
      defer { release(function) }
      let method = try ToPython.check(vm, py.pointee.PyInstanceMethod_New(function))
      defer { release(method) }
      if py.pointee.PyDict_SetItem(namespace, key, method) != 0 { throw Errors.fetch(vm) }
    }
    let module = try vm.getAttributeOrNull(Value(ours), "__module__")
    if module.isStr {
      let key = try ToPython.str(vm, try vm.intern("__module__"))
      defer { release(key) }
      let value = try ToPython.str(vm, module)
      defer { release(value) }
      if py.pointee.PyDict_SetItem(namespace, key, value) != 0 { throw Errors.fetch(vm) }
    }
    let name = try ToPython.str(vm, ours.pointee.name)
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(3))
    defer { release(args) }
    amphis_tuple_set(args, 0, name)
    amphis_tuple_set(args, 1, retain(tuple))
    amphis_tuple_set(args, 2, retain(namespace))
    let made = typeObject(try ToPython.check(vm, py.pointee.PyObject_Call(object(meta), args, nil)))
    derived.set(UInt(bitPattern: made), 1, .permanent)
    return made
  }

  private static func plainClass(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    var slots = TwinSlots.list(for: ours)
    slots.append(PyType_Slot(slot: 0, pfunc: nil))
    // The name must live as long as the type: for ever.
    let name = strdup(try fullName(vm, ours))
    var made: PyRef?
    slots.withUnsafeMutableBufferPointer { p in
      var spec = PyType_Spec(
        name: name, basicsize: Int32(MemoryLayout<amphis_twin>.size), itemsize: 0,
        flags: UInt32(truncatingIfNeeded: TwinSlots.typeFlags), slots: p.baseAddress)
      made = py.pointee.PyType_FromSpecWithBases(&spec, nil)
    }
    let type = typeObject(try ToPython.check(vm, made))
    try addSpecialMethods(vm, ours, type)
    return type
  }

  /// Special methods without a slot, which C code looks up in the type.
  private static let specialNames: [StaticString] = [
    "__enter__", "__exit__", "__aenter__", "__aexit__", "__fspath__", "__bytes__", "__complex__", "__format__", "__length_hint__",
    "__reversed__", "__round__", "__trunc__", "__ceil__", "__floor__", "__sizeof__", "__dir__", "__copy__", "__deepcopy__", "__missing__",
    "__set_name__",
  ]
  private static func addSpecialMethods(_ vm: VM, _ ours: TypeRef, _ type: PyTypeRef) throws(Raised) {
    guard let dict = type.pointee.tp_dict else { return }
    for name in specialNames {
      let key = try vm.intern(name)
      let (found, owner) = BridgeAccess.lookup(ours, key)
      // CPython's object has its own form of what ours has.
      if found.isNull || found.isNone || owner == rt.types.object { continue }
      let k = try ToPython.str(vm, key)
      defer { release(k) }
      let function = try ToPython.convert(vm, found)
      defer { release(function) }
      let method = try ToPython.check(vm, py.pointee.PyInstanceMethod_New(function))
      defer { release(method) }
      if py.pointee.PyDict_SetItem(dict, k, method) != 0 { throw Errors.fetch(vm) }
    }
    py.pointee.PyType_Modified(type)
  }
}
