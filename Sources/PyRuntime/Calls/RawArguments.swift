// Argument checks of native functions that take their arguments raw (no text signature), with CPython's wording.

extension VM {
  /// For methods that take `minimum ... maximum` positional arguments and no keywords.
  @inline(__always)
  func check(_ args: Args, _ type: StaticString, _ name: StaticString, _ minimum: Int, _ maximum: Int) throws(Raised) {
    if args.count < minimum || args.count > maximum || !args.keywords.isNull { try checkSlowly(args, type, name, minimum, maximum) }
  }
  @inline(never)
  private func checkSlowly(_ args: Args, _ type: StaticString, _ name: StaticString, _ minimum: Int, _ maximum: Int) throws(Raised) {
    if args.keywordCount > 0 {
      throw raise(
        .typeError, type.utf8CodeUnitCount == 0 ? "\(name)() takes no keyword arguments" : "\(type).\(name)() takes no keyword arguments")
    }
    let n = args.count
    if n >= minimum && n <= maximum { return }
    let bound = n < minimum ? minimum : maximum
    let how = minimum == maximum ? "exactly" : n < minimum ? "at least" : "at most"
    throw raise(.typeError, "\(name)() takes \(how) \(bound) argument\(bound == 1 ? "" : "s") (\(n) given)")
  }

  /// An index of a slice (`s[i:j]`, `find(x, i, j)`): null and None give `fallback`, ints beyond the machine's are clamped.
  func sliceIndex(_ v: Value, _ fallback: Int) throws(Raised) -> Int {
    if v.isNull || v.isNone { return fallback }
    if v.isSmallInt { return v.smallInt }
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw raise(.typeError, "slice indices must be integers or None or have an __index__ method")
    }
    return clamped(try index(v))
  }
  /// An exact int as a machine integer, clamped.
  func clamped(_ v: Value) -> Int {
    if v.isSmallInt { return v.smallInt }
    if let i = Ints.asInt64(v) { return i }
    return v.as(BigIntLayout.self).pointee.signedCount < 0 ? Int.min : Int.max
  }

  /// Start and end arguments at `at`, `at + 1` of a find-like method, adjusted to a text of `length`: may be empty with start > end.
  @inline(__always)
  func bounds(_ args: Args, _ at: Int, _ length: Int) throws(Raised) -> (Int, Int) {
    if args.count <= at { return (0, length) }
    var start = try sliceIndex(args[at], 0)
    var end = try sliceIndex(args[at &+ 1], Int.max)
    if end > length { end = length } else if end < 0 { end = max(0, end &+ length) }
    if start < 0 { start = max(0, start &+ length) }
    return (start, end)
  }
}
