// The buffer protocol (PEP 3118): native code asks `vm.buffer(of:)` for a view of an exporter's memory and releases it.

extension VM {
  /// Buffer protocol: the memory of any exporter. Every view taken is released.
  package func buffer(of v: Value, _ flags: BufferFlags) throws(Raised) -> BufferView {
    guard let slot = v.type.pointee.slots.buffer else {
      throw raise(.typeError, "a bytes-like object is required, not '\(v.typeName)'")
    }
    var view = BufferView()
    try slot(self, v, flags, &view)
    if view.exporter.isNull { view.exporter = v }
    return view
  }

  /// Memory that the function `name` may write to; a TypeError says that there is none.
  func writableBuffer(of v: Value, _ name: StaticString) throws(Raised) -> BufferView {
    do throws(Raised) { return try buffer(of: v, .writable) } catch {
      guard v.type.pointee.slots.buffer == nil || pendingIs(.bufferError) else { throw error }
      clearPending()
      throw raise(.typeError, "\(name)() argument must be read-write bytes-like object, not \(v.typeName)")
    }
  }

  package func release(_ view: inout BufferView) {
    let exporter = view.exporter
    guard !exporter.isNull else { return }
    view.exporter = .null
    view.memory = nil
    if let foreign = view.foreign, let end = rt.bridgeHooks.releaseBuffer {
      view.foreign = nil
      return end(foreign)
    }
    exporter.type.pointee.slots.releaseBuffer?(self, exporter)
  }
}
