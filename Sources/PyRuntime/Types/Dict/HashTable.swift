import Glibc

// The table under dict and set: entries in insertion order, and an open-addressing index into them.
//
// One raw cell holds `capacity` entries and behind them 2^log2Size index slots. A slot is an entry's number, `empty` or `dummy`
// (an entry that was deleted); slots are 1, 2 or 4 bytes wide, as log2Size demands. The cell itself is not traced: the owner's
// trace visits its entries, so nothing may hold a table cell alone and expect the keys to live.
//
// Tables of that size do not fit into caches, and each probe is a wait for memory. So a slot of 4 bytes has in the bits above the entry's
// number as many of the key's hash as fit, its *tag*: an entry with another tag is not looked at. And each place of the probe sequence
// stands for four slots of one cache line.
//
// Every entry ever appended since the last rebuild occupies one slot for good, and capacity is two thirds of the slots, so
// probing always ends at an empty slot. Taking the last entry back (`popLast`) therefore lowers `capacity`, too.

/// The common beginning of `DictLayout` and `SetLayout`.
struct TableLayout {
  var header: CellHeader
  var entries: UnsafeMutableRawPointer?
  var indices: UnsafeMutableRawPointer?
  var count: Int
  var used: Int
  var capacity: Int32
  var log2Size: UInt8
  var stringKeysOnly: Bool
}

typealias TableRef = UnsafeMutablePointer<TableLayout>

/// What a probe found: an entry, or the empty slot where the key would go, or that there is no table at all.
struct Probe {
  let raw: Int
  @inline(__always) init(entry: Int) { raw = entry }
  @inline(__always) init(emptySlot: Int) { raw = ~emptySlot }
  private init(raw: Int) { self.raw = raw }
  static var noTable: Probe { Probe(raw: Int.min) }
  @inline(__always) var isFound: Bool { raw >= 0 }
  @inline(__always) var entry: Int { raw }
  @inline(__always) var emptySlot: Int { ~raw }
}

enum HashTable {
  static let empty = -1
  static let dummy = -2
  static let dictStride = MemoryLayout<DictEntry>.stride
  static let setStride = MemoryLayout<SetEntry>.stride

  /// Whether slots have 4 bytes. What such tables do is in functions that are not in line: it waits for memory.
  @inline(__always)
  static func isWide(_ log2Size: UInt8) -> Bool { log2Size > 15 }

  /// The entry's number in slot `i`, or `empty` or `dummy`, of a table that is not wide.
  @inline(__always)
  private static func narrowSlot(_ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ i: Int) -> Int {
    if log2Size <= 7 { return Int(indices.load(fromByteOffset: i, as: Int8.self)) }
    return Int(indices.load(fromByteOffset: i &* 2, as: Int16.self))
  }
  @inline(__always)
  static func slot(_ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ i: Int) -> Int {
    if !isWide(log2Size) { return narrowSlot(indices, log2Size, i) }
    let n = Int(indices.load(fromByteOffset: i &* 4, as: Int32.self))
    return n < 0 ? n : n & (1 &<< Int(log2Size) &- 1)
  }

  /// - Parameters value: an entry's number, or `empty` or `dummy`
  ///   - hash: that of the entry's key
  @inline(__always)
  static func setSlot(_ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ i: Int, _ value: Int, _ hash: Int) {
    if log2Size <= 7 {
      indices.storeBytes(of: Int8(truncatingIfNeeded: value), toByteOffset: i, as: Int8.self)
    } else if log2Size <= 15 {
      indices.storeBytes(of: Int16(truncatingIfNeeded: value), toByteOffset: i &* 2, as: Int16.self)
    } else {
      setWideSlot(indices, log2Size, i, value, hash)
    }
  }

  @inline(__always)
  static func slotWidth(_ log2Size: UInt8) -> Int { log2Size <= 7 ? 1 : log2Size <= 15 ? 2 : 4 }

  /// Both kinds of entry begin with hash and key.
  @inline(__always)
  static func entry(_ entries: UnsafeMutableRawPointer, _ i: Int, _ stride: Int) -> UnsafeMutablePointer<SetEntry> {
    (entries + i &* stride).assumingMemoryBound(to: SetEntry.self)
  }

  /// The hash that tables use: `vm.hash` with the common cases in line.
  @inline(__always)
  static func hash(_ vm: VM, _ key: Value) throws(Raised) -> Int {
    if key.isSmallInt {
      let i = key.smallInt
      return i == -1 ? -2 : i
    }
    return try vm.hash(key)
  }

  // MARK: wide tables

  /// The bits of a hash that a wide slot has above the entry's number, in their places.
  @inline(__always)
  private static func tag(_ hash: Int, _ log2Size: UInt8) -> Int {
    Int(UInt(bitPattern: hash) >> 32) &<< Int(log2Size) & 0x7FFF_FFFF
  }
  @inline(never)
  private static func setWideSlot(_ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ i: Int, _ value: Int, _ hash: Int) {
    let tagged = value < 0 ? value : value | tag(hash, log2Size)
    indices.storeBytes(of: Int32(truncatingIfNeeded: tagged), toByteOffset: i &* 4, as: Int32.self)
  }

  /// The slot that a search has looked at last.
  @inline(__always)
  private static func lastSlot(_ base: Int, _ step: Int) -> Int { base & ~15 | (base &+ step &- 1) & 15 }

  /// A search is at a place of CPython's sequence, `base`, which comes by every slot, and has looked at `step` of the four slots there.
  /// This is its next slot that is empty or has an entry with the hash's tag: the entry's number or `empty`.
  @inline(never)
  private static func wideSlot(
    _ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ hash: Int, _ base: Int, _ perturb: UInt, _ step: Int
  ) -> (n: Int, base: Int, perturb: UInt, step: Int) {
    let mask = 1 &<< Int(log2Size) &- 1
    let tag = tag(hash, log2Size)
    var base = base, perturb = perturb, step = step
    while true {
      if step == 4 {
        perturb >>= 5
        base = (base &* 5 &+ Int(bitPattern: perturb) &+ 1) & mask
        step = 0
      }
      step &+= 1
      let found = Int(indices.load(fromByteOffset: lastSlot(base, step) &* 4, as: Int32.self))
      if found == empty { return (empty, base, perturb, step) }
      if found >= 0 && found & ~mask == tag { return (found & mask, base, perturb, step) }
    }
  }
  @inline(never)
  private static func firstEmptyWideSlot(_ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ hash: Int) -> Int {
    var at = (n: 0, base: hash & (1 &<< Int(log2Size) &- 1), perturb: UInt(bitPattern: hash), step: 0)
    while true {
      at = wideSlot(indices, log2Size, hash, at.base, at.perturb, at.step)
      if at.n == empty { return lastSlot(at.base, at.step) }
    }
  }

  // MARK: look-up

  /// The probe of a key. `same` says of an entry with the same hash and another key, the entry's number with it, whether it is the one: 1 or 0;
  /// -1 gives the search up, and the answer is nil.
  @inline(__always)
  static func search<E: Error>(
    _ t: TableRef, _ key: Value, _ hash: Int, _ stride: Int, _ same: (Value, Int) throws(E) -> Int
  ) throws(E) -> Probe? {
    guard let entries = t.pointee.entries, let indices = t.pointee.indices else { return .noTable }
    let log2Size = t.pointee.log2Size
    let mask = 1 &<< Int(log2Size) &- 1
    var perturb = UInt(bitPattern: hash)
    var i = hash & mask
    var step = 0
    while true {
      let n: Int
      if isWide(log2Size) {
        (n, i, perturb, step) = wideSlot(indices, log2Size, hash, i, perturb, step)
      } else {
        n = narrowSlot(indices, log2Size, i)
      }
      if n >= 0 {
        let e = entry(entries, n, stride)
        let k = e.pointee.key
        if k == key { return Probe(entry: n) }
        if e.pointee.hash == hash {
          let answer = try same(k, n)
          if answer > 0 { return Probe(entry: n) }
          if answer < 0 { return nil }
        }
      } else if n == empty {
        return Probe(emptySlot: isWide(log2Size) ? lastSlot(i, step) : i)
      }
      if isWide(log2Size) { continue }
      perturb >>= 5
      i = (i &* 5 &+ Int(bitPattern: perturb) &+ 1) & mask
    }
  }

  /// Looks up an exact str without running any Python code: keys whose `__eq__` is not that of str count as different.
  @inline(__always)
  static func findStr(_ t: TableRef, _ key: Value, _ hash: Int, _ stride: Int) -> Probe {
    search(t, key, hash, stride) { (k, _) in (k.isExactStr || comparesAsStr(k)) && Str.equal(k, key) ? 1 : 0 } ?? .noTable
  }
  @inline(never)
  private static func comparesAsStr(_ k: Value) -> Bool {
    k.isStr && k.cellType.pointee.slots.compare == rt.types.str.pointee.slots.compare
  }

  /// The exact str in the table with these ASCII characters, whose hash is known; null if there is none. No str has to be made to ask.
  static func key(_ t: TableRef, ascii bytes: UnsafeRawBufferPointer, _ hash: Int, _ stride: Int) -> Value {
    let probe = search(t, .null, hash, stride) { (k, _) in k.isExactStr && Str.isEqual(k, ascii: bytes) ? 1 : 0 }
    guard let probe, probe.isFound, let entries = t.pointee.entries else { return .null }
    return entry(entries, probe.entry, stride).pointee.key
  }

  /// `find` for keys that are numbers of a word, None, exact strs, objects that are equal to themselves alone, or tuples of these; nil for others, and
  /// when only a comparison in Python could tell. Sets `hash`.
  @inline(__always)
  static func probeAtOnce(_ t: TableRef, _ key: Value, _ stride: Int, _ hash: inout Int) -> Probe? {
    if key.isSmallInt {
      let i = key.smallInt
      hash = i == -1 ? -2 : i
    } else if key.isExactStr {
      let known = key.as(StrLayout.self).pointee.hash
      hash = known != -1 ? known : Str.hash(key)
      if t.pointee.stringKeysOnly { return findStr(t, key, hash, stride) }
    } else {
      hash = plainHash(key)
      if hash == -1 { return nil }
    }
    return search(t, key, hash, stride) { (k, _) in
      if Value.bothSmallInts(k, key) { return 0 }
      return k.isExactStr && key.isExactStr ? (Str.equal(k, key) ? 1 : 0) : Tuples.sameKey(k, key)
    }
  }

  /// Whether the type leaves hash and equality to `object`.
  @inline(__always)
  static func isIdentity(_ type: TypeRef) -> Bool {
    let object = rt.types.object
    return type.pointee.slots.hash == object.pointee.slots.hash && type.pointee.slots.compare == object.pointee.slots.compare
      && type.pointee.flags.isDisjoint(with: .foreign)
  }
  /// The hash of a constant, a double, an object that is equal to itself alone, a frozenset that has been hashed before,
  /// or a tuple of plain keys; -1 for others.
  @inline(never)
  static func plainHash(_ key: Value, _ depth: Int = 0) -> Int {
    guard key.isCell else {
      if key.isBool { return key == .true ? 1 : 0 }
      return key.isDouble ? FloatSlots.hash(key) : key.isNone ? ObjectType.identityHash(key) : -1
    }
    let type = key.cellType
    if Tuples.isPlain(type) { return depth == 0 ? Tuples.hashAtOnce(key) : TupleHashes.hash(key, depth) }
    if type == rt.types.frozenset { return key.as(SetLayout.self).pointee.hash }
    return isIdentity(type) ? ObjectType.identityHash(key) : -1
  }

  /// Whether a table has a key with this hash, if the first slot tells: 1 or 0; -1 if it does not. Mostly it is empty or has the key itself.
  @inline(__always)
  static func look(_ t: TableRef, _ key: Value, _ hash: Int, _ stride: Int) -> Int {
    guard let entries = t.pointee.entries, let indices = t.pointee.indices else { return 0 }
    let n = slot(indices, t.pointee.log2Size, hash & (1 &<< Int(t.pointee.log2Size) &- 1))
    if n == empty { return 0 }
    return n >= 0 && entry(entries, n, stride).pointee.key == key ? 1 : -1
  }

  /// Looks up any key. Equality of keys may run Python code; when that changes the table, the search begins again.
  @inline(__always)
  static func find(_ vm: VM, _ t: TableRef, _ key: Value, _ hash: Int, _ stride: Int) throws(Raised) -> Probe {
    guard let entries = t.pointee.entries, let indices = t.pointee.indices else { return .noTable }
    // Mostly the first slot is empty or has the key itself.
    let i = hash & (1 &<< Int(t.pointee.log2Size) &- 1)
    let n = slot(indices, t.pointee.log2Size, i)
    if n == empty { return Probe(emptySlot: i) }
    if n >= 0, entry(entries, n, stride).pointee.key == key { return Probe(entry: n) }
    if t.pointee.stringKeysOnly && key.isExactStr { return findStr(t, key, hash, stride) }
    if key.isSmallInt, let probe = findInt(t, key, hash, stride) { return probe }
    return try findAny(vm, t, key, hash, stride)
  }

  /// Looks up an inline int among ints; nil when another key has its hash.
  @inline(never)
  private static func findInt(_ t: TableRef, _ key: Value, _ hash: Int, _ stride: Int) -> Probe? {
    search(t, key, hash, stride) { (k, _) in k.isSmallInt ? 0 : -1 }
  }

  @inline(never)
  private static func findAny(_ vm: VM, _ t: TableRef, _ key: Value, _ hash: Int, _ stride: Int) throws(Raised) -> Probe {
    while true {
      let entries = t.pointee.entries
      let probe = try search(t, key, hash, stride) { (k, n) throws(Raised) in
        if Value.bothSmallInts(k, key) { return 0 }
        if k.isExactStr && key.isExactStr { return Str.equal(k, key) ? 1 : 0 }
        let known = Tuples.sameKey(k, key)
        if known >= 0 { return known }
        let equal = try vm.equalSlowly(k, key)
        guard t.pointee.entries == entries, n < t.pointee.used, let entries, entry(entries, n, stride).pointee.key == k else { return -1 }
        return equal ? 1 : 0
      }
      if let probe { return probe }
    }
  }

  // MARK: changes

  /// Appends an entry that a probe of the unchanged table did not find; answers its number. The caller fills in a dict's value.
  @inline(__always)
  static func append(
    _ vm: VM, _ t: TableRef, _ key: Value, _ hash: Int, _ probe: Probe, _ stride: Int
  ) throws(Raised) -> Int {
    var slotNumber = probe.emptySlot
    if t.pointee.used >= Int(t.pointee.capacity) {
      try rebuild(vm, t, entries: growth(t), stride)
      slotNumber = -1
    }
    guard let entries = t.pointee.entries, let indices = t.pointee.indices else { throw vm.raiseMemoryError() }
    let log2Size = t.pointee.log2Size
    if slotNumber < 0 { slotNumber = firstEmptySlot(indices, log2Size, hash) }
    let n = t.pointee.used
    setSlot(indices, log2Size, slotNumber, n, hash)
    entry(entries, n, stride).pointee = SetEntry(hash: hash, key: key)
    Heap.noteStore(UnsafeMutableRawPointer(t))
    if t.pointee.count == 0 {
      t.pointee.stringKeysOnly = key.isExactStr
    } else if t.pointee.stringKeysOnly && !key.isExactStr {
      t.pointee.stringKeysOnly = false
    }
    t.pointee.used = n &+ 1
    t.pointee.count &+= 1
    return n
  }

  /// Makes entry `n` of a table that has room for it and no such key. Whoever places entries makes all of them, sets the counts, and fills in a
  /// dict's values.
  @inline(__always)
  static func place(_ t: TableRef, _ n: Int, _ key: Value, _ hash: Int, _ stride: Int) {
    guard let entries = t.pointee.entries, let indices = t.pointee.indices, n < Int(t.pointee.capacity) else { return }
    setSlot(indices, t.pointee.log2Size, firstEmptySlot(indices, t.pointee.log2Size, hash), n, hash)
    entry(entries, n, stride).pointee = SetEntry(hash: hash, key: key)
    Heap.noteStore(UnsafeMutableRawPointer(t))
  }

  /// Three times the live entries: doubles a full table, shrinks one that is mostly deleted.
  private static func growth(_ t: TableRef) -> Int { max(5, t.pointee.count &* 2 &- t.pointee.count / 8) }

  /// The probe of a key that is known to be missing.
  static func freshProbe(_ t: TableRef, _ hash: Int) -> Probe {
    guard let indices = t.pointee.indices else { return .noTable }
    return Probe(emptySlot: firstEmptySlot(indices, t.pointee.log2Size, hash))
  }

  @inline(__always)
  private static func firstEmptySlot(_ indices: UnsafeMutableRawPointer, _ log2Size: UInt8, _ hash: Int) -> Int {
    if isWide(log2Size) { return firstEmptyWideSlot(indices, log2Size, hash) }
    let mask = 1 &<< Int(log2Size) &- 1
    var perturb = UInt(bitPattern: hash)
    var i = hash & mask
    while narrowSlot(indices, log2Size, i) != empty {
      perturb >>= 5
      i = (i &* 5 &+ Int(bitPattern: perturb) &+ 1) & mask
    }
    return i
  }

  @inline(__always) static func usable(_ log2Size: UInt8) -> Int { (2 &<< Int(log2Size)) / 3 }

  /// Moves the live entries, in order, to a new table with room for at least `wanted` entries. The first `spare` entries of the new
  /// table are deleted ones without an index slot, each of which `revive` can use once.
  @inline(never)
  static func rebuild(_ vm: VM, _ t: TableRef, entries wanted: Int, _ stride: Int, spare: Int = 0) throws(Raised) {
    var log2Size: UInt8 = 3
    let needed = max(wanted, t.pointee.count) &+ spare
    while usable(log2Size) < needed {
      log2Size &+= 1
      if log2Size > 31 { throw vm.raiseMemoryError() }
    }
    let capacity = usable(log2Size)
    let entryBytes = capacity &* stride
    let size = 1 &<< Int(log2Size)
    let memory = try newTable(vm, entryBytes: entryBytes, indexBytes: size &* slotWidth(log2Size))
    let indices = memory + entryBytes
    for i in 0..<spare {
      memset(memory + i &* stride, 0, stride)
      entry(memory, i, stride).pointee.key = .tombstone
    }
    var n = spare
    if let old = t.pointee.entries {
      let used = t.pointee.used
      if t.pointee.count == used && spare == 0 {
        memcpy(memory, old, used &* stride)
        n = used
      } else {
        for i in 0..<used where entry(old, i, stride).pointee.key != .tombstone {
          memcpy(memory + n &* stride, old + i &* stride, stride)
          n &+= 1
        }
      }
    }
    for i in spare..<n {
      let hash = entry(memory, i, stride).pointee.hash
      setSlot(indices, log2Size, firstEmptySlot(indices, log2Size, hash), i, hash)
    }
    // While the builtin types are made nobody else looks at a table, and no collection comes to free it.
    if !rt.heapReady, let old = t.pointee.entries { rt.heapPointer.pointee.free(old - BufferCell.headerSize) }
    t.pointee.entries = memory
    t.pointee.indices = indices
    Heap.noteStore(UnsafeMutableRawPointer(t))
    t.pointee.used = n
    t.pointee.count = n &- spare
    t.pointee.capacity = Int32(truncatingIfNeeded: capacity)
    t.pointee.log2Size = log2Size
  }

  /// An untraced cell: entries uninitialised (never read beyond `used`), index slots all empty.
  private static func newTable(_ vm: VM, entryBytes: Int, indexBytes: Int) throws(Raised) -> UnsafeMutableRawPointer {
    let total = entryBytes &+ indexBytes
    guard let cell = rt.heapPointer.pointee.allocate(BufferCell.headerSize &+ total) else { throw vm.raiseMemoryError() }
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(rt.types.rawBuffer)
    cell.storeBytes(of: total, toByteOffset: 8, as: Int.self)
    let indices = cell + BufferCell.headerSize + entryBytes
    if indexBytes == 8 {
      indices.storeBytes(of: UInt64.max, as: UInt64.self)
    } else {
      memset(indices, 0xFF, indexBytes)
    }
    return cell + BufferCell.headerSize
  }

  /// Turns the spare entry `n` (see `rebuild`) into the entry of a key that is not in the table. The caller fills in a dict's value.
  static func revive(_ t: TableRef, entry n: Int, _ key: Value, _ hash: Int, _ stride: Int) {
    guard let entries = t.pointee.entries, let indices = t.pointee.indices else { return }
    setSlot(indices, t.pointee.log2Size, firstEmptySlot(indices, t.pointee.log2Size, hash), n, hash)
    entry(entries, n, stride).pointee = SetEntry(hash: hash, key: key)
    Heap.noteStore(UnsafeMutableRawPointer(t))
    t.pointee.count &+= 1
    if !key.isExactStr { t.pointee.stringKeysOnly = false }
  }

  /// Makes room for `extra` more keys.
  static func reserve(_ vm: VM, _ t: TableRef, _ extra: Int, _ stride: Int) throws(Raised) {
    let (total, overflow) = t.pointee.count.addingReportingOverflow(extra)
    if overflow { throw vm.raiseMemoryError() }
    if t.pointee.used &+ extra > Int(t.pointee.capacity) { try rebuild(vm, t, entries: total, stride) }
  }

  /// The index slot of entry `n`, which is live; -1 if there is none.
  @inline(__always)
  private static func indexSlot(_ t: TableRef, _ indices: UnsafeMutableRawPointer, entry n: Int, _ hash: Int) -> Int {
    let log2Size = t.pointee.log2Size
    let mask = 1 &<< Int(log2Size) &- 1
    var perturb = UInt(bitPattern: hash)
    var i = hash & mask
    var step = 0
    while true {
      let found: Int
      if isWide(log2Size) {
        (found, i, perturb, step) = wideSlot(indices, log2Size, hash, i, perturb, step)
      } else {
        found = narrowSlot(indices, log2Size, i)
      }
      if found == n { break }
      if found == empty { return -1 }
      if isWide(log2Size) { continue }
      perturb >>= 5
      i = (i &* 5 &+ Int(bitPattern: perturb) &+ 1) & mask
    }
    return isWide(log2Size) ? lastSlot(i, step) : i
  }

  /// Deletes entry `n`, which is live.
  @inline(__always)
  static func delete(_ t: TableRef, entry n: Int, _ stride: Int) {
    guard let entries = t.pointee.entries, let indices = t.pointee.indices else { return }
    let e = entry(entries, n, stride)
    let hash = e.pointee.hash
    let slot = indexSlot(t, indices, entry: n, hash)
    if slot < 0 { return }
    setSlot(indices, t.pointee.log2Size, slot, dummy, hash)
    e.pointee.key = .tombstone
    t.pointee.count &-= 1
  }

  /// Makes entry `n`, which is live, the last one, if there is room behind it. Its index slot stays its own: a cache that moves what it is asked for
  /// leaves no deleted slots for searches to pass.
  static func moveToEnd(_ t: TableRef, entry n: Int, _ stride: Int) -> Bool {
    let last = t.pointee.used
    guard let entries = t.pointee.entries, let indices = t.pointee.indices, last < Int(t.pointee.capacity) else { return false }
    let e = entry(entries, n, stride)
    let hash = e.pointee.hash
    let slot = indexSlot(t, indices, entry: n, hash)
    if slot < 0 { return false }
    setSlot(indices, t.pointee.log2Size, slot, last, hash)
    memcpy(entries + last &* stride, entries + n &* stride, stride)
    memset(entries + n &* stride, 0, stride)
    e.pointee.key = .tombstone
    t.pointee.used = last &+ 1
    return true
  }

  /// Gives up deleted entries at the end of the table. Their slots stay taken, hence the lower capacity.
  @inline(__always)
  static func trimEnd(_ t: TableRef, _ stride: Int) {
    guard let entries = t.pointee.entries else { return }
    var used = t.pointee.used
    while used > 0 && entry(entries, used &- 1, stride).pointee.key == .tombstone {
      used &-= 1
      t.pointee.capacity &-= 1
    }
    t.pointee.used = used
  }

  @inline(__always)
  static func forget(_ t: TableRef) {
    t.pointee.entries = nil
    t.pointee.indices = nil
    t.pointee.count = 0
    t.pointee.used = 0
    t.pointee.capacity = 0
    t.pointee.log2Size = 0
    t.pointee.stringKeysOnly = true
  }

  /// Makes the empty table `t` a copy of `source`, which has the same stride.
  static func copy(_ vm: VM, from source: TableRef, to t: TableRef, _ stride: Int) throws(Raised) {
    if source.pointee.count == 0 { return }
    guard let old = source.pointee.entries, let oldIndices = source.pointee.indices else { return }
    defer { Heap.noteStore(UnsafeMutableRawPointer(t)) }
    let size = 1 &<< Int(source.pointee.log2Size)
    if source.pointee.count == source.pointee.used && source.pointee.used &* 3 >= size {
      // No deleted entries and well filled: the same table, word for word.
      let capacity = usable(source.pointee.log2Size)
      let indexBytes = size &* slotWidth(source.pointee.log2Size)
      let memory = try newTable(vm, entryBytes: capacity &* stride, indexBytes: indexBytes)
      memcpy(memory, old, source.pointee.used &* stride)
      memcpy(memory + capacity &* stride, oldIndices, indexBytes)
      t.pointee.entries = memory
      t.pointee.indices = memory + capacity &* stride
      t.pointee.capacity = source.pointee.capacity
      t.pointee.log2Size = source.pointee.log2Size
      t.pointee.used = source.pointee.used
      t.pointee.count = source.pointee.count
      t.pointee.stringKeysOnly = source.pointee.stringKeysOnly
      return
    }
    var wide = TableLayout(
      header: source.pointee.header, entries: source.pointee.entries, indices: source.pointee.indices, count: source.pointee.count,
      used: source.pointee.used, capacity: 0, log2Size: 0, stringKeysOnly: source.pointee.stringKeysOnly)
    try rebuild(vm, &wide, entries: source.pointee.count, stride)
    t.pointee.entries = wide.entries
    t.pointee.indices = wide.indices
    t.pointee.capacity = wide.capacity
    t.pointee.log2Size = wide.log2Size
    t.pointee.used = wide.used
    t.pointee.count = wide.count
    t.pointee.stringKeysOnly = wide.stringKeysOnly
  }
}
