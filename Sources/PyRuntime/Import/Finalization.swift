/// The end of the modules, in CPython's order (its finalize_modules): what `sys` holds of the program goes first, then the modules that
/// nothing else refers to and what the program put into `builtins`, then the namespaces of the others are emptied, the last imported first,
/// and `sys` and `builtins` at the very end: hooks, whose finalizers find no `sys.stderr`. Finalizers run after each step. What is found dead
/// when namespaces have been emptied is only finalized if reference counting would have freed it: CPython collects cycles before that, when all
/// names are still there, and then at the very end.
///
/// Nothing is freed for the sake of freeing: it only happens when something has yet to be finalized that shows: objects of a program's classes,
/// open files, whose buffers have to be written, generators that wait, coroutines that were never awaited.
enum Finalization {
  static func isNeeded() -> Bool {
    Dicts.count(rt.pointee.modules) > 0 && hasUnfinished()
  }

  private static func hasUnfinished() -> Bool {
    let table = rt.pointee.heap.finalizable
    for i in 0..<table.count {
      guard let cell = table.items?[i] else { continue }
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      if type.pointee.flags.contains(.heapType) || IOBase.isUnfinished(cell) || PosixDirectories.isOpen(cell) { return true }
      if Generators.isGeneratorLike(Value(cell: cell)), Generators.endShows(cell.assumingMemoryBound(to: GeneratorLayout.self)) {
        return true
      }
    }
    return false
  }

  /// Answers whether what the streams had to write could be written.
  static func run(_ vm: VM) -> Bool {
    // A thread that no longer runs may have been in a finalizer.
    var thread = rt.threads
    while let t = thread {
      ThreadState.giveBackUnfinalized(t)
      thread = t.pointee.next
    }
    do throws(Raised) {
      try dropSpecial(vm)
      rt.pointee.dying = try removeModules(vm)
      try restoreBuiltins(vm)
      collect(vm)
      try clearNamespaces(vm, rt.pointee.dying)
      collect(vm, keepsCycles: true)
      if !hasUnfinished() { return StandardStreams.flush(vm) }
      // Finalizers may still have the streams themselves.
      let (out, errors) = (Dicts.get(vm, rt.pointee.sysDict, "__stdout__"), Dicts.get(vm, rt.pointee.sysDict, "__stderr__"))
      let streams = try vm.tuple(out.isNull ? .none : out, errors.isNull ? .none : errors)
      rt.pointee.dying = streams
      let isFlushed = StandardStreams.flush(vm)
      try clear(vm, rt.pointee.sysDict)
      try clear(vm, rt.pointee.builtins)
      collect(vm)
      return StandardStreams.flush(vm, streams) && isFlushed
    } catch {
      vm.clearPending()
      return StandardStreams.flush(vm)
    }
  }

  private static func collect(_ vm: VM, keepsCycles: Bool = false) {
    // A finalizer may release more.
    for _ in 0..<3 {
      DeadRegisters.clear(vm)
      rt.heapPointer.pointee.ignoresNativeStack = true
      rt.heapPointer.pointee.collect(sortingDead: true, keepsCycles: keepsCycles)
      rt.heapPointer.pointee.ignoresNativeStack = false
      let more = rt.pointee.heap.pendingFinalization.count + rt.pointee.heap.pendingCallbacks.count
      if more == 0 { return }
      vm.runFinalizers()
    }
  }

  private static func dropSpecial(_ vm: VM) throws(Raised) {
    let sys = rt.pointee.sysDict
    for name: StaticString in [
      "path", "argv", "ps1", "ps2", "last_type", "last_value", "last_traceback", "path_hooks", "path_importer_cache", "meta_path",
    ] where !Dicts.get(vm, sys, name).isNull { try Dicts.set(vm, sys, name, .none) }
    for (name, original): (StaticString, StaticString) in [("stdin", "__stdin__"), ("stdout", "__stdout__"), ("stderr", "__stderr__")] {
      let stream = Dicts.get(vm, sys, original)
      try Dicts.set(vm, sys, name, stream.isNull ? .none : stream)
    }
  }

  /// Empties `sys.modules`; a list of weak references to the modules it held, in their order.
  private static func removeModules(_ vm: VM) throws(Raised) -> Value {
    let references = try vm.list()
    let modules = rt.pointee.modules
    let names = try vm.list(from: modules)
    let count = names.as(ListLayout.self).pointee.count
    for i in 0..<count {
      guard let name = names.as(ListLayout.self).pointee.items?[i] else { continue }
      let module = try Dicts.get(vm, modules, name)
      if module.isInstance(of: rt.types.module) { try vm.append(references, try WeakRefs.internalReference(vm, module)) }
      try Dicts.set(vm, modules, name, .none)
    }
    _ = try vm.callMethod(modules, "clear")
    return references
  }

  /// What the program added is gone, what it replaced is as it was.
  private static func restoreBuiltins(_ vm: VM) throws(Raised) {
    if rt.pointee.originalBuiltins.isNull { return }
    Dicts.clear(vm, rt.pointee.builtins)
    try Dicts.merge(vm, rt.pointee.builtins, rt.pointee.originalBuiltins)
  }

  private static func clearNamespaces(_ vm: VM, _ references: Value) throws(Raised) {
    let list = references.as(ListLayout.self)
    var i = list.pointee.count
    while i > 0 {
      i &-= 1
      guard let reference = list.pointee.items?[i] else { return }
      let module = reference.as(WeakRefLayout.self).pointee.referent
      guard module.isInstance(of: rt.types.module) else { continue }
      let dict = module.as(ModuleLayout.self).pointee.dict
      if !dict.isDict || dict == rt.pointee.sysDict || dict == rt.pointee.builtins { continue }
      try clear(vm, dict)
    }
  }

  /// Names with one leading underscore first, then the others except `__builtins__`.
  private static func clear(_ vm: VM, _ dict: Value) throws(Raised) {
    let names = try vm.list(from: dict)
    let count = names.as(ListLayout.self).pointee.count
    for round in 0..<2 {
      for i in 0..<count {
        guard let name = names.as(ListLayout.self).pointee.items?[i], name.isExactStr else { continue }
        let text = name.swiftString
        let isPrivate = text.hasPrefix("_") && !text.hasPrefix("__")
        if isPrivate == (round == 0), text != "__builtins__" { try Dicts.set(vm, dict, name, .none) }
      }
    }
  }
}
