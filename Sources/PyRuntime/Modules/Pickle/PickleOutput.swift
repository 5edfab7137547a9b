import Glibc

/// Memory of finished pickles for the next one: short ones would spend their time on buffers. Only the holder of the interpreter lock is
/// here; who takes something leaves nothing behind for pickles written meanwhile.
enum PicklePool {
  nonisolated(unsafe) static var output: UnsafeMutablePointer<UInt8>?
  nonisolated(unsafe) static var outputCapacity = 0
  /// A memo's table, all zero
  nonisolated(unsafe) static var table: UnsafeMutablePointer<UInt64>?
  static let tableCapacity = 128
  nonisolated(unsafe) static var marks: UnsafeMutablePointer<Int>?
  static let marksCapacity = 64
  /// Larger buffers are freed.
  static let largestOutput = 256 * 1024
}

/// Bytes of a pickle being written, in frames from protocol 4 on. The memory is malloc'd and holds no references; `free()` gives it back.
struct PickleOutput {
  private static let frameTarget = 64 * 1024, frameLeast = 4, headerSize = 9

  let vm: VM
  /// The file's `write`, or null: all bytes stay here
  private let write: Value
  private(set) var memory: UnsafeMutablePointer<UInt8>?
  private(set) var count = 0
  private var capacity = 0
  /// Whether bytes go into frames just now
  var isFraming = false
  /// Where the frame being filled begins with room for its header; -1 outside any
  private var frameStart = -1

  init(_ vm: VM, write: Value) {
    self.vm = vm
    self.write = write
    if let pooled = PicklePool.output {
      memory = pooled
      capacity = PicklePool.outputCapacity
      PicklePool.output = nil
    }
  }
  /// Call exactly once.
  mutating func free() {
    guard let memory else { return }
    if capacity <= PicklePool.largestOutput && PicklePool.output == nil {
      PicklePool.output = memory
      PicklePool.outputCapacity = capacity
    } else {
      Glibc.free(memory)
    }
    self.memory = nil
    capacity = 0
  }

  @inline(__always)
  private mutating func reserve(_ n: Int) throws(Raised) {
    if isFraming && frameStart < 0 { try openFrame() }
    if capacity &- count < n { try grow(n) }
  }
  @inline(never)
  private mutating func grow(_ n: Int) throws(Raised) {
    let (needed, overflow) = count.addingReportingOverflow(n)
    guard !overflow, needed < Int.max >> 2 else { throw vm.raiseMemoryError() }
    let larger = max(1024, needed &+ needed / 2)
    guard let new = realloc(memory, larger) else { throw vm.raiseMemoryError() }
    memory = new.assumingMemoryBound(to: UInt8.self)
    capacity = larger
  }
  @inline(never)
  private mutating func openFrame() throws(Raised) {
    if capacity &- count < PickleOutput.headerSize { try grow(PickleOutput.headerSize) }
    frameStart = count
    count &+= PickleOutput.headerSize
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) throws(Raised) {
    try reserve(1)
    memory.unsafelyUnwrapped[count] = byte
    count &+= 1
  }
  @inline(__always)
  mutating func append(_ op: UInt8, _ byte: UInt8) throws(Raised) {
    try reserve(2)
    let p = memory.unsafelyUnwrapped + count
    p[0] = op
    p[1] = byte
    count &+= 2
  }
  /// An opcode and its argument, little-endian in `bytes` bytes.
  @inline(__always)
  mutating func append(_ op: UInt8, _ argument: Int, _ bytes: Int) throws(Raised) {
    try reserve(bytes &+ 1)
    let p = memory.unsafelyUnwrapped + count
    p[0] = op
    for i in 0..<bytes { p[1 &+ i] = UInt8(truncatingIfNeeded: argument >> (8 &* i)) }
    count &+= bytes &+ 1
  }
  mutating func append(_ p: UnsafeRawPointer?, _ n: Int) throws(Raised) {
    guard n > 0, let p else { return }
    try reserve(n)
    memcpy(memory.unsafelyUnwrapped + count, p, n)
    count &+= n
  }
  mutating func append(_ text: String) throws(Raised) { for byte in text.utf8 { try append(byte) } }
  /// Room for exactly `n` bytes that the caller writes.
  mutating func extend(_ n: Int) throws(Raised) -> UnsafeMutablePointer<UInt8> {
    try reserve(max(n, 1))
    let p = memory.unsafelyUnwrapped + count
    count &+= n
    return p
  }

  /// Between two opcodes: a frame that is large enough ends, and what is complete goes to the file.
  @inline(__always)
  mutating func boundary() throws(Raised) {
    if frameStart >= 0 && count &- frameStart >= PickleOutput.frameTarget { try endLargeFrame() }
  }
  private mutating func endLargeFrame() throws(Raised) {
    commit()
    try flush()
  }

  /// Ends the frame: writes its header, or takes the room for it back.
  mutating func commit() {
    guard frameStart >= 0, let memory else { return }
    let length = count &- frameStart &- PickleOutput.headerSize
    let header = memory + frameStart
    if length >= PickleOutput.frameLeast {
      header[0] = PickleOp.frame
      for i in 0..<8 { header[1 &+ i] = UInt8(truncatingIfNeeded: length >> (8 &* i)) }
    } else {
      memmove(header, header + PickleOutput.headerSize, length)
      count &-= PickleOutput.headerSize
    }
    frameStart = -1
  }

  /// A large object outside frames, straight to the file: an opcode with its length, then the bytes of `view`.
  mutating func append(large view: UnsafeRawBufferPointer, _ op: UInt8, _ bytes: Int, whole: Value) throws(Raised) {
    if view.count < PickleOutput.frameTarget {
      try append(op, view.count, bytes)
      return try append(view.baseAddress, view.count)
    }
    let framing = isFraming
    commit()
    isFraming = false
    defer { isFraming = framing }
    try append(op, view.count, bytes)
    if write.isNull { return try append(view.baseAddress, view.count) }
    try flush()
    _ = try vm.call(write, whole.isNull ? try vm.bytes(view) : whole)
  }

  /// Hands what there is to the file.
  mutating func flush() throws(Raised) {
    if write.isNull || count == 0 { return }
    let bytes = try finish()
    count = 0
    _ = try vm.call(write, bytes)
  }
  mutating func finish() throws(Raised) -> Value { try vm.bytes(UnsafeRawBufferPointer(start: memory, count: count)) }
}
