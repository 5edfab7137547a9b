import CRuntimeSupport
import Glibc

/// `memoryview`: slots and methods.
enum MemoryViewType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("memoryview(object)\n--\n\nA view of the memory of an object that exports its buffer.")
    t.trace(MemoryViewLayout.trace)
    t.flags.insert(.finalized)
    t.slots.new = ManyCode(new)
    t.slots.finalize = VisitCode { vm, v in MemoryViews.release(vm, v.as(MemoryViewLayout.self)) }
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.item = IndexedCode(item)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.storeSubscript = StoreCode(store)
    t.slots.buffer = BufferCode(buffer)
    t.slots.releaseBuffer = VisitCode { _, v in
      let m = v.as(MemoryViewLayout.self)
      if m.pointee.exports > 0 { m.pointee.exports &-= 1 }
    }
    t.method("release", "($self, /)", "Gives the memory back to its owner.", release)
    t.method("tobytes", "($self, /, order='C')", "The items as bytes.", tobytes)
    t.method(
      "hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
      "The items as hexadecimal digits.\n\n>>> memoryview(b'\\x2a\\x07').hex()\n'2a07'\n>>> memoryview(b'\\x2a\\x07').hex('-')\n'2a-07'",
      hex)
    t.method("tolist", "($self, /)", "The items as a list, nested for more dimensions.", tolist)
    t.method("cast", "($self, /, format, shape=<unrepresentable>)", "The same memory as items of another format or shape.", cast)
    t.method("__sizeof__", "($self, /)", "Size in bytes of CPython's object of as many dimensions.") { vm, v throws(Raised) in
      try vm.int(144 &+ 24 &* v.as(MemoryViewLayout.self).pointee.dimensions)
    }
    t.method("toreadonly", "($self, /)", "A view of the same memory that cannot be written through.", toreadonly)
    t.method("__enter__", nil, nil, enter)
    t.method("__exit__", nil, nil, exit)
    t.getset("obj", "The object whose memory this is.", { vm, v throws(Raised) in try live(vm, v).pointee.exporter })
    t.getset(
      "nbytes", "Size in bytes that tobytes() would have.", { vm, v throws(Raised) in try vm.int(try live(vm, v).pointee.byteCount) })
    t.getset("readonly", "Whether the memory cannot be written.", { vm, v throws(Raised) in .bool(try live(vm, v).pointee.isReadOnly) })
    t.getset("itemsize", "Bytes per item.", { vm, v throws(Raised) in try vm.int(try live(vm, v).pointee.itemSize) })
    t.getset("format", "Format of an item, as the struct module writes it.", { vm, v throws(Raised) in try live(vm, v).pointee.format })
    t.getset("ndim", "Number of dimensions.", { vm, v throws(Raised) in try vm.int(try live(vm, v).pointee.dimensions) })
    t.getset("shape", "Items in each dimension.", { vm, v throws(Raised) in try live(vm, v).pointee.shape })
    t.getset("strides", "Bytes from item to item in each dimension.", { vm, v throws(Raised) in try live(vm, v).pointee.strides })
    t.getset(
      "suboffsets", "Where to go on behind the pointers found in each dimension (PIL-style arrays); empty without such.",
      { vm, v throws(Raised) in
        let suboffsets = try live(vm, v).pointee.suboffsets
        return suboffsets.isNull ? try vm.tuple(count: 0) : suboffsets
      })
    t.getset(
      "c_contiguous", "Whether the memory is contiguous, last dimension fastest.",
      { vm, v throws(Raised) in
        .bool(MemoryViews.isContiguous(try live(vm, v)))
      })
    t.getset(
      "f_contiguous", "Whether the memory is contiguous, first dimension fastest.",
      { vm, v throws(Raised) in
        .bool(MemoryViews.isFortranContiguous(try live(vm, v)))
      })
    t.getset(
      "contiguous", "Whether the memory is contiguous.",
      { vm, v throws(Raised) in
        let m = try live(vm, v)
        return .bool(MemoryViews.isContiguous(m) || MemoryViews.isFortranContiguous(m))
      })
  }

  private static func live(_ vm: VM, _ v: Value) throws(Raised) -> MemoryViewRef {
    let m = v.as(MemoryViewLayout.self)
    try MemoryViews.check(vm, m)
    return m
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    try MemoryViews.make(vm, of: try ArgChecks.bind(vm, "memoryview", args, names: ["object"], required: 1)[0])
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let released = v.as(MemoryViewLayout.self).pointee.exporter.isNull
    return try vm.str("<\(released ? "released " : "")memory at 0x\(String(v.bits, radix: 16))>")
  }

  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let m = v.as(MemoryViewLayout.self)
    if m.pointee.hash != -1 { return m.pointee.hash }
    try MemoryViews.check(vm, m)
    if !m.pointee.isReadOnly { throw vm.raise(.valueError, "cannot hash writable memoryview object") }
    let code = m.pointee.code
    guard code == 0x42 || code == 0x62 || code == 0x63 else {
      throw vm.raise(.valueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'")
    }
    // What is read-only here may still be mutable: its owner must say that it is hashable.
    _ = try vm.hash(m.pointee.exporter)
    let bytes = try MemoryViews.bytes(vm, m)
    m.pointee.hash = Str.hash(
      bytes: UnsafeRawBufferPointer(start: bytes.as(BytesLayout.self).bytes, count: bytes.as(BytesLayout.self).pointee.count))
    return m.pointee.hash
  }

  private static func length(_ vm: VM, _ v: Value) throws(Raised) -> Int { try live(vm, v).pointee.count }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne else { return .notImplemented }
    if a == b && a.as(MemoryViewLayout.self).pointee.exporter.isNull { return .bool(op == .eq) }
    let m = a.as(MemoryViewLayout.self)
    if m.pointee.exporter.isNull { return .bool((a == b) == (op == .eq)) }
    let other: Value
    if b.isExact(rt.types.memoryview) {
      if b.as(MemoryViewLayout.self).pointee.exporter.isNull { return .bool(op == .ne) }
      other = b
    } else {
      guard b.type.pointee.slots.buffer != nil else { return .notImplemented }
      do throws(Raised) { other = try MemoryViews.make(vm, of: b) } catch {
        vm.clearPending()
        return .notImplemented
      }
    }
    let equal: Bool
    do throws(Raised) { equal = try MemoryViews.equal(vm, m, other.as(MemoryViewLayout.self)) } catch {
      if other != b { MemoryViews.release(vm, other.as(MemoryViewLayout.self)) }
      throw error
    }
    if other != b { MemoryViews.release(vm, other.as(MemoryViewLayout.self)) }
    return .bool(equal == (op == .eq))
  }

  private static func iter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = try live(vm, v)
    if m.pointee.dimensions == 0 { throw vm.raise(.typeError, "invalid indexing of 0-dim memory") }
    if m.pointee.dimensions != 1 {
      throw vm.raise(.notImplementedError, "multi-dimensional sub-views are not implemented")
    }
    try MemoryViews.checkFormat(vm, m)
    return try Iterators.indexed(vm, rt.types.memoryviewIterator, v, 0)
  }

  // MARK: items

  static func item(_ vm: VM, _ v: Value, _ i: Int) throws(Raised) -> Value {
    let m = try live(vm, v)
    try MemoryViews.checkFormat(vm, m)
    if m.pointee.dimensions == 0 { throw vm.raise(.typeError, "invalid indexing of 0-dim memory") }
    if m.pointee.dimensions > 1 {
      throw vm.raise(.notImplementedError, "multi-dimensional sub-views are not implemented")
    }
    let place = try MemoryViews.place(vm, m, 0, i)
    guard let memory = m.pointee.memory else { throw vm.raise(.indexError, "index out of bounds on dimension 1") }
    return try MemoryViews.unpack(vm, m.pointee.code, UnsafeRawPointer(MemoryViews.address(m, memory, 0, place)))
  }

  private static func isIndex(_ v: Value) -> Bool { v.isInt || v.type.pointee.slots.index != nil }

  private static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    let m = try live(vm, v)
    if m.pointee.dimensions == 0 {
      if key.isTuple && key.as(TupleLayout.self).pointee.count == 0 {
        try MemoryViews.checkFormat(vm, m)
        guard let memory = m.pointee.memory else { throw vm.raise(.indexError, "index out of bounds") }
        return try MemoryViews.unpack(vm, m.pointee.code, UnsafeRawPointer(memory))
      }
      if key == .ellipsis { return v }
      throw vm.raise(.typeError, "invalid indexing of 0-dim memory")
    }
    if isIndex(key) {
      let i = try vm.asIndex(key, overflow: .indexError)
      return try item(vm, v, i)
    }
    if key.isExact(rt.types.slice) {
      // The view first: the slice's indexes may release this one.
      let new = try MemoryViews.copy(vm, m)
      do throws(Raised) { try slice(vm, new, try Slices.resolve(vm, key, length: m.pointee.count)) } catch {
        MemoryViews.release(vm, new)
        throw error
      }
      return Value(new)
    }
    if key.isTuple {
      if let address = try address(vm, m, key) {
        try MemoryViews.checkFormat(vm, m)
        return try MemoryViews.unpack(vm, m.pointee.code, UnsafeRawPointer(address))
      }
      throw vm.raise(.notImplementedError, "multi-dimensional slicing is not implemented")
    }
    throw vm.raise(.typeError, "memoryview: invalid slice key")
  }

  /// Narrows the first dimension of a fresh view.
  private static func slice(_ vm: VM, _ m: MemoryViewRef, _ r: SliceRange) throws(Raised) {
    let n = max(0, r.count)
    let rest = m.pointee.count == 0 ? 0 : m.pointee.byteCount / m.pointee.count
    let step = m.pointee.stride &* r.step
    let shape = try replacingFirst(vm, m.pointee.shape, n)
    let strides = try replacingFirst(vm, m.pointee.strides, step)
    if let memory = m.pointee.memory { m.pointee.memory = memory + r.start &* m.pointee.stride }
    m.pointee.shape = shape
    m.pointee.strides = strides
    m.pointee.count = n
    m.pointee.stride = step
    m.pointee.byteCount = n &* rest
  }
  private static func replacingFirst(_ vm: VM, _ tuple: Value, _ n: Int) throws(Raised) -> Value {
    let t = tuple.as(TupleLayout.self)
    let new = try vm.tuple(copying: t.items, count: t.pointee.count)
    new.as(TupleLayout.self).items[0] = try vm.int(n)
    return new
  }

  /// The item at a tuple of indexes; nil when the tuple holds slices.
  private static func address(_ vm: VM, _ m: MemoryViewRef, _ key: Value) throws(Raised) -> UnsafeMutableRawPointer? {
    let t = key.as(TupleLayout.self)
    let n = t.pointee.count
    var indexes = true, slices = n > 0
    for k in 0..<n {
      indexes = indexes && isIndex(t.items[k])
      slices = slices && t.items[k].isExact(rt.types.slice)
    }
    if !indexes {
      if slices { return nil }
      throw vm.raise(.typeError, "memoryview: invalid slice key")
    }
    if n < m.pointee.dimensions { throw vm.raise(.notImplementedError, "sub-views are not implemented") }
    if n > m.pointee.dimensions {
      throw vm.raise(.typeError, "cannot index \(m.pointee.dimensions)-dimension view with \(n)-element tuple")
    }
    // All indexes first: their conversion may run Python code, which may release the view.
    let places = try vm.allocateBytes(n &* 8).assumingMemoryBound(to: Int.self)
    for k in 0..<n { places[k] = try MemoryViews.place(vm, m, k, try vm.asIndex(t.items[k], overflow: .indexError)) }
    try MemoryViews.check(vm, m)
    guard var p = m.pointee.memory else { throw vm.raise(.indexError, "index out of bounds on dimension 1") }
    for k in 0..<n { p = MemoryViews.address(m, p, k, places[k]) }
    return p
  }

  private static func store(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
    let m = try live(vm, v)
    try MemoryViews.checkFormat(vm, m)
    if m.pointee.isReadOnly { throw vm.raise(.typeError, "cannot modify read-only memory") }
    if value.isNull { throw vm.raise(.typeError, "cannot delete memory") }
    if m.pointee.dimensions == 0 {
      if key == .ellipsis || key.isTuple && key.as(TupleLayout.self).pointee.count == 0 {
        if let memory = m.pointee.memory { try MemoryViews.pack(vm, m, memory, value) }
        return
      }
      throw vm.raise(.typeError, "invalid indexing of 0-dim memory")
    }
    if isIndex(key) {
      if m.pointee.dimensions > 1 { throw vm.raise(.notImplementedError, "sub-views are not implemented") }
      let place = try MemoryViews.place(vm, m, 0, try vm.asIndex(key, overflow: .indexError))
      try MemoryViews.check(vm, m)
      if let memory = m.pointee.memory { try MemoryViews.pack(vm, m, MemoryViews.address(m, memory, 0, place), value) }
      return
    }
    if key.isExact(rt.types.slice) {
      if m.pointee.dimensions > 1 {
        throw vm.raise(.notImplementedError, "memoryview slice assignments are currently restricted to ndim = 1")
      }
      return try storeSlice(vm, m, key, value)
    }
    if key.isTuple {
      guard let address = try address(vm, m, key) else {
        throw vm.raise(.notImplementedError, "memoryview slice assignments are currently restricted to ndim = 1")
      }
      try MemoryViews.pack(vm, m, address, value)
      return
    }
    throw vm.raise(.typeError, "memoryview: invalid slice key")
  }

  private static func storeSlice(_ vm: VM, _ m: MemoryViewRef, _ key: Value, _ value: Value) throws(Raised) {
    guard value.type.pointee.slots.buffer != nil else {
      throw vm.raise(.typeError, "a bytes-like object is required, not '\(value.typeName)'")
    }
    let sourceView = try MemoryViews.make(vm, of: value)
    let source = sourceView.as(MemoryViewLayout.self)
    let r: SliceRange
    let bytes: Value
    do throws(Raised) {
      r = try Slices.resolve(vm, key, length: m.pointee.count)
      try MemoryViews.check(vm, m)
      bytes = try MemoryViews.bytes(vm, source)
    } catch {
      MemoryViews.release(vm, source)
      throw error
    }
    let matches =
      source.pointee.dimensions == 1 && source.pointee.itemSize == m.pointee.itemSize && source.pointee.count == max(0, r.count)
      && plainFormat(source.pointee.format) == plainFormat(m.pointee.format)
    MemoryViews.release(vm, source)
    guard matches else {
      throw vm.raise(.valueError, "memoryview assignment: lvalue and rvalue have different structures")
    }
    guard let memory = m.pointee.memory else { return }
    // From a copy: the two may overlap.
    let from = bytes.as(BytesLayout.self).bytes
    let size = m.pointee.itemSize
    for i in 0..<max(0, r.count) {
      memcpy(MemoryViews.address(m, memory, 0, r.start &+ i &* r.step), from + i &* size, size)
    }
  }
  private static func plainFormat(_ f: Value) -> String {
    let text = f.swiftString
    return text.hasPrefix("@") ? String(text.dropFirst()) : text
  }

  // MARK: buffer

  private static func buffer(_ vm: VM, _ v: Value, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    let m = try live(vm, v)
    if flags.contains(.writable) && m.pointee.isReadOnly {
      throw vm.raise(.bufferError, "memoryview: underlying buffer is not writable")
    }
    let contiguous = MemoryViews.isContiguous(m)
    if flags.contains(.contiguous) && !contiguous {
      throw vm.raise(.bufferError, "memoryview: underlying buffer is not C-contiguous")
    }
    if flags.contains(.fortranContiguous) && !MemoryViews.isFortranContiguous(m) {
      throw vm.raise(.bufferError, "memoryview: underlying buffer is not Fortran contiguous")
    }
    if flags.contains(.anyContiguous) && !contiguous && !MemoryViews.isFortranContiguous(m) {
      throw vm.raise(.bufferError, "memoryview: underlying buffer is not contiguous")
    }
    if !flags.contains(.indirect) && !m.pointee.suboffsets.isNull {
      throw vm.raise(.bufferError, "memoryview: underlying buffer requires suboffsets")
    }
    if !flags.contains(.strides) && !contiguous {
      throw vm.raise(.bufferError, "memoryview: underlying buffer is not C-contiguous")
    }
    if !flags.contains(.nd) && flags.contains(.format) {
      throw vm.raise(.bufferError, "memoryview: cannot cast to unsigned bytes if the format flag is present")
    }
    view.memory = m.pointee.memory
    view.byteCount = m.pointee.byteCount
    view.itemSize = m.pointee.itemSize
    view.isReadOnly = m.pointee.isReadOnly
    view.format = m.pointee.format
    view.shape = m.pointee.shape
    // A dimension of one item may have any stride; who asks for strides gets to see it.
    view.strides = contiguous && (!flags.contains(.strides) || MemoryViews.hasPlainStrides(m)) ? .null : m.pointee.strides
    view.suboffsets = m.pointee.suboffsets
    view.exporter = v
    m.pointee.exports &+= 1
  }

  // MARK: methods

  private static func release(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = v.as(MemoryViewLayout.self)
    if m.pointee.exporter.isNull { return .none }
    if m.pointee.exports > 0 {
      // The frames of the search come to lie where those of the exports' owners were, and what they leave unwritten is scanned.
      if !vm.nativeStackIsLow { amphis_clear_stack() }
      try dropDeadExports(vm, m)
    }
    MemoryViews.release(vm, m)
    return .none
  }
  /// Buffers that nobody has any more are exports until a collection finds them.
  @inline(never)
  private static func dropDeadExports(_ vm: VM, _ m: MemoryViewRef) throws(Raised) {
    MemoryViews.releaseDead(vm) { m.pointee.exports > 0 }
    let n = m.pointee.exports
    if n > 0 { throw vm.raise(.bufferError, "memoryview has \(n) exported buffer\(n == 1 ? "" : "s")") }
  }
  private static func enter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    _ = try live(vm, v)
    return v
  }
  private static func exit(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value { try release(vm, v) }

  private static func tobytes(_ vm: VM, _ v: Value, _ order: Value) throws(Raised) -> Value {
    let m = try live(vm, v)
    var fortran = false
    if !order.isNull && !order.isNone {
      guard order.isStr else { throw vm.raise(.typeError, "tobytes() argument 'order' must be str or None, not \(order.typeName)") }
      if Str.equal(order, "F") {
        fortran = true
      } else if Str.equal(order, "A") {
        fortran = MemoryViews.isFortranContiguous(m) && !MemoryViews.isContiguous(m)
      } else if !Str.equal(order, "C") {
        throw vm.raise(.valueError, "order must be 'C', 'F' or 'A'")
      }
    }
    return try MemoryViews.bytes(vm, m, fortran: fortran && m.pointee.dimensions > 1)
  }
  private static func hex(_ vm: VM, _ v: Value, _ separator: Value, _ group: Value) throws(Raised) -> Value {
    let bytes = try MemoryViews.bytes(vm, try live(vm, v))
    return try TextMethods<BytesText>.hex(vm, bytes, separator, group)
  }
  private static func tolist(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = try live(vm, v)
    try MemoryViews.checkFormat(vm, m)
    guard let memory = m.pointee.memory else { return try vm.list() }
    return try MemoryViews.toList(vm, m, memory, 0)
  }
  private static func toreadonly(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let new = try MemoryViews.copy(vm, try live(vm, v))
    new.pointee.isReadOnly = true
    return Value(new)
  }

  private static func cast(_ vm: VM, _ v: Value, _ format: Value, _ shape: Value) throws(Raised) -> Value {
    let m = try live(vm, v)
    guard format.isStr else {
      throw vm.raise(.typeError, "cast() argument 'format' must be str, not \(format.argumentTypeName)")
    }
    if !MemoryViews.isContiguous(m) { throw vm.raise(.typeError, "memoryview: casts are restricted to C-contiguous views") }
    if m.pointee.dimensions != 1 || !shape.isNull {
      for k in 0..<m.pointee.dimensions where MemoryViews.extent(m, k) == 0 {
        throw vm.raise(.typeError, "memoryview: cannot cast view with zeros in shape or strides")
      }
    }
    var extents = Value.null
    if !shape.isNull {
      guard shape.isList || shape.isTuple else { throw vm.raise(.typeError, "shape must be a list or a tuple") }
      extents = try vm.tuple(from: shape)
      let n = extents.as(TupleLayout.self).pointee.count
      if n > 64 { throw vm.raise(.valueError, "memoryview: number of dimensions must not exceed 64") }
      if m.pointee.dimensions != 1 && n != 1 { throw vm.raise(.typeError, "memoryview: cast must be 1D -> ND or ND -> 1D") }
    }
    let code = MemoryViews.code(format)
    if code == 0 {
      throw vm.raise(
        .valueError, "memoryview: destination format must be a native single character format prefixed with an optional '@'")
    }
    let from = m.pointee.code
    func isByte(_ c: UInt8) -> Bool { c == 0x42 || c == 0x62 || c == 0x63 }
    if !isByte(from) && !isByte(code) { throw vm.raise(.typeError, "memoryview: cannot cast between two non-byte formats") }
    let size = MemoryViews.itemSize(code)
    if m.pointee.byteCount % size != 0 { throw vm.raise(.typeError, "memoryview: length is not a multiple of itemsize") }
    if !extents.isNull {
      var product = size
      let t = extents.as(TupleLayout.self)
      for k in 0..<t.pointee.count {
        guard t.items[k].isInt else { throw vm.raise(.typeError, "memoryview.cast(): elements of shape must be integers") }
        guard let n = Ints.asInt64(Ints.exact(t.items[k])) else {
          throw vm.raise(.overflowError, "Python int too large to convert to C ssize_t")
        }
        if n <= 0 { throw vm.raise(.valueError, "memoryview.cast(): elements of shape must be integers > 0") }
        let (p, overflow) = product.multipliedReportingOverflow(by: n)
        if overflow { throw vm.raise(.valueError, "memoryview.cast(): product(shape) > SSIZE_MAX") }
        product = p
      }
      if product != m.pointee.byteCount { throw vm.raise(.typeError, "memoryview: product(shape) * itemsize != buffer size") }
    } else {
      extents = try vm.tuple(try vm.int(m.pointee.byteCount / size))
    }
    let strides = try MemoryViews.contiguousStrides(vm, extents, size)
    let new = try MemoryViews.copy(vm, m)
    new.pointee.format = format
    new.pointee.code = code
    new.pointee.itemSize = size
    new.pointee.shape = extents
    new.pointee.strides = strides
    MemoryViews.setDimensions(new)
    return Value(new)
  }
}

enum MemoryViewIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
  }
  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    if it.pointee.sequence.isNull { return .exhausted }
    let m = it.pointee.sequence.as(MemoryViewLayout.self)
    try MemoryViews.check(vm, m)
    let i = it.pointee.index
    if i < m.pointee.count {
      it.pointee.index = i &+ 1
      return try MemoryViewType.item(vm, it.pointee.sequence, i)
    }
    it.pointee.sequence = .null
    return .exhausted
  }
}
