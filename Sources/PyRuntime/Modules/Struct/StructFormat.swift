/// One kind of item of a compiled format: `count` items of `size` bytes, the first at `offset`; for 's' and 'p' one item of
/// `size` bytes. Pad bytes leave no code.
struct StructCode {
  var letter: UInt8
  var offset: Int
  var size: Int
  var count: Int
}

/// A compiled format of `struct`.
struct StructFormat {
  enum Order { case nativeAligned, little, big }

  var codes: [StructCode] = []
  /// Bytes of a packed record, and number of Python values in it
  var size = 0
  var items = 0
  var order = Order.nativeAligned
  var isBig: Bool { order == .big }

  /// Size and alignment of an item; nil for an unknown letter.
  private static func geometry(_ c: UInt8, _ order: Order) -> (Int, Int)? {
    let native = order == .nativeAligned
    let size: Int
    switch c {
    case UInt8(ascii: "x"), UInt8(ascii: "c"), UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "?"), UInt8(ascii: "s"),
      UInt8(ascii: "p"):
      size = 1
    case UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "e"): size = 2
    case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "f"): size = 4
    case UInt8(ascii: "l"), UInt8(ascii: "L"): size = native ? 8 : 4
    case UInt8(ascii: "q"), UInt8(ascii: "Q"), UInt8(ascii: "d"): size = 8
    case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "P"):
      if !native { return nil }
      size = 8
    default: return nil
    }
    return (size, native ? size : 1)
  }

  /// Compiles a format given in ASCII.
  static func compile(_ vm: VM, _ text: [UInt8]) throws(Raised) -> StructFormat {
    var f = StructFormat()
    var i = 0
    switch text.first {
    case UInt8(ascii: "<"):
      f.order = .little
      i = 1
    case UInt8(ascii: ">"), UInt8(ascii: "!"):
      f.order = .big
      i = 1
    case UInt8(ascii: "="):
      f.order = .little
      i = 1
    case UInt8(ascii: "@"): i = 1
    default: break
    }
    while i < text.count {
      var c = text[i]
      i += 1
      if IntText.isSpace(c) { continue }
      var count = 1
      if c >= 48 && c <= 57 {
        count = Int(c) - 48
        while i < text.count, text[i] >= 48, text[i] <= 57 {
          let (m, o1) = count.multipliedReportingOverflow(by: 10)
          let (a, o2) = m.addingReportingOverflow(Int(text[i]) - 48)
          if o1 || o2 { throw StructModule.error(vm, "total struct size too long") }
          count = a
          i += 1
        }
        if i >= text.count { throw StructModule.error(vm, "repeat count given without format specifier") }
        c = text[i]
        i += 1
      }
      if c == 0 { throw StructModule.error(vm, "embedded null character") }
      guard let (size, alignment) = geometry(c, f.order) else { throw StructModule.error(vm, "bad char in struct format") }
      let (padded, o1) = f.size.addingReportingOverflow(alignment - 1)
      if o1 { throw StructModule.error(vm, "total struct size too long") }
      f.size = padded / alignment * alignment
      let (bytes, o2) = count.multipliedReportingOverflow(by: size)
      let (total, o3) = f.size.addingReportingOverflow(bytes)
      if o2 || o3 { throw StructModule.error(vm, "total struct size too long") }
      if c == UInt8(ascii: "s") || c == UInt8(ascii: "p") {
        f.codes.append(StructCode(letter: c, offset: f.size, size: count, count: 1))
        f.items += 1
      } else if c != UInt8(ascii: "x") && count > 0 {
        f.codes.append(StructCode(letter: c, offset: f.size, size: size, count: count))
        f.items += count
      }
      f.size = total
    }
    return f
  }
}
