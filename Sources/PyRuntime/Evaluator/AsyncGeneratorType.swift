/// `async_generator`
enum AsyncGeneratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(GeneratorLayout.traceCell)
  }
}

enum AsyncGenASendType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
  }
}

enum AsyncGenAThrowType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
  }
}

enum AsyncGenWrappedValueType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
  }
}
