/// A code object before a VM has made it one: exactly the fields that CPython 3.11 marshals, nothing derived.
///
/// Invariants of a blueprint made by the compiler: `localsplusNames.count == localsplusKinds.count`; arguments come first in
/// `localsplusNames` (positional-only, positional, keyword-only, `*args`, `**kwargs`), then other locals, then cells that are not
/// locals, then free variables; `code.count` is even. A blueprint read from a `.pyc` promises only the first of these:
/// whoever runs it verifies it.
///
/// All text is UTF-8 in which lone surrogates are encoded as three bytes ("surrogatepass").
public final class CodeBlueprint: @unchecked Sendable {
  /// Number of positional parameters, positional-only ones included, `*args` not.
  public let argumentCount: Int32
  public let positionalOnlyCount: Int32
  public let keywordOnlyCount: Int32
  /// Most values the operand stack ever holds.
  public let stackSize: Int32
  public let flags: CodeFlags
  /// Two bytes an instruction, caches zero.
  public let code: [UInt8]
  public private(set) var constants: [Constant]
  public let names: [[UInt8]]
  public let localsplusNames: [[UInt8]]
  public let localsplusKinds: [LocalKind]
  public let filename: [UInt8]
  public let name: [UInt8]
  public let qualifiedName: [UInt8]
  public let firstLine: Int32
  /// See `LocationTable`.
  public let lineTable: [UInt8]
  /// See `ExceptionTable`.
  public let exceptionTable: [UInt8]

  public init(
    argumentCount: Int32, positionalOnlyCount: Int32, keywordOnlyCount: Int32, stackSize: Int32, flags: CodeFlags, code: [UInt8],
    constants: [Constant], names: [[UInt8]], localsplusNames: [[UInt8]], localsplusKinds: [LocalKind], filename: [UInt8],
    name: [UInt8], qualifiedName: [UInt8], firstLine: Int32, lineTable: [UInt8], exceptionTable: [UInt8]
  ) {
    self.argumentCount = argumentCount
    self.positionalOnlyCount = positionalOnlyCount
    self.keywordOnlyCount = keywordOnlyCount
    self.stackSize = stackSize
    self.flags = flags
    self.code = code
    self.constants = constants
    self.names = names
    self.localsplusNames = localsplusNames
    self.localsplusKinds = localsplusKinds
    self.filename = filename
    self.name = name
    self.qualifiedName = qualifiedName
    self.firstLine = firstLine
    self.lineTable = lineTable
    self.exceptionTable = exceptionTable
  }

  /// Whether code objects lie more than `levels` deep in one another: what walks them then wants a large stack.
  public func nests(deeperThan levels: Int) -> Bool {
    for case .code(let inner) in constants where levels == 0 || inner.nests(deeperThan: levels - 1) { return true }
    return false
  }

  private func takeInner(_ taken: inout [CodeBlueprint]) {
    for case .code(let inner) in constants { taken.append(inner) }
    constants = []
  }

  /// One after the other: letting a long chain go all at once would recurse once a level.
  deinit {
    var left: [CodeBlueprint] = []
    takeInner(&left)
    while var next = left.popLast() {
      if isKnownUniquelyReferenced(&next) { next.takeInner(&left) }
    }
  }
}

/// A constant of a code object. Equality is identity of meaning for a compiler: `1`, `1.0` and `True` differ, `0.0` and `-0.0`
/// differ, NaNs are equal when their bits are, and code objects are equal only when they are the same object.
public enum Constant: @unchecked Sendable {
  case none
  case `true`
  case `false`
  case ellipsis
  /// Every integer that fits; `bigInt` is used only for the others.
  case int(Int64)
  /// Magnitude in limbs of 64 bits, least significant first, without leading zero limbs.
  case bigInt(negative: Bool, magnitude: [UInt64])
  case float(Double)
  case complex(real: Double, imaginary: Double)
  /// UTF-8 with lone surrogates encoded as three bytes each.
  case string([UInt8])
  case bytes([UInt8])
  case tuple([Constant])
  /// Members in the order they were written or read; distinct.
  case frozenset([Constant])
  case code(CodeBlueprint)
}

extension Constant: Hashable {
  public static func == (a: Constant, b: Constant) -> Bool {
    switch (a, b) {
    case (.none, .none), (.true, .true), (.false, .false), (.ellipsis, .ellipsis): return true
    case (.int(let x), .int(let y)): return x == y
    case (.bigInt(let n, let x), .bigInt(let m, let y)): return n == m && x == y
    case (.float(let x), .float(let y)): return x.bitPattern == y.bitPattern
    case (.complex(let xr, let xi), .complex(let yr, let yi)):
      return xr.bitPattern == yr.bitPattern && xi.bitPattern == yi.bitPattern
    case (.string(let x), .string(let y)), (.bytes(let x), .bytes(let y)): return x == y
    case (.tuple(let x), .tuple(let y)): return x == y
    case (.frozenset(let x), .frozenset(let y)): return x.count == y.count && Set(x) == Set(y)
    case (.code(let x), .code(let y)): return x === y
    default: return false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .none: hasher.combine(0 as UInt8)
    case .true: hasher.combine(1 as UInt8)
    case .false: hasher.combine(2 as UInt8)
    case .ellipsis: hasher.combine(3 as UInt8)
    case .int(let x):
      hasher.combine(4 as UInt8)
      hasher.combine(x)
    case .bigInt(let negative, let limbs):
      hasher.combine(negative)
      hasher.combine(limbs)
    case .float(let x):
      hasher.combine(5 as UInt8)
      hasher.combine(x.bitPattern)
    case .complex(let x, let y):
      hasher.combine(x.bitPattern)
      hasher.combine(y.bitPattern)
    case .string(let x):
      hasher.combine(6 as UInt8)
      x.withUnsafeBytes { hasher.combine(bytes: $0) }
    case .bytes(let x):
      hasher.combine(7 as UInt8)
      x.withUnsafeBytes { hasher.combine(bytes: $0) }
    case .tuple(let x):
      hasher.combine(8 as UInt8)
      hasher.combine(x)
    case .frozenset(let x):
      hasher.combine(9 as UInt8)
      hasher.combine(x.count)
    case .code(let x): hasher.combine(ObjectIdentifier(x))
    }
  }
}
