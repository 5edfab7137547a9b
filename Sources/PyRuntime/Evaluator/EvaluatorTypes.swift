// The types of the evaluator, in short: what `Bootstrap` needs to make them. Each has its own file.
//
//   code                 CodeLayout            CodeType
//   function             FunctionLayout        FunctionType          baseless, hasAttributes false (own `dict`)
//   cell                 ClosureCellLayout     CellType
//   frame                FrameObjectLayout     FrameType
//   traceback            TracebackLayout       TracebackType
//   generator            GeneratorLayout       GeneratorType
//   coroutine            GeneratorLayout       CoroutineType
//   coroutine_wrapper    AwaitWrapperLayout    CoroutineWrapperType
//   async_generator      GeneratorLayout       AsyncGeneratorType
//   async_generator_asend, async_generator_athrow, async_generator_wrapped_value

/// `coroutine.__await__()`, `async_generator_asend` (what is sent; null until the first send), `async_generator_athrow`
/// (arguments of the throw, a tuple, or null for aclose), and the wrapped value of an async generator's yield.
struct AwaitWrapperLayout {
  var header: CellHeader
  /// coroutine or async generator; the wrapped value
  var target: Value
  var argument: Value
  /// `AwaitState`
  var state: Int

  static let traceCell: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let w = cell.assumingMemoryBound(to: AwaitWrapperLayout.self)
    tracer.visit(w.pointee.target)
    tracer.visit(w.pointee.argument)
  }
}
