"""What a part of an address may hold, where Django has no name for it."""

from django.urls import register_converter
from django.urls.converters import PathConverter

# By this name in addresses: any text, as a SKU may be, with slashes and a line's end in it.
ANYTHING = "anything"


class AnythingConverter(PathConverter):
    """Whatever stands there, to the end or to what must follow."""

    regex = r"[\s\S]+"


register_converter(AnythingConverter, ANYTHING)
