import Glibc

/// The parameters of a native function, parsed once from its text signature and kept for the life of the process.
/// `names` are interned strs (immortal), in declared order; positional-only ones come first, then positional-or-keyword,
/// `*args`, keyword-only, `**kwargs`.
struct ParameterSpec {
  var count = 0
  /// Parameters before `/`
  var positionalOnly = 0
  /// Parameters that can be filled by position (`*args` not counted)
  var positional = 0
  /// Leading positional parameters without a default
  var required = 0
  /// Required keyword-only parameters
  var requiredKeywordOnly = 0
  /// Index of `*args` and `**kwargs`, or -1
  var varArgs = -1
  var varKeywords = -1
  var names: UnsafeMutablePointer<Value>
  /// One byte a parameter: 1 when it has no default
  var isRequired: UnsafeMutablePointer<Bool>

  static let maximumCount = 64

  /// No keyword can ever be passed.
  var isPositionalOnly: Bool { positionalOnly == count }
  /// What CPython calls METH_O.
  var isSingleArgument: Bool { count == 1 && positionalOnly == 1 && required == 1 }

  /// Parses "($self, a, b=None, /, *args, c, d=0, **kw)"; the `$` parameter is not counted.
  static func parse(_ vm: VM, _ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> UnsafeMutablePointer<ParameterSpec> {
    // One more parameter than commas at most.
    var room = 1
    for b in text where b == UInt8(ascii: ",") { room &+= 1 }
    room = min(room, maximumCount)
    var spec = ParameterSpec(
      names: UnsafeMutablePointer<Value>.allocate(capacity: room), isRequired: UnsafeMutablePointer<Bool>.allocate(capacity: room))
    spec.names.initialize(repeating: .null, count: room)
    spec.isRequired.initialize(repeating: false, count: room)
    var i = 0
    while i < text.count, text[i] != UInt8(ascii: "(") { i += 1 }
    i += 1
    var keywordOnly = false
    while i < text.count, text[i] != UInt8(ascii: ")"), spec.count < room {
      let start = i
      i = endOfParameter(text, i)
      var low = start
      var high = i
      if i < text.count, text[i] == UInt8(ascii: ",") { i += 1 }
      while low < high, text[low] == UInt8(ascii: " ") || text[low] == UInt8(ascii: "\n") { low += 1 }
      while high > low, text[high - 1] == UInt8(ascii: " ") { high -= 1 }
      if low == high { continue }
      let first = text[low]
      if first == UInt8(ascii: "$") { continue }
      if first == UInt8(ascii: "/") {
        spec.positionalOnly = spec.count
        continue
      }
      if first == UInt8(ascii: "*") {
        let stars = low + 1 < high && text[low + 1] == UInt8(ascii: "*") ? 2 : 1
        if stars == 1 { keywordOnly = true }
        if low + stars == high { continue }
        if stars == 1 { spec.varArgs = spec.count } else { spec.varKeywords = spec.count }
        spec.names[spec.count] = try name(vm, text, low + stars, high)
        spec.count += 1
        continue
      }
      var end = low
      while end < high, text[end] != UInt8(ascii: "="), text[end] != UInt8(ascii: ":") { end += 1 }
      let hasDefault = text[end..<high].contains(UInt8(ascii: "="))
      spec.names[spec.count] = try name(vm, text, low, end)
      spec.isRequired[spec.count] = !hasDefault
      spec.count += 1
      if keywordOnly {
        if !hasDefault { spec.requiredKeywordOnly += 1 }
      } else {
        spec.positional += 1
        if !hasDefault && spec.required == spec.positional - 1 { spec.required = spec.positional }
      }
    }
    let p = UnsafeMutablePointer<ParameterSpec>.allocate(capacity: 1)
    p.initialize(to: spec)
    return p
  }

  private static func name(_ vm: VM, _ text: UnsafeBufferPointer<UInt8>, _ low: Int, _ high: Int) throws(Raised) -> Value {
    try vm.intern(utf8: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[low..<high]))
  }

  /// Index of the comma or closing parenthesis that ends the parameter at `start`; quotes and brackets are skipped.
  private static func endOfParameter(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var i = start
    var depth = 0
    while i < text.count {
      switch text[i] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        let quote = text[i]
        i += 1
        while i < text.count, text[i] != quote {
          if text[i] == UInt8(ascii: "\\") { i += 1 }
          i += 1
        }
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        if depth == 0 { return i }
        depth -= 1
      case UInt8(ascii: ",") where depth == 0: return i
      default: break
      }
      i += 1
    }
    return min(i, text.count)
  }
}
