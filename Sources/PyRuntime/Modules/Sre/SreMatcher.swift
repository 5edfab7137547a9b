import Glibc

/// What can be taken back, and where matching may go on after a failure. One stack holds both in the order they were made:
/// failing pops entries, undoing what they say, up to the first that offers another way.
struct SreEntry {
  enum Kind: Int32 {
    /// a: mark, b: its old value, c: old lastIndex
    case undoMark
    /// a: old innermost repeat
    case undoRepeat
    /// a: repeat, b: old count, c: old last position
    case undoCount
    /// A repeat was entered. a: the innermost one before
    case popRepeat
    /// Next alternative at pc. a: position
    case branch
    /// REPEAT_ONE at pc. a: position reached, b: the least one
    case repeatOne
    /// MIN_REPEAT_ONE at pc. a: position, b: items so far
    case minRepeatOne
    /// Leave the repeat a at pc, the tail. b: position, c: last position before the iteration
    case tail
    /// One more iteration of the lazy repeat a; pc: its UNTIL. b: position, c: count
    case iterate
    /// An assertion, atomic group or possessive repeat at pc runs above. a: position, b: barrier around it, c: innermost repeat
    case barrier
    /// Below a barrier. a: number of repeats, b: iterations done, c: position of the last one
    case data
  }
  var kind: Kind
  var pc: Int32
  var a: Int
  var b: Int
  var c: Int
}

/// An iterating REPEAT: `pc` is its skip word; `count` complete iterations begun, `last` where the latest one began (-1: none).
struct SreRepeat {
  var pc: Int
  var count: Int
  var last: Int
  var previous: Int
}

/// Memory of finished matchers for the next one, so that short matches do not allocate. Only the holder of the interpreter lock is here.
private enum SrePool {
  nonisolated(unsafe) static var stack: UnsafeMutablePointer<SreEntry>?
  nonisolated(unsafe) static var stackCapacity = 0
  nonisolated(unsafe) static var repeats: UnsafeMutablePointer<SreRepeat>?
  nonisolated(unsafe) static var marks: UnsafeMutablePointer<Int>?
  /// Pools keep blocks of these sizes; larger ones are freed.
  static let marksCapacity = 64, repeatsCapacity = 16, largestStack = 4096
}

/// The state of one match over code units of type `T`. Memory is malloc'd and holds no references; `free()` gives it back.
/// All methods are mutating: for another, called by one that is, swiftc copies the whole struct each time.
struct SreMatcher<T: FixedWidthInteger & UnsignedInteger> {
  let vm: VM
  let code: UnsafePointer<UInt32>
  let codeCount: Int
  /// See `SreAnalysis`
  let maps: UnsafePointer<UInt32>
  /// See `SreLookahead`
  let lookahead: UnsafePointer<UInt32>?
  let text: UnsafePointer<T>
  /// Matching sees [0, end)
  let end: Int
  /// Where the match began and ended
  var start = 0
  var position = 0
  var matchAll = false
  /// A match may not be empty where the search begins
  var mustAdvance = false
  let marks: UnsafeMutablePointer<Int>
  let markCount: Int
  var marksAreDirty = false
  var lastIndex = -1
  private var stack: UnsafeMutablePointer<SreEntry>
  private var top = 0
  private var capacity: Int
  private var repeats: UnsafeMutablePointer<SreRepeat>
  private var repeatCount = 0
  private var repeatCapacity: Int
  /// Innermost repeat, or -1
  private var current = -1
  /// Stack index of the innermost barrier, or -1
  private var barrier = -1
  private var ticks = 0

  init(
    _ vm: VM, code: UnsafePointer<UInt32>, codeCount: Int, maps: UnsafePointer<UInt32>, lookahead: UnsafeMutablePointer<UInt32>?,
    text: UnsafePointer<T>, end: Int, groups: Int
  ) {
    self.vm = vm
    self.code = code
    self.codeCount = codeCount
    self.maps = maps
    self.lookahead = UnsafePointer(lookahead)
    self.text = text
    self.end = end
    markCount = groups &* 2
    if markCount <= SrePool.marksCapacity, let pooled = SrePool.marks {
      marks = pooled
      SrePool.marks = nil
    } else {
      marks = UnsafeMutablePointer<Int>.allocate(capacity: max(SrePool.marksCapacity, markCount))
    }
    for i in 0..<markCount { marks[i] = -1 }
    if let pooled = SrePool.stack {
      stack = pooled
      capacity = SrePool.stackCapacity
      SrePool.stack = nil
    } else {
      capacity = 64
      stack = UnsafeMutablePointer<SreEntry>.allocate(capacity: 64)
    }
    if let pooled = SrePool.repeats {
      repeats = pooled
      SrePool.repeats = nil
    } else {
      repeats = UnsafeMutablePointer<SreRepeat>.allocate(capacity: SrePool.repeatsCapacity)
    }
    repeatCapacity = SrePool.repeatsCapacity
  }
  func free() {
    if markCount <= SrePool.marksCapacity && SrePool.marks == nil { SrePool.marks = marks } else { marks.deallocate() }
    if capacity <= SrePool.largestStack && SrePool.stack == nil {
      SrePool.stack = stack
      SrePool.stackCapacity = capacity
    } else {
      stack.deallocate()
    }
    if repeatCapacity == SrePool.repeatsCapacity && SrePool.repeats == nil { SrePool.repeats = repeats } else { repeats.deallocate() }
  }

  private mutating func reset() {
    if marksAreDirty { for i in 0..<markCount { marks[i] = -1 } }
    marksAreDirty = false
    lastIndex = -1
    top = 0
    repeatCount = 0
    current = -1
    barrier = -1
  }

  // MARK: stack

  @inline(__always)
  private mutating func push(_ kind: SreEntry.Kind, _ pc: Int, _ a: Int, _ b: Int = 0, _ c: Int = 0) throws(Raised) {
    if top == capacity { try grow() }
    stack[top] = SreEntry(kind: kind, pc: Int32(truncatingIfNeeded: pc), a: a, b: b, c: c)
    top &+= 1
  }
  @inline(never)
  private mutating func grow() throws(Raised) {
    let larger = capacity &* 2
    // A bound on what one match may use, as the native stack or memory is elsewhere.
    guard larger < 1 << 28, let memory = realloc(stack, larger &* MemoryLayout<SreEntry>.stride) else {
      throw vm.raiseMemoryError()
    }
    stack = memory.assumingMemoryBound(to: SreEntry.self)
    capacity = larger
  }
  private mutating func pushRepeat(_ r: SreRepeat) throws(Raised) {
    if repeatCount == repeatCapacity {
      let larger = repeatCapacity &* 2
      guard larger < 1 << 28, let memory = realloc(repeats, larger &* MemoryLayout<SreRepeat>.stride) else {
        throw vm.raiseMemoryError()
      }
      repeats = memory.assumingMemoryBound(to: SreRepeat.self)
      repeatCapacity = larger
    }
    repeats[repeatCount] = r
    repeatCount &+= 1
  }

  /// Takes back what an entry did; choices are only dropped.
  @inline(__always)
  private mutating func undo(_ e: SreEntry) {
    switch e.kind {
    case .undoMark:
      marks[e.a] = e.b
      lastIndex = e.c
    case .undoRepeat: current = e.a
    case .undoCount:
      repeats[e.a].count = e.b
      repeats[e.a].last = e.c
    case .popRepeat:
      current = e.a
      repeatCount &-= 1
    case .tail:
      repeats[e.a].count &-= 1
      repeats[e.a].last = e.c
      current = e.a
    case .iterate: current = e.a
    case .barrier:
      barrier = e.b
      current = e.c
    default: break
    }
  }

  /// Drops everything from `base` on, keeping only what restores marks.
  private mutating func commit(to base: Int) {
    var kept = base
    for i in base..<top where stack[i].kind == .undoMark {
      stack[kept] = stack[i]
      kept &+= 1
    }
    top = kept
  }

  // MARK: single characters

  /// Whether `unit`, which must be below 256, is in the bitmap at `map`.
  @inline(__always)
  private mutating func isIn(_ map: UInt32, _ unit: T) -> Bool {
    maps[Int(map) &+ Int(truncatingIfNeeded: unit >> 5)] & (1 &<< (UInt32(truncatingIfNeeded: unit) & 31)) != 0
  }
  /// Whether the first set `map` has `unit`, or says nothing of it.
  @inline(__always)
  private mutating func mayBegin(_ map: UInt32, _ unit: T) -> Bool {
    if T.bitWidth > 8 && unit >> 8 != 0 { return true }
    return isIn(map, unit)
  }
  /// Whether what has the first set `map` (0: none known) can match at `i`.
  @inline(__always)
  private mutating func mayMatch(_ map: UInt32, _ i: Int) -> Bool { map == 0 || i < end && mayBegin(map, text[i]) }

  /// Whether the one-character operation at `pc` takes `unit`.
  @inline(__always)
  private mutating func takes(_ pc: Int, _ unit: T) -> Bool {
    let map = maps[pc]
    if map != 0 && (T.bitWidth == 8 || unit >> 8 == 0) { return isIn(map, unit) }
    return takesSlowly(pc, UInt32(unit))
  }
  @inline(never)
  private mutating func takesSlowly(_ pc: Int, _ c: UInt32) -> Bool {
    let p = code + pc
    switch SreOp(code: p[0]) {
    case .literal: return c == p[1]
    case .notLiteral: return c != p[1]
    case .any: return c != 10
    case .anyAll: return true
    case .in: return SreCharacters.inSet(p + 2, c)
    case .category: return SreCharacters.category(p[1], c)
    case .literalIgnore: return SreCharacters.lowerASCII(c) == p[1]
    case .notLiteralIgnore: return SreCharacters.lowerASCII(c) != p[1]
    case .inIgnore: return SreCharacters.inSet(p + 2, SreCharacters.lowerASCII(c))
    case .literalUniIgnore: return SreCharacters.lowerUnicode(c) == p[1]
    case .notLiteralUniIgnore: return SreCharacters.lowerUnicode(c) != p[1]
    case .inUniIgnore: return SreCharacters.inSet(p + 2, SreCharacters.lowerUnicode(c))
    case .literalLocIgnore: return equalsInLocale(p[1], c)
    case .notLiteralLocIgnore: return !equalsInLocale(p[1], c)
    case .inLocIgnore: return SreCharacters.inSetLocaleIgnore(p + 2, c)
    default: return false
    }
  }
  private mutating func equalsInLocale(_ wanted: UInt32, _ c: UInt32) -> Bool {
    c == wanted || SreCharacters.lowerLocale(c) == wanted || SreCharacters.upperLocale(c) == wanted
  }

  /// How many characters from `from` on the operation at `pc` takes, at most `limit`.
  @inline(__always)
  private mutating func count(_ pc: Int, _ from: Int, _ limit: Int) -> Int {
    let stop = limit < end &- from ? from &+ limit : end
    let text = text
    var i = from
    let map = maps[pc]
    if map != 0 {
      while i < stop {
        if T.bitWidth > 8 && text[i] >> 8 != 0 {
          if !takesSlowly(pc, UInt32(text[i])) { break }
        } else if !isIn(map, text[i]) {
          break
        }
        i &+= 1
      }
      return i &- from
    }
    switch SreOp(code: code[pc]) {
    case .anyAll: return stop &- from
    case .any: return find(10, from, stop) &- from
    case .literal:
      let c = code[pc &+ 1]
      while i < stop && UInt32(text[i]) == c { i &+= 1 }
    case .notLiteral:
      let c = code[pc &+ 1]
      guard let unit = T(exactly: c) else { return stop &- from }
      return find(unit, from, stop) &- from
    default: while i < stop && takesSlowly(pc, UInt32(text[i])) { i &+= 1 }
    }
    return i &- from
  }
  /// Where `unit` stands first in [from, stop), or `stop`.
  @inline(__always)
  private mutating func find(_ unit: T, _ from: Int, _ stop: Int) -> Int {
    var i = from
    // Near hits are frequent, and a call costs more than looking at a few.
    let near = T.bitWidth == 8 ? min(stop, from &+ 16) : stop
    while i < near {
      if text[i] == unit { return i }
      i &+= 1
    }
    if T.bitWidth == 8 && i < stop {
      guard let hit = memchr(text + i, Int32(truncatingIfNeeded: unit), stop &- i) else { return stop }
      return UnsafeRawPointer(hit) - UnsafeRawPointer(text)
    }
    return i
  }

  private mutating func at(_ which: UInt32, _ i: Int) -> Bool {
    switch which {
    case 0, 2: return i == 0
    case 1: return i == 0 || text[i &- 1] == 10
    case 3, 8, 10: return isBoundary(which, i)
    case 4, 9, 11: return end != 0 && !isBoundary(which, i)
    case 5: return i == end || i &+ 1 == end && text[i] == 10
    case 6: return i == end || text[i] == 10
    case 7: return i == end
    default: return false
    }
  }
  private mutating func isBoundary(_ which: UInt32, _ i: Int) -> Bool {
    if end == 0 { return false }
    func isWord(_ c: T) -> Bool {
      switch which {
      case 3, 4: SreCharacters.isASCIIWord(UInt32(c))
      case 8, 9: SreCharacters.isLocaleWord(UInt32(c))
      default: SreCharacters.isUnicodeWord(UInt32(c))
      }
    }
    return (i > 0 && isWord(text[i &- 1])) != (i < end && isWord(text[i]))
  }

  // MARK: matching

  /// Matches at `from`; afterwards `position` is the end and `marks` the groups.
  mutating func match(at from: Int) throws(Raised) -> Bool {
    reset()
    start = from
    return try run(0, from)
  }

  @inline(__always)
  private mutating func setMark(_ i: Int, _ at: Int) throws(Raised) {
    if top > 0 { try push(.undoMark, 0, i, marks[i], lastIndex) }
    marksAreDirty = true
    marks[i] = at
    if i & 1 != 0 { lastIndex = i / 2 &+ 1 }
  }

  @inline(never)
  private mutating func safepoint() throws(Raised) {
    ticks = 0
    if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
  }

  private mutating func run(_ entry: Int, _ from: Int) throws(Raised) -> Bool {
    // In locals: what is written to the stack might be any of these for all the compiler knows.
    let code = code, text = text, end = end
    var pc = entry
    var p = from
    while true {
      var failed = false
      let op = code + pc
      ticks &+= 1
      if ticks & 0xFFF == 0 { try safepoint() }
      switch SreOp(code: op[0]) {
      case .literal:
        if p < end && UInt32(text[p]) == op[1] {
          p &+= 1
          pc &+= 2
          while code[pc] == SreOp.literal.rawValue {
            if p >= end || UInt32(text[p]) != code[pc &+ 1] {
              failed = true
              break
            }
            p &+= 1
            pc &+= 2
          }
        } else {
          failed = true
        }
      case .any, .anyAll:
        if p < end && (op[0] == SreOp.anyAll.rawValue || text[p] != 10) {
          p &+= 1
          pc &+= 1
        } else {
          failed = true
        }
      case .in, .inIgnore, .inUniIgnore, .inLocIgnore:
        if p < end && takes(pc, text[p]) {
          p &+= 1
          pc &+= 1 &+ Int(op[1])
        } else {
          failed = true
        }
      case .notLiteral, .literalIgnore, .notLiteralIgnore, .literalUniIgnore, .notLiteralUniIgnore, .literalLocIgnore,
        .notLiteralLocIgnore, .category:
        if p < end && takes(pc, text[p]) {
          p &+= 1
          pc &+= 2
        } else {
          failed = true
        }
      case .mark:
        try setMark(Int(op[1]), p)
        pc &+= 2
      case .at:
        if at(op[1], p) { pc &+= 2 } else { failed = true }
      case .jump: pc &+= 1 &+ Int(op[1])
      case .info:
        if end &- p < Int(op[3]) { failed = true } else { pc &+= 1 &+ Int(op[1]) }
      case .branch:
        pc = try alternative(pc &+ 1, p)
        failed = pc < 0
      case .repeatOne:
        pc = try beginRepeatOne(pc, &p)
        failed = pc < 0
      case .minRepeatOne:
        let least = Int(op[2])
        let n = least == 0 ? 0 : count(pc &+ 4, p, least)
        if n < least {
          failed = true
        } else {
          p &+= n
          pc = try minRepeatOne(pc, n, &p)
          failed = pc < 0
        }
      case .possessiveRepeatOne:
        let n = count(pc &+ 4, p, op[3] == Sre.maxRepeat ? Int.max : Int(op[3]))
        if n < Int(op[2]) {
          failed = true
        } else {
          p &+= n
          pc &+= 1 &+ Int(op[1])
        }
      case .repeat:
        try push(.popRepeat, 0, current)
        try pushRepeat(SreRepeat(pc: pc &+ 1, count: -1, last: -1, previous: current))
        current = repeatCount &- 1
        pc &+= 1 &+ Int(op[1])
      case .maxUntil:
        pc = try maxUntil(pc, p)
      case .minUntil:
        pc = try minUntil(pc, p)
      case .groupRef, .groupRefIgnore, .groupRefLocIgnore, .groupRefUniIgnore:
        if let next = reference(op, p) {
          p = next
          pc &+= 2
        } else {
          failed = true
        }
      case .groupRefExists:
        let low = marks[Int(op[1]) &* 2], high = marks[Int(op[1]) &* 2 &+ 1]
        pc &+= low >= 0 && high >= low ? 3 : 1 &+ Int(op[2])
      case .assert, .assertNot:
        if p < Int(op[2]) {
          // Nothing so far back: a negative look-behind holds.
          if op[0] == SreOp.assertNot.rawValue { pc &+= 1 &+ Int(op[1]) } else { failed = true }
        } else {
          try pushBarrier(pc, p, 0, -1)
          p &-= Int(op[2])
          pc &+= 3
        }
      case .atomicGroup:
        try pushBarrier(pc, p, 0, -1)
        pc &+= 2
      case .possessiveRepeat:
        if op[3] == 0 {
          pc &+= 2 &+ Int(op[1])
        } else {
          try pushBarrier(pc, p, 0, p)
          pc &+= 4
        }
      case .success:
        if barrier < 0 {
          if matchAll && p != end || mustAdvance && p == start {
            failed = true
          } else {
            position = p
            return true
          }
        } else if let next = try succeed(&p) {
          pc = next
        } else {
          failed = true
        }
      default: failed = true
      }
      if failed {
        pc = try backtrack(&p)
        if pc < 0 { return false }
      }
    }
  }

  private mutating func pushBarrier(_ pc: Int, _ p: Int, _ iterations: Int, _ last: Int) throws(Raised) {
    try push(.data, pc, repeatCount, iterations, last)
    try push(.barrier, pc, p, barrier, current)
    barrier = top &- 1
  }

  /// The first alternative from the skip word at `i` on that can match here, or -1. The next one that can is remembered.
  private mutating func alternative(_ i: Int, _ p: Int) throws(Raised) -> Int {
    var i = i
    while code[i] != 0 && !mayMatch(maps[i], p) { i &+= Int(code[i]) }
    if code[i] == 0 { return -1 }
    var next = i &+ Int(code[i])
    while code[next] != 0 && !mayMatch(maps[next], p) { next &+= Int(code[next]) }
    if code[next] != 0 { try push(.branch, next, p) }
    return i &+ 1
  }

  @inline(__always)
  private mutating func beginRepeatOne(_ pc: Int, _ p: inout Int) throws(Raised) -> Int {
    let op = code + pc
    let least = Int(op[2])
    if least > end &- p { return -1 }
    let n = count(pc &+ 4, p, op[3] == Sre.maxRepeat ? Int.max : Int(op[3]))
    if n < least { return -1 }
    // No character that was taken can begin what follows, if all are below 256.
    if T.bitWidth == 8 && maps[pc &+ 1] != 0 {
      p &+= n
      return mayMatch(maps[pc], p) ? pc &+ 1 &+ Int(op[1]) : -1
    }
    return try repeatOne(pc, p &+ n, p &+ least, &p)
  }
  /// Tries the tail at `reached` or the next position below it where it can match, not below `least`.
  @inline(__always)
  private mutating func repeatOne(_ pc: Int, _ reached: Int, _ least: Int, _ p: inout Int) throws(Raised) -> Int {
    var at = reached
    let map = maps[pc]
    let tail = pc &+ 1 &+ Int(code[pc &+ 1])
    if map != 0 {
      if at >= end { at = end &- 1 }
      while at >= least && !mayBegin(map, text[at]) { at &-= 1 }
      if at < least { return -1 }
    }
    if at > least { try push(.repeatOne, pc, at, least) }
    p = at
    return tail
  }

  /// Tries the tail at `p`, `n` items taken, or the next position where it can match.
  @inline(__always)
  private mutating func minRepeatOne(_ pc: Int, _ n: Int, _ p: inout Int) throws(Raised) -> Int {
    let map = maps[pc]
    var n = n
    if map != 0 {
      let most = code[pc &+ 3] == Sre.maxRepeat ? Int.max : Int(code[pc &+ 3])
      while true {
        if p >= end { return -1 }
        if mayBegin(map, text[p]) { break }
        if n >= most || !takesOne(pc &+ 4, text[p]) { return -1 }
        p &+= 1
        n &+= 1
      }
    }
    try push(.minRepeatOne, pc, p, n)
    return pc &+ 1 &+ Int(code[pc &+ 1])
  }
  /// `takes` for operations that have no bitmap, too.
  @inline(__always)
  private mutating func takesOne(_ pc: Int, _ unit: T) -> Bool {
    switch SreOp(code: code[pc]) {
    case .anyAll: true
    case .any: unit != 10
    case .literal: UInt32(unit) == code[pc &+ 1]
    case .notLiteral: UInt32(unit) != code[pc &+ 1]
    default: takes(pc, unit)
    }
  }

  private mutating func maxUntil(_ pc: Int, _ p: Int) throws(Raised) -> Int {
    if current < 0 { throw vm.raise(.runtimeError, "invalid SRE code") }
    let r = repeats + current
    let n = r.pointee.count &+ 1
    let base = r.pointee.pc
    let most = code[base &+ 2]
    if n < Int(code[base &+ 1]) {
      try push(.undoCount, 0, current, r.pointee.count, r.pointee.last)
      r.pointee.count = n
      return base &+ 3
    }
    if (most == Sre.maxRepeat || n < Int(most)) && p != r.pointee.last && mayMatch(maps[base], p) {
      try push(.tail, pc &+ 1, current, p, r.pointee.last)
      r.pointee.count = n
      r.pointee.last = p
      return base &+ 3
    }
    try push(.undoRepeat, 0, current)
    current = r.pointee.previous
    return pc &+ 1
  }

  private mutating func minUntil(_ pc: Int, _ p: Int) throws(Raised) -> Int {
    if current < 0 { throw vm.raise(.runtimeError, "invalid SRE code") }
    let r = current
    let n = repeats[r].count &+ 1
    let base = repeats[r].pc
    if n < Int(code[base &+ 1]) {
      try push(.undoCount, 0, r, repeats[r].count, repeats[r].last)
      repeats[r].count = n
      return base &+ 3
    }
    try push(.iterate, pc, r, p, n)
    current = repeats[r].previous
    return pc &+ 1
  }

  private mutating func reference(_ op: UnsafePointer<UInt32>, _ at: Int) -> Int? {
    let low = marks[Int(op[1]) &* 2], high = marks[Int(op[1]) &* 2 &+ 1]
    guard low >= 0, high >= low else { return nil }
    var p = at
    let kind = SreOp(code: op[0])
    for i in low..<high {
      if p >= end { return nil }
      let a = UInt32(text[p]), b = UInt32(text[i])
      let same =
        switch kind {
        case .groupRefIgnore: SreCharacters.lowerASCII(a) == SreCharacters.lowerASCII(b)
        case .groupRefUniIgnore: UnicodeData.lower(a) == UnicodeData.lower(b)
        case .groupRefLocIgnore: SreCharacters.lowerLocale(a) == SreCharacters.lowerLocale(b)
        default: a == b
        }
      if !same { return nil }
      p &+= 1
    }
    return p
  }

  /// SUCCESS inside a barrier: its construct is matched. Answers where to go on, nil for failure.
  private mutating func succeed(_ p: inout Int) throws(Raised) -> Int? {
    let e = stack[barrier]
    let data = stack[barrier &- 1]
    let pc = Int(e.pc)
    let op = code + pc
    switch SreOp(code: op[0]) {
    case .assertNot:
      // All of it is taken back, then the assertion fails.
      let base = barrier &- 1
      while top > base {
        top &-= 1
        undo(stack[top])
      }
      repeatCount = data.a
      return nil
    case .assert:
      leaveBarrier(e, data)
      p = e.a
      return pc &+ 1 &+ Int(op[1])
    case .atomicGroup:
      leaveBarrier(e, data)
      return pc &+ 1 &+ Int(op[1])
    default:
      leaveBarrier(e, data)
      let n = data.b &+ 1
      // An empty iteration beyond the minimum ends the loop.
      let more = n < Int(op[2]) || (op[3] == Sre.maxRepeat || n < Int(op[3])) && p != data.c
      if !more { return pc &+ 2 &+ Int(op[1]) }
      try pushBarrier(pc, p, n, n < Int(op[2]) ? -1 : p)
      return pc &+ 4
    }
  }
  private mutating func leaveBarrier(_ e: SreEntry, _ data: SreEntry) {
    let base = barrier &- 1
    barrier = e.b
    current = e.c
    repeatCount = data.a
    commit(to: base)
  }

  /// Pops up to the next way to go on; -1 when there is none left.
  private mutating func backtrack(_ p: inout Int) throws(Raised) -> Int {
    while top > 0 {
      top &-= 1
      let e = stack + top
      let pc = Int(e.pointee.pc), a = e.pointee.a, b = e.pointee.b, c = e.pointee.c
      switch e.pointee.kind {
      case .undoMark:
        marks[a] = b
        lastIndex = c
      case .branch:
        let next = try alternative(pc, a)
        if next >= 0 {
          p = a
          return next
        }
      case .repeatOne:
        let next = try repeatOne(pc, a &- 1, b, &p)
        if next >= 0 { return next }
      case .minRepeatOne:
        let most = code[pc &+ 3]
        if (most == Sre.maxRepeat || b < Int(most)) && a < end && takesOne(pc &+ 4, text[a]) {
          p = a &+ 1
          let next = try minRepeatOne(pc, b &+ 1, &p)
          if next >= 0 { return next }
        }
      case .undoRepeat: current = a
      case .undoCount:
        repeats[a].count = b
        repeats[a].last = c
      case .popRepeat:
        current = a
        repeatCount &-= 1
      case .tail:
        repeats[a].count &-= 1
        repeats[a].last = c
        try push(.undoRepeat, 0, a)
        current = repeats[a].previous
        p = b
        return pc
      case .iterate:
        current = a
        let base = repeats[a].pc
        let most = code[base &+ 2]
        if (most == Sre.maxRepeat || c < Int(most)) && b != repeats[a].last {
          try push(.undoCount, 0, a, repeats[a].count, repeats[a].last)
          repeats[a].count = c
          repeats[a].last = b
          p = b
          return base &+ 3
        }
      case .barrier:
        barrier = b
        current = c
        top &-= 1
        let data = stack[top]
        repeatCount = data.a
        let op = code + pc
        switch SreOp(code: op[0]) {
        case .assertNot:
          p = a
          return pc &+ 1 &+ Int(op[1])
        case .possessiveRepeat:
          if data.b >= Int(op[2]) {
            p = a
            return pc &+ 2 &+ Int(op[1])
          }
        default: break
        }
      case .data: break
      }
    }
    return -1
  }

  // MARK: searching

  /// The first match at or after `from`.
  mutating func search(from: Int) throws(Raised) -> Bool {
    var i = from
    if i > end { return false }
    var pattern = 0
    var last = end
    if code[0] == SreOp.info.rawValue {
      let flags = code[2]
      let least = Int(code[3])
      if least > end &- i { return false }
      last = end &- least
      pattern = 1 &+ Int(code[1])
      if flags & Sre.infoPrefix != 0 { return try searchPrefix(i, isWhole: flags & Sre.infoLiteral != 0) }
    }
    // Anchored at the beginning of the string: one attempt tells.
    if code[pattern] == SreOp.at.rawValue && (code[pattern &+ 1] == 0 || code[pattern &+ 1] == 2) {
      return i == 0 ? try match(at: 0) : false
    }
    var head = pattern
    while code[head] == SreOp.mark.rawValue { head &+= 2 }
    if code[head] == SreOp.literal.rawValue {
      guard let unit = T(exactly: code[head &+ 1]) else { return false }
      let stop = min(end, last &+ 1)
      while true {
        i = find(unit, i, stop)
        if i >= stop { return false }
        if try match(at: i) { return true }
        mustAdvance = false
        i &+= 1
      }
    }
    // A character that cannot begin a match needs no attempt.
    let map = maps[codeCount]
    if map != 0 {
      let stop = min(end, last &+ 1)
      let text = text
      let lookahead = T.bitWidth == 8 ? lookahead : nil
      while true {
        if let lookahead, i < stop {
          i = SreLookahead.search(lookahead, UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), i, end)
        }
        while i < stop && !mayBegin(map, text[i]) { i &+= 1 }
        if i >= stop { return false }
        if try match(at: i) { return true }
        mustAdvance = false
        i &+= 1
      }
    }
    while i <= last {
      if try match(at: i) { return true }
      mustAdvance = false
      i &+= 1
    }
    return false
  }

  private mutating func searchPrefix(_ from: Int, isWhole: Bool) throws(Raised) -> Bool {
    let length = Int(code[5])
    // In this text's width; a character beyond it cannot occur.
    let needle = UnsafeMutablePointer<T>.allocate(capacity: max(1, length))
    defer { needle.deallocate() }
    for k in 0..<length {
      guard let unit = T(exactly: code[7 &+ k]) else { return false }
      needle[k] = unit
    }
    let unit = UInt8(MemoryLayout<T>.size)
    let whole = StrView(units: UnsafeRawPointer(text), length: end, unit: unit)
    let prefix = StrView(units: UnsafeRawPointer(needle), length: length, unit: unit)
    var i = from
    while true {
      let hit = whole.find(prefix, from: i)
      if hit < 0 { return false }
      if isWhole {
        reset()
        start = hit
        position = hit &+ length
        return true
      }
      if try match(at: hit) { return true }
      mustAdvance = false
      i = hit &+ 1
    }
  }
}
