"""An answer in a form that cannot be kept."""


class AnswerRefused(Exception):
    """`field` names the answer at fault, `why` is a word that the package which refuses has a sentence for."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why
