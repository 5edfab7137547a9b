/// The 16-byte header of a `.pyc` (PEP 552) and the marshalled code object behind it.
public enum PycHeader: Hashable, Sendable {
  /// Valid while the source has this modification time (seconds, low 32 bits) and size (low 32 bits).
  case timestamp(modified: UInt32, sourceSize: UInt32)
  /// Valid while the source has this SipHash; with `checkSource` false nobody looks.
  case hash(UInt64, checkSource: Bool)

  /// Bytecode version of CPython 3.11.
  public static let magicNumber: UInt16 = 3495
  /// The first four bytes of a `.pyc` of CPython 3.11.
  public static let magicBytes: [UInt8] = [0xA7, 0x0D, 0x0D, 0x0A]
  public static let byteCount = 16

  public enum Failure: Error, Hashable, Sendable {
    /// Not a `.pyc` of Python 3.11; the four bytes found.
    case badMagic([UInt8])
    case truncated
    /// Flag bits other than 0 and 1 are set; the flags word.
    case unknownFlags(UInt32)
  }

  public static func read(_ file: [UInt8]) -> Result<PycHeader, Failure> {
    guard file.count >= 4, Array(file[0..<4]) == magicBytes else { return .failure(.badMagic(Array(file.prefix(4)))) }
    guard file.count >= byteCount else { return .failure(.truncated) }
    func word(_ at: Int) -> UInt32 {
      UInt32(file[at]) | UInt32(file[at + 1]) << 8 | UInt32(file[at + 2]) << 16 | UInt32(file[at + 3]) << 24
    }
    let flags = word(4)
    if flags & ~3 != 0 { return .failure(.unknownFlags(flags)) }
    if flags & 1 == 0 { return .success(.timestamp(modified: word(8), sourceSize: word(12))) }
    return .success(.hash(UInt64(word(8)) | UInt64(word(12)) << 32, checkSource: flags & 2 != 0))
  }

  public var bytes: [UInt8] {
    var out = PycHeader.magicBytes
    func word(_ value: UInt32) {
      for shift in [0, 8, 16, 24] as [UInt32] { out.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    switch self {
    case .timestamp(let modified, let size):
      word(0)
      word(modified)
      word(size)
    case .hash(let hash, let check):
      word(check ? 3 : 1)
      word(UInt32(truncatingIfNeeded: hash))
      word(UInt32(truncatingIfNeeded: hash >> 32))
    }
    return out
  }
}
