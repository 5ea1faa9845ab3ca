"""round.toml is read key by key; what is not known is named, with the nearest that is."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from matchmaker import constraints, objectives, policies
from matchmaker.constraints import Capacity
from matchmaker.errors import ConfigError
from matchmaker.rounds import Config, read_config
from matchmaker.rounds.config import checked_config
from matchmaker.rounds.parts import aims, make_policy, own_files, rules

FULL = """
tables = "tables"
name = "第二轮"
output = "out"
previous = "../round_1/plan.csv"
departed = "drop"
as_of = 2023-07-01
time_limit = 600
gap = 0.001
seed = 3
language = "zh"
[policy]
name = "demand leads"
constraints = [{ rule = "capacity", most = 3 }, { rule = "demand" }, { rule = "recusal" }, { rule = "serves_area" }]
objectives  = [{ rule = "expected_resolved" }, { rule = "continuity", weight = 0.1 }]
"""

OWN_RULES = '''
from dataclasses import dataclass

from matchmaker.constraints import Capacity


@dataclass(frozen=True, eq=False)
class NoLoad:
    """Officers at the front of the list rest."""

    first: int
    word: str = "rests"

    def impose(self, program, instance):
        program.limit_officers(0, [0 if i < self.first else 9 for i in range(instance.shape[0])])

    def violations(self, instance, assignment):
        return []


class NotARule:
    pass
'''


def write(tmp_path: Path, text: str) -> Path:
    (tmp_path / "round.toml").write_text(text, encoding="utf-8")
    return tmp_path / "round.toml"


def policy_from(tmp_path: Path, text: str) -> policies.Policy:
    return make_policy(read_config(write(tmp_path, 'tables = "t"\n' + text)), tmp_path)


def test_every_key_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, FULL))
    assert (config.tables, config.name, config.previous, config.departed) == ("tables", "第二轮", "../round_1/plan.csv", "drop")
    assert (config.as_of, config.time_limit, config.gap, config.seed) == (datetime.date(2023, 7, 1), 600.0, 0.001, 3)
    policy = make_policy(config, tmp_path)
    assert policy.name == "demand leads"
    assert [type(rule).__name__ for rule in policy.constraints] == ["Capacity", "Demand", "Recusal", "ServesArea"]
    assert isinstance(policy.constraints[0], Capacity)
    assert policy.constraints[0].most == 3
    assert policy.objectives[1] == objectives.Continuity(weight=0.1)


def test_the_echo_says_the_same(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, FULL))
    assert Config.model_validate_json(config.model_dump_json()) == config


def test_a_file_needs_only_tables(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, 'tables = "city.xlsx"'))
    assert (config.output, config.gap, config.time_limit, config.policy) == ("out", 0.0, None, "optimal")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'tabels = "t"',
            r'(?s)2 settings cannot be used \(2 处设置有误\).*tables: field required \| 缺少此项。.*tabels: .*Did you mean "tables"\?',
        ),
        ('tables = "t"\ngap = -1', r"gap: -1 input should be greater than or equal to 0 \| 应不小于 0"),
        ('tables = "t"\ngap = nan', "gap: nan"),
        ('tables = "t"\ntime_limit = 0', r"time_limit: 0 .* \| 应大于 0"),
        ('tables = "t"\ntime_limit = inf', "time_limit: inf"),
        ('tables = "t"\ntime_limit = "600"', r"time_limit: '600' .*number \| 应为数字"),
        ('tables = "t"\nseed = 1.5', r"seed: 1.5 .*integer \| 应为整数"),
        ('tables = "t"\nseed = true', r"seed: True .*integer"),
        ("tables = 3", r"tables: 3 .*string \| 应为文字"),
        ('tables = "t"\nlanguage = "fr"', r"language: 'fr' .*'zh', 'en' or 'both'"),
        ('tables = "t"\ndeparted = "keep"', "departed: 'keep'"),
        ('tables = "t"\nas_of = "July"', r"as_of: 'July' .* \| 应为日期"),
        ('tables = "t"\npolicy = 3', r"policy: 3 .*string"),
        ('tables = "t"\n[policy]\nname = "x"\nconstraints = []', r"policy\.objectives: field required"),
        (
            'tables = "t"\n[policy]\nname = "x"\nconstraints = []\nobjectives = []',
            r"policy\.objectives: \[\] .*at least 1.* \| 至少需要 1 项",
        ),
        (
            'tables = "t"\n[policy]\nname = "x"\nconstraint = []\nconstraints = []\nobjectives = [{ rule = "x" }]',
            r'policy\.constraint: is not a setting.*Did you mean "constraints"\?',
        ),
        (
            'tables = "t"\n[policy]\nname = "x"\nconstraints = [{ rul = "x" }]\nobjectives = [{ rule = "x" }]',
            r"policy\.constraints\[0\]\.rule: field",
        ),
        ("tables = ", r"is not TOML.*格式有误"),
        ('tables = "C:\\Users"', r"is not TOML.*single quotes"),
    ],
)
def test_what_is_not_known_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_config(write(tmp_path, text))


def test_all_failures_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"(?s)3 settings.*gap.*seed.*colour"):
        read_config(write(tmp_path, 'tables = "t"\ngap = -1\nseed = -1\ncolour = "red"'))


def test_a_missing_file_and_another_encoding_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no .*round\.toml.*找不到"):
        read_config(tmp_path / "round.toml")
    (tmp_path / "round.toml").write_bytes('tables = "数据"'.encode("gbk"))
    with pytest.raises(ConfigError, match=r"is not UTF-8 \(byte 10\).*请另存为 UTF-8"):
        read_config(tmp_path / "round.toml")


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "round.toml").write_bytes('tables = "数据"'.encode("utf-8-sig"))
    assert read_config(tmp_path / "round.toml").tables == "数据"


def test_every_rule_and_aim_of_the_library_can_be_named() -> None:
    own = [name for name in constraints.__all__ if hasattr(getattr(constraints, name), "impose") and name != "Constraint"]
    assert len(rules()) == len(own) >= 6
    assert {"capacity", "serves_area", "recusal"} <= set(rules())
    assert {"expected_resolved", "continuity"} <= set(aims())
    assert "constraint" not in rules()
    assert "objective" not in aims()


def test_named_policies_take_options(tmp_path: Path) -> None:
    assert policy_from(tmp_path, 'policy = "optimal"').name == "optimal"
    policy = policy_from(tmp_path, 'policy = { recipe = "optimal", continuity = 0.2 }')
    assert objectives.Continuity(weight=0.2) in policy.objectives


PARTS = '[policy]\nname = "x"\nconstraints = [{}]\nobjectives = [{{ rule = "expected_resolved" }}]'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('policy = "optimum"', r"no policy 'optimum'.*Did you mean \"optimal\"\?.*方案策略"),
        ('policy = { recipe = "optimal", continuty = 1 }', r"Did you mean \"continuity\"\?"),
        (PARTS.format('{ rule = "capasity" }'), r'There is no rule "capasity".*Did you mean "capacity"\?.*没有规则“capasity”'),
        (PARTS.format('{ rule = "expected_resolved" }'), 'There is no rule "expected_resolved"'),
        (
            PARTS.format('{ rule = "capacity", mots = 3 }'),
            r'capacity: "mots" is not a parameter. Did you mean "most"\? It takes least, most',
        ),
        (PARTS.format('{ rule = "pin", notes = 3 }'), r'pin: "notes" is not a parameter.* It takes none'),
        (PARTS.format('{ rule = "our_rules:NoLoad" }'), r"our_rules\.py, which is not there.*找不到规则文件"),
        (PARTS.format('{ rule = "../our_rules:NoLoad" }'), "which is not there"),
    ],
)
def test_an_unknown_name_or_parameter_is_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        policy_from(tmp_path, text)


def test_an_aim_that_refuses_its_weight_says_so(tmp_path: Path) -> None:
    text = '[policy]\nname = "x"\nconstraints = []\nobjectives = [{ rule = "continuity", weight = -1 }]'
    with pytest.raises(ConfigError, match="Continuity: weight is -1"):
        policy_from(tmp_path, text)


def test_a_users_own_rule_stands_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "our_rules.py").write_text(OWN_RULES, encoding="utf-8")
    text = PARTS.format('{ rule = "our_rules:NoLoad", first = 2 }')
    policy = policy_from(tmp_path, text)
    assert type(policy.constraints[0]).__name__ == "NoLoad"
    assert vars(policy.constraints[0]) == {"first": 2, "word": "rests"}
    assert own_files(read_config(tmp_path / "round.toml"), tmp_path) == [tmp_path / "our_rules.py"]


@pytest.mark.parametrize(
    ("rule", "source", "message"),
    [
        ("our_rules:NoLaod, first = 1", OWN_RULES, r'no class in our_rules.py: "NoLaod".*Did you mean "NoLoad"'),
        ("our_rules:NoLoad", OWN_RULES, r'our_rules:NoLoad: "first" is missing\. It takes first, word'),
        ("our_rules:NotARule", OWN_RULES, r"our_rules:NotARule is not a rule: it needs the methods of Constraint.*不是规则"),
        ("our_rules:Capacity", OWN_RULES, 'no class in our_rules.py: "Capacity"'),
        ("our_rules:NoLoad, first = 1", "def (", r"our_rules.py cannot be read.*无法读取"),
        ("our_rules:NoLoad, first = 1", "import no_such_module", r"cannot be read: No module named 'no_such_module'"),
    ],
)
def test_a_users_own_rule_that_cannot_be_used(tmp_path: Path, rule: str, source: str, message: str) -> None:
    (tmp_path / "our_rules.py").write_text(source, encoding="utf-8")
    name, _, rest = rule.partition(",")
    with pytest.raises(ConfigError, match=message):
        policy_from(tmp_path, PARTS.format(f'{{ rule = "{name}"{"," if rest else ""}{rest} }}'))


def test_settings_from_elsewhere_are_checked_the_same_way() -> None:
    with pytest.raises(ConfigError, match=r"result\.json: 1 setting cannot be used"):
        checked_config({"tables": 3}, "result.json")
