import PyBytecode
import PySyntax

/// What `compile` was asked for.
public struct CompileOptions: Sendable {
  public enum Mode: Sendable { case exec, eval, single, functionType }
  public var mode: Mode
  /// `future*` bits that are on without the source asking for them (inherited, or given as flags of `compile`).
  public var inheritedFlags: CodeFlags
  /// 0, 1 (no asserts) or 2 (no docstrings either).
  public var optimize: Int
  /// `ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`.
  public var allowsTopLevelAwait: Bool
  /// The recursion limit in nested nodes: three times `sys.getrecursionlimit()`, but at most `maximumDepth`.
  public var depthLimit: Int
  /// Three times the current depth of Python calls.
  public var startDepth: Int
  /// Bytes left on the stack of the calling thread; nil: to be measured.
  public var stackRoom: Int?

  /// Nesting that the large stack surely holds, whatever the recursion limit is.
  #if DEBUG
    public static let maximumDepth = 6000
  #else
    public static let maximumDepth = 100_000
  #endif

  /// Nesting that nearly all trees keep to, and what a level of it takes of the stack at most, in any walk over trees.
  public static let shallowDepth = 300
  #if DEBUG
    public static let bytesPerLevel = 64 << 10
  #else
    public static let bytesPerLevel = 8 << 10
  #endif

  public init(
    mode: Mode = .exec, inheritedFlags: CodeFlags = [], optimize: Int = 0, allowsTopLevelAwait: Bool = false, depthLimit: Int = 3000,
    startDepth: Int = 0
  ) {
    self.mode = mode
    self.inheritedFlags = inheritedFlags
    self.optimize = optimize
    self.allowsTopLevelAwait = allowsTopLevelAwait
    self.depthLimit = depthLimit
    self.startDepth = startDepth
  }
}

/// A `SyntaxWarning` that the compiler wants issued. Columns are UTF-8 byte offsets from 0. When a filter makes it an error, CPython
/// raises `SyntaxError` with the same message at this place.
public struct CompileWarning: Sendable {
  public var message: String
  public var location: SourceLocation
}

/// The result of compiling a tree.
public struct CompilerResult {
  public var result: Result<CodeBlueprint, CompilerFailure>
  public var warnings: [CompileWarning]
}

/// Compiles a tree. The tree is changed: constants are folded in place.
/// - Parameter filename: `co_filename`, UTF-8 with surrogatepass.
public func compile(_ tree: SyntaxTree, filename: [UInt8], options: CompileOptions) -> CompilerResult {
  let known = KnownNames(tree.names)
  let future: FutureFeatures
  switch findFutureFeatures(tree, known) {
  case .failure(let failure): return CompilerResult(result: .failure(failure), warnings: [])
  case .success(let found): future = found
  }
  let flags = future.flags.union(options.inheritedFlags.intersection(.futureMask))
  let keepsAnnotations = flags.contains(.futureAnnotations)
  // Most trees are flat. One that folds within a few levels cannot need much native stack later either; the others get a large one.
  let levels = NativeStack.levels(CompileOptions.shallowDepth, bytesEach: CompileOptions.bytesPerLevel, room: options.stackRoom)
  let shallow = min(options.depthLimit, options.startDepth + levels)
  func fold(_ limit: Int) -> Bool {
    var folder = Folder(
      tree: tree, optimize: options.optimize, keepsAnnotations: keepsAnnotations, depth: options.startDepth, depthLimit: limit)
    do throws(Abort) { try folder.fold(tree.root) } catch { return false }
    return true
  }
  func lower() -> CompilerResult { lowerTree(tree, known, future, flags, filename, options) }
  if fold(shallow) { return lower() }
  return BigStack.run { fold(options.depthLimit) ? lower() : CompilerResult(result: .failure(.recursionError), warnings: []) }
}

/// Symbols and code of a folded tree.
private func lowerTree(
  _ tree: SyntaxTree, _ known: KnownNames, _ future: FutureFeatures, _ flags: CodeFlags, _ filename: [UInt8], _ options: CompileOptions
) -> CompilerResult {
  let table = SymbolTable(
    names: tree.names, known: known, futureAnnotations: flags.contains(.futureAnnotations), depth: options.startDepth,
    depthLimit: options.depthLimit)
  do throws(Abort) {
    try table.collect(tree.root)
    var analysis = SymbolAnalysis(table)
    defer { analysis.free() }
    try analysis.run()
  } catch {
    return CompilerResult(result: .failure(table.failure ?? .systemError("symbol table failed")), warnings: [])
  }
  let compiler = Compiler(
    tree: tree, known: known, table: table, options: options, flags: flags, futureLine: future.lastLine, filename: filename)
  do throws(Abort) {
    let code = try compiler.module(tree.root)
    return CompilerResult(result: .success(code), warnings: compiler.warnings)
  } catch {
    return CompilerResult(result: .failure(compiler.failure ?? .systemError("compiler failed")), warnings: compiler.warnings)
  }
}
