import PySyntax

/// PEP 657: inside the expression that failed, the operator is marked with "^" and the operands with "~".
enum OperatorAnchors {
  /// - Returns: bytes of `segment` before the operator and up to its end; nil when the whole expression is marked alike.
  static func find(_ tree: SyntaxTree, _ segment: [UInt8]) -> (Int, Int)? {
    guard case .Expression(let body) = tree.root else { return nil }
    switch body.pointee.node {
    case .BinOp(let left, _, let right):
      // Columns count the parenthesis that was put in front.
      guard left.pointee.span.end_lineno == 1, right.pointee.span.lineno == 1 else { return nil }
      let end = Int(left.pointee.span.end_col_offset) - 1, start = Int(right.pointee.span.col_offset) - 1
      guard end >= 0, start <= segment.count, end < start else { return nil }
      var i = end
      while i < start && (isSpace(segment[i]) || segment[i] == 0x29 || segment[i] == 0x5C) { i += 1 }
      guard i < start else { return nil }
      var stop = i + 1
      if stop < start, segment[stop] != 0x20, segment[stop] != 0x28, segment[stop] == segment[i] || segment[i] == 0x2F || segment[i] == 0x2A
      {
        if segment[stop] == segment[i] { stop += 1 }
      }
      return (i, stop)
    case .Subscript(let value, _, _):
      guard value.pointee.span.end_lineno == 1 else { return nil }
      var i = Int(value.pointee.span.end_col_offset) - 1
      while i >= 0 && i < segment.count && segment[i] != 0x5B { i += 1 }
      guard i >= 0, i < segment.count else { return nil }
      return (i, segment.count)
    default: return nil
    }
  }

  private static func isSpace(_ c: UInt8) -> Bool { c == 0x20 || c == 9 || c == 0x0A || c == 0x0C || c == 0x0D }
}
