import PyBytecode

/// Why symbols or lowering rejected a tree. Columns are UTF-8 byte offsets from 0, as in the tree.
public enum CompilerFailure: Error {
  /// A `SyntaxError` with its place.
  case syntax(String, SourceLocation)
  /// `RecursionError: maximum recursion depth exceeded during compilation`.
  case recursionError
  case runtimeError(String)
  case systemError(String)
}
