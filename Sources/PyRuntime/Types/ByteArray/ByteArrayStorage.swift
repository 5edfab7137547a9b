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
  /// With `force` an empty one gets storage too.
  static func resize(_ vm: VM, _ v: Value, _ count: Int, force: Bool = false) throws(Raised) {
    let b = v.as(ByteArrayLayout.self)
    if count == b.pointee.count && (b.pointee.storage != nil || !force) { return }
    if b.pointee.exports > 0 || b.pointee.foreign != nil { try checkExports(vm, v) }
    defer { changed(v) }
    guard count >= 0, count < Int.max >> 2 else { throw vm.raiseMemoryError() }
    if let storage = b.pointee.storage, b.pointee.start &+ count &+ 1 <= b.pointee.capacity, count >= b.pointee.capacity / 4 {
      b.pointee.count = count
      storage[b.pointee.start &+ count] = 0
      return
    }
    let capacity = count <= b.pointee.count ? count &+ 1 : count &+ count >> 3 &+ (count < 9 ? 3 : 6) &+ 1
    let memory = try vm.allocateRawBytes(capacity).assumingMemoryBound(to: UInt8.self)
    let kept = min(count, b.pointee.count)
    let old = b.pointee.storage
    if let old, kept > 0 { memcpy(memory, old + b.pointee.start, kept) }
    memory[count] = 0
    b.pointee.storage = memory
    release(old)
    b.pointee.start = 0
    b.pointee.count = count
    b.pointee.capacity = capacity
  }

  /// BufferError while a view is in use. Views that nobody can reach any more do not count: they are found by a collection.
  @inline(never)
  static func checkExports(_ vm: VM, _ v: Value) throws(Raised) {
    if hasNoViews(v) { return }
    MemoryViews.releaseDead(vm) { !hasNoViews(v) }
    if !hasNoViews(v) {
      throw vm.raise(.bufferError, "Existing exports of data: object cannot be re-sized")
    }
  }

  static func hasNoViews(_ v: Value) -> Bool { v.as(ByteArrayLayout.self).pointee.exports == 0 && foreignExports(v) == 0 }

  /// Tells CPython's object for it, if there is one, where the bytes are now.
  @inline(__always) static func changed(_ v: Value) {
    if v.as(ByteArrayLayout.self).pointee.foreign != nil { rt.bridgeHooks.byteArrayChanged?(v) }
  }
  private static func foreignExports(_ v: Value) -> Int {
    v.as(ByteArrayLayout.self).pointee.foreign == nil ? 0 : rt.bridgeHooks.byteArrayExports?(v) ?? 0
  }

  /// Storage of so many bytes stays with a bytearray that has become empty by removing from its front.
  private static let keptWhenEmpty = 64 << 10...1 << 20

  /// Puts `source` (which must not lie in `v`) in place of `count` bytes at `start`.
  static func replace(_ vm: VM, _ v: Value, _ start: Int, _ count: Int, _ source: StrView) throws(Raised) {
    let b = v.as(ByteArrayLayout.self)
    let old = b.pointee.count
    let growth = source.length &- count
    if growth != 0 && (b.pointee.exports > 0 || b.pointee.foreign != nil) { try checkExports(vm, v) }
    if growth < 0, let storage = b.pointee.storage {
      if start == 0 {
        // Removing from the front only moves the start: a queue of bytes stays cheap.
        b.pointee.start &-= growth
        b.pointee.count = old &+ growth
        if b.pointee.count == 0, b.pointee.capacity >= keptWhenEmpty.lowerBound, b.pointee.capacity <= keptWhenEmpty.upperBound {
          // What filled a buffer of a stream will fill it again.
          b.pointee.start = 0
          storage[0] = 0
        } else if b.pointee.count &* 4 < b.pointee.capacity && b.pointee.start > 64 {
          try compact(vm, b)
        }
        changed(v)
      } else {
        let at = storage + b.pointee.start
        memmove(at + (start &+ source.length), at + (start &+ count), old &- start &- count)
        try resize(vm, v, old &+ growth)
      }
    } else if growth > 0 {
      try resize(vm, v, old &+ growth)
      if let storage = b.pointee.storage {
        let at = storage + b.pointee.start
        memmove(at + (start &+ source.length), at + (start &+ count), old &- start &- count)
      }
    }
    if source.length > 0, let storage = b.pointee.storage {
      memcpy(storage + (b.pointee.start &+ start), source.units, source.length)
    }
  }

  /// Moves the live bytes into storage of their size.
  private static func compact(_ vm: VM, _ b: UnsafeMutablePointer<ByteArrayLayout>) throws(Raised) {
    guard let storage = b.pointee.storage else { return }
    let n = b.pointee.count
    let memory = try vm.allocateRawBytes(n &+ 1).assumingMemoryBound(to: UInt8.self)
    memcpy(memory, storage + b.pointee.start, n)
    memory[n] = 0
    b.pointee.storage = memory
    b.pointee.start = 0
    b.pointee.capacity = n &+ 1
    release(storage)
  }

  /// Large storage that a bytearray without views has left is free at once: buffers of streams would have the collector come for each turn.
  private static func release(_ storage: UnsafeMutablePointer<UInt8>?) {
    if let storage { rt.heapPointer.pointee.freeLarge(UnsafeMutableRawPointer(storage) - BufferCell.headerSize) }
  }

  /// Adds bytes at the end; `source` must not lie in `v`.
  static func append(_ vm: VM, _ v: Value, _ source: StrView) throws(Raised) {
    if source.length == 0 { return }
    try replace(vm, v, v.as(ByteArrayLayout.self).pointee.count, 0, source)
  }

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visitBuffer(cell.assumingMemoryBound(to: ByteArrayLayout.self).pointee.storage)
  }
}
