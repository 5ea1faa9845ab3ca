"""Requests are read by keywords, and by what labelled requests teach; probabilities are calibrated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sentences import HELD_OUT, TOLD, sentences

from matchmaker.errors import ConfigError
from matchmaker.profiles import Lexicon, Taxonomy, TextModel
from matchmaker.profiles.text import FEWEST_LABELS, read

TAXONOMY = Taxonomy.programme()
JARGON = {
    "finance": ["{x}想办{y}的桥头通", "{z}桥头通利息高", "桥头通额度给{x}少了"],
    "land": ["{x}{y}要落在三号田", "{z}三号田何时能交", "三号田{x}排不上队"],
    "energy": ["{x}{y}碰到红灯表", "红灯表又响了,{z}停下来", "{z}想换红灯表"],
}
JARGON_HELD_OUT = {
    "finance": ["桥头通办不了,{x}很急", "请问{z}谁管桥头通"],
    "land": ["{z}还有三号田吗", "{x}为{y}去看三号田"],
    "energy": ["厂里红灯表不停闪,{x}发愁", "{y}遇红灯表"],
}


def columns(needs: list[str]) -> NDArray[np.int64]:
    return np.array([TAXONOMY.index(need) for need in needs])


def accuracy(share: NDArray[np.float64], needs: list[str]) -> float:
    return float((share.argmax(axis=1) == columns(needs)).mean())


@pytest.mark.parametrize("templates", [TOLD, HELD_OUT])
def test_keywords_alone_tell_most_requests(templates: dict[str, list[str]]) -> None:
    texts, needs = sentences(templates, 480, seed=1)
    reading = Lexicon(TAXONOMY).read(texts)
    assert accuracy(reading.share, needs) > 0.9
    assert reading.clear.mean() > 0.95
    assert np.allclose(reading.share.sum(axis=1), 1)


def test_a_reading_can_be_shown_word_by_word() -> None:
    found = Lexicon(TAXONOMY).matches("急需银行贷款,厂区经常停电")
    assert [(match.need, match.word, match.start) for match in found] == [
        ("finance", "银行", 2),
        ("finance", "贷款", 4),
        ("energy", "停电", 11),
    ]


def test_the_longest_word_counts_once() -> None:
    words = [match.word for match in Lexicon(TAXONOMY).matches("不动产权证")]
    assert words == ["不动产权证"]


@pytest.mark.parametrize("text", ["不需要贷款", "无需用地指标", "暂无融资需求", "没有用工需求", "目前无贷款诉求", "", "无", "请联系我们"])
def test_what_is_denied_or_not_said_is_not_clear(text: str) -> None:
    reading = Lexicon(TAXONOMY).read([text])
    assert not reading.clear[0]
    assert reading.share[0] == pytest.approx(1 / 12)


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("没有贷款渠道,银行不批", "finance"),
        ("不需要贷款,需要工业用地", "land"),
        ("没有办法解决招工需求", "labour"),
        ("We need FINANCE", "finance"),
    ],
)
def test_a_lack_is_no_denial(text: str, need: str) -> None:
    reading = Lexicon(TAXONOMY).read([text])
    assert TAXONOMY.codes[int(reading.share[0].argmax())] == need


def test_own_needs_bring_their_own_keywords() -> None:
    own = pd.DataFrame({"need": ["zoning"], "zh": ["规划"], "en": ["zoning"], "keywords": [("红线图",)]})
    taxonomy = Taxonomy.programme().extended(own)
    reading = Lexicon(taxonomy).read(["红线图尚未批复"])
    assert reading.share[0].argmax() == taxonomy.index("zoning")


@pytest.mark.parametrize("count", [60, 600])
def test_training_on_other_wordings_does_not_hurt(count: int) -> None:
    model = TextModel.fit(*sentences(TOLD, count, seed=2))
    texts, needs = sentences(HELD_OUT, 480, seed=3)
    assert accuracy(model.read(texts).share, needs) > 0.9
    assert accuracy(model.read(sentences(TOLD, 480, seed=4)[0]).share, sentences(TOLD, 480, seed=4)[1]) > 0.95


def test_training_learns_what_keywords_do_not_know() -> None:
    texts, needs = sentences(JARGON_HELD_OUT, 300, seed=6)
    assert accuracy(Lexicon(TAXONOMY).read(texts).share, needs) < 0.6
    model = TextModel.fit(*sentences(JARGON, 300, seed=5))
    assert accuracy(model.read(texts).share, needs) > 0.9
    assert model.labels == 300


def noisy_requests(count: int, *, seed: int) -> tuple[list[str], list[str]]:
    """Random characters, one of which tells the need three times out of four."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0x5000, 0x9000, (count, 10))
    told = rng.random(count) < 0.5
    kept = rng.random(count) < 0.75
    texts = [("甲" if law else "乙") + "".join(map(chr, row)) for law, row in zip(told, noise, strict=True)]
    return texts, ["law" if law == keep else "tax" for law, keep in zip(told, kept, strict=True)]


def test_probabilities_are_calibrated_on_wordings_it_has_not_seen() -> None:
    """It says that it is right about as often as it is, and that is not more often than can be known."""
    model = TextModel.fit(*noisy_requests(600, seed=7))
    texts, needs = noisy_requests(2000, seed=8)
    share = model.read(texts).share
    right = share.argmax(axis=1) == columns(needs)
    assert float(right.mean()) == pytest.approx(0.75, abs=0.05)
    assert float(share.max(axis=1).mean()) == pytest.approx(float(right.mean()), abs=0.04)


def test_the_order_of_the_labels_changes_nothing() -> None:
    texts, needs = sentences(TOLD, 120, seed=8)
    order = np.random.default_rng(0).permutation(120)
    new = sentences(HELD_OUT, 50, seed=9)[0]
    there = TextModel.fit(texts, needs).read(new).share
    back = TextModel.fit([texts[i] for i in order], [needs[i] for i in order]).read(new).share
    assert there.tobytes() == back.tobytes()


def test_with_too_few_labels_the_keywords_read() -> None:
    few = FEWEST_LABELS - 1
    texts, needs = sentences(TOLD, few, seed=1)
    by_words = Lexicon(TAXONOMY).read(["招工难"]).share
    assert (read(["招工难"], TAXONOMY, labelled=texts, needs=needs).share == by_words).all()
    same = sentences({"land": TOLD["land"]}, 80, seed=1)
    assert (read(["招工难"], TAXONOMY, labelled=same[0], needs=same[1]).share == by_words).all()


def test_with_enough_labels_they_are_learned_from() -> None:
    texts, needs = sentences(JARGON, 90, seed=5)
    reading = read(["桥头通"], TAXONOMY, labelled=texts, needs=needs)
    assert reading.clear.all()
    assert reading.share[0].argmax() == TAXONOMY.index("finance")


def test_nothing_said_stays_unclear_to_the_trained_reader() -> None:
    model = TextModel.fit(*sentences(TOLD, 120, seed=2))
    assert not model.read(["无", "", "暂无诉求", "/"]).clear.any()
    assert model.read([]).share.shape == (0, 12)


def test_one_need_is_nothing_to_learn() -> None:
    with pytest.raises(ConfigError, match="2 labelled requests name 1 needs; training takes at least 2"):
        TextModel.fit(["招工难", "缺工"], ["labour", "labour"])


def test_reading_keywords_does_not_load_scikit_learn(in_subprocess: Callable[[str], str]) -> None:
    code = "import sys; from matchmaker.profiles import Lexicon, Taxonomy; Lexicon(Taxonomy.programme()).read(['缺工']); print('sklearn' in sys.modules)"
    assert in_subprocess(code).strip() == "False"
