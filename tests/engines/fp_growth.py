"""Mines each market's baskets by Spark's FP-growth: sets of one or two, and rules from one to one.

Run with a Parquet file of baskets (market, members), the fewest baskets of a set, and the file that
takes the answer.
"""

import json
import sys
from pathlib import Path

from pyspark.ml.fpm import FPGrowth
from pyspark.sql import SparkSession

if __name__ == "__main__":
    baskets_file, fewest, answer = sys.argv[1:]
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    baskets = spark.read.parquet(baskets_file).cache()
    found = {}
    for (market,) in baskets.select("market").distinct().collect():
        of_market = baskets.where(baskets.market == market)
        # Half a basket less, so that no rounding of the share decides.
        support = (int(fewest) - 0.5) / of_market.count()
        model = FPGrowth(itemsCol="members", minSupport=support, minConfidence=0.0).fit(of_market)
        found[market] = {
            "sets": [(row["items"], row["freq"]) for row in model.freqItemsets.collect()],
            "rules": [
                (*row["antecedent"], *row["consequent"], row["confidence"], row["lift"])
                for row in model.associationRules.collect()
                if len(row["antecedent"]) == 1
            ],
        }
    Path(answer).write_text(json.dumps(found), encoding="utf-8")
    spark.stop()
