"""Shows a feature to people with GrowthBook's Python SDK, made by the recipe of docs/sdks.md.

Input: a JSON object with `recipe` (the code, which makes `sdk`), `server_key`, `feature` and
`people` (ids). Output: what each person was shown.
"""

import json
import sys

asked = json.load(sys.stdin)
names = {"server_key": asked["server_key"]}
exec(asked["recipe"], names)
sdk = names["sdk"]
sdk.load_features()
shown = []
for person in asked["people"]:
    sdk.set_attributes({"id": person})
    shown.append(sdk.get_feature_value(asked["feature"], None))
json.dump(shown, sys.stdout)
