/// The import statement: `sys.modules` first, then the host's own importlib, which runs in our VM.
package enum Imports {
  /// `_frozen_importlib`: importlib._bootstrap
  package nonisolated(unsafe) static var bootstrap = Value.null
  /// `_frozen_importlib_external`
  package nonisolated(unsafe) static var external = Value.null

  /// `__import__(name, globals, locals, fromlist, level)` (CPython 3.11 reference, 5.3): the first component of a plain dotted
  /// import, the named module when `fromlist` is not empty.
  package static func importName(_ vm: VM, _ name: Value, globals: Value, fromList: Value, level: Int) throws(Raised) -> Value {
    do throws(Raised) { return try module(vm, name, globals, fromList, level) } catch {
      if rt.pointee.flags.verbose == 0 { hideImportlib(vm.thread.pointee.pending) }
      throw error
    }
  }

  private static func module(_ vm: VM, _ name: Value, _ globals: Value, _ fromList: Value, _ level: Int) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "module name must be a string") }
    if level < 0 { throw vm.raise(.valueError, "level must be >= 0") }
    var absolute = name
    if level > 0 {
      absolute = try resolve(vm, name, globals, level)
    } else if name.as(StrLayout.self).pointee.length == 0 {
      throw vm.raise(.valueError, "Empty module name")
    }
    let module = try findOrLoad(vm, absolute)
    let hasFromList = fromList.isNull || fromList.isNone ? false : try vm.isTrue(fromList)
    if hasFromList {
      // Only packages can have submodules to import on behalf of the from list.
      let path = try vm.getAttributeOrNull(module, rt.names.__path__)
      if path.isNull { return module }
      try DeferredModules.find(vm, in: module, absolute, fromList: fromList)
      let handle = try vm.getAttribute(bootstrap, "_handle_fromlist")
      let result = try vm.call(handle, module, fromList, try vm.getAttribute(bootstrap, "_gcd_import"))
      try ImportAdjustments.apply(vm, absolute)
      return result
    }
    let length = name.as(StrLayout.self).pointee.length
    if level == 0 || length > 0 {
      let dot = try find(vm, name, dot: 0)
      if dot < 0 { return module }
      if level == 0 { return try findOrLoad(vm, try prefix(vm, name, dot)) }
      // `from . import` without names does not exist; `__import__("a.b", level=1)` answers package.a
      let absoluteLength = absolute.as(StrLayout.self).pointee.length
      let front = try prefix(vm, absolute, absoluteLength &- (length &- dot))
      let found = try Dicts.get(vm, rt.pointee.modules, front)
      if found.isNull { throw vm.raise(.keyError, "\(vm.reprText(front)) not in sys.modules as expected") }
      return found
    }
    return module
  }

  /// The module of an absolute name, imported if need be.
  package static func findOrLoad(_ vm: VM, _ absolute: Value) throws(Raised) -> Value {
    let found = try lookup(vm, absolute)
    if !found.isNull && !found.isNone {
      // Another thread, or we ourselves further down the stack, may still be initialising it.
      if try isInitializing(vm, found) {
        _ = try vm.callMethod(bootstrap, "_lock_unlock_module", absolute)
      }
      return found
    }
    if !ForcedOrigins.forced.isEmpty {
      let forced = try ForcedOrigins.load(vm, absolute)
      if !forced.isNull { return forced }
    }
    if bootstrap.isNull { throw vm.raise(.importError, "the import system is not ready: \(absolute.swiftString)") }
    let deferred = try DeferredModules.find(vm, absolute)
    if !deferred.isNull { return deferred }
    if try DeferredModules.loadWaiting(vm, for: absolute) {
      let found = try lookup(vm, absolute)
      if !found.isNull && !found.isNone { return found }
    }
    do throws(Raised) {
      let module = try vm.call(try vm.getAttribute(bootstrap, "_find_and_load"), absolute, try vm.getAttribute(bootstrap, "_gcd_import"))
      try ImportAdjustments.apply(vm, absolute)
      return module
    } catch {
      if rt.pointee.flags.verbose == 0 { hideImportlib(vm.thread.pointee.pending) }
      throw error
    }
  }

  /// Takes importlib's own frames out of a traceback: all of them for an ImportError, else those that only hand on what a module
  /// raised (they end in `_call_with_frames_removed`).
  private static func hideImportlib(_ exception: Value) {
    guard exception.isExceptionInstance else { return }
    let always = exception.isInstance(of: rt.types[.importError])
    let e = exception.as(ExceptionLayout.self)
    // The entry before the present chunk of importlib's frames, and before the present entry; null is the exception itself.
    var outer = Value.null, previous = Value.null, inside = false
    func link(_ from: Value, _ to: Value) {
      if from.isNull { e.pointee.traceback = to } else { from.as(TracebackLayout.self).pointee.next = to }
    }
    var entry = e.pointee.traceback
    while entry.isExact(rt.types.traceback) {
      let next = entry.as(TracebackLayout.self).pointee.next
      let frame = entry.as(TracebackLayout.self).pointee.frame
      guard frame.isExact(rt.types.frame) else { return }
      let code = frame.as(FrameObjectLayout.self).pointee.code.as(CodeLayout.self)
      let now =
        Str.equal(code.pointee.filename, "<frozen importlib._bootstrap>")
        || Str.equal(code.pointee.filename, "<frozen importlib._bootstrap_external>")
      if now && !inside { outer = previous }
      inside = now
      if inside && (always || Str.equal(code.pointee.name, "_call_with_frames_removed")) {
        link(outer, next)
        previous = outer
      } else {
        previous = entry
      }
      entry = next
    }
  }

  private static func lookup(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let modules = rt.pointee.modules
    if modules.isDict { return try Dicts.get(vm, modules, name) }
    do throws(Raised) { return try vm.getItem(modules, name) } catch {
      if !vm.pendingIs(.keyError) { throw error }
      vm.clearPending()
      return .null
    }
  }

  private static func isInitializing(_ vm: VM, _ module: Value) throws(Raised) -> Bool {
    guard module.isExact(rt.types.module) else { return false }
    return try isInitializing(vm, namespace: module.as(ModuleLayout.self).pointee.dict)
  }
  /// Whether the module that has this namespace is being imported.
  static func isInitializing(_ vm: VM, namespace: Value) throws(Raised) -> Bool {
    let spec = Dicts.get(namespace, str: rt.names.__spec__)
    if spec.isNull || spec.isNone { return false }
    let flag = try vm.getAttributeOrNull(spec, rt.names._initializing)
    return flag.isNull ? false : try vm.isTrue(flag)
  }

  /// Position of the first dot at or after `dot`, or -1.
  private static func find(_ vm: VM, _ s: Value, dot start: Int) throws(Raised) -> Int {
    let p = s.as(StrLayout.self)
    var i = start
    while i < p.pointee.length {
      if p[codePoint: i] == 0x2E { return i }
      i &+= 1
    }
    return -1
  }
  private static func prefix(_ vm: VM, _ s: Value, _ count: Int) throws(Raised) -> Value {
    let slice = try Slices.make(vm, .none, try vm.int(count), .none)
    return try vm.intern(try vm.getItem(s, slice))
  }

  /// Absolute name of a relative import, as importlib's `_calc___package__` and `_resolve_name`.
  private static func resolve(_ vm: VM, _ name: Value, _ globals: Value, _ level: Int) throws(Raised) -> Value {
    guard globals.isDict else { throw vm.raise(.keyError, "'__name__' not in globals") }
    var package = Dicts.get(globals, str: rt.names.__package__)
    let spec = Dicts.get(globals, str: rt.names.__spec__)
    if !package.isNull && !package.isNone {
      guard package.isStr else { throw vm.raise(.typeError, "package must be a string") }
      if !spec.isNull && !spec.isNone {
        let parent = try vm.getAttribute(spec, "parent")
        if !(try vm.equal(package, parent)) { try vm.warn(.importWarning, "__package__ != __spec__.parent") }
      }
    } else if !spec.isNull && !spec.isNone {
      package = try vm.getAttribute(spec, "parent")
      guard package.isStr else { throw vm.raise(.typeError, "__spec__.parent must be a string") }
    } else {
      try vm.warn(
        .importWarning, "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__")
      package = Dicts.get(globals, str: rt.names.__name__)
      if package.isNull { throw vm.raise(.keyError, "'__name__' not in globals") }
      guard package.isStr else { throw vm.raise(.typeError, "__name__ must be a string") }
      if Dicts.get(globals, str: rt.names.__path__).isNull {
        let text = package.swiftString
        package = try vm.str(text.lastIndex(of: ".").map { String(text[..<$0]) } ?? "")
      }
    }
    if package.as(StrLayout.self).pointee.length == 0 {
      throw vm.raise(.importError, "attempted relative import with no known parent package")
    }
    var end = package.as(StrLayout.self).pointee.length
    let p = package.as(StrLayout.self)
    for _ in 1..<max(1, level) {
      while end > 0 && p[codePoint: end &- 1] != 0x2E { end &-= 1 }
      if end == 0 { throw vm.raise(.importError, "attempted relative import beyond top-level package") }
      end &-= 1
    }
    let base = try prefix(vm, package, end)
    if name.as(StrLayout.self).pointee.length == 0 { return base }
    return try vm.intern(try vm.concatenate(try vm.concatenate(base, try vm.intern(".")), name))
  }

  /// Imports a C module's twin of a native module, or a module that only CPython has.
  package static func loadCModule(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    try CModules.refuseIfReplaced(vm, name)
    if let load = rt.pointee.hooks.loadCModule {
      let module = try load(vm, name)
      if !module.isNull { return module }
    }
    throw importError(vm, name, "C module '\(name.swiftString)' needs libpython, which this program does not include")
  }

  package static func importError(_ vm: VM, _ name: Value, _ message: String, kind: ExceptionKind = .importError) -> Raised {
    do throws(Raised) {
      let e = try vm.call(Value(rt.types[kind]), try vm.str(message))
      try vm.setAttribute(e, "name", name)
      return vm.raise(e)
    } catch { return error }
  }
}

extension VM {
  /// `import name` by absolute name; answers the module named.
  package func importModule(_ name: StaticString) throws(Raised) -> Value { try Imports.findOrLoad(self, try intern(name)) }

  /// repr for messages, however the object's own repr fares.
  package func reprText(_ v: Value) -> String {
    do throws(Raised) { return try repr(v).swiftString } catch {
      clearPending()
      return "<\(v.typeName) object>"
    }
  }
}
