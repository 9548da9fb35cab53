"""Second half of `make run`: prepare the data, say where to go, and serve in the foreground."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVE = ["gunicorn", "--config", "python:harbor_plan.gunicorn", "harbor_plan.wsgi:application"]


def main() -> None:
    """Check the port, prepare, and become the server."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))

    from scripts import bootstrap, prepare

    host, port = bootstrap.address()
    bootstrap.check_port(host, port)
    prepare.main(with_demo=True)
    print(f"\n已就绪：http://{host}:{port}/    按 Ctrl-C 停止。", flush=True)
    os.execv(sys.executable, [sys.executable, "-m", *SERVE])


if __name__ == "__main__":
    main()
