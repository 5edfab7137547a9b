/// One call of a pickler's `dump`. Lives on the native stack.
struct PickleWriter {
  let vm: VM
  let pickler: Value
  let p: PicklerRef
  var out: PickleOutput
  private static let batch = 1000

  init(vm: VM, pickler: Value) {
    self.vm = vm
    self.pickler = pickler
    p = PicklerType.layout(pickler)
    out = PickleOutput(vm, write: p.pointee.write)
  }

  @inline(__always) private var number: Int { p.pointee.protocolNumber }
  @inline(__always) private var isBinary: Bool { p.pointee.isBinary != 0 }

  mutating func dump(_ v: Value) throws(Raised) {
    p.pointee.reducerOverride =
      pickler.isExact(PickleModule.pickler.asType) ? .null : try vm.getAttributeOrNull(pickler, "reducer_override")
    defer { p.pointee.reducerOverride = .null }
    if number >= 2 {
      try out.append(PickleOp.proto, number, 1)
      if number >= 4 { out.setFraming(true) }
    }
    try save(v)
    try out.append(PickleOp.stop)
    out.commit()
    out.setFraming(false)
  }

  // MARK: dispatch

  /// Writes what is an item of something else. Small ints need no more than their bytes.
  @inline(__always)
  private mutating func save(item v: Value) throws(Raised) {
    if v.isSmallInt && p.pointee.isBinary != 0 && p.pointee.persistentID.isNull {
      let i = v.smallInt
      if i == Int(Int32(truncatingIfNeeded: i)) {
        try out.boundary()
        return write(int: i)
      }
    }
    try save(v)
  }
  /// The binary form of an int of 32 bits, behind a boundary.
  @inline(__always)
  private mutating func write(int i: Int) {
    let room = UnsafeMutableRawPointer(out.cursor)
    room.storeBytes(of: Int32(truncatingIfNeeded: i).littleEndian, toByteOffset: 1, as: Int32.self)
    let isByte = i >= 0 && i < 256, isShort = i >= 0 && i < 65536
    room.storeBytes(of: isByte ? PickleOp.binInt1 : isShort ? PickleOp.binInt2 : PickleOp.binInt, as: UInt8.self)
    out.advance(isByte ? 2 : isShort ? 3 : 5)
  }

  mutating func save(_ v: Value, isPersistent: Bool = false) throws(Raised) {
    try out.boundary()
    if !isPersistent && !p.pointee.persistentID.isNull, try savePersistent(v) { return }
    if v.isSmallInt { return try save(int: v) }
    if v.isNone { return try out.append(PickleOp.none) }
    if v.isBool { return try save(bool: v == .true) }
    let type = v.type
    if type == rt.types.float { return try save(float: Floats.double(v)) }
    if type == rt.types.int { return try save(int: v) }
    if let known = p.number(of: v) { return try get(known) }
    if type == rt.types.str {
      let s = v.as(StrLayout.self)
      let n = s.pointee.length
      if n <= 0xFF && s.isASCII && p.pointee.protocolNumber >= 4 && p.pointee.isBinary != 0 && p.pointee.isFast == 0 {
        return try save(short: v, n)
      }
      return try save(str: v)
    }
    if type == rt.types.bytes { return try save(bytes: v) }
    try save(container: v, type)
  }

  /// A short ASCII str and its number.
  @inline(__always)
  private mutating func save(short v: Value, _ n: Int) throws(Raised) {
    try out.reserve(n &+ 3)
    let room = out.cursor
    room[0] = PickleOp.shortBinUnicode
    room[1] = UInt8(truncatingIfNeeded: n)
    ShortText.copy(room + 2, v.as(StrLayout.self).units, n)
    room[n &+ 2] = PickleOp.memoize
    out.advance(n &+ 3)
    try p.remember(vm, v, as: p.pointee.count)
  }

  @inline(never)
  private mutating func save(container v: Value, _ type: TypeRef) throws(Raised) {
    let thread = vm.thread
    guard !vm.nativeStackIsLow, thread.pointee.recursionDepth < rt.pointee.recursionLimit else {
      throw vm.raiseRecursionError(" while pickling an object")
    }
    thread.pointee.recursionDepth &+= 1
    defer { thread.pointee.recursionDepth &-= 1 }
    if type == rt.types.dict { return try save(dict: v) }
    if type == rt.types.list { return try save(list: v) }
    if type == rt.types.tuple { return try save(tuple: v) }
    if type == rt.types.set { return try save(set: v) }
    if type == rt.types.frozenset { return try save(frozenset: v) }
    if type == rt.types.bytearray { return try save(byteArray: v) }
    if type == PickleModule.buffer.asType { return try save(buffer: v) }
    try save(object: v, type)
  }

  private mutating func save(object v: Value, _ type: TypeRef) throws(Raised) {
    if !p.pointee.reducerOverride.isNull {
      let reduced = try vm.call(p.pointee.reducerOverride, v)
      if reduced != .notImplemented { return try save(reduced: reduced, v) }
    }
    if type == rt.types.type { return try save(type: v) }
    if type == rt.types.function { return try save(global: v, name: .null) }
    let key = Value(type)
    var function = Value.null
    let table = p.pointee.dispatchTable
    if table.isNull {
      function = try Dicts.get(vm, try PickleNames.registry(vm, PickleNames.dispatchTable), key)
    } else {
      do throws(Raised) { function = try vm.getItem(table, key) } catch {
        if !vm.pendingIs(.keyError) { throw error }
        vm.clearPending()
      }
    }
    if !function.isNull { return try save(reduced: try vm.call(function, v), v) }
    if v.isType { return try save(global: v, name: .null) }
    let reduceEx = try vm.getAttributeOrNull(v, PickleNames.reduceEx)
    if !reduceEx.isNull { return try save(reduced: try vm.call(reduceEx, Value(smallInt: number)), v) }
    let reduce = try vm.getAttributeOrNull(v, PickleNames.reduce)
    if reduce.isNull {
      throw PickleModule.pickling(vm, "can't pickle '\(type.nameForMessages)' object: \(try PickleNames.text(vm, v))")
    }
    try save(reduced: try vm.call(reduce), v)
  }

  private mutating func save(reduced: Value, _ v: Value) throws(Raised) {
    if reduced.isStr { return try save(global: v, name: reduced) }
    guard reduced.isTuple else { throw PickleModule.pickling(vm, "__reduce__ must return a string or tuple") }
    try save(reduction: reduced, v)
  }

  private mutating func savePersistent(_ v: Value) throws(Raised) -> Bool {
    let id = try vm.call(p.pointee.persistentID, v)
    if id.isNone { return false }
    if isBinary {
      try save(id, isPersistent: true)
      try out.append(PickleOp.binPersID)
      return true
    }
    let text = try vm.str(of: id)
    guard text.as(StrLayout.self).isASCII else { throw PickleModule.pickling(vm, "persistent IDs in protocol 0 must be ASCII strings") }
    try out.append(PickleOp.persID)
    try line(text)
    return true
  }

  // MARK: the memo

  @inline(__always)
  private mutating func put(_ v: Value) throws(Raised) {
    if p.pointee.isFast != 0 { return }
    let n = p.pointee.count
    try p.remember(vm, v, as: n)
    if number >= 4 { return try out.append(PickleOp.memoize) }
    try putNumber(n)
  }
  @inline(never)
  private mutating func putNumber(_ n: Int) throws(Raised) {
    if !isBinary {
      try out.append(PickleOp.put)
      return try out.append("\(n)\n")
    }
    if n < 256 { return try out.append(PickleOp.binPut, n, 1) }
    if n > 0xFFFF_FFFF { throw PickleModule.pickling(vm, "memo id too large for LONG_BINPUT") }
    try out.append(PickleOp.longBinPut, n, 4)
  }
  private mutating func get(_ n: Int) throws(Raised) {
    if !isBinary {
      try out.append(PickleOp.get)
      return try out.append("\(n)\n")
    }
    if n < 256 { return try out.append(PickleOp.binGet, n, 1) }
    if n > 0xFFFF_FFFF { throw PickleModule.pickling(vm, "memo id too large for LONG_BINGET") }
    try out.append(PickleOp.longBinGet, n, 4)
  }

  // MARK: atoms

  private mutating func save(bool: Bool) throws(Raised) {
    if number >= 2 { return try out.append(bool ? PickleOp.newTrue : PickleOp.newFalse) }
    try out.append(bool ? "I01\n" : "I00\n")
  }

  private mutating func save(int v: Value) throws(Raised) {
    if let i = v.isSmallInt ? v.smallInt : Ints.asInt64(v), i >= Int(Int32.min), i <= Int(Int32.max) {
      if !isBinary {
        try out.append(PickleOp.int)
        return try out.append("\(i)\n")
      }
      try out.reserve(5)
      return write(int: i)
    }
    if number < 2 {
      try out.append(PickleOp.long)
      try append(try IntText.decimal(vm, v))
      return try out.append("L\n")
    }
    var count = IntBits.bitLength(v) >> 3 &+ 1
    let raw = try vm.bytes(count: count)
    let bytes = raw.as(BytesLayout.self).bytes
    _ = IntBytes.store(v, bytes, count, little: true, signed: true)
    // A negative number may need one byte less.
    if bytes[count &- 1] == 0xFF && count > 1 && bytes[count &- 2] & 0x80 != 0 { count &-= 1 }
    if count < 256 { try out.append(PickleOp.long1, count, 1) } else { try out.append(PickleOp.long4, count, 4) }
    try out.append(bytes, count)
    withExtendedLifetime(raw) {}
  }

  private mutating func save(float d: Double) throws(Raised) {
    if !isBinary {
      try out.append(PickleOp.float)
      return try line(try FloatText.repr(vm, d))
    }
    let room = try out.extend(9)
    room[0] = PickleOp.binFloat
    let bits = d.bitPattern
    for i in 0..<8 { room[1 &+ i] = UInt8(truncatingIfNeeded: bits >> UInt64(56 &- 8 &* i)) }
  }

  /// The characters of an ASCII str.
  private mutating func append(_ text: Value) throws(Raised) {
    let view = StrView(text)
    try out.append(view.units, view.length)
    withExtendedLifetime(text) {}
  }
  private mutating func line(_ text: Value) throws(Raised) {
    try append(text)
    try out.append(10)
  }

  private mutating func save(str v: Value) throws(Raised) {
    if !isBinary {
      try out.append(PickleOp.unicode)
      let view = StrView(v)
      for i in 0..<view.length {
        let c = view[i]
        if c >= 0x10000 {
          try hex("\\U", c, 8)
        } else if c >= 256 || c == 92 || c == 0 || c == 10 || c == 13 || c == 26 {
          try hex("\\u", c, 4)
        } else {
          try out.append(UInt8(c))
        }
      }
      try out.append(10)
      return try put(v)
    }
    if v.as(StrLayout.self).isASCII {
      let view = StrView(v)
      try save(utf8: UnsafeRawBufferPointer(start: view.units, count: view.length), .null)
    } else {
      let bytes = v.utf8Bytes
      let whole = try vm.bytes(bytes)
      let b = whole.as(BytesLayout.self)
      try save(utf8: UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count), whole)
    }
    withExtendedLifetime(v) {}
    try put(v)
  }
  private mutating func hex(_ head: String, _ c: UInt32, _ digits: Int) throws(Raised) {
    try out.append(head)
    for i in stride(from: digits - 1, through: 0, by: -1) {
      let d = UInt8(truncatingIfNeeded: c >> UInt32(4 * i) & 15)
      try out.append(d < 10 ? 48 &+ d : 87 &+ d)
    }
  }
  private mutating func save(utf8 b: UnsafeRawBufferPointer, _ whole: Value) throws(Raised) {
    if b.count <= 0xFF && number >= 4 {
      try out.append(PickleOp.shortBinUnicode, b.count, 1)
      return try out.append(b.baseAddress, b.count)
    }
    if b.count <= 0xFFFF_FFFF { return try out.append(large: b, PickleOp.binUnicode, 4, whole: whole) }
    if number >= 4 { return try out.append(large: b, PickleOp.binUnicode8, 8, whole: whole) }
    throw vm.raise(.overflowError, "serializing a string larger than 4 GiB requires pickle protocol 4 or higher")
  }

  private mutating func save(bytes v: Value) throws(Raised) {
    let b = v.as(BytesLayout.self)
    if number < 3 {
      if b.pointee.count == 0 { return try save(reduction: try vm.tuple(Value(rt.types.bytes), rt.pointee.emptyTuple), v) }
      let text = try vm.str(latin1: UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count))
      let encode = try vm.getAttribute(try vm.importModule("_codecs"), "encode")
      return try save(reduction: try vm.tuple(encode, try vm.tuple(text, try vm.intern("latin1"))), v)
    }
    try save(bytesAt: UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count), whole: v)
    try put(v)
  }
  private mutating func save(bytesAt b: UnsafeRawBufferPointer, whole: Value) throws(Raised) {
    if b.count <= 0xFF {
      try out.append(PickleOp.shortBinBytes, b.count, 1)
      return try out.append(b.baseAddress, b.count)
    }
    if b.count <= 0xFFFF_FFFF { return try out.append(large: b, PickleOp.binBytes, 4, whole: whole) }
    if number >= 4 { return try out.append(large: b, PickleOp.binBytes8, 8, whole: whole) }
    throw vm.raise(.overflowError, "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher")
  }

  private mutating func save(byteArray v: Value) throws(Raised) {
    if number < 5 {
      var arguments = rt.pointee.emptyTuple
      if v.as(ByteArrayLayout.self).pointee.count > 0 {
        arguments = try vm.tuple(try vm.bytes(UnsafeRawBufferPointer(ByteArrays.bytes(v))))
      }
      return try save(reduction: try vm.tuple(Value(rt.types.bytearray), arguments), v)
    }
    let b = ByteArrays.bytes(v)
    try out.append(large: UnsafeRawBufferPointer(b), PickleOp.byteArray8, 8, whole: .null)
    try put(v)
  }

  private mutating func save(buffer v: Value) throws(Raised) {
    if number < 5 { throw PickleModule.pickling(vm, "PickleBuffer can only pickled with protocol >= 5") }
    let object = try PickleBufferType.object(vm, v)
    guard try PickleBufferType.isContiguous(vm, PickleBufferType.layout(v).pointee.view) else {
      throw PickleModule.pickling(vm, "PickleBuffer can not be pickled when pointing to a non-contiguous buffer")
    }
    let isReadOnly = PickleBufferType.layout(v).pointee.view.isReadOnly
    if !p.pointee.bufferCallback.isNull, try !vm.isTrue(try vm.call(p.pointee.bufferCallback, v)) {
      try out.append(PickleOp.nextBuffer)
      if isReadOnly { try out.append(PickleOp.readOnlyBuffer) }
      return
    }
    var view = try vm.buffer(of: object, .fullReadOnly)
    defer { vm.release(&view) }
    let bytes = UnsafeRawBufferPointer(start: view.memory, count: view.byteCount)
    if isReadOnly {
      try save(bytesAt: bytes, whole: .null)
    } else {
      try out.append(large: bytes, PickleOp.byteArray8, 8, whole: .null)
    }
    try put(v)
  }

  // MARK: containers

  private mutating func save(tuple v: Value) throws(Raised) {
    let t = v.as(TupleLayout.self)
    let n = t.pointee.count
    if n == 0 {
      if isBinary { return try out.append(PickleOp.emptyTuple) }
      try out.append(PickleOp.mark)
      return try out.append(PickleOp.tuple)
    }
    let isShort = n <= 3 && number >= 2
    if !isShort { try out.append(PickleOp.mark) }
    for i in 0..<n { try save(item: t.items[i]) }
    // The items may have written the tuple itself.
    if let known = p.number(of: v) {
      if isShort {
        for _ in 0..<n { try out.append(PickleOp.pop) }
      } else if isBinary {
        try out.append(PickleOp.popMark)
      } else {
        for _ in 0...n { try out.append(PickleOp.pop) }
      }
      return try get(known)
    }
    try out.append(isShort ? PickleOp.tuple1 &+ UInt8(n &- 1) : PickleOp.tuple)
    try put(v)
  }

  /// In fast mode there is no memo: what goes too deep is watched for circles.
  private mutating func enter(_ v: Value) throws(Raised) {
    if p.pointee.isFast == 0 { return }
    p.pointee.fastDepth &+= 1
    if p.pointee.fastDepth < 50 { return }
    if p.pointee.nesting.isNull { p.pointee.nesting = try vm.dict() }
    let key = try Ints.make(vm, unsigned: v.bits)
    if try Dicts.contains(vm, p.pointee.nesting, key) {
      p.pointee.fastDepth = 0
      throw vm.raise(
        .valueError, "fast mode: can't pickle cyclic objects including object type \(v.typeName) at 0x\(String(v.bits, radix: 16))")
    }
    try Dicts.set(vm, p.pointee.nesting, key, .none)
  }
  private mutating func leave(_ v: Value) throws(Raised) {
    if p.pointee.isFast == 0 { return }
    p.pointee.fastDepth &-= 1
    if !p.pointee.nesting.isNull { _ = try Dicts.remove(vm, p.pointee.nesting, try Ints.make(vm, unsigned: v.bits)) }
  }

  private mutating func save(list v: Value) throws(Raised) {
    try enter(v)
    if isBinary {
      try out.append(PickleOp.emptyList)
    } else {
      try out.append(PickleOp.mark)
      try out.append(PickleOp.list)
    }
    try put(v)
    let l = v.as(ListLayout.self)
    if number == 0 || !l.isOwn {
      try save(items: try vm.iter(v))
    } else if l.pointee.count == 1, let items = l.pointee.items {
      try save(items[0])
      try out.append(PickleOp.append)
    } else {
      var i = 0
      while i < l.pointee.count {
        try out.append(PickleOp.mark)
        var n = 0
        while n < PickleWriter.batch, i < l.pointee.count, let items = l.pointee.items {
          try save(item: items[i])
          i &+= 1
          n &+= 1
        }
        try out.append(PickleOp.appends)
      }
    }
    try leave(v)
  }

  /// What an iterator gives, as items of the list on the machine's stack.
  private mutating func save(items iterator: Value) throws(Raised) {
    try save(from: iterator, one: PickleOp.append, many: PickleOp.appends) { writer, item throws(Raised) in try writer.save(item) }
  }

  /// What an iterator gives, in batches behind a mark; a single one, and each in protocol 0, has an opcode of its own.
  private mutating func save(
    from iterator: Value, one: UInt8, many: UInt8, _ body: (inout PickleWriter, Value) throws(Raised) -> Void
  ) throws(Raised) {
    var item = try vm.next(iterator)
    while item != .exhausted {
      let first = item
      if number == 0 {
        try body(&self, first)
        try out.append(one)
        item = try vm.next(iterator)
        continue
      }
      item = try vm.next(iterator)
      if item == .exhausted {
        try body(&self, first)
        return try out.append(one)
      }
      try out.append(PickleOp.mark)
      try body(&self, first)
      var n = 1
      while item != .exhausted {
        try body(&self, item)
        n &+= 1
        if n == PickleWriter.batch { break }
        item = try vm.next(iterator)
      }
      try out.append(many)
      if n < PickleWriter.batch { return }
      item = try vm.next(iterator)
    }
  }

  private mutating func save(dict v: Value) throws(Raised) {
    try enter(v)
    if isBinary {
      try out.append(PickleOp.emptyDict)
    } else {
      try out.append(PickleOp.mark)
      try out.append(PickleOp.dict)
    }
    try put(v)
    let size = Dicts.count(v)
    if size > 0 {
      if number == 0 || !v.as(DictLayout.self).isOwn {
        try save(pairs: try vm.iter(try vm.callMethod(v, rt.names.items)))
      } else {
        try save(entries: v, size)
      }
    }
    try leave(v)
  }
  private mutating func save(entries v: Value, _ size: Int) throws(Raised) {
    var position = 0
    var next = Dicts.next(v, &position)
    if size == 1, let entry = next {
      try save(entry.key)
      try save(entry.value)
      return try out.append(PickleOp.setItem)
    }
    while next != nil {
      try out.append(PickleOp.mark)
      var n = 0
      while n < PickleWriter.batch, let entry = next {
        try save(item: entry.key)
        try save(item: entry.value)
        n &+= 1
        if Dicts.count(v) != size { throw vm.raise(.runtimeError, "dictionary changed size during iteration") }
        next = Dicts.next(v, &position)
      }
      try out.append(PickleOp.setItems)
    }
  }
  private mutating func save(pair: Value) throws(Raised) {
    guard pair.isTuple, pair.as(TupleLayout.self).pointee.count == 2 else {
      throw vm.raise(.typeError, "dict items iterator must return 2-tuples")
    }
    let items = pair.as(TupleLayout.self).items
    try save(items[0])
    try save(items[1])
  }
  private mutating func save(pairs iterator: Value) throws(Raised) {
    try save(from: iterator, one: PickleOp.setItem, many: PickleOp.setItems) { writer, pair throws(Raised) in try writer.save(pair: pair) }
  }

  private mutating func save(set v: Value) throws(Raised) {
    if number < 4 {
      return try save(reduction: try vm.tuple(Value(rt.types.set), try vm.tuple(try vm.list(from: v))), v)
    }
    try out.append(PickleOp.emptySet)
    try put(v)
    let size = Sets.count(v)
    let s = v.as(SetLayout.self)
    var position = 0
    var next = Sets.next(s, &position)
    while next != nil {
      try out.append(PickleOp.mark)
      var n = 0
      while n < PickleWriter.batch, let entry = next {
        try save(entry.key)
        n &+= 1
        if Sets.count(v) != size { throw vm.raise(.runtimeError, "set changed size during iteration") }
        next = Sets.next(s, &position)
      }
      try out.append(PickleOp.addItems)
    }
  }
  private mutating func save(frozenset v: Value) throws(Raised) {
    if number < 4 {
      return try save(reduction: try vm.tuple(Value(rt.types.frozenset), try vm.tuple(try vm.list(from: v))), v)
    }
    try out.append(PickleOp.mark)
    let s = v.as(SetLayout.self)
    var position = 0
    while let entry = Sets.next(s, &position) { try save(entry.key) }
    if let known = p.number(of: v) {
      try out.append(PickleOp.popMark)
      return try get(known)
    }
    try out.append(PickleOp.frozenSet)
    try put(v)
  }

  // MARK: classes, functions and what __reduce__ says

  private mutating func save(type v: Value) throws(Raised) {
    let only: Value =
      v == Value(rt.types.noneType)
      ? .none
      : v == Value(rt.types.ellipsisType)
        ? .ellipsis
        : v == Value(rt.types.notImplementedType) ? .notImplemented : .null
    if only.isNull { return try save(global: v, name: .null) }
    try save(reduction: try vm.tuple(Value(rt.types.type), try vm.tuple(only)), v)
  }

  private mutating func save(global v: Value, name given: Value) throws(Raised) {
    var name = given
    if name.isNull { name = try vm.getAttributeOrNull(v, PickleNames.qualname) }
    if name.isNull { name = try vm.getAttribute(v, PickleNames.name) }
    guard name.isStr else { throw vm.raise(.typeError, "__qualname__ must be a str") }
    if PickleNames.isLocal(vm, name) { throw vm.raise(.attributeError, "Can't pickle local object \(try PickleNames.text(vm, name))") }
    var module = try PickleNames.module(of: v, vm, path: name)
    let container: Value
    do throws(Raised) { container = try PickleNames.load(vm, module) } catch {
      let cause = vm.takePending()
      let e = PickleModule.pickling(
        vm, "Can't pickle \(try PickleNames.text(vm, v)): import of module \(try PickleNames.text(vm, module)) failed")
      throw chained(e, cause)
    }
    let found: Value, parent: Value
    do throws(Raised) { (found, parent) = try PickleNames.find(vm, container, name) } catch {
      let cause = vm.takePending()
      let e = PickleModule.pickling(
        vm, "Can't pickle \(try PickleNames.text(vm, v)): attribute lookup \(name.swiftString) on \(module.swiftString) failed")
      throw chained(e, cause)
    }
    if found != v {
      throw PickleModule.pickling(
        vm, "Can't pickle \(try PickleNames.text(vm, v)): it's not the same object as \(module.swiftString).\(name.swiftString)")
    }
    if number >= 2, try save(extension: v, module, name) { return }
    if parent == container { name = try PickleNames.lastPart(vm, name) }
    if number >= 4 {
      try save(module)
      try save(name)
      try out.append(PickleOp.stackGlobal)
      return try put(v)
    }
    if parent != container {
      let getattr = try Dicts.get(vm, rt.pointee.builtins, try vm.intern("getattr"))
      try save(reduction: try vm.tuple(getattr, try vm.tuple(parent, try PickleNames.lastPart(vm, name))), .null)
      return try put(v)
    }
    if p.pointee.fixesImports { (module, name) = try oldNames(module, name) }
    if number < 3 && !(module.as(StrLayout.self).isASCII && name.as(StrLayout.self).isASCII) {
      throw PickleModule.pickling(
        vm, "can't pickle global identifier '\(module.swiftString).\(name.swiftString)' using pickle protocol \(number)")
    }
    try out.append(PickleOp.global)
    for part in [module, name] {
      for byte in part.utf8Bytes { try out.append(byte) }
      try out.append(10)
    }
    try put(v)
  }
  private func chained(_ error: Raised, _ context: Value) -> Raised {
    let e = vm.takePending()
    if e.isExceptionInstance && context.isExceptionInstance && e != context { e.as(ExceptionLayout.self).pointee.context = context }
    return vm.reraise(e)
  }

  /// The names by which Python 2 knows the object.
  private func oldNames(_ module: Value, _ name: Value) throws(Raised) -> (Value, Value) {
    let pair = try Dicts.get(vm, try PickleNames.compatible(vm, "REVERSE_NAME_MAPPING"), try vm.tuple(module, name))
    if !pair.isNull {
      guard pair.isTuple, pair.as(TupleLayout.self).pointee.count == 2, pair.as(TupleLayout.self).items[0].isStr,
        pair.as(TupleLayout.self).items[1].isStr
      else { throw vm.raise(.runtimeError, "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not \(pair.typeName)") }
      return (pair.as(TupleLayout.self).items[0], pair.as(TupleLayout.self).items[1])
    }
    let other = try Dicts.get(vm, try PickleNames.compatible(vm, "REVERSE_IMPORT_MAPPING"), module)
    if other.isNull { return (module, name) }
    guard other.isStr else {
      throw vm.raise(.runtimeError, "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not \(other.typeName)")
    }
    return (other, name)
  }

  private mutating func save(extension v: Value, _ module: Value, _ name: Value) throws(Raised) -> Bool {
    let code = try Dicts.get(vm, try PickleNames.registry(vm, PickleNames.extensions), try vm.tuple(module, name))
    if code.isNull { return false }
    guard code.type == rt.types.int else {
      throw PickleModule.pickling(
        vm, "Can't pickle \(try PickleNames.text(vm, v)): extension code \(try PickleNames.text(vm, code)) isn't an integer")
    }
    let n = try vm.asInt(code)
    guard n > 0, n <= 0x7FFF_FFFF else {
      throw PickleModule.pickling(vm, "Can't pickle \(try PickleNames.text(vm, v)): extension code \(n) is out of range")
    }
    if n < 0x100 {
      try out.append(PickleOp.ext1, n, 1)
    } else if n < 0x10000 {
      try out.append(PickleOp.ext2, n, 2)
    } else {
      try out.append(PickleOp.ext4, n, 4)
    }
    return true
  }

  /// A tuple as `__reduce__` gives it. `v` is null when nothing stands for the result.
  private mutating func save(reduction: Value, _ v: Value) throws(Raised) {
    let t = reduction.as(TupleLayout.self)
    let n = t.pointee.count
    guard n >= 2, n <= 6 else {
      throw PickleModule.pickling(vm, "tuple returned by __reduce__ must contain 2 through 6 elements")
    }
    func part(_ i: Int) -> Value { i < n && !t.items[i].isNone ? t.items[i] : .null }
    let callable = t.items[0], arguments = t.items[1]
    let state = part(2), items = part(3), pairs = part(4), setter = part(5)
    guard callable.type.pointee.slots.call != nil else {
      throw PickleModule.pickling(vm, "first item of the tuple returned by __reduce__ must be callable")
    }
    guard arguments.isTuple else {
      throw PickleModule.pickling(vm, "second item of the tuple returned by __reduce__ must be a tuple")
    }
    if !items.isNull && items.type.pointee.slots.next == nil { throw notIterator(items, "fourth") }
    if !pairs.isNull && pairs.type.pointee.slots.next == nil { throw notIterator(pairs, "fifth") }
    if !setter.isNull && setter.type.pointee.slots.call == nil {
      throw PickleModule.pickling(vm, "sixth element of the tuple returned by __reduce__ must be a function, not \(setter.typeName)")
    }
    let a = arguments.as(TupleLayout.self)
    let name = number >= 2 ? try vm.getAttributeOrNull(callable, PickleNames.name) : .null
    if name.isStr && Str.equal(name, "__newobj_ex__") {
      try save(newObjectEx: a)
    } else if name.isStr && Str.equal(name, "__newobj__") {
      try save(newObject: a, v)
    } else {
      try save(callable)
      try save(arguments)
      try out.append(PickleOp.reduce)
    }
    if !v.isNull {
      // The arguments may have written the object itself.
      if let known = p.number(of: v) {
        try out.append(PickleOp.pop)
        return try get(known)
      }
      try put(v)
    }
    if !items.isNull { try save(items: items) }
    if !pairs.isNull { try save(pairs: pairs) }
    if state.isNull { return }
    if setter.isNull {
      try save(state)
      return try out.append(PickleOp.build)
    }
    try save(setter)
    try save(v)
    try save(state)
    try out.append(PickleOp.tuple2)
    try out.append(PickleOp.reduce)
    try out.append(PickleOp.pop)
  }

  @inline(never)
  private func notIterator(_ x: Value, _ place: String) -> Raised {
    PickleModule.pickling(vm, "\(place) element of the tuple returned by __reduce__ must be an iterator, not \(x.typeName)")
  }

  private mutating func save(newObject a: UnsafeMutablePointer<TupleLayout>, _ v: Value) throws(Raised) {
    guard a.pointee.count > 0 else { throw PickleModule.pickling(vm, "__newobj__ arglist is empty") }
    let cls = a.items[0]
    guard cls.isType else { throw PickleModule.pickling(vm, "args[0] from __newobj__ args is not a type") }
    if !v.isNull, try vm.getAttribute(v, PickleNames.cls) != cls {
      throw PickleModule.pickling(vm, "args[0] from __newobj__ args has the wrong class")
    }
    try save(cls)
    try save(try vm.tuple(copying: a.items + 1, count: a.pointee.count - 1))
    try out.append(PickleOp.newObj)
  }

  private mutating func save(newObjectEx a: UnsafeMutablePointer<TupleLayout>) throws(Raised) {
    guard a.pointee.count == 3 else {
      throw PickleModule.pickling(vm, "length of the NEWOBJ_EX argument tuple must be exactly 3, not \(a.pointee.count)")
    }
    let cls = a.items[0], positional = a.items[1], named = a.items[2]
    guard cls.isType else {
      throw PickleModule.pickling(vm, "first item from NEWOBJ_EX argument tuple must be a class, not \(cls.typeName)")
    }
    guard positional.isTuple else {
      throw PickleModule.pickling(vm, "second item from NEWOBJ_EX argument tuple must be a tuple, not \(positional.typeName)")
    }
    guard named.isDict else {
      throw PickleModule.pickling(vm, "third item from NEWOBJ_EX argument tuple must be a dict, not \(named.typeName)")
    }
    if number >= 4 {
      try save(cls)
      try save(positional)
      try save(named)
      return try out.append(PickleOp.newObjEx)
    }
    // partial(cls.__new__, cls, *args, **kwargs)()
    let list = try vm.list()
    try vm.append(list, try vm.getAttribute(cls, PickleNames.new))
    try vm.append(list, cls)
    try Lists.extend(vm, list.as(ListLayout.self), positional)
    let partial = try vm.getAttribute(try vm.importModule("functools"), "partial")
    try save(try vm.call(partial, tuple: try vm.tuple(from: list), dict: named))
    try save(rt.pointee.emptyTuple)
    try out.append(PickleOp.reduce)
  }
}
