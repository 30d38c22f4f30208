"""Two servers for two folders: one that updates the pages, one that only serves files.

Knows: how a page's file is saved, and what the page then says that it did. Refuses to know: what is
in the files, and who looks at them.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = CHECKOUT / "injector" / "node_modules"
SITE = Path(__file__).parent / "site"
PATIENCE = 20.0

Event = dict[str, Any]


class Served:
    """A folder on `hotreload serve`, with the packages below `/npm` and common files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.seen: dict[str, list[Event]] = defaultdict(list)
        self._came = asyncio.Event()
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self, *options: str) -> None:
        self.folder.mkdir(parents=True)
        words = ["-m", "hotreload", "serve", str(self.folder), "--port", "0", "--json", *options]
        mounts = [f"--mount=/npm={PACKAGES}", f"--mount=/site={SITE}", "--no-gitignore"]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *words, *mounts, cwd=CHECKOUT, stdout=PIPE, limit=2**24
        )
        self._reading = asyncio.create_task(self._read())
        self.url = (await self.event("ready", ""))["url"].rstrip("/")

    async def _read(self) -> None:
        if not self._process or not self._process.stdout:
            raise RuntimeError("the server has not been started")
        async for line in self._process.stdout:
            event: Event = json.loads(line)
            about = event.get("page") or event.get("url") if event["type"] != "ready" else ""
            self.seen[f"{event['type']} {about}"].append(event)
            self._came.set()

    async def event(self, kind: str, about: str, after: int = 0, **wanted: Any) -> Event:
        """The first event of this kind about this page that has these fields, after so many."""

        async def find() -> Event:
            while True:
                for event in self.seen[f"{kind} {about}"][after:]:
                    if wanted.items() <= event.items():
                        return event
                self._came.clear()
                await self._came.wait()

        return await asyncio.wait_for(find(), PATIENCE)

    def write(self, name: str, text: str) -> None:
        """Make the file, or make it anew, at once."""
        aside = self.folder.with_name(f"{self.folder.name}-aside")
        aside.mkdir(exist_ok=True)
        (aside / name).write_text(text, encoding="utf-8")
        os.replace(aside / name, self.folder / name)

    async def save(self, name: str, text: str) -> Event:
        """Save the page's file, and wait for what the page says that it did."""
        await self.event("change", f"/{name}")
        known = len(self.seen[f"change /{name}"])
        self.write(name, text)
        change = await self.event("change", f"/{name}", known)
        return await self.event("applied", f"/{name}", seq=change["seq"])

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        if self._reading:
            await self._reading
