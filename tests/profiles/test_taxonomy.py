"""The needs, found by code and name, and extended by a planner's own."""

from __future__ import annotations

import pandas as pd
import pytest

from matchmaker.errors import ConfigError, DataError
from matchmaker.profiles import Need, Taxonomy


def own(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["need", "zh", "en", "keywords"])


def test_the_programme_has_its_twelve_needs_in_two_languages() -> None:
    taxonomy = Taxonomy.programme()
    assert taxonomy.codes[:3] == ("supply_chain", "finance", "talent")
    assert len(taxonomy) == 12
    assert all(need.zh and need.en and need.keywords for need in taxonomy)


@pytest.mark.parametrize("label", ["finance", "金融", "Finance", " finance "])
def test_a_need_is_found_by_code_and_by_either_name(label: str) -> None:
    taxonomy = Taxonomy.programme()
    assert taxonomy.codes[taxonomy.index(label)] == "finance"


def test_an_unknown_need_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"no need 'finanse'\. Did you mean \"finance\""):
        Taxonomy.programme().index("finanse")


def test_own_needs_replace_where_they_stand_and_follow_by_code_whatever_their_order() -> None:
    rows = [("zoning", "规划", "zoning", ("规划",)), ("law", "法务", "", ()), ("arts", "", "", ())]
    there, back = Taxonomy.programme().extended(own(*rows)), Taxonomy.programme().extended(own(*rows[::-1]))
    assert there == back
    assert there.codes == (*Taxonomy.programme().codes, "arts", "zoning")
    law = there.needs[there.index("law")]
    assert (law.zh, law.en) == ("法务", "law")
    assert law.keywords == Taxonomy.programme().needs[there.index("law")].keywords
    assert there.needs[there.index("arts")] == Need("arts", "arts", "arts")


def test_columns_of_codes_with_gaps() -> None:
    taxonomy = Taxonomy.programme()
    assert taxonomy.columns(["finance", "", "金融"], sheet="requests").tolist() == [1, -1, 1]


def test_every_unknown_code_is_named_at_once() -> None:
    with pytest.raises(DataError, match=r"2 cells(.|\n)*'cash'(.|\n)*'landd'(.|\n)*Did you mean \"land\"") as raised:
        Taxonomy.programme().columns(["landd", "cash", "landd", "tax"], sheet="requests")
    assert [failure.value for failure in raised.value.failures] == ["cash", "landd"]


@pytest.mark.parametrize(("codes", "fault"), [((), "is empty"), (("a", ""), "has an empty code"), (("a", "b", "a"), "has a twice")])
def test_a_taxonomy_needs_a_code_for_each(codes: tuple[str, ...], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        Taxonomy(tuple(Need(code, code, code) for code in codes))
