"""Second half of `make test` and `make faults`: find or install the servers, start private ones, run what must hold.

ARGS goes to pytest, for a quick look: make test ARGS="tests/ground -k timer"
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import services  # noqa: E402

CHINESE_FONT = "fonts-noto-cjk"
DEMO_DATABASE = "harbor_plan_demo"
#: Thirty departments at once and processes that are killed: whole machines at work, in a suite of their own.
FAULTS = "tests/crowd"
COMPILED = str(ROOT / "var" / "compiled")


def main(suite: str) -> None:
    """Run one suite. Exit with the first failure's code, after stopping what was started."""
    os.chdir(ROOT)
    is_private = not os.environ.get("DATABASE_URL")
    try:
        install_missing()
        services.provide(os.environ)
    except services.ServiceError as error:
        sys.exit(str(error))
    arguments = os.environ.get("ARGS", "").split()
    if suite == "faults":
        check("faults", [sys.executable, "-m", "pytest", *(arguments or [FAULTS])])
        return
    compiling = compile_tests()
    manage = [sys.executable, "-W", "error", "manage.py"]
    check("migrations are complete", [*manage, "makemigrations", "--check", "--dry-run"])
    check(
        "production settings",
        [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        HTTPS="1",
        SECRET_KEY="checked-for-its-length-only-" + "0123456789abcdef" * 4,
    )
    if is_private:  # nobody's data: prepared once, and copied for whoever needs it
        check("migrations run", [*manage, "migrate", "--verbosity", "0"])
        os.environ["MIGRATED"] = "1"  # tests/settings.py
        demo = {
            "DATABASE_URL": services.copy_database(os.environ["DATABASE_URL"], DEMO_DATABASE),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        check("the plan is loaded", [*manage, "load_plan", "fixtures/plan-811"], **demo)
        prepared = "fixtures/reorganisation-2018"
        check("reorganisations are prepared", [*manage, "load_reorganisations", prepared], **demo)
        check("the demonstration is loaded", [*manage, "load_demo"], **demo)
        os.environ["DEMO_DATABASE"] = DEMO_DATABASE  # tests/journeys/conftest.py
    compiling.wait()  # what it finds wrong the tests say themselves
    check("tests", [sys.executable, "-m", "pytest", "-n", "4", f"--ignore={FAULTS}", *arguments])


def compile_tests() -> "subprocess.Popen[bytes]":
    """Begin to compile all modules while the databases are prepared, so that not every worker compiles them again.

    The compiled files are kept in a folder of their own, also where Python is told to leave none beside the sources.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = COMPILED
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-qq", f"--ignore={FAULTS}"]
    return subprocess.Popen(collect, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def check(name: str, command: list[str], **env: str) -> None:
    """Run one step; a failure ends everything, and an interrupted step may clean up before this ends."""
    print(f"— {name}", flush=True)
    process = subprocess.Popen(command, env=os.environ | env)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        sys.exit(130)
    except SystemExit:
        process.terminate()
        process.wait()
        raise
    if code:
        sys.exit(code)


def missing_packages() -> list[str]:
    """Debian's packages for what the tests need and this machine lacks."""
    missing = []
    if not os.environ.get("DATABASE_URL") and not services.postgres_folders():
        missing.append("postgresql")
    if not os.environ.get("REDIS_URL") and not shutil.which("redis-server"):
        missing.append("redis-server")
    if not services.chromium():
        missing.append("chromium-headless-shell")
    if not has_chinese_font():
        missing.append(CHINESE_FONT)
    if not services.office_program():
        missing.append("libreoffice-calc")
    return missing


def has_chinese_font() -> bool:
    """Whether pages can be drawn with Chinese letters."""
    program = shutil.which("fc-list")
    if not program:
        return False
    return bool(subprocess.run([program, ":lang=zh"], capture_output=True).stdout.strip())


def install_missing() -> None:
    """Install what is missing through apt when this is root; else say what to install."""
    packages = missing_packages()
    if not packages:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise services.ServiceError(
            f"测试缺少：{'、'.join(packages)}。请先安装，例如：sudo apt-get install {' '.join(packages)}\n"
            f"The tests need {', '.join(packages)}. Install them first, for example with apt-get."
        )
    print(f"正在安装 {'、'.join(packages)} ……", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    for command in (["apt-get", "update"], install):
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise services.ServiceError(f"{' '.join(command)} 失败：\n{done.stdout[-3000:]}")


if __name__ == "__main__":
    main(*sys.argv[1:] or ["test"])
