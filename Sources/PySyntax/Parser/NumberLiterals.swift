import CGMP

#if canImport(Glibc)
  import Glibc
#endif

/// Values of NUMBER tokens.
extension Parser {
  /// Decimal literals up to here are converted whatever the limit is.
  private static let freeDecimalDigits = 640

  mutating func numberConstant(_ token: Token) throws(ParseFailed) -> Constant {
    var text = source + Int(token.start)
    var length = Int(token.end &- token.start)
    // The common case: a few decimal digits.
    if length <= 18 {
      var value: Int64 = 0
      var index = 0
      while index < length {
        let digit = text[index] &- 0x30
        if digit > 9 { break }
        value = value &* 10 &+ Int64(digit)
        index += 1
      }
      if index == length { return .int(value) }
    }
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: length + 1)
    defer { buffer.deallocate() }
    var written = 0
    for index in 0..<length where text[index] != 0x5F {
      buffer[written] = text[index]
      written += 1
    }
    buffer[written] = 0
    text = UnsafePointer(buffer)
    length = written
    if length > 2 && text[0] == 0x30 {
      switch text[1] | 0x20 {
      case 0x78: return integer(text + 2, length - 2, base: 16)
      case 0x6F: return integer(text + 2, length - 2, base: 8)
      case 0x62: return integer(text + 2, length - 2, base: 2)
      default: break
      }
    }
    var isInteger = true
    for index in 0..<length where text[index] < 0x30 || text[index] > 0x39 { isInteger = false }
    if isInteger {
      if context.limits.maxDigits > 0 && length > context.limits.maxDigits && length > Parser.freeDecimalDigits {
        literalFailure = .tooManyDigits(length)
        throw ParseFailed()
      }
      return integer(text, length, base: 10)
    }
    let isImaginary = text[length - 1] | 0x20 == 0x6A
    if isImaginary { buffer[length - 1] = 0 }
    let value = strtod(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self), nil)
    return isImaginary ? .complex(real: 0, imag: value) : .float(value)
  }

  private func integer(_ digits: UnsafePointer<UInt8>, _ count: Int, base: Int32) -> Constant {
    var first = 0
    while first < count - 1 && digits[first] == 0x30 { first += 1 }
    let length = count - first
    let values = UnsafeMutablePointer<UInt8>.allocate(capacity: length)
    defer { values.deallocate() }
    var small: UInt64 = 0
    var overflow = false
    for index in 0..<length {
      let byte = digits[first + index]
      let value: UInt8 = byte <= 0x39 ? byte &- 0x30 : (byte | 0x20) &- 0x57
      values[index] = value
      let (product, carried) = small.multipliedReportingOverflow(by: UInt64(base))
      let (sum, carriedAgain) = product.addingReportingOverflow(UInt64(value))
      small = sum
      if carried || carriedAgain { overflow = true }
    }
    if !overflow && small <= UInt64(Int64.max) { return .int(Int64(small)) }
    // A decimal digit needs less than 4 bits; 16 digits to a limb leave room for every base.
    let capacity = length / 16 + 2
    let limbs = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
    defer { limbs.deallocate() }
    let used = limbs.withMemoryRebound(to: mp_limb_t.self, capacity: capacity) {
      Int(__gmpn_set_str($0, values, length, base))
    }
    return .bigInt(negative: false, limbs: arena.list(copying: limbs, count: used))
  }
}
