import CPython
import PyRuntime

/// Memory of CPython's objects for our buffer users. A view carries its own `Py_buffer`, so views end in any order; views of views share it.
enum Buffers {
  /// Views that have not ended
  nonisolated(unsafe) private(set) static var open = 0

  static func take(_ vm: VM, _ o: PyRef, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    let shared = UnsafeMutablePointer<Shared>.allocate(capacity: 1)
    shared.initialize(to: Shared())
    let b = UnsafeMutableRawPointer(shared).assumingMemoryBound(to: Py_buffer.self)
    if py.pointee.PyObject_GetBuffer(o, b, flags.rawValue) != 0 {
      shared.deallocate()
      throw Errors.fetch(vm)
    }
    do throws(Raised) {
      try fill(vm, b, flags, &view)
      // An exporter may pass on what another exports; a view of a view names the owner of the memory, if it has one.
      let isView = amphis_type(o) == Names.memoryView
      let owner = isView ? UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyMemoryViewObject.self).pointee.view.obj : b.pointee.obj
      if let owner {
        if owner != o { view.exporter = try FromPython.convert(vm, owner) }
      } else {
        view.exporter = .none
      }
    } catch {
      py.pointee.PyBuffer_Release(b)
      shared.deallocate()
      throw error
    }
  }

  private struct Shared {
    var buffer = Py_buffer()
    /// Views that use it, less one
    var others = 0
  }

  /// One more view uses `BufferView.foreign`.
  static func share(_ foreign: UnsafeMutableRawPointer) {
    foreign.assumingMemoryBound(to: Shared.self).pointee.others &+= 1
    open &+= 1
  }

  private static func fill(
    _ vm: VM, _ b: UnsafeMutablePointer<Py_buffer>, _ flags: BufferFlags, _ view: inout BufferView
  ) throws(Raised) {
    view.memory = b.pointee.buf
    view.byteCount = b.pointee.len
    view.itemSize = max(0, b.pointee.itemsize)
    view.isReadOnly = b.pointee.readonly != 0
    if let format = b.pointee.format, flags.contains(.format) { view.format = try vm.str(String(cString: format)) }
    let dimensions = Int(b.pointee.ndim)
    if let suboffsets = b.pointee.suboffsets, dimensions > 0 { view.suboffsets = try tuple(vm, suboffsets, dimensions) }
    if let shape = b.pointee.shape, dimensions != 1 || flags.contains(.nd) {
      view.shape = try tuple(vm, shape, dimensions)
      if let strides = b.pointee.strides, !isContiguous(b, shape, strides) { view.strides = try tuple(vm, strides, dimensions) }
    } else if dimensions == 0 {
      view.shape = try vm.tuple(count: 0)
    }
    view.foreign = UnsafeMutableRawPointer(b)
    open &+= 1
  }
  /// C order without gaps, as a view without strides has them: an exporter may give a dimension of one any stride, and views show it.
  private static func isContiguous(
    _ b: UnsafeMutablePointer<Py_buffer>, _ shape: UnsafeMutablePointer<Py_ssize_t>, _ strides: UnsafeMutablePointer<Py_ssize_t>
  ) -> Bool {
    var step = max(1, b.pointee.itemsize)
    for k in stride(from: Int(b.pointee.ndim) - 1, through: 0, by: -1) {
      if strides[k] != step { return false }
      step = step &* shape[k]
    }
    return true
  }
  private static func tuple(_ vm: VM, _ numbers: UnsafeMutablePointer<Py_ssize_t>, _ count: Int) throws(Raised) -> Value {
    let t = try vm.tuple(count: count)
    for i in 0..<count { t.as(TupleLayout.self).items[i] = try vm.int(numbers[i]) }
    return t
  }

  /// Ends a view: `BufferView.foreign`.
  static func end(_ foreign: UnsafeMutableRawPointer) {
    let shared = foreign.assumingMemoryBound(to: Shared.self)
    open &-= 1
    if shared.pointee.others > 0 {
      shared.pointee.others &-= 1
      return
    }
    py.pointee.PyBuffer_Release(foreign.assumingMemoryBound(to: Py_buffer.self))
    shared.deallocate()
  }

  /// CPython has refused something because of an export. Views of ours that nobody has any more are exports still, and so are objects of
  /// CPython's that only we had: where there were such, they end, the exception is forgotten, and the answer is that it may be tried again.
  static func mayTryAgain(_ vm: VM) -> Bool { isRefusal && Errors.forget { _ in letGo(vm) } }

  /// Whether the pending exception is CPython's word on an export.
  static var isRefusal: Bool {
    guard let error = py.pointee.PyErr_Occurred(), let bufferError = Library.exception("BufferError") else { return false }
    return py.pointee.PyErr_GivenExceptionMatches(error, bufferError) != 0
  }

  /// Lets go of what nobody has any more, at once; whether there was something.
  static func letGo(_ vm: VM) -> Bool {
    let before = (open, Registry.drainings)
    BridgeAccess.releaseDeadViews(vm)
    return (open, Registry.drainings) != before
  }
}
