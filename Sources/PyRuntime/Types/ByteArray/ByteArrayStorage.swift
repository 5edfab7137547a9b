import Glibc

extension VM {
  /// A new bytearray with a copy of `b`.
  func byteArray(_ b: UnsafeRawBufferPointer) throws(Raised) -> Value {
    let v = Value(try instance(ByteArrayLayout.self, of: rt.types.bytearray))
    try ByteArrays.resize(self, v, b.count)
    if let base = b.baseAddress, b.count > 0, let storage = v.as(ByteArrayLayout.self).pointee.storage { memcpy(storage, base, b.count) }
    return v
  }
}

/// Storage of bytearrays.
enum ByteArrays {
  /// The live bytes. Valid until the next resize.
  static func bytes(_ v: Value) -> UnsafeMutableRawBufferPointer {
    let b = v.as(ByteArrayLayout.self)
    guard let storage = b.pointee.storage else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return UnsafeMutableRawBufferPointer(start: storage + b.pointee.start, count: b.pointee.count)
  }

  /// Changes the number of bytes; new ones are unspecified. BufferError while a view is held.
  static func resize(_ vm: VM, _ v: Value, _ count: Int) throws(Raised) {
    let b = v.as(ByteArrayLayout.self)
    if count == b.pointee.count && b.pointee.storage != nil { return }
    if b.pointee.exports > 0 { throw vm.raise(.bufferError, "Existing exports of data: object cannot be re-sized") }
    if count == b.pointee.count && count == 0 { return }
    guard count >= 0, count < Int.max >> 2 else { throw vm.raiseMemoryError() }
    if let storage = b.pointee.storage, b.pointee.start &+ count &+ 1 <= b.pointee.capacity, count >= b.pointee.capacity / 4 {
      b.pointee.count = count
      storage[b.pointee.start &+ count] = 0
      return
    }
    let capacity = count <= b.pointee.count ? count &+ 1 : count &+ count >> 3 &+ (count < 9 ? 3 : 6) &+ 1
    let memory = try vm.allocateRawBytes(capacity).assumingMemoryBound(to: UInt8.self)
    let kept = min(count, b.pointee.count)
    if let storage = b.pointee.storage, kept > 0 { memcpy(memory, storage + b.pointee.start, kept) }
    memory[count] = 0
    b.pointee.storage = memory
    b.pointee.start = 0
    b.pointee.count = count
    b.pointee.capacity = capacity
  }

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visitBuffer(cell.assumingMemoryBound(to: ByteArrayLayout.self).pointee.storage)
  }
}
