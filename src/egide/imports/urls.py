"""Addresses of files that belong to no package above."""

from django.urls import path

from egide.imports import accounts

urlpatterns = [path("import/accounts", accounts.accounts, name="accounts-import")]
