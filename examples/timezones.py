"""The next changes of the clock in a few cities, and what the zoneinfo files hold."""
import datetime
import struct
import zoneinfo

CITIES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland"]
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def header(name):
    """Counts of transitions and types from the version-2 part of a TZif file (RFC 8536)."""
    with open(f"/usr/share/zoneinfo/{name}", "rb") as f:
        data = f.read()
    magic, version = struct.unpack(">4sc", data[:5])
    isut, isstd, leap, times, types, chars = struct.unpack(">6l", data[20:44])
    skip = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    isut, isstd, leap, times, types, chars = struct.unpack(">6l", data[skip + 20 : skip + 44])
    return magic.decode(), version.decode(), times, types


def transitions(zone, start, days):
    """Changes of the offset from UTC, found by halving the hour in which they happen."""
    step = datetime.timedelta(hours=1)
    at = start
    while at < start + datetime.timedelta(days=days):
        before, after = at.astimezone(zone).utcoffset(), (at + step).astimezone(zone).utcoffset()
        if before != after:
            yield at + step, before, after
        at += step


for city in CITIES:
    zone = zoneinfo.ZoneInfo(city)
    print(city, *header(city))
    for at, before, after in transitions(zone, START, 330):
        print("  ", at.isoformat(), before, "->", after, at.astimezone(zone).strftime("%a %d %b %H:%M %Z"))
    print("  ", START.astimezone(zone).isoformat())
