import Glibc

/// `_uuid`: `uuid` imports it whether or not a number is made of time and network address. The library that makes those is opened when one is wanted.
enum UuidModule {
  private typealias Generate = @convention(c) (UnsafeMutablePointer<UInt8>?) -> Int32

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.function(
      "generate_time_safe", nil, "A number of time and network address in 16 bytes, and 0 where no other process can have made it, too."
    ) { vm, _ throws(Raised) in
      guard let library = dlopen("libuuid.so.1", RTLD_NOW), let symbol = dlsym(library, "uuid_generate_time_safe") else {
        throw vm.raise(.osError, "libuuid.so.1 cannot be loaded")
      }
      let generate = unsafeBitCast(symbol, to: Generate.self)
      var number = [UInt8](repeating: 0, count: 16)
      let status = vm.unlocked { number.withUnsafeMutableBufferPointer { generate($0.baseAddress) } }
      return try vm.tuple(try vm.bytes(number), Value(smallInt: Int(status)))
    }
    try m.int("has_uuid_generate_time_safe", 1)
  }
}
