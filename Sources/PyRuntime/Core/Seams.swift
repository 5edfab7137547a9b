// Signatures agreed between the parts of this target, each to be replaced by its real definition in its own file.

// MARK: OBJ (Types/Type, Types/Object, Types/Exceptions, …)
extension VM {
  /// `isinstance(v, cls)` with `__instancecheck__`, tuples and unions.
  func isInstance(_ v: Value, _ cls: Value) throws(Raised) -> Bool { Heap.die("seam") }
  func isSubclass(_ v: Value, _ cls: Value) throws(Raised) -> Bool { Heap.die("seam") }
  /// `format(v, spec)`; spec a str or null.
  func format(_ v: Value, _ spec: Value) throws(Raised) -> Value { Heap.die("seam") }
  func warn(_ category: ExceptionKind, _ message: String, stackLevel: Int = 1) throws(Raised) { Heap.die("seam") }
  /// Prints the pending exception through sys.unraisablehook and clears it.
  func writeUnraisable(_ context: String, _ object: Value) { clearPending() }
}
enum Exceptions {
  /// Instantiates an exception class.
  static func make(_ vm: VM, _ type: TypeRef, _ args: Args) throws(Raised) -> Value { Heap.die("seam") }
  /// `raise`'s implicit chaining with the exception being handled, cycles avoided.
  static func setContext(_ vm: VM, _ exception: Value) { Heap.die("seam") }
  static func preparedMemoryError() -> Value { Heap.die("seam") }
}
enum Types {
  /// Attribute of a type through its mro, unbound; null when missing. Cached by type version.
  static func lookup(_ type: TypeRef, _ name: Value) -> Value { Heap.die("seam") }
  /// `cls[item]` by way of `__class_getitem__`
  static func classGetItem(_ vm: VM, _ cls: Value, _ item: Value) throws(Raised) -> Value { Heap.die("seam") }
  /// Tells caches that `type` (and so its subclasses) changed.
  static func modified(_ type: TypeRef) { Heap.die("seam") }
}
enum TypeFactory {
  static func makeBuiltin(
    _ vm: VM, _ name: StaticString, base: TypeRef?, layoutSize: Int, flags: TypeFlags, module: Value
  ) throws(Raised) -> TypeRef { Heap.die("seam") }
  /// mro, inherited slots, dunder wrappers.
  static func ready(_ vm: VM, _ type: TypeRef) throws(Raised) { Heap.die("seam") }
}
enum NativeFunctions {
  static func addMethod(
    _ vm: VM, to type: TypeRef, _ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ code: UnsafeRawPointer,
    _ shape: NativeShape, _ flags: NativeFlags
  ) { Heap.die("seam") }
  static func addFunction(
    _ vm: VM, to module: Value, _ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ code: UnsafeRawPointer,
    _ shape: NativeShape
  ) { Heap.die("seam") }
}
enum Descriptors {
  static func addGetset(_ vm: VM, to type: TypeRef, _ name: StaticString, _ doc: StaticString?, _ get: NoArgsCode, _ set: StoreCode?) {
    Heap.die("seam")
  }
  static func addMember(
    _ vm: VM, to type: TypeRef, _ name: StaticString, _ doc: StaticString?, offset: Int, readOnly: Bool, whenNull: Value
  ) { Heap.die("seam") }
}
enum Bootstrap {
  static func run(_ vm: VM) { Heap.die("seam") }
}

extension Heap {
  /// Walks every live cell and stops the process if a layout is inconsistent. `-X gccheck` and tests only.
  func checkAll() {}
}
