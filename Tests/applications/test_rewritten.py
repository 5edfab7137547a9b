"""pytest rewrites the assertions of this file: what the failing ones say is the same under every interpreter."""
import pytest


def items():
    return [1, 2, {"a": 3}]


class Thing:
    def __repr__(self):
        return "<a thing>"

    @property
    def value(self):
        return 3


@pytest.fixture
def thing():
    yield Thing()
    print("thing done")


def test_lists():
    assert items() == [1, 2, {"a": 4}]


def test_words():
    text = "hello world"
    assert "bye" in text and len(text) > 3


def test_attributes(thing):
    assert thing.value + 1 == 5 or not (thing.value < 4)


def test_walrus():
    assert (n := len(items())) == 4, f"{n} items"


def test_chain():
    low, high = 3, 5
    assert low < high < 4


def test_sets_and_texts():
    assert {"left", "both"} == {"both", "right"}
    assert "a\nb\nc" == "a\nB\nc"


@pytest.mark.parametrize("n", [1, 2, 3])
def test_fixtures(n, tmp_path, capsys, monkeypatch):
    print("n", n)
    (tmp_path / "x").write_text("y")
    monkeypatch.setenv("A", str(n))
    assert capsys.readouterr().out == f"n {n}\n"


def test_raises():
    with pytest.raises(ValueError, match="a+"):
        raise ValueError("bbb")


@pytest.mark.xfail(strict=True)
def test_xfail():
    assert not items()


def test_skip():
    pytest.skip("a reason")


def test_warns():
    import warnings

    warnings.warn("a warning")


def test_approximately():
    assert 0.1 + 0.2 == pytest.approx(0.3)
    assert [1.0, 2.5] == pytest.approx([1.0, 2.0])
