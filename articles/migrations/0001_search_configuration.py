from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

STEMMERS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def forwards(apps, schema_editor):
    # The language is a setting of the installation, and a generated column cannot hold a setting: so it has a name.
    stemmer = STEMMERS.get(settings.LANGUAGE_CODE.partition("-")[0], "simple")
    schema_editor.execute(f"CREATE TEXT SEARCH CONFIGURATION newsroom (COPY = {stemmer})")
    schema_editor.execute(
        "ALTER TEXT SEARCH CONFIGURATION newsroom ALTER MAPPING FOR hword, hword_part, word, asciiword, asciihword, "
        f"hword_asciipart WITH unaccent, {stemmer if stemmer == 'simple' else stemmer + '_stem'}"
    )


def backwards(apps, schema_editor):
    schema_editor.execute("DROP TEXT SEARCH CONFIGURATION newsroom")


class Migration(migrations.Migration):
    initial = True
    operations = [UnaccentExtension(), TrigramExtension(), migrations.RunPython(forwards, backwards)]
