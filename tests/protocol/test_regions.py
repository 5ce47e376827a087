"""The regions of Lightsail are botocore's."""

import botocore.session

from skysail.protocol.regions import known_regions


def test_the_regions_are_those_that_botocore_lists():
    session = botocore.session.Session()
    assert list(known_regions()) == sorted(session.get_available_regions("lightsail"))
    assert known_regions("aws-cn") == tuple(session.get_available_regions("lightsail", "aws-cn"))
    assert known_regions("nowhere") == ()
