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

  /// Looks at the bytes of a bytes object or of any exporter, as long as `body` runs.
  @inline(__always)
  package func withBytes(
    of v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    if v.isBytes {
      let b = v.as(BytesLayout.self)
      return try body(UnsafeBufferPointer(start: b.bytes, count: b.pointee.count))
    }
    var view = try buffer(of: v, .simple)
    defer { release(&view) }
    return try body(UnsafeBufferPointer(start: UnsafePointer(view.memory?.assumingMemoryBound(to: UInt8.self)), count: view.byteCount))
  }

  /// Memory that the function `name` may write to; a TypeError says that there is none.
  /// - Parameter argument: as the message calls it
  func writableBuffer(of v: Value, _ name: StaticString, _ argument: StaticString = "argument") throws(Raised) -> BufferView {
    do throws(Raised) { return try buffer(of: v, .writable) } catch {
      guard v.type.pointee.slots.buffer == nil || pendingIs(.bufferError) else { throw error }
      clearPending()
      throw raise(.typeError, "\(name)() \(argument) must be read-write bytes-like object, not \(v.argumentTypeName)")
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
