"""Two people and one image over HTTP: drawn, refused, completed, named, returned, corrected, accepted."""

from annotation_server.annotation.models import Annotation
from annotation_server.audit import AuditEvent
from tests.annotation.editor import Editor, disc


def test_from_the_next_image_to_an_accepted_annotation(project, anna, rita, make_image, client_of):
    make_image(project, 700, 600)
    annas, ritas = client_of(anna), client_of(rita)

    work = annas.post("/api/v1/assignments/next", {"project": project.pk}, format="json").json()
    annotation = Annotation.objects.get(pk=work["annotation"])
    tab = Editor(annas, annotation)
    assert tab.lease == work["lease"]

    ground = tab.new_entity(colour=1)
    tab.pixels[300:] = ground.number
    tab.save(ground)
    tree = tab.new_entity(colour=2)
    disc(tab.pixels, 350, 300, 120, tree.number)
    tab.save(tree)

    def submit(**body):
        return annas.post(f"{tab.url}/submit", {"lease": tab.lease, **body}, format="json")

    refused = submit()
    assert (refused.status_code, refused.json()["code"]) == (409, "coverage")
    gap = refused.json()["gaps"][0]
    sky = tab.new_entity(colour=3)
    tab.pixels[tab.pixels == 0] = sky.number
    assert tab.pixels[gap["point"][1], gap["point"][0]] == sky.number
    assert tab.save(sky)["coverage"] == 1

    refused = submit()
    assert refused.json()["code"] == "unnamed"
    assert set(refused.json()["numbers"]) == {ground.number, tree.number, sky.number}
    names = {ground.number: "lawn", tree.number: "willow", sky.number: "sky"}
    changes = []
    for number, name in names.items():
        found = annas.post("/api/v1/terms", {"project": project.pk, "name": name}, format="json").json()
        changes.append(tab.change(number, term=found["id"], raw_name=name))
    tab.save(*changes)
    assert project.terms.get(name="willow").status == "pending"
    assert submit().json()["state"] == "submitted"

    tab.pixels[0, 0] = tree.number
    assert tab.post(tab.transaction()).json()["code"] == "frozen"
    assert annas.post(f"{tab.url}/review", {"verdict": "accept"}, format="json").status_code == 403
    back = ritas.post(
        f"{tab.url}/review", {"verdict": "return", "reason": "The tree has a trunk."}, format="json"
    )
    assert back.json()["state"] == "returned"

    again = annas.post("/api/v1/assignments/next", {"project": project.pk}, format="json").json()
    assert again["annotation"] == annotation.pk
    tab.lease = again["lease"]
    tab.load()
    tab.pixels[300:550, 340:360] = tree.number
    tab.save()
    submit()
    accepted = ritas.post(f"{tab.url}/review", {"verdict": "accept"}, format="json").json()
    assert (accepted["state"], accepted["coverage"]) == ("accepted", 1)

    masks = ritas.get(f"{tab.url}/masks").json()["results"]
    named = {mask["raw_name"]: mask["term_name"] for mask in masks}
    assert named == {"lawn": "grass", "willow": "willow", "sky": "sky"}
    assert {mask["provenance"] for mask in masks} == {"human"}
    assert sum(mask["area"] for mask in masks) == 700 * 600
    verbs = [event.verb for event in AuditEvent.objects.order_by("id")]
    assert verbs == [
        "term.propose",
        "annotation.submit",
        "annotation.return",
        "annotation.submit",
        "annotation.accept",
    ]
