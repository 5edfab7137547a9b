import CPythonBridge
import PyLibraries
import PyRuntime

/// Python in a Swift program. One interpreter a process; use it from the thread that made it.
///
///     let python = Interpreter()
///     try python.run("x = 6 * 7")
///     try python.eval("x")          // "42"
public final class Interpreter {
  /// What Python raised: the class's name and the whole report, as a traceback shows it.
  public struct PythonError: Error, CustomStringConvertible {
    public let type: String
    public let description: String
  }

  package let vm: VM

  /// Starts Python with the host's standard library.
  /// - Returns: nil when it could not start; the reason is on standard error.
  public convenience init?() {
    self.init(config: StartConfig())
  }

  package init?(config given: StartConfig) {
    var config = given
    config.hooks.compiler = SourceToCode()
    config.hooks.caretAnchors = SourceToCode.anchors
    PyLibraries.register()
    CPythonBridge.register(hooks: &config.hooks)
    guard let vm = Startup.initialize(config) else { return nil }
    self.vm = vm
  }

  /// Runs statements in `__main__`.
  public func run(_ source: String) throws {
    if let (type, text) = Startup.execute(vm, Array(source.utf8), mode: .exec).failure { throw PythonError(type: type, description: text) }
  }

  /// Evaluates an expression in `__main__`.
  /// - Returns: its repr
  public func eval(_ source: String) throws -> String {
    let outcome = Startup.execute(vm, Array(source.utf8), mode: .eval)
    if let (type, text) = outcome.failure { throw PythonError(type: type, description: text) }
    return outcome.text
  }
}
