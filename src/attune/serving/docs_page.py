"""The page at /docs, served with `attune serve --docs`."""

from attune.serving.limits import Limits

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>attune</title>
<h1>attune: emotion of speech</h1>
<p><code>POST /invocations</code> with <code>content-type: application/json</code>:</p>
<pre>{{"dataframe_records": [{{"audio": "base64 of a WAV or FLAC file"}}],
 "params": {{"attention": false, "errors": "raise"}}}}</pre>
<p>The answer is <code>{{"predictions": [...]}}</code>, one object per row: the score of every rated task on its scale,
such as <code>arousal</code>, and the probability of every class of every task, such as <code>arousal_low</code>,
<code>arousal_middle</code> and <code>arousal_high</code>.</p>
<p>A request may have {bytes:g} MB, {rows} rows and {seconds:g} s of audio.</p>
<p><code>GET /ping</code> is 200 while the model can answer. <code>GET /version</code> names the model.</p>
"""


def html(limits: Limits) -> str:
    """Return the page."""
    return _PAGE.format(bytes=limits.request_bytes / 1e6, rows=limits.request_rows, seconds=limits.request_seconds)
