import Glibc

/// `grp`, the database of groups: `gunicorn`, `tarfile`, `shutil` and `pathlib` import it.
enum GrpModule {
  nonisolated(unsafe) private static var entryType: StructSequence?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc(
      """
      The database of groups: tuples of gr_name, gr_passwd, gr_gid and gr_mem, a list of names. Users whose own group it is are mostly
      not in that list. Where there is no such group a KeyError is raised.
      """)
    let type = try StructSequence.makeType(
      m.vm, "grp.struct_group", module: m.module, doc: "An entry of the group database, by item or by name: gr_name to gr_mem.",
      names: ["gr_name", "gr_passwd", "gr_gid", "gr_mem"], visible: 4)
    entryType = type
    m.value("struct_group", Value(type.type))
    m.function("getgrgid", "($module, /, id)", "The entry of a group number; KeyError without one.") {
      (vm, _, id: Value) throws(Raised) in
      let gid = try PosixArgs.identity(vm, id, "gid")
      let found = try AccountDatabase.lookUp(vm, group(), { getgrgid_r(gid, $0, $1, $2, $3) }) { entry throws(Raised) in
        try value(vm, entry)
      }
      if !found.isNull { return found }
      throw vm.raise(.keyError, value: try vm.str("getgrgid(): gid not found: \(gid == UInt32.max ? -1 : Int(gid))"))
    }
    m.function("getgrnam", "($module, /, name)", "The entry of a group name; KeyError without one.") {
      (vm, _, name: Value) throws(Raised) in
      guard name.isStr else {
        throw vm.raise(.typeError, "getgrnam() argument 'name' must be str, not \(name.argumentTypeName)")
      }
      let text = try AccountDatabase.name(vm, name)
      let found = try AccountDatabase.lookUp(vm, group(), { getgrnam_r(text, $0, $1, $2, $3) }) { entry throws(Raised) in
        try value(vm, entry)
      }
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

  private static func value(_ vm: VM, _ entry: group) throws(Raised) -> Value {
    guard let type = entryType else { return .none }
    let v = try type.make(vm)
    let items = v.as(TupleLayout.self).items
    items[0] = try AccountDatabase.text(vm, entry.gr_name)
    items[1] = try AccountDatabase.text(vm, entry.gr_passwd)
    items[2] = AccountDatabase.number(entry.gr_gid)
    let members = try vm.list()
    items[3] = members
    var member = entry.gr_mem
    while let name = member?.pointee {
      try vm.append(members, try AccountDatabase.text(vm, name))
      member = member?.advanced(by: 1)
    }
    return v
  }
}
