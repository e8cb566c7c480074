"""A million people: in and out within a minute each, and found at once."""

import os
import resource
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsletter.models import Consent, Subscriber, Subscription
from newsletter.people.exporting import export_subscribers
from newsletter.people.importing import import_subscribers
from tests.cast import make_user
from tests.newsletter.cast import LettersTestCase

pytestmark = pytest.mark.bench
MANY = int(os.environ.get("PEOPLE", "1000000"))
MAILCHIMP = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID\n"


def mailchimp(path: Path, many: int) -> Path:
    with path.open("w") as file:
        file.write(MAILCHIMP)
        for number in range(many):
            file.write(
                f"{'abcdefgh'[number * 7919 % 8]}.Reader{number}@mail{number % 5000}.example.org,Some,Body,2,"
                f"2023-04-21 11:16:57,192.0.2.{number % 250},2023-04-22 11:16:57,192.0.2.{number % 250},{number},x\n"
            )
    return path


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class AMillion(LettersTestCase):
    def test_in(self):
        path = mailchimp(settings.SCRATCH / "people.csv", MANY)
        before, began = peak(), time.perf_counter()
        report = import_subscribers(path, newsletter=self.weekly, by=None)
        took = time.perf_counter() - began
        print(f"\nimport of {MANY:,}: {took:.1f} s, memory +{peak() - before} MB (peak {peak()} MB)")
        assert report.outcomes["joined"] == MANY
        assert Subscriber.objects.count() == MANY + 3
        assert Subscription.objects.confirmed().count() == MANY + 1
        assert Consent.objects.filter(act="imported").count() == MANY
        began = time.perf_counter()
        again = import_subscribers(path, newsletter=self.weekly, by=None)
        print(f"the same again: {time.perf_counter() - began:.1f} s")
        assert again.outcomes["already"] == MANY
        self.out()
        self.found()
        assert took < 60

    def out(self):
        began, size = time.perf_counter(), 0
        for block in export_subscribers(by=None):
            size += len(block)
        took = time.perf_counter() - began
        print(f"export: {took:.1f} s, {size:,} bytes, peak {peak()} MB")
        assert took < 60

    def found(self):
        self.client.force_login(make_user("ada.list", "admin"))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE newsletter_subscriber, newsletter_subscription")
        slowest = 0.0
        for query in (
            "",
            "q=reader77",
            "q=zzzz",
            "q=a.reader",
            "q=mail4999.ex",
            "p=199",
            "subscriptions__newsletter__id__exact=1",
        ):
            query = query.replace("exact=1", f"exact={self.weekly.pk}")
            address, times = f"/admin/newsletter/subscriber/?{query}", []
            for _round in range(3):
                with CaptureQueriesContext(connection) as asked:
                    began = time.perf_counter()
                    assert self.client.get(address).status_code == 200
                    times.append(time.perf_counter() - began)
            print(f"list ?{query}: {min(times) * 1000:.0f} ms, {len(asked)} queries")
            slowest = max(slowest, min(times))
        assert slowest < 0.3
