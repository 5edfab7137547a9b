/// Cyclic redundancy checks.
enum Checksums {
  /// CRC-CCITT as BinHex uses it: polynomial 0x1021, most significant bit first.
  nonisolated(unsafe) private static let ccittTable: UnsafePointer<UInt16> = {
    let t = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
    for i in 0..<256 {
      var c = UInt16(truncatingIfNeeded: i << 8)
      for _ in 0..<8 { c = c & 0x8000 != 0 ? c << 1 ^ 0x1021 : c << 1 }
      t[i] = c
    }
    return UnsafePointer(t)
  }()

  static func ccitt(_ data: UnsafeBufferPointer<UInt8>, _ start: UInt16) -> UInt16 {
    let table = ccittTable
    var crc = start
    for byte in data { crc = crc << 8 ^ table[Int(crc >> 8 ^ UInt16(byte))] }
    return crc
  }

  /// CRC-32 (ISO 3309, polynomial 0xEDB88320 reflected). Eight tables: `t[k * 256 + b]` is what byte b contributes k bytes later.
  nonisolated(unsafe) private static let crcTables: UnsafePointer<UInt32> = {
    let t = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 &* 256)
    for i in 0..<256 {
      var c = UInt32(truncatingIfNeeded: i)
      for _ in 0..<8 { c = c & 1 != 0 ? c >> 1 ^ 0xEDB8_8320 : c >> 1 }
      t[i] = c
    }
    for i in 256..<2048 {
      let c = t[i &- 256]
      t[i] = c >> 8 ^ t[Int(c & 255)]
    }
    return UnsafePointer(t)
  }()

  /// `start`: the checksum of what came before, 0 for nothing.
  static func crc32(_ data: UnsafeBufferPointer<UInt8>, _ start: UInt32) -> UInt32 {
    guard let from = data.baseAddress else { return start }
    let t = crcTables
    var crc = ~start
    var i = 0
    while i &+ 8 <= data.count {
      let word = UInt64(littleEndian: UnsafeRawPointer(from + i).loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
      let low = UInt32(truncatingIfNeeded: word), high = UInt32(truncatingIfNeeded: word >> 32)
      let a = t[7 &* 256 &+ Int(low & 255)] ^ t[6 &* 256 &+ Int(low >> 8 & 255)]
      let b = t[5 &* 256 &+ Int(low >> 16 & 255)] ^ t[4 &* 256 &+ Int(low >> 24)]
      let c = t[3 &* 256 &+ Int(high & 255)] ^ t[2 &* 256 &+ Int(high >> 8 & 255)]
      let d = t[256 &+ Int(high >> 16 & 255)] ^ t[Int(high >> 24)]
      crc = a ^ b ^ c ^ d
      i &+= 8
    }
    while i < data.count {
      crc = crc >> 8 ^ t[Int((crc ^ UInt32(from[i])) & 255)]
      i &+= 1
    }
    return ~crc
  }
}
