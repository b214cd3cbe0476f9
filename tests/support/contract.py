"""contracts/intake.openapi.yaml as a judge: whatever intake answers in a test must be what the contract says."""

from pathlib import Path
from typing import Any

import msgspec
import yaml
from openapi_schema_validator import OAS31Validator

PATH = Path(__file__).parents[2] / "contracts" / "intake.openapi.yaml"
CONTRACT: dict[str, Any] = yaml.safe_load(PATH.read_text())


def resolved(node: Any) -> Any:
    """`node` with every reference replaced by what it names; what stands beside a reference stays."""
    if isinstance(node, list):
        return [resolved(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: resolved(value) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return plain
    target: Any = CONTRACT
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return resolved(target) | plain


def response_of(method: str, path: str, status: int) -> dict[str, Any]:
    """What the contract says of this answer. Fails when it says nothing."""
    operations = CONTRACT["paths"].get(path, {})
    operation = operations.get(method.lower())
    if operation is None:
        expected = 405 if operations else 404
        assert status == expected, f"{method} {path} answered {status}, expected {expected}"
        found = CONTRACT["components"]["responses"]["NoSuchAddress"]
    else:
        found = operation["responses"].get(str(status))
        assert found is not None, f"the contract knows no {status} of {method} {path}"
    response: dict[str, Any] = resolved(found)
    return response


def check_answer(method: str, path: str, status: int, headers: dict[str, str], body: bytes) -> None:
    """Raise AssertionError when an answer is not what the contract says; header names are lower-case."""
    response = response_of(method, path, status)
    for name, header in response.get("headers", {}).items():
        schema = header["schema"]
        value = headers[name.lower()]
        assert value == schema["const"] if "const" in schema else int(value) >= schema["minimum"]
    promised = "Retry-After" in response.get("headers", {})
    assert ("retry-after" in headers) == promised, f"{status}: Retry-After"
    assert headers["cache-control"] == "no-store"
    assert ("allow" in headers) == (status == 405)
    if status == 204:
        assert not body and "content" not in response
        return
    media_type = headers["content-type"].partition(";")[0]
    content = response["content"]
    assert media_type in content, f"{media_type} in answer to {method} {path}"
    value = body.decode() if media_type == "text/plain" else msgspec.json.decode(body)
    errors = list(OAS31Validator(content[media_type]["schema"]).iter_errors(value))
    assert not errors, (method, path, status, value, errors[0].message)
