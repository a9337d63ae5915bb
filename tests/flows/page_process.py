"""Another process of the shop, as a test's own: asked on its standard input, it answers what a page would show."""

import json
import sys

import django


def main() -> None:
    """Answer each line, a shopper's key, with the row that is shown and all that the campaign itself lists."""
    django.setup()
    from recommendations.ports import Shopper
    from recommendations.serving.asking import ask
    from recommendations.serving.recommend import recommended_for_you

    rotation = sys.argv[1]

    def answer(key: str) -> str:
        row = recommended_for_you(Shopper(key, "visit"), rotation=rotation, k=12)
        asked = ask(rotation, lambda runtime, live: runtime.get_recommendations(live.campaign_arn, k=500, user_id=key))
        listed = asked.answer.item_ids if asked.answer is not None else ()
        return json.dumps({"row": row.item_ids, "rung": row.rung, "campaign": listed})

    for line in sys.stdin:
        sys.stdout.write(answer(line.strip()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
