/// MT19937 with 32-bit output, seeded by `init_by_array` as its authors define it: the sequence that Python promises.
/// Lies inline in a cell, so it is a plain struct of words. `index` is in 0 ... 624.
struct MersenneTwister {
  static let size = 624
  private static let shift = 397
  var index: Int
  /// First of the 624 words, which follow inline.
  var words: UnsafeMutablePointer<UInt32>

  mutating func next() -> UInt32 {
    if index >= MersenneTwister.size { refill() }
    var y = words[index]
    index &+= 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  private mutating func refill() {
    let n = MersenneTwister.size, m = MersenneTwister.shift
    @inline(__always) func twist(_ k: Int, _ following: Int, _ distant: Int) {
      let y = (words[k] & 0x8000_0000) | (words[following] & 0x7FFF_FFFF)
      words[k] = words[distant] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    for k in 0..<(n &- m) { twist(k, k &+ 1, k &+ m) }
    for k in (n &- m)..<(n &- 1) { twist(k, k &+ 1, k &+ m &- n) }
    twist(n &- 1, 0, m &- 1)
    index = 0
  }

  private mutating func seed(_ s: UInt32) {
    words[0] = s
    for i in 1..<MersenneTwister.size {
      words[i] = 1_812_433_253 &* (words[i &- 1] ^ (words[i &- 1] >> 30)) &+ UInt32(i)
    }
    index = MersenneTwister.size
  }

  /// `key` is not empty.
  mutating func seed(key: [UInt32]) {
    seed(19_650_218)
    let n = MersenneTwister.size
    var i = 1, j = 0
    for _ in 0..<max(n, key.count) {
      words[i] = (words[i] ^ ((words[i &- 1] ^ (words[i &- 1] >> 30)) &* 1_664_525)) &+ key[j] &+ UInt32(truncatingIfNeeded: j)
      i &+= 1
      j &+= 1
      if i >= n {
        words[0] = words[n &- 1]
        i = 1
      }
      if j >= key.count { j = 0 }
    }
    for _ in 0..<(n &- 1) {
      words[i] = (words[i] ^ ((words[i &- 1] ^ (words[i &- 1] >> 30)) &* 1_566_083_941)) &- UInt32(i)
      i &+= 1
      if i >= n {
        words[0] = words[n &- 1]
        i = 1
      }
    }
    words[0] = 0x8000_0000
  }
}
