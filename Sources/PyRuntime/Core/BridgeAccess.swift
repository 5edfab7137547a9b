import CRuntimeSupport
import Glibc

/// What the bridge needs of this target beyond its ordinary operations.
package enum BridgeAccess {
  /// Signals that have handlers of our program's, SIGINT's own included.
  package static var handledSignals: [Int32] { SignalModule.handled }

  /// Whether the collector found this cell alive; only from `BridgeHooks.afterMark`.
  package static func isMarked(_ cell: UnsafeMutableRawPointer) -> Bool { rt.heapPointer.pointee.isMarked(cell) }

  /// Whether references are only being looked at: nothing is alive because it is met.
  package static var isObserving: Bool { rt.heapPointer.pointee.observation != .none }

  /// A type for objects of CPython's, to be filled and then readied. It lives as long as the process.
  package static func makeForeignType(
    _ vm: VM, name: Value, qualname: Value, module: Value, base: TypeRef, meta: TypeRef, layoutSize: Int, isBase: Bool
  ) throws(Raised) -> TypeRef {
    let type = meta == rt.types.type ? try vm.make(TypeLayout.self, meta) : try vm.instance(TypeLayout.self, of: meta)
    try vm.append(rt.pointee.builtinTypeList, Value(type))
    TypeFactory.initialize(type, base: base, layoutSize: layoutSize, flags: isBase ? [.foreign, .baseType] : [.foreign])
    type.pointee.name = name
    type.pointee.qualname = qualname
    type.pointee.moduleName = module
    type.pointee.dict = try vm.dict()
    type.pointee.doc = .null
    try order(vm, type)
    return type
  }
  /// Bases and mro at once: an attribute of the class may be an instance of a class derived from it.
  private static func order(_ vm: VM, _ type: TypeRef) throws(Raised) {
    guard let base = type.pointee.base else { return }
    type.pointee.bases = try vm.tuple(Value(base))
    type.pointee.mro = try MethodResolution.ofBuiltin(vm, type)
  }
  /// A type of CPython's whose instances are values of one of our builtins.
  package static func makeValueType(
    _ vm: VM, name: Value, qualname: Value, module: Value, base: TypeRef, isBase: Bool
  ) throws(Raised) -> TypeRef {
    let type = try vm.make(TypeLayout.self, rt.types.type)
    try vm.append(rt.pointee.builtinTypeList, Value(type))
    TypeFactory.initialize(type, base: base, layoutSize: Int(base.pointee.instanceSize), flags: isBase ? [.baseType] : [])
    type.pointee.name = name
    type.pointee.qualname = qualname
    type.pointee.moduleName = module
    type.pointee.dict = try vm.dict()
    type.pointee.doc = .null
    try order(vm, type)
    return type
  }
  /// Gives a type of CPython's with more than one base the bases and the order that it has there.
  package static func setOrder(_ type: TypeRef, bases: Value, mro: Value) {
    type.pointee.bases = bases
    type.pointee.mro = mro
    type.pointee.version = Types.freshVersion()
  }
  /// An instance of a foreign type: its one word of memory is null.
  package static func makeForeign(_ vm: VM, _ type: TypeRef) throws(Raised) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(try vm.instance(CellHeader.self, of: type))
  }
  /// A cell of a type of CPython's own (32 bytes): its second word is `object`, its third `state`. `bytes` of CPython's memory live as long
  /// as it, and count for the next collection.
  package static func makeForeign(
    _ vm: VM, _ type: TypeRef, _ object: UnsafeMutableRawPointer, _ state: UInt, bytes: Int
  ) throws(Raised) -> UnsafeMutableRawPointer {
    let cell = try vm.allocateUnfilled(type, 32)
    cell.storeBytes(of: UInt(bitPattern: object), toByteOffset: 8, as: UInt.self)
    cell.storeBytes(of: state, toByteOffset: 16, as: UInt.self)
    cell.storeBytes(of: 0, toByteOffset: 24, as: UInt.self)
    rt.heapPointer.pointee.allocatedSinceCollection &+= bytes
    return cell
  }
  /// Sets a class's attribute without asking its metaclass.
  package static func setTypeAttribute(_ vm: VM, _ type: TypeRef, _ name: Value, _ value: Value) throws(Raised) {
    try Dicts.set(vm, type.pointee.dict, name, value)
    TypeAttributes.changed(type, name)
  }
  package static func removeTypeAttribute(_ vm: VM, _ type: TypeRef, _ name: Value) throws(Raised) {
    _ = try Dicts.remove(vm, type.pointee.dict, name)
    TypeAttributes.changed(type, name)
  }
  /// An instance of a tuple subclass with the items of a list.
  package static func makeTuple(_ vm: VM, _ type: TypeRef, _ items: Value) throws(Raised) -> Value {
    let count = items.as(ListLayout.self).pointee.count
    let t = try vm.instance(TupleLayout.self, of: type, inlineBytes: count &* 8)
    t.pointee.count = count
    for i in 0..<count { t.items[i] = items.as(ListLayout.self).pointee.items?[i] ?? .none }
    return Value(t)
  }
  /// An instance of a subclass of int, str, bytes or float, made by the builtin.
  package static func makeValue(_ vm: VM, _ type: TypeRef, _ exact: Value) throws(Raised) -> Value {
    guard let new = exact.type.pointee.slots.new else { throw vm.raise(.systemError, "value type without a constructor") }
    var argument = exact
    return try withUnsafeMutablePointer(to: &argument) { p throws(Raised) in try new(vm, Value(type), Args(p, count: 1)) }
  }
  package static func ready(_ vm: VM, _ type: TypeRef) throws(Raised) { try TypeFactory.ready(vm, type) }

  /// What a type's mro holds under a name, and the type that has it; null without one.
  package static func lookup(_ type: TypeRef, _ name: Value) -> (Value, TypeRef?) {
    if let (v, owner) = Types.lookupWithOwner(type, name) { return (v, owner) }
    return (.null, nil)
  }

  package static func isInstance(_ vm: VM, _ v: Value, _ cls: Value) throws(Raised) -> Bool { try vm.isInstance(v, cls) }
  package static func isSubclass(_ vm: VM, _ v: Value, _ cls: Value) throws(Raised) -> Bool { try vm.isSubclass(v, cls) }
  /// The text of an instance of a str subclass, as an exact str.
  package static func exactStr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let s = v.as(StrLayout.self)
    let copy = try vm.newStr(length: s.pointee.length, unit: s.pointee.unit, ascii: s.isASCII)
    copy.units.copyMemory(from: s.units, byteCount: s.pointee.length &* Int(s.pointee.unit))
    return Value(copy)
  }

  /// Whether a name is a special method that has a slot.
  package static func isSlotName(_ name: Value) -> Bool {
    for i in 0..<SlotTable.count where SlotTable.entries[i].name == name { return true }
    return false
  }

  /// `object.__getattribute__` and its like.
  package static func genericGetAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    guard let slot = rt.types.object.pointee.slots.getAttribute else { throw vm.raise(.attributeError, name.swiftString) }
    return try slot(vm, v, name)
  }
  package static func genericSetAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    guard let slot = rt.types.object.pointee.slots.setAttribute else { throw vm.raise(.attributeError, name.swiftString) }
    try slot(vm, v, name, value)
  }

  /// A new module object with importlib's attributes, not in `sys.modules`.
  package static func newModule(_ vm: VM, _ name: Value) throws(Raised) -> Value { try vm.newModule(name) }
  package static func moduleDict(_ module: Value) -> Value { module.as(ModuleLayout.self).pointee.dict }

  package static func moduleName(_ module: Value) -> Value { Dicts.get(module.as(ModuleLayout.self).pointee.dict, str: rt.names.__name__) }
  package static func isForced(_ name: Value) -> Bool {
    guard !ForcedOrigins.forced.isEmpty, name.isStr, let top = name.swiftString.split(separator: ".").first else { return false }
    return ForcedOrigins.forced.contains(String(top)) || ForcedOrigins.isForced(name)
  }
  /// The C module that a package of the standard library leaves out in favour of its Python form.
  package static func accelerator(of package: Value) -> StaticString? {
    package.isStr ? CModules.replaced.first { Str.equal(package, $0.package) }?.name : nil
  }
  /// CPython's module object behind one of ours, and the version of its dict that ours was read from.
  package static func foreignModule(_ module: Value) -> UnsafeMutableRawPointer? { module.as(ModuleLayout.self).pointee.foreign }
  package static func setForeignModule(_ module: Value, _ o: UnsafeMutableRawPointer) {
    module.as(ModuleLayout.self).pointee.foreign = o
  }
  package static func foreignVersion(_ module: Value) -> UInt64 { module.as(ModuleLayout.self).pointee.foreignVersion }
  package static func setForeignVersion(_ module: Value, _ version: UInt64) {
    module.as(ModuleLayout.self).pointee.foreignVersion = version
  }

  /// A `builtin_function_or_method` whose calls go to CPython's `function`.
  package static func foreignFunction(
    _ vm: VM, name: Value, receiver: Value, module: Value, function: UnsafeMutableRawPointer, code: ManyCode
  ) throws(Raised) -> Value {
    let f = try vm.make(NativeFunctionLayout.self, rt.types.builtinFunction)
    f.pointee.code = NoArgsCode { (_, _) throws(Raised) in .none }.code
    f.pointee.name = name
    f.pointee.receiver = receiver
    f.pointee.module = module
    NativeFunctions.makeForeign(f, function)
    f.pointee.code = code.code
    return Value(f)
  }
  package static func functionWord(_ f: Value) -> UnsafeMutableRawPointer? { f.as(NativeFunctionLayout.self).pointee.parameters }
  package static func setFunctionWord(_ f: Value, _ word: UnsafeMutableRawPointer) {
    f.as(NativeFunctionLayout.self).pointee.parameters = word
  }
  /// (module, name)
  package static func functionNames(_ f: Value) -> (Value, Value) {
    (f.as(NativeFunctionLayout.self).pointee.module, f.as(NativeFunctionLayout.self).pointee.name)
  }

  /// For an attribute: a function of the class of `v` and true, where it would be bound to `v` only; else the attribute and false.
  package static func method(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> (Value, Bool) {
    let (found, isMethod) = try ObjectAttributes.method(vm, v, name)
    return isMethod && !found.isExact(rt.types.function) ? (try vm.getAttribute(v, name), false) : (found, isMethod)
  }

  /// (object, protocol) → the object's `__qualname__`
  package static func nameOf(_ vm: VM) throws(Raised) -> Value {
    if nameFunction.isNull {
      nameFunction = try function(
        vm, "__reduce_ex__", ManyCode { (vm, _, args) throws(Raised) in try vm.getAttribute(args[0], "__qualname__") })
    }
    return nameFunction
  }
  nonisolated(unsafe) private static var nameFunction = Value.null

  /// A builtin function without a receiver, from code without captures.
  package static func function(_ vm: VM, _ name: StaticString, _ code: ManyCode) throws(Raised) -> Value {
    Value(try NativeFunctions.make(vm, rt.types.builtinFunction, name, nil, nil, code.code, .many, []))
  }

  package static func variableDefault(_ v: Value) -> Value { v.as(ContextVarLayout.self).pointee.fallback }
  package static func setVariableShared(_ v: Value) { v.as(ContextVarLayout.self).pointee.isShared = true }
  /// A context variable's value in a context (null: the current one), or null.
  package static func contextValue(_ vm: VM, _ context: Value, _ v: Value) throws(Raised) -> Value {
    try ContextvarsModule.value(vm, context, v)
  }
  package static func setContextValue(_ vm: VM, _ context: Value, _ v: Value, _ value: Value) throws(Raised) {
    try ContextvarsModule.set(vm, context, v, value)
  }

  package static func byteArrayForeign(_ v: Value) -> UnsafeMutableRawPointer? { v.as(ByteArrayLayout.self).pointee.foreign }
  package static func setByteArrayForeign(_ v: Value, _ o: UnsafeMutableRawPointer?) { v.as(ByteArrayLayout.self).pointee.foreign = o }
  package static func byteArrayBytes(_ v: Value) -> UnsafeMutableRawBufferPointer { ByteArrays.bytes(v) }

  /// Name → handler of encoding errors; null before the first use.
  package static var errorHandlers: Value { CodecRegistry.errorHandlers }

  /// The line of Python that is running: (file, line, globals), file null outside any.
  package static func currentPlace(_ vm: VM) -> (Value, Int, Value) {
    guard let f = vm.thread.pointee.frame.map({ $0.assumingMemoryBound(to: Value.self) }) else { return (.null, 0, .null) }
    return (f.frameCode.pointee.filename, LineTable.line(f.frameCode, f.frameLasti), f.frameFunction.pointee.globals)
  }

  /// Exchanges the storage of two lists, two dicts or two sets.
  package static func swapStorage(_ a: Value, _ b: Value) {
    if a.isList {
      let x = a.as(ListLayout.self), y = b.as(ListLayout.self)
      swap(&x.pointee.items, &y.pointee.items)
      swap(&x.pointee.count, &y.pointee.count)
      swap(&x.pointee.capacity, &y.pointee.capacity)
      return
    }
    if a.isDict {
      let x = a.as(DictLayout.self), y = b.as(DictLayout.self)
      let (header, other, foreign, otherForeign) = (x.pointee.header, y.pointee.header, x.pointee.foreign, y.pointee.foreign)
      swap(&x.pointee, &y.pointee)
      x.pointee.header = header
      y.pointee.header = other
      x.pointee.foreign = foreign
      y.pointee.foreign = otherForeign
      x.pointee.keysVersion = 0
      y.pointee.keysVersion = 0
      Heap.noteStore(a)
      Heap.noteStore(b)
      return
    }
    let x = a.as(SetLayout.self), y = b.as(SetLayout.self)
    let (header, other, foreign, otherForeign) = (x.pointee.header, y.pointee.header, x.pointee.foreign, y.pointee.foreign)
    swap(&x.pointee, &y.pointee)
    x.pointee.header = header
    y.pointee.header = other
    x.pointee.foreign = foreign
    y.pointee.foreign = otherForeign
  }

  /// Collects, and ends the memoryviews that turn out dead.
  package static func releaseDeadViews(_ vm: VM) { MemoryViews.releaseDead(vm) }

  /// Runs `body` on thread `vm`, until whose end collections of any thread pass by the words [low, high) of this one's native stack: those of
  /// a frame that has nothing which is not held elsewhere, too, and in which calls before have left what is dead.
  package static func passing(_ vm: VM, _ low: UnsafeRawPointer, _ high: UnsafeRawPointer, _ body: () -> Bool) -> Bool {
    let outer = vm.thread.pointee.passed
    vm.thread.pointee.passed = (low, high)
    defer { vm.thread.pointee.passed = outer }
    return body()
  }

  /// Whether more than one thread of ours may run Python.
  package static var hasManyThreads: Bool { rt.threads?.pointee.next != nil }

  /// The thread state of the calling native thread, if it has one.
  package static func threadOfCaller() -> UnsafeMutablePointer<ThreadState>? {
    let id = UInt(pthread_self())
    if let t = rt.currentThread, t.pointee.id == id { return t }
    var thread = rt.threads
    while let t = thread {
      if t.pointee.id == id { return t }
      thread = t.pointee.next
    }
    return nil
  }

  /// Runs `body`, which may give up the lock, with everything that this thread's native stack holds visible to the collector.
  package static func parkedRun(_ vm: VM, _ body: () -> Void) {
    if !InterpreterLock.isSetUp {
      body()
      rt.pointee.currentThread = vm.thread
      return
    }
    withoutActuallyEscaping(body) { body in
      var work: (UnsafeRawPointer) -> Void = { sp in
        vm.thread.pointee.parkedStackPointer = sp
        body()
        rt.pointee.currentThread = vm.thread
        vm.thread.pointee.parkedStackPointer = nil
      }
      withUnsafeMutablePointer(to: &work) { p in
        amphis_with_spilled_registers(
          { context, sp in
            guard let context, let sp else { return }
            context.assumingMemoryBound(to: ((UnsafeRawPointer) -> Void).self).pointee(sp)
          }, p)
      }
    }
  }
}

extension Value {
  /// What `id` answers, and what objects without a hash of their own are hashed by: C code knows an object of CPython's by its address there.
  var identity: UInt64 {
    guard isCell else { return bits }
    if cellType.pointee.flags.contains(.foreign) {
      let address = cell.load(fromByteOffset: 8, as: UInt64.self)
      return address != 0 ? address : bits
    }
    if isType, asType.pointee.flags.intersection([.foreign, .heapType]) == .foreign, let twin = asType.pointee.twin {
      return UInt64(UInt(bitPattern: twin))
    }
    return bits
  }
}
