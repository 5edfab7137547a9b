/// What crossings lose, and how that is told.
package enum LossyReports {
  package enum Mode: String { case off, warn, error, json, summary }
  nonisolated(unsafe) package private(set) static var mode = Mode.off { didSet { Crossing.set(Crossing.lossy, mode != .off) } }

  package static func configure(_ name: String) { mode = Mode(rawValue: name) ?? .warn }
  package static func finish() { Lossy.printSummary() }
}
