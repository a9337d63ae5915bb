"""The room's addresses, each behind the admin's own door."""

from django.contrib import admin
from django.urls import path

from recommendations.admin.room.views import action, room, run

urlpatterns = [
    path("", admin.site.admin_view(room), name="campaigns"),
    path("<slug:key>/", admin.site.admin_view(room), name="campaign"),
    path("<slug:key>/runs/<int:run_id>/", admin.site.admin_view(run), name="campaign-run"),
    path("<slug:key>/<slug:name>/", admin.site.admin_view(action), name="campaign-action"),
]
