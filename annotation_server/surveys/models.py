"""Surveys: what is asked about which pictures, who takes part, and every answer."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models


class Survey(models.Model):
    """People's opinion of sets of masks on images drawn with a seed; its pictures never change."""

    class Kind(models.TextChoices):
        SATISFACTION = "satisfaction", "Satisfaction, 0 to 10"
        PREFERENCE = "preference", "Preference, A or B"

    class State(models.TextChoices):
        PREPARING = "preparing", "Being prepared"
        READY = "ready", "Ready to open"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"
        FAILED = "failed", "Failed"

    project = models.ForeignKey("annotation_server.Project", on_delete=models.CASCADE, related_name="surveys")
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State, default=State.PREPARING)
    error = models.TextField(blank=True, help_text="Why it could not be prepared.")
    name = models.CharField(max_length=100, help_text="For the project; participants never see it.")
    title = models.CharField(max_length=100, blank=True, help_text="What participants read above.")
    definition = models.TextField(blank=True, help_text="What an entity is, told with every picture.")
    consent = models.TextField(blank=True, help_text="What participants agree to before they begin.")
    asks_name = models.BooleanField(default=False, help_text="Participants may say a name.")
    split = models.CharField(max_length=8, blank=True, help_text="Draw only images of this split.")
    size = models.PositiveIntegerField(help_text="Images asked for; there may be fewer.")
    seed = models.PositiveBigIntegerField(help_text="Of the draw of images.")
    secret = models.CharField(
        max_length=64, editable=False, help_text="Decides order and sides; told to nobody."
    )
    identical_checks = models.PositiveSmallIntegerField(default=0, help_text="Pairs of the same picture.")
    broken_checks = models.PositiveSmallIntegerField(default=0, help_text="Maps moved out of place.")
    allowed_failures = models.PositiveSmallIntegerField(
        default=1, help_text="Whoever fails more attention checks is left out of the results."
    )
    max_participants = models.PositiveIntegerField(default=200)
    sets = models.JSONField(default=list, help_text="[{kind, …}], in the order of their numbers.")
    inputs = models.JSONField(
        default=list, help_text="[{image, maps: [{annotation, revision, sha256}]}], fixed at preparation."
    )
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    images = models.PositiveIntegerField(default=0, help_text="Drawn; those of attention checks not counted.")
    request = models.OneToOneField(
        "annotation_server.Request", null=True, blank=True, on_delete=models.SET_NULL, related_name="survey"
    )
    link_digest = models.CharField(max_length=64, blank=True, editable=False, help_text="SHA-256 of the key.")
    link_expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="a_survey_name_once_per_project"),
            models.UniqueConstraint(
                fields=["link_digest"], condition=~models.Q(link_digest=""), name="a_survey_link_leads_to_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.project}"

    @property
    def folder(self) -> str:
        """Storage prefix of its pictures; nobody can guess it."""
        return f"surveys/{self.pk:06d}-{self.secret[-8:]}"

    def picture_key(self, image_id: int, side: str) -> str:
        """Storage key of one picture; ``side`` is a set's number, ``image`` or ``broken``."""
        return f"{self.folder}/{image_id}-{side}.jpg"


class SurveyItem(models.Model):
    """One thing a participant may be asked: an image under one set of masks, or under two."""

    class Role(models.TextChoices):
        REGULAR = "regular", "Counted"
        IDENTICAL = "identical", "Attention check: twice the same"
        BROKEN = "broken", "Attention check: moved out of place"

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="items")
    role = models.CharField(max_length=16, choices=Role, default=Role.REGULAR)
    image = models.ForeignKey(
        "annotation_server.Image", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    image_number = models.PositiveBigIntegerField(help_text="The image's id, kept when the image goes.")
    file_name = models.CharField(max_length=255, blank=True)
    width = models.PositiveIntegerField(help_text="px, of its pictures")
    height = models.PositiveIntegerField(help_text="px, of its pictures")
    first = models.PositiveSmallIntegerField(help_text="Number of the set shown, or of one of the two.")
    second = models.PositiveSmallIntegerField(
        null=True, help_text="The other set; empty where one picture is shown or the other is a check's."
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"item {self.pk} of survey {self.survey_id} ({self.role})"


class SurveyParticipant(models.Model):
    """Somebody who takes part: a member, or whoever holds the key in a browser's cookie."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="participants")
    number = models.PositiveIntegerField(help_text="Pseudonym: the how-manieth to begin.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_member = models.BooleanField(default=False)
    key_digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the cookie's key."
    )
    name = models.CharField(max_length=80, blank=True, help_text="As they call themselves, if asked.")
    joined_at = models.DateTimeField(auto_now_add=True, help_text="When they agreed to take part.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["survey", "number"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="a_participant_number_once"),
            models.UniqueConstraint(
                fields=["survey", "user"],
                condition=models.Q(user__isnull=False),
                name="a_member_takes_part_once",
            ),
            models.UniqueConstraint(
                fields=["key_digest"], condition=~models.Q(key_digest=""), name="a_participant_key_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pseudonym} of survey {self.survey_id}"

    @property
    def pseudonym(self) -> str:
        """What results call them."""
        return f"P{self.number:03d}"


class SurveyAnswer(models.Model):
    """What one participant says to one item; it may change until they have finished."""

    class Choice(models.TextChoices):
        FIRST = "first", "The first set"
        SECOND = "second", "The second set"
        SAME = "same", "No difference"

    participant = models.ForeignKey(SurveyParticipant, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(SurveyItem, on_delete=models.CASCADE, related_name="answers")
    score = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(10)])
    choice = models.CharField(max_length=8, choices=Choice, blank=True)
    first_was_left = models.BooleanField(null=True, help_text="Where the first set was shown.")
    comment = models.TextField(blank=True)
    spent_ms = models.PositiveIntegerField(default=0, help_text="The item was in front of them so long.")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "item"], name="one_answer_to_an_item"),
            models.CheckConstraint(
                condition=models.Q(score__isnull=False, score__lte=10, choice="")
                | models.Q(score__isnull=True) & ~models.Q(choice=""),
                name="an_answer_is_a_score_or_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return f"answer of {self.participant_id} to item {self.item_id}"
