#if arch(x86_64)

  // Names, closure cells and attributes. Guards ask for numbers that are never used twice: keys versions of dicts, versions of types, numbers of shapes.

  extension RegionEmitter {
    func loadCell(_ d: Int, _ r: Int) {
      fusePoint()
      let g = boxed(r)
      a.load(.rax, Address(g, Offsets.cellContent))
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      set(d, boxed: .rax)
    }

    func loadGlobal(_ d: Int) {
      fusePoint()
      function(.rcx)
      a.load(.rax, Address(.rcx, Offsets.functionGlobals))
      require(.rax, keysVersion: UInt32(truncatingIfNeeded: pc.w0 >> 32))
      value(of: .rax, entry: Int((pc + 2).pointee.bits))
      set(d, boxed: .rax)
      slots[d].hint = value(of: functionNow.pointee.globals, UInt32(truncatingIfNeeded: pc.w0 >> 32), Int((pc + 2).pointee.bits))
    }

    /// The function whose code it is, to a register.
    private func function(_ g: GP) {
      if let call = calls.last {
        a.move(g, imm: call.function.bits)
      } else {
        a.load(g, Address(RegionEmitter.frame, -8))
      }
    }
    private var functionNow: UnsafeMutablePointer<FunctionLayout> {
      calls.last.map { $0.function.as(FunctionLayout.self) } ?? fp.frameFunction
    }
    /// The value of an entry as it is now.
    private func value(of dict: Value, _ version: UInt32, _ entry: Int) -> Value? {
      guard dict.isCell, case let d = dict.as(DictLayout.self), version != 0, d.pointee.keysVersion == version,
        let entries = d.pointee.entries
      else { return nil }
      return entries[entry].value
    }

    /// Leaves the region unless the dict in a register still has the keys that the instruction has seen.
    private func require(_ dict: GP, keysVersion: UInt32) {
      a.alu32(.cmp, Address(dict, Offsets.dictKeysVersion), imm: Int32(bitPattern: keysVersion))
      a.jump(.notEqual, miss())
    }

    /// The value in a module's dict that the instruction has seen, to rax.
    private func moduleValue(_ field: UInt16) throws {
      let g = try object(operand: field, of: rt.pointee.types.module)
      a.load(.rcx, Address(g, Offsets.moduleDict))
      require(.rcx, keysVersion: UInt32(truncatingIfNeeded: pc.w0 >> 32))
      value(of: .rcx, entry: Int((pc + 2).pointee.bits))
      a.test(.rax, .rax)
      a.jump(.equal, miss())
    }

    /// The value of an entry of the dict in a register, to rax.
    private func value(of dict: GP, entry: Int) {
      a.load(.rax, Address(dict, Offsets.dictEntries))
      a.load(.rax, Address(.rax, entry * MemoryLayout<DictEntry>.stride + Offsets.entryValue))
    }

    func loadBuiltin(_ d: Int) {
      fusePoint()
      let word = (pc + 2).pointee.bits
      function(.rcx)
      a.load(.rax, Address(.rcx, Offsets.functionGlobals))
      require(.rax, keysVersion: UInt32(truncatingIfNeeded: pc.w0 >> 32))
      a.load(.rcx, Address(.rcx, Offsets.functionBuiltins))
      // Builtins are a cell; whether a dict is asked.
      a.move(.rax, imm: UInt64(UInt(bitPattern: rt.pointee.types.dict)))
      a.alu(.cmp, .rax, Address(.rcx, 0))
      a.jump(.notEqual, miss())
      require(.rcx, keysVersion: UInt32(truncatingIfNeeded: word))
      value(of: .rcx, entry: Int(word >> 32))
      set(d, boxed: .rax)
      slots[d].hint = value(of: functionNow.pointee.builtins, UInt32(truncatingIfNeeded: word), Int(word >> 32))
    }

    // MARK: attributes

    /// The object of an attribute, whose type has the version that the instruction has seen, in a register held for the instruction.
    private func instance(_ field: UInt16) throws -> GP { try instance(field, UInt32(truncatingIfNeeded: pc.w0 >> 32)) }
    func instance(_ field: UInt16, _ version: UInt32) throws -> GP {
      guard field & Encoding.constantBit == 0 else { throw LeftToInterpreter() }
      let r = register(field)
      let known = slots[r].known
      guard known.kind == .any || known.kind == .cell, version != 0, known.version == 0 || known.version == version else {
        throw LeftToInterpreter()
      }
      let g = boxed(r)
      if known.version == version { return g }
      if known.kind != .cell { requireCell(g) }
      a.load(.rax, Address(g, 0))
      a.alu32(.cmp, Address(.rax, Offsets.typeVersion), imm: Int32(bitPattern: version))
      a.jump(.notEqual, miss())
      slots[r].known.kind = .cell
      slots[r].known.version = version
      slots[r].known.shape = 0
      return g
    }

    /// The same with the shape that the instruction has seen.
    private func shaped(_ field: UInt16) throws -> GP {
      let g = try instance(field)
      let id = UInt32(truncatingIfNeeded: (pc + 2).pointee.bits), r = register(field)
      if slots[r].known.shape == id { return g }
      storage(of: g)
      a.load(.rax, Address(.rax, Offsets.storageShape))
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      a.alu32(.cmp, Address(.rax, Offsets.shapeID), imm: Int32(bitPattern: id))
      a.jump(.notEqual, miss())
      slots[r].known.shape = id
      return g
    }
    /// The address of an object's attributes, to rax.
    private func storage(of g: GP) {
      a.load(.rax, Address(g, 0))
      a.load(.rax, Address(.rax, Offsets.typeAttributes), bytes: 4, signed: true)
      a.alu(.add, .rax, g)
    }

    /// Where the value of the attribute lies.
    private func attribute(_ g: GP) -> Address {
      let number = Int((pc + 2).pointee.bits >> 32)
      switch pc.pointee.instruction {
      case .loadAttrOverflow, .storeAttrOverflow:
        storage(of: g)
        a.load(.rax, Address(.rax, Offsets.storageOverflow))
        return Address(.rax, 8 * number)
      case .loadAttrSlot, .storeAttrSlot: return Address(g, Int((pc + 2).pointee.bits))
      default: return Address(g, number)
      }
    }

    func loadAttribute(_ d: Int) throws {
      fusePoint()
      let w = pc.pointee
      var hint: Value?
      if let object = self.hint(w.b) {
        if w.instruction == .loadAttrInstance, AttributeInstructions.hasShape(pc, object) {
          hint = AttributeInstructions.place(pc, object).pointee
        } else if w.instruction == .loadAttrModule {
          hint = AttributeInstructions.moduleValue(pc, object)
        }
      }
      switch w.instruction {
      case .loadAttrClass, .loadAttrShapeClass:
        // The class keeps its value while it has the version.
        _ = try w.instruction == .loadAttrClass ? instance(w.b) : shaped(w.b)
        a.move(.rax, imm: (pc + 3).pointee.bits)
      case .loadAttrModule:
        try moduleValue(w.b)
      case .loadAttrSlot:
        a.load(.rax, attribute(try instance(w.b)))
        a.test(.rax, .rax)
        a.jump(.equal, miss())
      default: a.load(.rax, attribute(try shaped(w.b)))
      }
      set(d, boxed: .rax)
      slots[d].hint = hint
    }

    /// A function of a module that is to be called.
    func loadFunction(_ d: Int) throws {
      fusePoint()
      let w = pc.pointee
      let module = hint(w.b)
      try moduleValue(w.b)
      set(d + 1, boxed: .rax)
      set(d, constant: .null)
      if let module, module.isExact(rt.types.module) {
        slots[d + 1].hint = value(
          of: module.as(ModuleLayout.self).pointee.dict, UInt32(truncatingIfNeeded: pc.w0 >> 32), Int((pc + 2).pointee.bits))
      }
    }

    /// A method that is to be called: a function of the class and the object.
    func loadMethod(_ d: Int) throws {
      fusePoint()
      let w = pc.pointee
      let method = Value(bits: (pc + 3).pointee.bits)
      guard method.isCell else { throw LeftToInterpreter() }
      let g = try w.instruction == .loadMethodType ? instance(w.b) : shaped(w.b)
      let known = slots[register(w.b)].known, hint = slots[register(w.b)].hint
      set(d + 1, boxed: g, known)
      slots[d + 1].hint = hint
      kept.append(method)
      set(d, constant: method)
    }

    /// A function that is to be called and lies in an attribute of the object.
    func loadHeldFunction(_ d: Int) throws {
      fusePoint()
      let w = pc.pointee
      var hint: Value?
      if let object = self.hint(w.b), w.instruction == .loadMethodInstance, AttributeInstructions.hasShape(pc, object) {
        hint = AttributeInstructions.place(pc, object).pointee
      }
      if w.instruction == .loadMethodSlot {
        a.load(.rax, Address(try instance(w.b), Int((pc + 2).pointee.bits)))
        a.test(.rax, .rax)
        a.jump(.equal, miss())
      } else {
        a.load(.rax, Address(try shaped(w.b), Int((pc + 2).pointee.bits >> 32)))
      }
      set(d + 1, boxed: .rax)
      slots[d + 1].hint = hint
      set(d, constant: .null)
    }

    /// What a class holds: the object's, or that which is the object. It keeps its value while it has the version.
    func loadFromClass(_ d: Int) throws {
      fusePoint()
      let w = pc.pointee
      var value = Value(bits: (pc + 3).pointee.bits), receiver: Value?
      if w.instruction == .loadMethodClass {
        _ = try UInt32(truncatingIfNeeded: (pc + 2).pointee.bits) == 0 ? instance(w.b) : shaped(w.b)
      } else {
        let version = UInt32(truncatingIfNeeded: pc.w0 >> 32)
        guard version != 0, let cls = hint(w.b), cls.isType, cls.asType.pointee.version == version else { throw LeftToInterpreter() }
        let g = try instance(w.b, UInt32(truncatingIfNeeded: (pc + 2).pointee.bits))
        a.alu32(.cmp, Address(g, Offsets.typeVersion), imm: Int32(bitPattern: version))
        a.jump(.notEqual, miss())
        if w.instruction == .loadMethodOfType, value.isExact(rt.types.staticmethod) || value.isExact(rt.types.classmethod) {
          receiver = value.isExact(rt.types.classmethod) ? cls : nil
          value = value.as(MethodHolderLayout.self).pointee.callable
        }
      }
      guard value.isCell else { throw LeftToInterpreter() }
      kept.append(value)
      if w.instruction == .loadAttrOfType { return set(d, constant: value) }
      if let receiver {
        kept.append(receiver)
        set(d, constant: value)
        set(d + 1, constant: receiver)
      } else {
        set(d, constant: .null)
        set(d + 1, constant: value)
      }
    }

    /// A name of the code that is being emitted
    private func name(_ field: UInt16) -> Value {
      let code = calls.last.map { $0.function.as(FunctionLayout.self).pointee.code.as(CodeLayout.self) } ?? fp.frameCode
      return pc.name(field, code)
    }

    // MARK: sites that have met many types, and new attributes

    func loadMany(_ d: Int) {
      fusePoint()
      call(Helpers.attribute, [.operand(pc.pointee.b), .bits(UInt64(UInt(bitPattern: pc)))])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      set(d, boxed: .rax)
    }

    func loadMethodMany(_ d: Int) {
      fusePoint()
      let field = pc.pointee.b
      call(Helpers.method, [.operand(field), .bits(UInt64(UInt(bitPattern: pc)))])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      let g = boxed(operand: field)
      set(d + 1, boxed: g, known(field))
      set(d, boxed: .rax, Known(kind: .cell))
    }

    func storeMany() {
      let w = pc.pointee
      fusePoint()
      call(Helpers.setAttribute, [.operand(w.a), .operand(w.b), .bits(UInt64(UInt(bitPattern: pc)))])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      noteEffect()
      // Any of them may be the object.
      for r in slots.indices { slots[r].known.shape = 0 }
    }

    /// A new attribute: the object gets the shape that was made last from the one that the instruction has seen, if that is for the same name.
    func addAttribute() throws {
      fusePoint()
      let w = pc.pointee
      let g = try shaped(w.a)
      let value = boxed(operand: w.b)
      storage(of: g)
      a.load(.rcx, Address(.rax, Offsets.storageShape))
      a.load(.rcx, Address(.rcx, Offsets.shapeLastChild))
      a.test(.rcx, .rcx)
      a.jump(.equal, miss())
      a.move(.rdx, imm: name(w.c).bits)
      a.alu(.cmp, .rdx, Address(.rcx, Offsets.shapeName))
      a.jump(.notEqual, miss())
      // Value before shape: the collector reads as many values as the shape has.
      a.store(Address(g, Int((pc + 2).pointee.bits >> 32)), value)
      a.store(Address(.rax, Offsets.storageShape), .rcx)
      noteEffect()
      // Any of them may be the object.
      for r in slots.indices { slots[r].known.shape = 0 }
    }

    func storeAttribute() throws {
      fusePoint()
      let w = pc.pointee
      let g = try w.instruction == .storeAttrSlot ? instance(w.a) : shaped(w.a)
      let value = boxed(operand: w.b)
      a.store(attribute(g), value)
      noteEffect()
    }
  }

#endif
