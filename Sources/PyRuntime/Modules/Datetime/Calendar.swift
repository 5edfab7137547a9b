/// The proleptic Gregorian calendar. Ordinal 1 is January 1 of year 1; years are 1...9999.
enum Calendar {
  static let minYear = 1, maxYear = 9999
  /// Ordinal of December 31, 9999
  static let maxOrdinal = 3_652_059

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// `month` is 1...12.
  static func days(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days before the first of a month in its year.
  static func daysBefore(_ year: Int, _ month: Int) -> Int {
    var n = 0
    var m = 1
    while m < month {
      n += days(year, m)
      m += 1
    }
    return n
  }

  static func daysBeforeYear(_ year: Int) -> Int {
    let y = year - 1
    return y * 365 + y / 4 - y / 100 + y / 400
  }

  static func ordinal(_ year: Int, _ month: Int, _ day: Int) -> Int { daysBeforeYear(year) + daysBefore(year, month) + day }

  /// Year, month, day of an ordinal ≥ 1.
  static func date(_ ordinal: Int) -> (Int, Int, Int) {
    var n = ordinal - 1
    let n400 = n / 146_097
    n %= 146_097
    let n100 = n / 36524
    n %= 36524
    let n4 = n / 1461
    n %= 1461
    let n1 = n / 365
    n %= 365
    let year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1
    if n1 == 4 || n100 == 4 { return (year - 1, 12, 31) }
    var month = 1
    while month < 12 {
      let k = days(year, month)
      if n < k { break }
      n -= k
      month += 1
    }
    return (year, month, n + 1)
  }

  /// 0 is Monday.
  static func weekday(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let n = (ordinal(year, month, day) + 6) % 7
    return n < 0 ? n + 7 : n
  }

  /// Ordinal of the Monday of ISO week 1.
  static func isoFirstMonday(_ year: Int) -> Int {
    let first = ordinal(year, 1, 1)
    let weekday = (first + 6) % 7
    return first - weekday + (weekday > 3 ? 7 : 0)
  }

  /// ISO year, week, weekday (1 is Monday).
  static func iso(_ year: Int, _ month: Int, _ day: Int) -> (Int, Int, Int) {
    var year = year
    let today = ordinal(year, month, day)
    var monday = isoFirstMonday(year)
    if today < monday {
      year -= 1
      monday = isoFirstMonday(year)
    } else if (today - monday) / 7 >= 52 && today >= isoFirstMonday(year + 1) {
      year += 1
      monday = isoFirstMonday(year)
    }
    let n = today - monday
    return (year, n / 7 + 1, n % 7 + 1)
  }

  /// Ordinal of an ISO date, or what is wrong with it.
  static func fromISO(_ vm: VM, _ year: Int, _ week: Int, _ day: Int) throws(Raised) -> Int {
    if year < minYear || year > maxYear { throw vm.raise(.valueError, "Year is out of range: \(year)") }
    if week <= 0 || week >= 53 {
      var bad = true
      if week == 53 {
        let first = weekday(year, 1, 1)
        if first == 3 || (first == 2 && isLeap(year)) { bad = false }
      }
      if bad { throw vm.raise(.valueError, "Invalid week: \(week)") }
    }
    if day <= 0 || day >= 8 { throw vm.raise(.valueError, "Invalid day: \(day) (range is [1, 7])") }
    return isoFirstMonday(year) + (week - 1) * 7 + day - 1
  }
}
