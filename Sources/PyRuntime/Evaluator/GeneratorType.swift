/// `generator`
enum GeneratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(GeneratorLayout.traceCell)
  }
}
