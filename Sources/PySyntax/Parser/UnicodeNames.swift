/// Characters by name, for `\N{...}`. The index is built on first use from the standard library's Unicode data.
enum UnicodeNames {
  /// Hashes of names, each with its scalar in the lower half, in order. A name that is found is compared with the scalar's: the names
  /// themselves would take 8 MB. Without the characters whose name is computed from their code point.
  private static let index: [UInt64] = {
    var index: [UInt64] = []
    index.reserveCapacity(36_000)
    for value: UInt32 in 0...0x10FFFF {
      // Skip the big ranges whose names are computed, and the private planes.
      if value >= 0x3400 && value <= 0x4DBF || value >= 0x4E00 && value <= 0x9FFF { continue }
      if value >= 0xAC00 && value <= 0xD7A3 || value >= 0xE000 && value <= 0xF8FF { continue }
      if value >= 0x20000 && value < 0x2F800 || value > 0x2FA1D && value < 0xE0000 || value > 0xE01EF { continue }
      guard let scalar = UnicodeScalar(value), let name = scalar.properties.name else { continue }
      index.append(UInt64(hash(name)) << 32 | UInt64(value))
    }
    index.sort()
    return index
  }()

  private static func hash(_ name: String) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return hash
  }

  private static func indexed(_ name: String) -> UInt32? {
    let wanted = UInt64(hash(name)) << 32
    var low = 0
    var high = index.count
    while low < high {
      let middle = (low + high) / 2
      if index[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    while low < index.count, index[low] >> 32 == wanted >> 32 {
      let value = UInt32(truncatingIfNeeded: index[low])
      if UnicodeScalar(value)?.properties.name == name { return value }
      low += 1
    }
    return alias(name)
  }

  private static func alias(_ name: String) -> UInt32? {
    let text = UnicodeTables.nameAliases
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    for record in bytes.split(separator: 0x3B) {
      guard let comma = record.firstIndex(of: 0x2C), record[(comma + 1)...].elementsEqual(name.utf8) else { continue }
      return UInt32(String(decoding: record[..<comma], as: UTF8.self), radix: 36)
    }
    return nil
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
    if let value = indexed(name), let scalar = UnicodeScalar(value) {
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
