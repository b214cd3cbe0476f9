"""Words of supervision, in the reader's language: what is wrong with a kit, and what to do about it."""

from django.utils.translation import gettext_lazy as _

from egide.fleet.supervision import rules, troubles

TROUBLES = {
    rules.CLEARED: _("The web page’s storage was cleared, or its permission taken back"),
    rules.SILENT: _("The kit is silent"),
    rules.DEVICE: _("The alarm device is silent"),
    rules.UNPAIRED: _("The button is no longer paired"),
    rules.LEFT: _("The phone was left behind"),
    rules.AWAY: _("The button is not with the phone"),
    rules.RADIO: _("The phone’s Bluetooth is off or not allowed"),
    rules.HELD_BACK: _("The phone keeps the app from running"),
    rules.STORE: _("The phone’s store was damaged"),
    rules.PHONE_BATTERY: _("The phone’s battery is low"),
    rules.BUTTON_BATTERY: _("The button’s battery is low"),
    rules.POSITION: _("The position is refused"),
    rules.MICROPHONE: _("The microphone is refused"),
    rules.SAVER: _("The battery saver is on for the app"),
    rules.TEXTS: _("Text messages are refused"),
    rules.TEST_FAILED: _("The last test came too late"),
    rules.TEST_DUE: _("A test is due"),
    rules.CLOCK: _("The phone’s clock is wrong"),
    rules.APP: _("The app is too old"),
}
NEXT = {
    rules.CLEARED: _(
        "No alarm gets through until it is enrolled anew. Reach her by the safe way, and ask who had it in hand."
    ),
    rules.SILENT: _("Reach her by the safe way in the file. If nobody answers, go and see."),
    rules.DEVICE: _("Ask her by the safe way whether it has power and a network. Make a test together."),
    rules.UNPAIRED: _("Ask who had it in hand. Pair it again and make a test together."),
    rules.LEFT: _("It has not moved for an hour and the button is elsewhere. Ask her to carry both."),
    rules.AWAY: _("A press of the button does not get through. Ask her to carry both."),
    rules.RADIO: _(
        "No press of the button gets through. Ask her to switch it on, and to allow nearby devices."
    ),
    rules.HELD_BACK: _(
        "A press may come late or not at all. Take the app out of battery saving, in the maker’s own settings too."
    ),
    rules.STORE: _("A press may be lost. Make a test together; if it happens again, exchange the phone."),
    rules.PHONE_BATTERY: _("Ask her to charge the phone."),
    rules.BUTTON_BATTERY: _("Ask her to charge the button, or exchange it."),
    rules.POSITION: _("Without it nobody knows where she is. Allow it on the phone again."),
    rules.MICROPHONE: _(
        "She wants to be heard in an alarm. Allow it on the phone, or ask whether she still wants it."
    ),
    rules.SAVER: _(
        "After hours at rest a press may go out late. Take the app out of battery saving on the phone."
    ),
    rules.TEXTS: _("Without internet no alarm gets through. Allow text messages on the phone again."),
    rules.TEST_FAILED: _("Make another test together. If it is late again, exchange the phone."),
    rules.TEST_DUE: _("Ask her to make a test, or make one together."),
    rules.CLOCK: _("Set date and time of the phone to automatic."),
    rules.APP: _("Load the new version, then make a test."),
}
SILENT_PAGE = _("The kit is silent: a web page that no push service vouches for")
LEVELS = {
    rules.HIGHEST: _("Danger to life"),
    rules.URGENT: _("Urgent"),
    rules.ORDINARY: _("Ordinary"),
}
TEST_STATES = {
    troubles.DONE: _("Test done"),
    troubles.DUE: _("Test due"),
    troubles.FAILED: _("Test failed"),
}
ALARM = _("An alarm is open: look at the zone’s alarms first.")
ENROL_ANEW = _("It must dial 112 until then. Enrol it again today, and ask who had it in hand.")
WAIT = _("Nothing yet: the phone tells her quietly.")
NOTHING = _("Nothing to do.")
WELL = _("All is well")
UNKNOWN = _("Nobody watches over it: its state is unknown")
REFUSED = _("The phone lost its key, or somebody copies it")
OPEN_ALARM = _("An alarm is open")
