import Glibc

/// What the first four characters of a match can be, for searches through long texts: most places are passed over by a look into a table.
///
/// Byte k of the table's word c has bit a if alternative a of the pattern can have the character c at position k; a pattern that does not
/// begin with alternatives is one, and all from the eighth on share a bit. A search keeps in byte k of a word the alternatives that the
/// last k + 1 characters can begin, and tries to match where the last byte is not zero.
struct SreLookahead {
  static let length = 4
  /// Texts that are shorter are searched without.
  static let leastText = 1024

  private var analysis: SreAnalysis
  private let table: UnsafeMutablePointer<UInt32>

  /// Makes the table of a pattern that has been analysed, if it says more than the first set does.
  static func prepare(_ vm: VM, _ pattern: SrePatternRef) throws(Raised) {
    pattern.pointee.lookaheadIsKnown = true
    guard let code = pattern.pointee.code, let maps = pattern.pointee.maps, maps[pattern.pointee.codeCount] != 0,
      let memory = calloc(256, 4)
    else { return }
    defer { Glibc.free(memory) }
    let table = memory.assumingMemoryBound(to: UInt32.self)
    var lookahead = SreLookahead(analysis: SreAnalysis(vm, code: UnsafePointer(code)), table: table)
    lookahead.analysis.budget = 200
    lookahead.follow(0, 0, 0)
    guard lookahead.isWorthwhile else { return }
    let copy = try vm.allocateRawBytes(1024)
    memcpy(copy, memory, 1024)
    pattern.pointee.lookahead = copy.assumingMemoryBound(to: UInt32.self)
  }

  /// Adds what a match can take from `pc` on.
  /// - Parameters: position: of the next character, below `length`
  ///   - alternative: bit; 0 while there is still to be decided what is one
  private mutating func follow(_ start: Int, _ position: Int, _ alternative: UInt32) {
    let code = analysis.code
    var pc = start, position = position, alternative = alternative
    while position < Self.length {
      analysis.budget &-= 1
      let op = SreOp(code: code[pc])
      switch op {
      case .mark, .at:
        pc &+= 2
        continue
      case .jump, .info, .assert, .assertNot:
        pc = analysis.target(pc &+ 1)
        continue
      case .branch:
        var k = pc &+ 1
        var next: UInt32 = 1
        while code[k] != 0 {
          if analysis.budget < 0 { return add(.all, from: position, max(alternative, next)) }
          follow(k &+ 1, position, alternative == 0 ? next : alternative)
          if next < 128 { next <<= 1 }
          k = analysis.target(k)
        }
        return
      default: break
      }
      alternative = max(alternative, 1)
      let isRepeat = op == .repeatOne || op == .minRepeatOne || op == .possessiveRepeatOne
      guard analysis.budget >= 0, let taken = analysis.single(isRepeat ? pc &+ 4 : pc) else {
        return add(.all, from: position, alternative)
      }
      if isRepeat {
        let least = Int(code[pc &+ 2])
        for _ in 0..<min(least, Self.length &- position) {
          add(taken, at: position, alternative)
          position &+= 1
        }
        // Behind it stands more of the same, or what follows.
        if code[pc &+ 2] != code[pc &+ 3] { return add(.all, from: position, alternative) }
        pc = analysis.target(pc &+ 1)
      } else {
        add(taken, at: position, alternative)
        position &+= 1
        pc = analysis.end(of: pc)
      }
    }
  }

  private mutating func add(_ bits: SreBits, at position: Int, _ alternative: UInt32) {
    for c: UInt32 in 0..<256 where bits.contains(c) { table[Int(c)] |= alternative &<< UInt32(position &* 8) }
  }
  private mutating func add(_ bits: SreBits, from position: Int, _ alternative: UInt32) {
    for k in position..<max(position, Self.length) { add(bits, at: k, alternative) }
  }

  /// Whether of random characters it lets a sixteenth at most of those through that can begin a match.
  private var isWorthwhile: Bool {
    var passed = 0.0, begin = 0.0
    for c in 0..<256 where table[c] & 255 != 0 { begin += 1 }
    for alternative in 0..<8 {
      var share = 256.0
      for k in 0..<Self.length {
        var count = 0.0
        for c in 0..<256 where table[c] >> UInt32(k &* 8 &+ alternative) & 1 != 0 { count += 1 }
        share *= count / 256
      }
      passed += share
    }
    return passed * 16 <= begin
  }

  /// Where in [from, end) the next match may begin. The last places, behind which there are not enough characters, are not looked at.
  @inline(never)
  static func search(_ table: UnsafePointer<UInt32>, _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
    var state: UInt32 = 0
    var i = from
    while i < end {
      state = (state &<< 8 | 255) & table[Int(text[i])]
      i &+= 1
      if state >> 24 != 0 { return i &- length }
    }
    return max(from, end &- length &+ 1)
  }
}
