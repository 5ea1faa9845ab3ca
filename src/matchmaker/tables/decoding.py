"""Bytes of a text file as text: UTF-8 or GB18030, never a guess that turns names into nonsense."""

from __future__ import annotations

import codecs
import re

from matchmaker.errors import DataError, Failure

LONG_ENOUGH = 30
PLAUSIBLE = 0.5


def decode(data: bytes, name: str) -> str:
    """The text of a file in UTF-8 (with or without a mark), UTF-16 with a mark, or GB18030 (GBK, GB2312).

    Parameters
    ----------
    data
        The whole file.
    name
        What the reader calls it.

    Raises
    ------
    DataError
        Naming the file and the byte at which neither encoding can go on, or an encoding that fits better.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16", name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error
    if data.startswith(codecs.BOM_UTF8) or _mostly_utf8(data):
        raise _undecodable(name, broken.start, "UTF-8", data) from broken
    text = _strict(data, "gb18030", name)
    if not _plausible(text):
        guess = _guess(data)
        raise DataError(
            [
                Failure(
                    sheet=name,
                    problem="reads as neither UTF-8 nor GB18030" + (f"; it looks like {guess}" if guess else ""),
                    expected="a file saved as UTF-8",
                    problem_zh="编码既不是 UTF-8 也不是 GB18030" + (f"，疑为 {guess}" if guess else ""),
                    expected_zh="以 UTF-8 保存的文件",
                )
            ]
        )
    return text


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(name, error.start, encoding.upper(), data) from error


def _undecodable(name: str, start: int, encoding: str, data: bytes) -> DataError:
    line = data.count(b"\n", 0, start) + 1
    return DataError(
        [
            Failure(
                sheet=name,
                value=data[start : start + 4],
                problem=f"cannot be read as {encoding}: byte {start} (line {line}) does not fit",
                expected="a whole file saved as UTF-8 or GB18030",
                problem_zh=f"无法按 {encoding} 读取：第 {start} 字节（第 {line} 行）无效",
                expected_zh="以 UTF-8 或 GB18030 保存的完整文件",
            )
        ]
    )


def _mostly_utf8(data: bytes) -> bool:
    """Whether what is not ASCII is UTF-8 in the main, so that a few bytes are broken rather than all of another encoding."""
    text = data.decode("utf-8", errors="replace")
    return sum(character > "\x7f" for character in re.sub("\ufffd", "", text)) > text.count("\ufffd")


def _plausible(text: str) -> bool:
    """Whether the Chinese is made of everyday characters, as text that was read in a wrong encoding is not."""
    foreign = [character for character in text if character > "\x7f"][:100_000]
    if len(foreign) < LONG_ENOUGH:
        return True
    return sum(map(_everyday, foreign)) >= PLAUSIBLE * len(foreign)


def _everyday(character: str) -> bool:
    """Punctuation and the 3,755 commonest characters (level 1 of GB 2312)."""
    code = character.encode("gb18030")
    return len(code) == 2 and code[1] >= 0xA1 and (0xA1 <= code[0] <= 0xA3 or 0xB0 <= code[0] <= 0xD7)


def _guess(data: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return ""
    best = from_bytes(data[:20_000]).best()
    return "" if best is None or best.encoding in {"gb18030", "gbk", "gb2312", "utf_8"} else best.encoding
