"""A gallery is one thing of the text: kept whole, shown as a grid, read as a row of pictures with their words."""

import re
import tempfile
from pathlib import Path

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from articles.body import clean, figures_in, plain_text, render
from articles.body.markdown import to_markdown
from articles.body.syndication import for_elsewhere
from articles.models import Article
from articles.tasks import hide_photos
from tests.articles.test_look import photo
from tests.articles.test_markup import PAGE
from tests.cast import NewsroomTestCase, make_photo
from tests.vnu import findings


def gallery(*numbers: int) -> str:
    return f'<figure data-gallery="{",".join(map(str, numbers))}"></figure>'


def photos(number: int, **facts) -> dict:
    return {
        key: photo(caption=f"Caption {key}.", stand_in=f"ab/{key}-1200.jpg", alt=f"Sight {key}", **facts)
        for key in range(1, number + 1)
    }


class InTheGrammar(SimpleTestCase):
    def test_it_is_kept_as_it_is(self):
        body = f"<p>a</p>{gallery(3, 5, 9)}<p>b</p>"
        assert clean(body) == body
        assert clean(f'<figure data-gallery="3,5" class="x" onclick="y()">{"<p>w</p>"}</figure>') == gallery(3, 5) + (
            "<p>w</p>"
        )

    def test_one_photo_is_a_figure_and_more_than_twelve_are_several(self):
        assert clean(gallery(3)) == '<figure data-photo="3"></figure>'
        assert clean(gallery(3, 3)) == '<figure data-photo="3"></figure>'
        assert clean(gallery(*range(1, 15))) == gallery(*range(1, 13)) + gallery(13, 14)
        assert clean(gallery(*range(1, 14))) == gallery(*range(1, 13)) + '<figure data-photo="13"></figure>'

    def test_what_is_no_list_of_numbers_is_no_gallery(self):
        for forged in ("", "x", "1,", "1;2", "-1,2", "1,2,x", "9" * 30 + ",1"):
            assert "gallery" not in clean(f'<p>a</p><figure data-gallery="{forged}"></figure>'), forged

    def test_its_photos_are_those_of_the_text_in_order(self):
        body = f'{gallery(3, 5)}<figure data-photo="4"></figure><ul><li>{gallery(9, 1)}</li></ul>'
        assert figures_in(clean(body)) == [3, 5, 4, 9, 1]
        assert plain_text(f"<p>a</p>{gallery(3, 5)}") == "a"


class Rendered(SimpleTestCase):
    def test_each_has_its_own_caption_and_credit(self):
        html = render(gallery(1, 2, 3), photos(3))
        assert 'aria-label="Gallery of 3 pictures"' in html
        assert html.count("<figure") == html.count("Photo by") == 3
        assert [html.index(f"Caption {key}.") for key in (1, 2, 3)] == sorted(
            html.index(f"Caption {key}.") for key in (1, 2, 3)
        )

    def test_what_is_gone_is_left_out(self):
        assert render(gallery(1, 9, 2), photos(2)).count("<figure") == 2
        assert 'class="figure figure-text"' in render(gallery(1, 9), photos(1))
        assert render(gallery(8, 9), photos(1)) == ""

    def test_any_number_from_two_to_twelve_is_sound_html(self):
        pages = {}
        for number in range(2, 13):
            body = f"<p>Before.</p>{gallery(*range(1, number + 1))}<ul><li>{gallery(1, 2)}</li></ul>"
            pages[str(number)] = PAGE.format(render(body, photos(number)))
        with tempfile.TemporaryDirectory() as folder:
            assert findings(pages, Path(folder)) == []

    def test_elsewhere_it_is_a_row_of_pictures_with_their_words(self):
        html = render(gallery(1, 2), photos(2))
        there = for_elsewhere(html)
        assert len(re.findall(r"<figure><img [^>]*><figcaption>", re.sub(r"\s*\n\s*", "", there))) == 2
        assert to_markdown(html).split("\n\n") == [
            "![Sight 1](http://127.0.0.1:8000/media/ab/1-800.jpg)",
            "Caption 1. Photo by Mara Lind / Longshore",
            "![Sight 2](http://127.0.0.1:8000/media/ab/2-800.jpg)",
            "Caption 2. Photo by Mara Lind / Longshore",
        ]

    def test_feeds_leave_out_the_one_that_may_not_go_there(self):
        known = photos(3)
        known[2].rights = ["web"]
        html = render(gallery(1, 2, 3), known)
        assert "Caption 2." in html
        assert "Caption 2." not in for_elsewhere(html)
        assert "Caption 3." in for_elsewhere(html)


class InAnArticle(NewsroomTestCase):
    def setUp(self):
        self.two = [make_photo(caption=f"One of two, {number}.") for number in (1, 2)]
        self.body = f"<p>Look.</p>{gallery(*(photo.pk for photo in self.two))}<p>There.</p>"

    def test_each_of_them_needs_its_credit_before_publishing(self):
        bare = make_photo(maker="", source="", caption="Bare water")
        body = f"<p>Look.</p>{gallery(self.two[0].pk, bare.pk)}"
        article = Article.objects.begin(self.content("Row", body=body), by=self.erna)
        with self.assertRaisesMessage(ValidationError, "“Bare water” has no credit"):
            article.publish(by=self.erna)

    def test_a_changed_credit_and_a_withdrawal_reach_all_of_them(self):
        article = self.make_article("Row", body=self.body)
        assert set(article.figures.all()) == set(self.two)
        old = [photo.stand_in_url for photo in self.two]
        with self.captureOnCommitCallbacks(execute=True):
            article.withdraw(by=self.erna)
            hide_photos(article=article.pk)
        for address in old:
            assert self.client.get(address).status_code == 404

    def test_readers_and_machines_get_it(self):
        article = self.make_article("Row", body=self.body)
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, 'class="gallery')
        for address in ("/rss/", f"{article.get_absolute_url().rstrip('/')}.md"):
            text = self.client.get(address).text
            assert all(shown.caption in text for shown in self.two)
