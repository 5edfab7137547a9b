import Glibc

extension VM {
  /// Uninitialised bytes object of `count` bytes to fill at once.
  package func bytes(count: Int) throws(Raised) -> Value {
    guard count >= 0 else { throw raiseMemoryError() }
    // CPython's limit, and where it begins to say so.
    guard count <= Int.max - 33 else { throw raise(.overflowError, "byte string is too large") }
    guard count < Int.max - 128 else { throw raiseMemoryError() }
    if count >= BytesLayout.roomyCount { return try roomyBytes(count) }
    let size = max(BytesLayout.bytesOffset &+ count &+ 1, MemoryLayout<BytesLayout>.size)
    guard let cell = rt.heapPointer.pointee.allocate(size) else { throw raiseMemoryError() }
    let b = cell.assumingMemoryBound(to: BytesLayout.self)
    b.pointee = BytesLayout(header: CellHeader(rt.types.bytes), hash: -1, count: count, isExternal: false, external: nil)
    (cell + (BytesLayout.bytesOffset &+ count)).storeBytes(of: 0, as: UInt8.self)
    return Value(b)
  }

  /// Large ones have room for the header of CPython's object before their bytes: they cross as they are.
  private func roomyBytes(_ count: Int) throws(Raised) -> Value {
    guard let cell = rt.heapPointer.pointee.allocate(BytesLayout.roomyOffset &+ count &+ 1) else { throw raiseMemoryError() }
    let b = cell.assumingMemoryBound(to: BytesLayout.self)
    let memory = (cell + BytesLayout.roomyOffset).assumingMemoryBound(to: UInt8.self)
    b.pointee = BytesLayout(header: CellHeader(rt.types.bytes), hash: -1, count: count, isExternal: true, external: memory)
    memory[count] = 0
    return Value(b)
  }

  /// `v[start:]`. The larger part of what is large shares its memory, and its null at the end: what sends or parses goes on with the rest, again and again.
  func bytes(endOf v: Value, from start: Int) throws(Raised) -> Value {
    let whole = v.as(BytesLayout.self)
    let count = whole.pointee.count &- start
    guard count >= BytesLayout.roomyCount, v.isExact(rt.types.bytes), let owner = Bytes.owner(whole), count >= owner.pointee.count / 2,
      let cell = rt.heapPointer.pointee.allocate(MemoryLayout<BytesLayout>.size)
    else { return try bytes(UnsafeRawBufferPointer(start: whole.bytes + start, count: count)) }
    let b = cell.assumingMemoryBound(to: BytesLayout.self)
    b.pointee = BytesLayout(header: CellHeader(rt.types.bytes), hash: -1, count: count, isExternal: true, external: whole.bytes + start)
    return Value(b)
  }

  package func bytes(_ b: UnsafeRawBufferPointer) throws(Raised) -> Value {
    guard let base = b.baseAddress, b.count > 0 else { return try emptyBytes() }
    if b.count == 1 { return try bytes(byte: b[0]) }
    let v = try bytes(count: b.count)
    memcpy(v.as(BytesLayout.self).bytes, base, b.count)
    return v
  }

  package func bytes(_ b: [UInt8]) throws(Raised) -> Value {
    let v = try bytes(count: b.count)
    let p = v.as(BytesLayout.self).bytes
    for i in 0..<b.count { p[i] = b[i] }
    return v
  }

  package func emptyBytes() throws(Raised) -> Value {
    if rt.pointee.emptyBytes.isNull { rt.pointee.emptyBytes = try bytes(count: 0) }
    return rt.pointee.emptyBytes
  }

  /// One-byte bytes objects exist once each.
  package func bytes(byte: UInt8) throws(Raised) -> Value {
    if rt.pointee.singleBytes.isNull { rt.pointee.singleBytes = try tuple(count: 256) }
    let table = rt.pointee.singleBytes.as(TupleLayout.self).items
    if table[Int(byte)].isNull {
      let v = try bytes(count: 1)
      v.as(BytesLayout.self).bytes[0] = byte
      table[Int(byte)] = v
    }
    return table[Int(byte)]
  }
}

enum Bytes {
  /// The object in whose cell the bytes lie, if that has room before them; nil for others.
  static func owner(_ b: UnsafeMutablePointer<BytesLayout>) -> UnsafeMutablePointer<BytesLayout>? {
    if b.isRoomy { return b }
    guard b.pointee.isExternal, b.pointee.header.type == rt.types.bytes, let bytes = b.pointee.external,
      let cell = rt.heapPointer.pointee.cell(ofAddress: bytes)
    else { return nil }
    return cell.assumingMemoryBound(to: BytesLayout.self)
  }
}
