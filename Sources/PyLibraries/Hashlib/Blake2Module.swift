import Glibc
import PyRuntime

/// `_blake2`: native because `hashlib` imports it whenever it is imported itself. OpenSSL's BLAKE2 has no keys, salts and trees.
enum Blake2Module {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("The hash functions BLAKE2b and BLAKE2s. The module hashlib is the way to use them.")
    try m.type(full: "_blake2.blake2b", "blake2b", layoutSize: MemoryLayout<Blake2Layout>.size, flags: []) { t throws(Raised) in
      t.doc("A BLAKE2b hash that is being computed.")
      t.slots.new = NewCode { (vm, type, args) throws(Raised) in try Blake2Type.new(vm, type.asType, args, .wide) }
      Blake2Type.declare(&t, .wide)
    }
    try m.type(full: "_blake2.blake2s", "blake2s", layoutSize: MemoryLayout<Blake2Layout>.size, flags: []) { t throws(Raised) in
      t.doc("A BLAKE2s hash that is being computed.")
      t.slots.new = NewCode { (vm, type, args) throws(Raised) in try Blake2Type.new(vm, type.asType, args, .narrow) }
      Blake2Type.declare(&t, .narrow)
    }
    for (name, value) in [
      ("BLAKE2B_SALT_SIZE", 16), ("BLAKE2B_PERSON_SIZE", 16), ("BLAKE2B_MAX_KEY_SIZE", 64), ("BLAKE2B_MAX_DIGEST_SIZE", 64),
      ("BLAKE2S_SALT_SIZE", 8), ("BLAKE2S_PERSON_SIZE", 8), ("BLAKE2S_MAX_KEY_SIZE", 32), ("BLAKE2S_MAX_DIGEST_SIZE", 32),
    ] as [(StaticString, Int)] { try m.int(name, value) }
  }
}

/// `_blake2.blake2b` and `_blake2.blake2s`. It refers to no object.
struct Blake2Layout {
  var header: CellHeader
  /// A thread works on it without the interpreter lock.
  var isBusy: Bool
  var state: Blake2
}

/// What distinguishes the two.
struct Blake2Kind {
  let name: StaticString
  let isWide: Bool
  /// Bytes of a word
  let width: Int
  var blockSize: Int { 16 &* width }
  var longestDigest: Int { 8 &* width }
  var longestKey: Int { longestDigest }
  var saltSize: Int { 2 &* width }
  /// Bytes of a node's offset
  let offsetBytes: Int

  static var wide: Blake2Kind { Blake2Kind(name: "blake2b", isWide: true, width: 8, offsetBytes: 8) }
  static var narrow: Blake2Kind { Blake2Kind(name: "blake2s", isWide: false, width: 4, offsetBytes: 6) }
}

enum Blake2Type {
  typealias Layout = Blake2Layout

  static func declare(_ t: inout TypeBuilder, _ kind: Blake2Kind) {
    t.method("update", "($self, data, /)", "Hashes more data.") { (vm, v, data: Value) throws(Raised) in
      try HashLibrary.withData(vm, data) { data throws(Raised) in
        update(vm, v, data)
        return .none
      }
    }
    t.method("digest", "($self, /)", "The hash, as bytes.") { vm, v throws(Raised) in
      try digest(vm, v) { bytes throws(Raised) in try vm.bytes(UnsafeRawBufferPointer(bytes)) }
    }
    t.method("hexdigest", "($self, /)", "The hash, as hexadecimal digits.") { vm, v throws(Raised) in
      try digest(vm, v) { bytes throws(Raised) in try HashLibrary.hexadecimal(vm, bytes) }
    }
    t.method("copy", "($self, /)", "Another one that has been given the same data.") { vm, v throws(Raised) in
      let copy = try vm.instance(Layout.self, of: v.type)
      copy.pointee.state = free(vm, v).pointee.state
      return Value(copy)
    }
    t.getset("name", "The algorithm's name.") { vm, v throws(Raised) in try vm.intern(Blake2Type.kind(of: v).name) }
    t.getset("block_size", "How many bytes are mixed in at once.") { _, v throws(Raised) in
      Value(smallInt: Blake2Type.kind(of: v).blockSize)
    }
    t.getset("digest_size", "Bytes of the hash.") { _, v throws(Raised) in Value(smallInt: v.as(Layout.self).pointee.state.digestSize) }
    t.attribute("SALT_SIZE", Value(smallInt: kind.saltSize))
    t.attribute("PERSON_SIZE", Value(smallInt: kind.saltSize))
    t.attribute("MAX_KEY_SIZE", Value(smallInt: kind.longestKey))
    t.attribute("MAX_DIGEST_SIZE", Value(smallInt: kind.longestDigest))
  }

  private static func kind(of v: Value) -> Blake2Kind { v.as(Layout.self).pointee.state.isWide ? .wide : .narrow }

  // MARK: making

  static func new(_ vm: VM, _ type: TypeRef, _ args: Args, _ kind: Blake2Kind) throws(Raised) -> Value {
    try vm.bind(
      args, kind.name,
      """
      (data=b'', /, *, digest_size=_blake2.blake2b.MAX_DIGEST_SIZE, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, \
      node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True)
      """
    ) { a throws(Raised) in try make(vm, type, a, kind) }
  }

  private static func make(_ vm: VM, _ type: TypeRef, _ a: Args, _ kind: Blake2Kind) throws(Raised) -> Value {
    var p = Blake2Parameters()
    p.digestSize = Int(try PosixArgs.int32(vm, a[1], Int32(kind.longestDigest)))
    p.fanout = Int(try PosixArgs.int32(vm, a[5], 1))
    p.depth = Int(try PosixArgs.int32(vm, a[6], 1))
    p.nodeDepth = Int(try PosixArgs.int32(vm, a[9]))
    p.innerSize = Int(try PosixArgs.int32(vm, a[10]))
    p.isLastNode = try PosixArgs.flag(vm, a[11], false)
    _ = try PosixArgs.flag(vm, a[12], true)
    return try with(vm, a[2]) { key throws(Raised) in
      try with(vm, a[3]) { salt throws(Raised) in
        try with(vm, a[4]) { person throws(Raised) in
          (p.key, p.salt, p.person) = (key, salt, person)
          try check(vm, kind, &p, leafSize: a[7], nodeOffset: a[8])
          let v = Value(try vm.instance(Layout.self, of: type))
          v.as(Layout.self).pointee.state = kind.isWide ? .wide(Blake2State(p)) : .narrow(Blake2State(p))
          if a[0].isNull { return v }
          return try HashLibrary.withData(vm, a[0]) { data throws(Raised) in
            update(vm, v, data)
            return v
          }
        }
      }
    }
  }

  /// The bytes of an argument; of a missing one none.
  private static func with(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    v.isNull ? try body(UnsafeBufferPointer(start: nil, count: 0)) : try vm.withBytes(of: v, body)
  }

  /// In CPython's order, with its words.
  private static func check(_ vm: VM, _ kind: Blake2Kind, _ p: inout Blake2Parameters, leafSize: Value, nodeOffset: Value) throws(Raised) {
    func wrong(_ message: String) -> Raised { vm.raise(.valueError, message) }
    if !(1...kind.longestDigest).contains(p.digestSize) { throw wrong("digest_size must be between 1 and \(kind.longestDigest) bytes") }
    if p.salt.count > kind.saltSize { throw wrong("maximum salt length is \(kind.saltSize) bytes") }
    if p.person.count > kind.saltSize { throw wrong("maximum person length is \(kind.saltSize) bytes") }
    if !(0...255).contains(p.fanout) { throw wrong("fanout must be between 0 and 255") }
    if !(1...255).contains(p.depth) { throw wrong("depth must be between 1 and 255") }
    if !leafSize.isNull {
      let n = try natural(vm, leafSize, tooBig: "Python int too large to convert to C unsigned long")
      guard let size = UInt32(exactly: n) else { throw vm.raise(.overflowError, "leaf_size is too large") }
      p.leafSize = size
    }
    if !nodeOffset.isNull {
      p.nodeOffset = try natural(vm, nodeOffset, tooBig: "int too big to convert")
      if kind.offsetBytes < 8, p.nodeOffset >> (8 * UInt64(kind.offsetBytes)) != 0 {
        throw vm.raise(.overflowError, "node_offset is too large")
      }
    }
    if !(0...255).contains(p.nodeDepth) { throw wrong("node_depth must be between 0 and 255") }
    if !(0...kind.longestDigest).contains(p.innerSize) { throw wrong("inner_size must be between 0 and is \(kind.longestDigest)") }
    if p.key.count > kind.longestKey { throw wrong("maximum key length is \(kind.longestKey) bytes") }
  }

  private static func natural(_ vm: VM, _ v: Value, tooBig: StaticString) throws(Raised) -> UInt64 {
    guard v.isInt else { throw vm.raise(.typeError, "an integer is required") }
    if Ints.sign(v) < 0 { throw vm.raise(.valueError, "value must be positive") }
    guard let n = Ints.asUInt64(v) else { throw vm.raise(.overflowError, "\(tooBig)") }
    return n
  }

  // MARK: using

  /// The object, when no other thread is at it.
  private static func free(_ vm: VM, _ v: Value) -> UnsafeMutablePointer<Layout> {
    let h = v.as(Layout.self)
    while h.pointee.isBusy { vm.unlocked { _ = usleep(50) } }
    return h
  }

  private static func update(_ vm: VM, _ v: Value, _ data: UnsafeBufferPointer<UInt8>) {
    let h = free(vm, v)
    if data.count < HashLibrary.longWork { return h.pointee.state.update(data) }
    h.pointee.isBusy = true
    vm.unlocked { h.pointee.state.update(data) }
    h.pointee.isBusy = false
  }

  /// Runs `body` on the hash so far.
  private static func digest(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    var state = free(vm, v).pointee.state
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LibCrypto.longestDigest) { room throws(Raised) in
      guard let base = room.baseAddress else { throw vm.raiseMemoryError() }
      state.finish(base)
      return try body(UnsafeBufferPointer(start: base, count: state.digestSize))
    }
  }
}
