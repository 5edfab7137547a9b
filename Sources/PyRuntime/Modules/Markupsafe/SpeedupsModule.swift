/// `markupsafe._speedups` of MarkupSafe 2 and 3, in the place of the package's C module. Templates escape nearly everything they write, and C code makes each
/// result by calling back: two crossings for a text of a few characters.
enum SpeedupsModule {
  /// The class of what is made; null until the package has it.
  nonisolated(unsafe) private static var markup = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    markup = try found(m.vm)
    m.function("escape", "($module, s, /)", "The text of s as Markup, with &, <, >, ' and \" as entities; what has __html__ says itself.") {
      (vm: VM, _, s: Value) throws(Raised) in try escape(vm, s)
    }
    m.function("escape_silent", "($module, s, /)", "escape(s), but nothing for None.") { (vm: VM, _, s: Value) throws(Raised) in
      s.isNone ? try vm.call(try markupClass(vm)) : try escape(vm, s)
    }
    m.function("soft_str", "($module, s, /)", "s if it is a str, else str(s).") { (vm: VM, _, s: Value) throws(Raised) in
      s.isStr ? s : try vm.str(of: s)
    }
    // MarkupSafe 3: the rest of `escape` is the package's own.
    m.function("_escape_inner", "($module, s, /)", "The str s with &, <, >, ' and \" as entities.") {
      (vm: VM, _, s: Value) throws(Raised) in
      guard s.isStr else { throw vm.raise(.typeError, "Expected string, got \(s.typeName)") }
      return try escaped(vm, s)
    }
  }

  private static func found(_ vm: VM) throws(Raised) -> Value {
    let package = Dicts.get(rt.pointee.modules, str: try vm.intern("markupsafe"))
    return package.isNull ? .null : try vm.getAttributeOrNull(package, "Markup")
  }

  private static func markupClass(_ vm: VM) throws(Raised) -> Value {
    if markup.isNull { markup = try found(vm) }
    if markup.isNull { throw vm.raise(.runtimeError, "markupsafe has no Markup") }
    return markup
  }

  private static func escape(_ vm: VM, _ s: Value) throws(Raised) -> Value {
    let markup = try markupClass(vm)
    if !s.isExactStr {
      if s.isExact(rt.types.int) || s.isExact(rt.types.float) || s.isBool || s.isNone { return try vm.call(markup, s) }
      let html = try htmlMethod(vm, s)
      if !html.isNull { return try vm.call(markup, try vm.call(html)) }
    }
    return try vm.call(markup, try escaped(vm, s.isStr ? s : try vm.str(of: s)))
  }

  /// `s.__html__`, null if asking for it raises whatever it is: so the C module does.
  private static func htmlMethod(_ vm: VM, _ s: Value) throws(Raised) -> Value {
    let name = try vm.intern("__html__")
    do throws(Raised) { return try vm.getAttributeOrNull(s, name) } catch {
      vm.clearPending()
      return .null
    }
  }

  @inline(__always) private static func entity(_ c: UInt32) -> StaticString? {
    switch c {
    case 0x22: return "&#34;"
    case 0x26: return "&amp;"
    case 0x27: return "&#39;"
    case 0x3C: return "&lt;"
    case 0x3E: return "&gt;"
    default: return nil
    }
  }

  /// `s` itself when it has none of the five characters.
  private static func escaped(_ vm: VM, _ s: Value) throws(Raised) -> Value {
    let view = StrView(s)
    var i = 0
    if view.unit == 1 {
      let bytes = view.pointer(UInt8.self)
      while i < view.length, entity(UInt32(bytes[i])) == nil { i &+= 1 }
    } else {
      while i < view.length, entity(view[i]) == nil { i &+= 1 }
    }
    if i == view.length { return s }
    var out = StrBuilder(vm), start = 0
    while i < view.length {
      if let text = entity(view[i]) {
        try out.append(view.slice(start, i))
        try out.append(text)
        start = i + 1
      }
      i &+= 1
    }
    try out.append(view.slice(start, i))
    return try out.finish()
  }
}
