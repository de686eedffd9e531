"""What GrowthBook's Python SDK, unmodified, says to people.

Arguments: API host, client key, decryption key or "". Input: a JSON object with `names` and
`people` (attributes). Output: the values of all names for each person, in the same order.
"""

import json
import sys

from growthbook import GrowthBook

host, client_key, decryption_key = sys.argv[1:]
asked = json.load(sys.stdin)
sdk = GrowthBook(api_host=host, client_key=client_key, decryption_key=decryption_key)
sdk.load_features()
answers = []
for person in asked["people"]:
    sdk.set_attributes(person)
    answers.append([sdk.get_feature_value(name, None) for name in asked["names"]])
json.dump(answers, sys.stdout)
