// Code objects inside a code object are read when they are needed. Most functions of a module are never called by the program that
// imports it, so their bytecode, names and constants stay in the marshal data: loading skips them, checks their structure while it does
// and makes code objects that know only what making a function asks for (counts, flags, names, file, line). The first call, or a look at any other
// attribute, reads the rest (`LazyCode.complete`).
//
// Invariants:
// * Reference numbers count flagged objects in the order in which they begin. Skipping counts as reading does, and notes where each begins
//   (`offsets`), so that a later reference to a skipped object can read it then, once: identity is that of the eager load.
// * An offset is entered when its object is complete; a reference to one that is not is refused while skipping, never met later.
// * Whatever is unusual (a field of another type, a container other than a tuple or frozenset) makes the load start again eagerly, which then
//   raises what there is to raise.

/// What all the code objects of one load share until they are complete: a buffer of the marshal bytes, their offsets, and the references.
enum LazySource {
  static let bytes = 0
  static let offsets = 1
  static let firstReference = 2
  /// Shorter data is read at once.
  static let leastBytes = 400
}

extension Marshal {
  /// `load` for data that may stay: a copy of it is kept as long as a code object in it is incomplete. Null when it must be read eagerly.
  static func loadLazily(_ vm: VM, _ data: UnsafeRawBufferPointer, filename: Value) throws(Raised) -> Value {
    guard data.count >= LazySource.leastBytes, data.count < Int(UInt32.max), data[0] & 0x7F == UInt8(ascii: "c") else { return .null }
    let copy = try vm.bytes(data)
    var loader = try MarshalLoader(vm, UnsafeRawBufferPointer(copy.as(BytesLayout.self).buffer))
    defer { loader.finish() }
    loader.filename = filename
    var lazy = LazyLoad()
    defer { lazy.deallocate() }
    let outcome: Value
    do throws(Raised) {
      outcome = try withUnsafeMutablePointer(to: &lazy) { p throws(Raised) in
        loader.lazy = p
        return try loader.object()
      }
    } catch {
      // Read again, eagerly: that raises what there is to raise.
      vm.clearPending()
      return .null
    }
    if lazy.made.count > 0 { try finish(vm, &lazy, copy, loader.references) }
    return outcome
  }

  /// Gives the incomplete code objects what they need to complete themselves.
  private static func finish(_ vm: VM, _ lazy: inout LazyLoad, _ bytes: Value, _ references: Value) throws(Raised) {
    let list = references.as(ListLayout.self)
    let count = list.pointee.count
    let offsets = try vm.bytes(UnsafeRawBufferPointer(start: lazy.offsets.base, count: lazy.offsets.count &* 4))
    let source = try vm.allocateValues(LazySource.firstReference + count)
    source[LazySource.bytes] = bytes
    source[LazySource.offsets] = offsets
    if let items = list.pointee.items { (source + LazySource.firstReference).update(from: items, count: count) }
    for i in 0..<lazy.made.count { lazy.made[i].pointee.source = source }
  }
}

/// State of a load that leaves code objects incomplete.
struct LazyLoad {
  /// For each reference number: where its object begins, 0 while it is incomplete. (At 0 lies the outermost code object, which nothing in it
  /// can refer to.)
  var offsets = ScratchBuffer<UInt32>(capacity: 256)
  /// The incomplete code objects made; all are reachable from what is being read.
  var made = ScratchBuffer<UnsafeMutablePointer<CodeLayout>>(capacity: 64)
  /// While an object is read or skipped that was skipped before: the number of the next reference; -1 otherwise.
  var replay = -1
  /// Completing: references and offsets of the source.
  var source: UnsafeMutablePointer<Value>?
  var referenceCount = 0

  func deallocate() {
    offsets.deallocate()
    made.deallocate()
  }
}

enum LazyCode {
  /// Reads what is missing of a code object.
  @inline(never)
  static func complete(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) {
    guard let source = code.pointee.source else { return }
    let bytes = source[LazySource.bytes]
    guard bytes.isBytes, source[LazySource.offsets].isBytes else { throw vm.raise(.systemError, "bad marshal data (code object)") }
    var loader = try MarshalLoader(vm, completing: bytes.as(BytesLayout.self).buffer)
    var lazy = LazyLoad()
    defer { lazy.deallocate() }
    lazy.source = source
    lazy.referenceCount = source[LazySource.offsets].as(BytesLayout.self).pointee.count / 4
    lazy.replay = Int(code.pointee.firstReference)
    // Also after an error: what was made is among the references now.
    defer { for i in 0..<lazy.made.count { lazy.made[i].pointee.source = source } }
    try withUnsafeMutablePointer(to: &lazy) { p throws(Raised) in
      loader.lazy = p
      try loader.complete(code)
    }
    code.pointee.source = nil
  }
}

extension UnsafeMutablePointer where Pointee == CodeLayout {
  /// Makes sure that every field is there.
  @inline(__always) func completed(_ vm: VM) throws(Raised) -> UnsafeMutablePointer<CodeLayout> {
    if pointee.source != nil { try LazyCode.complete(vm, self) }
    return self
  }
}

extension MarshalLoader {
  /// An object that may be left incomplete is met: a code object inside another.
  mutating func lazyCode(_ flagged: Bool, _ depth: Int, start: Int) throws(Raised) -> Value {
    let index = try reserve(flagged)
    guard let lazy else { throw vm.raise(.systemError, "bad argument to internal function") }
    let argCount = try int32(), posOnly = try int32(), kwOnly = try int32(), stackSize = try int32(), flags = try int32()
    let first = lazy.pointee.replay >= 0 ? lazy.pointee.replay : lazy.pointee.offsets.count
    let codeLength = byteCount(), kindsBefore = cursor
    guard let codeLength, codeLength % 2 == 0, skip(depth), isTuple(), skip(depth), isTuple(ofStrs: true), skip(depth),
      let names = tupleCount(), isTuple(ofStrs: true), skip(depth), let kinds = rawBytes(), kinds.count == names, skip(depth),
      cursor > kindsBefore
    else { throw unusual() }
    var nlocals = 0, ncells = 0, nfrees = 0
    for kind in kinds {
      if kind & 0x20 != 0 { nlocals &+= 1 }
      if kind & 0x40 != 0 { ncells &+= 1 }
      if kind & 0x80 != 0 { nfrees &+= 1 }
    }
    let file = try object(depth + 1), name = try object(depth + 1), qualname = try object(depth + 1)
    let line = try int32()
    guard file.isStr, name.isStr, qualname.isStr, byteCount() != nil, skip(depth), byteCount() != nil, skip(depth) else { throw unusual() }
    let bits = UInt32(truncatingIfNeeded: flags)
    let limit = Int(Int32.max)
    guard argCount >= 0, posOnly >= 0, posOnly <= argCount, kwOnly >= 0, stackSize >= 0, argCount < limit, kwOnly < limit, stackSize < limit,
      argCount &+ kwOnly &+ (bits & 4 != 0 ? 1 : 0) &+ (bits & 8 != 0 ? 1 : 0) <= nlocals
    else { throw unusual() }
    let shortName = try vm.intern(name), fullName = try vm.intern(qualname)
    let c = try vm.make(CodeLayout.self, rt.types.code)
    c.pointee.argCount = Int32(truncatingIfNeeded: argCount)
    c.pointee.posOnlyArgCount = Int32(truncatingIfNeeded: posOnly)
    c.pointee.kwOnlyArgCount = Int32(truncatingIfNeeded: kwOnly)
    c.pointee.stackSize = Int32(truncatingIfNeeded: stackSize)
    c.pointee.flags = Int32(bitPattern: bits)
    c.pointee.firstLine = Int32(truncatingIfNeeded: line)
    c.pointee.nlocalsplus = Int32(truncatingIfNeeded: names)
    c.pointee.nlocals = Int32(truncatingIfNeeded: nlocals)
    c.pointee.ncells = Int32(truncatingIfNeeded: ncells)
    c.pointee.nfrees = Int32(truncatingIfNeeded: nfrees)
    c.pointee.filename = filename.isNull ? renamed(file) : filename
    c.pointee.name = shortName
    c.pointee.qualname = fullName
    c.pointee.simpleArgs = -1
    c.pointee.extra = .null
    c.pointee.firstReference = UInt32(truncatingIfNeeded: first)
    c.pointee.sourceOffset = UInt32(truncatingIfNeeded: start)
    lazy.pointee.made.append(c)
    store(index, Value(c))
    return Value(c)
  }

  /// Completes a code object that lies at its offset of the data; references inside count from its first.
  mutating func complete(_ c: UnsafeMutablePointer<CodeLayout>) throws(Raised) {
    move(to: Int(c.pointee.sourceOffset) + 1 + 20)
    let code = try object(1)
    // Code objects among the constants were compiled from the same file, whatever that is called by now.
    let beforeConstants = (cursor, lazy?.pointee.replay ?? -1)
    for _ in 0..<4 where !skip(1) { throw unusual() }
    let file = try object(1)
    (from, to) = (file, c.pointee.filename)
    cursor = beforeConstants.0
    lazy?.pointee.replay = beforeConstants.1
    let consts = try object(1), names = try object(1), localsplusNames = try object(1), kinds = try object(1)
    for _ in 0..<3 where !skip(1) { throw unusual() }
    _ = try int32()
    let lineTable = try object(1), exceptionTable = try object(1)
    guard code.isBytes, kinds.isBytes, lineTable.isBytes, exceptionTable.isBytes, consts.isTuple, names.isTuple, localsplusNames.isTuple,
      kinds.as(BytesLayout.self).pointee.count == Int(c.pointee.nlocalsplus),
      localsplusNames.as(TupleLayout.self).pointee.count == Int(c.pointee.nlocalsplus)
    else { throw vm.raise(.systemError, "bad marshal data (code object)") }
    try Codes.intern(vm, names: names, localsplusNames: localsplusNames, consts: consts)
    c.pointee.code = code
    c.pointee.consts = consts
    c.pointee.constItems = consts.as(TupleLayout.self).items
    c.pointee.names = names
    c.pointee.localsplusNames = localsplusNames
    c.pointee.localsplusKinds = kinds
    c.pointee.lineTable = lineTable
    c.pointee.exceptionTable = exceptionTable
  }

  private func renamed(_ file: Value) -> Value { !from.isNull && file.isStr && Str.equal(file, from) ? to : file }

  private func unusual() -> Raised { vm.raise(.valueError, "bad marshal data (code object)") }

  // MARK: references

  /// Number of references that there are so far.
  private var referenceCount: Int {
    guard let lazy else { return 0 }
    return lazy.pointee.source == nil ? lazy.pointee.offsets.count : lazy.pointee.referenceCount
  }

  func reference(_ n: Int) -> Value {
    guard n >= 0, n < referenceCount else { return .null }
    if let source = lazy?.pointee.source { return source[LazySource.firstReference + n] }
    let list = references.as(ListLayout.self)
    return list.pointee.items?[n] ?? .null
  }

  private func offset(_ n: Int) -> Int {
    guard let lazy else { return 0 }
    guard let source = lazy.pointee.source else { return Int(lazy.pointee.offsets[n]) }
    return Int(
      source[LazySource.offsets].as(BytesLayout.self).buffer.baseAddress.map {
        UnsafeRawPointer($0).loadUnaligned(fromByteOffset: n &* 4, as: UInt32.self)
      } ?? 0)
  }

  /// The object that a reference means, read now if it was skipped.
  mutating func referred(_ n: Int, _ depth: Int) throws(Raised) -> Value {
    guard let lazy, n >= 0, n < referenceCount else { return .null }
    let known = reference(n)
    if !known.isNull { return known }
    let place = offset(n)
    if place == 0 { return .null }
    let back = (cursor, lazy.pointee.replay)
    move(to: place)
    lazy.pointee.replay = n
    let v = try object(depth + 1)
    (cursor, lazy.pointee.replay) = back
    return v
  }

  // MARK: skipping

  /// Where the present object, or what it refers to, has its type byte; nil if it refers to something that was read: then `v` is that.
  private func described() -> (at: UnsafeRawPointer?, v: Value)? {
    guard cursor < end else { return nil }
    if cursor.load(as: UInt8.self) & 0x7F != UInt8(ascii: "r") { return (cursor, .null) }
    guard end - cursor >= 5 else { return nil }
    let n = Int(cursor.loadUnaligned(fromByteOffset: 1, as: Int32.self))
    guard n >= 0, n < referenceCount else { return nil }
    let known = reference(n)
    if !known.isNull { return (nil, known) }
    let place = offset(n)
    return place == 0 ? nil : (start + place, .null)
  }

  /// The bytes of the object at the cursor, if it is a bytes object.
  private func rawBytes() -> UnsafeBufferPointer<UInt8>? {
    guard let d = described() else { return nil }
    guard let at = d.at else { return d.v.isBytes ? UnsafeBufferPointer(d.v.as(BytesLayout.self).buffer) : nil }
    guard at.load(as: UInt8.self) & 0x7F == UInt8(ascii: "s"), end - at >= 5 else { return nil }
    let n = Int(at.loadUnaligned(fromByteOffset: 1, as: Int32.self))
    guard n >= 0, n <= end - at - 5 else { return nil }
    return UnsafeBufferPointer(start: (at + 5).assumingMemoryBound(to: UInt8.self), count: n)
  }
  private func byteCount() -> Int? { rawBytes()?.count }

  private func tupleStart() -> (count: Int, items: UnsafeRawPointer)? {
    guard let d = described(), let at = d.at else { return nil }
    switch at.load(as: UInt8.self) & 0x7F {
    case UInt8(ascii: ")"): return end - at >= 2 ? (Int(at.load(fromByteOffset: 1, as: UInt8.self)), at + 2) : nil
    case UInt8(ascii: "("):
      return end - at >= 5 ? (Int(at.loadUnaligned(fromByteOffset: 1, as: Int32.self)), at + 5) : nil
    default: return nil
    }
  }
  private func tupleCount() -> Int? {
    if let t = tupleStart() { return t.count }
    guard let v = described()?.v, v.isTuple else { return nil }
    return v.as(TupleLayout.self).pointee.count
  }

  /// Whether the object at the cursor is a tuple, of strs only if that is asked.
  private func isTuple(ofStrs: Bool = false) -> Bool {
    guard let t = tupleStart() else {
      guard let v = described()?.v, v.isTuple else { return false }
      let tuple = v.as(TupleLayout.self)
      if ofStrs { for i in 0..<tuple.pointee.count where !tuple.items[i].isStr { return false } }
      return true
    }
    if !ofStrs { return true }
    var probe = self
    probe.cursor = t.items
    for _ in 0..<t.count {
      guard probe.isStr(), probe.skipPlain() else { return false }
    }
    return true
  }

  private func isStr() -> Bool {
    guard let d = described() else { return false }
    guard let at = d.at else { return d.v.isStr }
    switch at.load(as: UInt8.self) & 0x7F {
    case UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "a"), UInt8(ascii: "A"), UInt8(ascii: "u"), UInt8(ascii: "t"): return true
    default: return false
    }
  }

  /// Passes a str or a reference without counting it.
  private mutating func skipPlain() -> Bool {
    guard cursor < end else { return false }
    let code = cursor.load(as: UInt8.self) & 0x7F
    cursor += 1
    switch code {
    case UInt8(ascii: "r"): return pass(4)
    case UInt8(ascii: "z"), UInt8(ascii: "Z"):
      guard cursor < end else { return false }
      return pass(1 + Int(cursor.load(as: UInt8.self)))
    default: return passSized(1)
    }
  }

  private mutating func pass(_ n: Int) -> Bool {
    guard n >= 0, n <= end - cursor else { return false }
    cursor += n
    return true
  }

  private mutating func passSized(_ unit: Int) -> Bool {
    guard end - cursor >= 4 else { return false }
    let n = Int(cursor.loadUnaligned(as: Int32.self))
    cursor += 4
    return n >= 0 && pass(n &* unit)
  }

  /// Passes the object at the cursor, counting references; false if it is none that a compiler writes.
  mutating func skip(_ depth: Int) -> Bool {
    guard cursor < end, depth < 300, let lazy else { return false }
    let place = cursor - start
    let code = cursor.load(as: UInt8.self)
    cursor += 1
    var index = -1
    if code & 0x80 != 0 {
      if lazy.pointee.replay >= 0 {
        lazy.pointee.replay &+= 1
      } else {
        index = lazy.pointee.offsets.count
        lazy.pointee.offsets.append(0)
        guard appendUnread() else { return false }
      }
    }
    guard skipBody(code & 0x7F, depth) else { return false }
    if index >= 0 { lazy.pointee.offsets[index] = UInt32(truncatingIfNeeded: place) }
    return true
  }

  private mutating func appendUnread() -> Bool {
    do throws(Raised) {
      try vm.append(references, .null)
      return true
    } catch {
      vm.clearPending()
      return false
    }
  }

  private mutating func skipBody(_ code: UInt8, _ depth: Int) -> Bool {
    switch code {
    case UInt8(ascii: "N"), UInt8(ascii: "T"), UInt8(ascii: "F"), UInt8(ascii: "."): return true
    case UInt8(ascii: "i"): return pass(4)
    case UInt8(ascii: "g"): return pass(8)
    case UInt8(ascii: "y"): return pass(16)
    case UInt8(ascii: "s"), UInt8(ascii: "a"), UInt8(ascii: "A"), UInt8(ascii: "u"), UInt8(ascii: "t"): return passSized(1)
    case UInt8(ascii: "z"), UInt8(ascii: "Z"):
      guard cursor < end else { return false }
      return pass(1 + Int(cursor.load(as: UInt8.self)))
    case UInt8(ascii: "l"): return skipBigInt()
    case UInt8(ascii: "r"):
      guard end - cursor >= 4 else { return false }
      let n = Int(cursor.loadUnaligned(as: Int32.self))
      cursor += 4
      return n >= 0 && n < referenceCount && (!reference(n).isNull || offset(n) != 0)
    case UInt8(ascii: ")"), UInt8(ascii: "("), UInt8(ascii: ">"):
      var count = 0
      if code == UInt8(ascii: ")") {
        guard cursor < end else { return false }
        count = Int(cursor.load(as: UInt8.self))
        cursor += 1
      } else {
        guard end - cursor >= 4 else { return false }
        count = Int(cursor.loadUnaligned(as: Int32.self))
        cursor += 4
      }
      guard count >= 0, count <= end - cursor else { return false }
      for _ in 0..<count where !skip(depth + 1) { return false }
      return true
    case UInt8(ascii: "c"):
      // Its fields are looked at when the code object around it is completed.
      guard pass(20) else { return false }
      for _ in 0..<8 where !skip(depth + 1) { return false }
      guard pass(4) else { return false }
      return skip(depth + 1) && skip(depth + 1)
    default: return false
    }
  }

  /// Digits of 15 bits, the last not zero.
  private mutating func skipBigInt() -> Bool {
    guard end - cursor >= 4 else { return false }
    let n = Int(cursor.loadUnaligned(as: Int32.self)).magnitude
    cursor += 4
    guard n > 0, n < 1 << 30, n &* 2 <= UInt(end - cursor) else { return false }
    var digit: UInt16 = 0
    for i in 0..<Int(n) {
      digit = cursor.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self)
      if digit > 0x7FFF { return false }
    }
    cursor += Int(n) &* 2
    return digit != 0
  }
}
