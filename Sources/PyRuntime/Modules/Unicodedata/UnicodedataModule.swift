/// `unicodedata`: the tables are libpython's, which is loaded when something is asked that is not known here. Werkzeug, and with the codec
/// `idna` every program that names hosts, imports it and mostly asks about ASCII, if at all.
enum UnicodedataModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("The Unicode Character Database, version 14.0.0: names, categories, values, decompositions and normal forms of characters.")
    m.str("unidata_version", "14.0.0")
    m.function("category", "($module, chr, /)", "The general category of a character, as a str.") {
      (vm, _, args: Args) throws(Raised) in
      guard let c = character(args[0]) else { return try TwinModule.call(vm, "unicodedata.category", args) }
      let (first, second) = UnicodeData.category(c)
      return try withUnsafeBytes(of: (first, second)) { bytes throws(Raised) in try vm.str(ascii: bytes) }
    }
    m.function("combining", "($module, chr, /)", "The canonical combining class of a character as an int, 0 without one.") {
      (vm, _, args: Args) throws(Raised) in
      if let c = character(args[0]), c < firstCombining { return Value(smallInt: 0) }
      return try TwinModule.call(vm, "unicodedata.combining", args)
    }
    m.function(
      "decimal", "($module, chr, default=<unrepresentable>, /)",
      "The value of a decimal digit as an int; the default, or a ValueError, for others."
    ) { (vm, _, args: Args) throws(Raised) in
      if let c = character(args[0]), case let n = UnicodeData.decimal(c), n >= 0 { return Value(smallInt: n) }
      return try TwinModule.call(vm, "unicodedata.decimal", args)
    }
    m.function(
      "digit", "($module, chr, default=<unrepresentable>, /)",
      "The value of a digit as an int; the default, or a ValueError, for others."
    ) { (vm, _, args: Args) throws(Raised) in
      if let c = character(args[0]), case let n = UnicodeData.digitValue(c), n >= 0 { return Value(smallInt: n) }
      return try TwinModule.call(vm, "unicodedata.digit", args)
    }
    m.function("east_asian_width", "($module, chr, /)", "The east Asian width of a character, as a str.") {
      (vm, _, args: Args) throws(Raised) in
      if let c = character(args[0]), c >= 0x20, c < 0x7F { return try vm.intern("Na" as StaticString) }
      return try TwinModule.call(vm, "unicodedata.east_asian_width", args)
    }
    m.function("normalize", "($module, form, unistr, /)", "The str in one of the normal forms NFC, NFKC, NFD and NFKD.") {
      (vm, _, args: Args) throws(Raised) in
      isNormal(args) ? args[1] : try TwinModule.call(vm, "unicodedata.normalize", args)
    }
    m.function("is_normalized", "($module, form, unistr, /)", "Whether a str is in one of the normal forms NFC, NFKC, NFD and NFKD.") {
      (vm, _, args: Args) throws(Raised) in
      isNormal(args) ? .true : try TwinModule.call(vm, "unicodedata.is_normalized", args)
    }
    m.function("bidirectional", "($module, chr, /)", "The bidirectional class of a character, as a str.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.bidirectional", args)
    }
    m.function("decomposition", "($module, chr, /)", "The decomposition of a character as a str, which is empty without one.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.decomposition", args)
    }
    m.function("mirrored", "($module, chr, /)", "1 for a character that is mirrored in text from right to left, 0 for others.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.mirrored", args)
    }
    m.function(
      "name", "($module, chr, default=<unrepresentable>, /)",
      "The name of a character; the default, or a ValueError, without one."
    ) { (vm, _, args: Args) throws(Raised) in
      try TwinModule.call(vm, "unicodedata.name", args)
    }
    m.function(
      "numeric", "($module, chr, default=<unrepresentable>, /)",
      "The value of a character as a float; the default, or a ValueError, without one."
    ) { (vm, _, args: Args) throws(Raised) in
      try TwinModule.call(vm, "unicodedata.numeric", args)
    }
    m.function("lookup", "($module, name, /)", "The character, or sequence of characters, of a name; KeyError without one.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.lookup", args)
    }
    let type = try m.type(
      full: "unicodedata.UCD", "UCD", layoutSize: MemoryLayout<CellHeader>.size, flags: [.disallowInstantiation], declareOld)
    m.value("ucd_3_2_0", Value(try m.vm.instance(CellHeader.self, of: type)))
  }

  /// The database of Unicode 3.2, which names of hosts are checked by: what it says of a character is libpython's to say.
  private static func declareOld(_ t: inout TypeBuilder) {
    t.field("unidata_version", nil) { (vm, _) throws(Raised) in try vm.intern("3.2.0" as StaticString) }
    t.method("normalize", "($self, form, unistr, /)", "The str in one of the normal forms NFC, NFKC, NFD and NFKD.") {
      (vm, _, args: Args) throws(Raised) in
      isNormal(args) ? args[1] : try TwinModule.call(vm, "unicodedata.ucd_3_2_0.normalize", args)
    }
    t.method("is_normalized", "($self, form, unistr, /)", "Whether a str is in one of the normal forms NFC, NFKC, NFD and NFKD.") {
      (vm, _, args: Args) throws(Raised) in
      isNormal(args) ? .true : try TwinModule.call(vm, "unicodedata.ucd_3_2_0.is_normalized", args)
    }
    t.method("bidirectional", "($self, chr, /)", "The bidirectional class of a character, as a str.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.bidirectional", args)
    }
    t.method("category", "($self, chr, /)", "The general category of a character, as a str.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.category", args)
    }
    t.method("combining", "($self, chr, /)", "The canonical combining class of a character as an int, 0 without one.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.combining", args)
    }
    t.method(
      "decimal", "($self, chr, default=<unrepresentable>, /)",
      "The value of a decimal digit as an int; the default, or a ValueError, for others."
    ) { (vm, _, args: Args) throws(Raised) in
      try TwinModule.call(vm, "unicodedata.ucd_3_2_0.decimal", args)
    }
    t.method("decomposition", "($self, chr, /)", "The decomposition of a character as a str, which is empty without one.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.decomposition", args)
    }
    t.method(
      "digit", "($self, chr, default=<unrepresentable>, /)",
      "The value of a digit as an int; the default, or a ValueError, for others."
    ) { (vm, _, args: Args) throws(Raised) in
      try TwinModule.call(vm, "unicodedata.ucd_3_2_0.digit", args)
    }
    t.method("east_asian_width", "($self, chr, /)", "The east Asian width of a character, as a str.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.east_asian_width", args)
    }
    t.method("lookup", "($self, name, /)", "The character, or sequence of characters, of a name; KeyError without one.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.lookup", args)
    }
    t.method("mirrored", "($self, chr, /)", "1 for a character that is mirrored in text from right to left, 0 for others.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.mirrored", args)
    }
    t.method("name", "($self, chr, default=<unrepresentable>, /)", "The name of a character; the default, or a ValueError, without one.") {
      (vm, _, args: Args) throws(Raised) in try TwinModule.call(vm, "unicodedata.ucd_3_2_0.name", args)
    }
    t.method(
      "numeric", "($self, chr, default=<unrepresentable>, /)",
      "The value of a character as a float; the default, or a ValueError, without one."
    ) { (vm, _, args: Args) throws(Raised) in
      try TwinModule.call(vm, "unicodedata.ucd_3_2_0.numeric", args)
    }
  }

  /// COMBINING GRAVE ACCENT: those before it have class 0.
  private static let firstCombining: UInt32 = 0x300

  private static func character(_ v: Value) -> UInt32? {
    guard v.isExactStr, v.as(StrLayout.self).pointee.length == 1 else { return nil }
    return v.as(StrLayout.self)[codePoint: 0]
  }

  /// (form, text): the text is ASCII, which is normal in each of the four forms.
  private static func isNormal(_ args: Args) -> Bool {
    guard args[0].isExactStr, args[1].isExactStr, args[1].as(StrLayout.self).isASCII else { return false }
    return ["NFC", "NFD", "NFKC", "NFKD"].contains { (form: StaticString) in Str.equal(args[0], form) }
  }
}
