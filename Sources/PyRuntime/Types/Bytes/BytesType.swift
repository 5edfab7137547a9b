import Glibc

/// `bytes`: construction, slots and the table of methods.
enum BytesType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      bytes(iterable_of_ints) -> bytes
      bytes(string, encoding[, errors]) -> bytes
      bytes(bytes_or_buffer) -> immutable copy
      bytes(int) -> that many zero bytes
      bytes() -> empty bytes object

      An immutable sequence of bytes.
      """)
    t.trace(trace)
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.str = NoArgsCode(toStr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.item = IndexedCode(item)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.contains = ContainsCode(TextMethods<BytesText>.contains)
    t.slots.concatenate = OneCode(concatenate)
    t.slots.repeated = IndexedCode(repeated)
    t.slots.remainder = OneCode(remainder)
    t.slots.buffer = BufferCode(buffer)
    declareShared(t)
    t.method("__bytes__", "($self, /)", "The object as exact bytes.", exact)
    t.method("__getnewargs__", nil, nil, getNewArgs)
    t.method("__sizeof__", "($self, /)", "Bytes of memory used.", sizeOf)
  }

  private static let trace: TraceFunction = { cell, tracer in
    let b = cell.assumingMemoryBound(to: BytesLayout.self)
    if !b.pointee.isExternal || b.isRoomy { return Tracer(tracer).countLeaf(cell) }
    // An instance of a subclass has a buffer, an exact one the end of another's bytes.
    if b.pointee.header.type != rt.types.bytes { return Tracer(tracer).visitBuffer(b.pointee.external) }
    // For `gc.get_referents` the bytes are its own.
    let tracer = Tracer(tracer)
    if tracer.heap.pointee.observation != .noting, let owner = Bytes.owner(b) { tracer.visit(Value(owner)) }
  }

  // MARK: construction

  static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    let a = try ArgChecks.bind(vm, "bytes", args, names: ["source", "encoding", "errors"], required: 0)
    let result = try make(
      vm, a[0], try StrType.textArgument(vm, a[1], "bytes", "encoding"), try StrType.textArgument(vm, a[2], "bytes", "errors"))
    if cls.asType == rt.types.bytes { return result }
    if result.type == cls.asType { return try vm.bytes(try vm.exactBytes(result), of: cls.asType) }
    return try vm.bytes(result, of: cls.asType)
  }

  private static func make(_ vm: VM, _ source: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    if source.isNull {
      if !encoding.isNull { throw vm.raise(.typeError, "encoding without a string argument") }
      if !errors.isNull { throw vm.raise(.typeError, "errors without a string argument") }
      return try vm.emptyBytes()
    }
    if !encoding.isNull {
      guard source.isStr else { throw vm.raise(.typeError, "encoding without a string argument") }
      return try Codecs.encode(vm, source, encoding, errors)
    }
    if !errors.isNull {
      throw vm.raise(.typeError, source.isStr ? "string argument without an encoding" : "errors without a string argument")
    }
    if source.isExact(rt.types.bytes) { return source }
    let method = try vm.lookupSpecial(source, rt.names.__bytes__)
    if !method.isNull {
      let b = try vm.call(method)
      guard b.isBytes else { throw vm.raise(.typeError, "__bytes__ returned non-bytes (type \(b.typeName))") }
      return b
    }
    if source.isStr { throw vm.raise(.typeError, "string argument without an encoding") }
    if let n = try count(vm, source) {
      let b = try vm.bytes(count: n)
      memset(b.as(BytesLayout.self).bytes, 0, n)
      return b
    }
    return try from(vm, source)
  }

  /// The number of zero bytes that an integer argument asks for; nil for anything else.
  static func count(_ vm: VM, _ source: Value) throws(Raised) -> Int? {
    guard source.isInt || source.type.pointee.slots.index != nil else { return nil }
    let n: Int
    do throws(Raised) { n = try vm.asIndex(source, overflow: .overflowError) } catch {
      guard vm.pendingIs(.typeError) else { throw error }
      vm.clearPending()
      return nil
    }
    if n < 0 { throw vm.raise(.valueError, "negative count") }
    return n
  }

  /// bytes of a buffer or an iterable of ints.
  static func from(_ vm: VM, _ source: Value) throws(Raised) -> Value {
    if source.type.pointee.slots.buffer != nil {
      var view = try vm.buffer(of: source, .fullReadOnly)
      defer { vm.release(&view) }
      return try MemoryViews.contiguousBytes(vm, view)
    }
    if source.isStr || (source.type.pointee.slots.iter == nil && source.type.pointee.slots.item == nil) {
      throw vm.raise(.typeError, "cannot convert '\(source.typeName)' object to bytes")
    }
    var out = ByteBuilder(vm)
    try out.reserve(max(0, try vm.lengthHint(source, 64)))
    try vm.forEach(source) { item throws(Raised) in try out.append(try byte(vm, item, "bytes")) }
    return try out.finish()
  }

  /// An item as a byte.
  static func byte(_ vm: VM, _ item: Value, _ subject: StaticString) throws(Raised) -> UInt8 {
    if item.isSmallInt, item.smallInt >= 0, item.smallInt < 256 { return UInt8(truncatingIfNeeded: item.smallInt) }
    guard item.isInt || item.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "'\(item.typeName)' object cannot be interpreted as an integer")
    }
    let n = vm.clamped(try vm.index(item))
    guard n >= 0 && n < 256 else { throw vm.raise(.valueError, "\(subject) must be in range(0, 256)") }
    return UInt8(n)
  }

  // MARK: slots

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    var out = StrBuilder(vm)
    try BytesText.appendRepr(BytesText.view(v), &out)
    return try out.finish()
  }
  private static func toStr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if rt.pointee.flags.bytesWarning > 0 { try vm.warn(.bytesWarning, "str() on a bytes instance") }
    return try repr(vm, v)
  }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let b = v.as(BytesLayout.self)
    if b.pointee.hash == -1 {
      b.pointee.hash = Str.hash(bytes: UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count))
    }
    return b.pointee.hash
  }
  private static func length(_ vm: VM, _ v: Value) throws(Raised) -> Int { v.as(BytesLayout.self).pointee.count }
  private static func iter(_ vm: VM, _ v: Value) throws(Raised) -> Value { try Iterators.indexed(vm, rt.types.bytesIterator, v, 0) }

  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard a.isBytes && b.isBytes else {
      if rt.pointee.flags.bytesWarning > 0 && (op == .eq || op == .ne) {
        if a.isStr || b.isStr { try vm.warn(.bytesWarning, "Comparison between bytes and string") }
        if a.isInt || b.isInt { try vm.warn(.bytesWarning, "Comparison between bytes and int") }
      }
      return .notImplemented
    }
    return compare(BytesText.view(a), BytesText.view(b), op)
  }
  static func compare(_ x: StrView, _ y: StrView, _ op: CompareOp) -> Value {
    if op == .eq || op == .ne { return .bool(x.isEqual(y) == (op == .eq)) }
    let c = memcmp(x.units, y.units, min(x.length, y.length))
    let order = c != 0 ? Int(c) : x.length &- y.length
    switch op {
    case .lt: return .bool(order < 0)
    case .le: return .bool(order <= 0)
    case .gt: return .bool(order > 0)
    default: return .bool(order >= 0)
    }
  }

  private static func item(_ vm: VM, _ v: Value, _ i: Int) throws(Raised) -> Value {
    let b = v.as(BytesLayout.self)
    guard i >= 0 && i < b.pointee.count else { throw vm.raise(.indexError, "index out of range") }
    return Value(smallInt: Int(b.bytes[i]))
  }
  private static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    if key.isExact(rt.types.slice) {
      let r = try Slices.resolve(vm, key, length: v.as(BytesLayout.self).pointee.count)
      let view = BytesText.view(v)
      if r.count <= 0 { return try vm.emptyBytes() }
      if r.step == 1, r.start > 0, r.start &+ r.count == view.length { return try vm.bytes(endOf: v, from: r.start) }
      if r.step == 1 { return try BytesText.make(vm, view.slice(r.start, r.start &+ r.count), v) }
      let b = try vm.bytes(count: r.count)
      let p = b.as(BytesLayout.self).bytes
      for k in 0..<r.count { p[k] = UInt8(truncatingIfNeeded: view[r.start &+ k &* r.step]) }
      return b
    }
    return try item(vm, v, try Slices.index(vm, key, "byte") { v.as(BytesLayout.self).pointee.count })
  }

  private static func concatenate(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.type.pointee.slots.buffer != nil, b.type.pointee.slots.buffer != nil else {
      throw vm.raise(.typeError, "can't concat \(b.typeName) to \(a.typeName)")
    }
    if a.isExact(rt.types.bytes), b.isBytes, b.as(BytesLayout.self).pointee.count == 0 { return a }
    if b.isExact(rt.types.bytes), a.isBytes, a.as(BytesLayout.self).pointee.count == 0 { return b }
    if a.isBytes, b.isBytes {
      let p = a.as(BytesLayout.self), q = b.as(BytesLayout.self)
      let first = p.pointee.count, second = q.pointee.count
      let (count, overflow) = first.addingReportingOverflow(second)
      guard !overflow else { throw vm.raiseMemoryError() }
      let both = try vm.bytes(count: count)
      let target = UnsafeMutableRawPointer(both.as(BytesLayout.self).bytes)
      StrView.copy(p.bytes, to: target, bytes: first)
      StrView.copy(q.bytes, to: target + first, bytes: second)
      return both
    }
    var x = try TextArgument(vm, a, BytesText.self) { "" }
    defer { x.end() }
    var y = try TextArgument(vm, b, BytesText.self) { "" }
    defer { y.end() }
    var out = try TextOutput<BytesText>(vm, length: x.view.length &+ y.view.length, unit: 1, ascii: false)
    out.append(x.view)
    out.append(y.view)
    return try out.finish()
  }

  private static func repeated(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let view = BytesText.view(v)
    if n <= 0 || view.length == 0 { return try vm.emptyBytes() }
    if n == 1 && v.isExact(rt.types.bytes) { return v }
    let (length, overflow) = view.length.multipliedReportingOverflow(by: n)
    if overflow { throw vm.raise(.overflowError, "repeated bytes are too long") }
    if length > Int.max - 64 { throw vm.raiseMemoryError() }
    let b = try vm.bytes(count: length)
    Memory.fill(UnsafeMutableRawPointer(b.as(BytesLayout.self).bytes), length, with: view.units, view.length)
    return b
  }

  private static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isBytes else { return .notImplemented }
    let out = try PercentFormat.formatBytes(vm, BytesText.view(a), b)
    return try vm.bytes(UnsafeRawBufferPointer(start: out.units, count: out.length))
  }

  private static func buffer(_ vm: VM, _ v: Value, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    if flags.contains(.writable) { throw vm.raise(.bufferError, "Object is not writable.") }
    let b = v.as(BytesLayout.self)
    view.memory = UnsafeMutableRawPointer(b.bytes)
    view.byteCount = b.pointee.count
    view.exporter = v
  }

  private static func exact(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.exactBytes(v) }
  private static func getNewArgs(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.tuple(try vm.exactBytes(v)) }
  private static func sizeOf(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.int(33 &+ v.as(BytesLayout.self).pointee.count) }
}

extension VM {
  /// The contents of a bytes object (or of an instance of a subclass) as exact bytes.
  func exactBytes(_ v: Value) throws(Raised) -> Value {
    if v.isExact(rt.types.bytes) { return v }
    let b = v.as(BytesLayout.self)
    return try bytes(UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count))
  }

  /// An instance of a subclass of bytes with the contents of `v`.
  func bytes(_ v: Value, of type: TypeRef) throws(Raised) -> Value {
    let from = v.as(BytesLayout.self)
    var memory = try allocateRawBytes(from.pointee.count &+ 1).assumingMemoryBound(to: UInt8.self)
    memcpy(memory, from.bytes, from.pointee.count)
    memory[from.pointee.count] = 0
    return try withUnsafeMutablePointer(to: &memory) { kept throws(Raised) in
      let r = try instance(BytesLayout.self, of: type)
      r.pointee.hash = -1
      r.pointee.count = v.as(BytesLayout.self).pointee.count
      r.pointee.isExternal = true
      r.pointee.external = kept.pointee
      return Value(r)
    }
  }
}

/// Iterators over bytes and bytearray.
enum BytesIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many bytes are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func view(_ v: Value) -> StrView { v.isBytes ? BytesText.view(v) : ByteArrayText.view(v) }

  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    if it.pointee.sequence.isNull { return .exhausted }
    let text = view(it.pointee.sequence)
    let i = it.pointee.index
    if i < text.length {
      it.pointee.index = i &+ 1
      return Value(smallInt: Int(text[i]))
    }
    it.pointee.sequence = .null
    return .exhausted
  }
  private static func lengthHint(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    return Value(smallInt: it.pointee.sequence.isNull ? 0 : max(0, view(it.pointee.sequence).length &- it.pointee.index))
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    if it.pointee.sequence.isNull {
      if v.isExact(rt.types.bytesIterator) { return try Iterators.exhaustedState(vm, try vm.emptyBytes()) }
      return try Iterators.exhaustedState(vm, try vm.byteArray(UnsafeRawBufferPointer(start: nil, count: 0)))
    }
    return try Iterators.state(vm, "iter", it.pointee.sequence, it.pointee.index)
  }
  private static func setState(_ vm: VM, _ v: Value, _ state: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    let i = try vm.asInt(state)
    if !it.pointee.sequence.isNull { it.pointee.index = min(max(0, i), view(it.pointee.sequence).length) }
    return .none
  }
}
enum ByteArrayIteratorType {
  static func declare(_ t: inout TypeBuilder) { BytesIteratorType.declare(&t) }
}
