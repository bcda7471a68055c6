"""Virtual environments for the peers, which are not dependencies of the project.

Each is created at its first use. A copy of its requirements marks it as up to date.
"""

import subprocess
import sys
import venv
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
ENVIRONMENTS = Path(".cache") / "peers"


class NotInstalledError(Exception):
    """The packages of an environment cannot be installed here."""


def requirements(name: str) -> Path:
    """The packages of a peer, with their versions."""
    return PEERS / f"requirements-{name}.txt"


def python_of(name: str) -> Path:
    """The Python of a peer's environment, which is created if necessary.

    Raises:
        NotInstalledError: if pip fails.
    """
    folder, wanted = ENVIRONMENTS / name, requirements(name)
    python, stamp = folder / "bin" / "python", folder / wanted.name
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        install(name, python)
        stamp.write_bytes(wanted.read_bytes())
    return python.absolute()


def install(name: str, python: str | Path = sys.executable, *options: str) -> None:
    """Installs the requirements of a peer with the pip of a Python.

    Raises:
        NotInstalledError: if pip fails.
    """
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    command = [*pip, *options, "-r", str(requirements(name))]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"]
        raise NotInstalledError(f"{name}: {lines[-1]}")
