"""How often one address may try links and join: links are meant for people."""

from annotation_server.rate_limits import ByAddress


class Visiting(ByAddress):
    """Every request by a link; a class of forty behind one address answers a picture every few seconds."""

    scope = "survey_visit"
    rate = "3000/min"


class Joining(ByAddress):
    """New participants."""

    scope = "survey_join"
    rate = "600/hour"


class UnknownLinks(ByAddress):
    """Links that lead nowhere."""

    scope = "survey_unknown"
    rate = "30/min"
