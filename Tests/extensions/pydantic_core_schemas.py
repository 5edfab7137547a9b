# pydantic-core (Rust through PyO3): schemas with functions, models and errors of ours; JSON; serialising.
import dataclasses, datetime, decimal, enum, re, uuid, weakref, gc

from pydantic_core import PydanticCustomError, PydanticKnownError, PydanticOmit, PydanticUndefined, SchemaError, SchemaSerializer, SchemaValidator, ValidationError, Url, core_schema as cs, from_json, to_json, to_jsonable_python


def error(function, *args, **options):
    try:
        return function(*args, **options)
    except ValidationError as e:
        return [(x["type"], x["loc"], x["msg"]) for x in e.errors(include_url=False)]
    except Exception as e:
        return f"{type(e).__name__}: {e}"


v = SchemaValidator(cs.typed_dict_schema({
    "name": cs.typed_dict_field(cs.str_schema(min_length=2, strip_whitespace=True, pattern="^[a-zé]+$")),
    "age": cs.typed_dict_field(cs.int_schema(ge=0, multiple_of=2)),
    "tags": cs.typed_dict_field(cs.list_schema(cs.str_schema(), max_length=2), required=False),
    "at": cs.typed_dict_field(cs.nullable_schema(cs.datetime_schema()), required=False),
}, extra_behavior="forbid"))
print(v.validate_python({"name": " zoé ", "age": "42", "tags": ["a"], "at": "2024-02-29T10:00:00+02:00"}))
print(v.validate_json('{"name": "abc", "age": 8, "at": null}'))
print(error(v.validate_python, {"name": "X", "age": 3, "tags": ["a", 1, "c"], "other": 1}))
print(error(v.validate_json, '{"name": "abc", "age": 8'), error(v.validate_python, 5), v.isinstance_python({"name": "ab", "age": 2}))

log = []


class Model:
    __slots__ = "__dict__", "__weakref__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"

    def method(self):
        return self.a * 2

    def post(self, context):
        log.append(("post", sorted(self.__dict__)))


def wrap(value, handler, info):
    log.append((type(info).__name__, info.field_name, info.mode, info.context))
    try:
        return handler(value) + 100
    except ValidationError as e:
        raise PydanticCustomError("mine", "no good: {why}", {"why": e.errors()[0]["type"]})


model = cs.model_schema(Model, cs.model_fields_schema({
    "a": cs.model_field(cs.with_info_wrap_validator_function(wrap, cs.int_schema())),
    "b": cs.model_field(cs.with_default_schema(cs.list_schema(cs.float_schema()), default_factory=list)),
    "c": cs.model_field(cs.no_info_after_validator_function(str.upper, cs.str_schema()), validation_alias="see"),
}), post_init="post")
m = SchemaValidator(model)
one = m.validate_python({"a": 1, "see": "x"}, context={"k": 1})
print(type(one) is Model, one.a, one.b, one.c, one.method(), sorted(one.__pydantic_fields_set__), log)
print(error(m.validate_python, {"a": "bad", "see": "x"}), m.validate_python(one) is one)
m.validate_assignment(one, "b", ["1.5", 2])
print(one.b, error(m.validate_assignment, one, "b", "no"), error(m.validate_assignment, one, "zz", 1))
s = SchemaSerializer(model)
print(s.to_python(one), s.to_json(one), s.to_python(one, exclude={"b"}), s.to_json(one, by_alias=True, indent=1))


def boom(value):
    raise KeyError("ours")


def told(value):
    raise ValueError("told", 5)


for f in (boom, told, lambda x: assert_(x), lambda x: (_ for _ in ()).throw(PydanticKnownError("greater_than", {"gt": 5}))):
    print(error(SchemaValidator(cs.no_info_plain_validator_function(f)).validate_python, 1))


def assert_(x):
    assert x == 2, "must be two"


try:
    SchemaValidator(cs.no_info_plain_validator_function(told)).validate_python(1)
except ValidationError as e:
    context = e.errors()[0]["ctx"]["error"]
    print(type(context), context.args, e.error_count(), e.title, str(e).splitlines()[:2])
print(SchemaValidator(cs.list_schema(cs.no_info_before_validator_function(lambda x: x if x != 2 else (_ for _ in ()).throw(PydanticOmit()), cs.any_schema()))).validate_python([1, 2, 3]))


class Color(enum.Enum):
    RED = "r"
    BLUE = "b"


@dataclasses.dataclass
class Data:
    x: int
    y: str = "d"


data = SchemaValidator(cs.dataclass_schema(Data, cs.dataclass_args_schema("Data", [cs.dataclass_field("x", cs.int_schema()), cs.dataclass_field("y", cs.with_default_schema(cs.str_schema(), default="d"))]), ["x", "y"]))
print(data.validate_python({"x": "5"}), data.validate_json('{"x": 1, "y": "k"}') == Data(1, "k"), error(data.validate_python, {"y": 1}))
for schema, values in (
    (cs.enum_schema(Color, list(Color.__members__.values())), ["r", Color.BLUE, "q"]), (cs.decimal_schema(max_digits=4), ["1.25", 2, 1.5, "123456"]), (cs.uuid_schema(), [str(uuid.UUID(int=5)), "x"]),
    (cs.date_schema(), ["2024-02-30", datetime.date(2024, 1, 1), 86400]), (cs.timedelta_schema(), ["P1DT2H", 90, "x"]), (cs.bytes_schema(), ["é", b"x", bytearray(b"y"), 5]),
    (cs.set_schema(cs.int_schema()), [[1, "1", 2], {3}, (4,), 5]), (cs.tuple_schema([cs.int_schema(), cs.str_schema()], variadic_item_index=1), [[1, "a", "b"], (1,), "x"]),
    (cs.union_schema([cs.int_schema(), cs.str_schema(), cs.list_schema()]), [1, "1", [1], None]), (cs.literal_schema([1, "a", None]), [1, "a", None, 2]), (cs.is_instance_schema(Model), [one, 1]),
    (cs.callable_schema(), [len, 5]), (cs.complex_schema(), ["1+2j", 3, 1j]), (cs.url_schema(), ["http://h:80/p?q#f", "no"]), (cs.float_schema(allow_inf_nan=False), [float("nan"), 2**70, "1e3"]), (cs.int_schema(), [2**80, str(10**30), 1.0, 1.5, True, Ellipsis]),
):
    check = SchemaValidator(schema)
    for value in values:
        print(schema["type"], repr(check.validate_python(value)) if check.isinstance_python(value) and not isinstance(value, Model) else error(check.validate_python, value) if not isinstance(value, Model) else "model")

# A recursive schema, a generator that is read as it is asked, functions that serialise.
tree = SchemaValidator(cs.definitions_schema(cs.definition_reference_schema("T"), [cs.typed_dict_schema({"v": cs.typed_dict_field(cs.int_schema()), "kids": cs.typed_dict_field(cs.list_schema(cs.definition_reference_schema("T")), required=False)}, ref="T")]))
print(tree.validate_python({"v": 1, "kids": [{"v": "2", "kids": []}]}), error(tree.validate_python, {"v": 1, "kids": [{"v": "x"}]}))
loop = {"v": 1}
loop["kids"] = [loop]
print(error(tree.validate_python, loop))
read = []
lazy = SchemaValidator(cs.generator_schema(cs.int_schema())).validate_python(read.append(i) or str(i) for i in range(3))
print(read, next(lazy), read, list(lazy))
out = SchemaSerializer(cs.list_schema(cs.int_schema(serialization=cs.plain_serializer_function_ser_schema(lambda v, info: f"{v}:{info.mode}", info_arg=True))))
print(out.to_python([1, 2]), out.to_json([1]), out.to_python([3], mode="json"))
print(to_json({"d": datetime.date(2024, 1, 1), "u": uuid.UUID(int=1), "s": {1}, "b": b"x", "f": 1.5, "n": None, "c": Color.RED, "data": Data(1), "dec": decimal.Decimal("1.10"), "g": (i for i in "ab")}))
print(to_jsonable_python([object], fallback=lambda x: x.__name__), error(to_json, object())[:60], from_json(b'[1, 2.5, "x", null, {"a": [tru', allow_partial=True))
print(error(SchemaValidator, {"type": "nonsense"})[:60], repr(PydanticUndefined), Url("https://Ex.com/é").host, str(Url("https://Ex.com/é")))
ref = weakref.ref(one)
del one
gc.collect()
print(ref() is None or "held")
