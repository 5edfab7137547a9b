import CPython
import PyRuntime

/// Objects of `datetime`, which the VM has natively: C code reads the memory of CPython's own by the macros of the datetime C API, so ours
/// cross as real ones of the same value, paired for as long as ours live, and instances of our subclasses as real ones of a real subclass.
enum DateTimes {
  private static let names: [StaticString] = ["date", "time", "datetime", "timedelta", "tzinfo", "timezone"]
  /// Our types, as bits
  nonisolated(unsafe) private static var ours: [UInt64] = []
  nonisolated(unsafe) private static var isSetUp = false

  /// Pairs the types once `_datetime` is there.
  private static func setUp(_ vm: VM) throws(Raised) {
    if isSetUp { return }
    isSetUp = true
    let name = try vm.intern("_datetime")
    let module = try vm.importModule("_datetime")
    let theirs = try CrossImports.own(vm, name)
    defer { release(theirs) }
    if Registry.ours(theirs) == module { return }
    for n in names {
      let type = try vm.getAttribute(module, n)
      if type.isType { try pair(vm, type.asType, theirs, n) }
    }
    let zone = try vm.getAttribute(try vm.getAttribute(module, "timezone"), "utc")
    let theirZone = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(theirs, "timezone"))
    defer { release(theirZone) }
    Registry.pair(zone, try ToPython.check(vm, py.pointee.PyObject_GetAttrString(theirZone, "utc")), .permanent)
  }

  private static func pair(_ vm: VM, _ type: TypeRef, _ theirs: PyRef, _ name: StaticString) throws(Raised) {
    // Never let go: types last as long as the process.
    let o = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(theirs, name.description))
    guard amphis_is_type(o) != 0, type.pointee.twin == nil else { return }
    ForeignTypes.pair(type, UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyTypeObject.self))
    ours.append(Value(type).bits)
  }
  /// The module may be made anew: the types of the last one are those that CPython's objects get.
  private static func adopt(_ vm: VM, _ type: TypeRef) throws(Raised) {
    guard type.pointee.twin == nil, let name = names.first(where: { type.pointee.name.swiftString.hasSuffix($0.description) }) else {
      return
    }
    let module = try vm.getAttributeOrNull(Value(type), "__module__")
    guard module.isStr, module.swiftString == "datetime" else { return }
    try setUp(vm)
    if ours.contains(Value(type).bits) { return }
    let theirs = try CrossImports.own(vm, try vm.intern("_datetime"))
    defer { release(theirs) }
    let exact = type.pointee.name.swiftString.split(separator: ".").last.map(String.init) ?? name.description
    for n in names where n.description == exact { try pair(vm, type, theirs, n) }
  }

  /// The nearest type of `_datetime` that `type` is or derives from.
  static func base(_ vm: VM, _ type: TypeRef) throws(Raised) -> TypeRef? {
    var t: TypeRef? = type
    while let b = t, b.pointee.flags.contains(.heapType) { t = b.pointee.base }
    guard let found = t, found != rt.pointee.types.object else { return nil }
    if ours.contains(Value(found).bits) { return found }
    try adopt(vm, found)
    return ours.contains(Value(found).bits) ? found : nil
  }
  static func isOurs(_ type: TypeRef) -> Bool { ours.contains(Value(type).bits) }
  /// `tzinfo`: C types that derive from it (pydantic's zones) have their instances there.
  static func isZone(_ type: TypeRef) -> Bool { isOurs(type) && type.pointee.name.swiftString.hasSuffix("tzinfo") }

  /// CPython's types of that module are ours: called for each type that is seen for the first time.
  static func notice(_ vm: VM, _ theirs: PyTypeRef) throws(Raised) {
    guard !isSetUp, amphis_type_is_heap(theirs) == 0, let text = theirs.pointee.tp_name, String(cString: text).hasPrefix("datetime.") else {
      return
    }
    try setUp(vm)
  }

  /// What the constructor makes an equal object of.
  private static func arguments(_ vm: VM, _ v: Value, _ base: TypeRef) throws(Raised) -> Value {
    let name = base.pointee.name.swiftString
    if name.hasSuffix("tzinfo") { return rt.pointee.emptyTuple }
    let reduced: Value
    if name.hasSuffix("datetime") || name.hasSuffix("time") && !name.hasSuffix("datetime") {
      reduced = try vm.call(try vm.getAttribute(Value(base), "__reduce_ex__"), v, Value(smallInt: 4))
    } else if name.hasSuffix("timezone") {
      return try vm.callMethod(v, "__getinitargs__")
    } else {
      reduced = try vm.call(try vm.getAttribute(Value(base), "__reduce__"), v)
    }
    guard reduced.isTuple, reduced.as(TupleLayout.self).pointee.count >= 2 else {
      throw vm.raise(.systemError, "datetime object without a state")
    }
    return reduced.as(TupleLayout.self).items[1]
  }

  /// A new reference.
  static func toPython(_ vm: VM, _ v: Value, _ base: TypeRef) throws(Raised) -> PyRef {
    let args = try ToPython.convert(vm, try arguments(vm, v, base))
    defer { release(args) }
    if v.type == base {
      let o = try ToPython.check(vm, py.pointee.PyObject_Call(Twins.object(try Twins.type(vm, base)), args, nil))
      // One of several equal objects may be there already: `timezone` has one UTC.
      if Registry.ours(o) != nil { return o }
      Registry.pair(v, o, .foreign)
      return retain(o)
    }
    let type = try Twins.type(vm, v.type)
    let o = try ToPython.check(vm, try Twins.constructor(vm, type)(type, args, nil))
    Registry.pair(v, o, .twin)
    return o
  }

  static func fromPython(_ vm: VM, _ o: PyRef, _ type: TypeRef) throws(Raised) -> Value {
    var method = "__reduce_ex__", positional = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    amphis_tuple_set(positional, 0, try ToPython.check(vm, py.pointee.PyLong_FromLongLong(4)))
    if type.pointee.name.swiftString.hasSuffix("timezone") {
      release(positional)
      method = "__getinitargs__"
      positional = try ToPython.check(vm, py.pointee.PyTuple_New(0))
    }
    defer { release(positional) }
    let f = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(o, method))
    defer { release(f) }
    let reduced = try FromPython.take(vm, py.pointee.PyObject_Call(f, positional, nil))
    guard reduced.isTuple else { throw vm.raise(.systemError, "datetime object without a state") }
    let t = reduced.as(TupleLayout.self)
    let arguments = method == "__getinitargs__" ? reduced : t.pointee.count >= 2 ? t.items[1] : rt.pointee.emptyTuple
    let v = try vm.call(Value(type), tuple: arguments.isTuple ? arguments : rt.pointee.emptyTuple)
    if Registry.theirs(v) == nil { Registry.pair(v, retain(o), .foreign) }
    return v
  }
}
