"""Carries frames from the broker to intake: a message is acknowledged once intake has it, and not before (MQTT 3.1.1,
quality of service 1); the broker keeps what comes meanwhile, also while nobody listens."""

import binascii
import logging
import re
import ssl
import threading
import zlib
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from egide.common.config import Config
from egide.connectors.calling import JSON, CallRefused, call
from egide.connectors.mqtt.bounded import BoundedClient
from egide.connectors.mqtt.checks import PORTS, login_in
from egide.journal.now.outcomes import AWAY, LISTENING, TAKEN, Outcomes
from egide.protocol.sources import MOST_FRAME_BYTES

log = logging.getLogger("egide.mqtt")

# Under this name the broker keeps what comes while nobody listens.
CLIENT = "egide"
_HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
# So many are on their way to intake at once. What one source says stays in its order: a later frame that came first
# would make an earlier one look like a recorded one.
HANDS = 8
PAUSES_S = (1.0, 2.0, 5.0)
_KEEPALIVE_S = 30
_TURN_S = 1.0
# A source that says too much has its turn later, and holds up no other. A broker gives a client some twenty messages
# before the first is acknowledged: so few of one source may wait, and what comes behind them is a flood.
LIMITED, MOST_LIMITED = "limited", 5
# So many wait here at most, of all sources together; what comes behind them waits at the broker.
MOST_WAITING = 256


def body_of(topic: str, pattern: str, payload: bytes) -> bytes | None:
    """The report for intake: the source's id stands in the topic, the frame is the payload, as it is or in hexadecimal.

    None for what is no report.
    """
    before, _plus, behind = pattern.partition("+")
    if not (topic.startswith(before) and topic.endswith(behind)):
        return None
    source = topic[len(before) : len(topic) - len(behind)]
    frame = payload
    if _HEXADECIMAL.fullmatch(payload):
        frame = binascii.unhexlify(payload)
    if not 1 <= len(frame) <= MOST_FRAME_BYTES:
        return None
    return msgspec.json.encode({"source": source, "frame": frame.hex()})


class Carrier:
    """Listens until `stopped`. `counts`: what became of messages; `is_listening`: whether we are given what comes."""

    def __init__(
        self, config: Config, servers: Sequence[str], stopped: threading.Event, outcomes: Outcomes
    ) -> None:
        self._servers = [f"{server}/v1/reports" for server in servers]
        self._pattern = config.mqtt_topic
        self._stopped = stopped
        self._outcomes = outcomes
        self._hands = [ThreadPoolExecutor(1, "carrier") for _ in range(HANDS)]
        # By topic, what waits for its limit; each hand has its own, and looks at no other's.
        self._limited: list[dict[str, deque[MQTTMessage]]] = [{} for _ in range(HANDS)]
        self.is_listening = False
        self.counts: Counter[str] = Counter()
        self._came_so_far = 0
        broker = urlsplit(config.mqtt_broker)
        self._place = broker.hostname or "", broker.port or PORTS[broker.scheme]
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._client = BoundedClient(
            CallbackAPIVersion.VERSION2, client_id=CLIENT, clean_session=False, manual_ack=True
        )
        if broker.scheme == "mqtts":
            self._client.tls_set_context(ssl.create_default_context())
        if config.mqtt_login:
            self._client.username_pw_set(*login_in(Path(config.mqtt_login)))
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._came

    def run(self, turned: Callable[[], None] = lambda: None) -> None:
        """Until stopped; a broker that is away is asked again and again. `turned` is called every second."""
        self._client.connect_async(*self._place, keepalive=_KEEPALIVE_S)
        self._client.loop_start()
        while not self._stopped.wait(_TURN_S):
            turned()
            for hand, limited in zip(self._hands, self._limited, strict=True):
                if limited:
                    hand.submit(self._go_on, limited)
        self._client.disconnect()
        self._client.loop_stop()
        for hand in self._hands:
            hand.shutdown()

    def _connected(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._outcomes.failed("mqtt", "broker", "refused")
            log.warning("the broker refuses: %s", reason)
            return
        client.subscribe(self._pattern, qos=1)

    def _subscribed(
        self,
        _client: Client,
        _data: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        """From here on nothing is lost: before, the broker does not keep it for us."""
        if any(reason.is_failure for reason in reasons):
            log.warning("the broker gives us nothing under the topic: %s", ", ".join(map(str, reasons)))
            return
        self.is_listening = True
        self._outcomes.worked("mqtt", "broker", LISTENING)
        log.info("listening at the broker")

    def _disconnected(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.is_listening = False
        self._outcomes.failed("mqtt", "broker", AWAY)
        log.info("no broker: %s", reason)

    def how_far(self) -> tuple[int, int]:
        """How many messages were dealt with, and how many came in this life."""
        return self.counts.total(), self._came_so_far

    def _came(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._came_so_far += 1
        while not self._room.acquire(timeout=_TURN_S):
            if self._stopped.is_set():
                return
            self._look_behind()
        if len(message.payload) > 2 * MOST_FRAME_BYTES:
            # Not kept until its turn: it is no report.
            self._settle(message, "unreadable")
            return
        try:
            topic = message.topic
        except UnicodeDecodeError:
            # Raised here, it would end the listening and nobody would know.
            self._settle(message, "unreadable")
            return
        number = zlib.crc32(topic.encode()) % HANDS
        self._hands[number].submit(self._carry, message, self._limited[number])

    def _look_behind(self) -> None:
        """While nothing is read, nobody would see that the broker hung up: it does so where it hears nothing of us."""
        if self.is_listening and self._client.is_hung_up():
            self.is_listening = False
            self._outcomes.failed("mqtt", "broker", AWAY)
            log.info("the broker hung up while its messages wait here")

    def _carry(self, message: MQTTMessage, limited: dict[str, deque[MQTTMessage]]) -> None:
        """Behind what its source said before."""
        waiting = limited.get(message.topic, ())
        if len(waiting) >= MOST_LIMITED:
            self._settle(message, "flood")
        elif waiting or not self._is_settled(message):
            limited.setdefault(message.topic, deque()).append(message)

    def _go_on(self, limited: dict[str, deque[MQTTMessage]]) -> None:
        """What met a limit, as far as the limit lets it."""
        for topic, waiting in list(limited.items()):
            while waiting and self._is_settled(waiting[0]):
                waiting.popleft()
            if not waiting:
                del limited[topic]

    def _is_settled(self, message: MQTTMessage) -> bool:
        """Once intake has it or refuses it for good; only then does the broker forget it. False where its source says
        too much."""
        body = body_of(message.topic, self._pattern, bytes(message.payload))
        became = "unreadable" if body is None else self._given(body)
        if became == LIMITED:
            return False
        if became is not None:
            self._settle(message, became)
        return True

    def _settle(self, message: MQTTMessage, became: str) -> None:
        self._room.release()
        self.counts[became] += 1
        if became == TAKEN:
            self._outcomes.worked("mqtt", "in")
        else:
            self._outcomes.failed("mqtt", "in", became)
        self._client.ack(message.mid, message.qos)

    def _given(self, body: bytes) -> str | None:
        """None when this ends before anybody took it: the broker says it again."""
        tries = 0
        while not self._stopped.is_set():
            for server in self._servers:
                try:
                    call(server, body, JSON)
                except CallRefused as refused:
                    if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
                        return LIMITED
                    # A server's own fault may be over the next time; saying the rest again would help nobody.
                    if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                        return f"refused-{refused.status}"
                except OSError as error:
                    log.warning("intake did not answer: %s", type(error).__name__)
                else:
                    return TAKEN
            self._stopped.wait(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1
        return None
