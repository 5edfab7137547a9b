# Range errors, states of pickles that are never checked, bad ratios and zone names.
from datetime import *
def t(f):
    try: print(f())
    except Exception as e: print(type(e), e)
for a in [(2**33,1,1),(2019,2**33,1),(2019,1,2**33),(-2**70,1,1),(2019,-2**33,1)]:
    t(lambda: date.fromisocalendar(*a)); t(lambda: datetime.fromisocalendar(*a))
t(lambda: date.fromisocalendar('a',1,1))
t(lambda: date.fromisocalendar(1.5,1,1))
b=b'1995-03-25'
t(lambda: datetime(b[:2]+b'\x03'+b[3:]).__reduce__())
t(lambda: datetime(b[:2]+b'\x03'+b[3:]).year)
t(lambda: repr(datetime(b[:2]+b'\x03'+b[3:])))
t(lambda: str(datetime(b[:2]+b'\x03'+b[3:])))
t(lambda: hash(datetime(b[:2]+b'\x03'+b[3:])) and 1)
t(lambda: datetime(b[:2]+b'\x03'+b[3:]).toordinal())
t(lambda: date(b[:2]+b'\x03'+b[3:4]))
t(lambda: repr(date(b[:2]+b'\x03'+b[3:4])))
t(lambda: date(b[:2]+b'\x03'+b[3:4]).weekday())
t(lambda: date(b[:2]+b'\x03'+b[3:4]).timetuple())
t(lambda: date(b[:2]+b'\x03'+b[3:4]).strftime('%Y'))
t(lambda: date(b[:2]+b'\x03'+b[3:4]).isocalendar())
t(lambda: date(b[:2]+b'\x03'+b[3:4])+timedelta(1))
t(lambda: time(b'2:59.0').__reduce__())
t(lambda: time(b'\x029:5\xff\xff'))
class BF(float):
    r=None
    def as_integer_ratio(self): return self.r
for r in [1<<1000,(),(42,),(1,2,3),(1,0),(1,2)]:
    x=BF(); x.r=r
    t(lambda: timedelta()/x); t(lambda: timedelta()*x); t(lambda: x*timedelta()); t(lambda: timedelta(3)*x);t(lambda: timedelta(3)/x)
    t(lambda: timedelta(x))
d=date(2020,1,1); dt=datetime(2020,1,1)
print(d.__eq__(dt), d.__lt__(dt), dt.__eq__(d), d==dt, dt==d, d.__ne__(dt))
t(lambda: dt.__lt__(d))
t(lambda: d<dt)
class Bad(tzinfo):
    tz = 42
    def tzname(self,dt): return self.tz
    def utcoffset(self,dt): return None
z=Bad()
t(lambda: time(2,3,4,tzinfo=z).strftime('%Z'))
z.tz='\ud800'
t(lambda: time(2,3,4,tzinfo=z).strftime('%Z'))
z.tz=None
t(lambda: time(2,3,4,tzinfo=z).strftime('[%Z]'))
class MyStr(str):
    def replace(self,*a): print(a); return self.r
z.tz=MyStr('name'); 
for r in [None, 5, 'x%%Zy', 'a%Yb']:
    z.tz.r=r
    t(lambda: datetime(2005,3,2,tzinfo=z).strftime('%Z'))
class Z2(tzinfo):
    def tzname(self,dt): return self.tz
    def utcoffset(self,dt): return timedelta(0)
    def dst(self,dt): return None
z=Z2(); z.tz=MyStr('name')
for r in [None, 5, 'x%%Zy', 'a%Yb']:
    z.tz.r=r
    t(lambda: datetime(2005,3,2,tzinfo=z).strftime('%Z'))
z.tz='a%b\u20ac'
t(lambda: datetime(2005,3,2,tzinfo=z).strftime('%Z'))
for y in (255,):
    d=date(bytes([y,y,3,255])); t(lambda: d.ctime()); t(lambda: d.isocalendar()); t(lambda: d.isoformat()); t(d.toordinal); t(lambda: d-date(1,1,1)); t(lambda: d.strftime('%d'))
    d=datetime(bytes([y,y,3,255,200,200,200,255,255,255])); t(lambda: d.ctime()); t(lambda: d.isoformat()); t(d.__reduce__); t(lambda: d-datetime(1,1,1)); t(lambda: d+timedelta(1)); t(lambda: d.time()); t(lambda: d.replace(fold=1)); t(lambda: d.replace(tzinfo=timezone.utc).astimezone(timezone(timedelta(hours=3))))
d=time(bytes([23,200,200,255,255,255])); t(d.isoformat); t(d.__reduce__); t(lambda: d.replace(fold=1)); t(lambda: hash(d)==hash(d)); t(lambda: d.strftime("%M"))
