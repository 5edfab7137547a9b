import CPython
import CRuntimeSupport
import PyRuntime

/// Sockets of CPython's that `_ssl` gets in the place of ours (`SocketTwins`).
enum CrossSockets {
  /// A class of CPython's sockets that have room for weak references: `_ssl` has such a reference to its socket. Nil until one is needed.
  nonisolated(unsafe) private static var counterparts: PyRef?

  private static func counterpartClass(_ vm: VM) throws(Raised) -> PyRef {
    if let known = counterparts { return known }
    let module = try ModuleLoader.twin(vm, try vm.intern("_socket"))
    defer { release(module) }
    let base = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(module, "socket"))
    defer { release(base) }
    let arguments = try ToPython.check(vm, py.pointee.PyTuple_New(3))
    defer { release(arguments) }
    amphis_tuple_set(arguments, 0, try ToPython.str(vm, try vm.intern("socket")))
    let bases = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    amphis_tuple_set(bases, 0, retain(base))
    amphis_tuple_set(arguments, 1, bases)
    amphis_tuple_set(arguments, 2, try ToPython.check(vm, py.pointee.PyDict_New()))
    let metatype = UnsafeMutableRawPointer(amphis_type(base)).assumingMemoryBound(to: PyObject.self)
    let made = try ToPython.check(vm, py.pointee.PyObject_Call(metatype, arguments, nil))
    counterparts = made
    return made
  }

  /// `_ssl` gets sockets of CPython's in the place of ours (`SocketTwins`).
  static func serve(_ vm: VM, _ module: Value) throws(Raised) {
    let context = try vm.getAttribute(module, try vm.intern("_SSLContext"))
    let connection = try vm.getAttribute(module, try vm.intern("_SSLSocket"))
    try SocketTwins.install(vm, context: context, socket: connection) { (vm, family, kind, proto) throws(Raised) in
      let cls = try counterpartClass(vm)
      // Made and not initialised, which would open one: its fields are set here.
      let new = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(cls, "__new__"))
      defer { release(new) }
      let arguments = try ToPython.check(vm, py.pointee.PyTuple_New(1))
      defer { release(arguments) }
      amphis_tuple_set(arguments, 0, retain(cls))
      let o = try ToPython.check(vm, py.pointee.PyObject_Call(new, arguments, nil))
      let fields = (UnsafeMutableRawPointer(o) + MemoryLayout<PyObject>.size).assumingMemoryBound(to: SocketTwinFields.self)
      guard fields.pointee.descriptor == -1, fields.pointee.timeout == -1_000_000_000, fields.pointee.onError != nil else {
        release(o)
        throw vm.raise(.systemError, "libpython's sockets are not those of CPython 3.11")
      }
      fields.pointee.family = family
      fields.pointee.kind = kind
      fields.pointee.proto = proto
      return (try FromPython.take(vm, o), fields)
    }
  }
}
