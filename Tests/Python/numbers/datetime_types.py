from _datetime import date, time, datetime, timedelta, timezone, tzinfo
import time as clock

def t(source):
    try:
        print(source, '->', repr(eval(source)))
    except Exception as e:
        print(source, '->', type(e).__name__ + ':', e)

class Zone(tzinfo):
    """A zone with daylight saving time from April to October."""
    def utcoffset(self, dt): return timedelta(hours=1) + self.dst(dt)
    def dst(self, dt): return timedelta(hours=1) if dt is not None and 4 <= dt.month < 10 else timedelta(0)
    def tzname(self, dt): return 'Z%t'
    def __repr__(self): return 'Zone()'
zone = Zone()
class MyDate(date): pass
class MyDatetime(datetime): pass
class MyDelta(timedelta): pass

for line in '''date()
date(1)
date(1,1.0,1)
date(2**40,1,1)
date(0,1,1)
date(10000,1,1)
date(1,13,1)
date(1,2,30)
date('a',1,1)
date(2020,2,29)
timedelta(foo=1)
timedelta('a')
timedelta(1,2,3,4,5,6,7,8)
timedelta(10**9)
timedelta(10**30)
timedelta(days=1e300)
timedelta(float('nan'))
timedelta(0.5,0.25,0.5)
timedelta(microseconds=0.5), timedelta(microseconds=1.5), timedelta(microseconds=-0.5), timedelta(microseconds=2.5)
timedelta(days=-1, seconds=86399.9999999), timedelta(weeks=-1.5), timedelta(hours=25, minutes=-61)
timedelta(1)/0
timedelta(1)//0
timedelta(1)%timedelta(0)
divmod(timedelta(1),timedelta(0))
timedelta(1)/timedelta(0)
timedelta(1)*float('nan')
timedelta(1)*10**12
timedelta(1)*2.5, 3*timedelta(1), timedelta(seconds=1)/3, timedelta(seconds=1)/0.3, timedelta(7)//timedelta(2), timedelta(7)//3, timedelta(7)%timedelta(2), divmod(timedelta(7),timedelta(hours=5)), timedelta(1)/timedelta(7)
-timedelta(1,2,3), +timedelta(1), abs(timedelta(-1)), bool(timedelta()), timedelta(1)+timedelta(2), timedelta(1)-timedelta(2)
timedelta.max+timedelta(1)
timedelta(1)<1
timedelta(1)<timedelta(2), timedelta(1)==timedelta(hours=24), hash(timedelta(1))==hash(timedelta(hours=24)), timedelta(1)==1
str(timedelta(-1,1,1)), str(timedelta(1)), str(timedelta(2,3)), str(timedelta(0,3661,5))
timedelta(1,2,3).total_seconds(), timedelta(1,2,3).__reduce__(), timedelta.min, timedelta.max, timedelta.resolution
type(MyDelta(1)+timedelta(1)).__name__, MyDelta(1)
timezone(timedelta(1))
timezone(1)
timezone(timedelta(0)), timezone(timedelta(0)) is timezone.utc
timezone(timedelta(0),'x')
timezone(timedelta(0),1)
timezone()
timezone(timedelta(hours=1,microseconds=5))
str(timezone(timedelta(hours=-1,seconds=-5))), str(timezone(timedelta(hours=5,minutes=30)))
timezone.utc.utcoffset(1)
timezone.utc.utcoffset(None), timezone.utc.dst(None), timezone.utc.tzname(None)
timezone.utc.fromutc(1)
timezone.utc.fromutc(datetime(1,1,1))
timezone(timedelta(1/24))==timezone(timedelta(hours=1)), hash(timezone.utc)==hash(timezone(timedelta(0),'y')), 0
timezone.utc.__reduce__()
timezone.min, timezone.max
tzinfo().utcoffset(None)
tzinfo().fromutc(1)
time(24)
time(1,60)
time(1,1,60)
time(1,1,1,10**6)
time(fold=2)
time(tzinfo=1)
time(1,2,3,4,None,1)
time(1,fold=1), time(), time(1,2,3), time(1,2,3,4,timezone.utc)
time(1,2,3,4,zone).isoformat(), str(time(1,2)), time(1,2,3,4000).isoformat('milliseconds'), time(1).isoformat(timespec='hours'), time(1,2,3,4).isoformat('seconds')
time(1).isoformat('x')
time(1)<time(2), time(1)==time(1,fold=1), time(1,tzinfo=timezone.utc)==time(2,tzinfo=timezone(timedelta(hours=1))), time(1)==time(1,tzinfo=timezone.utc), hash(time(1))==hash(time(1,fold=1)), hash(time(1,tzinfo=timezone.utc))==hash(time(2,tzinfo=timezone(timedelta(hours=1))))
time(1)<time(1,tzinfo=timezone.utc)
time(1)<1
time(1,2,3,4).replace(hour=5,tzinfo=zone,fold=1), time(1,2).strftime('%H:%M:%S.%f %z %Z'), format(time(1),'%H'), format(time(1),'')
time(1,2,3,4,zone).utcoffset(), time(1,tzinfo=zone).tzname(), time(1,tzinfo=zone).dst(), time(1).utcoffset()
time(1,2,3,4,timezone.utc,fold=1).__reduce__(), time(1,fold=1).__reduce_ex__(4), time(*time(1,2,3,456789,fold=1).__reduce_ex__(4)[1])
time.fromisoformat('25')
time.fromisoformat('10'), time.fromisoformat('1010'), time.fromisoformat('T10:10:10.5'), time.fromisoformat('101010,123456789+0530'), time.fromisoformat('10:10Z'), time.fromisoformat('10:10:10-01:00:00.5')
[time.fromisoformat(x) for x in ('00:00+00:00','235959.999999')]
time.fromisoformat('10:1')
time.fromisoformat('10:10:10:10')
time.fromisoformat('1010:10')
time.fromisoformat('10:10+')
time.fromisoformat('')
time.min, time.max, time.resolution
datetime(1)
datetime(1,1,1,25)
datetime(1,1,1,tzinfo=4)
datetime(1,2,3,4,5,6,7,fold=1,tzinfo=timezone.utc), datetime(1,2,3), datetime(1,2,3,4,5,6), datetime(1,2,3,4,5,6,7)
date(1,1,1)-timedelta(1)
date(9999,12,31)+timedelta(1)
datetime.max+timedelta(1)
date(1,1,1)+1
date(2020,3,1)-date(2020,2,1), date(2020,3,1)-timedelta(1), timedelta(40)+date(2020,1,1), MyDate(2020,1,1)+timedelta(1), type(MyDate(2020,1,1)+timedelta(1)).__name__
date(1,1,1)-datetime(1,1,1)
datetime(1,1,1)-datetime(1,1,1,tzinfo=timezone.utc)
datetime(1,1,1)<datetime(1,1,1,tzinfo=timezone.utc)
datetime(1,1,1)<date(1,1,1)
date(1,1,1)<datetime(1,1,1)
datetime(1,1,1)==datetime(1,1,1,tzinfo=timezone.utc), datetime(1,1,1)==date(1,1,1), date(1,1,1)==datetime(1,1,1), date(1,1,1)!=1, date(1,1,1)<date(1,1,2)
datetime(2020,6,1,tzinfo=zone)-datetime(2020,1,1,tzinfo=zone), datetime(2020,6,1,tzinfo=zone)-datetime(2020,1,1,tzinfo=timezone.utc), datetime(2020,6,1,tzinfo=zone)==datetime(2020,5,31,22,tzinfo=timezone.utc)
hash(datetime(2020,6,1,tzinfo=zone))==hash(datetime(2020,5,31,22,tzinfo=timezone.utc)), hash(datetime(1,1,1))==hash(datetime(1,1,1,fold=1))
datetime(2020,1,1)+timedelta(seconds=0.5), datetime(2020,1,1)-timedelta(1,1,1), timedelta(1)+datetime(2020,1,1), MyDatetime(2020,1,1)+timedelta(1), type(MyDatetime(2020,1,1)-timedelta(1)).__name__
date.fromordinal(0)
date.fromordinal(10**9)
date.fromordinal(1), date.fromordinal(737000), date.max.toordinal(), [date.fromordinal(n).toordinal()==n for n in (1,365,366,730,1461,36524,36525,146097,146098,3652059)]
date.fromisoformat('x')
date.fromisoformat(1)
[date.fromisoformat(x) for x in ('2020-01-01','20200101','2020-W01','2020W01','2020-W53-7','2020W011','2021-W01-1')]
date.fromisoformat('2020-13-01')
date.fromisoformat('2020-W54-1')
date.fromisoformat('2020-1-01')
date.fromisoformat('2020-0101')
date.fromisocalendar(2020,54,1)
date.fromisocalendar(2020,1,9)
date.fromisocalendar(0,1,1)
date.fromisocalendar(2020,53,7), date.fromisocalendar(year=2021,week=1,day=1)
date.fromtimestamp('x')
date.fromtimestamp(1e100)
date.fromtimestamp(0), date.fromtimestamp(1e9), datetime.utcfromtimestamp(1.5), datetime.utcfromtimestamp(-1.5), datetime.fromtimestamp(1e9+0.123456, timezone.utc), datetime.fromtimestamp(0, zone)
datetime.fromtimestamp(0.9999999, timezone.utc), datetime.fromtimestamp(-0.0000005, timezone.utc), datetime.fromtimestamp(1.0000005, timezone.utc)
datetime.fromtimestamp(1e100)
datetime.fromtimestamp(10**13)
datetime.fromtimestamp(0,1)
datetime.fromisoformat('2020-01-01T')
datetime.fromisoformat('2020-01-01T10:10:10.123456789+05:30'), datetime.fromisoformat('20200101 10'), datetime.fromisoformat('2020-W01-1T10:10'), datetime.fromisoformat('2020W01110'), datetime.fromisoformat('2020-01-01'), datetime.fromisoformat('2020-01-01\\u20ac10:00Z')
datetime.fromisoformat(1)
datetime.fromisoformat('2020')
datetime.fromisoformat('2020-01-01T25:00')
datetime.fromisoformat('2020-01-01T10:00+25:00')
datetime.combine(1,1)
datetime.combine(date(1,1,1),1)
datetime.combine(date(1,1,1),time(1),tzinfo=1)
datetime.combine(date(1,1,1),time(1,tzinfo=zone)), datetime.combine(date(1,1,1),time(1,tzinfo=zone),None), MyDatetime.combine(date(1,1,1),time(1))
datetime(1,1,1).isoformat(timespec='x')
datetime(1,1,1).isoformat('xx')
datetime(1,2,3,4,5,6,7,zone).isoformat(), datetime(1,2,3).isoformat(' ','minutes'), str(datetime(1,2,3,4)), datetime(1,2,3).isoformat('\\u20ac')
datetime(1,1,1).replace(year=0)
datetime(2020,1,2,3,4,5,6,zone,fold=1).replace(year=2021,tzinfo=None,fold=0), datetime(2020,1,1).replace(hour=1), type(MyDatetime(1,1,1).replace(day=2)).__name__, date(2020,1,1).replace(2021,month=2)
datetime(1,1,1).astimezone(1)
datetime(2020,1,1,tzinfo=timezone.utc).astimezone(zone), datetime(2020,6,1,tzinfo=timezone.utc).astimezone(zone), datetime(2020,6,1,tzinfo=zone).astimezone(timezone.utc), datetime(2020,6,1,tzinfo=zone).astimezone(zone)
datetime(2020,6,1,tzinfo=zone).utcoffset(), datetime(2020,6,1,tzinfo=zone).dst(), datetime(2020,6,1,tzinfo=zone).tzname(), datetime(2020,6,1).tzname()
datetime(2020,6,1,tzinfo=zone).timestamp(), datetime(2020,6,1,1,2,3,456789,tzinfo=timezone.utc).timestamp(), datetime(1,1,1,tzinfo=timezone.utc).timestamp()
datetime(2020,6,1,tzinfo=zone).timetuple(), datetime(2020,6,1,tzinfo=zone).utctimetuple(), date(2020,6,1).timetuple()
date(2020,1,1).isocalendar(), date(2020,1,1).isocalendar()[1], date(2020,1,1).isocalendar().week, tuple(date(2021,1,3).isocalendar()), date(2020,12,31).isocalendar() == (2020,53,4)
[date(y,m,d).isocalendar() for y,m,d in ((1,1,1),(9999,12,31),(2018,12,31),(2016,1,3),(2024,12,30))]
date(2020,1,1).strftime(1)
date(2020,1,1).__format__(1)
date(2020,1,5).strftime('%Y-%m-%d %a %j %z %f %%'), f'{date(2020,1,5):%d.%m.%y}', datetime(2020,1,1,2,3,4,5,zone).strftime('%Y %z %Z %f %H'), datetime(2020,1,1,tzinfo=timezone(timedelta(seconds=1))).strftime('%z|%Z|%f')
date(2020,1,1).replace(day=40)
date(2020,1,5).ctime(), datetime(2020,1,15,1,2,3).ctime(), date(2020,1,5).weekday(), date(2020,1,5).isoweekday()
datetime(2020,1,1).__reduce__(), datetime(2020,1,1,fold=1).__reduce_ex__(4), datetime(2020,1,1,tzinfo=timezone.utc).__reduce__(), date(1,1,1).__reduce__()
datetime(*datetime(2020,11,30,23,59,59,999999,timezone.utc,fold=1).__reduce_ex__(4)[1]), date(b'\\x07\\xe5\\x01\\x01'), date('\\x07\\xe5\\x01\\x01')
date(b'1234')
datetime(b'1234567890')
datetime.strptime('2020-03-04 05:06:07.89 +0130','%Y-%m-%d %H:%M:%S.%f %z')
datetime.min, datetime.max, datetime.resolution, date.min, date.max, date.resolution
datetime(2020,1,1,2,3,tzinfo=zone).date(), datetime(2020,1,1,2,3,tzinfo=zone).time(), datetime(2020,1,1,2,3,tzinfo=zone).timetz()
datetime(2020,1,1).year, datetime(2020,1,1).fold, datetime(2020,1,1).tzinfo, date(2020,1,1).month, isinstance(datetime(1,1,1), date), datetime.__mro__
datetime.now().tzinfo, datetime.now(timezone.utc).tzinfo, datetime.utcnow().tzinfo, abs(datetime.now(timezone.utc) - datetime.fromtimestamp(clock.time(), timezone.utc)) < timedelta(seconds=5), date.today() == datetime.now().date()
datetime.now(1)'''.splitlines():
    t(line)
