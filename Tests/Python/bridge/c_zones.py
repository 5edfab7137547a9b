# Zones of the C module `_zoneinfo`, which derive from our `tzinfo` and borrow what a class of ours holds: with our datetimes, subclassed, cached, copied.
import _zoneinfo, copy, datetime, gc, zoneinfo

UTC = datetime.timezone.utc


class Zone(_zoneinfo.ZoneInfo):
    def __new__(cls, key):
        self = super().__new__(cls, key)
        self.note = key.lower()
        return self


for cls in (_zoneinfo.ZoneInfo, Zone):
    print(cls.__name__, [c.__name__ for c in cls.__mro__], issubclass(cls, datetime.tzinfo))
    for key in ("Europe/Berlin", "America/Santiago", "Africa/Abidjan", "Pacific/Kwajalein", "Asia/Kolkata", "UTC"):
        z = cls(key)
        facts = []
        for year in range(1880, 2080, 9):
            for fold in (0, 1):
                d = datetime.datetime(year, 7, 10, 3, 4, 5, tzinfo=z, fold=fold)
                facts.append((int(d.utcoffset().total_seconds()), d.tzname(), d.dst(), str(d.astimezone(UTC).astimezone(z))))
        print(z, z.key, cls(key) is z, facts[0], facts[20], len(set(facts)), datetime.time(1, tzinfo=z).utcoffset() is None, copy.copy(z) is z)
    made = [cls.no_cache("Europe/Paris") for _ in range(50)]
    print(len({id(m) for m in made}), made[0] == made[1])
    cls.clear_cache()
    gc.collect()
    print(cls("UTC") is cls("UTC"), getattr(cls("UTC"), "note", None))
    try:
        cls("No/Such")
    except zoneinfo.ZoneInfoNotFoundError as e:
        print(e)
