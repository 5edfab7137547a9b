/// Names, registries and look-ups that pickling and unpickling share.
enum PickleNames {
  nonisolated(unsafe) static var reduceEx = Value.null, reduce = Value.null, module = Value.null, qualname = Value.null
  nonisolated(unsafe) static var name = Value.null, setState = Value.null, dict = Value.null, cls = Value.null, new = Value.null
  nonisolated(unsafe) static var dispatchTable = Value.null, extensions = Value.null, initializing = Value.null
  nonisolated(unsafe) private static var copyreg = Value.null
  nonisolated(unsafe) private static var compat = Value.null

  static func setUp(_ vm: VM) throws(Raised) {
    reduceEx = try vm.intern("__reduce_ex__")
    reduce = try vm.intern("__reduce__")
    module = try vm.intern("__module__")
    qualname = try vm.intern("__qualname__")
    name = try vm.intern("__name__")
    setState = try vm.intern("__setstate__")
    dict = try vm.intern("__dict__")
    cls = try vm.intern("__class__")
    new = try vm.intern("__new__")
    dispatchTable = try vm.intern("dispatch_table")
    extensions = try vm.intern("_extension_registry")
    initializing = try vm.intern("_initializing")
    copyreg = .null
    compat = .null
  }

  /// One of copyreg's tables.
  static func registry(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    if copyreg.isNull { copyreg = try vm.importModule("copyreg") }
    let table = try vm.getAttribute(copyreg, name)
    guard table.isDict else {
      throw vm.raise(.runtimeError, "copyreg.\(name.swiftString) should be a dict, not \(table.typeName)")
    }
    return table
  }

  /// A table of `_compat_pickle`'s.
  static func compatible(_ vm: VM, _ name: StaticString) throws(Raised) -> Value {
    if compat.isNull { compat = try vm.importModule("_compat_pickle") }
    return try vm.getAttribute(compat, name)
  }

  /// `module.a.b` for "a.b": the object and what it was found in.
  static func find(_ vm: VM, _ start: Value, _ path: Value) throws(Raised) -> (object: Value, parent: Value) {
    let view = StrView(path)
    var object = start, parent = start
    var from = 0
    var i = 0
    while i <= view.length {
      if i < view.length && view[i] != 46 {
        i += 1
        continue
      }
      let part = from == 0 && i == view.length ? path : try StrText.make(vm, view.slice(from, i), .null)
      if view.length >= 8, Str.equal(part, "<locals>") {
        throw vm.raise(.attributeError, "Can't get local attribute \(try text(vm, path)) on \(try text(vm, start))")
      }
      parent = object
      object = try vm.getAttributeOrNull(object, try vm.intern(part))
      if object.isNull {
        throw vm.raise(.attributeError, "Can't get attribute \(try text(vm, path)) on \(try text(vm, start))")
      }
      i += 1
      from = i
    }
    return (object, parent)
  }
  static func lastPart(_ vm: VM, _ path: Value) throws(Raised) -> Value {
    let view = StrView(path)
    var i = view.length
    while i > 0 {
      if view[i - 1] == 46 { return try vm.intern(try StrText.make(vm, view.slice(i, view.length), .null)) }
      i -= 1
    }
    return path
  }
  static func isLocal(_ vm: VM, _ path: Value) -> Bool {
    guard path.isStr, path.as(StrLayout.self).pointee.length >= 8 else { return false }
    let view = StrView(path)
    var i = 0
    while i < view.length && view[i] != 60 { i += 1 }
    if i == view.length { return false }
    return path.swiftString.split(separator: ".", omittingEmptySubsequences: false).contains("<locals>")
  }

  /// The name of the module that a global object is in, if need be by going through all of them.
  static func module(of v: Value, _ vm: VM, path: Value) throws(Raised) -> Value {
    let named = try vm.getAttributeOrNull(v, module)
    if !named.isNull && !named.isNone { return named }
    let modules = try Dicts.copy(vm, rt.pointee.modules)
    var position = 0
    while let entry = Dicts.next(modules, &position) {
      if entry.value.isNone || entry.key.isStr && Str.equal(entry.key, "__main__") { continue }
      do throws(Raised) {
        if try find(vm, entry.value, path).object == v { return entry.key }
      } catch {
        if !vm.pendingIs(.attributeError) { throw error }
        vm.clearPending()
      }
    }
    return try vm.intern("__main__")
  }

  /// `import name`, and the module of that very name.
  static func load(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let known = try Dicts.get(vm, rt.pointee.modules, name)
    if !known.isNull && !known.isNone && known.isInstance(of: rt.types.module) {
      let spec = Dicts.get(BridgeAccess.moduleDict(known), str: rt.names.__spec__)
      if spec.isNull || spec.isNone { return known }
      let initializing = try vm.getAttributeOrNull(spec, initializing)
      if initializing.isNull || initializing == .false { return known }
    }
    let importlib = try vm.importModule("importlib")
    return try vm.callMethod(importlib, "import_module", name)
  }

  static func text(_ vm: VM, _ v: Value) throws(Raised) -> String { try vm.repr(v).swiftString }
}
