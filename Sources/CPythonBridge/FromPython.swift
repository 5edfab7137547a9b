import CPython
import PyRuntime

/// CPython's objects as ours.
enum FromPython {
  /// The value of an owned reference, which is dropped; nil means that CPython has an exception pending.
  static func take(_ vm: VM, _ o: PyRef?) throws(Raised) -> Value {
    guard let o else { throw Errors.fetch(vm) }
    let type = amphis_type(o)
    if type == Names.unicode || type == Names.long || type == Names.tuple {
      defer { release(o) }
      return try convert(vm, o, fresh: true)
    }
    if o == Library.none || o == Library.pyTrue || o == Library.pyFalse {
      release(o)
      return o == Library.none ? .none : .bool(o == Library.pyTrue)
    }
    if amphis_refcount(o) == 1, let ours = ForeignTypes.plainType(type), amphis_has_weak_references(o) == 0 {
      return try Light.make(vm, o, ours)
    }
    defer { release(o) }
    return try convert(vm, o, fresh: true)
  }

  /// The value of a borrowed reference. `fresh`: an object with one reference belongs to whoever hands it over, so a container may
  /// be copied into one of ours and nobody can tell.
  static func convert(_ vm: VM, _ o: PyRef, fresh: Bool = false) throws(Raised) -> Value {
    if o == Library.none { return .none }
    let type = amphis_type(o)
    if type == Names.long { return try int(vm, o) }
    if type == Names.unicode {
      // What the registry has has its reference besides the caller's, and so has what is under way.
      if amphis_refcount(o) > 1 {
        if KeptValues.any, let known = Registry.ours(o) { return known }
        let known = BridgeThread.inFlight(vm, o)
        if known.isExactStr { return known }
      }
      if Lossy.isOn { try Lossy.noticeReturn(vm, o, "str") }
      return try str(vm, o)
    }
    if type == Names.float { return Value(amphis_float(o)) }
    if fresh, amphis_refcount(o) == 1, type == Names.dict || type == Names.list {
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while crossing from CPython") }
      return try Containers.receive(vm, o, type, fresh: true)
    }
    if let known = Registry.ours(o) {
      if known.isType, let e = Twins.sameTypes.find(UInt(bitPattern: o)) { return Value(bits: UInt64(e.pointee.value)) }
      if amphis_is_exception(o) != 0 { try Errors.refresh(vm, o, known) }
      return known
    }
    if let t = ForeignTypes.plainType(type) {
      if Light.lentCount != 0, case let known = Light.find(o), !known.isNull { return known }
      return try wrap(vm, o, t)
    }
    if o == Library.pyTrue { return .true }
    if o == Library.pyFalse { return .false }
    if amphis_refcount(o) > 1, type == Names.bytes || type == Names.tuple || type == Names.complex || type == Names.frozenset {
      let known = BridgeThread.inFlight(vm, o)
      if known.isCell { return known }
    }
    if type == Names.bytes {
      return try vm.bytes(UnsafeRawBufferPointer(start: amphis_bytes(o), count: amphis_size(o)))
    }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while crossing from CPython") }
    if type == Names.tuple { return try tuple(vm, o, fresh: fresh && amphis_refcount(o) == 1) }
    if o == Library.ellipsis { return .ellipsis }
    if o == Library.notImplemented { return .notImplemented }
    if type == Names.complex { return try complex(vm, o) }
    if type == Names.list || type == Names.dict || type == Names.set || type == Names.frozenset {
      return try Containers.receive(vm, o, type, fresh: fresh && amphis_refcount(o) == 1)
    }
    if amphis_is_type(o) != 0 {
      if let same = try Twins.sameType(vm, o) { return same }
      return Value(try ForeignTypes.type(vm, UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self)))
    }
    if amphis_is_exception(o) != 0 { return try Errors.convert(vm, o) }
    if type == Names.genericAlias { return try alias(vm, o) }
    if type == Names.function || type == Names.boundFunction { return try ForeignFunctions.convert(vm, o) }
    if ModuleLoader.isModule(o) { return try ModuleLoader.convert(vm, o) }
    if let owner = amphis_descriptor_owner(o, Names.methodDescriptor, Names.wrapperDescriptor, Names.classMethodDescriptor) {
      let known = try descriptor(vm, o, owner)
      if !known.isNull { return known }
    }
    let ours = try ForeignTypes.type(vm, type)
    if ours.pointee.flags.contains(.foreign) { return try wrap(vm, o, ours) }
    if ForeignTypes.isValueType(ours) { return try ValueTypes.convert(vm, o, ours) }
    return try builtin(vm, o, ours)
  }

  /// `numpy.dtype[T]`: made by C, an object of `typing`'s for our code.
  private static func alias(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    let origin = try take(vm, py.pointee.PyObject_GetAttrString(o, "__origin__"))
    let arguments = try take(vm, py.pointee.PyObject_GetAttrString(o, "__args__"))
    let v = try vm.call(Value(rt.pointee.types.genericAlias), origin, arguments)
    Registry.pair(v, retain(o), .foreign)
    return v
  }

  /// Builtin types of both sides that are neither scalars nor containers with adoptable storage.
  private static func builtin(_ vm: VM, _ o: PyRef, _ ours: TypeRef) throws(Raised) -> Value {
    func part(_ name: String) throws(Raised) -> Value { try take(vm, py.pointee.PyObject_GetAttrString(o, name)) }
    if ours == rt.pointee.types.slice || ours == rt.pointee.types.range {
      return try vm.call(Value(ours), try part("start"), try part("stop"), try part("step"))
    }
    if DateTimes.isOurs(ours) { return try DateTimes.fromPython(vm, o, ours) }
    if ours == rt.pointee.types.bytearray { return try CrossByteArrays.toOurs(vm, o) }
    if let twin = Registry.ours(o) { return twin }
    return try wrap(vm, o, rt.pointee.types.foreignObject)
  }

  /// `str.upper` of CPython's is ours; null for a descriptor of a type that only CPython has.
  private static func descriptor(_ vm: VM, _ o: PyRef, _ owner: PyTypeRef) throws(Raised) -> Value {
    guard let type = Registry.ours(UnsafeMutableRawPointer(owner).assumingMemoryBound(to: PyObject.self)), type.isType,
      type.asType.pointee.flags.isDisjoint(with: [.foreign, .heapType]), let name = amphis_descriptor_name(o)
    else { return .null }
    let known = try Dicts.get(vm, type.asType.pointee.dict, try vm.intern(try str(vm, name)))
    if !known.isNull, Registry.theirs(known) == nil { Registry.pair(known, retain(o), .permanent) }
    return known
  }

  /// The builtin value in an instance of a subclass of CPython's int, str, bytes or float.
  static func exactValue(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    let type = amphis_type(o)
    if amphis_type_is_long(type) != 0 { return try int(vm, o) }
    if amphis_type_is_unicode(type) != 0 { return try str(vm, o) }
    if py.pointee.PyType_IsSubtype(type, Names.float) != 0 { return Value(amphis_float(o)) }
    return try vm.bytes(UnsafeRawBufferPointer(start: amphis_bytes(o), count: amphis_size(o)))
  }

  /// A foreign object of ours for `o`, which it owns from then on.
  static func wrap(_ vm: VM, _ o: PyRef, _ type: TypeRef) throws(Raised) -> Value {
    let cell: UnsafeMutablePointer<ForeignLayout>
    if type.pointee.flags.contains(.heapType) || type == rt.pointee.types.foreignObject {
      cell = try BridgeAccess.makeForeign(vm, type).assumingMemoryBound(to: ForeignLayout.self)
      cell.pointee.object = retain(o)
    } else {
      // What is this small on our side may hold much over there.
      let bytes = amphis_type(o).pointee.tp_basicsize
      cell = try BridgeAccess.makeForeign(vm, type, UnsafeMutableRawPointer(o), Light.owned, bytes: bytes &+ 128)
        .assumingMemoryBound(to: ForeignLayout.self)
      amphis_incref(o)
    }
    let v = Value(cell)
    Registry.pair(v, o, type.pointee.flags.contains(.heapType) ? .derived : .foreign, bothWays: false)
    return v
  }

  private static func int(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    if amphis_int_is_short(o) != 0 { return try vm.int(amphis_short_int(o)) }
    var overflow: Int32 = 0
    let i = py.pointee.PyLong_AsLongLongAndOverflow(o, &overflow)
    if overflow == 0 { return try vm.int(Int(i)) }
    if KeptValues.any, let known = Registry.ours(o) { return known }
    let known = BridgeThread.inFlight(vm, o)
    if known.isInt { return known }
    // Two's complement would need a sign bit more; the magnitude of a negative number is found by negating.
    let bits = Int(py.pointee._PyLong_NumBits(o))
    let negative = py.pointee._PyLong_Sign(o) < 0
    let limbs = bits / 64 + 1
    var buffer = [UInt64](repeating: 0, count: limbs)
    let failed = buffer.withUnsafeMutableBytes { p in
      py.pointee._PyLong_AsByteArray(
        UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyLongObject.self), p.baseAddress?.assumingMemoryBound(to: UInt8.self),
        p.count, 1, 1)
    }
    if failed != 0 { throw Errors.fetch(vm) }
    if negative {
      var carry = true
      for i in 0..<limbs {
        buffer[i] = ~buffer[i]
        if carry { (buffer[i], carry) = buffer[i].addingReportingOverflow(1) }
      }
    }
    var result = Value.null
    buffer.withUnsafeBufferPointer { p in
      do throws(Raised) { result = try Ints.make(vm, negative: negative, limbs: p) } catch { result = .null }
    }
    if result.isNull { throw vm.reraise(vm.takePending()) }
    return result
  }

  private static func complex(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    let c = try vm.instance(ComplexLayout.self, of: rt.pointee.types.complex)
    c.pointee.real = amphis_complex_real(o)
    c.pointee.imaginary = amphis_complex_imaginary(o)
    return Value(c)
  }

  static func str(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    if amphis_unicode_ready(py, o) != 0 { throw Errors.fetch(vm) }
    let length = amphis_unicode_length(o)
    let kind = Int(amphis_unicode_kind(o))
    let data = amphis_unicode_data(o)
    if kind == 1 {
      let p = UnsafeRawBufferPointer(start: data, count: length)
      return amphis_unicode_is_ascii(o) != 0 ? try vm.str(ascii: p) : try vm.str(latin1: p)
    }
    if length == 1 {
      return try vm.str(codePoint: kind == 2 ? UInt32(data.load(as: UInt16.self)) : data.load(as: UInt32.self))
    }
    let s = try vm.newStr(length: length, unit: UInt8(kind), ascii: false)
    s.units.copyMemory(from: data, byteCount: length &* kind)
    return Value(s)
  }

  /// An item of the tuple of arguments that C code calls one of ours with. What only a tuple holds that only the caller has is handed over.
  static func argument(_ vm: VM, _ args: PyRef, _ item: PyRef) throws(Raised) -> Value {
    try convert(vm, item, fresh: amphis_refcount(item) == 1 && amphis_refcount(args) == 1)
  }
  static func arguments(_ vm: VM, _ args: PyRef) throws(Raised) -> Value {
    let t = try vm.tuple(count: amphis_size(args))
    for i in 0..<amphis_size(args) {
      if let item = amphis_tuple_item(args, i) { t.as(TupleLayout.self).items[i] = try argument(vm, args, item) }
    }
    return t
  }

  private static func tuple(_ vm: VM, _ o: PyRef, fresh: Bool) throws(Raised) -> Value {
    let count = amphis_size(o)
    let t = try vm.tuple(count: count)
    for i in 0..<count {
      guard let item = amphis_tuple_item(o, i) else { continue }
      let type = amphis_type(item)
      let v: Value
      if type == Names.long {
        v = try int(vm, item)
      } else {
        v = type == Names.float ? Value(amphis_float(item)) : try convert(vm, item, fresh: fresh)
      }
      t.as(TupleLayout.self).items[i] = v
    }
    return t
  }
}
