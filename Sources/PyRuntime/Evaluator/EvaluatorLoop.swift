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
          case .trace:
            if thread.pointee.isTraced {
              pc = try Tracing.instruction(vm, fp, pc)
            } else {
              pc += 1
            }

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
            try AttributeInstructions.load(vm, fp, k, pc)
            pc += 4
          case .storeAttr:
            fp.framePC = pc
            try AttributeInstructions.store(vm, fp, k, pc)
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
            try SubscriptInstructions.getSlice(vm, fp, k, pc)
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
            Quickening.forIter(pc, iterator, fp)
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
            Quickening.forLoop(pc)
            pc += pc.pointee.target &- 2
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
            let source = operand(pc.pointee.c, fp, k)
            if source.isExact(rt.types.tuple), case let pair = source.as(TupleLayout.self), pair.pointee.count == 2 {
              let x = pair.items[0], y = pair.items[1]
              fp[Int(pc.pointee.a)] = x
              fp[Int(pc.pointee.b)] = y
            } else {
              fp.framePC = pc
              try UnpackInstructions.unpack2(vm, fp, k, pc)
            }
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
            if let frame = Calls.pushFast(vm, fp, pc, slot, Int(pc.pointee.c)) {
              fp = frame
              let code = fp.frameCode
              pc = code.pointee.entry.unsafelyUnwrapped
              k = code.pointee.constItems
            } else {
              fp.framePC = pc
              if try Calls.native(vm, fp, slot, Int(pc.pointee.c), pc.pointee.a) {
                pc += 2
              } else if let frame = try Calls.perform(vm, fp, slot, Int(pc.pointee.c), .null, pc.pointee.a, simple: true) {
                fp = frame
                pc = fp.framePC
                k = fp.frameCode.pointee.constItems
                if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
              } else {
                pc += 2
              }
            }
          case .callMethod:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            let isMethod = !slot[0].isNull
            let callee = isMethod ? slot : slot + 1
            let count = Int(pc.pointee.c) &+ (isMethod ? 1 : 0)
            if let frame = Calls.pushFast(vm, fp, pc, callee, count) {
              fp = frame
              let code = fp.frameCode
              pc = code.pointee.entry.unsafelyUnwrapped
              k = code.pointee.constItems
            } else {
              fp.framePC = pc
              if try Calls.native(vm, fp, callee, count, pc.pointee.a) {
                pc += 2
              } else if let frame = try Calls.perform(vm, fp, callee, count, .null, pc.pointee.a, simple: true) {
                fp = frame
                pc = fp.framePC
                k = fp.frameCode.pointee.constItems
                if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
              } else {
                pc += 2
              }
            }
          case .call1:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            slot[1] = operand(pc.pointee.c, fp, k)
            if let frame = Calls.pushFast(vm, fp, pc, slot, 1) {
              fp = frame
              let code = fp.frameCode
              pc = code.pointee.entry.unsafelyUnwrapped
              k = code.pointee.constItems
            } else {
              fp.framePC = pc
              if try Calls.native(vm, fp, slot, 1, pc.pointee.a) {
                pc += 2
              } else if let frame = try Calls.perform(vm, fp, slot, 1, .null, pc.pointee.a, simple: true) {
                fp = frame
                pc = fp.framePC
                k = fp.frameCode.pointee.constItems
                if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
              } else {
                pc += 2
              }
            }
          case .callMethod1:
            let slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset)
            slot[2] = operand(pc.pointee.c, fp, k)
            let isMethod = !slot[0].isNull
            let callee = isMethod ? slot : slot + 1
            let count = isMethod ? 2 : 1
            if let frame = Calls.pushFast(vm, fp, pc, callee, count) {
              fp = frame
              let code = fp.frameCode
              pc = code.pointee.entry.unsafelyUnwrapped
              k = code.pointee.constItems
            } else {
              fp.framePC = pc
              if try Calls.native(vm, fp, callee, count, pc.pointee.a) {
                pc += 2
              } else if let frame = try Calls.perform(vm, fp, callee, count, .null, pc.pointee.a, simple: true) {
                fp = frame
                pc = fp.framePC
                k = fp.frameCode.pointee.constItems
                if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
              } else {
                pc += 2
              }
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
              if thread.pointee.isTraced, !Generators.isDelegate(receiver) {
                Tracing.stopped(vm, fp, thread.pointee.generatorReturn)
              }
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
          // MARK: quickened operators
          case .addIntRR:
            let result = OperatorInstructions.sum(fp[Int(pc.pointee.b)], fp[Int(pc.pointee.c)])
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .addIntRK:
            let result = OperatorInstructions.sum(fp[Int(pc.pointee.b)], k[Int(pc.pointee.c & ~Encoding.constantBit)])
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .addInt:
            let result = OperatorInstructions.sum(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .subIntRR:
            let result = OperatorInstructions.difference(fp[Int(pc.pointee.b)], fp[Int(pc.pointee.c)])
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .subIntRK:
            let result = OperatorInstructions.difference(fp[Int(pc.pointee.b)], k[Int(pc.pointee.c & ~Encoding.constantBit)])
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .subInt:
            let result = OperatorInstructions.difference(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .mulInt:
            let result = OperatorInstructions.product(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .floorDivInt:
            let result = OperatorInstructions.floorQuotient(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .modInt:
            let result = OperatorInstructions.floorRemainder(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .lshInt:
            let result = OperatorInstructions.shiftedLeft(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .rshInt:
            let result = OperatorInstructions.shiftedRight(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !result.isNull {
              fp[Int(pc.pointee.a)] = result
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .andInt:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = Value(bits: x.bits & y.bits | Value.intTag)
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .orInt:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = Value(bits: x.bits | y.bits | Value.intTag)
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .xorInt:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = Value(bits: x.bits ^ y.bits | Value.intTag)
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .addFloat:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if x.isDouble && y.isDouble {
              fp[Int(pc.pointee.a)] = Value(x.double + y.double)
            } else if Quickening.isNumber(x) && Quickening.isNumber(y) && !Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = Value(Quickening.number(x) + Quickening.number(y))
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .subFloat:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if x.isDouble && y.isDouble {
              fp[Int(pc.pointee.a)] = Value(x.double - y.double)
            } else if Quickening.isNumber(x) && Quickening.isNumber(y) && !Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = Value(Quickening.number(x) - Quickening.number(y))
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .mulFloat:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if x.isDouble && y.isDouble {
              fp[Int(pc.pointee.a)] = Value(x.double * y.double)
            } else if Quickening.isNumber(x) && Quickening.isNumber(y) && !Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = Value(Quickening.number(x) * Quickening.number(y))
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .divFloat:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if x.isDouble && y.isDouble && y.double != 0 {
              fp[Int(pc.pointee.a)] = Value(x.double / y.double)
            } else if Quickening.isNumber(x) && Quickening.isNumber(y) && Quickening.number(y) != 0 {
              fp[Int(pc.pointee.a)] = Value(Quickening.number(x) / Quickening.number(y))
            } else {
              fp.framePC = pc
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .addStr:
            fp.framePC = pc
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if x.isExactStr && y.isExactStr {
              let joined = try vm.concatenate(x, y)
              fp[Int(pc.pointee.a)] = joined
            } else {
              try OperatorInstructions.binaryMiss(vm, fp, k, pc)
            }
            pc += 2
          case .compareInt:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if Value.bothSmallInts(x, y) {
              fp[Int(pc.pointee.a)] = .bool(OperatorInstructions.compareInts(pc.w0 & 0xFF, x, y))
            } else {
              fp.framePC = pc
              try OperatorInstructions.compareMiss(vm, fp, k, pc)
            }
            pc += 2
          case .compareFloat:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if Quickening.isNumber(x) && Quickening.isNumber(y) && !Value.bothSmallInts(x, y) {
              let result = OperatorInstructions.compareDoubles(pc.w0 & 0xFF, Quickening.number(x), Quickening.number(y))
              fp[Int(pc.pointee.a)] = .bool(result)
            } else {
              fp.framePC = pc
              try OperatorInstructions.compareMiss(vm, fp, k, pc)
            }
            pc += 2
          case .compareStr:
            let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k)
            if x.isExactStr && y.isExactStr {
              fp[Int(pc.pointee.a)] = .bool(OperatorInstructions.compareStrs(pc.w0 & 0xFF, x, y))
            } else {
              fp.framePC = pc
              try OperatorInstructions.compareMiss(vm, fp, k, pc)
            }
            pc += 2

          // MARK: quickened jumps
          case .jumpLtIntRR:
            let x = fp[Int(pc.pointee.a)], y = fp[Int(pc.pointee.b)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) < Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpLtIntRK:
            let x = fp[Int(pc.pointee.a)], y = k[Int(pc.pointee.b & ~Encoding.constantBit)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) < Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpLeIntRR:
            let x = fp[Int(pc.pointee.a)], y = fp[Int(pc.pointee.b)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) <= Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpLeIntRK:
            let x = fp[Int(pc.pointee.a)], y = k[Int(pc.pointee.b & ~Encoding.constantBit)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) <= Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpGtIntRR:
            let x = fp[Int(pc.pointee.a)], y = fp[Int(pc.pointee.b)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) > Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpGtIntRK:
            let x = fp[Int(pc.pointee.a)], y = k[Int(pc.pointee.b & ~Encoding.constantBit)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) > Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpGeIntRR:
            let x = fp[Int(pc.pointee.a)], y = fp[Int(pc.pointee.b)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) >= Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpGeIntRK:
            let x = fp[Int(pc.pointee.a)], y = k[Int(pc.pointee.b & ~Encoding.constantBit)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = Int64(bitPattern: x.bits &<< 16) >= Int64(bitPattern: y.bits &<< 16)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpEqIntRR:
            let x = fp[Int(pc.pointee.a)], y = fp[Int(pc.pointee.b)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = x == y
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpEqIntRK:
            let x = fp[Int(pc.pointee.a)], y = k[Int(pc.pointee.b & ~Encoding.constantBit)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = x == y
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpNeIntRR:
            let x = fp[Int(pc.pointee.a)], y = fp[Int(pc.pointee.b)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = x != y
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpNeIntRK:
            let x = fp[Int(pc.pointee.a)], y = k[Int(pc.pointee.b & ~Encoding.constantBit)]
            let taken: Bool
            if Value.bothSmallInts(x, y) {
              taken = x != y
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpCompareFloat:
            let x = operand(pc.pointee.a, fp, k), y = operand(pc.pointee.b, fp, k)
            let taken: Bool
            if Quickening.isNumber(x) && Quickening.isNumber(y) && !Value.bothSmallInts(x, y) {
              let result = OperatorInstructions.compareDoubles(pc.w0 & 0xFF, Quickening.number(x), Quickening.number(y))
              taken = result == (pc.w0 >> 8 & 1 != 0)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }
          case .jumpCompareStr:
            let x = operand(pc.pointee.a, fp, k), y = operand(pc.pointee.b, fp, k)
            let taken: Bool
            if x.isExactStr && y.isExactStr {
              taken = OperatorInstructions.compareStrs(pc.w0 & 0xFF, x, y) == (pc.w0 >> 8 & 1 != 0)
            } else {
              fp.framePC = pc
              taken = try OperatorInstructions.jumpCompareMiss(vm, fp, k, pc)
            }
            if taken {
              if pc.pointee.target < 0 { try poll(vm, fp, pc) }
              pc += pc.pointee.target
            } else {
              pc += 2
            }

          // MARK: quickened subscripts, loops, globals
          case .getItemListInt:
            let item = SubscriptInstructions.listItem(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !item.isNull {
              fp[Int(pc.pointee.a)] = item
            } else {
              fp.framePC = pc
              try SubscriptInstructions.getMiss(vm, fp, k, pc)
            }
            pc += 2
          case .getItemTupleInt:
            let item = SubscriptInstructions.tupleItem(operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            if !item.isNull {
              fp[Int(pc.pointee.a)] = item
            } else {
              fp.framePC = pc
              try SubscriptInstructions.getMiss(vm, fp, k, pc)
            }
            pc += 2
          case .getItemDict:
            fp.framePC = pc
            let container = operand(pc.pointee.b, fp, k)
            if container.isExact(rt.types.dict) {
              let item = try Dicts.get(vm, container, operand(pc.pointee.c, fp, k))
              if !item.isNull {
                fp[Int(pc.pointee.a)] = item
              } else {
                throw vm.raise(.keyError, value: operand(pc.pointee.c, fp, k))
              }
            } else {
              try SubscriptInstructions.getMiss(vm, fp, k, pc)
            }
            pc += 2
          case .setItemListInt:
            let container = operand(pc.pointee.a, fp, k)
            if !SubscriptInstructions.storeListItem(container, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k)) {
              fp.framePC = pc
              try SubscriptInstructions.setMiss(vm, fp, k, pc)
            }
            pc += 2
          case .setItemDict:
            fp.framePC = pc
            let container = operand(pc.pointee.a, fp, k)
            if container.isExact(rt.types.dict) {
              try Dicts.set(vm, container, operand(pc.pointee.b, fp, k), operand(pc.pointee.c, fp, k))
            } else {
              try SubscriptInstructions.setMiss(vm, fp, k, pc)
            }
            pc += 2
          case .forLoopRange:
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.rangeIterator), rt.pointee.evalBreaker == 0 {
              let item = Iterators.nextOfRange(iterator.as(RangeIteratorLayout.self))
              if !item.isConstantOrNull {
                fp[Int(pc.pointee.a)] = item
                pc += pc.pointee.target
                continue
              }
            }
            try loopSlowly(vm, fp, pc, rt.types.rangeIterator)
            pc += pc.pointee.target &- 2
          case .forLoopList:
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.listIterator), rt.pointee.evalBreaker == 0, IterationInstructions.isOwnList(iterator) {
              let item = Iterators.nextOfList(iterator.as(IndexIteratorLayout.self))
              if item != .exhausted {
                fp[Int(pc.pointee.a)] = item
                pc += pc.pointee.target
                continue
              }
            }
            try loopSlowly(vm, fp, pc, rt.types.listIterator)
            pc += pc.pointee.target &- 2
          case .forLoopTuple:
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.tupleIterator), rt.pointee.evalBreaker == 0 {
              let item = Iterators.nextOfTuple(iterator.as(IndexIteratorLayout.self))
              if item != .exhausted {
                fp[Int(pc.pointee.a)] = item
                pc += pc.pointee.target
                continue
              }
            }
            try loopSlowly(vm, fp, pc, rt.types.tupleIterator)
            pc += pc.pointee.target &- 2
          case .forIterDict:
            fp.framePC = pc
            let item = try IterationInstructions.nextOfDict(vm, fp[Int(pc.pointee.b)], pc)
            if item == .exhausted {
              pc += pc.pointee.target
            } else if item.isNull {
              Quickening.revert(pc, to: .forIter)
            } else {
              fp[Int(pc.pointee.a)] = item
              pc += 2
            }
          case .forIterEnumerate2:
            fp.framePC = pc
            switch try IterationInstructions.nextOfEnumerate(vm, fp, pc) {
            case .item: pc += 4
            case .end: pc += pc.pointee.target
            case .other: Quickening.revert(pc, to: .forIter)
            }
          case .forIterZip2:
            fp.framePC = pc
            switch try IterationInstructions.nextOfZip(vm, fp, pc) {
            case .item: pc += 4
            case .end: pc += pc.pointee.target
            case .other: Quickening.revert(pc, to: .forIter)
            }
          case .forIterItems2:
            fp.framePC = pc
            switch try IterationInstructions.nextOfItems(vm, fp, pc) {
            case .item: pc += 4
            case .end: pc += pc.pointee.target
            case .other: Quickening.revert(pc, to: .forIter)
            }
          case .forIterRange:
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.rangeIterator) {
              let item = Iterators.nextOfRange(iterator.as(RangeIteratorLayout.self))
              if item == .exhausted {
                pc += pc.pointee.target
                continue
              }
              if !item.isNull {
                fp[Int(pc.pointee.a)] = item
                pc += 2
                continue
              }
            }
            Quickening.revert(pc, to: .forIter)
          case .forIterList:
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.listIterator), IterationInstructions.isOwnList(iterator) {
              let item = Iterators.nextOfList(iterator.as(IndexIteratorLayout.self))
              if item == .exhausted {
                pc += pc.pointee.target
              } else {
                fp[Int(pc.pointee.a)] = item
                pc += 2
              }
              continue
            }
            Quickening.revert(pc, to: .forIter)
          case .forIterTuple:
            let iterator = fp[Int(pc.pointee.b)]
            if iterator.isExact(rt.types.tupleIterator) {
              let item = Iterators.nextOfTuple(iterator.as(IndexIteratorLayout.self))
              if item == .exhausted {
                pc += pc.pointee.target
              } else {
                fp[Int(pc.pointee.a)] = item
                pc += 2
              }
              continue
            }
            Quickening.revert(pc, to: .forIter)
          case .loadGlobalModule:
            let globals = fp.frameFunction.pointee.globals.as(DictLayout.self)
            if globals.pointee.keysVersion == UInt32(truncatingIfNeeded: pc.w0 >> 32) {
              let entries = globals.pointee.entries.unsafelyUnwrapped
              fp[Int(pc.pointee.a)] = entries[Int((pc + 2).pointee.bits)].value
            } else {
              fp.framePC = pc
              try NameInstructions.loadGlobalMiss(vm, fp, pc)
            }
            pc += 3
          case .loadGlobalBuiltin:
            let function = fp.frameFunction
            let globals = function.pointee.globals.as(DictLayout.self)
            let word = (pc + 2).pointee.bits
            if globals.pointee.keysVersion == UInt32(truncatingIfNeeded: pc.w0 >> 32), function.pointee.builtins.isExact(rt.types.dict),
              case let builtins = function.pointee.builtins.as(DictLayout.self),
              builtins.pointee.keysVersion == UInt32(truncatingIfNeeded: word)
            {
              let entries = builtins.pointee.entries.unsafelyUnwrapped
              fp[Int(pc.pointee.a)] = entries[Int(word >> 32)].value
            } else {
              fp.framePC = pc
              try NameInstructions.loadGlobalMiss(vm, fp, pc)
            }
            pc += 3
          // MARK: quickened attributes
          case .loadAttrInstance:
            let object = operand(pc.pointee.b, fp, k)
            if AttributeInstructions.hasShape(pc, object) {
              fp[Int(pc.pointee.a)] = AttributeInstructions.place(pc, object).pointee
            } else {
              fp.framePC = pc
              try AttributeInstructions.loadMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadAttrSlot:
            let object = operand(pc.pointee.b, fp, k)
            if AttributeInstructions.matches(pc, object),
              case let value = (object.cell + Int((pc + 2).pointee.bits)).load(as: Value.self), !value.isNull
            {
              fp[Int(pc.pointee.a)] = value
            } else {
              fp.framePC = pc
              try AttributeInstructions.loadMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadAttrModule:
            let value = AttributeInstructions.moduleValue(pc, operand(pc.pointee.b, fp, k))
            if !value.isNull {
              fp[Int(pc.pointee.a)] = value
            } else {
              fp.framePC = pc
              try AttributeInstructions.loadMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadAttrClass:
            if AttributeInstructions.matches(pc, operand(pc.pointee.b, fp, k)) {
              fp[Int(pc.pointee.a)] = Value(bits: (pc + 3).pointee.bits)
            } else {
              fp.framePC = pc
              try AttributeInstructions.loadMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadAttrShapeClass:
            if AttributeInstructions.hasShape(pc, operand(pc.pointee.b, fp, k)) {
              fp[Int(pc.pointee.a)] = Value(bits: (pc + 3).pointee.bits)
            } else {
              fp.framePC = pc
              try AttributeInstructions.loadMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadAttrOfType:
            if AttributeInstructions.isType(pc, operand(pc.pointee.b, fp, k)) {
              fp[Int(pc.pointee.a)] = Value(bits: (pc + 3).pointee.bits)
            } else {
              fp.framePC = pc
              try AttributeInstructions.loadMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadAttrProperty:
            fp.framePC = pc
            if let frame = try AttributeInstructions.loadProperty(vm, fp, k, pc) {
              fp = frame
              pc = fp.framePC
              k = fp.frameCode.pointee.constItems
            } else {
              pc += 4
            }
          case .storeAttrInstance:
            let object = operand(pc.pointee.a, fp, k)
            if AttributeInstructions.hasShape(pc, object) {
              AttributeInstructions.place(pc, object).pointee = operand(pc.pointee.b, fp, k)
            } else {
              fp.framePC = pc
              try AttributeInstructions.storeMiss(vm, fp, k, pc)
            }
            pc += 3
          case .storeAttrAdd:
            let object = operand(pc.pointee.a, fp, k)
            if AttributeInstructions.hasShape(pc, object),
              let child = AttributeInstructions.shape(object)?.pointee.lastChild, child.pointee.name == pc.name(pc.pointee.c, fp)
            {
              // Value before shape: the collector reads as many values as the shape has.
              AttributeInstructions.place(pc, object).pointee = operand(pc.pointee.b, fp, k)
              AttributeInstructions.storage(object).pointee.shape = child
            } else {
              fp.framePC = pc
              try AttributeInstructions.storeMiss(vm, fp, k, pc)
            }
            pc += 3
          case .storeAttrSlot:
            let object = operand(pc.pointee.a, fp, k)
            if AttributeInstructions.matches(pc, object) {
              (object.cell + Int((pc + 2).pointee.bits)).storeBytes(of: operand(pc.pointee.b, fp, k), as: Value.self)
            } else {
              fp.framePC = pc
              try AttributeInstructions.storeMiss(vm, fp, k, pc)
            }
            pc += 3
          case .loadMethodShape:
            let object = operand(pc.pointee.b, fp, k)
            if AttributeInstructions.hasShape(pc, object) {
              fp[Int(pc.pointee.a)] = Value(bits: (pc + 3).pointee.bits)
              fp[Int(pc.pointee.a) &+ 1] = object
            } else {
              fp.framePC = pc
              try AttributeInstructions.methodMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadMethodType:
            let object = operand(pc.pointee.b, fp, k)
            if AttributeInstructions.matches(pc, object) {
              fp[Int(pc.pointee.a)] = Value(bits: (pc + 3).pointee.bits)
              fp[Int(pc.pointee.a) &+ 1] = object
            } else {
              fp.framePC = pc
              try AttributeInstructions.methodMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadMethodModule:
            let value = AttributeInstructions.moduleValue(pc, operand(pc.pointee.b, fp, k))
            if !value.isNull {
              fp[Int(pc.pointee.a)] = .null
              fp[Int(pc.pointee.a) &+ 1] = value
            } else {
              fp.framePC = pc
              try AttributeInstructions.methodMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadMethodHeld:
            if !AttributeInstructions.heldMethod(pc, operand(pc.pointee.b, fp, k), fp + Int(pc.pointee.a)) {
              fp.framePC = pc
              try AttributeInstructions.methodMiss(vm, fp, k, pc)
            }
            pc += 4
          case .loadMethodOfType:
            if !AttributeInstructions.methodOfType(pc, operand(pc.pointee.b, fp, k), fp + Int(pc.pointee.a)) {
              fp.framePC = pc
              try AttributeInstructions.methodMiss(vm, fp, k, pc)
            }
            pc += 4

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
      }
    }
  }

  /// What a quickened FOR_LOOP does when it cannot go on by itself: it jumps to its FOR_ITER, and stays as it is if it only met the end
  /// of its iterator or a safepoint.
  @inline(never)
  private static func loopSlowly(_ vm: VM, _ fp: Registers, _ pc: CodePointer, _ type: TypeRef) throws(Raised) {
    if rt.pointee.evalBreaker != 0 {
      fp.framePC = pc
      try vm.safepoint()
    } else if !fp[Int(pc.pointee.b)].isExact(type) {
      Quickening.revert(pc, to: .forLoop)
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
