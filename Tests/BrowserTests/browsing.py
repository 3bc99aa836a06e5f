"""What tests and pictures do with pages and their requests beyond what Playwright has words for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route


def go(page: Page, url: str) -> None:
    """As a link of the page does."""
    page.evaluate(
        "url => { history.pushState(null, '', url);"
        " dispatchEvent(new CustomEvent('agentv:navigate')); }",
        url,
    )


def never(pattern: str) -> Callable[[BrowserContext], None]:
    """Requests that get no answer as long as the page is open."""
    return lambda context: context.route(pattern, lambda route: None)


class Held:
    """Requests that wait until a test lets them go."""

    def __init__(self, where: Page | BrowserContext, pattern: str | re.Pattern[str]):
        self.holds = True
        self.routes: list[Route] = []
        where.route(pattern, self._take)

    def _take(self, route: Route) -> None:
        if self.holds:
            self.routes.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        self.holds = False
        for route in self.routes:
            route.continue_()


def refused(pattern: str) -> Callable[[BrowserContext], None]:
    def answer(route: Route) -> None:
        body = {"error": "the results cannot be read: permission denied (EACCES)"}
        route.fulfill(status=500, content_type="application/json", body=json.dumps(body))

    return lambda context: context.route(pattern, answer)
