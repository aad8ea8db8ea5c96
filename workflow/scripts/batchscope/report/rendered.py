"""summary.html: the answer, summary.md with its figures in the file, and the methods."""

import base64

from markdown_it import MarkdownIt

from batchscope.report.headline import headlines
from batchscope.report.text import join

# The report's first page shows what stands between two of these.
MARK = "<!-- first page -->"

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What batch size did</title>
<style>
body { margin: 0 auto; max-width: 76rem; padding: 0 1rem 3rem; color: #1b1b1f; background: #fff;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
table { display: block; overflow-x: auto; border-collapse: collapse; margin: 1rem 0;
  font-size: .875rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d9d9e0; vertical-align: bottom; }
td { white-space: nowrap; }
img { max-width: 100%; height: auto; }
</style>
</head>
<body>
{{ body }}
</body>
</html>
"""


def summary_html(text, methods, answer, read_figure):
    """The text of summary.html.

    Args:
        text: of summary.md. Its first block is its title.
        methods: the blocks of Markdown of the methods section.
        answer: what recommendation.json holds.
        read_figure: a function that takes the name of a figure in the text, and returns the bytes
            of its PNG.

    Returns:
        HTML. All that the config or the machine named is escaped.
    """
    # It takes no HTML from the text.
    markdown = MarkdownIt("js-default")
    title, _, rest = text.partition("\n\n")
    tokens = markdown.parse(rest)
    for child in (child for token in tokens for child in token.children or []):
        if child.type == "image":
            data = read_figure(child.attrs["src"])
            child.attrs["src"] = f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
    parts = [
        markdown.render(title),
        MARK,
        markdown.render("\n\n".join(headlines(answer))),
        MARK,
        markdown.renderer.render(tokens, markdown.options, {}),
        MARK,
        markdown.render(join(["## Methods", *methods])),
        MARK,
    ]
    return PAGE.replace("{{ body }}", "\n".join(parts))
