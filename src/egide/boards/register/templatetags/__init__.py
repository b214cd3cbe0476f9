"""Tags of this package's templates."""
