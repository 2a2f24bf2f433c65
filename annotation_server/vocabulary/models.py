"""Terms: names an entity may bear."""

import unicodedata

from django.conf import settings
from django.db import models


def normalised(name: str) -> str:
    """The form in which two spellings of a name are the same: NFKC, lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def searchable(name: str, aliases: list[str]) -> str:
    """A name and its aliases, normalised, one a line: what the database looks through."""
    return "\n".join(map(normalised, [name, *aliases]))


class Term(models.Model):
    """A name with its kind; `normal_name` is what uniqueness is about."""

    class Kind(models.TextChoices):
        THING = "thing", "Thing"
        STUFF = "stuff", "Stuff"
        UNDECIDED = "undecided", "Undecided"

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        PENDING = "pending", "Waiting for the curator"

    project = models.ForeignKey("annotation_server.Project", on_delete=models.CASCADE, related_name="terms")
    name = models.CharField(max_length=100)
    normal_name = models.CharField(max_length=100, editable=False)
    search_text = models.TextField(editable=False, default="", help_text="Name and aliases, normalised.")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.UNDECIDED)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    aliases = models.JSONField(default=list, blank=True)
    synset = models.CharField(max_length=100, blank=True)
    definition = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "normal_name"], name="a_term_once_per_project"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.normal_name = normalised(self.name)
        self.search_text = searchable(self.name, self.aliases)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
