"""Variants of CropFormer as configuration: what is built, what is trained, which views, and what is painted.

The default is the published model. docs/variants.md says what each setting means and where it comes from.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

FUSIONS = ("association", "video", "vita", "none")
ASSOCIATION_PARTS = ("cross", "self", "ffn")
CHOICES = ("all", "full", "crops", "none")
LEVELS = ("image", "batch")
TRAIN_CROPS = ("four", "eight", "random")
TEST_CROPS = ("four", "eight", "none")
ANGLES = ("by_count", "as_trained")
IMAGE_WEIGHT, BATCH_WEIGHT = 0.5, 1.0


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One model of the family.

    Attributes:
        fusion: how one set of queries comes to stand for all views: ``association`` (CropFormer), ``video``
            (learned queries read all views as frames), ``vita`` (queries read the views' object tokens, not
            their pixels), ``none`` (single views only: Mask2Former).
        association_parts: which parts an association layer has, of cross, self, ffn.
        token_layers: layers of VITA's object encoder and of its object decoder.
        shared_decoder: one decoder for single views and all views together, or two of the same make.
        image_loss: on which views single-view predictions are supervised: all, full, crops or none.
        batch_loss: the same of predictions for all views together.
        train_views: views a training step sees, the full image included.
        train_crops: where training takes its crops from: four corners, eight windows, or anywhere.
        test_crops: the windows of inference: four, eight or none.
        crop_share: δ, a crop's share of both sides.
        view_angles: a view's position in the sequence: ``by_count`` (published: it depends on the number of
            views, so the full image has another one in inference than in training) or ``as_trained``.
        painted_level, painted_views: what the label map is made of: the image or batch level, and the mean
            over all views, the full image alone, or the crops alone.
    """

    fusion: str = "association"
    association_parts: tuple[str, ...] = ASSOCIATION_PARTS
    token_layers: int = 3
    shared_decoder: bool = True
    image_loss: str = "all"
    batch_loss: str = "all"
    train_views: int = 2
    train_crops: str = "four"
    test_crops: str = "four"
    crop_share: float = 0.7
    view_angles: str = "by_count"
    painted_level: str = "batch"
    painted_views: str = "all"

    def __post_init__(self) -> None:
        object.__setattr__(self, "association_parts", tuple(self.association_parts))
        self._refuse_unknown()
        self._refuse_untrainable()
        self._refuse_unpaintable()

    @property
    def has_batch_level(self) -> bool:
        return self.fusion != "none"

    @property
    def reads_single_views(self) -> bool:
        """Whether anything asks what single views show: the fusion, a loss or the painting."""
        fuses_queries = self.fusion in ("association", "vita", "none")
        return fuses_queries or self.image_loss != "none" or self.painted_level == "image"

    @property
    def supervision(self) -> dict[str, tuple[float, str]]:
        """{"2d" | "3d": (weight, on which views)} of the losses of training; a level alone weighs 1."""
        alone = self.batch_loss == "none"
        levels = {
            "2d": (BATCH_WEIGHT if alone else IMAGE_WEIGHT, self.image_loss),
            "3d": (BATCH_WEIGHT, self.batch_loss),
        }
        return {name: (weight, choice) for name, (weight, choice) in levels.items() if choice != "none"}

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"association_parts": list(self.association_parts)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The variant of a JSON object; what is left out is as published."""
        unknown = sorted(set(data) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"Unknown variant settings: {', '.join(unknown)}.")
        return cls(**data)

    def _refuse_unknown(self) -> None:
        for name, known in (
            ("fusion", FUSIONS),
            ("image_loss", CHOICES),
            ("batch_loss", CHOICES),
            ("train_crops", TRAIN_CROPS),
            ("test_crops", TEST_CROPS),
            ("view_angles", ANGLES),
            ("painted_level", LEVELS),
            ("painted_views", CHOICES[:3]),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {getattr(self, name)}.")
        strange = sorted(set(self.association_parts) - set(ASSOCIATION_PARTS))
        if strange or len(set(self.association_parts)) < len(self.association_parts):
            raise ValueError(f"association_parts are some of {', '.join(ASSOCIATION_PARTS)}, each once.")
        if not 0.5 <= self.crop_share <= 0.9:
            raise ValueError(
                f"crop_share is 0.5 to 0.9, so that the crops cover the image: {self.crop_share}."
            )
        if not 1 <= self.token_layers <= 12:
            raise ValueError(f"token_layers is 1 to 12, not {self.token_layers}.")
        most = 1 + (8 if self.train_crops == "eight" else 4)
        if not 1 <= self.train_views <= most:
            raise ValueError(f"train_views is 1 to {most} with {self.train_crops} crops: {self.train_views}.")

    def _refuse_untrainable(self) -> None:
        if self.image_loss == self.batch_loss == "none":
            raise ValueError("Neither image_loss nor batch_loss is on: nothing would be learned.")
        if not self.has_batch_level and self.batch_loss != "none":
            raise ValueError("fusion none has no batch level to supervise: set batch_loss to none.")
        if self.has_batch_level and self.batch_loss == "none":
            raise ValueError(
                "The batch level is built but not supervised: set batch_loss, or fusion to none."
            )
        own_heads = not self.shared_decoder or self.fusion == "vita"
        if own_heads and self.image_loss == "none":
            raise ValueError("The single views' class head would learn nothing: set image_loss.")
        if not self.shared_decoder and self.fusion not in ("association", "video"):
            raise ValueError(f"fusion {self.fusion} has no second decoder: leave shared_decoder on.")
        if self.train_views == 1 and "crops" in (self.image_loss, self.batch_loss):
            raise ValueError("A loss on crops needs train_views of 2 or more.")
        if self.train_views == 1 and self.view_angles == "as_trained":
            raise ValueError("One view has no angle: view_angles as_trained needs train_views of 2 or more.")

    def _refuse_unpaintable(self) -> None:
        if self.painted_level == "batch" and not self.has_batch_level:
            raise ValueError("fusion none has no batch level to paint: set painted_level to image.")
        if self.painted_views == "crops" and self.test_crops == "none":
            raise ValueError("There are no crops to paint: set test_crops, or painted_views to full.")


def chosen_views(choice: str) -> slice:
    """Which of a sequence of views, the full image first, ``choice`` (all, full, crops) names."""
    return {"all": slice(None), "full": slice(0, 1), "crops": slice(1, None)}[choice]


PUBLISHED = Variant()
MASK2FORMER = Variant(
    fusion="none",
    batch_loss="none",
    train_views=1,
    test_crops="none",
    painted_level="image",
    painted_views="full",
)
VIDEO_MASK2FORMER = Variant(fusion="video", image_loss="none")
VITA = Variant(fusion="vita")
