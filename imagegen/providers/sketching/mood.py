"""What the words of a prompt say about a scene: time of day, season, weather, place, and the manner of drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from imagegen.providers.sketching.palette import Palette, changed, colour, faded, mix, palette, toned
from imagegen.providers.sketching.vocabulary import Words, among, first

Manner = Literal[
    "plain",
    "watercolor",
    "cartoon",
    "painted",
    "line",
    "paper",
    "clay",
    "noir",
    "poster",
    "isometric",
    "bloom",
    "studio",
    "luminous",
]
Hour = Literal["dawn", "day", "golden", "sunset", "dusk", "night"]
Ground = Literal["mountains", "hills", "dunes"]
Water = Literal["none", "lake", "sea"]

_HOURS: dict[Hour, str] = {
    "night": "night midnight moon moonlit moonlight star stars starry nocturnal galaxy aurora",
    "sunset": "sunset sundown fiery",
    "dusk": "dusk twilight evening gloaming cyberpunk neon mysterious",
    "dawn": "dawn sunrise daybreak morning pastel",
    "golden": "golden warm honey harvest autumn fall amber cosy cozy",
    "day": "day daytime noon midday summer sunny bright clear blue spring",
}
_PALETTES: dict[Hour, str] = {
    "dawn": "6f86b8 d7b3c4 ffdcb8 fff3d6 eccdc4 3c4566",
    "day": "3a78bd 86b8e2 e6f0f0 fffbea c6dae4 27513f",
    "golden": "6d93b4 d9c7a0 ffe0a0 fff4cf e9cf9f 47401f",
    "sunset": "31407c c0627f ffb15f ffe7a4 e89a7c 2b1d3a",
    "dusk": "1a2350 5c5190 e59a94 ffd9c2 8b7cae 14172f",
    "night": "050a1c 10204a 2d5078 f4f1de 27415f 04070f",
}
_GROUNDS: dict[Ground, str] = {
    "dunes": "desert dune dunes sand sahara canyon mesa mars camel",
    "hills": "hill hills meadow field fields farm village garden tea vineyard countryside pasture valley",
    "mountains": "mountain mountains alps alpine peak peaks summit cliff fjord volcano",
}
_LAKE = "lake water river reflection pond boat fjord canoe swan"
_SEA = "sea ocean beach shore coast island harbour harbor ship bay sailing lighthouse wave waves whale surf"
_TREES = "forest woods tree trees pine pines fir spruce conifer jungle cabin bear fox wolf deer owl"
_SNOW = "winter snow snowy ice icy frozen glacier arctic christmas penguin"
_FOG = "mist misty fog foggy haze hazy dreamy ethereal calm quiet soft"
_STORM = "storm stormy rain rainy thunder gloomy moody"
_CLEAR = "clear minimal minimalist cloudless"
_FANTASY = "fantasy fairy magic magical dragon wizard enchanted elf unicorn alien planet dreamlike"
_GREY = "monochrome grayscale greyscale noir ink charcoal pencil"
LANDSCAPE = " ".join(
    (*_GROUNDS.values(), _LAKE, _SEA, _TREES, _SNOW, "landscape nature sky valley waterfall rainbow")
)
"""Words that speak of a landscape."""
_MANNERS: dict[Manner, str] = {
    "watercolor": "watercolor watercolour aquarelle gouache",
    "painted": "gogh impasto impressionist impressionism oil expressionist swirling brushstroke brushstrokes",
    "line": "line+art lineart line+drawing line+work linework pencil charcoal sketch etching engraving",
    "paper": "papercut paper+cut cut+paper papercraft origami collage",
    "clay": "clay claymation plasticine pottery",
    "noir": "noir monochrome black+and film+noir grayscale greyscale",
    "isometric": "isometric voxel lowpoly low+poly",
    "poster": "poster screen+print screenprint silkscreen risograph bauhaus linocut",
    "bloom": "bloom petal+like dewy romantic",
    "luminous": "fantasy magical enchanted fairytale luminous",
    "cartoon": "cartoon comic anime flat vector illustration cel",
    "studio": "studio editorial softbox photograph photography photo product+shot",
}
HUES = {
    "red": "c0392b",
    "crimson": "b01e3a",
    "orange": "e67e22",
    "yellow": "f1c40f",
    "gold": "d4a017",
    "green": "2e8b57",
    "emerald": "1f9d6b",
    "teal": "1a8f8f",
    "turquoise": "2ec4c0",
    "blue": "2f6fd0",
    "indigo": "3f3fa0",
    "purple": "7d3cb5",
    "violet": "8a4fd0",
    "pink": "e77fb3",
    "magenta": "c2368f",
    "brown": "7b4a2a",
    "lavender": "a58be0",
    "coral": "f0705a",
    "peach": "f4a37c",
    "mint": "6fcf9f",
    "navy": "22386f",
}


@dataclass(frozen=True, slots=True)
class Mood:
    """How a scene is to look. Shares are 0 to 1."""

    hour: Hour
    told: bool
    """Whether words name the hour; else it was drawn."""
    ground: Ground
    palette: Palette
    manner: Manner
    water: Water
    trees: bool
    snow: bool
    fog: float
    clouds: float
    stars: bool
    companion: bool
    """A second, larger body stands in the sky."""


def mood(words: Words, random: np.random.Generator) -> Mood:
    """The mood that words ask for; what they leave open is drawn, always in the same order."""
    any_hour = random.choice(np.array(list(_PALETTES), dtype=object))
    any_ground = random.choice(np.array(["mountains", "mountains", "hills"], dtype=object))
    chances = random.random(4)
    hour: Hour = first(_HOURS, words.subject, first(_HOURS, words.style, any_hour))
    ground: Ground = first(_GROUNDS, words.subject, any_ground)
    snow, storm, fantasy = (words.has(vocabulary) for vocabulary in (_SNOW, _STORM, _FANTASY))
    fog = 1.0 if words.has(_FOG) else 0.35 + 0.4 * float(chances[0])
    clouds = 0.0 if words.has(_CLEAR) else 0.9 if storm else 0.15 + 0.5 * float(chances[1])
    lake = words.has(_LAKE) or (ground != "dunes" and chances[2] < 0.4)
    water: Water = "sea" if among(words.subject, _SEA) else "lake" if lake else "none"
    return Mood(
        hour=hour,
        told=any(words.has(vocabulary) for vocabulary in _HOURS.values()),
        ground=ground,
        palette=_palette(words, hour, ground),
        manner=first(_MANNERS, words.style, first(_MANNERS, words.subject, "plain")),
        water=water,
        trees=ground != "dunes" and water != "sea" and (words.has(_TREES) or bool(chances[3] < 0.7)),
        snow=snow or words.has("alps glacier"),
        fog=fog,
        clouds=clouds,
        stars=hour == "night" or (hour == "dusk" and fantasy),
        companion=fantasy,
    )


def is_grey(words: Words) -> bool:
    """Whether the picture is to be without colour."""
    grey = words.has(_GREY) or {"black", "white"} <= words.all
    return grey and words.all.isdisjoint(HUES)


def _palette(words: Words, hour: Hour, ground: Ground) -> Palette:
    base = palette(_PALETTES[hour])
    if ground == "dunes":
        base = changed(
            base, land=mix(base.land, colour("a8582a"), 0.55), haze=mix(base.haze, colour("e8b98a"), 0.4)
        )
    if words.has(_SNOW):
        base = changed(
            base, haze=mix(base.haze, colour("dbe8f4"), 0.5), land=mix(base.land, colour("3d5670"), 0.6)
        )
    if words.has("autumn fall"):
        base = changed(base, land=mix(base.land, colour("8a3d12"), 0.6))
    if words.has("spring blossom cherry sakura"):
        base = changed(
            base, land=mix(base.land, colour("6f9a5a"), 0.4), haze=mix(base.haze, colour("f6cfdc"), 0.5)
        )
    if words.has(_FANTASY):
        base = toned(base, colour("8a4fd0"), 0.4)
    for word, code in HUES.items():
        if word in words.all:
            base = toned(base, colour(code), 0.45)
    if words.has(_STORM):
        base = faded(base, 0.5)
    if is_grey(words):
        base = faded(base, 1.0)
    return base
