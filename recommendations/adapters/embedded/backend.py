"""The embedded backend: control plane, runtime and event sink in one value."""

from recommendations.adapters.embedded.control import EmbeddedControlPlane
from recommendations.adapters.embedded.events import EmbeddedEventSink
from recommendations.adapters.embedded.runtime import EmbeddedRuntime
from recommendations.ports import Backend

RUNTIME = EmbeddedRuntime()
EMBEDDED = Backend(name="embedded", control=EmbeddedControlPlane(), runtime=RUNTIME, events=EmbeddedEventSink())
