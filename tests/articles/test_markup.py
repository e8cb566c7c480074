"""Whatever body comes in, what goes out is sound HTML: the checker has nothing to say."""

from django.core.exceptions import ValidationError

from articles.body import check_depth, clean, render
from tests.articles.hostile_bodies import BODIES
from tests.articles.test_look import photo
from tests.real import needs_real_files
from tests.strangers import bodies
from tests.vnu import findings

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title></head><body id="top"><a href="#content">Skip</a>
<main id="content"><article><h1>A headline</h1><div class="text">{}</div>
<section id="corrections"><h2>Corrections</h2></section></article>
<section id="subscribe"><h2 id="subscribe-heading">Subscribe</h2></section>
<section><h2 id="read-more">Read More</h2></section></main></body></html>
"""
PHOTOS = {1: photo(caption=""), 2: photo(caption="", maker="", source="", alt="")}


def page_of(body: str) -> str:
    try:
        check_depth(body)
    except ValidationError:  # refused at the door
        return PAGE.format("")
    return PAGE.format(render(clean(body), PHOTOS))


def test_a_body_of_whatever_shape_becomes_sound_html(tmp_path):
    assert findings({body: page_of(body) for body in BODIES}, tmp_path) == []


@needs_real_files
def test_the_bodies_of_other_systems_become_sound_html(tmp_path):
    assert findings({name: page_of(body) for name, body in bodies()}, tmp_path) == []
