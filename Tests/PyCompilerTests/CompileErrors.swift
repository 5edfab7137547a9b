import PyBytecode
import PySyntax
import Testing

@testable import PyCompiler

/// Errors and warnings that the parser leaves to symbols and lowering. Places are CPython 3.11.2's.
@Suite struct CompileErrors {
  private func outcome(_ source: String, flags: UInt32 = 0, optimize: Int = 0) -> SourceOutcome {
    let bytes = Array(source.utf8)
    return bytes.withUnsafeBufferPointer {
      compileSource($0, SourceRequest(mode: .exec, flags: flags, optimize: optimize, filename: Array("<test>".utf8)))
    }
  }

  private func error(_ source: String) -> String {
    switch outcome(source).result {
    case .success: return "compiled"
    case .failure(let e): return "\(e.message) @\(e.line ?? -1):\(e.offset ?? -1)-\(e.endLine ?? -1):\(e.endOffset ?? -1)"
    }
  }

  @Test func scopes() {
    #expect(error("def f():\n x = 1\n global x\n") == "name 'x' is assigned to before global declaration @3:2-3:10")
    #expect(error("def f():\n nonlocal x\n") == "no binding for nonlocal 'x' found @2:2-2:12")
    #expect(error("def f(a, a): pass\n") == "duplicate argument 'a' in function definition @1:10-1:11")
    #expect(
      error("class A:\n [(x := 1) for y in z]\n") == "assignment expression within a comprehension cannot be used in a class body @2:4-2:5")
  }

  @Test func statementsOutOfPlace() {
    #expect(error("return 1\n") == "'return' outside function @1:1-1:9")
    #expect(error("with a:\n break\n") == "'break' outside loop @2:2-2:7")
    #expect(error("def f(): await x\n") == "'await' outside async function @1:10-1:17")
    #expect(
      error("x = 1\nfrom __future__ import annotations\n") == "from __future__ imports must occur at the beginning of the file @2:1-2:35")
    #expect(error("from __future__ import nope\n") == "future feature nope is not defined @1:1-1:-1")
  }

  @Test func nesting() {
    var source = ""
    for level in 0..<21 { source += String(repeating: " ", count: level) + "while x:\n" }
    source += String(repeating: " ", count: 21) + "pass\n"
    #expect(error(source).hasPrefix("too many statically nested blocks"))
  }

  @Test func warnings() {
    let found = outcome("x is 1\nassert (x, 'm')\n'a'(1)\n[1]['b']\n").warnings.map { "\($0.line): \($0.message)" }
    #expect(
      found == [
        "1: \"is\" with a literal. Did you mean \"==\"?", "2: assertion is always true, perhaps remove parentheses?",
        "3: 'str' object is not callable; perhaps you missed a comma?",
        "4: list indices must be integers or slices, not str; perhaps you missed a comma?",
      ])
  }

  @Test func deepTreesNeedNoNativeStack() throws {
    let sum = "x = " + String(repeating: "a + ", count: 2500) + "a\n"
    _ = try outcome(sum).result.get()
    let tooDeep = "x = " + String(repeating: "a + ", count: 4000) + "a\n"
    guard case .failure(let failure) = outcome(tooDeep).result else {
      Issue.record("4,000 nested operators compiled")
      return
    }
    #expect(failure.kind == .recursionError)
  }

  @Test func optimizationLevels() throws {
    let source = "def f():\n 'doc'\n assert x\n return __debug__\n"
    func constants(_ level: Int) throws -> [PyBytecode.Constant] {
      guard case .code(let f) = try outcome(source, optimize: level).result.get().constants[0] else { return [] }
      return f.constants
    }
    #expect(try constants(0) == [.string(Array("doc".utf8)), .true])
    #expect(try constants(1) == [.string(Array("doc".utf8)), .false])
    #expect(try constants(2) == [.none, .false])
  }

  @Test func topLevelAwait() throws {
    let code = try outcome("await x\n", flags: SourceFlags.allowTopLevelAwait.rawValue).result.get()
    #expect(code.flags.contains(.coroutine))
  }
}
