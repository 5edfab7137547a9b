import CPython
import PyRuntime

/// An object of CPython's as we see it. It owns one reference to `object`, which the registry drops when the cell has died.
/// Instances of our classes derived from CPython's types have the same memory; until `__new__` has run, `object` is null.
/// `BridgeAccess.makeForeign` relies on 32 bytes at most.
struct ForeignLayout {
  var header: CellHeader
  var object: PyRef?
  /// `Light.owned` or `Light.alone`
  var state: UInt
}

/// Our types for CPython's, one each.
enum ForeignTypes {
  /// Builtin types of both sides that were paired at start, plus classes of ours, are not from there.
  nonisolated(unsafe) private static var madeHere = PointerTable()
  /// Types whose instances are foreign objects and nothing else, and ours for them.
  nonisolated(unsafe) private static var plain = PointerTable()
  /// The one that was asked for last
  nonisolated(unsafe) private static var lastTheirs: PyTypeRef?
  nonisolated(unsafe) private static var lastOurs: TypeRef?

  @inline(__always)
  static func plainType(_ theirs: PyTypeRef) -> TypeRef? { theirs == lastTheirs ? lastOurs : findPlain(theirs) }
  @inline(never)
  private static func findPlain(_ theirs: PyTypeRef) -> TypeRef? {
    guard let e = plain.find(UInt(bitPattern: theirs)), let ours = TypeRef(bitPattern: e.pointee.value) else { return nil }
    (lastTheirs, lastOurs) = (theirs, ours)
    return ours
  }
  static func isFromCPython(_ theirs: PyTypeRef) -> Bool { madeHere.find(UInt(bitPattern: theirs)) != nil }
  static func noteMade(_ theirs: PyTypeRef) { madeHere.set(UInt(bitPattern: theirs), 1, .permanent) }

  static func pair(_ ours: TypeRef, _ theirs: PyTypeRef) {
    Registry.pair(Value(ours), UnsafeMutableRawPointer(theirs).assumingMemoryBound(to: PyObject.self), .permanent)
    ours.pointee.twin = UnsafeMutableRawPointer(theirs)
    // C code that makes a class may have shown it before it was known whose it is.
    if plain.count != 0 { plain.remove(UInt(bitPattern: theirs)) }
    if theirs == lastTheirs { (lastTheirs, lastOurs) = (nil, nil) }
  }

  /// The type of ours for one of CPython's: a builtin one, one of our classes, or a new foreign type.
  static func type(_ vm: VM, _ theirs: PyTypeRef) throws(Raised) -> TypeRef {
    let object = UnsafeMutableRawPointer(theirs).assumingMemoryBound(to: PyObject.self)
    if let known = Registry.ours(object), known.isType { return known.asType }
    try DateTimes.notice(vm, theirs)
    if let known = Registry.ours(object), known.isType { return known.asType }
    if amphis_type_is_exception(theirs) != 0 { return try exceptionClass(vm, theirs, object) }
    return try make(vm, theirs, object)
  }

  static func isValueType(_ t: TypeRef) -> Bool {
    !t.pointee.flags.isDisjoint(with: [.tupleSubclass, .strSubclass, .bytesSubclass, .intSubclass, .floatSubclass])
  }

  static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    guard let theirs = v.asType.pointee.twin?.assumingMemoryBound(to: PyObject.self), name.isStr else { return }
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    let x: PyRef? = value.isNull ? nil : try ToPython.convert(vm, value)
    defer { if let x { release(x) } }
    if Calls.run(vm, { py.pointee.PyObject_SetAttr(theirs, n, x) }) != 0 { throw Errors.fetch(vm) }
  }

  /// The type of a type over there, if that is a metaclass of CPython's own.
  private static func metaclass(_ vm: VM, _ object: PyRef) throws(Raised) -> TypeRef {
    let meta = amphis_type(object)
    if meta == Names.type { return rt.pointee.types.type }
    let ours = try type(vm, meta)
    return ours.pointee.flags.contains(.typeSubclass) ? ours : rt.pointee.types.type
  }

  /// The name as messages show it: "zlib.Compress".
  static func fullName(_ vm: VM, _ theirs: PyTypeRef, _ short: Value) throws(Raised) -> Value {
    guard let text = theirs.pointee.tp_name else { return short }
    return try vm.intern(try vm.str(String(cString: text)))
  }

  static func text(_ vm: VM, _ o: PyRef, _ name: String) throws(Raised) -> Value {
    guard let a = py.pointee.PyObject_GetAttrString(o, name) else {
      py.pointee.PyErr_Clear()
      return .null
    }
    defer { release(a) }
    return amphis_type(a) == Names.unicode ? try vm.intern(try FromPython.str(vm, a)) : .null
  }

  /// An exception class written in Python that our program has imported too is the same class; any other becomes one of ours.
  private static func exceptionClass(_ vm: VM, _ theirs: PyTypeRef, _ object: PyRef) throws(Raised) -> TypeRef {
    // `ExceptionGroup` is no static type.
    if let same = Twins.sameTypes.find(UInt(bitPattern: object)) { return Value(bits: UInt64(same.pointee.value)).asType }
    var name = try text(vm, object, "__name__")
    if name.isNull { name = try vm.intern("Exception") }
    var module = try text(vm, object, "__module__")
    if module.isNull { module = try vm.intern("builtins") }
    let loaded = try Dicts.get(vm, rt.pointee.modules, module)
    if !loaded.isNull {
      let same = try vm.getAttributeOrNull(loaded, name)
      if !same.isNull, same.isExceptionClass, Registry.theirs(same) == nil {
        pair(same.asType, theirs)
        amphis_incref(object)
        return same.asType
      }
    }
    guard let tuple = theirs.pointee.tp_bases else { throw vm.raise(.systemError, "type without bases") }
    let count = amphis_size(tuple)
    let bases = try vm.list()
    for i in 0..<count {
      guard let b = amphis_tuple_item(tuple, i) else { continue }
      try vm.append(bases, Value(try type(vm, UnsafeMutableRawPointer(b).assumingMemoryBound(to: PyTypeObject.self))))
    }
    let namespace = try vm.dict()
    try Dicts.set(vm, namespace, "__module__", module)
    if let doc = theirs.pointee.tp_doc { try Dicts.set(vm, namespace, "__doc__", try vm.str(String(cString: doc))) }
    let made = try vm.call(Value(rt.pointee.types.type), name, try vm.tuple(from: bases), namespace)
    amphis_incref(object)
    pair(made.asType, theirs)
    try fillExceptionDict(vm, made.asType, theirs)
    if amphis_type_is_mutable(theirs) == 0 { made.asType.pointee.flags.insert(.sealed) }
    return made.asType
  }

  /// Methods and attributes of an exception class that is written in C: those of ssl.SSLError.
  private static func fillExceptionDict(_ vm: VM, _ made: TypeRef, _ theirs: PyTypeRef) throws(Raised) {
    guard let dict = theirs.pointee.tp_dict else { return }
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(dict, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode else { continue }
      let name = try vm.intern(try FromPython.str(vm, key))
      let text = name.swiftString
      let isSpecial = text.hasPrefix("__") && text.hasSuffix("__")
      if isSpecial && text != "__str__" && text != "__repr__" { continue }
      try BridgeAccess.setTypeAttribute(vm, made, name, try FromPython.convert(vm, value))
    }
  }

  private static func make(_ vm: VM, _ theirs: PyTypeRef, _ object: PyRef) throws(Raised) -> TypeRef {
    var base = rt.pointee.types.object
    if let b = theirs.pointee.tp_base, b != Names.object {
      let candidate = try type(vm, b)
      // Only foreign memory may be continued: an instance is a reference, whatever it derives from over there. What derives from
      // a value type has its value here as well.
      if candidate.pointee.flags.contains(.foreign) { base = candidate }
      // An instance of `tzinfo` has no state.
      if DateTimes.isZone(candidate) { base = candidate }
      if candidate.pointee.flags.contains(.typeSubclass) { return try MetaTypes.make(vm, theirs, object, candidate) }
      if isValueType(candidate) { return try ValueTypes.make(vm, theirs, object, candidate) }
    }
    var name = try text(vm, object, "__name__")
    if name.isNull { name = try vm.intern("object") }
    var qualname = try text(vm, object, "__qualname__")
    if qualname.isNull { qualname = name }
    var module = try text(vm, object, "__module__")
    if module.isNull { module = try vm.intern("builtins") }
    // Where a Python form has that name (`zoneinfo.ZoneInfo`), pickles find the class in the C module.
    if let accelerator = BridgeAccess.accelerator(of: module) {
      let package = try Dicts.get(vm, rt.pointee.modules, module)
      if !package.isNull, try !vm.getAttributeOrNull(package, name).isNull { module = try vm.intern(accelerator) }
    }
    let made = try BridgeAccess.makeForeignType(
      vm, name: try fullName(vm, theirs, name), qualname: qualname, module: module, base: base, meta: try metaclass(vm, object),
      layoutSize: 32, isBase: amphis_type_is_base(theirs) != 0)
    made.pointee.trace = CrossCycles.traceForeign
    amphis_incref(object)
    pair(made, theirs)
    if amphis_type_is_mutable(theirs) != 0 { made.pointee.flags.insert(.mutable) }
    if let doc = theirs.pointee.tp_doc { made.pointee.doc = try vm.str(String(cString: doc)) }
    if theirs == Names.methodDescriptor { made.pointee.flags.insert(.methodDescriptor) }
    let isGeneric =
      theirs.pointee.tp_getattro.map { unsafeBitCast($0, to: UnsafeRawPointer.self) }
      == unsafeBitCast(py.pointee.PyObject_GenericGetAttr, to: UnsafeRawPointer.self)
    if isGeneric, theirs.pointee.tp_dictoffset == 0, amphis_type_is_mutable(theirs) == 0 { made.pointee.flags.insert(.foreignMethods) }
    ForeignSlots.install(made, theirs)
    try fillDict(vm, made, theirs)
    try BridgeAccess.ready(vm, made)
    try dropInherited(vm, made, theirs)
    if py.pointee.PyType_IsSubtype(theirs, Names.module) == 0, theirs != Names.methodDescriptor, theirs != Names.wrapperDescriptor,
      theirs != Names.classMethodDescriptor, !made.pointee.flags.contains(.finalized), made.pointee.totalInstanceSize <= 32
    {
      if plain.count == 0 {
        rt.pointee.foreignBinary = ForeignBinaryCode(ForeignNumbers.plainBinary)
        rt.pointee.foreignCompare = ForeignCompareCode(ForeignNumbers.plainCompare)
      }
      plain.set(UInt(bitPattern: theirs), UInt(bitPattern: made), .permanent)
    }
    return made
  }

  /// A type has special methods for the slots that it does not inherit, and no others: `type(a).__repr__ == type(b).__repr__` asks for that.
  private static func dropInherited(_ vm: VM, _ made: TypeRef, _ theirs: PyTypeRef) throws(Raised) {
    guard let base = made.pointee.base, base.pointee.flags.contains(.foreign), let dict = theirs.pointee.tp_dict else { return }
    let names = try vm.list(from: made.pointee.dict)
    for i in 0..<names.as(ListLayout.self).pointee.count {
      guard let name = names.as(ListLayout.self).pointee.items?[i], name.isStr, BridgeAccess.isSlotName(name),
        !BridgeAccess.lookup(base, name).0.isNull
      else { continue }
      let key = try ToPython.str(vm, name)
      defer { release(key) }
      if py.pointee.PyDict_GetItemWithError(dict, key) == nil { _ = try Dicts.remove(vm, made.pointee.dict, name) }
    }
  }

  /// Everything in the type's dictionary but the special methods that slots stand for, and what a type `past` has already.
  static func fillDict(_ vm: VM, _ made: TypeRef, _ theirs: PyTypeRef, past base: TypeRef? = nil) throws(Raised) {
    guard let dict = theirs.pointee.tp_dict else { return }
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(dict, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode else { continue }
      let name = try vm.intern(try FromPython.str(vm, key))
      let text = name.swiftString
      if text == "__doc__" || text == "__module__" || text == "__qualname__" || text == "__dict__" || text == "__weakref__" { continue }
      if BridgeAccess.isSlotName(name) { continue }
      if let base, !BridgeAccess.lookup(base, name).0.isNull { continue }
      try Dicts.set(vm, made.pointee.dict, name, try FromPython.convert(vm, value))
    }
  }
}
