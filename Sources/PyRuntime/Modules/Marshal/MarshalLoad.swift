import Glibc

/// Reads marshal data (version 4, CPython 3.11's code layout) straight into runtime values. Nothing in the data is trusted:
/// every length is checked against what is left, nesting is bounded, references must point backwards at complete objects.
struct MarshalLoader {
  let vm: VM
  var cursor: UnsafeRawPointer
  private(set) var end: UnsafeRawPointer
  /// Where more bytes come from, each time as many as are needed: an object with `readinto`; null when there are no more.
  private var file = Value.null
  /// list of objects flagged for reference, in order of appearance; a null item is an object still being read
  let references: Value
  /// File name for all code objects, or null for their own
  var filename = Value.null
  /// CPython's MAX_MARSHAL_STACK_DEPTH
  static let maximumDepth = 2000
  /// Code fresh from the compiler may nest more deeply.
  var depthLimit = MarshalLoader.maximumDepth
  /// Number of items that a file may announce and get memory for before they are there.
  private static let trustedCount = 4096
  /// A whole data record is taken from memory that is the caller's to keep alive.
  init(_ vm: VM, _ bytes: UnsafeRawBufferPointer) throws(Raised) {
    self.vm = vm
    var fallback: UInt8 = 0
    let start = bytes.baseAddress ?? withUnsafePointer(to: &fallback) { UnsafeRawPointer($0) }
    cursor = start
    end = start + bytes.count
    // One list serves all loads, unless one runs inside another: it grows to some thousand items once.
    if MarshalLoader.spare.isNull {
      references = try vm.list(capacity: 1000)
    } else {
      references = MarshalLoader.spare
      MarshalLoader.spare = .null
    }
  }
  nonisolated(unsafe) private static var spare = Value.null

  /// Call when the last object has been read.
  func finish() {
    let list = references.as(ListLayout.self)
    guard list.pointee.capacity <= 1 << 14, let items = list.pointee.items else { return }
    items.update(repeating: .null, count: list.pointee.count)
    list.pointee.count = 0
    MarshalLoader.spare = references
  }

  /// Reads one value from a binary file and not a byte more.
  init(_ vm: VM, file: Value) throws(Raised) {
    try self.init(vm, UnsafeRawBufferPointer(start: nil, count: 0))
    end = cursor
    self.file = file
  }

  private var remaining: Int { end - cursor }

  /// Makes sure that `n` bytes lie at the cursor.
  @inline(__always)
  private mutating func need(_ n: Int) throws(Raised) {
    if n > remaining { try refill(n) }
  }

  private mutating func refill(_ n: Int, startsObject: Bool = false) throws(Raised) {
    if file.isNull { throw tooShort() }
    let bytes = try vm.bytes(count: n)
    let array = try vm.byteArray(UnsafeRawBufferPointer(bytes.as(BytesLayout.self).buffer))
    let count = try vm.asInt(try vm.callMethod(file, "readinto", array))
    if count > n { throw vm.raise(.valueError, "read() returned too much data: \(n) bytes requested, \(count) returned") }
    if count != n { throw vm.raise(.eofError, "EOF read where \(startsObject ? "object" : "not") expected") }
    let read = UnsafeRawBufferPointer(ByteArrays.bytes(array))
    guard read.count == n else { throw vm.raise(.valueError, "readinto() changed the size of its buffer") }
    // What was read is copied into an immutable object, whose address the cursor keeps alive.
    let copy = try vm.bytes(read)
    cursor = UnsafeRawPointer(copy.as(BytesLayout.self).bytes)
    end = cursor + n
  }

  private func tooShort() -> Raised { vm.raise(.eofError, "marshal data too short") }
  private func bad(_ what: String) -> Raised { vm.raise(.valueError, "bad marshal data (\(what))") }

  private mutating func take(_ n: Int) throws(Raised) -> UnsafeRawBufferPointer {
    try need(n)
    let p = UnsafeRawBufferPointer(start: cursor, count: n)
    cursor += n
    return p
  }
  private mutating func byte() throws(Raised) -> UInt8 {
    if cursor >= end {
      if file.isNull { throw vm.raise(.eofError, "EOF read where object expected") }
      try refill(1, startsObject: true)
    }
    let b = cursor.load(as: UInt8.self)
    cursor += 1
    return b
  }
  private mutating func int32() throws(Raised) -> Int {
    try need(4)
    let i = cursor.loadUnaligned(as: Int32.self)
    cursor += 4
    return Int(i)
  }
  private mutating func size(_ what: String) throws(Raised) -> Int {
    let n = try int32()
    if n < 0 { throw bad("\(what) size out of range") }
    return n
  }
  private mutating func double() throws(Raised) -> Double {
    try need(8)
    let d = cursor.loadUnaligned(as: UInt64.self)
    cursor += 8
    return Double(bitPattern: d)
  }

  /// Reserves the next reference number; the object is stored when it is complete.
  private func reserve(_ flagged: Bool) throws(Raised) -> Int {
    if !flagged { return -1 }
    try vm.append(references, .null)
    return references.as(ListLayout.self).pointee.count - 1
  }
  private func store(_ index: Int, _ v: Value) {
    let list = references.as(ListLayout.self)
    if index >= 0, index < list.pointee.count { list.pointee.items?[index] = v }
  }

  mutating func object() throws(Raised) -> Value {
    let v = try object(1)
    if v.isNull { throw vm.raise(.typeError, "NULL object in marshal data for object") }
    return v
  }

  /// One object; null for the terminator of a dict.
  private mutating func object(_ depth: Int) throws(Raised) -> Value {
    if depth > depthLimit { throw vm.raise(.valueError, "recursion limit exceeded") }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let code = try byte()
    let flagged = code & 0x80 != 0
    switch code & 0x7F {
    case UInt8(ascii: "0"): return .null
    case UInt8(ascii: "N"): return .none
    case UInt8(ascii: "T"): return .true
    case UInt8(ascii: "F"): return .false
    case UInt8(ascii: "."): return .ellipsis
    case UInt8(ascii: "S"): return Value(rt.types[.stopIteration])
    case UInt8(ascii: "i"): return try remember(flagged, try vm.int(try int32()))
    case UInt8(ascii: "I"):
      try need(8)
      let i = cursor.loadUnaligned(as: Int64.self)
      cursor += 8
      return try remember(flagged, try vm.int(Int(i)))
    case UInt8(ascii: "l"): return try remember(flagged, try bigInt())
    case UInt8(ascii: "g"): return try remember(flagged, Value(try double()))
    case UInt8(ascii: "f"): return try remember(flagged, Value(try textDouble()))
    case UInt8(ascii: "y"):
      let real = try double()
      return try remember(flagged, try complex(real, try double()))
    case UInt8(ascii: "x"):
      let real = try textDouble()
      return try remember(flagged, try complex(real, try textDouble()))
    case UInt8(ascii: "s"):
      return try remember(flagged, try vm.bytes(try take(try size("bytes object"))))
    case UInt8(ascii: "z"): return try remember(flagged, try vm.str(latin1: try take(Int(try byte()))))
    case UInt8(ascii: "Z"): return try remember(flagged, try interned(try take(Int(try byte()))))
    case UInt8(ascii: "a"): return try remember(flagged, try vm.str(latin1: try take(try size("string"))))
    case UInt8(ascii: "A"): return try remember(flagged, try interned(try take(try size("string"))))
    case UInt8(ascii: "u"): return try remember(flagged, try vm.str(utf8: try take(try size("string"))))
    case UInt8(ascii: "t"): return try remember(flagged, try vm.internName(try vm.str(utf8: try take(try size("string")))))
    case UInt8(ascii: ")"): return try tuple(Int(try byte()), flagged, depth)
    case UInt8(ascii: "("): return try tuple(try size("tuple"), flagged, depth)
    case UInt8(ascii: "["):
      let n = try size("list")
      if n > remaining && file.isNull { throw tooShort() }
      let index = try reserve(flagged)
      let list = try vm.list(capacity: file.isNull ? n : min(n, MarshalLoader.trustedCount))
      store(index, list)
      for _ in 0..<n { try vm.append(list, try element("list", depth)) }
      return list
    case UInt8(ascii: "{"):
      let index = try reserve(flagged)
      let dict = try vm.dict()
      store(index, dict)
      while true {
        let key = try object(depth + 1)
        if key.isNull { return dict }
        let value = try object(depth + 1)
        if value.isNull { return dict }
        try Dicts.set(vm, dict, key, value)
      }
    case UInt8(ascii: "<"), UInt8(ascii: ">"):
      let n = try size("set")
      if n > remaining && file.isNull { throw tooShort() }
      let index = try reserve(flagged)
      let items = try vm.list(capacity: file.isNull ? n : min(n, MarshalLoader.trustedCount))
      if code & 0x7F == UInt8(ascii: "<") {
        let set = try vm.set()
        store(index, set)
        for _ in 0..<n { try vm.append(items, try element("set", depth)) }
        try vm.forEach(items) { (item) throws(Raised) in try Sets.add(vm, set, item) }
        return set
      }
      for _ in 0..<n { try vm.append(items, try element("set", depth)) }
      let set = try vm.frozenSet(from: items)
      store(index, set)
      return set
    case UInt8(ascii: "r"):
      let n = try int32()
      let list = references.as(ListLayout.self)
      guard n >= 0, n < list.pointee.count, let items = list.pointee.items, !items[n].isNull else { throw bad("invalid reference") }
      return items[n]
    case UInt8(ascii: "c"): return try codeObject(flagged, depth)
    default: throw bad("unknown type code")
    }
  }

  private func complex(_ real: Double, _ imaginary: Double) throws(Raised) -> Value {
    let c = try vm.make(ComplexLayout.self, rt.types.complex)
    c.pointee.real = real
    c.pointee.imaginary = imaginary
    return Value(c)
  }

  private func remember(_ flagged: Bool, _ v: Value) throws(Raised) -> Value {
    if flagged { try vm.append(references, v) }
    return v
  }

  private func interned(_ bytes: UnsafeRawBufferPointer) throws(Raised) -> Value {
    // CPython reads these as Latin-1, although only ASCII text is written so.
    UTF8Scan.isASCII(bytes) ? try vm.internName(utf8: bytes) : try vm.internName(try vm.str(latin1: bytes))
  }

  private mutating func element(_ what: String, _ depth: Int) throws(Raised) -> Value {
    let v = try object(depth + 1)
    if v.isNull { throw vm.raise(.typeError, "NULL object in marshal data for \(what)") }
    return v
  }

  private mutating func tuple(_ n: Int, _ flagged: Bool, _ depth: Int) throws(Raised) -> Value {
    // Each item takes at least one byte: a forged count cannot make us allocate much.
    if n > remaining && file.isNull { throw tooShort() }
    let index = try reserve(flagged)
    if n > MarshalLoader.trustedCount && !file.isNull {
      let items = try vm.list()
      for _ in 0..<n { try vm.append(items, try element("tuple", depth)) }
      let tuple = try vm.tuple(from: items)
      store(index, tuple)
      return tuple
    }
    let tuple = try vm.tuple(count: n)
    for i in 0..<n { tuple.as(TupleLayout.self).items[i] = try element("tuple", depth) }
    store(index, tuple)
    return tuple
  }

  private mutating func textDouble() throws(Raised) -> Double {
    let text = try take(Int(try byte()))
    var buffer = [CChar](repeating: 0, count: text.count + 1)
    for i in 0..<text.count { buffer[i] = CChar(bitPattern: text[i]) }
    return strtod(buffer, nil)
  }

  /// Digits of 15 bits, least significant first; the sign of their count is the number's.
  private mutating func bigInt() throws(Raised) -> Value {
    let n = try int32()
    if n == Int(Int32.min) { throw bad("long size out of range") }
    let count = n < 0 ? -n : n
    let digits = try take(count * 2)
    if count == 0 { return Value(smallInt: 0) }
    let limbCount = (count * 15 + 63) / 64
    let limbs = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: limbCount)
    defer { limbs.deallocate() }
    limbs.initialize(repeating: 0)
    for i in 0..<count {
      let digit = UInt64(digits.loadUnaligned(fromByteOffset: i * 2, as: UInt16.self))
      if digit > 0x7FFF { throw bad("digit out of range in long") }
      if i == count - 1 && digit == 0 { throw bad("unnormalized long data") }
      let bit = i * 15
      limbs[bit >> 6] |= digit << UInt64(bit & 63)
      if bit & 63 > 49, bit >> 6 + 1 < limbCount { limbs[bit >> 6 + 1] |= digit >> UInt64(64 - bit & 63) }
    }
    return try Ints.make(vm, negative: n < 0, limbs: UnsafeBufferPointer(limbs))
  }

  private mutating func codeObject(_ flagged: Bool, _ depth: Int) throws(Raised) -> Value {
    let index = try reserve(flagged)
    let argCount = try int32(), posOnly = try int32(), kwOnly = try int32(), stackSize = try int32(), flags = try int32()
    let code = try element("code", depth), consts = try element("code", depth), names = try element("code", depth)
    let localsplusNames = try element("code", depth), localsplusKinds = try element("code", depth)
    let ownFilename = try element("code", depth), name = try element("code", depth), qualname = try element("code", depth)
    let firstLine = try int32()
    let lineTable = try element("code", depth), exceptionTable = try element("code", depth)
    let result = try Codes.make(
      vm, argCount: argCount, posOnlyArgCount: posOnly, kwOnlyArgCount: kwOnly, stackSize: stackSize, flags: flags, code: code,
      consts: consts, names: names, localsplusNames: localsplusNames, localsplusKinds: localsplusKinds,
      filename: filename.isNull ? ownFilename : filename, name: name,
      qualname: qualname, firstLine: firstLine, lineTable: lineTable, exceptionTable: exceptionTable)
    store(index, result)
    return result
  }
}

/// marshal: objects from bytes, and back.
enum Marshal {
  /// - Parameter filename: given to all code objects in place of their own, if not null
  static func load(
    _ vm: VM, _ bytes: UnsafeRawBufferPointer, filename: Value = .null, depthLimit: Int = MarshalLoader.maximumDepth
  ) throws(Raised) -> Value {
    var loader = try MarshalLoader(vm, bytes)
    loader.filename = filename
    loader.depthLimit = depthLimit
    defer { loader.finish() }
    return try loader.object()
  }
  static func dump(_ vm: VM, _ v: Value, version: Int) throws(Raised) -> Value {
    var dumper = MarshalDumper(vm, version: version)
    defer { dumper.free() }
    try dumper.object(v, 1)
    return try vm.bytes(UnsafeRawBufferPointer(start: dumper.bytes.items, count: dumper.bytes.count))
  }
}
