/// `_sre`: compiled regular expressions. Patterns are parsed and compiled by Python's `re` package; the matcher is ours.
enum SreModule {
  nonisolated(unsafe) static var patternType: TypeRef?
  nonisolated(unsafe) static var matchType: TypeRef?
  nonisolated(unsafe) static var scannerType: TypeRef?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let m = m
    patternType = try m.type("re.Pattern", layoutSize: MemoryLayout<SrePatternLayout>.size, flags: [.weakReferenceable]) {
      t throws(Raised) in SrePatternType.declare(&t)
    }
    matchType = try m.type("re.Match", layoutSize: MemoryLayout<SreMatchLayout>.size, flags: []) {
      t throws(Raised) in SreMatchType.declare(&t)
    }
    scannerType = try m.type("SRE_Scanner", layoutSize: MemoryLayout<SreScannerLayout>.size, flags: []) {
      t throws(Raised) in SreScannerType.declare(&t)
    }
    let re = try m.vm.intern("re")
    patternType?.pointee.moduleName = re
    matchType?.pointee.moduleName = re
    for name: StaticString in ["re.Pattern", "re.Match", "SRE_Scanner"] {
      _ = try Dicts.remove(m.vm, m.dict, try m.vm.intern(name))
    }
    try m.int("MAGIC", Sre.magic)
    try m.int("CODESIZE", 4)
    try m.int("MAXREPEAT", Int(Sre.maxRepeat))
    try m.int("MAXGROUPS", Sre.maxGroups)
    m.str("copyright", " SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ")
    declareFunctions(m)
  }

  private static func declareFunctions(_ m: ModuleBuilder) {
    m.function(
      "compile", "($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)", nil, SrePatternType.compile)
    m.function("getcodesize", "($module, /)", nil) { _, _ throws(Raised) in Value(smallInt: 4) }
    m.function("ascii_iscased", "($module, character, /)", nil) { vm, _, c throws(Raised) in
      .bool((try character(vm, c) | 32) &- 97 < 26)
    }
    m.function("unicode_iscased", "($module, character, /)", nil) { vm, _, v throws(Raised) in
      let c = try character(vm, v)
      return .bool(UnicodeData.lower(c) != c || UnicodeData.upper(c) != c)
    }
    m.function("ascii_tolower", "($module, character, /)", nil) { vm, _, c throws(Raised) in
      Value(smallInt: Int(SreCharacters.lowerASCII(try character(vm, c))))
    }
    m.function("unicode_tolower", "($module, character, /)", nil) { vm, _, c throws(Raised) in
      Value(smallInt: Int(UnicodeData.lower(try character(vm, c))))
    }
  }

  private static func character(_ vm: VM, _ v: Value) throws(Raised) -> UInt32 {
    let n = try vm.asInt(v)
    guard n <= Int(Int32.max), n >= Int(Int32.min) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    return UInt32(truncatingIfNeeded: n)
  }
}
