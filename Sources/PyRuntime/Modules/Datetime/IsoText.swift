/// Reading ISO 8601 text, as far as `fromisoformat` does.
struct IsoText {
  let text: [UInt8]
  let end: Int

  init(_ text: [UInt8]) {
    self.text = text
    end = text.count
  }

  private func at(_ i: Int) -> UInt8 { i < end ? text[i] : 0 }
  private func isDigit(_ c: UInt8) -> Bool { c >= 48 && c <= 57 }

  /// `count` digits at `i`, which moves past them.
  private func digits(_ i: inout Int, _ count: Int, limit: Int) -> Int? {
    var n = 0
    for _ in 0..<count {
      guard i < limit, isDigit(text[i]) else { return nil }
      n = n * 10 + Int(text[i] - 48)
      i += 1
    }
    return n
  }

  /// Where the date of a combined text ends; nil when it cannot be.
  func dateEnd() -> Int? {
    if end < 7 { return nil }
    if end == 7 { return 7 }
    if at(4) == 45 {
      guard at(5) == 87 else { return 10 }
      if end > 8 && at(8) == 45 {
        if end == 9 { return nil }
        // "YYYY-Www-##": a hyphen as separator is likelier than a digit.
        return end > 10 && isDigit(at(10)) ? 8 : 10
      }
      return 8
    }
    if at(4) == 87 {
      var p = 7
      while p < end && isDigit(at(p)) { p += 1 }
      if p < 9 { return p }
      return p % 2 == 0 ? 7 : 8
    }
    return 8
  }

  /// A date that takes all of `[0, limit)`. Year, month, day may still be out of range.
  func date(_ vm: VM, limit: Int) throws(Raised) -> (Int, Int, Int)? {
    var i = 0
    guard limit <= end, let year = digits(&i, 4, limit: limit) else { return nil }
    let separated = i < limit && text[i] == 45
    if separated { i += 1 }
    if i < limit && text[i] == 87 {
      i += 1
      guard let week = digits(&i, 2, limit: limit) else { return nil }
      var day = 1
      if i < limit {
        if separated {
          if text[i] != 45 { return nil }
          i += 1
        }
        guard let d = digits(&i, 1, limit: limit) else { return nil }
        day = d
      }
      if i != limit { return nil }
      let ordinal: Int
      do throws(Raised) { ordinal = try Calendar.fromISO(vm, year, week, day) } catch {
        vm.clearPending()
        return nil
      }
      if ordinal < 1 || ordinal > Calendar.maxOrdinal { return (0, 1, 1) }
      return Calendar.date(ordinal)
    }
    guard let month = digits(&i, 2, limit: limit) else { return nil }
    if separated {
      if i >= limit || text[i] != 45 { return nil }
      i += 1
    }
    guard let day = digits(&i, 2, limit: limit), i == limit else { return nil }
    return (year, month, day)
  }

  struct TimeParts {
    var clock = Clock()
    /// Microseconds east of UTC, or nil without a zone
    var offset: Int?
  }

  /// A time of day with an optional zone in `[start, end)`.
  func time(_ start: Int) -> TimeParts? {
    var zone = start
    while zone < end && text[zone] != 43 && text[zone] != 45 && text[zone] != 90 { zone += 1 }
    var result = TimeParts()
    guard let (clock, complete) = clock(start, zone) else { return nil }
    result.clock = clock
    if zone == end { return complete ? result : nil }
    if text[zone] == 90 {
      if zone + 1 != end { return nil }
      result.offset = 0
      return result
    }
    guard let (o, all) = self.clock(zone + 1, end), all else { return nil }
    let us = ((o.hour * 60 + o.minute) * 60 + o.second) * 1_000_000 + o.microsecond
    result.offset = text[zone] == 45 ? -us : us
    return result
  }

  /// "HH[:MM[:SS[.f…]]]" or without colons, in `[start, limit)`; also whether all of the text was used.
  private func clock(_ start: Int, _ limit: Int) -> (Clock, Bool)? {
    var c = Clock()
    var i = start
    var separated = true
    for k in 0..<3 {
      guard let n = digits(&i, 2, limit: limit) else { return nil }
      if k == 0 { c.hour = n } else if k == 1 { c.minute = n } else { c.second = n }
      let next = at(i)
      i += 1
      if k == 0 { separated = next == 58 }
      if i >= limit { return (c, next == 0) }
      if separated && next == 58 { continue }
      if next == 46 || next == 44 { break }
      if separated { return nil }
      i -= 1
    }
    let count = min(6, limit - i)
    guard var us = digits(&i, count, limit: limit) else { return nil }
    for _ in count..<6 { us *= 10 }
    c.microsecond = us
    while i < limit && isDigit(text[i]) { i += 1 }
    return (c, i >= end)
  }
}
