/// What attribute instructions look up that have met too many types for a quickened form of one type: they become `…Many` forms, which ask
/// one table for the whole process, by type version, shape and name; for classes by their version, their metaclass's and name. Versions and shape numbers are never used twice, and what an entry points to
/// is only used while the type that holds it is alive and unchanged; only names must be forgotten when they die.
enum PolymorphicCache {
  struct Entry {
    /// Type version, and above it the number of the shape, 0 for objects without attribute storage; 0: free
    var key: UInt64 = 0
    /// The name with the `Kind` in its low bits, as it stands in the instruction's cache
    var name: UInt64 = 0
    /// Offset from the cell, if positive; 0: see `value`; else one of the constants below
    var place = 0
    /// The attribute or the method; for a store the shape that the instance has afterwards, null if that does not change
    var value = Value.null
  }

  /// Kinds of instructions that look up the same name differently
  enum Kind: UInt64 {
    case load = 1
    case store, method
  }

  /// `place` of a property with a getter in Python; of what must be asked for each time; of what lies in the instance's dict, or would if it
  /// is no method; of a method to be bound; of what is called without the object; below those, of values outside of the instance
  static let property = -1, uncached = -2, dictionary = -3, bound = -4, callable = -5, firstOverflow = -6

  /// Set in the name of an entry for a class
  private static let ofClass: UInt64 = 8

  private static let countLog2 = 11

  /// The table. It lies outside of the heap and of the program's data: the collector must not see what entries refer to.
  static func makeTable() -> Bool {
    if rt.pointee.attributeCache != nil { return true }
    rt.pointee.attributeCache = Heap.zeroPages(MemoryLayout<Entry>.stride << countLog2)
    return rt.pointee.attributeCache != nil
  }

  /// Before their memory serves for other names.
  static func forgetDeadNames(_ heap: UnsafeMutablePointer<Heap>) {
    guard let table = rt.pointee.attributeCache?.assumingMemoryBound(to: Entry.self) else { return }
    for i in 0..<(1 << countLog2) where table[i].name != 0 && !heap.pointee.isMarked(Value(bits: table[i].name & ~15).cell) {
      table[i] = Entry()
    }
  }

  /// Where the entry for an object is, filled or not, its key and name; nil for objects that are never cached.
  @inline(__always)
  private static func place(_ object: Value, _ name: UInt64) -> (UnsafeMutablePointer<Entry>, UInt64, UInt64)? {
    guard object.isCell else { return nil }
    let type = object.cellType
    var name = name
    var key = UInt64(type.pointee.version)
    if type.pointee.attributesOffset != 0 {
      guard !type.hasInlineItems, let shape = AttributeInstructions.shape(object) else { return nil }
      key |= UInt64(shape.pointee.id) << 32
    } else if type.pointee.flags.contains(.typeSubclass) {
      key = key << 32 | UInt64(object.asType.pointee.version)
      name |= ofClass
    }
    let hash = (key ^ name) &* 0x9E37_79B9_7F4A_7C15
    let table = rt.pointee.attributeCache.unsafelyUnwrapped.assumingMemoryBound(to: Entry.self)
    return (table + Int(truncatingIfNeeded: hash >> UInt64(64 &- countLog2)), key, name)
  }

  /// For an instruction of a `…Many` form: `makeTable` has been called.
  /// - Parameter word: the second cache word
  @inline(__always)
  static func find(_ object: Value, _ word: UInt64) -> UnsafeMutablePointer<Entry>? {
    guard let (e, key, name) = place(object, word) else { return nil }
    if e.pointee.key == key && e.pointee.name == name { return e }
    let other = second(e)
    return other.pointee.key == key && other.pointee.name == name ? other : nil
  }
  /// The other place where an entry may be: what a newer one has pushed out goes there.
  @inline(__always)
  private static func second(_ e: UnsafeMutablePointer<Entry>) -> UnsafeMutablePointer<Entry> {
    UnsafeMutablePointer<Entry>(bitPattern: UInt(bitPattern: e) ^ UInt(MemoryLayout<Entry>.stride)).unsafelyUnwrapped
  }

  /// The value of an entry that lies outside of the instance.
  static func overflow(_ e: UnsafeMutablePointer<Entry>, _ object: Value) -> UnsafeMutablePointer<Value>? {
    guard e.pointee.place <= firstOverflow else { return nil }
    let values = AttributeInstructions.storage(object).pointee.overflow.unsafelyUnwrapped.assumingMemoryBound(to: Value.self)
    return values + (firstOverflow &- e.pointee.place)
  }

  // MARK: learning

  /// Where the functions of `AttributeInstructions` write the cache words that an entry is made of.
  private typealias Scratch = (InstructionWord, InstructionWord, InstructionWord, InstructionWord)

  /// Makes the entry for an object and the second cache word of an instruction, with `quicken`, which writes what a quickened form of one
  /// type would be. What such a form cannot be made of is noted, too.
  @inline(__always)
  private static func learn(_ object: Value, _ word: UInt64, _ quicken: (CodePointer) -> Void) {
    guard let (e, key, name) = place(object, word), UInt32(truncatingIfNeeded: key) != 0 else { return }
    let isClass = name & ofClass != 0
    if isClass, key >> 32 == 0 { return }
    let none = InstructionWord(bits: 0)
    var scratch: Scratch = (none, none, none, none)
    withUnsafeMutablePointer(to: &scratch) { p in
      p.withMemoryRebound(to: InstructionWord.self, capacity: 4) { words in
        words.pointee.instruction = .nop
        quicken(words)
        var entry = Entry(key: key, name: name, place: uncached)
        let upper = Int(words[2].bits >> 32)
        switch words.pointee.instruction {
        case .loadAttrInstance, .storeAttrInstance, .loadMethodInstance: entry.place = upper
        case .loadAttrSlot, .storeAttrSlot, .loadMethodSlot: entry.place = Int(words[2].bits)
        case .loadAttrOverflow, .storeAttrOverflow: entry.place = firstOverflow &- upper
        case .loadAttrShapeClass, .loadAttrClass, .loadMethodShape, .loadMethodType:
          entry.place = 0
          entry.value = Value(bits: words[3].bits)
        case .loadAttrOfType, .loadMethodOfMetaclass:
          guard isClass else { break }
          entry.place = 0
          entry.value = Value(bits: words[3].bits)
        case .loadAttrBound:
          let function = Value(bits: words[3].bits)
          let isClassMethod = function.isExact(rt.types.classmethod)
          guard isClassMethod == isClass, UInt32(truncatingIfNeeded: words[2].bits) != AttributeInstructions.dictionaryMark else { break }
          entry.place = bound
          entry.value = isClassMethod ? function.as(MethodHolderLayout.self).pointee.callable : function
        case .loadMethodClass:
          entry.place = callable
          entry.value = Value(bits: words[3].bits)
        case .loadMethodOfType:
          guard isClass else { break }
          let found = Value(bits: words[3].bits)
          let isHeld = found.isExact(rt.types.staticmethod) || found.isExact(rt.types.classmethod)
          entry.place = found.isExact(rt.types.classmethod) ? 0 : callable
          entry.value = isHeld ? found.as(MethodHolderLayout.self).pointee.callable : found
        case .loadAttrDictionary: entry.place = dictionary
        case .loadMethodDictionary:
          entry.place = dictionary
          entry.value = Value(bits: words[3].bits)
        case .loadAttrProperty:
          entry.place = property
          entry.value = Value(bits: words[3].bits)
        case .storeAttrAdd:
          // The shape with the name is there after the first time.
          guard let shape = AttributeInstructions.shape(object), !shape.pointee.transitions.isNull else { return }
          let child = Dicts.get(shape.pointee.transitions, str: Value(bits: name & ~15))
          if child.isNull { return }
          entry.place = upper
          entry.value = child
        default: break
        }
        second(e).pointee = e.pointee
        e.pointee = entry
      }
    }
  }

  static func learnLoad(_ object: Value, _ name: Value, _ word: UInt64) {
    learn(object, word) { AttributeInstructions.quickenLoad($0, object, name) }
  }
  /// To be called before the attribute is stored.
  static func learnStore(_ object: Value, _ name: Value, _ word: UInt64) {
    learn(object, word) { AttributeInstructions.quickenStore($0, object, name) }
  }
  static func learnMethod(_ object: Value, _ name: Value, _ word: UInt64, _ value: Value, _ isMethod: Bool) {
    learn(object, word) { AttributeInstructions.quickenMethod($0, object, name, value, isMethod) }
  }
}
