import re

import pytest
from django.test import Client

from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


def test_index_of_the_admin_names_its_groups_in_the_shops_words() -> None:
    staff = Client()
    staff.force_login(make_user(is_staff=True, is_superuser=True))

    page = staff.get("/admin/").content.decode()

    groups = re.findall(r'<a href="/admin/\w+/" class="section"[^>]*>([^<]+)</a>', page)
    assert groups == [
        "Accounts",
        "API tokens",
        "Experiments",
        "Feature switches",
        "Mail about orders",
        "Market",
        "Recommendations",
        "Rights of staff",
        "Sign-in refusals",
    ]
    assert ">API tokens</a>" in page.split('class="app-access')[1].split("</table>")[0].partition("</caption>")[2]
    assert "/admin/axes/accessattempt/" in page
    assert "/admin/axes/accesslog/" not in page
