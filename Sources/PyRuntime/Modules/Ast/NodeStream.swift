import Glibc

/// A syntax tree on its way between the parser's tree and Python's node objects, known to neither: words in postfix order. A node
/// comes after its fields, a list after its items, so both ends work with a stack and without recursion. A word is an operation in its
/// low byte and a number above; text lies inline behind its word, padded to whole words.
public struct NodeStream {
  public enum Op: UInt8 {
    /// None, or nothing.
    case null = 0
    /// number: `NodeKind`. Kinds with positions have two more words: start line and column, end line and column, 32 bits each.
    case node
    /// number: how many items
    case list
    /// number: the signed value
    case int
    /// number: bytes of UTF-8. Names are numbered in the order of these words.
    case newName
    /// number: of an earlier `newName`
    case name
    /// number: bytes of UTF-8 ("surrogatepass")
    case string
    // Constants
    case constNone, constTrue, constFalse, constEllipsis
    /// The next word is the value.
    case constInt
    /// number: limbs * 2, plus 1 when negative; the magnitude's limbs follow, least significant first.
    case constBigInt
    /// The next word, or two, are the bits.
    case constFloat, constComplex
    case constString, constBytes
    /// number: how many items
    case constTuple, constFrozenSet
    /// An object of a type that is not a constant's. number: bytes of the type's name
    case constOther
  }

  public var base: UnsafeMutablePointer<UInt64>
  public var count: Int
  @usableFromInline var capacity: Int

  /// - Parameter capacity: words
  public init(capacity: Int = 256) {
    self.capacity = max(capacity, 16)
    base = .allocate(capacity: self.capacity)
    count = 0
  }

  public func free() { base.deallocate() }

  @inlinable @inline(__always)
  public mutating func append(_ word: UInt64) {
    if count == capacity { grow(1) }
    base[count] = word
    count &+= 1
  }

  @inlinable @inline(__always)
  public mutating func append(_ op: Op, _ number: Int = 0) {
    append(UInt64(op.rawValue) | UInt64(bitPattern: Int64(number)) &<< 8)
  }

  @inlinable @inline(__always)
  public mutating func append(_ kind: NodeKind) { append(.node, Int(kind.rawValue)) }

  /// A word and the bytes that it announces.
  public mutating func append(_ op: Op, bytes: UnsafeRawPointer?, count length: Int) {
    append(op, length)
    guard let bytes, length > 0 else { return }
    let words = (length &+ 7) >> 3
    if count &+ words > capacity { grow(words) }
    base[count &+ words &- 1] = 0
    memcpy(base + count, bytes, length)
    count &+= words
  }

  @usableFromInline @inline(never)
  mutating func grow(_ needed: Int) {
    let wanted = max(capacity &* 2, count &+ needed)
    let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: wanted)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = wanted
  }

  @inlinable @inline(__always)
  public static func op(_ word: UInt64) -> Op { Op(rawValue: UInt8(truncatingIfNeeded: word)) ?? .null }
  @inlinable @inline(__always)
  public static func number(_ word: UInt64) -> Int { Int(Int64(bitPattern: word) >> 8) }
}
