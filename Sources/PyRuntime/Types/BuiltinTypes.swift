/// The builtin types, made by `Bootstrap`. Every field is set before any Python code runs.
struct BuiltinTypes {
  private static var unset: TypeRef { TypeRef(bitPattern: 16).unsafelyUnwrapped }

  var `type` = unset
  var object = unset
  var valueBuffer = unset
  var rawBuffer = unset
  var shape = unset
  var int = unset
  var bool = unset
  var float = unset
  var complex = unset
  var str = unset
  var bytes = unset
  var bytearray = unset
  var memoryview = unset
  var list = unset
  var tuple = unset
  var dict = unset
  var set = unset
  var frozenset = unset
  var range = unset
  var slice = unset
  var noneType = unset
  var notImplementedType = unset
  var ellipsisType = unset
  var code = unset
  var function = unset
  var builtinFunction = unset
  var methodDescriptor = unset
  var classMethodDescriptor = unset
  var wrapperDescriptor = unset
  var methodWrapper = unset
  var boundMethod = unset
  var getsetDescriptor = unset
  var memberDescriptor = unset
  var mappingProxy = unset
  var property = unset
  var classmethod = unset
  var staticmethod = unset
  var `super` = unset
  var module = unset
  var cell = unset
  var frame = unset
  var traceback = unset
  var generator = unset
  var coroutine = unset
  var coroutineWrapper = unset
  var asyncGenerator = unset
  var asyncGenASend = unset
  var asyncGenAThrow = unset
  var asyncGenWrappedValue = unset
  var weakref = unset
  var weakProxy = unset
  var weakCallableProxy = unset
  var genericAlias = unset
  var unionType = unset
  var simpleNamespace = unset
  var listIterator = unset
  var listReverseIterator = unset
  var tupleIterator = unset
  var strIterator = unset
  var bytesIterator = unset
  var bytearrayIterator = unset
  var rangeIterator = unset
  var longRangeIterator = unset
  var dictKeys = unset
  var dictValues = unset
  var dictItems = unset
  var dictKeyIterator = unset
  var dictValueIterator = unset
  var dictItemIterator = unset
  var dictReverseKeyIterator = unset
  var dictReverseValueIterator = unset
  var dictReverseItemIterator = unset
  var setIterator = unset
  var sequenceIterator = unset
  var callableIterator = unset
  var enumerate = unset
  var reversed = unset
  var zip = unset
  var map = unset
  var filter = unset
  var memoryviewIterator = unset
  var foreignObject = unset

  /// Exception classes, indexed by `ExceptionKind.rawValue`
  var exceptions: UnsafeMutablePointer<TypeRef> = UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped

  @inline(__always) subscript(kind: ExceptionKind) -> TypeRef { exceptions[kind.rawValue] }
}
