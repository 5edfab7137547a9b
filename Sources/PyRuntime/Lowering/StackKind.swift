// What the verifier knows of a value on the stack.
//
// Kinds form a lattice: refinements of "object" join to object; NULL with an object gives maybe-NULL; everything else joined with something
// different is unusable (it may lie on the stack, but no instruction accepts it).

/// The kind of a stack entry: a tag, and a count for code objects and tuples of cells.
struct StackKind: Equatable {
  var bits: UInt32

  enum Tag: UInt8 {
    case object, exception, list, set, dict, tuple, cells, code, cell, iterator
    case null, maybeNull, lasti, previousException, unusable
  }

  init(_ tag: Tag, count: Int = 0) {
    bits = UInt32(tag.rawValue) | UInt32(truncatingIfNeeded: count) &<< 8
  }

  @inline(__always) var rawTag: UInt8 { UInt8(truncatingIfNeeded: bits) }
  @inline(__always) var count: Int { Int(bits &>> 8) }
  @inline(__always) var isObject: Bool { rawTag <= Tag.iterator.rawValue }
  @inline(__always) var isNull: Bool { rawTag == Tag.null.rawValue }
  @inline(__always) var isMaybeNull: Bool { rawTag == Tag.maybeNull.rawValue }
  @inline(__always) var isTuple: Bool { rawTag == Tag.tuple.rawValue || rawTag == Tag.cells.rawValue }
  @inline(__always) func isExactly(_ tag: Tag) -> Bool { rawTag == tag.rawValue }

  static let object = StackKind(.object)

  func joined(_ other: StackKind) -> StackKind {
    if self == other { return self }
    if isObject && other.isObject { return .object }
    let mayBeCallBase = isObject || isNull || isMaybeNull
    let otherMayBe = other.isObject || other.isNull || other.isMaybeNull
    return mayBeCallBase && otherMayBe ? StackKind(.maybeNull) : StackKind(.unusable)
  }
}

/// What an opcode asks of an operand.
enum KindNeed: UInt8 {
  case object
  /// Anything that has a register: an object, a lasti, a previous exception.
  case any
  /// The base of a call: an object, NULL or maybe NULL.
  case callBase
  case tuple
  case exception, lasti, previousException, list

  @inline(__always) func accepts(_ kind: StackKind) -> Bool {
    switch self {
    case .object: return kind.isObject
    case .any: return kind.isObject || kind.isExactly(.lasti) || kind.isExactly(.previousException)
    case .callBase: return kind.isObject || kind.isNull || kind.isMaybeNull
    case .tuple: return kind.isTuple
    case .exception: return kind.isExactly(.exception)
    case .lasti: return kind.isExactly(.lasti)
    case .previousException: return kind.isExactly(.previousException)
    case .list: return kind.isExactly(.list)
    }
  }
}

/// A value on the abstract stack: its kind and where the same value can also be found.
struct StackEntry: Equatable {
  var kind: StackKind
  /// −1: only on the stack; ≥ 0: it is the present value of that local; ≤ −2: constant number −2 − origin.
  var origin: Int32

  static let temporary: Int32 = -1

  @inline(__always) init(_ kind: StackKind, origin: Int32 = StackEntry.temporary) {
    self.kind = kind
    self.origin = origin
  }

  @inline(__always) static func constant(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: -2 &- index) }
  @inline(__always) var isTemporary: Bool { origin == StackEntry.temporary }
}
