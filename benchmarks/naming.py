"""Naming: ranking ten thousand terms, and what the model's features know of real masks' names.

python -m benchmarks.naming [--json] [--photographs FOLDER]

FOLDER holds annotations.json, images/ and labels/ (16-bit PNG) of photographs with named masks. The server's
part runs on an SQLite database of its own. Times are processor time, so that a busy machine does not count.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.machine import description, percentile

REPOSITORY = Path(__file__).resolve().parents[1]
TERMS = 10_000
QUERIES = ("t", "tr", "tre", "tree", "lig", "light", "bld", "auto", "car w", "street l", "zzq", "mon")


def vocabulary(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Terms of made-up words of two to five syllables, a third with an alias, in 100 supercategories."""
    rng = random.Random(seed)
    syllables = [
        "ta",
        "ro",
        "bri",
        "ck",
        "le",
        "mon",
        "st",
        "ar",
        "light",
        "tree",
        "car",
        "wi",
        "na",
        "pe",
        "sol",
        "ik",
    ]

    def word() -> str:
        return "".join(rng.choices(syllables, k=rng.randint(2, 5)))

    names: set[str] = set()
    while len(names) < count:
        names.add(" ".join(word() for _ in range(rng.choice((1, 1, 2)))))
    ordered = sorted(names)
    parents = ordered[:100]
    return [
        {
            "name": name,
            "aliases": [word()] if rng.random() < 0.33 else [],
            "parent": rng.choice(parents),
            "uses": rng.randint(0, 5000),
        }
        for name in ordered
    ]


def in_javascript(terms: list[dict[str, Any]], repeat: int) -> dict[str, float]:
    """CPU milliseconds of the naming step's own code for one key press, in Node (the browser's engine)."""
    script = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ suggest }} from "{REPOSITORY}/frontend_static/annotate/suggestions.js";
    import {{ nearNames }} from "{REPOSITORY}/frontend_static/annotate/near_names.js";
    const rows = JSON.parse(readFileSync(process.argv[1], "utf8"));
    const terms = rows.map((term, id) => ({{ id, kind: "thing", ...term }}));
    const times = {{ first: [], ranking: [], near: [] }};
    const timed = (kind, work) => {{
      const started = process.cpuUsage();
      work();
      const {{ user, system }} = process.cpuUsage(started);
      times[kind].push((user + system) / 1000);
    }};
    timed("first", () => suggest("tr", terms));
    for (let i = 0; i < {repeat}; i++) for (const query of {json.dumps(QUERIES)}) {{
      timed("ranking", () => suggest(query, terms));
      timed("near", () => nearNames(query + "xq", terms));
    }}
    console.log(JSON.stringify(times));
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(terms, file)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script, file.name], capture_output=True, text=True, check=True
    )
    Path(file.name).unlink()
    times = json.loads(done.stdout)
    return {
        "first_ms": round(times["first"][0], 2),
        **_spread("ranking", times["ranking"]),
        **_spread("near_names", times["near"]),
    }


def on_the_server(terms: list[dict[str, Any]], repeat: int) -> dict[str, float]:
    """CPU milliseconds of finding and ranking, and of the whole vocabulary as the editor loads it."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "TESSERA_HOME": home,
            "TESSERA_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "annotation_server.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from annotation_server.projects.models import Project
        from annotation_server.vocabulary.find import matching, vocabulary_of
        from annotation_server.vocabulary.models import Term, normalised, searchable

        project = Project.objects.create(name="Ten thousand")
        made = Term.objects.bulk_create(
            Term(
                project=project,
                name=term["name"],
                normal_name=normalised(term["name"]),
                search_text=searchable(term["name"], term["aliases"]),
                aliases=term["aliases"],
            )
            for term in terms
        )
        by_name = {term.name: term for term in made}
        for term, row in zip(made, terms, strict=True):
            term.parent = by_name[row["parent"]]
        Term.objects.bulk_update(made, ["parent"], batch_size=1000)
        of_project = Term.objects.filter(project=project)
        typed = [query for _ in range(repeat) for query in QUERIES]
        ranking = [_ms(partial(matching, query, of_project)) for query in typed]
        whole = [_ms(partial(vocabulary_of, project.pk)) for _ in range(repeat)]
    return {**_spread("search", ranking), **_spread("vocabulary", whole)}


def _ms(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


def _spread(name: str, times: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": round(percentile(times, 0.5), 2),
        f"{name}_p95_ms": round(percentile(times, 0.95), 2),
    }


@dataclass(frozen=True)
class Named:
    """The masks of one photograph: vectors [N, D] and the place of each one's name in the list of names."""

    matrix: np.ndarray
    names: np.ndarray


def photographs(folder: Path) -> tuple[list[Named], list[str], float]:
    """Every photograph's masks as the shipped model sees them, the names, seconds per photograph."""
    from annotation_server.segmentation.tiled_map import pack_map
    from ml_worker.embed import embed
    from ml_worker.predict import Predictor

    rows = json.loads((folder / "annotations.json").read_text())["images"]
    names = sorted({segment["category"] for row in rows for segment in row["segments"]})
    predictor = Predictor.from_checkpoint()
    seen, started = [], time.perf_counter()
    for row in rows:
        rgb = np.asarray(Image.open(folder.parent / row["file"]).convert("RGB"))
        label_map = np.asarray(Image.open(folder.parent / row["label"])).astype(np.uint16)
        numbers, vectors = embed(predictor, rgb, pack_map(label_map))
        called = {s["id"]: names.index(s["category"]) for s in row["segments"] if not s["iscrowd"]}
        kept = [place for place, number in enumerate(numbers) if number in called]
        seen.append(Named(vectors[kept].astype(float), np.array([called[numbers[place]] for place in kept])))
    return seen, names, (time.perf_counter() - started) / len(rows)


def similar_masks(seen: list[Named]) -> dict[str, Any]:
    """Of the masks most alike in the same photograph, how many bear the same name; and by similarity."""
    from annotation_server.annotation.similar import Vectors, scale_of, similar

    sums = sums_of(seen)
    at: dict[int, list[float]] = {1: [], 3: [], 5: []}
    chance: list[float] = []
    pairs: list[tuple[float, bool]] = []
    for image in seen:
        vectors = Vectors(np.arange(len(image.names)), image.matrix)
        scale = scale_of(vectors, sums)
        for place, name in enumerate(image.names):
            others = np.delete(image.names, place)
            found = similar(vectors, [place], scale)
            pairs += [(row.similarity, bool(image.names[row.number] == name)) for row in found]
            if not (others == name).any():
                continue
            chance.append(float((others == name).mean()))
            for k, shares in at.items():
                if found:
                    shares.append(float(np.mean([image.names[row.number] == name for row in found[:k]])))
    likeness, same = np.array([p for p, _ in pairs]), np.array([s for _, s in pairs])
    return {
        "masks": sum(len(image.names) for image in seen),
        "chance": round(float(np.mean(chance)), 3),
        **{f"precision_at_{k}": round(float(np.mean(shares)), 3) for k, shares in at.items()},
        **{
            f"precision_from_{t}": round(float(same[likeness >= t].mean()), 3) for t in (0.8, 0.9, 0.95, 0.98)
        },
    }


def suggested_names(seen: list[Named], share_named: float, seed: int = 0) -> dict[str, Any]:
    """Each photograph left out of the sums in turn, a share of its masks named: how often a name is right."""
    from annotation_server.annotation.similar import Vectors, scale_of, suggestions

    rng = np.random.default_rng(seed)
    everywhere = sums_of(seen)
    common = np.bincount(np.concatenate([image.names for image in seen])).argsort()[::-1][:3]
    asked = said = first = third = commonest = common_three = 0
    for image in seen:
        vectors = Vectors(np.arange(len(image.names)), image.matrix)
        others = sums_of([other for other in seen if other is not image])
        known = rng.random(len(image.names)) < share_named
        named = {int(place): int(image.names[place]) for place in np.flatnonzero(known)}
        found = suggestions(vectors, named, others, scale_of(vectors, others))
        for place in np.flatnonzero(~known):
            name = int(image.names[place])
            asked += 1
            commonest += name == common[0]
            common_three += name in common
            terms = [row.term for row in found.get(int(place), [])]
            said += bool(terms)
            first += terms[:1] == [name]
            third += name in terms
    return {
        "asked": asked,
        "terms": len(everywhere.terms),
        "said_something": round(said / asked, 3),
        "top1_where_said": round(first / max(1, said), 3),
        "top3_where_said": round(third / max(1, said), 3),
        "always_the_commonest": round(commonest / asked, 3),
        "always_the_three_commonest": round(common_three / asked, 3),
    }


def sums_of(seen: list[Named]) -> Any:
    """What the masks of photographs add up to."""
    from annotation_server.annotation.similar import TermSums

    matrix, names = np.concatenate([i.matrix for i in seen]), np.concatenate([i.names for i in seen])
    terms = np.unique(names)
    totals = np.array([matrix[names == term].sum(0) for term in terms])
    counts = np.array([(names == term).sum() for term in terms], float)
    return TermSums(terms, counts, totals, (matrix**2).sum(0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--photographs", type=Path)
    options = parser.parse_args()
    terms = vocabulary(TERMS)
    result: dict[str, Any] = {
        "machine": description(),
        "terms": TERMS,
        "javascript": in_javascript(terms, options.repeat),
        "server": on_the_server(terms, options.repeat),
    }
    if options.photographs:
        seen, names, seconds = photographs(options.photographs)
        result["photographs"] = {
            "images": len(seen),
            "names": len(names),
            "seconds_per_image": round(seconds, 3),
            "similar": similar_masks(seen),
            "suggested_nothing_named": suggested_names(seen, 0.0),
            "suggested_half_named": suggested_names(seen, 0.5),
        }
    print(json.dumps(result, indent=None if options.json else 1))


if __name__ == "__main__":
    main()
