"""Every address, in the order data comes to be."""

from django.contrib import admin
from django.urls import path

from annotation_server import pages

urlpatterns = [*pages.urlpatterns, path("admin/", admin.site.urls)]

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.page_not_found
handler500 = pages.server_error
