import _datetime as D
from _datetime import date, time, datetime, timedelta, timezone, tzinfo
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__ + ': ' + str(e))
