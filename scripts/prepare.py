"""Bring the database and the static files up to date: quick, repeatable, keeping what people entered.

With --without-demo (production) the demo data stays out. The plan is loaded only when there is none.
"""

import hashlib
import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
PLAN = ROOT / "fixtures" / "plan-811"
ASSESSMENT = ROOT / "fixtures" / "assessment-811"
REORGANISATION = ROOT / "fixtures" / "reorganisation-2018"


def main(*, with_demo: bool) -> None:
    """Prepare in one process; each step does nothing when there is nothing to do.

    Exits with 1 and the command's own sentence when a step is refused.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harbor_plan.settings")
    django.setup()

    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    try:
        call_command("migrate", interactive=False, verbosity=0)
        load_plan_once(with_scheme=not with_demo)
        collect_static()
        if with_demo:
            call_command("load_demo")
    except CommandError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(
            f"数据库无法使用：{error}\n请确认数据库已启动、磁盘未满，并核对 DATABASE_URL。\n"
            "The database cannot be used; check that it runs, that the disk is not full, and DATABASE_URL."
        )


def load_plan_once(*, with_scheme: bool) -> None:
    """Load the plan into an empty system with the reorganisations prepared for it, and its yearly assessment unless the demo data brings that."""
    from django.core.management import call_command

    from targets.models import Plan

    if Plan.objects.exists():
        return
    call_command("load_plan", str(PLAN))
    call_command("load_reorganisations", str(REORGANISATION))
    if with_scheme:
        call_command("load_scheme", str(ASSESSMENT), plan=Plan.objects.get().code)


def collect_static() -> None:
    """Collect and compress the static files when one of them changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    folder = Path(settings.STATIC_ROOT)
    stamp = folder / "fingerprint"
    current = fingerprint(Path(settings.STATICFILES_DIRS[0]), ROOT / "constraints.txt")
    if not stamp.exists() or stamp.read_text() != current:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(current)


def fingerprint(*paths: Path) -> str:
    """Changes when a file at or below one of the paths is added, removed or written."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                state = file.stat()
                digest.update(f"{file} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(with_demo="--without-demo" not in sys.argv[1:])
