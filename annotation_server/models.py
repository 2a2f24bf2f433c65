"""Every table, in the order data comes to be."""

# ruff: noqa: I001

from annotation_server.accounts.models import ApiToken as ApiToken
from annotation_server.accounts.models import User as User
from annotation_server.audit import AuditEvent as AuditEvent
from annotation_server.projects.models import Membership as Membership
from annotation_server.projects.models import Project as Project
from annotation_server.requests.models import Job as Job
from annotation_server.requests.models import Question as Question
from annotation_server.requests.models import Request as Request
from annotation_server.images.models import Image as Image
from annotation_server.vocabulary.models import Term as Term
from annotation_server.model_registry.models import ModelVersion as ModelVersion
from annotation_server.annotation.models import Annotation as Annotation
from annotation_server.annotation.models import Assignment as Assignment
from annotation_server.annotation.models import Comment as Comment
from annotation_server.annotation.models import LabelMap as LabelMap
from annotation_server.annotation.models import Mask as Mask
from annotation_server.annotation.models import RejectedProposal as RejectedProposal
from annotation_server.annotation.models import Review as Review
from annotation_server.annotation.models import Revision as Revision
from annotation_server.annotation.models import Tile as Tile
from annotation_server.annotation.seen import Sight as Sight
from annotation_server.annotation.submission import Submission as Submission
from annotation_server.annotation.vector_models import MaskVectors as MaskVectors
from annotation_server.annotation.vector_models import TermVectors as TermVectors
from annotation_server.consistency.models import Study as Study
from annotation_server.consistency.models import StudyImage as StudyImage
from annotation_server.consistency.models import StudyPart as StudyPart
from annotation_server.releases.models import Release as Release
from annotation_server.evaluation.models import EvaluationComparison as EvaluationComparison
from annotation_server.evaluation.models import EvaluationReport as EvaluationReport
from annotation_server.evaluation.models import EvaluationUpload as EvaluationUpload
from annotation_server.training.models import ChampionChange as ChampionChange
from annotation_server.training.models import TrainingRun as TrainingRun
from annotation_server.surveys.models import Survey as Survey
from annotation_server.surveys.models import SurveyAnswer as SurveyAnswer
from annotation_server.surveys.models import SurveyItem as SurveyItem
from annotation_server.surveys.models import SurveyParticipant as SurveyParticipant
from annotation_server.quality.models import AnnotatorDay as AnnotatorDay
from annotation_server.quality.models import Limits as Limits
from annotation_server.quality.models import Alarm as Alarm
from annotation_server.quality.models import HoneypotPolicy as HoneypotPolicy
from annotation_server.quality.models import Honeypot as Honeypot
from annotation_server.quality.models import HoneypotResult as HoneypotResult
