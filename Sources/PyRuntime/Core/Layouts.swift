// Memory of the core types. A layout is a struct of trivial fields whose first word is the cell header; subclasses of a builtin
// append their `__slots__` and then an `AttributeStorage`. LayoutTests asserts the offsets that generated code relies on.

/// Any cell whose values follow inline: tuples and internal value arrays of fixed size.
/// `items[0 ..< count]` are live and initialised.
public struct TupleLayout {
  public var header: CellHeader
  public var count: Int
  package static var itemsOffset: Int { 16 }
}

extension UnsafeMutablePointer where Pointee == TupleLayout {
  @inline(__always) public var items: UnsafeMutablePointer<Value> {
    (UnsafeMutableRawPointer(self) + TupleLayout.itemsOffset).assumingMemoryBound(to: Value.self)
  }
}

/// `items[0 ..< count]` are live; `items[count ..< capacity]` is uninitialised or stale and never read as live.
/// `items` is null exactly when capacity == 0; otherwise it points past the header of a value-buffer cell of its own.
/// While the storage is adopted by CPython, `foreign` is the PyListObject and items, count and capacity are zero, so every
/// fast path falls through to a slow one that looks at `foreign`.
public struct ListLayout {
  public var header: CellHeader
  public var items: UnsafeMutablePointer<Value>?
  public var count: Int
  public var capacity: Int
  public var foreign: UnsafeMutableRawPointer?
}

/// PEP 393-like text: `length` code points in units of `unit` bytes (1, 2 or 4: the smallest that holds the largest code point),
/// lone surrogates allowed. Immutable once visible. The units follow inline at `unitsOffset`, one zero unit behind them; with the
/// flag `external` they lie in a raw-buffer cell instead, where `external` points (at the first unit), and what follows them is
/// unspecified: instances of subclasses (so that slots and attributes have fixed offsets) and results of repeated appending,
/// which share one growing buffer. Always go through `units`.
public struct StrLayout {
  public var header: CellHeader
  /// -1 until computed
  public var hash: Int
  /// code points
  public var length: Int
  /// bytes per code point
  public var unit: UInt8
  public var flags: StrFlags
  /// What the bridge keeps of an exact str: the address of CPython's str that stands for it, or a number below 4,096 without one
  package var twinLow: UInt16
  package var twinHigh: UInt32
  /// Meaningful only with the flag `external`; otherwise the inline units start here.
  public var external: UnsafeMutableRawPointer?
  package static var unitsOffset: Int { 32 }
}

public struct StrFlags: OptionSet {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let ascii = StrFlags(rawValue: 1)
  public static let interned = StrFlags(rawValue: 2)
  /// The units are not inline.
  public static let external = StrFlags(rawValue: 4)
  /// Made by concatenation: the next concatenation to it expects more of them.
  public static let concatenated = StrFlags(rawValue: 8)
  /// Interned, and forgotten by the table of interned strs when nothing else refers to it.
  public static let mortal = StrFlags(rawValue: 16)
}

extension UnsafeMutablePointer where Pointee == StrLayout {
  @inline(__always) public var units: UnsafeMutableRawPointer {
    if pointee.flags.contains(.external), let units = pointee.external { return units }
    return UnsafeMutableRawPointer(self) + StrLayout.unitsOffset
  }
  @inline(__always) public var isASCII: Bool { pointee.flags.contains(.ascii) }
  public var latin1: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: units.assumingMemoryBound(to: UInt8.self), count: pointee.length)
  }
  public var ucs2: UnsafeBufferPointer<UInt16> {
    UnsafeBufferPointer(start: units.assumingMemoryBound(to: UInt16.self), count: pointee.length)
  }
  public var ucs4: UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(start: units.assumingMemoryBound(to: UInt32.self), count: pointee.length)
  }
  /// Code point at `i`, which must be in 0 ..< length.
  @inline(__always) public subscript(codePoint i: Int) -> UInt32 {
    switch pointee.unit {
    case 1: UInt32(units.load(fromByteOffset: i, as: UInt8.self))
    case 2: UInt32(units.load(fromByteOffset: i &* 2, as: UInt16.self))
    default: units.load(fromByteOffset: i &* 4, as: UInt32.self)
    }
  }
}

/// `count` bytes inline at `bytesOffset`, followed by one zero byte. Immutable once visible. Instances of subclasses keep their
/// bytes (and the zero) in a raw-buffer cell where `external` points. Always go through `bytes`.
public struct BytesLayout {
  public var header: CellHeader
  public var hash: Int  // -1 until computed
  public var count: Int
  public var isExternal: Bool
  /// Meaningful only when `isExternal`; otherwise the inline bytes start here. In this cell ("roomy"), in a raw buffer (instances of subclasses),
  /// or in another bytes object, whose end this one is.
  public var external: UnsafeMutablePointer<UInt8>?
  package static var bytesOffset: Int { 32 }
  /// From this many bytes on they lie behind `roomyOffset` in the same cell; the 32 bytes before them are free.
  static var roomyCount: Int { 1 << 16 }
  package static var roomyOffset: Int { 80 }
}

extension UnsafeMutablePointer where Pointee == BytesLayout {
  /// Whether the bytes lie in the cell with free room before them.
  public var isRoomy: Bool {
    pointee.isExternal && pointee.external.map { UnsafeRawPointer($0) } == UnsafeRawPointer(self) + BytesLayout.roomyOffset
  }
  @inline(__always) public var bytes: UnsafeMutablePointer<UInt8> {
    if pointee.isExternal, let bytes = pointee.external { return bytes }
    return (UnsafeMutableRawPointer(self) + BytesLayout.bytesOffset).assumingMemoryBound(to: UInt8.self)
  }
  public var buffer: UnsafeMutableBufferPointer<UInt8> { UnsafeMutableBufferPointer(start: bytes, count: pointee.count) }
}

/// `bytes[start ..< start + count]` are live inside a raw-buffer cell of `capacity` bytes; a zero byte follows the live ones.
/// No resize while `exports` > 0. `foreign` is CPython's object for it, which points at these bytes and is told when they move.
public struct ByteArrayLayout {
  public var header: CellHeader
  public var storage: UnsafeMutablePointer<UInt8>?
  public var start: Int
  public var count: Int
  public var capacity: Int
  public var exports: Int
  public var foreign: UnsafeMutableRawPointer?
}

/// An exact int outside 48 bits: sign and magnitude in limbs of 64 bits, least significant first, most significant not zero,
/// inline after `signedCount`. Exact ints that fit 48 bits are never cells; instances of int subclasses are IntSubclassLayout.
public struct BigIntLayout {
  public var header: CellHeader
  /// Sign of the value in the sign of the number, limbs in its magnitude: -2 is a negative number of two limbs.
  public var signedCount: Int
  package static var limbsOffset: Int { 16 }
}

/// An instance of a float subclass; exact floats are never cells.
public struct FloatLayout {
  public var header: CellHeader
  public var value: Double
}

/// An instance of an int subclass other than bool: its value as an exact int (inline or big).
public struct IntSubclassLayout {
  public var header: CellHeader
  public var value: Value
}

public struct ComplexLayout {
  public var header: CellHeader
  public var real: Double
  public var imaginary: Double
}

/// Insertion-ordered hash table; HashTable.swift owns the details. `entries[0 ..< used]` are live or deleted (key `.tombstone`),
/// `indices` are 2^log2Size slots of 1, 2 or 4 bytes in the same raw cell behind the entries. Both are null exactly when
/// capacity == 0. `capacity` is what `used` may reach before the table must be rebuilt.
public struct DictLayout {
  public var header: CellHeader
  public var entries: UnsafeMutablePointer<DictEntry>?
  public var indices: UnsafeMutableRawPointer?
  /// live keys
  public var count: Int
  /// entries used, deleted ones included
  public var used: Int
  public var capacity: Int32
  public var log2Size: UInt8
  /// all keys are exact strs: look-ups by str need no Python-level comparison
  public var stringKeysOnly: Bool
  public var reserved: UInt16
  /// Zero after a key was added or removed or the entries moved, until a cache asks for a version by `Dicts.keysVersion(_:)`,
  /// which assigns one never used before. A cached entry index is good while the dict still has that (nonzero) version.
  /// Overwriting the value of an existing key does not change it.
  public var keysVersion: UInt32
  public var reserved1: UInt32
  public var foreign: UnsafeMutableRawPointer?
}

public struct DictEntry {
  public var hash: Int
  public var key: Value
  public var value: Value
}

/// Insertion-ordered set; like a dict without values. Shared by set and frozenset (`hash` caches a frozenset's).
public struct SetLayout {
  public var header: CellHeader
  public var entries: UnsafeMutablePointer<SetEntry>?
  public var indices: UnsafeMutableRawPointer?
  public var count: Int
  public var used: Int
  public var capacity: Int32
  public var log2Size: UInt8
  public var stringKeysOnly: Bool
  public var reserved1: UInt16
  /// frozenset: its hash, -1 until computed. set: entries below this index are deleted (where `pop` begins), if positive.
  public var hash: Int
  public var foreign: UnsafeMutableRawPointer?
}

public struct SetEntry {
  public var hash: Int
  public var key: Value
}

/// `start`, `stop`, `step` are exact ints, step not 0; `length` an exact int.
public struct RangeLayout {
  public var header: CellHeader
  public var start: Value, stop: Value, step: Value, length: Value
}

public struct SliceLayout {
  public var header: CellHeader
  public var start: Value, stop: Value, step: Value
}

/// A closure cell. `content` is null while unbound.
public struct ClosureCellLayout {
  public var header: CellHeader
  public var content: Value
}

/// CPython 3.11's code object plus what running it needs. All object fields are set at creation and never null.
public struct CodeLayout {
  public var header: CellHeader
  // What calls and returns read lies in one line of the cache: this and what follows up to `flags`.
  /// The first word of `lowered`; nil before the first call.
  var entry: UnsafeMutablePointer<InstructionWord>?
  /// The items of `consts`.
  var constItems: UnsafeMutablePointer<Value>
  /// Number of arguments that a call may put into registers 0 ..< n without further ado: the positional parameters of a code
  /// object that has no other parameters and has been lowered; else -1.
  var simpleArgs: Int32
  /// Number of registers of a frame running `lowered`, header not included.
  public var registerCount: Int32
  public var nlocalsplus: Int32
  public var argCount: Int32, kwOnlyArgCount: Int32, posOnlyArgCount: Int32
  public var flags: Int32
  public var stackSize: Int32, firstLine: Int32
  public var nlocals: Int32, ncells: Int32, nfrees: Int32
  /// bytes; str; tuples
  public var code: Value, consts: Value, names: Value, localsplusNames: Value, localsplusKinds: Value
  public var filename: Value, name: Value, qualname: Value, lineTable: Value, exceptionTable: Value
  /// Set by the first call: the lowered register code, a `LoweredCode` in a raw buffer with all that belongs to it; nil before.
  public var lowered: UnsafeMutableRawPointer?
  public var tracedLowered: UnsafeMutableRawPointer?
  /// The first constant is a str: the docstring of a function. Known here, the str need not be looked at to make one.
  var hasDocstring: Bool
  /// co_extra and cached derived tuples (co_varnames, ...) live here: a dict or null
  public var extra: Value
}

public struct FunctionLayout {
  public var header: CellHeader
  /// code object
  public var code: Value
  /// dict
  public var globals: Value
  /// dict (of the builtins module)
  public var builtins: Value
  /// str
  public var name: Value, qualname: Value
  /// tuple or null
  public var defaults: Value
  /// dict or null
  public var kwDefaults: Value
  /// tuple of cells or null
  public var closure: Value
  public var doc: Value, module: Value
  /// dict/tuple or null
  public var annotations: Value
  /// dict or null (created on first use)
  public var dict: Value
  /// Unique; changed when code, defaults or kwdefaults are assigned. Guards call caches.
  public var version: UInt32
  /// Generators, coroutines or asynchronous generators have been made of frames of this function since it was given its code.
  public var hasGenerators: Bool
  /// Made for one call, whose frame alone refers to it (`LoopIterators`): that of a comprehension or generator expression.
  public var isTemporary: Bool
}

public struct BoundMethodLayout {
  public var header: CellHeader
  public var function: Value, receiver: Value
}

/// How a native function takes its arguments.
public enum NativeShape: UInt8 {
  case noArgs, one, two, many
}

/// `builtin_function_or_method` (receiver set: a module, a type or an instance) and the method descriptors of native types
/// (`method_descriptor`, `classmethod_descriptor`, static `__new__`): the same memory under different types.
/// `signature` is CPython's text signature ("($self, object, /)"); `parameters` its parsed form, made on the first call that
/// does not match the simple shape.
public struct NativeFunctionLayout {
  public var header: CellHeader
  public var code: UnsafeRawPointer
  public var shape: NativeShape
  /// Smallest and largest number of positional arguments of the quick path (`self` not counted); the quick path is used only
  /// without keywords. 255 as the largest: any number.
  public var minArgs: UInt8, maxArgs: UInt8
  public var flags: NativeFlags
  /// Parsed parameters (`ParameterSpec`), or nil
  public var parameters: UnsafeMutableRawPointer?
  public var name: Value, qualname: Value
  /// Docstring and text signature as the program's own constant text; made into strs when asked for.
  public var doc: StaticText, signature: StaticText
  /// null, instance, module or type
  public var receiver: Value
  /// str or null
  public var module: Value
  /// The type that declares a method descriptor, else null
  public var owner: Value
  /// Number of parameters that a bound `Args` has (`self` not counted)
  public var parameterCount: Int
}

/// UTF-8 text in the program's read-only data; `bytes` nil: none.
public struct StaticText {
  public var bytes: UnsafePointer<UInt8>?
  public var count: Int
  init() { bytes = nil; count = 0 }
  init(_ s: StaticString?) {
    bytes = s?.utf8Start
    count = s?.utf8CodeUnitCount ?? 0
  }
  var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }
  /// A str, or null without text.
  func str(_ vm: VM) throws(Raised) -> Value {
    bytes == nil ? .null : try vm.str(utf8: UnsafeRawBufferPointer(buffer))
  }
}

public struct NativeFlags: OptionSet {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The function takes Args as they are, keywords included, and checks them itself (declared with signature "" or "raw").
  public static let raw = NativeFlags(rawValue: 1)
  public static let isStatic = NativeFlags(rawValue: 2)
  public static let isClassMethod = NativeFlags(rawValue: 4)
  /// A method of an adoptable type: forwarded while the receiver's storage is CPython's.
  public static let adoptable = NativeFlags(rawValue: 8)
  /// A function of CPython's: `parameters` is the function object there, or nil until the first call looks it up in the module's
  /// twin. `code` is called with the function itself as the receiver, and with any arguments.
  public static let foreign = NativeFlags(rawValue: 16)
  /// Its first argument is iterated over and let go when it returns: it ends with `LoopIterators.dropArgument`.
  public static let dropsIterator = NativeFlags(rawValue: 32)
  /// Called with a tuple it runs no code and keeps nothing of it.
  public static let forgetful = NativeFlags(rawValue: 64)
  /// It looks at its arguments through the subscript of `Args` alone: those that are left out need not be there as nulls.
  public static let takesFewer = NativeFlags(rawValue: 128)
}

extension Value {
  /// A builtin function with `NativeFlags.forgetful`
  @inline(__always) var isForgetful: Bool {
    isExact(rt.types.builtinFunction) && self.as(NativeFunctionLayout.self).pointee.flags.contains(.forgetful)
  }
}

/// A module's attributes are its dict. `attributes` of an ordinary instance does not apply.
public struct ModuleLayout {
  public var header: CellHeader
  /// dict; its "__name__" is what repr shows
  public var dict: Value
  /// Native module state or null
  public var state: Value
  /// CPython's module object when this one shows it: `dict` then follows its dict, whose version tag was `foreignVersion` when it
  /// was last read.
  public var foreign: UnsafeMutableRawPointer?
  public var foreignVersion: UInt64
}

/// Every exception. Subclasses with further fields (OSError, SyntaxError, ...) extend it: see Types/Exceptions.
public struct ExceptionLayout {
  public var header: CellHeader
  /// tuple
  public var args: Value
  /// traceback or null
  public var traceback: Value
  /// exception or null
  public var context: Value, cause: Value
  public var suppressContext: Bool
  /// Native code has just made it and raised it: nobody else has it.
  var isFresh: Bool
  /// The frame that handles it is not in its traceback yet (`Tracebacks.addUnseen`).
  var isUnseen: Bool
  /// list or null (`__notes__` lives in the attributes; this is spare)
  public var notes: Value
}

/// `next` is the traceback one level deeper (towards the raise) or null.
public struct TracebackLayout {
  public var header: CellHeader
  public var next: Value
  public var frame: Value
  /// bytecode offset of the instruction, in bytes
  public var lasti: Int32
  /// line, computed when the entry is made
  public var line: Int32
}

/// Attributes of an instance: `shape` maps names to value indexes. Value i lies inline right after this struct for
/// i < shape.inlineCapacity, else in `overflow` (a value-buffer cell). When the shape is the runtime's dictionary shape,
/// `overflow` is instead the instance's `__dict__` (a dict cell), and the inline values are unused (null).
/// A null shape is an instance without any attribute yet. Find it by `type.attributeStorage(of: cell)`: in instances of subclasses of
/// tuple it lies behind the inline items.
public struct AttributeStorage {
  public var shape: UnsafeMutablePointer<ShapeLayout>?
  public var overflow: UnsafeMutableRawPointer?
  static var inlineOffset: Int { 16 }
}

/// A node in a type's tree of shapes. Immutable but for its transitions. See Types/Shape.swift.
public struct ShapeLayout {
  public var header: CellHeader
  public var type: TypeRef
  public var parent: UnsafeMutablePointer<ShapeLayout>?
  /// Name added by the step from `parent`; null for the root
  public var name: Value
  /// Number of attributes
  public var count: Int32
  /// Inline values that instances of this shape have: fixed for a tree of shapes
  public var inlineCapacity: Int32
  /// Hash index name → value index, made on demand: open addressing over `2^indexLog2` pairs (key, index), a raw buffer; or nil
  public var index: UnsafeMutableRawPointer?
  /// dict name → child shape, or null
  public var transitions: Value
  /// The last child made, checked first
  public var lastChild: UnsafeMutablePointer<ShapeLayout>?
  /// Unique number, for caches
  public var id: UInt32
}
