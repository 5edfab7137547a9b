/// Text that is to be read as a number.
enum NumberText {
  /// ASCII of a str: decimal digits of any script become ASCII digits, other white space becomes a blank, anything else '?'.
  static func ascii(_ v: Value) -> [UInt8] {
    let s = v.as(StrLayout.self)
    let n = s.pointee.length
    if s.isASCII { return Array(s.latin1) }
    return [UInt8](unsafeUninitializedCapacity: n) { out, count in
      for i in 0..<n {
        let c = s[codePoint: i]
        if c < 127 {
          out[i] = UInt8(truncatingIfNeeded: c)
        } else if UnicodeDigits.isSpace(c) {
          out[i] = 32
        } else if let d = UnicodeDigits.decimal(c) {
          out[i] = UInt8(truncatingIfNeeded: 48 + d)
        } else {
          out[i] = 63
        }
      }
      count = n
    }
  }

  /// Bytes of a bytes-like object, or nil.
  static func bytes(_ vm: VM, _ v: Value) throws(Raised) -> [UInt8]? {
    guard v.type.pointee.slots.buffer != nil else { return nil }
    var view = try vm.buffer(of: v, .simple)
    let out = view.memory.map { Array(UnsafeRawBufferPointer(start: $0, count: view.byteCount)) } ?? []
    vm.release(&view)
    return out
  }

  /// The first 200 code points of `repr(v)`.
  static func shortRepr(_ vm: VM, _ v: Value) throws(Raised) -> String {
    let r = try vm.repr(v).swiftString
    return r.unicodeScalars.count <= 200 ? r : String(String.UnicodeScalarView(r.unicodeScalars.prefix(200)))
  }

  /// `type(number)` where `type` is a subclass of a builtin and its constructor is to be called, as `from_bytes` does.
  static func wrap(_ vm: VM, _ type: Value, _ builtin: TypeRef, _ value: Value) throws(Raised) -> Value {
    type == Value(builtin) ? value : try vm.call(type, value)
  }

  static func formatSpec(_ vm: VM, _ spec: Value) throws(Raised) -> Value {
    if spec.isStr { return spec }
    throw vm.raise(.typeError, "__format__() argument must be str, not \(spec.argumentTypeName)")
  }
}

/// Decimal digits and white space beyond ASCII.
package enum UnicodeDigits {
  @inline(__always)
  package static func decimal(_ c: UInt32) -> Int? {
    let d = UnicodeData.decimal(c)
    return d < 0 ? nil : d
  }
  package static func isSpace(_ c: UInt32) -> Bool { UnicodeData.isSpace(c) }
}
