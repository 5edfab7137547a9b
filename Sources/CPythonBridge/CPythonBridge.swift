import CPython
import PyRuntime

/// The bridge to libpython: supplies the modules that are written in C.
public enum CPythonBridge {
  /// Enters the bridge in the runtime's hooks, before start-up. Costs nothing until a program imports a C module.
  package static func register(hooks: inout RuntimeHooks) {
    if !isRegistered { ModuleTable.additional.append(NativeModule(name: "amphis", declare: AmphisModule.declare)) }
    isRegistered = true
    hooks.loadCModule = { (vm, name) throws(Raised) in try ModuleLoader.load(vm, name) }
    hooks.loadExtension = { (vm, name, path, spec) throws(Raised) in try ModuleLoader.loadFile(vm, name, path) }
    hooks.loadWholeModule = { (vm, name) throws(Raised) in try ModuleLoader.loadWhole(vm, name) }
    hooks.twinAttribute = { (vm, module, name) throws(Raised) in try ModuleLoader.twinAttribute(vm, module, name) }
    hooks.callForeign = { (vm, function, args) throws(Raised) in try ForeignFunctions.call(vm, function, args) }
    hooks.callForeignOne = amphis_call_foreign_one
    hooks.foreignFunctionAttribute = { (vm, function, name) throws(Raised) in try ForeignFunctions.attribute(vm, function, name) }
  }
  nonisolated(unsafe) private static var isRegistered = false
  package static var isLoaded: Bool { Library.isLoaded }
}
