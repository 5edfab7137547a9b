import Glibc

/// Builds a bytes object in a growing buffer cell. Lives on the native stack, where the collector sees the buffer.
struct ByteBuilder {
  let vm: VM
  private(set) var memory: UnsafeMutablePointer<UInt8>?
  private(set) var count = 0
  private var capacity = 0

  init(_ vm: VM) { self.vm = vm }

  @inline(__always)
  mutating func reserve(_ n: Int) throws(Raised) { if capacity &- count < n { try grow(n) } }
  @inline(never)
  private mutating func grow(_ n: Int) throws(Raised) {
    let (needed, overflow) = count.addingReportingOverflow(n)
    guard !overflow, needed < Int.max >> 2 else { throw vm.raiseMemoryError() }
    let larger = max(32, needed &+ needed / 2)
    let new = try vm.allocateRawBytes(larger).assumingMemoryBound(to: UInt8.self)
    if let old = memory { memcpy(new, old, count) }
    memory = new
    capacity = larger
  }

  @inline(__always)
  mutating func append(_ b: UInt8) throws(Raised) {
    try reserve(1)
    memory.unsafelyUnwrapped[count] = b
    count &+= 1
  }
  mutating func append(_ p: UnsafeRawPointer, _ n: Int) throws(Raised) {
    if n <= 0 { return }
    try reserve(n)
    memcpy(memory.unsafelyUnwrapped + count, p, n)
    count &+= n
  }
  mutating func append(hex n: UInt32, _ digits: Int) throws(Raised) {
    var i = digits
    while i > 0 {
      i &-= 1
      let d = UInt8(truncatingIfNeeded: n >> UInt32(truncatingIfNeeded: i &* 4) & 15)
      try append(d < 10 ? 48 &+ d : 87 &+ d)
    }
  }
  mutating func append(_ s: StaticString) throws(Raised) {
    if let base = s.rawBuffer.baseAddress { try append(base, s.rawBuffer.count) }
  }

  /// Room for exactly `n` more bytes that the caller writes through the pointer.
  mutating func extend(_ n: Int) throws(Raised) -> UnsafeMutablePointer<UInt8> {
    try reserve(max(1, n))
    let p = memory.unsafelyUnwrapped + count
    count &+= n
    return p
  }

  func finish() throws(Raised) -> Value {
    try vm.bytes(UnsafeRawBufferPointer(start: memory, count: count))
  }
}
