"""Convert a published checkpoint into ours: ``python -m ml_worker.cropformer.convert_weights IN OUT``."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from ml_worker.checkpoints import Checkpoint, load_checkpoint, sha256_of, write_weights
from ml_worker.tensor_files import BadCheckpoint


def convert_file(source: Path, target: Path) -> dict[str, Any]:
    """Read ``source`` (published or ours), write ``target`` (ours) and describe it.

    The description: architecture (sizes), kind (cropformer or mask2former), parameters, sha256 and
    size_bytes of ``target``, source_sha256, settings. Raises BadCheckpoint with a sentence and the names of
    every wrong tensor.
    """
    checkpoint = load_checkpoint(source)
    settings = {**checkpoint.settings, "source_sha256": checkpoint.sha256}
    write_weights(target, checkpoint.arch, checkpoint.weights, settings)
    return {
        "architecture": checkpoint.arch.to_dict(),
        "kind": kind_of(checkpoint),
        "parameters": sum(tensor.numel() for tensor in checkpoint.weights.values()),
        "sha256": sha256_of(target),
        "size_bytes": target.stat().st_size,
        "source_sha256": checkpoint.sha256,
        "settings": settings,
    }


def kind_of(checkpoint: Checkpoint) -> str:
    """What a model version of these weights is registered as."""
    return "cropformer" if checkpoint.arch.variant.has_batch_level else "mask2former"


def main() -> int:
    """Print the description as JSON; on a refusal the sentence, and as JSON every tensor it is about."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, metavar="IN", help="published .pth or .safetensors")
    parser.add_argument("target", type=Path, metavar="OUT", help="the .safetensors to write")
    arguments = parser.parse_args()
    try:
        described = convert_file(arguments.source, arguments.target)
    except BadCheckpoint as error:
        lists = {"unknown": error.unknown, "missing": error.missing, "misshapen": error.misshapen}
        print(json.dumps({"error": str(error), **lists}, indent=2))
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(described, indent=2))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
