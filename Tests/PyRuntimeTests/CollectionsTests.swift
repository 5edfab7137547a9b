import Testing

@testable import PyRuntime

@Suite(.serialized) struct CollectionsTests {
  let vm = Runtime.start(flags: StartFlags())

  /// Tests run on whatever thread is free, one after the other.
  init() { ThreadState.becomeCaller(vm.thread) }

  @Test func dictKeepsOrderThroughDeletionsAndRebuilds() throws {
    let d = try vm.dict()
    for i in 0..<5000 { try Dicts.set(vm, d, try vm.int(i), try vm.int(i * 2)) }
    for i in stride(from: 0, to: 5000, by: 3) { #expect(try Dicts.remove(vm, d, try vm.int(i))) }
    for i in 5000..<6000 { try Dicts.set(vm, d, try vm.int(i), .none) }
    var expected = (0..<5000).filter { $0 % 3 != 0 }
    expected += 5000..<6000
    var seen: [Int] = []
    var position = 0
    while let e = Dicts.next(d, &position) { seen.append(e.key.smallInt) }
    #expect(seen == expected)
    #expect(Dicts.count(d) == expected.count)
    #expect(try Dicts.get(vm, d, try vm.int(1)) == (try vm.int(2)))
    #expect(try Dicts.get(vm, d, try vm.int(0)).isNull)
  }

  @Test func popLastDoesNotExhaustTheIndex() throws {
    let d = try vm.dict()
    for i in 0..<100_000 {
      try Dicts.set(vm, d, try vm.int(i), .none)
      #expect(Dicts.popLast(d)?.key == Value(smallInt: i))
    }
    #expect(try Dicts.get(vm, d, try vm.int(-5)).isNull)
  }

  @Test func keysVersionChangesWithKeysOnly() throws {
    let d = try vm.dict()
    try Dicts.set(vm, d, "a", .none)
    let first = Dicts.keysVersion(d)
    try Dicts.set(vm, d, "a", .true)
    #expect(Dicts.keysVersion(d) == first)
    try Dicts.set(vm, d, "b", .true)
    #expect(Dicts.keysVersion(d) != first)
  }

  @Test func stringTablesNoticeOtherKeys() throws {
    let d = try vm.dict()
    try Dicts.set(vm, d, "a", .none)
    #expect(d.as(DictLayout.self).pointee.stringKeysOnly)
    try Dicts.set(vm, d, Value(smallInt: 1), .none)
    #expect(!d.as(DictLayout.self).pointee.stringKeysOnly)
    #expect(!Dicts.get(vm, d, "a").isNull)
  }

  @Test func sortIsStableForEveryShapeOfInput() throws {
    var seed: UInt64 = 88_172_645_463_325_252
    func random(_ n: Int) -> Int {
      seed ^= seed << 13
      seed ^= seed >> 7
      seed ^= seed << 17
      return Int(seed >> 33) % n
    }
    for n in [0, 1, 2, 31, 64, 65, 257, 3000] {
      for spread in [1, 3, 50, 100_000] {
        let items = try vm.allocateValues(max(1, n * 2))
        let pairs = UnsafeMutableRawPointer(items).assumingMemoryBound(to: KeyedItem.self)
        var model: [(Int, Int)] = []
        for i in 0..<n {
          let key = i > n / 2 ? i : random(spread)
          model.append((key, i))
          pairs[i] = KeyedItem(key: Value(smallInt: key), item: Value(smallInt: i))
        }
        try Sorting.sort(vm, pairs, count: n)
        model.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
        for i in 0..<n {
          #expect(pairs[i].key.smallInt == model[i].0 && pairs[i].item.smallInt == model[i].1)
        }
      }
    }
  }

  @Test func slicesClampTheirBounds() throws {
    let s = try Slices.make(vm, Value(smallInt: -100), Value(smallInt: 100), Value(smallInt: 3))
    let r = try Slices.resolve(vm, s, length: 10)
    #expect(r.start == 0 && r.stop == 10 && r.count == 4)
    let backward = try Slices.resolve(vm, try Slices.make(vm, .none, .none, Value(smallInt: -1)), length: 4)
    #expect(backward.start == 3 && backward.stop == -1 && backward.count == 4)
  }
}
