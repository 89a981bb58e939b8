"""The page people read: from scores, predictions and sounds to one self-contained HTML file."""
