import CPythonBridge

/// `--warn-lossy`
package enum Lossy {
  package static func configure(_ mode: String) { LossyReports.configure(mode) }
  /// Prints the table of `summary` at exit.
  package static func finish() { LossyReports.finish() }
}
