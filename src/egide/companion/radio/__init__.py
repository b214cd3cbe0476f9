"""The radio port, three times: BlueZ by bleak, a stack of our own by bumble, a button that only broadcasts."""
