extension ModuleBuilder {
  /// Integer constants: on each line a name, a space and a decimal number that a word holds. Part of every start (`posix`), so by hand.
  func ints(_ table: StaticString) throws(Raised) {
    let bytes = table.rawBuffer
    var i = 0
    while i < bytes.count {
      let start = i
      while i < bytes.count, bytes[i] != UInt8(ascii: " ") { i += 1 }
      let name = try vm.intern(utf8: UnsafeRawBufferPointer(rebasing: bytes[start..<i]))
      i += 1
      let isNegative = i < bytes.count && bytes[i] == UInt8(ascii: "-")
      if isNegative { i += 1 }
      var n = 0
      while i < bytes.count, bytes[i] != UInt8(ascii: "\n") {
        n = n &* 10 &+ Int(bytes[i] &- UInt8(ascii: "0"))
        i += 1
      }
      i += 1
      try Dicts.set(vm, dict, name, try vm.int(isNegative ? -n : n))
    }
  }
}
