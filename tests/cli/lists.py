"""Lists of people as agencies send them, written as their programs do."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

HEADER = ("STT", "Họ và tên", "Chức vụ", "Đơn vị")
Rows = Sequence[Sequence[object]]


def write_csv(path: Path, *rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(
    path: Path, rows: Rows, *, fonts: Sequence[str | None] = (), merged: Sequence[str] = (), sheet: str = "DS"
) -> Path:
    """`fonts` are those of the rows, None for the usual one."""
    workbook = Workbook()
    workbook.active.title = sheet
    fill(workbook[sheet], rows, fonts)
    for span in merged:
        workbook[sheet].merge_cells(span)
    workbook.save(path)
    return path


def fill(sheet, rows: Rows, fonts: Sequence[str | None] = ()) -> None:  # type: ignore[no-untyped-def]
    for number, row in enumerate(rows, 1):
        sheet.append(list(row))
        font = fonts[number - 1] if number <= len(fonts) else None
        if font is not None:
            for cell in sheet[number]:
                cell.font = Font(name=font)


def numbered(names: Sequence[str], *more: str) -> list[tuple[str, ...]]:
    """Rows of a number, a name and what follows."""
    return [(str(number), name, *more) for number, name in enumerate(names, 1)]
