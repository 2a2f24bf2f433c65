#!/usr/bin/env python
"""Tessera's command line: `python manage.py help` lists the verbs."""

import os
import sys


def main() -> None:
    """Run the verb; what the operator has to mend is said in a line, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")
    except (OperationalError, ProgrammingError) as error:
        sys.exit(f"The database says: {error}. Is DATABASE_URL right, and was `manage.py migrate` run?")


if __name__ == "__main__":
    main()
