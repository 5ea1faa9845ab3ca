"""How a failing cell reads."""

from __future__ import annotations

import pytest

from matchmaker.errors import Failure


@pytest.mark.parametrize(
    ("problem", "problem_zh", "line"),
    [
        ("is no number", "不是数字", "干部, row 3: 'x' is no number; expected a count | 不是数字；应为整数"),
        ("is unknown.", "未知。", "干部, row 3: 'x' is unknown. Expected a count | 未知。应为整数"),
        ("is unknown. Did you mean y?", "是否为y？", "干部, row 3: 'x' is unknown. Did you mean y? Expected a count | 是否为y？应为整数"),
    ],
)
def test_what_is_wrong_and_what_would_be_right_are_sentences(problem: str, problem_zh: str, line: str) -> None:
    failure = Failure(sheet="干部", row=3, value="x", problem=problem, problem_zh=problem_zh, expected="a count", expected_zh="整数")
    assert str(failure) == line
