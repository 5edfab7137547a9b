/// The modules that CPython 3.11 has inside its executable. Ours come from the host's standard library like all others, but under the
/// same names, with the same specs and file names (`<frozen os>`), and without a search along `sys.path`. `-X frozen_modules=off`
/// leaves only those that the import system itself needs.
enum FrozenModules {
  struct Row {
    let name: StaticString
    /// The module whose source this is; in front of a package's `__init__` under another name stands "<". Empty: one that exists only here.
    let origin: StaticString
    /// The source, if the host's library has no file of it
    let text: StaticString?
    let isPackage: Bool
    /// Frozen whatever `-X frozen_modules` says
    let isEssential: Bool
  }

  private static let rows: [Row] = {
    var rows: [Row] = []
    func add(
      _ name: StaticString, _ origin: StaticString? = nil, package: Bool = false, essential: Bool = false, text: StaticString? = nil
    ) {
      rows.append(Row(name: name, origin: origin ?? name, text: text, isPackage: package, isEssential: essential))
    }
    add("_frozen_importlib", "importlib._bootstrap", essential: true)
    add("_frozen_importlib_external", "importlib._bootstrap_external", essential: true)
    add("zipimport", essential: true)
    add("abc")
    add("codecs")
    add("io")
    add("_collections_abc")
    add("_sitebuiltins")
    add("genericpath")
    add("ntpath")
    add("posixpath")
    add("os.path", "posixpath")
    add("os")
    add("site")
    add("stat")
    add("importlib.util")
    add("importlib.machinery")
    add("runpy")
    add("__hello__")
    add("__hello_alias__", "__hello__")
    add("__phello_alias__", "__hello__", package: true)
    add("__phello_alias__.spam", "__hello__")
    add("__phello__", package: true)
    add("__phello__.__init__", "<__phello__")
    add("__phello__.ham", package: true, text: "")
    add("__phello__.ham.__init__", "<__phello__.ham", text: "")
    add("__phello__.ham.eggs", text: "")
    add("__phello__.spam")
    add("__hello_only__", "", text: "initialized = True\nprint('Hello world!')\n")
    return rows
  }()

  /// `_imp._override_frozen_modules_for_tests`: 1 on, -1 off, 0 as `isOn` says
  nonisolated(unsafe) static var override = 0
  nonisolated(unsafe) static var isOn = true
  /// Folder of the standard library; nil: nothing is frozen.
  nonisolated(unsafe) private static var library: String?

  /// Called once, when `sys` is there.
  static func configure(_ vm: VM, _ config: StartConfig) {
    let folder = Dicts.get(vm, rt.pointee.sysDict, "_stdlib_dir")
    library = folder.isStr ? folder.swiftString : nil
    isOn = !config.xOptions.contains { $0.name == "frozen_modules" && $0.value == "off" }
  }

  static func find(_ name: Value) -> Row? {
    guard name.isStr, library != nil else { return nil }
    let all = override != 0 ? override > 0 : isOn
    return rows.first { (all || $0.isEssential) && Str.equal(name, $0.name) }
  }

  /// File name of a row's code objects and the file of its source, for all rows that have one.
  static var sources: [(shown: String, path: String)] {
    rows.filter { $0.text == nil }.map { row in
      let (module, path) = source(row)
      return ("<frozen \(module)>", path)
    }
  }

  static var names: [StaticString] {
    let all = override != 0 ? override > 0 : isOn
    return rows.filter { all || $0.isEssential }.map(\.name)
  }

  /// The module that a row's source belongs to, and its file.
  private static func source(_ row: Row) -> (module: String, path: String) {
    var module = "\(row.origin)"
    let isInit = module.hasPrefix("<")
    if isInit { module.removeFirst() }
    let isPackage = isInit || (row.isPackage && module == "\(row.name)")
    return (module, "\(library ?? "")/\(module.replacingDots())\(isPackage ? "/__init__" : "").py")
  }

  /// The code object of a row, its file name `<frozen origin>`.
  static func code(_ vm: VM, _ row: Row) throws(Raised) -> Value {
    let (module, path) = source(row)
    if let text = row.text {
      let name = row.origin.utf8CodeUnitCount > 0 ? module : "frozen_only"
      return try Compiling.compile(
        vm, source: Array("\(text)".utf8), filename: Array("<frozen \(name)>".utf8), mode: .exec, flags: 0, optimize: 0)
    }
    let shown = try vm.intern(try vm.str("<frozen \(module)>"))
    let known = try ImageModules.code(vm, shown)
    return known.isNull ? try HostFiles.code(vm, path, shownAs: shown) : known
  }
}

extension String {
  /// A module's name as a path.
  fileprivate func replacingDots() -> String {
    String(decoding: utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }
}
