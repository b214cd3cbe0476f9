"""The events of an alarm, by part; `steps`, `outcomes` and `silent` are the words that stand in them.

Every event of a part is here too, by its name.
"""

from egide.alarm.events.closing import *
from egide.alarm.events.elsewhere import *
from egide.alarm.events.escalation import *
from egide.alarm.events.help import *
from egide.alarm.events.lead import *
from egide.alarm.events.press import *
from egide.alarm.events.sms import *
from egide.alarm.events.source import *
from egide.alarm.events.talk import *
from egide.alarm.events.team import *
from egide.alarm.events.technical import *
from egide.alarm.events.undoing import *
