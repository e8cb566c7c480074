"""Several senders at once, each on a connection of its own."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from newsletter.models import Issue, Newsletter, Subscriber, Subscription
from newsletter.models.suppression import key_hash
from newsletter.sending import ledger
from newsletter.sending.transports import FileTransport
from newsroom.identity.models import Identity
from tests.newsletter.cast import make_newsletters
from tests.newsletter.letters import make_issue, parsed, send_through

READERS = 450
SENDERS = 4


class TogetherTests(TransactionTestCase):
    def setUp(self):
        Identity.objects.create(name="Longshore")
        weekly, _breaking = make_newsletters()
        add_readers(weekly)
        self.issue = make_issue(weekly)
        self.issue.send(by=None, now=True)

    def test_of_many_freezes_at_once_one_succeeds(self):
        with ThreadPoolExecutor(SENDERS) as pool:
            frozen = list(pool.map(freeze, [self.issue.pk] * SENDERS))
        self.assertEqual(sorted(frozen), [False] * (SENDERS - 1) + [True])
        self.assertEqual(self.issue.deliveries.count(), READERS)

    def test_a_claim_does_not_wait_for_another_that_is_not_committed(self):
        self.issue.freeze()
        with transaction.atomic(), ThreadPoolExecutor(1) as pool:
            mine = claim_some(self.issue)
            theirs = pool.submit(claim_and_close, self.issue).result(timeout=5)
        self.assertEqual((len(mine), len(theirs)), (10, 10))
        self.assertFalse(mine & theirs)

    def test_senders_share_the_work_and_nobody_gets_two(self):
        with TemporaryDirectory() as folder:
            with ThreadPoolExecutor(SENDERS) as pool:
                list(pool.map(send_all, [folder] * SENDERS))
            letters = [parsed(path.read_bytes()) for path in Path(folder).glob("*.eml")]
        self.assertEqual(set(Counter(letter["To"] for letter in letters).values()), {1})
        self.assertEqual(len(letters), READERS)
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.stand, self.issue.books()["accepted"]), (Issue.Stand.SENT, READERS))


def add_readers(newsletter: Newsletter) -> None:
    addresses = [f"reader{number}@readers.example" for number in range(READERS)]
    people = [Subscriber(email=a, email_key=a, key_hash=key_hash(a)) for a in addresses]
    now = timezone.now()
    Subscription.objects.bulk_create(
        Subscription(subscriber=person, newsletter=newsletter, confirmed_at=now)
        for person in Subscriber.objects.bulk_create(people)
    )


def claim_some(issue: Issue) -> set[int]:
    copies, _skipped = ledger.claim(issue, size=10)
    return {copy.id for copy in copies}


def claim_and_close(issue: Issue) -> set[int]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return claim_some(issue)
    finally:
        connection.close()


def freeze(issue: int) -> bool:
    try:
        return Issue.objects.get(pk=issue).freeze()
    finally:
        connection.close()


def send_all(folder: str) -> None:
    try:
        send_through(FileTransport(Path(folder)))
    finally:
        connection.close()
