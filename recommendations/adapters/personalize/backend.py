"""Amazon Personalize, or a server that speaks its protocol: control plane, runtime and event sink in one value."""

from recommendations.adapters.paid import PaidControlPlane
from recommendations.adapters.personalize.control import PersonalizeControlPlane
from recommendations.adapters.personalize.events import PersonalizeEventSink
from recommendations.adapters.personalize.runtime import PersonalizeRuntime
from recommendations.ports import Backend

PERSONALIZE = Backend(
    name="personalize",
    control=PaidControlPlane(PersonalizeControlPlane()),
    runtime=PersonalizeRuntime(),
    events=PersonalizeEventSink(),
    bills=True,
    measures=True,
)
