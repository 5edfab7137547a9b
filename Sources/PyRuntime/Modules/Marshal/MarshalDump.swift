import Glibc

/// Bytes under construction outside the heap; freed by its owner.
struct ByteVector {
  var items: UnsafeMutablePointer<UInt8>?
  var count = 0
  var capacity = 0

  mutating func reserve(_ more: Int) {
    if count &+ more <= capacity { return }
    let larger = max(256, max(capacity * 2, count &+ more))
    guard let p = realloc(items, larger) else { Heap.die("amphis: out of memory\n") }
    items = p.assumingMemoryBound(to: UInt8.self)
    capacity = larger
  }
  mutating func append(_ b: UInt8) {
    reserve(1)
    items.unsafelyUnwrapped[count] = b
    count &+= 1
  }
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    memcpy(items.unsafelyUnwrapped + count, base, bytes.count)
    count &+= bytes.count
  }
  mutating func free() {
    Glibc.free(items)
    items = nil
    count = 0
    capacity = 0
  }
}

/// Writes marshal data. There are no reference counts to say which objects are shared, so from version 3 on every object that
/// is met again is written as a reference and every first meeting is flagged.
struct MarshalDumper {
  let vm: VM
  let version: Int
  var bytes = ByteVector()
  /// Objects already written, by identity: an open-addressing table of (bits, index)
  private var seen: [UInt64: Int32] = [:]

  init(_ vm: VM, version: Int) {
    self.vm = vm
    self.version = version
  }
  mutating func free() { bytes.free() }

  private mutating func int32(_ i: Int) {
    var x = Int32(truncatingIfNeeded: i)
    withUnsafeBytes(of: &x) { bytes.append($0) }
  }
  private mutating func int16(_ i: Int) {
    var x = UInt16(truncatingIfNeeded: i)
    withUnsafeBytes(of: &x) { bytes.append($0) }
  }
  private mutating func double(_ d: Double) {
    var x = d.bitPattern
    withUnsafeBytes(of: &x) { bytes.append($0) }
  }
  private mutating func size(_ n: Int) throws(Raised) {
    if n > Int(Int32.max) { throw vm.raise(.valueError, "unmarshallable object") }
    int32(n)
  }
  private func unmarshallable() -> Raised { vm.raise(.valueError, "unmarshallable object") }

  mutating func object(_ v: Value, _ depth: Int) throws(Raised) {
    if depth > MarshalLoader.maximumDepth || vm.nativeStackIsLow { throw vm.raise(.valueError, "object too deeply nested to marshal") }
    switch v {
    case .null: return bytes.append(UInt8(ascii: "0"))
    case .none: return bytes.append(UInt8(ascii: "N"))
    case .true: return bytes.append(UInt8(ascii: "T"))
    case .false: return bytes.append(UInt8(ascii: "F"))
    case .ellipsis: return bytes.append(UInt8(ascii: "."))
    default: break
    }
    if v == Value(rt.types[.stopIteration]) { return bytes.append(UInt8(ascii: "S")) }
    if v.isSmallInt, v.smallInt == Int(Int32(truncatingIfNeeded: v.smallInt)) {
      bytes.append(UInt8(ascii: "i"))
      return int32(v.smallInt)
    }
    if v.isSmallInt { return bigInt(v, 0) }
    if v.isDouble {
      bytes.append(UInt8(ascii: "g"))
      return double(v.double)
    }
    guard v.isCell else { throw unmarshallable() }
    var flag: UInt8 = 0
    if version >= 3 {
      if let index = seen[v.bits] {
        bytes.append(UInt8(ascii: "r"))
        return int32(Int(index))
      }
      seen[v.bits] = Int32(truncatingIfNeeded: seen.count)
      flag = 0x80
    }
    try cell(v, flag, depth)
  }

  private mutating func cell(_ v: Value, _ flag: UInt8, _ depth: Int) throws(Raised) {
    let types = rt.types
    let type = v.cellType
    if type == types.int {
      bigInt(v, flag)
    } else if type == types.str {
      try str(v, flag)
    } else if type == types.bytes {
      bytes.append(UInt8(ascii: "s") | flag)
      let b = v.as(BytesLayout.self)
      try size(b.pointee.count)
      bytes.append(UnsafeRawBufferPointer(b.buffer))
    } else if type == types.tuple {
      let t = v.as(TupleLayout.self)
      if version >= 4 && t.pointee.count < 256 {
        bytes.append(UInt8(ascii: ")") | flag)
        bytes.append(UInt8(truncatingIfNeeded: t.pointee.count))
      } else {
        bytes.append(UInt8(ascii: "(") | flag)
        try size(t.pointee.count)
      }
      for i in 0..<t.pointee.count { try object(t.items[i], depth + 1) }
    } else if type == types.list {
      bytes.append(UInt8(ascii: "[") | flag)
      let own = Adoption.isForeign(v) ? try vm.list(from: v) : v
      let l = own.as(ListLayout.self)
      try size(l.pointee.count)
      for i in 0..<l.pointee.count { try object(l.pointee.items?[i] ?? .none, depth + 1) }
    } else if type == types.dict {
      bytes.append(UInt8(ascii: "{") | flag)
      var position = 0
      while let e = Dicts.next(v, &position) {
        try object(e.key, depth + 1)
        try object(e.value, depth + 1)
      }
      bytes.append(UInt8(ascii: "0"))
    } else if type == types.set || type == types.frozenset {
      bytes.append(UInt8(ascii: type == types.set ? "<" : ">") | flag)
      let list = try vm.list(from: v)
      let l = list.as(ListLayout.self)
      try size(l.pointee.count)
      for i in 0..<l.pointee.count { try object(l.pointee.items?[i] ?? .none, depth + 1) }
    } else if type == types.complex {
      bytes.append(UInt8(ascii: "y") | flag)
      double(v.as(ComplexLayout.self).pointee.real)
      double(v.as(ComplexLayout.self).pointee.imaginary)
    } else if type == types.code {
      try code(v, flag, depth)
    } else {
      // Anything that shows its memory is written as bytes.
      guard type.pointee.slots.buffer != nil else { throw unmarshallable() }
      bytes.append(UInt8(ascii: "s") | flag)
      var view = try vm.buffer(of: v, .simple)
      defer { vm.release(&view) }
      try size(view.byteCount)
      bytes.append(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
    }
  }

  private mutating func str(_ v: Value, _ flag: UInt8) throws(Raised) {
    let s = v.as(StrLayout.self)
    let interned = s.pointee.flags.contains(.interned)
    if version >= 4 && s.isASCII {
      if s.pointee.length < 256 {
        bytes.append(UInt8(ascii: interned ? "Z" : "z") | flag)
        bytes.append(UInt8(truncatingIfNeeded: s.pointee.length))
      } else {
        bytes.append(UInt8(ascii: interned ? "A" : "a") | flag)
        try size(s.pointee.length)
      }
      bytes.append(UnsafeRawBufferPointer(s.latin1))
      return
    }
    bytes.append(UInt8(ascii: interned && version >= 3 ? "t" : "u") | flag)
    let utf8 = v.utf8Bytes
    try size(utf8.count)
    utf8.withUnsafeBytes { bytes.append($0) }
  }

  private mutating func bigInt(_ v: Value, _ flag: UInt8) {
    bytes.append(UInt8(ascii: "l") | flag)
    var scratch: UInt = 0
    withUnsafeMutablePointer(to: &scratch) { p in
      let view = Ints.view(v, p)
      let digits = (view.bitLength + 14) / 15
      int32(view.isNegative ? -digits : digits)
      for i in 0..<digits {
        let bit = i * 15
        var digit = view.limbs[bit >> 6] >> UInt(bit & 63)
        if bit & 63 > 49 && bit >> 6 + 1 < view.count { digit |= view.limbs[bit >> 6 + 1] << UInt(64 - bit & 63) }
        int16(Int(digit & 0x7FFF))
      }
    }
  }

  private mutating func code(_ v: Value, _ flag: UInt8, _ depth: Int) throws(Raised) {
    let c = v.as(CodeLayout.self)
    bytes.append(UInt8(ascii: "c") | flag)
    for i in [c.pointee.argCount, c.pointee.posOnlyArgCount, c.pointee.kwOnlyArgCount, c.pointee.stackSize, c.pointee.flags] {
      int32(Int(i))
    }
    try object(c.pointee.code, depth + 1)
    try object(c.pointee.consts, depth + 1)
    try object(c.pointee.names, depth + 1)
    try object(c.pointee.localsplusNames, depth + 1)
    try object(c.pointee.localsplusKinds, depth + 1)
    try object(c.pointee.filename, depth + 1)
    try object(c.pointee.name, depth + 1)
    try object(c.pointee.qualname, depth + 1)
    int32(Int(c.pointee.firstLine))
    try object(c.pointee.lineTable, depth + 1)
    try object(c.pointee.exceptionTable, depth + 1)
  }
}
