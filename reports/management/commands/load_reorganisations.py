"""Load reorganisations as prepared operations."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from harbor_plan.lib.refusals import Refused
from reports.reorganisation.files import load_prepared


class Command(BaseCommand):
    help = "载入机构变动：文件夹中的 operations.csv；只登记，不办理，已有同一代码的跳过"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="机构变动文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_prepared(folder=options["path"], at=timezone.now())
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"已登记机构变动{len(loaded)}项，待预览办理。" if loaded else "没有新的机构变动。")
