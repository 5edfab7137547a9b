/// `str.translate` and `str.maketrans`.
enum StrTranslation {
  static func translate(_ vm: VM, _ v: Value, _ table: Value) throws(Raised) -> Value {
    let view = StrView(v)
    var out = StrBuilder(vm)
    // Results for ASCII characters are remembered: 0 unknown, 1 deleted, 2 + c mapped to c.
    let isASCII = v.as(StrLayout.self).isASCII
    return try withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 128) { cache throws(Raised) in
      cache.initialize(repeating: 0)
      for i in 0..<view.length {
        let c = view[i]
        if c < 128 && isASCII {
          let known = cache[Int(c)]
          if known == 1 { continue }
          if known > 1 {
            try out.append(UInt32(known &- 2))
            continue
          }
        }
        let found: Value
        do throws(Raised) { found = try vm.getItem(table, Value(smallInt: Int(c))) } catch {
          guard vm.pendingIs(.lookupError) else { throw error }
          vm.clearPending()
          try out.append(c)
          if c < 128 { cache[Int(c)] = UInt16(c) &+ 2 }
          continue
        }
        if found.isNone {
          if c < 128 { cache[Int(c)] = 1 }
        } else if found.isInt {
          let n = vm.clamped(Ints.exact(found))
          guard n >= 0 && n <= 0x10FFFF else { throw vm.raise(.valueError, "character mapping must be in range(0x110000)") }
          try out.append(UInt32(n))
          if c < 128 && n < 0xFF00 { cache[Int(c)] = UInt16(n) &+ 2 }
        } else if found.isStr {
          try out.append(found)
          if c < 128 && Str.length(found) == 1 && StrView(found)[0] < 0xFF00 { cache[Int(c)] = UInt16(StrView(found)[0]) &+ 2 }
        } else {
          throw vm.raise(.typeError, "character mapping must return integer, None or str")
        }
      }
      return try out.finish()
    }
  }

  static func maketrans(_ vm: VM, _ none: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "str.maketrans() takes no keyword arguments") }
    guard args.count >= 1 else { throw vm.raise(.typeError, "maketrans expected at least 1 argument, got 0") }
    guard args.count <= 3 else { throw vm.raise(.typeError, "maketrans expected at most 3 arguments, got \(args.count)") }
    let dict = try vm.dict()
    if args.count == 1 {
      guard args[0].isExact(rt.types.dict) || args[0].isDict else {
        throw vm.raise(.typeError, "if you give only one argument to maketrans it must be a dict")
      }
      var position = 0
      while let entry = Dicts.next(args[0], &position) {
        if entry.key.isStr {
          guard Str.length(entry.key) == 1 else {
            throw vm.raise(.valueError, "string keys in translate table must be of length 1")
          }
          try Dicts.set(vm, dict, Value(smallInt: Int(StrView(entry.key)[0])), entry.value)
        } else if entry.key.isInt {
          try Dicts.set(vm, dict, entry.key, entry.value)
        } else {
          throw vm.raise(.typeError, "keys in translate table must be strings or integers")
        }
      }
      return dict
    }
    guard args[1].isStr else {
      throw vm.raise(.typeError, "maketrans() argument 2 must be str, not \(args[1].argumentTypeName)")
    }
    if args.count == 3 {
      guard args[2].isStr else {
        throw vm.raise(.typeError, "maketrans() argument 3 must be str, not \(args[2].argumentTypeName)")
      }
    }
    guard args[0].isStr else {
      throw vm.raise(.typeError, "first maketrans argument must be a string if there is a second argument")
    }
    let from = StrView(args[0]), to = StrView(args[1])
    guard from.length == to.length else { throw vm.raise(.valueError, "the first two maketrans arguments must have equal length") }
    for i in 0..<from.length {
      try Dicts.set(vm, dict, Value(smallInt: Int(from[i])), Value(smallInt: Int(to[i])))
    }
    if args.count == 3 {
      let deleted = StrView(args[2])
      for i in 0..<deleted.length { try Dicts.set(vm, dict, Value(smallInt: Int(deleted[i])), .none) }
    }
    return dict
  }
}
