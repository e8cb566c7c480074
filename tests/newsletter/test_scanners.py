"""What fetches every link of every letter before a person does: nothing follows, and the person can still act."""

import hashlib
import re
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from newsletter.letters.press import Press
from newsletter.models import Delivery, Subscription
from newsletter.sending import ledger
from tests.newsletter.cast import make_reader
from tests.newsletter.letters import SendingTestCase, frozen, parsed
from tests.newsletter.test_leaving import MULTIPART, URLENCODED

AGENTS = (
    {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) SafeLinks"},
    {"User-Agent": "Barracuda Sentinel (EE)", "Accept": "*/*"},
    {"User-Agent": "Mozilla/5.0 (compatible; Proofpoint)", "Referer": "https://mail.example/"},
    {"User-Agent": "GoogleImageProxy", "Sec-Purpose": "prefetch"},
    {"User-Agent": "python-requests/2.32", "X-HTTP-Method-Override": "POST"},
)


class ScannersTest(SendingTestCase):
    readers = 3

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        for number in range(cls.readers):
            make_reader(f"reader{number}@readers.example", cls.weekly, confirmed_at=timezone.now())

    def test_every_link_of_every_letter_fetched_by_five_agents_five_times_changes_no_row(self):
        frozen(self.issue)
        links = self.links()
        self.assertGreater(len(links), 2 * self.readers)
        before = contents()
        for agent in AGENTS * 5:
            for link in links:
                for ask in (self.client.head, self.client.get):
                    answer = ask(link, headers=agent)
                    assert answer.status_code in {200, 301, 302, 304}, (link, answer.status_code)
        assert contents() == before
        self.client.post(next(link for link in links if "/unsubscribe/" in link), {"stop": "one"})
        assert contents() != before

    def test_the_person_and_the_mail_program_still_leave_afterwards(self):
        frozen(self.issue)
        for link in self.links():
            self.client.get(link)
        places = Subscription.objects.filter(subscriber__email__startswith="reader")
        for place, body in zip(places, [URLENCODED, MULTIPART, None], strict=False):
            link = f"/newsletter/unsubscribe/{place.token}/"
            if body:
                answer = self.client.post(link, body[0], content_type=body[1])
                assert not answer.cookies and "Location" not in answer
            else:
                answer = self.client.post(link, {"stop": "one"})
            assert answer.status_code == 200
            place.refresh_from_db()
            assert place.has_left

    def test_who_leaves_in_mid_send_gets_no_copy_though_a_sender_holds_it_already(self):
        frozen(self.issue)
        copies, _skipped = ledger.claim(self.issue, size=100)
        leaver = next(copy for copy in copies if copy.address == "reader0@readers.example")
        self.client.post(f"/newsletter/unsubscribe/{leaver.token}/", URLENCODED[0], content_type=URLENCODED[1])
        assert ledger.turn(self.issue, last=None, following=leaver) == Delivery.State.SKIPPED
        stayer = next(copy for copy in copies if copy.address == "reader1@readers.example")
        assert ledger.turn(self.issue, last=None, following=stayer) == Delivery.State.HANDING

    def links(self) -> list[str]:
        """The addresses of this site in all copies, each once, as a scanner finds them."""
        press, found = Press(self.issue), set()
        for copy in self.issue.deliveries.all():
            letter = press.copy(delivery=copy.pk, address=copy.address, token=copy.token)
            mail = parsed(letter)
            words = "".join(mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
            found |= set(re.findall(r"https?://[^\s\"'<>)\]]+", unescape(words + mail["List-Unsubscribe"])))
        return sorted(link.removeprefix(settings.SITE_URL) for link in found if link.startswith(settings.SITE_URL))


@pytest.mark.bench
class ThousandLettersTest(ScannersTest):
    readers = 1000


def contents() -> dict[str, str]:
    """What the whole database holds, table by table."""
    with connection.cursor() as cursor:
        return {table: _digest(cursor, table) for table in connection.introspection.table_names(cursor)}


def _digest(cursor, table: str) -> str:
    cursor.execute(f'SELECT t::text FROM "{table}" AS t ORDER BY 1')  # noqa: S608 - a table of our own
    return hashlib.sha256("\n".join(row for (row,) in cursor).encode()).hexdigest()
