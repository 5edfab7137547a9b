import CZlib
import Glibc
import PyRuntime

/// A stream of zlib's. It lies in a cell, which does not move: zlib's own state refers to it. A cell of its own, because it has a finalizer, and what a
/// dead object with a finalizer refers to is marked once more.
struct ZlibStreamLayout {
  enum Kind: UInt8 { case ended, deflate, inflate }

  var header: CellHeader
  var stream: z_stream
  var kind: Kind
  /// A thread works on it without the interpreter lock.
  var isBusy: Bool
  /// What zlib has allocated for it, about
  var bytesOutside: Int
}
typealias ZlibStreamRef = UnsafeMutablePointer<ZlibStreamLayout>
typealias ZStream = UnsafeMutablePointer<z_stream>

enum ZlibStreams {
  nonisolated(unsafe) private static var type: TypeRef?

  /// Makes the type of streams, without a name in the module.
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    if type != nil { return }
    type = try m.hiddenType(
      full: "zlib._stream", layoutSize: MemoryLayout<ZlibStreamLayout>.size, flags: [.disallowInstantiation]
    ) { t in
      t.slots.finalize = VisitCode { _, v in ZlibStreams.end(v.as(ZlibStreamLayout.self)) }
    }
  }

  /// A stream that is not begun.
  /// - Parameter bytesOutside: what zlib will allocate for it: counted, so that a collection comes in time
  static func make(_ vm: VM, bytesOutside: Int) throws(Raised) -> ZlibStreamRef {
    guard let type else { throw vm.raise(.systemError, "no streams of zlib") }
    let s = try vm.instance(ZlibStreamLayout.self, of: type)
    s.pointee.bytesOutside = bytesOutside
    vm.countOutside(bytes: bytesOutside)
    return s
  }

  static func end(_ s: ZlibStreamRef) {
    switch s.pointee.kind {
    case .ended: return
    case .deflate: deflateEnd(&s.pointee.stream)
    case .inflate: inflateEnd(&s.pointee.stream)
    }
    s.pointee.kind = .ended
  }

  /// `end` for one that has done its work: what it counted for is free already.
  static func finish(_ vm: VM, _ s: ZlibStreamRef) {
    if s.pointee.kind == .ended { return }
    end(s)
    vm.uncountOutside(bytes: s.pointee.bytesOutside)
  }

  /// Where this is much work, other threads run meanwhile.
  private static let longWork = 8 << 10

  /// Runs `body` on a stream that nobody else uses at the time. It touches no Python object.
  /// - Parameter count: bytes of input
  static func run(_ vm: VM, _ s: ZlibStreamRef, _ count: Int, _ body: (ZStream) -> Int32) -> Int32 {
    while s.pointee.isBusy { vm.unlocked { _ = usleep(50) } }
    s.pointee.isBusy = true
    let code = run(vm, &s.pointee.stream, count, body)
    s.pointee.isBusy = false
    return code
  }
  static func run(_ vm: VM, _ stream: ZStream, _ count: Int, _ body: (ZStream) -> Int32) -> Int32 {
    count < longWork ? body(stream) : vm.unlocked { body(stream) }
  }
}

/// Memory that a stream writes to: it grows as CPython's does, by doubling from 16 KiB, and no further than `limit`.
struct ZlibOutput {
  static let first = 16384
  private var memory: UnsafeMutablePointer<UInt8>?
  private var capacity = 0
  private let limit: Int
  /// There was no memory for more.
  private(set) var isOutOfMemory = false

  init(limit: Int = Int.max) { self.limit = limit }

  /// Bytes that `stream` has written
  private func count(_ stream: ZStream) -> Int { capacity &- Int(stream.pointee.avail_out) }

  /// Gives `stream`, which has filled what there is, more room, `first` bytes at first. False: there is none.
  mutating func grow(_ stream: ZStream, first: Int = ZlibOutput.first) -> Bool {
    if capacity >= limit { return false }
    let used = capacity
    let room = min(used == 0 ? first : used > Int.max / 2 ? Int.max : used &* 2, limit)
    // zlib counts in 32 bits.
    let size = min(room, used &+ Int(UInt32.max))
    guard let grown = realloc(memory, size) else {
      isOutOfMemory = true
      return false
    }
    let bytes = grown.assumingMemoryBound(to: UInt8.self)
    memory = bytes
    capacity = size
    stream.pointee.next_out = bytes + used
    stream.pointee.avail_out = UInt32(size &- used)
    return true
  }

  /// What has been written.
  func bytes(_ vm: VM, _ stream: ZStream) throws(Raised) -> Value {
    try vm.bytes(UnsafeRawBufferPointer(start: memory, count: count(stream)))
  }
  func discard() { free(memory) }
}

/// What a stream reads, a part at a time where it is more than zlib's 32 bits count.
private struct ZlibInput {
  private var rest: Int
  /// The part that `next` has given is the last.
  var isLast: Bool { rest == 0 }

  init(_ stream: ZStream, _ bytes: UnsafeBufferPointer<UInt8>) {
    rest = bytes.count
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
    stream.pointee.avail_out = 0
  }
  mutating func next(_ stream: ZStream) {
    let part = min(rest, Int(UInt32.max))
    stream.pointee.avail_in = UInt32(part)
    rest &-= part
  }
}

extension ZlibOutput {
  /// Compresses all of `input`, then flushes as `flush` says.
  /// - Returns: zlib's code; Z_MEM_ERROR where there is no memory for the output
  mutating func deflateAll(_ stream: ZStream, _ input: UnsafeBufferPointer<UInt8>, _ flush: Int32) -> Int32 {
    var parts = ZlibInput(stream, input), code = Z_OK
    repeat {
      parts.next(stream)
      repeat {
        if stream.pointee.avail_out == 0, !grow(stream) { return Z_MEM_ERROR }
        code = deflate(stream, parts.isLast ? flush : Z_NO_FLUSH)
        if code == Z_STREAM_ERROR { return code }
      } while stream.pointee.avail_out == 0
    } while !parts.isLast
    return code
  }

  /// Decompresses `input` until it is used up, the compressed data ends, or the output's limit is reached; `next_in` says how far that was.
  /// - Parameter flush: for the last part of it; Z_FINISH: for that only
  /// - Parameter dictionary: for data that asks for one; nil: there is none
  /// - Returns: zlib's code; `dictionaryFailure` and what `inflateSetDictionary` answered where it refused the dictionary
  mutating func inflateAll(
    _ stream: ZStream, _ input: UnsafeBufferPointer<UInt8>, _ flush: Int32, first: Int = ZlibOutput.first,
    dictionary: UnsafeBufferPointer<UInt8>?
  ) -> Int32 {
    var parts = ZlibInput(stream, input), code = Z_OK
    repeat {
      parts.next(stream)
      repeat {
        if stream.pointee.avail_out == 0, !grow(stream, first: first) { return isOutOfMemory ? Z_MEM_ERROR : code }
        code = inflate(stream, parts.isLast || flush != Z_FINISH ? flush : Z_NO_FLUSH)
        if code == Z_NEED_DICT, let dictionary {
          let answer = inflateSetDictionary(stream, dictionary.baseAddress, UInt32(dictionary.count))
          if answer != Z_OK { return ZlibOutput.dictionaryFailure &+ answer }
        } else if code != Z_OK, code != Z_BUF_ERROR, code != Z_STREAM_END {
          return code
        }
      } while stream.pointee.avail_out == 0 || code == Z_NEED_DICT
    } while code != Z_STREAM_END && !parts.isLast
    return code
  }
  /// Far from zlib's own codes, which are −6 to 2
  static let dictionaryFailure: Int32 = 1000
}
