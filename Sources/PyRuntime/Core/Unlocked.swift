extension VM {
  /// Runs `body` without the interpreter lock: around blocking system calls. `body` touches no `Value`.
  func unlocked<R>(_ body: () -> R) -> R { body() }
}
