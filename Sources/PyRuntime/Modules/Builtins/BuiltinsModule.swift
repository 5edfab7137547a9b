/// The `builtins` module.
enum BuiltinsModule {
  static func make(_ vm: VM) throws(Raised) {
    let module = try ModuleType.make(vm, rt.pointee.names.builtins)
    let dict = module.as(ModuleLayout.self).pointee.dict
    rt.pointee.builtins = dict
    rt.pointee.builtinsModule = module
    let b = ModuleBuilder(vm: vm, module: module)
    b.doc("Built-in functions, types, exceptions, and other objects.")
    b.value("None", .none)
    b.value("Ellipsis", .ellipsis)
    b.value("NotImplemented", .notImplemented)
    b.value("False", .false)
    b.value("True", .true)
    b.value("__debug__", .bool(rt.pointee.flags.optimize == 0))
    let types = rt.pointee.types
    for t in [
      types.bool, types.memoryview, types.bytearray, types.bytes, types.classmethod, types.complex, types.dict, types.enumerate,
      types.filter, types.float, types.frozenset, types.property, types.int, types.list, types.map, types.object, types.range,
      types.reversed, types.set, types.slice, types.staticmethod, types.str, types.super, types.tuple, types.type, types.zip,
    ] { try Dicts.set(vm, dict, t.pointee.name, Value(t)) }
    for kind in ExceptionKind.allCases { b.value(kind.name, Value(types[kind])) }
    b.value("EnvironmentError", Value(types[.osError]))
    b.value("IOError", Value(types[.osError]))
    ObjectBuiltins.declare(b)
    NumberBuiltins.declare(b)
    IterationBuiltins.declare(b)
    PrintBuiltins.declare(b)
    CodeBuiltins.declare(b)
    ClassBuilding.declare(b)
    try AnextAwaitable.prepare(vm)
    rt.pointee.lenFunction = Dicts.get(vm, dict, "len")
    rt.pointee.isInstanceFunction = Dicts.get(vm, dict, "isinstance")
    let droppers: [StaticString] = ["any", "all", "next"]
    for name in droppers {
      Dicts.get(vm, dict, name).as(NativeFunctionLayout.self).pointee.flags.insert(.dropsIterator)
    }
    let forgetful: [StaticString] = ["id", "len", "callable"]
    for name in forgetful {
      Dicts.get(vm, dict, name).as(NativeFunctionLayout.self).pointee.flags.insert(.forgetful)
    }
    rt.pointee.gatherers = Gatherers(
      any: Dicts.get(vm, dict, "any"), all: Dicts.get(vm, dict, "all"), sum: Dicts.get(vm, dict, "sum"),
      min: Dicts.get(vm, dict, "min"), max: Dicts.get(vm, dict, "max"), sorted: Dicts.get(vm, dict, "sorted"),
      join: Types.lookup(types.str, try vm.intern("join")), extend: Types.lookup(types.list, try vm.intern("extend")))
    rt.pointee.listAppend = Types.lookup(types.list, try vm.intern("append"))
  }
}
