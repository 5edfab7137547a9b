import Glibc

/// The pickle machine: one call of an unpickler's `load`. Lives on the native stack. Nothing in the data is trusted: what it names is
/// found by `find_class`, and what it takes from its stack must be there.
/// All methods that steps use are mutating: for another, called by one that is, swiftc copies the whole struct each time.
struct PickleReader {
  let vm: VM
  let unpickler: Value
  let u: UnpicklerRef
  /// Bytes at hand: `cursor` up to `end`, in memory that `holder` keeps
  private var cursor: UnsafePointer<UInt8>
  private var end: UnsafePointer<UInt8>
  private var holder = Value.null
  /// The machine's stack: a value buffer, in use up to `top`, null above; `limit` is its end
  private var base: UnsafeMutablePointer<Value>
  private var top: UnsafeMutablePointer<Value>
  private var limit: UnsafeMutablePointer<Value>
  /// Where the stack stood at each mark; malloc'd
  private var marks: UnsafeMutablePointer<Int>?
  private var markCount = 0
  private var markCapacity = 0
  /// Items below belong to an outer mark
  private var fence = 0

  private static let nothing = UnsafePointer<UInt8>(bitPattern: 16).unsafelyUnwrapped

  init(_ vm: VM, _ unpickler: Value) throws(Raised) {
    self.vm = vm
    self.unpickler = unpickler
    u = UnpicklerType.layout(unpickler)
    if let pooled = PicklePool.stack {
      PicklePool.stack = nil
      base = pooled
    } else {
      base = try vm.allocateValues(PicklePool.stackCapacity)
    }
    top = base
    limit = base + PicklePool.stackCapacity
    cursor = PickleReader.nothing
    end = cursor
    if let pooled = PicklePool.marks {
      marks = pooled
      markCapacity = PicklePool.marksCapacity
      PicklePool.marks = nil
    }
  }
  /// Call exactly once.
  mutating func free() {
    if markCapacity == PicklePool.marksCapacity && PicklePool.marks == nil { PicklePool.marks = marks } else { Glibc.free(marks) }
    marks = nil
    if limit - base == PicklePool.stackCapacity && PicklePool.stack == nil {
      drop(0)
      PicklePool.stack = base
    }
  }
  /// Bytes that last as long as the call.
  mutating func setInput(_ bytes: UnsafeRawBufferPointer, holder: Value) {
    guard let base = bytes.baseAddress else { return }
    cursor = base.assumingMemoryBound(to: UInt8.self)
    end = cursor + bytes.count
    self.holder = holder
  }

  // MARK: input

  private mutating func truncated() -> Raised { PickleModule.unpickling(vm, "pickle data was truncated") }

  /// The next `n` bytes; the cursor moves behind them.
  @inline(__always)
  private mutating func take(_ n: Int) throws(Raised) -> UnsafePointer<UInt8> {
    if n > end - cursor { try refill(n) }
    let p = cursor
    cursor += n
    return p
  }
  private mutating func byte() throws(Raised) -> Int { Int(try take(1)[0]) }
  private mutating func number(_ bytes: Int) throws(Raised) -> Int {
    let p = try take(bytes)
    var n = 0
    for i in 0..<bytes { n |= Int(p[i]) << (8 * i) }
    return n
  }
  private mutating func signed32() throws(Raised) -> Int { Int(Int32(truncatingIfNeeded: try number(4))) }
  /// A length of eight bytes.
  private mutating func length(_ what: String) throws(Raised) -> Int {
    let n = try number(8)
    if n < 0 { throw vm.raise(.overflowError, "\(what) exceeds system's maximum size of \(Int.max) bytes") }
    return n
  }

  @inline(never)
  private mutating func refill(_ n: Int) throws(Raised) {
    if u.pointee.read.isNull { throw truncated() }
    try hold(try vm.call(u.pointee.read, try vm.int(n &- (end - cursor))))
    if end - cursor < n { throw truncated() }
  }
  /// What is left at hand and then `more`.
  private mutating func hold(_ more: Value) throws(Raised) {
    var view = try vm.buffer(of: more, .simple)
    defer { vm.release(&view) }
    let left = end - cursor
    let all = try vm.bytes(count: left &+ view.byteCount)
    let p = all.as(BytesLayout.self).bytes
    if left > 0 { p.update(from: cursor, count: left) }
    if let memory = view.memory, view.byteCount > 0 {
      (p + left).update(from: memory.assumingMemoryBound(to: UInt8.self), count: view.byteCount)
    }
    holder = all
    cursor = UnsafePointer(p)
    end = cursor + left + view.byteCount
  }

  /// A line without its end.
  private mutating func line() throws(Raised) -> UnsafeRawBufferPointer {
    while true {
      var p = cursor
      while p < end {
        if p[0] == 10 {
          let found = UnsafeRawBufferPointer(start: cursor, count: p - cursor)
          cursor = p + 1
          return found
        }
        p += 1
      }
      if u.pointee.readline.isNull { throw truncated() }
      let before = end - cursor
      try hold(try vm.call(u.pointee.readline))
      if end - cursor == before || end[-1] != 10 { throw truncated() }
    }
  }
  private mutating func textLine() throws(Raised) -> Value {
    let bytes = try line()
    return try decode(bytes, "utf-8", errors: "strict")
  }
  private mutating func asciiLine(_ least: Int = 0) throws(Raised) -> String {
    let bytes = try line()
    if bytes.count < least { throw truncated() }
    return String(decoding: bytes, as: UTF8.self)
  }
  private mutating func decode(_ bytes: UnsafeRawBufferPointer, _ encoding: StaticString, errors: StaticString) throws(Raised) -> Value {
    try Codecs.decode(vm, try vm.bytes(bytes), try vm.intern(encoding), try vm.intern(errors))
  }

  // MARK: the stack

  private mutating func underflow() -> Raised {
    PickleModule.unpickling(vm, markCount == 0 ? "unpickling stack underflow" : "unexpected MARK found")
  }
  /// How many items there are.
  @inline(__always)
  private var height: Int { top - base }
  @inline(__always)
  private mutating func push(_ v: Value) throws(Raised) {
    if top == limit { try growStack() }
    top[0] = v
    top += 1
  }
  @inline(never)
  private mutating func growStack() throws(Raised) {
    let count = height, capacity = 2 &* (limit - base)
    guard capacity < 1 << 40 else { throw vm.raiseMemoryError() }
    base = try vm.allocateValues(capacity, copying: base, used: count)
    top = base + count
    limit = base + capacity
  }
  @inline(__always)
  private mutating func pop() throws(Raised) -> Value {
    guard top > base + fence else { throw underflow() }
    top -= 1
    let v = top[0]
    top[0] = .null
    return v
  }
  @inline(__always)
  private mutating func last() throws(Raised) -> Value {
    guard top > base + fence else { throw underflow() }
    return (top - 1)[0]
  }
  private mutating func setTop(_ v: Value) { if top > base { (top - 1).pointee = v } }
  private mutating func setMark() throws(Raised) {
    if markCount == markCapacity {
      let larger = max(PicklePool.marksCapacity, markCapacity &* 2)
      guard larger < 1 << 40, let memory = realloc(marks, larger &* 8) else { throw vm.raiseMemoryError() }
      marks = memory.assumingMemoryBound(to: Int.self)
      markCapacity = larger
    }
    fence = height
    marks.unsafelyUnwrapped[markCount] = fence
    markCount &+= 1
  }
  /// Takes the last mark: where the stack stood at it.
  private mutating func mark() throws(Raised) -> Int {
    guard markCount > 0, let marks else { throw PickleModule.unpickling(vm, "could not find MARK") }
    markCount &-= 1
    fence = markCount > 0 ? marks[markCount &- 1] : 0
    return marks[markCount]
  }
  /// Takes all items from `start` on, as a list.
  private mutating func takeList(_ start: Int) throws(Raised) -> Value {
    let n = height &- start
    if n <= 0 { return try vm.list() }
    let list = try vm.list(copying: base + start, count: n)
    drop(start)
    return list
  }
  private mutating func takeTuple(_ start: Int) throws(Raised) -> Value {
    let n = height &- start
    if n < 0 { throw underflow() }
    guard n > 0 else { return rt.pointee.emptyTuple }
    let t = try vm.tuple(copying: base + start, count: n)
    drop(start)
    return t
  }
  /// Forgets all items from `start` on.
  @inline(__always)
  private mutating func drop(_ start: Int) {
    let bottom = base + start
    while top > bottom {
      top -= 1
      top[0] = .null
    }
  }

  // MARK: the machine

  mutating func load() throws(Raised) -> Value {
    u.pointee.protocolNumber = 0
    while true {
      if cursor == end {
        do throws(Raised) { try refill(1) } catch {
          let e = vm.takePending()
          guard e.isInstance(of: PickleModule.unpicklingError.asType) else { throw vm.reraise(e) }
          throw vm.raise(.eofError, "Ran out of input")
        }
      }
      let op = cursor[0]
      cursor += 1
      // What pickles are full of, in line
      switch op {
      case PickleOp.binInt1: try push(Value(smallInt: Int(try take(1)[0])))
      case PickleOp.binInt2: try push(Value(smallInt: Int(try load(UInt16.self))))
      case PickleOp.binInt: try push(Value(smallInt: Int(Int32(truncatingIfNeeded: try load(UInt32.self)))))
      case PickleOp.shortBinUnicode: try loadText(Int(try take(1)[0]))
      case PickleOp.memoize: try UnpicklerType.put(vm, u, try last())
      case PickleOp.binGet: try pushMemo(Int(try take(1)[0]))
      case PickleOp.mark: try setMark()
      case PickleOp.appends:
        let m = try mark()
        try appendItems(m)
      case PickleOp.setItems:
        let m = try mark()
        try setItems(m)
      case PickleOp.emptyList: try push(try vm.list())
      case PickleOp.stop: return try pop()
      default: try step(op)
      }
    }
  }
  @inline(__always)
  private mutating func load<T: FixedWidthInteger>(_ type: T.Type) throws(Raised) -> T {
    T(littleEndian: UnsafeRawPointer(try take(MemoryLayout<T>.size)).loadUnaligned(as: T.self))
  }

  private mutating func step(_ op: UInt8) throws(Raised) {
    switch op {
    case PickleOp.none: try push(.none)
    case PickleOp.newTrue: try push(.true)
    case PickleOp.newFalse: try push(.false)
    case PickleOp.int: try loadInt()
    case PickleOp.long: try loadLong()
    case PickleOp.long1: try loadLong(bytes: try byte())
    case PickleOp.long4:
      let n = try signed32()
      if n < 0 { throw PickleModule.unpickling(vm, "LONG pickle has negative byte count") }
      try loadLong(bytes: n)
    case PickleOp.float:
      let text = try asciiLine(1)
      do throws(Raised) { try push(try vm.call(Value(rt.types.float), try vm.str(text))) } catch {
        if !vm.pendingIs(.valueError) { throw error }
        vm.clearPending()
        throw vm.raise(.valueError, "could not convert string to float")
      }
    case PickleOp.binFloat:
      let p = try take(8)
      var bits: UInt64 = 0
      for i in 0..<8 { bits = bits << 8 | UInt64(p[i]) }
      try push(Value(Double(bitPattern: bits)))
    case PickleOp.shortBinBytes: try loadBytes(try byte())
    case PickleOp.binBytes: try loadBytes(try number(4))
    case PickleOp.binBytes8: try loadBytes(try length("BINBYTES"))
    case PickleOp.byteArray8:
      let n = try length("BYTEARRAY8")
      let p = try take(n)
      try push(try vm.byteArray(UnsafeRawBufferPointer(start: p, count: n)))
    case PickleOp.nextBuffer, PickleOp.readOnlyBuffer: try loadBuffer(op)
    case PickleOp.string: try loadString()
    case PickleOp.binString:
      let n = try signed32()
      if n < 0 { throw PickleModule.unpickling(vm, "BINSTRING pickle has negative byte count") }
      try loadOldString(n)
    case PickleOp.shortBinString: try loadOldString(try byte())
    case PickleOp.unicode:
      let bytes = try line()
      let copy = try vm.bytes(bytes)
      let b = copy.as(BytesLayout.self)
      try push(
        try EscapeCodecs.decodeRaw(
          vm, UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count), try vm.intern("strict"), object: copy, final: true
        ).0)
    case PickleOp.binUnicode: try loadText(try number(4))
    case PickleOp.binUnicode8: try loadText(try length("BINUNICODE8"))
    case PickleOp.pop:
      if let marks, markCount > 0, marks[markCount &- 1] == height {
        _ = try mark()
      } else {
        _ = try pop()
      }
    case PickleOp.popMark: drop(try mark())
    case PickleOp.dup: try push(try last())
    default: try stepContainers(op)
    }
  }

  private mutating func stepContainers(_ op: UInt8) throws(Raised) {
    switch op {
    case PickleOp.emptyTuple: try push(rt.pointee.emptyTuple)
    case PickleOp.tuple: try push(try takeTuple(try mark()))
    case PickleOp.tuple1, PickleOp.tuple2, PickleOp.tuple3:
      let n = Int(op &- PickleOp.tuple1) &+ 1
      guard height &- n >= fence else { throw underflow() }
      try push(try takeTuple(height &- n))
    case PickleOp.list:
      let m = try mark()
      try push(try takeList(m))
    case PickleOp.emptyDict: try push(try vm.dict())
    case PickleOp.dict:
      let m = try mark()
      let pairs = try takeList(m)
      if pairs.as(ListLayout.self).pointee.count & 1 != 0 { throw PickleModule.unpickling(vm, "odd number of items for DICT") }
      let d = try vm.dict()
      try store(pairs, in: d)
      try push(d)
    case PickleOp.emptySet: try push(try vm.set())
    case PickleOp.frozenSet:
      let m = try mark()
      try push(try vm.frozenSet(from: try takeList(m)))
    case PickleOp.append: try appendItems(height &- 1)
    case PickleOp.addItems:
      let m = try mark()
      try addItems(m)
    case PickleOp.setItem: try setItems(height &- 2)
    case PickleOp.get: try pushMemo(try lineNumber())
    case PickleOp.longBinGet: try pushMemo(try number(4))
    case PickleOp.put:
      let n = try lineNumber()
      if n < 0 { throw vm.raise(.valueError, "negative PUT argument") }
      try UnpicklerType.put(vm, u, n, try last())
    case PickleOp.binPut: try UnpicklerType.put(vm, u, try byte(), try last())
    case PickleOp.longBinPut: try UnpicklerType.put(vm, u, try number(4), try last())
    default: try stepObjects(op)
    }
  }

  private mutating func stepObjects(_ op: UInt8) throws(Raised) {
    switch op {
    case PickleOp.global:
      let module = try textLine()
      try push(try find(module, try textLine()))
    case PickleOp.stackGlobal:
      let name = try pop(), module = try pop()
      guard name.isExact(rt.types.str), module.isExact(rt.types.str) else {
        throw PickleModule.unpickling(vm, "STACK_GLOBAL requires str")
      }
      try push(try find(module, name))
    case PickleOp.reduce:
      let arguments = try pop(), function = try pop()
      guard arguments.isTuple else { throw vm.raise(.typeError, "argument list must be a tuple") }
      try push(try vm.call(function, tuple: arguments))
    case PickleOp.newObj: try newObject(named: .null)
    case PickleOp.newObjEx: try newObject(named: try pop())
    case PickleOp.obj:
      let m = try mark()
      guard height &- m >= 1 else { throw underflow() }
      let arguments = try takeTuple(m &+ 1)
      try push(try instantiate(try pop(), arguments))
    case PickleOp.inst:
      let m = try mark()
      let module = try textLine()
      let cls = try find(module, try textLine())
      try push(try instantiate(cls, try takeTuple(m)))
    case PickleOp.build: try build()
    case PickleOp.persID:
      if u.pointee.persistentLoad.isNull { throw noPersistentLoad() }
      let bytes = try line()
      for b in bytes where b >= 128 {
        throw PickleModule.unpickling(vm, "persistent IDs in protocol 0 must be ASCII strings")
      }
      try push(try vm.call(u.pointee.persistentLoad, try vm.str(latin1: bytes)))
    case PickleOp.binPersID:
      if u.pointee.persistentLoad.isNull { throw noPersistentLoad() }
      try push(try vm.call(u.pointee.persistentLoad, try pop()))
    case PickleOp.ext1: try loadExtension(try byte())
    case PickleOp.ext2: try loadExtension(try number(2))
    case PickleOp.ext4: try loadExtension(try signed32())
    case PickleOp.proto:
      let n = try byte()
      if n > PickleModule.highest { throw vm.raise(.valueError, "unsupported pickle protocol: \(n)") }
      u.pointee.protocolNumber = n
    case PickleOp.frame:
      let n = try number(8)
      if n < 0 { throw vm.raise(.overflowError, "FRAME length exceeds system's maximum of \(Int.max) bytes") }
      // All of it comes to hand at once.
      if n > end - cursor { try refill(n) }
    default:
      let isPlain = op >= 0x20 && op <= 0x7E && op != 39 && op != 92
      let key = isPlain ? String(UnicodeScalar(op)) : "\\x" + (op < 16 ? "0" : "") + String(op, radix: 16)
      throw PickleModule.unpickling(vm, "invalid load key, '\(key)'.")
    }
  }
  private mutating func noPersistentLoad() -> Raised {
    PickleModule.unpickling(
      vm, "A load persistent id instruction was encountered, but no persistent_load function was specified.")
  }

  // MARK: atoms

  private mutating func loadInt() throws(Raised) {
    let text = try asciiLine(1)
    if text == "00" { return try push(.false) }
    if text == "01" { return try push(.true) }
    try push(try parse(text))
  }
  private mutating func loadLong() throws(Raised) {
    var text = try asciiLine(1)
    if text.hasSuffix("L") { text.removeLast() }
    try push(try parse(text))
  }
  private mutating func parse(_ text: String) throws(Raised) -> Value {
    do throws(Raised) { return try vm.call(Value(rt.types.int), try vm.str(text), Value(smallInt: 0)) } catch {
      if !vm.pendingIs(.valueError) { throw error }
      vm.clearPending()
      throw vm.raise(.valueError, "could not convert string to int")
    }
  }
  private mutating func lineNumber() throws(Raised) -> Int {
    // With its end, which the message of an error shows.
    let text = try asciiLine(1) + "\n"
    return try vm.asInt(try vm.call(Value(rt.types.int), try vm.str(text)))
  }
  private mutating func loadLong(bytes n: Int) throws(Raised) {
    let p = try take(n)
    try push(try IntBytes.load(vm, p, n, little: true, signed: true))
  }
  private mutating func loadBytes(_ n: Int) throws(Raised) {
    let p = try take(n)
    try push(try vm.bytes(UnsafeRawBufferPointer(start: p, count: n)))
  }
  @inline(__always)
  private mutating func loadText(_ n: Int) throws(Raised) {
    if n <= RecentTexts.longest && n >= 2 {
      let p = try take(n)
      let text = try RecentTexts.str(vm, p, n)
      if !text.isNull { return try push(text) }
      return try pushDecoded(UnsafeRawBufferPointer(start: p, count: n))
    }
    try loadAnyText(n)
  }
  @inline(never)
  private mutating func loadAnyText(_ n: Int) throws(Raised) {
    let p = try take(n)
    let bytes = UnsafeRawBufferPointer(start: p, count: n)
    if UTF8Scan.isASCII(bytes) { return try push(try vm.str(ascii: bytes)) }
    try pushDecoded(bytes)
  }
  @inline(never)
  private mutating func pushDecoded(_ bytes: UnsafeRawBufferPointer) throws(Raised) {
    try push(try decode(bytes, "utf-8", errors: "surrogatepass"))
  }
  private mutating func loadString() throws(Raised) {
    var bytes = UnsafeRawBufferPointer(rebasing: try line()[...])
    guard bytes.count >= 2, let first = bytes.first, first == 34 || first == 39, bytes[bytes.count - 1] == first else {
      throw PickleModule.unpickling(vm, "the STRING opcode argument must be quoted")
    }
    bytes = UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])
    try pushOldString(try EscapeCodecs.decodeBytes(vm, bytes, try vm.intern("strict")))
  }
  private mutating func loadOldString(_ n: Int) throws(Raised) {
    let p = try take(n)
    try pushOldString(try vm.bytes(UnsafeRawBufferPointer(start: p, count: n)))
  }
  /// A str of Python 2.
  private mutating func pushOldString(_ bytes: Value) throws(Raised) {
    let encoding = u.pointee.encoding.isNull ? try vm.intern("ASCII") : u.pointee.encoding
    if Str.equal(encoding, "bytes") { return try push(bytes) }
    let errors = u.pointee.errors.isNull ? try vm.intern("strict") : u.pointee.errors
    try push(try Codecs.decode(vm, bytes, encoding, errors))
  }

  private mutating func loadBuffer(_ op: UInt8) throws(Raised) {
    if op == PickleOp.nextBuffer {
      if u.pointee.buffers.isNull {
        throw PickleModule.unpickling(vm, "pickle stream refers to out-of-band data but no *buffers* argument was given")
      }
      let buffer = try vm.next(u.pointee.buffers)
      if buffer == .exhausted { throw PickleModule.unpickling(vm, "not enough out-of-band buffers") }
      return try push(buffer)
    }
    let view = try MemoryViews.make(vm, of: try last())
    if !view.as(MemoryViewLayout.self).pointee.isReadOnly { setTop(try vm.callMethod(view, "toreadonly")) }
  }

  // MARK: containers

  @inline(__always)
  private mutating func pushMemo(_ n: Int) throws(Raised) {
    let memo = u.pointee.memo.as(ListLayout.self)
    if UInt(bitPattern: n) < UInt(bitPattern: memo.pointee.count), let v = memo.pointee.items?[n], !v.isNull { return try push(v) }
    try pushFarMemo(n)
  }
  @inline(never)
  private mutating func pushFarMemo(_ n: Int) throws(Raised) {
    let v = try UnpicklerType.get(vm, u, n)
    if v.isNull { throw PickleModule.unpickling(vm, "Memo value not found at index \(n)") }
    try push(v)
  }

  /// Appends what lies from `start` on to the object below.
  private mutating func appendItems(_ start: Int) throws(Raised) {
    let n = height
    guard start <= n, start > fence else { throw underflow() }
    if n == start { return }
    let target = base[start &- 1]
    if target.isExact(rt.types.list), target.as(ListLayout.self).isOwn {
      let t = target.as(ListLayout.self), more = n &- start
      if more == 1 {
        try vm.append(target, base[start])
      } else {
        let count = t.pointee.count
        if count == 0 {
          let room = (rt.heapPointer.pointee.roundedSize(BufferCell.headerSize &+ more &* 8) &- BufferCell.headerSize) / 8
          t.pointee.items = try vm.allocateValues(room, copying: base + start, used: more)
          t.pointee.capacity = room
        } else {
          try Lists.reserve(vm, t, count &+ more)
          if let items = t.pointee.items { (items + count).update(from: base + start, count: more) }
        }
        t.pointee.count = count &+ more
      }
      return drop(start)
    }
    let slice = try takeList(start)
    let extend = try vm.getAttributeOrNull(target, "extend")
    if !extend.isNull {
      _ = try vm.call(extend, slice)
      return
    }
    let append = try vm.getAttribute(target, "append")
    for i in 0..<slice.as(ListLayout.self).pointee.count {
      if let item = slice.as(ListLayout.self).pointee.items?[i] { _ = try vm.call(append, item) }
    }
  }

  private mutating func addItems(_ start: Int) throws(Raised) {
    let n = height
    guard start <= n, start > fence else { throw underflow() }
    if n == start { return }
    let target = base[start &- 1]
    let slice = try takeList(start)
    let isSet = target.isExact(rt.types.set)
    let add = isSet ? Value.null : try vm.getAttribute(target, "add")
    for i in 0..<slice.as(ListLayout.self).pointee.count {
      guard let item = slice.as(ListLayout.self).pointee.items?[i] else { return }
      if isSet { try Sets.add(vm, target, item) } else { _ = try vm.call(add, item) }
    }
  }

  private mutating func setItems(_ start: Int) throws(Raised) {
    let n = height
    guard start <= n, start > fence else { throw underflow() }
    if n == start { return }
    if (n &- start) & 1 != 0 { throw PickleModule.unpickling(vm, "odd number of items for SETITEMS") }
    let target = base[start &- 1]
    if target.isExact(rt.types.dict) {
      let d = target.as(DictLayout.self)
      if d.isOwn && n &- start > 10 { try HashTable.reserve(vm, d.table, (n &- start) / 2, HashTable.dictStride) }
      var i = start
      // A key's methods may run; the stack is looked at anew.
      while i &+ 1 < height {
        let key = base[i], value = base[i &+ 1]
        if !key.isExactStr || !fill(d, key, value) { try Dicts.set(vm, target, key, value) }
        i &+= 2
      }
      return drop(start)
    }
    let pairs = try takeList(start)
    try store(pairs, in: target)
  }
  /// Stores under a str in a dict of strs that has room; whether it did.
  @inline(__always)
  private mutating func fill(_ d: UnsafeMutablePointer<DictLayout>, _ key: Value, _ value: Value) -> Bool {
    guard d.pointee.stringKeysOnly, let entries = d.pointee.entries else { return false }
    let known = key.as(StrLayout.self).pointee.hash
    let hash = known != -1 ? known : Str.hash(key)
    let probe = HashTable.findStr(d.table, key, hash, HashTable.dictStride)
    if probe.isFound {
      entries[probe.entry].value = value
      Heap.noteStore(Value(d))
      return true
    }
    guard let new = HashTable.appendAtOnce(d.table, key, hash, probe, HashTable.dictStride) else { return false }
    entries[new].value = value
    d.pointee.keysVersion = 0
    return true
  }
  private mutating func store(_ pairs: Value, in target: Value) throws(Raised) {
    let p = pairs.as(ListLayout.self)
    let isDict = target.isExact(rt.types.dict)
    var i = 0
    while i &+ 1 < p.pointee.count, let items = p.pointee.items {
      if isDict { try Dicts.set(vm, target, items[i], items[i &+ 1]) } else { try vm.setItem(target, items[i], items[i &+ 1]) }
      i &+= 2
    }
  }

  // MARK: objects

  private mutating func find(_ module: Value, _ name: Value) throws(Raised) -> Value {
    if unpickler.isExact(PickleModule.unpickler.asType) { return try UnpicklerType.find(vm, u, module, name) }
    return try vm.callMethod(unpickler, "find_class", module, name)
  }

  private mutating func instantiate(_ cls: Value, _ arguments: Value) throws(Raised) -> Value {
    if arguments.as(TupleLayout.self).pointee.count == 0 && cls.isType {
      if try vm.getAttributeOrNull(cls, "__getinitargs__").isNull { return try vm.call(try vm.getAttribute(cls, PickleNames.new), cls) }
    }
    return try vm.call(cls, tuple: arguments)
  }

  private mutating func newObject(named: Value) throws(Raised) {
    let op = named.isNull ? "NEWOBJ" : "NEWOBJ_EX"
    let arguments = try pop(), cls = try pop()
    guard cls.isType else { throw PickleModule.unpickling(vm, "\(op) class argument must be a type, not \(cls.typeName)") }
    guard let new = cls.asType.pointee.slots.new else {
      throw PickleModule.unpickling(vm, "\(op) class argument '\(cls.asType.nameForMessages)' doesn't have __new__")
    }
    guard arguments.isTuple else {
      throw PickleModule.unpickling(vm, "\(op) args argument must be a tuple, not \(arguments.typeName)")
    }
    if !named.isNull && !named.isDict {
      throw PickleModule.unpickling(vm, "\(op) kwargs argument must be a dict, not \(named.typeName)")
    }
    let t = arguments.as(TupleLayout.self)
    if named.isNull || Dicts.count(named) == 0 {
      return try push(try vm.withKept(arguments) { () throws(Raised) in try new(vm, cls, Args(t.items, count: t.pointee.count)) })
    }
    let all = try vm.list(capacity: t.pointee.count &+ 1)
    try vm.append(all, cls)
    try Lists.extend(vm, all.as(ListLayout.self), arguments)
    try push(try vm.call(try vm.getAttribute(cls, PickleNames.new), tuple: try vm.tuple(from: all), dict: named))
  }

  private mutating func build() throws(Raised) {
    var state = try pop()
    let object = try last()
    let setState = try vm.getAttributeOrNull(object, PickleNames.setState)
    if !setState.isNull {
      _ = try vm.call(setState, state)
      return
    }
    var slots = Value.null
    if state.isTuple, state.as(TupleLayout.self).pointee.count == 2 {
      slots = state.as(TupleLayout.self).items[1]
      state = state.as(TupleLayout.self).items[0]
    }
    if !state.isNone {
      guard state.isDict else { throw PickleModule.unpickling(vm, "state is not a dictionary") }
      let dict = try vm.getAttribute(object, PickleNames.dict)
      let isDict = dict.isExact(rt.types.dict)
      var position = 0
      while let entry = Dicts.next(state, &position) {
        // Names are interned: objects of one class share them.
        let key = entry.key.isExact(rt.types.str) ? try vm.intern(entry.key) : entry.key
        if isDict { try Dicts.set(vm, dict, key, entry.value) } else { try vm.setItem(dict, key, entry.value) }
      }
    }
    if !slots.isNull && !slots.isNone {
      guard slots.isDict else { throw PickleModule.unpickling(vm, "slot state is not a dictionary") }
      var position = 0
      while let entry = Dicts.next(slots, &position) { try vm.setAttribute(object, entry.key, entry.value) }
    }
  }

  private mutating func loadExtension(_ code: Int) throws(Raised) {
    if code <= 0 { throw PickleModule.unpickling(vm, "EXT specifies code <= 0") }
    let key = try vm.int(code)
    let cache = try PickleNames.registry(vm, try vm.intern("_extension_cache"))
    let known = try Dicts.get(vm, cache, key)
    if !known.isNull { return try push(known) }
    let pair = try Dicts.get(vm, try PickleNames.registry(vm, try vm.intern("_inverted_registry")), key)
    if pair.isNull { throw vm.raise(.valueError, "unregistered extension code \(code)") }
    guard pair.isTuple, pair.as(TupleLayout.self).pointee.count == 2, pair.as(TupleLayout.self).items[0].isStr,
      pair.as(TupleLayout.self).items[1].isStr
    else { throw vm.raise(.valueError, "_inverted_registry[\(code)] isn't a 2-tuple of strings") }
    let object = try find(pair.as(TupleLayout.self).items[0], pair.as(TupleLayout.self).items[1])
    try Dicts.set(vm, cache, key, object)
    try push(object)
  }
}
