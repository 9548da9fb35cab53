"""Addresses of this app."""

from django.urls import path

from supervision.views import desk, notices, orders

app_name = "supervision"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("remind/", desk.remind, name="remind"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<int:pk>/read/", notices.read_notice, name="read_notice"),
    path("notices/by-mail/", notices.by_mail, name="by_mail"),
    path("orders/", orders.orders, name="orders"),
    path("orders/issue/", orders.issue, name="order_issue"),
    path("orders/dismiss/", orders.dismiss, name="order_dismiss"),
    path("orders/rule/", orders.rule, name="order_rule"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/paper/", orders.paper, name="order_paper"),
    path("orders/<int:pk>/file/", orders.file, name="order_file"),
    path("orders/<int:pk>/evidence/<int:evidence_pk>/", orders.evidence, name="order_evidence"),
    *(
        path(f"orders/<int:pk>/{verb.replace('_', '-')}/", orders.step, {"verb": verb}, name=f"order_{verb}")
        for verb in orders.FORMS
    ),
]
