from django.db import migrations

from articles.memory import FUNCTION, remember


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_every_holder_of_an_address"), ("authors", "0001_initial")]
    operations = [
        FUNCTION,
        *remember("section", "articles_section"),
        *remember("tag", "articles_tag"),
        *remember("series", "articles_series"),
        *remember("author", "authors_author"),
    ]
