"""Completion for zsh, as cyclopts writes it."""

from cyclopts import App


def zsh(app: App) -> str:
    """Write the script.

    cyclopts names its function after a file `_cyclopts_sunline`, so in a file `_sunline` it would only ever be defined,
    never called: the function gets the name of the file, which zsh then calls.
    """
    return app.generate_completion(prog_name="sunline", shell="zsh").replace(  # noqa: S604 -- the name of one
        "_cyclopts_sunline", "_sunline"
    )
