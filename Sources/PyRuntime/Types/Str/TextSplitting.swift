// strip, split, partition, splitlines, replace, join: shared by str, bytes and bytearray.

// MARK: strip

extension TextMethods {
  static func strip(_ vm: VM, _ v: Value, _ chars: Value) throws(Raised) -> Value { try strip(vm, v, chars, "strip", true, true) }
  static func lstrip(_ vm: VM, _ v: Value, _ chars: Value) throws(Raised) -> Value { try strip(vm, v, chars, "lstrip", true, false) }
  static func rstrip(_ vm: VM, _ v: Value, _ chars: Value) throws(Raised) -> Value { try strip(vm, v, chars, "rstrip", false, true) }

  private static func strip(
    _ vm: VM, _ v: Value, _ chars: Value, _ name: StaticString, _ left: Bool, _ right: Bool
  ) throws(Raised) -> Value {
    if chars.isNull || chars.isNone {
      let view = K.view(v)
      var from = 0, to = view.length
      if left { while from < to && K.isSpace(view[from]) { from &+= 1 } }
      if right { while to > from && K.isSpace(view[to &- 1]) { to &-= 1 } }
      return try K.make(vm, view.slice(from, to), v)
    }
    var argument = try TextArgument(vm, chars, K.self) {
      K.isBytes ? "a bytes-like object is required, not '\(chars.typeName)'" : "\(name) arg must be None or str"
    }
    defer { argument.end() }
    let view = K.view(v)
    let set = argument.view
    // One bit per code point modulo 64 answers most of the misses.
    var bloom: UInt64 = 0
    for i in 0..<set.length { bloom |= 1 &<< UInt64(set[i] & 63) }
    var from = 0, to = view.length
    if left { while from < to, bloom & (1 &<< UInt64(view[from] & 63)) != 0, set.find(codePoint: view[from]) >= 0 { from &+= 1 } }
    if right {
      while to > from, bloom & (1 &<< UInt64(view[to &- 1] & 63)) != 0, set.find(codePoint: view[to &- 1]) >= 0 { to &-= 1 }
    }
    return try K.make(vm, view.slice(from, to), v)
  }
}

// MARK: split

extension TextMethods {
  static func split(_ vm: VM, _ v: Value, _ separator: Value, _ limit: Value) throws(Raised) -> Value {
    try split(vm, v, separator, limit, fromRight: false)
  }
  static func rsplit(_ vm: VM, _ v: Value, _ separator: Value, _ limit: Value) throws(Raised) -> Value {
    try split(vm, v, separator, limit, fromRight: true)
  }

  private static func split(_ vm: VM, _ v: Value, _ separator: Value, _ limit: Value, fromRight: Bool) throws(Raised) -> Value {
    var most = limit.isNull ? -1 : try vm.asInt(limit)
    if most < 0 { most = Int.max }
    if separator.isNull || separator.isNone {
      return try fromRight ? rsplitSpaces(vm, v, most) : splitSpaces(vm, v, most)
    }
    var argument = try TextArgument(vm, separator, K.self) {
      K.isBytes ? "a bytes-like object is required, not '\(separator.typeName)'" : "must be str or None, not \(separator.typeName)"
    }
    defer { argument.end() }
    let sep = argument.view
    if sep.length == 0 { throw vm.raise(.valueError, "empty separator") }
    let view = K.view(v)
    let list = try vm.list()
    if !fromRight {
      var from = 0
      while most > 0 {
        let i = view.find(sep, from: from)
        if i < 0 { break }
        try vm.append(list, try K.make(vm, view.slice(from, i), v))
        from = i &+ sep.length
        most &-= 1
      }
      try vm.append(list, try K.make(vm, view.slice(from, view.length), v))
      return list
    }
    var to = view.length
    while most > 0 {
      let i = view.slice(0, to).rfind(sep)
      if i < 0 { break }
      try vm.append(list, try K.make(vm, view.slice(i &+ sep.length, to), v))
      to = i
      most &-= 1
    }
    try vm.append(list, try K.make(vm, view.slice(0, to), v))
    reverse(list)
    return list
  }

  private static func splitSpaces(_ vm: VM, _ v: Value, _ limit: Int) throws(Raised) -> Value {
    let view = K.view(v)
    let list = try vm.list()
    var most = limit
    var i = 0
    while true {
      while i < view.length && K.isSpace(view[i]) { i &+= 1 }
      if i == view.length { return list }
      if most == 0 { break }
      most &-= 1
      var j = i &+ 1
      while j < view.length && !K.isSpace(view[j]) { j &+= 1 }
      try vm.append(list, try K.make(vm, view.slice(i, j), v))
      i = j
    }
    // The rest keeps its inner and trailing spaces.
    try vm.append(list, try K.make(vm, view.slice(i, view.length), v))
    return list
  }

  private static func rsplitSpaces(_ vm: VM, _ v: Value, _ limit: Int) throws(Raised) -> Value {
    let view = K.view(v)
    let list = try vm.list()
    var most = limit
    var i = view.length
    while true {
      while i > 0 && K.isSpace(view[i &- 1]) { i &-= 1 }
      if i == 0 { break }
      if most == 0 {
        try vm.append(list, try K.make(vm, view.slice(0, i), v))
        break
      }
      most &-= 1
      var j = i &- 1
      while j > 0 && !K.isSpace(view[j &- 1]) { j &-= 1 }
      try vm.append(list, try K.make(vm, view.slice(j, i), v))
      i = j
    }
    reverse(list)
    return list
  }

  private static func reverse(_ list: Value) {
    let l = list.as(ListLayout.self)
    guard let items = l.pointee.items else { return }
    var i = 0, j = l.pointee.count &- 1
    while i < j {
      let x = items[i]
      items[i] = items[j]
      items[j] = x
      i &+= 1
      j &-= 1
    }
  }

  static func splitlines(_ vm: VM, _ v: Value, _ keepEnds: Value) throws(Raised) -> Value {
    let keep = keepEnds.isNull ? false : try vm.asInt(keepEnds) != 0
    let view = K.view(v)
    let list = try vm.list()
    var i = 0
    while i < view.length {
      let start = i
      while i < view.length && !K.isLineBreak(view[i]) { i &+= 1 }
      var end = i
      if i < view.length {
        i &+= view[i] == 13 && i &+ 1 < view.length && view[i &+ 1] == 10 ? 2 : 1
        if keep { end = i }
      }
      try vm.append(list, try K.make(vm, view.slice(start, end), v))
    }
    return list
  }

  static func partition(_ vm: VM, _ v: Value, _ separator: Value) throws(Raised) -> Value {
    try partition(vm, v, separator, fromRight: false)
  }
  static func rpartition(_ vm: VM, _ v: Value, _ separator: Value) throws(Raised) -> Value {
    try partition(vm, v, separator, fromRight: true)
  }
  private static func partition(_ vm: VM, _ v: Value, _ separator: Value, fromRight: Bool) throws(Raised) -> Value {
    var argument = try TextArgument(vm, separator, K.self) {
      K.isBytes ? "a bytes-like object is required, not '\(separator.typeName)'" : "must be str, not \(separator.typeName)"
    }
    defer { argument.end() }
    let sep = argument.view
    if sep.length == 0 { throw vm.raise(.valueError, "empty separator") }
    let view = K.view(v)
    let i = fromRight ? view.rfind(sep) : view.find(sep)
    let all = view.slice(0, view.length), none = view.slice(0, 0)
    if i < 0 {
      let whole = try K.make(vm, all, v)
      let empty = try K.make(vm, none, .null)
      let other = try K.make(vm, none, .null)
      return fromRight ? try vm.tuple(empty, other, whole) : try vm.tuple(whole, empty, other)
    }
    let before = try K.make(vm, view.slice(0, i), v)
    let middle = try K.make(vm, sep, K.isBytes ? .null : separator)
    let after = try K.make(vm, view.slice(i &+ sep.length, view.length), v)
    return try vm.tuple(before, middle, after)
  }
}
