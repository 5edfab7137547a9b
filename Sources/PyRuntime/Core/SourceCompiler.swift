/// How the VM gets code, trees, symbols and tokens from source. Implemented above this target; `amphis-vm` has none.
public protocol SourceCompiler: AnyObject {
  /// Compiles `source` (bytes as read, encoding cookie honoured unless the flags have PyCF_IGNORE_COOKIE).
  /// - Returns: the marshalled code object, or what the SyntaxError must say.
  func compile(source: UnsafeRawBufferPointer, _ request: CompileRequest) -> CompileOutcome
  /// Compiles a tree that Python code made, after checking that it makes sense.
  func compile(nodes: NodeStream, _ request: CompileRequest) -> CompileOutcome
  /// Parses `source`. The caller frees the stream.
  func parse(source: UnsafeRawBufferPointer, _ request: CompileRequest) -> ParseOutcome
  /// Scopes and names of `source`.
  func symbols(source: UnsafeRawBufferPointer, _ request: CompileRequest) -> SymbolOutcome
  /// Tokens of UTF-8 text, for `_tokenize`.
  func tokens(source: UnsafeRawBufferPointer) -> any TokenReader
}

public enum CompileMode { case exec, eval, single, functionType }

/// The arguments of `compile()` but for the source.
public struct CompileRequest {
  /// UTF-8 with surrogatepass
  public var filename: [UInt8]
  public var mode: CompileMode
  /// CO_FUTURE_* and PyCF_* bits, as `compile()` takes them
  public var flags: Int32
  /// 0, 1 or 2
  public var optimize: Int32
  /// Minor version of Python whose grammar is accepted
  public var featureVersion: Int32 = 11
  /// `sys.get_int_max_str_digits()`
  public var maxDigits = 4300
  /// `sys.getrecursionlimit()`, and how deep Python calls are nested now
  public var recursionLimit = 1000
  public var recursionDepth = 0
  /// The source is a file being run, of which CPython reads line after line
  public var isFile = false
  /// Bytes left on the native stack of the calling thread; nil: to be measured
  public var stackRoom: Int?
  /// The compiler may call back into the VM, for encodings. If not, other threads may run Python code meanwhile.
  public var mayDecode = true

  public init(filename: [UInt8], mode: CompileMode, flags: Int32 = 0, optimize: Int32 = 0) {
    self.filename = filename
    self.mode = mode
    self.flags = flags
    self.optimize = optimize
  }
}

/// A warning to be issued.
public struct CompileWarning {
  /// Of a literal (if it becomes an error, the warnings of tokens behind it are issued, and may be errors instead), of a token, of a
  /// token that is read in that case only, or of the compiler
  public enum Origin { case literal, token, unreadToken, compiler }
  public var origin: Origin
  /// "SyntaxWarning" or "DeprecationWarning"
  public var category: String
  public var message: String
  public var line: Int
  /// What to raise if a filter makes the warning an error
  public var error: CompileFailure
  public init(origin: Origin, category: String, message: String, line: Int, error: CompileFailure) {
    self.origin = origin
    self.category = category
    self.message = message
    self.line = line
    self.error = error
  }
}

public struct CompileOutcome {
  /// Marshalled code object, or nil with `error` set
  public var marshalled: [UInt8]?
  public var error: CompileFailure?
  /// Warnings to issue, in order; also when there is an error
  public var warnings: [CompileWarning] = []
  public init(marshalled: [UInt8]?, error: CompileFailure?) {
    self.marshalled = marshalled
    self.error = error
  }
}

public struct ParseOutcome {
  /// nil with `error` set
  public var nodes: NodeStream?
  public var error: CompileFailure?
  public var warnings: [CompileWarning] = []
  public init(nodes: NodeStream?, error: CompileFailure?) {
    self.nodes = nodes
    self.error = error
  }
}

/// A failed compilation, ready to become an exception of class `type` ("SyntaxError", "IndentationError", "TabError",
/// "RecursionError", "MemoryError", "ValueError", "OverflowError", "UnicodeDecodeError" as "SyntaxError").
/// Lines and columns are Python's exception's, nil for None; `text` is the source line in surrogatepass UTF-8.
public struct CompileFailure {
  public var type: String
  public var message: String
  public var line: Int?, column: Int?, endLine: Int?, endColumn: Int?
  public var text: [UInt8]?
  /// More lines might make the source valid
  public var isIncomplete = false
  public init(type: String, message: String, line: Int?, column: Int?, endLine: Int?, endColumn: Int?, text: [UInt8]?) {
    self.type = type
    self.message = message
    self.line = line
    self.column = column
    self.endLine = endLine
    self.endColumn = endColumn
    self.text = text
  }
}

/// One scope of a symbol table: CPython's `symtable` entry.
public struct SymbolScope {
  /// Equal for equal nodes, different for different ones
  public var id: Int
  public var name: [UInt8]
  /// 0 function, 1 class, 2 module, 3 annotation
  public var kind: Int
  public var isNested: Bool
  public var line: Int
  /// Name and flags (DEF_* bits, scope above them), in order of first appearance
  public var symbols: [(name: [UInt8], flags: Int)]
  /// Parameters in order
  public var parameters: [[UInt8]]
  /// Indexes of the scopes inside
  public var children: [Int]
  public init(
    id: Int, name: [UInt8], kind: Int, isNested: Bool, line: Int, symbols: [(name: [UInt8], flags: Int)], parameters: [[UInt8]],
    children: [Int]
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.isNested = isNested
    self.line = line
    self.symbols = symbols
    self.parameters = parameters
    self.children = children
  }
}

public struct SymbolOutcome {
  /// The module's scope first; empty with `error` set
  public var scopes: [SymbolScope]
  public var error: CompileFailure?
  public var warnings: [CompileWarning] = []
  public init(scopes: [SymbolScope], error: CompileFailure?) {
    self.scopes = scopes
    self.error = error
  }
}

public struct SourceToken {
  /// Number in the `token` module
  public var type: Int
  public var text: [UInt8]
  public var line: Int, endLine: Int
  /// In bytes; -1 when unknown
  public var column: Int, endColumn: Int
  /// The source line
  public var lineText: [UInt8]
  public init(type: Int, text: [UInt8], line: Int, endLine: Int, column: Int, endColumn: Int, lineText: [UInt8]) {
    self.type = type
    self.text = text
    self.line = line
    self.endLine = endLine
    self.column = column
    self.endColumn = endColumn
    self.lineText = lineText
  }
}

public enum TokenStep {
  case token(SourceToken)
  case end
  case failure(CompileFailure)
}

/// Reads tokens one after another.
public protocol TokenReader: AnyObject {
  func next() -> TokenStep
}
