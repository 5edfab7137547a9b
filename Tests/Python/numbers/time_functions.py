# The time module, as far as its answers do not depend on when they are asked for.
import os
import time
def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
for s in (0, 1, -1, 10**9, 10**9 + 0.75, -0.5, 253402300799, -62135596800, True):
    print(s, attempt(time.gmtime, s), attempt(time.asctime, time.gmtime(s)))
for s in (10**17, 2**63, 1e30, float('nan'), 'x', [], float('-inf')):
    print(s, attempt(time.gmtime, s), attempt(time.localtime, s), attempt(time.ctime, s))
for zone in ('UTC', 'Europe/Berlin', 'Australia/Sydney', 'Asia/Tokyo'):
    os.environ['TZ'] = zone
    time.tzset()
    print(zone, time.timezone, time.altzone, time.daylight, time.tzname)
    for s in (0, 10**9, 1600000000, 1610000000):
        t = time.localtime(s)
        print(t, t.tm_zone, t.tm_gmtoff, time.mktime(t) == s, time.ctime(s), time.strftime('%Y-%m-%d %H:%M:%S %Z %z %a %j', t))
for args in [(), (1,), ('%Y', 1), ('%Y', (1, 2)), ('%Y', (2000, 13, 1, 0, 0, 0, 0, 0, 0)), ('%Y', (2000, 1, 32, 0, 0, 0, 0, 0, 0)), ('%Y', (2000, 1, 1, 24, 0, 0, 0, 0, 0)), ('%Y', (2000, 1, 1, 0, 60, 0, 0, 0, 0)),
             ('%Y', (2000, 1, 1, 0, 0, 62, 0, 0, 0)), ('%Y', (2000, 1, 1, 0, 0, 0, -2, 0, 0)), ('%Y', (2000, 1, 1, 0, 0, 0, 0, 367, 0)), ('%Y %m %d %j', (2000, 0, 0, 0, 0, 0, 0, 0, 0)), ('a\0b',), ('', (2000, 1, 1, 0, 0, 0, 0, 1, 0)),
             ('%Z \xe9 %%%', time.gmtime(0)), ('%y', (-5, 1, 1, 0, 0, 0, 0, 1, 0)), ('%Y', (2**40, 1, 1, 0, 0, 0, 0, 1, 0)), ('%Y', (2000, 'a', 1, 0, 0, 0, 0, 0, 0))]:
    print(args, attempt(time.strftime, *args))
print(attempt(time.mktime, 1), attempt(time.mktime, (1, 2)), attempt(time.mktime, (10**30,) + (0,) * 8), attempt(time.asctime, (1, 2)), attempt(time.asctime, (2**31 - 1, 2, 3, 4, 5, 6, 7, 8, 0)), attempt(time.asctime, (-2**31, 2, 3, 4, 5, 6, 7, 8, 0)))
t = time.struct_time(range(11))
print(t, t.tm_zone, t.tm_gmtoff, t[3], len(t), t.n_fields, t.n_sequence_fields, attempt(time.struct_time, (1, 2)), attempt(time.struct_time, 1), time.struct_time.__match_args__)
print([time.get_clock_info(n) for n in ('time', 'monotonic', 'perf_counter', 'process_time', 'thread_time')], attempt(time.get_clock_info, 'x'))
print(attempt(time.sleep, -1), attempt(time.sleep, 'x'), attempt(time.sleep, float('nan')), attempt(time.sleep, 1e30), time.sleep(0), time.sleep(0.001), attempt(time.clock_gettime, 99), attempt(time.clock_gettime, 'x'))
a = time.monotonic_ns()
time.sleep(0.02)
print(20_000_000 <= time.monotonic_ns() - a, abs(time.time() - time.time_ns() / 1e9) < 1, time.process_time() > 0, time.thread_time_ns() > 0, time.perf_counter() > 0, type(time.time_ns()), time.clock_getres(time.CLOCK_MONOTONIC))
