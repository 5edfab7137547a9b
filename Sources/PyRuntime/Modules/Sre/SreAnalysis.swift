import Glibc

/// A set of the characters below 256.
struct SreBits {
  var words = SIMD4<UInt64>(repeating: 0)

  static let all: SreBits = {
    var bits = SreBits()
    bits.words = SIMD4(repeating: UInt64.max)
    return bits
  }()

  @inline(__always) mutating func insert(_ c: UInt32) { words[Int(c >> 6) & 3] |= 1 &<< UInt64(c & 63) }
  @inline(__always) func contains(_ c: UInt32) -> Bool { words[Int(c >> 6) & 3] & (1 &<< UInt64(c & 63)) != 0 }
  mutating func insert(_ low: UInt32, through high: UInt32) {
    if low > high || low > 255 { return }
    for c in low...min(high, 255) { insert(c) }
  }
  mutating func invert() { words = ~words }
  mutating func formUnion(_ other: SreBits) { words |= other.words }
  func isDisjoint(with other: SreBits) -> Bool { (words & other.words) == SIMD4(repeating: 0) }
  /// The only member, or nil
  var single: UInt32? {
    var found: UInt32?
    for i in 0..<4 where words[i] != 0 {
      if found != nil || words[i] & (words[i] &- 1) != 0 { return nil }
      found = UInt32(truncatingIfNeeded: i &* 64 &+ words[i].trailingZeroBitCount)
    }
    return found
  }
}

/// What the matcher knows of a pattern before it runs it: sets of characters below 256, as bitmaps. Made when a pattern is first applied.
///
/// The table has a word for each word of the code, then one for the whole pattern, then the bitmaps of eight words each. A word is the
/// index of a bitmap in the table, or 0 for "nothing known". What the bitmap at a word says:
/// - an operation that takes one character: exactly which it takes;
/// - `…REPEAT_ONE`: with which characters what follows it can begin (*first set*). Its skip word is 1 if the repeated operation takes
///   none of these, so that giving back characters never helps;
/// - the skip word of an alternative: its first set; the skip word of `REPEAT`: the first set of an iteration;
/// - the word behind the code: the first set of the pattern.
/// A first set is only there for what cannot match without taking a character. It says nothing of characters from 256 on.
struct SreAnalysis {
  private let vm: VM
  let code: UnsafePointer<UInt32>
  private let count: Int
  private var table: UnsafeMutablePointer<UInt32>
  private var used: Int
  private var capacity: Int
  /// UNTIL → its REPEAT
  private let owners: UnsafeMutablePointer<UInt32>
  private var isComplete = true
  /// Steps that the present first set may take
  var budget = 0

  static func prepare(_ vm: VM, _ pattern: SrePatternRef) throws(Raised) {
    guard let code = pattern.pointee.code else { return }
    let n = pattern.pointee.codeCount
    guard let table = calloc(n &+ 65, 4), let owners = calloc(n &+ 1, 4) else { throw vm.raiseMemoryError() }
    var analysis = SreAnalysis(
      vm: vm, code: UnsafePointer(code), count: n, table: table.assumingMemoryBound(to: UInt32.self), used: n &+ 1, capacity: n &+ 65,
      owners: owners.assumingMemoryBound(to: UInt32.self))
    defer {
      Glibc.free(analysis.table)
      Glibc.free(owners)
    }
    analysis.sequence(0, n)
    analysis.note(first: 0, at: n)
    if !analysis.isComplete { throw vm.raiseMemoryError() }
    let memory = try vm.allocateRawBytes(analysis.used &* 4)
    memcpy(memory, analysis.table, analysis.used &* 4)
    pattern.pointee.maps = memory.assumingMemoryBound(to: UInt32.self)
  }

  private init(
    vm: VM, code: UnsafePointer<UInt32>, count: Int, table: UnsafeMutablePointer<UInt32>, used: Int, capacity: Int,
    owners: UnsafeMutablePointer<UInt32>
  ) {
    self.vm = vm
    self.code = code
    self.count = count
    self.table = table
    self.used = used
    self.capacity = capacity
    self.owners = owners
  }

  /// For questions about single operations alone
  init(_ vm: VM, code: UnsafePointer<UInt32>) {
    self.init(vm: vm, code: code, count: 0, table: SreAnalysis.nothing, used: 0, capacity: 0, owners: SreAnalysis.nothing)
  }
  private nonisolated(unsafe) static let nothing = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

  // MARK: table

  private mutating func put(_ bits: SreBits, at place: Int) {
    // What all characters can do needs no test.
    if bits.words == SreBits.all.words { return }
    var at = count &+ 1
    while at < used {
      if UnsafeRawPointer(table + at).loadUnaligned(as: SIMD4<UInt64>.self) == bits.words { break }
      at &+= 8
    }
    if at == used {
      if used &+ 8 > capacity {
        guard let memory = realloc(table, (capacity &* 2 &+ 64) &* 4) else {
          isComplete = false
          return
        }
        capacity = capacity &* 2 &+ 64
        table = memory.assumingMemoryBound(to: UInt32.self)
      }
      UnsafeMutableRawPointer(table + at).storeBytes(of: bits.words, as: SIMD4<UInt64>.self)
      used &+= 8
    }
    table[place] = UInt32(truncatingIfNeeded: at)
  }
  private mutating func note(first pc: Int, at place: Int) {
    if let bits = first(pc) { put(bits, at: place) }
  }

  // MARK: walk

  /// Fills the table for the operations in [start, end), which the validator has seen.
  private mutating func sequence(_ start: Int, _ end: Int) {
    // Nested too deeply: what is inside is matched without bitmaps.
    if vm.nativeStackIsLow { return }
    var i = start
    while i < end {
      switch SreOp(code: code[i]) {
      case .mark, .at, .jump, .groupRef, .groupRefIgnore, .groupRefLocIgnore, .groupRefUniIgnore, .literal, .notLiteral, .literalLocIgnore,
        .notLiteralLocIgnore:
        i &+= 2
      case .category, .literalIgnore, .notLiteralIgnore, .literalUniIgnore, .notLiteralUniIgnore:
        if let bits = single(i) { put(bits, at: i) }
        i &+= 2
      case .in, .inIgnore, .inUniIgnore, .inLocIgnore:
        if let bits = single(i) { put(bits, at: i) }
        i = target(i &+ 1)
      case .info: i = target(i &+ 1)
      case .branch:
        var k = i &+ 1
        while code[k] != 0 {
          let next = target(k)
          note(first: k &+ 1, at: k)
          sequence(k &+ 1, next)
          k = next
        }
        i = k &+ 1
      case .repeatOne, .minRepeatOne, .possessiveRepeatOne:
        let tail = target(i &+ 1)
        sequence(i &+ 4, tail)
        if let after = first(tail) {
          put(after, at: i)
          if let item = single(i &+ 4), item.isDisjoint(with: after) { table[i &+ 1] = 1 }
        }
        i = tail
      case .repeat:
        let until = target(i &+ 1)
        owners[until] = UInt32(truncatingIfNeeded: i &+ 1)
        note(first: i &+ 4, at: i &+ 1)
        sequence(i &+ 4, until)
        i = until &+ 1
      case .possessiveRepeat:
        let last = target(i &+ 1)
        sequence(i &+ 4, last)
        i = last &+ 1
      case .atomicGroup:
        let after = target(i &+ 1)
        sequence(i &+ 2, after)
        i = after
      case .assert, .assertNot:
        let after = target(i &+ 1)
        sequence(i &+ 3, after)
        i = after
      case .groupRefExists: i &+= 3
      default: i &+= 1
      }
    }
  }
  @inline(__always) func target(_ skip: Int) -> Int { skip &+ Int(code[skip]) }

  /// Where the operation that takes one character, at `pc`, ends.
  func end(of pc: Int) -> Int {
    switch SreOp(code: code[pc]) {
    case .any, .anyAll: pc &+ 1
    case .in, .inIgnore, .inUniIgnore, .inLocIgnore: target(pc &+ 1)
    default: pc &+ 2
    }
  }

  // MARK: first sets

  private mutating func first(_ pc: Int) -> SreBits? {
    var bits = SreBits()
    budget = 100
    return first(pc, entered: -1, &bits) ? bits : nil
  }

  /// Adds what can be taken first from `pc` on. False if nothing need be taken, or it is not known.
  /// - Parameter entered: the REPEAT whose iteration has been added already.
  private mutating func first(_ start: Int, entered: Int, _ bits: inout SreBits) -> Bool {
    var pc = start
    while true {
      budget &-= 1
      if budget < 0 { return false }
      switch SreOp(code: code[pc]) {
      case .mark, .at: pc &+= 2
      case .jump, .info, .assert, .assertNot: pc = target(pc &+ 1)
      case .branch:
        var k = pc &+ 1
        while code[k] != 0 {
          if !first(k &+ 1, entered: entered, &bits) { return false }
          k = target(k)
        }
        return true
      case .repeatOne, .minRepeatOne, .possessiveRepeatOne:
        guard let item = single(pc &+ 4) else { return false }
        bits.formUnion(item)
        if code[pc &+ 2] > 0 { return true }
        pc = target(pc &+ 1)
      case .repeat:
        let until = target(pc &+ 1)
        owners[until] = UInt32(truncatingIfNeeded: pc &+ 1)
        if code[pc &+ 3] > 0 && !first(pc &+ 4, entered: pc, &bits) { return false }
        if code[pc &+ 2] > 0 { return true }
        pc = until &+ 1
      case .maxUntil, .minUntil:
        let owner = Int(owners[pc]) &- 1
        if owner < 0 { return false }
        if owner != entered && !first(owner &+ 4, entered: owner, &bits) { return false }
        pc &+= 1
      default:
        guard let item = single(pc) else { return false }
        bits.formUnion(item)
        return true
      }
    }
  }

  // MARK: operations that take one character

  /// Which characters the operation at `pc` takes; nil if that is not one that takes a character, or depends on the locale.
  func single(_ pc: Int) -> SreBits? {
    let c = code[pc &+ 1]
    var bits = SreBits()
    switch SreOp(code: code[pc]) {
    case .any:
      bits.insert(10)
      bits.invert()
    case .anyAll: return .all
    case .literal: if c < 256 { bits.insert(c) }
    case .notLiteral:
      if c < 256 { bits.insert(c) }
      bits.invert()
    case .category: return Self.category(c)
    case .in: return set(pc &+ 2)
    case .literalIgnore: for x: UInt32 in 0..<256 where SreCharacters.lowerASCII(x) == c { bits.insert(x) }
    case .notLiteralIgnore: for x: UInt32 in 0..<256 where SreCharacters.lowerASCII(x) != c { bits.insert(x) }
    case .literalUniIgnore: for x: UInt32 in 0..<256 where SreCharacters.lowerUnicode(x) == c { bits.insert(x) }
    case .notLiteralUniIgnore: for x: UInt32 in 0..<256 where SreCharacters.lowerUnicode(x) != c { bits.insert(x) }
    case .inIgnore:
      if set(pc &+ 2) == nil { return nil }
      for x: UInt32 in 0..<256 where SreCharacters.inSet(code + (pc &+ 2), SreCharacters.lowerASCII(x)) { bits.insert(x) }
    case .inUniIgnore:
      if set(pc &+ 2) == nil { return nil }
      for x: UInt32 in 0..<256 where SreCharacters.inSet(code + (pc &+ 2), SreCharacters.lowerUnicode(x)) { bits.insert(x) }
    default: return nil
    }
    return bits
  }

  private static func category(_ which: UInt32) -> SreBits? {
    // Words of the locale change with it.
    if which == 8 || which == 9 { return nil }
    var bits = SreBits()
    for c: UInt32 in 0..<256 where SreCharacters.category(which, c) { bits.insert(c) }
    return bits
  }

  /// What the set program at `start` contains; nil if it depends on the locale or is of an unusual form.
  private func set(_ start: Int) -> SreBits? {
    var p = code + start
    var bits = SreBits()
    let isNegated = SreOp(code: p[0]) == .negate
    if isNegated { p += 1 }
    while true {
      switch SreOp(code: p[0]) {
      case .literal:
        if p[1] < 256 { bits.insert(p[1]) }
        p += 2
      case .range:
        bits.insert(p[1], through: p[2])
        p += 3
      case .charset:
        for c: UInt32 in 0..<256 where p[1 &+ Int(c >> 5)] & (1 &<< (c & 31)) != 0 { bits.insert(c) }
        p += 9
      case .category:
        guard let category = Self.category(p[1]) else { return nil }
        bits.formUnion(category)
        p += 2
      case .failure:
        if isNegated { bits.invert() }
        return bits
      case .rangeUniIgnore:
        for c: UInt32 in 0..<256 {
          let upper = UnicodeData.upper(c)
          if p[1] <= c && c <= p[2] || p[1] <= upper && upper <= p[2] { bits.insert(c) }
        }
        p += 3
      case .bigCharset:
        let map = p + 2
        let block = map + (64 &+ Int(map[0] & 255) &* 8)
        if map[0] & 255 < p[1] {
          for c: UInt32 in 0..<256 where block[Int(c >> 5)] & (1 &<< (c & 31)) != 0 { bits.insert(c) }
        }
        p = map + (64 &+ Int(p[1]) &* 8)
      default: return nil
      }
    }
  }
}
