"""What several packages' tests share: an installation with a clock that is set, enrolled phones, message strategies."""
