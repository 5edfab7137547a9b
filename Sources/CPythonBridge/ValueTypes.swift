import CPython
import PyRuntime

/// Types of CPython's that derive from tuple, int, str, bytes or float (struct sequences above all): types of ours that derive from
/// our builtin, so that `isinstance(grp.getgrgid(0), tuple)` holds and items cost no crossing. An instance is one of our values; the
/// registry knows the object behind it, which answers for everything that the C type adds.
enum ValueTypes {
  static func make(_ vm: VM, _ theirs: PyTypeRef, _ object: PyRef, _ base: TypeRef) throws(Raised) -> TypeRef {
    var name = try ForeignTypes.text(vm, object, "__name__")
    if name.isNull { name = try vm.intern("object") }
    var qualname = try ForeignTypes.text(vm, object, "__qualname__")
    if qualname.isNull { qualname = name }
    var module = try ForeignTypes.text(vm, object, "__module__")
    if module.isNull { module = try vm.intern("builtins") }
    let made = try BridgeAccess.makeValueType(
      vm, name: try ForeignTypes.fullName(vm, theirs, name), qualname: qualname, module: module, base: base,
      isBase: amphis_type_is_base(theirs) != 0)
    amphis_incref(object)
    ForeignTypes.pair(made, theirs)
    ForeignTypes.noteMade(theirs)
    if amphis_type_is_mutable(theirs) != 0 { made.pointee.flags.insert(.mutable) }
    if let doc = theirs.pointee.tp_doc { made.pointee.doc = try vm.str(String(cString: doc)) }
    let own = theirs.pointee, inherited = theirs.pointee.tp_base?.pointee
    if own.tp_new != nil { made.pointee.slots.new = NewCode(new) }
    func differs(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?) -> Bool { a != b }
    if differs(unsafeBitCast(own.tp_repr, to: UnsafeRawPointer?.self), unsafeBitCast(inherited?.tp_repr, to: UnsafeRawPointer?.self)) {
      made.pointee.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
        let o = try ToPython.convert(vm, v)
        defer { release(o) }
        return try FromPython.take(vm, Calls.run(vm) { py.pointee.PyObject_Repr(o) })
      }
    }
    if differs(unsafeBitCast(own.tp_str, to: UnsafeRawPointer?.self), unsafeBitCast(inherited?.tp_str, to: UnsafeRawPointer?.self)) {
      made.pointee.slots.str = NoArgsCode { (vm, v) throws(Raised) in
        let o = try ToPython.convert(vm, v)
        defer { release(o) }
        return try FromPython.take(vm, Calls.run(vm) { py.pointee.PyObject_Str(o) })
      }
    }
    try addOtherBases(vm, made, theirs, base)
    try ForeignTypes.fillDict(vm, made, theirs)
    try BridgeAccess.ready(vm, made)
    try takeOrder(vm, made, theirs)
    return made
  }

  /// `issubclass(numpy.str_, numpy.generic)`: the order of its bases is the C type's, if there is more than one. Memory and slots are the builtin's.
  private static func takeOrder(_ vm: VM, _ made: TypeRef, _ theirs: PyTypeRef) throws(Raised) {
    guard let mro = theirs.pointee.tp_mro, let bases = theirs.pointee.tp_bases, amphis_size(bases) > 1 else { return }
    func types(_ tuple: PyRef) throws(Raised) -> Value {
      let list = try vm.list()
      for i in 0..<amphis_size(tuple) {
        guard let o = amphis_tuple_item(tuple, i), amphis_is_type(o) != 0 else { continue }
        let t = UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self)
        try vm.append(list, t == theirs ? Value(made) : Value(try ForeignTypes.type(vm, t)))
      }
      return try vm.tuple(from: list)
    }
    let order = try types(mro)
    BridgeAccess.setOrder(made, bases: try types(bases), mro: order)
  }

  /// What the type inherits past the builtin (`numpy.bytes_` derives from bytes and from numpy's scalars): here it has one base.
  private static func addOtherBases(_ vm: VM, _ made: TypeRef, _ theirs: PyTypeRef, _ base: TypeRef) throws(Raised) {
    guard let mro = theirs.pointee.tp_mro, let first = theirs.pointee.tp_base else { return }
    var i = amphis_size(mro)
    while i > 1 {
      i -= 1
      guard let o = amphis_tuple_item(mro, i), amphis_is_type(o) != 0 else { continue }
      let t = UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self)
      if t == Names.object || py.pointee.PyType_IsSubtype(first, t) != 0 { continue }
      try ForeignTypes.fillDict(vm, made, t, past: base)
    }
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    try Calls.begin(vm)
    let type = try Twins.type(vm, cls.asType)
    guard let slot = type.pointee.tp_new else { throw vm.raise(.typeError, "cannot create '\(cls.asType.nameForMessages)' instances") }
    let (tuple, dict) = try ForeignSlots.packed(vm, args)
    defer {
      release(tuple)
      if let dict { release(dict) }
    }
    return try FromPython.take(vm, Calls.run(vm) { slot(type, tuple, dict) })
  }

  /// Our value for an instance of such a type.
  static func convert(_ vm: VM, _ o: PyRef, _ type: TypeRef) throws(Raised) -> Value {
    let v: Value
    if type.pointee.flags.contains(.tupleSubclass) {
      let items = try vm.list()
      for i in 0..<amphis_size(o) {
        if let item = amphis_tuple_item(o, i) { try vm.append(items, try FromPython.convert(vm, item)) }
      }
      v = try BridgeAccess.makeTuple(vm, type, items)
    } else {
      let exact = try FromPython.exactValue(vm, o)
      // The builtin's own constructor makes an instance of the subclass with the value.
      v = try BridgeAccess.makeValue(vm, type, exact)
    }
    Registry.pair(v, retain(o), .foreign)
    return v
  }
}
