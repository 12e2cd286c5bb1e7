"""The report: one HTML file that opens offline, with all that is known of a model on a split, and its numbers as JSON.

`making.report_on` computes and writes all of it, `writing.write_report` writes what is there already.
"""
