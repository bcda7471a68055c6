"""Certificates for this machine."""

import shutil
import subprocess
from pathlib import Path


def certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1, `cert.pem` in a folder, with its key, `key.pem`."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is missing: apt-get install openssl"
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return folder / "cert.pem"
