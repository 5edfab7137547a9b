import Glibc

/// `pwd`. Native although the VM itself does not need it: without `HOME` every start asks it for the user's folder (`site`), and that must
/// not load libpython.
enum PwdModule {
  nonisolated(unsafe) private static var entryType: StructSequence?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc(
      """
      This module provides access to the Unix password database.
      It is available on all Unix versions.

      Password database entries are reported as 7-tuples containing the following
      items from the password database (see `<pwd.h>'), in order:
      pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell.
      The uid and gid items are integers, all others are strings. An
      exception is raised if the entry asked for cannot be found.
      """)
    let type = try StructSequence.makeType(
      m.vm, "pwd.struct_passwd", module: m.module, doc: "An entry of the password database, by item or by name: pw_name to pw_shell.",
      names: ["pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell"], visible: 7)
    entryType = type
    m.value("struct_passwd", Value(type.type))
    m.function("getpwuid", "($module, uidobj, /)", "The entry of a user number; KeyError without one.", byNumber)
    m.function("getpwnam", "($module, name, /)", "The entry of a user name; KeyError without one.", byName)
    m.function("getpwall", "($module, /)", "All entries, in no particular order.", all)
  }

  private static func byNumber(_ vm: VM, _ module: Value, _ number: Value) throws(Raised) -> Value {
    let n: Value
    do throws(Raised) { n = try vm.index(number) } catch {
      guard vm.pendingIs(.typeError) else { throw error }
      vm.clearPending()
      throw vm.raise(.typeError, "uid should be integer, not \(number.typeName)")
    }
    // -1 stands for the largest number.
    guard n.isSmallInt, n.smallInt >= -1, n.smallInt <= Int(UInt32.max) else {
      throw vm.raise(.keyError, value: try vm.str("getpwuid(): uid not found"))
    }
    var lookup = Lookup()
    defer { lookup.deallocate() }
    let uid = uid_t(truncatingIfNeeded: n.smallInt)
    if let found = lookup.attempt({ entry, buffer, size, result in getpwuid_r(uid, entry, buffer, size, result) }) {
      if let entry = found { return try value(vm, entry) }
      throw vm.raise(.keyError, value: try vm.str("getpwuid(): uid not found: \(n.smallInt == Int(UInt32.max) ? -1 : n.smallInt)"))
    }
    throw vm.raiseMemoryError()
  }

  private static func byName(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "getpwnam() argument must be str, not \(TypeNames.short(name.type))") }
    let bytes = try FileSystemText.encoded(vm, name)
    if bytes.contains(0) { throw vm.raise(.valueError, "embedded null byte") }
    let path = bytes.map { CChar(bitPattern: $0) } + [0]
    var lookup = Lookup()
    defer { lookup.deallocate() }
    if let found = lookup.attempt({ entry, buffer, size, result in getpwnam_r(path, entry, buffer, size, result) }) {
      if let entry = found { return try value(vm, entry) }
      throw vm.raise(.keyError, value: try vm.str("getpwnam(): name not found: \(vm.reprText(name))"))
    }
    throw vm.raiseMemoryError()
  }

  private static func all(_ vm: VM, _ module: Value) throws(Raised) -> Value {
    let list = try vm.list()
    setpwent()
    defer { endpwent() }
    while let entry = getpwent() { try vm.append(list, try value(vm, entry.pointee)) }
    return list
  }

  private static func value(_ vm: VM, _ entry: passwd) throws(Raised) -> Value {
    guard let type = entryType else { return .none }
    let v = try type.make(vm)
    func text(_ p: UnsafeMutablePointer<CChar>?) throws(Raised) -> Value {
      guard let p else { return .none }
      return try FileSystemText.decode(vm, UnsafeRawBufferPointer(start: p, count: strlen(p)))
    }
    func number(_ n: UInt32) -> Value { Value(smallInt: n == UInt32.max ? -1 : Int(n)) }
    let items = v.as(TupleLayout.self).items
    items[0] = try text(entry.pw_name)
    items[1] = try text(entry.pw_passwd)
    items[2] = number(entry.pw_uid)
    items[3] = number(entry.pw_gid)
    items[4] = try text(entry.pw_gecos)
    items[5] = try text(entry.pw_dir)
    items[6] = try text(entry.pw_shell)
    return v
  }

  /// A look-up with a buffer that grows until the entry fits.
  private struct Lookup {
    var size = 1024
    var buffer: UnsafeMutablePointer<CChar>?
    var entry = passwd()
    private static let largest = 1 << 24

    typealias Call = (UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>)
      -> Int32

    /// The entry, `.some(nil)` when there is none, nil when no buffer is large enough.
    mutating func attempt(_ call: Call) -> passwd?? {
      while size <= Lookup.largest {
        buffer?.deallocate()
        let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        buffer = room
        var result: UnsafeMutablePointer<passwd>?
        let status = call(&entry, room, size, &result)
        if status == ERANGE {
          size *= 2
          continue
        }
        return .some(status == 0 && result != nil ? entry : nil)
      }
      return nil
    }

    func deallocate() { buffer?.deallocate() }
  }
}
