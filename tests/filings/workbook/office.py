"""A real office program for tests: LibreOffice without a window opens a workbook and saves it in its own way."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def program() -> str:
    """LibreOffice's command; a machine without it cannot run these tests, which is said instead of skipped."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if not found:
        raise RuntimeError("LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc")
    return found


def converted(content: bytes, folder: Path, kind: str = "xlsx") -> bytes:
    """The workbook opened and saved by the office program, with a profile of its own under `folder`."""
    source, target = folder / "in.xlsx", folder / "out"
    source.write_bytes(content)
    command = [
        program(),
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--norestore",
        "--convert-to",
        kind,
        "--outdir",
        str(target),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (target / f"in.{kind.partition(':')[0]}").read_bytes()
