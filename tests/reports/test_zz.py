from django.urls import reverse
from tests.reports.pages import addresses, read
def test_x(published, leader):
    for n,u in addresses(published.scene).items():
        print("=====",n); print(read(leader,u))
    for i in (published.graded,published.deliverable,published.trend,published.pending):
        print("=====",i); print(read(leader,reverse("reports:indicator",args=[i.pk])))
    print("== Q2"); print(read(leader,reverse("reports:cockpit")+"?period=2020Q2"))
    print("== pub"); print(read(leader,reverse("reports:publication",args=[published.corrected.pk])))
