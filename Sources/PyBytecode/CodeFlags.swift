/// `co_flags` of a code object, with CPython 3.11's bit values. The `future*` bits double as compiler flags: a code object
/// records which of them its source had switched on, and `compile(..., dont_inherit=False)` passes them on.
public struct CodeFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Locals live in fast slots, not in a dict.
  public static let optimized = CodeFlags(rawValue: 0x0001)
  /// A call makes a new namespace.
  public static let newLocals = CodeFlags(rawValue: 0x0002)
  public static let varArgs = CodeFlags(rawValue: 0x0004)
  public static let varKeywords = CodeFlags(rawValue: 0x0008)
  public static let nested = CodeFlags(rawValue: 0x0010)
  public static let generator = CodeFlags(rawValue: 0x0020)
  public static let coroutine = CodeFlags(rawValue: 0x0080)
  /// Set by `types.coroutine` on a generator function.
  public static let iterableCoroutine = CodeFlags(rawValue: 0x0100)
  public static let asyncGenerator = CodeFlags(rawValue: 0x0200)

  public static let futureDivision = CodeFlags(rawValue: 0x20000)
  public static let futureAbsoluteImport = CodeFlags(rawValue: 0x40000)
  public static let futureWithStatement = CodeFlags(rawValue: 0x80000)
  public static let futurePrintFunction = CodeFlags(rawValue: 0x100000)
  public static let futureUnicodeLiterals = CodeFlags(rawValue: 0x200000)
  public static let futureBarryAsBDFL = CodeFlags(rawValue: 0x400000)
  public static let futureGeneratorStop = CodeFlags(rawValue: 0x800000)
  public static let futureAnnotations = CodeFlags(rawValue: 0x100_0000)

  /// Every `future*` bit.
  public static let futureMask = CodeFlags(rawValue: 0x1FE_0000)
}

/// The kind byte of one `co_localsplusnames` entry (`CO_FAST_*`). A local captured by an inner function is `local` and `cell`.
public struct LocalKind: OptionSet, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let local = LocalKind(rawValue: 0x20)
  public static let cell = LocalKind(rawValue: 0x40)
  public static let free = LocalKind(rawValue: 0x80)
}
