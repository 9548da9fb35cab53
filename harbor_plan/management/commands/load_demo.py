"""`manage.py load_demo [folder]`: demonstration accounts, quarters and figures, once; then only the accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from harbor_plan.demo.accounts import account_lines
from harbor_plan.demo.load import load
from harbor_plan.demo.tables import DemoDataError, read_tables

FOLDER = settings.BASE_DIR / "fixtures" / "demo"


class Command(BaseCommand):
    """Safe to repeat: the second time nothing is written."""

    help = "载入演示数据（须先载入方案），并列出演示账号。重复执行只列出账号。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="演示数据目录")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            loaded = load(folder, at=timezone.now())
            tables = read_tables(folder)
        except DemoDataError as error:
            raise CommandError(str(error)) from error
        if loaded:
            self.stdout.write(
                f"已载入演示数据：{loaded.periods} 个填报期，{loaded.filings} 份报送，{loaded.entries} 个填报项。"
            )
        else:
            self.stdout.write("演示数据已在系统中，没有改动。")
        self.stdout.write("\n".join(account_lines(tables)))
