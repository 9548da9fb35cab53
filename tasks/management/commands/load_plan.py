"""Load a plan from a folder of tables or from an exported document."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from harbor_plan.lib.refusals import Refused
from tasks.plan_files import PlanRefused, read_plan
from tasks.plan_files.diff import PlanDiff
from tasks.plan_store import load_plan


class Command(BaseCommand):
    help = "载入方案：文件夹中的 CSV 表，或 export_plan 导出的 JSON 文件；全部成功才写入"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="方案文件夹或 JSON 文件")
        parser.add_argument(
            "--dry-run", action="store_true", help="只列出将要新增、修改、停用、删除的内容，不写入"
        )
        parser.add_argument("--reason", default="", help="修订的理由；方案已经载入且有变化时必填")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = read_plan(options["path"])
            found = load_plan(
                document=document,
                by=None,
                at=timezone.now(),
                reason=options["reason"],
                dry_run=options["dry_run"],
            ).diff
        except PlanRefused as refused:
            lines = "\n".join(str(problem) for problem in refused.problems)
            raise CommandError(f"方案没有载入，发现{len(refused.problems)}处问题：\n{lines}") from refused
        except Refused as refused:
            raise CommandError(
                f"方案没有载入：{refused.sentence}（--reason 理由，--dry-run 先看差异）"
            ) from refused
        if options["dry_run"]:
            for line in found.lines():
                self.stdout.write(line)
        self.stdout.write(f"{document.plan.name}：{_summary(found, dry_run=options['dry_run'])}")


def _summary(found: PlanDiff, *, dry_run: bool) -> str:
    """What was or would be done, in one sentence."""
    if not found:
        return "与文件一致，没有变化。"
    return f"试载入，将{found.words}，没有写入。" if dry_run else f"已载入，{found.words}。"
