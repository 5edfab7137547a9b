/// `packaging.tags`, in pip and setuptools too, finds the wheels that fit an interpreter by a table of interpreters' names. This one takes
/// wheels made for CPython 3.11, their C modules included, and is not in the table: it is entered when such a module has been imported.
enum ImportAdjustments {
  /// After an import of `name`, or of something from it.
  static func apply(_ vm: VM, _ name: Value) throws(Raised) {
    if ends(name, "packaging.tags") {
      try enterName(vm, name)
    } else if ends(name, "packaging") {
      try enterName(vm, try vm.concatenate(name, vm.staticStr(".tags")))
    }
  }

  private static func enterName(_ vm: VM, _ module: Value) throws(Raised) {
    guard rt.pointee.modules.isDict else { return }
    let tags = try Dicts.get(vm, rt.pointee.modules, module)
    guard tags.isExact(rt.types.module) else { return }
    let names = Dicts.get(vm, tags.as(ModuleLayout.self).pointee.dict, "INTERPRETER_SHORT_NAMES")
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
