/// Makes the builtin types, exceptions and the `builtins` module. Order matters: types first as bare memory, because strs,
/// tuples and dicts need their types; then names; then declarations; then everything that follows from bases.
enum Bootstrap {
  typealias Declare = (inout TypeBuilder) -> Void

  /// A type made but not yet declared. Types are never freed, so holding their addresses here is safe.
  private struct Entry {
    let type: TypeRef
    let name: StaticString
    let declare: Declare?
  }
  nonisolated(unsafe) private static var entries: [Entry] = []

  /// Result of something that can fail only for lack of memory at start.
  private static func must<R>(_ body: () throws(Raised) -> R) -> R {
    do throws(Raised) { return try body() } catch { Heap.die("amphis: out of memory while starting\n") }
  }

  static func run(_ vm: VM) {
    makeRootTypes()
    makeTypes()
    makeExceptionTypes()
    rt.pointee.image.attach()
    makeSingletons(vm)
    must { () throws(Raised) in try Names.intern(vm, into: &rt.pointee.names) }
    SlotTable.build(vm)
    Types.prepareCache()
    must { () throws(Raised) in try nameAll(vm) }
    declareAll(vm)
    must { () throws(Raised) in
      // The one builtin class with two bases.
      let groups = rt.pointee.types[.exceptionGroup], exceptions = rt.pointee.types[.exception]
      groups.pointee.flags.insert(.weakReferenceable)
      groups.pointee.bases = try vm.tuple(Value(rt.pointee.types[.baseExceptionGroup]), Value(exceptions))
      for e in entries { try TypeFactory.ready(vm, e.type) }
      try Types.addSubclass(vm, exceptions, groups)
      try Exceptions.prepare(vm)
      try BuiltinsModule.make(vm)
    }
    entries = []
  }

  // MARK: bare types

  private static func bare(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let cell = rt.heapPointer.pointee.allocate(bytes) else { Heap.die("amphis: out of memory while starting\n") }
    cell.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    return cell
  }

  private static func make(
    _ name: StaticString, _ size: Int, _ flags: TypeFlags, base: TypeRef?, _ declare: Declare?
  ) -> TypeRef {
    let type = bare(MemoryLayout<TypeLayout>.size).assumingMemoryBound(to: TypeLayout.self)
    type.pointee.header = CellHeader(rt.pointee.types.type)
    TypeFactory.initialize(type, base: base, layoutSize: size, flags: flags)
    entries.append(Entry(type: type, name: name, declare: declare))
    return type
  }

  private static func make<Layout>(
    _ name: StaticString, _ layout: Layout.Type, _ flags: TypeFlags = [], base: TypeRef? = nil, _ declare: Declare? = nil
  ) -> TypeRef {
    make(name, MemoryLayout<Layout>.size, flags, base: base ?? rt.pointee.types.object, declare)
  }

  private static func makeRootTypes() {
    let size = MemoryLayout<TypeLayout>.size
    let type = bare(size).assumingMemoryBound(to: TypeLayout.self)
    type.pointee.header = CellHeader(type)
    rt.pointee.types.type = type
    rt.pointee.types.object = make("object", MemoryLayout<CellHeader>.size, [.baseType], base: nil, ObjectType.declare)
    TypeFactory.initialize(
      type, base: rt.pointee.types.object, layoutSize: size, flags: [.baseType, .typeSubclass, .weakReferenceable])
    type.pointee.dictOffset = Int32(MemoryLayout<TypeLayout>.offset(of: \.dict) ?? 0)
    entries.append(Entry(type: type, name: "type", declare: TypeType.declare))
    rt.pointee.types.valueBuffer = makeInternal("value buffer", .buffer)
    rt.pointee.types.rawBuffer = makeInternal("raw buffer", .leaf)
    rt.pointee.types.shape = makeInternal("shape", .custom)
    rt.pointee.types.shape.pointee.trace = ShapeLayout.trace
  }

  private static func makeInternal(_ name: StaticString, _ kind: TraceKind) -> TypeRef {
    let t = make(name, BufferCell.headerSize, [.internal, .disallowInstantiation], base: rt.pointee.types.object, nil)
    t.pointee.traceKind = kind
    return t
  }

  /// One line a type: field, Python's name, memory, flags, base, declaration.
  private static func makeTypes() {
    let value: TypeFlags = [.baseType, .matchSelf]
    rt.pointee.types.int = make("int", IntSubclassLayout.self, [value, .intSubclass], IntType.declare)
    rt.pointee.types.bool = make("bool", IntSubclassLayout.self, [.matchSelf], base: rt.pointee.types.int, BoolType.declare)
    rt.pointee.types.float = make("float", FloatLayout.self, [value, .floatSubclass], FloatType.declare)
    rt.pointee.types.complex = make("complex", ComplexLayout.self, [.baseType], ComplexType.declare)
    rt.pointee.types.str = make("str", StrLayout.self, [value, .strSubclass], StrType.declare)
    rt.pointee.types.bytes = make("bytes", BytesLayout.self, [value, .bytesSubclass], BytesType.declare)
    rt.pointee.types.bytearray = make("bytearray", ByteArrayLayout.self, [value, .adoptable], ByteArrayType.declare)
    rt.pointee.types.list = make("list", ListLayout.self, [value, .listSubclass, .sequencePattern, .adoptable], ListType.declare)
    rt.pointee.types.tuple = make("tuple", TupleLayout.self, [value, .tupleSubclass, .sequencePattern], TupleType.declare)
    rt.pointee.types.tuple.pointee.traceKind = .counted
    rt.pointee.types.dict = make("dict", DictLayout.self, [value, .dictSubclass, .mappingPattern, .adoptable], DictType.declare)
    let table: TypeFlags = [value, .setSubclass, .weakReferenceable]
    rt.pointee.types.set = make("set", SetLayout.self, [table, .adoptable], SetType.declare)
    rt.pointee.types.frozenset = make("frozenset", SetLayout.self, table, FrozenSetType.declare)
    rt.pointee.types.range = make("range", RangeLayout.self, [.sequencePattern], RangeType.declare)
    rt.pointee.types.slice = make("slice", SliceLayout.self, [], SliceType.declare)
    rt.pointee.types.noneType = make("NoneType", CellHeader.self, [], NoneType.declare)
    rt.pointee.types.notImplementedType = make("NotImplementedType", CellHeader.self, [], NotImplementedType.declare)
    rt.pointee.types.ellipsisType = make("ellipsis", CellHeader.self, [], EllipsisType.declare)
    makeCodeTypes()
    makeDescriptorTypes()
    makeObjectTypes()
    makeIteratorTypes()
    let types = rt.pointee.types
    for t in [types.str, types.bytes, types.int, types.complex, types.rawBuffer] { t.pointee.keeping = .leaf }
    // Nobody traces what it refers to; one with a callback is not kept.
    types.weakref.pointee.keeping = .leaf
    for t in [types.tuple, types.dict, types.function, types.code, types.shape, types.property] { t.pointee.keeping = .noted }
    // Constant once they are made, but for a native function's `__module__`.
    for t in [
      types.builtinFunction, types.methodDescriptor, types.classMethodDescriptor, types.wrapperDescriptor, types.getsetDescriptor,
      types.memberDescriptor,
    ] { t.pointee.keeping = .noted }
    for t in [types.classmethod, types.staticmethod, types.type, types.module, types.frozenset, types.cell] {
      t.pointee.keeping = .traced
    }
  }

  private static func makeCodeTypes() {
    rt.pointee.types.code = make("code", CodeLayout.self, [.weakReferenceable], CodeType.declare)
    let function: TypeFlags = [.methodDescriptor, .weakReferenceable]
    rt.pointee.types.function = make("function", FunctionLayout.self, function, FunctionType.declare)
    rt.pointee.types.function.pointee.dictOffset = Int32(MemoryLayout<FunctionLayout>.offset(of: \.dict) ?? 0)
    rt.pointee.types.cell = make("cell", ClosureCellLayout.self, [], CellType.declare)
    rt.pointee.types.frame = make("frame", FrameObjectLayout.self, [.disallowInstantiation], FrameType.declare)
    rt.pointee.types.traceback = make("traceback", TracebackLayout.self, [], TracebackType.declare)
    let generator: TypeFlags = [.weakReferenceable, .disallowInstantiation]
    rt.pointee.types.generator = make("generator", GeneratorLayout.self, generator, GeneratorType.declare)
    rt.pointee.types.coroutine = make("coroutine", GeneratorLayout.self, generator, CoroutineType.declare)
    rt.pointee.types.asyncGenerator = make("async_generator", GeneratorLayout.self, generator, AsyncGeneratorType.declare)
    let wrapper: TypeFlags = [.disallowInstantiation]
    rt.pointee.types.coroutineWrapper = make("coroutine_wrapper", AwaitWrapperLayout.self, wrapper, CoroutineWrapperType.declare)
    rt.pointee.types.asyncGenASend = make("async_generator_asend", AwaitWrapperLayout.self, wrapper, AsyncGenASendType.declare)
    rt.pointee.types.asyncGenAThrow = make("async_generator_athrow", AwaitWrapperLayout.self, wrapper, AsyncGenAThrowType.declare)
    rt.pointee.types.asyncGenWrappedValue = make(
      "async_generator_wrapped_value", AwaitWrapperLayout.self, wrapper, AsyncGenWrappedValueType.declare)
  }

  private static func makeDescriptorTypes() {
    let native = NativeFunctionLayout.self
    rt.pointee.types.builtinFunction = make(
      "builtin_function_or_method", native, [.weakReferenceable], BuiltinFunctionType.declare)
    rt.pointee.types.methodDescriptor = make("method_descriptor", native, [.methodDescriptor], MethodDescriptorType.declare)
    rt.pointee.types.classMethodDescriptor = make("classmethod_descriptor", native, [], ClassMethodDescriptorType.declare)
    rt.pointee.types.wrapperDescriptor = make(
      "wrapper_descriptor", WrapperDescriptorLayout.self, [.methodDescriptor], WrapperDescriptorType.declare)
    rt.pointee.types.methodWrapper = make("method-wrapper", MethodWrapperLayout.self, [], MethodWrapperType.declare)
    rt.pointee.types.boundMethod = make("method", BoundMethodLayout.self, [.weakReferenceable], BoundMethodType.declare)
    rt.pointee.types.getsetDescriptor = make("getset_descriptor", GetsetLayout.self, [], GetsetDescriptorType.declare)
    rt.pointee.types.memberDescriptor = make("member_descriptor", MemberLayout.self, [], MemberDescriptorType.declare)
    rt.pointee.types.mappingProxy = make("mappingproxy", MappingProxyLayout.self, [.mappingPattern], MappingProxyType.declare)
    rt.pointee.types.property = make("property", PropertyLayout.self, [.baseType], PropertyType.declare)
    let holder: TypeFlags = [.baseType, .hasAttributes, .weakReferenceable]
    rt.pointee.types.classmethod = make("classmethod", MethodHolderLayout.self, holder, ClassMethodType.declare)
    rt.pointee.types.staticmethod = make("staticmethod", MethodHolderLayout.self, holder, StaticMethodType.declare)
    rt.pointee.types.super = make("super", SuperLayout.self, [.baseType], SuperType.declare)
  }

  private static func makeObjectTypes() {
    rt.pointee.types.module = make("module", ModuleLayout.self, [.baseType, .weakReferenceable], ModuleType.declare)
    rt.pointee.types.module.pointee.dictOffset = Int32(MemoryLayout<ModuleLayout>.offset(of: \.dict) ?? 0)
    let ref: TypeFlags = [.baseType]
    rt.pointee.types.weakref = make("weakref.ReferenceType", WeakRefLayout.self, ref, WeakRefType.declare)
    rt.pointee.types.weakProxy = make("weakref.ProxyType", WeakRefLayout.self, [], WeakProxyType.declare)
    rt.pointee.types.weakCallableProxy = make("weakref.CallableProxyType", WeakRefLayout.self, [], WeakCallableProxyType.declare)
    let alias: TypeFlags = [.baseType, .weakReferenceable]
    rt.pointee.types.genericAlias = make("types.GenericAlias", GenericAliasLayout.self, alias, GenericAliasType.declare)
    rt.pointee.types.unionType = make("types.UnionType", UnionLayout.self, [.weakReferenceable], UnionType.declare)
    rt.pointee.types.simpleNamespace = make(
      "types.SimpleNamespace", CellHeader.self, [.baseType, .hasAttributes], SimpleNamespaceType.declare)
    rt.pointee.types.memoryview = make(
      "memoryview", MemoryViewLayout.self, [.sequencePattern, .weakReferenceable], MemoryViewType.declare)
    rt.pointee.types.foreignObject = make("foreign", 64, [.foreign], base: rt.pointee.types.object, nil)
  }

  private static func makeIteratorTypes() {
    let index = IndexIteratorLayout.self
    rt.pointee.types.listIterator = make("list_iterator", index, [.ownable], ListIteratorType.declare)
    rt.pointee.types.listReverseIterator = make("list_reverseiterator", index, [.ownable], ListReverseIteratorType.declare)
    rt.pointee.types.tupleIterator = make("tuple_iterator", index, [.ownable], TupleIteratorType.declare)
    rt.pointee.types.strIterator = make("str_iterator", index, [.ownable], StrIteratorType.declare)
    rt.pointee.types.bytesIterator = make("bytes_iterator", index, [.ownable], BytesIteratorType.declare)
    rt.pointee.types.bytearrayIterator = make("bytearray_iterator", index, [.ownable], ByteArrayIteratorType.declare)
    rt.pointee.types.memoryviewIterator = make("memory_iterator", index, [.ownable], MemoryViewIteratorType.declare)
    rt.pointee.types.sequenceIterator = make("iterator", index, [.ownable], SequenceIteratorType.declare)
    rt.pointee.types.rangeIterator = make("range_iterator", RangeIteratorLayout.self, [.ownable], RangeIteratorType.declare)
    rt.pointee.types.longRangeIterator = make("longrange_iterator", LongRangeIteratorLayout.self, [], LongRangeIteratorType.declare)
    rt.pointee.types.callableIterator = make("callable_iterator", PairIteratorLayout.self, [], CallableIteratorType.declare)
    rt.pointee.types.genericAliasIterator = make(
      "generic_alias_iterator", PairIteratorLayout.self, [], GenericAliasIteratorType.declare)
    rt.pointee.types.enumerate = make("enumerate", EnumerateLayout.self, [.baseType], EnumerateType.declare)
    rt.pointee.types.reversed = make("reversed", PairIteratorLayout.self, [.baseType], ReversedType.declare)
    rt.pointee.types.zip = make("zip", ZipLayout.self, [.baseType], ZipType.declare)
    rt.pointee.types.map = make("map", ZipLayout.self, [.baseType], MapType.declare)
    rt.pointee.types.filter = make("filter", PairIteratorLayout.self, [.baseType], FilterType.declare)
    let view = TableIteratorLayout.self
    rt.pointee.types.dictKeys = make("dict_keys", DictViewLayout.self, [], DictKeysType.declare)
    rt.pointee.types.dictValues = make("dict_values", DictViewLayout.self, [], DictValuesType.declare)
    rt.pointee.types.dictItems = make("dict_items", DictViewLayout.self, [], DictItemsType.declare)
    rt.pointee.types.dictKeyIterator = make("dict_keyiterator", view, [.ownable], DictKeyIteratorType.declare)
    rt.pointee.types.dictValueIterator = make("dict_valueiterator", view, [.ownable], DictValueIteratorType.declare)
    rt.pointee.types.dictItemIterator = make("dict_itemiterator", view, [.ownable], DictItemIteratorType.declare)
    rt.pointee.types.dictReverseKeyIterator = make("dict_reversekeyiterator", view, [.ownable], DictReverseKeyIteratorType.declare)
    rt.pointee.types.dictReverseValueIterator = make("dict_reversevalueiterator", view, [.ownable], DictReverseValueIteratorType.declare)
    rt.pointee.types.dictReverseItemIterator = make("dict_reverseitemiterator", view, [.ownable], DictReverseItemIteratorType.declare)
    rt.pointee.types.setIterator = make("set_iterator", view, [.ownable], SetIteratorType.declare)
  }

  private static func makeExceptionTypes() {
    let count = ExceptionKind.allCases.count
    let table = UnsafeMutablePointer<TypeRef>.allocate(capacity: count)
    table.initialize(repeating: rt.pointee.types.object, count: count)
    rt.pointee.types.exceptions = table
    let flags: TypeFlags = [.baseType, .exceptionSubclass, .hasAttributes]
    for kind in ExceptionKind.allCases {
      let base = kind.base.map { table[$0.rawValue] } ?? rt.pointee.types.object
      table[kind.rawValue] = make(
        kind.name, ExceptionTypes.layoutSize(kind), flags, base: base, ExceptionTypes.declaration(kind))
    }
  }

  // MARK: first objects

  private static func makeSingletons(_ vm: VM) {
    must { () throws(Raised) in
      if rt.pointee.emptyTuple.isNull {
        rt.pointee.emptyTuple = Value(
          try vm.allocate(rt.pointee.types.tuple, TupleLayout.itemsOffset).assumingMemoryBound(to: TupleLayout.self))
      }
      rt.pointee.builtinTypeList = try vm.list()
      for e in entries { try vm.append(rt.pointee.builtinTypeList, Value(e.type)) }
      let shape = try vm.make(ShapeLayout.self, rt.pointee.types.shape)
      shape.pointee.type = rt.pointee.types.object
      rt.pointee.dictionaryShape = shape
    }
  }

  private static func nameAll(_ vm: VM) throws(Raised) {
    for e in entries { try TypeFactory.nameBuiltin(vm, e.type, e.name) }
  }

  private static func declareAll(_ vm: VM) {
    for e in entries {
      guard let declare = e.declare else { continue }
      var builder = TypeBuilder(vm: vm, type: e.type)
      declare(&builder)
    }
  }
}
