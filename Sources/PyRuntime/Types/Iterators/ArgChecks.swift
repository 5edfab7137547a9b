/// Checks of arguments for constructors, which receive them as called, with the messages of CPython's argument helpers.
enum ArgChecks {
  static func noKeywords(_ vm: VM, _ name: StaticString, _ args: Args) throws(Raised) {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "\(name)() takes no keyword arguments") }
  }

  /// "pop expected at most 1 argument, got 2"
  static func positional(_ vm: VM, _ name: StaticString, _ args: Args, _ least: Int, _ most: Int) throws(Raised) {
    let n = args.count
    if n >= least && n <= most { return }
    let bound = n < least ? least : most
    let word = least == most ? "" : n < least ? "at least " : "at most "
    throw vm.raise(.typeError, "\(name) expected \(word)\(bound) argument\(bound == 1 ? "" : "s"), got \(n)")
  }

  /// Positional and keyword arguments sorted into `names.count` places, missing ones null; `required` of them must be there and
  /// only the first `positional` may come by position. The result is a value buffer.
  static func bind(
    _ vm: VM, _ function: StaticString, _ args: Args, names: [StaticString], required: Int, positional: Int? = nil
  ) throws(Raised) -> UnsafeMutablePointer<Value> {
    let places = try vm.allocateValues(names.count)
    let total = args.count + args.keywordCount
    let most = positional ?? names.count
    if total > names.count {
      let kind = args.keywordCount == 0 || args.count > 0 ? "" : "keyword "
      throw vm.raise(
        .typeError,
        "\(function)() takes \(required == names.count ? "exactly" : "at most") \(names.count) \(kind)argument"
          + "\(names.count == 1 ? "" : "s") (\(total) given)")
    }
    if args.count > most {
      throw vm.raise(
        .typeError,
        "\(function)() takes \(required == most ? "exactly" : "at most") \(most) positional argument\(most == 1 ? "" : "s")"
          + " (\(args.count) given)")
    }
    for i in 0..<args.count { places[i] = args[i] }
    for k in 0..<args.keywordCount {
      let name = args.keywordName(k)
      var at = -1
      for i in 0..<names.count where Str.equal(name, names[i]) { at = i }
      if at < 0 {
        throw vm.raise(.typeError, "'\(name.swiftString)' is an invalid keyword argument for \(function)()")
      }
      if !places[at].isNull {
        throw vm.raise(
          .typeError, "argument for \(function)() given by name ('\(name.swiftString)') and position (\(at + 1))")
      }
      places[at] = args.keywordValue(k)
    }
    for i in 0..<required where places[i].isNull {
      throw vm.raise(.typeError, "\(function)() missing required argument '\(names[i])' (pos \(i + 1))")
    }
    return places
  }
}
