import Glibc

/// What `_hashlib` uses of libcrypto, the library of OpenSSL 3. It is opened when the module is imported and not linked: few programs hash,
/// and one that was packed for another machine starts without it.
///
/// Types and functions: the manual pages of OpenSSL 3.0, section 3.
struct LibCrypto {
  /// `EVP_MD`
  typealias Algorithm = OpaquePointer
  /// `EVP_MD_CTX` or `HMAC_CTX`
  typealias Context = OpaquePointer
  typealias Bytes = UnsafePointer<UInt8>
  typealias Room = UnsafeMutablePointer<UInt8>

  /// `EVP_MAX_MD_SIZE`
  static let longestDigest = 64
  /// `EVP_MD_FLAG_XOF`: digests of any length
  static let extendable: UInt = 2
  /// What an algorithm is that OpenSSL's older tables do not number
  static let unnumbered: Int32 = 0

  // EVP_MD_fetch(library context, name, properties), _get_size, _get_block_size, _get_flags, _get_type
  let fetch: @convention(c) (OpaquePointer?, UnsafePointer<CChar>, UnsafePointer<CChar>?) -> Algorithm?
  let size: @convention(c) (Algorithm) -> Int32
  let blockSize: @convention(c) (Algorithm) -> Int32
  let flags: @convention(c) (Algorithm) -> UInt
  let number: @convention(c) (Algorithm) -> Int32
  let forEach:
    @convention(c) (OpaquePointer?, @convention(c) (Algorithm?, UnsafeMutableRawPointer?) -> Void, UnsafeMutableRawPointer?) -> Void
  /// `OBJ_nid2ln`: the name of a number
  let nameOfNumber: @convention(c) (Int32) -> UnsafePointer<CChar>?

  /// What a hash and an HMAC that are being computed have in common: `EVP_MD_CTX_…` with `EVP_Digest…`, and `HMAC_CTX_…` with `HMAC_…`
  struct ContextFunctions {
    let new: @convention(c) () -> Context?
    let free: @convention(c) (Context?) -> Void
    /// To the first, from the second
    let copy: @convention(c) (Context, Context) -> Int32
    let algorithm: @convention(c) (Context) -> Algorithm?
    let update: @convention(c) (Context, Bytes?, Int) -> Int32
    let finish: @convention(c) (Context, Room, UnsafeMutablePointer<UInt32>?) -> Int32
  }
  /// In memory that stays
  let hashes: UnsafePointer<ContextFunctions>
  let codes: UnsafePointer<ContextFunctions>
  let begin: @convention(c) (Context, Algorithm, OpaquePointer?) -> Int32
  let beginHMAC: @convention(c) (Context, Bytes?, Int32, Algorithm, OpaquePointer?) -> Int32
  let finishExtendable: @convention(c) (Context, Room, Int) -> Int32
  let hmac: @convention(c) (Algorithm, Bytes?, Int32, Bytes?, Int, Room, UnsafeMutablePointer<UInt32>?) -> Room?

  /// `PKCS5_PBKDF2_HMAC(password, length, salt, length, iterations, algorithm, length of the key, key)`
  let pbkdf2: @convention(c) (Bytes?, Int32, Bytes?, Int32, Int32, Algorithm, Int32, Room) -> Int32
  /// `EVP_PBE_scrypt(password, length, salt, length, N, r, p, most memory, key, length)`
  let scrypt: @convention(c) (Bytes?, Int, Bytes?, Int, UInt64, UInt64, UInt64, UInt64, Room?, Int) -> Int32

  let lastError: @convention(c) () -> UInt
  let clearErrors: @convention(c) () -> Void
  let libraryOfError: @convention(c) (UInt) -> UnsafePointer<CChar>?
  let reasonOfError: @convention(c) (UInt) -> UnsafePointer<CChar>?
  let isFIPS: @convention(c) (OpaquePointer?) -> Int32

  private struct Missing: Error {}

  /// It stays where it is, for good. nil: this machine has no OpenSSL 3.
  static func open() -> UnsafePointer<LibCrypto>? {
    guard let library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL), let functions = try? LibCrypto(library) else { return nil }
    return lasting(functions)
  }
  private static func lasting<T>(_ value: T) -> UnsafePointer<T> {
    let place = UnsafeMutablePointer<T>.allocate(capacity: 1)
    place.initialize(to: value)
    return UnsafePointer(place)
  }

  private init(_ library: UnsafeMutableRawPointer) throws {
    func function<F>(_ name: String) throws -> F {
      guard let address = dlsym(library, name) else { throw Missing() }
      return unsafeBitCast(address, to: F.self)
    }
    fetch = try function("EVP_MD_fetch")
    size = try function("EVP_MD_get_size")
    blockSize = try function("EVP_MD_get_block_size")
    flags = try function("EVP_MD_get_flags")
    number = try function("EVP_MD_get_type")
    forEach = try function("EVP_MD_do_all_provided")
    nameOfNumber = try function("OBJ_nid2ln")
    hashes = LibCrypto.lasting(
      ContextFunctions(
        new: try function("EVP_MD_CTX_new"), free: try function("EVP_MD_CTX_free"), copy: try function("EVP_MD_CTX_copy_ex"),
        algorithm: try function("EVP_MD_CTX_get0_md"), update: try function("EVP_DigestUpdate"), finish: try function("EVP_DigestFinal_ex"))
    )
    codes = LibCrypto.lasting(
      ContextFunctions(
        new: try function("HMAC_CTX_new"), free: try function("HMAC_CTX_free"), copy: try function("HMAC_CTX_copy"),
        algorithm: try function("HMAC_CTX_get_md"), update: try function("HMAC_Update"), finish: try function("HMAC_Final")))
    begin = try function("EVP_DigestInit_ex")
    beginHMAC = try function("HMAC_Init_ex")
    finishExtendable = try function("EVP_DigestFinalXOF")
    hmac = try function("HMAC")
    pbkdf2 = try function("PKCS5_PBKDF2_HMAC")
    scrypt = try function("EVP_PBE_scrypt")
    lastError = try function("ERR_peek_last_error")
    clearErrors = try function("ERR_clear_error")
    libraryOfError = try function("ERR_lib_error_string")
    reasonOfError = try function("ERR_reason_error_string")
    isFIPS = try function("EVP_default_properties_is_fips_enabled")
  }
}
