"""Assignments, annotations, their label maps, masks and history."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Annotation(models.Model):
    """One image's label map and its masks, by exactly one author: an assignment or a model version."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being drawn"
        SUBMITTED = "submitted", "Waiting for review"
        RETURNED = "returned", "Returned"
        ACCEPTED = "accepted", "Accepted"
        REPLACED = "replaced", "Replaced by a reviewer's map"
        FROZEN = "frozen", "Frozen prediction"
        DROPPED = "dropped", "Given back"

    EDITABLE = (State.DRAFT, State.RETURNED)
    # What a person has finished: a reviewer's corrections in a map of their own leave it as it was.
    FINISHED = (State.SUBMITTED, State.ACCEPTED, State.REPLACED)

    image = models.ForeignKey("annotation_server.Image", on_delete=models.CASCADE, related_name="annotations")
    model_version = models.ForeignKey(
        "annotation_server.ModelVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predictions",
    )
    assignment = models.OneToOneField(
        "annotation_server.Assignment",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="annotation",
    )
    prediction = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="started_annotations",
        help_text="The frozen prediction this annotation started from.",
    )
    original = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="review_maps",
        help_text="The submitted annotation that this reviewer's map corrects.",
    )
    original_revision = models.PositiveIntegerField(
        null=True, blank=True, help_text="Revision of the original that the reviewer's map started from."
    )
    alternatives_key = models.CharField(
        max_length=255, blank=True, help_text="Storage key of what the model saw besides; predictions only."
    )
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    revision_number = models.PositiveIntegerField(default=0)
    void_px = models.PositiveBigIntegerField(default=0)
    map_sha256 = models.CharField(max_length=64, blank=True)
    mask_count = models.PositiveIntegerField(default=0)
    next_number = models.PositiveIntegerField(default=1, help_text="First entity number not yet leased.")
    submitted_at = models.DateTimeField(null=True, blank=True)
    mean_score = models.FloatField(
        null=True, blank=True, help_text="Mean score of a prediction's masks, 0 to 1."
    )
    agreement = models.FloatField(
        null=True,
        blank=True,
        help_text="With another annotation of the image, 0 to 1; else with its prediction.",
    )
    is_measured = models.BooleanField(
        default=True, help_text="False: agreement and names are to be worked out since it was submitted."
    )
    shapes_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The label map whose shapes its masks hold; empty: none yet."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(assignment__isnull=False, model_version__isnull=True)
                    | models.Q(assignment__isnull=True, model_version__isnull=False)
                ),
                name="an_annotation_has_one_author",
            ),
            models.CheckConstraint(
                condition=models.Q(next_number__lte=65001), name="entity_numbers_fit_the_label_map"
            ),
        ]
        indexes = [
            models.Index(fields=["image", "state"], name="annotation_by_image_state"),
            models.Index(
                fields=["submitted_at"],
                condition=models.Q(state="submitted"),
                name="annotation_waiting_for_review",
            ),
            models.Index(
                fields=["agreement"],
                condition=models.Q(agreement__isnull=False),
                name="annotation_by_agreement",
            ),
            models.Index(
                fields=["submitted_at"],
                condition=models.Q(is_measured=False),
                name="annotation_to_measure",
            ),
        ]

    def __str__(self) -> str:
        return f"annotation {self.pk} of image {self.image_id} ({self.state})"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE


class LabelMap(models.Model):
    """The current tiles of an annotation: two flat arrays, kept apart so that lists never carry them."""

    annotation = models.OneToOneField(
        Annotation, primary_key=True, on_delete=models.CASCADE, related_name="label_map"
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    tile_digests = models.BinaryField(help_text="n × 32 bytes: SHA-256 of each tile, row-major.")
    tile_versions = models.BinaryField(help_text="n × u32 LE: revision number that last changed each tile.")

    def __str__(self) -> str:
        return f"label map of annotation {self.annotation_id}"


class Tile(models.Model):
    """The content of one tile, stored once however many revisions and annotations share it."""

    digest = models.BinaryField(primary_key=True, max_length=32, help_text="SHA-256 of the canonical runs.")
    data = models.BinaryField(help_text="zlib of the canonical runs (u16 LE).")

    def __str__(self) -> str:
        return bytes(self.digest).hex()


class Revision(models.Model):
    """One saved state of an annotation. Append-only: the chain of changes gives every earlier map."""

    class Kind(models.TextChoices):
        START = "start", "Start"
        SAVE = "save", "Save"
        RESTORE = "restore", "Restore"

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.SAVE)
    transaction_id = models.UUIDField(help_text="Idempotency key of the save.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    tile_changes = models.BinaryField(
        help_text="Records of 68 bytes: tile u32 LE, digest before (32), digest after (32)."
    )
    mask_changes = models.JSONField(default=list, help_text="[{number, before: {…}|null, after: {…}|null}]")
    operations = models.JSONField(default=list, help_text="What the person did: tool, number, milliseconds.")
    void_px = models.PositiveBigIntegerField()
    map_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["annotation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "number"], name="a_revision_number_once"),
            models.UniqueConstraint(fields=["annotation", "transaction_id"], name="a_transaction_once"),
        ]
        indexes = [models.Index(fields=["author", "created_at"], name="revision_by_author_time")]

    def __str__(self) -> str:
        return f"revision {self.number} of annotation {self.annotation_id}"


class Mask(models.Model):
    """One entity of an annotation; its pixels are those of its number in the label map."""

    class Provenance(models.TextChoices):
        HUMAN = "human", "Drawn by a person"
        MODEL = "model", "Proposed by a model, untouched"
        EDITED = "edited", "Proposed by a model, edited"

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="masks")
    number = models.PositiveIntegerField()
    term = models.ForeignKey(
        "annotation_server.Term", null=True, blank=True, on_delete=models.PROTECT, related_name="masks"
    )
    raw_name = models.CharField(
        max_length=100, blank=True, help_text="As typed; never overwritten by merges."
    )
    colour = models.PositiveSmallIntegerField(default=0, help_text="Index into the palette.")
    area = models.PositiveBigIntegerField(default=0, help_text="px")
    x = models.PositiveIntegerField(default=0)
    y = models.PositiveIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True, blank=True)
    provenance = models.CharField(max_length=16, choices=Provenance, default=Provenance.HUMAN)
    version = models.PositiveIntegerField(
        default=1, help_text="Revision that last changed this row's fields."
    )
    deleted = models.BooleanField(default=False, help_text="A number is never given again.")
    source = models.ForeignKey(
        Annotation,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The prediction it was taken from.",
    )
    source_number = models.PositiveIntegerField(
        default=0, help_text="Its number there; 0: one of the model's candidates, which have none."
    )
    changed_share = models.FloatField(
        null=True,
        blank=True,
        help_text="At submission: pixels gained or lost since it was taken, of those in either.",
    )
    strokes = models.PositiveIntegerField(default=0, help_text="Gestures that changed its pixels.")
    active_ms = models.PositiveBigIntegerField(default=0, help_text="Time a person worked on it.")
    hull_area = models.FloatField(
        null=True, blank=True, help_text="px; of the label map that the annotation's shapes are of."
    )
    perimeter = models.FloatField(null=True, blank=True, help_text="px; likewise.")

    class Meta:
        ordering = ["annotation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "number"], name="a_number_once_per_annotation"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, number__lte=65000), name="mask_number_in_range"
            ),
        ]
        indexes = [models.Index(fields=["term", "annotation"], name="mask_by_term_annotation")]

    def __str__(self) -> str:
        return f"mask {self.number} of annotation {self.annotation_id}"


class RejectedProposal(models.Model):
    """An entity of a prediction that a person does not want in their annotation."""

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="rejected_proposals")
    prediction = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="rejections")
    number = models.PositiveIntegerField(help_text="Its number in the prediction.")

    class Meta:
        ordering = ["annotation", "prediction", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["annotation", "prediction", "number"], name="a_proposal_is_rejected_once"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.number} of {self.prediction_id}, rejected in {self.annotation_id}"


class Assignment(models.Model):
    """One person's work on one image in one round, claimed under a lease."""

    class Round(models.TextChoices):
        DRAW = "draw", "Draw and label"
        REVIEW = "review", "Reviewer's own map"
        STUDY = "study", "Consistency study"
        NAMES = "names", "Consistency study: names"
        HONEYPOT = "honeypot", "Honeypot"

    # Measured, never published and never trained on; to their annotator they look like drawing.
    HIDDEN = (Round.STUDY, Round.NAMES, Round.HONEYPOT)

    class State(models.TextChoices):
        OPEN = "open", "In work"
        SUBMITTED = "submitted", "Submitted"
        RETURNED = "returned", "Returned"
        ACCEPTED = "accepted", "Accepted"
        REPLACED = "replaced", "Replaced by a reviewer's map"
        DROPPED = "dropped", "Given back"

    # Hidden work is done once it is submitted; that it is accepted later is for its annotator's eyes.
    HANDED_IN = (State.SUBMITTED, State.ACCEPTED)

    image = models.ForeignKey("annotation_server.Image", on_delete=models.CASCADE, related_name="assignments")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments"
    )
    round = models.CharField(max_length=16, choices=Round, default=Round.DRAW)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    lease = models.UUIDField(null=True, blank=True)
    lease_holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    is_blind = models.BooleanField(
        default=False,
        help_text="Seen by its annotator only, who sees no other annotation of the image meanwhile.",
    )
    terms_until = models.DateTimeField(
        null=True, blank=True, help_text="Terms made later are not offered; empty: all are."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["image"],
                condition=models.Q(round="draw") & ~models.Q(state="dropped"),
                name="an_image_is_drawn_once",
            ),
            models.UniqueConstraint(
                fields=["image", "annotator", "round"],
                condition=~models.Q(state="dropped"),
                name="nobody_gets_the_same_work_twice",
            ),
            models.CheckConstraint(
                condition=models.Q(is_blind=False) | models.Q(round__in=["study", "names", "honeypot"]),
                name="only_hidden_work_is_blind",
            ),
        ]
        indexes = [
            models.Index(fields=["annotator", "state"], name="assignment_by_person_state"),
            models.Index(fields=["round", "annotator"], name="assignment_by_round_person"),
        ]

    def __str__(self) -> str:
        return f"{self.round} of image {self.image_id} by {self.annotator_id}"


class Review(models.Model):
    """A person's verdict on a submitted annotation."""

    class Verdict(models.TextChoices):
        ACCEPT = "accept", "Accepted"
        RETURN = "return", "Returned"
        REPLACE = "replace", "Replaced by a corrected map"

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=16, choices=Verdict)
    reason = models.TextField(blank=True)
    comments = models.JSONField(default=list, help_text="Ids of the comments that were open then.")
    revision_number = models.PositiveIntegerField()
    map_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verdict} of annotation {self.annotation_id} by {self.reviewer_id}"


class Comment(models.Model):
    """A remark on an annotation: on one entity, on a box or on the whole; or an answer to a remark."""

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="replies",
        help_text="The remark this answers; answers have no place and no answers of their own.",
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    number = models.PositiveIntegerField(null=True, blank=True, help_text="The entity it is about.")
    box = models.JSONField(null=True, blank=True, help_text="[x, y, width, height] px of the image.")
    text = models.TextField()
    revision_number = models.PositiveIntegerField(help_text="The revision its author was looking at.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True)
                | models.Q(number__isnull=True, box__isnull=True, resolved_at__isnull=True),
                name="an_answer_has_no_place_of_its_own",
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on annotation {self.annotation_id}"
