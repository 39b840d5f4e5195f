"""A listening test's server under a whole class, under attack, and killed again and again.

    python benchmarks/listening_load.py
    python benchmarks/listening_load.py --only class --clients 40
    python benchmarks/listening_load.py --checkout ../mixrules-before     # the server of another checkout
    python benchmarks/listening_load.py --only browsers --browsers 24     # real Chromium, as many as the machine holds

`class`: clients that open six connections each, as Chromium does, load page, script and excerpts, and send ratings after
every page; all begin within one second. `attack`: hostile requests from 64 connections and 200 sockets that send a byte a
second, while 20 listeners send ratings. `killed`: the server is killed (SIGKILL) while a class sends ratings, and started
again; then every rating that was acknowledged is looked for in the folder. `browsers`: real browsers take the test.
Server and clients share the machine, so times are upper bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from load_clients import Browser, RefusedError, Tally, answers, honest_posts, listener

from mixrules.files import write_audio
from mixrules.listening import ListeningTest, Page, Stimulus
from mixrules.listening.format.defaults import ATTRIBUTES
from mixrules.listening.serving.site import write_site

RATE_HZ = 44_100
HOST = "127.0.0.1"


def make_test(folder: Path, songs: int = 4, mixes: int = 4, excerpt_s: float = 5.0) -> ListeningTest:
    """Write a test of noise; by default of four songs of four mixes, 0.9 MB each."""
    names = [[f"{song:04x}{mix:04x}0000" for mix in range(mixes)] for song in range(songs)]
    pages = tuple(
        Page(
            id=f"page-{song + 1}",
            label=f"Song {song + 1}",
            stimuli=tuple(Stimulus(id=name, file=f"audio/{name}.wav") for name in of_song),
        )
        for song, of_song in enumerate(names)
    )
    test = ListeningTest(
        test_id="0123456789abcdef", title="Load", seed=1, attributes=ATTRIBUTES[-2:], pages=pages
    )
    (write_site(folder, test) / "audio").mkdir()
    rng = np.random.default_rng(1)
    for file in test.files():
        noise = rng.normal(0.0, 0.05, (round(excerpt_s * RATE_HZ), 2)).astype(np.float32)
        write_audio(folder / "site" / file, noise, RATE_HZ)
    return test


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """`mixrules listen` in a process of its own, of this checkout or of another one."""

    def __init__(self, folder: Path, checkout: Path | None, port: int) -> None:
        self.folder, self.checkout, self.port = folder, checkout, port
        self.peak_mb = self.processor_s = 0.0
        self.start()

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        env = os.environ | ({"PYTHONPATH": str(self.checkout.resolve())} if self.checkout else {})
        command = [sys.executable, "-m", "mixrules", "listen", str(self.folder), "--port", str(self.port)]
        with open(self.folder / "server.log", "a") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        until = time.monotonic() + 30.0
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
                return
            time.sleep(0.05)
        raise SystemExit(f"the server does not start: {(self.folder / 'server.log').read_text()[-500:]}")

    def look(self) -> None:
        """Note the most memory that the process has held, and its processor time; Linux tells both."""
        with suppress(OSError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
            self.peak_mb = max(self.peak_mb, int(kib) / 1024)
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            self.processor_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def used(self) -> str:
        """Return what the process has used, in words."""
        return (
            f"the server: {self.peak_mb:.0f} MB of memory at most, {self.processor_s:.1f} s of processor time"
        )

    def kill(self) -> None:
        """End it as a power cut would, for the process."""
        self.look()
        self.process.kill()
        self.process.wait()


def made_by(checkout: Path | None, folder: Path, sizes: dict[str, Any]) -> ListeningTest:
    """Return a test that is written as another checkout writes it, with the page that its server knows."""
    if checkout is None:
        return make_test(folder, **sizes)
    code = f"import listening_load, pathlib; listening_load.make_test(pathlib.Path({str(folder)!r}), **{sizes!r})"
    path = os.pathsep.join([str(checkout.resolve()), str(Path(__file__).resolve().parent)])
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, check=True)
    return ListeningTest.load(folder / "site" / "test.json")


@contextmanager
def serving(checkout: Path | None, **sizes: Any) -> Iterator[tuple[Server, ListeningTest]]:
    with tempfile.TemporaryDirectory() as place:
        test = made_by(checkout, Path(place), sizes)
        server = Server(Path(place), checkout, free_port())
        try:
            yield server, test
        finally:
            server.kill()


def said(seconds: list[float]) -> str:
    """Return median, 95th percentile and maximum."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"median {statistics.median(ordered):.2f} s, 95 % {high:.2f} s, most {ordered[-1]:.2f} s"


def kept_pages(folder: Path) -> dict[str, int]:
    """Return how many pages of each session are in the folder, read as plain JSON."""
    files = sorted((folder / "ratings").glob("*.json"))
    documents = [json.loads(path.read_bytes()) for path in files]
    return {d["session_id"]: len(d["pages"]) for d in documents}


def lost(tally: Tally, folder: Path) -> int:
    kept = kept_pages(folder)
    return sum(max(pages - kept.get(session, 0), 0) for session, pages in tally.acknowledged.items())


def tell(name: str, begun: int, tally: Tally, server: Server, took_s: float) -> None:
    server.look()
    print(f"{name}: {tally.finished} of {begun} finished in {took_s:.0f} s")
    for reason, count in Counter(tally.failures).most_common(4):
        print(f"  not: {count} x {reason}")
    print(f"  page and first excerpts: {said(tally.ready_s)}")
    print(f"  ratings sent: {len(tally.post_s)}; {said(tally.post_s)}")
    print(f"  acknowledged pages that are not in the folder: {lost(tally, server.folder)}")
    print(f"  {server.used()}", flush=True)


def whole_class(options: argparse.Namespace) -> None:
    with serving(options.checkout) as (server, test):
        tally, began = Tally(), time.monotonic()

        async def all_of_them() -> None:
            numbers = range(options.clients)
            port, page_s = server.port, options.page_s
            crowd = (listener(n, HOST, port, test, tally, begin_s=1.0, page_s=page_s) for n in numbers)
            await asyncio.gather(*crowd)

        asyncio.run(all_of_them())
        tell("class", options.clients, tally, server, time.monotonic() - began)


def attacked(options: argparse.Namespace) -> None:
    with serving(options.checkout) as (server, test):
        tally, began = Tally(), time.monotonic()
        command = [sys.executable, str(Path(__file__).with_name("load_attack.py")), str(server.folder)]
        command += [str(server.port), "--requests", str(options.hostile), "--slow", str(options.slow)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attackers:

            def over() -> bool:
                return attackers.poll() is not None

            asyncio.run(honest_posts(HOST, server.port, test, tally, over, first=1 << 64))
            answered = attackers.stdout.read().strip() if attackers.stdout else ""
        server.look()
        took_s = time.monotonic() - began
        print(
            f"attack: {answered} of {options.hostile} hostile requests and {options.slow} slow sockets, {took_s:.0f} s"
        )
        print(f"  honest posts: {len(tally.post_s)} taken; {said(tally.post_s)}")
        for reason, count in Counter(tally.failures).most_common(4):
            print(f"  not: {count} x {reason}")
        print(f"  {server.used()}", flush=True)


def killed(options: argparse.Namespace) -> None:
    with serving(options.checkout) as (server, test):
        tally, began = Tally(), time.monotonic()
        chance = random.Random(1)

        async def killer() -> None:
            for _ in range(options.kills):
                await asyncio.sleep(chance.uniform(0.5, 2.5))
                server.kill()
                await asyncio.to_thread(server.start)

        async def posting(number: int) -> None:
            browser, session = Browser(HOST, server.port), f"{number:032x}"
            for pages in range(1, len(test.pages) + 1):
                await asyncio.sleep(chance.uniform(0.0, 2.0 * options.kills / len(test.pages)))
                while True:
                    try:
                        status = await browser.post(answers(test, session, pages, random.Random(number)))
                    except (RefusedError, OSError):
                        await asyncio.sleep(0.3)
                        continue
                    if status == 200:
                        tally.acknowledged[session] = pages
                        break
                    tally.failures.append(f"POST: {status}")
                    await asyncio.sleep(0.3)
            tally.finished += 1
            browser.close()

        async def all_of_it() -> None:
            await asyncio.gather(killer(), *(posting(number) for number in range(options.clients)))

        asyncio.run(all_of_it())
        print(f"killed {options.kills} times")
        tell("posts", options.clients, tally, server, time.monotonic() - began)


def real_browsers(options: argparse.Namespace) -> None:
    from playwright.sync_api import sync_playwright
    from simulate_panel import launch, take_test, together

    # Short excerpts: they are heard in real time, and so many browsers have the machine's cores to share.
    short = serving(options.checkout, songs=2, mixes=2, excerpt_s=1.0)
    with short as (server, test), sync_playwright() as playwright:
        began, browsers = time.monotonic(), [launch(playwright) for _ in range(options.browsers)]
        pages = [browser.new_page() for browser in browsers]
        print(f"browsers: {len(browsers)} processes of Chromium started in {time.monotonic() - began:.0f} s")
        began, failures = time.monotonic(), Counter[str]()
        for page in pages:  # `goto` waits for an answer, `location` does not: all load at once
            page.evaluate(f"location = 'http://{HOST}:{server.port}/'")
        opened = time.monotonic() - began
        panel = []
        for page in pages:
            try:
                page.wait_for_selector("#volume", timeout=120_000)
                panel.append((page, take_test(page, test, lambda *_: 0.5)))
            except Exception as error:  # a page that does not come is what is counted
                failures[str(error).splitlines()[0]] += 1
        ready = time.monotonic() - began
        print(
            f"  told to load within {opened:.2f} s, {len(panel)} pages ready after {ready:.0f} s", flush=True
        )
        together(panel)
        done = sum(page.locator(".verdict.good").count() for page, _ in panel)
        server.look()
        print(f"  {done} of {len(browsers)} finished after {time.monotonic() - began:.0f} s")
        for reason, count in failures.items():
            print(f"  not: {count} x {reason}")
        print(f"  sessions in the folder: {len(kept_pages(server.folder))}; {server.used()}")
        for browser in browsers:
            browser.close()


SCENES = {"class": whole_class, "attack": attacked, "killed": killed, "browsers": real_browsers}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", choices=SCENES, default=["class", "attack", "killed"])
    parser.add_argument("--checkout", type=Path, help="a folder with another mixrules, whose server is tried")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--page-s", type=float, default=8.0, help="how long a listener takes for a page")
    parser.add_argument("--hostile", type=int, default=13_000)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--browsers", type=int, default=12)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    for name in options.only:
        SCENES[name](options)


if __name__ == "__main__":
    main()
