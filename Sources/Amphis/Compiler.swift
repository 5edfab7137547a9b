import Glibc
import PyBytecode
import PyCompiler
import PyRuntime
import PySyntax

/// Gives the VM our parser and compiler.
final class SourceToCode: SourceCompiler {
  func compile(source: UnsafeRawBufferPointer, _ request: CompileRequest) -> CompileOutcome {
    let bytes = source.bindMemory(to: UInt8.self)
    let decoder = request.mayDecode ? SourceToCode.decoder : nil
    let outcome = compileSource(bytes, SourceRequest(request), decoder: decoder)
    // What a large source needed in passing lies in pieces between what stays.
    if bytes.count >= 100_000 { _ = SourceToCode.trim?(0) }
    if request.isFile, let found = SyntaxTree.nonUTF8Failure(bytes, filename: String(decoding: request.filename, as: UTF8.self)) {
      // An error further up is met first.
      if case .failure(let e) = outcome.result, let line = e.line, line > 0, line < found.line { return CompileOutcome(outcome) }
      return CompileOutcome(marshalled: nil, error: CompileFailure(SourceError(found.failure)))
    }
    return CompileOutcome(outcome)
  }

  func compile(nodes: NodeStream, _ request: CompileRequest) -> CompileOutcome {
    let sourceRequest = SourceRequest(request)
    let synthetic: SyntheticTree
    do throws(TreeProblem) { synthetic = try TreeReader.read(nodes) } catch {
      return CompileOutcome(marshalled: nil, error: CompileFailure(error))
    }
    let shallow = SourceToCode.shallowLimit(sourceRequest)
    var problem = synthetic.validate(depthLimit: shallow, startDepth: sourceRequest.startDepth)
    if problem?.kind == .recursionError && shallow < sourceRequest.depthLimit {
      problem = BigStack.run { synthetic.validate(depthLimit: sourceRequest.depthLimit, startDepth: sourceRequest.startDepth) }
    }
    if let problem { return CompileOutcome(marshalled: nil, error: CompileFailure(problem)) }
    return CompileOutcome(compileTree(synthetic.tree, sourceRequest))
  }

  /// The C library's `malloc_trim`, which Swift's module of it leaves out.
  private static let trim: (@convention(c) (Int) -> Int32)? = dlsym(nil, "malloc_trim").map {
    unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
  }

  /// The depth down to which the calling thread's stack can hold a walk over a tree.
  private static func shallowLimit(_ request: SourceRequest) -> Int {
    let levels = NativeStack.levels(
      CompileOptions.shallowDepth, bytesEach: CompileOptions.bytesPerLevel, room: request.limits.stackRoom)
    return min(request.depthLimit, request.startDepth + levels)
  }

  func parse(source: UnsafeRawBufferPointer, _ request: CompileRequest) -> ParseOutcome {
    let sourceRequest = SourceRequest(request)
    let decoder = request.mayDecode ? SourceToCode.decoder : nil
    let parsed = parseSource(source.bindMemory(to: UInt8.self), sourceRequest, decoder: decoder)
    var outcome: ParseOutcome
    switch parsed.result {
    case .failure(let failure): outcome = ParseOutcome(nodes: nil, error: CompileFailure(failure))
    case .success(let tree):
      let start = sourceRequest.startDepth
      let shallow = SourceToCode.shallowLimit(sourceRequest)
      var nodes = TreeWriter.write(tree, startDepth: start, depthLimit: shallow)
      if nodes == nil && shallow < sourceRequest.depthLimit {
        nodes = BigStack.run { TreeWriter.write(tree, startDepth: start, depthLimit: sourceRequest.depthLimit) }
      }
      let tooDeep = TreeProblem(.recursionError, "maximum recursion depth exceeded during ast construction")
      outcome = ParseOutcome(nodes: nodes, error: nodes == nil ? CompileFailure(tooDeep) : nil)
    }
    outcome.warnings = parsed.warnings.map { PyRuntime.CompileWarning($0) }
    return outcome
  }

  func symbols(source: UnsafeRawBufferPointer, _ request: CompileRequest) -> SymbolOutcome {
    let sourceRequest = SourceRequest(request)
    let parsed = parseSource(source.bindMemory(to: UInt8.self), sourceRequest, decoder: SourceToCode.decoder)
    var outcome: SymbolOutcome
    switch parsed.result {
    case .failure(let failure): outcome = SymbolOutcome(scopes: [], error: CompileFailure(failure))
    case .success(let tree):
      switch scopeRecords(tree, sourceRequest) {
      case .failure(let failure): outcome = SymbolOutcome(scopes: [], error: CompileFailure(failure))
      case .success(let records): outcome = SymbolOutcome(scopes: records.map(SymbolScope.init), error: nil)
      }
    }
    outcome.warnings = parsed.warnings.map { PyRuntime.CompileWarning($0) }
    return outcome
  }

  /// For source in any encoding that Python has a codec for; nil without a running VM.
  private static var decoder: SourceDecoder? {
    guard let vm = VM.running else { return nil }
    return { encoding, source in
      let (text, problem) = vm.decodeSource(UnsafeRawBufferPointer(source), encoding)
      return problem.isEmpty ? .text(text) : .undecodable(problem)
    }
  }

  func tokens(source: UnsafeRawBufferPointer) -> any TokenReader { SourceTokens(source.bindMemory(to: UInt8.self)) }

  /// Where the operator of an expression lies, for the carets of tracebacks.
  static func anchors(_ segment: [UInt8]) -> (Int, Int)? {
    // In parentheses, so that a segment of several lines is still one expression; columns shift by one.
    let text = [0x28] + segment + [0x29]
    return text.withUnsafeBufferPointer { p -> (Int, Int)? in
      var limits = ParseLimits()
      limits.stackRoom = VM.running?.nativeStackRoom
      guard case .success(let tree, _) = SyntaxTree.parse(p, mode: .eval, flags: .ignoreCookie, limits: limits) else { return nil }
      return OperatorAnchors.find(tree, segment)
    }
  }
}

private final class SourceTokens: TokenReader {
  private let stream: TokenStream
  init(_ source: UnsafeBufferPointer<UInt8>) { stream = TokenStream(source) }

  func next() -> TokenStep {
    switch stream.next() {
    case .end: return .end
    case .failure(let failure): return .failure(CompileFailure(SourceError(failure)))
    case .token(let t):
      return .token(
        SourceToken(
          type: t.type, text: t.text, line: t.lineno, endLine: t.endLineno, column: t.col, endColumn: t.endCol, lineText: t.line))
    }
  }
}

func marshal(_ code: CodeBlueprint) -> [UInt8] {
  MarshalWriter.dump(.code(code))
}

// MARK: Between the compiler's terms and the runtime's

extension SourceRequest {
  init(_ request: CompileRequest) {
    let kind: CompileOptions.Mode
    switch request.mode {
    case .exec: kind = .exec
    case .eval: kind = .eval
    case .single: kind = .single
    case .functionType: kind = .functionType
    }
    self.init(
      mode: kind, flags: UInt32(bitPattern: request.flags), optimize: Int(request.optimize), filename: request.filename)
    limits.featureVersion = request.featureVersion
    limits.maxDigits = request.maxDigits
    limits.stackRoom = request.stackRoom
    depthLimit = min(request.recursionLimit, CompileOptions.maximumDepth / 3) * 3
    startDepth = min(request.recursionDepth, CompileOptions.maximumDepth / 3) * 3
  }
}

extension CompileOutcome {
  init(_ outcome: SourceOutcome) {
    switch outcome.result {
    case .success(let code):
      // Code in code in code is written recursively.
      let isDeep = code.nests(deeperThan: 32)
      self.init(marshalled: isDeep ? BigStack.run { marshal(code) } : marshal(code), error: nil)
    case .failure(let failure): self.init(marshalled: nil, error: CompileFailure(failure))
    }
    warnings = outcome.warnings.map { PyRuntime.CompileWarning($0) }
  }
}

extension CompileFailure {
  init(_ e: SourceError) {
    self.init(
      type: e.kind.rawValue, message: e.message, line: e.line, column: e.offset, endLine: e.endLine, endColumn: e.endOffset, text: e.text)
    isIncomplete = e.isIncomplete
  }

  init(_ problem: TreeProblem) {
    let type: String
    switch problem.kind {
    case .valueError: type = "ValueError"
    case .typeError: type = "TypeError"
    case .recursionError: type = "RecursionError"
    }
    self.init(type: type, message: problem.message, line: nil, column: nil, endLine: nil, endColumn: nil, text: nil)
  }
}

extension PyRuntime.CompileWarning {
  init(_ w: SourceWarning) {
    let origin: Origin
    switch w.origin {
    case .literal: origin = .literal
    case .token: origin = .token
    case .unreadToken: origin = .unreadToken
    case .compiler: origin = .compiler
    }
    self.init(origin: origin, category: w.category, message: w.message, line: w.line, error: CompileFailure(w.error))
  }
}

extension SymbolScope {
  init(_ record: ScopeRecord) {
    self.init(
      id: record.id, name: record.name, kind: record.kind, isNested: record.isNested, line: record.line, symbols: record.symbols,
      parameters: record.parameters, children: record.children)
  }
}
