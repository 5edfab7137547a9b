/// Where machine code finds the fields of layouts.
enum Offsets {
  static let evalBreaker = offset(\Runtime.evalBreaker)
  static let typeVersion = offset(\TypeLayout.version)
  static let typeAttributes = offset(\TypeLayout.attributesOffset)
  static let listItems = offset(\ListLayout.items)
  static let listCount = offset(\ListLayout.count)
  static let tupleCount = offset(\TupleLayout.count)
  static let arrayKind = offset(\ArrayLayout.kind)
  static let arrayCount = offset(\ArrayLayout.count)
  static let arrayStorage = offset(\ArrayLayout.storage)
  static let iteratorSequence = offset(\IndexIteratorLayout.sequence)
  static let iteratorIndex = offset(\IndexIteratorLayout.index)
  static let rangeNext = offset(\RangeIteratorLayout.next)
  static let rangeStep = offset(\RangeIteratorLayout.step)
  static let rangeRemaining = offset(\RangeIteratorLayout.remaining)
  static let cellContent = offset(\ClosureCellLayout.content)
  static let functionCode = offset(\FunctionLayout.code)
  static let functionGlobals = offset(\FunctionLayout.globals)
  static let functionBuiltins = offset(\FunctionLayout.builtins)
  static let nativeCode = offset(\NativeFunctionLayout.code)
  static let dictKeysVersion = offset(\DictLayout.keysVersion)
  static let dictEntries = offset(\DictLayout.entries)
  static let entryValue = offset(\DictEntry.value)
  static let moduleDict = offset(\ModuleLayout.dict)
  static let storageShape = offset(\AttributeStorage.shape)
  static let storageOverflow = offset(\AttributeStorage.overflow)
  static let shapeID = offset(\ShapeLayout.id)

  /// All of these are stored properties, which have an offset.
  private static func offset<Root>(_ field: PartialKeyPath<Root>) -> Int { MemoryLayout<Root>.offset(of: field) ?? Int.max }
}
