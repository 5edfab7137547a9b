import Glibc

/// `array.array`: `storage` is a raw-buffer cell of `capacity` items, of which `count` are live; nil when there has never been one.
/// `exports`: views of it that have not ended; the number of items stays as it is while there are any.
struct ArrayLayout {
  var header: CellHeader
  var storage: UnsafeMutableRawPointer?
  var count: Int
  var capacity: Int
  var exports: Int
  var kind: ArrayKind

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visitBuffer(cell.assumingMemoryBound(to: ArrayLayout.self).pointee.storage?.assumingMemoryBound(to: UInt8.self))
  }
}

typealias ArrayRef = UnsafeMutablePointer<ArrayLayout>

extension UnsafeMutablePointer where Pointee == ArrayLayout {
  var byteCount: Int { pointee.count << pointee.kind.shift }
  /// The live bytes. Valid until the next resize.
  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: pointee.storage, count: pointee.storage == nil ? 0 : byteCount)
  }
  func item(_ vm: VM, _ i: Int) throws(Raised) -> Value {
    guard let storage = pointee.storage, i >= 0, i < pointee.count else { throw vm.raise(.indexError, "array index out of range") }
    return try pointee.kind.load(vm, storage, i)
  }
}

/// Storage of arrays.
enum Arrays {
  /// The type; nothing is an array before the module has been imported.
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped

  @inline(__always) static func isArray(_ v: Value) -> Bool { v.isCell && (v.cellType == type || v.cellType.isSubtype(of: type)) }

  static func make(_ vm: VM, _ kind: ArrayKind, count: Int, type: TypeRef? = nil) throws(Raised) -> ArrayRef {
    let a = try vm.instance(ArrayLayout.self, of: type ?? Arrays.type)
    a.pointee.kind = kind
    if count > 0 {
      try move(vm, a, capacity: count)
      a.pointee.count = count
    }
    return a
  }

  /// Gives `a` room for so many items; those that are there stay.
  private static func move(_ vm: VM, _ a: ArrayRef, capacity: Int) throws(Raised) {
    let shift = a.pointee.kind.shift
    guard capacity >= 0, capacity <= (Int.max - 128) >> shift else { throw vm.raiseMemoryError() }
    // Zeros: a callback may look at items that are not set yet.
    let memory = try vm.allocateRawBytes(max(1, capacity << shift))
    let kept = min(a.pointee.count, capacity) << shift
    if let old = a.pointee.storage, kept > 0 { memcpy(memory, old, kept) }
    memset(memory + kept, 0, (capacity << shift) &- kept)
    a.pointee.storage = memory
    a.pointee.capacity = capacity
  }

  /// Changes the number of items. BufferError while a view is held.
  static func resize(_ vm: VM, _ a: ArrayRef, _ count: Int) throws(Raised) {
    if count == a.pointee.count { return }
    if a.pointee.exports > 0 { try checkExports(vm, a) }
    if a.pointee.storage != nil, count <= a.pointee.capacity, a.pointee.count < count &+ 16 {
      a.pointee.count = count
      return
    }
    if count == 0 {
      a.pointee.storage = nil
      a.pointee.count = 0
      a.pointee.capacity = 0
      return
    }
    guard count < Int.max / 2 else { throw vm.raiseMemoryError() }
    try move(vm, a, capacity: count &+ count >> 4 &+ (a.pointee.count < 8 ? 3 : 7))
    a.pointee.count = count
  }

  /// Views that nobody can reach any more do not count: they are found by a collection.
  @inline(never)
  static func checkExports(_ vm: VM, _ a: ArrayRef) throws(Raised) {
    if a.pointee.exports == 0 { return }
    MemoryViews.releaseDead(vm) { a.pointee.exports > 0 }
    if a.pointee.exports > 0 { throw vm.raise(.bufferError, "cannot resize an array that is exporting buffers") }
  }

  static func append(_ vm: VM, _ a: ArrayRef, _ v: Value) throws(Raised) {
    let bits = try a.pointee.kind.bits(vm, v)
    let n = a.pointee.count
    try resize(vm, a, n &+ 1)
    if let storage = a.pointee.storage { a.pointee.kind.store(storage, n, bits) }
  }

  /// Puts the `count` items from `source` on (which must not lie in `a`) in place of `old` items at `start`.
  static func replace(_ vm: VM, _ a: ArrayRef, _ start: Int, _ old: Int, _ source: UnsafeRawPointer?, _ count: Int) throws(Raised) {
    let shift = a.pointee.kind.shift, all = a.pointee.count
    let tail = (all &- start &- old) << shift
    let growth = count &- old
    if growth != 0 && a.pointee.exports > 0 { try checkExports(vm, a) }
    if growth < 0, let storage = a.pointee.storage {
      memmove(storage + (start &+ count) << shift, storage + (start &+ old) << shift, tail)
      try resize(vm, a, all &+ growth)
    } else if growth > 0 {
      try resize(vm, a, all &+ growth)
      if let storage = a.pointee.storage { memmove(storage + (start &+ count) << shift, storage + (start &+ old) << shift, tail) }
    }
    if count > 0, let source, let storage = a.pointee.storage { memcpy(storage + start << shift, source, count << shift) }
  }

  /// Adds the items whose memory `bytes` is; it must not lie in `a`.
  static func append(_ vm: VM, _ a: ArrayRef, bytes: UnsafeRawBufferPointer) throws(Raised) {
    let shift = a.pointee.kind.shift
    if bytes.count & (a.pointee.kind.size &- 1) != 0 { throw vm.raise(.valueError, "bytes length not a multiple of item size") }
    try replace(vm, a, a.pointee.count, 0, bytes.baseAddress, bytes.count >> shift)
  }

  static func extend(_ vm: VM, _ a: ArrayRef, _ items: Value) throws(Raised) {
    if isArray(items) {
      let b = items.as(ArrayLayout.self)
      guard a.pointee.kind == b.pointee.kind else { throw vm.raise(.typeError, "can only extend with array of same kind") }
      let n = b.pointee.count, old = a.pointee.count
      try resize(vm, a, old &+ n)
      // `b` may be `a`, whose storage has moved.
      if let to = a.pointee.storage, let from = b.pointee.storage, n > 0 {
        memmove(to + old << a.pointee.kind.shift, from, n << a.pointee.kind.shift)
      }
      return
    }
    try vm.forEach(items) { item throws(Raised) in try append(vm, a, item) }
  }

  // MARK: for the evaluator

  /// The item of an exact array, or null when it is none, the index not one of an item, or the item needs memory.
  @inline(__always)
  static func itemAtOnce(_ v: Value, _ index: Value) -> Value {
    guard v.isCell, v.cellType == type, index.isSmallInt else { return .null }
    let a = v.as(ArrayLayout.self)
    var i = index.smallInt
    if i < 0 { i &+= a.pointee.count }
    guard UInt(bitPattern: i) < UInt(bitPattern: a.pointee.count), let storage = a.pointee.storage else { return .null }
    return a.pointee.kind.loadAtOnce(storage, i)
  }
  /// Whether it was stored.
  @inline(__always)
  static func storeAtOnce(_ v: Value, _ index: Value, _ value: Value) -> Bool {
    guard v.isCell, v.cellType == type, index.isSmallInt else { return false }
    let a = v.as(ArrayLayout.self)
    var i = index.smallInt
    if i < 0 { i &+= a.pointee.count }
    guard UInt(bitPattern: i) < UInt(bitPattern: a.pointee.count), let storage = a.pointee.storage,
      let bits = a.pointee.kind.bitsAtOnce(value)
    else { return false }
    a.pointee.kind.store(storage, i, bits)
    return true
  }
}
