"""How a place of ng112-js differs from the schemas of PIDF-LO: what would have to be mended in it, and nothing else."""

from lxml import etree

_PIDF, _GEOPRIV = "urn:ietf:params:xml:ns:pidf", "urn:ietf:params:xml:ns:pidf:geopriv10"
_TUPLE = "{urn:ietf:params:xml:ns:pidf:data-model}tuple"
_PASSED_ON = "retransmission-allowed"


def mended(place: bytes) -> bytes:
    """The same place as the schemas have it. Raises AssertionError where it differs otherwise than it is known to."""
    root = etree.fromstring(place)
    for found in root.findall(_TUPLE):
        # A tuple is PIDF's own (RFC 3863), and not of the data model, which has persons and devices.
        found.tag = f"{{{_PIDF}}}tuple"
    for found in root.iter(f"{{{_GEOPRIV}}}{_PASSED_ON}"):
        # A boolean of the basic rules (RFC 4119, section 2.2.5); the examples of that RFC have it as it is here.
        found.tag = f"{{{_GEOPRIV}:basicPolicy}}{_PASSED_ON}"
        found.text = {"no": "false", "yes": "true"}[found.text or ""]
    for found in root.iter(f"{{{_GEOPRIV}}}geopriv"):
        # In the order of the schema: the place, who may know it, how it was found.
        assert [etree.QName(one).localname for one in found] == ["usage-rules", "method", "location-info"]
        found.insert(0, found[2])
    return etree.tostring(root)
