import PyRuntime

/// The native modules that are libraries: they use the runtime as an extension does and know nothing of its evaluator, so they are a target
/// of their own, and changing one compiles no more than this. What is here and why: the rules of `ModuleTable`.
public enum PyLibraries {
  /// Enters them in the runtime's table, before start-up; the second time does nothing.
  package static func register() {
    guard !isRegistered else { return }
    isRegistered = true
    ModuleTable.additional += rows()
  }
  nonisolated(unsafe) private static var isRegistered = false

  private static func rows() -> [NativeModule] {
    var rows: [NativeModule] = []
    func add(_ name: StaticString, _ declare: @escaping (inout ModuleBuilder) throws(Raised) -> Void) {
      rows.append(NativeModule(name: name, declare: declare))
    }
    // Rule 2: most programs load it while they import, or every start does.
    add("zlib", ZlibModule.declare)
    add("_hashlib", HashlibModule.declare)
    add("_blake2", Blake2Module.declare)

    // Rule 3: crossing would cost real programs more than a quarter of their time.
    add("_decimal", DecimalModule.declare)
    add("pyexpat", ExpatModule.declare)
    add("_elementtree", EtreeModule.declare)
    return rows
  }
}
