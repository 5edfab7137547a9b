import PyBytecode
import PySyntax

/// What `from __future__ import ...` statements at the head of a file switched on.
struct FutureFeatures {
  var flags: CodeFlags = []
  /// Line of the last of them; -1 without any. Later ones are errors.
  var lastLine: Int32 = -1
}

/// Reads the future statements. They may follow only a docstring and one another.
func findFutureFeatures(_ tree: SyntaxTree, _ known: KnownNames) -> Result<FutureFeatures, CompilerFailure> {
  var features = FutureFeatures()
  let body: ArenaList<Ref<Stmt>>
  switch tree.root {
  case .Module(let statements, _): body = statements
  case .Interactive(let statements): body = statements
  default: return .success(features)
  }
  let hasDocstring = docstring(of: body) != nil
  // After the first other statement the rest of its line is still searched, to complain of future statements there; later lines are
  // the business of lowering. A relative import of `__future__` counts, as in CPython.
  var isLate = false
  var line: Int32 = 0
  for index in 0..<body.count {
    let span = body[index].span
    if isLate && span.lineno > line { break }
    line = span.lineno
    guard case .ImportFrom(let module, let aliases, _) = body[index].node, module == known.future else {
      if index > 0 || !hasDocstring { isLate = true }
      continue
    }
    if isLate {
      var at = place(span)
      at.column -= 1
      return .failure(.syntax("from __future__ imports must occur at the beginning of the file", at))
    }
    for position in 0..<aliases.count {
      let name = tree.names.string(aliases[position].name)
      switch name {
      case "nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function", "unicode_literals",
        "generator_stop":
        break
      case "barry_as_FLUFL": features.flags.insert(.futureBarryAsBDFL)
      case "annotations": features.flags.insert(.futureAnnotations)
      case "braces": return .failure(.syntax("not a chance", place(body[index].span)))
      default: return .failure(.syntax("future feature \(name) is not defined", place(body[index].span)))
      }
    }
    features.lastLine = body[index].span.lineno
  }
  return .success(features)
}

/// Only the start of the statement is known to CPython here: the end offset is -1.
private func place(_ span: Span) -> SourceLocation {
  SourceLocation(line: span.lineno, endLine: span.lineno, column: span.col_offset, endColumn: -2)
}
