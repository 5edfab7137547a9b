import CPython
import PyRuntime

/// bytearrays across the boundary: CPython's object has no memory of its own but points at ours, from the first crossing on. While it
/// does, an export pins it: C code cannot change its size. Ours can as long as C code has no buffer of it, and tells where the bytes are.
enum CrossByteArrays {
  /// CPython's bytearray for ours. A new reference.
  static func toPython(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let o = try ToPython.check(vm, py.pointee.PyByteArray_FromStringAndSize(nil, 0))
    try adopt(vm, v, o)
    return retain(o)
  }
  /// Takes over a reference to `o`, which has no memory.
  private static func adopt(_ vm: VM, _ v: Value, _ o: PyRef) throws(Raised) {
    amphis_bytearray_pin(o, 1)
    Registry.pair(v, o, .derived)
    BridgeAccess.setByteArrayForeign(v, UnsafeMutableRawPointer(o))
    rt.pointee.bridgeHooks.byteArrayChanged = { v in CrossByteArrays.follow(v) }
    rt.pointee.bridgeHooks.byteArrayExports = { v in CrossByteArrays.exports(v) }
    follow(v)
  }

  private static func object(_ v: Value) -> PyRef? { BridgeAccess.byteArrayForeign(v)?.assumingMemoryBound(to: PyObject.self) }
  /// Our bytes have moved or changed in number.
  private static func follow(_ v: Value) {
    guard let o = object(v) else { return }
    let bytes = BridgeAccess.byteArrayBytes(v)
    amphis_bytearray_point(o, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
  }
  /// Buffers that C code has of it.
  private static func exports(_ v: Value) -> Int { object(v).map { amphis_bytearray_exports($0) - 1 } ?? 0 }

  /// Ours has died: CPython's lets go of the memory.
  static func disown(_ v: Value) {
    guard let o = object(v) else { return }
    BridgeAccess.setByteArrayForeign(v, nil)
    amphis_bytearray_point(o, nil, 0)
    amphis_bytearray_pin(o, -1)
  }

  /// CPython's bytearray as ours: a copy of what nobody else has; else its memory moves here. While C code has a buffer of it, that
  /// cannot be, and ours is a snapshot.
  static func toOurs(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    var view = BufferView()
    try Buffers.take(vm, o, .simple, &view)
    let v: Value
    do throws(Raised) {
      let bytes = try vm.bytes(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
      v = try vm.call(Value(rt.pointee.types.bytearray), bytes)
    } catch {
      if let b = view.foreign { Buffers.end(b) }
      throw error
    }
    if let b = view.foreign { Buffers.end(b) }
    if amphis_refcount(o) <= 1 { return v }
    if amphis_bytearray_exports(o) == 0 {
      if let memory = amphis_bytearray_bytes(o) { py.pointee.PyObject_Free(memory) }
      amphis_bytearray_point(o, nil, 0)
      try adopt(vm, v, retain(o))
      return v
    }
    if Lossy.isOn {
      try Lossy.report(
        vm, .snapshot, .fromCPython, "bytearray", "bytearray", "ours is a copy: later changes are not seen on the other side",
        advice: "take a memoryview of CPython's object")
    }
    return v
  }
}
