"""TEMPORARY: stands for views under construction. Deleted before the first commit."""

from django.http import Http404


def missing(request, **kw):
    raise Http404("under construction")
