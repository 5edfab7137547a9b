/// Bodies of the instructions that read and write variables by name, and of cells.
enum NameInstructions {
  @inline(never)
  static func loadGlobal(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let name = pc.name(pc.pointee.b, fp)
    fp[Int(pc.pointee.a)] = try global(vm, fp.frameFunction, name)
    Quickening.loadGlobal(pc, fp.frameFunction, name)
  }
  @inline(never)
  static func loadGlobalMiss(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .loadGlobal)
    try loadGlobal(vm, fp, pc)
  }

  /// A global or builtin by name.
  static func global(_ vm: VM, _ function: UnsafeMutablePointer<FunctionLayout>, _ name: Value) throws(Raised) -> Value {
    let globals = function.pointee.globals
    if globals.isExact(rt.types.dict) {
      let found = Dicts.get(globals, str: name)
      if !found.isNull { return found }
    } else {
      let found = try item(vm, globals, name)
      if !found.isNull { return found }
    }
    let builtins = function.pointee.builtins
    let found =
      builtins.isExact(rt.types.dict) ? Dicts.get(builtins, str: name) : try item(vm, builtins, name)
    if !found.isNull { return found }
    throw notDefined(vm, name)
  }

  /// `mapping[name]`, null for a KeyError.
  static func item(_ vm: VM, _ mapping: Value, _ name: Value) throws(Raised) -> Value {
    if mapping.isExact(rt.types.dict) { return try Dicts.get(vm, mapping, name) }
    do throws(Raised) { return try vm.getItem(mapping, name) } catch {
      if !vm.pendingIs(.keyError) { throw error }
      vm.clearPending()
      return .null
    }
  }

  static func notDefined(_ vm: VM, _ name: Value) -> Raised {
    nameError(vm, .nameError, name, "name '\(name.swiftString)' is not defined")
  }

  private static func nameError(_ vm: VM, _ kind: ExceptionKind, _ name: Value, _ message: String) -> Raised {
    let raised = vm.raise(kind, message)
    if kind == .nameError, vm.pendingIs(.nameError) {
      let exception = vm.takePending()
      do throws(Raised) { try vm.setAttribute(exception, rt.names.name, name) } catch { vm.clearPending() }
      vm.thread.pointee.pending = exception
    }
    return raised
  }

  static func unboundLocal(_ vm: VM, _ fp: Registers, _ index: UInt16) -> Raised {
    let code = fp.frameCode
    let names = code.pointee.localsplusNames.as(TupleLayout.self)
    let name = Int(index) < names.pointee.count ? names.items[Int(index)] : .null
    let text = name.isNull ? "?" : name.swiftString
    let kinds = code.pointee.localsplusKinds.as(BytesLayout.self).buffer
    if Int(index) < kinds.count && kinds[Int(index)] & 0x80 != 0 {
      return nameError(
        vm, .nameError, name, "cannot access free variable '\(text)' where it is not associated with a value in enclosing scope")
    }
    return nameError(
      vm, .unboundLocalError, name, "cannot access local variable '\(text)' where it is not associated with a value")
  }

  @inline(never)
  static func storeGlobal(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    try replace(vm, fp.frameFunction.pointee.globals, pc.name(pc.pointee.b, fp), operand(pc.pointee.a, fp, k), fp, pc)
  }

  /// Stores into the dict of a namespace; what the name referred to may be an object that has to be missed at once.
  @inline(__always)
  private static func replace(
    _ vm: VM, _ namespace: Value, _ name: Value, _ value: Value, _ fp: Registers, _ pc: CodePointer
  ) throws(Raised) {
    let old = Dicts.get(namespace, str: name)
    try Dicts.set(vm, namespace, name, value)
    if old != value { try DroppedObjects.drop(vm, old, fp, pc) }
  }

  @inline(__always)
  private static func remove(_ vm: VM, _ namespace: Value, _ name: Value, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let old = try Dicts.pop(vm, namespace, name)
    if old.isNull { throw notDefined(vm, name) }
    try DroppedObjects.drop(vm, old, fp, pc)
  }

  @inline(never)
  static func deleteGlobal(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let name = pc.name(pc.pointee.b, fp)
    try remove(vm, fp.frameFunction.pointee.globals, name, fp, pc)
  }

  // MARK: the namespace of a class or module body

  private static func namespace(_ vm: VM, _ fp: Registers, _ verb: String, _ name: Value) throws(Raised) -> Value {
    let namespace = fp.frameNamespace
    // A function made of a module's code runs in its globals.
    let isOptimized = fp.frameCode.pointee.flags & 1 != 0
    if namespace.isNull, !isOptimized { return fp.frameFunction.pointee.globals }
    if namespace.isNull { throw vm.raise(.systemError, "no locals when \(verb) '\(name.swiftString)'") }
    return namespace
  }

  @inline(never)
  static func loadName(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let name = pc.name(pc.pointee.b, fp)
    let found = try item(vm, try namespace(vm, fp, "loading", name), name)
    fp[Int(pc.pointee.a)] = found.isNull ? try global(vm, fp.frameFunction, name) : found
  }

  @inline(never)
  static func storeName(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let name = pc.name(pc.pointee.b, fp)
    let target = try namespace(vm, fp, "storing", name)
    let value = operand(pc.pointee.a, fp, k)
    if target.isExact(rt.types.dict) { return try replace(vm, target, name, value, fp, pc) }
    try vm.setItem(target, name, value)
  }

  @inline(never)
  static func deleteName(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let name = pc.name(pc.pointee.b, fp)
    let target = try namespace(vm, fp, "deleting", name)
    if target.isExact(rt.types.dict) { return try remove(vm, target, name, fp, pc) }
    do throws(Raised) { try vm.setItem(target, name, .null) } catch {
      if !vm.pendingIs(.keyError) { throw error }
      vm.clearPending()
      throw notDefined(vm, name)
    }
  }

  @inline(never)
  static func setupAnnotations(_ vm: VM, _ fp: Registers) throws(Raised) {
    let name = rt.names.__annotations__
    let target = try namespace(vm, fp, "setting up", name)
    if try item(vm, target, name).isNull { try vm.setItem(target, name, try vm.dict()) }
  }

  @inline(never)
  static func loadBuildClass(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let found = try item(vm, fp.frameFunction.pointee.builtins, rt.names.__build_class__)
    if found.isNull { throw vm.raise(.nameError, "__build_class__ not found") }
    fp[Int(pc.pointee.a)] = found
  }

  // MARK: cells

  @inline(never)
  static func makeCell(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    fp[Int(pc.pointee.a)] = try CellType.make(vm, fp[Int(pc.pointee.a)])
  }

  static func copyFree(_ fp: Registers, _ pc: CodePointer) {
    let closure = fp.frameFunction.pointee.closure
    let first = Int(pc.pointee.a)
    let count = closure.isNull ? 0 : min(Int(pc.pointee.b), closure.as(TupleLayout.self).pointee.count)
    for i in 0..<count { fp[first &+ i] = closure.as(TupleLayout.self).items[i] }
  }

  @inline(never)
  static func loadClassCell(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    let name = fp.frameCode.pointee.localsplusNames.as(TupleLayout.self).items[Int(pc.pointee.b)]
    var found = try item(vm, try namespace(vm, fp, "loading", name), name)
    if found.isNull {
      found = fp[Int(pc.pointee.b)].as(ClosureCellLayout.self).pointee.content
      if found.isNull { throw unboundLocal(vm, fp, pc.pointee.b) }
    }
    fp[Int(pc.pointee.a)] = found
  }
}
