"""Service workers: those of the site, and those that another site has left at this address.

Knows: how a browser asks for the script of one, what ends one, and what people are told of them.
Refuses to know: which files there are.

A service worker stands between pages and the server for as long as its script is found. One of
another project that ran on this port before answers for this one from its own caches. Its script
is asked for with every visit, past all caches: that is where it can be ended.
Source: https://w3c.github.io/ServiceWorker/#update-algorithm
"""

from typing import Final

from hotreload.http.messages import Request, Response, content
from hotreload.http.mime import essence_of
from hotreload.reporter import Reporter

# So many scripts are told of.
MOST: Final = 20
_JAVASCRIPT: Final = ("text/javascript", "application/javascript")
# Pages that are under its control are loaded anew. Those that register it are not: they are not
# controlled yet, and would be loaded for ever.
_LAST: Final = b"""\
// hotreload: this site has no such service worker. It is another's, and goes.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(leave()));
async function leave() {
  await registration.unregister();
  for (const page of await clients.matchAll({ type: "window" })) await page.navigate(page.url);
}
"""


class ServiceWorkers:
    """Answers for service workers.

    Args:
        report: called with a sentence worth knowing, and False: it is no problem.

    Attributes:
        scripts: the paths of those that the site has, as they were asked for.
    """

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._ended: set[str] = set()
        self.scripts: set[str] = set()

    def checked(self, request: Request, response: Response) -> Response:
        """The response to a request, or what ends the worker where that has no script."""
        if not _is_script(request):
            return response
        path = request.target.decode("latin-1").partition("?")[0]
        if _is_javascript(response):
            if _is_new(path, self.scripts):
                self._report(
                    f"the site has a service worker, {path}: what it has in its caches from"
                    " before this server ran is not updated",
                    False,
                )
            return response
        if _is_new(path, self._ended):
            self._report(
                f"a service worker {path} of another site was here, and has been ended: its pages"
                " load anew",
                False,
            )
        return content(200, b"text/javascript; charset=utf-8", _LAST)


def _is_script(request: Request) -> bool:
    """Whether it is for the script of a worker, not for one that this imports."""
    headers = request.headers
    return (
        headers.get(b"service-worker") == b"script"
        and headers.get(b"sec-fetch-dest") == b"serviceworker"
        and request.method == "GET"
    )


def _is_javascript(response: Response) -> bool:
    """Whether the browser may take it for one; of an answer that has not changed it knows."""
    if response.status == 304 or response.status >= 500:
        return True
    media_type = dict(response.headers).get(b"content-type", b"").decode("latin-1")
    return response.status == 200 and essence_of(media_type) in _JAVASCRIPT


def _is_new(path: str, known: set[str]) -> bool:
    is_new = path not in known and len(known) < MOST
    if is_new:
        known.add(path)
    return is_new
