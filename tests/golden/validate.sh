#!/bin/sh
# validate.sh FILE...
#
# Checks that reports in JSON are what reports/report/report.schema.json says.
# Prints nothing if they are.  Needs python3-jsonschema.
schema=$(dirname "$0")/../../reports/report/report.schema.json

if ! python3 -c 'import jsonschema' 2>/dev/null; then
  echo "validate.sh: needs python3-jsonschema (apt-get install it)" >&2
  exit 2
fi
exec python3 - "$schema" "$@" <<'EOF'
import json, sys
from jsonschema import Draft7Validator

def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key comes twice: {keys}")
    return dict(pairs)

with open(sys.argv[1]) as f:
    schema = json.load(f)
Draft7Validator.check_schema(schema)
failed = False
for path in sys.argv[2:]:
    try:
        with open(path, encoding="utf-8") as f:
            report = json.load(f, object_pairs_hook=no_duplicates)
    except ValueError as error:
        print(f"{path}: {error}")
        failed = True
        continue
    for error in Draft7Validator(schema).iter_errors(report):
        at = "/".join(str(part) for part in error.absolute_path)
        print(f"{path}: at /{at}: {error.message}")
        failed = True
sys.exit(failed)
EOF
