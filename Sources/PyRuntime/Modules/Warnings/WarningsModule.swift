import CRuntimeSupport
import Glibc

/// `_warnings`: the decisions of the warnings filter, natively; what is shown goes through the `warnings` module once it is loaded.
enum WarningsModule {
  nonisolated(unsafe) private static var filters = Value.null
  nonisolated(unsafe) private static var defaultAction = Value.null
  nonisolated(unsafe) private static var onceRegistry = Value.null
  nonisolated(unsafe) private static var filtersVersion = 0

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    m.doc("Deciding about warnings; see the warnings module.")
    filters = try vm.list()
    // CPython's defaults of a release build; the first filter that fits decides.
    if !rt.pointee.flags.devMode {
      try addFilter(vm, "default", .deprecationWarning, module: "__main__")
      for kind: ExceptionKind in [.deprecationWarning, .pendingDeprecationWarning, .importWarning, .resourceWarning] {
        try addFilter(vm, "ignore", kind, module: nil)
      }
    }
    defaultAction = try vm.intern("default")
    onceRegistry = try vm.dict()
    m.value("filters", filters)
    m.value("_defaultaction", defaultAction)
    m.value("_onceregistry", onceRegistry)
    m.function("_filters_mutated", "($module, /)", "Tells that the filters changed.") { (_, _) in
      filtersVersion += 1
      return .none
    }
    m.function("warn", "($module, /, message, category=None, stacklevel=1, source=None)", "Issues a warning at the caller.", warn)
    m.function(
      "warn_explicit",
      "($module, /, message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)",
      "Issues a warning at a given place.", warnExplicit)
  }

  private static func addFilter(_ vm: VM, _ action: StaticString, _ kind: ExceptionKind, module: StaticString?) throws(Raised) {
    let f = try vm.tuple(count: 5)
    let items = f.as(TupleLayout.self).items
    items[0] = try vm.intern(action)
    items[1] = .none
    items[2] = Value(rt.types[kind])
    if let module { items[3] = try vm.intern(module) } else { items[3] = .none }
    items[4] = Value(smallInt: 0)
    try vm.append(filters, f)
  }

  /// The setting as `warnings` has it, if that is loaded, else ours.
  private static func setting(_ vm: VM, _ name: StaticString, _ own: inout Value) throws(Raised) -> Value {
    let module = Dicts.get(vm, rt.pointee.modules, "warnings")
    if module.isNull || module.isNone { return own }
    let v = try vm.getAttributeOrNull(module, name)
    // What it had last counts if it is deleted.
    if !v.isNull { own = v }
    return own
  }

  /// `_warnings.warn(message, category=None, stacklevel=1, source=None)`
  static func warn(_ vm: VM, _: Value, _ args: Args) throws(Raised) -> Value {
    var category = args[1]
    if args[0].isInstance(of: rt.types[.warning]) {
      category = Value(args[0].type)
    } else if category.isNull || category.isNone {
      category = Value(rt.types[.userWarning])
    }
    guard category.isType, category.asType.isSubtype(of: rt.types[.warning]) else {
      throw vm.raise(
        .typeError, "category must be a Warning subclass, not '\(category.isType ? category.asType.nameForMessages : category.typeName)'")
    }
    var level = args[2].isNull ? 1 : try vm.asInt(args[2])
    var frame = vm.thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    if level <= 0 || (frame.map { isInternal($0) } ?? false) {
      while level > 1, let f = frame {
        frame = f.frameCaller
        level -= 1
      }
    } else {
      while level > 1, frame != nil {
        repeat { frame = frame?.frameCaller } while frame.map { isInternal($0) } ?? false
        level -= 1
      }
    }
    var globals = rt.pointee.sysDict, filename = try vm.intern("sys"), line = 1
    if let f = frame {
      globals = f.frameFunction.pointee.globals
      filename = f.frameCode.pointee.filename
      line = LineTable.line(f.frameCode, f.frameLasti)
    }
    let name = Dicts.get(globals, str: rt.names.__name__)
    let module = name.isNull || name.isNone ? try vm.intern("<string>") : name
    var registry = Dicts.get(vm, globals, "__warningregistry__")
    if registry.isNull {
      registry = try vm.dict()
      try Dicts.set(vm, globals, "__warningregistry__", registry)
    }
    try issue(vm, args[0], category, filename, line, module, registry, args[3].isNull ? .none : args[3])
    return .none
  }

  /// Frames of importlib do not count.
  private static func isInternal(_ f: Registers) -> Bool {
    let name = f.frameCode.pointee.filename.utf8Bytes
    return contains(name, "importlib") && contains(name, "_bootstrap")
  }

  /// (The standard library's `contains` for strings would link all of its regular expressions.)
  private static func contains(_ text: [UInt8], _ part: StaticString) -> Bool {
    text.withUnsafeBytes { t in
      part.withUTF8Buffer { p in memmem(t.baseAddress, t.count, p.baseAddress, p.count) != nil }
    }
  }

  /// `_warnings.warn_explicit(message, category, filename, lineno, module, registry, module_globals, source)`; the last four may be null.
  static func warnExplicit(_ vm: VM, _: Value, _ args: Args) throws(Raised) -> Value {
    var module = args[4]
    if module.isNull || module.isNone {
      let name = args[2].isStr ? args[2].swiftString : "<unknown>"
      module = try vm.str(name.isEmpty ? "<unknown>" : name.hasSuffix(".py") ? String(name.dropLast(3)) : name)
    }
    let registry = args[5].isNull ? .none : args[5]
    if !registry.isNone && !registry.isDict { throw vm.raise(.typeError, "'registry' must be a dict or None") }
    if !args[6].isNull, !args[6].isNone, !args[6].isDict {
      throw vm.raise(.typeError, "module_globals must be a dict, not '\(args[6].typeName)'")
    }
    try issue(vm, args[0], args[1], args[2], try vm.asInt(args[3]), module, registry, args[7].isNull ? .none : args[7])
    return .none
  }

  private static func issue(
    _ vm: VM, _ given: Value, _ givenCategory: Value, _ filename: Value, _ line: Int, _ module: Value, _ registry: Value, _ source: Value
  ) throws(Raised) {
    var message = given, category = givenCategory, text = given
    if given.isInstance(of: rt.types[.warning]) {
      text = try vm.str(of: given)
      category = Value(given.type)
    } else {
      message = try vm.call(category, given)
    }
    let lineValue = try vm.int(line)
    let key = try vm.tuple(text, category, lineValue)
    if !registry.isNone, try alreadyWarned(vm, registry, key, set: false) { return }
    let action = try decide(vm, text, category, module, line)
    switch action {
    case "error": throw vm.raise(message)
    case "ignore": return
    case "always", "default", "module", "once": break
    default: throw vm.raise(.runtimeError, "Unrecognized action (\(action)) in warnings.filters:\n None")
    }
    if action != "always" {
      var repeated = false
      if !registry.isNone { try Dicts.set(vm, registry, key, .true) }
      if action == "once" {
        let once = registry.isNone ? try setting(vm, "onceregistry", &onceRegistry) : registry
        if once.isDict { repeated = try alreadyWarned(vm, once, try vm.tuple(text, category), set: true) }
      } else if action == "module", !registry.isNone {
        repeated = try alreadyWarned(vm, registry, try vm.tuple(text, category, Value(smallInt: 0)), set: true)
      }
      if repeated { return }
    }
    try show(vm, message, text, category, filename, lineValue, source)
  }

  private static func alreadyWarned(_ vm: VM, _ registry: Value, _ key: Value, set: Bool) throws(Raised) -> Bool {
    let version = Dicts.get(vm, registry, "version")
    if !version.isSmallInt || version.smallInt != filtersVersion {
      Dicts.clear(vm, registry)
      try Dicts.set(vm, registry, "version", Value(smallInt: filtersVersion))
    } else {
      let known = try Dicts.get(vm, registry, key)
      if !known.isNull, try vm.isTrue(known) { return true }
    }
    if set { try Dicts.set(vm, registry, key, .true) }
    return false
  }

  private static func decide(_ vm: VM, _ text: Value, _ category: Value, _ module: Value, _ line: Int) throws(Raised) -> String {
    let list = try setting(vm, "filters", &filters)
    guard list.isList else { throw vm.raise(.valueError, "_warnings.filters must be a list") }
    var i = 0
    while i < list.as(ListLayout.self).pointee.count {
      guard let f = list.as(ListLayout.self).pointee.items?[i] else { break }
      i += 1
      guard f.isTuple, f.as(TupleLayout.self).pointee.count == 5 else {
        throw vm.raise(.valueError, "_warnings.filters item \(i - 1) isn't a 5-tuple")
      }
      let items = f.as(TupleLayout.self).items
      guard try vm.isSubclass(category, items[2]) else { continue }
      let number = try vm.asInt(items[4])
      if number != 0 && number != line { continue }
      guard try matches(vm, items[1], text), try matches(vm, items[3], module) else { continue }
      return items[0].isStr ? items[0].swiftString : "default"
    }
    let action = try setting(vm, "defaultaction", &defaultAction)
    return action.isStr ? action.swiftString : "default"
  }

  /// None fits all, a str only itself, a compiled expression what it matches.
  private static func matches(_ vm: VM, _ pattern: Value, _ text: Value) throws(Raised) -> Bool {
    if pattern.isNone { return true }
    if pattern.isExactStr { return text.isStr && Str.equal(pattern, text) }
    return try vm.isTrue(try vm.callMethod(pattern, "match", text))
  }

  private static func show(
    _ vm: VM, _ message: Value, _ text: Value, _ category: Value, _ filename: Value, _ line: Value, _ source: Value
  ) throws(Raised) {
    var warnings = Dicts.get(vm, rt.pointee.modules, "warnings")
    // At the end of the process nothing can be imported any more.
    if warnings.isNull && !source.isNone && !rt.pointee.isFinalizing { warnings = try vm.importModule("warnings") }
    let function = warnings.isNull || warnings.isNone ? Value.null : try vm.getAttributeOrNull(warnings, "_showwarnmsg")
    if !function.isNull {
      let make = try vm.getAttribute(warnings, "WarningMessage")
      let args = try vm.tuple(count: 7)
      let items = args.as(TupleLayout.self).items
      items[0] = message
      items[1] = category
      items[2] = filename
      items[3] = line
      items[4] = .none
      items[5] = .none
      items[6] = source
      _ = try vm.call(function, try vm.call(make, tuple: args))
      return
    }
    // None wants to hear nothing. That there is no stream at all should not be.
    let stream = Dicts.get(vm, rt.pointee.sysDict, "stderr")
    if stream.isNone { return }
    if stream.isNull { return try TracebackPrinter.writeToDescriptor(vm, try vm.str("lost sys.stderr\n")) }
    let name = category.asType.pointee.name.swiftString
    try TracebackPrinter.write(
      vm, "\(filename.isStr ? filename.swiftString : "?"):\(line.smallInt): \(name): \(try vm.str(of: text).swiftString)\n")
    if let source = SourceLines.line(vm, filename, line.smallInt) {
      let trimmed = String(decoding: source, as: UTF8.self).drop { $0 == " " || $0 == "\t" }
      try TracebackPrinter.write(vm, "  \(trimmed)\n")
    }
  }
}
