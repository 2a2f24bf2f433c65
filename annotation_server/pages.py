"""The pages people see: thin shells that their ES modules fill from the API."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotation_server.accounts import login_attempts
from annotation_server.annotation.access import find_annotation
from annotation_server.annotation.models import Annotation
from annotation_server.consistency.models import Study
from annotation_server.errors import NotAllowed, NotFound, body_of
from annotation_server.evaluation.models import EvaluationComparison, EvaluationReport
from annotation_server.images.models import Image
from annotation_server.model_registry.register import ensure_starter
from annotation_server.permissions import RANK, role_in, visible_projects
from annotation_server.projects.models import Project, Role
from annotation_server.releases.models import Release
from annotation_server.surveys.api import visible_surveys
from annotation_server.surveys.models import Survey
from annotation_server.training.models import TrainingRun


class LogIn(LoginView):
    """The log-in form; after too many failures in a minute an address has to wait."""

    template_name = "login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := login_attempts.seconds_to_wait(request):
            form = self.get_form_class()(request)
            return self.render_to_response(self.get_context_data(form=form, wait=wait), status=429)
        return super().post(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        """To one's queue; whoever reviews, curates or administers somewhere comes to the projects."""
        user = self.request.user
        memberships = user.memberships.all() if user.is_authenticated else []
        only_annotates = bool(memberships) and all(row.role == Role.ANNOTATOR for row in memberships)
        return "/queue" if only_annotates else super().get_default_redirect_url()

    def form_invalid(self, form: Any) -> HttpResponse:
        login_attempts.note_failure(self.request)
        return super().form_invalid(form)


@require_safe
@login_required
def projects(request: HttpRequest) -> HttpResponse:
    """The list of one's projects."""
    return render(request, "projects.html")


@require_safe
@login_required
def my_queue(request: HttpRequest) -> HttpResponse:
    """What waits for one across projects."""
    return render(request, "queue.html")


@require_safe
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's API tokens."""
    return render(request, "tokens.html")


@require_safe
@login_required
def dashboard(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's figures over time."""
    return _project_page(request, _project(request, project_id), "dashboard")


@require_safe
@login_required
def long_work(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's requests: what goes on, what went before, and calling it off."""
    return _project_page(request, _project(request, project_id), "long_work")


@require_safe
@login_required
def images(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's images, its progress and the way to the next piece of work."""
    return _project_page(request, _project(request, project_id), "images")


@require_safe
@login_required
def image(request: HttpRequest, image_id: int) -> HttpResponse:
    """One image: what is known about it and who has annotated it."""
    found = get_object_or_404(
        Image.objects.select_related("project"), pk=image_id, project__in=visible_projects(request.user)
    )
    return _project_page(request, found.project, "image", image=found)


@require_safe
@login_required
def releases(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's releases."""
    return _project_page(request, _project(request, project_id), "releases")


@require_safe
@login_required
def release(request: HttpRequest, project_id: int, release_id: int) -> HttpResponse:
    """One release: statistics, digests, files."""
    project = _project(request, project_id)
    found = get_object_or_404(Release, pk=release_id, project=project)
    return _project_page(request, project, "release", release=found)


@require_safe
@login_required
def models(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's model versions and training runs; of a fresh installation the shipped ones."""
    ensure_starter()
    return _project_page(request, _project(request, project_id), "models")


@require_safe
@login_required
def training_run(request: HttpRequest, project_id: int, run_id: int) -> HttpResponse:
    """One training run: what it learned from, its curves, the verdict."""
    project = _project(request, project_id)
    found = get_object_or_404(TrainingRun, pk=run_id, project=project)
    return _project_page(request, project, "training_run", run=found)


@require_safe
@login_required
def evaluation_reports(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's evaluation reports."""
    return _measures_page(request, _project(request, project_id), "evaluation_reports", "evaluation")


@require_safe
@login_required
def evaluation_report(request: HttpRequest, project_id: int, report_id: int) -> HttpResponse:
    """One evaluation report: figures, curves, images."""
    project = _project(request, project_id)
    _refuse_below_reviewer(request, project)
    found = get_object_or_404(EvaluationReport, pk=report_id, project=project)
    return _measures_page(request, project, "evaluation_report", "evaluation", report=found)


@require_safe
@login_required
def evaluation_comparison(request: HttpRequest, project_id: int, comparison_id: int) -> HttpResponse:
    """Two evaluation reports beside each other."""
    project = _project(request, project_id)
    _refuse_below_reviewer(request, project)
    found = get_object_or_404(EvaluationComparison, pk=comparison_id, project=project)
    return _measures_page(request, project, "evaluation_comparison", "evaluation", comparison=found)


@require_safe
@login_required
def studies(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's consistency studies; its annotators must not know of them."""
    project = _project(request, project_id)
    _require_reviewer(request, project)
    return _measures_page(request, project, "studies", "consistency")


@require_safe
@login_required
def study(request: HttpRequest, project_id: int, study_id: int) -> HttpResponse:
    """One consistency study: its protocol, how far it is, its report."""
    project = _project(request, project_id)
    _require_reviewer(request, project)
    found = get_object_or_404(Study, pk=study_id, project=project)
    return _measures_page(request, project, "study", "consistency", study=found)


@require_safe
@login_required
def surveys(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's surveys."""
    return _measures_page(request, _project(request, project_id), "surveys", "surveys")


@require_safe
@login_required
def survey(request: HttpRequest, project_id: int, survey_id: int) -> HttpResponse:
    """One survey: its link, who has answered, and what they say."""
    project = _project(request, project_id)
    if RANK[_role(request, project)] < RANK[Role.REVIEWER]:
        raise PermissionDenied(_("Only reviewers, curators and admins of this project see results."))
    found = get_object_or_404(Survey, pk=survey_id, project=project)
    return _measures_page(request, project, "survey", "surveys", survey=found)


@require_safe
@login_required
def survey_part(request: HttpRequest, project_id: int, survey_id: int) -> HttpResponse:
    """Taking part in a survey, as a member."""
    project = _project(request, project_id)
    found = get_object_or_404(visible_surveys(request.user), pk=survey_id, project=project)
    return render(request, "survey_part.html", {"survey": found, "project": project})


@require_safe
@login_required
def quality(request: HttpRequest, project_id: int) -> HttpResponse:
    """How a project's annotators do."""
    return _measures_page(request, _project(request, project_id), "quality", "quality")


@require_safe
@login_required
def vocabulary(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project's terms."""
    return _project_page(request, _project(request, project_id), "vocabulary")


@require_safe
@login_required
def members(request: HttpRequest, project_id: int) -> HttpResponse:
    """Who works in a project, in which role."""
    return _project_page(request, _project(request, project_id), "members")


@require_safe
@login_required
def annotate(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """The mask editor; the API says whether this person may edit or only look."""
    annotation = _annotation(request, annotation_id)
    return _project_page(request, annotation.image.project, "annotate", annotation=annotation)


@require_safe
@login_required
def review(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """The reviewer's view of an annotation; its annotator sees there what a reviewer's map has changed."""
    annotation = _annotation(request, annotation_id)
    project = annotation.image.project
    is_replaced = annotation.state == Annotation.State.REPLACED
    if RANK[_role(request, project)] < RANK[Role.REVIEWER] and not is_replaced:
        raise PermissionDenied(_("Only reviewers, curators and admins of this project review annotations."))
    return _project_page(request, project, "review", annotation=annotation)


def _project(request: HttpRequest, project_id: int) -> Project:
    """The project, if the person may know of it; otherwise 404."""
    return get_object_or_404(visible_projects(request.user), pk=project_id)


def _annotation(request: HttpRequest, annotation_id: int) -> Annotation:
    """The annotation, if the person may see it; otherwise 404 for strangers, 403 for members."""
    try:
        return find_annotation(request.user, annotation_id)
    except NotFound as refusal:
        raise Http404(refusal.sentence) from None
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.sentence) from None


def _role(request: HttpRequest, project: Project) -> Role:
    role = role_in(request.user, project.pk)
    if role is None:
        raise Http404(_("You are not a member of this project."))
    return role


def _refuse_below_reviewer(request: HttpRequest, project: Project) -> None:
    if RANK[_role(request, project)] < RANK[Role.REVIEWER]:
        raise PermissionDenied(_("Evaluation reports are for reviewers, curators and admins."))


def _require_reviewer(request: HttpRequest, project: Project) -> None:
    if RANK[_role(request, project)] < RANK[Role.REVIEWER]:
        raise PermissionDenied(_("Only reviewers, curators and admins of this project see its studies."))


def _project_page(request: HttpRequest, project: Project, page: str, **context: Any) -> HttpResponse:
    """The shell of one page of a project, with the person's role in it."""
    rank = RANK[_role(request, project)]
    return render(
        request,
        f"{page}.html",
        {
            "project": project,
            "page": page,
            "role": _role(request, project),
            "can_review": rank >= RANK[Role.REVIEWER],
            "can_curate": rank >= RANK[Role.CURATOR],
            "can_administer": rank >= RANK[Role.ADMIN],
            **context,
        },
    )


def _measures_page(
    request: HttpRequest, project: Project, page: str, part: str, **context: Any
) -> HttpResponse:
    """A page among a project's measures; ``part`` is its tab in the second row."""
    return _project_page(request, project, page, section="measures", part=part, **context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, as a page or in the API's error shape."""
    return _failure(request, 400, "bad_request", _("The server could not read this request."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, as a page or in the API's error shape."""
    sentence = str(exception) or _("Your role does not allow this. An admin of the project can change it.")
    return _failure(request, 403, "not_allowed", sentence)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, as a page or in the API's error shape."""
    return _failure(
        request, 404, "not_found", _("There is no such page, or you are not a member of its project.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 after a form whose CSRF token is missing or old."""
    sentence = _("This form is too old, or cookies are blocked. Go back, reload the page and try again.")
    return _failure(request, 403, "csrf_failed", sentence, template="403_csrf.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says so without touching database or session, since either may be what failed."""
    sentence = _("Something went wrong on our side. What you saved is safe; try again in a moment.")
    if _is_api(request):
        return JsonResponse(body_of(sentence, "server_error"), status=500)
    return HttpResponse(render_to_string("500.html"), status=500)


def _failure(
    request: HttpRequest, status: int, code: str, sentence: str, *, template: str = ""
) -> HttpResponse:
    if _is_api(request):
        return JsonResponse(body_of(sentence, code), status=status)
    return render(request, template or f"{status}.html", {"sentence": sentence}, status=status)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


urlpatterns = [
    path("login", LogIn.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("", projects, name="projects"),
    path("queue", my_queue, name="queue"),
    path("tokens", tokens, name="tokens"),
    path("projects/<int:project_id>", images, name="images"),
    path("projects/<int:project_id>/dashboard", dashboard, name="dashboard"),
    path("projects/<int:project_id>/work", long_work, name="long_work"),
    path("projects/<int:project_id>/releases", releases, name="releases"),
    path("projects/<int:project_id>/releases/<int:release_id>", release, name="release"),
    path("projects/<int:project_id>/models", models, name="models"),
    path("projects/<int:project_id>/training-runs/<int:run_id>", training_run, name="training_run"),
    path("projects/<int:project_id>/evaluation", evaluation_reports, name="evaluation_reports"),
    path("projects/<int:project_id>/evaluation/<int:report_id>", evaluation_report, name="evaluation_report"),
    path(
        "projects/<int:project_id>/evaluation/comparisons/<int:comparison_id>",
        evaluation_comparison,
        name="evaluation_comparison",
    ),
    path("projects/<int:project_id>/studies", studies, name="studies"),
    path("projects/<int:project_id>/studies/<int:study_id>", study, name="study"),
    path("projects/<int:project_id>/surveys", surveys, name="surveys"),
    path("projects/<int:project_id>/surveys/<int:survey_id>", survey, name="survey_results"),
    path("projects/<int:project_id>/surveys/<int:survey_id>/part", survey_part, name="survey_part"),
    path("projects/<int:project_id>/quality", quality, name="quality"),
    path("projects/<int:project_id>/vocabulary", vocabulary, name="vocabulary"),
    path("projects/<int:project_id>/members", members, name="members"),
    path("images/<int:image_id>", image, name="image"),
    path("annotate/<int:annotation_id>", annotate, name="annotate"),
    path("review/<int:annotation_id>", review, name="review"),
]
