"""Environments of the peers' own: none of what they need is among what the project needs.

Each is made when it is first used, from hashed requirements, and known by a copy of these.
"""

import subprocess
import sys
import venv
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
ENVIRONMENTS = Path(".cache") / "peers"


class NotInstalledError(Exception):
    """An environment cannot be made here: what it needs is not to be had."""


def requirements(name: str) -> Path:
    """What a peer needs, locked."""
    return PEERS / f"requirements-{name}.txt"


def python_of(name: str) -> Path:
    """The Python of a peer's environment, which is made if need be.

    Raises:
        NotInstalledError: where pip fails.
    """
    folder, locked = ENVIRONMENTS / name, requirements(name)
    python, stamp = folder / "bin" / "python", folder / locked.name
    if not stamp.exists() or stamp.read_bytes() != locked.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        install(name, python)
        stamp.write_bytes(locked.read_bytes())
    return python.absolute()


def install(name: str, python: str | Path = sys.executable, *options: str) -> None:
    """Installs what a peer needs with a Python's pip.

    Raises:
        NotInstalledError: where pip fails.
    """
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    command = [*pip, "--require-hashes", *options, "-r", str(requirements(name))]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"]
        raise NotInstalledError(f"{name}: {told[-1]}")
