/// The builtin types, made by `Bootstrap`. Every field is set before any Python code runs.
package struct BuiltinTypes {
  private static var unset: TypeRef { TypeRef(bitPattern: 16).unsafelyUnwrapped }

  package var `type` = unset
  package var object = unset
  package var valueBuffer = unset
  package var rawBuffer = unset
  package var shape = unset
  package var int = unset
  package var bool = unset
  package var float = unset
  package var complex = unset
  package var str = unset
  package var bytes = unset
  package var bytearray = unset
  package var memoryview = unset
  package var list = unset
  package var tuple = unset
  package var dict = unset
  package var set = unset
  package var frozenset = unset
  package var range = unset
  package var slice = unset
  package var noneType = unset
  package var notImplementedType = unset
  package var ellipsisType = unset
  package var code = unset
  package var function = unset
  package var builtinFunction = unset
  package var methodDescriptor = unset
  package var classMethodDescriptor = unset
  package var wrapperDescriptor = unset
  package var methodWrapper = unset
  package var boundMethod = unset
  package var getsetDescriptor = unset
  package var memberDescriptor = unset
  package var mappingProxy = unset
  package var property = unset
  package var classmethod = unset
  package var staticmethod = unset
  package var `super` = unset
  package var module = unset
  package var cell = unset
  package var frame = unset
  package var traceback = unset
  package var generator = unset
  package var coroutine = unset
  package var coroutineWrapper = unset
  package var asyncGenerator = unset
  package var asyncGenASend = unset
  package var asyncGenAThrow = unset
  package var asyncGenWrappedValue = unset
  package var weakref = unset
  package var weakProxy = unset
  package var weakCallableProxy = unset
  package var genericAlias = unset
  package var unionType = unset
  package var simpleNamespace = unset
  package var listIterator = unset
  package var listReverseIterator = unset
  package var tupleIterator = unset
  package var strIterator = unset
  package var bytesIterator = unset
  package var bytearrayIterator = unset
  package var rangeIterator = unset
  package var longRangeIterator = unset
  package var dictKeys = unset
  package var dictValues = unset
  package var dictItems = unset
  package var dictKeyIterator = unset
  package var dictValueIterator = unset
  package var dictItemIterator = unset
  package var dictReverseKeyIterator = unset
  package var dictReverseValueIterator = unset
  package var dictReverseItemIterator = unset
  package var setIterator = unset
  package var sequenceIterator = unset
  package var callableIterator = unset
  package var genericAliasIterator = unset
  package var enumerate = unset
  package var reversed = unset
  package var zip = unset
  package var map = unset
  package var filter = unset
  package var memoryviewIterator = unset
  package var foreignObject = unset

  /// Exception classes, indexed by `ExceptionKind.rawValue`
  package var exceptions: UnsafeMutablePointer<TypeRef> = UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped

  @inline(__always) package subscript(kind: ExceptionKind) -> TypeRef { exceptions[kind.rawValue] }
}
