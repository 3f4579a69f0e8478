"""A small file, and its live numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fttui.dataset.document import Document
from fttui.tokens.live import LiveTotals
from token_files import example, write
from tokens.live_counts import PATIENCE_S, RULE


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Document]:
    path = write(tmp_path / "small.jsonl", [example(number, words=5) for number in range(40)])
    path.write_bytes(path.read_bytes() + b"broken\n\n")
    document = Document.open(path)
    yield document
    document.close()


@pytest.fixture
def totals(document: Document) -> Iterator[LiveTotals]:
    totals = LiveTotals(document, RULE)
    assert totals.wait(PATIENCE_S)
    yield totals
    totals.close()
