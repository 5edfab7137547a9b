import PyBytecode
import PyCompiler
import PyRuntime
import PySyntax

/// The compiler behind `compile`, `exec`, `eval` and source imports: parser and compiler as the VM wants them.
public final class PythonCompiler: SourceCompiler {
  /// Decodes source in an encoding that the tokenizer does not know itself; nil refuses such source as CPython refuses an unknown one.
  private let decoder: SourceDecoder?

  public init(decoder: SourceDecoder? = nil) { self.decoder = decoder }

  public func compile(
    source: UnsafeRawBufferPointer, filename: [UInt8], mode: CompileMode, flags: Int32, optimize: Int32
  ) -> CompileOutcome {
    let sourceMode: CompileOptions.Mode
    switch mode {
    case .exec: sourceMode = .exec
    case .eval: sourceMode = .eval
    case .single: sourceMode = .single
    case .functionType:
      return CompileOutcome(
        marshalled: nil,
        error: CompileFailure(
          type: "ValueError", message: "compile() mode 'func_type' requires flag PyCF_ONLY_AST", line: 0, column: 0, endLine: 0,
          endColumn: 0, text: nil))
    }
    let request = SourceRequest(
      mode: sourceMode, flags: UInt32(bitPattern: flags), optimize: Int(max(0, optimize)), filename: filename)
    let result = compileSource(source.bindMemory(to: UInt8.self), request, decoder: decoder)
    var outcome: CompileOutcome
    switch result.result {
    case .success(let code): outcome = CompileOutcome(marshalled: MarshalWriter.dump(code), error: nil)
    case .failure(let error):
      outcome = CompileOutcome(
        marshalled: nil,
        error: CompileFailure(
          type: error.kind.rawValue, message: error.message, line: error.line ?? 0, column: error.offset ?? 0, endLine: error.endLine ?? 0,
          endColumn: error.endOffset ?? 0, text: error.text))
    }
    outcome.warnings = result.warnings.map { ($0.category, $0.message, $0.line) }
    return outcome
  }
}
