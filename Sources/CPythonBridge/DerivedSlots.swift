import CPython
import PyRuntime

/// What classes of ours look like over there beyond their memory: `amphis_class`, the metaclass that answers with our class's
/// attributes, and the attribute slots of classes that derive from CPython's types.
enum DerivedSlots {
  /// `amphis_class`, or a placeholder before the first class has crossed
  nonisolated(unsafe) private(set) static var metaclass = PyTypeRef(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private static var hasMetaclass = false
  /// Classes of ours whose counterparts are being made, innermost last; roots by the caller's stack
  nonisolated(unsafe) static var making: [TypeRef] = []

  private static func classObject(_ o: PyRef) -> PyTypeRef { UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self) }

  // MARK: the metaclass

  private static let getClassAttribute: TwinSlots.Binary = { o, name in
    guard let o, let name else { return nil }
    guard let v = Registry.ours(o) else { return Names.type.pointee.tp_getattro?(o, name) }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      try ToPython.convert(vm, try vm.getAttribute(v, try vm.intern(try FromPython.str(vm, name))))
    }
  }
  private static let setClassAttribute: TwinSlots.Store = { o, name, item in
    guard let o, let name else { return -1 }
    guard let v = Registry.ours(o) else { return -1 }
    return TwinSlots.enter(-1) { (vm) throws(Raised) in
      let x = item == nil ? Value.null : try FromPython.convert(vm, item.unsafelyUnwrapped)
      try vm.setAttribute(v, try vm.intern(try FromPython.str(vm, name)), x)
      if let item { keep(o, name, item) }
      return 0
    }
  }
  /// C code that sets a class's attribute counts on the class for a reference to it (`_zoneinfo` borrows its cache from there): it gets one.
  private static func keep(_ o: PyRef, _ name: PyRef, _ item: PyRef) {
    guard let dict = classObject(o).pointee.tp_dict else { return }
    let key = "amphis.kept"
    if let kept = amphis_dict_get(py, dict, key) {
      if py.pointee.PyDict_SetItem(kept, name, item) != 0 { py.pointee.PyErr_Clear() }
      return
    }
    guard let kept = py.pointee.PyDict_New(), let k = py.pointee.PyUnicode_FromStringAndSize(key, key.utf8.count) else {
      return py.pointee.PyErr_Clear()
    }
    if py.pointee.PyDict_SetItem(kept, name, item) != 0 || py.pointee.PyDict_SetItem(dict, k, kept) != 0 { py.pointee.PyErr_Clear() }
    release(kept)
    release(k)
  }
  private static let callClass: TwinSlots.Ternary = { o, args, keywords in
    guard let o else { return nil }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      try ToPython.convert(vm, try TwinSlots.callTwin(vm, try FromPython.convert(vm, o), args, keywords))
    }
  }
  // What a metaclass of ours may answer: enums are subscripted, counted and read. For any other class ours raises what CPython does.
  private static let classItem: TwinSlots.Binary = { o, key in
    guard let o, let key else { return nil }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      try ToPython.convert(vm, try vm.getItem(try FromPython.convert(vm, o), try FromPython.convert(vm, key)))
    }
  }
  private static let classLength: TwinSlots.Length = { o in
    guard let o else { return -1 }
    return TwinSlots.enter(-1) { (vm) throws(Raised) in try vm.length(try FromPython.convert(vm, o)) }
  }
  private static let classContains: TwinSlots.Contains = { o, item in
    guard let o, let item else { return -1 }
    return TwinSlots.enter(-1) { (vm) throws(Raised) in
      try vm.contains(try FromPython.convert(vm, o), try FromPython.convert(vm, item)) ? 1 : 0
    }
  }
  private static let classIter: TwinSlots.Unary = { o in
    guard let o else { return nil }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in try ToPython.convert(vm, try vm.iter(try FromPython.convert(vm, o))) }
  }
  private static let classRepr: TwinSlots.Unary = { o in
    guard let o else { return nil }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      try ToPython.convert(vm, try vm.repr(try FromPython.convert(vm, o)))
    }
  }
  /// `isinstance` and `issubclass` by C code: the rules of our class, ABCs included.
  private static func check(_ args: PyRef?, _ body: (VM, Value, Value) throws(Raised) -> Bool) -> PyRef? {
    guard let args, amphis_size(args) == 2, let cls = amphis_tuple_item(args, 0), let other = amphis_tuple_item(args, 1) else {
      Errors.setPlain("TypeError", "expected 1 argument")
      return nil
    }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      let c = try FromPython.convert(vm, cls), x = try FromPython.convert(vm, other)
      return retain(try body(vm, c, x) ? Library.pyTrue : Library.pyFalse)
    }
  }

  private static let instanceHook: CrossImports.Hook = { _, args, _ in
    DerivedSlots.check(args) { (vm, c, x) throws(Raised) in try BridgeAccess.isInstance(vm, x, c) }
  }
  private static let subclassHook: CrossImports.Hook = { _, args, _ in
    DerivedSlots.check(args) { (vm, c, x) throws(Raised) in try BridgeAccess.isSubclass(vm, x, c) }
  }

  private static func makeMetaclass(_ vm: VM) throws(Raised) {
    var slots: [PyType_Slot] = []
    func add<F>(_ number: Int32, _ function: F) {
      slots.append(PyType_Slot(slot: number, pfunc: unsafeBitCast(function, to: UnsafeMutableRawPointer.self)))
    }
    add(Py_tp_getattro, getClassAttribute)
    add(Py_tp_setattro, setClassAttribute)
    add(Py_tp_call, callClass)
    add(Py_tp_repr, classRepr)
    add(Py_tp_new, newClass)
    add(Py_mp_subscript, classItem)
    add(Py_mp_length, classLength)
    add(Py_sq_contains, classContains)
    add(Py_tp_iter, classIter)
    slots.append(PyType_Slot(slot: 0, pfunc: nil))
    let bases = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    defer { release(bases) }
    amphis_tuple_set(bases, 0, retain(Twins.object(Names.type)))
    var made: PyRef?
    slots.withUnsafeMutableBufferPointer { p in
      var spec = PyType_Spec(
        name: metaclassName, basicsize: 0, itemsize: 0, flags: UInt32(truncatingIfNeeded: TwinSlots.typeFlags | 1 << 10),
        slots: p.baseAddress)
      made = py.pointee.PyType_FromSpecWithBases(&spec, bases)
    }
    let type = try ToPython.check(vm, made)
    metaclass = classObject(type)
    hasMetaclass = true
    let instanceCheck = try CrossImports.function(vm, "__instancecheck__", instanceHook)
    let subclassCheck = try CrossImports.function(vm, "__subclasscheck__", subclassHook)
    guard let dict = metaclass.pointee.tp_dict else { return }
    for (name, function): (StaticString, PyRef) in [("__instancecheck__", instanceCheck), ("__subclasscheck__", subclassCheck)] {
      let key = try ToPython.str(vm, try vm.intern(name))
      defer { release(key) }
      let method = try ToPython.check(vm, py.pointee.PyInstanceMethod_New(function))
      defer { release(method) }
      if py.pointee.PyDict_SetItem(dict, key, method) != 0 { throw Errors.fetch(vm) }
    }
    py.pointee.PyType_Modified(metaclass)
    // Seen from here it is `type`: our classes' own metaclasses are ours.
    Registry.toOurs.set(UInt(bitPattern: type), UInt(Value(rt.pointee.types.type).bits), .permanent)
  }
  /// C code makes a class from one of ours (classes of Cython's modules that derive from Python's): it is made here, by our metaclass.
  private static let newClass: TwinSlots.New = { meta, args, keywords in
    guard let meta, let args else { return nil }
    if amphis_size(args) == 3, let bases = amphis_tuple_item(args, 1), amphis_type(bases) == Names.tuple, isFromOurs(bases) {
      return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
        let list = try FromPython.arguments(vm, args)
        let items = list.as(TupleLayout.self).items
        guard items[1].isTuple, items[2].isDict else { throw vm.raise(.typeError, "type() arguments are a str, a tuple and a dict") }
        let first = items[1].as(TupleLayout.self).items[0]
        let cls = try vm.call(
          Value(first.isType ? first.type : rt.pointee.types.type), tuple: list, dict: try TwinSlots.named(vm, keywords))
        return try ToPython.convert(vm, cls)
      }
    }
    guard let new = Names.type.pointee.tp_new else { return nil }
    return new(meta, args, keywords)
  }
  /// Whether a class with these bases can only be made here: one stands for a class of ours and is no base there.
  private static func isFromOurs(_ bases: PyRef) -> Bool {
    for i in 0..<amphis_size(bases) {
      guard let base = amphis_tuple_item(bases, i), amphis_is_type(base) != 0 else { continue }
      if amphis_type_is_base(classObject(base)) == 0, let ours = Registry.ours(base), ours.isType,
        !ours.asType.pointee.flags.contains(.foreign)
      {
        return true
      }
    }
    return false
  }

  private static let metaclassName = strdupForEver("amphis.amphis_class")
  private static func strdupForEver(_ s: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(s.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// Lets a class over there answer as ours does. Its metaclass was plain `type`, which has the same memory. C code that asks whether a class has
  /// the metaclass of another (pydantic's for enums) compares the objects: each metaclass of ours has one of its own.
  static func giveMetaclass(_ vm: VM, _ type: PyTypeRef, _ ours: TypeRef) throws(Raised) {
    if !hasMetaclass { try makeMetaclass(vm) }
    let o = Twins.object(type)
    guard amphis_type(o) == Names.type else { return }
    let own = ours.pointee.header.type
    let meta = own == rt.pointee.types.type || MetaTypes.isForeign(own) ? metaclass : try Twins.type(vm, own)
    guard py.pointee.PyType_IsSubtype(meta, metaclass) != 0 else { return }
    amphis_incref(Twins.object(meta))
    amphis_set_type(o, meta)
  }
  /// The class over there for a metaclass of ours, which derives from `amphis_class` and does as it does.
  static func metaclassTwin(_ vm: VM, _ ours: TypeRef) throws(Raised) -> PyTypeRef {
    if !hasMetaclass { try makeMetaclass(vm) }
    var base = metaclass
    if let b = ours.pointee.base, b != rt.pointee.types.type, b.pointee.flags.contains(.typeSubclass) { base = try Twins.type(vm, b) }
    let bases = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    defer { release(bases) }
    amphis_tuple_set(bases, 0, retain(Twins.object(base)))
    var slots = [PyType_Slot(slot: 0, pfunc: nil)]
    let made = try Twins.fromSpec(vm, ours, &slots, size: 0, bases: bases)
    amphis_incref(Twins.object(metaclass))
    amphis_set_type(Twins.object(made), metaclass)
    return made
  }
  /// Whether it is `amphis_class` or one of these.
  static func isMetaclass(_ type: PyTypeRef) -> Bool { hasMetaclass && py.pointee.PyType_IsSubtype(type, metaclass) != 0 }

  // MARK: derived classes

  /// Names that stay with our class: construction, and what attribute access answers.
  static func staysHere(_ name: String) -> Bool {
    switch name {
    case "__new__", "__del__", "__getattribute__", "__getattr__", "__setattr__", "__delattr__", "__init_subclass__",
      "__class_getitem__", "__dict__", "__weakref__", "__slots__", "__classcell__", "__doc__", "__subclasshook__":
      return true
    default: return false
    }
  }

  /// Functions that a class inherits from classes of ours that are no bases over there, before any that is: `class Tagged(Mixin, SimpleQueue)`
  /// has the mixin's `__init__`.
  private static func mixins(_ vm: VM, _ ours: TypeRef) throws(Raised) -> Value {
    let found = try vm.dict()
    guard ours.pointee.mro.isTuple else { return found }
    let mro = ours.pointee.mro.as(TupleLayout.self)
    let seen = try vm.dict()
    for i in 0..<mro.pointee.count where mro.items[i].isType && mro.items[i].asType != rt.pointee.types.object {
      let type = mro.items[i].asType
      let isBaseThere = type == ours || type.pointee.flags.contains(.foreign)
      var position = 0
      while let entry = Dicts.next(type.pointee.dict, &position) {
        guard entry.key.isStr, try Dicts.get(vm, seen, entry.key).isNull else { continue }
        try Dicts.set(vm, seen, entry.key, .true)
        if !isBaseThere, entry.value.isExact(rt.pointee.types.function) { try Dicts.set(vm, found, entry.key, entry.value) }
      }
    }
    return found
  }

  /// The namespace that the class is made of over there. A new reference.
  static func namespace(_ vm: VM, _ ours: TypeRef, whole: Bool) throws(Raised) -> PyRef {
    let namespace = try ToPython.check(vm, py.pointee.PyDict_New())
    do throws(Raised) {
      let mixed = try mixins(vm, ours)
      for source in [ours.pointee.dict, mixed] {
        var position = 0
        while let entry = Dicts.next(source, &position) {
          guard entry.key.isStr else { continue }
          let isFunction = entry.value.isExact(rt.pointee.types.function)
          if !isFunction && !whole || staysHere(entry.key.swiftString) { continue }
          if entry.value.isExact(rt.pointee.types.getsetDescriptor) || entry.value.isExact(rt.pointee.types.memberDescriptor) { continue }
          let key = try ToPython.str(vm, entry.key)
          defer { release(key) }
          var value = try ToPython.convert(vm, entry.value)
          defer { release(value) }
          if isFunction {
            let method = try ToPython.check(vm, py.pointee.PyInstanceMethod_New(value))
            release(value)
            value = method
          }
          if py.pointee.PyDict_SetItem(namespace, key, value) != 0 { throw Errors.fetch(vm) }
        }
      }
      // What ours and its bases of ours bring along under names that C code looks up in the type.
      let hasSlots = !Dicts.get(vm, ours.pointee.dict, "__slots__").isNull
      for (name, slot) in hasSlots ? [("__module__", Value.null), ("__slots__", rt.pointee.emptyTuple)] : [("__module__", Value.null)] {
        let key = try ToPython.str(vm, try vm.intern(try vm.str(name)))
        defer { release(key) }
        let v = slot.isNull ? try vm.getAttributeOrNull(Value(ours), try vm.intern(try vm.str(name))) : slot
        if v.isNull { continue }
        let value = try ToPython.convert(vm, v)
        defer { release(value) }
        if py.pointee.PyDict_SetItem(namespace, key, value) != 0 { throw Errors.fetch(vm) }
      }
    } catch {
      release(namespace)
      throw error
    }
    return namespace
  }

  /// Attribute access on instances goes through our class, which knows its foreign base's descriptors.
  static func install(_ vm: VM, _ made: PyTypeRef, _ ours: TypeRef, usual: Bool) throws(Raised) {
    made.pointee.tp_getattro = getAttribute
    made.pointee.tp_setattro = setAttribute
    py.pointee.PyType_Modified(made)
    if usual { try giveMetaclass(vm, made, ours) }
  }

  private static let getAttribute: TwinSlots.Binary = { o, name in
    guard let o, let name else { return nil }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      try ToPython.convert(vm, try vm.getAttribute(try FromPython.convert(vm, o), try vm.intern(try FromPython.str(vm, name))))
    }
  }
  private static let setAttribute: TwinSlots.Store = { o, name, item in
    guard let o, let name else { return -1 }
    return TwinSlots.enter(-1) { (vm) throws(Raised) in
      let x = item == nil ? Value.null : try FromPython.convert(vm, item.unsafelyUnwrapped)
      try vm.setAttribute(try FromPython.convert(vm, o), try vm.intern(try FromPython.str(vm, name)), x)
      return 0
    }
  }
}
