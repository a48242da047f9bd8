"""What Java and Spark are told in a home of tests: many queries of few rows, and then no more.

Planning, compiling and forking cost more there than the rows. What is set here changes how a query
runs and not what it says. Written from a profile of both nights.
"""

from pathlib import Path

import yaml

from pipelines.settings import PROJECT_ROOT

# Java's optimising compiler costs more than its code saves, and so do full collections of what
# loaded classes make it collect, the verification of generated classes, and the traces of the
# million exceptions by which Spark's compiler learns that a name is no class. Code has room: when
# it is full, the rest is interpreted.
_JAVA_OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m -XX:+UseSerialGC -Xss4m "
    "-Xms2g -Xmn1g -XX:MetaspaceSize=1g -XX:-StackTraceInThrowable "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote "
    "-Djdk.lang.Process.launchMechanism=VFORK"
)

# A table is read by one task, and a day is one file: a task costs more than its rows. Each sort and
# each group takes a page of memory, which by default is a share of the heap and not of the rows.
# The checksummed file system starts a process of chmod for each file, and one for its checksum.
# To compile an expression costs more than to interpret it for some thousand rows: a quarter of what
# Java did was that. Predicates that are inferred from others would spare none of them.
_SPARK_DEFAULTS = f"""\
spark.driver.extraJavaOptions {_JAVA_OPTIONS}
spark.default.parallelism 1
spark.buffer.pageSize 1m
spark.sql.files.minPartitionNum 1
spark.sql.files.openCostInBytes 0
spark.sql.sources.parallelPartitionDiscovery.threshold 1000
spark.sql.parquet.compression.codec uncompressed
spark.sql.parquet.columnarReaderBatchSize 128
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.codegen.wholeStage false
spark.sql.constraintPropagation.enabled false
spark.sql.ui.explainMode simple
spark.sql.ui.retainedExecutions 1
spark.ui.retainedJobs 10
spark.ui.retainedStages 10
spark.ui.retainedTasks 100
spark.hadoop.fs.file.impl org.apache.hadoop.fs.RawLocalFileSystem
"""

# The rest is told by the project's profile, which a file of defaults cannot overrule. One process
# builds all nights, so that no catalogue need outlive it; a plan that is made anew after each stage
# is no better one for few rows.
_SESSION = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
}

_LOG4J = """\
rootLogger.level = error
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c: %m%n%ex{1}
"""


def spark_profile() -> str:
    """The project's profile for dbt, with Spark as its target and a session of tests."""
    shipped = PROJECT_ROOT / "dbt_project" / "profiles.yml"
    profile = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    profile["tillhouse"]["target"] = "spark"
    profile["tillhouse"]["outputs"]["spark"]["server_side_parameters"] |= _SESSION
    return yaml.safe_dump(profile)


def write_settings(directory: Path) -> None:
    """Write the files by which Spark, its log and dbt are set."""
    files = {
        "log4j2.properties": _LOG4J,
        "spark-defaults.conf": _SPARK_DEFAULTS,
        "profiles.yml": spark_profile(),
    }
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
