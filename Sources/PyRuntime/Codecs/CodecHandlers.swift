/// Replacement texts of the standard error handlers.
enum CodecHandlers {
  /// `\x80`, `\u20ac`, `\U0001f600`
  static func backslashes(_ vm: VM, _ view: StrView, _ start: Int, _ end: Int) throws(Raised) -> Value {
    var out = StrBuilder(vm)
    for i in start..<end {
      let c = view[i]
      try out.append(92)
      try out.append(c < 0x100 ? 0x78 : c < 0x10000 ? 0x75 : 0x55)
      try StrType.appendHex(c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8, &out)
    }
    return try out.finish()
  }
  /// `&#8364;`
  static func characterReferences(_ vm: VM, _ view: StrView, _ start: Int, _ end: Int) throws(Raised) -> Value {
    var out = StrBuilder(vm)
    for i in start..<end {
      try out.append("&#")
      try out.append(string: String(view[i]))
      try out.append(59)
    }
    return try out.finish()
  }
  /// `\N{EURO SIGN}`, or as `backslashes` without a name.
  static func names(_ vm: VM, _ view: StrView, _ start: Int, _ end: Int) throws(Raised) -> Value {
    let name = try vm.getAttribute(try vm.importModule("unicodedata"), "name")
    var out = StrBuilder(vm)
    for i in start..<end {
      let found = try vm.call(name, try vm.str(codePoint: view[i]), .none)
      if found.isStr {
        try out.append("\\N{")
        try out.append(found)
        try out.append(125)
      } else {
        try out.append(try backslashes(vm, view, i, i &+ 1))
      }
    }
    return try out.finish()
  }
}
