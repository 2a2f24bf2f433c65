"""What a worker refuses, and the sentence that goes to the person who asked."""

from annotation_server.segmentation.worker_sentences import Sentence


class JobRefused(Exception):
    """This job can never succeed as it stands; the sentence says what to change."""


class JobCancelled(Exception):
    """Nobody wants this job's result any more."""


def why_it_failed(error: Exception) -> str:
    """What a person is told of a refusal, of memory that was short, or of an error in the code."""
    if isinstance(error, JobRefused):
        return str(error)
    # torch's own kind is known by its name: this module does without torch.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return Sentence.TOO_LITTLE_MEMORY.about()
    return Sentence.MODEL_STOPPED.about(kind=type(error).__name__, error=error)
