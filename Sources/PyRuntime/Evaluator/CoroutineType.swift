/// `coroutine`
enum CoroutineType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(GeneratorLayout.traceCell)
  }
}

/// `coroutine_wrapper`: what `coroutine.__await__()` answers.
enum CoroutineWrapperType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
  }
}
