import Glibc

// Instance attributes. An instance's `AttributeStorage` says by its shape which value belongs to which name. Shapes of a type form
// trees: one step adds one name. Deleting an attribute, asking for `__dict__`, very many attributes or names that are not exact
// strs turn the instance to dictionary mode, in which a dict is the storage.
//
// A tree of shapes is for instances with one number of inline values. When an instance needs more, the type's `inlineCapacity`
// grows and a new tree begins, so later instances have the room; an instance always keeps the tree it was born with.

extension ShapeLayout {
  /// Instances with more attributes than this use a dict.
  static let maximumCount: Int32 = 96
  /// A shape with more different next names than this sends instances to dictionary mode.
  static let maximumTransitions = 128
  static let maximumInline: Int32 = 24

  static let trace: TraceFunction = { cell, tracer in
    let s = cell.assumingMemoryBound(to: ShapeLayout.self)
    let t = Tracer(tracer)
    if s.pointee.type.pointee.flags.contains(.heapType) { t.visit(s.pointee.type) }
    t.visit(s.pointee.parent)
    t.visit(s.pointee.name)
    if let index = s.pointee.index { t.mark(index - BufferCell.headerSize) }
    t.visit(s.pointee.transitions)
    t.visit(s.pointee.lastChild)
  }
}

/// Slot of a shape's hash index: an interned name and its value index.
struct ShapeIndexEntry {
  var name: UInt64
  var index: Int
}

typealias ShapeRef = UnsafeMutablePointer<ShapeLayout>

enum Shapes {
  static func makeRoot(_ vm: VM, _ type: TypeRef) throws(Raised) -> ShapeRef {
    let s = try vm.make(ShapeLayout.self, rt.pointee.types.shape)
    s.pointee.type = type
    s.pointee.inlineCapacity = type.pointee.inlineCapacity
    s.pointee.id = freshID()
    return s
  }

  private static func freshID() -> UInt32 {
    let id = rt.pointee.nextShapeID
    rt.pointee.nextShapeID = id &+ 1
    return id
  }

  /// Index of the value named `name` (an interned str), or -1.
  @inline(__always)
  static func find(_ shape: ShapeRef, _ name: Value) -> Int {
    if shape.pointee.count == 0 { return -1 }
    if let index = shape.pointee.index { return probe(index, shape, name) }
    return findUnindexed(shape, name)
  }

  /// Mask of the index of a shape with `count` names: at least twice as many places, a power of two.
  @inline(__always)
  private static func mask(_ count: Int32) -> Int {
    let places = max(8, Int(count) &* 2)
    return (1 << (Int.bitWidth - (places - 1).leadingZeroBitCount)) - 1
  }

  @inline(__always)
  private static func probe(_ index: UnsafeMutableRawPointer, _ shape: ShapeRef, _ name: Value) -> Int {
    let table = index.assumingMemoryBound(to: ShapeIndexEntry.self)
    let mask = mask(shape.pointee.count)
    var i = Int(truncatingIfNeeded: (name.bits >> 4) &* 0x9E37_79B9_7F4A_7C15 >> 40) & mask
    while table[i].name != 0 {
      if table[i].name == name.bits { return table[i].index }
      i = (i &+ 1) & mask
    }
    return -1
  }

  @inline(never)
  private static func findUnindexed(_ shape: ShapeRef, _ name: Value) -> Int {
    if shape.pointee.count <= 4 || !buildIndex(shape) {
      var s: ShapeRef? = shape
      while let u = s, u.pointee.count > 0 {
        if u.pointee.name == name { return Int(u.pointee.count) - 1 }
        s = u.pointee.parent
      }
      return -1
    }
    guard let index = shape.pointee.index else { return -1 }
    return probe(index, shape, name)
  }

  /// False when there is no memory for it; the chain of parents does as well.
  private static func buildIndex(_ shape: ShapeRef) -> Bool {
    guard let thread = rt.pointee.currentThread else { return false }
    let mask = mask(shape.pointee.count)
    let vm = VM(thread)
    let raw: UnsafeMutableRawPointer
    do throws(Raised) { raw = try vm.allocateBytes((mask + 1) * MemoryLayout<ShapeIndexEntry>.stride) } catch {
      vm.clearPending()
      return false
    }
    let table = raw.assumingMemoryBound(to: ShapeIndexEntry.self)
    var s: ShapeRef? = shape
    while let u = s, u.pointee.count > 0 {
      let bits = u.pointee.name.bits
      var i = Int(truncatingIfNeeded: (bits >> 4) &* 0x9E37_79B9_7F4A_7C15 >> 40) & mask
      while table[i].name != 0 { i = (i &+ 1) & mask }
      table[i] = ShapeIndexEntry(name: bits, index: Int(u.pointee.count) - 1)
      s = u.pointee.parent
    }
    shape.pointee.index = raw
    Heap.noteStore(shape)
    return true
  }

  /// The shape with `name` added, or nil when instances should rather use a dict.
  static func child(_ vm: VM, _ shape: ShapeRef, adding name: Value) throws(Raised) -> ShapeRef? {
    if let last = shape.pointee.lastChild, last.pointee.name == name { return last }
    if shape.pointee.count >= ShapeLayout.maximumCount { return nil }
    if !shape.pointee.transitions.isNull {
      let known = Dicts.get(shape.pointee.transitions, str: name)
      if !known.isNull {
        let child = known.as(ShapeLayout.self)
        shape.pointee.lastChild = child
        Heap.noteStore(shape)
        return child
      }
      if Dicts.count(shape.pointee.transitions) >= ShapeLayout.maximumTransitions { return nil }
    } else {
      shape.pointee.transitions = try vm.dict()
      Heap.noteStore(shape)
    }
    let s = try vm.make(ShapeLayout.self, rt.pointee.types.shape)
    s.pointee.type = shape.pointee.type
    s.pointee.parent = shape
    s.pointee.name = name
    s.pointee.count = shape.pointee.count + 1
    s.pointee.inlineCapacity = shape.pointee.inlineCapacity
    s.pointee.id = freshID()
    try Dicts.set(vm, shape.pointee.transitions, name, Value(s))
    shape.pointee.lastChild = s
    Heap.noteStore(shape)
    return s
  }
}

// MARK: instances

typealias StorageRef = UnsafeMutablePointer<AttributeStorage>

extension UnsafeMutablePointer where Pointee == AttributeStorage {
  @inline(__always) var inlineValues: UnsafeMutablePointer<Value> {
    (UnsafeMutableRawPointer(self) + AttributeStorage.inlineOffset).assumingMemoryBound(to: Value.self)
  }
  /// Address of value `i` of an instance of the given shape (which must have more than `i` values).
  @inline(__always) func value(_ i: Int, _ shape: ShapeRef) -> UnsafeMutablePointer<Value> {
    let inline = Int(shape.pointee.inlineCapacity)
    if i < inline { return inlineValues + i }
    return pointee.overflow.unsafelyUnwrapped.assumingMemoryBound(to: Value.self) + (i &- inline)
  }
  @inline(__always) var isDictionary: Bool { pointee.shape == rt.pointee.dictionaryShape }
  /// The dict of an instance in dictionary mode.
  @inline(__always) var dictionary: Value { Value(cell: pointee.overflow.unsafelyUnwrapped) }
}

enum Attributes {
  /// The attribute storage of an instance; nil if its type has none.
  @inline(__always)
  static func storage(_ v: Value) -> StorageRef? {
    guard v.isCell else { return nil }
    let type = v.cellType
    return type.pointee.attributesOffset == 0 ? nil : type.attributeStorage(of: v.cell)
  }

  /// Address of the instance's explicit `__dict__` word (functions, modules), nil if its type has none.
  @inline(__always)
  static func dictWord(_ v: Value) -> UnsafeMutablePointer<Value>? {
    guard v.isCell else { return nil }
    let offset = v.cellType.pointee.dictOffset
    return offset == 0 ? nil : (v.cell + Int(offset)).assumingMemoryBound(to: Value.self)
  }

  /// The instance attribute `name` (an interned str), or null.
  @inline(__always)
  static func get(_ v: Value, _ name: Value) -> Value {
    if let s = storage(v) {
      guard let shape = s.pointee.shape else { return .null }
      if shape == rt.pointee.dictionaryShape { return Dicts.get(s.dictionary, str: name) }
      let i = Shapes.find(shape, name)
      return i < 0 ? .null : s.value(i, shape).pointee
    }
    if let d = dictWord(v), !d.pointee.isNull { return Dicts.get(d.pointee, str: name) }
    return .null
  }

  /// Whether instances of the value's type can have attributes of their own.
  static func hasStorage(_ v: Value) -> Bool { storage(v) != nil || dictWord(v) != nil }

  /// Stores an instance attribute; `name` is an interned str. The value's type must have storage.
  static func set(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    if let s = storage(v) { return try set(vm, v, s, name, value) }
    guard let d = dictWord(v) else { return }
    if d.pointee.isNull {
      d.pointee = try vm.dict()
      Heap.noteStore(v)
    }
    try Dicts.set(vm, d.pointee, name, value)
  }

  private static func set(_ vm: VM, _ v: Value, _ s: StorageRef, _ name: Value, _ value: Value) throws(Raised) {
    if s.pointee.shape == nil { try adoptShape(vm, v, s) }
    guard let shape = s.pointee.shape else { return }
    if shape == rt.pointee.dictionaryShape { return try Dicts.set(vm, s.dictionary, name, value) }
    let i = Shapes.find(shape, name)
    if i >= 0 {
      s.value(i, shape).pointee = value
      return
    }
    guard let child = try Shapes.child(vm, shape, adding: name) else {
      try Dicts.set(vm, try dictionary(vm, v), name, value)
      return
    }
    let index = Int(shape.pointee.count)
    let inline = Int(shape.pointee.inlineCapacity)
    if index >= inline { try reserve(vm, v, s, index - inline) }
    // Value before shape: the collector reads as many values as the shape has.
    if index < inline {
      s.inlineValues[index] = value
    } else {
      s.pointee.overflow.unsafelyUnwrapped.assumingMemoryBound(to: Value.self)[index - inline] = value
    }
    s.pointee.shape = child
  }

  /// Makes room for overflow value `i`, and lets later instances of the type have more inline values.
  private static func reserve(_ vm: VM, _ v: Value, _ s: StorageRef, _ i: Int) throws(Raised) {
    let type = v.cellType
    if i == 0 && type.pointee.inlineCapacity < ShapeLayout.maximumInline
      && s.pointee.shape?.pointee.inlineCapacity == type.pointee.inlineCapacity
    {
      type.pointee.inlineCapacity = min(max(4, type.pointee.inlineCapacity * 2), ShapeLayout.maximumInline)
      type.pointee.rootShape = try Shapes.makeRoot(vm, type)
    }
    let old = s.pointee.overflow
    let capacity = old.map { ($0 - 8).load(as: Int.self) } ?? 0
    if i < capacity { return }
    let new = try vm.allocateValues(max(4, capacity * 2))
    if let old { memcpy(new, old, capacity * 8) }
    s.pointee.overflow = UnsafeMutableRawPointer(new)
  }

  /// Gives an instance that was allocated without a shape its type's root shape, if the cell has room for the inline values.
  private static func adoptShape(_ vm: VM, _ v: Value, _ s: StorageRef) throws(Raised) {
    let type = v.cellType
    let used = UnsafeMutableRawPointer(s) - v.cell + AttributeStorage.inlineOffset
    let room = (rt.heapPointer.pointee.capacity(ofCell: v.cell) - used) / 8
    if type.pointee.rootShape == nil { type.pointee.rootShape = try Shapes.makeRoot(vm, type) }
    if let root = type.pointee.rootShape, Int(root.pointee.inlineCapacity) <= room {
      s.pointee.shape = root
      return
    }
    s.pointee.overflow = try vm.dict().cell
    s.pointee.shape = rt.pointee.dictionaryShape
  }

  /// Removes an instance attribute; false when it was not there.
  static func remove(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Bool {
    if let s = storage(v) {
      guard let shape = s.pointee.shape else { return false }
      if shape != rt.pointee.dictionaryShape && Shapes.find(shape, name) < 0 { return false }
      return try Dicts.remove(vm, try dictionary(vm, v), name)
    }
    guard let d = dictWord(v), !d.pointee.isNull else { return false }
    return try Dicts.remove(vm, d.pointee, name)
  }

  /// The instance's `__dict__`: from now on that dict is where its attributes are. Null if the type has no storage.
  static func dictionary(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard let s = storage(v) else {
      guard let d = dictWord(v) else { return .null }
      if d.pointee.isNull {
        d.pointee = try vm.dict()
        Heap.noteStore(v)
      }
      return d.pointee
    }
    if s.isDictionary { return s.dictionary }
    let dict = try vm.dict()
    if let shape = s.pointee.shape { try copyAttributes(vm, s, shape, into: dict) }
    let inline = s.pointee.shape.map { Int($0.pointee.inlineCapacity) } ?? 0
    for i in 0..<inline { s.inlineValues[i] = .null }
    s.pointee.shape = rt.pointee.dictionaryShape
    s.pointee.overflow = dict.cell
    return dict
  }

  /// Replaces the storage by `dict`.
  static func setDictionary(_ vm: VM, _ v: Value, _ dict: Value) throws(Raised) {
    guard let s = storage(v) else {
      dictWord(v)?.pointee = dict
      Heap.noteStore(v)
      return
    }
    if !s.isDictionary { _ = try dictionary(vm, v) }
    s.pointee.overflow = dict.cell
  }

  /// Stores all attributes of a shaped instance in `dict`, oldest first.
  private static func copyAttributes(_ vm: VM, _ s: StorageRef, _ shape: ShapeRef, into dict: Value) throws(Raised) {
    let count = Int(shape.pointee.count)
    if count == 0 { return }
    let d = dict.as(DictLayout.self)
    try HashTable.reserve(vm, d.table, count, HashTable.dictStride)
    guard let entries = d.pointee.entries, Int(d.table.pointee.capacity) >= count else { throw vm.raiseMemoryError() }
    // The names come last one first; they are interned strs.
    var u: ShapeRef? = shape
    while let x = u, x.pointee.count > 0 {
      let i = Int(x.pointee.count) - 1
      HashTable.place(d.table, i, x.pointee.name, Str.hash(x.pointee.name), HashTable.dictStride)
      entries[i].value = s.value(i, shape).pointee
      u = x.pointee.parent
    }
    d.table.pointee.used = count
    d.table.pointee.count = count
    d.table.pointee.stringKeysOnly = true
    d.pointee.keysVersion = 0
  }

  /// A new dict with the instance's attributes; the instance keeps its shape. Null if it has none and the type no storage.
  static func snapshot(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard let s = storage(v) else {
      guard let d = dictWord(v), !d.pointee.isNull else { return .null }
      return try Dicts.copy(vm, d.pointee)
    }
    if s.isDictionary { return try Dicts.copy(vm, s.dictionary) }
    let dict = try vm.dict()
    if let shape = s.pointee.shape { try copyAttributes(vm, s, shape, into: dict) }
    return dict
  }

  /// Number of instance attributes, without making a dict.
  static func count(_ v: Value) -> Int {
    if let s = storage(v) {
      guard let shape = s.pointee.shape else { return 0 }
      return shape == rt.pointee.dictionaryShape ? Dicts.count(s.dictionary) : Int(shape.pointee.count)
    }
    if let d = dictWord(v), !d.pointee.isNull { return Dicts.count(d.pointee) }
    return 0
  }
}
