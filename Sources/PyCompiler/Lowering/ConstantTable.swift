import PyBytecode
import PySyntax

/// The constants of one code object under construction: an array without duplicates. Two constants are the same when types and values
/// agree all the way down (`1`, `1.0` and `True` differ, so do `0.0` and `-0.0`).
struct ConstantTable {
  enum Item {
    case value(Constant)
    /// Index into the compiler's finished code objects.
    case code(Int32)
  }

  private struct Entry {
    var item: Item
    var hash: UInt32
  }

  private var entries = Vec<Entry>(capacity: 32)
  /// Open addressing, at most half full: index into `entries` or -1.
  private var slots: Vec<Int32>
  private var mask = 63

  init() {
    slots = Vec(capacity: 64)
    slots.extend(by: 64, repeating: -1)
  }

  func free() {
    entries.free()
    slots.free()
  }

  mutating func reset() {
    entries.truncate(to: 0)
    for index in 0..<slots.count { slots[index] = -1 }
  }

  var count: Int { entries.count }

  func item(_ index: Int) -> Item { entries[index].item }

  /// Index of a constant, added if new.
  mutating func add(_ constant: Constant) -> Int32 {
    let hash = constantHash(constant)
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let index = slots[slot]
      if entries[index].hash == hash, case .value(let present) = entries[index].item, sameConstant(present, constant) { return index }
      slot = (slot &+ 1) & mask
    }
    return insert(.value(constant), hash, slot)
  }

  /// Index of a code object. A `finally` block is lowered several times: equal code objects are one constant.
  mutating func add(code: Int32, among finished: [CodeBlueprint]) -> Int32 {
    let new = finished[Int(code)]
    var hash = UInt32(bitPattern: new.firstLine) &* 0x9E37_79B1 ^ UInt32(truncatingIfNeeded: new.code.count)
    for byte in new.lineTable.prefix(16) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let index = slots[slot]
      if entries[index].hash == hash, case .code(let present) = entries[index].item, sameCode(finished[Int(present)], new) {
        return index
      }
      slot = (slot &+ 1) & mask
    }
    return insert(.code(code), hash, slot)
  }

  private mutating func insert(_ item: Item, _ hash: UInt32, _ slot: Int) -> Int32 {
    let index = Int32(truncatingIfNeeded: entries.count)
    entries.append(Entry(item: item, hash: hash))
    slots[slot] = index
    if entries.count &* 2 > mask { rehash() }
    return index
  }

  private mutating func rehash() {
    let size = (mask + 1) * 2
    mask = size - 1
    slots.truncate(to: 0)
    slots.extend(by: size, repeating: -1)
    for index in 0..<entries.count {
      var slot = Int(entries[index].hash) & mask
      while slots[slot] >= 0 { slot = (slot &+ 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: index)
    }
  }

  /// Adds the tuple of `size` constants already here; nil if one of them is a code object.
  mutating func addTuple(_ size: Int, _ arena: Arena, _ index: (Int) -> Int32) -> Int32? {
    guard size > 0 else { return add(.tuple(ArenaList())) }
    let memory = arena.allocate(size: MemoryLayout<Constant>.stride * size).bindMemory(to: Constant.self, capacity: size)
    for position in 0..<size {
      guard case .value(let value) = entries[index(position)].item else { return nil }
      (memory + position).initialize(to: value)
    }
    return add(.tuple(ArenaList(base: memory, count: size)))
  }

  func isTrue(_ index: Int32) -> Bool {
    if case .value(let value) = entries[index].item { return PyCompiler.isTrue(value) }
    return true
  }

  func isNone(_ index: Int32) -> Bool {
    if case .value(.none) = entries[index].item { return true }
    return false
  }
}

/// Agrees with `sameConstant`.
func constantHash(_ constant: Constant) -> UInt32 {
  func mix(_ value: UInt64, _ salt: UInt64) -> UInt32 {
    let product = (value ^ salt) &* 0x9E37_79B9_7F4A_7C15
    return UInt32(truncatingIfNeeded: product >> 32)
  }
  switch constant {
  case .none: return 1
  case .true: return 2
  case .false: return 3
  case .ellipsis: return 4
  case .int(let value): return mix(UInt64(bitPattern: value), 5)
  case .bigInt(let negative, let limbs): return mix(limbs.first ?? 0, negative ? 7 : 6)
  case .float(let value): return mix(value.bitPattern, 8)
  case .complex(let real, let imaginary): return mix(real.bitPattern &+ imaginary.bitPattern &* 31, 9)
  case .str(let text): return mix(bytesHash(text), 10)
  case .bytes(let data): return mix(bytesHash(data), 11)
  case .tuple(let items):
    var hash: UInt32 = 12
    for index in 0..<items.count { hash = hash &* 1_000_003 ^ constantHash(items[index]) }
    return hash
  case .frozenset(let items):
    var hash: UInt32 = 13
    for index in 0..<items.count { hash = hash &+ constantHash(items[index]) }
    return hash
  }
}

private func bytesHash(_ bytes: ArenaBytes) -> UInt64 {
  guard let base = bytes.base else { return 0 }
  var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0xFF51_AFD7_ED55_8CCD
  var index = 0
  let raw = UnsafeRawPointer(base)
  while index &+ 8 <= bytes.count {
    hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
    index &+= 8
  }
  while index < bytes.count {
    hash = (hash ^ UInt64(base[index])) &* 0x100_0000_01B3
    index &+= 1
  }
  return hash
}

/// Same type and value at every level.
func sameConstant(_ a: Constant, _ b: Constant) -> Bool {
  switch (a, b) {
  case (.none, .none), (.true, .true), (.false, .false), (.ellipsis, .ellipsis): return true
  case (.int(let x), .int(let y)): return x == y
  case (.bigInt(let n, let x), .bigInt(let m, let y)): return n == m && x.elementsEqual(y)
  case (.float(let x), .float(let y)): return x.bitPattern == y.bitPattern
  case (.complex(let xr, let xi), .complex(let yr, let yi)): return xr.bitPattern == yr.bitPattern && xi.bitPattern == yi.bitPattern
  case (.str(let x), .str(let y)), (.bytes(let x), .bytes(let y)): return x.equals(y)
  case (.tuple(let x), .tuple(let y)):
    guard x.count == y.count else { return false }
    for index in 0..<x.count where !sameConstant(x[index], y[index]) { return false }
    return true
  case (.frozenset(let x), .frozenset(let y)):
    guard x.count == y.count else { return false }
    for index in 0..<x.count where !sameConstant(x[index], y[index]) {
      // Written in another order: members are distinct, so it is enough that each is found.
      for left in 0..<x.count {
        var found = false
        for right in 0..<y.count where sameConstant(x[left], y[right]) { found = true }
        if !found { return false }
      }
      return true
    }
    return true
  default: return false
  }
}

/// Equality of code objects as Python's `==` sees it, inner ones included.
private func sameCode(_ a: CodeBlueprint, _ b: CodeBlueprint) -> Bool {
  guard a.firstLine == b.firstLine, a.code == b.code, a.lineTable == b.lineTable, a.name == b.name, a.names == b.names,
    a.flags == b.flags, a.argumentCount == b.argumentCount, a.positionalOnlyCount == b.positionalOnlyCount,
    a.keywordOnlyCount == b.keywordOnlyCount, a.localsplusNames == b.localsplusNames, a.exceptionTable == b.exceptionTable,
    a.constants.count == b.constants.count
  else { return false }
  for (x, y) in zip(a.constants, b.constants) {
    if case .code(let left) = x, case .code(let right) = y {
      if !sameCode(left, right) { return false }
    } else if x != y {
      return false
    }
  }
  return true
}
