"""The bundled PostgreSQL and Valkey: started for whoever needs them, stopped by the last one out."""

from storefront.embedded.errors import EmbeddedServerError
from storefront.embedded.leases import Lease, Servers, addresses, ensure_running

__all__ = ["EmbeddedServerError", "Lease", "Servers", "addresses", "ensure_running"]
