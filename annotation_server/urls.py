"""Every address, in the order data comes to be."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from annotation_server import pages
from annotation_server.accounts import api as accounts
from annotation_server.annotation import api as annotation
from annotation_server.annotation import assign_api as assignments
from annotation_server.annotation import candidates_api as candidates
from annotation_server.annotation import naming_api as naming
from annotation_server.annotation import overlay_api as overlays
from annotation_server.annotation import proposals_api as proposals
from annotation_server.annotation import review_api as review
from annotation_server.consistency import api as studies
from annotation_server.consistency import live_agreement
from annotation_server.consistency import report_api as study_reports
from annotation_server.evaluation import api as evaluation
from annotation_server.evaluation import comparison_api as evaluation_comparisons
from annotation_server.evaluation import file_api as evaluation_files
from annotation_server.evaluation import image_api as evaluation_images
from annotation_server.evaluation import upload_api as evaluation_uploads
from annotation_server.health import healthz
from annotation_server.images import api as images
from annotation_server.model_registry import api as model_registry
from annotation_server.model_registry import import_api as model_imports
from annotation_server.model_registry import weights_api as model_weights
from annotation_server.projects import api as projects
from annotation_server.quality import api as quality
from annotation_server.quality import honeypot_api as honeypots
from annotation_server.releases import api as releases
from annotation_server.requests import api as requests
from annotation_server.requests import question_api as questions
from annotation_server.surveys import api as surveys
from annotation_server.surveys import participant_api as survey_participants
from annotation_server.surveys import participant_page as survey_page
from annotation_server.training import api as training
from annotation_server.training import champion_api as champions
from annotation_server.translations import browser as translations
from annotation_server.vocabulary import api as vocabulary
from annotation_server.vocabulary.start import start_project
from annotation_server.work import api as work

api_v1: list[URLPattern | URLResolver] = [
    *accounts.urlpatterns,
    *projects.urlpatterns(start_project),
    *requests.urlpatterns,
    *questions.urlpatterns,
    *images.urlpatterns,
    *model_registry.urlpatterns,
    *model_weights.urlpatterns,
    *model_imports.urlpatterns,
    *vocabulary.urlpatterns,
    *annotation.urlpatterns,
    *assignments.urlpatterns,
    *overlays.urlpatterns,
    *candidates.urlpatterns,
    *proposals.urlpatterns,
    *naming.urlpatterns,
    *review.urlpatterns,
    *work.urlpatterns,
    *releases.urlpatterns,
    *studies.urlpatterns,
    *study_reports.urlpatterns,
    *live_agreement.urlpatterns,
    *surveys.urlpatterns,
    *survey_participants.urlpatterns,
    *evaluation.urlpatterns,
    *evaluation_images.urlpatterns,
    *evaluation_files.urlpatterns,
    *evaluation_comparisons.urlpatterns,
    *evaluation_uploads.urlpatterns,
    *champions.urlpatterns,
    *training.urlpatterns,
    *quality.urlpatterns,
    *honeypots.urlpatterns,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api_v1)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("healthz", healthz),
    *translations.urlpatterns,
    *pages.urlpatterns,
    *survey_page.urlpatterns,
    path("admin/", admin.site.urls),
]

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.page_not_found
handler500 = pages.server_error
