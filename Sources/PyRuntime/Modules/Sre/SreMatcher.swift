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

  init(_ vm: VM, code: UnsafePointer<UInt32>, text: UnsafePointer<T>, end: Int, groups: Int) {
    self.vm = vm
    self.code = code
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

  /// Whether the one-character operation at `pc` takes `c`.
  @inline(__always)
  private mutating func takes(_ pc: Int, _ c: UInt32) -> Bool {
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
    var i = from
    switch SreOp(code: code[pc]) {
    case .anyAll: return stop &- from
    case .any: while i < stop && text[i] != 10 { i &+= 1 }
    case .literal:
      let c = code[pc &+ 1]
      while i < stop && UInt32(text[i]) == c { i &+= 1 }
    case .notLiteral:
      let c = code[pc &+ 1]
      while i < stop && UInt32(text[i]) != c { i &+= 1 }
    case .in:
      let set = code + (pc &+ 2)
      if SreOp(code: set[0]) == .charset && SreOp(code: set[9]) == .failure {
        while i < stop {
          let c = UInt32(text[i])
          if c >= 256 || set[1 &+ Int(c >> 5)] & (1 &<< (c & 31)) == 0 { break }
          i &+= 1
        }
      } else if SreOp(code: set[0]) == .category && SreOp(code: set[2]) == .failure {
        let which = set[1]
        if which == 14 {
          while i < stop {
            let c = UInt32(text[i])
            if c < 128 ? !SreCharacters.isASCIIWord(c) : !SreCharacters.isUnicodeWord(c) { break }
            i &+= 1
          }
        } else {
          while i < stop && SreCharacters.category(which, UInt32(text[i])) { i &+= 1 }
        }
      } else {
        while i < stop && SreCharacters.inSet(set, UInt32(text[i])) { i &+= 1 }
      }
    default: while i < stop && takes(pc, UInt32(text[i])) { i &+= 1 }
    }
    return i &- from
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
        if p < end && takes(pc, UInt32(text[p])) {
          p &+= 1
          pc &+= 1 &+ Int(op[1])
        } else {
          failed = true
        }
      case .notLiteral, .literalIgnore, .notLiteralIgnore, .literalUniIgnore, .notLiteralUniIgnore, .literalLocIgnore,
        .notLiteralLocIgnore, .category:
        if p < end && takes(pc, UInt32(text[p])) {
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
        if let next = try alternative(pc &+ 1, p) { pc = next } else { failed = true }
      case .repeatOne:
        if let next = try beginRepeatOne(pc, &p) { pc = next } else { failed = true }
      case .minRepeatOne:
        let least = Int(op[2])
        let n = least == 0 ? 0 : count(pc &+ 4, p, least)
        if n < least {
          failed = true
        } else {
          p &+= n
          try push(.minRepeatOne, pc, p, n)
          pc &+= 1 &+ Int(op[1])
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
        if let next = try maxUntil(pc, p) { pc = next } else { failed = true }
      case .minUntil:
        if let next = try minUntil(pc, p) { pc = next } else { failed = true }
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
        guard let next = try backtrack(&p) else { return false }
        pc = next
      }
    }
  }

  private mutating func pushBarrier(_ pc: Int, _ p: Int, _ iterations: Int, _ last: Int) throws(Raised) {
    try push(.data, pc, repeatCount, iterations, last)
    try push(.barrier, pc, p, barrier, current)
    barrier = top &- 1
  }

  /// The first alternative from the skip word at `i` on that can match here.
  private mutating func alternative(_ i: Int, _ p: Int) throws(Raised) -> Int? {
    var i = i
    while code[i] != 0 {
      let next = i &+ Int(code[i])
      let first = code[i &+ 1]
      let hopeless =
        first == SreOp.literal.rawValue && (p >= end || UInt32(text[p]) != code[i &+ 2])
        || first == SreOp.in.rawValue && (p >= end || !SreCharacters.inSet(code + (i &+ 3), UInt32(text[p])))
      if !hopeless {
        if code[next] != 0 { try push(.branch, next, p) }
        return i &+ 1
      }
      i = next
    }
    return nil
  }

  private mutating func beginRepeatOne(_ pc: Int, _ p: inout Int) throws(Raised) -> Int? {
    let op = code + pc
    let least = Int(op[2])
    if least > end &- p { return nil }
    let n = count(pc &+ 4, p, op[3] == Sre.maxRepeat ? Int.max : Int(op[3]))
    if n < least { return nil }
    let tail = pc &+ 1 &+ Int(op[1])
    return try repeatOne(tail, pc, p &+ n, p &+ least, &p)
  }
  /// Tries the tail at `reached` or the next position below it that can match, not below `least`.
  @inline(__always)
  private mutating func repeatOne(_ tail: Int, _ pc: Int, _ reached: Int, _ least: Int, _ p: inout Int) throws(Raised) -> Int? {
    var at = reached
    if code[tail] == SreOp.literal.rawValue {
      let c = code[tail &+ 1]
      while at >= least && (at >= end || UInt32(text[at]) != c) { at &-= 1 }
      if at < least { return nil }
    }
    if at > least { try push(.repeatOne, pc, at, least) }
    p = at
    return tail
  }

  private mutating func maxUntil(_ pc: Int, _ p: Int) throws(Raised) -> Int? {
    if current < 0 { throw vm.raise(.runtimeError, "invalid SRE code") }
    let r = current
    let n = repeats[r].count &+ 1
    let base = repeats[r].pc
    let most = code[base &+ 2]
    if n < Int(code[base &+ 1]) {
      try push(.undoCount, 0, r, repeats[r].count, repeats[r].last)
      repeats[r].count = n
      return base &+ 3
    }
    if (most == Sre.maxRepeat || n < Int(most)) && p != repeats[r].last {
      try push(.tail, pc &+ 1, r, p, repeats[r].last)
      repeats[r].count = n
      repeats[r].last = p
      return base &+ 3
    }
    try push(.undoRepeat, 0, r)
    current = repeats[r].previous
    return pc &+ 1
  }

  private mutating func minUntil(_ pc: Int, _ p: Int) throws(Raised) -> Int? {
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

  /// Pops up to the next way to go on; nil when there is none left.
  private mutating func backtrack(_ p: inout Int) throws(Raised) -> Int? {
    while top > 0 {
      top &-= 1
      let e = stack[top]
      undo(e)
      let pc = Int(e.pc)
      switch e.kind {
      case .branch:
        if let next = try alternative(pc, e.a) {
          p = e.a
          return next
        }
      case .repeatOne:
        if let next = try repeatOne(pc &+ 1 &+ Int(code[pc &+ 1]), pc, e.a &- 1, e.b, &p) { return next }
      case .minRepeatOne:
        let most = code[pc &+ 3]
        if (most == Sre.maxRepeat || e.b < Int(most)) && e.a < end && takes(pc &+ 4, UInt32(text[e.a])) {
          p = e.a &+ 1
          try push(.minRepeatOne, pc, p, e.b &+ 1)
          return pc &+ 1 &+ Int(code[pc &+ 1])
        }
      case .tail:
        try push(.undoRepeat, 0, e.a)
        current = repeats[e.a].previous
        p = e.b
        return pc
      case .iterate:
        let r = e.a
        let base = repeats[r].pc
        let most = code[base &+ 2]
        if (most == Sre.maxRepeat || e.c < Int(most)) && e.b != repeats[r].last {
          try push(.undoCount, 0, r, repeats[r].count, repeats[r].last)
          repeats[r].count = e.c
          repeats[r].last = e.b
          p = e.b
          return base &+ 3
        }
      case .barrier:
        top &-= 1
        let data = stack[top]
        repeatCount = data.a
        let op = code + pc
        switch SreOp(code: op[0]) {
        case .assertNot:
          p = e.a
          return pc &+ 1 &+ Int(op[1])
        case .possessiveRepeat:
          if data.b >= Int(op[2]) {
            p = e.a
            return pc &+ 2 &+ Int(op[1])
          }
        default: break
        }
      default: break
      }
    }
    return nil
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
      if flags & Sre.infoCharset != 0 {
        let set = code + 5
        while true {
          while i <= last && i < end && !SreCharacters.inSet(set, UInt32(text[i])) { i &+= 1 }
          if i > last || i >= end { return false }
          if try match(at: i) { return true }
          mustAdvance = false
          i &+= 1
        }
      }
    }
    // Anchored at the beginning of the string: one attempt tells.
    if code[pattern] == SreOp.at.rawValue && (code[pattern &+ 1] == 0 || code[pattern &+ 1] == 2) {
      return i == 0 ? try match(at: 0) : false
    }
    if code[pattern] == SreOp.literal.rawValue {
      let c = code[pattern &+ 1]
      while true {
        let view = StrView(units: UnsafeRawPointer(text), length: end, unit: UInt8(MemoryLayout<T>.size))
        let hit = view.find(codePoint: c, from: i)
        if hit < 0 { return false }
        i = hit
        if try match(at: i) { return true }
        mustAdvance = false
        i &+= 1
      }
    }
    // A first character that cannot begin a match needs no attempt.
    var head = pattern
    while code[head] == SreOp.mark.rawValue { head &+= 2 }
    if code[head] == SreOp.repeatOne.rawValue || code[head] == SreOp.minRepeatOne.rawValue
      || code[head] == SreOp.possessiveRepeatOne.rawValue
    {
      head = code[head &+ 2] > 0 ? head &+ 4 : -1
    }
    if head >= 0 && isSingle(head) {
      while true {
        while i <= last && i < end && !takes(head, UInt32(text[i])) { i &+= 1 }
        if i > last || i >= end { return false }
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

  /// The operation at `pc` takes exactly one character.
  private mutating func isSingle(_ pc: Int) -> Bool {
    switch SreOp(code: code[pc]) {
    case .literal, .notLiteral, .any, .anyAll, .in, .category, .literalIgnore, .notLiteralIgnore, .inIgnore, .literalUniIgnore,
      .notLiteralUniIgnore, .inUniIgnore, .literalLocIgnore, .notLiteralLocIgnore, .inLocIgnore:
      true
    default: false
    }
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
