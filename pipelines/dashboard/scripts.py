"""The JavaScript of the charts, as text to inline: Vega, Vega-Lite and vega-embed.

vl_convert carries the libraries and bundles them without the network. Bundling costs three CPU
seconds and gives the same text for one version, so a caller may name a directory to keep it in.
"""

import os
from importlib import metadata
from pathlib import Path


def chart_script(cache_directory: Path | None = None) -> str:
    """The bundle: a module that sets `window.vegaEmbed`.

    Args:
        cache_directory: where to keep the bundle between nights; it is created, and a file of
            another version is never taken.

    Returns:
        JavaScript that is safe to stand inside a script element.
    """
    version = metadata.version("vl-convert-python")
    if cache_directory is None:
        return _bundle()
    cached = cache_directory / f"charts-{version}.js"
    if cached.is_file():
        return cached.read_text(encoding="utf-8")
    script = _bundle()
    cache_directory.mkdir(parents=True, exist_ok=True)
    # Renamed into place, so that a killed run leaves no half bundle behind for the next night.
    partial = cached.with_name(f".{cached.name}.{os.getpid()}.partial")
    partial.write_text(script, encoding="utf-8")
    partial.replace(cached)
    return script


def _bundle() -> str:
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
