"""A file that waits between its preview and the yes."""

from django.db import models

from egide.common.ids import new_id


class ImportDraft(models.Model):
    """A file that was read without an error and waits for somebody to say yes; sealed, and gone after an hour."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    by = models.CharField(max_length=60)
    at_us = models.BigIntegerField()
    content_sealed = models.BinaryField()

    class Meta:
        # Its table was made with those of the roll-out, which imported the first files.
        app_label = "rollout"
