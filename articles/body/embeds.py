"""What may stand in a text from elsewhere, by its address. Nothing is asked of these hosts before a reader presses.

Another address of a video is a link; a provider is added here, and its frame is allowed by the content security policy.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Provider:
    name: str
    hosts: frozenset[str]
    frames: str  # the origin of the frame
    framed: Callable[[SplitResult], str]  # the frame's path and query; empty for an address that shows nothing
    kind: str  # of KINDS: what it is called, and its sign
    shape: str = "wide"  # wide, low or tall: what the page keeps free for it


@dataclass(frozen=True)
class Embed:
    provider: Provider
    address: str
    frame: str

    @property
    def title(self) -> str:
        return str(KINDS[self.provider.kind]) % {"name": self.provider.name}


def _matched(pattern: str, made: str) -> Callable[[SplitResult], str]:
    """A path of the provider's, such as /ID, becomes the frame's."""
    wanted = re.compile(pattern)

    def framed(address: SplitResult) -> str:
        found = wanted.fullmatch(address.path.rstrip("/"))
        return made.format(*(part or "" for part in found.groups())) if found else ""

    return framed


def _youtube(address: SplitResult) -> str:
    asked = parse_qs(address.query)
    path = address.path.rstrip("/")
    found = re.fullmatch(r"/(?:shorts/|live/|embed/|v/)?([\w-]{11})", path)
    video = found[1] if found else (asked.get("v", [""])[0] if path == "/watch" else "")
    if path == "/playlist" and re.fullmatch(r"[\w-]{10,60}", asked.get("list", [""])[0]):
        return f"/embed/videoseries?list={asked['list'][0]}"
    if not re.fullmatch(r"[\w-]{11}", video):
        return ""
    start = _seconds(asked.get("t", asked.get("start", [""]))[0])
    return f"/embed/{video}" + (f"?start={start}" if start else "")


def _seconds(said: str) -> int:
    """90, 90s, 1m30s, 1h2m3s."""
    found = re.fullmatch(r"(?:(\d{1,2})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?", said)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds


def _vimeo(address: SplitResult) -> str:
    found = re.fullmatch(r"/(?:video/)?(\d{5,12})(?:/([0-9a-f]{6,16}))?", address.path.rstrip("/"))
    return f"/video/{found[1]}?dnt=1" + (f"&h={found[2]}" if found[2] else "") if found else ""


def _soundcloud(address: SplitResult) -> str:
    if not re.fullmatch(r"/[\w-]+/(sets/)?[\w-]+", address.path.rstrip("/")):
        return ""
    return f"/player/?url={quote(f'https://soundcloud.com{address.path}', safe='')}&visual=false"


def _map(address: SplitResult) -> str:
    asked = parse_qs(address.query)
    box = asked.get("bbox", [""])[0]
    if address.path != "/export/embed.html" or not re.fullmatch(r"(-?\d{1,3}(\.\d+)?,?){4}", box):
        return ""
    marker = asked.get("marker", [""])[0]
    pin = f"&marker={quote(marker, safe='')}" if re.fullmatch(r"-?\d{1,3}(\.\d+)?,-?\d{1,3}(\.\d+)?", marker) else ""
    return f"/export/embed.html?bbox={quote(box, safe='')}&layer=mapnik{pin}"


VIDEO, AUDIO, MAP, CHART, POST, CODE = "video", "audio", "map", "chart", "post", "code"
KINDS: dict[str, Promise] = {
    VIDEO: _("Video on %(name)s"),
    AUDIO: _("Audio on %(name)s"),
    MAP: _("Map from %(name)s"),
    CHART: _("Chart from %(name)s"),
    POST: _("Post on %(name)s"),
    CODE: _("Code on %(name)s"),
}
PROVIDERS = (
    Provider(
        "YouTube",
        frozenset({"youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be", "youtube-nocookie.com"}),
        "https://www.youtube-nocookie.com",
        _youtube,
        VIDEO,
    ),
    Provider("Vimeo", frozenset({"vimeo.com", "player.vimeo.com"}), "https://player.vimeo.com", _vimeo, VIDEO),
    Provider(
        "TED",
        frozenset({"ted.com", "embed.ted.com"}),
        "https://embed.ted.com",
        _matched(r"/talks/(\w+)", "/talks/{}"),
        VIDEO,
    ),
    Provider(
        "Internet Archive",
        frozenset({"archive.org"}),
        "https://archive.org",
        _matched(r"/(?:details|embed)/([\w.-]+)", "/embed/{}"),
        VIDEO,
    ),
    Provider(
        "TikTok",
        frozenset({"tiktok.com"}),
        "https://www.tiktok.com",
        _matched(r"/@[\w.-]+/video/(\d{8,24})", "/embed/v2/{}"),
        VIDEO,
        "tall",
    ),
    Provider("SoundCloud", frozenset({"soundcloud.com"}), "https://w.soundcloud.com", _soundcloud, AUDIO, "low"),
    Provider(
        "Spotify",
        frozenset({"open.spotify.com"}),
        "https://open.spotify.com",
        _matched(r"(?:/intl-\w+)?/(track|album|artist|playlist|episode|show)/(\w{10,40})", "/embed/{}/{}"),
        AUDIO,
        "low",
    ),
    Provider(
        "Apple Podcasts",
        frozenset({"podcasts.apple.com"}),
        "https://embed.podcasts.apple.com",
        _matched(r"(/[a-z]{2}/podcast/[\w%-]+/id\d+)", "{}"),
        AUDIO,
        "low",
    ),
    Provider(
        "Datawrapper",
        frozenset({"datawrapper.dwcdn.net"}),
        "https://datawrapper.dwcdn.net",
        _matched(r"/(\w{5})(/\d+)?", "/{}{}/"),
        CHART,
    ),
    Provider(
        "Flourish",
        frozenset({"public.flourish.studio", "flo.uri.sh"}),
        "https://flo.uri.sh",
        _matched(r"/(visualisation|story)/(\d+)(?:/embed)?", "/{}/{}/embed"),
        CHART,
    ),
    Provider(
        "CodePen",
        frozenset({"codepen.io"}),
        "https://codepen.io",
        _matched(r"/([\w-]+)/(?:pen|embed)/(\w+)", "/{}/embed/{}"),
        CODE,
    ),
    Provider(
        "OpenStreetMap",
        frozenset({"openstreetmap.org"}),
        "https://www.openstreetmap.org",
        _map,
        MAP,
    ),
    Provider(
        "Instagram",
        frozenset({"instagram.com"}),
        "https://www.instagram.com",
        _matched(r"/(p|reel)/([\w-]{5,40})(?:/embed)?", "/{}/{}/embed/"),
        POST,
        "tall",
    ),
    Provider(
        "X",
        frozenset({"x.com", "twitter.com", "mobile.twitter.com"}),
        "https://platform.twitter.com",
        _matched(r"/\w{1,20}/status/(\d{5,24})", "/embed/Tweet.html?id={}&dnt=true"),
        POST,
        "tall",
    ),
)
# What the content security policy of the reader pages lets be framed.
FRAMES = [provider.frames for provider in PROVIDERS]


def known(address: str) -> Embed | None:
    """What stands at this address, if it is one of a provider's that shows something."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.username or parts.password:
        return None
    for provider in PROVIDERS:
        if host in provider.hosts:
            framed = provider.framed(parts)
            return Embed(provider, address, provider.frames + framed) if framed else None
    return None
