"""A plan into a DAW and out of it again: projects that hold what the plan decided, and say what they do not hold.

A project is built once (`building`), for what a host holds of a strip (`hosts`), and written in one of the formats.
"""

from mixrules.export.exporting import ExportReport, export_plan
from mixrules.export.importing import ImportReport, import_plan

__all__ = ["ExportReport", "ImportReport", "export_plan", "import_plan"]
