/// What attribute instructions look up that have met too many types to be quickened: one table for the whole process, by type version, shape
/// and name. An entry is what a quickened instruction's cache words would be. Versions and shape numbers are never used twice, so nothing has to
/// be forgotten, and what an entry points to is only used while the type that holds it is alive and unchanged.
enum PolymorphicCache {
  struct Entry {
    var name: UInt64 = 0
    var version: UInt32 = 0
    /// 0 for objects without attribute storage
    var shape: UInt32 = 0
    var form = Instruction.nop
    var place: UInt64 = 0
    var value = Value.null
  }

  private static let count = 1024
  /// Set by `prepare`: a constant of the program until then, so that nothing asks whether it is there.
  nonisolated(unsafe) private static var table = UnsafeMutablePointer<Entry>(bitPattern: 16).unsafelyUnwrapped

  static func prepare() {
    let p = UnsafeMutablePointer<Entry>.allocate(capacity: count)
    p.initialize(repeating: Entry(), count: count)
    table = p
  }

  /// Before their memory serves for other names.
  static func forgetDeadNames(_ heap: UnsafeMutablePointer<Heap>) {
    for i in 0..<count where table[i].name != 0 && !heap.pointee.isMarked(Value(bits: table[i].name).cell) { table[i] = Entry() }
  }

  /// Where the functions of `AttributeInstructions` write the cache words that an entry is made of.
  private static let scratch: CodePointer = {
    let p = CodePointer.allocate(capacity: 4)
    p.initialize(repeating: InstructionWord(bits: 0), count: 4)
    return p
  }()

  /// Kinds of instructions that look up the same name differently
  private enum Kind: UInt64 {
    case load = 1
    case store, method
  }

  /// The entry for an object and a name, filled or not; nil for objects that are never cached.
  @inline(__always)
  private static func entry(_ kind: Kind, _ object: Value, _ name: Value) -> (UnsafeMutablePointer<Entry>, UInt32, UInt32)? {
    guard object.isCell else { return nil }
    let type = object.cellType
    let version = type.pointee.version
    var shape: UInt32 = 0
    if type.pointee.attributesOffset != 0 {
      guard !type.hasInlineItems else { return nil }
      shape = AttributeInstructions.shape(object)?.pointee.id ?? 0
    }
    let hash = UInt64(version) &* 0x9E37_79B1 ^ UInt64(shape) &* 0x85EB_CA6B ^ name.bits >> 4 &* kind.rawValue
    return (table + Int(truncatingIfNeeded: (hash ^ hash >> 16) & UInt64(count - 1)), version, shape)
  }

  @inline(__always)
  private static func find(_ kind: Kind, _ object: Value, _ name: Value) -> UnsafeMutablePointer<Entry>? {
    guard let (e, version, shape) = entry(kind, object, name), e.pointee.version == version, version != 0, e.pointee.shape == shape,
      e.pointee.name == name.bits
    else { return nil }
    return e
  }

  // MARK: look-up

  /// The attribute, or null when it is not known how to get it.
  @inline(never)
  static func load(_ object: Value, _ name: Value) -> Value {
    guard let e = find(.load, object, name) else { return .null }
    switch e.pointee.form {
    case .loadAttrInstance, .loadAttrSlot: return (object.cell + Int(e.pointee.place)).load(as: Value.self)
    case .loadAttrOverflow: return overflow(object, e.pointee.place).pointee
    case .loadAttrShapeClass, .loadAttrClass: return e.pointee.value
    case .loadAttrDictionary: return Attributes.get(object, name)
    default: return .null
    }
  }

  /// The function that is the object's method of this name, or null.
  @inline(never)
  static func method(_ object: Value, _ name: Value) -> Value {
    guard let e = find(.method, object, name) else { return .null }
    // Every entry is a method; what has a dict may hide it.
    if e.pointee.form == .loadMethodDictionary, !Attributes.get(object, name).isNull { return .null }
    return e.pointee.value
  }

  /// Whether the value has been stored.
  @inline(never)
  static func store(_ object: Value, _ name: Value, _ value: Value) -> Bool {
    guard let e = find(.store, object, name) else { return false }
    switch e.pointee.form {
    case .storeAttrInstance, .storeAttrSlot: (object.cell + Int(e.pointee.place)).storeBytes(of: value, as: Value.self)
    case .storeAttrOverflow: overflow(object, e.pointee.place).pointee = value
    case .storeAttrAdd:
      guard let child = AttributeInstructions.shape(object)?.pointee.lastChild, child.pointee.name == name else { return false }
      // Value before shape: the collector reads as many values as the shape has.
      (object.cell + Int(e.pointee.place)).storeBytes(of: value, as: Value.self)
      AttributeInstructions.storage(object).pointee.shape = child
    default: return false
    }
    return true
  }

  @inline(__always)
  private static func overflow(_ object: Value, _ index: UInt64) -> UnsafeMutablePointer<Value> {
    AttributeInstructions.storage(object).pointee.overflow.unsafelyUnwrapped.assumingMemoryBound(to: Value.self) + Int(index)
  }

  // MARK: learning

  static func learnLoad(_ object: Value, _ name: Value) {
    learn(.load, object, name, .loadAttr) { AttributeInstructions.quickenLoad($0, object, name) }
  }
  /// To be called before the attribute is stored.
  static func learnStore(_ object: Value, _ name: Value) {
    learn(.store, object, name, .storeAttr) { AttributeInstructions.quickenStore($0, object, name) }
  }
  static func learnMethod(_ object: Value, _ name: Value, _ value: Value) {
    learn(.method, object, name, .loadMethod) { AttributeInstructions.quickenMethod($0, object, name, value, true) }
  }

  @inline(__always)
  private static func learn(_ kind: Kind, _ object: Value, _ name: Value, _ general: Instruction, _ quicken: (CodePointer) -> Void) {
    guard let (e, version, shape) = entry(kind, object, name), version != 0 else { return }
    scratch.pointee.instruction = general
    for i in 1..<4 { scratch[i] = InstructionWord(bits: 0) }
    quicken(scratch)
    let form = scratch.pointee.instruction
    let isSlot = form == .loadAttrSlot || form == .storeAttrSlot
    switch form {
    case .loadAttrInstance, .loadAttrOverflow, .loadAttrSlot, .loadAttrShapeClass, .loadAttrClass, .loadMethodShape, .loadMethodType,
      .loadAttrDictionary, .loadMethodDictionary, .storeAttrInstance, .storeAttrOverflow, .storeAttrSlot, .storeAttrAdd:
      e.pointee = Entry(
        name: name.bits, version: version, shape: shape, form: form, place: isSlot ? scratch[2].bits : scratch[2].bits >> 32,
        value: Value(bits: scratch[3].bits))
    default: return
    }
  }
}
