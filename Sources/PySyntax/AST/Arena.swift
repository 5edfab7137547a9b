#if canImport(Glibc)
  import Glibc
#endif

/// Bump allocator for the nodes of one tree. Everything in it is trivial (no destructor ever runs) and is freed as a whole
/// by `free()`; pointers stay valid until then. A handle: copies share the same chunks.
public struct Arena: @unchecked Sendable {
  /// Chunks form a linked list through their first word. `cursor ..< limit` is the unused rest of the newest chunk.
  struct State {
    var cursor: UnsafeMutableRawPointer
    var limit: UnsafeMutableRawPointer
    var newestChunk: UnsafeMutableRawPointer?
    var nextChunkSize: Int
    var bytesReserved: Int
  }

  let state: UnsafeMutablePointer<State>

  public init() {
    state = .allocate(capacity: 1)
    // An empty, non-nil region: the first allocation takes the slow path.
    let nowhere = UnsafeMutableRawPointer(state)
    state.initialize(
      to: State(cursor: nowhere, limit: nowhere, newestChunk: nil, nextChunkSize: 16 << 10, bytesReserved: 0))
  }

  /// Frees every chunk. No pointer into the arena may be used afterwards, nor the arena itself.
  public func free() {
    var chunk = state.pointee.newestChunk
    while let current = chunk {
      chunk = current.load(as: UnsafeMutableRawPointer?.self)
      current.deallocate()
    }
    state.deallocate()
  }

  public var bytesReserved: Int { state.pointee.bytesReserved }

  /// `size` bytes aligned to 16, uninitialised.
  @inline(__always)
  public func allocate(size: Int) -> UnsafeMutableRawPointer {
    let rounded = (size &+ 15) & ~15
    let start = state.pointee.cursor
    let end = start + rounded
    if end <= state.pointee.limit {
      state.pointee.cursor = end
      return start
    }
    return allocateSlow(rounded)
  }

  @inline(never)
  private func allocateSlow(_ size: Int) -> UnsafeMutableRawPointer {
    var chunkSize = state.pointee.nextChunkSize
    if size &+ 16 > chunkSize { chunkSize = size &+ 16 }
    if state.pointee.nextChunkSize < 4 << 20 { state.pointee.nextChunkSize *= 2 }
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: chunkSize, alignment: 16)
    chunk.storeBytes(of: state.pointee.newestChunk, as: UnsafeMutableRawPointer?.self)
    state.pointee.newestChunk = chunk
    state.pointee.bytesReserved &+= chunkSize
    let start = chunk + 16
    state.pointee.cursor = start + size
    state.pointee.limit = chunk + chunkSize
    return start
  }

  @inline(__always)
  public func make<T>(_ value: T) -> Ref<T> {
    let memory = allocate(size: MemoryLayout<T>.size).assumingMemoryBound(to: T.self)
    memory.initialize(to: value)
    return Ref(memory)
  }

  /// A copy of `count` elements starting at `source`.
  @inline(__always)
  public func list<T>(copying source: UnsafePointer<T>, count: Int) -> ArenaList<T> {
    guard count > 0 else { return ArenaList() }
    let memory = allocate(size: MemoryLayout<T>.stride &* count).assumingMemoryBound(to: T.self)
    memory.initialize(from: source, count: count)
    return ArenaList(base: memory, count: count)
  }

  public func list<T>(_ elements: [T]) -> ArenaList<T> {
    elements.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return ArenaList() }
      return list(copying: base, count: buffer.count)
    }
  }

  @inline(__always)
  public func bytes(copying source: UnsafePointer<UInt8>?, count: Int) -> ArenaBytes {
    guard let source, count > 0 else { return ArenaBytes() }
    let memory = allocate(size: count).assumingMemoryBound(to: UInt8.self)
    memory.initialize(from: source, count: count)
    return ArenaBytes(base: memory, count: count)
  }

  public func bytes(_ elements: [UInt8]) -> ArenaBytes {
    elements.withUnsafeBufferPointer { bytes(copying: $0.baseAddress, count: $0.count) }
  }
}

/// Reference to a node in an arena. Trivial; valid as long as the arena.
public struct Ref<T>: Equatable, @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<T>

  @inlinable @inline(__always)
  public init(_ pointer: UnsafeMutablePointer<T>) { self.pointer = pointer }

  @inlinable @inline(__always)
  public var pointee: T {
    unsafeAddress { UnsafePointer(pointer) }
    nonmutating unsafeMutableAddress { pointer }
  }
}

/// Immutable-length run of elements in an arena. Trivial; valid as long as the arena. `base` is nil exactly when empty.
public struct ArenaList<T>: RandomAccessCollection, @unchecked Sendable {
  public let base: UnsafeMutablePointer<T>?
  @usableFromInline let storedCount: Int32

  @inlinable @inline(__always)
  public init() {
    base = nil
    storedCount = 0
  }

  @inlinable @inline(__always)
  public init(base: UnsafeMutablePointer<T>, count: Int) {
    self.base = count == 0 ? nil : base
    storedCount = Int32(truncatingIfNeeded: count)
  }

  @inlinable @inline(__always) public var count: Int { Int(storedCount) }
  @inlinable @inline(__always) public var startIndex: Int { 0 }
  @inlinable @inline(__always) public var endIndex: Int { Int(storedCount) }

  @inlinable @inline(__always)
  public subscript(index: Int) -> T {
    get {
      precondition(index >= 0 && index < count)
      return base.unsafelyUnwrapped[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      base.unsafelyUnwrapped[index] = newValue
    }
  }
}

/// Bytes in an arena: contents of string and bytes constants, names, type comments.
public typealias ArenaBytes = ArenaList<UInt8>

extension ArenaList where T == UInt8 {
  public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  public func equals(_ other: ArenaBytes) -> Bool {
    guard count == other.count else { return false }
    guard let left = base, let right = other.base else { return true }
    return memcmp(left, right, count) == 0
  }
}
