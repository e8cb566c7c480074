"""The static files of production: each style sheet with the sheets that it imports inside it."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from django.core.management import CommandError
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import url\("([\w-]+\.css)"\);\n', re.MULTILINE)
STRING_OR_COMMENT = re.compile(r'("[^"\n]*"|\'[^\'\n]*\')|/\*.*?\*/', re.DOTALL)

Found = dict[str, tuple[Storage, str]]


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Before names are hashed, so that addresses inside the imported sheets are rewritten like any others."""

    def post_process(self, paths: Found, dry_run: bool = False, **options: Any) -> Iterator[tuple[str, str, bool]]:
        yield from super().post_process(paths | _bundles(paths), dry_run=dry_run, **options)


def _bundles(paths: Found) -> Found:
    bundles = InMemoryStorage()
    sheets = [name for name in paths if name.endswith(".css") and IMPORT.search(_text(name, paths))]
    return {name: (bundles, bundles.save(name, ContentFile(_bare(_whole(name, paths))))) for name in sheets}


def _whole(name: str, paths: Found) -> str:
    # Only a sheet of the same folder: anywhere else its relative addresses would point astray.
    folder = name.rpartition("/")[0]

    def imported(found: re.Match[str]) -> str:
        sheet = f"{folder}/{found[1]}".lstrip("/")
        if sheet not in paths:
            raise CommandError(f"{name} imports {found[1]}, and there is no {sheet}.")
        return _whole(sheet, paths)

    return IMPORT.sub(imported, _text(name, paths))


def _bare(sheet: str) -> str:
    """Without comments and indents, which are an eighth of what travels even when compressed."""
    return re.sub(r"\n\s*", "\n", STRING_OR_COMMENT.sub(lambda found: found[1] or "", sheet)).lstrip()


def _text(name: str, paths: Found) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    return text
