/// `_sha512`. Native because `random` takes `sha512` from it while it is imported, and with it `tempfile` and what imports that, and must not
/// load libpython for a function that only seeding with a text calls. What hashes is libpython's.
enum Sha512Module {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) { m.deferred(["sha384", "sha512"]) }
}
