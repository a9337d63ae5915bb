"""The whole of Amazon Personalize by boto3, from schemas to deletion; runs on AWS and on `manage.py personalize`.

    python docs/personalize_tutorial.py s3://my-bucket/shop arn:aws:iam::123456789012:role/PersonalizeRole

The location holds interactions.csv (USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE) and items.csv (ITEM_ID, GENRE, PRICE);
docs/personalize_sample.py writes such files.
"""

import json
import sys
import time

import boto3

if len(sys.argv) != 3:
    sys.exit("Name where the data lie, and the role that may read them: s3://my-bucket/shop arn:aws:iam::...")
LOCATION, ROLE = sys.argv[1].rstrip("/"), sys.argv[2]
# Names of this run's own, so that one which broke off stands in nobody's way.
RUN = f"tutorial-{int(time.time())}"
RECIPES = {"for-you": "aws-user-personalization", "ranking": "aws-personalized-ranking"}
POLL_S = 0.5
personalize = boto3.client("personalize")
runtime = boto3.client("personalize-runtime")
events = boto3.client("personalize-events")


def create_schema(kind, fields):
    schema = {"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema", "version": "1.0"}
    text = json.dumps({**schema, "fields": fields})
    return personalize.create_schema(name=f"{RUN}-{kind.lower()}", schema=text)["schemaArn"]


def wait_until_active(describe, member, **arn):
    while True:
        described = describe(**arn)[member]
        if described["status"] == "ACTIVE":
            return described
        if "FAILED" in described["status"]:
            raise RuntimeError(f"{arn}: {described['failureReason']}")
        time.sleep(POLL_S)


def items_of(answer, member="itemList"):
    return [item["itemId"] for item in answer[member]]


# 1. Data: a schema and a dataset of each kind, in a dataset group of our own.
keys = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}]
interactions_schema = create_schema(
    "Interactions", [*keys, {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}]
)
genre = {"name": "GENRE", "type": ["null", "string"], "categorical": True}
items_schema = create_schema("Items", [keys[1], genre, {"name": "PRICE", "type": "float"}])
group = personalize.create_dataset_group(name=RUN)["datasetGroupArn"]
wait_until_active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group)
datasets = {}
for kind, schema in (("Interactions", interactions_schema), ("Items", items_schema)):
    name = f"{RUN}-{kind.lower()}"
    dataset = personalize.create_dataset(name=name, schemaArn=schema, datasetGroupArn=group, datasetType=kind)
    datasets[kind] = dataset["datasetArn"]
    wait_until_active(personalize.describe_dataset, "dataset", datasetArn=datasets[kind])
    job = personalize.create_dataset_import_job(
        jobName=name,
        datasetArn=datasets[kind],
        dataSource={"dataLocation": f"{LOCATION}/{kind.lower()}.csv"},
        roleArn=ROLE,
    )["datasetImportJobArn"]
    wait_until_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=job)
    print(f"Imported {kind.lower()}.")

# 2. Two solutions, one training of each, and how good those are.
solutions, versions = {}, {}
for name, recipe in RECIPES.items():
    recipe_arn = f"arn:aws:personalize:::recipe/{recipe}"
    solutions[name] = personalize.create_solution(
        name=f"{RUN}-{name}", datasetGroupArn=group, recipeArn=recipe_arn, performAutoTraining=False
    )["solutionArn"]
    wait_until_active(personalize.describe_solution, "solution", solutionArn=solutions[name])
    versions[name] = personalize.create_solution_version(solutionArn=solutions[name])["solutionVersionArn"]
for version in versions.values():
    wait_until_active(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=version)
    for metric, value in sorted(personalize.get_solution_metrics(solutionVersionArn=version)["metrics"].items()):
        print(f"{metric} = {value:.4f}")

# 3. A campaign of each answers.
campaigns = {}
for name, version in versions.items():
    made = personalize.create_campaign(name=f"{RUN}-{name}", solutionVersionArn=version, minProvisionedTPS=1)
    campaigns[name] = made["campaignArn"]
for arn in campaigns.values():
    wait_until_active(personalize.describe_campaign, "campaign", campaignArn=arn)
campaign = campaigns["for-you"]
answer = runtime.get_recommendations(campaignArn=campaign, userId="user-1", numResults=5)
print("For user-1:", *(f"{item['itemId']} ({item['score']:.4f})" for item in answer["itemList"]))

# 4. What somebody new does changes the next answer.
tracker = personalize.create_event_tracker(name=RUN, datasetGroupArn=group)
wait_until_active(personalize.describe_event_tracker, "eventTracker", eventTrackerArn=tracker["eventTrackerArn"])
liked = items_of(answer)[:3]
print("Before:", *items_of(runtime.get_recommendations(campaignArn=campaign, userId="newcomer", numResults=5)))
events.put_events(
    trackingId=tracker["trackingId"],
    sessionId="visit-1",
    userId="newcomer",
    eventList=[{"eventType": "view", "itemId": item, "sentAt": time.time()} for item in liked],
)
time.sleep(2)
print("After:", *items_of(runtime.get_recommendations(campaignArn=campaign, userId="newcomer", numResults=5)))

# 5. A list in the order that somebody would like it, and lists of what passes a filter only.
ranked = runtime.get_personalized_ranking(
    campaignArn=campaigns["ranking"], userId="user-1", inputList=[*reversed(liked), "unknown"]
)
print("Ranked:", *items_of(ranked, "personalizedRanking"))
expression = 'INCLUDE ItemID WHERE Items.GENRE IN ($GENRE) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")'
genre_filter = personalize.create_filter(name=RUN, datasetGroupArn=group, filterExpression=expression)["filterArn"]
wait_until_active(personalize.describe_filter, "filter", filterArn=genre_filter)
filtered = runtime.get_recommendations(
    campaignArn=campaign, userId="user-1", numResults=5, filterArn=genre_filter, filterValues={"GENRE": '"drama"'}
)
print("Drama:", *items_of(filtered))

# 6. All of it goes, in the order that the service asks for.
personalize.delete_filter(filterArn=genre_filter)
for name, solution in solutions.items():
    personalize.delete_campaign(campaignArn=campaigns[name])
    while personalize.list_campaigns(solutionArn=solution)["campaigns"]:
        time.sleep(POLL_S)
    personalize.delete_solution(solutionArn=solution)
personalize.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
while personalize.list_solutions(datasetGroupArn=group)["solutions"]:
    time.sleep(POLL_S)
for dataset in datasets.values():
    personalize.delete_dataset(datasetArn=dataset)
while personalize.list_datasets(datasetGroupArn=group)["datasets"]:
    time.sleep(POLL_S)
personalize.delete_dataset_group(datasetGroupArn=group)
for schema in (interactions_schema, items_schema):
    personalize.delete_schema(schemaArn=schema)
print("Deleted.")
