"""The quarterly bulletin (季度通报), drafted from one publication: every number in it is a published one.

`known` reads what the draft is made of, `sections` writes the sentences, `annexes` the tables, and `compose` puts
them in the order offices use; `bulletin_file` lays it out as an official paper and records that it was taken.
"""

from reports.bulletin.compose import Bulletin, compose
from reports.bulletin.paper import bulletin_file

__all__ = ["Bulletin", "bulletin_file", "compose"]
