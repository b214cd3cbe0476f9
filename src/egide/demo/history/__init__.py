"""An invented national history, 2019 to October 2023, written through the real code under a clock that is set.

Its figures are those that were published; everybody and everything in it is invented.
"""
