import CRuntimeSupport
import Glibc

/// Where machine code lies. It is never writable and executable at one address: chunks of a memfd are mapped twice, and where that is refused
/// each region is written first and made executable afterwards. Nothing is ever freed: what was compiled for code objects that have died
/// stays, within `limit`.
///
/// A memfd is shared with the children of `fork()`. A child runs what it has inherited, since nobody writes there again, but puts its own code
/// into a chunk of its own.
struct CodeMemory {
  /// Bytes of all chunks together
  static let limit = 64 << 20
  static let chunk = 1 << 20

  private var writable: UnsafeMutableRawPointer?
  private var executable: UnsafeMutableRawPointer?
  private var used = 0
  private var process: pid_t = 0
  private var total = 0
  /// The system has refused the double mapping.
  private var isSingle = false

  init() {}

  /// Copies `code` to executable memory.
  /// - Returns: where it runs, 16-byte aligned; nil when the system refuses or `limit` is reached
  mutating func install(_ code: [UInt8]) -> UnsafeMutableRawPointer? {
    guard code.count <= CodeMemory.chunk else { return nil }
    if !isSingle, let place = installShared(code) { return place }
    isSingle = true
    let size = (code.count + 4095) & ~4095
    guard total + size <= CodeMemory.limit else { return nil }
    var place: UnsafeMutableRawPointer?
    guard
      code.withUnsafeBytes({ bytes -> Int32 in
        var padded = [UInt8](bytes)
        padded.append(contentsOf: repeatElement(0xCC, count: size - bytes.count))
        return amphis_code_make(padded, size, &place)
      }) == 0
    else { return nil }
    total += size
    return place
  }

  private mutating func installShared(_ code: [UInt8]) -> UnsafeMutableRawPointer? {
    if writable == nil || used + code.count > CodeMemory.chunk || process != getpid() {
      guard total + CodeMemory.chunk <= CodeMemory.limit else { return nil }
      var w: UnsafeMutableRawPointer?
      var x: UnsafeMutableRawPointer?
      guard amphis_code_map(CodeMemory.chunk, &w, &x) == 0 else { return nil }
      (writable, executable, used, process) = (w, x, 0, getpid())
      total += CodeMemory.chunk
    }
    guard let w = writable, let x = executable else { return nil }
    let place = x + used
    code.withUnsafeBytes { (w + used).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: code.count) }
    used = (used + code.count + 15) & ~15
    return place
  }
}
