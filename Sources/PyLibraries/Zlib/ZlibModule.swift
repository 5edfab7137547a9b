import CRuntimeSupport
import CZlib
import Glibc
import PyRuntime

/// `zlib`: native by the rule of speed, since a call takes less time than crossing with what it gives; zlib itself is C, linked into the executable.
enum ZlibModule {
  nonisolated(unsafe) private static var errorClass = Value.null
  private static let defaultMemoryLevel: Int32 = 8

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc(
      """
      Compression and decompression with zlib, in the formats of zlib and gzip and without a header.

      'wbits' is the size of the window, as a power of two, and the format.
      """)
    // What a stream takes is more than glibc keeps.
    amphis_keep_freed_memory()
    try ZlibStreams.declare(&m)
    CompressType.type = try m.type(
      full: "zlib.Compress", "Compress", layoutSize: MemoryLayout<CompressLayout>.size, flags: [.disallowInstantiation],
      CompressType.declare)
    DecompressType.type = try m.type(
      full: "zlib.Decompress", "Decompress", layoutSize: MemoryLayout<DecompressLayout>.size, flags: [.disallowInstantiation],
      DecompressType.declare)
    for name: StaticString in ["Compress", "Decompress"] { _ = try Dicts.remove(m.vm, m.dict, try m.vm.intern(name)) }
    // One class, however often the module is made anew: who has it catches what any of them raises.
    if errorClass.isNull { errorClass = try m.exceptionClass("error", of: "zlib", base: Value(rt.types[.exception])) }
    m.value("error", errorClass)
    declareFunctions(m)
    try declareConstants(m)
  }

  private static func declareFunctions(_ m: ModuleBuilder) {
    m.function("adler32", "($module, data, value=1, /)", "An Adler-32 checksum of data, beginning with value.") {
      (vm, _, data: Value, value: Value) throws(Raised) in
      try checksum(vm, data, value, 1, CZlib.adler32)
    }
    m.function("crc32", "($module, data, value=0, /)", "A CRC-32 checksum of data, beginning with value.") {
      (vm, _, data: Value, value: Value) throws(Raised) in
      try checksum(vm, data, value, 0, CZlib.crc32)
    }
    m.function(
      "compress", "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
      "Compresses data, at a level from 0 to 9 or -1."
    ) { (vm, _, a: Args) throws(Raised) in
      let level = try PosixArgs.int32(vm, a[1], Z_DEFAULT_COMPRESSION), windowBits = try PosixArgs.int32(vm, a[2], MAX_WBITS)
      return try vm.withBytes(of: a[0]) { data throws(Raised) in try compress(vm, data, level, windowBits) }
    }
    m.function(
      "decompress", "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
      "Decompresses data, all of it. bufsize is how much room to begin with."
    ) { (vm, _, a: Args) throws(Raised) in
      let windowBits = try PosixArgs.int32(vm, a[1], MAX_WBITS)
      let size = a[2].isNull ? ZlibOutput.first : try vm.asInt(a[2])
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        if size < 0 { throw vm.raise(.valueError, "bufsize must be non-negative") }
        return try decompress(vm, data, windowBits, max(size, 1))
      }
    }
    m.function(
      "compressobj",
      """
      ($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,
                  wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,
                  strategy=Z_DEFAULT_STRATEGY, zdict=None)
      """,
      "An object that compresses data that comes in pieces. zdict: bytes that the data is likely to contain."
    ) { (vm, _, a: Args) throws(Raised) in
      try CompressType.make(
        vm, level: try PosixArgs.int32(vm, a[0], Z_DEFAULT_COMPRESSION), method: try PosixArgs.int32(vm, a[1], Z_DEFLATED),
        windowBits: try PosixArgs.int32(vm, a[2], MAX_WBITS), memoryLevel: try PosixArgs.int32(vm, a[3], defaultMemoryLevel),
        strategy: try PosixArgs.int32(vm, a[4], Z_DEFAULT_STRATEGY), dictionary: a[5])
    }
    m.function(
      "decompressobj", "($module, /, wbits=MAX_WBITS, zdict=b'')",
      "An object that decompresses data that comes in pieces. zdict: what the compressor was given."
    ) { (vm, _, a: Args) throws(Raised) in
      try DecompressType.make(vm, windowBits: try PosixArgs.int32(vm, a[0], MAX_WBITS), dictionary: a[1])
    }
  }

  private static func declareConstants(_ m: ModuleBuilder) throws(Raised) {
    try m.int("MAX_WBITS", Int(MAX_WBITS))
    try m.int("DEFLATED", Int(Z_DEFLATED))
    try m.int("DEF_MEM_LEVEL", Int(defaultMemoryLevel))
    try m.int("DEF_BUF_SIZE", ZlibOutput.first)
    try m.int("Z_NO_COMPRESSION", Int(Z_NO_COMPRESSION))
    try m.int("Z_BEST_SPEED", Int(Z_BEST_SPEED))
    try m.int("Z_BEST_COMPRESSION", Int(Z_BEST_COMPRESSION))
    try m.int("Z_DEFAULT_COMPRESSION", Int(Z_DEFAULT_COMPRESSION))
    try m.int("Z_FILTERED", Int(Z_FILTERED))
    try m.int("Z_HUFFMAN_ONLY", Int(Z_HUFFMAN_ONLY))
    try m.int("Z_RLE", Int(Z_RLE))
    try m.int("Z_FIXED", Int(Z_FIXED))
    try m.int("Z_DEFAULT_STRATEGY", Int(Z_DEFAULT_STRATEGY))
    try m.int("Z_NO_FLUSH", Int(Z_NO_FLUSH))
    try m.int("Z_PARTIAL_FLUSH", Int(Z_PARTIAL_FLUSH))
    try m.int("Z_SYNC_FLUSH", Int(Z_SYNC_FLUSH))
    try m.int("Z_FULL_FLUSH", Int(Z_FULL_FLUSH))
    try m.int("Z_FINISH", Int(Z_FINISH))
    try m.int("Z_BLOCK", Int(Z_BLOCK))
    try m.int("Z_TREES", Int(Z_TREES))
    m.value("ZLIB_VERSION", try m.vm.str(ZLIB_VERSION))
    m.value("ZLIB_RUNTIME_VERSION", try m.vm.str(String(cString: zlibVersion())))
    m.str("__version__", "1.0")
  }

  // MARK: at once

  private static func checksum(
    _ vm: VM, _ data: Value, _ value: Value, _ start: UInt, _ sum: (UInt, UnsafePointer<UInt8>?, UInt32) -> UInt
  ) throws(Raised) -> Value {
    try vm.withBytes(of: data) { data throws(Raised) in
      var value = value.isNull ? start : UInt(try PosixArgs.bits32(vm, value))
      guard let base = data.baseAddress, data.count > 0 else { return try vm.int(Int(sum(value, base(of: data), 0))) }
      func all() {
        var at = 0
        while at < data.count {
          let part = min(data.count &- at, Int(UInt32.max))
          value = sum(value, base + at, UInt32(part))
          at &+= part
        }
      }
      if data.count > 5120 { vm.unlocked(all) } else { all() }
      return try vm.int(Int(value & 0xFFFF_FFFF))
    }
  }
  /// Somewhere, for data without bytes: zlib takes nil for the question how a checksum begins.
  private static func base(of data: UnsafeBufferPointer<UInt8>) -> UnsafePointer<UInt8>? {
    data.baseAddress ?? UnsafePointer(bitPattern: 8)
  }

  /// Where it stays: zlib's state refers to it.
  private static func newStream() -> ZStream {
    let stream = ZStream.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    return stream
  }

  private static func compress(
    _ vm: VM, _ data: UnsafeBufferPointer<UInt8>, _ level: Int32, _ windowBits: Int32
  ) throws(Raised) -> Value {
    let stream = newStream()
    defer { stream.deallocate() }
    switch deflateInit2_(
      stream, level, Z_DEFLATED, windowBits, defaultMemoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    {
    case Z_OK: break
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Out of memory while compressing data")
    case Z_STREAM_ERROR: throw raise(vm, "Bad compression level")
    case let code: throw error(vm, stream, code, "while compressing data")
    }
    defer { deflateEnd(stream) }
    var output = ZlibOutput()
    defer { output.discard() }
    switch ZlibStreams.run(vm, stream, data.count, { output.deflateAll($0, data, Z_FINISH) }) {
    case Z_STREAM_END: return try output.bytes(vm, stream)
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Out of memory while compressing data")
    case let code: throw error(vm, stream, code, "while compressing data")
    }
  }

  private static func decompress(
    _ vm: VM, _ data: UnsafeBufferPointer<UInt8>, _ windowBits: Int32, _ size: Int
  ) throws(Raised) -> Value {
    let stream = newStream()
    defer { stream.deallocate() }
    switch inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) {
    case Z_OK: break
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Out of memory while decompressing data")
    case let code: throw error(vm, stream, code, "while preparing to decompress data")
    }
    defer { inflateEnd(stream) }
    var output = ZlibOutput()
    defer { output.discard() }
    switch ZlibStreams.run(vm, stream, data.count, { output.inflateAll($0, data, Z_FINISH, first: size, dictionary: nil) }) {
    case Z_STREAM_END: return try output.bytes(vm, stream)
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Out of memory while decompressing data")
    case let code: throw error(vm, stream, code, "while decompressing data")
    }
  }

  // MARK: errors and arguments

  /// `zlib.error` with what zlib says about a stream.
  static func error(_ vm: VM, _ stream: ZStream, _ code: Int32, _ when: String) -> Raised {
    var said: String?
    if code == Z_VERSION_ERROR { said = "library version mismatch" } else if let text = stream.pointee.msg { said = String(cString: text) }
    if said == nil {
      switch code {
      case Z_BUF_ERROR: said = "incomplete or truncated stream"
      case Z_STREAM_ERROR: said = "inconsistent stream state"
      case Z_DATA_ERROR: said = "invalid input data"
      default: break
      }
    }
    return raise(vm, "Error \(code) \(when)" + (said.map { ": " + $0.prefix(200) } ?? ""))
  }

  private static func raise(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(errorClass, try vm.str(message))) } catch { return error }
  }

  /// The bytes of a dictionary.
  static func withDictionary(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    try vm.withBytes(of: v) { bytes throws(Raised) in
      if bytes.count > Int(UInt32.max) { throw vm.raise(.overflowError, "zdict length does not fit in an unsigned int") }
      return try body(bytes)
    }
  }
}
