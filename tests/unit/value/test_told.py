"""What a reader of the asset is shown of a night's fits."""

import duckdb

from pipelines.value.told import told

ROWS = """
    ('mbg_nbd', 'all', 'r', 0.52481, 0.5, 0.55, null, null, null, null),
    ('mbg_nbd', 'all', 'total_bias', 0.2, null, null, 0.3, 'better', false, null),
    ('mbg_nbd', 'all', 'calibration_01', 2.0, null, null, 1.0, null, null, null),
    ('mbg_nbd', 'all', 'calibration_02', 0.5, null, null, 0.1, null, null, null),
    ('mbg_nbd', 'web', 'calibration_01', 9.0, null, null, 9.0, null, null, null),
    ('gamma_gamma', 'all', 'fit', null, null, null, null, null, null, 'no margin')
"""


def test_parameters_verdicts_and_calibration_are_tables() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema meta")
        connection.execute(
            "create table meta.model_quality (model_code text, segment_code text, "
            "measure_code text, measure double, low_measure double, high_measure double, "
            "baseline double, verdict_code text, is_within_gate boolean, missing_reason text)"
        )
        connection.execute(f"insert into meta.model_quality values {ROWS}")
        shown = told(connection)
        connection.execute("delete from meta.model_quality")
        empty = told(connection)
    assert "| mbg_nbd | all | r | 0.5248 | 0.5 | 0.55 |" in shown["parameters"].splitlines()
    assert shown["holdout"].splitlines()[2:] == [
        "| all | fit |  |  |  |  | no margin |",
        "| all | total_bias | 0.2 | 0.3 | better | refused |  |",
    ]
    assert shown["calibration"].splitlines()[2:] == [
        f"| 01 | 2 | 1 | {'█' * 20} | {'█' * 10} |",
        f"| 02 | 0.5 | 0.1 | {'█' * 5} | █ |",
    ]
    assert {len(table.splitlines()) for table in empty.values()} == {2}
