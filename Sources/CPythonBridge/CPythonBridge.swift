import PyRuntime

/// The other head: modules written in C, from libpython.
public enum CPythonBridge {
  /// Enters the bridge in the runtime's hooks. Nothing is loaded before the first module that needs it.
  package static func register(hooks: inout RuntimeHooks) {}
}
