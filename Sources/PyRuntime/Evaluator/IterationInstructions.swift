/// Pieces of the iteration instructions.
enum IterationInstructions {
  /// Whether a list iterator runs over a list whose storage is ours (or is exhausted).
  @inline(__always)
  static func isOwnList(_ iterator: Value) -> Bool {
    let sequence = iterator.as(IndexIteratorLayout.self).pointee.sequence
    return sequence.isNull || sequence.as(ListLayout.self).pointee.foreign == nil
  }
}
