import PyRuntime

/// The algorithms of libcrypto by the names that Python has for them.
struct HashAlgorithms {
  private struct Row {
    let name: StaticString
    /// What libcrypto calls it
    let own: StaticString
    /// OpenSSL's number for it (`obj_mac.h`), by which an algorithm that was found under another name is known
    let number: Int32
    /// Fetched already, for use in security and for others
    var secure: LibCrypto.Algorithm?
    var others: LibCrypto.Algorithm?

    init(_ name: StaticString, _ own: StaticString, _ number: Int32) { (self.name, self.own, self.number) = (name, own, number) }
  }
  /// The algorithms with functions of their own, in the order of the first rows.
  enum Known: Int { case md5, sha1, sha224, sha256, sha384, sha512, sha3_224, sha3_256, sha3_384, sha3_512, shake_128, shake_256 }
  private var rows = [
    Row("md5", "MD5", 4), Row("sha1", "SHA1", 64), Row("sha224", "SHA2-224", 675), Row("sha256", "SHA2-256", 672),
    Row("sha384", "SHA2-384", 673), Row("sha512", "SHA2-512", 674), Row("sha3_224", "SHA3-224", 1096), Row("sha3_256", "SHA3-256", 1097),
    Row("sha3_384", "SHA3-384", 1098), Row("sha3_512", "SHA3-512", 1099), Row("shake_128", "SHAKE-128", 1100),
    Row("shake_256", "SHAKE-256", 1101), Row("sha512_224", "SHA2-512/224", 1094), Row("sha512_256", "SHA2-512/256", 1095),
    Row("blake2s", "BLAKE2S-256", 1057), Row("blake2b", "BLAKE2B-512", 1056),
  ]
  private let library: UnsafePointer<LibCrypto>

  init(_ library: UnsafePointer<LibCrypto>) { self.library = library }

  /// The algorithm of a name, Python's or one of libcrypto's; nil: there is none, and libcrypto has noted an error.
  /// - Parameter secure: false: also one that rules for security do not allow
  mutating func find(_ name: Value, secure: Bool) -> LibCrypto.Algorithm? {
    for i in rows.indices where Str.equal(name, rows[i].name) { return find(i, secure) }
    let text = name.swiftString
    // Capitals are Python's names, too.
    if let i = rows.indices.first(where: { "\(rows[$0].name)".uppercased() == text }) { return find(i, secure) }
    return library.pointee.fetch(nil, text, secure ? nil : "-fips")
  }
  mutating func find(_ known: Known, secure: Bool) -> LibCrypto.Algorithm? { find(known.rawValue, secure) }
  private mutating func find(_ i: Int, _ secure: Bool) -> LibCrypto.Algorithm? {
    if let known = secure ? rows[i].secure : rows[i].others { return known }
    let found = "\(rows[i].own)".withCString { library.pointee.fetch(nil, $0, secure ? nil : "-fips") }
    if secure { rows[i].secure = found } else { rows[i].others = found }
    return found
  }

  /// Python's name for an algorithm, else OpenSSL's; "undefined" if that has none.
  func name(_ vm: VM, _ algorithm: LibCrypto.Algorithm) throws(Raised) -> Value {
    let number = library.pointee.number(algorithm)
    if let row = rows.first(where: { $0.number == number }) { return try vm.intern(row.name) }
    guard let name = library.pointee.nameOfNumber(number) else { throw vm.raise(.valueError, "hash algorithm without a name") }
    return try vm.str(String(cString: name))
  }

  /// The names of all that libcrypto has, a frozenset.
  func names(_ vm: VM) throws(Raised) -> Value {
    var found: [LibCrypto.Algorithm] = []
    withUnsafeMutablePointer(to: &found) { p in
      library.pointee.forEach(
        nil,
        { algorithm, list in if let algorithm { list?.assumingMemoryBound(to: [LibCrypto.Algorithm].self).pointee.append(algorithm) } }, p)
    }
    let names = try vm.list()
    for algorithm in found where library.pointee.number(algorithm) != LibCrypto.unnumbered { try vm.append(names, try name(vm, algorithm)) }
    return try vm.frozenSet(from: names)
  }
}
