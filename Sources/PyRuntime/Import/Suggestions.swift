/// ". Did you mean: 'x'?" after an AttributeError or NameError that is printed: the most similar name that would have been found. The
/// measure is CPython's (its suggestions.c): an edit distance in which a change of case costs half, within a third of the letters.
enum Suggestions {
  static func text(_ vm: VM, _ e: Value) -> String? {
    do throws(Raised) {
      let found =
        e.isExact(rt.types[.attributeError])
        ? try attribute(vm, e) : e.isExact(rt.types[.nameError]) ? try name(vm, e) : nil
      return found.map { ". Did you mean: '\($0)'?" }
    } catch {
      vm.clearPending()
      return nil
    }
  }

  private static func attribute(_ vm: VM, _ e: Value) throws(Raised) -> String? {
    let x = e.as(AttributeErrorLayout.self)
    guard x.pointee.name.isStr, !x.pointee.object.isNull else { return nil }
    let dir = Dicts.get(vm, rt.pointee.builtins, "dir")
    return best(x.pointee.name, try vm.call(dir, x.pointee.object))
  }

  /// Names of the innermost frame of the traceback: its locals, globals and builtins.
  private static func name(_ vm: VM, _ e: Value) throws(Raised) -> String? {
    let wanted = e.as(NameErrorLayout.self).pointee.name
    guard wanted.isStr else { return nil }
    var tb = e.as(ExceptionLayout.self).pointee.traceback
    guard tb.isExact(rt.types.traceback) else { return nil }
    while tb.as(TracebackLayout.self).pointee.next.isExact(rt.types.traceback) { tb = tb.as(TracebackLayout.self).pointee.next }
    let frame = tb.as(TracebackLayout.self).pointee.frame
    let locals = try vm.list(from: try vm.getAttribute(try vm.getAttribute(frame, "f_code"), "co_varnames"))
    if let found = best(wanted, locals) { return found }
    for scope: StaticString in ["f_globals", "f_builtins"] {
      if let found = best(wanted, try vm.list(from: try vm.getAttribute(frame, scope))) { return found }
    }
    return nil
  }

  private static let moveCost = 2, caseCost = 1, longest = 40, mostCandidates = 750

  private static func best(_ wanted: Value, _ candidates: Value) -> String? {
    guard candidates.isList else { return nil }
    let list = candidates.as(ListLayout.self)
    guard list.pointee.count < mostCandidates else { return nil }
    let name = wanted.utf8Bytes
    var suggestion: Value?
    var distance = Int.max
    for i in 0..<list.pointee.count {
      guard let item = list.pointee.items?[i], item.isStr, !Str.equal(item, wanted) else { continue }
      let bytes = item.utf8Bytes
      let most = min((name.count + bytes.count + 3) * moveCost / 6, distance - 1)
      let d = editDistance(name[...], bytes[...], most)
      if d <= most {
        suggestion = item
        distance = d
      }
    }
    return suggestion?.swiftString
  }

  private static func substitution(_ a: UInt8, _ b: UInt8) -> Int {
    if a == b { return 0 }
    if a & 31 != b & 31 { return moveCost }
    func lower(_ c: UInt8) -> UInt8 { c >= 65 && c <= 90 ? c + 32 : c }
    return lower(a) == lower(b) ? caseCost : moveCost
  }

  /// The edit distance, or something above `most`.
  private static func editDistance(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>, _ most: Int) -> Int {
    var a = first, b = second
    while let x = a.first, x == b.first {
      a.removeFirst()
      b.removeFirst()
    }
    while let x = a.last, x == b.last {
      a.removeLast()
      b.removeLast()
    }
    if a.isEmpty || b.isEmpty { return (a.count + b.count) * moveCost }
    if a.count > longest || b.count > longest { return most + 1 }
    if b.count < a.count { swap(&a, &b) }
    if (b.count - a.count) * moveCost > most { return most + 1 }
    var row = (1...a.count).map { $0 * moveCost }
    var result = 0
    for (i, y) in b.enumerated() {
      var left = i * moveCost, diagonal = left
      result = left
      var smallest = Int.max
      for (j, x) in a.enumerated() {
        let replaced = diagonal + substitution(y, x)
        diagonal = row[j]
        left = min(left, diagonal) + moveCost
        left = min(left, replaced)
        row[j] = left
        result = left
        smallest = min(smallest, left)
      }
      if smallest > most { return most + 1 }
    }
    return result
  }
}
