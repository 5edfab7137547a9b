# Zones of the C module `_zoneinfo`, which derive from our `tzinfo` and borrow what a class of ours holds: with our datetimes, subclassed, cached, copied.
import _zoneinfo, copy, datetime, gc, io, pickle, zoneinfo

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

# Pickled and copied: zones of the cache are themselves again, others are made anew, those of a file cannot be.
class Local(zoneinfo.ZoneInfo):
    pass


with open("/usr/share/zoneinfo/Europe/Paris", "rb") as file:
    data = file.read()
for cls in (zoneinfo.ZoneInfo, _zoneinfo.ZoneInfo, Local, Zone):
    for z in (cls("Europe/Paris"), cls.no_cache("Europe/Paris")):
        copies = [pickle.loads(pickle.dumps(z, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)] + [copy.copy(z), copy.deepcopy(z), copy.deepcopy([z])[0]]
        print(cls.__name__, [c is z for c in copies], {type(c) is cls for c in copies}, {str(c) for c in copies}, {c.key for c in copies}, z.__reduce__()[1][1] == (copies[0] is z))
        moment = datetime.datetime(2024, 3, 31, 2, 30, tzinfo=z, fold=1)
        back = pickle.loads(pickle.dumps(moment))
        print(back, back.fold, back.tzinfo is z, back.utcoffset(), copy.deepcopy(moment).tzinfo is z, pickle.loads(pickle.dumps((z, moment)))[1].tzinfo.key)
    for key in (None, "Europe/Paris"):
        z = cls.from_file(io.BytesIO(data), key)
        for f in (pickle.dumps, copy.copy, copy.deepcopy):
            try:
                print(f(z))
            except pickle.PicklingError as e:
                print(type(e).__name__, str(e)[:29])
