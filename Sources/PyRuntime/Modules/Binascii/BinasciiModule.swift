import Glibc

/// `binascii`. Native because its functions are short: base64 of a few hundred bytes took half of its time to cross.
enum BinasciiModule {
  nonisolated(unsafe) private static var errorClass = Value.null
  nonisolated(unsafe) private static var incompleteClass = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Conversion between binary data and ASCII")
    // One class each, however often the module is made anew: who has it catches what any of them raises.
    if errorClass.isNull { errorClass = try m.exceptionClass("Error", of: "binascii", base: Value(rt.types[.valueError])) }
    if incompleteClass.isNull { incompleteClass = try m.exceptionClass("Incomplete", of: "binascii", base: Value(rt.types[.exception])) }
    m.value("Error", errorClass)
    m.value("Incomplete", incompleteClass)
    declareLines(m)
    declareHexadecimal(m)
    m.function(
      "a2b_qp", "($module, /, data, header=False)", "Decode a string of qp-encoded data."
    ) { (vm, _, a: Args) throws(Raised) in
      let header = try flag(vm, a[1], false)
      return try withASCII(vm, a[0]) { data throws(Raised) in
        try scratch(vm, data.count) { QuotedPrintable.decode(data, header: header, into: $0) }
      }
    }
    m.function(
      "b2a_qp", "($module, /, data, quotetabs=False, istext=True, header=False)", "Encode a string using quoted-printable encoding."
    ) { (vm, _, a: Args) throws(Raised) in
      let tabs = try flag(vm, a[1], false), isText = try flag(vm, a[2], true), header = try flag(vm, a[3], false)
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        guard data.count < Int.max / 4 &- 16 else { throw vm.raiseMemoryError() }
        return try scratch(vm, data.count &* 4 &+ 16) {
          QuotedPrintable.encode(data, quotesTabs: tabs, isText: isText, header: header, into: $0)
        }
      }
    }
    m.function(
      "crc_hqx", "($module, data, crc, /)", "Compute CRC-CCITT incrementally."
    ) { (vm, _, data: Value, crc: Value) throws(Raised) in
      let start = try PosixArgs.bits32(vm, crc)
      return try vm.withBytes(of: data) { data throws(Raised) in
        Value(smallInt: Int(Checksums.ccitt(data, UInt16(truncatingIfNeeded: start))))
      }
    }
    m.function(
      "crc32", "($module, data, crc=0, /)", "Compute CRC-32 incrementally."
    ) { (vm, _, data: Value, crc: Value) throws(Raised) in
      let start = crc.isNull ? 0 : try PosixArgs.bits32(vm, crc)
      return try vm.withBytes(of: data) { data throws(Raised) in try vm.int(Int(Checksums.crc32(data, start))) }
    }
  }

  /// uu and base64: a line of text each.
  private static func declareLines(_ m: ModuleBuilder) {
    m.function("a2b_uu", "($module, data, /)", "Decode a line of uuencoded data.") { (vm, _, data: Value) throws(Raised) in
      try withASCII(vm, data) { data throws(Raised) in
        let result = try vm.bytes(count: UUText.length(data))
        if let fault = UUText.decode(data, into: result.as(BytesLayout.self).bytes) { throw error(vm, fault) }
        return try trimmed(vm, result, to: result.as(BytesLayout.self).pointee.count)
      }
    }
    m.function(
      "b2a_uu", "($module, data, /, *, backtick=False)", "Uuencode line of data."
    ) { (vm, _, a: Args) throws(Raised) in
      let backtick = try flag(vm, a[1], false)
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        guard data.count <= 45 else { throw error(vm, "At most 45 bytes at once") }
        return try scratch(vm, 72) { UUText.encode(data, backtick: backtick, into: $0) }
      }
    }
    m.function(
      "a2b_base64", "($module, data, /, *, strict_mode=False)",
      """
      Decode a line of base64 data.

        strict_mode
          When set to True, bytes that are not part of the base64 alphabet are errors,
          and so is anything unusual about padding.
      """
    ) { (vm, _, a: Args) throws(Raised) in
      let strict = try flag(vm, a[1], false)
      return try withASCII(vm, a[0]) { data throws(Raised) in
        let result = try vm.bytes(count: (data.count / 4 &+ 1) &* 3)
        switch Base64Text.decode(data, strict: strict, into: result.as(BytesLayout.self).bytes) {
        case .bytes(let count): return try trimmed(vm, result, to: count)
        case .oneMore(let count):
          throw error(
            vm,
            "Invalid base64-encoded string: number of data characters (\(count)) cannot be 1 more than a multiple of 4")
        case .fault(let message): throw error(vm, message)
        }
      }
    }
    m.function(
      "b2a_base64", "($module, data, /, *, newline=True)", "Base64-code line of data."
    ) { (vm, _, a: Args) throws(Raised) in
      let newline = try flag(vm, a[1], true)
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        guard data.count < Int.max / 2 else { throw error(vm, "Too much data for base64 line") }
        let result = try vm.bytes(count: (data.count &+ 2) / 3 &* 4 &+ (newline ? 1 : 0))
        let to = result.as(BytesLayout.self).bytes
        Base64Text.encode(data, into: to)
        if newline { to[(data.count &+ 2) / 3 &* 4] = 10 }
        return try trimmed(vm, result, to: result.as(BytesLayout.self).pointee.count)
      }
    }
  }

  private static func declareHexadecimal(_ m: ModuleBuilder) {
    for name: StaticString in ["b2a_hex", "hexlify"] {
      m.function(
        name, "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)", "Hexadecimal representation of binary data."
      ) { (vm, _, a: Args) throws(Raised) in
        let groups = try HexText.Groups(vm, a[1], a[2], ascii: false)
        return try vm.withBytes(of: a[0]) { data throws(Raised) in
          let length = try groups.length(vm, data.count)
          let result = try vm.bytes(count: length)
          groups.write(data, into: result.as(BytesLayout.self).bytes)
          return try trimmed(vm, result, to: length)
        }
      }
    }
    for name: StaticString in ["a2b_hex", "unhexlify"] {
      m.function(name, "($module, hexstr, /)", "Binary data of hexadecimal representation.") {
        (vm, _, text: Value) throws(Raised) in
        try withASCII(vm, text) { text throws(Raised) in
          if text.count & 1 != 0 { throw error(vm, "Odd-length string") }
          let result = try vm.bytes(count: text.count / 2)
          guard HexText.decode(text, into: result.as(BytesLayout.self).bytes) else {
            throw error(vm, "Non-hexadecimal digit found")
          }
          return try trimmed(vm, result, to: text.count / 2)
        }
      }
    }
  }

  private static func error(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(errorClass, try vm.str(message))) } catch { return error }
  }

  // MARK: arguments and results

  /// A truth value that CPython takes as a C int.
  private static func flag(_ vm: VM, _ v: Value, _ fallback: Bool) throws(Raised) -> Bool {
    try PosixArgs.int32(vm, v, fallback ? 1 : 0) != 0
  }

  private static func bytes(of view: BufferView) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: UnsafePointer(view.memory?.assumingMemoryBound(to: UInt8.self)), count: view.byteCount)
  }

  /// What is to be decoded: bytes-like or a str of ASCII characters.
  @inline(__always)
  private static func withASCII(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    if v.isStr {
      let s = v.as(StrLayout.self)
      guard s.isASCII else { throw vm.raise(.valueError, "string argument should contain only ASCII characters") }
      return try body(UnsafeBufferPointer(start: s.units.assumingMemoryBound(to: UInt8.self), count: s.pointee.length))
    }
    if v.isBytes { return try vm.withBytes(of: v, body) }
    var view: BufferView
    do throws(Raised) { view = try vm.buffer(of: v, .simple) } catch {
      vm.clearPending()
      throw vm.raise(.typeError, "argument should be bytes, buffer or ASCII string, not '\(v.typeName)'")
    }
    defer { vm.release(&view) }
    return try body(bytes(of: view))
  }

  /// A new bytes object that turned out shorter than it was made.
  private static func trimmed(_ vm: VM, _ v: Value, to count: Int) throws(Raised) -> Value {
    let b = v.as(BytesLayout.self)
    if count == 0 { return try vm.emptyBytes() }
    if count == 1 { return try vm.bytes(byte: b.bytes[0]) }
    // Not worth keeping: most of it would be waste.
    if count < b.pointee.count / 2 { return try vm.bytes(UnsafeRawBufferPointer(start: b.bytes, count: count)) }
    b.pointee.count = count
    b.bytes[count] = 0
    return v
  }

  /// Bytes that `body` writes into memory of `capacity`; it answers how many.
  private static func scratch(
    _ vm: VM, _ capacity: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int
  ) throws(Raised) -> Value {
    guard let memory = malloc(max(1, capacity)) else { throw vm.raiseMemoryError() }
    defer { free(memory) }
    let n = body(memory.assumingMemoryBound(to: UInt8.self))
    return try vm.bytes(UnsafeRawBufferPointer(start: memory, count: n))
  }
}
