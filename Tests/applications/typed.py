"""Right and wrong types, for mypy."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, overload

T = TypeVar("T")


@dataclass
class Box(Generic[T]):
    item: T

    def get(self) -> T:
        return self.item


class Named(Protocol):
    name: str


def greet(n: Named) -> str:
    return n.name


def wrong(x: int) -> str:
    return x + 1


@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x):
    return x


box = Box(3)
reveal_type(box.get())
reveal_type(f("a"))
greet(box)
match box:
    case Box(item=v):
        reveal_type(v)
numbers: list[int] = ["a"]


async def later() -> int:
    return "s"
