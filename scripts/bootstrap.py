"""First half of `make run` and `make test`: check what the machine has, then build .venv. Standard library only.

    python3 scripts/bootstrap.py          for running
    python3 scripts/bootstrap.py --dev    for the tests too

The second time it only compares a stamp and returns at once. This file must stay readable for old versions of
Python 3, so that they get the sentence below instead of a syntax error.
"""

import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    sys.exit(
        "需要 Python {}.{} 或更高版本，当前为 {}。可用 make run PYTHON=python3.12 指定其他解释器。\n"
        "Python {}.{} or newer is needed; this is {}. Try: make run PYTHON=python3.12".format(
            *NEEDED, sys.version.split()[0], *NEEDED, sys.version.split()[0]
        )
    )

import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main() -> None:
    """Make .venv fit the requirements, or say what is missing and exit with 1."""
    dev = "--dev" in sys.argv[1:]
    if not dev:
        check_port(*address())
    if is_installed(dev):
        return
    check_venv_modules()
    build_venv()
    install("requirements-dev.txt" if dev else "requirements.txt")
    stamp(dev).write_text(fingerprint())


def address() -> "tuple[str, str]":
    """Host and port to serve on, from the environment."""
    return os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"


def check_port(host: str, port: str) -> None:
    """Exit with 1 and a sentence when `port` is not a number or somebody listens there already."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT={port} 不是有效的端口号。\nPORT={port} is no port number.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            sys.exit(
                f"无法使用端口 {port}（{error.strerror}）。请关闭占用它的程序，或换一个端口：make run PORT=8001\n"
                f"Port {port} cannot be used ({error.strerror}). Stop what uses it, or: make run PORT=8001"
            )


def check_venv_modules() -> None:
    """Debian ships Python without these two modules."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(
            f"缺少 Python 模块 {'、'.join(missing)}，无法建立虚拟环境。Debian、Ubuntu 请先执行：apt-get install python3-venv\n"
            f"The Python modules {', '.join(missing)} are missing, so no virtual environment can be made. "
            "On Debian or Ubuntu: apt-get install python3-venv"
        )


def fingerprint() -> str:
    """Changes whenever the requirements or the interpreter do."""
    names = ["requirements.txt", "requirements-dev.txt", "constraints.txt"]
    content = b"".join((ROOT / name).read_bytes() for name in names)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def stamp(dev: bool) -> Path:
    """The file that holds the fingerprint of what was installed."""
    return VENV / ("installed-dev" if dev else "installed")


def is_installed(dev: bool) -> bool:
    """Whether .venv holds what is asked; the requirements for the tests include the others."""
    stamps = [stamp(True)] if dev else [stamp(True), stamp(False)]
    return PYTHON.exists() and any(file.exists() and file.read_text() == fingerprint() for file in stamps)


def build_venv() -> None:
    """Make .venv, anew when its interpreter no longer starts."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0:
        return
    print("正在建立虚拟环境 .venv ……", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            f"无法建立虚拟环境。\nThe virtual environment could not be made:\n{done.stdout}{done.stderr}"
        )


def install(requirements: str) -> None:
    """Install the requirements file with pinned versions."""
    print("正在安装依赖，首次约需一两分钟 ……", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run([*pip, "install", "-r", requirements, "-c", "constraints.txt"], cwd=ROOT)
    if done.returncode:
        sys.exit(
            "依赖安装失败，请检查能否访问软件包源（pip config 可设置镜像），然后重试。\n"
            "Installing the requirements failed. Check that pip reaches a package index, then try again."
        )


if __name__ == "__main__":
    main()
