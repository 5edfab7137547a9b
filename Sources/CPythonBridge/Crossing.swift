import CPython
import PyRuntime

/// What stands in the way of the shortest crossings, in one word: a test of it takes the place of one for each.
enum Crossing {
  /// Losses are told; a container is lent; something that died has not been let go
  static let lossy: UInt32 = 1, loans: UInt32 = 2, dead: UInt32 = 4
  /// ctypes may leave exceptions for other threads; storage may come back when the call has ended
  static let async: UInt32 = 8, watched: UInt32 = 16

  /// What is looked at before arguments cross, of that what needs `Calls`, and what when the call has ended
  static let before: UInt32 = 7, busy: UInt32 = 3, after: UInt32 = 24

  nonisolated(unsafe) static var flags: UInt32 = 0

  @inline(__always) static func set(_ flag: UInt32, _ isSet: Bool) {
    if isSet { flags |= flag } else { flags &= ~flag }
  }
}

/// Flags of the runtime's types and strs as constants: across targets each name costs a call.
enum Flags {
  nonisolated(unsafe) private static var foreign: TypeFlags = [], foreignOrHeap: TypeFlags = []
  nonisolated(unsafe) private(set) static var interned: StrFlags = []
  static func setUp() {
    foreign = .foreign
    foreignOrHeap = [.foreign, .heapType]
    interned = .interned
  }
  /// `v` is a cell.
  @inline(__always) static func isForeign(_ v: Value) -> Bool {
    v.as(CellHeader.self).pointee.type.pointee.flags.rawValue & foreign.rawValue != 0
  }
  /// And of a type of CPython's own.
  @inline(__always) static func isPlainForeign(_ v: Value) -> Bool {
    v.as(CellHeader.self).pointee.type.pointee.flags.rawValue & foreignOrHeap.rawValue == foreign.rawValue
  }
}

/// Strs of CPython's that stand for exact strs of ours as long as these live. An interned str gets its own when it first crosses, any other
/// short one when it crosses again; the str itself knows its address. Those of strs that are not interned are in the registry as well, as
/// objects that C code has kept are: the collector lets them go.
enum TwinStrs {
  /// Addresses are above. 1: has crossed before.
  private static let limit: UInt = 4096
  private static let longest = 1024
  /// How many that are not interned may be made between two collections.
  private static let most = 1 << 14
  nonisolated(unsafe) static var count = 0

  @inline(__always) private static func word(_ v: Value) -> UInt {
    let s = v.as(StrLayout.self)
    return UInt(s.pointee.twinLow) | UInt(s.pointee.twinHigh) &<< 16
  }
  private static func set(_ v: Value, _ word: UInt) {
    let s = v.as(StrLayout.self)
    s.pointee.twinLow = UInt16(truncatingIfNeeded: word)
    s.pointee.twinHigh = UInt32(truncatingIfNeeded: word &>> 16)
  }

  /// Borrowed; nil without one.
  @inline(__always) static func known(_ v: Value) -> PyRef? {
    let w = word(v)
    return w < limit ? nil : PyRef(bitPattern: w)
  }

  /// `o`, a new str with the text of `v`, which is interned, stands for it from now on; both are for ever.
  static func keep(_ v: Value, _ o: PyRef) {
    amphis_incref(o)
    note(v, o)
  }
  /// `v` is dead, but may be seen a little longer.
  static func forget(_ v: Value) { set(v, 0) }
  /// The pair is in the registry.
  static func note(_ v: Value, _ o: PyRef) {
    let address = UInt(bitPattern: o)
    if address &>> 48 == 0 { set(v, address) }
  }

  /// `o`, a new str with the text of `v`, which is not interned: stands for it if it is not the first.
  static func made(_ v: Value, _ o: PyRef) {
    let w = word(v)
    if w == 0 { return set(v, 1) }
    let s = v.as(StrLayout.self)
    guard w == 1, count < most, s.pointee.header.type == Names.str, amphis_refcount(o) == 1, 2...longest ~= s.pointee.length else { return }
    count &+= 1
    KeptValues.pair(v, o)
  }
}
