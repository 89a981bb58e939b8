"""Make `.dvc/plots/offline.html`, the page of `dvc plots show`, with Vega included; DVC's own loads it from a CDN.

Needs `pip install vl-convert-python==1.9.0`, which nothing else does; the page is in the repository.
"""

from pathlib import Path

PAGE = Path(".dvc/plots/offline.html")
_VEGA_LITE = "5.20"  # DVC's templates are written for version 5
_HTML = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
{refresh_tag}
<title>DVC plots</title>
<!-- Vega, Vega-Lite and Vega-Embed: BSD-3-Clause, (c) University of Washington Interactive Data Lab.
     Made by tools/plots_template.py -->
<script>(function () {
BUNDLE
})();</script>
<style>body {font-family: sans-serif; margin: 2em}
body > div {display: inline-block; margin: 0 2em 2em 0; vertical-align: top}
table {border-spacing: 15px}</style>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def main() -> None:
    """Write the page."""
    import vl_convert  # type: ignore[import-not-found]

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", _VEGA_LITE)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(_HTML.replace("BUNDLE", bundle.replace("</script", "<\\/script")), encoding="utf-8")


if __name__ == "__main__":
    main()
