import CPython
import Glibc
import PyRuntime

/// Our values as CPython's objects. Every function answers a new reference.
enum ToPython {
  static func convert(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let o = try made(vm, v)
    if Crossing.flags & Crossing.lossy == 0 { return o }
    do throws(Raised) { try Lossy.verify(vm, v, o) } catch {
      release(o)
      throw error
    }
    return o
  }

  @inline(__always)
  private static func made(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if v.isSmallInt { return try check(vm, py.pointee.PyLong_FromLongLong(Int64(v.smallInt))) }
    if v.isDouble { return try check(vm, py.pointee.PyFloat_FromDouble(v.double)) }
    if !v.isCell {
      switch v {
      case .true: return retain(Library.pyTrue)
      case .false: return retain(Library.pyFalse)
      case .ellipsis: return retain(Library.ellipsis)
      case .notImplemented: return retain(Library.notImplemented)
      default: return retain(Library.none)
      }
    }
    let type = v.as(CellHeader.self).pointee.type
    if type == Names.str { return try str(vm, v) }
    if Flags.isForeign(v), let o = Light.escape(v) { return retain(o) }
    if let known = Registry.theirs(v) { return retain(known) }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while crossing to CPython") }
    // What crosses often first.
    if type == Names.listOurs || type == Names.dictOurs { return try Containers.lend(vm, v) }
    if type == rt.pointee.types.boundMethod || type == rt.pointee.types.function { return try Twins.make(vm, v) }
    if type == rt.pointee.types.bytes {
      let b = v.as(BytesLayout.self)
      if b.isRoomy {
        // CPython's object is made around our bytes.
        let o = amphis_bytes_around(b.bytes, b.pointee.count, Names.bytes)
        Registry.pair(v, o, .embedded)
        return retain(o)
      }
      return try check(
        vm, py.pointee.PyBytes_FromStringAndSize(UnsafeRawPointer(b.bytes).assumingMemoryBound(to: CChar.self), b.pointee.count))
    }
    if type == rt.pointee.types.tuple { return try tuple(vm, v) }
    if type == rt.pointee.types.int { return try bigInt(vm, v) }
    if type == rt.pointee.types.complex {
      let c = v.as(ComplexLayout.self)
      return try check(vm, py.pointee.PyComplex_FromDoubles(c.pointee.real, c.pointee.imaginary))
    }
    if type == rt.pointee.types.slice {
      let s = v.as(SliceLayout.self)
      let a = try convert(vm, s.pointee.start)
      defer { release(a) }
      let b = try convert(vm, s.pointee.stop)
      defer { release(b) }
      let c = try convert(vm, s.pointee.step)
      defer { release(c) }
      return try check(vm, py.pointee.PySlice_New(a, b, c))
    }
    if v.isType { return retain(UnsafeMutableRawPointer(try Twins.type(vm, v.asType)).assumingMemoryBound(to: PyObject.self)) }
    if v.isExceptionInstance { return try Errors.toPython(vm, v) }
    return try convertObject(vm, v, type)
  }

  /// Containers, instances of subclasses of value types, and everything else, which gets a twin.
  private static func convertObject(_ vm: VM, _ v: Value, _ type: TypeRef) throws(Raised) -> PyRef {
    if v.isList || v.isDict || v.isSetOrFrozenSet {
      return try Containers.lend(vm, v)
    }
    if type == Names.contextVariable { return try CrossContexts.variable(vm, v) }
    if type == Names.context { return try CrossContexts.context(vm, v) }
    if let base = try DateTimes.base(vm, type) { return try DateTimes.toPython(vm, v, base) }
    if type == rt.pointee.types.bytearray { return try CrossByteArrays.toPython(vm, v) }
    if v.isStr || v.isBytes || v.isTuple || v.isInt || v.isFloat { return try Twins.makeValue(vm, v, exact: try exactValue(vm, v)) }
    if type == rt.pointee.types.builtinFunction, let o = try ForeignFunctions.builtin(vm, v) { return o }
    return try Twins.make(vm, v)
  }

  /// The builtin value in an instance of a subclass.
  private static func exactValue(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if v.isInt { return Ints.exact(v) }
    if v.isFloat { return Value(v.as(FloatLayout.self).pointee.value) }
    if v.isStr { return try BridgeAccess.exactStr(vm, v) }
    if v.isBytes {
      let b = v.as(BytesLayout.self)
      return try vm.bytes(UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count))
    }
    let t = v.as(TupleLayout.self)
    return try vm.tuple(copying: t.items, count: t.pointee.count)
  }

  static func check(_ vm: VM, _ o: PyRef?) throws(Raised) -> PyRef {
    guard let o else { throw Errors.fetch(vm) }
    return o
  }

  /// Interned strs are immortal on both sides: their counterparts are kept.
  static func str(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if let known = TwinStrs.known(v) { return retain(known) }
    let s = v.as(StrLayout.self)
    let interned = s.pointee.flags.contains(.interned)
    if interned { s.pointee.flags.remove(.mortal) }
    var o: PyRef
    if s.isASCII && s.pointee.length > 1 {
      o = try check(vm, py.pointee.PyUnicode_New(s.pointee.length, 127))
      memcpy(amphis_unicode_ascii(o), s.units, s.pointee.length)
    } else {
      o = try check(vm, py.pointee.PyUnicode_FromKindAndData(Int32(s.pointee.unit), s.units, s.pointee.length))
    }
    if interned {
      var slot: UnsafeMutablePointer<PyObject>? = o
      py.pointee.PyUnicode_InternInPlace(&slot)
      if let p = slot { o = p }
      TwinStrs.keep(v, o)
      // It is the same one that comes back. Both sides share those of one character.
      if s.pointee.length > 1 {
        Registry.toOurs.set(UInt(bitPattern: o), UInt(v.bits), .permanent)
        KeptValues.any = true
      }
    } else if Lossy.isOn {
      if s.pointee.length > 1 { Lossy.remember(o, v) }
    } else {
      TwinStrs.made(v, o)
    }
    return o
  }

  private static func tuple(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let t = v.as(TupleLayout.self)
    let count = t.pointee.count
    let o = try check(vm, py.pointee.PyTuple_New(count))
    for i in 0..<count {
      let item: PyRef
      do throws(Raised) { item = try convert(vm, t.items[i]) } catch {
        release(o)
        throw error
      }
      amphis_tuple_set(o, i, item)
    }
    return o
  }

  private static func bigInt(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let big = v.as(BigIntLayout.self)
    let n = big.pointee.signedCount
    let count = n < 0 ? 0 &- n : n
    let limbs = (UnsafeRawPointer(big) + BigIntLayout.limbsOffset).assumingMemoryBound(to: UInt8.self)
    let magnitude = try check(vm, py.pointee._PyLong_FromByteArray(limbs, count &* 8, 1, 0))
    if n >= 0 { return magnitude }
    defer { release(magnitude) }
    return try check(vm, py.pointee.PyNumber_Negative(magnitude))
  }
}

/// Types of libpython's that are compared with all the time.
enum Names {
  nonisolated(unsafe) static var long = unset, unicode = unset, float = unset, bytes = unset, tuple = unset, complex = unset
  nonisolated(unsafe) static var list = unset, dict = unset, set = unset, frozenset = unset, object = unset, type = unset
  nonisolated(unsafe) static var module = unset, function = unset, boundFunction = unset, genericAlias = unset, memoryView = unset
  nonisolated(unsafe) static var methodDescriptor = unset, wrapperDescriptor = unset, classMethodDescriptor = unset
  private static let unset = PyTypeRef(bitPattern: 64).unsafelyUnwrapped

  /// Our types
  nonisolated(unsafe) static var contextVariable: TypeRef?
  nonisolated(unsafe) static var context: TypeRef?
  nonisolated(unsafe) static var str = unsetOurs, bytesOurs = unsetOurs, intOurs = unsetOurs
  nonisolated(unsafe) static var tupleOurs = unsetOurs, listOurs = unsetOurs, dictOurs = unsetOurs
  private static let unsetOurs = TypeRef(bitPattern: 64).unsafelyUnwrapped

  static func setUp(_ vm: VM) throws(Raised) {
    let contextvars = try vm.importModule("_contextvars")
    let variable = try vm.getAttribute(contextvars, "ContextVar")
    if variable.isType { contextVariable = variable.asType }
    let kind = try vm.getAttribute(contextvars, "Context")
    if kind.isType { context = kind.asType }
    (str, bytesOurs, intOurs) = (rt.pointee.types.str, rt.pointee.types.bytes, rt.pointee.types.int)
    (tupleOurs, listOurs, dictOurs) = (rt.pointee.types.tuple, rt.pointee.types.list, rt.pointee.types.dict)
    Parked.setUp()
    Flags.setUp()
    TwinSlots.setUp()
    try ForeignAttributes.setUp(vm)
    func find(_ name: String) throws(Raised) -> PyTypeRef {
      guard let t = Library.type(name) else { throw vm.raise(.importError, "libpython has no \(name)") }
      return t
    }
    long = try find("PyLong_Type")
    unicode = try find("PyUnicode_Type")
    float = try find("PyFloat_Type")
    bytes = try find("PyBytes_Type")
    tuple = try find("PyTuple_Type")
    complex = try find("PyComplex_Type")
    list = try find("PyList_Type")
    dict = try find("PyDict_Type")
    set = try find("PySet_Type")
    frozenset = try find("PyFrozenSet_Type")
    object = try find("PyBaseObject_Type")
    type = try find("PyType_Type")
    module = try find("PyModule_Type")
    memoryView = try find("PyMemoryView_Type")
    function = try find("PyCFunction_Type")
    boundFunction = try find("PyCMethod_Type")
    genericAlias = try find("Py_GenericAliasType")
    methodDescriptor = try find("PyMethodDescr_Type")
    wrapperDescriptor = try find("PyWrapperDescr_Type")
    classMethodDescriptor = try find("PyClassMethodDescr_Type")
    func pair(_ ours: TypeRef, _ theirs: PyTypeRef) { ForeignTypes.pair(ours, theirs) }
    pair(rt.pointee.types.int, long)
    pair(rt.pointee.types.bool, try find("PyBool_Type"))
    pair(rt.pointee.types.str, unicode)
    pair(rt.pointee.types.float, float)
    pair(rt.pointee.types.bytes, bytes)
    pair(rt.pointee.types.tuple, tuple)
    pair(rt.pointee.types.complex, complex)
    pair(rt.pointee.types.list, list)
    pair(rt.pointee.types.dict, dict)
    pair(rt.pointee.types.set, set)
    pair(rt.pointee.types.frozenset, frozenset)
    pair(rt.pointee.types.object, object)
    pair(rt.pointee.types.type, type)
    pair(rt.pointee.types.module, module)
    pair(rt.pointee.types.builtinFunction, function)
    pair(rt.pointee.types.noneType, amphis_type(Library.none))
    pair(rt.pointee.types.ellipsisType, amphis_type(Library.ellipsis))
    pair(rt.pointee.types.notImplementedType, amphis_type(Library.notImplemented))
    pair(rt.pointee.types.bytearray, try find("PyByteArray_Type"))
    pair(rt.pointee.types.slice, try find("PySlice_Type"))
    pair(rt.pointee.types.range, try find("PyRange_Type"))
    for kind in ExceptionKind.allCases {
      guard let e = Library.exception("\(kind.name)") else { continue }
      pair(rt.pointee.types[kind], UnsafeMutableRawPointer(e).assumingMemoryBound(to: PyTypeObject.self))
    }
  }
}
