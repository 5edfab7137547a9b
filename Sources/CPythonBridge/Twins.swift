import CPython
import Glibc
import PyRuntime

/// Objects and classes of CPython's that stand for ours. Each of our classes has one real heap type there, with only the slots
/// that the class really has, so that C code which asks "can this be called, iterated, indexed?" gets the true answer.
enum Twins {
  /// Classes made there for ours that derive from CPython's types
  nonisolated(unsafe) private static var derived = PointerTable()

  /// The nearest type of CPython's own above an instance of one of our classes, or nil for any other object.
  @inline(__always) static func ownBase(_ o: PyRef) -> PyTypeRef? {
    if derived.count == 0 { return nil }
    var type = amphis_type(o)
    guard isTwinClass(type) else { return nil }
    while isTwinClass(type), let base = type.pointee.tp_base { type = base }
    return type
  }
  static func isTwinClass(_ t: PyTypeRef) -> Bool { derived.find(UInt(bitPattern: t)) != nil }

  /// A new twin of `v`, which stays alive as long as CPython holds the twin. A new reference.
  static func make(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if v.isExact(rt.pointee.types.module) { return try makeModule(vm, v) }
    let type = try instanceType(vm, v.type)
    let o = try ToPython.check(vm, py.pointee.PyType_GenericAlloc(type, 0))
    UnsafeMutableRawPointer(o).assumingMemoryBound(to: amphis_twin.self).pointee.value = v.bits
    Registry.pair(v, o, .twin)
    return o
  }

  /// A real module, for C code that insists on one (`PyModule_GetDict`). Its attributes are ours; its dict, which C code reads past them, has
  /// its name and file and, if it has no more than a few, the functions that were in it when it crossed.
  private static func makeModule(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let type: PyTypeRef
    if let known = moduleType {
      type = known
    } else {
      let bases = try ToPython.check(vm, py.pointee.PyTuple_New(1))
      defer { release(bases) }
      amphis_tuple_set(bases, 0, retain(object(Names.module)))
      var slots = TwinSlots.moduleSlots()
      type = try fromSpec(vm, rt.pointee.types.module, &slots, size: 0, bases: bases)
      moduleType = type
    }
    guard let new = Names.module.pointee.tp_new else { throw vm.raise(.systemError, "modules cannot be made") }
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(0))
    defer { release(args) }
    let o = try ToPython.check(vm, new(type, args, nil))
    Registry.pair(v, o, .twin)
    if let dict = py.pointee.PyModule_GetDict(o) { try fillModule(vm, v, dict) }
    return o
  }
  nonisolated(unsafe) private static var moduleType: PyTypeRef?

  private static func fillModule(_ vm: VM, _ v: Value, _ dict: PyRef) throws(Raised) {
    let names = v.as(ModuleLayout.self).pointee.dict
    func add(_ name: Value, _ item: Value) throws(Raised) {
      let key = try ToPython.str(vm, name)
      defer { release(key) }
      let o = try ToPython.convert(vm, item)
      defer { release(o) }
      if py.pointee.PyDict_SetItem(dict, key, o) != 0 { throw Errors.fetch(vm) }
    }
    for name: StaticString in ["__name__", "__file__"] {
      let key = try vm.intern(name), item = try Dicts.get(vm, names, key)
      if item.isExactStr { try add(key, item) }
    }
    var functions: [(name: Value, function: Value)] = []
    var position = 0
    while let entry = Dicts.next(names, &position) {
      guard entry.key.isExactStr, entry.value.isExact(rt.pointee.types.function) else { continue }
      if functions.count == mostFunctions { return }
      functions.append((entry.key, entry.value))
    }
    for (name, function) in functions { try add(name, function) }
  }
  /// A module that C code imports again and again is made each time.
  private static let mostFunctions = 8

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
    if let same = try builtinType(vm, ours) { return same }
    let made: PyTypeRef
    if ours.pointee.flags.contains(.exceptionSubclass) {
      made = try exceptionClass(vm, ours)
    } else if ours.pointee.flags.contains(.foreign) {
      made = try derivedClass(vm, ours)
      // A foreign metaclass may have asked for the pair already.
      if let known = ours.pointee.twin { return known.assumingMemoryBound(to: PyTypeObject.self) }
    } else if ours.pointee.flags.contains(.typeSubclass), MetaTypes.isForeign(ours) {
      made = try MetaTypes.derivedMetaclass(vm, ours)
    } else if ours.pointee.flags.contains(.typeSubclass), ours != rt.pointee.types.type {
      made = try DerivedSlots.metaclassTwin(vm, ours)
    } else if let base = try DateTimes.base(vm, ours) {
      if base == ours, let known = ours.pointee.twin { return known.assumingMemoryBound(to: PyTypeObject.self) }
      made = base == ours ? try plainClass(vm, ours) : try valueClass(vm, ours, try type(vm, ours.pointee.base ?? base))
    } else if let base = try valueBase(vm, ours) {
      made = try valueClass(vm, ours, base)
    } else {
      made = try plainClass(vm, ours)
    }
    ForeignTypes.pair(ours, made)
    return made
  }

  /// Types of `builtins` whose instances have memory of their own on each side (`reversed`, `property`): the type objects stand for
  /// each other all the same. By CPython's; what its instances look like here is another matter.
  nonisolated(unsafe) static var sameTypes = PointerTable()

  private static func builtinType(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef? {
    guard ours.pointee.flags.isDisjoint(with: [.heapType, .foreign]), let builtins = py.pointee.PyEval_GetBuiltins() else { return nil }
    let name = ours.pointee.name
    guard name.isStr, try Dicts.get(vm, rt.pointee.builtins, name) == Value(ours) else { return nil }
    guard let o = amphis_dict_get(py, builtins, name.swiftString), amphis_is_type(o) != 0, Registry.ours(o) == nil else { return nil }
    let theirs = typeObject(retain(o))
    sameTypes.set(UInt(bitPattern: theirs), UInt(Value(ours).bits), .permanent)
    Registry.toTheirs.set(UInt(Value(ours).bits), UInt(bitPattern: theirs), .permanent)
    ours.pointee.twin = UnsafeMutableRawPointer(theirs)
    return theirs
  }
  /// Our type for a type object of CPython's `builtins`, if it stands for one of ours.
  static func sameType(_ vm: VM, _ o: PyRef) throws(Raised) -> Value? {
    if let e = sameTypes.find(UInt(bitPattern: o)) { return Value(bits: UInt64(e.pointee.value)) }
    guard let text = typeObject(o).pointee.tp_name, let builtins = py.pointee.PyEval_GetBuiltins() else { return nil }
    let name = String(cString: text)
    guard amphis_dict_get(py, builtins, name) == o else { return nil }
    let v = try Dicts.get(vm, rt.pointee.builtins, try vm.intern(try vm.str(name)))
    guard v.isType, v.asType.pointee.twin == nil, try builtinType(vm, v.asType) != nil else { return nil }
    return v
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
  static func object(_ t: PyTypeRef) -> PyRef { UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyObject.self) }

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

  /// A class of ours derived from CPython's types: a real subclass there, made by the metaclass. C code that looks into the type
  /// finds our methods; attributes of the class and of its instances are ours.
  private static func derivedClass(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    let bases = ours.pointee.bases.as(TupleLayout.self)
    let foreign = try vm.list()
    var meta = Names.type
    for i in 0..<bases.pointee.count {
      guard bases.items[i].isType, bases.items[i].asType.pointee.flags.contains(.foreign) else { continue }
      try vm.append(foreign, bases.items[i])
      let m = amphis_type(object(try type(vm, bases.items[i].asType)))
      if !DerivedSlots.isMetaclass(m), py.pointee.PyType_IsSubtype(m, meta) != 0 { meta = m }
    }
    // A metaclass of ours that derives from one of CPython's.
    if ours.pointee.header.type != rt.pointee.types.type, MetaTypes.isForeign(ours.pointee.header.type) {
      let m = try type(vm, ours.pointee.header.type)
      if py.pointee.PyType_IsSubtype(m, meta) != 0 { meta = m }
    }
    let tuple = try ToPython.convert(vm, try vm.tuple(from: foreign))
    defer { release(tuple) }
    let namespace = try DerivedSlots.namespace(vm, ours, whole: meta != Names.type)
    defer { release(namespace) }
    let name = try ToPython.str(vm, ours.pointee.name)
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(3))
    defer { release(args) }
    amphis_tuple_set(args, 0, name)
    amphis_tuple_set(args, 1, retain(tuple))
    amphis_tuple_set(args, 2, retain(namespace))
    DerivedSlots.making.append(ours)
    defer { DerivedSlots.making.removeLast() }
    guard let result = py.pointee.PyObject_Call(object(meta), args, nil) else {
      // Its metaclass may have set attributes before it refused the class, and so have paired it; its memory is free again.
      if let unfinished = Registry.theirs(Value(ours)) {
        Registry.unpair(Value(ours), unfinished)
        ours.pointee.twin = nil
      }
      throw Errors.fetch(vm)
    }
    let made = typeObject(result)
    derived.set(UInt(bitPattern: made), 1, .permanent)
    try DerivedSlots.install(vm, made, ours, usual: meta == Names.type)
    return made
  }

  /// A class of ours derived from int, str, bytes, tuple, float or a container: its instances there are real ones, with the value or
  /// the items.
  private static func valueClass(_ vm: VM, _ ours: TypeRef, _ base: PyTypeRef) throws(Raised) -> PyTypeRef {
    let list = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    defer { release(list) }
    amphis_tuple_set(list, 0, retain(object(base)))
    var slots = TwinSlots.overrides(of: ours)
    slots.append(PyType_Slot(slot: 0, pfunc: nil))
    let made = try fromSpec(vm, ours, &slots, size: 0, bases: list)
    values.set(UInt(bitPattern: made), 1, .permanent)
    try addSpecialMethods(vm, ours, made)
    try DerivedSlots.giveMetaclass(vm, made, ours)
    return made
  }
  /// Types made by `valueClass`
  nonisolated(unsafe) private static var values = PointerTable()

  /// C code sets a class's `__module__` by way of the type's dict: ours follows.
  static func takeModuleName(_ vm: VM, _ ours: TypeRef) throws(Raised) {
    guard let word = ours.pointee.twin, ours.pointee.flags.contains(.heapType) else { return }
    let theirs = word.assumingMemoryBound(to: PyTypeObject.self)
    guard values.find(UInt(bitPattern: theirs)) != nil, let dict = theirs.pointee.tp_dict,
      let module = amphis_dict_get(py, dict, "__module__"), amphis_type(module) == Names.unicode
    else { return }
    try Dicts.set(vm, ours.pointee.dict, "__module__", try FromPython.str(vm, module))
  }

  /// The nearest type of CPython's own above a value class.
  private static func valueBase(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef? {
    let kinds: TypeFlags = [
      .intSubclass, .strSubclass, .bytesSubclass, .tupleSubclass, .floatSubclass, .listSubclass, .dictSubclass, .setSubclass,
    ]
    guard !ours.pointee.flags.isDisjoint(with: kinds) else { return nil }
    guard let base = ours.pointee.base else { return nil }
    return try type(vm, base)
  }

  /// An empty container of a subclass of list, dict, set or frozenset. A new reference.
  static func makeContainer(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let type = try type(vm, v.type)
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(0))
    defer { release(args) }
    return try ToPython.check(vm, try constructor(vm, type)(type, args, nil))
  }
  static func constructor(_ vm: VM, _ type: PyTypeRef) throws(Raised) -> newfunc {
    var own: PyTypeRef? = type
    while let t = own, values.find(UInt(bitPattern: t)) != nil { own = t.pointee.tp_base }
    guard let new = own?.pointee.tp_new else { throw vm.raise(.systemError, "value type without a constructor") }
    return new
  }

  /// An instance of a subclass of a value type as a real one there. A new reference.
  static func makeValue(_ vm: VM, _ v: Value, exact: Value) throws(Raised) -> PyRef {
    let type = try type(vm, v.type)
    let new = try constructor(vm, type)
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    defer { release(args) }
    amphis_tuple_set(args, 0, try ToPython.convert(vm, exact))
    let o = try ToPython.check(vm, new(type, args, nil))
    Registry.pair(v, o, .twin)
    return o
  }

  private static func plainClass(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    var slots = TwinSlots.list(for: ours)
    slots.append(PyType_Slot(slot: 0, pfunc: nil))
    let type = try fromSpec(vm, ours, &slots, size: MemoryLayout<amphis_twin>.size, bases: nil)
    try addSpecialMethods(vm, ours, type)
    try DerivedSlots.giveMetaclass(vm, type, ours)
    return type
  }

  static func fromSpec(
    _ vm: VM, _ ours: TypeRef, _ slots: inout [PyType_Slot], size: Int, bases: PyRef?
  ) throws(Raised) -> PyTypeRef {
    // The name must live as long as the type: for ever.
    let name = strdup(try fullName(vm, ours))
    var made: PyRef?
    slots.withUnsafeMutableBufferPointer { p in
      var spec = PyType_Spec(
        name: name, basicsize: Int32(size), itemsize: 0,
        flags: UInt32(truncatingIfNeeded: TwinSlots.typeFlags | (bases == nil ? 0 : 1 << 10)), slots: p.baseAddress)
      made = py.pointee.PyType_FromSpecWithBases(&spec, bases)
    }
    let type = typeObject(try ToPython.check(vm, made))
    // As a class of Python's: messages of C code name it without its module.
    type.pointee.tp_name = UnsafePointer(name.flatMap { strrchr($0, 0x2E) }.map { $0 + 1 } ?? name)
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
      if found.isNull || found.isNone || owner == rt.pointee.types.object { continue }
      let k = try ToPython.str(vm, key)
      defer { release(k) }
      let function = try ToPython.convert(vm, found)
      defer { release(function) }
      let method = try ToPython.check(vm, py.pointee.PyInstanceMethod_New(function))
      defer { release(method) }
      if py.pointee.PyDict_SetItem(dict, k, method) != 0 { throw Errors.fetch(vm) }
    }
    try addDataDescriptors(vm, ours, dict)
    py.pointee.PyType_Modified(type)
  }

  /// Slots and `__dict__`, for C code that sets attributes past the class (`PyObject_GenericSetAttr`).
  private static func addDataDescriptors(_ vm: VM, _ ours: TypeRef, _ dict: PyRef) throws(Raised) {
    guard ours.pointee.flags.contains(.heapType), ours.pointee.mro.isTuple else { return }
    let mro = ours.pointee.mro.as(TupleLayout.self)
    for i in 0..<mro.pointee.count {
      guard mro.items[i].isType, mro.items[i].asType.pointee.flags.contains(.heapType) else { continue }
      var position = 0
      while let entry = Dicts.next(mro.items[i].asType.pointee.dict, &position) {
        guard entry.key.isExactStr,
          entry.value.isExact(rt.pointee.types.memberDescriptor) || entry.value.isExact(rt.pointee.types.getsetDescriptor)
        else { continue }
        let key = try ToPython.str(vm, entry.key)
        defer { release(key) }
        // The nearest class's.
        if py.pointee.PyDict_GetItemWithError(dict, key) != nil { continue }
        let descriptor = try ToPython.convert(vm, entry.value)
        defer { release(descriptor) }
        if py.pointee.PyDict_SetItem(dict, key, descriptor) != 0 { throw Errors.fetch(vm) }
      }
    }
  }
}
