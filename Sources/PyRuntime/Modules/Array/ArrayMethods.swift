import Glibc

/// The methods of `array.array`.
enum ArrayMethods {
  private static func layout(_ v: Value) -> ArrayRef { v.as(ArrayLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.method("append", "($self, v, /)", "Append new value v to the end of the array.") { vm, v, x throws(Raised) in
      try Arrays.append(vm, layout(v), x)
      return .none
    }
    t.method("buffer_info", "($self, /)", "Return a tuple (address, length): the memory address and the number of items.") {
      vm, v throws(Raised) in
      let a = layout(v)
      return try vm.tuple(try vm.int(a.pointee.storage.map { Int(bitPattern: $0) } ?? 0), try vm.int(a.pointee.count))
    }
    t.method("byteswap", "($self, /)", "Byteswap all items of the array, in place.", byteswap)
    t.method("count", "($self, v, /)", "Return number of occurrences of v in the array.", count)
    t.method("extend", "($self, bb, /)", "Append items to the end of the array.") { vm, v, items throws(Raised) in
      try Arrays.extend(vm, layout(v), items)
      return .none
    }
    t.method("frombytes", "($self, buffer, /)", "Append the items whose machine values a bytes-like object holds.") {
      vm, v, b throws(Raised) in
      try add(vm, layout(v), buffer: b)
      return .none
    }
    t.method("fromfile", "($self, f, n, /)", "Read n items from the file object f and append them.", fromFile)
    t.method("fromlist", "($self, list, /)", "Append the items of a list, or none of them.", fromList)
    t.method("fromunicode", "($self, ustr, /)", "Extend an array of characters with text.") { vm, v, text throws(Raised) in
      guard text.isStr else { throw vm.raise(.typeError, "fromunicode() argument must be str, not \(text.argumentTypeName)") }
      guard layout(v).pointee.kind == .character else {
        throw vm.raise(.valueError, "fromunicode() may only be called on unicode type arrays")
      }
      try ArrayText.append(vm, layout(v), text)
      return .none
    }
    t.method("index", "($self, v, start=0, stop=sys.maxsize, /)", "Return index of first occurrence of v in the array.", index)
    t.method("insert", "($self, i, v, /)", "Insert a new item v into the array before position i.", insert)
    t.method("pop", "($self, i=-1, /)", "Return the i-th element and delete it from the array.", pop)
    t.method("remove", "($self, v, /)", "Remove the first occurrence of v in the array.") { vm, v, x throws(Raised) in
      let i = try ArrayType.find(vm, layout(v), x, 0, Int.max)
      if i < 0 { throw vm.raise(.valueError, "array.remove(x): x not in array") }
      try Arrays.replace(vm, layout(v), i, 1, nil, 0)
      return .none
    }
    t.method("reverse", "($self, /)", "Reverse the order of the items in the array.", reverse)
    t.method("tobytes", "($self, /)", "Return the machine values of all items as bytes.") { vm, v throws(Raised) in
      try vm.bytes(UnsafeRawBufferPointer(layout(v).bytes))
    }
    t.method("tofile", "($self, f, /)", "Write the machine values of all items to the file object f.", toFile)
    t.method("tolist", "($self, /)", "Return the items as an ordinary list.") { vm, v throws(Raised) in try list(vm, layout(v)) }
    t.method("tounicode", "($self, /)", "Return the text of an array of characters.") { vm, v throws(Raised) in
      guard layout(v).pointee.kind == .character else {
        throw vm.raise(.valueError, "tounicode() may only be called on unicode type arrays")
      }
      return try ArrayText.str(vm, layout(v))
    }
    t.method("__copy__", "($self, /)", "Return a copy of the array.", copy)
    t.method("__deepcopy__", "($self, unused, /)", "Return a copy of the array.") { (vm: VM, v: Value, _: Value) throws(Raised) in
      try copy(vm, v)
    }
    t.method("__reduce_ex__", "($self, value, /)", "Return state information for pickling.", reduceEx)
    t.method("__sizeof__", "($self, /)", "Size of the array in memory, in bytes.") { vm, v throws(Raised) in
      try vm.int(64 &+ layout(v).pointee.capacity << layout(v).pointee.kind.shift)
    }
    t.getset("itemsize", "the size, in bytes, of one array item") { vm, v throws(Raised) in try vm.int(layout(v).pointee.kind.size) }
    t.getset("typecode", "the typecode character used to create the array") { vm, v throws(Raised) in
      try vm.str(codePoint: UInt32(layout(v).pointee.kind.letter))
    }
  }

  static func list(_ vm: VM, _ a: ArrayRef) throws(Raised) -> Value {
    let list = try vm.list(capacity: a.pointee.count)
    var i = 0
    while i < a.pointee.count {
      try vm.append(list, try a.item(vm, i))
      i &+= 1
    }
    return list
  }

  static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let a = layout(v)
    let result = try Arrays.make(vm, a.pointee.kind, count: a.pointee.count)
    if let to = result.pointee.storage, let from = a.pointee.storage { memcpy(to, from, a.byteCount) }
    return Value(result)
  }

  /// Adds the items in the memory of any exporter of bytes.
  static func add(_ vm: VM, _ a: ArrayRef, buffer source: Value) throws(Raised) {
    var view = try vm.buffer(of: source, .simple)
    defer { vm.release(&view) }
    if view.itemSize != 1 { throw vm.raise(.typeError, "a bytes-like object is required") }
    try Arrays.append(vm, a, bytes: UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
  }

  private static let byteswap: NativeNoArgs = { _, v throws(Raised) in
    let a = layout(v)
    guard let storage = a.pointee.storage else { return .none }
    for i in 0..<a.pointee.count {
      switch a.pointee.kind.shift {
      case 1: storage.assumingMemoryBound(to: UInt16.self)[i] = storage.assumingMemoryBound(to: UInt16.self)[i].byteSwapped
      case 2: storage.assumingMemoryBound(to: UInt32.self)[i] = storage.assumingMemoryBound(to: UInt32.self)[i].byteSwapped
      case 3: storage.assumingMemoryBound(to: UInt64.self)[i] = storage.assumingMemoryBound(to: UInt64.self)[i].byteSwapped
      default: return .none
      }
    }
    return .none
  }

  private static let count: NativeOne = { vm, v, x throws(Raised) in
    let a = layout(v)
    var n = 0, i = 0
    while i < a.pointee.count {
      if try ArrayType.same(vm, try a.item(vm, i), x) { n &+= 1 }
      i &+= 1
    }
    return try vm.int(n)
  }

  private static let index: NativeMany = { vm, v, args throws(Raised) in
    let a = layout(v)
    var start = args[1].isNull ? 0 : try Slices.bound(vm, args[1])
    var stop = args[2].isNull ? Int.max : try Slices.bound(vm, args[2])
    if start < 0 { start = max(0, start &+ a.pointee.count) }
    if stop < 0 { stop = stop &+ a.pointee.count }
    let i = try ArrayType.find(vm, a, args[0], start, stop)
    if i < 0 { throw vm.raise(.valueError, "array.index(x): x not in array") }
    return try vm.int(i)
  }

  private static let insert: NativeTwo = { vm, v, at, x throws(Raised) in
    let a = layout(v)
    var i = try vm.asInt(at)
    var bits = try a.pointee.kind.bits(vm, x)
    let n = a.pointee.count
    if i < 0 { i = max(0, i &+ n) }
    i = min(i, n)
    // Little-endian: the item's bytes come first.
    try withUnsafeBytes(of: &bits) { p throws(Raised) in try Arrays.replace(vm, a, i, 0, p.baseAddress, 1) }
    return .none
  }

  private static let pop: NativeOne = { vm, v, at throws(Raised) in
    let a = layout(v)
    var i = at.isNull ? -1 : try vm.asInt(at)
    if a.pointee.count == 0 { throw vm.raise(.indexError, "pop from empty array") }
    if i < 0 { i &+= a.pointee.count }
    guard i >= 0, i < a.pointee.count else { throw vm.raise(.indexError, "pop index out of range") }
    let item = try a.item(vm, i)
    try Arrays.replace(vm, a, i, 1, nil, 0)
    return item
  }

  private static let reverse: NativeNoArgs = { _, v throws(Raised) in
    let a = layout(v)
    guard let storage = a.pointee.storage, a.pointee.count > 1 else { return .none }
    let shift = a.pointee.kind.shift
    var i = 0, j = a.pointee.count &- 1
    var held: UInt64 = 0
    while i < j {
      memcpy(&held, storage + i << shift, 1 << shift)
      memcpy(storage + i << shift, storage + j << shift, 1 << shift)
      memcpy(storage + j << shift, &held, 1 << shift)
      i &+= 1
      j &-= 1
    }
    return .none
  }

  private static let fromList: NativeOne = { vm, v, items throws(Raised) in
    guard items.isList else { throw vm.raise(.typeError, "arg must be list") }
    let a = layout(v)
    let old = a.pointee.count
    let n = try vm.length(items)
    try Arrays.resize(vm, a, old &+ n)
    do throws(Raised) {
      for i in 0..<n {
        let bits = try a.pointee.kind.bits(vm, try vm.getItem(items, try vm.int(i)))
        if try vm.length(items) != n { throw vm.raise(.runtimeError, "list changed size during iteration") }
        guard let storage = a.pointee.storage, old &+ i < a.pointee.count else { break }
        a.pointee.kind.store(storage, old &+ i, bits)
      }
    } catch {
      let pending = vm.takePending()
      try Arrays.resize(vm, a, old)
      throw vm.reraise(pending)
    }
    return .none
  }

  private static let fromFile: NativeTwo = { vm, v, file, number throws(Raised) in
    let a = layout(v)
    let n = try vm.asInt(number)
    if n < 0 { throw vm.raise(.valueError, "negative count") }
    let (size, overflow) = n.multipliedReportingOverflow(by: a.pointee.kind.size)
    if overflow { throw vm.raiseMemoryError() }
    let bytes = try vm.callMethod(file, "read", try vm.int(size))
    guard bytes.isBytes else { throw vm.raise(.typeError, "read() didn't return bytes") }
    try add(vm, a, buffer: bytes)
    if bytes.as(BytesLayout.self).pointee.count != size { throw vm.raise(.eofError, "read() didn't return enough bytes") }
    return .none
  }

  private static let toFile: NativeOne = { vm, v, file throws(Raised) in
    let a = layout(v)
    let block = 64 << 10
    var at = 0
    while at < a.byteCount, let storage = a.pointee.storage {
      let bytes = try vm.bytes(UnsafeRawBufferPointer(start: storage + at, count: min(block, a.byteCount &- at)))
      _ = try vm.callMethod(file, "write", bytes)
      at &+= block
    }
    return .none
  }

  private static let reduceEx: NativeOne = { vm, v, number throws(Raised) in
    guard number.isInt else { throw vm.raise(.typeError, "__reduce_ex__ argument should be an integer") }
    let a = layout(v)
    var dict = try vm.getAttributeOrNull(v, "__dict__")
    if dict.isNull { dict = .none }
    let code = try vm.str(codePoint: UInt32(a.pointee.kind.letter))
    if try vm.asInt(number) < 3 { return try vm.tuple(Value(v.type), try vm.tuple(code, try list(vm, a)), dict) }
    let bytes = try vm.bytes(UnsafeRawBufferPointer(a.bytes))
    let arguments = try vm.list()
    try vm.append(arguments, Value(v.type))
    try vm.append(arguments, code)
    try vm.append(arguments, try vm.int(ArrayModule.machineFormat(a.pointee.kind)))
    try vm.append(arguments, bytes)
    return try vm.tuple(ArrayModule.reconstructor, try vm.tuple(from: arguments), dict)
  }
}
