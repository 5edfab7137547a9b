import Glibc

/// `bytearray`: construction, slots and mutation. What it shares with bytes is in BytesMethods.
enum ByteArrayType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      bytearray(iterable_of_ints) -> bytearray
      bytearray(string, encoding[, errors]) -> bytearray
      bytearray(bytes_or_buffer) -> mutable copy
      bytearray(int) -> that many zero bytes
      bytearray() -> empty bytearray

      A mutable sequence of bytes.
      """)
    t.trace(ByteArrays.trace)
    t.slots.new = ManyCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.str = NoArgsCode(toStr)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.item = IndexedCode(item)
    t.slots.storeItem = StoreIndexedCode(storeItem)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.storeSubscript = StoreCode(storeSubscript)
    t.slots.contains = ContainsCode(TextMethods<ByteArrayText>.contains)
    t.slots.concatenate = OneCode(concatenate)
    t.slots.inplaceConcatenate = OneCode(inplaceConcatenate)
    t.slots.repeated = IndexedCode(repeated)
    t.slots.inplaceRepeat = IndexedCode(inplaceRepeat)
    t.slots.remainder = OneCode(remainder)
    t.slots.buffer = BufferCode(buffer)
    t.slots.releaseBuffer = VisitCode(releaseBuffer)
    declareShared(t)
    t.method("append", "($self, item, /)", "Adds a byte at the end.", append)
    t.method("extend", "($self, iterable_of_ints, /)", "Adds bytes at the end.", extend)
    t.method("insert", "($self, index, item, /)", "Inserts a byte before index.", insert)
    t.method("pop", "($self, index=-1, /)", "Removes and returns the byte at index.", pop)
    t.method("remove", "($self, value, /)", "Removes the first occurrence of a byte.", remove)
    t.method("reverse", "($self, /)", "Reverses the bytes in place.", reverse)
    t.method("clear", "($self, /)", "Removes all bytes.", clear)
    t.method("copy", "($self, /)", "A copy.", copy)
    t.method("__alloc__", nil, "B.__alloc__() -> int\n\nBytes really allocated.", alloc)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__reduce_ex__", "($self, proto=0, /)", "State for pickling.", reduceEx)
    t.method("__sizeof__", "($self, /)", "Bytes of memory used.", sizeOf)
  }

  // MARK: construction

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(ByteArrayLayout.self, of: cls.asType))
  }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    let a = try ArgChecks.bind(vm, "bytearray", args, names: ["source", "encoding", "errors"], required: 0)
    let encoding = try StrType.textArgument(vm, a[1], "bytearray", "encoding")
    let errors = try StrType.textArgument(vm, a[2], "bytearray", "errors")
    try ByteArrays.resize(vm, v, 0)
    let source = a[0]
    if source.isStr {
      if encoding.isNull { throw vm.raise(.typeError, "string argument without an encoding") }
      return try ByteArrays.append(vm, v, BytesText.view(try Codecs.encode(vm, source, encoding, errors)))
    }
    if !encoding.isNull { throw vm.raise(.typeError, "encoding without a string argument") }
    if !errors.isNull { throw vm.raise(.typeError, "errors without a string argument") }
    if source.isNull { return }
    if let n = try BytesType.count(vm, source) {
      try ByteArrays.resize(vm, v, n)
      if let base = ByteArrays.bytes(v).baseAddress { memset(base, 0, n) }
      return
    }
    if source.type.pointee.slots.buffer != nil {
      return try ByteArrays.append(vm, v, BytesText.view(try BytesType.from(vm, source)))
    }
    if source.type.pointee.slots.iter == nil && source.type.pointee.slots.item == nil {
      throw vm.raise(.typeError, "cannot convert '\(source.typeName)' object to bytearray")
    }
    if source.isExact(rt.types.list) || source.isExact(rt.types.tuple) {
      return try ByteArrays.append(vm, v, try collect(vm, source).view)
    }
    // The iterator may look at what is there so far.
    try vm.forEach(source) { item throws(Raised) in _ = try append(vm, v, item) }
  }

  /// The bytes that an iterable of ints yields.
  private static func collect(_ vm: VM, _ iterable: Value) throws(Raised) -> StrBuilder {
    var out = StrBuilder(vm)
    try vm.forEach(iterable) { item throws(Raised) in try out.append(UInt32(try BytesType.byte(vm, item, "byte"))) }
    return out
  }

  // MARK: slots

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    var out = StrBuilder(vm)
    try out.append(string: v.type.pointee.name.swiftString)
    try out.append(40)
    try BytesText.appendRepr(ByteArrayText.view(v), &out)
    try out.append(41)
    return try out.finish()
  }
  private static func toStr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if rt.pointee.flags.bytesWarning > 0 { try vm.warn(.bytesWarning, "str() on a bytearray instance") }
    return try repr(vm, v)
  }
  private static func length(_ vm: VM, _ v: Value) throws(Raised) -> Int { v.as(ByteArrayLayout.self).pointee.count }
  private static func iter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try Iterators.indexed(vm, rt.types.bytearrayIterator, v, 0)
  }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    if a.isStr || b.isStr {
      if rt.pointee.flags.bytesWarning > 0 && (op == .eq || op == .ne) {
        try vm.warn(.bytesWarning, "Comparison between bytearray and string")
      }
      return .notImplemented
    }
    guard a.type.pointee.slots.buffer != nil, b.type.pointee.slots.buffer != nil else { return .notImplemented }
    var x: TextArgument, y: TextArgument
    do throws(Raised) {
      x = try TextArgument(vm, a, ByteArrayText.self) { "" }
    } catch {
      vm.clearPending()
      return .notImplemented
    }
    defer { x.end() }
    do throws(Raised) { y = try TextArgument(vm, b, ByteArrayText.self) { "" } } catch {
      vm.clearPending()
      return .notImplemented
    }
    defer { y.end() }
    return BytesType.compare(x.view, y.view, op)
  }

  private static func item(_ vm: VM, _ v: Value, _ i: Int) throws(Raised) -> Value {
    let b = ByteArrays.bytes(v)
    guard i >= 0 && i < b.count else { throw vm.raise(.indexError, "bytearray index out of range") }
    return Value(smallInt: Int(b[i]))
  }
  private static func storeItem(_ vm: VM, _ v: Value, _ i: Int, _ value: Value) throws(Raised) {
    if value.isNull {
      guard i >= 0 && i < ByteArrays.bytes(v).count else { throw vm.raise(.indexError, "bytearray index out of range") }
      return try ByteArrays.replace(vm, v, i, 1, StrView(units: nil, length: 0, unit: 1))
    }
    // The value first, as in CPython.
    let byte = try BytesType.byte(vm, value, "byte")
    let b = ByteArrays.bytes(v)
    guard i >= 0, i < b.count else { throw vm.raise(.indexError, "bytearray index out of range") }
    b[i] = byte
  }
  private static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    if key.isExact(rt.types.slice) {
      let r = try Slices.resolve(vm, key) { () throws(Raised) in v.as(ByteArrayLayout.self).pointee.count }
      let view = ByteArrayText.view(v)
      if r.step == 1 || r.count <= 0 { return try ByteArrayText.make(vm, view.slice(r.start, r.start &+ max(0, r.count)), .null) }
      var out = try TextOutput<ByteArrayText>(vm, length: r.count, unit: 1, ascii: false)
      for k in 0..<r.count { out.append(view[r.start &+ k &* r.step], count: 1) }
      return try out.finish()
    }
    return try item(vm, v, try Slices.index(vm, key, "bytearray") { v.as(ByteArrayLayout.self).pointee.count })
  }
  private static func storeSubscript(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
    if !key.isExact(rt.types.slice) {
      let i = try Slices.index(vm, key, "bytearray") { v.as(ByteArrayLayout.self).pointee.count }
      return try storeItem(vm, v, i, value)
    }
    // The new bytes first: making them may run Python code.
    var source = StrView(units: nil, length: 0, unit: 1)
    var held = Value.null
    if !value.isNull {
      if value.isBytes {
        held = value
      } else if value.isStr || value.isNumber {
        throw vm.raise(.typeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)")
      } else if value.type.pointee.slots.buffer != nil {
        held = try BytesType.from(vm, value)
      } else if value.type.pointee.slots.iter == nil && value.type.pointee.slots.item == nil {
        throw vm.raise(.typeError, "cannot convert '\(value.typeName)' object to bytearray")
      } else {
        let collected = try collect(vm, value)
        held = try vm.bytes(UnsafeRawBufferPointer(start: collected.units, count: collected.length))
      }
      source = BytesText.view(held)
    }
    var r = try Slices.resolve(vm, key) { () throws(Raised) in v.as(ByteArrayLayout.self).pointee.count }
    try vm.withKept(held) { () throws(Raised) in
      if r.step == 1 { return try ByteArrays.replace(vm, v, r.start, max(0, r.count), source) }
      if r.count <= 0 && source.length == 0 { return }
      let b = ByteArrays.bytes(v)
      if value.isNull || source.length == 0 {
        // Deleting: close the gaps from the left.
        if v.as(ByteArrayLayout.self).pointee.exports > 0 || v.as(ByteArrayLayout.self).pointee.foreign != nil {
          try ByteArrays.checkExports(vm, v)
        }
        if r.step < 0 {
          r.start = r.start &+ (r.count &- 1) &* r.step
          r.step = 0 &- r.step
        }
        var to = r.start
        var nextDeleted = r.start
        var left = r.count
        for i in r.start..<b.count {
          if left > 0 && i == nextDeleted {
            left &-= 1
            let (n, overflow) = nextDeleted.addingReportingOverflow(r.step)
            nextDeleted = overflow ? Int.max : n
          } else {
            b[to] = b[i]
            to &+= 1
          }
        }
        return try ByteArrays.resize(vm, v, b.count &- r.count)
      }
      guard source.length == r.count else {
        throw vm.raise(.valueError, "attempt to assign bytes of size \(source.length) to extended slice of size \(max(0, r.count))")
      }
      for k in 0..<r.count { b[r.start &+ k &* r.step] = UInt8(truncatingIfNeeded: source[k]) }
    }
  }

  private static func concatenate(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.type.pointee.slots.buffer != nil, b.type.pointee.slots.buffer != nil else {
      throw vm.raise(.typeError, "can't concat \(b.typeName) to \(a.typeName)")
    }
    var x = try TextArgument(vm, a, ByteArrayText.self) { "" }
    defer { x.end() }
    var y = try TextArgument(vm, b, ByteArrayText.self) { "" }
    defer { y.end() }
    var out = try TextOutput<ByteArrayText>(vm, length: x.view.length &+ y.view.length, unit: 1, ascii: false)
    out.append(x.view)
    out.append(y.view)
    return try out.finish()
  }
  private static func inplaceConcatenate(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard b.type.pointee.slots.buffer != nil else { throw vm.raise(.typeError, "can't concat \(b.typeName) to \(a.typeName)") }
    if a == b {
      let copy = try vm.bytes(UnsafeRawBufferPointer(ByteArrays.bytes(a)))
      try ByteArrays.append(vm, a, BytesText.view(copy))
      return a
    }
    var y = try TextArgument(vm, b, ByteArrayText.self) { "" }
    defer { y.end() }
    try ByteArrays.append(vm, a, y.view)
    return a
  }
  private static func repeated(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let view = ByteArrayText.view(v)
    let (length, overflow) = view.length.multipliedReportingOverflow(by: max(0, n))
    if overflow { throw vm.raiseMemoryError() }
    let result = try vm.byteArray(UnsafeRawBufferPointer(start: nil, count: 0))
    try ByteArrays.resize(vm, result, length)
    if let to = ByteArrays.bytes(result).baseAddress, length > 0 { Memory.fill(to, length, with: view.units, view.length) }
    return result
  }
  private static func inplaceRepeat(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let old = ByteArrays.bytes(v).count
    let (length, overflow) = old.multipliedReportingOverflow(by: max(0, n))
    if overflow { throw vm.raiseMemoryError() }
    try ByteArrays.resize(vm, v, length)
    if let base = ByteArrays.bytes(v).baseAddress, length > old, old > 0 {
      Memory.fill(base + old, length &- old, with: UnsafeRawPointer(base), old)
    }
    return v
  }
  private static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInstance(of: rt.types.bytearray) else { return .notImplemented }
    // Formatting may run Python code that changes the bytearray: it works on a copy.
    let text = try vm.bytes(UnsafeRawBufferPointer(ByteArrays.bytes(a)))
    return try vm.withKept(text) { () throws(Raised) in
      let out = try PercentFormat.formatBytes(vm, BytesText.view(text), b)
      return try vm.byteArray(UnsafeRawBufferPointer(start: out.units, count: out.length))
    }
  }

  private static func buffer(_ vm: VM, _ v: Value, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    let b = v.as(ByteArrayLayout.self)
    if b.pointee.storage == nil { try ByteArrays.resize(vm, v, 0, force: true) }
    let bytes = ByteArrays.bytes(v)
    view.memory = bytes.baseAddress
    view.byteCount = bytes.count
    view.isReadOnly = false
    view.exporter = v
    b.pointee.exports &+= 1
  }
  private static func releaseBuffer(_ vm: VM, _ v: Value) {
    let b = v.as(ByteArrayLayout.self)
    if b.pointee.exports > 0 { b.pointee.exports &-= 1 }
  }

  // MARK: methods

  private static func append(_ vm: VM, _ v: Value, _ item: Value) throws(Raised) -> Value {
    let byte = try BytesType.byte(vm, item, "byte")
    let n = v.as(ByteArrayLayout.self).pointee.count
    try ByteArrays.resize(vm, v, n &+ 1)
    ByteArrays.bytes(v)[n] = byte
    return .none
  }
  private static func extend(_ vm: VM, _ v: Value, _ items: Value) throws(Raised) -> Value {
    if items.type.pointee.slots.buffer != nil { return try inplaceConcatenate(vm, v, items) == v ? .none : .none }
    if items.type.pointee.slots.iter == nil && items.type.pointee.slots.item == nil {
      throw vm.raise(.typeError, "can't extend bytearray with \(items.typeName)")
    }
    _ = try vm.lengthHint(items, 32)
    try ByteArrays.append(vm, v, try collect(vm, items).view)
    return .none
  }
  private static func insert(_ vm: VM, _ v: Value, _ index: Value, _ item: Value) throws(Raised) -> Value {
    var i = try vm.asInt(index)
    var byte = try BytesType.byte(vm, item, "byte")
    let n = v.as(ByteArrayLayout.self).pointee.count
    if i < 0 { i = max(0, i &+ n) }
    i = min(i, n)
    try withUnsafeBytes(of: &byte) { p throws(Raised) in
      try ByteArrays.replace(vm, v, i, 0, StrView(units: p.baseAddress, length: 1, unit: 1))
    }
    return .none
  }
  private static func pop(_ vm: VM, _ v: Value, _ index: Value) throws(Raised) -> Value {
    var i = index.isNull ? -1 : try vm.asInt(index)
    let b = ByteArrays.bytes(v)
    if b.count == 0 { throw vm.raise(.indexError, "pop from empty bytearray") }
    if i < 0 { i &+= b.count }
    guard i >= 0 && i < b.count else { throw vm.raise(.indexError, "pop index out of range") }
    let byte = b[i]
    try ByteArrays.replace(vm, v, i, 1, StrView(units: nil, length: 0, unit: 1))
    return Value(smallInt: Int(byte))
  }
  private static func remove(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    let byte = try BytesType.byte(vm, value, "byte")
    let i = ByteArrayText.view(v).find(codePoint: UInt32(byte))
    if i < 0 { throw vm.raise(.valueError, "value not found in bytearray") }
    try ByteArrays.replace(vm, v, i, 1, StrView(units: nil, length: 0, unit: 1))
    return .none
  }
  private static func reverse(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let b = ByteArrays.bytes(v)
    var i = 0, j = b.count &- 1
    while i < j {
      let x = b[i]
      b[i] = b[j]
      b[j] = x
      i &+= 1
      j &-= 1
    }
    return .none
  }
  private static func clear(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try ByteArrays.resize(vm, v, 0)
    return .none
  }
  private static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.byteArray(UnsafeRawBufferPointer(ByteArrays.bytes(v)))
  }
  private static func alloc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.int(v.as(ByteArrayLayout.self).pointee.capacity)
  }
  private static func sizeOf(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.int(56 &+ v.as(ByteArrayLayout.self).pointee.capacity)
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value { try state(vm, v, 2) }
  private static func reduceEx(_ vm: VM, _ v: Value, _ proto: Value) throws(Raised) -> Value {
    try state(vm, v, proto.isNull ? 0 : try vm.asInt(proto))
  }
  private static func state(_ vm: VM, _ v: Value, _ proto: Int) throws(Raised) -> Value {
    let dict = try vm.callMethod(v, rt.names.__getstate__)
    let bytes = UnsafeRawBufferPointer(ByteArrays.bytes(v))
    if proto < 3 {
      return try vm.tuple(Value(v.type), try vm.tuple(try vm.str(latin1: bytes), try vm.str("latin-1")), dict)
    }
    return try vm.tuple(Value(v.type), bytes.count == 0 ? try vm.tuple(count: 0) : try vm.tuple(try vm.bytes(bytes)), dict)
  }
}
