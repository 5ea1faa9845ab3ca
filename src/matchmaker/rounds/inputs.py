"""What a round is made from: settings, tables, last round's plan, own rules; each with its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from matchmaker.assignment import Assignment
from matchmaker.build import build
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.policies import Policy
from matchmaker.rounds.config import FILE_NAME, Config, read_config
from matchmaker.rounds.parts import make_policy, own_files
from matchmaker.tables import Tables, load

PLANS = ("plan.csv", "plan.xlsx")
"""What a run writes that a later one may read as last round's plan."""

Role = Literal["config", "rule", "aliases", "previous", "tables"]


@dataclass(frozen=True)
class InputFile:
    """One file that was read.

    Parameters
    ----------
    role
        What it was read for.
    path
        Where it stands, absolute.
    sha256
        Of its bytes, in hexadecimal.
    """

    role: Role
    path: Path
    sha256: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """A round that is ready to be solved.

    Parameters
    ----------
    config
        What round.toml says.
    folder
        Where round.toml stands, absolute.
    tables, instance, policy
        What was read and made from it.
    files
        Every file that was read: first round.toml, then own rules, own words, last round's plan, the tables.
    """

    config: Config
    folder: Path
    tables: Tables = field(repr=False)
    instance: Instance = field(repr=False)
    policy: Policy
    files: tuple[InputFile, ...] = field(repr=False)

    @property
    def output(self) -> Path:
        """The folder that the round writes, absolute."""
        return (self.folder / self.config.output).resolve()


def gather(path: str | Path) -> Inputs:
    """Read everything that a round.toml names; nothing is written.

    Parameters
    ----------
    path
        A round.toml, or the folder it stands in.

    Raises
    ------
    ConfigError, DataError
        When a setting, a file or a cell cannot be used.
    """
    source = config_file(path)
    config = read_config(source)
    folder = source.parent
    files = [hashed("config", source), *(hashed("rule", own) for own in own_files(config, folder))]
    policy = make_policy(config, folder)
    words = None
    if config.aliases is not None:
        words = _place(folder, config.aliases, "aliases")
        files.append(hashed("aliases", words))
    output = _place(folder, config.output, "output")
    previous = None
    if config.previous is not None:
        last = _place(folder, config.previous, "previous")
        _check_kept(last, output)
        files.append(hashed("previous", last))
        previous = Assignment.read(last)
    where = _place(folder, config.tables, "tables")
    if not where.exists():
        msg = f"tables: there is nothing at {where}. | 找不到数据表 {where}。"
        raise ConfigError(msg)
    _check_apart(output, folder, where)
    tables = load(where, aliases=words, sheets=config.sheets)
    home = where if where.is_dir() else where.parent
    files += [InputFile("tables", home / name, digest) for name, digest in sorted(tables.sources.items())]
    day = None if config.as_of is None else config.as_of.isoformat()
    instance = build(tables, previous, departed=config.departed, as_of=day, name=config.name)
    return Inputs(config=config, folder=folder, tables=tables, instance=instance, policy=policy, files=tuple(files))


def _place(folder: Path, path: str, key: str) -> Path:
    """Where a path of round.toml leads, absolute; there may be nothing yet.

    Raises
    ------
    ConfigError
        When no file can have that name, or links lead round in a circle.
    """
    try:
        place = (folder / path).resolve()
        place.exists()
    except (OSError, RuntimeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        msg = f"{key}: {path[:80]!r} cannot be a file or folder: {why}. | {key} 不是有效的路径。"
        raise ConfigError(msg) from error
    return place


def _check_kept(previous: Path, output: Path) -> None:
    """The plan of last round is not the one that this run replaces: verify reads it again."""
    if previous in [output / name for name in PLANS]:
        msg = (
            f"previous: {previous} stands in the output folder, where this run would replace it and its proof would lack it. Copy it "
            f'elsewhere first, or give each round a folder: previous = "../round_1/out/{previous.name}". '
            "| previous 位于本次将被替换的输出文件夹中，请先复制到别处。"
        )
        raise ConfigError(msg)


def _check_apart(output: Path, folder: Path, tables: Path) -> None:
    """The output folder, which is replaced as a whole, is not the folder of tables and does not lie above the round's own."""
    if output == tables:
        msg = "output: it is the folder of tables; the plan would pass for last round's. | output 不能与数据表文件夹相同。"
        raise ConfigError(msg)
    if folder != output and folder.is_relative_to(output):
        msg = f'output: {output} holds the round\'s own folder. Give a folder of its own, such as "out". | output 不能是上级文件夹。'
        raise ConfigError(msg)


def config_file(path: str | Path) -> Path:
    """The round.toml that a path means, absolute: the file, or the one in that folder."""
    given = Path(path).resolve()
    return given / FILE_NAME if given.is_dir() else given


def hashed(role: Role, path: Path) -> InputFile:
    """A file with the hash of its bytes.

    Raises
    ------
    ConfigError
        When it cannot be read.
    """
    return InputFile(role, path, digest(path))


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    ConfigError
        When it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}. | 无法读取 {path}。"
        raise ConfigError(msg) from error
