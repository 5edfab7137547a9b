import PyBytecode
import PySyntax
import Testing

@testable import PyCompiler

/// Small programs whose code CPython 3.11.2 disassembles as stated. The whole standard library is compared outside, code object by
/// code object; these are the shapes that broke on the way there.
@Suite struct GoldenDisassembly {
  private func disassembly(_ source: String) throws -> String {
    let bytes = Array(source.utf8)
    let outcome = bytes.withUnsafeBufferPointer {
      compileSource($0, SourceRequest(mode: .exec, filename: Array("t.py".utf8)))
    }
    return Disassembler.text(try outcome.result.get())
  }

  @Test func generatorWithHandlers() throws {
    let source = #"""
      def f(a, *b, c=1):
        for x in a:
          if x is None: continue
          try:
            yield x + c
          except ValueError as e:
            print(f"{e!r:>{c}}")
        return (1, 2), {3}
      """#
    let expected = #"""
        0           0 RESUME                   0

        1           2 LOAD_CONST               0 (1)
                    4 LOAD_CONST               1 (('c',))
                    6 BUILD_CONST_KEY_MAP      1
                    8 LOAD_CONST               2 (<code object f, file "t.py", line 1>)
                   10 MAKE_FUNCTION            2 (kwdefaults)
                   12 STORE_NAME               0 (f)
                   14 LOAD_CONST               3 (None)
                   16 RETURN_VALUE

      Disassembly of <code object f, file "t.py", line 1>:
        1           0 RETURN_GENERATOR
                    2 POP_TOP
                    4 RESUME                   0

        2           6 LOAD_FAST                0 (a)
                    8 GET_ITER
              >>   10 FOR_ITER                56 (to 124)
                   12 STORE_FAST               3 (x)

        3          14 LOAD_FAST                3 (x)
                   16 POP_JUMP_FORWARD_IF_NOT_NONE     1 (to 20)
                   18 JUMP_BACKWARD            5 (to 10)

        4     >>   20 NOP

        5          22 LOAD_FAST                3 (x)
                   24 LOAD_FAST                1 (c)
                   26 BINARY_OP                0 (+)
                   30 YIELD_VALUE
                   32 RESUME                   1
                   34 POP_TOP
                   36 JUMP_BACKWARD           14 (to 10)
              >>   38 PUSH_EXC_INFO

        6          40 LOAD_GLOBAL              0 (ValueError)
                   52 CHECK_EXC_MATCH
                   54 POP_JUMP_FORWARD_IF_FALSE    30 (to 116)
                   56 STORE_FAST               4 (e)

        7          58 LOAD_GLOBAL              3 (NULL + print)
                   70 LOAD_FAST                4 (e)
                   72 LOAD_CONST               1 ('>')
                   74 LOAD_FAST                1 (c)
                   76 FORMAT_VALUE             0
                   78 BUILD_STRING             2
                   80 FORMAT_VALUE             6 (repr, with format)
                   82 PRECALL                  1
                   86 CALL                     1
                   96 POP_TOP
                   98 POP_EXCEPT
                  100 LOAD_CONST               0 (None)
                  102 STORE_FAST               4 (e)
                  104 DELETE_FAST              4 (e)
                  106 JUMP_BACKWARD           49 (to 10)
              >>  108 LOAD_CONST               0 (None)
                  110 STORE_FAST               4 (e)
                  112 DELETE_FAST              4 (e)
                  114 RERAISE                  1

        6     >>  116 RERAISE                  0
              >>  118 COPY                     3
                  120 POP_EXCEPT
                  122 RERAISE                  1

        8     >>  124 LOAD_CONST               2 ((1, 2))
                  126 LOAD_CONST               3 (3)
                  128 BUILD_SET                1
                  130 BUILD_TUPLE              2
                  132 RETURN_VALUE
      ExceptionTable:
        22 to 34 -> 38 [1]
        38 to 56 -> 118 [2] lasti
        58 to 96 -> 108 [2] lasti
        108 to 116 -> 118 [2] lasti

      """#
    #expect(try disassembly(source + "\n") == expected)
  }

  @Test func closuresAndClasses() throws {
    let source = #"""
      class A(B, k=1):
        "doc"
        x: int = 1
        def m(self, y):
          def g(): return super().m(self.__z, y, *self.w)
          return [g for _ in y if _]
      """#
    let expected = #"""
        0           0 RESUME                   0

        1           2 PUSH_NULL
                    4 LOAD_BUILD_CLASS
                    6 LOAD_CONST               0 (<code object A, file "t.py", line 1>)
                    8 MAKE_FUNCTION            0
                   10 LOAD_CONST               1 ('A')
                   12 LOAD_NAME                0 (B)
                   14 LOAD_CONST               2 (1)
                   16 KW_NAMES                 3
                   18 PRECALL                  4
                   22 CALL                     4
                   32 STORE_NAME               1 (A)
                   34 LOAD_CONST               4 (None)
                   36 RETURN_VALUE

      Disassembly of <code object A, file "t.py", line 1>:
                    0 MAKE_CELL                0 (__class__)

        1           2 RESUME                   0
                    4 LOAD_NAME                0 (__name__)
                    6 STORE_NAME               1 (__module__)
                    8 LOAD_CONST               0 ('A')
                   10 STORE_NAME               2 (__qualname__)
                   12 SETUP_ANNOTATIONS

        2          14 LOAD_CONST               1 ('doc')
                   16 STORE_NAME               3 (__doc__)

        3          18 LOAD_CONST               2 (1)
                   20 STORE_NAME               4 (x)
                   22 LOAD_NAME                5 (int)
                   24 LOAD_NAME                6 (__annotations__)
                   26 LOAD_CONST               3 ('x')
                   28 STORE_SUBSCR

        4          32 LOAD_CLOSURE             0 (__class__)
                   34 BUILD_TUPLE              1
                   36 LOAD_CONST               4 (<code object m, file "t.py", line 4>)
                   38 MAKE_FUNCTION            8 (closure)
                   40 STORE_NAME               7 (m)
                   42 LOAD_CLOSURE             0 (__class__)
                   44 COPY                     1
                   46 STORE_NAME               8 (__classcell__)
                   48 RETURN_VALUE

      Disassembly of <code object m, file "t.py", line 4>:
                    0 COPY_FREE_VARS           1
                    2 MAKE_CELL                0 (self)
                    4 MAKE_CELL                1 (y)
                    6 MAKE_CELL                2 (g)

        4           8 RESUME                   0

        5          10 LOAD_CLOSURE             3 (__class__)
                   12 LOAD_CLOSURE             0 (self)
                   14 LOAD_CLOSURE             1 (y)
                   16 BUILD_TUPLE              3
                   18 LOAD_CONST               1 (<code object g, file "t.py", line 5>)
                   20 MAKE_FUNCTION            8 (closure)
                   22 STORE_DEREF              2 (g)

        6          24 LOAD_CLOSURE             2 (g)
                   26 BUILD_TUPLE              1
                   28 LOAD_CONST               2 (<code object <listcomp>, file "t.py", line 6>)
                   30 MAKE_FUNCTION            8 (closure)
                   32 LOAD_DEREF               1 (y)
                   34 GET_ITER
                   36 PRECALL                  0
                   40 CALL                     0
                   50 RETURN_VALUE

      Disassembly of <code object g, file "t.py", line 5>:
                    0 COPY_FREE_VARS           3

        5           2 RESUME                   0
                    4 PUSH_NULL
                    6 LOAD_GLOBAL              1 (NULL + super)
                   18 PRECALL                  0
                   22 CALL                     0
                   32 LOAD_ATTR                1 (m)
                   42 LOAD_DEREF               1 (self)
                   44 LOAD_ATTR                2 (_A__z)
                   54 LOAD_DEREF               2 (y)
                   56 BUILD_LIST               2
                   58 LOAD_DEREF               1 (self)
                   60 LOAD_ATTR                3 (w)
                   70 LIST_EXTEND              1
                   72 LIST_TO_TUPLE
                   74 CALL_FUNCTION_EX         0
                   76 RETURN_VALUE

      Disassembly of <code object <listcomp>, file "t.py", line 6>:
                    0 COPY_FREE_VARS           1

        6           2 RESUME                   0
                    4 BUILD_LIST               0
                    6 LOAD_FAST                0 (.0)
              >>    8 FOR_ITER                 6 (to 22)
                   10 STORE_FAST               1 (_)
                   12 LOAD_FAST                1 (_)
                   14 POP_JUMP_BACKWARD_IF_FALSE     4 (to 8)
                   16 LOAD_DEREF               2 (g)
                   18 LIST_APPEND              2
                   20 JUMP_BACKWARD            7 (to 8)
              >>   22 RETURN_VALUE

      """#
    #expect(try disassembly(source + "\n") == expected)
  }

  @Test func unwinding() throws {
    let source = #"""
      def f(a):
        with a as b:
          for i in b:
            try:
              return i.j(1, k=2)
            finally:
              b()
      """#
    let expected = #"""
        0           0 RESUME                   0

        1           2 LOAD_CONST               0 (<code object f, file "t.py", line 1>)
                    4 MAKE_FUNCTION            0
                    6 STORE_NAME               0 (f)
                    8 LOAD_CONST               1 (None)
                   10 RETURN_VALUE

      Disassembly of <code object f, file "t.py", line 1>:
        1           0 RESUME                   0

        2           2 LOAD_FAST                0 (a)
                    4 BEFORE_WITH
                    6 STORE_FAST               1 (b)

        3           8 LOAD_FAST                1 (b)
                   10 GET_ITER
                   12 FOR_ITER                64 (to 142)
                   14 STORE_FAST               2 (i)

        4          16 NOP

        5          18 LOAD_FAST                2 (i)
                   20 LOAD_METHOD              0 (j)
                   42 LOAD_CONST               1 (1)
                   44 LOAD_CONST               2 (2)
                   46 KW_NAMES                 3
                   48 PRECALL                  2
                   52 CALL                     2

        7          62 PUSH_NULL
                   64 LOAD_FAST                1 (b)
                   66 PRECALL                  0
                   70 CALL                     0
                   80 POP_TOP
                   82 SWAP                     2
                   84 POP_TOP

        2          86 SWAP                     2
                   88 LOAD_CONST               0 (None)
                   90 LOAD_CONST               0 (None)
                   92 LOAD_CONST               0 (None)
                   94 PRECALL                  2
                   98 CALL                     2
                  108 POP_TOP
                  110 RETURN_VALUE
              >>  112 PUSH_EXC_INFO

        7         114 PUSH_NULL
                  116 LOAD_FAST                1 (b)
                  118 PRECALL                  0
                  122 CALL                     0
                  132 POP_TOP
                  134 RERAISE                  0
              >>  136 COPY                     3
                  138 POP_EXCEPT
                  140 RERAISE                  1

        3     >>  142 NOP

        2         144 LOAD_CONST               0 (None)
                  146 LOAD_CONST               0 (None)
                  148 LOAD_CONST               0 (None)
                  150 PRECALL                  2
                  154 CALL                     2
                  164 POP_TOP
                  166 LOAD_CONST               0 (None)
                  168 RETURN_VALUE
              >>  170 PUSH_EXC_INFO
                  172 WITH_EXCEPT_START
                  174 POP_JUMP_FORWARD_IF_TRUE     4 (to 184)
                  176 RERAISE                  2
              >>  178 COPY                     3
                  180 POP_EXCEPT
                  182 RERAISE                  1
              >>  184 POP_TOP
                  186 POP_EXCEPT
                  188 POP_TOP
                  190 POP_TOP
                  192 LOAD_CONST               0 (None)
                  194 RETURN_VALUE
      ExceptionTable:
        6 to 14 -> 170 [1] lasti
        18 to 60 -> 112 [2]
        62 to 84 -> 170 [1] lasti
        112 to 134 -> 136 [3] lasti
        136 to 140 -> 170 [1] lasti
        170 to 176 -> 178 [3] lasti
        184 to 184 -> 178 [3] lasti

      """#
    #expect(try disassembly(source + "\n") == expected)
  }

  @Test func matching() throws {
    let source = #"""
      match p:
        case [1, *r] | {"k": r}: r
        case C(x=None) if y: pass
        case _: z
      """#
    let expected = #"""
        0           0 RESUME                   0

        1           2 LOAD_NAME                0 (p)

        2           4 COPY                     1
                    6 COPY                     1
                    8 MATCH_SEQUENCE
                   10 POP_JUMP_FORWARD_IF_FALSE    13 (to 38)
                   12 GET_LEN
                   14 LOAD_CONST               0 (1)
                   16 COMPARE_OP               5 (>=)
                   22 POP_JUMP_FORWARD_IF_FALSE     7 (to 38)
                   24 UNPACK_EX                1
                   26 LOAD_CONST               0 (1)
                   28 COMPARE_OP               2 (==)
                   34 POP_JUMP_FORWARD_IF_FALSE     1 (to 38)
                   36 JUMP_FORWARD            25 (to 88)
              >>   38 POP_TOP
                   40 COPY                     1
                   42 MATCH_MAPPING
                   44 POP_JUMP_FORWARD_IF_FALSE    18 (to 82)
                   46 GET_LEN
                   48 LOAD_CONST               0 (1)
                   50 COMPARE_OP               5 (>=)
                   56 POP_JUMP_FORWARD_IF_FALSE    12 (to 82)
                   58 LOAD_CONST               4 (('k',))
                   60 MATCH_KEYS
                   62 COPY                     1
                   64 POP_JUMP_FORWARD_IF_NONE     6 (to 78)
                   66 UNPACK_SEQUENCE          1
                   70 SWAP                     3
                   72 POP_TOP
                   74 POP_TOP
                   76 JUMP_FORWARD             5 (to 88)
              >>   78 POP_TOP
                   80 POP_TOP
              >>   82 POP_TOP
                   84 POP_TOP
                   86 JUMP_FORWARD             8 (to 104)
              >>   88 SWAP                     2
                   90 POP_TOP
                   92 STORE_NAME               1 (r)
                   94 POP_TOP
                   96 LOAD_NAME                1 (r)
                   98 POP_TOP
                  100 LOAD_CONST               2 (None)
                  102 RETURN_VALUE

        3     >>  104 LOAD_NAME                2 (C)
                  106 LOAD_CONST               3 (('x',))
                  108 MATCH_CLASS              0
                  110 COPY                     1
                  112 POP_JUMP_FORWARD_IF_NONE     7 (to 128)
                  114 UNPACK_SEQUENCE          1
                  118 POP_JUMP_FORWARD_IF_NOT_NONE     5 (to 130)
                  120 LOAD_NAME                3 (y)
                  122 POP_JUMP_FORWARD_IF_FALSE     3 (to 130)
                  124 LOAD_CONST               2 (None)
                  126 RETURN_VALUE
              >>  128 POP_TOP

        4     >>  130 LOAD_NAME                4 (z)
                  132 POP_TOP
                  134 LOAD_CONST               2 (None)
                  136 RETURN_VALUE

      """#
    #expect(try disassembly(source + "\n") == expected)
  }

  @Test func folding() throws {
    let source = #"""
      x = "a" * 3 + "b", -(2 ** 70), (1, 2)[-1], "%s-%5r" % (a, b)
      if __debug__ and x in [1, 2.5, None]: y, z = z, y
      while not 0:
        if a < b < c or not d: break
      """#
    let expected = #"""
        0           0 RESUME                   0

        1           2 LOAD_CONST               0 ('aaab')
                    4 LOAD_CONST               1 (2)
                    6 LOAD_CONST               2 (70)
                    8 BINARY_OP                8 (**)
                   12 UNARY_NEGATIVE
                   14 LOAD_CONST               1 (2)
                   16 LOAD_NAME                0 (a)
                   18 FORMAT_VALUE             1 (str)
                   20 LOAD_CONST               3 ('-')
                   22 LOAD_NAME                1 (b)
                   24 LOAD_CONST               4 ('>5')
                   26 FORMAT_VALUE             6 (repr, with format)
                   28 BUILD_STRING             3
                   30 BUILD_TUPLE              4
                   32 STORE_NAME               2 (x)

        2          34 LOAD_NAME                2 (x)
                   36 LOAD_CONST               6 ((1, 2.5, None))
                   38 CONTAINS_OP              0
                   40 POP_JUMP_FORWARD_IF_FALSE     5 (to 52)
                   42 LOAD_NAME                3 (z)
                   44 LOAD_NAME                4 (y)
                   46 SWAP                     2
                   48 STORE_NAME               4 (y)
                   50 STORE_NAME               3 (z)

        3     >>   52 NOP

        4     >>   54 LOAD_NAME                0 (a)
                   56 LOAD_NAME                1 (b)
                   58 SWAP                     2
                   60 COPY                     2
                   62 COMPARE_OP               0 (<)
                   68 POP_JUMP_FORWARD_IF_FALSE     6 (to 82)
                   70 LOAD_NAME                5 (c)
                   72 COMPARE_OP               0 (<)
                   78 POP_JUMP_FORWARD_IF_TRUE     4 (to 88)
                   80 JUMP_FORWARD             1 (to 84)
              >>   82 POP_TOP
              >>   84 LOAD_NAME                6 (d)
                   86 POP_JUMP_FORWARD_IF_TRUE     2 (to 92)
              >>   88 LOAD_CONST               7 (None)
                   90 RETURN_VALUE

        3     >>   92 JUMP_BACKWARD           20 (to 54)

      """#
    #expect(try disassembly(source + "\n") == expected)
  }
}
