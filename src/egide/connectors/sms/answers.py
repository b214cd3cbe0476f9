"""Sentences that tell a person that a press by SMS arrived, and an onlooker nothing (contracts/sms.json). Pure.

The phone asks for one by its number, in her language, and shows it to her behind her code. Every sign is one of the
GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1): one message, and none that a network changes.
"""

_BY_LANGUAGE = (
    (
        "Votre colis est bien parti. Merci de votre commande.",
        "Le livre que vous avez réservé est à la bibliothèque.",
        "Demain, temps sec et vent faible.",
        "Pensez à prendre rendez-vous chez le dentiste cette année.",
    ),
    (
        "Uw pakje is vertrokken. Bedankt voor uw bestelling.",
        "Het boek dat u reserveerde, ligt klaar in de bibliotheek.",
        "Morgen droog weer en weinig wind.",
        "Denk eraan dit jaar een afspraak te maken bij de tandarts.",
    ),
    (
        "Ihr Paket ist unterwegs. Danke für Ihre Bestellung.",
        "Das vorgemerkte Buch liegt in der Bibliothek bereit.",
        "Morgen trocken und wenig Wind.",
        "Denken Sie dieses Jahr an einen Termin beim Zahnarzt.",
    ),
    (
        "Your parcel is on its way. Thank you for your order.",
        "The book you reserved is ready at the library.",
        "Dry tomorrow, with little wind.",
        "Remember to see your dentist this year.",
    ),
)
# By number, from 1: French, Dutch, German, English, four of each.
ANSWERS = dict(enumerate((text for texts in _BY_LANGUAGE for text in texts), start=1))
