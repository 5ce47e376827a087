"""What tests of Lightsail programs are given, by pytest's plugin and by unittest's mixin alike."""

from skysail.testing.mixin import LightsailMixin
from skysail.testing.under_test import ClientUnderTest

__all__ = ["ClientUnderTest", "LightsailMixin"]
