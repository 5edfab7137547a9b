/// Puts the arguments of a call into the registers of a Python function, as CPython's `initialize_locals` does, with its errors.
struct ArgumentBinder {
  let vm: VM
  let function: UnsafeMutablePointer<FunctionLayout>
  let code: UnsafeMutablePointer<CodeLayout>
  /// Register 0 of the frame to be
  let fp: Registers

  /// Binds `count` positional arguments at `source`, followed by the values of the keywords in `names` (a tuple or null).
  /// `source` may be `fp` itself. Everything in registers 0 ..< nlocalsplus is set. Moves `stackTop` above what it uses.
  /// - Parameter own: keywords in the place of `names`, a dict that `mayTake` has found good, or null
  @inline(never)
  func bind(_ source: UnsafePointer<Value>, _ count: Int, _ names: Value, own: Value = .null) throws(Raised) {
    let argCount = Int(code.pointee.argCount)
    let locals = Int(code.pointee.nlocalsplus)
    let flags = code.pointee.flags
    let kwOnly = Int(code.pointee.kwOnlyArgCount)
    let named = argCount &+ kwOnly
    let keywords = names.isNull ? 0 : names.as(TupleLayout.self).pointee.count
    // Where the values of keywords are read from: a copy above the frame if they lie in it.
    var values = source + count
    // `Calls.clear` writes up to eight registers more than it clears.
    let above = fp + (keywords == 0 ? max(locals, count) : max(locals, count &+ keywords) &+ 8)
    if keywords > 0 {
      guard vm.hasStack(for: above + keywords) else { throw vm.raiseRecursionError() }
      if UnsafePointer(fp) == source {
        var i = 0
        while i < keywords {
          above[i] = values[i]
          i &+= 1
        }
        values = UnsafePointer(above)
      }
    }
    vm.thread.pointee.stackTop = above + keywords
    var surplus = Value.null
    if flags & 4 != 0 {
      surplus = count > argCount ? try vm.tuple(copying: source + argCount, count: count &- argCount) : rt.pointee.emptyTuple
    }
    let placed = min(count, argCount)
    if UnsafePointer(fp) != source { for i in 0..<placed { fp[i] = source[i] } }
    Calls.clear(fp, from: placed, to: locals)
    var next = named
    if flags & 4 != 0 {
      fp[next] = surplus
      next &+= 1
    }
    let left = keywords == 0 ? 0 : placeKeywords(names.as(TupleLayout.self), values, named)
    var collected = Value.null
    if !own.isNull {
      try takeKeywords(own, placed, named)
      fp[next] = own
    } else if flags & 8 != 0 {
      collected = try vm.dict(reserving: left.nonzeroBitCount)
      fp[next] = collected
    }
    if left != 0 {
      let items = names.as(TupleLayout.self).items
      for i in 0..<keywords where left & 1 << UInt64(min(i, 63)) != 0 { try bindKeyword(names, items[i], values[i], named, collected) }
    }
    if count > argCount && flags & 4 == 0 { throw tooManyPositional(count) }
    if count < argCount { try fillDefaults(count, argCount) }
    if kwOnly > 0 { try fillKeywordDefaults(argCount, named) }
  }

  private var localNames: UnsafeMutablePointer<Value> { code.pointee.localsplusNames.as(TupleLayout.self).items }
  private var qualname: String { function.pointee.qualname.swiftString }

  /// Gives the parameters that keywords name by the very same str their values.
  /// - Returns: a bit for each keyword that is left, in their order; the last one stands for all from the 64th on
  @inline(__always)
  private func placeKeywords(_ names: UnsafeMutablePointer<TupleLayout>, _ values: UnsafePointer<Value>, _ named: Int) -> UInt64 {
    let count = names.pointee.count, first = Int(code.pointee.posOnlyArgCount), parameters = localNames
    var left: UInt64 = 0
    var i = 0
    while i < min(count, 63) {
      let name = names.items[i]
      var j = first
      while j < named, parameters[j] != name { j &+= 1 }
      // What has a value already is an error that is raised in its turn.
      if j < named, fp[j].isNull {
        fp[j] = values[i]
      } else {
        left |= 1 << UInt64(i)
      }
      i &+= 1
    }
    return count > 63 ? left | 1 << 63 : left
  }

  /// Whether a call's own dict of keywords can become the `**` parameter of `function` as it is, but for those that name other parameters: all keys are
  /// strs, and none names a parameter that one of the `count` positional arguments has.
  static func mayTake(_ keywords: Value, _ function: UnsafeMutablePointer<FunctionLayout>, _ count: Int) -> Bool {
    let code = function.pointee.code.as(CodeLayout.self)
    guard code.pointee.flags & 8 != 0, keywords.isExact(rt.types.dict), case let d = keywords.as(DictLayout.self), d.isOwn,
      d.pointee.stringKeysOnly
    else { return false }
    let names = code.pointee.localsplusNames.as(TupleLayout.self).items
    var i = Int(code.pointee.posOnlyArgCount)
    let given = min(count, Int(code.pointee.argCount))
    while i < given {
      if !Dicts.get(keywords, str: names[i]).isNull { return false }
      i &+= 1
    }
    return true
  }

  /// Gives the parameters from `placed` on what a call's own dict of keywords has for them, and takes it out there.
  private func takeKeywords(_ keywords: Value, _ placed: Int, _ named: Int) throws(Raised) {
    var i = max(placed, Int(code.pointee.posOnlyArgCount))
    while i < named {
      let name = localNames[i]
      if !Dicts.get(keywords, str: name).isNull { fp[i] = try Dicts.pop(vm, keywords, name) }
      i &+= 1
    }
  }

  private func bindKeyword(_ all: Value, _ name: Value, _ value: Value, _ named: Int, _ collected: Value) throws(Raised) {
    if !name.isStr { throw vm.raise(.typeError, "\(qualname)() keywords must be strings") }
    let first = Int(code.pointee.posOnlyArgCount)
    let names = localNames
    var position = -1
    for j in first..<max(named, first) where names[j] == name {
      position = j
      break
    }
    // Parameters are interned: an interned name that is none of them is equal to none.
    if position < 0, !name.as(StrLayout.self).pointee.flags.contains(.interned) {
      for j in first..<max(named, first) where Str.equal(names[j], name) {
        position = j
        break
      }
    }
    if position >= 0 {
      if !fp[position].isNull { throw vm.raise(.typeError, "\(qualname)() got multiple values for argument '\(name.swiftString)'") }
      fp[position] = value
      return
    }
    if !collected.isNull { return try Dicts.set(vm, collected, name, value) }
    if first > 0 {
      let wrong = positionalOnly(all, first)
      if !wrong.isEmpty {
        throw vm.raise(.typeError, "\(qualname)() got some positional-only arguments passed as keyword arguments: '\(wrong)'")
      }
    }
    throw vm.raise(.typeError, "\(qualname)() got an unexpected keyword argument '\(name.swiftString)'")
  }

  /// Positional-only parameters among the keywords, joined for the message.
  private func positionalOnly(_ keywords: Value, _ count: Int) -> String {
    var text = ""
    let t = keywords.as(TupleLayout.self)
    for i in 0..<count {
      for j in 0..<t.pointee.count where t.items[j].isStr && Str.equal(localNames[i], t.items[j]) {
        if !text.isEmpty { text += ", " }
        text += localNames[i].swiftString
        break
      }
    }
    return text
  }

  private func fillDefaults(_ count: Int, _ argCount: Int) throws(Raised) {
    let defaults = function.pointee.defaults
    let available = defaults.isNull ? 0 : defaults.as(TupleLayout.self).pointee.count
    let required = argCount &- available
    var missing = false
    var i = count
    while i < required {
      if fp[i].isNull { missing = true }
      i &+= 1
    }
    if missing { throw missingArguments(from: 0, to: max(required, 0), "positional") }
    i = max(count, required)
    while i < argCount {
      if fp[i].isNull { fp[i] = defaults.as(TupleLayout.self).items[i &- required] }
      i &+= 1
    }
  }

  private func fillKeywordDefaults(_ first: Int, _ end: Int) throws(Raised) {
    var missing = false
    let defaults = function.pointee.kwDefaults
    // The dict mostly has the parameters' names in their order.
    var entry = 0
    var i = first
    while i < end {
      if fp[i].isNull {
        let value = try keywordDefault(defaults, localNames[i], &entry)
        if value.isNull {
          missing = true
        } else {
          fp[i] = value
        }
      }
      i &+= 1
    }
    if missing { throw missingArguments(from: first, to: end, "keyword-only") }
  }

  /// What the dict of keyword defaults has for `name`; null for nothing.
  /// - Parameter entry: where to look first; then the entry behind the one that was found
  @inline(__always)
  private func keywordDefault(_ defaults: Value, _ name: Value, _ entry: inout Int) throws(Raised) -> Value {
    if defaults.isNull { return .null }
    if defaults.isExact(rt.types.dict), case let dict = defaults.as(DictLayout.self), let entries = dict.pointee.entries {
      var n = entry
      while n < dict.pointee.used, entries[n].key != name { n &+= 1 }
      if n < dict.pointee.used, dict.isOwn {
        entry = n &+ 1
        return entries[n].value
      }
    }
    return try Dicts.get(vm, defaults, name)
  }

  // MARK: messages

  private func missingArguments(from first: Int, to end: Int, _ kind: String) -> Raised {
    var names: [String] = []
    for i in first..<end where fp[i].isNull { names.append("'" + localNames[i].swiftString + "'") }
    let list: String
    switch names.count {
    case 0, 1: list = names.first ?? ""
    case 2: list = names[0] + " and " + names[1]
    default: list = names.dropLast().joined(separator: ", ") + ", and " + (names.last ?? "")
    }
    let plural = names.count == 1 ? "" : "s"
    return vm.raise(.typeError, "\(qualname)() missing \(names.count) required \(kind) argument\(plural): \(list)")
  }

  private func tooManyPositional(_ given: Int) -> Raised {
    let argCount = Int(code.pointee.argCount)
    var keywordOnly = 0
    for i in argCount..<(argCount &+ Int(code.pointee.kwOnlyArgCount)) where !fp[i].isNull { keywordOnly &+= 1 }
    let defaults = function.pointee.defaults
    let defaultCount = defaults.isNull ? 0 : defaults.as(TupleLayout.self).pointee.count
    let signature = defaultCount > 0 ? "from \(argCount &- defaultCount) to \(argCount)" : "\(argCount)"
    let plural = defaultCount > 0 || argCount != 1 ? "s" : ""
    var extra = ""
    if keywordOnly > 0 {
      extra = " positional argument\(given != 1 ? "s" : "") (and \(keywordOnly) keyword-only argument\(keywordOnly != 1 ? "s" : ""))"
    }
    let verb = given == 1 && keywordOnly == 0 ? "was" : "were"
    return vm.raise(.typeError, "\(qualname)() takes \(signature) positional argument\(plural) but \(given)\(extra) \(verb) given")
  }
}

extension VM {
  /// Whether frames may reach up to `top`.
  @inline(__always) func hasStack(for top: Registers) -> Bool { top < thread.pointee.stackLimit - ThreadState.reserve }
}

extension ThreadState {
  /// Values at the end of the VM stack that only shifted arguments and handlers of a stack overflow may use.
  static let reserve = 4096
}
