"""The schemas of the RFCs and of OGC themselves, where somebody has them at hand: most of those RFCs are older than the
licence by which others may hand on what is code in them (November 2008), so none is here.

`EGIDE_IETF_SCHEMAS` names a folder with `lost.rng` (RFC 5222, appendix A) and the schemas of RFC 3863, RFC 4479 (both,
under the names by which they include each other), RFC 4119 and RFC 7459, in files of any name that ends in `.xsd`;
beside them `xml.xsd`, the W3C's schema of `xml:lang`, and where a shape is to be judged too the seven files of OGC's
profile `geoshape` 0.1.0 (06-142r1), under their own names.
"""

import os
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

FOLDER = os.environ.get("EGIDE_IETF_SCHEMAS", "")
needed = pytest.mark.skipif(
    not FOLDER, reason="EGIDE_IETF_SCHEMAS names no folder with the schemas of the RFCs"
)
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_XML = "http://www.w3.org/XML/1998/namespace"


@cache
def original(name: str) -> etree.RelaxNG | etree.XMLSchema:
    """What "lost" and "pidf-lo" are by the RFCs."""
    if name == "lost":
        return etree.RelaxNG(etree.parse(Path(FOLDER) / "lost.rng"))
    roots = {path: etree.parse(path).getroot() for path in sorted(Path(FOLDER).glob("*.xsd"))}
    included = {
        one.get("schemaLocation") for root in roots.values() for one in root.findall(f"{_XSD}include")
    }
    by_space = {
        root.get("targetNamespace"): path for path, root in roots.items() if path.name not in included
    }
    whole = etree.Element(f"{_XSD}schema")
    # What others import comes before them: their own addresses of it lead into the network, and are not followed then.
    for space in sorted(by_space, key=lambda one: (one != _XML, "basicPolicy" not in one)):
        etree.SubElement(whole, f"{_XSD}import", namespace=space, schemaLocation=by_space[space].as_uri())
    return etree.XMLSchema(etree.fromstring(etree.tostring(whole)))
