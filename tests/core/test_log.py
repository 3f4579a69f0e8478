"""Keys never reach the log."""

from __future__ import annotations

import logging

import pytest

from fttui.core.log import log_file, redact, start_logging


@pytest.mark.parametrize(
    "text",
    [
        "key sk-abcdefghijklmnop was used",
        "Authorization: Bearer abcdefgh12345678",
        "api_key='abcdefgh12345678'",
        '{"token": "abcdefgh12345678"}',
    ],
)
def test_secrets_are_removed(text: str) -> None:
    assert "***" in redact(text)
    assert "abcdefgh" not in redact(text)


def test_the_log_file_holds_no_key() -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        start_logging()
        logging.getLogger("fttui.test").warning("failed with %s", "sk-abcdefghijklmnop")
        for handler in root.handlers:
            handler.close()
        assert "failed with ***" in log_file().read_text("utf-8")
    finally:
        root.handlers[:], root.level = before
