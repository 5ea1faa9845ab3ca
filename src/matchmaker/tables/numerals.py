"""Chinese numerals, everyday and formal, as numbers."""

from __future__ import annotations

DIGITS = {
    character: value
    for value, row in enumerate(("零〇", "一壹", "二贰两貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"))
    for character in row
}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
NUMERALS = "".join((*DIGITS, *TENS, *MYRIADS))


def chinese_number(text: str) -> int | None:
    """What Chinese numerals stand for, or None when they are no number.

    >>> chinese_number("壹仟贰佰万"), chinese_number("一亿零五十"), chinese_number("万一千")
    (12000000, 100000050, None)
    """
    total, section, digit = 0, 0, None
    last_ten = last_myriad = 10**9
    for character in text:
        if character in DIGITS:
            if digit:
                return None
            digit = DIGITS[character]
        elif character in TENS:
            ten = TENS[character]
            if ten >= last_ten or (digit is None and (ten != 10 or section)):
                return None
            section, digit, last_ten = section + (digit or 1) * ten, None, ten
        elif character in MYRIADS:
            myriad = MYRIADS[character]
            section += digit or 0
            if myriad >= last_myriad or not section:
                return None
            total, section, digit = total + section * myriad, 0, None
            last_ten, last_myriad = 10**9, myriad
        else:
            return None
    return total + section + (digit or 0) if text else None
