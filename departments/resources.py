"""Departments as a table that goes out and comes back; known by their names."""

from departments.models import Department
from harbor_plan.lib.exchange import Reference, TableResource, reference


def by_name(what: str, *, required: bool = False) -> Reference:
    """A column that names a department."""
    return Reference(what, Department.objects.all, lambda department: department.name, required=required)


class DepartmentResource(TableResource):
    convenor = reference("convenor", "召集单位", by_name("责任单位"))

    class Meta(TableResource.Meta):
        model = Department
        import_id_fields = ("name",)
        fields = ("name", "kind", "order", "flag", "owes", "convenor", "convenor_is_proposed", "note")
