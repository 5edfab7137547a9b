import CZlib
import PyRuntime

/// `zlib.Compress`.
struct CompressLayout {
  var header: CellHeader
  /// `ZlibStreamLayout`
  var stream: Value

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: CompressLayout.self).pointee.stream)
  }
}

enum CompressType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  private static func stream(_ v: Value) -> ZlibStreamRef { v.as(CompressLayout.self).pointee.stream.as(ZlibStreamLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(CompressLayout.trace)
    t.method("compress", "($self, data, /)", "Compresses data. What comes out of it may be less than goes in: flush gives the rest.") {
      (vm, v, data: Value) throws(Raised) in
      try vm.withBytes(of: data) { data throws(Raised) in try run(vm, stream(v), data, Z_NO_FLUSH, "while compressing data") }
    }
    t.method(
      "flush", "($self, mode=zlib.Z_FINISH, /)",
      "What is left to come out. With Z_FINISH, the default, nothing can be compressed any more; mode is one of the constants Z_*_FLUSH otherwise."
    ) { (vm, v, mode: Value, _: Value) throws(Raised) in try flush(vm, v, mode) }
    t.method("copy", "($self, /)", "Another one that has seen the same data.") { vm, v throws(Raised) in try copy(vm, v) }
    t.method("__copy__", "($self, /)", nil) { vm, v throws(Raised) in try copy(vm, v) }
    t.method("__deepcopy__", "($self, memo, /)", nil) { (vm, v, _: Value) throws(Raised) in try copy(vm, v) }
  }

  static func make(
    _ vm: VM, level: Int32, method: Int32, windowBits: Int32, memoryLevel: Int32, strategy: Int32, dictionary: Value
  ) throws(Raised) -> Value {
    if dictionary.isNull {
      return try make(vm, level, method, windowBits, memoryLevel, strategy, nil)
    }
    return try ZlibModule.withDictionary(vm, dictionary) { bytes throws(Raised) in
      try make(vm, level, method, windowBits, memoryLevel, strategy, bytes)
    }
  }

  private static func make(
    _ vm: VM, _ level: Int32, _ method: Int32, _ windowBits: Int32, _ memoryLevel: Int32, _ strategy: Int32,
    _ dictionary: UnsafeBufferPointer<UInt8>?
  ) throws(Raised) -> Value {
    // zconf.h's formula; the values are checked by zlib.
    let bits = Int(min(max(abs(windowBits % 16), 8), 15)), memory = Int(min(max(memoryLevel, 1), 9))
    let s = try ZlibStreams.make(vm, bytesOutside: 1 << (bits &+ 2) + 1 << (memory &+ 9))
    switch deflateInit2_(
      &s.pointee.stream, level, method, windowBits, memoryLevel, strategy, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    {
    case Z_OK: s.pointee.kind = .deflate
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Can't allocate memory for compression object")
    case Z_STREAM_ERROR: throw vm.raise(.valueError, "Invalid initialization option")
    case let code: throw ZlibModule.error(vm, &s.pointee.stream, code, "while creating compression object")
    }
    if let dictionary {
      switch deflateSetDictionary(&s.pointee.stream, dictionary.baseAddress, UInt32(dictionary.count)) {
      case Z_OK: break
      case Z_STREAM_ERROR: throw vm.raise(.valueError, "Invalid dictionary")
      default: throw vm.raise(.valueError, "deflateSetDictionary()")
      }
    }
    return try object(vm, s)
  }

  private static func object(_ vm: VM, _ s: ZlibStreamRef) throws(Raised) -> Value {
    let c = try vm.instance(CompressLayout.self, of: type)
    c.pointee.stream = Value(s)
    return Value(c)
  }

  private static func run(
    _ vm: VM, _ s: ZlibStreamRef, _ data: UnsafeBufferPointer<UInt8>, _ mode: Int32, _ when: String
  ) throws(Raised) -> Value {
    var output = ZlibOutput()
    defer { output.discard() }
    let code = ZlibStreams.run(vm, s, data.count) { output.deflateAll($0, data, mode) }
    if output.isOutOfMemory { throw vm.raiseMemoryError() }
    if code == Z_STREAM_ERROR { throw ZlibModule.error(vm, &s.pointee.stream, code, when) }
    let result = try output.bytes(vm, &s.pointee.stream)
    if code == Z_STREAM_END, mode == Z_FINISH {
      ZlibStreams.finish(vm, s)
    } else if mode != Z_NO_FLUSH, code != Z_OK, code != Z_BUF_ERROR {
      throw ZlibModule.error(vm, &s.pointee.stream, code, when)
    }
    return result
  }

  private static func flush(_ vm: VM, _ v: Value, _ mode: Value) throws(Raised) -> Value {
    let mode = try PosixArgs.int32(vm, mode, Z_FINISH)
    if mode == Z_NO_FLUSH { return try vm.emptyBytes() }
    return try run(vm, stream(v), UnsafeBufferPointer(start: nil, count: 0), mode, "while flushing")
  }

  private static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let from = stream(v)
    let s = try ZlibStreams.make(vm, bytesOutside: from.pointee.bytesOutside)
    switch ZlibStreams.run(vm, from, 0, { deflateCopy(&s.pointee.stream, $0) }) {
    case Z_OK: s.pointee.kind = .deflate
    case Z_STREAM_ERROR: throw vm.raise(.valueError, "Inconsistent stream state")
    case Z_MEM_ERROR: throw vm.raise(.memoryError, "Can't allocate memory for compression object")
    case let code: throw ZlibModule.error(vm, &from.pointee.stream, code, "while copying compression object")
    }
    return try object(vm, s)
  }
}
