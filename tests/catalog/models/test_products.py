import pytest
from django.db import IntegrityError, transaction

from catalog.models import Product
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("attributes", ["red", ["red"], 7, True])
def test_database_takes_only_attributes_with_names(attributes: object) -> None:
    product = make_product(attributes={"colour": "red"})

    with pytest.raises(IntegrityError, match="product_attributes_named"), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(attributes=attributes)

    product.refresh_from_db()
    assert product.attributes == {"colour": "red"}
