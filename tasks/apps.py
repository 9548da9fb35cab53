from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "任务与责任"

    def ready(self) -> None:
        """Codes are guarded by triggers, which migrations step around; see the module."""
        from tasks.taken_codes import guard, unguard

        pre_migrate.connect(unguard, sender=self)
        post_migrate.connect(guard, sender=self)
