"""Alarms by their names. Rows of `alarm` stand in the order in which they were opened: those of a group share a page of
the log. The first event of an alarm's stream, whose index stands anyway, says which row its name means.
"""

# The row of the alarm whose stream this is: `UPDATE alarm ... WHERE opened_seq = {OPENED}`.
OPENED = "(SELECT seq FROM event WHERE stream = ? AND version = 1)"


# Whoever speaks for a kit: its phones, and sources that are none (decision 0104).
SPEAKERS = "(SELECT device, kit FROM device UNION ALL SELECT source, kit FROM source)"


def alarms_of(devices: str) -> str:
    """A table `own` for the beginning of a statement: each alarm of these devices, with the device's kit.

    `devices` is a SELECT of device and kit. A device's streams are found one after the other, by the first behind the
    last: an alarm of thousands of positions is one step.
    """
    return f"""
WITH RECURSIVE asked (phone, kit) AS ({devices}),
step (phone, kit, stream) AS (
  SELECT phone, kit, (SELECT min(stream) FROM event WHERE stream > 'alarm:' || phone || '-') FROM asked
  UNION ALL
  SELECT phone, kit, (SELECT min(stream) FROM event WHERE stream > step.stream) FROM step
  WHERE stream < 'alarm:' || phone || '.'
),
own AS (
  SELECT step.kit, step.phone, a.* FROM step
  CROSS JOIN event AS e CROSS JOIN alarm AS a
  WHERE step.stream < 'alarm:' || phone || '.'
  AND e.stream = step.stream AND e.version = 1 AND a.opened_seq = e.seq
)
"""
