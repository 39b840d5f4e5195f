"""`mixrules listen`: serve a listening test and keep the ratings."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.output import say

_EXAMPLES = """\b
Examples:
  mixrules listen test/
  mixrules listen test/ --host 0.0.0.0 --port 8080
"""


@click.command("listen", epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any free one."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; 0.0.0.0 lets other machines in the network reach the test.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A name under which listeners reach the server, e.g. behind a proxy; repeatable.",
)
@click.option(
    "--connections",
    type=click.IntRange(min=1),
    default=1500,
    show_default=True,
    help="Connections at a time from one address; a browser opens six.",
)
def command(folder: Path, port: int, host: str, allowed_hosts: tuple[str, ...], connections: int) -> int:
    """Serve the listening test in FOLDER; ratings land in FOLDER/ratings, one file a session.

    Reads FOLDER/test.toml first, which says what the test asks. Ends with Ctrl-C. Several servers may share a folder.
    """
    import logging

    from mixrules.cli.definition_options import say_mistakes
    from mixrules.listening.format.definition import DefinitionError
    from mixrules.listening.making.applying import apply_definition
    from mixrules.listening.serving.collection import Saved
    from mixrules.listening.serving.limits import ConnectionLimits
    from mixrules.listening.serving.server import ListeningServer

    logging.basicConfig(format="mixrules: %(message)s", level=logging.WARNING)

    def tell(saved: Saved) -> None:
        if saved.aside:
            say(f"kept {saved.path} aside: {saved.aside}")
            return
        state = "complete" if saved.complete else f"{saved.pages} of {saved.asked} pages"
        earlier = f", of the earlier definition {saved.earlier}" if saved.earlier else ""
        say(f"saved {saved.path} ({state}{earlier})")

    try:
        apply_definition(folder)
    except DefinitionError as error:
        return say_mistakes(error)
    limits = ConnectionLimits(in_all=max(4000, connections), per_address=connections)
    with ListeningServer(
        folder, host=host, port=port, allowed_hosts=allowed_hosts, connections=limits, on_saved=tell
    ) as server:
        say(f"the test is at {server.url}")
        say(f"ratings go to {server.ratings.folder}; Ctrl-C ends")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            count = len(server.ratings.sessions())
            say(
                f"ended: ratings of {count} session{'' if count == 1 else 's'} are in {server.ratings.folder}"
            )
    return 0
