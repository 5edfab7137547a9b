import Glibc

/// A memoryview: a window on an exporter's memory, which it holds by an export of its own. `exporter` is null once released, and then
/// `memory` is never touched. Dimension k has `shape[k]` items, `strides[k]` bytes apart (tuples of ints, empty for none). With `suboffsets`
/// (null for most) what lies there is a pointer where `suboffsets[k]` is not negative: the items lie so many bytes behind its target.
/// For one dimension `count` and `stride` repeat them.
struct MemoryViewLayout {
  var header: CellHeader
  var exporter: Value
  /// The first item: strides may be negative
  var memory: UnsafeMutableRawPointer?
  /// Product of the shape and the item size
  var byteCount: Int
  var itemSize: Int
  var dimensions: Int
  var count: Int
  var stride: Int
  /// str
  var format: Value
  var shape: Value
  var strides: Value
  var suboffsets: Value
  /// Buffers that others hold of this view
  var exports: Int
  /// -1 until computed
  var hash: Int
  /// struct code of the items in native layout, 0 if the format is none such
  var code: UInt8
  var isReadOnly: Bool
  /// Made by a buffer request whose release needs it
  var foreign: UnsafeMutableRawPointer?

  static let trace: TraceFunction = { cell, tracer in
    let m = cell.assumingMemoryBound(to: MemoryViewLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(m.pointee.exporter)
    tracer.visit(m.pointee.format)
    tracer.visit(m.pointee.shape)
    tracer.visit(m.pointee.strides)
    tracer.visit(m.pointee.suboffsets)
  }
}
typealias MemoryViewRef = UnsafeMutablePointer<MemoryViewLayout>

enum MemoryViews {
  /// `memoryview(v)`
  static func make(_ vm: VM, of v: Value) throws(Raised) -> Value {
    if v.isExact(rt.types.memoryview) {
      try check(vm, v.as(MemoryViewLayout.self))
      return Value(try copy(vm, v.as(MemoryViewLayout.self)))
    }
    guard v.type.pointee.slots.buffer != nil else {
      throw vm.raise(.typeError, "memoryview: a bytes-like object is required, not '\(v.typeName)'")
    }
    let m = try vm.make(MemoryViewLayout.self, rt.types.memoryview)
    m.pointee.hash = -1
    return try vm.withKept(Value(m)) { () throws(Raised) in
      var view = BufferView()
      do throws(Raised) { view = try vm.buffer(of: v, [.fullReadOnly, .writable]) } catch {
        guard vm.pendingIs(.bufferError) else { throw error }
        vm.clearPending()
        view = try vm.buffer(of: v, .fullReadOnly)
      }
      do throws(Raised) { try fill(vm, m, view) } catch {
        vm.release(&view)
        throw error
      }
      return Value(m)
    }
  }

  /// The memory of `v`, which must have no gaps, as plain bytes of one dimension.
  static func make(_ vm: VM, rawOf v: Value) throws(Raised) -> Value {
    let view = try make(vm, of: v)
    return try vm.withKept(view) { () throws(Raised) in
      let m = view.as(MemoryViewLayout.self)
      let format = try vm.str("B")
      let shape = try vm.tuple(try vm.int(m.pointee.byteCount))
      let strides = try vm.tuple(Value(smallInt: 1))
      m.pointee.format = format
      m.pointee.shape = shape
      m.pointee.strides = strides
      m.pointee.suboffsets = .null
      m.pointee.itemSize = 1
      m.pointee.code = code(format)
      setDimensions(m)
      return view
    }
  }

  private static func fill(_ vm: VM, _ m: MemoryViewRef, _ view: BufferView) throws(Raised) {
    // An item of a structure without fields has no bytes.
    let size = max(view.shape.isNull ? 1 : 0, view.itemSize)
    let format = view.format.isNull ? try vm.str("B") : view.format
    let shape = view.shape.isNull ? try vm.tuple(try vm.int(view.byteCount / size)) : view.shape
    if shape.as(TupleLayout.self).pointee.count > 64 {
      throw vm.raise(.valueError, "memoryview: number of dimensions must not exceed 64")
    }
    m.pointee.format = format
    m.pointee.shape = shape
    m.pointee.strides = view.strides.isNull ? try contiguousStrides(vm, shape, size) : view.strides
    m.pointee.suboffsets = view.suboffsets
    m.pointee.memory = view.memory
    m.pointee.byteCount = view.byteCount
    m.pointee.itemSize = size
    m.pointee.isReadOnly = view.isReadOnly
    m.pointee.foreign = view.foreign
    m.pointee.code = code(format)
    setDimensions(m)
    m.pointee.exporter = view.exporter
  }

  /// Takes `dimensions`, `count` and `stride` from the tuples.
  static func setDimensions(_ m: MemoryViewRef) {
    m.pointee.dimensions = m.pointee.shape.as(TupleLayout.self).pointee.count
    m.pointee.count = m.pointee.dimensions == 0 ? 1 : extent(m, 0)
    m.pointee.stride = m.pointee.dimensions == 0 ? m.pointee.itemSize : stride(m, 0)
  }
  static func extent(_ m: MemoryViewRef, _ k: Int) -> Int { Ints.asInt64(m.pointee.shape.as(TupleLayout.self).items[k]) ?? 0 }
  static func stride(_ m: MemoryViewRef, _ k: Int) -> Int { Ints.asInt64(m.pointee.strides.as(TupleLayout.self).items[k]) ?? 0 }

  /// Address of item `i` of dimension `k`, or of what has it for its first item. `p` is where the dimension begins.
  @inline(__always)
  static func address(_ m: MemoryViewRef, _ p: UnsafeMutableRawPointer, _ k: Int, _ i: Int) -> UnsafeMutableRawPointer {
    let at = p + i &* stride(m, k)
    if m.pointee.suboffsets.isNull { return at }
    return target(m, at, k)
  }
  private static func target(_ m: MemoryViewRef, _ at: UnsafeMutableRawPointer, _ k: Int) -> UnsafeMutableRawPointer {
    let offset = Ints.asInt64(m.pointee.suboffsets.as(TupleLayout.self).items[k]) ?? -1
    if offset < 0 { return at }
    guard let base = at.loadUnaligned(as: UnsafeMutableRawPointer?.self) else { return at }
    return base + offset
  }

  static func contiguousStrides(_ vm: VM, _ shape: Value, _ itemSize: Int) throws(Raised) -> Value {
    let n = shape.as(TupleLayout.self).pointee.count
    let strides = try vm.tuple(count: n)
    var step = itemSize
    var k = n
    while k > 0 {
      k &-= 1
      strides.as(TupleLayout.self).items[k] = try vm.int(step)
      step = step &* (Ints.asInt64(shape.as(TupleLayout.self).items[k]) ?? 0)
    }
    return strides
  }

  /// The code of a native single-character format, '@' before it allowed; 0 otherwise.
  static func code(_ format: Value) -> UInt8 {
    let view = StrView(format)
    let c = view.length == 1 ? view[0] : view.length == 2 && view[0] == 64 ? view[1] : 0
    guard c < 128, itemSize(UInt8(c)) > 0 else { return 0 }
    return UInt8(c)
  }
  static func itemSize(_ code: UInt8) -> Int {
    switch code {
    case 0x63, 0x62, 0x42, 0x3F: 1  // c b B ?
    case 0x68, 0x48: 2  // h H
    case 0x69, 0x49, 0x66: 4  // i I f
    case 0x6C, 0x4C, 0x71, 0x51, 0x6E, 0x4E, 0x64, 0x50: 8  // l L q Q n N d P
    default: 0
    }
  }

  static func check(_ vm: VM, _ m: MemoryViewRef) throws(Raised) {
    if m.pointee.exporter.isNull { throw vm.raise(.valueError, "operation forbidden on released memoryview object") }
  }

  /// Another view of the same window, with an export of its own.
  static func copy(_ vm: VM, _ m: MemoryViewRef) throws(Raised) -> MemoryViewRef {
    let new = try vm.make(MemoryViewLayout.self, rt.types.memoryview)
    return try vm.withKept(Value(new)) { () throws(Raised) in
      if let foreign = m.pointee.foreign, let share = rt.bridgeHooks.shareBuffer {
        let header = new.pointee.header
        share(foreign)
        new.pointee = m.pointee
        new.pointee.header = header
        new.pointee.exports = 0
        new.pointee.hash = -1
        return new
      }
      // The exporter counts views, so a further one is asked for; its memory is the same while one is held.
      var view = try vm.buffer(of: m.pointee.exporter, m.pointee.isReadOnly ? .fullReadOnly : [.fullReadOnly, .writable])
      let header = new.pointee.header
      new.pointee = m.pointee
      new.pointee.header = header
      new.pointee.exports = 0
      new.pointee.hash = -1
      new.pointee.foreign = view.foreign
      view.exporter = .null
      return new
    }
  }

  static func release(_ vm: VM, _ m: MemoryViewRef) {
    guard !m.pointee.exporter.isNull else { return }
    var view = BufferView()
    view.exporter = m.pointee.exporter
    view.foreign = m.pointee.foreign
    m.pointee.exporter = .null
    m.pointee.memory = nil
    vm.release(&view)
  }

  /// Collects garbage and releases the memoryviews that turn out dead, ahead of other finalizers; once more if `isHeld` says that a view is left and
  /// objects of C code, which may have had it, were among the dead.
  static func releaseDead(_ vm: VM, while isHeld: () -> Bool) {
    if releaseDead(vm), isHeld() { releaseDead(vm) }
  }
  /// - Returns: whether objects of C code were among the dead
  @discardableResult
  static func releaseDead(_ vm: VM) -> Bool {
    let heap = rt.heapPointer
    DeadRegisters.clear(vm)
    // Whether or not the program has disabled collections.
    heap.pointee.collectIfAllowed(isUrgent: true)
    releaseDead(vm, heap.pointee.pendingFinalization)
    var thread = rt.threads
    while let t = thread {
      releaseDead(vm, t.pointee.finalizing)
      thread = t.pointee.next
    }
    // Objects of CPython's have buffers, too.
    return rt.pointee.bridgeHooks.releaseDead?() ?? false
  }

  private static func releaseDead(_ vm: VM, _ dead: PointerVector) {
    guard let items = dead.items else { return }
    for i in 0..<dead.count {
      let v = Value(cell: items[i])
      if v.cellType == rt.types.memoryview { release(vm, v.as(MemoryViewLayout.self)) }
    }
  }

  // MARK: walking

  static func isContiguous(_ m: MemoryViewRef) -> Bool {
    if !m.pointee.suboffsets.isNull { return false }
    if m.pointee.dimensions == 1 { return m.pointee.count <= 1 || m.pointee.stride == m.pointee.itemSize }
    var step = m.pointee.itemSize
    var k = m.pointee.dimensions
    while k > 0 {
      k &-= 1
      let n = extent(m, k)
      if n == 0 { return true }
      if n > 1 && stride(m, k) != step { return false }
      step = step &* n
    }
    return true
  }
  /// The strides that a view of this shape has when none are given.
  static func hasPlainStrides(_ m: MemoryViewRef) -> Bool {
    var step = m.pointee.itemSize
    var k = m.pointee.dimensions
    while k > 0 {
      k &-= 1
      if stride(m, k) != step { return false }
      step = step &* extent(m, k)
    }
    return true
  }
  static func isFortranContiguous(_ m: MemoryViewRef) -> Bool {
    if !m.pointee.suboffsets.isNull { return false }
    var step = m.pointee.itemSize
    for k in 0..<m.pointee.dimensions {
      let n = extent(m, k)
      if n == 0 { return true }
      if n > 1 && stride(m, k) != step { return false }
      step = step &* n
    }
    return true
  }

  /// Calls `body` with every item's address, last dimension fastest.
  static func forEachItem(_ m: MemoryViewRef, fortran: Bool = false, _ body: (UnsafeMutableRawPointer) -> Void) {
    guard let memory = m.pointee.memory else { return }
    if m.pointee.dimensions == 0 { return body(memory) }
    func walk(_ p: UnsafeMutableRawPointer, _ k: Int) {
      let dimension = fortran ? m.pointee.dimensions &- 1 &- k : k
      let n = extent(m, dimension)
      for i in 0..<max(0, n) {
        let at = address(m, p, dimension, i)
        if k == m.pointee.dimensions &- 1 { body(at) } else { walk(at, k &+ 1) }
      }
    }
    walk(memory, 0)
  }

  /// All items one after the other. Fortran's order cannot be walked through pointers: they lead from the first dimension to the others.
  static func bytes(_ vm: VM, _ m: MemoryViewRef, fortran: Bool = false) throws(Raised) -> Value {
    if !fortran && isContiguous(m) {
      return try vm.bytes(UnsafeRawBufferPointer(start: m.pointee.memory, count: m.pointee.byteCount))
    }
    let result = try vm.bytes(count: m.pointee.byteCount)
    var to = UnsafeMutableRawPointer(result.as(BytesLayout.self).bytes)
    let size = m.pointee.itemSize
    let end = to + m.pointee.byteCount
    if fortran && !m.pointee.suboffsets.isNull {
      // From C order: item (i, j, k) lies at i + shape[0] * (j + shape[1] * k).
      var n = 0
      forEachItem(m) { item in
        memcpy(to + fortranIndex(m, n) &* size, item, size)
        n &+= 1
      }
      return result
    }
    forEachItem(m, fortran: fortran) { item in
      if to + size <= end {
        memcpy(to, item, size)
        to += size
      }
    }
    return result
  }

  /// The place in Fortran's order of the item at place `n` in C's.
  private static func fortranIndex(_ m: MemoryViewRef, _ n: Int) -> Int {
    var rest = n, step = 1, result = 0
    for k in 0..<m.pointee.dimensions { step = step &* extent(m, k) }
    var k = m.pointee.dimensions
    while k > 0 {
      k &-= 1
      let size = max(1, extent(m, k))
      step = step / size
      result &+= rest % size &* step
      rest = rest / size
    }
    return result
  }

  /// The items of any buffer as one bytes object.
  static func contiguousBytes(_ vm: VM, _ view: BufferView) throws(Raised) -> Value {
    if view.strides.isNull && view.suboffsets.isNull {
      return try vm.bytes(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
    }
    let m = try vm.make(MemoryViewLayout.self, rt.types.memoryview)
    try fill(vm, m, view)
    let result = try bytes(vm, m)
    // The buffer stays its owner's: this view was only a lens.
    m.pointee.exporter = .null
    return result
  }
}
