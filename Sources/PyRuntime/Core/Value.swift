/// A Python object reference, NaN-boxed in 64 bits. Trivial: copying one costs nothing and the collector finds it wherever
/// it lies on a native stack, in a cell or in the runtime's own globals. Never keep one in malloc'd Swift storage.
///
///     0x0000_pppp_pppp_pppp   pointer to a heap cell (16-byte aligned, first word is its type)
///     0x0001_0000_0000_000n   small constants: None, False, True, NotImplemented, Ellipsis and internal sentinels
///     0x0002 … 0xFFFE         a double, bits + 2⁴⁹ (NaNs are made quiet first, so that the sum cannot overflow)
///     0xFFFF_iiii_iiii_iiii   a 48-bit two's-complement int
///
/// `null` (all zero) is the absence of a value: an unbound local, a missing argument, an empty slot.
public struct Value: Equatable {
  public var bits: UInt64

  @inline(__always) public init(bits: UInt64) { self.bits = bits }
}

extension Value {
  static let intTag: UInt64 = 0xFFFF << 48
  static let doubleOffset: UInt64 = 1 << 49
  static let constantTag: UInt64 = 1 << 48

  @inline(__always) public static var null: Value { Value(bits: 0) }
  @inline(__always) public static var none: Value { Value(bits: constantTag) }
  @inline(__always) public static var notImplemented: Value { Value(bits: constantTag | 1) }
  @inline(__always) public static var `false`: Value { Value(bits: constantTag | 2) }
  @inline(__always) public static var `true`: Value { Value(bits: constantTag | 3) }
  @inline(__always) public static var ellipsis: Value { Value(bits: constantTag | 4) }
  /// What `iterNext` answers at the end; never visible to Python.
  @inline(__always) public static var exhausted: Value { Value(bits: constantTag | 8) }
  /// The key of a deleted table entry; never visible to Python.
  @inline(__always) public static var tombstone: Value { Value(bits: constantTag | 9) }

  @inline(__always) public var isNull: Bool { bits == 0 }
  @inline(__always) public var isNone: Bool { self == .none }
  @inline(__always) public var isBool: Bool { bits | 1 == Value.true.bits }
  @inline(__always) public static func bool(_ b: Bool) -> Value { Value(bits: constantTag | 2 | (b ? 1 : 0)) }
  /// A small constant of either kind, visible or internal.
  @inline(__always) public var isConstant: Bool { bits >> 48 == 1 }
  /// A small constant or null; meaningless for cells.
  @inline(__always) var isConstantOrNull: Bool { bits >> 49 == 0 }
}

// MARK: ints

extension Value {
  public static let smallIntMin = -(1 << 47)
  public static let smallIntMax = (1 << 47) - 1

  /// True for an inline int; bools and big ints are not.
  @inline(__always) public var isSmallInt: Bool { bits >= Value.intTag }
  /// Meaningful only when `isSmallInt`.
  @inline(__always) public var smallInt: Int { Int(Int64(bitPattern: bits &<< 16) >> 16) }
  /// Both inline ints: one test for two operands.
  @inline(__always) public static func bothSmallInts(_ a: Value, _ b: Value) -> Bool { a.bits & b.bits >= intTag }
  @inline(__always) public static func fitsSmallInt(_ i: Int) -> Bool { i == (i &<< 16) >> 16 }
  /// `i` must fit 48 bits.
  @inline(__always) public init(smallInt i: Int) { bits = UInt64(bitPattern: Int64(i)) | Value.intTag }
}

// MARK: doubles

extension Value {
  @inline(__always) public var isDouble: Bool { bits &- (2 << 48) < (0xFFFD << 48) }
  /// Meaningful only when `isDouble`.
  @inline(__always) public var double: Double { Double(bitPattern: bits &- Value.doubleOffset) }
  @inline(__always) public init(_ d: Double) {
    // A NaN keeps its sign; its payload is dropped, because high payloads would run into the int tag.
    bits = (d == d ? d.bitPattern : (d.bitPattern & (1 << 63)) | 0x7FF8_0000_0000_0000) &+ Value.doubleOffset
  }
}

// MARK: cells

extension Value {
  @inline(__always) public var isCell: Bool { bits &- 1 < Value.constantTag &- 1 }
  @inline(__always) public init(cell: UnsafeRawPointer) { bits = UInt64(UInt(bitPattern: cell)) }
  @inline(__always) public init(cell: UnsafeMutableRawPointer) { bits = UInt64(UInt(bitPattern: cell)) }
  @inline(__always) public init<Layout>(_ cell: UnsafeMutablePointer<Layout>) { bits = UInt64(UInt(bitPattern: cell)) }

  /// The cell's address. The value must be a cell (`isCell`): the type tests that lead here establish it.
  @inline(__always) public var cell: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped
  }
  /// The cell seen as `Layout`. The caller has checked the type.
  @inline(__always) public func `as`<Layout>(_: Layout.Type) -> UnsafeMutablePointer<Layout> {
    cell.assumingMemoryBound(to: Layout.self)
  }
  /// Type word of a cell.
  @inline(__always) package var cellType: TypeRef { self.as(CellHeader.self).pointee.type }
}

/// First word of every cell. Internal buffers have internal types, so the collector can trace any cell it meets.
public struct CellHeader {
  public var type: TypeRef
  @inline(__always) init(_ type: TypeRef) { self.type = type }
}

/// A type object. Types are cells like any other, so `Value(type)` is the Python object.
public typealias TypeRef = UnsafeMutablePointer<TypeLayout>

/// Thrown by everything that can raise. Empty: the exception object is pending in the thread (`vm.pending`).
public struct Raised: Error {
  @inline(__always) init() {}
}
