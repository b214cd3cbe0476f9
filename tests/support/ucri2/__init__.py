"""An exchange of UCRI2 and a control room behind it, as the tests need them.

Both are ours: no exchange of others can be installed from a package.
"""
