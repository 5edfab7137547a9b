import Glibc
import Testing

/// What generators in Tools have written is what they would write now, and the compiler made of it what it is meant to.
@Suite struct GeneratedCodeTests {
  @Test func evaluatorIsCurrent() {
    let answer = Child.run(["/usr/bin/python3", Checkout.root + "/Tools/evaluator/generate.py", "--check"])
    #expect(answer.status == 0, "\(answer.text)\(answer.errorText)")
  }

  /// The handlers of a release build jump to each other: no call through a pointer, no reference counting.
  @Test(.enabled(if: access(Checkout.root + "/.build/release/amphis", X_OK) == 0, "there is no release build"))
  func handlersEndInJumps() {
    let answer = Child.run(
      ["/usr/bin/python3", Checkout.root + "/Tools/evaluator/check_handlers.py", Checkout.root + "/.build/release/amphis"], seconds: 300)
    #expect(answer.status == 0, "\(answer.text)\(answer.errorText)")
  }
}
