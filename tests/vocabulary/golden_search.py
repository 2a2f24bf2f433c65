"""Write fixtures/golden/{rankings,near_names,spellings}.json, which the JavaScript suite reads too.

PYTHONPATH=. TESSERA_DEMO=1 python tests/vocabulary/golden_search.py
"""

import json
import os
import random
from pathlib import Path
from typing import Any

import django

GOLDEN = Path(__file__).resolve().parents[2] / "fixtures" / "golden"
TERMS: list[tuple[str, list[str], str, int]] = [
    ("tree", ["arbor"], "plant", 12),
    ("tree house", [], "building", 0),
    ("street_light", ["lamp post"], "fixture", 3),
    ("traffic light", ["signal"], "sign", 3),
    ("light", [], "", 0),
    ("lighthouse", [], "building", 1),
    ("car", ["automobile", "motorcar"], "vehicle", 40),
    ("cart", [], "vehicle", 0),
    ("car_wash", [], "building", 0),
    ("bus", ["coach", "motor coach"], "vehicle", 7),
    ("vehicle", [], "", 2),
    ("vehicle_other", [], "vehicle", 1),
    ("Straße", ["street"], "ground", 5),
    ("ΟΔΟΣ", ["ὁδός"], "ground", 0),
    ("ﬁre hydrant", [], "fixture", 0),
    ("İstanbul tram", [], "vehicle", 0),
    ("ılık", [], "", 0),
    ("建筑物", ["大楼"], "", 4),
    ("building", ["edifice"], "", 90),
    ("brick", [], "building", 0),
    ("big ring", [], "", 0),
    ("person", [], "", 300),
    ("people mover", [], "vehicle", 0),
]
QUERIES = [
    "", "t", "tre", "tree", "TREE ", "ree", "light", "LIGHT_", "street", "street l", "lamp", "post",
    "auto", "automobile", "motor", "motorcar", "coach", "mobile", "veh", "vehicle", "car", "cra",
    "bdg", "bg", "brg", "strasse", "STRASSE", "straße", "οδοσ", "οδος", "fire", "ｆｉｒｅ", "istanbul",
    "i̇st", "ıl", "il", "建", "大楼", "物", "zzz", "a", "pers", "ho", "other",
]  # fmt: skip
NEW_NAMES = [
    "trees", "tre", "treee", "street light", "streetlight", "street-light", "Street_Lights",
    "trafic light", "buses", "bus stop", "people", "persons", "cars", "crat", "cat", "cra", "buildng",
    "bulding", "biulding", "light house", "strassen", "brcik", "boat", "automobiles", "automobil",
    "vehicel", "vehicles", "house", "", "建筑", "glass", "light tower",
]  # fmt: skip
SPELLINGS = [
    "  Traffic   Light ", "traffic_light", "ﬁre", "Straße", "STRASSE", "ẞ", "ΟΔΟΣ", "İ", "ı", "Ａｂｃ",
    "é", "Ꭰ", "ꭰ",
]  # fmt: skip


def generated(seed: int, count: int) -> list[tuple[str, list[str], str, int]]:
    """Terms of made-up words, many of them alike."""
    random_ = random.Random(seed)
    syllables = ["ta", "ro", "bri", "ck", "le", "mon", "st", "ar", "o", "win"]

    def word() -> str:
        return "".join(random_.choices(syllables, k=random_.randint(2, 4)))

    names = sorted({" ".join(word() for _ in range(random_.choice([1, 1, 2]))) for _ in range(count)})
    random_.shuffle(names)
    return [
        (name, [word()] if random_.random() < 0.3 else [], random_.choice(names[:8]), random_.randint(0, 50))
        for name in names
    ]


def golden_files() -> dict[str, list[Any]]:
    """The content of each file.

    A term's id is its place in `terms`, from 1; rankings are ids, best first, with the alias that fitted.
    """
    from annotation_server.vocabulary.models import normalised
    from annotation_server.vocabulary.near import near_names
    from annotation_server.vocabulary.search import Candidate, match, ranked, spelled

    def ranking(terms: list[tuple[str, list[str], str, int]], query: str) -> dict[str, Any]:
        candidates = [
            Candidate(i, name, aliases, uses, parent)
            for i, (name, aliases, parent, uses) in enumerate(terms, 1)
        ]
        order = ranked(query, candidates)[:8]
        by_id = {candidate.id: spelled(candidate) for candidate in candidates}
        aliases = [match(normalised(query), by_id[i]).alias for i in order]
        return {"query": query, "order": order, "aliases": aliases}

    crowd = generated(7, 300)
    known = [
        (i, other, uses) for i, (name, aliases, _, uses) in enumerate(TERMS, 1) for other in (name, *aliases)
    ]
    return {
        "rankings.json": [
            {"terms": TERMS, "rankings": [ranking(TERMS, query) for query in QUERIES]},
            {
                "terms": crowd,
                "rankings": [
                    ranking(crowd, query) for query in ("", "ta", "ro", "brick", "mo", "wst", "ckle")
                ],
            },
        ],
        "near_names.json": [
            {
                "terms": TERMS,
                "near": [
                    {"name": name, "near": [list(near) for near in near_names(name, known)]}
                    for name in NEW_NAMES
                ],
            }
        ],
        "spellings.json": [{"text": text, "normal": normalised(text)} for text in SPELLINGS],
    }


def as_lines(cases: list[Any]) -> str:
    """JSON with one case a line."""
    return "[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")
    django.setup()
    for name, cases in golden_files().items():
        (GOLDEN / name).write_text(as_lines(cases), encoding="utf-8")
