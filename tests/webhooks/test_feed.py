"""The feed gives each event once, in order, and never passes one whose transaction commits later."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser

from backoffice.clients.models import SalesPoint
from backoffice.clients.services import create_api_key
from backoffice.webhooks.services import add_endpoint, announce, send_test
from tests.factories import TESTER, make_client, make_sales_point


def tell(point: SalesPoint, fact: str) -> None:
    """Announce something about a sale."""
    announce(client=point.client, sales_point=point, type="invoice.numbered", fact=fact, data={"sale": fact})


class Follower:
    """A sales system that keeps the last id it saw."""

    def __init__(self, point: SalesPoint) -> None:
        self.key = create_api_key(sales_point=point, name="feed")[1]
        self.after = ""
        self.seen: list[str] = []

    def ask(self, query: str = "") -> Any:
        """Ask once."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return Browser().get(f"/api/v1/events?after={self.after}{query}", headers=headers)

    def follow(self, size: int = 100) -> None:
        """Read all there is now."""
        while True:
            answer = self.ask(f"&page_size={size}")
            assert answer.status_code == 200, answer.content
            for event in answer.json()["results"]:
                self.seen.append(event["data"]["sale"])
                self.after = event["id"]
            if not answer.json()["has_more"]:
                return


@pytest.fixture
def point(db: None) -> SalesPoint:
    """Give a webshop."""
    return make_sales_point(make_client())


def test_pages_lead_through_all_events_once_and_in_order(point: SalesPoint) -> None:
    for number in range(7):
        tell(point, str(number))
    follower = Follower(point)
    follower.follow(size=3)
    tell(point, "7")
    follower.follow(size=3)
    assert follower.seen == [str(number) for number in range(8)]


def test_a_key_sees_its_own_sales_point_and_no_tests(point: SalesPoint) -> None:
    other = make_sales_point(point.client, key="other")
    tell(other, "theirs")
    tell(point, "mine")
    endpoint, _secret = add_endpoint(client=point.client, sales_point=point, url="https://shop.example/", actor=TESTER)
    send_test(endpoint=endpoint, actor=TESTER)
    mine, theirs = Follower(point), Follower(other)
    mine.follow()
    theirs.follow()
    assert (mine.seen, theirs.seen) == (["mine"], ["theirs"])
    mine.after = theirs.after
    assert mine.ask().status_code == 400


@pytest.mark.parametrize("query", ["&page_size=0", "&page_size=501", "&page_size=x", "&since=1"])
def test_a_wrong_parameter_is_a_problem(point: SalesPoint, query: str) -> None:
    answer = Follower(point).ask(query)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("invalid_query")


def test_an_after_that_is_no_id_is_a_problem(point: SalesPoint) -> None:
    follower = Follower(point)
    follower.after = "17"
    assert follower.ask().status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time, so nothing overlaps")
def test_an_event_that_commits_late_is_not_passed() -> None:
    point = make_sales_point(make_client())
    follower = Follower(point)
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            tell(point, "slow")
            written.set()
            assert may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    tell(point, "quick")  # its row is younger and commits first
    follower.follow()
    assert follower.seen == ["quick"]
    may_commit.set()
    thread.join()
    follower.follow()
    assert follower.seen == ["quick", "slow"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time, so nothing overlaps")
def test_a_reader_among_many_writers_sees_each_event_once() -> None:
    point = make_sales_point(make_client())
    follower = Follower(point)

    def write(writer: int) -> None:
        for number in range(25):
            with transaction.atomic():
                tell(point, f"{writer}/{number}")
                time.sleep(0.002 * (writer % 3))
        connection.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        follower.follow(size=7)
    follower.follow(size=7)
    assert len(follower.seen) == len(set(follower.seen)) == 100
