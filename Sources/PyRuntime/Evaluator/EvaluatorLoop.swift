// The loop. One case an instruction, in the order of `Instruction`. Habits that keep it fast, all measured:
//
// * pc, fp, k (the constants) and the thread are the only state, in locals; operands are read where they are used.
// * Whatever can raise or look at frames comes after `fp.framePC = pc`. An instruction that raises has written no destination.
// * Errors leave through `throw`, caught once for the whole switch; the handler is found from `pc`.
// * `pc` moves on only at the end of a case.

extension Evaluator {
  /// Runs the innermost frame until the frame `entry` (whose link has the entry flag) returns or yields.
  /// - Parameter raising: start by raising the pending exception where the frame stands.
  /// - Returns: what it returned or yielded; `.exhausted` when it was a generator's and returned (`generatorReturn`).
  static func loop(_ vm: VM, _ entry: Registers, raising: Bool) throws(Raised) -> Value {
    let thread = vm.thread
    let functionType = rt.types.function
    var fp = entry
    var pc = fp.framePC
    var k = fp.frameCode.pointee.constItems
    var isRaising = raising
    while true {
      do throws(Raised) {
        if isRaising {
          isRaising = false
          throw Raised()
        }
        while true {
          switch pc.pointee.instruction {
          case .nop, .wide: pc += 1
          case .trace: pc += 1

          // MARK: moves
          case .move:
            fp[Int(pc.pointee.a)] = operand(pc.pointee.b, fp, k)
            pc += 1
          case .move2:
            let x = operand(pc.pointee.b, fp, k)
            let y = operand(pc.pointee.c, fp, k)
            fp[Int(pc.pointee.a)] = x
            fp[Int(pc.pointee.a) &+ 1] = y
            pc += 1
          case .setNull:
            fp[Int(pc.pointee.a)] = .null
            pc += 1
          case .loadConstantWide:
            fp[Int(pc.pointee.a)] = k[pc.pointee.wideIndex]
            pc += 1
          case .checkBound:
            if fp[Int(pc.pointee.a)].isNull {
              fp.framePC = pc
              throw NameInstructions.unboundLocal(vm, fp, pc.pointee.a)
            }
            pc += 1
          case .unbind:
            fp[Int(pc.pointee.a)] = .null
            pc += 1
          case .unbindCheck:
            if fp[Int(pc.pointee.a)].isNull {
              fp.framePC = pc
              throw NameInstructions.unboundLocal(vm, fp, pc.pointee.a)
            }
            fp[Int(pc.pointee.a)] = .null
            pc += 1

          // MARK: cells
          case .makeCell:
            fp.framePC = pc
            try NameInstructions.makeCell(vm, fp, pc)
            pc += 1
          case .copyFree:
            NameInstructions.copyFree(fp, pc)
            pc += 1
          case .loadCell:
            let content = fp[Int(pc.pointee.b)].as(ClosureCellLayout.self).pointee.content
            if content.isNull {
              fp.framePC = pc
              throw NameInstructions.unboundLocal(vm, fp, pc.pointee.b)
            }
            fp[Int(pc.pointee.a)] = content
            pc += 1
          case .storeCell:
            fp[Int(pc.pointee.a)].as(ClosureCellLayout.self).pointee.content = operand(pc.pointee.b, fp, k)
            pc += 1
          case .deleteCell:
            let cell = fp[Int(pc.pointee.a)].as(ClosureCellLayout.self)
            if cell.pointee.content.isNull {
              fp.framePC = pc
              throw NameInstructions.unboundLocal(vm, fp, pc.pointee.a)
            }
            cell.pointee.content = .null
            pc += 1
          case .loadClassCell:
            fp.framePC = pc
            try NameInstructions.loadClassCell(vm, fp, pc)
            pc += 1

          // MARK: names
          case .loadGlobal:
            fp.framePC = pc
            try NameInstructions.loadGlobal(vm, fp, pc)
            pc += 3
          case .loadGlobalAttr:
            fp.framePC = pc
            let owner = try NameInstructions.global(vm, fp.frameFunction, pc.name(pc.pointee.b, fp))
            fp[Int(pc.pointee.a)] = try vm.getAttribute(owner, pc.name(pc.pointee.c, fp))
            pc += 4
          case .storeGlobal:
            fp.framePC = pc
            try NameInstructions.storeGlobal(vm, fp, k, pc)
            pc += 2
          case .deleteGlobal:
            fp.framePC = pc
            try NameInstructions.deleteGlobal(vm, fp, pc)
            pc += 1
          case .loadName:
            fp.framePC = pc
            try NameInstructions.loadName(vm, fp, pc)
            pc += 3
          case .storeName:
            fp.framePC = pc
            try NameInstructions.storeName(vm, fp, k, pc)
            pc += 2
          case .deleteName:
            fp.framePC = pc
            try NameInstructions.deleteName(vm, fp, pc)
            pc += 1
          case .loadBuildClass:
            fp.framePC = pc
            try NameInstructions.loadBuildClass(vm, fp, pc)
            pc += 1
          case .loadAssertionError:
            fp[Int(pc.pointee.a)] = Value(rt.types[.assertionError])
            pc += 1
          case .setupAnnotations:
            fp.framePC = pc
            try NameInstructions.setupAnnotations(vm, fp)
            pc += 1
          case .importName:
            fp.framePC = pc
            try ImportInstructions.importName(vm, fp, k, pc)
            pc += 2
          case .importFrom:
            fp.framePC = pc
            try ImportInstructions.importFrom(vm, fp, k, pc)
            pc += 1
          case .importStar:
            fp.framePC = pc
            try ImportInstructions.importStar(vm, fp, k, pc)
            pc += 1

          // MARK: attributes
          case .loadAttr:
            fp.framePC = pc
            let value = try vm.getAttribute(operand(pc.pointee.b, fp, k), pc.name(pc.pointee.c, fp))
            fp[Int(pc.pointee.a)] = value
            pc += 3
          case .storeAttr:
            fp.framePC = pc
            try vm.setAttribute(operand(pc.pointee.a, fp, k), pc.name(pc.pointee.c, fp), operand(pc.pointee.b, fp, k))
            pc += 3
          case .deleteAttr:
            fp.framePC = pc
            try vm.setAttribute(operand(pc.pointee.a, fp, k), pc.name(pc.pointee.c, fp), .null)
            pc += 1
          case .loadMethod:
            fp.framePC = pc
            try AttributeInstructions.loadMethod(vm, fp, k, pc)
            pc += 4

          // MARK: operators
          case .unaryPositive:
            fp.framePC = pc
            let value = try vm.positive(operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = value
            pc += 1
          case .unaryNegative:
            fp.framePC = pc
            let value = try vm.negative(operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = value
            pc += 1
          case .unaryNot:
            fp.framePC = pc
            let value = try vm.isTrue(operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = .bool(!value)
            pc += 1
          case .unaryInvert:
            fp.framePC = pc
            let value = try vm.invert(operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = value
            pc += 1
          case .binaryOp:
            fp.framePC = pc
            try OperatorInstructions.binary(vm, fp, k, pc)
            pc += 2
          case .compareOp:
            fp.framePC = pc
            try OperatorInstructions.compare(vm, fp, k, pc)
            pc += 2
          case .isOp:
            fp[Int(pc.pointee.a)] = .bool(operand(pc.pointee.b, fp, k) == operand(pc.pointee.c, fp, k))
            pc += 1
          case .isNot:
            fp[Int(pc.pointee.a)] = .bool(operand(pc.pointee.b, fp, k) != operand(pc.pointee.c, fp, k))
            pc += 1
          case .contains:
            fp.framePC = pc
            let found = try vm.contains(operand(pc.pointee.c, fp, k), operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = .bool(found)
            pc += 2
          case .notContains:
            fp.framePC = pc
            let found = try vm.contains(operand(pc.pointee.c, fp, k), operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = .bool(!found)
            pc += 2

          // MARK: jumps
          case .jump: pc += pc.pointee.farTarget
          case .jumpBack:
            if rt.pointee.evalBreaker != 0 {
              fp.framePC = pc
              try vm.safepoint()
            }
            pc += pc.pointee.farTarget
          case .jumpIfTrue:
            let value = operand(pc.pointee.a, fp, k)
            let taken: Bool
            if value.isBool {
              taken = value == .true
            } else {
              fp.framePC = pc
              taken = try vm.isTrue(value)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .jumpIfFalse:
            let value = operand(pc.pointee.a, fp, k)
            let taken: Bool
            if value.isBool {
              taken = value == .false
            } else {
              fp.framePC = pc
              taken = try !vm.isTrue(value)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .jumpIfNone:
            if operand(pc.pointee.a, fp, k).isNone {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .jumpIfNotNone:
            if !operand(pc.pointee.a, fp, k).isNone {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .copyJumpIfTrue:
            fp.framePC = pc
            let value = operand(pc.pointee.b, fp, k)
            if try vm.isTrue(value) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              fp[Int(pc.pointee.a)] = value
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .copyJumpIfFalse:
            fp.framePC = pc
            let value = operand(pc.pointee.b, fp, k)
            if try !vm.isTrue(value) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              fp[Int(pc.pointee.a)] = value
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .jumpCompare:
            fp.framePC = pc
            if try OperatorInstructions.jumpCompare(vm, fp, k, pc) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpIs:
            if operand(pc.pointee.a, fp, k) == operand(pc.pointee.b, fp, k) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .jumpIsNot:
            if operand(pc.pointee.a, fp, k) != operand(pc.pointee.b, fp, k) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 1
            }
          case .jumpContains:
            fp.framePC = pc
            if try vm.contains(operand(pc.pointee.b, fp, k), operand(pc.pointee.a, fp, k)) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpNotContains:
            fp.framePC = pc
            if try !vm.contains(operand(pc.pointee.b, fp, k), operand(pc.pointee.a, fp, k)) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpExcMatch:
            fp.framePC = pc
            if try ExceptionInstructions.matches(vm, operand(pc.pointee.a, fp, k), operand(pc.pointee.b, fp, k)) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpExcNoMatch:
            fp.framePC = pc
            if try !ExceptionInstructions.matches(vm, operand(pc.pointee.a, fp, k), operand(pc.pointee.b, fp, k)) {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }

          // MARK: subscripts
          case .getItem:
            fp.framePC = pc
            try SubscriptInstructions.get(vm, fp, k, pc)
            pc += 2
          case .setItem:
            fp.framePC = pc
            try SubscriptInstructions.set(vm, fp, k, pc)
            pc += 2
          case .deleteItem:
            fp.framePC = pc
            try SubscriptInstructions.delete(vm, operand(pc.pointee.a, fp, k), operand(pc.pointee.b, fp, k))
            pc += 1
          case .buildSlice2:
            fp.framePC = pc
            let slice = try SubscriptInstructions.slice(vm, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k), .none)
            fp[Int(pc.pointee.a)] = slice
            pc += 1
          case .buildSlice3:
            fp.framePC = pc
            let first = Int(pc.pointee.b)
            let slice = try SubscriptInstructions.slice(vm, fp[first], fp[first &+ 1], fp[first &+ 2])
            fp[Int(pc.pointee.a)] = slice
            pc += 1
          case .getSlice:
            fp.framePC = pc
            let stop = operand(UInt16(truncatingIfNeeded: pc.w0), fp, k)
            let slice = try SubscriptInstructions.slice(vm, operand(pc.pointee.c, fp, k), stop, .none)
            let value = try vm.getItem(operand(pc.pointee.b, fp, k), slice)
            fp[Int(pc.pointee.a)] = value
            pc += 2
          case .setSlice:
            fp.framePC = pc
            let slice = try SubscriptInstructions.slice(vm, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k), .none)
            try vm.setItem(operand(pc.pointee.a, fp, k), slice, operand(UInt16(truncatingIfNeeded: pc.w0), fp, k))
            pc += 2

          // MARK: iteration
          case .getIter:
            fp.framePC = pc
            let iterator = try vm.iter(operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = iterator
            pc += 1
          case .forIter:
            fp.framePC = pc
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.generator), Generators.canResume(iterator.as(GeneratorLayout.self)) {
              fp = try Generators.resumeInline(vm, iterator.as(GeneratorLayout.self), .none)
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
              continue
            }
            let item = try vm.next(iterator)
            if item == .exhausted {
              pc += pc.pointee.target
            } else {
              fp[Int(pc.pointee.a)] = item
              pc += 2
            }
          case .forLoop:
            if rt.pointee.evalBreaker != 0 {
              fp.framePC = pc
              try vm.safepoint()
            }
            // The FOR_ITER two words before the body.
            pc += pc.pointee.target - 2
          case .forUnpack2:
            fp.framePC = pc
            let item = try vm.next(fp[Int(pc.pointee.b)])
            if item == .exhausted {
              pc += pc.pointee.target
            } else {
              try UnpackInstructions.pair(vm, fp, item, pc.pointee.a, UInt16(truncatingIfNeeded: pc.w0))
              pc += 2
            }
          case .unpack2:
            fp.framePC = pc
            try UnpackInstructions.unpack2(vm, fp, k, pc)
            pc += 2
          case .unpackN:
            fp.framePC = pc
            try UnpackInstructions.unpackN(vm, fp, k, pc)
            pc += 2 + (Int(pc.pointee.b) &+ 3) / 4
          case .unpackEx:
            fp.framePC = pc
            try UnpackInstructions.unpackEx(vm, fp, k, pc)
            pc += 2 + (Int(pc.pointee.b) &+ Int(pc.pointee.c) &+ 4) / 4

          // MARK: calls
          case .call:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            fp.framePC = pc
            if let frame = try Calls.perform(vm, fp, slot, Int(pc.pointee.c), .null, pc.pointee.a, simple: true) {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
              if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
            } else {
              pc += 2
            }
          case .callMethod:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            fp.framePC = pc
            let isMethod = !slot[0].isNull
            let frame = try Calls.perform(
              vm, fp, isMethod ? slot : slot + 1, Int(pc.pointee.c) &+ (isMethod ? 1 : 0), .null, pc.pointee.a, simple: true)
            if let frame {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
              if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
            } else {
              pc += 2
            }
          case .call1:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            slot[1] = operand(pc.pointee.c, fp, k)
            fp.framePC = pc
            if let frame = try Calls.perform(vm, fp, slot, 1, .null, pc.pointee.a, simple: true) {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
              if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
            } else {
              pc += 2
            }
          case .callMethod1:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            slot[2] = operand(pc.pointee.c, fp, k)
            fp.framePC = pc
            let isMethod = !slot[0].isNull
            let frame = try Calls.perform(
              vm, fp, isMethod ? slot : slot + 1, isMethod ? 2 : 1, .null, pc.pointee.a, simple: true)
            if let frame {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
              if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
            } else {
              pc += 2
            }
          case .callKw:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            fp.framePC = pc
            let names = k[Int(pc.w0 & 0xFFFF_FFFF)]
            if let frame = try Calls.perform(vm, fp, slot, Int(pc.pointee.c), names, pc.pointee.a, simple: false) {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
            } else {
              pc += 3
            }
          case .callMethodKw:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            fp.framePC = pc
            let names = k[Int(pc.w0 & 0xFFFF_FFFF)]
            let isMethod = !slot[0].isNull
            let frame = try Calls.perform(
              vm, fp, isMethod ? slot : slot + 1, Int(pc.pointee.c) &+ (isMethod ? 1 : 0), names, pc.pointee.a, simple: false)
            if let frame {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
            } else {
              pc += 3
            }
          case .callEx:
            fp.framePC = pc
            if let frame = try Calls.unpacked(vm, fp, pc) {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
            } else {
              pc += 1
            }
          case .withExit:
            let slot = fp + (Int(pc.pointee.c) &+ FrameLayout.calleeOffset)
            let exit = operand(pc.pointee.b, fp, k)
            fp.framePC = pc
            slot[0] = exit
            slot[1] = .none
            slot[2] = .none
            slot[3] = .none
            if let frame = try Calls.perform(vm, fp, slot, 3, .null, pc.pointee.a, simple: false) {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
            } else {
              pc += 1
            }
          case .makeFunction:
            fp.framePC = pc
            try Builders.makeFunction(vm, fp, k, pc)
            pc += 2
          case .returnValue:
            let value = operand(pc.pointee.a, fp, k)
            if fp.frameLink & FrameLink.flags == 0 && fp.frameState.isNull, let caller = fp.frameCaller {
              thread.pointee.frame = UnsafeMutableRawPointer(caller)
              thread.pointee.recursionDepth &-= 1
              let code = caller.frameCode
              thread.pointee.stackTop =
                caller.isGeneratorFrame ? fp - FrameLayout.headerWords : caller + Int(code.pointee.registerCount)
              k = code.pointee.constItems
              fp = caller
              pc = fp.framePC
              fp[Int(pc.pointee.a)] = value
              pc += 2
            } else {
              fp.framePC = pc
              let isGenerator = fp.isGeneratorFrame
              if let caller = fp.frameCaller, fp.frameLink & FrameLink.entry == 0 {
                // An error found on the way out is the caller's.
                let frame = fp
                fp = caller
                pc = fp.framePC
                guard let next = try returnSlowly(vm, frame, value) else { return value }
                fp = next
                pc = fp.framePC
                k = fp.frameCode.pointee.constItems
              } else {
                _ = try returnSlowly(vm, fp, value)
                return isGenerator ? .exhausted : value
              }
            }
          case .returnGenerator:
            fp.framePC = pc
            let generator = try Generators.make(vm, fp)
            let frame = fp
            guard frame.frameLink & FrameLink.entry == 0, let caller = frame.frameCaller else {
              _ = try returnSlowly(vm, frame, generator)
              return generator
            }
            fp = caller
            pc = fp.framePC
            guard let next = try returnSlowly(vm, frame, generator) else { return generator }
            fp = next
            pc = fp.framePC
            k = fp.frameCode.pointee.constItems

          // MARK: builders
          case .buildTuple:
            fp.framePC = pc
            let made = try vm.tuple(copying: fp + Int(pc.pointee.b), count: Int(pc.pointee.c))
            fp[Int(pc.pointee.a)] = made
            pc += 1
          case .buildList:
            fp.framePC = pc
            let made = try vm.list(copying: fp + Int(pc.pointee.b), count: Int(pc.pointee.c))
            fp[Int(pc.pointee.a)] = made
            pc += 1
          case .buildSet:
            fp.framePC = pc
            try Builders.buildSet(vm, fp, pc)
            pc += 1
          case .buildMap:
            fp.framePC = pc
            try Builders.buildMap(vm, fp, pc)
            pc += 1
          case .buildConstKeyMap:
            fp.framePC = pc
            try Builders.buildConstKeyMap(vm, fp, k, pc)
            pc += 2
          case .buildString:
            fp.framePC = pc
            try Builders.buildString(vm, fp, pc)
            pc += 1
          case .tuple1:
            fp.framePC = pc
            let made = try vm.tuple(operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = made
            pc += 1
          case .tuple2:
            fp.framePC = pc
            let made = try vm.tuple(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            fp[Int(pc.pointee.a)] = made
            pc += 1
          case .list1:
            fp.framePC = pc
            try Builders.list1(vm, fp, k, pc)
            pc += 1
          case .list2:
            fp.framePC = pc
            try Builders.list2(vm, fp, k, pc)
            pc += 1
          case .map1:
            fp.framePC = pc
            try Builders.map1(vm, fp, k, pc)
            pc += 1
          case .string2:
            fp.framePC = pc
            try Builders.string2(vm, fp, k, pc)
            pc += 1
          case .format:
            fp.framePC = pc
            let text = try Builders.format(vm, operand(pc.pointee.b, fp, k), .null, Int(pc.pointee.c))
            fp[Int(pc.pointee.a)] = text
            pc += 1
          case .formatSpec:
            fp.framePC = pc
            let text = try Builders.format(vm, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k), Int(pc.w0 & 0xFF))
            fp[Int(pc.pointee.a)] = text
            pc += 2
          case .listAppend:
            fp.framePC = pc
            try vm.append(fp[Int(pc.pointee.a)], operand(pc.pointee.b, fp, k))
            pc += 1
          case .listExtend:
            fp.framePC = pc
            try Builders.listExtend(vm, fp, k, pc)
            pc += 1
          case .setAdd:
            fp.framePC = pc
            _ = try Sets.add(vm, fp[Int(pc.pointee.a)], operand(pc.pointee.b, fp, k))
            pc += 1
          case .setUpdate:
            fp.framePC = pc
            try Sets.update(vm, fp[Int(pc.pointee.a)].as(SetLayout.self), operand(pc.pointee.b, fp, k))
            pc += 1
          case .mapAdd:
            fp.framePC = pc
            try Dicts.set(vm, fp[Int(pc.pointee.a)], operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            pc += 1
          case .dictUpdate:
            fp.framePC = pc
            try Builders.dictUpdate(vm, fp, k, pc)
            pc += 1
          case .dictMerge:
            fp.framePC = pc
            try Builders.dictMerge(vm, fp, k, pc)
            pc += 1
          case .listToTuple:
            fp.framePC = pc
            let made = try vm.tuple(from: operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = made
            pc += 1

          // MARK: generators
          case .yieldValue:
            let value = operand(pc.pointee.b, fp, k)
            fp.framePC = pc
            guard let next = Generators.suspend(vm, fp, value) else { return value }
            fp = next
            pc = fp.framePC
            k = fp.frameCode.pointee.constItems
          case .yieldFrom:
            fp.framePC = pc
            let receiver = fp[Int(pc.pointee.b)]
            var value = thread.pointee.sent
            thread.pointee.sent = .null
            if value.isNull { value = operand(pc.pointee.c, fp, k) }
            if Generators.isDelegate(receiver), Generators.canResume(receiver.as(GeneratorLayout.self)),
              value.isNone || receiver.as(GeneratorLayout.self).pointee.state == .suspended
            {
              fp = try Generators.resumeInline(vm, receiver.as(GeneratorLayout.self), value)
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
              continue
            }
            let item = try Generators.send(vm, receiver, value)
            if item == .exhausted {
              fp[Int(pc.pointee.a)] = thread.pointee.generatorReturn
              thread.pointee.generatorReturn = .null
              pc += 1
            } else {
              guard let next = Generators.suspend(vm, fp, item) else { return item }
              fp = next
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
            }
          case .asyncGenWrap:
            fp.framePC = pc
            let wrapper = try vm.make(AwaitWrapperLayout.self, rt.types.asyncGenWrappedValue)
            wrapper.pointee.target = operand(pc.pointee.b, fp, k)
            fp[Int(pc.pointee.a)] = Value(wrapper)
            pc += 1
          case .getAwaitable:
            fp.framePC = pc
            let iterator = try AwaitInstructions.awaitable(vm, operand(pc.pointee.b, fp, k), pc.pointee.c)
            fp[Int(pc.pointee.a)] = iterator
            pc += 1
          case .getAiter:
            fp.framePC = pc
            let iterator = try AwaitInstructions.asyncIterator(vm, operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = iterator
            pc += 1
          case .getAnext:
            fp.framePC = pc
            let item = try AwaitInstructions.asyncNext(vm, operand(pc.pointee.b, fp, k))
            fp[Int(pc.pointee.a)] = item
            pc += 1
          case .endAsyncFor:
            let exception = fp[Int(pc.pointee.a)]
            if exception.isInstance(of: rt.types[.stopAsyncIteration]) {
              pc += 1
            } else {
              fp.framePC = pc
              throw ExceptionInstructions.reraise(vm, exception)
            }
          case .getYieldFromIter:
            fp.framePC = pc
            let flags = fp.frameCode.pointee.flags
            let iterator = try AwaitInstructions.yieldFromIterator(vm, operand(pc.pointee.b, fp, k), flags)
            fp[Int(pc.pointee.a)] = iterator
            pc += 1

          // MARK: exceptions
          case .pushExc:
            let exception = fp[Int(pc.pointee.c)]
            let handled = thread.pointee.handled
            fp[Int(pc.pointee.a)] = handled.isNull ? .none : handled
            fp[Int(pc.pointee.b)] = exception
            thread.pointee.handled = exception
            pc += 1
          case .popExc:
            let previous = fp[Int(pc.pointee.a)]
            thread.pointee.handled = previous.isNone ? .null : previous
            pc += 1
          case .reraise:
            fp.framePC = pc
            throw ExceptionInstructions.reraise(vm, operand(pc.pointee.a, fp, k))
          case .reraiseLasti:
            fp.framePC = pc
            throw ExceptionInstructions.reraise(vm, operand(pc.pointee.a, fp, k))
          case .raise0:
            fp.framePC = pc
            throw ExceptionInstructions.raiseAgain(vm)
          case .raise1:
            fp.framePC = pc
            throw ExceptionInstructions.raise(vm, operand(pc.pointee.a, fp, k), .null)
          case .raise2:
            fp.framePC = pc
            throw ExceptionInstructions.raise(vm, operand(pc.pointee.a, fp, k), operand(pc.pointee.b, fp, k))
          case .checkExcMatch:
            fp.framePC = pc
            let matched = try ExceptionInstructions.matches(vm, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            fp[Int(pc.pointee.a)] = .bool(matched)
            pc += 2
          case .checkEgMatch:
            fp.framePC = pc
            try ExceptionInstructions.matchGroup(vm, fp, k, pc)
            pc += 1
          case .prepReraiseStar:
            fp.framePC = pc
            let result = try ExceptionInstructions.prepareReraiseStar(vm, operand(pc.pointee.b, fp, k), fp[Int(pc.pointee.c)])
            fp[Int(pc.pointee.a)] = result
            pc += 1
          case .withEnter:
            fp.framePC = pc
            try ExceptionInstructions.enter(vm, fp, k, pc, isAsync: false)
            pc += 1
          case .asyncWithEnter:
            fp.framePC = pc
            try ExceptionInstructions.enter(vm, fp, k, pc, isAsync: true)
            pc += 1
          case .withExcept:
            fp.framePC = pc
            try ExceptionInstructions.exit(vm, fp, k, pc)
            pc += 1

          // MARK: matching
          case .getLen:
            fp.framePC = pc
            let length = try vm.int(try vm.length(operand(pc.pointee.b, fp, k)))
            fp[Int(pc.pointee.a)] = length
            pc += 1
          case .matchMapping:
            let flags = operand(pc.pointee.b, fp, k).type.pointee.flags
            fp[Int(pc.pointee.a)] = .bool(flags.contains(.mappingPattern))
            pc += 1
          case .matchSequence:
            let flags = operand(pc.pointee.b, fp, k).type.pointee.flags
            fp[Int(pc.pointee.a)] = .bool(flags.contains(.sequencePattern))
            pc += 1
          case .matchKeys:
            fp.framePC = pc
            let values = try MatchInstructions.keys(vm, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            fp[Int(pc.pointee.a)] = values
            pc += 1
          case .matchClass:
            fp.framePC = pc
            let values = try MatchInstructions.matchClass(
              vm, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k), operand(UInt16(truncatingIfNeeded: pc.w0), fp, k),
              Int(pc.w0 >> 32))
            fp[Int(pc.pointee.a)] = values
            pc += 2
          case .printExpr:
            fp.framePC = pc
            try Builders.printExpr(vm, operand(pc.pointee.a, fp, k))
            pc += 1
          default:
            fp.framePC = pc
            throw vm.raise(.systemError, "instruction \(pc.pointee.op) cannot be executed")
          }
        }
      } catch {
        fp.framePC = pc
        guard let frame = Unwinding.unwind(vm, fp) else { throw error }
        fp = frame
        pc = fp.framePC
        k = fp.frameCode.pointee.constItems
        _ = functionType
      }
    }
  }

  /// Backward jumps come here before they are taken.
  @inline(__always)
  private static func poll(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    if rt.pointee.evalBreaker != 0 {
      fp.framePC = pc
      try vm.safepoint()
    }
  }
}
