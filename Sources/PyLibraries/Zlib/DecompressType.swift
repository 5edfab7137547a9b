import CZlib
import PyRuntime

/// `zlib.Decompress`.
struct DecompressLayout {
  var header: CellHeader
  /// `ZlibStreamLayout`
  var stream: Value
  /// bytes: input behind the end of the compressed data; input that `max_length` has left
  var unusedData: Value
  var unconsumedTail: Value
  /// null: there is none
  var dictionary: Value
  var isAtEnd: Bool

  static let trace: TraceFunction = { cell, tracer in
    let fields = (cell + 8).assumingMemoryBound(to: Value.self)
    Tracer(tracer).visit(fields, count: 4)
  }
}
private typealias DecompressRef = UnsafeMutablePointer<DecompressLayout>

enum DecompressType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// inflate's state and its window
  private static let bytesOutside = 40 << 10

  static func declare(_ t: inout TypeBuilder) {
    t.trace(DecompressLayout.trace)
    t.method(
      "decompress", "($self, data, /, max_length=0)",
      "Decompresses data. With a max_length no more than that comes out, and what is left of data is unconsumed_tail."
    ) { (vm, v, a: Args) throws(Raised) in try decompress(vm, v.as(DecompressLayout.self), a[0], a[1]) }
    t.method(
      "flush", "($self, length=zlib.DEF_BUF_SIZE, /)", "What comes out of unconsumed_tail. length is how much room to begin with."
    ) { (vm, v, length: Value, _: Value) throws(Raised) in try flush(vm, v.as(DecompressLayout.self), length) }
    t.method("copy", "($self, /)", "Another one that has seen the same data.") { vm, v throws(Raised) in try copy(vm, v) }
    t.method("__copy__", "($self, /)", nil) { vm, v throws(Raised) in try copy(vm, v) }
    t.method("__deepcopy__", "($self, memo, /)", nil) { (vm, v, _: Value) throws(Raised) in try copy(vm, v) }
    t.member("unused_data", nil, offset: MemoryLayout<DecompressLayout>.offset(of: \.unusedData))
    t.member("unconsumed_tail", nil, offset: MemoryLayout<DecompressLayout>.offset(of: \.unconsumedTail))
    t.field("eof", nil) { _, v in .bool(v.as(DecompressLayout.self).pointee.isAtEnd) }
  }

  static func make(_ vm: VM, windowBits: Int32, dictionary: Value) throws(Raised) -> Value {
    if !dictionary.isNull, dictionary.type.pointee.slots.buffer == nil {
      throw vm.raise(.typeError, "zdict argument must support the buffer protocol")
    }
    let s = try ZlibStreams.make(vm, bytesOutside: bytesOutside)
    switch inflateInit2_(&s.pointee.stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) {
    case Z_OK: s.pointee.kind = .inflate
    case Z_STREAM_ERROR: throw vm.raise(.valueError, "Invalid initialization option")
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Can't allocate memory for decompression object")
    case let code: throw ZlibModule.error(vm, &s.pointee.stream, code, "while creating decompression object")
    }
    // Data without a header does not ask for its dictionary.
    if !dictionary.isNull, windowBits < 0 {
      _ = try ZlibModule.withDictionary(vm, dictionary) { bytes throws(Raised) in
        let code = inflateSetDictionary(&s.pointee.stream, bytes.baseAddress, UInt32(bytes.count))
        if code != Z_OK { throw ZlibModule.error(vm, &s.pointee.stream, code, "while setting zdict") }
        return .none
      }
    }
    return Value(try object(vm, s, dictionary))
  }

  private static func object(_ vm: VM, _ s: ZlibStreamRef, _ dictionary: Value) throws(Raised) -> DecompressRef {
    let empty = try vm.emptyBytes()
    let d = try vm.instance(DecompressLayout.self, of: type)
    d.pointee.stream = Value(s)
    d.pointee.unusedData = empty
    d.pointee.unconsumedTail = empty
    d.pointee.dictionary = dictionary
    return d
  }

  private static func decompress(_ vm: VM, _ d: DecompressRef, _ data: Value, _ maxLength: Value) throws(Raised) -> Value {
    let most = maxLength.isNull ? 0 : try vm.asInt(maxLength)
    return try vm.withBytes(of: data) { data throws(Raised) in
      if most < 0 { throw vm.raise(.valueError, "max_length must be non-negative") }
      let s = d.pointee.stream.as(ZlibStreamLayout.self)
      var output = ZlibOutput(limit: most == 0 ? Int.max : most)
      defer { output.discard() }
      let code = try inflate(vm, d, data, Z_SYNC_FLUSH, &output)
      let result = try output.bytes(vm, &s.pointee.stream)
      try keepRest(vm, d, data, code)
      if code == Z_STREAM_END {
        d.pointee.isAtEnd = true
      } else if code != Z_OK, code != Z_BUF_ERROR {
        throw ZlibModule.error(vm, &s.pointee.stream, code, "while decompressing data")
      }
      return result
    }
  }

  private static func flush(_ vm: VM, _ d: DecompressRef, _ length: Value) throws(Raised) -> Value {
    let size = length.isNull ? ZlibOutput.first : try vm.asInt(length)
    if size <= 0 { throw vm.raise(.valueError, "length must be greater than zero") }
    return try vm.withBytes(of: d.pointee.unconsumedTail) { data throws(Raised) in
      let s = d.pointee.stream.as(ZlibStreamLayout.self)
      var output = ZlibOutput()
      defer { output.discard() }
      let code = try inflate(vm, d, data, Z_FINISH, first: size, &output)
      let result = try output.bytes(vm, &s.pointee.stream)
      try keepRest(vm, d, data, code)
      if code == Z_STREAM_END {
        d.pointee.isAtEnd = true
        ZlibStreams.finish(vm, s)
      }
      return result
    }
  }

  private static func inflate(
    _ vm: VM, _ d: DecompressRef, _ data: UnsafeBufferPointer<UInt8>, _ flush: Int32, first: Int = ZlibOutput.first,
    _ output: inout ZlibOutput
  ) throws(Raised) -> Int32 {
    let s = d.pointee.stream.as(ZlibStreamLayout.self)
    var code = Z_OK
    if d.pointee.dictionary.isNull {
      code = ZlibStreams.run(vm, s, data.count) { output.inflateAll($0, data, flush, first: first, dictionary: nil) }
    } else {
      _ = try ZlibModule.withDictionary(vm, d.pointee.dictionary) { bytes throws(Raised) in
        code = ZlibStreams.run(vm, s, data.count) { output.inflateAll($0, data, flush, first: first, dictionary: bytes) }
        return .none
      }
    }
    if output.isOutOfMemory { throw vm.raiseMemoryError() }
    if code >= ZlibOutput.dictionaryFailure / 2 {
      throw ZlibModule.error(vm, &s.pointee.stream, code &- ZlibOutput.dictionaryFailure, "while setting zdict")
    }
    return code
  }

  /// Keeps what the stream has left of its input: behind the end of the compressed data for good, else for the next call.
  private static func keepRest(
    _ vm: VM, _ d: DecompressRef, _ data: UnsafeBufferPointer<UInt8>, _ code: Int32
  ) throws(Raised) {
    let s = d.pointee.stream.as(ZlibStreamLayout.self)
    let used = data.baseAddress.flatMap { base in s.pointee.stream.next_in.map { UnsafePointer($0) - base } } ?? 0
    guard used >= 0, used <= data.count else { return }
    let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(data)[used...])
    var isLeft = rest.count > 0
    if code == Z_STREAM_END, isLeft {
      let before = d.pointee.unusedData.as(BytesLayout.self)
      let all = try vm.bytes(count: before.pointee.count &+ rest.count)
      let to = UnsafeMutableRawPointer(all.as(BytesLayout.self).bytes)
      to.copyMemory(from: before.bytes, byteCount: before.pointee.count)
      if let base = rest.baseAddress { (to + before.pointee.count).copyMemory(from: base, byteCount: rest.count) }
      d.pointee.unusedData = all
      isLeft = false
    }
    if isLeft || d.pointee.unconsumedTail.as(BytesLayout.self).pointee.count > 0 { d.pointee.unconsumedTail = try vm.bytes(rest) }
  }

  private static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let from = v.as(DecompressLayout.self), stream = from.pointee.stream.as(ZlibStreamLayout.self)
    let s = try ZlibStreams.make(vm, bytesOutside: bytesOutside)
    switch ZlibStreams.run(vm, stream, 0, { inflateCopy(&s.pointee.stream, $0) }) {
    case Z_OK: s.pointee.kind = .inflate
    case Z_STREAM_ERROR: throw vm.raise(.valueError, "Inconsistent stream state")
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Can't allocate memory for decompression object")
    case let code: throw ZlibModule.error(vm, &stream.pointee.stream, code, "while copying decompression object")
    }
    let d = try object(vm, s, from.pointee.dictionary)
    d.pointee.unusedData = from.pointee.unusedData
    d.pointee.unconsumedTail = from.pointee.unconsumedTail
    d.pointee.isAtEnd = from.pointee.isAtEnd
    return Value(d)
  }
}
