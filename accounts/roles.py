"""Who may do what: a table a manager could read. Roles are stored by key, never by path.

filer     填报人      fills in and submits the department's filing
approver  签发人      signs the department's filing, or sends entries back to the filer
office    办公室审核  reviews filings, runs periods, reminders, publication and assessment, edits the plan's data
leader    领导        reads everything; decides filings that no reviewer may decide
sysadmin  系统管理员  accounts and operation only; takes no part in filing, review or plan data
"""

from django.db.models import TextChoices


class Role(TextChoices):
    FILER = "filer", "填报人"
    APPROVER = "approver", "签发人"
    OFFICE = "office", "办公室审核"
    LEADER = "leader", "领导"
    SYSADMIN = "sysadmin", "系统管理员"


#: Held for one department; the others are held for the whole district.
DEPARTMENT_ROLES = frozenset({Role.FILER, Role.APPROVER, Role.OFFICE})

#: Read every department's filings and figures.
READS_ALL = frozenset({Role.OFFICE, Role.LEADER})

#: Sees pages of the plan and of figures at all.
READS_PLAN = frozenset({Role.FILER, Role.APPROVER, Role.OFFICE, Role.LEADER})

#: What each role may change in the administration: app labels. Filings are changed by their services only; of
#: their app nothing but the calendar of working days stands there.
ADMINISTERS: dict[Role, frozenset[str]] = {
    Role.OFFICE: frozenset({"departments", "targets", "actions", "tasks", "filings", "audit"}),
    Role.SYSADMIN: frozenset({"accounts", "audit", "supervision"}),
}
