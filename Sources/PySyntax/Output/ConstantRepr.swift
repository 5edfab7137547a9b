import CGMP

#if canImport(Glibc)
  import Glibc
#endif

/// `repr()` of constants, byte for byte what Python writes.
enum ConstantRepr {
  private static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)

  static func write(_ constant: Constant, to out: inout [UInt8]) {
    switch constant {
    case .none: out += Array("None".utf8)
    case .true: out += Array("True".utf8)
    case .false: out += Array("False".utf8)
    case .ellipsis: out += Array("Ellipsis".utf8)
    case .int(let value): out += Array(String(value).utf8)
    case .bigInt(let negative, let limbs):
      if negative { out.append(0x2D) }
      writeBigInt(limbs, to: &out)
    case .float(let value): out += Array(float(value, alwaysPoint: true).utf8)
    case .complex(let real, let imag): writeComplex(real, imag, to: &out)
    case .str(let text): writeString(text, to: &out)
    case .bytes(let bytes): writeBytes(bytes, to: &out)
    case .tuple(let elements):
      out.append(0x28)
      for (index, element) in elements.enumerated() {
        if index > 0 { out += [0x2C, 0x20] }
        write(element, to: &out)
      }
      if elements.count == 1 { out.append(0x2C) }
      out.append(0x29)
    case .frozenset(let elements):
      out += Array("frozenset(".utf8)
      if !elements.isEmpty {
        out.append(0x7B)
        for (index, element) in elements.enumerated() {
          if index > 0 { out += [0x2C, 0x20] }
          write(element, to: &out)
        }
        out.append(0x7D)
      }
      out.append(0x29)
    }
  }

  private static func writeBigInt(_ limbs: ArenaList<UInt64>, to out: inout [UInt8]) {
    guard let base = limbs.base else {
      out.append(0x30)
      return
    }
    let count = limbs.count
    // mpn_get_str destroys its operand; a limb gives at most 20 decimal digits.
    let copy = UnsafeMutablePointer<UInt>.allocate(capacity: count + 1)
    let digits = UnsafeMutablePointer<UInt8>.allocate(capacity: count * 20 + 2)
    defer {
      copy.deallocate()
      digits.deallocate()
    }
    for index in 0..<count { copy[index] = UInt(base[index]) }
    let length = Int(__gmpn_get_str(digits, 10, copy, mp_size_t(count)))
    var index = 0
    while index < length - 1 && digits[index] == 0 { index += 1 }
    while index < length {
      out.append(0x30 + digits[index])
      index += 1
    }
  }

  /// The shortest digits that read back as the same number, in Python's layout.
  static func float(_ value: Double, alwaysPoint: Bool) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    // Swift finds the digits; take them apart and lay them out anew.
    var digits: [UInt8] = []
    var exponent = 0
    var pointSeen = false
    var negative = false
    var fraction = 0
    var text = Array(value.description.utf8)[...]
    if text.first == 0x2D {
      negative = true
      text = text.dropFirst()
    }
    while let character = text.first {
      text = text.dropFirst()
      if character == 0x2E {
        pointSeen = true
      } else if character == 0x65 || character == 0x45 {
        exponent = Int(String(decoding: text, as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(character)
        if pointSeen { fraction += 1 }
      }
    }
    exponent -= fraction
    while digits.count > 1 && digits.last == 0x30 {
      digits.removeLast()
      exponent += 1
    }
    var leading = 0
    while leading < digits.count - 1 && digits[leading] == 0x30 { leading += 1 }
    digits.removeFirst(leading)
    if digits == [0x30] { exponent = 0 }
    // Value = 0.DIGITS × 10^point.
    let point = digits.count + exponent
    var result = negative ? "-" : ""
    let all = String(decoding: digits, as: UTF8.self)
    if digits != [0x30] && (point > 16 || point < -3) {
      result += all.prefix(1)
      if digits.count > 1 { result += "." + all.dropFirst() }
      let shown = point - 1
      result += shown < 0 ? "e-" : "e+"
      let size = String(abs(shown))
      result += size.utf8.count < 2 ? "0" + size : size
      return result
    }
    if point <= 0 {
      result += "0." + String(repeating: "0", count: -point) + all
    } else if point >= digits.count {
      result += all + String(repeating: "0", count: point - digits.count)
      if alwaysPoint { result += ".0" }
    } else {
      result += all.prefix(point) + "." + all.dropFirst(point)
    }
    return result
  }

  private static func writeComplex(_ real: Double, _ imag: Double, to out: inout [UInt8]) {
    let imaginary = float(imag, alwaysPoint: false)
    if real == 0 && real.sign == .plus {
      out += Array((imaginary + "j").utf8)
      return
    }
    let sign = imag.isNaN || imag.sign == .plus ? "+" : ""
    out += Array(("(" + float(real, alwaysPoint: false) + sign + imaginary + "j)").utf8)
  }

  static func writeString(_ text: ArenaBytes, to out: inout [UInt8]) {
    var hasSingle = false
    var hasDouble = false
    for byte in text.buffer {
      if byte == 0x27 { hasSingle = true }
      if byte == 0x22 { hasDouble = true }
    }
    let quote: UInt8 = hasSingle && !hasDouble ? 0x22 : 0x27
    out.append(quote)
    let bytes = text.buffer
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        writeASCII(byte, quote, to: &out)
        index += 1
        continue
      }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
      var scalar = UInt32(byte & (length == 4 ? 0x07 : length == 3 ? 0x0F : 0x1F))
      for offset in 1..<length where index + offset < bytes.count {
        scalar = scalar << 6 | UInt32(bytes[index + offset] & 0x3F)
      }
      let end = min(index + length, bytes.count)
      if Identifiers.isPrintable(scalar) {
        out.append(contentsOf: bytes[index..<end])
      } else if scalar < 0x100 {
        writeHex(0x78, scalar, 2, to: &out)
      } else if scalar < 0x10000 {
        writeHex(0x75, scalar, 4, to: &out)
      } else {
        writeHex(0x55, scalar, 8, to: &out)
      }
      index = end
    }
    out.append(quote)
  }

  private static func writeASCII(_ byte: UInt8, _ quote: UInt8, to out: inout [UInt8]) {
    switch byte {
    case quote, 0x5C: out += [0x5C, byte]
    case 0x09: out += [0x5C, 0x74]
    case 0x0A: out += [0x5C, 0x6E]
    case 0x0D: out += [0x5C, 0x72]
    case 0x20...0x7E: out.append(byte)
    default: writeHex(0x78, UInt32(byte), 2, to: &out)
    }
  }

  private static func writeHex(_ letter: UInt8, _ value: UInt32, _ digits: Int, to out: inout [UInt8]) {
    out += [0x5C, letter]
    for position in stride(from: (digits - 1) * 4, through: 0, by: -4) {
      out.append(hexDigits[Int(value >> UInt32(position) & 15)])
    }
  }

  static func writeBytes(_ bytes: ArenaBytes, to out: inout [UInt8]) {
    var hasSingle = false
    var hasDouble = false
    for byte in bytes.buffer {
      if byte == 0x27 { hasSingle = true }
      if byte == 0x22 { hasDouble = true }
    }
    let quote: UInt8 = hasSingle && !hasDouble ? 0x22 : 0x27
    out += [0x62, quote]
    for byte in bytes.buffer { writeASCII(byte, quote, to: &out) }
    out.append(quote)
  }
}
