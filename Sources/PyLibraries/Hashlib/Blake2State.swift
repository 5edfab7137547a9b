import CRuntimeSupport
import PyRuntime

/// A word of BLAKE2b or BLAKE2s, which differ in its width (RFC 7693).
protocol Blake2Word: FixedWidthInteger & UnsignedInteger {
  static var start: UnsafePointer<Self> { get }
  static func compress(
    _ h: UnsafeMutablePointer<Self>, _ block: UnsafePointer<UInt8>, _ count: UnsafePointer<Self>, _ last: UnsafePointer<Self>)
  /// Where the node's offset lies among the parameters, and how many bytes it has
  static var offsetBytes: Int { get }
}

extension UInt64: Blake2Word {
  static var start: UnsafePointer<UInt64> { amphis_start_of_blake2b() }
  static func compress(
    _ h: UnsafeMutablePointer<Self>, _ block: UnsafePointer<UInt8>, _ count: UnsafePointer<Self>, _ last: UnsafePointer<Self>
  ) {
    amphis_blake2b_compress(h, block, count, last)
  }
  static var offsetBytes: Int { 8 }
}

extension UInt32: Blake2Word {
  static var start: UnsafePointer<UInt32> { amphis_start_of_blake2s() }
  static func compress(
    _ h: UnsafeMutablePointer<Self>, _ block: UnsafePointer<UInt8>, _ count: UnsafePointer<Self>, _ last: UnsafePointer<Self>
  ) {
    amphis_blake2s_compress(h, block, count, last)
  }
  static var offsetBytes: Int { 6 }
}

/// What a hash is made with: the parameter block of RFC 7693, section 2.5, and the tree's fields of the BLAKE2 paper, section 2.8.
struct Blake2Parameters {
  var digestSize = 0
  var fanout = 1
  var depth = 1
  var leafSize: UInt32 = 0
  var nodeOffset: UInt64 = 0
  var nodeDepth = 0
  var innerSize = 0
  var isLastNode = false
  var key = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  var salt = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  var person = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
}

/// A hash of either kind that is being computed: it lies in its object.
enum Blake2 {
  case wide(Blake2State<UInt64>)
  case narrow(Blake2State<UInt32>)

  mutating func update(_ data: UnsafeBufferPointer<UInt8>) {
    switch self {
    case .wide(var state):
      state.update(data)
      self = .wide(state)
    case .narrow(var state):
      state.update(data)
      self = .narrow(state)
    }
  }
  /// Writes the hash, `digestSize` bytes, of all data so far. The state is used up.
  mutating func finish(_ to: UnsafeMutablePointer<UInt8>) {
    switch self {
    case .wide(var state): state.finish(to)
    case .narrow(var state): state.finish(to)
    }
  }
  var digestSize: Int {
    switch self {
    case .wide(let state): state.digestSize
    case .narrow(let state): state.digestSize
    }
  }
  var isWide: Bool { if case .wide = self { true } else { false } }
}

/// One of the kinds, by its words.
struct Blake2State<Word: Blake2Word> {
  private static var blockSize: Int { 16 * MemoryLayout<Word>.size }

  // No vector: a cell is not aligned as one would have to be.
  private typealias Eight = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
  private typealias Block = (Eight, Eight)
  private static var zero: Block { ((0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0)) }
  private var h: (Word, Word, Word, Word, Word, Word, Word, Word)
  private var count: (Word, Word)
  private var last: (Word, Word)
  /// What is not yet mixed in; the last block is only known at the end, so a full one waits.
  private var waiting: Block
  private var waitingCount: Int
  private(set) var digestSize: Int
  private var isLastNode: Bool

  init(_ p: Blake2Parameters) {
    h = (0, 0, 0, 0, 0, 0, 0, 0)
    count = (0, 0)
    last = (0, 0)
    waiting = Self.zero
    waitingCount = 0
    digestSize = p.digestSize
    isLastNode = p.isLastNode
    var block = Self.zero
    let width = MemoryLayout<Word>.size
    withUnsafeMutableBytes(of: &block) { b in
      b[0] = UInt8(truncatingIfNeeded: p.digestSize)
      b[1] = UInt8(truncatingIfNeeded: p.key.count)
      b[2] = UInt8(truncatingIfNeeded: p.fanout)
      b[3] = UInt8(truncatingIfNeeded: p.depth)
      for i in 0..<4 { b[4 + i] = UInt8(truncatingIfNeeded: p.leafSize >> (8 * UInt32(i))) }
      for i in 0..<Word.offsetBytes { b[8 + i] = UInt8(truncatingIfNeeded: p.nodeOffset >> (8 * UInt64(i))) }
      b[8 + Word.offsetBytes] = UInt8(truncatingIfNeeded: p.nodeDepth)
      b[9 + Word.offsetBytes] = UInt8(truncatingIfNeeded: p.innerSize)
      for (i, c) in p.salt.prefix(2 * width).enumerated() { b[4 * width + i] = c }
      for (i, c) in p.person.prefix(2 * width).enumerated() { b[6 * width + i] = c }
      withUnsafeMutablePointer(to: &h) { h in
        h.withMemoryRebound(to: Word.self, capacity: 8) { h in
          for i in 0..<8 { h[i] = Word.start[i] ^ b.loadUnaligned(fromByteOffset: i * width, as: Word.self) }
        }
      }
    }
    if p.key.count > 0 {
      // The key is a block of its own, before the data.
      withUnsafeMutableBytes(of: &waiting) { b in for (i, c) in p.key.prefix(8 * width).enumerated() { b[i] = c } }
      waitingCount = Self.blockSize
    }
  }

  mutating func update(_ data: UnsafeBufferPointer<UInt8>) {
    guard var from = data.baseAddress else { return }
    var left = data.count
    while left > 0 {
      if waitingCount == Self.blockSize {
        mix(Self.blockSize)
        waitingCount = 0
      }
      // Blocks that are surely not the last are taken from where they lie.
      if waitingCount == 0 {
        while left > Self.blockSize {
          mix(from)
          from += Self.blockSize
          left &-= Self.blockSize
        }
      }
      let part = min(left, Self.blockSize &- waitingCount)
      withUnsafeMutableBytes(of: &waiting) { b in
        b.baseAddress.map { ($0 + waitingCount).copyMemory(from: from, byteCount: part) }
      }
      waitingCount &+= part
      from += part
      left &-= part
    }
  }

  /// Writes the hash, `digestSize` bytes, of all data so far. The state is used up.
  mutating func finish(_ to: UnsafeMutablePointer<UInt8>) {
    last = (~0, isLastNode ? ~0 : 0)
    withUnsafeMutableBytes(of: &waiting) { b in for i in waitingCount..<Self.blockSize { b[i] = 0 } }
    mix(waitingCount)
    withUnsafeBytes(of: &h) { b in for i in 0..<min(digestSize, b.count) { to[i] = b[i] } }
  }

  /// Mixes in what waits, of which `n` bytes are data.
  private mutating func mix(_ n: Int) {
    countBytes(n)
    withUnsafeBytes(of: waiting) { b in b.baseAddress.map { compress($0.assumingMemoryBound(to: UInt8.self)) } }
  }
  private mutating func mix(_ block: UnsafePointer<UInt8>) {
    countBytes(Self.blockSize)
    compress(block)
  }
  private mutating func countBytes(_ n: Int) {
    let (sum, carry) = count.0.addingReportingOverflow(Word(n))
    count = (sum, count.1 &+ (carry ? 1 : 0))
  }
  private mutating func compress(_ block: UnsafePointer<UInt8>) {
    withUnsafeMutablePointer(to: &h) { h in
      withUnsafePointer(to: count) { count in
        withUnsafePointer(to: last) { last in
          Word.compress(
            UnsafeMutableRawPointer(h).assumingMemoryBound(to: Word.self), block,
            UnsafeRawPointer(count).assumingMemoryBound(to: Word.self),
            UnsafeRawPointer(last).assumingMemoryBound(to: Word.self))
        }
      }
    }
  }
}
