"""Runs dbt on Spark, one command after the other: Spark starts, and warms up, once.

Reads from stdin one command a line, a JSON array of dbt's arguments, and answers each on stdout
with a line `true` or `false`: whether dbt went through. What dbt and Spark print goes into the file
that is named as the only argument.
"""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    with Path(sys.argv[1]).open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    from dbt.cli.main import dbtRunner
    from pyspark.sql import SparkSession

    for line in sys.stdin:
        result = dbtRunner().invoke(json.loads(line))
        sys.stdout.flush()
        if session := SparkSession.getActiveSession():
            # The raw tables are written anew between two builds; Spark remembers their files.
            session._jsparkSession.sessionState().catalog().invalidateAllCachedTables()
        answers.write(json.dumps(result.success) + "\n")


if __name__ == "__main__":
    main()
