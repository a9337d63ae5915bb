import re

import pytest
from django.test import Client
from django.utils.safestring import mark_safe

from storefront.templatetags.admin_lists import labelled
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product


def test_labelled_names_the_column_in_each_cell_and_escapes_it() -> None:
    headers = [
        {"text": "<input>", "class_attrib": ' class="action-checkbox-column"'},
        {"text": 'bought "now"', "class_attrib": ' class="column-bought"'},
    ]
    cells = [
        mark_safe('<td class="action-checkbox"><input></td>'),
        mark_safe('<th class="field-bought"><a href="1/">7</a></th>'),
        mark_safe("<td>hidden</td>"),
    ]

    told = list(labelled(cells, headers))

    assert told == [
        '<td class="action-checkbox"><input></td>',
        '<th data-label="Bought &quot;now&quot;" class="field-bought"><a href="1/">7</a></th>',
        "<td>hidden</td>",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("model", ["product", "category"])
def test_list_of_the_admin_labels_its_cells_with_its_columns_names(model: str) -> None:
    make_product()
    staff = Client()
    staff.force_login(make_user(is_staff=True, is_superuser=True))

    page = staff.get(f"/admin/catalog/{model}/").content.decode()

    head, _, body = page.partition("<tbody>")
    columns = re.findall(r'<div class="text"><(?:a|span)[^>]*>([^<]+)<', head)
    assert re.findall(r'data-label="([^"]+)"', body) == columns
    assert len(columns) > 2
