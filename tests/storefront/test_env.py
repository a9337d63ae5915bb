"""A wrong environment stops the start, and every fault is listed."""

from pathlib import Path

import pytest

from storefront.env import LOOPBACK, Environment, EnvironmentFault, read_environment


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "ALLOWED_HOSTS",
        "PRODUCTION",
        "PORT",
        "WORLD",
    ):
        monkeypatch.delenv(name, raising=False)


def test_environment_defaults_suit_development() -> None:
    environment = read_environment()

    assert not environment.production
    assert environment.world == "demo"
    assert environment.port == 8000


def test_environment_lists_every_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("WORLD", "../escape")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///db")

    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    assert all(name in str(fault.value) for name in ("PORT", "WORLD", "DATABASE_URL"))


def test_production_refuses_the_development_key_and_the_bundled_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION", "true")

    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    assert all(name in str(fault.value) for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"))


def test_hosts_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "shop.example, www.shop.example")

    assert read_environment().allowed_hosts == ("shop.example", "www.shop.example")


def test_mail_leads_to_the_shop_as_it_is_named_and_to_its_first_host_otherwise(
    monkeypatch: pytest.MonkeyPatch, production: None
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", ".shop.example,www.shop.example")
    by_host = read_environment().origin
    monkeypatch.setenv("SHOP_URL", "https://kerb.example:8443")
    by_name = read_environment().origin

    monkeypatch.setenv("SHOP_URL", "kerb.example/shop")
    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    assert (by_host, by_name) == ("https://shop.example", "https://kerb.example:8443")
    assert "SHOP_URL" in str(fault.value)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION", "true")
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    monkeypatch.setenv("ALLOWED_HOSTS", "shop.example")
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop:secret@db/shop")
    monkeypatch.setenv("REDIS_URL", "redis://valkey:6379")


def test_production_lists_each_fault_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION", "true")

    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    named = [line.split(":")[0].strip() for line in str(fault.value).splitlines()[1:]]
    assert named == ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"]


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("hosts", [None, "", ","])
def test_production_refuses_to_start_without_hosts(monkeypatch: pytest.MonkeyPatch, hosts: str | None) -> None:
    monkeypatch.delenv("ALLOWED_HOSTS")
    if hosts is not None:
        monkeypatch.setenv("ALLOWED_HOSTS", hosts)

    with pytest.raises(EnvironmentFault, match="ALLOWED_HOSTS: set the shop's host names"):
        read_environment()


@pytest.mark.usefixtures("production")
def test_key_file_holds_the_key_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("f" * 40 + "\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    environment = read_environment()

    (tmp_path / "key").unlink()
    assert environment.signing_key == "f" * 40
    assert "f" * 40 not in repr(environment)


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("held", [b"", b"short", b" " * 40, b"\xff" * 40, None])
def test_key_file_that_holds_no_key_is_a_listed_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: bytes | None
) -> None:
    if held is not None:
        (tmp_path / "key").write_bytes(held)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("PORT", "eighty")

    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    listed = str(fault.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in listed] == ["SECRET_KEY_FILE", "PORT"]
    assert "key" in listed[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_TOKEN", "short"),
        ("METRICS_ALLOWED", "10.0.0.0/8,nonsense"),
        ("ALARM_EMAILS", "ops@example.com,nobody"),
        ("ALARM_WEBHOOK_URL", "http://hooks.example.com/x"),
        ("ALARM_WEBHOOK_URL", "http://localhost@example.com/x"),
        ("EMAIL_URL", "pigeon://roof"),
        ("LOG_FORMAT", "xml"),
        ("ALARM_FALLBACK_SHARE", "20"),
        ("EVENT_STREAM_URL", "kafka://events"),
        ("EVENT_STREAM_URL", "kinesis://eu-central-1/events"),
        ("ARCHIVE_URL", "file://relative/folder"),
        ("ARCHIVE_URL", "s3://UPPER/folder"),
        ("RETRAIN_FROM", "nowhere"),
        ("RETRAIN_FROM", "archive"),
    ],
)
def test_wrong_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(EnvironmentFault, match=name):
        read_environment()


def test_metrics_are_for_this_machine_in_development_and_for_nobody_in_production() -> None:
    production = Environment(
        production=True,
        secret_key="k" * 40,
        allowed_hosts=("shop.example.com",),
        database_url="postgresql://a@b/c",
        redis_url="redis://v",
    )

    assert production.metrics_networks == ()
    assert production.log_as_json
    assert Environment().metrics_networks == LOOPBACK
    assert not Environment().log_as_json


def test_environment_of_half_a_backend_names_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMENDER_BACKEND", "personalize")
    for name in ("PERSONALIZE_ROLE_ARN", "PERSONALIZE_BUCKET"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(EnvironmentFault) as caught:
        read_environment()

    assert "PERSONALIZE_ROLE_ARN: RECOMMENDER_BACKEND=personalize needs it" in str(caught.value)
    assert "PERSONALIZE_BUCKET: RECOMMENDER_BACKEND=personalize needs it" in str(caught.value)


def test_environment_of_a_whole_backend_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMENDER_BACKEND", "personalize")
    monkeypatch.setenv("PERSONALIZE_ROLE_ARN", "arn:aws:iam::123456789012:role/personalize-reads-s3")
    monkeypatch.setenv("PERSONALIZE_BUCKET", "s3://shop-data/personalize")

    environment = read_environment()

    assert environment.recommender_backend == "personalize"
    assert (environment.personalize_recipe, environment.personalize_min_tps) == ("aws-user-personalization", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECOMMENDER_BACKEND", "sagemaker"),
        ("PERSONALIZE_ROLE_ARN", "role/personalize"),
        ("PERSONALIZE_BUCKET", "shop-data/personalize"),
        ("PERSONALIZE_RECIPE", "arn:aws:personalize:::recipe/aws-sims"),
        ("PERSONALIZE_MIN_TPS", "0"),
    ],
)
def test_environment_refuses_a_wrong_value_for_personalize(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(EnvironmentFault, match=name):
        read_environment()
