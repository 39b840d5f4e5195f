"""What a person reads: tables made from a plan and its measurements."""

from mixrules.report.decisions import DecisionRow, decision_rows, failed_statements

__all__ = ["DecisionRow", "decision_rows", "failed_statements"]
