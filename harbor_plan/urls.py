"""Where everything is."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.forms import SignInForm
from accounts.views import ChangePassword
from harbor_plan import views

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "login/",
        auth.LoginView.as_view(form_class=SignInForm, redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", login_not_required(auth.LogoutView.as_view()), name="logout"),
    path("password/", ChangePassword.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("plan/", views.choose_plan, name="choose_plan"),
    path("components/", views.components, name="components"),
    path("filings/", include("filings.urls")),
    path("work/", include("tasks.urls")),
    path("supervision/", include("supervision.urls")),
    path("assessment/", include("assessment.urls")),
    path(
        "admin/password_change/",  # one page for it
        RedirectView.as_view(pattern_name="password_change"),
        name="admin_password_change",
    ),
    path("admin/", admin.site.urls),
    path("", include("reports.urls")),
]
