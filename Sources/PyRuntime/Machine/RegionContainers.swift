#if arch(x86_64)

  extension RegionEmitter {
    /// An object that is exactly of a builtin type, in a register held for the instruction. Leaves the region if it is another.
    func object(_ r: Int, of type: TypeRef) throws -> GP {
      let known = slots[r].known
      guard known.kind == .any || known.kind == .cell, known.type == 0 || known.type == UInt(bitPattern: type) else {
        throw LeftToInterpreter()
      }
      let g = boxed(r)
      if known.type != 0 { return g }
      if known.kind != .cell { requireCell(g) }
      a.move(.rax, imm: UInt64(UInt(bitPattern: type)))
      a.alu(.cmp, .rax, Address(g, 0))
      a.jump(.notEqual, miss())
      slots[r].known = .cell(type)
      return g
    }
    func object(operand field: UInt16, of type: TypeRef) throws -> GP {
      if field & Encoding.constantBit == 0 { return try object(register(field), of: type) }
      guard constants[Int(field & ~Encoding.constantBit)].isExact(type) else { throw LeftToInterpreter() }
      return boxed(operand: field)
    }

    /// Addresses are below 2⁴⁷; null is none either.
    func requireCell(_ g: GP) {
      a.address(.rax, Address(g, -1))
      a.shift(.right, .rax, 47)
      a.jump(.notEqual, miss())
    }

    /// The index of an item, counted from the beginning and within the bounds, to rcx.
    private func index(_ field: UInt16, in object: GP, count: Int) throws {
      if let v = constant(field), v.isSmallInt, v.smallInt >= 0, v.smallInt < 1 << 30 {
        a.alu(.cmp, Address(object, count), imm: Int32(v.smallInt))
        a.jump(.lessEqual, miss())
        a.move(.rcx, imm: UInt64(v.smallInt))
        return
      }
      let g = try int(operand: field)
      let inside = a.label()
      a.move(.rcx, g)
      a.shift(.arithmetic, .rcx, 16)
      a.jump(.notSign, inside)
      a.alu(.add, .rcx, Address(object, count))
      a.bind(inside)
      a.alu(.cmp, .rcx, Address(object, count))
      a.jump(.aboveEqual, miss())
    }

    func listItem(_ d: Int, _ list: UInt16, _ i: UInt16) throws {
      fusePoint()
      let g = try object(operand: list, of: rt.pointee.types.list)
      try index(i, in: g, count: Offsets.listCount)
      a.load(.rax, Address(g, Offsets.listItems))
      a.load(.rax, Address(.rax, 0, index: .rcx, shift: 3))
      let seen = hint(list)
      set(d, boxed: .rax)
      if let seen, seen.isExact(rt.pointee.types.list) { slots[d].hint = RegionEmitter.firstItem(seen) }
    }
    /// Lists mostly have items of one kind.
    private static func firstItem(_ list: Value) -> Value? {
      let l = list.as(ListLayout.self)
      guard l.pointee.count > 0, let items = l.pointee.items else { return nil }
      return items[0]
    }

    func tupleItem(_ d: Int, _ tuple: UInt16, _ i: UInt16) throws {
      fusePoint()
      let g = try object(operand: tuple, of: rt.pointee.types.tuple)
      try index(i, in: g, count: Offsets.tupleCount)
      a.load(.rax, Address(g, TupleLayout.itemsOffset, index: .rcx, shift: 3))
      set(d, boxed: .rax)
    }

    func storeListItem() throws {
      fusePoint()
      let w = pc.pointee
      let g = try object(operand: w.a, of: rt.pointee.types.list)
      let value = boxed(operand: w.c)
      try index(w.b, in: g, count: Offsets.listCount)
      a.load(.rax, Address(g, Offsets.listItems))
      a.store(Address(.rax, 0, index: .rcx, shift: 3), value)
      noteEffect()
    }

    /// Items of strs, bytes, dicts and others, as the interpreter finds them without raising.
    func anyItem(_ d: Int, _ container: UInt16, _ key: UInt16) throws {
      let isDict = pc.pointee.instruction == .getItemDict
      if !isDict, try inlineItem(container, source(key), nil, d) { return }
      fusePoint()
      if isDict {
        call(Helpers.dictItem, [.operand(container), .operand(key)])
      } else if known(key).type == UInt(bitPattern: rt.types.slice) {
        return step(MachineSteps.item, Known(kind: known(container).kind, type: known(container).type))
      } else {
        guard known(key).kind == .int || !isUnmet(pc) else { throw LeftToInterpreter() }
        call(Helpers.item, [.operand(container), .operand(key), .bits(UInt64(UInt(bitPattern: pc)))])
      }
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      set(d, boxed: .rax)
    }

    // MARK: arrays

    /// The kind of the array that was there when the region was compiled.
    private func kind(_ field: UInt16) throws -> ArrayKind {
      guard field & Encoding.constantBit == 0 else { throw LeftToInterpreter() }
      // A guess; another one when the loop is compiled again.
      guard let v = hint(field), v.isExact(Arrays.type) else { return [.double, .int32, .long][(attempt - 1) % 3] }
      return v.as(ArrayLayout.self).pointee.kind
    }

    private func array(_ field: UInt16, _ kind: ArrayKind) throws -> GP {
      let g = try object(register(field), of: Arrays.type)
      a.compareByte(Address(g, Offsets.arrayKind), imm: kind.rawValue)
      a.jump(.notEqual, miss())
      return g
    }

    func arrayItem(_ d: Int, _ field: UInt16, _ i: UInt16) throws {
      fusePoint()
      let kind = try kind(field)
      guard kind != .character, kind != .unsignedLong, kind != .unsignedLongLong else { throw LeftToInterpreter() }
      let g = try array(field, kind)
      try index(i, in: g, count: Offsets.arrayCount)
      a.load(.rax, Address(g, Offsets.arrayStorage))
      let item = Address(.rax, 0, index: .rcx, shift: UInt8(kind.shift))
      if kind.isFloat {
        let x = XMM(number: 1)
        if kind == .double { a.load(x, item) } else { a.loadSingle(x, item) }
        // What memory holds as a NaN may have a payload that a value cannot have.
        a.compare(x, x)
        a.jump(.parity, miss())
        let t = target(d)
        a.move(t, x)
        set(d, float: t)
        return
      }
      a.load(.rcx, item, bytes: kind.size, signed: kind.isSigned)
      a.move(.rax, .rcx)
      a.shift(.left, .rax, 16)
      if kind.size == 8 {
        a.move(.rdx, .rax)
        a.shift(.arithmetic, .rdx, 16)
        a.alu(.cmp, .rdx, .rcx)
        a.jump(.notEqual, miss())
      }
      set(d, int: .rax)
    }

    func storeArrayItem() throws {
      fusePoint()
      let w = pc.pointee
      let kind = try kind(w.a)
      switch kind {
      case .double:
        let g = try array(w.a, kind)
        let x = try float(operand: w.c)
        try index(w.b, in: g, count: Offsets.arrayCount)
        a.load(.rax, Address(g, Offsets.arrayStorage))
        a.store(Address(.rax, 0, index: .rcx, shift: 3), x)
      case .int32, .long, .longLong:
        let g = try array(w.a, kind)
        let value = try int(operand: w.c)
        try index(w.b, in: g, count: Offsets.arrayCount)
        a.move(.rdx, value)
        a.shift(.arithmetic, .rdx, 16)
        if kind == .int32 {
          a.move(.rax, .rdx)
          a.shift(.left, .rax, 32)
          a.shift(.arithmetic, .rax, 32)
          a.alu(.cmp, .rax, .rdx)
          a.jump(.notEqual, miss())
        }
        a.load(.rax, Address(g, Offsets.arrayStorage))
        let place = Address(.rax, 0, index: .rcx, shift: UInt8(kind.shift))
        if kind == .int32 { a.store32(place, .rdx) } else { a.store(place, .rdx) }
      default: throw LeftToInterpreter()
      }
      noteEffect()
    }

    // MARK: unpacking

    func unpack(_ field: UInt16, _ destinations: [Int]) throws {
      fusePoint()
      let types = rt.pointee.types
      guard !destinations.isEmpty, destinations.count < 1 << 20 else { throw LeftToInterpreter() }
      if field & Encoding.constantBit == 0, let (x, y) = slots[register(field)].pair {
        guard destinations.count == 2 else { throw LeftToInterpreter() }
        copy(destinations[0], x)
        copy(destinations[1], y)
        return
      }
      let count = Int32(destinations.count)
      let known = known(field)
      guard known.kind == .any || known.kind == .cell else { throw LeftToInterpreter() }
      let g = boxed(operand: field)
      if known.type == UInt(bitPattern: types.list) {
        a.alu(.cmp, Address(g, Offsets.listCount), imm: count)
        a.jump(.notEqual, miss())
        a.load(.rax, Address(g, Offsets.listItems))
      } else if known.type == UInt(bitPattern: types.tuple) {
        a.alu(.cmp, Address(g, Offsets.tupleCount), imm: count)
        a.jump(.notEqual, miss())
        a.address(.rax, Address(g, TupleLayout.itemsOffset))
      } else {
        guard known.type == 0 else { throw LeftToInterpreter() }
        if known.kind != .cell { requireCell(g) }
        let isNoTuple = a.label(), end = a.label()
        a.load(.rcx, Address(g, 0))
        a.move(.rdx, imm: UInt64(UInt(bitPattern: types.tuple)))
        a.alu(.cmp, .rcx, .rdx)
        a.jump(.notEqual, isNoTuple)
        a.alu(.cmp, Address(g, Offsets.tupleCount), imm: count)
        a.jump(.notEqual, miss())
        a.address(.rax, Address(g, TupleLayout.itemsOffset))
        a.jump(end)
        a.bind(isNoTuple)
        a.move(.rdx, imm: UInt64(UInt(bitPattern: types.list)))
        a.alu(.cmp, .rcx, .rdx)
        a.jump(.notEqual, miss())
        a.alu(.cmp, Address(g, Offsets.listCount), imm: count)
        a.jump(.notEqual, miss())
        a.load(.rax, Address(g, Offsets.listItems))
        a.bind(end)
      }
      for (i, d) in destinations.enumerated() {
        a.load(.rcx, Address(.rax, 8 * i))
        gpLocked = 0
        set(d, boxed: .rcx)
      }
    }
  }

#endif
