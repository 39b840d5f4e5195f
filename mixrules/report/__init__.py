"""What a person reads: tables of decisions, and the pages and figures of comparisons and of ratings."""

from mixrules.report.decisions import DecisionRow, decision_rows, failed_statements

__all__ = ["DecisionRow", "decision_rows", "failed_statements"]
