"""Text broken into lines by terminal cells, as a pane shows it."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

TAB = 4


def wrap(text: str, width: int) -> list[str]:
    """``text`` (safe already) as lines of at most ``width`` cells, broken at blanks where that is possible."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_paragraph(paragraph.expandtabs(TAB), max(2, width))
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    if len(paragraph) <= width and cell_len(paragraph) <= width:
        return [paragraph]
    lines: list[str] = []
    start = 0
    while start < len(paragraph):
        end = start + len(_head(paragraph[start : start + width], width))
        if end >= len(paragraph):
            lines.append(paragraph[start:])
            break
        if paragraph[end] == " ":
            lines.append(paragraph[start:end])
            start = end + 1
            continue
        blank = paragraph.rfind(" ", start, end)
        if blank > start and paragraph[start:blank].strip():
            end = blank
        lines.append(paragraph[start:end])
        start = end + 1 if paragraph[end] == " " else end
    return lines


def _head(piece: str, width: int) -> str:
    """The longest beginning of ``piece`` that fits in ``width`` cells; at least one character."""
    if piece.isascii():
        return piece[:width]
    if cell_len(piece) <= width:
        return piece
    cut = set_cell_size(piece, width)
    while cut and not piece.startswith(cut):
        cut = cut[:-1]
    return cut or piece[0]


def clip(text: str, width: int) -> str:
    """``text`` (one line) in at most ``width`` cells, with … where something was left out."""
    if width <= 0:
        return ""
    if len(text) <= width and cell_len(text) <= width:
        return text
    return _head(text[: width - 1], width - 1).rstrip() + "…" if width > 1 else "…"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells: clipped or filled with blanks, numbers to the ``right``."""
    if width > 1 and text.isascii() and text.isprintable():  # a character, a cell; drawn for each row of a page
        cut = text if len(text) <= width else text[: width - 1].rstrip() + "…"
        return cut.rjust(width) if right else cut.ljust(width)
    clipped = clip(text, width)
    fill = " " * (width - cell_len(clipped))
    return fill + clipped if right else clipped + fill
