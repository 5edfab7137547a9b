/// Checks a code array before anything runs it, so that the matcher may follow every skip, group number and set without looking.
/// The grammar is what `re._compiler` emits; anything else is refused.
struct SreValidator {
  let vm: VM
  let code: UnsafePointer<UInt32>
  let groups: Int

  static func isValid(_ vm: VM, _ code: UnsafePointer<UInt32>, _ count: Int, groups: Int) throws(Raised) -> Bool {
    guard count > 0, groups >= 0, groups <= Sre.maxGroups, SreOp(rawValue: code[count &- 1]) == .success else { return false }
    return try SreValidator(vm: vm, code: code, groups: groups).sequence(0, count &- 1)
  }

  /// The set program in [start, end), whose last word must be FAILURE.
  private func set(_ start: Int, _ end: Int) -> Bool {
    var i = start
    while i < end {
      guard let op = SreOp(rawValue: code[i]) else { return false }
      i &+= 1
      switch op {
      case .negate: break
      case .literal: i &+= 1
      case .range, .rangeUniIgnore: i &+= 2
      case .charset: i &+= 8
      case .category:
        guard i < end, code[i] <= 17 else { return false }
        i &+= 1
      case .bigCharset:
        guard i < end else { return false }
        let count = Int(code[i])
        i &+= 1
        guard count <= 256, i &+ 64 &+ count &* 8 <= end else { return false }
        for k in 0..<64 {
          let word = code[i &+ k]
          for shift: UInt32 in [0, 8, 16, 24] where Int(word >> shift & 255) >= count { return false }
        }
        i &+= 64 &+ count &* 8
      case .failure: return i == end
      default: return false
      }
      if i > end { return false }
    }
    return false
  }

  /// The target of the skip word at `i`, if it lies in (i, end].
  private func target(_ i: Int, _ end: Int) -> Int? {
    guard i < end else { return nil }
    let skip = Int(code[i])
    guard skip > 0, skip <= end &- i else { return nil }
    return i &+ skip
  }

  /// A sequence of operations that fills [start, end) exactly.
  private func sequence(_ start: Int, _ end: Int) throws(Raised) -> Bool {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    var i = start
    while i < end {
      guard let op = SreOp(rawValue: code[i]) else { return false }
      i &+= 1
      switch op {
      case .success, .failure, .any, .anyAll: break
      case .mark:
        guard i < end, Int(code[i]) < groups &* 2 else { return false }
        i &+= 1
      case .literal, .notLiteral, .literalIgnore, .notLiteralIgnore, .literalLocIgnore, .notLiteralLocIgnore, .literalUniIgnore,
        .notLiteralUniIgnore:
        i &+= 1
      case .at:
        guard i < end, code[i] <= 11 else { return false }
        i &+= 1
      case .category:
        guard i < end, code[i] <= 17 else { return false }
        i &+= 1
      case .in, .inIgnore, .inLocIgnore, .inUniIgnore:
        guard let to = target(i, end), set(i &+ 1, to) else { return false }
        i = to
      case .info:
        guard let to = info(i, end) else { return false }
        i = to
      case .branch:
        guard let to = try branch(i, end) else { return false }
        i = to
      case .repeatOne, .minRepeatOne, .possessiveRepeatOne:
        guard let to = target(i, end), limits(i, end), try single(i &+ 3, to) else { return false }
        // What follows is looked at before it is reached: it must exist (the code ends with SUCCESS in any case).
        i = to
      case .repeat:
        guard let to = target(i, end), to < end, limits(i, end), try sequence(i &+ 3, to) else { return false }
        guard code[to] == SreOp.maxUntil.rawValue || code[to] == SreOp.minUntil.rawValue else { return false }
        i = to &+ 1
      case .possessiveRepeat:
        guard let to = target(i, end), to < end, limits(i, end), try sequence(i &+ 3, to) else { return false }
        guard code[to] == SreOp.success.rawValue else { return false }
        i = to &+ 1
      case .atomicGroup:
        guard let to = target(i, end), try closed(i &+ 1, to) else { return false }
        i = to
      case .groupRef, .groupRefIgnore, .groupRefLocIgnore, .groupRefUniIgnore:
        guard i < end, Int(code[i]) < groups else { return false }
        i &+= 1
      case .groupRefExists:
        guard let to = try conditional(i, end) else { return false }
        i = to
      case .assert, .assertNot:
        guard let to = target(i, end), i &+ 1 < end, code[i &+ 1] & 0x8000_0000 == 0, try closed(i &+ 2, to) else { return false }
        i = to
      default: return false
      }
      if i > end { return false }
    }
    return i == end
  }

  /// A sequence that ends with SUCCESS.
  private func closed(_ start: Int, _ end: Int) throws(Raised) -> Bool {
    guard end > start, code[end &- 1] == SreOp.success.rawValue else { return false }
    return try sequence(start, end &- 1)
  }

  /// The one-character operation that a …_ONE repeats, and SUCCESS.
  private func single(_ start: Int, _ end: Int) throws(Raised) -> Bool {
    guard start < end, let op = SreOp(rawValue: code[start]) else { return false }
    switch op {
    case .any, .anyAll: guard end == start &+ 2 else { return false }
    case .literal, .notLiteral, .literalIgnore, .notLiteralIgnore, .literalLocIgnore, .notLiteralLocIgnore, .literalUniIgnore,
      .notLiteralUniIgnore, .category:
      guard end == start &+ 3 else { return false }
    case .in, .inIgnore, .inLocIgnore, .inUniIgnore: break
    default: return false
    }
    return try closed(start, end)
  }

  private func limits(_ i: Int, _ end: Int) -> Bool {
    guard i &+ 2 < end else { return false }
    return code[i &+ 1] <= code[i &+ 2]
  }

  private func info(_ i: Int, _ end: Int) -> Int? {
    guard let to = target(i, end), i &+ 4 <= to else { return nil }
    let flags = code[i &+ 1]
    if flags & ~(Sre.infoPrefix | Sre.infoLiteral | Sre.infoCharset) != 0 { return nil }
    if flags & Sre.infoPrefix != 0 && flags & Sre.infoCharset != 0 { return nil }
    if flags & Sre.infoLiteral != 0 && flags & Sre.infoPrefix == 0 { return nil }
    if flags & Sre.infoPrefix != 0 {
      guard i &+ 6 <= to else { return nil }
      let length = Int(code[i &+ 4])
      guard length <= to, i &+ 6 &+ length &* 2 == to, Int(code[i &+ 5]) <= length else { return nil }
      for k in 0..<length where Int(code[i &+ 6 &+ length &+ k]) >= length { return nil }
    }
    if flags & Sre.infoCharset != 0 && !set(i &+ 4, to) { return nil }
    return to
  }

  /// Alternatives, each ending with a JUMP to the same place, then a zero.
  private func branch(_ start: Int, _ end: Int) throws(Raised) -> Int? {
    var i = start
    var exit = -1
    while i < end && code[i] != 0 {
      guard let to = target(i, end), to &- 2 > i, code[to &- 2] == SreOp.jump.rawValue else { return nil }
      guard try sequence(i &+ 1, to &- 2) else { return nil }
      guard let jump = target(to &- 1, end) else { return nil }
      if exit < 0 { exit = jump } else if exit != jump { return nil }
      i = to
    }
    guard i < end, exit == i &+ 1 || exit < 0 else { return nil }
    return i &+ 1
  }

  private func conditional(_ i: Int, _ end: Int) throws(Raised) -> Int? {
    guard i &+ 1 < end, Int(code[i]) < groups else { return nil }
    let skip = Int(code[i &+ 1])
    // From the group's word to the code for "no".
    guard skip >= 2, i &+ skip <= end else { return nil }
    let no = i &+ skip
    if no &- 2 >= i &+ 2, code[no &- 2] == SreOp.jump.rawValue, let to = target(no &- 1, end),
      try sequence(i &+ 2, no &- 2), try sequence(no, to)
    {
      return to
    }
    return try sequence(i &+ 2, no) ? no : nil
  }
}
