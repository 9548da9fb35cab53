from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号与角色"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401 - connects the signals of sign-in


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's administration with our front."""

    default = False
    default_site = "accounts.site.Administration"
