import Glibc
import PyRuntime

/// `_hashlib`: native because `hashlib`, `hmac` and with them `random`, `uuid`, `secrets` and every session of a web server import it, and none of them
/// needs libpython for anything else. The hashes are OpenSSL's (`LibCrypto`).
enum HashlibModule {
  /// dict: function of this module → name of its algorithm. One for all modules that are made anew, as their functions are.
  nonisolated(unsafe) private static var constructors = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Hashes, HMAC and derived keys, of OpenSSL. The module hashlib is the way to use them.")
    try HashLibrary.open(m.vm)
    HashType.type = try m.type(
      full: "_hashlib.HASH", "HASH", layoutSize: MemoryLayout<HashLayout>.size, flags: [.baseType, .disallowInstantiation], HashType.declare
    )
    HashType.extendableType = try m.type(
      full: "_hashlib.HASHXOF", "HASHXOF", base: HashType.type, layoutSize: MemoryLayout<HashLayout>.size,
      flags: [.baseType, .disallowInstantiation], HashType.declareExtendable)
    HMACType.type = try m.type(
      full: "_hashlib.HMAC", "HMAC", layoutSize: MemoryLayout<HashLayout>.size, flags: [.disallowInstantiation], HMACType.declare)
    if HashLibrary.unsupportedClass.isNull {
      HashLibrary.unsupportedClass = try m.exceptionClass("UnsupportedDigestmodError", of: "_hashlib", base: Value(rt.types[.valueError]))
    }
    m.value("UnsupportedDigestmodError", HashLibrary.unsupportedClass)
    if let algorithms = HashLibrary.algorithms { m.value("openssl_md_meth_names", try algorithms.names(m.vm)) }
    try declareConstructors(m)
    declareHMAC(m)
    declareKeys(m)
    m.function("get_fips_mode", "($module, /)", "Whether OpenSSL only gives what FIPS allows: 1 or 0.") { vm, _ throws(Raised) in
      Value(smallInt: Int(try HashLibrary.opened(vm).pointee.isFIPS(nil)))
    }
    m.function(
      "compare_digest", "($module, a, b, /)",
      "Whether two digests, two bytes-like objects or two strs of ASCII characters, are equal, in a time that depends on the lengths alone.",
      OperatorModule.compareDigest)
  }

  // MARK: hashes

  private static func declareConstructors(_ m: ModuleBuilder) throws(Raised) {
    let table = try m.vm.dict()
    constructors = table
    m.function(
      "new", "($module, /, name, string=b'', *, usedforsecurity=True)", "A hash of string by the algorithm of that name."
    ) { (vm, _, a: Args) throws(Raised) in
      let name = a[0]
      // "s", as CPython reads it
      guard name.isStr, !name.swiftString.unicodeScalars.contains(where: { $0.value == 0 || $0.value == 0xFFFD }) else {
        throw vm.raise(.typeError, "name must be a string")
      }
      return try make(vm, a[1], a[2]) { secure throws(Raised) in try HashLibrary.algorithm(vm, name: name, secure: secure) }
    }
    try add("openssl_md5", "md5") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .md5) }
    try add("openssl_sha1", "sha1") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha1) }
    try add("openssl_sha224", "sha224") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha224) }
    try add("openssl_sha256", "sha256") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha256) }
    try add("openssl_sha384", "sha384") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha384) }
    try add("openssl_sha512", "sha512") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha512) }
    try add("openssl_sha3_224", "sha3_224") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha3_224) }
    try add("openssl_sha3_256", "sha3_256") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha3_256) }
    try add("openssl_sha3_384", "sha3_384") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha3_384) }
    try add("openssl_sha3_512", "sha3_512") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .sha3_512) }
    try add("openssl_shake_128", "shake_128") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .shake_128) }
    try add("openssl_shake_256", "shake_256") { (vm, _, a: Args) throws(Raised) in try make(vm, a, .shake_256) }
    m.value("_constructors", try m.vm.call(Value(rt.types.mappingProxy), table))

    func add(_ name: StaticString, _ algorithm: StaticString, _ function: @escaping NativeMany) throws(Raised) {
      m.function(name, "($module, /, string=b'', *, usedforsecurity=True)", "A hash of string by the algorithm of the name.", function)
      try Dicts.set(m.vm, table, Dicts.get(m.vm, m.dict, name), try m.vm.intern(algorithm))
    }
  }

  private static func make(_ vm: VM, _ a: Args, _ known: HashAlgorithms.Known) throws(Raised) -> Value {
    try make(vm, a[0], a[1]) { secure throws(Raised) in
      guard let found = HashLibrary.algorithms?.find(known, secure: secure) else { throw HashLibrary.error(vm) }
      return found
    }
  }
  /// - Parameter data: null: none
  /// - Parameter secure: null: true
  private static func make(
    _ vm: VM, _ data: Value, _ secure: Value, _ algorithm: (Bool) throws(Raised) -> LibCrypto.Algorithm
  ) throws(Raised) -> Value {
    let secure = try PosixArgs.flag(vm, secure, true)
    if data.isNull { return try HashType.make(vm, try algorithm(secure), nil) }
    return try HashLibrary.withData(vm, data) { data throws(Raised) in try HashType.make(vm, try algorithm(secure), data) }
  }

  // MARK: HMAC

  private static func declareHMAC(_ m: ModuleBuilder) {
    m.function(
      "hmac_new", "($module, /, key, msg=b'', digestmod=None)",
      "An object that computes the HMAC of a message; digestmod: the name of a hash."
    ) { (vm, _, a: Args) throws(Raised) in
      try vm.withBytes(of: a[0]) { key throws(Raised) in
        if a[2].isNull { throw vm.raise(.typeError, "Missing required parameter 'digestmod'.") }
        return try HMACType.make(vm, try HashLibrary.algorithm(vm, mode: a[2], constructors: constructors), key: key, message: a[1])
      }
    }
    m.function("hmac_digest", "($module, /, key, msg, digest)", "The HMAC of a message, at once.") { (vm, _, a: Args) throws(Raised) in
      try vm.withBytes(of: a[0]) { key throws(Raised) in
        try vm.withBytes(of: a[1]) { message throws(Raised) in
          let algorithm = try HashLibrary.algorithm(vm, mode: a[2], constructors: constructors)
          let library = try HashLibrary.opened(vm)
          let keyLength = try length(vm, key, "key")
          _ = try length(vm, message, "msg")
          return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LibCrypto.longestDigest) { room throws(Raised) in
            var count: UInt32 = 0
            guard let base = room.baseAddress,
              vm.unlocked({
                library.pointee.hmac(
                  algorithm, key.baseAddress ?? somewhere, keyLength, message.baseAddress ?? somewhere, message.count, base, &count)
              }) != nil
            else { throw HashLibrary.error(vm) }
            return try vm.bytes(UnsafeRawBufferPointer(start: base, count: Int(count)))
          }
        }
      }
    }
  }

  // MARK: keys

  private static func declareKeys(_ m: ModuleBuilder) {
    m.function(
      "pbkdf2_hmac",
      """
      ($module, /, hash_name, password, salt, iterations,
                  dklen=None)
      """, "A key from a password, by PBKDF2 of PKCS #5 with HMAC as the function that is repeated."
    ) { (vm, _, a: Args) throws(Raised) in
      guard a[0].isStr else { throw vm.raise(.typeError, "pbkdf2_hmac() argument 'hash_name' must be str, not \(a[0].typeName)") }
      try HashLibrary.checkText(vm, a[0])
      return try vm.withBytes(of: a[1]) { password throws(Raised) in
        try vm.withBytes(of: a[2]) { salt throws(Raised) in try pbkdf2(vm, a[0], password, salt, a[3], a[4]) }
      }
    }
    m.function(
      "scrypt",
      """
      ($module, /, password, *, salt=None, n=None, r=None, p=None,
             maxmem=0, dklen=64)
      """, "A key from a password, by scrypt."
    ) { (vm, _, a: Args) throws(Raised) in
      try vm.withBytes(of: a[0]) { password throws(Raised) in
        if a[1].isNull || a[1].isNone { throw vm.raise(.typeError, "salt is required") }
        return try vm.withBytes(of: a[1]) { salt throws(Raised) in try scrypt(vm, password, salt, a) }
      }
    }
  }

  private static func pbkdf2(
    _ vm: VM, _ name: Value, _ password: UnsafeBufferPointer<UInt8>, _ salt: UnsafeBufferPointer<UInt8>, _ iterations: Value, _ size: Value
  ) throws(Raised) -> Value {
    let rounds = try PosixArgs.long(vm, iterations)
    let algorithm = try HashLibrary.algorithm(vm, name: name)
    let library = try HashLibrary.opened(vm)
    let passwordLength = try length(vm, password, "password"), saltLength = try length(vm, salt, "salt")
    if rounds < 1 { throw vm.raise(.valueError, "iteration value must be greater than 0.") }
    guard let rounds = Int32(exactly: rounds) else { throw vm.raise(.overflowError, "iteration value is too great.") }
    let wanted = size.isNull || size.isNone ? Int(library.pointee.size(algorithm)) : try PosixArgs.long(vm, size)
    if wanted < 1, !(size.isNull || size.isNone) { throw vm.raise(.valueError, "key length must be greater than 0.") }
    guard let count = Int32(exactly: wanted) else { throw vm.raise(.overflowError, "key length is too great.") }
    let key = try vm.bytes(count: max(wanted, 1))
    let room = key.as(BytesLayout.self).bytes
    let done = vm.unlocked {
      library.pointee.pbkdf2(
        password.baseAddress ?? somewhere, passwordLength, salt.baseAddress ?? somewhere, saltLength, rounds, algorithm, count, room)
    }
    guard done != 0 else { throw HashLibrary.error(vm) }
    return key
  }

  private static func scrypt(
    _ vm: VM, _ password: UnsafeBufferPointer<UInt8>, _ salt: UnsafeBufferPointer<UInt8>, _ a: Args
  ) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    for (i, name) in [(2, "n"), (3, "r"), (4, "p")] where !a[i].isNull && !a[i].isInt {
      throw vm.raise(.typeError, "scrypt() argument '\(name)' must be int, not \(a[i].isNone ? "None" : a[i].typeName)")
    }
    let most = a[5].isNull ? 0 : try PosixArgs.long(vm, a[5]), size = a[6].isNull ? 64 : try PosixArgs.long(vm, a[6])
    _ = try length(vm, password, "password")
    _ = try length(vm, salt, "salt")
    func number(_ i: Int, _ name: StaticString) throws(Raised) -> UInt64 {
      if !a[i].isNull, let n = Ints.asUInt64(a[i]) { return n }
      throw vm.raise(.typeError, "\(name) is required and must be an unsigned int")
    }
    let n = try number(2, "n")
    if n < 2 || n & (n &- 1) != 0 { throw vm.raise(.valueError, "n must be a power of 2.") }
    let r = try number(3, "r"), p = try number(4, "p")
    if most < 0 || most > Int(Int32.max) { throw vm.raise(.valueError, "maxmem must be positive and smaller than \(Int32.max)") }
    if size < 1 || size > Int(Int32.max) { throw vm.raise(.valueError, "dklen must be greater than 0 and smaller than \(Int32.max)") }
    // Without room for a key libcrypto only looks at the numbers.
    if library.pointee.scrypt(nil, 0, nil, 0, n, r, p, UInt64(most), nil, 0) == 0 {
      throw HashLibrary.error(vm, otherwise: "Invalid parameter combination for n, r, p, maxmem.")
    }
    let key = try vm.bytes(count: size)
    let room = key.as(BytesLayout.self).bytes
    let done = vm.unlocked {
      library.pointee.scrypt(
        password.baseAddress ?? somewhere, password.count, salt.baseAddress ?? somewhere, salt.count, n, r, p, UInt64(most), room, size)
    }
    guard done != 0 else { throw HashLibrary.error(vm) }
    return key
  }

  // MARK: data

  /// The length of data, which libcrypto takes in 32 bits.
  static func length(_ vm: VM, _ data: UnsafeBufferPointer<UInt8>, _ name: StaticString) throws(Raised) -> Int32 {
    guard let n = Int32(exactly: data.count) else { throw vm.raise(.overflowError, "\(name) is too long.") }
    return n
  }
  /// For data without bytes: libcrypto takes null for no data at all.
  static var somewhere: LibCrypto.Bytes? { LibCrypto.Bytes(bitPattern: 8) }
}
