"""Virtual environments for the peers, which are not dependencies of the project.

Each is created at its first use from hashed requirements. A copy of these marks it as up to date.
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
    """The locked requirements of a peer."""
    return PEERS / f"requirements-{name}.txt"


def python_of(name: str) -> Path:
    """The Python of a peer's environment, which is created if necessary.

    Raises:
        NotInstalledError: if pip fails.
    """
    folder, locked = ENVIRONMENTS / name, requirements(name)
    python, stamp = folder / "bin" / "python", folder / locked.name
    if not stamp.exists() or stamp.read_bytes() != locked.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        install(name, python)
        stamp.write_bytes(locked.read_bytes())
    return python.absolute()


def install(name: str, python: str | Path = sys.executable, *options: str) -> None:
    """Installs the requirements of a peer with the pip of a Python.

    Raises:
        NotInstalledError: if pip fails.
    """
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    command = [*pip, "--require-hashes", *options, "-r", str(requirements(name))]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"]
        raise NotInstalledError(f"{name}: {lines[-1]}")
