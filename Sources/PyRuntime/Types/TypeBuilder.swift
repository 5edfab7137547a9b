/// Declares a builtin type: slots, methods, attributes, one statement each. `Bootstrap` makes the type object, calls the type's
/// `declare`, then readies it (mro, inherited slots, dunder wrappers for the slots that were set).
///
///     static func declare(_ t: inout TypeBuilder) {
///       t.slots.repr = NoArgsCode(repr)
///       t.method("append", "($self, object, /)", "Append object to the end of the list.", append)
///     }
///
/// Signatures are CPython's text signatures. They drive argument binding: a function of two or three Swift parameters receives
/// the Python arguments one each, one that takes `Args` receives exactly one value per parameter in declared order (missing
/// optional ones null; `*args` as a tuple, `**kwargs` as a dict or null). A signature of `nil` means raw: `Args` arrive as
/// called, keywords included, and the function checks them.
package struct TypeBuilder {
  package let vm: VM
  package let type: TypeRef

  package var slots: TypeSlots {
    get { type.pointee.slots }
    nonmutating set { type.pointee.slots = newValue }
  }
  package var flags: TypeFlags {
    get { type.pointee.flags }
    nonmutating set { type.pointee.flags = newValue }
  }
  package func doc(_ text: StaticString) { type.pointee.doc = vm.staticStr(text) }
  /// Custom tracing of the fixed part; attribute storage and slots are traced anyway.
  package func trace(_ function: @escaping TraceFunction) {
    type.pointee.traceKind = .custom
    type.pointee.trace = function
  }

  package func method(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeNoArgs) {
    add(name, signature, doc, NoArgsCode(function).code, .noArgs, [])
  }
  package func method(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeOne) {
    add(name, signature, doc, OneCode(function).code, .one, [])
  }
  package func method(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeTwo) {
    add(name, signature, doc, TwoCode(function).code, .two, [])
  }
  package func method(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeMany) {
    add(name, signature, doc, ManyCode(function).code, .many, [])
  }
  /// A method with `NativeFlags.takesFewer`
  package func optionalMethod(_ name: StaticString, _ signature: StaticString, _ doc: StaticString?, _ function: @escaping NativeMany) {
    add(name, signature, doc, ManyCode(function).code, .many, .takesFewer)
  }
  /// First Swift parameter: the type.
  package func classMethod(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeMany) {
    add(name, signature, doc, ManyCode(function).code, .many, .isClassMethod)
  }
  package func classMethod(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeOne) {
    add(name, signature, doc, OneCode(function).code, .one, .isClassMethod)
  }
  /// First Swift parameter: null.
  package func staticMethod(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeMany) {
    add(name, signature, doc, ManyCode(function).code, .many, .isStatic)
  }
  private func add(
    _ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ code: UnsafeRawPointer, _ shape: NativeShape,
    _ flags: NativeFlags
  ) {
    NativeFunctions.addMethod(vm, to: type, name, signature, doc, code, shape, flags)
  }

  /// A read-only computed attribute.
  package func getset(_ name: StaticString, _ doc: StaticString?, _ get: @escaping NativeNoArgs) {
    Descriptors.addGetset(vm, to: type, name, doc, NoArgsCode(get), nil)
  }
  /// A computed attribute; `set` receives (instance, value or null to delete, null).
  package func getset(_ name: StaticString, _ doc: StaticString?, _ get: @escaping NativeNoArgs, _ set: @escaping NativeStore) {
    // Two functions and no optional one: a function inside an Optional is wrapped and no longer a plain code pointer.
    Descriptors.addGetset(vm, to: type, name, doc, NoArgsCode(get), StoreCode(set))
  }
  /// An attribute that is a `Value` stored at `offset`. Null reads as `whenNull` (AttributeError if that is null too).
  package func member(_ name: StaticString, _ doc: StaticString?, offset: Int?, readOnly: Bool = true, whenNull: Value = .none) {
    Descriptors.addMember(vm, to: type, name, doc, offset: offset ?? 0, readOnly: readOnly, whenNull: whenNull)
  }
  /// An attribute that is a `Value` stored at `offset`, never null; deleting it raises AttributeError with `refusal`.
  package func member(_ name: StaticString, _ doc: StaticString?, offset: Int?, refusal: StaticString) {
    Descriptors.addMember(vm, to: type, name, doc, offset: offset ?? 0, readOnly: false, whenNull: .none)
    let d = Dicts.get(vm, type.pointee.dict, name)
    if d.isExact(rt.types.memberDescriptor) { d.as(MemberLayout.self).pointee.refusal = StaticText(refusal) }
  }
  /// A field of the instance that is no Value: a member descriptor to Python all the same.
  package func field(_ name: StaticString, _ doc: StaticString?, _ get: @escaping NativeNoArgs) {
    Descriptors.addMember(vm, to: type, name, doc, offset: 0, readOnly: true, whenNull: .none)
    let d = Dicts.get(vm, type.pointee.dict, name)
    if d.isExact(rt.types.memberDescriptor) { d.as(MemberLayout.self).pointee.get = NoArgsCode(get) }
  }
  /// Any other value in the type's namespace.
  package func attribute(_ name: StaticString, _ value: Value) {
    vm.bootstrapStore(type.pointee.dict, name, value)
  }
}

/// Declares a native module's contents.
package struct ModuleBuilder {
  package let vm: VM
  package let module: Value
  package var dict: Value { module.as(ModuleLayout.self).pointee.dict }

  package func doc(_ text: StaticString) { vm.bootstrapStore(dict, "__doc__", vm.staticStr(text)) }
  package func value(_ name: StaticString, _ value: Value) { vm.bootstrapStore(dict, name, value) }
  package func int(_ name: StaticString, _ value: Int) throws(Raised) { vm.bootstrapStore(dict, name, try vm.int(value)) }
  package func str(_ name: StaticString, _ value: StaticString) { vm.bootstrapStore(dict, name, vm.staticStr(value)) }
  /// A new class of exceptions, not yet in the module.
  package func exceptionClass(_ name: StaticString, of module: StaticString, base: Value) throws(Raised) -> Value {
    let namespace = try vm.dict()
    try Dicts.set(vm, namespace, "__module__", try vm.intern(module))
    return try vm.call(Value(rt.types.type), try vm.intern(name), try vm.tuple(base), namespace)
  }
  /// First Swift parameter: the module.
  package func function(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeNoArgs) {
    NativeFunctions.addFunction(vm, to: module, name, signature, doc, NoArgsCode(function).code, .noArgs)
  }
  package func function(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeOne) {
    NativeFunctions.addFunction(vm, to: module, name, signature, doc, OneCode(function).code, .one)
  }
  package func function(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeTwo) {
    NativeFunctions.addFunction(vm, to: module, name, signature, doc, TwoCode(function).code, .two)
  }
  package func function(_ name: StaticString, _ signature: StaticString?, _ doc: StaticString?, _ function: @escaping NativeMany) {
    NativeFunctions.addFunction(vm, to: module, name, signature, doc, ManyCode(function).code, .many)
  }
  /// Functions that libpython's twin of this module supplies, at their first call.
  package func deferred(_ names: [StaticString]) {
    for name in names { NativeFunctions.addDeferred(vm, to: module, name) }
  }
  /// Makes a type (`module` is its `__module__`), declares and readies it, and stores it under its name.
  /// `layoutSize`: bytes of the fixed part.
  @discardableResult
  package func type(
    _ name: StaticString, base: TypeRef? = nil, layoutSize: Int, flags: TypeFlags = [.baseType],
    _ declare: (inout TypeBuilder) throws(Raised) -> Void
  ) throws(Raised) -> TypeRef {
    let t = try TypeFactory.makeBuiltin(vm, name, base: base, layoutSize: layoutSize, flags: flags, module: module)
    var builder = TypeBuilder(vm: vm, type: t)
    try declare(&builder)
    try TypeFactory.ready(vm, t)
    vm.bootstrapStore(dict, name, Value(t))
    return t
  }
}

/// The native modules. One line each; `declare` fills the module when it is first imported.
package struct NativeModule {
  package let name: StaticString
  package let declare: (inout ModuleBuilder) throws(Raised) -> Void
  package init(name: StaticString, declare: @escaping (inout ModuleBuilder) throws(Raised) -> Void) {
    self.name = name
    self.declare = declare
  }
}
