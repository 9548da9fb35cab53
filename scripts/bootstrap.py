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

import errno
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
        check_writable(Path(os.environ.get("VAR_DIR") or ROOT / "var"))
    if is_installed(dev):
        return
    check_writable(VENV)
    check_venv_modules()
    build_venv()
    install("requirements-dev.txt" if dev else "requirements.txt")
    stamp(dev).write_text(fingerprint())


def address() -> "tuple[str, str]":
    """Host and port to serve on, from the environment."""
    return os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"


def check_port(host: str, port: str) -> None:
    """Exit with 1 and a sentence when `port` is not a number or cannot be listened to."""
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        sys.exit(f"PORT={port} 不是有效的端口号。\nPORT={port} is no port number.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            chinese, english = why_unusable(error, host)
            sys.exit(f"无法使用端口 {port}：{chinese}\nPort {port} cannot be used: {english}")


def why_unusable(error: OSError, host: str) -> "tuple[str, str]":
    """Why nobody can listen there and what to do, in Chinese and in English."""
    if error.errno == errno.EADDRINUSE:
        return (
            "已被占用。请关闭占用它的程序，或换一个端口：make run PORT=8001",
            "it is taken. Stop what uses it, or take another: make run PORT=8001",
        )
    if error.errno == errno.EACCES:
        return (
            "没有权限。请换一个 1024 以上的端口：make run PORT=8001",
            "permission denied. Take one above 1024: make run PORT=8001",
        )
    return (
        f"本机没有地址 {host}（{error.strerror}）。请改正 HOST，或不设 HOST。",
        f"{host} is no address of this machine ({error.strerror}). Correct HOST or leave it out.",
    )


def check_writable(folder: Path) -> None:
    """Exit with 1 when `folder` exists and cannot be written to, or cannot be made."""
    there = folder
    while not os.path.exists(str(there)):  # Path.exists() stumbles over folders that may not be entered
        there = there.parent
    if not there.is_dir() or not os.access(str(there), os.W_OK | os.X_OK):
        sys.exit(
            f"无法写入 {folder}：{there} 不是可写的文件夹。请换一个有权限的账号运行，或把程序放到可写的文件夹里。\n"
            f"Cannot write to {folder}: {there} is not a folder this account may write to. "
            "Run as an account that may, or put the program where it may."
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
            "依赖安装失败。首次安装需要联网：请检查能否访问软件包源（pip config 可设置镜像）、磁盘是否已满，然后重试。\n"
            "Installing the requirements failed. The first installation needs the network: check that pip reaches "
            "a package index and that the disk is not full, then try again."
        )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("已中断，再次执行会接着做。\nInterrupted; run it again to go on.")
