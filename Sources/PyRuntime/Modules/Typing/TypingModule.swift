/// `_typing`
enum TypingModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Accelerators for the typing module.")
    m.function("_idfunc", "($module, x, /)", "The identity function.") { (_: VM, _: Value, v: Value) throws(Raised) in v }
  }
}
