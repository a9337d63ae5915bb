"""The API described for people, from the same schema that machines read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """The page; whoever is signed in tries the API as themselves, with the page's CSRF token."""
    return render(request, "api/index.html")
