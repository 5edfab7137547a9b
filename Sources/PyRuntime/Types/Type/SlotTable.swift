/// How a Python-level call of a dunder wrapper (`int.__add__(1, 2)`) reaches the slot's native code.
enum SlotKind: UInt8 {
  case unary, next, hash, length, call, initialize, binary, binaryLeft, binaryRight, powerLeft, powerRight, inplacePower, test
  case setAttribute, deleteAttribute, lt, le, eq, ne, gt, ge
  case descriptorGet, descriptorSet, descriptorDelete
  case sequenceItem, sequenceStore, sequenceDelete, indexed, contains, mappingStore, mappingDelete, finalize, new
}

/// One special method: its name, the slot it stands for, and both directions between them. `name` is interned and immortal.
struct SlotEntry {
  var name: Value
  /// Word of the slot in `TypeSlots`
  var index: Int
  var kind: SlotKind
  /// What the slot of a class with a Python-level method holds; nil: such a class leaves the slot empty.
  var generic: UnsafeRawPointer?
  var signature: StaticString
  var doc: StaticString
  /// Where `SlotTable.knownNames` has the name
  var place = 0
}

/// All special methods with slots. Entries of one slot follow each other.
enum SlotTable {
  nonisolated(unsafe) private(set) static var entries = UnsafeMutablePointer<SlotEntry>(bitPattern: 16).unsafelyUnwrapped
  nonisolated(unsafe) private(set) static var count = 0
  private static let maximum = 120
  /// The dispatching functions by slot. To be compared with instead of the functions: every mention of a Swift function as a
  /// value may make a thunk of its own, so `OneCode(f) == OneCode(f)` is not certain.
  nonisolated(unsafe) private(set) static var generic = TypeSlots()

  /// Fills the table. Names must be interned already.
  static func build(_ vm: VM) {
    entries = UnsafeMutablePointer<SlotEntry>.allocate(capacity: maximum)
    typeEntries(vm)
    comparisonEntries(vm)
    numberEntries(vm)
    inplaceEntries(vm)
    containerEntries(vm)
    withUnsafeMutableBytes(of: &generic) { words in
      for i in 0..<count where entries[i].generic != nil {
        words.storeBytes(of: entries[i].generic, toByteOffset: entries[i].index * 8, as: UnsafeRawPointer?.self)
      }
    }
    for i in 0..<count { knownNames.insert(entries[i].name) }
    for i in 0..<count { entries[i].place = knownNames.slot(entries[i].name) }
  }

  /// Places of `knownNames` that `note` has seen; used by one derivation at a time, under the interpreter lock
  nonisolated(unsafe) private static let noted = UnsafeMutablePointer<Bool>.allocate(capacity: NameSet.size)

  static func forgetNoted() { noted.initialize(repeating: false, count: NameSet.size) }
  @inline(__always) static func note(_ name: Value) { noted[knownNames.slot(name)] = true }
  @inline(__always) static func isNoted(_ entry: Int) -> Bool { noted[entries[entry].place] }

  /// Small hash set of the names above, to see quickly that an assigned class attribute concerns no slot.
  nonisolated(unsafe) static var knownNames = NameSet()

  /// The name above that the str `key` equals, or null. A namespace that a program has put together may hold names that are not interned.
  static func knownName(_ key: Value) -> Value {
    if knownNames.contains(key) { return key }
    let text = key.as(StrLayout.self)
    if text.pointee.flags.contains(.interned) || text.pointee.length < 6 { return .null }
    for i in 0..<count where Str.equal(entries[i].name, key) { return entries[i].name }
    return .null
  }

  private static func add(
    _ vm: VM, _ name: StaticString, _ slot: PartialKeyPath<TypeSlots>, _ kind: SlotKind, _ generic: UnsafeRawPointer?,
    _ signature: StaticString, _ doc: StaticString
  ) {
    let interned = vm.must { () throws(Raised) in try vm.intern(name) }
    let offset = MemoryLayout<TypeSlots>.offset(of: slot) ?? 0
    // Entries of one slot share one code pointer.
    let generic = count > 0 && entries[count - 1].index == offset / 8 ? entries[count - 1].generic : generic
    (entries + count).initialize(
      to: SlotEntry(name: interned, index: offset / 8, kind: kind, generic: generic, signature: signature, doc: doc))
    count += 1
  }

  private static func typeEntries(_ vm: VM) {
    typealias D = SlotDispatch
    let zero: StaticString = "($self, /)"
    add(vm, "__new__", \.new, .new, NewCode(D.new).code, "", "Create and return a new object.")
    add(vm, "__init__", \.initialize, .initialize, NativeInitCode(D.initialize).code, "($self, /, *args, **kwargs)", "Initialize self.")
    add(vm, "__del__", \.finalize, .finalize, VisitCode(D.finalize).code, zero, "Called before self is destroyed.")
    add(vm, "__repr__", \.repr, .unary, NoArgsCode(D.repr).code, zero, "Return repr(self).")
    add(vm, "__hash__", \.hash, .hash, HashCode(D.hash).code, zero, "Return hash(self).")
    add(vm, "__call__", \.call, .call, ManyCode(D.call).code, "($self, /, *args, **kwargs)", "Call self as a function.")
    add(vm, "__str__", \.str, .unary, NoArgsCode(D.str).code, zero, "Return str(self).")
    add(vm, "__getattribute__", \.getAttribute, .binary, OneCode(D.getAttribute).code, "($self, name, /)", "Return getattr(self, name).")
    add(vm, "__getattr__", \.getAttribute, .binary, OneCode(D.getAttribute).code, "", "")
    add(
      vm, "__setattr__", \.setAttribute, .setAttribute, StoreCode(D.setAttribute).code, "($self, name, value, /)",
      "Implement setattr(self, name, value).")
    add(
      vm, "__delattr__", \.setAttribute, .deleteAttribute, StoreCode(D.setAttribute).code, "($self, name, /)",
      "Implement delattr(self, name).")
    add(vm, "__iter__", \.iter, .unary, NoArgsCode(D.iter).code, zero, "Implement iter(self).")
    add(vm, "__next__", \.next, .next, NoArgsCode(D.next).code, zero, "Implement next(self).")
    add(
      vm, "__get__", \.descriptorGet, .descriptorGet, TwoCode(D.descriptorGet).code, "($self, instance, owner=None, /)",
      "Return an attribute of instance, which is of type owner.")
    add(
      vm, "__set__", \.descriptorSet, .descriptorSet, StoreCode(D.descriptorSet).code, "($self, instance, value, /)",
      "Set an attribute of instance to value.")
    add(
      vm, "__delete__", \.descriptorSet, .descriptorDelete, StoreCode(D.descriptorSet).code, "($self, instance, /)",
      "Delete an attribute of instance.")
    add(vm, "__await__", \.await, .unary, NoArgsCode(D.await).code, zero, "Return an iterator to be used in await expression.")
    add(
      vm, "__aiter__", \.asyncIter, .unary, NoArgsCode(D.asyncIter).code, zero,
      "Return an awaitable, that resolves in asynchronous iterator.")
    add(vm, "__anext__", \.asyncNext, .unary, NoArgsCode(D.asyncNext).code, zero, "Return a value or raise StopAsyncIteration.")
  }

  private static func comparisonEntries(_ vm: VM) {
    let generic = CompareCode(SlotDispatch.compare).code
    let one: StaticString = "($self, value, /)"
    add(vm, "__lt__", \.compare, .lt, generic, one, "Return self<value.")
    add(vm, "__le__", \.compare, .le, generic, one, "Return self<=value.")
    add(vm, "__eq__", \.compare, .eq, generic, one, "Return self==value.")
    add(vm, "__ne__", \.compare, .ne, generic, one, "Return self!=value.")
    add(vm, "__gt__", \.compare, .gt, generic, one, "Return self>value.")
    add(vm, "__ge__", \.compare, .ge, generic, one, "Return self>=value.")
  }

  private static func pair(
    _ vm: VM, _ left: StaticString, _ right: StaticString, _ slot: PartialKeyPath<TypeSlots>, _ generic: @escaping NativeOne,
    _ doc: StaticString, _ reflected: StaticString
  ) {
    let code = OneCode(generic).code
    add(vm, left, slot, .binaryLeft, code, "($self, value, /)", doc)
    add(vm, right, slot, .binaryRight, code, "($self, value, /)", reflected)
  }

  private static func numberEntries(_ vm: VM) {
    typealias D = SlotDispatch
    let zero: StaticString = "($self, /)"
    pair(vm, "__add__", "__radd__", \.add, D.add, "Return self+value.", "Return value+self.")
    pair(vm, "__sub__", "__rsub__", \.subtract, D.subtract, "Return self-value.", "Return value-self.")
    pair(vm, "__mul__", "__rmul__", \.multiply, D.multiply, "Return self*value.", "Return value*self.")
    pair(vm, "__mod__", "__rmod__", \.remainder, D.remainder, "Return self%value.", "Return value%self.")
    pair(vm, "__divmod__", "__rdivmod__", \.divmod, D.divmod, "Return divmod(self, value).", "Return divmod(value, self).")
    add(vm, "__pow__", \.power, .powerLeft, TwoCode(D.power).code, "($self, value, mod=None, /)", "Return pow(self, value, mod).")
    add(vm, "__rpow__", \.power, .powerRight, TwoCode(D.power).code, "($self, value, mod=None, /)", "Return pow(value, self, mod).")
    add(vm, "__neg__", \.negative, .unary, NoArgsCode(D.negative).code, zero, "-self")
    add(vm, "__pos__", \.positive, .unary, NoArgsCode(D.positive).code, zero, "+self")
    add(vm, "__abs__", \.absolute, .unary, NoArgsCode(D.absolute).code, zero, "abs(self)")
    add(vm, "__bool__", \.bool, .test, TestCode(D.bool).code, zero, "True if self else False")
    add(vm, "__invert__", \.invert, .unary, NoArgsCode(D.invert).code, zero, "~self")
    pair(vm, "__lshift__", "__rlshift__", \.leftShift, D.leftShift, "Return self<<value.", "Return value<<self.")
    pair(vm, "__rshift__", "__rrshift__", \.rightShift, D.rightShift, "Return self>>value.", "Return value>>self.")
    pair(vm, "__and__", "__rand__", \.and, D.and, "Return self&value.", "Return value&self.")
    pair(vm, "__xor__", "__rxor__", \.xor, D.xor, "Return self^value.", "Return value^self.")
    pair(vm, "__or__", "__ror__", \.or, D.or, "Return self|value.", "Return value|self.")
    add(vm, "__int__", \.int, .unary, NoArgsCode(D.int).code, zero, "int(self)")
    add(vm, "__float__", \.float, .unary, NoArgsCode(D.float).code, zero, "float(self)")
    pair(vm, "__floordiv__", "__rfloordiv__", \.floorDivide, D.floorDivide, "Return self//value.", "Return value//self.")
    pair(vm, "__truediv__", "__rtruediv__", \.trueDivide, D.trueDivide, "Return self/value.", "Return value/self.")
    add(vm, "__index__", \.index, .unary, NoArgsCode(D.index).code, zero, "Return self as an integer, for use as an index.")
    pair(vm, "__matmul__", "__rmatmul__", \.matrixMultiply, D.matrixMultiply, "Return self@value.", "Return value@self.")
  }

  private static func inplaceEntries(_ vm: VM) {
    typealias D = SlotDispatch
    func one(_ name: StaticString, _ slot: PartialKeyPath<TypeSlots>, _ generic: @escaping NativeOne, _ doc: StaticString) {
      add(vm, name, slot, .binary, OneCode(generic).code, "($self, value, /)", doc)
    }
    one("__iadd__", \.inplaceAdd, D.inplaceAdd, "Return self+=value.")
    one("__isub__", \.inplaceSubtract, D.inplaceSubtract, "Return self-=value.")
    one("__imul__", \.inplaceMultiply, D.inplaceMultiply, "Return self*=value.")
    one("__imod__", \.inplaceRemainder, D.inplaceRemainder, "Return self%=value.")
    add(vm, "__ipow__", \.inplacePower, .inplacePower, TwoCode(D.inplacePower).code, "($self, value, /)", "Return self**=value.")
    one("__ilshift__", \.inplaceLeftShift, D.inplaceLeftShift, "Return self<<=value.")
    one("__irshift__", \.inplaceRightShift, D.inplaceRightShift, "Return self>>=value.")
    one("__iand__", \.inplaceAnd, D.inplaceAnd, "Return self&=value.")
    one("__ixor__", \.inplaceXor, D.inplaceXor, "Return self^=value.")
    one("__ior__", \.inplaceOr, D.inplaceOr, "Return self|=value.")
    one("__ifloordiv__", \.inplaceFloorDivide, D.inplaceFloorDivide, "Return self//=value.")
    one("__itruediv__", \.inplaceTrueDivide, D.inplaceTrueDivide, "Return self/=value.")
    one("__imatmul__", \.inplaceMatrixMultiply, D.inplaceMatrixMultiply, "Return self@=value.")
  }

  private static func containerEntries(_ vm: VM) {
    typealias D = SlotDispatch
    let zero: StaticString = "($self, /)"
    let key: StaticString = "($self, key, /)"
    add(vm, "__len__", \.mappingLength, .length, HashCode(D.length).code, zero, "Return len(self).")
    add(vm, "__getitem__", \.subscripted, .binary, OneCode(D.subscripted).code, key, "Return self[key].")
    add(
      vm, "__setitem__", \.storeSubscript, .mappingStore, StoreCode(D.storeSubscript).code, "($self, key, value, /)",
      "Set self[key] to value.")
    add(vm, "__delitem__", \.storeSubscript, .mappingDelete, StoreCode(D.storeSubscript).code, key, "Delete self[key].")
    add(vm, "__len__", \.sequenceLength, .length, HashCode(D.length).code, zero, "Return len(self).")
    add(vm, "__add__", \.concatenate, .binary, nil, "($self, value, /)", "Return self+value.")
    add(vm, "__mul__", \.repeated, .indexed, nil, "($self, value, /)", "Return self*value.")
    add(vm, "__rmul__", \.repeated, .indexed, nil, "($self, value, /)", "Return value*self.")
    add(vm, "__getitem__", \.item, .sequenceItem, IndexedCode(D.item).code, key, "Return self[key].")
    add(
      vm, "__setitem__", \.storeItem, .sequenceStore, StoreIndexedCode(D.storeItem).code, "($self, key, value, /)",
      "Set self[key] to value.")
    add(vm, "__delitem__", \.storeItem, .sequenceDelete, StoreIndexedCode(D.storeItem).code, key, "Delete self[key].")
    add(vm, "__contains__", \.contains, .contains, ContainsCode(D.contains).code, key, "Return key in self.")
    add(vm, "__iadd__", \.inplaceConcatenate, .binary, nil, "($self, value, /)", "Implement self+=value.")
    add(vm, "__imul__", \.inplaceRepeat, .indexed, nil, "($self, value, /)", "Implement self*=value.")
  }
}

/// A set of interned names by identity, outside the heap (interned strs are immortal).
struct NameSet {
  private var table: UnsafeMutablePointer<UInt64>
  static let size = 512

  init() {
    table = UnsafeMutablePointer<UInt64>.allocate(capacity: NameSet.size)
    table.initialize(repeating: 0, count: NameSet.size)
  }
  func slot(_ name: Value) -> Int {
    var i = Int(truncatingIfNeeded: (name.bits >> 4) &* 0x9E37_79B9_7F4A_7C15 >> 48) & (NameSet.size - 1)
    while table[i] != 0 && table[i] != name.bits { i = (i &+ 1) & (NameSet.size - 1) }
    return i
  }
  func insert(_ name: Value) { table[slot(name)] = name.bits }
  func contains(_ name: Value) -> Bool { table[slot(name)] == name.bits }
}
