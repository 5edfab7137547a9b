import CRuntimeSupport
import Glibc

/// Code objects of standard-library modules, made and lowered when Amphis was built, mapped into memory when it starts (docs/image.md).
///
/// The file is memory as it will be: cells, register code and tables at the addresses where they will stand, so that nothing is read, moved
/// or linked, and what a program does not use stays on disk. It lies below the heap, private and writable: hashes and inline caches
/// are written into it, its cells are never freed, and the collector passes them by (`Heap.base` is above them). It holds no address of
/// the program's code, and of the heap's only those of builtin types, which stand at the same places in every run: `attach` asks.
///
/// Invariants: what a cell of the image refers to lies in the image, but for the cells in `roots`, whose fields have been written since;
/// interned strs of the image are unique among all interned strs, because interning asks `find` first. The file is trusted as the
/// executable is: only one that the same build has written is taken.
package struct HeapImage {
  /// Where images begin. The heap begins `largest` above it.
  static let address: UInt = 0x2000_0000_0000
  static let largest: UInt = 1 << 28
  static let heapAddress = address + largest

  private(set) var header: UnsafePointer<ImageHeader>?
  /// Where the image lies, and which file that was. No String: the whole struct is copied where a method that does not change it is called.
  private var file = (path: UnsafeMutablePointer<CChar>?.none, device: UInt64(0), number: UInt64(0))
  private var isSplit = false
  /// Code objects, and slots of their constants, that refer to the heap
  var roots = PointerVector()
  var slots = PointerVector()

  @inline(__always) static func contains(_ cell: UnsafeMutableRawPointer) -> Bool { UInt(bitPattern: cell) &- address < largest }
}

/// The first page of an image.
struct ImageHeader {
  static let magic: UInt64 = 0x0A31_6567_616D_6941  // "Aimage1\n", with the byte order
  static let filterBits = 17
  var magic: UInt64
  var byteCount: UInt64
  /// The executable's build ID
  var build: (UInt64, UInt64, UInt64)
  /// `HeapImage.types`
  var types: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
  /// The empty tuple and the empty str
  var emptyTuple: UInt64
  var emptyStr: UInt64
  /// 256 words: strs of one Latin-1 character, or 0
  var singles: UInt64
  /// Interned strs: those of a start, and all others. 2^n entries, at most half of them in use.
  var internTables: (ImageTable, ImageTable)
  /// A bit for each value of the upper `filterBits` bits of a hash: whether the second table has such a str
  var internFilter: UInt64
  /// `ImageModule` records, those of a start first
  var modules: UInt64
  var moduleCount: UInt64
  /// Bytes at the beginning that a start uses and writes to, whole pages: they are read at once
  var startCount: UInt64
  /// Second intern table and its strs, whole pages
  var names: UInt64
  var nameBytes: UInt64
}

struct ImageTable {
  var entries: UInt64
  var mask: UInt64
}

struct ImageTableEntry {
  var hash: UInt32
  /// The str's place: distance from the image's start in granules of 16 bytes; 0: free
  var place: UInt32
}

/// A module's code and the source that it was compiled from. Texts are UTF-8 without a zero at the end but for `path`.
struct ImageModule {
  /// `HeapImage.hash` of the key
  var hash: UInt32
  /// Bytes of the key: a frozen module's file name ("<frozen os>"), the text and flags of `StartSources`, else the path
  var keyCount: UInt32
  var key: UInt64
  /// Source file (0: none), its time of change (seconds) and size as `.pyc` files have them
  var path: UInt64
  var modified: UInt32
  var size: UInt32
  var code: UInt64
  /// Constants that are frozensets, whose order depends on the process: `ImageFrozenSet` records, made when the module is loaded
  var sets: UInt64
  var setCount: UInt64
  /// What running the module needs and writes to, whole pages: read at once when the module is loaded. Zero bytes: already there.
  var start: UInt64
  var byteCount: UInt64
}

struct ImageFrozenSet {
  /// The constant's slot, and a tuple of the members
  var slot: UInt64
  var members: UInt64
}

extension HeapImage {
  /// Types of the cells in an image, in the order of the header's.
  static var types: (TypeRef, TypeRef, TypeRef, TypeRef, TypeRef, TypeRef, TypeRef) {
    let t = rt.pointee.types
    return (t.code, t.tuple, t.str, t.bytes, t.int, t.complex, t.rawBuffer)
  }

  /// Maps the file if it is an image of this build. Call when the heap is there and has no builtin types yet.
  mutating func map(_ path: String) {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return }
    defer { close(fd) }
    var s = stat()
    guard fstat(fd, &s) == 0, s.st_size >= 4096, s.st_size <= Int(HeapImage.largest),
      rt.heapPointer.pointee.base == HeapImage.heapAddress
    else { return }
    let size = Int(s.st_size)
    guard let start = UnsafeMutableRawPointer(bitPattern: HeapImage.address) else { return }
    let p = mmap(start, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | amphis_map_fixed_noreplace(), fd, 0)
    guard let p, p != MAP_FAILED else { return }
    let found = p.assumingMemoryBound(to: ImageHeader.self)
    guard p == start, HeapImage.isOfThisBuild(found, size) else {
      munmap(p, size)
      return
    }
    let hot = Int(found.pointee.startCount)
    guard hot <= size, HeapImage.ownPages(p, hot) || HeapImage.readPages(fd, p, hot, at: 0) else {
      munmap(p, size)
      return
    }
    file = (strdup(path), UInt64(s.st_dev), UInt64(s.st_ino))
    header = UnsafePointer(found)
  }

  private static func isOfThisBuild(_ header: UnsafePointer<ImageHeader>, _ size: Int) -> Bool {
    var build: (UInt64, UInt64, UInt64) = (0, 0, 0)
    let known = withUnsafeMutableBytes(of: &build) { amphis_build_id($0.baseAddress, $0.count) }
    let isWhole = header.pointee.magic == ImageHeader.magic && header.pointee.byteCount == UInt64(size)
    return known > 0 && isWhole && header.pointee.build == build
  }

  /// Whether the file is one that `map` takes, if its place is free.
  package static func isOfThisBuild(_ path: String) -> Bool {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return false }
    defer { close(fd) }
    var s = stat()
    return withUnsafeTemporaryAllocation(of: ImageHeader.self, capacity: 1) { header in
      guard let p = header.baseAddress, fstat(fd, &s) == 0, s.st_size >= 4096, s.st_size <= Int(largest),
        pread(fd, p, MemoryLayout<ImageHeader>.size, 0) == MemoryLayout<ImageHeader>.size
      else { return false }
      return isOfThisBuild(p, Int(s.st_size))
    }
  }

  /// MADV_POPULATE_WRITE, for headers that do not know it yet
  private static let populateWriting: Int32 = 23

  /// Copies mapped pages at once. What is written to anyway would be copied page by page, one fault each; and a page that is read first brings
  /// those around it, up to two megabytes. False: the kernel cannot do that (before 5.14).
  private static func ownPages(_ p: UnsafeMutableRawPointer, _ count: Int) -> Bool { madvise(p, count, populateWriting) == 0 }

  /// Does the same by putting memory of their own in the place of mapped pages, with the same contents.
  private static func readPages(_ fd: Int32, _ p: UnsafeMutableRawPointer, _ count: Int, at offset: Int) -> Bool {
    let access = PROT_READ | PROT_WRITE
    guard count > 0, mmap(p, count, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) == p else { return count == 0 }
    var done = 0
    while done < count {
      let n = pread(fd, p + done, count - done, off_t(offset + done))
      if n < 0 && errno == EINTR { continue }
      if n <= 0 {
        _ = mmap(p, count, access, MAP_PRIVATE | MAP_FIXED, fd, off_t(offset))
        return false
      }
      done += n
    }
    return true
  }

  /// Splits the mapping of the names outside of a start into small ones, by advice that changes nothing else: the kernel maps what lies around
  /// a page that is touched, 64 KiB, but not beyond a mapping's end. Names are touched here and there.
  package mutating func splitNames() {
    guard !isSplit, let header else { return }
    isSplit = true
    let piece = 16 << 10
    var i = 0
    while i < Int(header.pointee.nameBytes) {
      guard let p = UnsafeMutableRawPointer(bitPattern: UInt(header.pointee.names) &+ UInt(i)) else { return }
      madvise(p, min(piece, Int(header.pointee.nameBytes) &- i), MADV_RANDOM)
      i &+= piece &* 2
    }
  }

  /// Reads what running a module writes to. False: the file is not there any more.
  private func readPages(of module: ImageModule) -> Bool {
    guard let p = UnsafeMutableRawPointer(bitPattern: UInt(module.start)) else { return true }
    if HeapImage.ownPages(p, Int(module.byteCount)) { return true }
    guard let path = file.path else { return false }
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return false }
    defer { close(fd) }
    var s = stat()
    // It may have been replaced by the next build's.
    guard fstat(fd, &s) == 0, UInt64(s.st_dev) == file.device, UInt64(s.st_ino) == file.number else { return false }
    return HeapImage.readPages(fd, p, Int(module.byteCount), at: Int(module.start &- UInt64(HeapImage.address)))
  }

  /// The register code of a function that no start runs is about to be run for the first time: what its pages hold is written to.
  static func own(_ lowered: UnsafeMutablePointer<LoweredCode>) {
    let cell = UnsafeMutableRawPointer(lowered) - BufferCell.headerSize
    amphis_own_pages(cell, 1)
    amphis_own_pages(cell, cell.load(fromByteOffset: 8, as: Int.self))
  }

  /// Takes the image into use: builtin types are there, strs and tuples not yet. An image for other addresses is dropped.
  mutating func attach() {
    guard let header else { return }
    let same = withUnsafeBytes(of: header.pointee.types) { there in
      withUnsafeBytes(of: HeapImage.types) { $0.elementsEqual(there) }
    }
    guard same else {
      self.header = nil
      munmap(UnsafeMutableRawPointer(mutating: header), Int(header.pointee.byteCount))
      return
    }
    rt.heapPointer.pointee.collectAt = Heap.firstBudgetWithImage
    rt.pointee.emptyTuple = Value(bits: header.pointee.emptyTuple)
    rt.pointee.emptyStr = Value(bits: header.pointee.emptyStr)
  }

  var isAttached: Bool { header != nil }

  // MARK: strs

  /// Hash of the units of a str, the same in every process.
  @inline(__always)
  static func hash(_ p: UnsafeRawPointer, _ count: Int) -> UInt32 {
    let k: UInt64 = 0x9E37_79B9_7F4A_7C15
    var h = UInt64(truncatingIfNeeded: count) &* k
    if count >= 8 {
      var i = 0
      while i &+ 8 < count {
        h = (h ^ p.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* k
        h ^= h &>> 29
        i &+= 8
      }
      h = (h ^ p.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)) &* k
    } else if count >= 4 {
      let first = UInt64(p.loadUnaligned(as: UInt32.self)), last = UInt64(p.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
      h = (h ^ (first &<< 32 | last)) &* k
    } else {
      var word: UInt64 = 0
      for i in 0..<count { word = word &<< 8 | UInt64(p.load(fromByteOffset: i, as: UInt8.self)) }
      h = (h ^ word) &* k
    }
    return UInt32(truncatingIfNeeded: (h ^ h &>> 29) &* k >> 32)
  }

  /// The interned str of these units, or null.
  @inline(__always)
  func find(_ units: UnsafeRawPointer, length: Int, unit: UInt8) -> Value {
    guard let header else { return .null }
    let count = length &* Int(unit)
    let h = HeapImage.hash(units, count)
    let v = HeapImage.find(header.pointee.internTables.0, h, units, length, unit, count)
    if !v.isNull || !HeapImage.mayBeInSecond(header, h) { return v }
    return HeapImage.find(header.pointee.internTables.1, h, units, length, unit, count)
  }

  /// Most strs that a program interns are in neither table. The second has a megabyte with its strs, and a look-up would bring a piece of it.
  @inline(__always)
  private static func mayBeInSecond(_ header: UnsafePointer<ImageHeader>, _ hash: UInt32) -> Bool {
    guard let filter = UnsafePointer<UInt64>(bitPattern: UInt(header.pointee.internFilter)) else { return true }
    let i = Int(hash >> UInt32(32 - ImageHeader.filterBits))
    return filter[i >> 6] >> UInt64(i & 63) & 1 != 0
  }

  @inline(__always)
  private static func find(
    _ table: ImageTable, _ hash: UInt32, _ units: UnsafeRawPointer, _ length: Int, _ unit: UInt8, _ count: Int
  ) -> Value {
    guard let entries = UnsafePointer<ImageTableEntry>(bitPattern: UInt(table.entries)) else { return .null }
    var i = Int(hash) & Int(table.mask)
    while entries[i].place != 0 {
      if entries[i].hash == hash {
        let v = Value(bits: UInt64(address) &+ UInt64(entries[i].place) &<< 4)
        let s = v.as(StrLayout.self)
        if s.pointee.length == length, s.pointee.unit == unit, memcmp(s.units, units, count) == 0 { return v }
      }
      i = (i &+ 1) & Int(table.mask)
    }
    return .null
  }

  /// A str that has been found, its hash computed: all interned strs that native code asks for have theirs, from the first on.
  @inline(__always)
  static func hashed(_ s: Value) -> Value {
    _ = Str.hash(s)
    return s
  }

  /// The str of one Latin-1 character, or null.
  func single(_ c: Int) -> Value {
    guard let header, let table = UnsafePointer<UInt64>(bitPattern: UInt(header.pointee.singles)) else { return .null }
    return Value(bits: table[c])
  }

  // MARK: modules

  /// The module's code if the image has it, made of the source file as it is now; else null.
  /// - Parameter key: file name in its code objects, as UTF-8
  mutating func code(_ vm: VM, key: UnsafeRawBufferPointer) throws(Raised) -> Value {
    guard let header, let start = key.baseAddress,
      let modules = UnsafeMutablePointer<ImageModule>(bitPattern: UInt(header.pointee.modules))
    else { return .null }
    let h = HeapImage.hash(start, key.count)
    for i in 0..<Int(header.pointee.moduleCount) where modules[i].hash == h && Int(modules[i].keyCount) == key.count {
      guard let text = UnsafeRawPointer(bitPattern: UInt(modules[i].key)), memcmp(text, start, key.count) == 0 else { continue }
      guard HeapImage.isCurrent(modules[i]) else { return .null }
      if modules[i].byteCount > 0 {
        splitNames()
        if !readPages(of: modules[i]) { return .null }
        modules[i].byteCount = 0
      }
      return try HeapImage.load(vm, modules[i])
    }
    return .null
  }

  private static func isCurrent(_ module: ImageModule) -> Bool {
    // A text without a file is its own key.
    guard let path = UnsafePointer<CChar>(bitPattern: UInt(module.path)) else { return true }
    var s = stat()
    guard stat(path, &s) == 0 else { return false }
    return module.modified == UInt32(truncatingIfNeeded: s.st_mtim.tv_sec) && module.size == UInt32(truncatingIfNeeded: s.st_size)
  }

  private static func load(_ vm: VM, _ module: ImageModule) throws(Raised) -> Value {
    if let sets = UnsafePointer<ImageFrozenSet>(bitPattern: UInt(module.sets)) {
      for i in 0..<Int(module.setCount) {
        guard let slot = UnsafeMutablePointer<Value>(bitPattern: UInt(sets[i].slot)), slot.pointee.isNone else { continue }
        let made = try vm.call(Value(rt.types.frozenset), Value(bits: sets[i].members))
        slot.pointee = made
        rt.pointee.image.slots.append(UnsafeMutableRawPointer(slot))
      }
    }
    return Value(bits: module.code)
  }

  // MARK: the collector's side

  /// Notes that a field of this code object has got a reference into the heap.
  static func remember(_ code: UnsafeMutablePointer<CodeLayout>) {
    let cell = UnsafeMutableRawPointer(code)
    if contains(cell) { rt.pointee.image.roots.append(cell) }
  }

  func trace(_ tracer: Tracer) {
    for i in 0..<roots.count { if let cell = roots.items?[i] { CodeType.trace(cell, UnsafeMutableRawPointer(tracer.heap)) } }
    for i in 0..<slots.count { if let slot = slots.items?[i] { tracer.visit(slot.load(as: Value.self)) } }
  }
}
