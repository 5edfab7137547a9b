import Glibc

/// Memory of finished calls for the next one: short pickles would spend their time on tables and buffers. Only the holder of the interpreter
/// lock is here; who takes something leaves nothing behind for calls made meanwhile.
enum PicklePool {
  nonisolated(unsafe) static var output: UnsafeMutablePointer<UInt8>?
  nonisolated(unsafe) static var outputCapacity = 0
  /// Larger buffers are freed.
  static let largestOutput = 256 * 1024

  /// A memo's table: what it holds has no newer tag than `tableTag`.
  nonisolated(unsafe) static var table: UnsafeMutablePointer<UInt64>?
  nonisolated(unsafe) static var tableCapacity = 0
  nonisolated(unsafe) static var tableTag: UInt64 = 0
  static let leastTable = 128, largestTable = 1024

  nonisolated(unsafe) static var marks: UnsafeMutablePointer<Int>?
  static let marksCapacity = 64

  /// A pickler and an unpickler that no program has seen, without options and with empty memos, or null
  nonisolated(unsafe) static var pickler = Value.null
  nonisolated(unsafe) static var unpickler = Value.null
  /// Longer memos are not kept.
  static let longestMemo = 4096

  /// A stack of the reader's: a value buffer, all null
  nonisolated(unsafe) static var stack: UnsafeMutablePointer<Value>?
  static let stackCapacity = 256

  /// Empties a memo's list; its storage stays unless it is long.
  static func empty(_ list: Value) {
    let l = list.as(ListLayout.self)
    if l.pointee.capacity > longestMemo { return Lists.truncate(l, 0) }
    if let items = l.pointee.items { items.update(repeating: .null, count: l.pointee.count) }
    l.pointee.count = 0
  }
}

/// Bytes of a pickle being written, in frames from protocol 4 on. The memory is malloc'd and holds no references; `free()` gives it back.
///
/// `boundary()`, which comes before each object, makes sure of `slack` bytes and an open frame; until then `stop` is exceeded.
struct PickleOutput {
  private static let frameTarget = 64 * 1024, frameLeast = 4, headerSize = 9
  /// Bytes of a frame that is large enough, with its header
  private static let fullFrame = frameTarget + headerSize
  /// Bytes that may be written behind a boundary without asking
  static let slack = 32

  let vm: VM
  /// The file's `write`, or null: all bytes stay here
  private let write: Value
  private var memory: UnsafeMutablePointer<UInt8>?
  private(set) var count = 0
  private var capacity = 0
  /// How far `count` may go: the capacity, or -1 while a frame must be opened first
  private var room = 0
  /// From here on a boundary has something to do.
  private var stop = -1
  /// Whether bytes go into frames just now
  private var isFraming = false
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
    update()
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
    update()
  }

  private mutating func update() {
    if isFraming && frameStart < 0 {
      room = -1
      stop = -1
    } else {
      room = capacity
      stop = min(frameStart >= 0 ? frameStart &+ PickleOutput.fullFrame : Int.max, capacity &- PickleOutput.slack)
    }
  }
  mutating func setFraming(_ on: Bool) {
    isFraming = on
    update()
  }

  /// Room for `n` bytes from `cursor` on.
  @inline(__always)
  mutating func reserve(_ n: Int) throws(Raised) {
    if count &+ n > room { try makeRoom(n) }
  }
  @inline(never)
  private mutating func makeRoom(_ n: Int) throws(Raised) {
    if isFraming && frameStart < 0 { try openFrame() }
    if capacity &- count < n { try grow(n) }
    update()
  }
  private mutating func grow(_ n: Int) throws(Raised) {
    let (needed, overflow) = count.addingReportingOverflow(n)
    guard !overflow, needed < Int.max >> 2 else { throw vm.raiseMemoryError() }
    let larger = max(1024, needed &+ needed / 2)
    guard let new = realloc(memory, larger) else { throw vm.raiseMemoryError() }
    memory = new.assumingMemoryBound(to: UInt8.self)
    capacity = larger
  }
  private mutating func openFrame() throws(Raised) {
    if capacity &- count < PickleOutput.headerSize { try grow(PickleOutput.headerSize) }
    frameStart = count
    count &+= PickleOutput.headerSize
  }

  /// Where the next byte goes. Only behind `reserve` or `boundary`.
  @inline(__always)
  var cursor: UnsafeMutablePointer<UInt8> { memory.unsafelyUnwrapped + count }
  /// The caller has written `n` bytes there, no more than it had room for.
  @inline(__always)
  mutating func advance(_ n: Int) { count &+= n }

  @inline(__always)
  mutating func append(_ byte: UInt8) throws(Raised) {
    try reserve(1)
    cursor[0] = byte
    count &+= 1
  }
  /// An opcode and its argument, little-endian in 1, 2, 4 or 8 `bytes`.
  @inline(__always)
  mutating func append(_ op: UInt8, _ argument: Int, _ bytes: Int) throws(Raised) {
    try reserve(9)
    let p = UnsafeMutableRawPointer(cursor)
    p.storeBytes(of: op, as: UInt8.self)
    p.storeBytes(of: argument.littleEndian, toByteOffset: 1, as: Int.self)
    count &+= bytes &+ 1
  }
  mutating func append(_ p: UnsafeRawPointer?, _ n: Int) throws(Raised) {
    guard n > 0, let p else { return }
    try reserve(n)
    memcpy(cursor, p, n)
    count &+= n
  }
  mutating func append(_ text: String) throws(Raised) { for byte in text.utf8 { try append(byte) } }
  /// Room for exactly `n` bytes that the caller writes.
  mutating func extend(_ n: Int) throws(Raised) -> UnsafeMutablePointer<UInt8> {
    try reserve(max(n, 1))
    let p = cursor
    count &+= n
    return p
  }

  /// Between two opcodes: a frame that is large enough ends, and what is complete goes to the file.
  @inline(__always)
  mutating func boundary() throws(Raised) {
    if count >= stop { try atBoundary() }
  }
  @inline(never)
  private mutating func atBoundary() throws(Raised) {
    if frameStart >= 0 && count &- frameStart >= PickleOutput.fullFrame {
      commit()
      try flush()
    }
    if isFraming && frameStart < 0 { try openFrame() }
    if capacity &- count <= PickleOutput.slack { try grow(2 &* PickleOutput.slack) }
    update()
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
    update()
  }

  /// A large object outside frames, straight to the file: an opcode with its length, then the bytes of `view`.
  mutating func append(large view: UnsafeRawBufferPointer, _ op: UInt8, _ bytes: Int, whole: Value) throws(Raised) {
    if view.count < PickleOutput.frameTarget {
      try append(op, view.count, bytes)
      return try append(view.baseAddress, view.count)
    }
    let framing = isFraming
    commit()
    setFraming(false)
    defer { setFraming(framing) }
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
