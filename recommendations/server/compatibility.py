"""The page that says which of Amazon Personalize's operations are answered, and where the answers differ."""

from collections.abc import Iterator, Mapping

from recommendations.engine.recipes import RECIPES
from recommendations.server.recipes import DOMAIN_RECIPES, OTHER_NAMES
from recommendations.server.table import HANDLERS
from recommendations.server.wire.operations import SERVICES, Operation, all_operations

COMMAND = "manage.py personalize_compatibility"
# What a program that knows Amazon's service would be surprised by; by the subject it is about.
DIFFERENCES: Mapping[str, str] = {
    "anonymous shoppers": (
        "An event that carries a session id and a user id joins the session's history to the user's at once; Amazon "
        "does so at the next full training."
    ),
    "data locations": (
        "Imports read `s3://`, `https://`, `http://` and, as the one exception to Amazon's pattern, `file://`; only "
        "from below `PERSONALIZE_DATA_LOCATIONS`. A folder is all its `.csv` files."
    ),
    "recipes": (
        "HRNN, HRNN-Metadata and HRNN-Coldstart, which Amazon has withdrawn, can be trained. Domain recipes train the "
        "engine's recipe of the same kind, and Personalized-Ranking-v2 what Personalized-Ranking does. Without torch "
        "User-Personalization-v2 trains what User-Personalization does."
    ),
    "hyperparameters": (
        "Amazon's names, in `algorithmHyperParameters` or `featureTransformationParameters`, and more of the engine's "
        "own (DescribeAlgorithm lists both); an unknown name is refused when the solution is created. What no part of "
        "a recipe here has, such as `hidden_dimension` outside of HRNN, is checked, kept and passed over."
    ),
    "hyperparameter optimisation": (
        "Models with hyperparameters drawn from the ranges are compared with the solution's own on users that are held "
        "out, one after another: four of them, or `maxNumberOfTrainingJobs`. `hpoObjective` is passed over."
    ),
    "automatic training": (
        "Only where `performAutoTraining` is true, at once and then on its schedule; Amazon trains by itself unless it "
        "is false."
    ),
    "objectives": "`optimizationObjective` with an attribute is refused by name.",
    "columns left out of trainings": (
        "`excludedDatasetColumns` of Items and Users are left out; of Interactions nothing but the ids, the time, the "
        "type and the value is trained on anyway. `includedDatasetColumns` is refused by name."
    ),
    "scores": (
        "Shares of the scores of the best 500 items, where Amazon's are shares of the whole catalogue's; none where "
        "Amazon gives none."
    ),
    "rankings": "GetPersonalizedRanking also takes campaigns of USER_PERSONALIZATION recipes.",
    "impressions": (
        "Explicit and implicit ones make exploration show less of what nobody clicked on. A `recommendationId` stands "
        "for its list as long as that is one of the newest 20,000 of its group that held a new item."
    ),
    "new items": (
        "An item that is put counts in the next answers by what it is like: in lists of User-Personalization, in "
        "rankings and beside items of Similar-Items. Amazon takes new items up within two hours, in lists of "
        "User-Personalization alone."
    ),
    "context": "Taken and checked, and passed over: no recipe here learns from columns of context.",
    "ranking influence": "Refused by name.",
    "roles and keys": "Role and key ARNs are checked for their form and kept; nothing is read by a role or encrypted.",
    "throughput": "`minProvisionedTPS` is kept and described; every campaign is served as fast as the machine can.",
    "deleting": "What may be deleted is gone when the answer comes; nothing is ever DELETE IN_PROGRESS.",
    "account and region": "Every ARN has the region `local` and the account `000000000000`, whoever signs.",
    "signatures": (
        "Checked against `PERSONALIZE_ACCESS_KEYS`; with none set, any request is answered. Session tokens are signed "
        "over and not looked up."
    ),
}


def write_page() -> str:
    """Return the page in Markdown; the same code gives the same page."""
    return "\n".join([*_head(), *_operations(), *_recipes(), *_differences()]) + "\n"


def _head() -> Iterator[str]:
    offered = sum(name in HANDLERS for name in all_operations())
    yield "# Compatibility with Amazon Personalize"
    yield ""
    yield f"Written by `{COMMAND}` from the code; a test holds it to that."
    yield ""
    n_all = len(all_operations())
    yield f"`manage.py personalize` answers {offered} of the {n_all} operations of the three services,"
    yield "on one port; every other one is refused with `InvalidInputException`, naming itself. What goes in is"
    yield "checked against botocore's own models, patterns and maxima too, which boto3 leaves to the server; what goes"
    yield "out is held to them."


def _operations() -> Iterator[str]:
    for service, _ in SERVICES:
        operations = [each for each in all_operations().values() if each.service == service]
        yield ""
        yield f"## {service}"
        yield ""
        yield "| operation | answered |"
        yield "|---|---|"
        yield from (_row(each) for each in sorted(operations, key=lambda each: each.name))


def _row(operation: Operation) -> str:
    return f"| {operation.name} | {'yes' if operation.name in HANDLERS else 'no'} |"


def _recipes() -> Iterator[str]:
    yield ""
    yield "## Recipes"
    yield ""
    yield "| recipe | kind | what is trained |"
    yield "|---|---|---|"
    for recipe in RECIPES.values():
        yield f"| {recipe.name} | {recipe.kind} | {recipe.summary} |"
    for name, trained in OTHER_NAMES.items():
        yield f"| {name} | {RECIPES[trained].kind} | {trained} |"
    for domain in DOMAIN_RECIPES.values():
        only = f", on {domain.event_type} events" if domain.event_type else ""
        yield f"| {domain.name} | {domain.domain} | {domain.recipe}{only} |"


def _differences() -> Iterator[str]:
    yield ""
    yield "## Known differences"
    yield ""
    yield "| subject | here |"
    yield "|---|---|"
    for subject, told in DIFFERENCES.items():
        yield f"| {subject} | {told} |"
