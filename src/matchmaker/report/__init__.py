"""What a plan looks like to its readers: tables, plan.csv, plan.xlsx, report.html and charts.

Nothing here writes a file except whole, and nothing here decides: the numbers are the result's.
"""

from matchmaker.report import charts
from matchmaker.report.changes import changes
from matchmaker.report.page import write_page
from matchmaker.report.pairs import plan_frame, write_plan_csv
from matchmaker.report.workbook import write_workbook

__all__ = ["changes", "charts", "plan_frame", "write_page", "write_plan_csv", "write_workbook"]
