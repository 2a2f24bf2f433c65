"""Template tags about the pages' ES modules."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from annotation_server.module_graph import modules_of

register = template.Library()


@register.simple_tag
def preload_modules(*entries: str) -> SafeString:
    """A `modulepreload` link for each of a page's modules and for everything that they import."""
    links = ((static(path),) for path in modules_of(settings.FRONTEND_DIR, *entries))
    return format_html_join("\n  ", '<link rel="modulepreload" href="{}">', links)
