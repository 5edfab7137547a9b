# feature_version of ast.parse: which version has what, and where the error is placed.
import ast
def t(src, v, mode='exec'):
    for v in range(2,12):
      try: 
        ast.parse(src, mode, feature_version=(3,v)); print(v,'ok', src); break
      except SyntaxError as e: last=e; lv=v
    try: ast.parse(src,mode,feature_version=(3,v-1))
    except SyntaxError as e: print('   ', v-1, e.msg,e.lineno,e.offset,e.end_lineno,e.end_offset,repr(e.text))
for s in ["async def f(): pass","async with a: pass","async def f():\n async with a: pass","async def f():\n async for x in y: pass","async def f():\n [x async for x in y]", "async def f():\n await x", "await x","x: int = 1","x: int","a.b: int","(a): int","a @ b","a @= b","f'{x}'","1_000","x = 0x_1 + 2","def f(a,/): pass","lambda a,/: 1","def f(a,/,b): pass","def f(a=1,/): pass","(x := 1)","f(x:=1)","[x:=1]","f'{x=}'","match x:\n case 1: pass","try: pass\nexcept* E: pass","with (a, b): pass","with (a as b, c as d): pass","with (a as b): pass","with (a): pass","def f(*a: *b): pass","a[*b]","a[*b, c]","for x in *a, b: pass","return *a, b","@a.b[1]\ndef f(): pass","@f()\ndef g(): pass","@(yield)\ndef f(): pass","def f():\n return *a, b","def f():\n yield *a, b","nonlocal x","x = yield","async = 1","await = 1","def f(a, *, b): pass","class A(metaclass=B): pass","b'a'","u'a'","print(*a, *b)","{**a}","[*a]","f(**a, **b)","def f(a, b,): pass","def f(*a,): pass","f(*a,)","with a as b, c as d: pass","del (a, b)","not_async = 1\nasync def f(): pass\nx: int","f(a for a in b)","x = *a,","for x, *y in z: pass","a < b > c","assert (x:=1)","try: pass\nexcept* E: pass\nexcept* F: pass","import a.b","try: pass\nexcept* (yield): pass","[x async for x in y]","async for x in y: pass","f'''{\nx}'''","x if (y:=1) else 2","{x:=1}","x[y:=1]", "lambda: (yield)", "(x:=1 for x in y)","a[b:=1, c:=2]","f(a, b:=1)","f(a, b:=(c:=1))", "x: int = *a, b","def f(a, b:int, *, c, **d) -> int: pass","f'{x:{y}}'","global x"]:
    t(s,0)
