"""A real office program for tests: LibreOffice without a window opens a workbook and saves it in its own way."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import services


def converted(content: bytes, folder: Path, kind: str = "xlsx") -> bytes:
    """The workbook opened and saved by the office program, with a profile of its own under `folder`."""
    source, target = folder / "in.xlsx", folder / "out"
    source.write_bytes(content)
    program = services.office_program()
    assert program, "LibreOffice is missing; `make test` installs it: apt-get install libreoffice-calc"
    command = [
        program,
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
