import CRuntimeSupport
import Glibc

/// Writes an image of the standard library's code (`HeapImage`).
///
/// Cells are copied into regions, each of which becomes a contiguous part of the file, and every reference is noted (`Fixup`) until the
/// regions have their addresses. What a start uses comes first and dense; text that only a traceback or a reader of code objects
/// wants (bytecode, line tables, docstrings) lies behind the code that is run.
struct ImageWriter {
  /// A place in a region.
  struct Place {
    var region: Int
    var offset: Int
  }
  private struct Fixup {
    let at: Place
    let to: Place
  }
  private struct Region {
    var bytes: [UInt8] = []
    /// Begins a page of its own
    var startsPage = false
  }
  private struct Module {
    let source: Source
    let modified: UInt32
    let size: UInt32
    let code: Place
    /// The region that running it writes to, if that is its own
    let region: Int?
    let sets: [(slot: Place, members: Place)]
  }
  /// A module to be written: the file name in its code objects, its source file, and whether a start loads it.
  struct Source {
    let key: String
    let path: String
    let isOfStart: Bool
    /// Of `StartSources`, in place of a file
    var text: [UInt8]?
  }

  private let vm: VM
  private var regions: [Region] = []
  private var fixups: [Fixup] = []
  /// Where the cell of that address was put
  private var placed: [UInt64: Place] = [:]
  private var interned: [(hash: UInt32, place: Place)] = []
  private var sets: [(slot: Place, members: Place)] = []
  private var shared: [[UInt8]: Place] = [:]
  /// Where the parts of code objects go at the moment
  private var text = 0, code = 0, words = 0, unusedWords = 0, cold = 0
  /// Bytecode offsets of register code that is run, which every exception asks for. Those of the other lie behind it.
  private var offsets = 0
  /// The modules being written are those of a start
  private var isOfStart = true
  /// The constants are those of a class or a module: what makes a class looks at the type of everything in its namespace
  private var isOfBody = false
  /// File name, name and first line of the code objects that this process has run
  private let used: Set<String>

  private struct Unsuitable: Error {}

  init(_ vm: VM) {
    self.vm = vm
    var used: Set<String> = []
    ImageWriter.forEachUsed { used.insert(ImageWriter.name(of: $0)) }
    self.used = used
  }

  /// The code objects that this process has run.
  static func forEachUsed(_ body: (UnsafeMutablePointer<CodeLayout>) -> Void) {
    rt.heapPointer.pointee.forEachCell { cell in
      guard cell.assumingMemoryBound(to: CellHeader.self).pointee.type == rt.types.code else { return }
      let code = cell.assumingMemoryBound(to: CodeLayout.self)
      if code.pointee.entry != nil { body(code) }
    }
  }

  private static func name(of code: UnsafeMutablePointer<CodeLayout>) -> String {
    "\(code.pointee.filename.swiftString):\(code.pointee.qualname.swiftString):\(code.pointee.firstLine)"
  }

  // MARK: regions

  private mutating func newRegion(startsPage: Bool = false) -> Int {
    regions.append(Region(startsPage: startsPage))
    return regions.count - 1
  }

  /// Room for a cell or table of `count` bytes, zeroed, at a multiple of 16.
  private mutating func reserve(_ region: Int, _ count: Int) -> Place {
    let offset = regions[region].bytes.count
    regions[region].bytes.append(contentsOf: repeatElement(0, count: (count + 15) / 16 * 16))
    return Place(region: region, offset: offset)
  }
  private mutating func store<T: BitwiseCopyable>(_ value: T, at place: Place, _ offset: Int) {
    regions[place.region].bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place.offset + offset, as: T.self) }
  }
  private mutating func copy(_ from: UnsafeRawPointer, _ count: Int, to place: Place, _ offset: Int) {
    if count == 0 { return }
    regions[place.region].bytes.withUnsafeMutableBytes { p in
      let target = UnsafeMutableRawBufferPointer(rebasing: p[(place.offset + offset)...])
      target.copyMemory(from: UnsafeRawBufferPointer(start: from, count: count))
    }
  }
  private mutating func refer(_ at: Place, _ offset: Int, to: Place) {
    fixups.append(Fixup(at: Place(region: at.region, offset: at.offset + offset), to: to))
  }
  private static func address(_ t: TypeRef) -> UInt64 { UInt64(UInt(bitPattern: t)) }

  // MARK: cells

  /// Puts the value at a field: itself, or a reference to its copy.
  private mutating func put(_ v: Value, at place: Place, _ offset: Int) throws {
    guard v.isCell else { return store(v.bits, at: place, offset) }
    if v.isExact(rt.types.frozenset) {
      store(Value.none.bits, at: place, offset)
      var members: [Value] = []
      var position = 0
      while let e = Sets.next(v.as(SetLayout.self), &position) { members.append(e.key) }
      let copy = reserve(code, TupleLayout.itemsOffset + members.count * 8)
      store(ImageWriter.address(rt.types.tuple), at: copy, 0)
      store(members.count, at: copy, 8)
      for (i, m) in members.enumerated() { try put(m, at: copy, TupleLayout.itemsOffset + i * 8) }
      sets.append((Place(region: place.region, offset: place.offset + offset), copy))
      return
    }
    refer(place, offset, to: try cell(v))
  }

  private mutating func cell(_ v: Value) throws -> Place {
    if let known = placed[v.bits] { return known }
    let t = rt.pointee.types
    if v.isExactStr { return str(v) }
    if v.isExact(t.bytes) { return bytes(v) }
    if v.isExact(t.code) { return try codeObject(v.as(CodeLayout.self)) }
    if v.isExact(t.tuple) {
      let tuple = v.as(TupleLayout.self)
      let p = reserve(code, TupleLayout.itemsOffset + tuple.pointee.count * 8)
      placed[v.bits] = p
      store(ImageWriter.address(t.tuple), at: p, 0)
      store(tuple.pointee.count, at: p, 8)
      for i in 0..<tuple.pointee.count { try put(tuple.items[i], at: p, TupleLayout.itemsOffset + i * 8) }
      return p
    }
    if v.isExactInt {
      let n = v.as(BigIntLayout.self)
      let count = BigIntLayout.limbsOffset + abs(n.pointee.signedCount) * 8
      return plain(v, t.int, count)
    }
    if v.isExact(t.complex) { return plain(v, t.complex, MemoryLayout<ComplexLayout>.size) }
    throw Unsuitable()
  }

  /// A cell without references, as it is.
  private mutating func plain(_ v: Value, _ type: TypeRef, _ count: Int) -> Place {
    let p = reserve(code, count)
    placed[v.bits] = p
    copy(v.cell, count, to: p, 0)
    return p
  }

  private mutating func str(_ v: Value) -> Place {
    let s = v.as(StrLayout.self)
    let isInterned = s.pointee.flags.contains(.interned)
    let count = s.pointee.length * Int(s.pointee.unit)
    // Docstrings and messages are not for those who only run the code.
    let isCold = !isInterned && count > 64
    let isApart = isCold && isOfBody
    let p = isApart ? reserve(code, MemoryLayout<StrLayout>.size) : reserve(isCold ? cold : text, StrLayout.unitsOffset + count + 4)
    placed[v.bits] = p
    var head = s.pointee
    head.hash = v == rt.pointee.emptyStr ? 0 : -1
    head.external = nil
    head.flags = s.pointee.flags.intersection([.ascii, .interned])
    if isApart { head.flags.insert(.external) }
    withUnsafeBytes(of: head) { h in if let base = h.baseAddress { copy(base, StrLayout.unitsOffset, to: p, 0) } }
    if isApart {
      let units = reserve(cold, count + 4)
      copy(s.units, count, to: units, 0)
      guard let field = MemoryLayout<StrLayout>.offset(of: \.external) else { return p }
      refer(p, field, to: units)
    } else {
      copy(s.units, count, to: p, StrLayout.unitsOffset)
    }
    if isInterned { interned.append((HeapImage.hash(s.units, count), p)) }
    return p
  }

  private mutating func bytes(_ v: Value) -> Place {
    let b = v.as(BytesLayout.self)
    // Kinds of variables and exception tables are often the same.
    let isShort = b.pointee.count <= 64
    let content = Array(b.buffer)
    if isShort, let known = shared[content] {
      placed[v.bits] = known
      return known
    }
    let p = reserve(isShort ? code : cold, BytesLayout.bytesOffset + b.pointee.count + 1)
    placed[v.bits] = p
    store(ImageWriter.address(rt.types.bytes), at: p, 0)
    store(-1, at: p, 8)
    store(b.pointee.count, at: p, 16)
    copy(b.bytes, b.pointee.count, to: p, BytesLayout.bytesOffset)
    if isShort { shared[content] = p }
    return p
  }

  // MARK: code

  private mutating func codeObject(_ c: UnsafeMutablePointer<CodeLayout>) throws -> Place {
    typealias L = CodeLayout
    let p = reserve(code, MemoryLayout<L>.size)
    placed[Value(c).bits] = p
    var head = c.pointee
    head.lowered = nil
    head.tracedLowered = nil
    head.entry = nil
    head.extra = .null
    let made: LoweredCode
    do throws(Raised) { made = try CodePreparation.lower(vm, c, traced: false) } catch { throw Unsuitable() }
    defer { made.deallocate() }
    head.registerCount = CodePreparation.registerCount(c, made)
    // Bodies of modules and classes of a start have run and may be gone by now.
    let isBody = head.flags & 3 == 0
    let isUsed = isBody || used.contains(ImageWriter.name(of: c))
    // The first call of what is not used takes it into use (`HeapImage.own`).
    head.simpleArgs = isUsed ? CodePreparation.simpleArgs(c) : -1
    withUnsafeBytes(of: head) { h in if let base = h.baseAddress { copy(base, h.count, to: p, 0) } }
    let fields: [(PartialKeyPath<L>, Value)] = [
      (\L.code, head.code), (\L.consts, head.consts), (\L.names, head.names), (\L.localsplusNames, head.localsplusNames),
      (\L.localsplusKinds, head.localsplusKinds), (\L.filename, head.filename), (\L.name, head.name), (\L.qualname, head.qualname),
      (\L.lineTable, head.lineTable), (\L.exceptionTable, head.exceptionTable),
    ]
    let outer = isOfBody
    isOfBody = isBody
    for (field, value) in fields { try put(value, at: p, ImageWriter.offset(field)) }
    let consts = try cell(head.consts)
    isOfBody = outer
    refer(p, ImageWriter.offset(\L.constItems), to: Place(region: consts.region, offset: consts.offset + TupleLayout.itemsOffset))
    lowered(made, of: p, isUsed: isUsed)
    return p
  }

  private static func offset<L>(_ field: PartialKeyPath<L>) -> Int { MemoryLayout<L>.offset(of: field) ?? 0 }

  private mutating func lowered(_ made: LoweredCode, of owner: Place, isUsed: Bool) {
    typealias L = LoweredCode
    let head = BufferCell.headerSize + (MemoryLayout<L>.size + 15) / 16 * 16
    let wordBytes = made.wordCount * MemoryLayout<InstructionWord>.stride
    let handlerBytes = made.handlerCount * MemoryLayout<HandlerRange>.stride
    let offsetBytes = made.wordCount * (made.hasWideOffsets ? 4 : 2)
    let byteCount = head + wordBytes + handlerBytes + (isUsed ? 0 : offsetBytes)
    let p = reserve(isUsed ? words : unusedWords, byteCount)
    let offsets =
      isUsed ? reserve(self.offsets, offsetBytes) : Place(region: p.region, offset: p.offset + head + wordBytes + handlerBytes)
    store(ImageWriter.address(rt.types.rawBuffer), at: p, 0)
    store(byteCount, at: p, 8)
    let start = Place(region: p.region, offset: p.offset + BufferCell.headerSize)
    withUnsafeBytes(of: made) { h in if let base = h.baseAddress { copy(base, h.count, to: start, 0) } }
    copy(made.words, wordBytes, to: p, head)
    copy(made.handlers, handlerBytes, to: p, head + wordBytes)
    copy(made.offsets, offsetBytes, to: offsets, 0)
    let first = Place(region: p.region, offset: p.offset + head)
    refer(start, ImageWriter.offset(\L.words), to: first)
    refer(start, ImageWriter.offset(\L.handlers), to: Place(region: p.region, offset: first.offset + wordBytes))
    refer(start, ImageWriter.offset(\L.offsets), to: offsets)
    refer(owner, ImageWriter.offset(\CodeLayout.lowered), to: start)
    if isUsed { refer(owner, ImageWriter.offset(\CodeLayout.entry), to: first) }
  }

  // MARK: the file

  /// Writes the image of the given modules to `path`, by way of a file beside it.
  /// - Returns: what went wrong, or nil
  static func write(_ vm: VM, _ sources: [Source], to path: String, progress: (Int, Int) -> Void) throws(Raised) -> String? {
    guard rt.heapPointer.pointee.base == HeapImage.heapAddress else { return "the heap is not where images expect it" }
    if rt.pointee.image.isAttached { return "this process runs from an image itself" }
    // Places are known by the address of what was copied: nothing may be freed until the end.
    rt.heapPointer.pointee.collectionDisabled += 1
    defer { rt.heapPointer.pointee.collectionDisabled -= 1 }
    var writer = ImageWriter(vm)
    let head = writer.newRegion()
    let headPlace = writer.reserve(head, 4096)
    let startTable = writer.newRegion()
    let start = writer.newRegion()
    writer.text = start
    writer.code = writer.newRegion()
    writer.words = writer.newRegion()
    let records = writer.newRegion()
    writer.offsets = writer.newRegion(startsPage: true)
    let afterStart = writer.offsets
    writer.unusedWords = writer.newRegion()
    writer.cold = writer.newRegion()
    let (code, cold) = (writer.code, writer.cold)
    let empty = (try? writer.cell(rt.pointee.emptyTuple), try? writer.cell(try vm.emptyStr()))
    var modules: [Module] = []
    func add(_ source: Source) throws(Raised) {
      var s = stat()
      guard stat(source.path, &s) == 0 else { return }
      let made = try HostFiles.code(vm, source.path, shownAs: source.key == source.path ? .null : try vm.intern(try vm.str(source.key)))
      writer.sets = []
      if !source.isOfStart { writer.placeBodyNames(made) }
      guard made.isExact(rt.types.code), let place = try? writer.cell(made) else { return }
      modules.append(
        Module(
          source: source, modified: UInt32(truncatingIfNeeded: s.st_mtim.tv_sec), size: UInt32(truncatingIfNeeded: s.st_size), code: place,
          region: source.isOfStart ? nil : writer.code, sets: writer.sets))
    }
    let first = sources.filter(\.isOfStart), rest = sources.filter { !$0.isOfStart }
    for (i, s) in first.enumerated() {
      progress(i, sources.count)
      try add(s)
    }
    for text in StartSources.seen {
      let made = try StartSources.compile(vm, text)
      writer.sets = []
      guard let place = try? writer.cell(made) else { continue }
      let source = Source(key: "", path: "", isOfStart: true, text: text)
      modules.append(Module(source: source, modified: 0, size: 0, code: place, region: nil, sets: writer.sets))
    }
    // Strs of one character are made wherever a text is looked at.
    for c in 0..<128 as Range<UInt32> { _ = try? writer.cell(try vm.str(codePoint: c)) }
    // What the runtime itself has interned by now it will intern at every start.
    InternTable.forEach { v in if v.isExactStr { _ = try? writer.cell(v) } }
    let startCount = writer.interned.count
    let restTable = writer.newRegion(startsPage: true)
    // Names that several modules have lie together, the most common first; then what only one module has, module after module. So a program
    // that loads a few modules touches a few pages of them.
    writer.text = writer.newRegion()
    for name in try sharedNames(vm, rest) { _ = try? writer.cell(name) }
    writer.text = writer.newRegion(startsPage: true)
    let restNames = writer.text
    writer.isOfStart = false
    for (i, s) in rest.enumerated() {
      progress(first.count + i, sources.count)
      writer.code = writer.newRegion(startsPage: true)
      writer.words = writer.code
      writer.offsets = writer.code
      writer.unusedWords = writer.newRegion(startsPage: true)
      writer.cold = writer.newRegion()
      try add(s)
    }
    progress(sources.count, sources.count)
    (writer.code, writer.cold) = (code, cold)
    let tables = (
      writer.table(startTable, Array(writer.interned[..<startCount])), writer.table(restTable, Array(writer.interned[startCount...]))
    )
    let filter = writer.filter(records, writer.interned[startCount...].map(\.hash))
    let singles = writer.singleCharacters(records)
    let list = writer.records(records, modules)
    typealias H = ImageHeader
    writer.store(H.magic, at: headPlace, 0)
    var build: (UInt64, UInt64, UInt64) = (0, 0, 0)
    guard withUnsafeMutableBytes(of: &build, { amphis_build_id($0.baseAddress, $0.count) > 0 }) else {
      return "this executable has no build ID"
    }
    writer.store(build, at: headPlace, ImageWriter.offset(\H.build))
    writer.store(HeapImage.types, at: headPlace, ImageWriter.offset(\H.types))
    if let place = empty.0 { writer.refer(headPlace, ImageWriter.offset(\H.emptyTuple), to: place) }
    if let place = empty.1 { writer.refer(headPlace, ImageWriter.offset(\H.emptyStr), to: place) }
    writer.refer(headPlace, ImageWriter.offset(\H.singles), to: singles)
    let tablesOffset = ImageWriter.offset(\H.internTables)
    writer.refer(headPlace, tablesOffset, to: tables.0.place)
    writer.store(tables.0.mask, at: headPlace, tablesOffset + 8)
    writer.refer(headPlace, tablesOffset + 16, to: tables.1.place)
    writer.store(tables.1.mask, at: headPlace, tablesOffset + 24)
    writer.refer(headPlace, ImageWriter.offset(\H.internFilter), to: filter)
    writer.refer(headPlace, ImageWriter.offset(\H.modules), to: list)
    writer.store(UInt64(modules.count), at: headPlace, ImageWriter.offset(\H.moduleCount))
    writer.refer(headPlace, ImageWriter.offset(\H.names), to: Place(region: restTable, offset: 0))
    return writer.finish(headPlace, afterStart, (restTable, restNames), path)
  }

  /// Calls `body` with the names that running a module's code and that of its classes looks at.
  private static func forEachBodyName(_ v: Value, _ body: (Value) -> Void) {
    guard v.isExact(rt.types.code), v.as(CodeLayout.self).pointee.flags & 3 == 0 else { return }
    let c = v.as(CodeLayout.self)
    let names = c.pointee.names.as(TupleLayout.self), consts = c.pointee.consts.as(TupleLayout.self)
    for i in 0..<names.pointee.count { body(names.items[i]) }
    for i in 0..<consts.pointee.count { forEachBodyName(consts.items[i], body) }
  }

  /// The names that running a module looks at come before those that only its functions have.
  private mutating func placeBodyNames(_ code: Value) {
    var names: [Value] = []
    ImageWriter.forEachBodyName(code) { names.append($0) }
    for name in names { _ = try? cell(name) }
  }

  /// Interned strs that more than one of the modules has, by how many have them in what runs when they are loaded, then by how many at all.
  private static func sharedNames(_ vm: VM, _ sources: [Source]) throws(Raised) -> [Value] {
    var known: [UInt64: (count: Int, last: Int, order: Int)] = [:], inBodies: [UInt64: Int] = [:]
    func visit(_ v: Value, _ module: Int) {
      guard v.isCell else { return }
      if v.isExactStr {
        guard v.as(StrLayout.self).pointee.flags.contains(.interned) else { return }
        var entry = known[v.bits] ?? (0, -1, known.count)
        if entry.last != module { entry = (entry.count + 1, module, entry.order) }
        known[v.bits] = entry
      } else if v.isExact(rt.types.tuple) {
        let t = v.as(TupleLayout.self)
        for i in 0..<t.pointee.count { visit(t.items[i], module) }
      } else if v.isExact(rt.types.code) {
        let c = v.as(CodeLayout.self)
        let parts = [c.pointee.consts, c.pointee.names, c.pointee.localsplusNames, c.pointee.name, c.pointee.qualname]
        for part in parts { visit(part, module) }
      }
    }
    for (i, source) in sources.enumerated() {
      guard access(source.path, R_OK) == 0 else { continue }
      let code = try HostFiles.code(vm, source.path, shownAs: .null)
      visit(code, i)
      var names: Set<UInt64> = []
      forEachBodyName(code) { names.insert($0.bits) }
      for name in names { inBodies[name, default: 0] += 1 }
    }
    return known.filter { $0.value.count > 1 }
      .map { (bits: $0.key, inBodies: inBodies[$0.key] ?? 0, count: $0.value.count, order: $0.value.order) }
      .sorted { ($1.inBodies, $1.count, $0.order) < ($0.inBodies, $0.count, $1.order) }
      .map { Value(bits: $0.bits) }
  }

  /// Which hashes the second intern table has.
  private mutating func filter(_ region: Int, _ hashes: [UInt32]) -> Place {
    var words = [UInt64](repeating: 0, count: 1 << (ImageHeader.filterBits - 6))
    for h in hashes {
      let i = Int(h >> UInt32(32 - ImageHeader.filterBits))
      words[i >> 6] |= 1 << UInt64(i & 63)
    }
    let p = reserve(region, words.count * 8)
    words.withUnsafeBytes { w in if let base = w.baseAddress { copy(base, w.count, to: p, 0) } }
    return p
  }

  /// The intern table of the given strs; its places are filled in once they are known.
  private mutating func table(_ region: Int, _ strs: [(hash: UInt32, place: Place)]) -> (place: Place, mask: UInt64) {
    var size = 16
    while size < strs.count * 2 { size *= 2 }
    var taken = [Int](repeating: -1, count: size)
    for (n, s) in strs.enumerated() {
      var i = Int(s.hash) & (size - 1)
      while taken[i] >= 0 { i = (i + 1) & (size - 1) }
      taken[i] = n
    }
    let p = reserve(region, size * MemoryLayout<ImageTableEntry>.stride)
    for i in 0..<size where taken[i] >= 0 {
      store(strs[taken[i]].hash, at: p, i * 8)
      tableEntries.append((Place(region: region, offset: p.offset + i * 8 + 4), strs[taken[i]].place))
    }
    return (p, UInt64(size - 1))
  }
  /// Entries of intern tables that wait for the place of their str
  private var tableEntries: [(at: Place, str: Place)] = []

  private mutating func singleCharacters(_ region: Int) -> Place {
    let p = reserve(region, 256 * 8)
    if rt.pointee.latin1Strs.isNull { return p }
    let table = rt.pointee.latin1Strs.as(TupleLayout.self).items
    for c in 0..<256 where !table[c].isNull { if let s = placed[table[c].bits] { refer(p, c * 8, to: s) } }
    return p
  }

  private mutating func records(_ region: Int, _ modules: [Module]) -> Place {
    typealias M = ImageModule
    let p = reserve(region, max(modules.count, 1) * MemoryLayout<M>.stride)
    for (i, m) in modules.enumerated() {
      let at = Place(region: region, offset: p.offset + i * MemoryLayout<M>.stride)
      let key = m.source.text ?? Array(m.source.key.utf8), path = m.source.text == nil ? Array(m.source.path.utf8) + [0] : []
      let keyPlace = reserve(region, key.count), pathPlace = reserve(region, path.count)
      key.withUnsafeBytes { k in
        guard let base = k.baseAddress else { return }
        copy(base, k.count, to: keyPlace, 0)
        store(HeapImage.hash(base, k.count), at: at, ImageWriter.offset(\M.hash))
      }
      path.withUnsafeBytes { k in if let base = k.baseAddress { copy(base, k.count, to: pathPlace, 0) } }
      store(UInt32(key.count), at: at, ImageWriter.offset(\M.keyCount))
      refer(at, ImageWriter.offset(\M.key), to: keyPlace)
      if !path.isEmpty { refer(at, ImageWriter.offset(\M.path), to: pathPlace) }
      store(m.modified, at: at, ImageWriter.offset(\M.modified))
      store(m.size, at: at, ImageWriter.offset(\M.size))
      refer(at, ImageWriter.offset(\M.code), to: m.code)
      if let own = m.region {
        refer(at, ImageWriter.offset(\M.start), to: Place(region: own, offset: 0))
        store(UInt64((regions[own].bytes.count + 4095) & ~4095), at: at, ImageWriter.offset(\M.byteCount))
      }
      if m.sets.isEmpty { continue }
      let sets = reserve(region, m.sets.count * MemoryLayout<ImageFrozenSet>.stride)
      for (n, s) in m.sets.enumerated() {
        refer(sets, n * 16, to: s.slot)
        refer(sets, n * 16 + 8, to: s.members)
      }
      refer(at, ImageWriter.offset(\M.sets), to: sets)
      store(UInt64(m.sets.count), at: at, ImageWriter.offset(\M.setCount))
    }
    return p
  }

  /// Gives the regions their addresses, the references theirs, and writes the file.
  private mutating func finish(_ head: Place, _ afterStart: Int, _ names: (first: Int, last: Int), _ path: String) -> String? {
    var starts: [Int] = []
    var size = 0
    for r in regions {
      if r.startsPage { size = (size + 4095) & ~4095 }
      starts.append(size)
      size += r.bytes.count
    }
    guard size <= Int(HeapImage.largest) else { return "the image would be larger than \(HeapImage.largest >> 20) MiB" }
    store(UInt64(size), at: head, ImageWriter.offset(\ImageHeader.byteCount))
    store(UInt64(starts[afterStart]), at: head, ImageWriter.offset(\ImageHeader.startCount))
    let namesEnd = starts[names.last] + regions[names.last].bytes.count
    store(UInt64((namesEnd - starts[names.first]) & ~4095), at: head, ImageWriter.offset(\ImageHeader.nameBytes))
    func address(_ p: Place) -> Int { starts[p.region] + p.offset }
    for f in fixups { store(UInt64(HeapImage.address) + UInt64(address(f.to)), at: f.at, 0) }
    for e in tableEntries { store(UInt32(address(e.str) >> 4), at: e.at, 0) }
    let temporary = "\(path).\(getpid())"
    let fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard fd >= 0 else { return "cannot write \(temporary): \(String(cString: strerror(errno)))" }
    var file = [UInt8](repeating: 0, count: size)
    for (r, start) in zip(regions, starts) { file.replaceSubrange(start..<start + r.bytes.count, with: r.bytes) }
    var done = 0
    while done < size {
      // In small pieces: the kernel keeps and maps a file in pieces as large as those in which it was written.
      let n = file.withUnsafeBytes { Glibc.write(fd, $0.baseAddress.map { $0 + done }, min(size - done, 4096)) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { break }
      done += n
    }
    let failure = done < size || close(fd) != 0 || rename(temporary, path) != 0
    if failure {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      return "cannot write \(path): \(reason)"
    }
    return nil
  }
}
