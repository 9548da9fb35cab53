from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "汇总与发布"

    def ready(self) -> None:
        from reports import receivers  # noqa: F401  (connects the one event that crosses upward)
