import Glibc

/// What `pwd` and `grp` have in common.
enum AccountDatabase {
  /// A call of `getpwuid_r` and its like: entry, buffer, its size, where the entry is said to be found.
  typealias Call<Entry> = (
    UnsafeMutablePointer<Entry>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
  ) -> Int32

  private static let largest = 1 << 24

  /// What `use` makes of the entry that `call` finds, in a buffer that grows until the entry fits; null for nothing.
  static func lookUp<Entry>(
    _ vm: VM, _ empty: Entry, _ call: Call<Entry>, _ use: (Entry) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    var size = 1024
    while size <= largest {
      let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { room.deallocate() }
      var entry = empty
      var result: UnsafeMutablePointer<Entry>?
      let status = vm.unlocked { call(&entry, room, size, &result) }
      if status != ERANGE { return status == 0 && result != nil ? try use(entry) : .null }
      size *= 2
    }
    throw vm.raiseMemoryError()
  }

  /// A name as C has it, for a look-up.
  static func name(_ vm: VM, _ v: Value) throws(Raised) -> [CChar] {
    let bytes = try FileSystemText.encoded(vm, v)
    if bytes.contains(0) { throw vm.raise(.valueError, "embedded null byte") }
    return bytes.map { CChar(bitPattern: $0) } + [0]
  }

  static func text(_ vm: VM, _ p: UnsafeMutablePointer<CChar>?) throws(Raised) -> Value {
    guard let p else { return .none }
    return try FileSystemText.decode(vm, UnsafeRawBufferPointer(start: p, count: strlen(p)))
  }
  /// The largest number stands for none.
  static func number(_ n: UInt32) -> Value { Value(smallInt: n == UInt32.max ? -1 : Int(n)) }
}
