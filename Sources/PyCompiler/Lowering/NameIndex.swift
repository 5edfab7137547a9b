import PySyntax

/// An array of names without duplicates: `co_names` under construction.
struct NameIndex {
  private(set) var entries = Vec<Name>(capacity: 32)
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

  @inline(__always) private func start(_ name: Name) -> Int {
    Int(truncatingIfNeeded: (UInt32(bitPattern: name.index) &* 0x9E37_79B1) >> 8) & mask
  }

  /// Index of a name, added if new.
  mutating func add(_ name: Name) -> Int32 {
    var slot = start(name)
    while slots[slot] >= 0 {
      if entries[slots[slot]] == name { return slots[slot] }
      slot = (slot &+ 1) & mask
    }
    let index = Int32(truncatingIfNeeded: entries.count)
    entries.append(name)
    slots[slot] = index
    if entries.count &* 2 > mask {
      mask = (mask + 1) * 2 - 1
      slots.truncate(to: 0)
      slots.extend(by: mask + 1, repeating: -1)
      for position in 0..<entries.count {
        var free = start(entries[position])
        while slots[free] >= 0 { free = (free &+ 1) & mask }
        slots[free] = Int32(truncatingIfNeeded: position)
      }
    }
    return index
  }
}
