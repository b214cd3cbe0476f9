"""taky asks its own version of a module that setuptools has no more."""

from importlib.metadata import PackageNotFoundError as DistributionNotFound
from importlib.metadata import distribution as get_distribution

__all__ = ["DistributionNotFound", "get_distribution"]
