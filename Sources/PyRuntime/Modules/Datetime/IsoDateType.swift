/// What `isocalendar()` returns: a tuple of three with names.
enum IsoDateType {
  static func create(_ vm: VM, _ module: Value) throws(Raised) {
    let t = try TypeFactory.makeBuiltin(
      vm, "IsoCalendarDate", base: rt.types.tuple, layoutSize: TupleLayout.itemsOffset + 24, flags: [], module: module)
    let b = TypeBuilder(vm: vm, type: t)
    var s = b.slots
    s.new = NewCode { (vm, _, args) throws(Raised) in
      let v = try NamedArgs.bind(vm, args, ["year", "week", "weekday"], required: 3)
      return try make(
        vm, try NamedArgs.int(vm, v[0], 0), try NamedArgs.int(vm, v[1], 0), try NamedArgs.int(vm, v[2], 0))
    }
    s.repr = NoArgsCode { (vm, v) throws(Raised) in
      let i = v.as(TupleLayout.self).items
      return try vm.str(
        "datetime.IsoCalendarDate(year=\(i[0].smallInt), week=\(i[1].smallInt), weekday=\(i[2].smallInt))")
    }
    b.slots = s
    b.getset("year", nil) { (_, v) throws(Raised) in v.as(TupleLayout.self).items[0] }
    b.getset("week", nil) { (_, v) throws(Raised) in v.as(TupleLayout.self).items[1] }
    b.getset("weekday", nil) { (_, v) throws(Raised) in v.as(TupleLayout.self).items[2] }
    b.method("__reduce__", nil, nil) { (vm, v) throws(Raised) in
      let i = v.as(TupleLayout.self).items
      return try vm.tuple(Value(rt.types.tuple), try vm.tuple(try vm.tuple(i[0], i[1], i[2])))
    }
    try TypeFactory.ready(vm, t)
    vm.bootstrapStore(t.pointee.dict, "__module__", vm.staticStr("datetime"))
    DatetimeTypes.isoDate.type = Value(t)
  }

  static func make(_ vm: VM, _ year: Int, _ week: Int, _ weekday: Int) throws(Raised) -> Value {
    let cell = try vm.allocate(DatetimeTypes.isoDate.type.asType, TupleLayout.itemsOffset + 24)
    let t = cell.assumingMemoryBound(to: TupleLayout.self)
    t.pointee.count = 3
    t.items[0] = Value(smallInt: year)
    t.items[1] = Value(smallInt: week)
    t.items[2] = Value(smallInt: weekday)
    return Value(t)
  }
}
