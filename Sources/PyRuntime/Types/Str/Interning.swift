import Glibc

// The table of interned strs: open addressing with linear probing, at most half full. An interned str is exact and unique among equal
// interned strs, so identity is equality. Those that `intern` has given to somebody live as long as the process, and may be kept outside
// the heap; the names in code objects and those made at run time (`internName`) go with what refers to them.

/// Interned strs of literals, by address. These live as long as the process, so nothing has to keep them.
private enum LiteralCache {
  struct Entry {
    var address: UInt
    var count: Int
    var value: Value
  }
  static let mask: UInt = 1023
  nonisolated(unsafe) static let entries: UnsafeMutablePointer<Entry> = {
    let p = UnsafeMutablePointer<Entry>.allocate(capacity: Int(mask) + 1)
    p.initialize(repeating: Entry(address: 0, count: 0, value: .null), count: Int(mask) + 1)
    return p
  }()
}

extension VM {
  /// A literal of the program is found by its address.
  package func intern(_ s: StaticString) throws(Raised) -> Value {
    guard s.hasPointerRepresentation else { return try intern(utf8: s.rawBuffer) }
    let address = UInt(bitPattern: s.utf8Start)
    let slot = LiteralCache.entries + Int((address ^ address >> 9) & LiteralCache.mask)
    if slot.pointee.address == address && slot.pointee.count == s.utf8CodeUnitCount { return slot.pointee.value }
    let value = try intern(utf8: s.rawBuffer)
    slot.pointee = LiteralCache.Entry(address: address, count: s.utf8CodeUnitCount, value: value)
    return value
  }

  package func intern(utf8 bytes: UnsafeRawBufferPointer) throws(Raised) -> Value { keep(try internName(utf8: bytes)) }

  /// The interned equal of an exact str, for good; a subclass instance is interned as an exact copy.
  package func intern(_ s: Value) throws(Raised) -> Value { keep(try internName(s)) }

  private func keep(_ interned: Value) -> Value {
    // Those of the image are not mortal, and their pages better left alone.
    if interned.as(StrLayout.self).pointee.flags.contains(.mortal) { interned.as(StrLayout.self).pointee.flags.remove(.mortal) }
    return interned
  }

  /// Like `intern`, for a caller whose result the collector sees.
  package func internName(utf8 bytes: UnsafeRawBufferPointer) throws(Raised) -> Value {
    guard let start = bytes.baseAddress else { return try internName(try str(utf8: bytes)) }
    let known = rt.pointee.image.find(start, length: bytes.count, unit: 1)
    // An ASCII str with the same bytes says that these are ASCII, too.
    if !known.isNull, known.as(StrLayout.self).isASCII { return HeapImage.hashed(known) }
    guard UTF8Scan.isASCII(bytes) else { return try internName(try str(utf8: bytes)) }
    // The hash of an ASCII str is that of its bytes: no str is made for a name that is there.
    let h = Str.hash(bytes: bytes)
    if let table = rt.pointee.internTable {
      let mask = rt.pointee.internCapacity &- 1
      var i = h & mask
      while !table[i].isNull {
        let s = table[i].as(StrLayout.self)
        if s.pointee.hash == h && s.pointee.length == bytes.count && s.isASCII && memcmp(s.units, start, bytes.count) == 0 {
          return table[i]
        }
        i = (i &+ 1) & mask
      }
    }
    let made = try str(ascii: bytes)
    made.as(StrLayout.self).pointee.hash = h
    return try internName(made)
  }

  package func internName(_ s: Value) throws(Raised) -> Value {
    let text = s.as(StrLayout.self)
    if text.pointee.flags.contains(.interned) { return s }
    let known = rt.pointee.image.find(text.units, length: text.pointee.length, unit: text.pointee.unit)
    if !known.isNull { return HeapImage.hashed(known) }
    let h = Str.hash(s)
    if (rt.pointee.internCount &+ 1) &* 2 > rt.pointee.internCapacity { try growInternTable() }
    guard let table = rt.pointee.internTable else { return s }
    let mask = rt.pointee.internCapacity &- 1
    var i = h & mask
    while !table[i].isNull {
      if table[i].as(StrLayout.self).pointee.hash == h && Str.equal(table[i], s) { return table[i] }
      i = (i &+ 1) & mask
    }
    var entry = s
    if !s.isExactStr || s.as(StrLayout.self).pointee.flags.contains(.external) {
      entry = try inlineCopy(s)
      entry.as(StrLayout.self).pointee.hash = h
    }
    entry.as(StrLayout.self).pointee.flags.formUnion([.interned, .mortal])
    table[i] = entry
    rt.pointee.internCount &+= 1
    // The first full collection looks through the table.
    if rt.heapPointer.pointee.fullCollections > 0 { rt.heapPointer.pointee.newNames.append(entry.cell) }
    return entry
  }

  /// An exact str with inline units.
  package func inlineCopy(_ s: Value) throws(Raised) -> Value {
    let view = StrView(s)
    let copy = try newStr(length: view.length, unit: view.unit, ascii: s.as(StrLayout.self).isASCII)
    view.copy(to: copy.units, unit: view.unit)
    return Value(copy)
  }

  private func growInternTable() throws(Raised) {
    let old = rt.pointee.internTable
    let oldCapacity = rt.pointee.internCapacity
    let capacity = max(4096, oldCapacity &* 2)
    guard let memory = Heap.zeroPages(capacity * MemoryLayout<Value>.stride) else { throw raiseMemoryError() }
    let table = memory.assumingMemoryBound(to: Value.self)
    if let old {
      for i in 0..<oldCapacity where !old[i].isNull {
        var j = old[i].as(StrLayout.self).pointee.hash & (capacity &- 1)
        while !table[j].isNull { j = (j &+ 1) & (capacity &- 1) }
        table[j] = old[i]
      }
      munmap(old, oldCapacity * MemoryLayout<Value>.stride)
    }
    rt.pointee.internTable = table
    rt.pointee.internCapacity = capacity
  }
}

// MARK: The collector's side

enum InternTable {
  static func forEach(_ body: (Value) -> Void) {
    guard let table = rt.pointee.internTable else { return }
    for i in 0..<rt.pointee.internCapacity where !table[i].isNull { body(table[i]) }
  }

  /// Marks those that live as long as the process; where kept cells stay marked, all that have been added since (`Heap.newNames`), so that nobody
  /// has to look for dead ones.
  static func mark(_ tracer: Tracer) {
    guard let table = rt.pointee.internTable else { return }
    let heap = tracer.heap
    if heap.pointee.hasKeptNames {
      for i in 0..<heap.pointee.newNames.count { if let name = heap.pointee.newNames.items?[i] { tracer.mark(name) } }
      return
    }
    for i in 0..<rt.pointee.internCapacity where !table[i].isNull && !heap.pointee.isMarked(table[i].cell) {
      if !table[i].as(StrLayout.self).pointee.flags.contains(.mortal) { tracer.visit(table[i]) }
    }
  }

  /// Forgets the strs that were found dead, in the table and in the attribute cache. Once all that lives is marked.
  static func purge(_ heap: UnsafeMutablePointer<Heap>) {
    guard let table = rt.pointee.internTable, !heap.pointee.hasKeptNames else { return }
    let capacity = rt.pointee.internCapacity
    var dead = 0
    // Where nothing is kept, the next collection is a full one, too.
    let lists = heap.pointee.fullCollections > 0 && heap.pointee.collectionsOfRound == 0
    heap.pointee.newNames.count = 0
    for i in 0..<capacity where !table[i].isNull {
      let mark = heap.pointee.marksOfName(table[i].cell)
      if mark & MarkBits.marked == 0 {
        table[i] = .null
        dead &+= 1
      } else if lists, mark & MarkBits.kept == 0 {
        heap.pointee.newNames.append(table[i].cell)
      }
    }
    if dead == 0 { return }
    rt.pointee.internCount &-= dead
    Types.forgetDeadNames(heap)
    // A probe stops at an empty slot: each entry moves as far to the front as it can, beginning behind an empty slot.
    let mask = capacity &- 1
    var start = 0
    while !table[start].isNull { start &+= 1 }
    for step in 1..<capacity {
      let i = (start &+ step) & mask
      let entry = table[i]
      if entry.isNull { continue }
      table[i] = .null
      var j = entry.as(StrLayout.self).pointee.hash & mask
      while !table[j].isNull { j = (j &+ 1) & mask }
      table[j] = entry
    }
  }
}
