from django.db.migrations.loader import MigrationLoader


def test_every_migration_has_a_way_back() -> None:
    loader = MigrationLoader(connection=None)

    one_way = [
        f"{app}.{name}: {type(operation).__name__}"
        for (app, name), migration in loader.disk_migrations.items()
        for operation in migration.operations
        if not operation.reversible
    ]

    assert len(loader.disk_migrations) > 60
    assert one_way == []
