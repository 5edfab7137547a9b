import Glibc
import PySyntax

/// Decodes source in an encoding beyond UTF-8 and Latin-1 through the C library, for callers that bring no decoder of their own.
/// Python's names differ from the C library's only in their separators.
func decodeWithLibrary(_ encoding: String, _ source: UnsafeBufferPointer<UInt8>) -> SourceDecoding {
  var name = String(encoding.map { $0 == "_" ? "-" : $0 })
  // Names such as cp1252 have no separator in either.
  if name.hasPrefix("cp-") { name = "cp" + name.dropFirst(3) }
  let converter = iconv_open("UTF-8", name)
  // iconv_open answers -1, as a pointer, to a name that it does not know.
  guard let converter, Int(bitPattern: converter) != -1 else { return .unknownEncoding }
  defer { iconv_close(converter) }
  var input = source.map { CChar(bitPattern: $0) }
  // No character set has characters that need more than four bytes for one.
  var output = [CChar](repeating: 0, count: input.count * 4 + 16)
  var inputLeft = input.count
  var outputLeft = output.count
  let capacity = output.count
  let failed = input.withUnsafeMutableBufferPointer { inputBuffer in
    output.withUnsafeMutableBufferPointer { outputBuffer in
      var from = inputBuffer.baseAddress
      var to = outputBuffer.baseAddress
      return iconv(converter, &from, &inputLeft, &to, &outputLeft) == Int(bitPattern: UInt.max)
    }
  }
  if failed || inputLeft > 0 {
    let position = source.count - inputLeft
    let byte = position < source.count ? String(source[position], radix: 16) : ""
    return .undecodable("'\(encoding)' codec can't decode byte 0x\(byte) in position \(position): illegal multibyte sequence")
  }
  return .text(output[0..<(capacity - outputLeft)].map { UInt8(bitPattern: $0) })
}
