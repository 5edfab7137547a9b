/// Which characters identifiers may hold, and their normal form. Python 3.11 follows Unicode 14; the host library may be
/// newer, so characters that came later do not count.
enum Identifiers {
  private static func isKnown(_ properties: Unicode.Scalar.Properties) -> Bool {
    guard let age = properties.age else { return false }
    return age.major <= 14
  }

  static func isStart(_ value: UInt32) -> Bool {
    guard let scalar = UnicodeScalar(value) else { return false }
    if value == 0x5F { return true }
    let properties = scalar.properties
    return isKnown(properties) && properties.isXIDStart
  }

  static func isContinue(_ value: UInt32) -> Bool {
    guard let scalar = UnicodeScalar(value) else { return false }
    // Old characters that became part of identifiers only after Unicode 14.
    if value == 0x200C || value == 0x200D || value == 0x30FB || value == 0xFF65 { return false }
    let properties = scalar.properties
    return isKnown(properties) && properties.isXIDContinue
  }

  /// `str.isprintable` of one character.
  static func isPrintable(_ value: UInt32) -> Bool {
    guard let scalar = UnicodeScalar(value) else { return false }
    if value == 0x20 { return true }
    let properties = scalar.properties
    guard isKnown(properties) else { return false }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      return false
    default:
      return true
    }
  }

  /// NFKC of a non-ASCII identifier.
  static func normalized(_ scalars: [UInt32]) -> [UInt32] { Normalization.shared.nfkc(scalars) }
}
