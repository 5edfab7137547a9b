// Rows of the quickened forms. The evaluator writes them over a base form when its type feedback says so; each keeps the fields
// and the number of cache words of its base form.

extension InstructionTable.Builder {
  mutating func declareQuickened() {
  }
}
