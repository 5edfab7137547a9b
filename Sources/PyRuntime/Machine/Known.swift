/// What is certain of a register's value at some place of a region.
struct Known: Equatable {
  enum Kind: UInt8 {
    /// Anything, null included
    case any
    case int, float, bool, none
    /// A reference to an object
    case cell
  }
  var kind = Kind.any
  /// Of a cell that is exactly an instance of a builtin type: that type's address; 0: not known
  var type: UInt = 0
  /// Of a cell: the version of its type and the number of its shape; 0: not known
  var version: UInt32 = 0
  var shape: UInt32 = 0

  static let any = Known()
  static let int = Known(kind: .int)
  static let float = Known(kind: .float)
  static let bool = Known(kind: .bool)
  static let none = Known(kind: .none)
  static func cell(_ type: TypeRef) -> Known { Known(kind: .cell, type: UInt(bitPattern: type)) }

  /// What is certain where two ways meet.
  func joined(_ other: Known) -> Known {
    if self == other { return self }
    guard kind == other.kind, kind == .cell else { return kind == other.kind ? Known(kind: kind) : .any }
    return Known(
      kind: .cell, type: type == other.type ? type : 0, version: version == other.version ? version : 0,
      shape: version == other.version && shape == other.shape ? shape : 0)
  }

  /// Of an immediate value.
  init(constant v: Value) {
    if v.isSmallInt {
      kind = .int
    } else if v.isDouble {
      kind = .float
    } else if v.isBool {
      kind = .bool
    } else if v.isNone {
      kind = .none
    } else if v.isCell {
      kind = .cell
    }
  }
  init(kind: Kind = .any, type: UInt = 0, version: UInt32 = 0, shape: UInt32 = 0) {
    self.kind = kind
    self.type = type
    self.version = version
    self.shape = shape
  }
}
