import CPython
import PyRuntime

/// Memory of CPython's objects for our buffer users.
enum Buffers {
  /// Views taken and not released, innermost last.
  nonisolated(unsafe) private static var open: [UnsafeMutablePointer<Py_buffer>] = []

  static func take(_ vm: VM, _ o: PyRef, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    let b = UnsafeMutablePointer<Py_buffer>.allocate(capacity: 1)
    b.initialize(to: Py_buffer())
    var wanted: Int32 = flags.contains(.writable) ? 1 : 0
    if flags.contains(.format) { wanted |= 4 }
    if flags.contains(.nd) { wanted |= 8 }
    if py.pointee.PyObject_GetBuffer(o, b, wanted) != 0 {
      b.deallocate()
      throw Errors.fetch(vm)
    }
    view.memory = b.pointee.buf
    view.byteCount = b.pointee.len
    view.itemSize = max(1, b.pointee.itemsize)
    view.isReadOnly = b.pointee.readonly != 0
    if let format = b.pointee.format, flags.contains(.format) { view.format = try vm.str(String(cString: format)) }
    view.foreign = UnsafeMutableRawPointer(b)
    open.append(b)
  }

  static func releaseLast() {
    guard let b = open.popLast() else { return }
    py.pointee.PyBuffer_Release(b)
    b.deallocate()
  }
}
