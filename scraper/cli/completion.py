"""`scraper completion`: the script that makes a shell complete verbs, options, run ids and metrics."""

from __future__ import annotations

import click

EPILOG = """
\b
Examples:
  eval "$(scraper completion bash)"                                      in ~/.bashrc
  eval "$(scraper completion zsh)"                                       in ~/.zshrc
  scraper completion fish > ~/.config/fish/completions/scraper.fish      once
"""


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL; run ids, names and metrics are completed from the store in use."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:  # a click without one of the three it has always had
        raise click.UsageError(f"this version of click completes nothing in {shell}")
    click.echo(found(ctx.find_root().command, {}, "scraper", "_SCRAPER_COMPLETE").source())
