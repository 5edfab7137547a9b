import PyBytecode
import PySyntax

/// Inside the compiler a constant is the tree's: trivial, in the arena. `StoredConstant` is the form that a code object keeps.
typealias Constant = PySyntax.Constant
typealias StoredConstant = PyBytecode.Constant

extension SourceLocation {
  @inline(__always) init(_ span: Span) {
    self.init(line: span.lineno, endLine: span.end_lineno, column: span.col_offset, endColumn: span.end_col_offset)
  }
}
