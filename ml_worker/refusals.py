"""What a worker refuses, with the sentence that goes to the person who asked."""


class JobRefused(Exception):
    """This job can never succeed as it stands; the sentence says what to change."""


class JobCancelled(Exception):
    """Nobody wants this job's result any more."""
