/// Characters by name, for `\N{...}`. The index is built on first use from the standard library's Unicode data.
enum UnicodeNames {
  /// Name in capitals to scalar. Only characters whose name is not computed from their code point.
  private static let index: [String: UInt32] = {
    var index: [String: UInt32] = [:]
    index.reserveCapacity(40_000)
    for value: UInt32 in 0...0x10FFFF {
      // Skip the big ranges whose names are computed, and the private planes.
      if value >= 0x3400 && value <= 0x4DBF || value >= 0x4E00 && value <= 0x9FFF { continue }
      if value >= 0xAC00 && value <= 0xD7A3 || value >= 0xE000 && value <= 0xF8FF { continue }
      if value >= 0x20000 && value < 0x2F800 || value > 0x2FA1D && value < 0xE0000 || value > 0xE01EF { continue }
      guard let scalar = UnicodeScalar(value) else { continue }
      let properties = scalar.properties
      if let name = properties.name { index[name] = value }
    }
    addAliases(to: &index)
    return index
  }()

  private static func addAliases(to index: inout [String: UInt32]) {
    let text = UnicodeTables.nameAliases
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    for record in bytes.split(separator: 0x3B) {
      guard let comma = record.firstIndex(of: 0x2C) else { continue }
      let number = String(decoding: record[..<comma], as: UTF8.self)
      guard let value = UInt32(number, radix: 36) else { continue }
      index[String(decoding: record[(comma + 1)...], as: UTF8.self)] = value
    }
  }

  private static let jamoInitial = ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"]
  private static let jamoVowel = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I",
  ]
  private static let jamoFinal = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG",
    "J", "C", "K", "T", "P", "H",
  ]

  /// The character of that name, whatever the case of its letters.
  static func lookup(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    var name = ""
    for byte in bytes {
      guard byte < 0x80 else { return nil }
      let isLower = byte >= 0x61 && byte <= 0x7A
      name.unicodeScalars.append(UnicodeScalar(isLower ? byte & 0xDF : byte))
    }
    let unified = "CJK UNIFIED IDEOGRAPH-"
    if name.hasPrefix(unified) {
      let digits = name.dropFirst(unified.utf8.count)
      guard digits.utf8.count == 4 || digits.utf8.count == 5, let value = UInt32(digits, radix: 16) else { return nil }
      guard let scalar = UnicodeScalar(value), scalar.properties.name == name, let age = scalar.properties.age, age.major <= 14
      else { return nil }
      return value
    }
    let hangul = "HANGUL SYLLABLE "
    if name.hasPrefix(hangul) { return syllable(String(name.dropFirst(hangul.utf8.count))) }
    if let value = index[name], let scalar = UnicodeScalar(value) {
      guard let age = scalar.properties.age, age.major <= 14 else { return nil }
      return value
    }
    return nil
  }

  private static func syllable(_ text: String) -> UInt32? {
    func longest(_ parts: [String], _ rest: Substring) -> Int? {
      var best: Int?
      for (index, part) in parts.enumerated() where rest.hasPrefix(part) {
        if best.map({ part.utf8.count > parts[$0].utf8.count }) ?? true { best = index }
      }
      return best
    }
    var rest = Substring(text)
    guard let initial = longest(jamoInitial, rest) else { return nil }
    rest = rest.dropFirst(jamoInitial[initial].utf8.count)
    guard let vowel = longest(jamoVowel, rest) else { return nil }
    rest = rest.dropFirst(jamoVowel[vowel].utf8.count)
    guard let final = longest(jamoFinal, rest) else { return nil }
    rest = rest.dropFirst(jamoFinal[final].utf8.count)
    guard rest.isEmpty else { return nil }
    return UInt32(0xAC00 + (initial * 21 + vowel) * 28 + final)
  }
}
