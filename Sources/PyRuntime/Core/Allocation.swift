import Glibc

extension VM {
  /// A new cell of `type`, `bytes` long, everything after the header zero.
  /// - Throws: `MemoryError` at the heap's limit.
  @inline(__always)
  package func allocate(_ type: TypeRef, _ bytes: Int) throws(Raised) -> UnsafeMutableRawPointer {
    guard let cell = rt.heapPointer.pointee.allocate(bytes) else { throw raiseMemoryError() }
    // Memory fresh from the system is zero: a large buffer that is filled little by little is touched little by little.
    if bytes <= 256 {
      // A cell has whole granules, so this may write beyond `bytes`.
      cell.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
      var i = 16
      while i < bytes {
        cell.storeBytes(of: .zero, toByteOffset: i, as: SIMD2<UInt64>.self)
        i &+= 16
      }
    } else if bytes <= HeapGeometry.largestSmallCell || !rt.heapPointer.pointee.tookCleanRun {
      memset(cell + 8, 0, bytes &- 8)
    }
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(type)
    if type.pointee.flags.contains(.finalized) {
      registerFinalizer(cell)
      if let frame = thread.pointee.frame { DroppedObjects.watch(frame.assumingMemoryBound(to: Value.self), type) }
    }
    return cell
  }

  /// A new cell of a builtin type without finalizer, `bytes` long, of which only the header is written: the caller fills the rest before
  /// the next allocation.
  @inline(__always)
  package func allocateUnfilled(_ type: TypeRef, _ bytes: Int) throws(Raised) -> UnsafeMutableRawPointer {
    guard let cell = rt.heapPointer.pointee.allocate(bytes) else { throw raiseMemoryError() }
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(type)
    return cell
  }

  /// A new zeroed cell seen as `Layout`, of exactly its size.
  @inline(__always)
  package func make<Layout>(_: Layout.Type, _ type: TypeRef) throws(Raised) -> UnsafeMutablePointer<Layout> {
    try allocate(type, MemoryLayout<Layout>.size).assumingMemoryBound(to: Layout.self)
  }

  /// A new zeroed instance of `type` (which may be a Python subclass of the builtin that `Layout` belongs to): fixed part,
  /// slots, attribute storage and inline attributes, in the type's root shape: no attributes yet.
  @inline(__always)
  package func instance<Layout>(_: Layout.Type, of type: TypeRef) throws(Raised) -> UnsafeMutablePointer<Layout> {
    let cell = try allocate(type, type.pointee.totalInstanceSize)
    let offset = Int(type.pointee.attributesOffset)
    if offset > 0 && !type.hasInlineItems {
      (cell + offset).assumingMemoryBound(to: AttributeStorage.self).pointee.shape = type.pointee.rootShape
    }
    return cell.assumingMemoryBound(to: Layout.self)
  }

  /// A new zeroed instance of a type whose items lie inline behind the fixed part (tuple and what derives from
  /// it), with room for `inlineBytes` of items. The caller sets the count before the next allocation.
  @inline(__always)
  package func instance<Layout>(_: Layout.Type, of type: TypeRef, inlineBytes: Int) throws(Raised) -> UnsafeMutablePointer<Layout> {
    guard inlineBytes >= 0, inlineBytes < Int.max - 4096 else { throw raiseMemoryError() }
    let items = (inlineBytes &+ 7) & ~7
    let cell = try allocate(type, type.pointee.totalInstanceSize &+ items)
    let offset = Int(type.pointee.attributesOffset)
    if offset > 0 {
      (cell + offset + items).assumingMemoryBound(to: AttributeStorage.self).pointee.shape = type.pointee.rootShape
    }
    return cell.assumingMemoryBound(to: Layout.self)
  }

  /// Storage for growable objects: a value-buffer cell for `count` values, all null. The result points at the first value.
  package func allocateValues(_ count: Int) throws(Raised) -> UnsafeMutablePointer<Value> {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 8)
    guard !overflow, bytes < Int.max - 64 else { throw raiseMemoryError() }
    // Never empty: the result must point into the cell, or nothing would keep it alive.
    let cell = try allocate(rt.types.valueBuffer, BufferCell.headerSize + max(bytes, 8))
    cell.storeBytes(of: count, toByteOffset: 8, as: Int.self)
    return (cell + BufferCell.headerSize).assumingMemoryBound(to: Value.self)
  }

  /// Storage for `count` values that begins with `used` values from `source`; the others are null.
  func allocateValues(
    _ count: Int, copying source: UnsafePointer<Value>?, used: Int
  ) throws(Raised) -> UnsafeMutablePointer<Value> {
    guard let source, used > 0, used <= count, count < Int.max / 16 else { return try allocateValues(count) }
    let cell = try allocateUnfilled(rt.types.valueBuffer, BufferCell.headerSize &+ count &* 8)
    cell.storeBytes(of: count, toByteOffset: 8, as: Int.self)
    let items = (cell + BufferCell.headerSize).assumingMemoryBound(to: Value.self)
    if used <= 8 {
      for i in 0..<used { items[i] = source[i] }
    } else {
      items.update(from: source, count: used)
    }
    if used < count, count &* 8 <= HeapGeometry.largestSmallCell || !rt.heapPointer.pointee.tookCleanRun {
      if count &- used <= 8 {
        // Two at a time, since a loop over values would become a call of memset: a cell has room for an even number.
        var i = used
        if i & 1 != 0 {
          items[i] = .null
          i &+= 1
        }
        while i < count {
          UnsafeMutableRawPointer(items).storeBytes(of: .zero, toByteOffset: i &* 8, as: SIMD2<UInt64>.self)
          i &+= 2
        }
      } else {
        (items + used).update(repeating: .null, count: count &- used)
      }
    }
    return items
  }

  /// Like `allocateValues`, for storage that takes the place of `old` (`used` values, then null ones) and begins with its values. It
  /// may be the same storage, grown in place, and has room for `count` or a few more.
  package func reallocateValues(
    _ old: UnsafeMutablePointer<Value>?, used: Int, _ count: Int
  ) throws(Raised) -> (items: UnsafeMutablePointer<Value>, count: Int) {
    guard count >= used, count < Int.max / 16 else { throw raiseMemoryError() }
    let bytes = rt.heapPointer.pointee.roundedSize(BufferCell.headerSize &+ count &* 8)
    let room = (bytes &- BufferCell.headerSize) / 8
    if let old, used &* 8 > HeapGeometry.largestSmallCell {
      let cell = UnsafeMutableRawPointer(old) - BufferCell.headerSize
      if rt.heapPointer.pointee.extendLarge(cell, used: BufferCell.headerSize &+ used &* 8, to: bytes) {
        cell.storeBytes(of: room, toByteOffset: 8, as: Int.self)
        return (old, room)
      }
    }
    return (try allocateValues(room, copying: old, used: used), room)
  }

  /// Storage without references (bytes, indices): a raw-buffer cell of `count` bytes, zeroed. The result points at the first byte.
  package func allocateBytes(_ count: Int) throws(Raised) -> UnsafeMutableRawPointer {
    guard count < Int.max - 64 else { throw raiseMemoryError() }
    let cell = try allocate(rt.types.rawBuffer, BufferCell.headerSize + max(count, 8))
    cell.storeBytes(of: count, toByteOffset: 8, as: Int.self)
    return cell + BufferCell.headerSize
  }

  /// Makes large storage without references, of which `used` bytes are taken, `count` bytes or a few more where it is: the bytes that it has
  /// room for then; nil where it has to move.
  func extendBytes(_ first: UnsafeMutablePointer<UInt8>, used: Int, _ count: Int) -> Int? {
    guard count < Int.max - 1 << 20 else { return nil }
    let cell = UnsafeMutableRawPointer(first) - BufferCell.headerSize
    let bytes = rt.heapPointer.pointee.roundedSize(BufferCell.headerSize &+ count)
    guard rt.heapPointer.pointee.extendLarge(cell, used: BufferCell.headerSize &+ used, to: bytes) else { return nil }
    let room = bytes &- BufferCell.headerSize
    cell.storeBytes(of: room, toByteOffset: 8, as: Int.self)
    return room
  }

  /// Frees storage without references that its owner has left and that nobody else has the address of.
  func freeStorage(_ first: UnsafeMutablePointer<UInt8>) {
    let cell = UnsafeMutableRawPointer(first) - BufferCell.headerSize
    rt.heapPointer.pointee.free(cell)
    rt.heapPointer.pointee.freeLarge(cell)
  }

  /// Frees a buffer made by one of the functions above that native code has had for itself.
  @inline(__always) func freeBuffer<Element>(_ first: UnsafeMutablePointer<Element>) {
    rt.heapPointer.pointee.free(UnsafeMutableRawPointer(first) - BufferCell.headerSize)
  }

  /// Memory outside of the heap that lives as long as some cell of it: it counts for the next collection.
  package func countOutside(bytes: Int) { rt.heapPointer.pointee.allocatedSinceCollection &+= bytes }
  /// They are free again, without a collection.
  package func uncountOutside(bytes: Int) {
    let heap = rt.heapPointer
    heap.pointee.allocatedSinceCollection = max(0, heap.pointee.allocatedSinceCollection &- bytes)
  }

  /// Enters a cell in the collector's finalization table: `slots.finalize` of its type runs once it is found dead.
  package func registerFinalizer(_ cell: UnsafeMutableRawPointer) {
    rt.heapPointer.pointee.finalizable.append(cell)
  }
}

extension TypeLayout {
  /// Bytes of a new instance: fixed part and, where the type has them, attribute storage with inline values.
  @inline(__always) package var totalInstanceSize: Int {
    attributesOffset == 0
      ? Int(instanceSize) : Int(attributesOffset) &+ AttributeStorage.inlineOffset &+ Int(inlineCapacity) &* 8
  }
}

extension UnsafeMutablePointer where Pointee == TypeLayout {
  /// Instances have items inline behind their fixed part, so their attribute storage, if any, lies behind the items: tuples.
  /// (Instances of str and bytes subclasses keep their text in a cell of its own.)
  @inline(__always) package var hasInlineItems: Bool { pointee.flags.contains(.tupleSubclass) }

  /// The attribute storage of `cell`, an instance of this type, which has attributes (`attributesOffset` is not 0). For types with
  /// inline items `attributesOffset` counts without the items: always go through here (or cache only where `!hasInlineItems`).
  @inline(__always)
  package func attributeStorage(of cell: UnsafeMutableRawPointer) -> UnsafeMutablePointer<AttributeStorage> {
    let storage = cell + Int(pointee.attributesOffset)
    if hasInlineItems { return (storage + inlineItemBytes(of: cell)).assumingMemoryBound(to: AttributeStorage.self) }
    return storage.assumingMemoryBound(to: AttributeStorage.self)
  }

  /// Bytes of inline items, rounded up to words.
  package func inlineItemBytes(of cell: UnsafeMutableRawPointer) -> Int {
    cell.assumingMemoryBound(to: TupleLayout.self).pointee.count &* 8
  }
}

extension AttributeStorage {
  package static func trace(_ storage: UnsafeMutablePointer<AttributeStorage>, _ tracer: Tracer) {
    guard let shape = storage.pointee.shape else { return }
    tracer.markShared(UnsafeMutableRawPointer(shape))
    if shape == rt.pointee.dictionaryShape {
      if let dict = storage.pointee.overflow { tracer.mark(dict) }
      return
    }
    let inline = (UnsafeMutableRawPointer(storage) + inlineOffset).assumingMemoryBound(to: Value.self)
    tracer.visit(inline, count: min(Int(shape.pointee.count), Int(shape.pointee.inlineCapacity)))
    if let overflow = storage.pointee.overflow { tracer.mark(overflow - BufferCell.headerSize) }
  }
}

extension Array where Element == UInt8 {
  /// `withUnsafeBytes` for bodies that raise: the standard one forgets the type of what is thrown.
  package func withRawBytes<R>(_ body: (UnsafeRawBufferPointer) throws(Raised) -> R) throws(Raised) -> R {
    let outcome: Result<R, Raised> = withUnsafeBytes { p in
      do throws(Raised) { return .success(try body(p)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

/// Calls `body` with the address of the first of several values held by a tuple on the native stack. (The address of `tuple.0` would not
/// do: the compiler may keep the other elements elsewhere.)
@inline(__always)
package func withValues<Values, R>(_ values: inout Values, _ body: (UnsafeMutablePointer<Value>) throws(Raised) -> R) throws(Raised) -> R {
  try withUnsafeMutablePointer(to: &values) { p throws(Raised) in
    try body(UnsafeMutableRawPointer(p).assumingMemoryBound(to: Value.self))
  }
}
