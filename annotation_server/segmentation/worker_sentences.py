"""What the ML worker says to people: kept in English, translated by the server when somebody reads it."""

from enum import StrEnum


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation. The worker has no Django, whose own marker this stands for."""
    return sentence


class Sentence(StrEnum):
    """The sentences by name; ``%(why)s`` is where another one of them may stand."""

    FILE_GONE = gettext_noop("There is no file %(key)s in the media folder.")
    FILE_GONE_FROM_BUCKET = gettext_noop("There is no file %(key)s in the bucket %(bucket)s.")

    IMAGE_GONE = gettext_noop("The image's file is gone: %(why)s Upload the image again.")
    IMAGE_UNREADABLE = gettext_noop("The image's file cannot be read (%(error)s). Upload the image again.")
    IMAGE_REPLACED = gettext_noop(
        "The image's file is %(file_width)s × %(file_height)s px, the image %(width)s × %(height)s: "
        "the file was replaced. Upload the image again."
    )
    IMAGE_TOO_SMALL = gettext_noop(
        "The image is %(width)s × %(height)s px; the model needs %(least)s px on each side. "
        "Draw its masks by hand."
    )
    PLACE_TOO_SMALL = gettext_noop("The model needs %(least)s px on each side. Zoom out, or draw by hand.")
    MASKS_TOO_SMALL = gettext_noop("The model needs %(least)s px on each side. Name these masks by hand.")
    MAP_UNREADABLE = gettext_noop("The label map cannot be read. %(why)s")

    NO_FEATURES = gettext_noop("This model learned no features to compare entities by. Choose a trained one.")
    UNKNOWN_OPTIONS = gettext_noop("The prediction was asked for with unknown options: %(options)s.")
    BAD_OPTIONS = gettext_noop("The prediction cannot be made with these options: %(why)s")
    MODEL_UNUSABLE = gettext_noop("The model cannot be used. %(why)s")
    MODEL_GONE = gettext_noop("The model's weights are gone: %(why)s Register the model again.")
    MODEL_CHANGED = gettext_noop(
        "The weights changed since they were registered (SHA-256 %(found)s…, not %(wanted)s…): "
        "register them as a new model."
    )
    MODEL_STOPPED = gettext_noop("The model stopped at an error (%(kind)s: %(error)s).")
    UNKNOWN_ARCHITECTURE = gettext_noop(
        "This worker does not know the architecture %(architecture)s: update the worker."
    )
    ANSWER_TOO_LARGE = gettext_noop("The model's answer is too large. Ask about a smaller part.")
    TOO_LITTLE_MEMORY = gettext_noop("The worker has too little memory for this.")

    UPLOAD_GONE = gettext_noop("The uploaded file is gone: %(why)s Upload it again.")
    NO_CHECKPOINT = gettext_noop("There is no checkpoint at %(path)s.")
    FILE_TOO_LARGE = gettext_noop("%(name)s is larger than %(gib)s GiB: that is no single model.")
    FILE_UNREADABLE = gettext_noop(
        "%(name)s cannot be read as plain tensors: it is damaged or cut short, or holds code, which is "
        "refused. Copy it again, or save its weights alone."
    )
    FILE_DAMAGED = gettext_noop("%(name)s is damaged or cut short (%(error)s): copy it again.")
    FILE_PACKED = gettext_noop(
        "%(name)s is a packed archive, which could swell to any size. Unpack it: torch.save writes "
        "checkpoints unpacked."
    )
    NO_STATE_DICT = gettext_noop("%(name)s holds no state dict.")
    STATE_OF_A_RUN = gettext_noop(
        "%(name)s holds the state of a training run and does not say which model it is for: "
        "take the model.safetensors beside it."
    )
    OTHER_LAYOUT = gettext_noop(
        "%(name)s is a Mask2Former in the layout of transformers, not in the published one: "
        "take the .pth it was made from."
    )
    OTHER_MODEL = gettext_noop(
        "%(name)s is no CropFormer checkpoint (it holds %(tensors)s …): expected the format %(format)s, or "
        "published weights with sem_seg_head.* and backbone.*."
    )
    NOT_FINITE_WEIGHTS = gettext_noop(
        "%(name)s holds NaN or infinity in %(tensor)s: the training that wrote it failed."
    )

    START_GONE = gettext_noop("The weights to start from are gone: %(why)s")
    START_UNUSABLE = gettext_noop("The weights to start from cannot be used. %(why)s")
    START_CHANGED = gettext_noop(
        "The weights to start from changed since they were registered: register them again."
    )
    LIST_UNREADABLE = gettext_noop("The list of examples cannot be read (%(error)s). Start a new run.")
    EXAMPLES_GONE = gettext_noop("The frozen examples are gone: %(why)s Start a new training.")
    EXAMPLES_UNREADABLE = gettext_noop(
        "The frozen examples cannot be read (%(error)s). Start a new training."
    )
    TRUTH_UNREADABLE = gettext_noop(
        "The label map of image %(image)s cannot be read: %(why)s Start a new training."
    )
    TRUTH_CHANGED = gettext_noop(
        "The label map of image %(image)s is not the frozen one. Start a new training."
    )
    NO_ENTITIES = gettext_noop(
        "There is nothing to learn from: none of the %(images)s images has an entity. "
        "Train on a release with accepted masks."
    )
    LOSS_NOT_FINITE = gettext_noop(
        "The loss of step %(step)s is not finite (examples: %(names)s). Lower learning_rate, or look at "
        "these examples; what was saved before is kept."
    )
    GRADIENT_NOT_FINITE = gettext_noop(
        "The gradient of step %(step)s is not finite (examples: %(names)s). Lower learning_rate, or look at "
        "these examples; what was saved before is kept."
    )
    CARD_TOO_SMALL = gettext_noop(
        "The graphics card has too little memory for this batch: give the training a smaller batch, or a "
        "larger accumulate."
    )
    CANNOT_SAVE = gettext_noop("%(name)s could not be saved (%(error)s). Is the disk full?")
    CANNOT_SAVE_AGAIN = gettext_noop(
        "%(name)s could not be saved (%(error)s); the one saved before is whole. Is the disk full?"
    )

    def about(self, **places: object) -> str:
        """The English sentence with its places filled."""
        return self % places
