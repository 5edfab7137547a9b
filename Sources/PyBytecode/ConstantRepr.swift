import CGMP

/// `repr` of constants as Python prints them, for the disassembler and for annotations kept as text.
public enum ConstantRepr {
  public static func append(_ constant: Constant, to out: inout [UInt8]) {
    switch constant {
    case .none: out += "None".utf8
    case .true: out += "True".utf8
    case .false: out += "False".utf8
    case .ellipsis: out += "Ellipsis".utf8
    case .int(let value): out += String(value).utf8
    case .bigInt(let negative, let limbs): out += decimal(negative: negative, limbs)
    case .float(let value): out += float(value).utf8
    case .complex(let real, let imaginary): out += complex(real, imaginary).utf8
    case .string(let text): append(string: text, to: &out)
    case .bytes(let data): append(bytes: data, to: &out)
    case .tuple(let items):
      out.append(UInt8(ascii: "("))
      append(list: items, to: &out)
      if items.count == 1 { out.append(UInt8(ascii: ",")) }
      out.append(UInt8(ascii: ")"))
    case .frozenset(let items):
      out += "frozenset(".utf8
      if !items.isEmpty {
        out.append(UInt8(ascii: "{"))
        append(list: items, to: &out)
        out.append(UInt8(ascii: "}"))
      }
      out.append(UInt8(ascii: ")"))
    case .code(let code):
      out += "<code object ".utf8
      out += code.name
      out += ", file \"".utf8
      out += code.filename
      out += "\", line \(code.firstLine)>".utf8
    }
  }

  public static func string(_ constant: Constant) -> String {
    var out: [UInt8] = []
    append(constant, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  private static func append(list: [Constant], to out: inout [UInt8]) {
    for (index, item) in list.enumerated() {
      if index > 0 { out += ", ".utf8 }
      append(item, to: &out)
    }
  }

  private static func decimal(negative: Bool, _ limbs: [UInt64]) -> [UInt8] {
    var number = mpz_t()
    __gmpz_init(&number)
    defer { __gmpz_clear(&number) }
    limbs.withUnsafeBytes { __gmpz_import(&number, limbs.count, -1, 8, 0, 0, $0.baseAddress) }
    var text = [CChar](repeating: 0, count: __gmpz_sizeinbase(&number, 10) + 2)
    text.withUnsafeMutableBufferPointer { _ = __gmpz_get_str($0.baseAddress, 10, &number) }
    let digits = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return negative ? [UInt8(ascii: "-")] + digits : digits
  }

  /// The shortest digits that read back as the same double, with an exponent below 1e-4 and from 1e16.
  public static func float(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    // Swift's description has the shortest digits too, only laid out differently.
    var digits: [UInt8] = []
    var exponent = 0
    var point: Int?
    var text = Substring(value.magnitude.description)
    if let e = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: e)...]) ?? 0
      text = text[..<e]
    }
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
    }
    // The value is 0.DIGITS * 10^decimal.
    var decimal = (point ?? digits.count) + exponent
    while digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      decimal -= 1
    }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    var out = value < 0 ? "-" : ""
    func slice(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    if decimal > 16 || decimal < -3 {
      out += slice(digits[0..<1])
      if digits.count > 1 { out += "." + slice(digits[1...]) }
      let shown = decimal - 1
      out += shown < 0 ? "e-" : "e+"
      let magnitude = String(shown.magnitude)
      out += magnitude.utf8.count < 2 ? "0" + magnitude : magnitude
    } else if decimal <= 0 {
      out += "0." + String(repeating: "0", count: -decimal) + slice(digits[...])
    } else if decimal >= digits.count {
      out += slice(digits[...]) + String(repeating: "0", count: decimal - digits.count) + ".0"
    } else {
      out += slice(digits[..<decimal]) + "." + slice(digits[decimal...])
    }
    return out
  }

  private static func complex(_ real: Double, _ imaginary: Double) -> String {
    func part(_ value: Double) -> String {
      let text = float(value)
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    if real == 0 && real.sign == .plus { return part(imaginary) + "j" }
    let sign = imaginary.sign == .minus && !imaginary.isNaN ? "" : "+"
    return "(" + part(real) + sign + part(imaginary) + "j)"
  }

  private static let hex = Array("0123456789abcdef".utf8)

  private static func append(escape value: UInt32, to out: inout [UInt8]) {
    let (letter, width): (UInt8, Int) =
      value < 0x100 ? (UInt8(ascii: "x"), 2) : value < 0x10000 ? (UInt8(ascii: "u"), 4) : (UInt8(ascii: "U"), 8)
    out.append(UInt8(ascii: "\\"))
    out.append(letter)
    for digit in stride(from: width - 1, through: 0, by: -1) { out.append(hex[Int(value >> UInt32(4 * digit) & 15)]) }
  }

  /// Quotes as Python does: single quotes unless the text has some and no double ones.
  private static func quote(for text: [UInt8]) -> UInt8 {
    text.contains(UInt8(ascii: "'")) && !text.contains(UInt8(ascii: "\"")) ? UInt8(ascii: "\"") : UInt8(ascii: "'")
  }

  /// True when the byte was an escape that `str` and `bytes` share.
  private static func appendCommon(_ byte: UInt8, _ quote: UInt8, to out: inout [UInt8]) -> Bool {
    let letter: UInt8
    switch byte {
    case quote, UInt8(ascii: "\\"): letter = byte
    case 9: letter = UInt8(ascii: "t")
    case 10: letter = UInt8(ascii: "n")
    case 13: letter = UInt8(ascii: "r")
    default: return false
    }
    out.append(UInt8(ascii: "\\"))
    out.append(letter)
    return true
  }

  public static func append(bytes data: [UInt8], to out: inout [UInt8]) {
    let quote = quote(for: data)
    out.append(UInt8(ascii: "b"))
    out.append(quote)
    for byte in data where !appendCommon(byte, quote, to: &out) {
      if byte < 0x20 || byte >= 0x7F { append(escape: UInt32(byte), to: &out) } else { out.append(byte) }
    }
    out.append(quote)
  }

  /// - Parameter text: UTF-8 with surrogatepass.
  public static func append(string text: [UInt8], to out: inout [UInt8]) {
    let quote = quote(for: text)
    out.append(quote)
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        if !appendCommon(byte, quote, to: &out) {
          if byte < 0x20 || byte == 0x7F { append(escape: UInt32(byte), to: &out) } else { out.append(byte) }
        }
        index += 1
        continue
      }
      let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      var value = UInt32(byte) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
      let end = min(index + length, text.count)
      for position in (index + 1)..<max(end, index + 1) { value = value << 6 | UInt32(text[position] & 0x3F) }
      if let scalar = Unicode.Scalar(value), isPrintable(scalar) {
        out += text[index..<end]
      } else {
        append(escape: value, to: &out)
      }
      index = end
    }
    out.append(quote)
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator: return false
    default: return true
    }
  }
}
