import CRuntimeSupport
import Glibc

/// `_random.Random`: the index of the next word, then the 624 words of the state inline.
struct RandomLayout {
  var header: CellHeader
  var index: Int
  static var wordsOffset: Int { 16 }
  static var size: Int { wordsOffset + MersenneTwister.size * 4 }
}

extension UnsafeMutablePointer where Pointee == RandomLayout {
  /// The generator; what is changed must be stored back with `store`.
  var twister: MersenneTwister {
    let words = (UnsafeMutableRawPointer(self) + RandomLayout.wordsOffset).assumingMemoryBound(to: UInt32.self)
    return MersenneTwister(index: pointee.index, words: words)
  }
}

/// `_random`
enum RandomModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("The Mersenne Twister behind the random module.")
    try m.type("Random", layoutSize: RandomLayout.size) { (t: inout TypeBuilder) throws(Raised) in
      t.doc("Random() -> a generator with its own state")
      var s = t.slots
      s.new = NewCode(new)
      s.initialize = NativeInitCode(initialize)
      t.slots = s
      t.method("random", "($self, /)", "The next float in [0, 1).", random)
      t.method("seed", "($self, n=None, /)", "Starts anew from a number, or any hashable object, or the system's randomness.", seed)
      t.method("getstate", "($self, /)", "The state as a tuple.", getState)
      t.method("setstate", "($self, state, /)", "Takes a state from getstate().", setState)
      t.method("getrandbits", "($self, k, /)", "An int of k random bits.", getRandomBits)
    }
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(RandomLayout.self, of: cls.asType))
  }

  private static func initialize(_ vm: VM, _ self: Value, _ args: Args) throws(Raised) {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "Random() takes no keyword arguments") }
    if args.count > 1 { throw vm.raise(.typeError, "Random() requires 0 or 1 argument") }
    _ = try seed(vm, self, args[0])
  }

  static func random(_ vm: VM, _ self: Value) throws(Raised) -> Value {
    let cell = self.as(RandomLayout.self)
    var g = cell.twister
    let a = g.next() >> 5, b = g.next() >> 6
    cell.pointee.index = g.index
    return Value((Double(a) * 67_108_864 + Double(b)) * (1.0 / 9_007_199_254_740_992))
  }

  static func seed(_ vm: VM, _ self: Value, _ n: Value) throws(Raised) -> Value {
    var key: [UInt32] = []
    if n.isNull || n.isNone {
      key = [UInt32](repeating: 0, count: MersenneTwister.size)
      let failed = key.withUnsafeMutableBytes { amphis_random_bytes($0.baseAddress, $0.count) } != 0
      if failed {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        key = [UInt32(truncatingIfNeeded: now.tv_sec), UInt32(truncatingIfNeeded: now.tv_nsec), UInt32(truncatingIfNeeded: getpid())]
      }
    } else {
      let number: Value
      if n.isInt {
        number = try IntArithmetic.absolute(vm, Ints.exact(n))
      } else {
        number = try Ints.make(vm, unsigned: UInt64(bitPattern: Int64(try vm.hash(n))))
      }
      key = try Ints.withView(number) { (x: IntView) throws(Raised) -> [UInt32] in
        var words: [UInt32] = []
        for i in 0..<x.count {
          words.append(UInt32(truncatingIfNeeded: x.limbs[i]))
          words.append(UInt32(truncatingIfNeeded: x.limbs[i] >> 32))
        }
        if words.last == 0 { words.removeLast() }
        return words.isEmpty ? [0] : words
      }
    }
    let cell = self.as(RandomLayout.self)
    var g = cell.twister
    g.seed(key: key)
    cell.pointee.index = g.index
    return .none
  }

  static func getState(_ vm: VM, _ self: Value) throws(Raised) -> Value {
    let state = try vm.tuple(count: MersenneTwister.size + 1)
    let items = state.as(TupleLayout.self).items
    let g = self.as(RandomLayout.self).twister
    for i in 0..<MersenneTwister.size { items[i] = Value(smallInt: Int(g.words[i])) }
    items[MersenneTwister.size] = Value(smallInt: g.index)
    return state
  }

  static func setState(_ vm: VM, _ self: Value, _ state: Value) throws(Raised) -> Value {
    guard state.isTuple else { throw vm.raise(.typeError, "state vector must be a tuple") }
    let tuple = state.as(TupleLayout.self)
    if tuple.pointee.count != MersenneTwister.size + 1 { throw vm.raise(.valueError, "state vector is the wrong size") }
    var words: [UInt32] = []
    words.reserveCapacity(MersenneTwister.size)
    for i in 0..<MersenneTwister.size {
      let v = tuple.items[i]
      guard v.isInt else { throw vm.raise(.typeError, "an integer is required") }
      if Ints.sign(v) < 0 { throw vm.raise(.overflowError, "can't convert negative value to unsigned int") }
      guard let word = Ints.asUInt64(v) else { throw vm.raise(.overflowError, "Python int too large to convert to C unsigned long") }
      words.append(UInt32(truncatingIfNeeded: word))
    }
    guard tuple.items[MersenneTwister.size].isInt else { throw vm.raise(.typeError, "an integer is required") }
    guard let index = Ints.asInt64(tuple.items[MersenneTwister.size]) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C long")
    }
    if index < 0 || index > MersenneTwister.size { throw vm.raise(.valueError, "invalid state") }
    let cell = self.as(RandomLayout.self)
    let g = cell.twister
    for i in 0..<MersenneTwister.size { g.words[i] = words[i] }
    cell.pointee.index = index
    return .none
  }

  static func getRandomBits(_ vm: VM, _ self: Value, _ k: Value) throws(Raised) -> Value {
    let i = try vm.index(k)
    guard let n = Ints.asInt64(i), n <= Int(Int32.max) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    if n < 0 { throw vm.raise(.valueError, "number of bits must be non-negative") }
    if n == 0 { return Value(smallInt: 0) }
    let cell = self.as(RandomLayout.self)
    if n <= 32 {
      var g = cell.twister
      let r = g.next() >> UInt32(32 - n)
      cell.pointee.index = g.index
      return Value(smallInt: Int(r))
    }
    let words = (n - 1) / 32 + 1
    let result = try Ints.allocate(vm, (words + 1) / 2)
    var g = cell.twister
    var left = n
    for w in 0..<words {
      var r = g.next()
      if left < 32 { r >>= UInt32(32 - left) }
      left -= 32
      result.limbs[w >> 1] |= UInt(r) << UInt((w & 1) * 32)
    }
    cell.pointee.index = g.index
    return Ints.finish(result, count: (words + 1) / 2, negative: false)
  }
}
