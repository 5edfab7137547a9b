// Signatures agreed between the parts of this target, each to be replaced by its real definition in its own file.

extension Heap {
  /// Walks every live cell and stops the process if a layout is inconsistent. `-X gccheck` and tests only.
  func checkAll() {}
}
