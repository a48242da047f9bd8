"""The one reader of the environment: where the house stands and how it runs.

No other module asks the environment for anything.
"""

from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent

MINIMUM_KEY_LENGTH = 32
"""Characters of the privacy key: fewer could be tried out."""


class Settings(BaseSettings):
    """Settings of one house, each from an environment variable `TILLHOUSE_<NAME>`.

    Raises:
        pydantic.ValidationError: When a variable holds what the setting cannot be; the message
            names the variable and what it should look like.
    """

    model_config = SettingsConfigDict(
        # An error that shows its input would show a key that is too short.
        env_prefix="TILLHOUSE_",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(default=Path("var"), description="Directory of the house's files.")
    project: Path = Field(
        default=PROJECT_ROOT, description="Directory that holds dbt_project/ and expectations/."
    )
    time_zone: str = Field(default="UTC", description="Zone in which the nightly job starts.")
    nightly_at: time = Field(default=time(2, 0), description="Time of day of the nightly job.")
    first_business_date: str = Field(
        default="2017-01-01", description="First partition of the nightly job, as YYYY-MM-DD."
    )
    threads: int = Field(default=2, ge=1, description="Threads DuckDB may use.")
    memory_limit: str = Field(default="1000MB", description="Memory DuckDB may use.")
    settle_seconds: float = Field(
        default=5.0, ge=0, description="A landing file is read when unchanged for this long."
    )
    keep_builds: int = Field(default=7, ge=2, description="Published builds to keep.")
    currency_symbol: str = Field(default="", description="Printed before money on the dashboard.")
    backup_days: int = Field(
        default=30, ge=0, description="Days after which no backup holds who was erased."
    )
    privacy_key: SecretStr | None = Field(
        default=None, description="Key of the hashes of mail addresses and phone numbers."
    )

    @field_validator("home")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        path = value.expanduser().absolute()
        if path.exists() and not path.is_dir():
            raise ValueError(f"TILLHOUSE_HOME is {path}, which is a file; name a directory")
        return path

    @field_validator("time_zone")
    @classmethod
    def _know_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(
                f"TILLHOUSE_TIME_ZONE is {value!r}; use a name such as Europe/Berlin"
            ) from error
        return value

    @field_validator("privacy_key")
    @classmethod
    def _keep_guessing_hard(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        if not text:
            return None
        if len(text) < MINIMUM_KEY_LENGTH:
            raise ValueError(
                f"TILLHOUSE_PRIVACY_KEY has {len(text)} characters; give it at least "
                f"{MINIMUM_KEY_LENGTH}, such as the output of: openssl rand -hex 32"
            )
        return value

    @property
    def landing(self) -> Path:
        """Where the retailer's files arrive; never changed by us."""
        return self.home / "landing"

    @property
    def mappings(self) -> Path:
        """Where the retailer's mappings stand, one YAML file each."""
        return self.home / "mappings"

    @property
    def raw_database(self) -> Path:
        """Rows as delivered, quarantine, ledger and personal data."""
        return self.home / "raw.duckdb"

    @property
    def kept(self) -> Path:
        """What the landed files cannot tell again, see `pipelines.feeds.kept`."""
        return self.home / "privacy"

    @property
    def warehouse_database(self) -> Path:
        """Core, marts and meta: only what BI may see."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Builds that readers open, and the link to the current one."""
        return self.home / "published"

    @property
    def quality(self) -> Path:
        """Verdict and Data Docs of the last gate."""
        return self.home / "quality"

    @property
    def verdict(self) -> Path:
        """The gate's verdict on the warehouse file."""
        return self.quality / "verdict.json"

    @property
    def data_docs(self) -> Path:
        """The gate's results as pages."""
        return self.quality / "data_docs"

    @property
    def work(self) -> Path:
        """Scratch space: spilled memory, transcoded files, dbt artifacts."""
        return self.home / "work"

    @property
    def dagster_home(self) -> Path:
        """Where Dagster keeps runs and events."""
        return self.home / "dagster"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.home / "tillhouse.lock"

    @property
    def expectations(self) -> Path:
        """Suites of the gate."""
        return self.project / "expectations"

    @property
    def own_numbers(self) -> Path:
        """Columns whose long numbers are the house's own."""
        return self.expectations / "own_numbers.yml"

    @property
    def dbt_project(self) -> Path:
        """The dbt project."""
        return self.project / "dbt_project"

    def make_directories(self) -> None:
        """Create the directories of the house.

        Raises:
            PermissionError: When the home cannot be written; the message names it.
        """
        for directory in (
            self.landing,
            self.mappings,
            self.published,
            self.quality,
            self.work,
            self.dagster_home,
        ):
            directory.mkdir(parents=True, exist_ok=True)
