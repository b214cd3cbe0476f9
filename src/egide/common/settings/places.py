"""What lies where below the data directory."""

from pathlib import Path


class Places:
    """Paths of an installation."""

    data_dir: Path
    addresses: Path | None

    @property
    def journal_db(self) -> Path:
        return self.data_dir / "journal.db"

    @property
    def app_db(self) -> Path:
        return self.data_dir / "app.db"

    @property
    def canary_public_key(self) -> Path:
        """Where watch leaves its canary's public key (hex), for the worker to enrol."""
        return self.data_dir / "canary.pub"

    @property
    def bells_dir(self) -> Path:
        return self.data_dir / "bells"

    @property
    def sign_dir(self) -> Path:
        """Where the authority puts films in sign language for the phone app: LANGUAGE.webm or .mp4, LANGUAGE.vtt."""
        return self.data_dir / "sign"

    @property
    def android_dir(self) -> Path:
        """The app for Android that the authority hands out (`egide android publish`)."""
        return self.data_dir / "android"

    @property
    def zones_dir(self) -> Path:
        return self.data_dir / "zones"

    @property
    def addresses_file(self) -> Path:
        """Where the addresses in force are, or will be (`egide addresses import`)."""
        return self.addresses or self.data_dir / "addresses" / "addresses.sqlite"

    @property
    def points_file(self) -> Path:
        """Where the points of reference are, or will be: beside the addresses (`egide addresses points`)."""
        return self.addresses_file.with_name("points.json")

    def map_file(self, kind: str) -> Path:
        """Where the map of this kind is, or will be (`egide map import`)."""
        return self.data_dir / "maps" / f"{kind}.pmtiles"
