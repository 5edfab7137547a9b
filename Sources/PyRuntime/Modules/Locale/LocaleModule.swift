import Glibc

/// `_locale`. Native because `gettext`, and with it every `argparse.ArgumentParser`, imports `locale` to find its translations, and must not load
/// libpython for that. What only programs that sort or translate by locale ask for comes from libpython's twin: the C library's locale is one.
package enum LocaleModule {
  nonisolated(unsafe) private static var isSetUp = false
  nonisolated(unsafe) private static var error = Value.null

  /// Takes the user's locale for the encoding of texts, once; as python3 does, UTF-8 in the place of what is not there.
  package static func setUp() {
    if isSetUp { return }
    isSetUp = true
    let found = setlocale(LC_CTYPE, "")
    if found == nil || found.map({ strcmp($0, "C") == 0 }) == true, getenv("LC_ALL") == nil { setlocale(LC_CTYPE, "C.UTF-8") }
  }

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    setUp()
    m.doc("Support for POSIX locales.")
    let categories: [(StaticString, Int32)] = [
      ("LC_CTYPE", LC_CTYPE), ("LC_TIME", LC_TIME), ("LC_COLLATE", LC_COLLATE), ("LC_MONETARY", LC_MONETARY), ("LC_MESSAGES", LC_MESSAGES),
      ("LC_NUMERIC", LC_NUMERIC), ("LC_ALL", LC_ALL), ("CHAR_MAX", 127),
    ]
    for c in categories { try m.int(c.0, Int(c.1)) }
    for (name, number) in items { try m.int(name, number) }
    error = try m.exceptionClass("Error", of: "locale", base: Value(rt.types[.exception]))
    m.value("Error", error)
    m.function(
      "setlocale", "($module, category, locale=<unrepresentable>, /)", "Sets the locale of a category, or tells what it is.", setLocale)
    m.function("localeconv", "($module, /)", "How numbers and amounts of money are written.", conventions)
    m.function("getencoding", "($module, /)", "The encoding of texts in the present locale.", encoding)
    m.deferred([
      "strcoll", "strxfrm", "nl_langinfo", "gettext", "dgettext", "dcgettext", "textdomain", "bindtextdomain", "bind_textdomain_codeset",
    ])
  }

  /// Numbers of `nl_langinfo`'s items: categories and positions in them, as glibc has them.
  private static let items: [(StaticString, Int)] = [
    ("CODESET", 14), ("RADIXCHAR", 0x10000), ("THOUSEP", 0x10001), ("ABDAY_1", 0x20000), ("ABDAY_2", 0x20001), ("ABDAY_3", 0x20002),
    ("ABDAY_4", 0x20003), ("ABDAY_5", 0x20004), ("ABDAY_6", 0x20005), ("ABDAY_7", 0x20006), ("DAY_1", 0x20007), ("DAY_2", 0x20008),
    ("DAY_3", 0x20009), ("DAY_4", 0x2000A), ("DAY_5", 0x2000B), ("DAY_6", 0x2000C), ("DAY_7", 0x2000D), ("ABMON_1", 0x2000E),
    ("ABMON_2", 0x2000F), ("ABMON_3", 0x20010), ("ABMON_4", 0x20011), ("ABMON_5", 0x20012), ("ABMON_6", 0x20013), ("ABMON_7", 0x20014),
    ("ABMON_8", 0x20015), ("ABMON_9", 0x20016), ("ABMON_10", 0x20017), ("ABMON_11", 0x20018), ("ABMON_12", 0x20019), ("MON_1", 0x2001A),
    ("MON_2", 0x2001B), ("MON_3", 0x2001C), ("MON_4", 0x2001D), ("MON_5", 0x2001E), ("MON_6", 0x2001F), ("MON_7", 0x20020),
    ("MON_8", 0x20021), ("MON_9", 0x20022), ("MON_10", 0x20023), ("MON_11", 0x20024), ("MON_12", 0x20025), ("AM_STR", 0x20026),
    ("PM_STR", 0x20027), ("D_T_FMT", 0x20028), ("D_FMT", 0x20029), ("T_FMT", 0x2002A), ("T_FMT_AMPM", 0x2002B), ("ERA", 0x2002C),
    ("ERA_D_FMT", 0x2002E), ("ALT_DIGITS", 0x2002F), ("ERA_D_T_FMT", 0x20030), ("ERA_T_FMT", 0x20031), ("_DATE_FMT", 0x2006C),
    ("CRNCYSTR", 0x4000F), ("YESEXPR", 0x50000), ("NOEXPR", 0x50001),
  ]

  private static func text(_ vm: VM, _ p: UnsafePointer<CChar>?) throws(Raised) -> Value {
    guard let p else { return try vm.emptyStr() }
    return try FileSystemText.decode(vm, UnsafeRawBufferPointer(start: p, count: strlen(p)))
  }

  private static func fail(_ vm: VM, _ message: StaticString) throws(Raised) -> Raised {
    vm.raise(try vm.call(error, vm.staticStr(message)))
  }

  private static func setLocale(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    let category = try PosixArgs.int32(vm, args[0])
    if args[1].isNull || args[1].isNone {
      guard let found = setlocale(category, nil) else { throw try fail(vm, "locale query failed") }
      return try text(vm, found)
    }
    guard args[1].isStr else {
      throw vm.raise(.typeError, "setlocale() argument 2 must be str or None, not \(args[1].typeName)")
    }
    let wanted = try FileSystemText.encoded(vm, args[1])
    if wanted.contains(0) { throw vm.raise(.valueError, "embedded null character") }
    guard let set = (wanted.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer({ setlocale(category, $0.baseAddress) }) else {
      throw try fail(vm, "unsupported locale setting")
    }
    return try text(vm, set)
  }

  private static func conventions(_ vm: VM, _ module: Value) throws(Raised) -> Value {
    let result = try vm.dict()
    guard let p = Glibc.localeconv() else { return result }
    let c = p.pointee
    func put(_ name: StaticString, _ value: Value) throws(Raised) { try Dicts.set(vm, result, name, value) }
    func put(_ name: StaticString, _ value: UnsafePointer<CChar>?) throws(Raised) { try put(name, try text(vm, value)) }
    func put(_ name: StaticString, _ value: CChar) throws(Raised) { try put(name, Value(smallInt: Int(value))) }
    try put("int_curr_symbol", c.int_curr_symbol)
    try put("currency_symbol", c.currency_symbol)
    try put("mon_decimal_point", c.mon_decimal_point)
    try put("mon_thousands_sep", c.mon_thousands_sep)
    try put("mon_grouping", try grouping(vm, c.mon_grouping))
    try put("positive_sign", c.positive_sign)
    try put("negative_sign", c.negative_sign)
    try put("int_frac_digits", c.int_frac_digits)
    try put("frac_digits", c.frac_digits)
    try put("p_cs_precedes", c.p_cs_precedes)
    try put("p_sep_by_space", c.p_sep_by_space)
    try put("n_cs_precedes", c.n_cs_precedes)
    try put("n_sep_by_space", c.n_sep_by_space)
    try put("p_sign_posn", c.p_sign_posn)
    try put("n_sign_posn", c.n_sign_posn)
    try put("decimal_point", c.decimal_point)
    try put("thousands_sep", c.thousands_sep)
    try put("grouping", try grouping(vm, c.grouping))
    return result
  }

  /// Sizes of groups, with the zero (the last one again and again) or CHAR_MAX (no more) that ends them.
  private static func grouping(_ vm: VM, _ sizes: UnsafePointer<CChar>?) throws(Raised) -> Value {
    let list = try vm.list()
    guard var p = sizes, p.pointee != 0 else { return list }
    while true {
      try vm.append(list, Value(smallInt: Int(p.pointee)))
      if p.pointee == 0 || p.pointee == 127 { return list }
      p += 1
    }
  }

  private static func encoding(_ vm: VM, _ module: Value) throws(Raised) -> Value {
    guard let name = nl_langinfo(nl_item(14)), name.pointee != 0 else { return try vm.intern("UTF-8") }
    return try text(vm, name)
  }
}
