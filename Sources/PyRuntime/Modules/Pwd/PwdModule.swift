import Glibc

/// `pwd`. Native although the VM itself does not need it: without `HOME` every start asks it for the user's folder (`site`), and that must
/// not load libpython.
enum PwdModule {
  nonisolated(unsafe) private static var entryType: StructSequence?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc(
      """
      The database of users: tuples of pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir and pw_shell, of which pw_uid and pw_gid
      are ints and the others strs. Where there is no such user a KeyError is raised.
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
    let uid = uid_t(truncatingIfNeeded: n.smallInt)
    let found = try AccountDatabase.lookUp(vm, passwd(), { getpwuid_r(uid, $0, $1, $2, $3) }) { entry throws(Raised) in try value(vm, entry)
    }
    if !found.isNull { return found }
    throw vm.raise(.keyError, value: try vm.str("getpwuid(): uid not found: \(n.smallInt == Int(UInt32.max) ? -1 : n.smallInt)"))
  }

  private static func byName(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "getpwnam() argument must be str, not \(TypeNames.short(name.type))") }
    let text = try AccountDatabase.name(vm, name)
    let found = try AccountDatabase.lookUp(vm, passwd(), { getpwnam_r(text, $0, $1, $2, $3) }) { entry throws(Raised) in
      try value(vm, entry)
    }
    if !found.isNull { return found }
    throw vm.raise(.keyError, value: try vm.str("getpwnam(): name not found: \(vm.reprText(name))"))
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
    let items = v.as(TupleLayout.self).items
    items[0] = try AccountDatabase.text(vm, entry.pw_name)
    items[1] = try AccountDatabase.text(vm, entry.pw_passwd)
    items[2] = AccountDatabase.number(entry.pw_uid)
    items[3] = AccountDatabase.number(entry.pw_gid)
    items[4] = try AccountDatabase.text(vm, entry.pw_gecos)
    items[5] = try AccountDatabase.text(vm, entry.pw_dir)
    items[6] = try AccountDatabase.text(vm, entry.pw_shell)
    return v
  }
}
