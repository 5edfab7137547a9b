import Glibc

/// `grp`, the database of groups: `gunicorn`, `tarfile`, `shutil` and `pathlib` import it.
enum GrpModule {
  nonisolated(unsafe) private static var entryType: StructSequence?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc(
      """
      Access to the Unix group database.

      Group entries are reported as 4-tuples containing the following fields
      from the group database, in order:

        gr_name   - name of the group
        gr_passwd - group password (encrypted); often empty
        gr_gid    - numeric ID of the group
        gr_mem    - list of members

      The gid is an integer, name and password are strings.  (Note that most
      users are not explicitly listed as members of the groups they are in
      according to the password database.  Check both databases to get
      complete membership information.)
      """)
    let type = try StructSequence.makeType(
      m.vm, "grp.struct_group", module: m.module, doc: "An entry of the group database, by item or by name: gr_name to gr_mem.",
      names: ["gr_name", "gr_passwd", "gr_gid", "gr_mem"], visible: 4)
    entryType = type
    m.value("struct_group", Value(type.type))
    m.function("getgrgid", "($module, /, id)", "The entry of a group number; KeyError without one.") {
      (vm, _, id: Value) throws(Raised) in
      let gid = try PosixArgs.identity(vm, id, "gid")
      let found = try lookUp(vm) { entry, buffer, size, result in getgrgid_r(gid, entry, buffer, size, result) }
      if !found.isNull { return found }
      throw vm.raise(.keyError, value: try vm.str("getgrgid(): gid not found: \(gid == UInt32.max ? -1 : Int(gid))"))
    }
    m.function("getgrnam", "($module, /, name)", "The entry of a group name; KeyError without one.") {
      (vm, _, name: Value) throws(Raised) in
      guard name.isStr else {
        throw vm.raise(.typeError, "getgrnam() argument 'name' must be str, not \(name.argumentTypeName)")
      }
      let bytes = try FileSystemText.encoded(vm, name)
      if bytes.contains(0) { throw vm.raise(.valueError, "embedded null byte") }
      let text = bytes.map { CChar(bitPattern: $0) } + [0]
      let found = try lookUp(vm) { entry, buffer, size, result in getgrnam_r(text, entry, buffer, size, result) }
      if !found.isNull { return found }
      throw vm.raise(.keyError, value: try vm.str("getgrnam(): name not found: \(vm.reprText(name))"))
    }
    m.function("getgrall", "($module, /)", "All entries, in no particular order.") { vm, _ throws(Raised) in
      let list = try vm.list()
      setgrent()
      defer { endgrent() }
      while let entry = getgrent() { try vm.append(list, try value(vm, entry.pointee)) }
      return list
    }
  }

  /// What `call` finds, in a buffer that grows until the entry fits; null for nothing.
  private static func lookUp(
    _ vm: VM,
    _ call: (UnsafeMutablePointer<group>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<group>?>) -> Int32
  ) throws(Raised) -> Value {
    var size = 1024
    while size <= 1 << 24 {
      let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { room.deallocate() }
      var entry = group()
      var result: UnsafeMutablePointer<group>?
      let status = vm.unlocked { call(&entry, room, size, &result) }
      if status != ERANGE { return status == 0 && result != nil ? try value(vm, entry) : .null }
      size *= 2
    }
    throw vm.raiseMemoryError()
  }

  private static func value(_ vm: VM, _ entry: group) throws(Raised) -> Value {
    guard let type = entryType else { return .none }
    func text(_ p: UnsafeMutablePointer<CChar>?) throws(Raised) -> Value {
      guard let p else { return .none }
      return try FileSystemText.decode(vm, UnsafeRawBufferPointer(start: p, count: strlen(p)))
    }
    let v = try type.make(vm)
    let items = v.as(TupleLayout.self).items
    items[0] = try text(entry.gr_name)
    items[1] = try text(entry.gr_passwd)
    items[2] = Value(smallInt: entry.gr_gid == UInt32.max ? -1 : Int(entry.gr_gid))
    let members = try vm.list()
    items[3] = members
    var member = entry.gr_mem
    while let name = member?.pointee {
      try vm.append(members, try text(name))
      member = member?.advanced(by: 1)
    }
    return v
  }
}
