import PySyntax

/// Python's operators on constants of all types. nil means that Python raises, or that the result is too large to be worth storing.
extension Folder {
  func unary(_ op: UnaryOperator, _ value: Constant) -> Constant? {
    if op == .Not { return isTrue(value) ? .false : .true }
    switch value {
    case .true, .false, .int, .bigInt:
      switch op {
      case .UAdd: return integerOperation(.Add, value, .int(0))
      case .USub: return integerOperation(.Sub, .int(0), value)
      case .Invert: return integerOperation(.Sub, .int(-1), value)
      case .Not: return nil
      }
    case .float(let x):
      switch op {
      case .UAdd: return value
      case .USub: return .float(-x)
      default: return nil
      }
    case .complex(let real, let imaginary):
      switch op {
      case .UAdd: return value
      case .USub: return .complex(real: -real, imag: -imaginary)
      default: return nil
      }
    default: return nil
    }
  }

  func binary(_ op: Operator, _ x: Constant, _ y: Constant) -> Constant? {
    switch (Kind(x), Kind(y)) {
    case (.integer, .integer):
      if isBool(x) && isBool(y) {
        let a = isTrue(x)
        let b = isTrue(y)
        switch op {
        case .BitAnd: return a && b ? .true : .false
        case .BitOr: return a || b ? .true : .false
        case .BitXor: return a != b ? .true : .false
        default: break
        }
      }
      return integerOperation(op, x, y)
    case (.integer, .float), (.float, .integer), (.float, .float):
      guard let a = toDouble(x), let b = toDouble(y) else { return nil }
      return floatOperation(op, a, b)
    case (.complex, .integer), (.complex, .float), (.complex, .complex), (.integer, .complex), (.float, .complex):
      guard let a = toComplex(x), let b = toComplex(y) else { return nil }
      return complexOperation(op, a, b)
    case (.integer, .sequence): return op == .Mult ? repeated(y, x) : nil
    case (.sequence, .integer): return op == .Mult ? repeated(x, y) : nil
    case (.sequence, .sequence): return op == .Add ? concatenated(x, y) : nil
    default: return nil
    }
  }

  private enum Kind {
    case integer, float, complex, sequence, other
    init(_ constant: Constant) {
      switch constant {
      case .true, .false, .int, .bigInt: self = .integer
      case .float: self = .float
      case .complex: self = .complex
      case .str, .bytes, .tuple: self = .sequence
      case .none, .ellipsis, .frozenset: self = .other
      }
    }
  }

  private func isBool(_ constant: Constant) -> Bool {
    switch constant {
    case .true, .false: return true
    default: return false
    }
  }

  private func concatenated(_ x: Constant, _ y: Constant) -> Constant? {
    switch (x, y) {
    case (.str(let a), .str(let b)): return .str(joinedText(Array(a), Array(b)))
    case (.bytes(let a), .bytes(let b)): return .bytes(arena.bytes(Array(a) + Array(b)))
    case (.tuple(let a), .tuple(let b)): return .tuple(arena.list(Array(a) + Array(b)))
    default: return nil
    }
  }

  private func joinedText(_ a: [UInt8], _ b: [UInt8]) -> ArenaBytes { arena.bytes(a + b) }

  private func repeated(_ sequence: Constant, _ times: Constant) -> Constant? {
    let size: Int
    let limit: Int
    switch sequence {
    case .str(let text):
      size = codePointCount(text)
      limit = Folder.maximumStringSize
    case .bytes(let data):
      size = data.count
      limit = Folder.maximumStringSize
    case .tuple(let items):
      size = items.count
      limit = Folder.maximumCollectionSize
    default: return nil
    }
    var count = 0
    if size > 0 {
      guard let number = smallInteger(times), number >= 0, number <= Int64(limit / size) else { return nil }
      count = Int(number)
      if case .tuple = sequence, count > 0, weight(sequence, Folder.maximumTotalItems / count) < 0 { return nil }
    } else {
      // Python refuses to repeat by more than fits an index, even nothing at all.
      if case .bigInt = times { return nil }
    }
    switch sequence {
    case .str(let text): return .str(arena.bytes(repeatElements(Array(text), count)))
    case .bytes(let data): return .bytes(arena.bytes(repeatElements(Array(data), count)))
    case .tuple(let items): return .tuple(arena.list(repeatElements(Array(items), count)))
    default: return nil
    }
  }

  private func repeatElements<T>(_ elements: [T], _ count: Int) -> [T] {
    var result: [T] = []
    result.reserveCapacity(elements.count * count)
    for _ in 0..<count { result.append(contentsOf: elements) }
    return result
  }

  /// What is left of `limit` after counting all items of nested tuples; negative when it does not suffice.
  private func weight(_ constant: Constant, _ limit: Int) -> Int {
    guard case .tuple(let items) = constant else { return limit }
    var left = limit - items.count
    for index in 0..<items.count {
      if left < 0 { break }
      left = weight(items[index], left)
    }
    return left
  }

  func item(of container: Constant, at index: Constant) -> Constant? {
    guard let wanted = smallInteger(index) else { return nil }
    func position(_ count: Int) -> Int? {
      let at = wanted < 0 ? wanted &+ Int64(count) : wanted
      return at >= 0 && at < Int64(count) ? Int(at) : nil
    }
    switch container {
    case .tuple(let items): return position(items.count).map { items[$0] }
    case .bytes(let data): return position(data.count).map { .int(Int64(data[$0])) }
    case .str(let text):
      guard var left = position(codePointCount(text)) else { return nil }
      var start = 0
      while left > 0 {
        start += 1
        while start < text.count && text[start] & 0xC0 == 0x80 { start += 1 }
        left -= 1
      }
      var end = start + 1
      while end < text.count && text[end] & 0xC0 == 0x80 { end += 1 }
      return .str(arena.bytes(Array(text.buffer[start..<end])))
    default: return nil
    }
  }

  /// The members of a set display: of equal ones the first stays.
  func distinct(_ members: [Constant]) -> [Constant] {
    var seen = Set<EqualityKey>()
    var result: [Constant] = []
    for member in members where seen.insert(EqualityKey(member)).inserted { result.append(member) }
    return result
  }
}

/// Truth of a constant as `bool()` sees it.
func isTrue(_ constant: Constant) -> Bool {
  switch constant {
  case .none, .false: return false
  case .true, .ellipsis, .bigInt: return true
  case .int(let value): return value != 0
  case .float(let value): return value != 0
  case .complex(let real, let imaginary): return real != 0 || imaginary != 0
  case .str(let text): return text.count > 0
  case .bytes(let data): return data.count > 0
  case .tuple(let items): return items.count > 0
  case .frozenset(let items): return items.count > 0
  }
}

/// Length of a text in characters.
func codePointCount(_ text: ArenaBytes) -> Int {
  var count = 0
  for byte in text.buffer where byte & 0xC0 != 0x80 { count += 1 }
  return count
}

/// A constant under Python's `==`: `1`, `1.0`, `True` and `1+0j` are equal.
struct EqualityKey: Hashable {
  let constant: Constant
  init(_ constant: Constant) { self.constant = constant }

  /// A number as a double when that is exact, else as its integer.
  private enum Number: Hashable {
    case real(Double)
    case complex(Double, Double)
    case integer(Int64)
    case big(Bool, [UInt64])
  }

  private var number: Number? {
    switch constant {
    case .true: return .real(1)
    case .false: return .real(0)
    case .int(let value):
      let double = Double(value)
      return Int64(exactly: double) == value ? .real(double) : .integer(value)
    case .bigInt(let negative, let limbs):
      // A float can equal an integer this large only if the integer is that float exactly.
      if let big = BigInteger(constant), let double = BigInteger.quotient(big, BigInteger(1)) {
        let back = BigInteger()
        back.set(double)
        if back.equals(big) { return .real(double) }
      }
      return .big(negative, Array(limbs))
    case .float(let value): return .real(value == 0 ? 0 : value)
    case .complex(let real, let imaginary):
      return imaginary == 0 ? .real(real == 0 ? 0 : real) : .complex(real == 0 ? 0 : real, imaginary)
    default: return nil
    }
  }

  static func == (a: EqualityKey, b: EqualityKey) -> Bool {
    switch (a.constant, b.constant) {
    case (.none, .none), (.ellipsis, .ellipsis): return true
    case (.str(let x), .str(let y)), (.bytes(let x), .bytes(let y)): return x.equals(y)
    case (.tuple(let x), .tuple(let y)):
      guard x.count == y.count else { return false }
      for index in 0..<x.count where EqualityKey(x[index]) != EqualityKey(y[index]) { return false }
      return true
    case (.frozenset(let x), .frozenset(let y)): return Set(x.map { EqualityKey($0) }) == Set(y.map { EqualityKey($0) })
    default:
      guard let x = a.number, let y = b.number else { return false }
      return x == y
    }
  }

  func hash(into hasher: inout Hasher) {
    switch constant {
    case .none: hasher.combine(1)
    case .ellipsis: hasher.combine(2)
    case .str(let text): hasher.combine(bytes: UnsafeRawBufferPointer(text.buffer))
    case .bytes(let data): hasher.combine(bytes: UnsafeRawBufferPointer(data.buffer))
    case .tuple(let items): for index in 0..<items.count { EqualityKey(items[index]).hash(into: &hasher) }
    case .frozenset(let items): hasher.combine(items.count)
    default: hasher.combine(number)
    }
  }
}
