"""Where the server listens, and which Host headers are its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.core.errors import InputError
from fttui.local.addresses import listening


@pytest.mark.parametrize("host", ["", "127.0.0.1", " 127.0.0.1 ", "localhost", "::1", "[::1]", "127.0.0.2"])
def test_this_machine_alone(host: str) -> None:
    where = listening(host)
    assert not where.is_open
    assert where.warning is None
    assert where.admits("localhost:8000")
    assert not where.admits("192.0.2.1")
    assert where.admits(f"{where.url_host}:1")


@pytest.mark.parametrize(
    ("host", "url_host"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "[2001:db8::1]"),
    ],
)
def test_other_machines_too(host: str, url_host: str) -> None:
    where = listening(host, ["Box.Example", " "])
    assert where.is_open
    assert where.warning is not None
    assert where.address in where.warning
    assert where.url_host == url_host
    for good in ("box.example", "BOX.example:80", "192.0.2.77:1", "[2001:db8::77]:1", "localhost", url_host):
        assert where.admits(good), good
    for bad in (
        "evil.example",
        "box.example.evil.example",
        "x.box.example",
        "",
        " ",
        ":80",
        "2001:db8::77",
        "1.2.3.4.5",
    ):
        assert not where.admits(bad), bad


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "999.1.1.1", "1.2.3.4.5", "a" * 300, "a b", "\x00", "\ud83d", "x..y"]
)
def test_what_is_no_address_is_told(host: str) -> None:
    with pytest.raises(InputError, match="cannot listen on"):
        listening(host)


@given(st.one_of(st.text(), st.sampled_from(sorted(hostile.STRINGS.values()))))
def test_no_strange_name_is_ours(header: str) -> None:
    where = listening("")
    name = header.lower().partition(":")[0]
    assert where.admits(header) <= (name in ("localhost", "127.0.0.1", "["))
