"""Contracts as judges: whatever a service answers in a test must be what its contract in contracts/ says."""

from pathlib import Path
from typing import Any

import msgspec
import yaml
from openapi_schema_validator import OAS31Validator

CONTRACTS = Path(__file__).parents[2] / "contracts"


class Contract:
    """One OpenAPI document."""

    def __init__(self, name: str) -> None:
        self.path = CONTRACTS / name
        self.content: dict[str, Any] = yaml.safe_load(self.path.read_text())

    def resolved(self, node: Any) -> Any:
        """`node` with every reference replaced by what it names; what stands beside a reference stays."""
        if isinstance(node, list):
            return [self.resolved(item) for item in node]
        if not isinstance(node, dict):
            return node
        plain = {key: self.resolved(value) for key, value in node.items() if key != "$ref"}
        if "$ref" not in node:
            return plain
        target: Any = self.content
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return self.resolved(target) | plain

    def response_of(self, method: str, path: str, status: int) -> dict[str, Any]:
        """What the contract says of this answer. Fails when it says nothing."""
        operations = self.content["paths"].get(path, {})
        operation = operations.get(method.lower())
        if operation is None:
            expected = 405 if operations else 404
            assert status == expected, f"{method} {path} answered {status}, expected {expected}"
            found = self.content["components"]["responses"]["NoSuchAddress"]
        else:
            found = operation["responses"].get(str(status))
            assert found is not None, f"the contract knows no {status} of {method} {path}"
        response: dict[str, Any] = self.resolved(found)
        return response

    def check_answer(self, method: str, path: str, status: int, headers: dict[str, str], body: bytes) -> None:
        """Raise AssertionError when an answer is not what the contract says; header names are lower-case."""
        response = self.response_of(method, path, status)
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


INTAKE = Contract("intake.openapi.yaml")
SMS = Contract("sms-gateway.openapi.yaml")
DISPATCH = Contract("dispatch.openapi.yaml")
