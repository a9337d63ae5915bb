"""CreateModel for a table that PostgreSQL partitions by range of its UUIDv7 primary key."""

from typing import Any

from django.db.migrations.operations import CreateModel


class CreatePartitionedModel(CreateModel):
    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        plain = schema_editor.sql_create_table
        key = to_state.models[app_label, self.name_lower].fields
        column = next(name for name, field in key.items() if field.primary_key)
        schema_editor.sql_create_table = f'{plain} PARTITION BY RANGE ("{column}")'
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain

    def describe(self) -> str:
        return f"Create partitioned model {self.name}"
