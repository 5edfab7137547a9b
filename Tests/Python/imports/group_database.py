"""grp and uuid: what they find and refuse. Entries are those of this machine."""
import grp
import uuid


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except BaseException as e:
        return f"{type(e).__name__}: {e.args}"


for number in (0, -1, 2**31, 2**32 - 1, 2**32, 2**70, "x", 1.5, 99999, None, True, -2):
    print(number, attempt(grp.getgrgid, number))
for name in ("root", "nosuch", 1, "a\0", "\udcff", "\ud800", b"root"):
    print(ascii(name), ascii(attempt(grp.getgrnam, name)))
print(attempt(grp.getgrgid, id=0), attempt(grp.getgrnam, name="root"), attempt(grp.getgrgid), attempt(grp.getgrall, 1))
entries = grp.getgrall()
print(len(entries), entries == [grp.getgrnam(e.gr_name) for e in entries] or entries, entries[0].gr_mem, grp.struct_group.n_fields)
print(sorted(n for n in vars(grp) if not n.startswith("__")))

one, two = uuid.uuid1(), uuid.uuid1()
print(one != two, one.version, one.variant, one.is_safe, one.node == two.node, uuid.uuid4().version)
print(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"), uuid.uuid3(uuid.NAMESPACE_DNS, "example.org"))
