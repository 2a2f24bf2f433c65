#!/usr/bin/env python
"""Tessera's command line: `python manage.py help` lists the verbs."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
