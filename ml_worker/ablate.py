"""Rerun the paper's ablations: ``python -m ml_worker.ablate --release archive.tar --out folder --table all``.

Every row is trained on the same examples, in the same order, for the same number of steps, and evaluated on
the same images. A run that was cut off goes on with the same command; what is finished is not repeated, and
rows that differ at inference only share their weights.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ml_worker.ablation_runs import Ablation, run
from ml_worker.ablation_tables import chosen_tables, with_paper_figures
from ml_worker.arguments import at_least, usable_device
from ml_worker.checkpoints import STARTER, load_checkpoint
from ml_worker.cropformer.architecture import NANO, SWIN_TINY, Architecture

SIZES = ("nano", "starter", "swin-tiny")
TEST_SEED = 900_000_000


def _sizes(name: str, start_from: Path | None) -> Architecture:
    if start_from is not None:
        return load_checkpoint(start_from).arch
    if name == "starter":
        return load_checkpoint(STARTER).arch
    return {"nano": NANO, "swin-tiny": SWIN_TINY}[name]


def _data(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """What rows are trained on, and what they are evaluated on."""
    if arguments.release:
        path = str(arguments.release.resolve())
        return {"release": path, "split": "train"}, {"release": path, "split": "val"}
    if arguments.folder:
        if not arguments.test_folder:
            raise ValueError("--folder holds the training examples: name the others with --test-folder.")
        return {"folder": str(arguments.folder.resolve())}, {"folder": str(arguments.test_folder.resolve())}
    scene = {"side": arguments.side, "entities": arguments.entities}
    return (
        {"scenes": {"count": arguments.scenes, "seed": 1, **scene}},
        {"scenes": {"count": arguments.test_scenes, "seed": TEST_SEED, **scene}},
    )


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m ml_worker.ablate", description=__doc__)
    data = arguments.add_mutually_exclusive_group(required=True)
    data.add_argument(
        "--release", type=Path, help="a release: its archive.tar, or the folder it was unpacked to"
    )
    data.add_argument("--folder", type=Path, help="images/ and labels/ of the same names, to train on")
    data.add_argument("--scenes", type=at_least(1), help="train on this many generated scenes")
    arguments.add_argument(
        "--test-folder", type=Path, help="images/ and labels/ to evaluate on, with --folder"
    )
    arguments.add_argument(
        "--test-scenes", type=at_least(1), default=50, help="scenes to evaluate on, with --scenes"
    )
    arguments.add_argument("--side", type=int, default=96, help="side of a scene in px")
    arguments.add_argument("--entities", type=int, help="painted in a scene; default 4 to 24")
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument(
        "--table", default="all", help="7, 8, 9a, 9b, 9c, all, or ours; see docs/variants.md"
    )
    arguments.add_argument("--size", choices=SIZES, default="starter")
    arguments.add_argument("--start-from", type=Path, help="checkpoint; what fits a row is taken from it")
    arguments.add_argument("--steps", type=int, default=2000)
    arguments.add_argument("--batch", type=int, default=8)
    arguments.add_argument("--learning-rate", type=float, default=1e-4)
    arguments.add_argument("--backbone-factor", type=float, default=0.1)
    arguments.add_argument("--points", type=int, default=12_544)
    arguments.add_argument("--short-side", type=int, default=224)
    arguments.add_argument("--long-side", type=int, help="default: twice the shorter")
    arguments.add_argument("--seeds", type=int, default=1, help="how often each row is trained")
    arguments.add_argument("--paper", type=Path, help="JSON {table: {row: APᵉ}} to print beside the rows")
    arguments.add_argument("--device", type=usable_device, default="cpu")
    arguments.add_argument("--threads", type=at_least(1), default=1)
    return arguments


def ablation_of(arguments: argparse.Namespace) -> Ablation:
    """What the command line asks for; raises ``ValueError`` with a sentence."""
    for name, least in (("steps", 1), ("batch", 1), ("seeds", 1), ("points", 1), ("short_side", 64)):
        if getattr(arguments, name) < least:
            raise ValueError(f"--{name.replace('_', '-')} is at least {least}.")
    tables = chosen_tables(arguments.table)
    train_data, test_data = _data(arguments)
    return Ablation(
        tables=with_paper_figures(tables, arguments.paper) if arguments.paper else tables,
        sizes=_sizes(arguments.size, arguments.start_from),
        train_data=train_data,
        test_data=test_data,
        training={
            "steps": arguments.steps,
            "batch": arguments.batch,
            "learning_rate": arguments.learning_rate,
            "backbone_factor": arguments.backbone_factor,
            "points": arguments.points,
        },
        short_side=arguments.short_side,
        long_side=arguments.long_side or 2 * arguments.short_side,
        seeds=arguments.seeds,
        start_from=arguments.start_from,
        device=arguments.device,
    )


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; 0 when every row came through, 1 when one failed, 2 for what cannot be done."""
    arguments = parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("ml_worker.train_log").setLevel(logging.WARNING)
    torch.set_num_threads(arguments.threads)
    try:
        ablation = ablation_of(arguments)
        arguments.out.mkdir(parents=True, exist_ok=True)
        failures = run(ablation, arguments.out)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print((arguments.out / "ablation.md").read_text())
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
