/// Bodies of the import instructions.
enum ImportInstructions {
  /// `__import__(name, globals, locals, fromlist, level)` of the frame's builtins.
  @inline(never)
  static func importName(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let names = fp.frameCode.pointee.names.as(TupleLayout.self)
    let name = names.items[Int(pc.w0 & 0xFFFF_FFFF)]
    let function = try NameInstructions.item(vm, fp.frameFunction.pointee.builtins, rt.names.__import__)
    if function.isNull { throw vm.raise(.importError, "__import__ not found") }
    let namespace = fp.frameNamespace
    var args = (
      name, fp.frameFunction.pointee.globals, namespace.isNull ? Value.none : namespace, operand(pc.pointee.c, fp, k),
      operand(pc.pointee.b, fp, k)
    )
    fp[Int(pc.pointee.a)] = try withValues(&args) { p throws(Raised) in try vm.call(function, Args(p, count: 5)) }
  }

  /// An attribute of the module, or else the submodule of that name in `sys.modules`.
  @inline(never)
  static func importFrom(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let module = operand(pc.pointee.b, fp, k)
    let name = pc.name(pc.pointee.c, fp)
    let found = try vm.getAttributeOrNull(module, name)
    fp[Int(pc.pointee.a)] = found.isNull ? try submodule(vm, module, name) : found
  }

  private static func submodule(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    let package = try vm.getAttributeOrNull(module, rt.names.__name__)
    guard package.isStr else { throw failure(vm, module, .null, name) }
    let full = try vm.str(package.swiftString + "." + name.swiftString)
    let modules = rt.pointee.modules
    if !modules.isNull {
      let found = try NameInstructions.item(vm, modules, full)
      if !found.isNull { return found }
    }
    throw failure(vm, module, package, name)
  }

  private static func failure(_ vm: VM, _ module: Value, _ package: Value, _ name: Value) -> Raised {
    do throws(Raised) {
      let shown = package.isNull ? "<unknown module name>" : package.swiftString
      let file = try vm.getAttributeOrNull(module, rt.names.__file__)
      let text: String
      if !file.isStr {
        text = "cannot import name '\(name.swiftString)' from '\(shown)' (unknown location)"
      } else if try isInitializing(vm, module) {
        text =
          "cannot import name '\(name.swiftString)' from partially initialized module '\(shown)' (most likely due to a circular import) (\(file.swiftString))"
      } else {
        text = "cannot import name '\(name.swiftString)' from '\(shown)' (\(file.swiftString))"
      }
      var message = try vm.str(text)
      let exception = try withUnsafePointer(to: &message) { p throws(Raised) in
        try Exceptions.make(vm, rt.types[.importError], Args(p, count: 1))
      }
      try vm.setAttribute(exception, rt.names.name, package.isNull ? .none : package)
      try vm.setAttribute(exception, rt.names.path, file.isStr ? file : .none)
      return vm.raise(exception)
    } catch { return error }
  }

  private static func isInitializing(_ vm: VM, _ module: Value) throws(Raised) -> Bool {
    let spec = try vm.getAttributeOrNull(module, rt.names.__spec__)
    if spec.isNull || spec.isNone { return false }
    let flag = try vm.getAttributeOrNull(spec, rt.names._initializing)
    return flag.isNull ? false : try vm.isTrue(flag)
  }

  /// `from module import *` into the frame's namespace.
  @inline(never)
  static func importStar(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let module = operand(pc.pointee.a, fp, k)
    let target = fp.frameNamespace
    if target.isNull { throw vm.raise(.systemError, "no locals found during 'import *'") }
    var names = try vm.getAttributeOrNull(module, rt.names.__all__)
    let skipPrivate = names.isNull
    if names.isNull {
      let dict = try vm.getAttributeOrNull(module, rt.names.__dict__)
      if dict.isNull { throw vm.raise(.importError, "from-import-* object has no __dict__ and no __all__") }
      names = try vm.callMethod(dict, rt.names.keys)
      names = try vm.list(from: names)
    }
    var i = 0
    while true {
      let name: Value
      do throws(Raised) { name = try vm.getItem(names, try vm.int(i)) } catch {
        if !vm.pendingIs(.indexError) { throw error }
        vm.clearPending()
        return
      }
      i &+= 1
      guard name.isStr else { throw try nameNotStr(vm, module, name, skipPrivate) }
      if skipPrivate, name.as(StrLayout.self).pointee.length > 0, name.as(StrLayout.self)[codePoint: 0] == 0x5F { continue }
      try vm.setItem(target, name, try vm.getAttribute(module, name))
    }
  }

  private static func nameNotStr(_ vm: VM, _ module: Value, _ name: Value, _ fromDict: Bool) throws(Raised) -> Raised {
    let moduleName = try vm.getAttribute(module, rt.names.__name__)
    guard moduleName.isStr else {
      return vm.raise(.typeError, "module __name__ must be a string, not \(moduleName.typeName)")
    }
    let what = fromDict ? "Key in \(moduleName.swiftString).__dict__" : "Item in \(moduleName.swiftString).__all__"
    return vm.raise(.typeError, "\(what) must be str, not \(name.typeName)")
  }
}
