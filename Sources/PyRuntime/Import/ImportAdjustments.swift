/// Modules of Python that keep a table of the interpreters they know; this one is entered when they have been imported.
///
/// - `packaging.tags`, in pip and setuptools too, finds the wheels that fit an interpreter by its name. This one takes wheels made for
///   CPython 3.11, their C modules included.
/// - `platform` tells the interpreter from `sys.version`, where all that it does not know is CPython. It asks its cache first.
enum ImportAdjustments {
  /// After an import of `name`, or of something from it.
  static func apply(_ vm: VM, _ name: Value) throws(Raised) {
    if ends(name, "packaging.tags") {
      try enterName(vm, name)
    } else if ends(name, "packaging") {
      try enterName(vm, try vm.concatenate(name, vm.staticStr(".tags")))
    } else if name.isStr, name.as(StrLayout.self).pointee.length == 8, ends(name, "platform") {
      try enterVersion(vm, name)
    }
  }

  /// `platform._sys_version_cache[sys.version]`: name, version, branch, revision, build number, build date, compiler.
  private static func enterVersion(_ vm: VM, _ module: Value) throws(Raised) {
    let cache = try table(vm, of: module, "_sys_version_cache")
    guard cache.isDict else { return }
    let row = try vm.tuple(count: 7)
    let nothing = try vm.str("")
    for i in 0..<7 { row.as(TupleLayout.self).items[i] = nothing }
    row.as(TupleLayout.self).items[0] = try vm.str("Amphis")
    row.as(TupleLayout.self).items[1] = try vm.str("3.11.2")
    row.as(TupleLayout.self).items[4] = try vm.str(SysModule.release)
    row.as(TupleLayout.self).items[6] = try vm.str("Swift 6")
    try Dicts.set(vm, cache, try vm.str(SysModule.version), row)
  }

  /// The dict `name` of a module in `sys.modules`; null where there is none.
  private static func table(_ vm: VM, of module: Value, _ name: StaticString) throws(Raised) -> Value {
    guard rt.pointee.modules.isDict else { return .null }
    let found = try Dicts.get(vm, rt.pointee.modules, module)
    guard found.isExact(rt.types.module) else { return .null }
    let value = Dicts.get(vm, found.as(ModuleLayout.self).pointee.dict, name)
    return value.isDict ? value : .null
  }

  private static func enterName(_ vm: VM, _ module: Value) throws(Raised) {
    let names = try table(vm, of: module, "INTERPRETER_SHORT_NAMES")
    guard names.isDict, Dicts.get(vm, names, "amphis").isNull else { return }
    try Dicts.set(vm, names, "amphis", vm.staticStr("cp"))
  }

  private static func ends(_ name: Value, _ suffix: StaticString) -> Bool {
    guard name.isStr else { return false }
    let text = name.as(StrLayout.self)
    let rest = text.pointee.length &- suffix.utf8CodeUnitCount
    if rest < 0 { return false }
    var i = suffix.utf8CodeUnitCount
    while i > 0 {
      i &-= 1
      if text[codePoint: rest &+ i] != UInt32(suffix.utf8Start[i]) { return false }
    }
    return true
  }
}
