import CPython
import CRuntimeSupport
import PyRuntime

/// Attributes of CPython's objects. Those that a getter or a member of the type answers for are remembered by type, version of the type and
/// name: no look-up and no str crosses then.
enum ForeignAttributes {
  private struct Entry {
    var type: PyTypeRef?
    var version: UInt32
    var kind: Int32
    var name: UInt64
    var descriptor: PyRef?
  }
  private static let count = 512
  nonisolated(unsafe) private static var entries = UnsafeMutablePointer<Entry>(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private static var getters = PyTypeRef(bitPattern: 64).unsafelyUnwrapped, members = getters

  static func setUp(_ vm: VM) throws(Raised) {
    guard let getter = Library.type("PyGetSetDescr_Type"), let member = Library.type("PyMemberDescr_Type") else {
      throw vm.raise(.importError, "libpython has no PyGetSetDescr_Type")
    }
    (getters, members) = (getter, member)
    entries = UnsafeMutablePointer<Entry>.allocate(capacity: count)
    entries.initialize(repeating: Entry(type: nil, version: 0, kind: 0, name: 0, descriptor: nil), count: count)
  }

  /// `getattr(v, name)` of an object of CPython's own.
  static func get(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let o = try ForeignSlots.lendable(vm, v)
    let type = amphis_type(o)
    let hash = UInt64(UInt(bitPattern: type)) &>> 4 ^ name.bits &>> 4
    let e = entries + Int(truncatingIfNeeded: hash ^ hash &>> 9) & (count &- 1)
    if e.pointee.name == name.bits, e.pointee.type == type, e.pointee.version == amphis_type_version(type), let d = e.pointee.descriptor {
      if e.pointee.kind == 1 {
        let code = unsafeBitCast(amphis_getter_code(d), to: binaryfunc.self)
        let thread = BridgeThread.of(vm)
        let mark = thread.pointee.lentCount
        Light.lend(thread, v)
        defer { Light.end(thread, mark) }
        return try FromPython.take(
          vm, Parked.run(vm, code, o, amphis_getter_closure(d).map { $0.assumingMemoryBound(to: PyObject.self) }))
      }
      return try FromPython.take(vm, py.pointee.PyMember_GetOne(UnsafeRawPointer(o).assumingMemoryBound(to: CChar.self), amphis_member(d)))
    }
    _ = try ForeignSlots.object(vm, v)
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    let result = try FromPython.take(vm, Parked.run(vm, py.pointee.PyObject_GetAttr, o, n))
    learn(e, type, name, n)
    return result
  }

  private static func learn(_ e: UnsafeMutablePointer<Entry>, _ type: PyTypeRef, _ name: Value, _ n: PyRef) {
    // Interned strs that have crossed are for ever; others may become another name.
    guard name.as(StrLayout.self).pointee.flags.contains(.interned),
      type.pointee.tp_getattro.map({ unsafeBitCast($0, to: UnsafeRawPointer.self) })
        == unsafeBitCast(py.pointee.PyObject_GenericGetAttr, to: UnsafeRawPointer.self),
      let d = py.pointee._PyType_Lookup(type, n), case let kind = amphis_attribute_kind(d, getters, members), kind != 0,
      case let version = amphis_type_version(type), version != 0
    else { return }
    e.pointee = Entry(type: type, version: version, kind: kind, name: name.bits, descriptor: d)
  }
}
