import Glibc
import Testing

/// A small, fixed share of `make fuzz-compiler`, `fuzz-errors`, `fuzz-warnings` and `fuzz-parser`: code objects, errors and warnings of made-up sources
/// are CPython's.
@Suite(.enabled(if: Checkout.hasAmphis, "the executable amphis was not built"))
struct FuzzTests {
  @Test(arguments: [("code", "60"), ("errors", "200"), ("warnings", "200"), ("parser", "200")])
  func compilationEqualsCPython(kind: String, count: String) {
    let answer = Child.run(
      [
        "/usr/bin/python3", Checkout.root + "/Tools/fuzz/run.py", kind, "--interp", Checkout.amphis, "--seed", "311", "--count", count,
        "--files",
        "4", "--no-reduce", "--timeout", "300",
      ], seconds: 400)
    #expect(answer.status == 0, "\(answer.text)\(answer.errorText)")
  }

  /// A share of `make compare-ast`.
  @Test func treesEqualCPythons() {
    let answer = Child.run(
      ["/usr/bin/python3", Checkout.root + "/Tools/compare_ast.py", "--interp", Checkout.amphis, "--share", "57/80"], seconds: 300)
    #expect(answer.status == 0, "\(answer.text)\(answer.errorText)")
  }
}
