/// Facts about a type that hot code tests with one AND.
public struct TypeFlags: OptionSet {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// Made by a `class` statement or `type()`; otherwise builtin and immutable.
  public static let heapType = TypeFlags(rawValue: 1 << 0)
  /// May be a base class.
  public static let baseType = TypeFlags(rawValue: 1 << 1)
  // Exactly one of these is set on a subclass of the builtin it names, the builtin itself included (CPython's Py_TPFLAGS_*_SUBCLASS).
  public static let intSubclass = TypeFlags(rawValue: 1 << 2)
  public static let listSubclass = TypeFlags(rawValue: 1 << 3)
  public static let tupleSubclass = TypeFlags(rawValue: 1 << 4)
  public static let bytesSubclass = TypeFlags(rawValue: 1 << 5)
  public static let strSubclass = TypeFlags(rawValue: 1 << 6)
  public static let dictSubclass = TypeFlags(rawValue: 1 << 7)
  public static let exceptionSubclass = TypeFlags(rawValue: 1 << 8)
  public static let typeSubclass = TypeFlags(rawValue: 1 << 9)
  public static let floatSubclass = TypeFlags(rawValue: 1 << 10)
  public static let setSubclass = TypeFlags(rawValue: 1 << 11)  // set and frozenset
  /// Calls of an unbound instance of this type take `self` as a first argument (functions, method descriptors): LOAD_METHOD
  /// need not make a bound method.
  public static let methodDescriptor = TypeFlags(rawValue: 1 << 12)
  /// PEP 634 pattern kinds.
  public static let sequencePattern = TypeFlags(rawValue: 1 << 13)
  public static let mappingPattern = TypeFlags(rawValue: 1 << 14)
  /// `match` with one positional sub-pattern matches the whole subject (int, str, ...).
  public static let matchSelf = TypeFlags(rawValue: 1 << 15)
  /// Instances carry an `AttributeStorage` at `attributesOffset`.
  public static let hasAttributes = TypeFlags(rawValue: 1 << 16)
  /// Instances may be weakly referenced.
  public static let weakReferenceable = TypeFlags(rawValue: 1 << 17)
  /// Has abstract methods: instantiation is refused.
  public static let abstract = TypeFlags(rawValue: 1 << 18)
  /// A fresh instance must be registered for finalization (`__del__` or a native finalizer).
  public static let finalized = TypeFlags(rawValue: 1 << 19)
  /// Never instantiated from Python ("cannot create 'x' instances").
  public static let disallowInstantiation = TypeFlags(rawValue: 1 << 20)
  /// Storage may live in a CPython container (list, dict, set, bytearray): natively declared methods and slots must be
  /// forwarded while the layout's `foreign` word is set.
  public static let adoptable = TypeFlags(rawValue: 1 << 21)
  /// `__getattribute__` is object's own, so attribute reads may be cached by type version and shape.
  public static let genericGetAttribute = TypeFlags(rawValue: 1 << 22)
  /// Reads are the generic ones, but `__getattr__` answers for what is missing: what is found may be cached as well. Getters may not be
  /// run without looking whether they raise AttributeError.
  public static let hookedGetAttribute = TypeFlags(rawValue: 1 << 27)
  /// A type of CPython's, seen through the bridge, or one of ours derived from such a type.
  public static let foreign = TypeFlags(rawValue: 1 << 23)
  /// Internal cell (buffer, table); never visible to Python.
  public static let `internal` = TypeFlags(rawValue: 1 << 24)
  /// `__setattr__`/`__delattr__` are object's own, so attribute writes may be cached.
  public static let genericSetAttribute = TypeFlags(rawValue: 1 << 25)
  /// A type of CPython's whose instances have no dict and whose attributes never change: its methods are those in our type's mro.
  public static let foreignMethods = TypeFlags(rawValue: 1 << 26)
  /// A builtin whose own attributes Python code may set (`ast.AST`).
  public static let mutable = TypeFlags(rawValue: 1 << 29)
  /// Iterators whose second word says what alone refers to them (`LoopIterators`)
  public static let ownable = TypeFlags(rawValue: 1 << 30)
  /// A class of ours that stands for a type of CPython's whose attributes nobody may set (`_ssl.SSLError`).
  public static let sealed = TypeFlags(rawValue: 1 << 28)
  static let subclassBits: TypeFlags = [
    .intSubclass, .listSubclass, .tupleSubclass, .bytesSubclass, .strSubclass, .dictSubclass, .exceptionSubclass, .typeSubclass,
    .floatSubclass, .setSubclass,
  ]
}

/// How the collector finds the references inside a cell.
public enum TraceKind: UInt8 {
  /// No references (str, bytes, big int, raw buffers).
  case leaf = 0
  /// `CountedLayout`: `count` values from `CountedLayout.itemsOffset` on (tuples).
  case counted
  /// A value buffer: every word of the cell after the header (bounded by the cell's size).
  case buffer
  /// `trace` is called.
  case custom
}

/// Whether full collections keep instances (`KeptCells.swift`).
enum KeepKind: UInt8 {
  case never = 0
  /// Without references
  case leaf
  /// Their references never change, or `Heap.noteStore` hears of it
  case noted
  /// They change as they like, so each collection traces them.
  case traced
}

/// `visit` every reference of the cell. Must not allocate or run Python code.
public typealias TraceFunction = @convention(c) (_ cell: UnsafeMutableRawPointer, _ tracer: UnsafeMutableRawPointer) -> Void

/// A type object (an instance of `type` or of a metaclass).
///
/// Invariants: `mro[0]` is the type itself; `base` is null only for `object` and internal types; `version` is unique among all
/// live types and changes whenever this type's or a base's dictionary changes in a way an attribute look-up could notice;
/// `slots` is always complete (inherited and derived from dunder methods eagerly), so a null slot means "not supported".
public struct TypeLayout {
  public var header: CellHeader
  /// Where a metaclass instance keeps its own attributes (types have dictionaries, not shapes); see `dict`.
  public var flags: TypeFlags
  public var version: UInt32
  /// Bytes of an instance before its `AttributeStorage`, header included.
  public var instanceSize: Int32
  /// Offset of the `AttributeStorage`, or 0 without one. See `attributeStorage(of:)`.
  public var attributesOffset: Int32
  /// Offset of a `Value` that holds the instance's `__dict__` (a dict, or null until needed) in builtin layouts that keep one
  /// themselves (functions, modules), else 0. Such types have no `AttributeStorage`.
  public var dictOffset: Int32
  /// Values that follow the `AttributeStorage` inline in a fresh instance; grows (for later instances) as instances need more.
  public var inlineCapacity: Int32
  public var traceKind: TraceKind
  /// Of this type alone: subclasses do not inherit it.
  var keeping: KeepKind
  public var trace: TraceFunction?
  /// str
  public var name: Value
  public var qualname: Value
  /// dict: the namespace
  public var dict: Value
  /// tuple of types
  public var bases: Value
  /// tuple of types, self first; null until ready
  public var mro: Value
  public var base: TypeRef?
  /// The nearest builtin whose memory layout instances have ("best base").
  public var solidBase: TypeRef?
  /// list of weak references to direct subclasses, or null
  public var subclasses: Value
  /// Shape of an instance without attributes, or nil until the first instance is made.
  public var rootShape: UnsafeMutablePointer<ShapeLayout>?
  /// str or null: docstring of a builtin type, C text signature first ("type(object) …" form is split off by `__doc__`).
  public var doc: Value
  /// Extra words for a metaclass's or the bridge's own use: the CPython twin of this type, if any.
  public var twin: UnsafeMutableRawPointer?
  /// list of `__slots__` member offsets traced by the generic instance trace: `slotCount` values before `attributesOffset`/end
  public var slotsOffset: Int32
  public var slotCount: Int32
  /// Instances get an AttributeStorage when subclassed by a class statement without `__slots__` (all base types: true).
  public var cachedInit: Value
  /// A CPython-visible attribute storage of metaclass instances (user metaclass attributes live in `dict`).
  public var moduleName: Value
  public var slots: TypeSlots
  /// The `version` for which it was found that, as a metaclass, it leaves `__instancecheck__` to `type`; 0 before
  var plainCheckVersion: UInt32
  /// The `version` for which it was found that instances get no other `__class__` than their type; 0 before
  var plainClassVersion: UInt32
}

/// Native implementations of the special methods, named after them. All have CPython's slot semantics: a binary slot is called
/// with the operands in source order whichever of them is of this type, and answers NotImplemented to decline.
/// Every field is one pointer, so slots can be copied and compared by index (`TypeSlots.count` words).
public struct TypeSlots {
  public var new: NewCode?  // (type, args)
  public var initialize: NativeInitCode?
  public var finalize: VisitCode?  // __del__ or native finalizer
  public var repr: NoArgsCode?
  public var str: NoArgsCode?
  public var hash: HashCode?
  public var call: ManyCode?
  public var getAttribute: OneCode?  // (self, name)
  public var setAttribute: StoreCode?  // (self, name, value or null to delete)
  public var compare: CompareCode?
  public var iter: NoArgsCode?
  public var next: NoArgsCode?  // answers .exhausted at the end (a StopIteration with a value is raised)
  public var descriptorGet: TwoCode?  // (descriptor, instance or null, owner or null)
  public var descriptorSet: StoreCode?  // (descriptor, instance, value or null)
  // numbers
  public var add: OneCode?
  public var subtract: OneCode?
  public var multiply: OneCode?
  public var remainder: OneCode?
  public var divmod: OneCode?
  public var power: TwoCode?  // (base, exponent, modulus or None)
  public var negative: NoArgsCode?
  public var positive: NoArgsCode?
  public var absolute: NoArgsCode?
  public var bool: TestCode?
  public var invert: NoArgsCode?
  public var leftShift: OneCode?
  public var rightShift: OneCode?
  public var and: OneCode?
  public var xor: OneCode?
  public var or: OneCode?
  public var int: NoArgsCode?
  public var float: NoArgsCode?
  public var inplaceAdd: OneCode?
  public var inplaceSubtract: OneCode?
  public var inplaceMultiply: OneCode?
  public var inplaceRemainder: OneCode?
  public var inplacePower: TwoCode?
  public var inplaceLeftShift: OneCode?
  public var inplaceRightShift: OneCode?
  public var inplaceAnd: OneCode?
  public var inplaceXor: OneCode?
  public var inplaceOr: OneCode?
  public var floorDivide: OneCode?
  public var trueDivide: OneCode?
  public var inplaceFloorDivide: OneCode?
  public var inplaceTrueDivide: OneCode?
  public var index: NoArgsCode?
  public var matrixMultiply: OneCode?
  public var inplaceMatrixMultiply: OneCode?
  // sequences
  public var sequenceLength: HashCode?
  public var concatenate: OneCode?
  public var repeated: IndexedCode?
  public var item: IndexedCode?
  public var storeItem: StoreIndexedCode?  // null value deletes
  public var contains: ContainsCode?
  public var inplaceConcatenate: OneCode?
  public var inplaceRepeat: IndexedCode?
  // mappings
  public var mappingLength: HashCode?
  public var subscripted: OneCode?
  public var storeSubscript: StoreCode?  // null value deletes
  // asynchronous
  public var await: NoArgsCode?
  public var asyncIter: NoArgsCode?
  public var asyncNext: NoArgsCode?
  // buffers: see BufferProtocol.swift
  public var buffer: BufferCode?
  public var releaseBuffer: VisitCode?

  static var count: Int { MemoryLayout<TypeSlots>.size / MemoryLayout<UnsafeRawPointer>.size }
}

public typealias NewCode = ManyCode
public typealias NativeInit = (VM, Value, Args) throws(Raised) -> Void
public struct NativeInitCode: Equatable {
  private struct Box { let function: NativeInit }
  public let code: UnsafeRawPointer
  init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeInit) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ args: Args) throws(Raised) {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, args)
  }
}

/// Fills `view` with the memory that `exporter` shows, or raises BufferError/TypeError.
public typealias NativeBuffer = (VM, Value, BufferFlags, inout BufferView) throws(Raised) -> Void
public struct BufferCode: Equatable {
  private struct Box { let function: NativeBuffer }
  public let code: UnsafeRawPointer
  init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeBuffer) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, flags, &view)
  }
}

/// What a buffer's user asks for (PEP 3118).
public struct BufferFlags: OptionSet {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public static let simple = BufferFlags([])
  public static let writable = BufferFlags(rawValue: 1)
  public static let format = BufferFlags(rawValue: 4)
  public static let nd = BufferFlags(rawValue: 8)
  public static let strides = BufferFlags(rawValue: 0x18)
  public static let contiguous = BufferFlags(rawValue: 0x38)
  public static let fortranContiguous = BufferFlags(rawValue: 0x58)
  public static let anyContiguous = BufferFlags(rawValue: 0x98)
  public static let indirect = BufferFlags(rawValue: 0x118)
  public static let fullReadOnly = BufferFlags(rawValue: 0x11C)
}

/// A view of an exporter's memory. `exporter` keeps the memory alive and is told (`releaseBuffer`) when the view ends.
/// `shape` and `strides` are one-dimensional here; more dimensions hang on `dimensions` (a value buffer of ints) if not null.
public struct BufferView {
  public var memory: UnsafeMutableRawPointer?
  public var byteCount: Int
  public var itemSize: Int
  public var isReadOnly: Bool
  /// struct format, a str; null means "B"
  public var format: Value
  public var exporter: Value
  /// tuple of ints or null: the shape, when not (byteCount / itemSize,)
  public var shape: Value
  /// tuple of ints or null: strides in bytes, when not C-contiguous
  public var strides: Value
  /// tuple of ints or null: as in PEP 3118, where to go on behind the pointer found in a dimension; negative: there is no pointer
  public var suboffsets: Value
  /// Whatever the exporter needs to release (a Py_buffer of CPython's).
  public var foreign: UnsafeMutableRawPointer?
  public init() {
    memory = nil; byteCount = 0; itemSize = 1; isReadOnly = true; format = .null; exporter = .null; shape = .null; strides = .null
    suboffsets = .null; foreign = nil
  }
}
