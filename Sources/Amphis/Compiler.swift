import PyBytecode
import PyCompiler
import PyRuntime
import PySyntax

/// Gives the VM our parser and compiler.
final class SourceToCode: SourceCompiler {
  func compile(source: UnsafeRawBufferPointer, filename: [UInt8], mode: CompileMode, flags: Int32, optimize: Int32) -> CompileOutcome {
    let kind: CompileOptions.Mode
    switch mode {
    case .exec: kind = .exec
    case .eval: kind = .eval
    case .single: kind = .single
    case .functionType:
      return CompileOutcome(
        marshalled: nil,
        error: CompileFailure(
          type: "NotImplementedError", message: "compile() to an AST of a function type is not built yet", line: nil, column: nil, endLine: nil,
          endColumn: nil, text: nil))
    }
    let request = SourceRequest(mode: kind, flags: UInt32(bitPattern: flags), optimize: Int(optimize), filename: filename)
    let bytes = source.bindMemory(to: UInt8.self)
    let outcome = compileSource(bytes, request, decoder: VM.running.map { vm in { SourceToCode.decode(vm, $0, $1) } })
    var result: CompileOutcome
    switch outcome.result {
    case .success(let code):
      result = CompileOutcome(marshalled: marshal(code), error: nil)
    case .failure(let e): result = CompileOutcome(marshalled: nil, error: CompileFailure(e))
    }
    result.warnings = outcome.warnings.map { ($0.category, $0.message, $0.line, CompileFailure($0.error)) }
    return result
  }

  /// Source in any encoding that Python has a codec for.
  private static func decode(_ vm: VM, _ encoding: String, _ source: UnsafeBufferPointer<UInt8>) -> SourceDecoding {
    do throws(Raised) {
      let bytes = try vm.bytes(UnsafeRawBufferPointer(source))
      return .text(try vm.callMethod(bytes, "decode", try vm.str(encoding)).utf8Bytes)
    } catch {
      let raised = vm.takePending()
      do throws(Raised) { return .undecodable(String(decoding: try vm.str(of: raised).utf8Bytes, as: UTF8.self)) } catch {
        vm.clearPending()
        return .unknownEncoding
      }
    }
  }

  /// Where the operator of an expression lies, for the carets of tracebacks.
  static func anchors(_ segment: [UInt8]) -> (Int, Int)? {
    // In parentheses, so that a segment of several lines is still one expression; columns shift by one.
    let text = [0x28] + segment + [0x29]
    return text.withUnsafeBufferPointer { p -> (Int, Int)? in
      guard case .success(let tree, _) = SyntaxTree.parse(p, mode: .eval, flags: .ignoreCookie, decoder: nil) else { return nil }
      return OperatorAnchors.find(tree, segment)
    }
  }
}

extension CompileFailure {
  init(_ e: SourceError) {
    self.init(
      type: e.kind.rawValue, message: e.message, line: e.line, column: e.offset, endLine: e.endLine, endColumn: e.endOffset, text: e.text)
    isIncomplete = e.isIncomplete
  }
}

func marshal(_ code: CodeBlueprint) -> [UInt8] {
  MarshalWriter.dump(.code(code))
}
