"""The report page: scores, predictions and audio in one self-contained HTML file."""
