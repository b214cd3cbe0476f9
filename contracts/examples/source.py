"""A gateway that hands on what a button says that only broadcasts, and a service that speaks for trackers.

    python source.py button SERVER SOURCE FRAME          a frame (hexadecimal) as it was heard
    python source.py tracker SERVER SECRET_FILE NAME     somebody asks for help by a tracker

Needs Python 3.11 and nothing else.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path


def report(url: str, said: dict, headers: dict[str, str]) -> dict:
    """Say it until it is durable. What is refused for good is not said again."""
    request = urllib.request.Request(
        url, json.dumps(said).encode(), {"Content-Type": "application/json", **headers}
    )
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code not in (429, 502, 503, 504, 507):
                sys.exit(f"refused: {refused.code} {json.loads(refused.read() or b'{}').get('reason', '')}")
            time.sleep(int(refused.headers.get("Retry-After", "1")))
        except OSError:
            time.sleep(1)


def main() -> None:
    match sys.argv[1:]:
        case ["button", server, source, frame]:
            print(json.dumps(report(f"{server}/v1/reports", {"source": source, "frame": frame}, {})))
        case ["tracker", server, secret_file, name]:
            now = datetime.now(UTC).isoformat()
            said = {
                "event": {"type": "alarm", "eventTime": now, "attributes": {"alarm": "sos"}},
                "device": {"uniqueId": name},
                "position": {"latitude": 50.4542, "longitude": 3.9523, "accuracy": 15, "valid": True},
            }
            secret = Path(secret_file).read_text(encoding="utf-8").strip()
            headers = {"Authorization": f"Bearer {secret}"}
            print(json.dumps(report(f"{server}/v1/reports/traccar", said, headers)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
