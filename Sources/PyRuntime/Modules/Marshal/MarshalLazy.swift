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
    guard data.count >= LazySource.leastBytes, data.count < Int(Int32.max), data[0] & 0x7F == UInt8(ascii: "c") else { return .null }
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
    let count = lazy.offsets.count
    let offsets = try vm.bytes(UnsafeRawBufferPointer(start: lazy.offsets.base, count: lazy.offsets.count &* 4))
    let source = try vm.allocateValues(LazySource.firstReference + count)
    source[LazySource.bytes] = bytes
    source[LazySource.offsets] = offsets
    if let items = list.pointee.items { (source + LazySource.firstReference).update(from: items, count: min(count, list.pointee.count)) }
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
  /// Containers that are being skipped.
  var open = ScratchBuffer<OpenContainer>(capacity: 16)
  /// While an object is read or skipped that was skipped before: the number of the next reference; -1 otherwise.
  var replay = -1
  /// Completing: references and offsets of the source.
  var source: UnsafeMutablePointer<Value>?
  var referenceCount = 0

  /// Set in the offset of a container that is not complete.
  static let openBit: UInt32 = 1 << 31

  @inline(__always) func openOffset(_ number: Int) -> UInt32 { offsets[number] & ~LazyLoad.openBit }
  @inline(__always) func closedOffset(_ place: Int) -> UInt32 { UInt32(truncatingIfNeeded: place) | LazyLoad.openBit }

  func deallocate() {
    offsets.deallocate()
    made.deallocate()
    open.deallocate()
  }
}

/// What to go on with behind a container: the objects left in the one around it, whose reference number is `container` (-1 if none). A code
/// object takes two: `left` -1 stands for the line and the two tables behind its names.
struct OpenContainer {
  var left: Int32
  var container: Int32
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
    guard argCount >= 0, posOnly >= 0, posOnly <= argCount, kwOnly >= 0, stackSize >= 0, argCount < limit, kwOnly < limit,
      stackSize < limit,
      argCount &+ kwOnly &+ (bits & 4 != 0 ? 1 : 0) &+ (bits & 8 != 0 ? 1 : 0) <= nlocals
    else { throw unusual() }
    let shortName = try vm.internName(name), fullName = try vm.internName(qualname)
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
    c.pointee.sourceFilename = file
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
    // Code objects among the constants were compiled from the same file, whatever that is called by now.
    (from, to) = (c.pointee.sourceFilename, c.pointee.filename)
    let code = try object(1), consts = try object(1), names = try object(1), localsplusNames = try object(1), kinds = try object(1)
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
    try Codes.dropColumns(vm, c)
  }

  private func renamed(_ file: Value) -> Value {
    if from.isNull || from == to { return file }
    return file == from || file.isStr && Str.equal(file, from) ? to : file
  }

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
    return n < list.pointee.count ? list.pointee.items?[n] ?? .null : .null
  }

  private func offset(_ n: Int) -> Int {
    guard let lazy else { return 0 }
    guard let source = lazy.pointee.source else {
      let place = lazy.pointee.offsets[n]
      return place & LazyLoad.openBit != 0 ? 0 : Int(place)
    }
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
    if lazy.pointee.source == nil {
      // What was skipped has no place in the list yet.
      while references.as(ListLayout.self).pointee.count < lazy.pointee.offsets.count { try vm.append(references, .null) }
    }
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

  /// Passes the object at the cursor, counting references; false if it is none that a compiler writes. This runs over most of every module
  /// that is imported: one loop, everything in locals, no calls.
  mutating func skip(_ depth: Int) -> Bool {
    guard let lazy else { return false }
    let base = start, end = end
    var p = cursor
    let isCounting = lazy.pointee.replay < 0
    var passed = 0
    // Containers that are open: objects still to pass in them, and their reference number.
    lazy.pointee.open.removeAll()
    var left = 1
    var container = -1
    while true {
      while left == 0 {
        if container >= 0 { lazy.pointee.offsets[container] = lazy.pointee.openOffset(container) }
        guard lazy.pointee.open.count > 0 else {
          cursor = p
          if !isCounting { lazy.pointee.replay &+= passed }
          return true
        }
        let outer = lazy.pointee.open[lazy.pointee.open.count &- 1]
        lazy.pointee.open.removeLast()
        left = Int(outer.left)
        container = Int(outer.container)
        // Between the names and the tables of a code object lies its first line.
        if left < 0 {
          guard end - p >= 4 else { return false }
          p += 4
          left = 2
        }
      }
      left &-= 1
      guard p < end else { return false }
      let place = p - base
      let byte = p.load(as: UInt8.self)
      p += 1
      var number = -1
      if byte & 0x80 != 0 {
        if isCounting {
          number = lazy.pointee.offsets.count
          lazy.pointee.offsets.append(UInt32(truncatingIfNeeded: place))
        } else {
          passed &+= 1
        }
      }
      var length = 0
      switch byte & 0x7F {
      case UInt8(ascii: "N"), UInt8(ascii: "T"), UInt8(ascii: "F"), UInt8(ascii: "."): break
      case UInt8(ascii: "z"), UInt8(ascii: "Z"):
        guard p < end else { return false }
        length = 1 &+ Int(p.load(as: UInt8.self))
      case UInt8(ascii: "r"):
        guard end - p >= 4, isReadable(Int(p.loadUnaligned(as: Int32.self))) else { return false }
        length = 4
      case UInt8(ascii: "i"): length = 4
      case UInt8(ascii: "g"): length = 8
      case UInt8(ascii: "y"): length = 16
      case UInt8(ascii: "s"), UInt8(ascii: "a"), UInt8(ascii: "A"), UInt8(ascii: "u"), UInt8(ascii: "t"):
        guard end - p >= 4 else { return false }
        length = 4 &+ Int(p.loadUnaligned(as: Int32.self))
        if length < 4 { return false }
      case UInt8(ascii: "l"):
        guard let bytes = MarshalLoader.bigIntLength(p, end) else { return false }
        length = bytes
      case UInt8(ascii: ")"), UInt8(ascii: "("), UInt8(ascii: ">"), UInt8(ascii: "c"):
        var count = 8
        if byte & 0x7F == UInt8(ascii: ")") {
          guard p < end else { return false }
          count = Int(p.load(as: UInt8.self))
          p += 1
        } else if byte & 0x7F == UInt8(ascii: "c") {
          // Its fields are looked at when the code object around it is completed.
          guard end - p >= 20 else { return false }
          p += 20
        } else {
          guard end - p >= 4 else { return false }
          count = Int(p.loadUnaligned(as: Int32.self))
          p += 4
        }
        guard count >= 0, count <= end - p, depth &+ lazy.pointee.open.count < 300 else { return false }
        lazy.pointee.open.append(OpenContainer(left: Int32(truncatingIfNeeded: left), container: Int32(truncatingIfNeeded: container)))
        if byte & 0x7F == UInt8(ascii: "c") {
          lazy.pointee.open.append(OpenContainer(left: -1, container: Int32(truncatingIfNeeded: number)))
        }
        container = byte & 0x7F == UInt8(ascii: "c") ? -1 : number
        // Not to be referred to until it is closed.
        if number >= 0 { lazy.pointee.offsets[number] = lazy.pointee.closedOffset(place) }
        left = count
        continue
      default: return false
      }
      guard length <= end - p else { return false }
      p += length
    }
  }

  /// Whether reference `n` is to a complete object.
  @inline(__always) private func isReadable(_ n: Int) -> Bool {
    guard let lazy, n >= 0 else { return false }
    if lazy.pointee.source == nil {
      guard n < lazy.pointee.offsets.count else { return false }
      let place = lazy.pointee.offsets[n]
      if place != 0 && place & LazyLoad.openBit == 0 { return true }
    }
    return n < referenceCount && (!reference(n).isNull || (lazy.pointee.source != nil && offset(n) != 0))
  }

  /// Bytes of a big int behind its type byte; nil if its digits of 15 bits are not as they should be.
  private static func bigIntLength(_ p: UnsafeRawPointer, _ end: UnsafeRawPointer) -> Int? {
    guard end - p >= 4 else { return nil }
    let n = Int(Int(p.loadUnaligned(as: Int32.self)).magnitude)
    guard n > 0, n <= (end - p - 4) / 2 else { return nil }
    for i in 0..<n where p.loadUnaligned(fromByteOffset: 4 &+ i &* 2, as: UInt16.self) > 0x7FFF { return nil }
    if p.loadUnaligned(fromByteOffset: 2 &+ n &* 2, as: UInt16.self) == 0 { return nil }
    return 4 &+ n &* 2
  }
}
