"""What is kept of reports and read again: records, history, scores, the pages over reports."""
