#if canImport(Glibc)
  import Glibc
#endif

/// Index of an identifier in the tree's `NameTable`. Equal identifiers (after NFKC normalisation) have equal indexes, so a
/// symbol table can be an array indexed by name.
public struct Name: Hashable, Sendable {
  public let index: Int32
  @inline(__always) public init(index: Int32) { self.index = index }
}

/// Interned identifiers of one tree: UTF-8 bytes, numbered from 0 in order of first appearance. A handle like `Arena`.
public struct NameTable: @unchecked Sendable {
  /// Open addressing: `slots[hash & mask ...]` holds an index into `entries` or -1; at most half the slots are used.
  struct State {
    var entries: UnsafeMutablePointer<Entry>
    var count: Int
    var capacity: Int
    var slots: UnsafeMutablePointer<Int32>
    var mask: Int
  }

  struct Entry {
    var bytes: ArenaBytes
    var hash: UInt32
  }

  let state: UnsafeMutablePointer<State>
  let arena: Arena

  public init(arena: Arena) {
    self.arena = arena
    state = .allocate(capacity: 1)
    let slots = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    slots.initialize(repeating: -1, count: 256)
    state.initialize(to: State(entries: .allocate(capacity: 128), count: 0, capacity: 128, slots: slots, mask: 255))
  }

  public func free() {
    state.pointee.entries.deallocate()
    state.pointee.slots.deallocate()
    state.deallocate()
  }

  public var count: Int { state.pointee.count }

  /// UTF-8 of a name. The pointer lives as long as the tree.
  @inline(__always)
  public subscript(name: Name) -> ArenaBytes {
    let index = Int(name.index)
    precondition(index >= 0 && index < state.pointee.count)
    return state.pointee.entries[index].bytes
  }

  public func string(_ name: Name) -> String { String(decoding: self[name], as: UTF8.self) }

  public func intern(_ text: StaticString) -> Name { intern(text.utf8Start, count: text.utf8CodeUnitCount) }

  public func intern(_ text: String) -> Name {
    var copy = text
    return copy.withUTF8 { buffer in
      guard let base = buffer.baseAddress else { return intern("") }
      return intern(base, count: buffer.count)
    }
  }

  /// The name with exactly these bytes (already normalised), added if new.
  public func intern(_ text: UnsafePointer<UInt8>, count length: Int) -> Name {
    var hash: UInt32 = 2_166_136_261
    for index in 0..<length { hash = (hash ^ UInt32(text[index])) &* 16_777_619 }
    return intern(text, count: length, hash: hash)
  }

  /// As above for a caller that computed the FNV-1a `hash` of the bytes while scanning them.
  @inline(__always)
  func intern(_ text: UnsafePointer<UInt8>, count length: Int, hash: UInt32) -> Name {
    let mask = state.pointee.mask
    let slots = state.pointee.slots
    let entries = state.pointee.entries
    var slot = Int(hash ^ (hash >> 15)) & mask
    while true {
      let index = slots[slot]
      if index < 0 { return insert(text, length, hash, slot) }
      let entry = entries + Int(index)
      if entry.pointee.hash == hash, entry.pointee.bytes.count == length,
        let base = entry.pointee.bytes.base, memcmp(base, text, length) == 0
      {
        return Name(index: index)
      }
      if length == 0, entry.pointee.bytes.count == 0 { return Name(index: index) }
      slot = (slot &+ 1) & mask
    }
  }

  @inline(never)
  private func insert(_ text: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32, _ slot: Int) -> Name {
    let index = state.pointee.count
    if index == state.pointee.capacity {
      let grown = UnsafeMutablePointer<Entry>.allocate(capacity: index &* 2)
      grown.moveInitialize(from: state.pointee.entries, count: index)
      state.pointee.entries.deallocate()
      state.pointee.entries = grown
      state.pointee.capacity = index &* 2
    }
    (state.pointee.entries + index).initialize(to: Entry(bytes: arena.bytes(copying: text, count: length), hash: hash))
    state.pointee.count = index &+ 1
    state.pointee.slots[slot] = Int32(truncatingIfNeeded: index)
    if (index &+ 1) &* 2 > state.pointee.mask { rehash() }
    return Name(index: Int32(truncatingIfNeeded: index))
  }

  private func rehash() {
    let size = (state.pointee.mask &+ 1) &* 2
    let slots = UnsafeMutablePointer<Int32>.allocate(capacity: size)
    slots.initialize(repeating: -1, count: size)
    for index in 0..<state.pointee.count {
      let hash = state.pointee.entries[index].hash
      var slot = Int(hash ^ (hash >> 15)) & (size &- 1)
      while slots[slot] >= 0 { slot = (slot &+ 1) & (size &- 1) }
      slots[slot] = Int32(truncatingIfNeeded: index)
    }
    state.pointee.slots.deallocate()
    state.pointee.slots = slots
    state.pointee.mask = size &- 1
  }
}
