import CPython
import Glibc

/// The pieces of memory that CPython's allocator divides. It gives one back as soon as it is empty. Our collector lets many objects go at
/// once, so a program that makes numbers over there would get its memory back from the system, page by page, after each collection: some empty
/// pieces are kept here.
enum Arenas {
  private static let most = 32
  nonisolated(unsafe) private static var kept = UnsafeMutablePointer<UnsafeMutableRawPointer>(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private static var count = 0
  /// Of those that are kept: all have one size.
  nonisolated(unsafe) private static var size = 0

  static func install() {
    kept = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: most)
    var functions = PyObjectArenaAllocator(
      ctx: nil,
      alloc: { _, size in
        if size == Arenas.size, Arenas.count > 0 {
          Arenas.count &-= 1
          return Arenas.kept[Arenas.count]
        }
        let p = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        return p == MAP_FAILED ? nil : p
      },
      free: { _, p, size in
        guard let p else { return }
        if Arenas.count == 0 { Arenas.size = size }
        if size == Arenas.size, Arenas.count < Arenas.most {
          Arenas.kept[Arenas.count] = p
          Arenas.count &+= 1
        } else {
          munmap(p, size)
        }
      })
    py.pointee.PyObject_SetArenaAllocator(&functions)
  }
}
