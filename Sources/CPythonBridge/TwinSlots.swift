import CPython
import PyRuntime

/// The C functions behind a twin: each takes the value out of the twin, does the operation in our VM and hands the result back.
enum TwinSlots {
  typealias Unary = @convention(c) (PyRef?) -> PyRef?
  typealias Binary = @convention(c) (PyRef?, PyRef?) -> PyRef?
  typealias Ternary = @convention(c) (PyRef?, PyRef?, PyRef?) -> PyRef?
  typealias Store = @convention(c) (PyRef?, PyRef?, PyRef?) -> Int32
  typealias Length = @convention(c) (PyRef?) -> Int
  typealias Indexed = @convention(c) (PyRef?, Int) -> PyRef?
  typealias Contains = @convention(c) (PyRef?, PyRef?) -> Int32
  typealias Test = @convention(c) (PyRef?) -> Int32
  typealias Compare = @convention(c) (PyRef?, PyRef?, Int32) -> PyRef?
  typealias Dealloc = @convention(c) (PyRef?) -> Void
  typealias New = @convention(c) (PyTypeRef?, PyRef?, PyRef?) -> PyRef?
  typealias GetBuffer = @convention(c) (PyRef?, UnsafeMutablePointer<Py_buffer>?, Int32) -> Int32
  typealias ReleaseBuffer = @convention(c) (PyRef?, UnsafeMutablePointer<Py_buffer>?) -> Void

  /// Py_TPFLAGS_DEFAULT
  static let typeFlags: UInt = 1 << 18

  /// Our value behind a twin. Only plain twins carry it; one of a value type, or of a class that C code derived from a twin's, is
  /// looked up.
  @inline(__always) static func value(_ o: PyRef) -> Value {
    if let d = amphis_type(o).pointee.tp_dealloc, unsafeBitCast(d, to: UnsafeRawPointer.self) == plainDealloc {
      return Value(bits: UnsafeMutableRawPointer(o).assumingMemoryBound(to: amphis_twin.self).pointee.value)
    }
    return Registry.ours(o) ?? .none
  }
  nonisolated(unsafe) private static var plainDealloc = UnsafeRawPointer(bitPattern: 64).unsafelyUnwrapped
  static func setUp() { plainDealloc = unsafeBitCast(dealloc, to: UnsafeRawPointer.self) }

  /// Runs `body` in our VM on behalf of C code; a raised exception becomes CPython's and the result `failed`.
  static func enter<R>(_ failed: R, _ body: (VM) throws(Raised) -> R) -> R {
    let thread: UnsafeMutablePointer<ThreadState>
    if let known = BridgeAccess.threadOfCaller() {
      thread = known
    } else {
      // A thread that C code started: it gets a state of its own, which stays.
      thread = ThreadState.createDetached()
      ThreadState.link(thread)
    }
    let parked = thread.pointee.parkedStackPointer
    let before = rt.pointee.currentThread
    rt.pointee.currentThread = thread
    thread.pointee.parkedStackPointer = nil
    let vm = VM(thread)
    var result = failed
    do throws(Raised) {
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling back from CPython") }
      BridgeCounters.callbacks &+= 1
      if Containers.hasLoans { try Containers.makeCurrent(vm) }
      result = try body(vm)
    } catch { Errors.give(vm) }
    thread.pointee.parkedStackPointer = parked
    rt.pointee.currentThread = before
    return result
  }
  private static func object(_ body: (VM) throws(Raised) -> Value) -> PyRef? {
    enter(nil) { (vm) throws(Raised) -> PyRef? in
      let result = try body(vm)
      if result.isNone { return retain(Library.none) }
      let o = try ToPython.convert(vm, result)
      BridgeThread.noteAnswer(vm, result, o)
      return o
    }
  }

  static func list(for t: TypeRef) -> [PyType_Slot] {
    let s = t.pointee.slots
    var slots: [PyType_Slot] = []
    func add<F>(_ number: Int32, _ function: F) {
      slots.append(PyType_Slot(slot: number, pfunc: unsafeBitCast(function, to: UnsafeMutableRawPointer.self)))
    }
    add(Py_tp_dealloc, dealloc)
    add(Py_tp_getattro, getAttribute)
    add(Py_tp_setattro, setAttribute)
    add(Py_tp_new, new)
    add(Py_tp_repr, repr)
    add(Py_tp_str, str)
    if s.hash != nil { add(Py_tp_hash, hash) }
    add(Py_tp_richcompare, compare)
    if s.call != nil { add(Py_tp_call, call) }
    if s.iter != nil { add(Py_tp_iter, iter) }
    if s.next != nil { add(Py_tp_iternext, next) }
    if s.descriptorGet != nil { add(Py_tp_descr_get, descriptorGet) }
    if s.descriptorSet != nil { add(Py_tp_descr_set, descriptorSet) }
    if s.await != nil { add(Py_am_await, awaiting) }
    if s.asyncIter != nil { add(Py_am_aiter, asyncIter) }
    if s.asyncNext != nil { add(Py_am_anext, asyncNext) }
    if s.positive != nil { add(Py_nb_positive, positive) }
    if s.invert != nil { add(Py_nb_invert, invert) }
    if s.divmod != nil { add(Py_nb_divmod, divmod) }
    if s.leftShift != nil { add(Py_nb_lshift, leftShift) }
    if s.rightShift != nil { add(Py_nb_rshift, rightShift) }
    if s.matrixMultiply != nil { add(Py_nb_matrix_multiply, matrixMultiply) }
    if s.power != nil { add(Py_nb_power, power) }
    if s.inplaceAdd != nil { add(Py_nb_inplace_add, inplaceAdd) }
    if s.inplaceSubtract != nil { add(Py_nb_inplace_subtract, inplaceSubtract) }
    if s.inplaceMultiply != nil { add(Py_nb_inplace_multiply, inplaceMultiply) }
    if s.inplaceRemainder != nil { add(Py_nb_inplace_remainder, inplaceRemainder) }
    if s.inplaceLeftShift != nil { add(Py_nb_inplace_lshift, inplaceLeftShift) }
    if s.inplaceRightShift != nil { add(Py_nb_inplace_rshift, inplaceRightShift) }
    if s.inplaceAnd != nil { add(Py_nb_inplace_and, inplaceAnd) }
    if s.inplaceXor != nil { add(Py_nb_inplace_xor, inplaceXor) }
    if s.inplaceOr != nil { add(Py_nb_inplace_or, inplaceOr) }
    if s.inplaceFloorDivide != nil { add(Py_nb_inplace_floor_divide, inplaceFloorDivide) }
    if s.inplaceTrueDivide != nil { add(Py_nb_inplace_true_divide, inplaceTrueDivide) }
    if s.inplaceMatrixMultiply != nil { add(Py_nb_inplace_matrix_multiply, inplaceMatrixMultiply) }
    if s.mappingLength != nil { add(Py_mp_length, length) }
    if s.sequenceLength != nil { add(Py_sq_length, length) }
    if s.subscripted != nil { add(Py_mp_subscript, item) }
    if s.item != nil { add(Py_sq_item, indexed) }
    if s.storeSubscript != nil { add(Py_mp_ass_subscript, storeItem) }
    if s.contains != nil { add(Py_sq_contains, contains) }
    if s.bool != nil { add(Py_nb_bool, isTrue) }
    if s.int != nil { add(Py_nb_int, toInt) }
    if s.float != nil { add(Py_nb_float, toFloat) }
    if s.index != nil { add(Py_nb_index, toIndex) }
    if s.negative != nil { add(Py_nb_negative, negative) }
    if s.absolute != nil { add(Py_nb_absolute, absolute) }
    if s.add != nil { add(Py_nb_add, plus) }
    if s.subtract != nil { add(Py_nb_subtract, minus) }
    if s.multiply != nil { add(Py_nb_multiply, times) }
    if s.remainder != nil { add(Py_nb_remainder, remainder) }
    if s.floorDivide != nil { add(Py_nb_floor_divide, floorDivide) }
    if s.trueDivide != nil { add(Py_nb_true_divide, trueDivide) }
    if s.and != nil { add(Py_nb_and, and) }
    if s.or != nil { add(Py_nb_or, or) }
    if s.xor != nil { add(Py_nb_xor, xor) }
    if t.pointee.flags.contains(.weakReferenceable) {
      slots.append(PyType_Slot(slot: Py_tp_members, pfunc: UnsafeMutableRawPointer(weakMembers)))
    }
    if s.buffer != nil {
      add(Py_bf_getbuffer, getBuffer)
      add(Py_bf_releasebuffer, releaseBuffer)
    }
    return slots
  }

  private static func nearestBuiltin(_ t: TypeRef) -> TypeRef {
    var type = t
    while type.pointee.flags.contains(.heapType), let base = type.pointee.base { type = base }
    return type
  }
  /// The slots of a class derived from a value type that differ from those of the builtin: the rest is CPython's own.
  static func overrides(of t: TypeRef) -> [PyType_Slot] {
    let flags = t.pointee.flags
    let builtin =
      flags.contains(.dictSubclass)
      ? rt.pointee.types.dict
      : flags.contains(.listSubclass)
        ? rt.pointee.types.list
        : flags.contains(.tupleSubclass)
          ? rt.pointee.types.tuple
          : flags.contains(.strSubclass)
            ? rt.pointee.types.str
            : flags.contains(.bytesSubclass)
              ? rt.pointee.types.bytes
              : flags.contains(.intSubclass)
                ? rt.pointee.types.int
                : flags.contains(.floatSubclass)
                  ? rt.pointee.types.float
                  : t.isSubtype(of: rt.pointee.types.set)
                    ? rt.pointee.types.set : t.isSubtype(of: rt.pointee.types.frozenset) ? rt.pointee.types.frozenset : nearestBuiltin(t)
    let s = t.pointee.slots, b = builtin.pointee.slots
    var slots: [PyType_Slot] = []
    func add<F>(_ differs: Bool, _ number: Int32, _ function: F) {
      if differs { slots.append(PyType_Slot(slot: number, pfunc: unsafeBitCast(function, to: UnsafeMutableRawPointer.self))) }
    }
    add(true, Py_tp_dealloc, valueDealloc)
    add(true, Py_tp_getattro, getAttribute)
    add(true, Py_tp_setattro, setAttribute)
    add(true, Py_tp_new, new)
    add(s.repr != b.repr, Py_tp_repr, repr)
    add(s.str != b.str || s.repr != b.repr, Py_tp_str, str)
    add(s.hash != b.hash || s.compare != b.compare, Py_tp_hash, hash)
    add(s.compare != b.compare, Py_tp_richcompare, compare)
    add(s.call != b.call, Py_tp_call, call)
    add(s.iter != b.iter, Py_tp_iter, iter)
    // One method of ours is both protocols' slot over there, as for CPython's own classes.
    for slot in [Py_mp_length, Py_sq_length] { add(s.mappingLength != b.mappingLength, slot, length) }
    add(s.subscripted != b.subscripted, Py_mp_subscript, item)
    add(s.subscripted != b.subscripted, Py_sq_item, indexed)
    add(s.contains != b.contains, Py_sq_contains, contains)
    add(s.storeSubscript != b.storeSubscript, Py_mp_ass_subscript, storeItem)
    add(s.bool != b.bool, Py_nb_bool, isTrue)
    add(s.int != b.int, Py_nb_int, toInt)
    add(s.float != b.float, Py_nb_float, toFloat)
    add(s.index != b.index, Py_nb_index, toIndex)
    add(s.add != b.add, Py_nb_add, plus)
    add(s.subtract != b.subtract, Py_nb_subtract, minus)
    add(s.multiply != b.multiply, Py_nb_multiply, times)
    add(s.and != b.and, Py_nb_and, and)
    add(s.or != b.or, Py_nb_or, or)
    add(s.xor != b.xor, Py_nb_xor, xor)
    return slots
  }

  /// Those of a module of ours, which is a real module there.
  static func moduleSlots() -> [PyType_Slot] {
    func slot<F>(_ number: Int32, _ function: F) -> PyType_Slot {
      PyType_Slot(slot: number, pfunc: unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
    }
    return [
      slot(Py_tp_dealloc, valueDealloc), slot(Py_tp_getattro, getAttribute), slot(Py_tp_setattro, setAttribute), slot(Py_tp_repr, repr),
      PyType_Slot(slot: 0, pfunc: nil),
    ]
  }

  // MARK: life

  private static let valueDealloc: Dealloc = { o in
    guard let o else { return }
    if let v = Registry.ours(o) {
      if Registry.theirs(v) == o { Registry.unpair(v, o) } else { Registry.toOurs.remove(UInt(bitPattern: o)) }
    }
    let type = amphis_type(o)
    // The nearest type of CPython's own lets the memory go.
    var own: PyTypeRef? = type
    while let t = own, t.pointee.tp_dealloc.map({ unsafeBitCast($0, to: UnsafeRawPointer.self) }) == valueDeallocPointer {
      own = t.pointee.tp_base
    }
    if let free = own?.pointee.tp_dealloc { free(o) }
    release(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
  }
  private static let valueDeallocPointer = unsafeBitCast(valueDealloc, to: UnsafeRawPointer.self)

  /// Where the list of weak references lies.
  nonisolated(unsafe) private static let weakMembers: UnsafeMutablePointer<PyMemberDef> = {
    let members = UnsafeMutablePointer<PyMemberDef>.allocate(capacity: 2)
    members.initialize(repeating: PyMemberDef(), count: 2)
    let name: StaticString = "__weaklistoffset__"
    members[0].name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    members[0].type = 19  // T_PYSSIZET
    members[0].offset = MemoryLayout<amphis_twin>.offset(of: \amphis_twin.weakrefs) ?? 24
    members[0].flags = 1  // READONLY
    return members
  }()

  static let dealloc: Dealloc = { o in
    guard let o else { return }
    let v = value(o)
    if UnsafeMutableRawPointer(o).assumingMemoryBound(to: amphis_twin.self).pointee.weakrefs != nil {
      if let e = Registry.toOurs.find(UInt(bitPattern: o)), e.pointee.kind == .twin {
        // Weakly referenced it lives as long as what it stands for, which owns it from now on.
        amphis_incref(o)
        Registry.pair(v, o, .derived)
        return
      }
      py.pointee.PyObject_ClearWeakRefs(o)
    } else if MethodTwin.keep(o) {
      return
    }
    if Registry.theirs(v) == o { Registry.unpair(v, o) } else { Registry.toOurs.remove(UInt(bitPattern: o)) }
    let type = amphis_type(o)
    py.pointee.PyObject_Free(o)
    release(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
  }

  /// C code that wants an instance without `__init__`. (A call of the class comes by its metaclass.)
  private static let new: New = { type, args, keywords in
    guard let type else { return nil }
    return object { (vm) throws(Raised) in
      let cls = try FromPython.convert(vm, UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
      let positional = try optional(vm, args)
      let all = try vm.list()
      try vm.append(all, cls)
      if positional.isTuple {
        let t = positional.as(TupleLayout.self)
        for i in 0..<t.pointee.count { try vm.append(all, t.items[i]) }
      }
      return try vm.call(try vm.getAttribute(cls, "__new__"), tuple: try vm.tuple(from: all), dict: try named(vm, keywords))
    }
  }
  static func named(_ vm: VM, _ keywords: PyRef?) throws(Raised) -> Value {
    guard let keywords else { return .null }
    let copy = try vm.dict()
    var position = 0
    var key: PyRef?
    var item: PyRef?
    while py.pointee.PyDict_Next(keywords, &position, &key, &item) != 0 {
      guard let key, let item else { continue }
      try Dicts.set(vm, copy, try vm.intern(try FromPython.convert(vm, key)), try FromPython.convert(vm, item))
    }
    return copy
  }

  private static func optional(_ vm: VM, _ o: PyRef?) throws(Raised) -> Value {
    guard let o else { return .null }
    return try FromPython.convert(vm, o)
  }

  static func callTwin(_ vm: VM, _ callable: Value, _ args: PyRef?, _ keywords: PyRef?) throws(Raised) -> Value {
    // C code that does nothing but call a short function of ours asks for signals nowhere else.
    if Parked.runtime.pointee.evalBreaker & SafepointReason.signals.rawValue != 0 { try vm.handlePendingSignals() }
    guard let args, amphis_type(args) == Names.tuple else {
      let positional = try optional(vm, args)
      return try vm.call(callable, tuple: positional.isNull ? try vm.tuple(count: 0) : positional, dict: try named(vm, keywords))
    }
    let count = amphis_size(args)
    let few = 6
    guard keywords == nil, count <= few else {
      return try vm.call(callable, tuple: try FromPython.arguments(vm, args), dict: try named(vm, keywords))
    }
    var room = (Value.null, Value.null, Value.null, Value.null, Value.null, Value.null)
    // In line: what another target offers for this is generic there.
    return try withUnsafeMutablePointer(to: &room) { words throws(Raised) in
      let p = UnsafeMutableRawPointer(words).assumingMemoryBound(to: Value.self)
      var i = 0
      while i < count {
        if let item = amphis_tuple_item(args, i) { p[i] = try FromPython.argument(vm, args, item) }
        i &+= 1
      }
      return try vm.call(callable, Args(p, count: count))
    }
  }

  // MARK: general

  private static let getAttribute: Binary = { o, name in
    guard let o, let name else { return nil }
    return enter(nil) { (vm) throws(Raised) -> PyRef? in
      let v = value(o), key = try AttributeNames.name(vm, name)
      if v.isExact(rt.pointee.types.function), key.swiftString == "__reduce_ex__" {
        // C code tells functions by their type there; as for CPython's, their pickle is their name.
        let reduce = try BridgeAccess.nameOf(vm)
        return try ToPython.convert(vm, try vm.call(Value(rt.pointee.types.boundMethod), reduce, v))
      }
      do throws(Raised) {
        let (found, isMethod) = try BridgeAccess.method(vm, v, key)
        if !isMethod { return try ToPython.convert(vm, found) }
        if let o = MethodTwin.take(v, found) { return o }
        MethodTwin.drop()
        let o = try ToPython.convert(vm, try vm.getAttribute(v, key))
        if amphis_type(o).pointee.tp_dealloc.map({ unsafeBitCast($0, to: UnsafeRawPointer.self) }) == plainDealloc,
          value(o).isExact(rt.pointee.types.boundMethod)
        {
          MethodTwin.note(o)
        }
        return o
      } catch {
        guard vm.pendingIs(.attributeError), let o = try missing(vm, v, key) else { throw error }
        vm.clearPending()
        return o
      }
    }
  }
  /// What C code looks for in vain: a capsule in one of our modules is CPython's.
  private static func missing(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> PyRef? {
    guard v.isExact(rt.pointee.types.module), case let text = name.swiftString, text.hasSuffix("_CAPI") || text == "CAPI" else {
      return nil
    }
    let pending = vm.takePending()
    defer { vm.thread.pointee.pending = pending }
    let module = try CrossImports.own(vm, BridgeAccess.moduleName(v))
    defer { release(module) }
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    if let o = py.pointee.PyObject_GetAttr(module, n) { return o }
    py.pointee.PyErr_Clear()
    return nil
  }
  private static let setAttribute: Store = { o, name, item in
    guard let o, let name else { return -1 }
    return enter(-1) { (vm) throws(Raised) in
      let x = try optional(vm, item)
      try vm.setAttribute(value(o), try AttributeNames.name(vm, name), x)
      return 0
    }
  }
  private static let repr: Unary = { o in
    guard let o else { return nil }
    return object { (vm) throws(Raised) in try vm.repr(value(o)) }
  }
  private static let str: Unary = { o in
    guard let o else { return nil }
    return object { (vm) throws(Raised) in try vm.str(of: value(o)) }
  }
  private static let hash: Length = { o in
    guard let o else { return -1 }
    return enter(-1) { (vm) throws(Raised) in try vm.hash(value(o)) }
  }
  private static let compare: Compare = { o, other, op in
    guard let o, let other, let operation = CompareOp(rawValue: Int(op)) else { return nil }
    return object { (vm) throws(Raised) in
      let v = value(o)
      guard let slot = v.type.pointee.slots.compare else { return .notImplemented }
      return try slot(vm, v, try FromPython.convert(vm, other), operation)
    }
  }
  private static let call: Ternary = { o, args, keywords in
    guard let o else { return nil }
    return object { (vm) throws(Raised) in try callTwin(vm, value(o), args, keywords) }
  }
  private static let iter: Unary = { o in
    guard let o else { return nil }
    return object { (vm) throws(Raised) in
      let v = value(o)
      if Lossy.isOn { try noticeItems(vm, v) }
      return try vm.iter(v)
    }
  }
  /// C code that has a form for bytes in place did not recognise these.
  private static func noticeItems(_ vm: VM, _ v: Value) throws(Raised) {
    guard v.isInstance(of: rt.pointee.types.bytearray) else { return }
    try Lossy.report(
      vm, .protocolMissing, .toCPython, v.typeName, "object with a buffer", "C code did not see a \(v.typeName) and went through its items",
      advice: "pass bytes(x), or use a method that takes any buffer")
  }
  private static let next: Unary = { o in
    guard let o else { return nil }
    return enter(nil) { (vm) throws(Raised) -> PyRef? in
      let v = value(o)
      guard let slot = v.type.pointee.slots.next else { throw vm.raise(.typeError, "not an iterator") }
      let item = try slot(vm, v)
      return item == .exhausted ? nil : try ToPython.convert(vm, item)
    }
  }
  private static let descriptorGet: Ternary = { o, instance, owner in
    guard let o else { return nil }
    return object { (vm) throws(Raised) in
      let v = value(o)
      guard let get = v.type.pointee.slots.descriptorGet else { return v }
      let i = try optional(vm, instance)
      let t = try optional(vm, owner)
      return try get(vm, v, i.isNone && !t.isNull ? .null : i, t)
    }
  }

  private static let descriptorSet: Store = { o, instance, item in
    guard let o, let instance else { return -1 }
    return enter(-1) { (vm) throws(Raised) in
      let v = value(o)
      guard let set = v.type.pointee.slots.descriptorSet else { throw vm.raise(.attributeError, "__set__") }
      try set(vm, v, try FromPython.convert(vm, instance), try optional(vm, item))
      return 0
    }
  }
  private static let awaiting: Unary = { o in unary(o) { $0.await } }
  private static let asyncIter: Unary = { o in unary(o) { $0.asyncIter } }
  private static let asyncNext: Unary = { o in unary(o) { $0.asyncNext } }

  // MARK: containers

  private static let length: Length = { o in
    guard let o else { return -1 }
    return enter(-1) { (vm) throws(Raised) in try vm.length(value(o)) }
  }
  private static let item: Binary = { o, key in
    guard let o, let key else { return nil }
    return object { (vm) throws(Raised) in try vm.getItem(value(o), try FromPython.convert(vm, key)) }
  }
  private static let indexed: Indexed = { o, i in
    guard let o else { return nil }
    return object { (vm) throws(Raised) in try vm.getItem(value(o), try vm.int(i)) }
  }
  private static let storeItem: Store = { o, key, item in
    guard let o, let key else { return -1 }
    return enter(-1) { (vm) throws(Raised) in
      let k = try FromPython.convert(vm, key)
      let x = try optional(vm, item)
      try vm.setItem(value(o), k, x)
      return 0
    }
  }
  private static let contains: Contains = { o, item in
    guard let o, let item else { return -1 }
    return enter(-1) { (vm) throws(Raised) in try vm.contains(value(o), try FromPython.convert(vm, item)) ? 1 : 0 }
  }

  // MARK: numbers

  private static let isTrue: Test = { o in
    guard let o else { return -1 }
    return enter(-1) { (vm) throws(Raised) in try vm.isTrue(value(o)) ? 1 : 0 }
  }
  private static func unary(_ o: PyRef?, _ slot: (TypeSlots) -> NoArgsCode?) -> PyRef? {
    guard let o else { return nil }
    return object { (vm) throws(Raised) in
      let v = value(o)
      guard let f = slot(v.type.pointee.slots) else { return .notImplemented }
      return try f(vm, v)
    }
  }
  private static let toInt: Unary = { o in unary(o) { $0.int } }
  private static let toFloat: Unary = { o in unary(o) { $0.float } }
  private static let toIndex: Unary = { o in unary(o) { $0.index } }
  private static let negative: Unary = { o in unary(o) { $0.negative } }
  private static let positive: Unary = { o in unary(o) { $0.positive } }
  private static let invert: Unary = { o in unary(o) { $0.invert } }
  private static let absolute: Unary = { o in unary(o) { $0.absolute } }

  /// Either operand may be the twin; whichever has the slot here is asked, in the order of the operands.
  private static func binary(_ a: PyRef?, _ b: PyRef?, _ slot: (TypeSlots) -> OneCode?) -> PyRef? {
    guard let a, let b else { return nil }
    return object { (vm) throws(Raised) in
      let x = try FromPython.convert(vm, a)
      let y = try FromPython.convert(vm, b)
      if let f = slot(x.type.pointee.slots) {
        let r = try f(vm, x, y)
        if r != .notImplemented { return r }
      }
      if x.type != y.type, let f = slot(y.type.pointee.slots) { return try f(vm, x, y) }
      return .notImplemented
    }
  }
  private static let plus: Binary = { a, b in binary(a, b) { $0.add } }
  private static let minus: Binary = { a, b in binary(a, b) { $0.subtract } }
  private static let times: Binary = { a, b in binary(a, b) { $0.multiply } }
  private static let remainder: Binary = { a, b in binary(a, b) { $0.remainder } }
  private static let floorDivide: Binary = { a, b in binary(a, b) { $0.floorDivide } }
  private static let trueDivide: Binary = { a, b in binary(a, b) { $0.trueDivide } }
  private static let and: Binary = { a, b in binary(a, b) { $0.and } }
  private static let or: Binary = { a, b in binary(a, b) { $0.or } }
  private static let xor: Binary = { a, b in binary(a, b) { $0.xor } }

  private static let divmod: Binary = { a, b in binary(a, b) { $0.divmod } }
  private static let leftShift: Binary = { a, b in binary(a, b) { $0.leftShift } }
  private static let rightShift: Binary = { a, b in binary(a, b) { $0.rightShift } }
  private static let matrixMultiply: Binary = { a, b in binary(a, b) { $0.matrixMultiply } }
  private static let power: Ternary = { a, b, modulus in
    guard let a, let b, let modulus else { return nil }
    return object { (vm) throws(Raised) in
      let x = try FromPython.convert(vm, a), y = try FromPython.convert(vm, b), m = try FromPython.convert(vm, modulus)
      for v in x.type == y.type ? [x] : [x, y] {
        guard let f = v.type.pointee.slots.power else { continue }
        let r = try f(vm, x, y, m)
        if r != .notImplemented { return r }
      }
      return .notImplemented
    }
  }

  private static func inPlace(_ a: PyRef?, _ b: PyRef?, _ slot: (TypeSlots) -> OneCode?) -> PyRef? {
    guard let a, let b else { return nil }
    return object { (vm) throws(Raised) in
      let x = try FromPython.convert(vm, a)
      guard let f = slot(x.type.pointee.slots) else { return .notImplemented }
      return try f(vm, x, try FromPython.convert(vm, b))
    }
  }
  private static let inplaceAdd: Binary = { a, b in inPlace(a, b) { $0.inplaceAdd } }
  private static let inplaceSubtract: Binary = { a, b in inPlace(a, b) { $0.inplaceSubtract } }
  private static let inplaceMultiply: Binary = { a, b in inPlace(a, b) { $0.inplaceMultiply } }
  private static let inplaceRemainder: Binary = { a, b in inPlace(a, b) { $0.inplaceRemainder } }
  private static let inplaceLeftShift: Binary = { a, b in inPlace(a, b) { $0.inplaceLeftShift } }
  private static let inplaceRightShift: Binary = { a, b in inPlace(a, b) { $0.inplaceRightShift } }
  private static let inplaceAnd: Binary = { a, b in inPlace(a, b) { $0.inplaceAnd } }
  private static let inplaceXor: Binary = { a, b in inPlace(a, b) { $0.inplaceXor } }
  private static let inplaceOr: Binary = { a, b in inPlace(a, b) { $0.inplaceOr } }
  private static let inplaceFloorDivide: Binary = { a, b in inPlace(a, b) { $0.inplaceFloorDivide } }
  private static let inplaceTrueDivide: Binary = { a, b in inPlace(a, b) { $0.inplaceTrueDivide } }
  private static let inplaceMatrixMultiply: Binary = { a, b in inPlace(a, b) { $0.inplaceMatrixMultiply } }

  // MARK: buffers

  /// Shares our memory: nothing is copied, and the twin, which roots the exporter, lives as long as the view.
  private static let getBuffer: GetBuffer = { o, out, flags in
    guard let o, let out else { return -1 }
    out.pointee.obj = nil
    return enter(-1) { (vm) throws(Raised) in
      var view = try vm.buffer(of: value(o), BufferFlags(rawValue: flags))
      do throws(Raised) { try fill(vm, o, out, flags, view) } catch {
        vm.release(&view)
        throw error
      }
      return 0
    }
  }

  private static func fill(
    _ vm: VM, _ o: PyRef, _ out: UnsafeMutablePointer<Py_buffer>, _ flags: Int32, _ view: BufferView
  ) throws(Raised) {
    if view.isReadOnly && flags & 1 != 0 { throw vm.raise(.bufferError, "Object is not writable.") }
    let size = max(1, view.itemSize)
    let dimensions = view.shape.isTuple ? view.shape.as(TupleLayout.self).pointee.count : 1
    if view.strides.isTuple && flags & 0x10 == 0 { throw vm.raise(.bufferError, "memoryview: underlying buffer is not C-contiguous") }
    let format = view.format.isStr ? Array(view.format.swiftString.utf8) : [0x42]
    // One block that lives as long as the view: shape, strides, suboffsets, format.
    let block = UnsafeMutableRawPointer.allocate(byteCount: dimensions * 24 + format.count + 1, alignment: 8)
    let shape = block.assumingMemoryBound(to: Py_ssize_t.self)
    for k in 0..<dimensions {
      shape[k] = view.shape.isTuple ? try vm.asInt(view.shape.as(TupleLayout.self).items[k]) : view.byteCount / size
    }
    var step = size
    for k in stride(from: dimensions - 1, through: 0, by: -1) {
      shape[dimensions + k] = view.strides.isTuple ? try vm.asInt(view.strides.as(TupleLayout.self).items[k]) : step
      step = step &* shape[k]
    }
    if view.suboffsets.isTuple {
      for k in 0..<dimensions { shape[2 * dimensions + k] = try vm.asInt(view.suboffsets.as(TupleLayout.self).items[k]) }
    }
    let text = (block + dimensions * 24).assumingMemoryBound(to: CChar.self)
    for (i, c) in format.enumerated() { text[i] = CChar(bitPattern: c) }
    text[format.count] = 0
    out.pointee.buf = view.memory ?? block
    out.pointee.obj = retain(o)
    out.pointee.len = view.byteCount
    out.pointee.readonly = view.isReadOnly ? 1 : 0
    out.pointee.itemsize = size
    out.pointee.format = flags & 4 != 0 ? text : nil
    out.pointee.ndim = flags & 8 != 0 ? Int32(dimensions) : 1
    out.pointee.shape = flags & 8 != 0 && dimensions > 0 ? shape : nil
    out.pointee.strides = flags & 0x10 != 0 && dimensions > 0 ? shape + dimensions : nil
    out.pointee.suboffsets = view.suboffsets.isTuple ? shape + 2 * dimensions : nil
    out.pointee.internal = block
  }

  private static let releaseBuffer: ReleaseBuffer = { o, view in
    guard let o, let view else { return }
    view.pointee.internal?.deallocate()
    view.pointee.internal = nil
    // May come while an exception is pending over there, which is none of ours.
    _ = enter(0) { (vm) throws(Raised) -> Int32 in
      let v = value(o)
      v.type.pointee.slots.releaseBuffer?(vm, v)
      return 0
    }
  }
}
